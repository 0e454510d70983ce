"""The official model's content path live: what a step costs, and how close it stays.

Full-size random weights (wav2vec2-base), real speech. A step is compared with
the library's own full forward over the same 2 s, in one run, by the processor
time of one thread (medians, steady on a busy machine). Run
``python benchmarks/official_window.py [--recording FILE] [--table]``; it needs
the [official] extra. ``--table`` compares live with offline instead.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from statistics import median

import numpy as np
import torch
from torch import Tensor
from transformers import Wav2Vec2Config, Wav2Vec2Model

from medtalk_live.audio.file import read_sound
from medtalk_live.clock import SAMPLE_RATE, frame_count, frame_to_sample
from medtalk_live.model.content import ContentNetwork
from medtalk_live.model.encoders.wav2vec2 import normalise
from medtalk_live.model.live_content import ContentWindow, Mode
from medtalk_live.model.sizes import read_sizes

HOP_FRAMES = 3
WINDOW_SECONDS = 2.0
LOOK_AHEAD_MS = 150
WINDOWS_S = (1.0, 2.0, 4.0)
LOOK_AHEADS_MS = (0, 50, 100, 150)
FIRST_SECOND = 60  # frames


def networks() -> tuple[ContentNetwork, Wav2Vec2Model]:
    """Ours and the library's, with the same random weights."""
    torch.manual_seed(0)
    library = Wav2Vec2Model(Wav2Vec2Config(mask_time_prob=0.0)).eval()
    anchors = {
        "emo_encoder.fc1.weight": torch.zeros(256, 174),
        "emo_encoder.fc2.weight": torch.zeros(256, 256),
        "audio_content_map.fc1.weight": torch.zeros(256, 768),
    }
    ours = ContentNetwork(read_sizes(anchors, {})).eval()
    ours.audio_content_encoder.load_state_dict(library.state_dict(), strict=False)
    return ours.requires_grad_(False), library.requires_grad_(False)


def run_live(window: ContentWindow, sound: Tensor, look_ahead: int) -> tuple[Tensor, list[float]]:
    """Content of a recording as a stream gives it, and the seconds of each step."""
    state, given, times, outputs = window.init_state(), 0, [], []
    while (end := frame_to_sample((len(times) + 1) * HOP_FRAMES) + look_ahead) <= len(sound):
        begin = time.thread_time()
        content, state = window.step(sound[given:end], state)
        times.append(time.thread_time() - begin)
        outputs.append(content)
        given = end
    return torch.cat(outputs), times


def seconds(what: Callable[[], object], repeats: int) -> float:
    times = []
    for _ in range(repeats):
        begin = time.thread_time()
        what()
        times.append(time.thread_time() - begin)
    return median(times)


def faces(network: ContentNetwork, content: Tensor) -> np.ndarray:
    """Frames (T, N) of content under one fixed emotion."""
    emotion = network.emotion(torch.full((1, 174), 0.2)).expand(len(content), -1)
    return network.decode(emotion, content).numpy()


def agreement(one: np.ndarray, other: np.ndarray) -> tuple[float, float]:
    """Mean correlation over the controls, and the mean absolute difference."""
    a, b = one - one.mean(0), other - other.mean(0)
    r = (a * b).sum(0) / np.sqrt((a * a).sum(0) * (b * b).sum(0))
    return float(r.mean()), float(np.abs(one - other).mean())


@torch.inference_mode()
def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--recording", default="examples/amiable.flac")
    parser.add_argument("--seconds", type=float, default=8.0, help="how much of it is used")
    parser.add_argument("--repeats", type=int, default=5, help="of the library's forward")
    parser.add_argument("--table", action="store_true", help="live against offline instead")
    parser.add_argument("--mode", choices=("exact", "fast"), default="fast", help="of the table")
    parser.add_argument(
        "--windows", type=float, nargs="+", default=WINDOWS_S, metavar="S", help="of the table"
    )
    parser.add_argument(
        "--look-aheads", type=int, nargs="+", default=LOOK_AHEADS_MS, metavar="MS", help="likewise"
    )
    parser.add_argument(
        "--end-unknown",
        action="store_true",
        help="place live frames by the sound, as a stream must, not by the clip's length",
    )
    words = parser.parse_args()
    torch.set_num_threads(1)
    network, library = networks()
    sound = load(words.recording, words.seconds)
    if words.table:
        table(network, sound, words)
    else:
        costs(network, library, sound, words.repeats)


def costs(network: ContentNetwork, library: Wav2Vec2Model, sound: Tensor, repeats: int) -> None:
    """A step's processor time in both modes, and how far the fast one is from the exact one."""
    two = normalise(sound[: int(WINDOW_SECONDS * SAMPLE_RATE)])[None]
    library(two)
    before = seconds(lambda: library(two), repeats)
    results, steps = {}, {}
    modes: tuple[Mode, ...] = ("exact", "fast")
    for mode in modes:
        window = ContentWindow(network, hop_frames=HOP_FRAMES, mode=mode)
        results[mode], times = run_live(window, sound, LOOK_AHEAD_MS * SAMPLE_RATE // 1000)
        steps[mode] = median(times[int(WINDOW_SECONDS * 60 / HOP_FRAMES) :])
    # a shared machine's speed drifts: the library is timed on both sides of the steps
    whole = median((before, seconds(lambda: library(two), repeats)))
    print(f"library, full forward over 2 s: {whole * 1e3:7.1f} ms")
    for mode, step in steps.items():
        print(f"{mode:<6} step of {HOP_FRAMES} frames: {step * 1e3:7.2f} ms, {whole / step:5.1f}x")
    r, difference = agreement(*(faces(network, results[mode]) for mode in modes))
    print(f"fast against exact, frames: r {r:.4f}, mean difference {difference:.5f}")


def table(network: ContentNetwork, sound: Tensor, words: argparse.Namespace) -> None:
    """Live against offline by window and look-ahead, as the live run estimates the rest."""
    offline = faces(
        network, network.spoken_content(normalise(sound)[None], frame_count(len(sound)))[0]
    )
    placed = "the sound" if words.end_unknown else "the clip"
    print(f"{words.mode} mode, frames placed by {placed}; spread of the offline frames "
          f"{offline.std(0).mean():.5f}")  # fmt: skip
    print("window  look-ahead       r       MAE   r after 1 s")
    for window_s in words.windows:
        for look_ahead_ms in words.look_aheads:
            samples = int(window_s * SAMPLE_RATE)
            window = ContentWindow(
                network,
                window_samples=samples,
                hop_frames=HOP_FRAMES,
                mode=words.mode,
                beyond="estimated",
                # frames where the clip has them, see docs/official.md
                clip_samples=None if words.end_unknown else len(sound),
            )
            live, _ = run_live(window, sound, look_ahead_ms * SAMPLE_RATE // 1000)
            ours, wanted = faces(network, live), offline[: len(live)]
            r, mae = agreement(ours, wanted)
            later, _ = agreement(ours[FIRST_SECOND:], wanted[FIRST_SECOND:])
            print(
                f"{window_s:4g} s  {look_ahead_ms:7d} ms  {r:7.4f}  {mae:.5f}  {later:7.4f}",
                flush=True,
            )


def load(path: str, length_s: float) -> Tensor:
    import soxr

    samples, rate = read_sound(path)
    mono = samples if samples.ndim == 1 else samples.mean(1)
    at_16k = mono if rate == SAMPLE_RATE else soxr.resample(mono, rate, SAMPLE_RATE)
    return torch.from_numpy(np.asarray(at_16k[: int(length_s * SAMPLE_RATE)], np.float32))


if __name__ == "__main__":
    main()

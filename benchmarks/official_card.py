"""The official model's whole step on a graphics card: latency, memory, half precision.

Full-size random weights (wav2vec2-base, RoBERTa-base, CLIP ViT-B/32), real
speech over and over, sixty frames a second in hops of three. Needs CUDA and the
[official] extra: ``python benchmarks/official_card.py --paced``. With
``--device cpu`` the same steps run on the processor, without the graph: that
tries the script and the arithmetic, and says nothing of a card's speed.
``--emotion2vec DIR`` puts the voice's encoder beside the frames, as live.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import time
from pathlib import Path

import numpy as np
import torch
from official_window import agreement, load

from medtalk_live.clock import NETWORK_FPS, SAMPLE_RATE
from medtalk_live.model.dynamics import Dynamics
from medtalk_live.model.encoders.voice import Voice
from medtalk_live.model.medtalk import LabelNetwork, PromptNetwork
from medtalk_live.model.official import OfficialModel
from medtalk_live.model.official_folder import Intensity
from medtalk_live.model.sizes import read_sizes
from medtalk_live.model.speaker import HALF_TOLERANCE, SpeakerMode, half_deviation
from medtalk_live.model.streaming import GuidanceCode, hop_slice, zero_offsets

BOUND_MS, BOUND_GB = 4.0, 1.5
CARD_SECONDS, CPU_SECONDS = 60.0, 3.0
AGREEMENT_SECONDS = 6
WARM_UP_STEPS = 5  # of the libraries, not of the stream


def networks() -> tuple[LabelNetwork, PromptNetwork]:
    """Of the published sizes, with random weights, the same at every call."""
    anchors = {
        "emo_encoder.fc1.weight": torch.zeros(256, 174),
        "emo_encoder.fc2.weight": torch.zeros(256, 256),
        "audio_content_map.fc1.weight": torch.zeros(256, 768),
        "semantic_emotion_map.fc1.weight": torch.zeros(256, 256),
        "emotion_embedding.0.weight": torch.zeros(7, 256),
        "emotion_embedding.1.weight": torch.zeros(512, 256),
        "clip_text_map.fc1.weight": torch.zeros(256, 512),
    }
    torch.manual_seed(0)
    fused = {**anchors, "fusion_predictor.linear.weight": torch.zeros(768, 768)}
    label = LabelNetwork(read_sizes(fused, {})).eval().requires_grad_(False)
    guided = {**anchors, "fusion_predictor.fc1.weight": torch.zeros(256, 768)}
    prompt = PromptNetwork(read_sizes(guided, {})).eval().requires_grad_(False)
    spoken = label.state_dict()
    prompt.load_state_dict(
        {k: v for k, v in spoken.items() if k.startswith(("audio_content", "decoder"))},
        strict=False,
    )
    return label, prompt


def model(
    device: str, mode: SpeakerMode, look_ahead_ms: int, emotion2vec: Path | None = None
) -> OfficialModel:
    """The live model of those networks; emotion2vec at its own pace where it is given."""
    label, prompt = networks()
    voice = Voice(emotion2vec, device) if emotion2vec else None
    built = OfficialModel(
        label,
        prompt,
        version="random",
        look_ahead_ms=look_ahead_ms,
        mode=mode,
        device=device,
    )
    if voice:
        built.dynamics = Dynamics(Intensity(label, prompt, voice, device).measure, waits=False)
    return built


def run(network: OfficialModel, sound: np.ndarray, paced: bool) -> tuple[np.ndarray, np.ndarray]:
    """Controls (T, N) of a recording, and the milliseconds of each step."""
    code = GuidanceCode(network.embed_labels({"happy": 1.0}), 1.0, zero_offsets())
    state, times, rows = network.init_state(), [], []
    start = time.perf_counter()
    while (hop := hop_slice(len(times), network)).stop <= len(sound):
        if paced:
            time.sleep(max(0.0, start + hop.stop / SAMPLE_RATE - time.perf_counter()))
        begin = time.perf_counter()
        frames, state = network.step(sound[hop], state, (code,) * network.hop_frames)
        times.append(1e3 * (time.perf_counter() - begin))
        rows += [frame.controls for frame in frames]
    return np.stack(rows), np.array(times)


def table(network: OfficialModel, times: np.ndarray, sound: np.ndarray) -> None:
    """Percentiles of a whole step, and of the statistics, which are the host's on a card too."""
    window, planning = network._speakers[0].window, []
    state = window.init_state()
    for count in range(len(times)):
        hop = hop_slice(count, network)
        begin = time.thread_time()  # one thread's work, whatever else the machine does
        state = window.listened(torch.from_numpy(sound[hop]), state)
        planning.append(1e3 * (time.thread_time() - begin))
    hop_ms = 1e3 * network.hop_frames / NETWORK_FPS
    print(
        f"a hop of {network.hop_frames} frames lasts {hop_ms:.0f} ms; over {len(times)} hops, ms:"
    )
    print("                               p50      p90      p99    worst")
    for name, figures in (("whole step", times), ("statistics, processor time", planning)):
        print(
            f"{name:<29}", *(f"{value:8.2f}" for value in np.percentile(figures, (50, 90, 99, 100)))
        )


def card_memory_gb() -> float | None:
    """What all processes use of the first card, contexts included; None where nobody says."""
    if not (asked := shutil.which("nvidia-smi")):
        return None
    words = [asked, "--id=0", "--query-gpu=memory.used", "--format=csv,noheader,nounits"]
    answer = subprocess.run(words, capture_output=True, text=True, check=False).stdout.strip()
    return float(answer) / 1024 if answer.isdecimal() else None


def memory(before: float | None) -> None:
    tensors = torch.cuda.max_memory_reserved() / 2**30
    after = card_memory_gb()
    if before is None or after is None:
        print(f"memory: {tensors:.2f} GB of tensors; nvidia-smi does not tell what else is taken")
    else:
        print(f"memory: {tensors:.2f} GB of tensors, {after - before:.2f} GB in all "
              f"(other programs that grew meanwhile included); bound {BOUND_GB} GB")  # fmt: skip


def half_precision(device: str, hop_frames: int) -> None:
    label, _ = networks()
    share = half_deviation(label.to(device), hop_frames)
    used = "used" if share <= HALF_TOLERANCE else "not used"
    print(f"half precision moves a probe's content by {share:.2%} of its spread at most, "
          f"limit {HALF_TOLERANCE:.0%}: {used} on a card")  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--recording", default="examples/amiable.flac")
    parser.add_argument("--seconds", type=float, help="of sound: 60 on a card, 3 on a processor")
    parser.add_argument("--look-ahead", type=int, default=150, metavar="MS")
    parser.add_argument("--paced", action="store_true", help="at the speed of the sound")
    parser.add_argument("--device", choices=("cuda", "cpu"), default="cuda")
    parser.add_argument("--emotion2vec", type=Path, metavar="DIR", help="run it beside the frames")
    words = parser.parse_args()
    card = words.device == "cuda"
    if card and not torch.cuda.is_available():
        raise SystemExit(
            "no CUDA device was found: run this where torch sees one, "
            "or try the script itself with --device cpu"
        )
    seconds = words.seconds or (CARD_SECONDS if card else CPU_SECONDS)
    recorded = load(words.recording, seconds).numpy()
    sound = np.resize(recorded, int(seconds * SAMPLE_RATE))  # over and over
    before = card_memory_gb() if card else None
    network = model(words.device, "fixed", words.look_ahead, words.emotion2vec)
    run(network, sound[: WARM_UP_STEPS * SAMPLE_RATE // 20 + network.look_ahead_samples], False)
    controls, times = run(network, sound, words.paced)
    device = torch.cuda.get_device_name() if card else "THE PROCESSOR, no graph, no bound applies"
    print(f"measured on {device}; torch {torch.__version__}, {torch.get_num_threads()} threads")
    table(network, times, sound)
    if card:
        verdict = "met" if np.percentile(times, 99) < BOUND_MS else "not met"
        print(f"bound: p99 {BOUND_MS} ms: {verdict}")
        memory(before)
    half_precision(words.device, network.hop_frames)
    few = sound[: AGREEMENT_SECONDS * SAMPLE_RATE]
    wanted, _ = run(model("cpu", "exact", words.look_ahead), few, False)
    r, difference = agreement(controls[: len(wanted)], wanted)
    print(f"frames against the exact window on the processor, float32, {len(wanted)} frames: "
          f"r {r:.5f}, mean difference {difference:.6f}")  # fmt: skip


if __name__ == "__main__":
    main()

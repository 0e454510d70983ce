"""The official model's whole step on a graphics card: latency, memory, half precision.

Full-size random weights (wav2vec2-base, RoBERTa-base, CLIP ViT-B/32), real
speech, sixty frames a second in hops of three. Prints the percentiles of a
step from sound to controls on the host, the memory that the process takes on
the card, and how far float16 is from float32. Needs CUDA and the [official]
extra: ``python benchmarks/official_card.py [--recording FILE] [--paced]``.
"""

from __future__ import annotations

import argparse
import time

import numpy as np
import torch
from official_window import agreement, load

from medtalk_live.clock import SAMPLE_RATE, frame_to_sample
from medtalk_live.model.medtalk import LabelNetwork, PromptNetwork
from medtalk_live.model.official import OfficialModel
from medtalk_live.model.sizes import read_sizes
from medtalk_live.model.speaker import half_stays_close
from medtalk_live.model.streaming import GuidanceCode, zero_offsets

BOUND_MS, BOUND_GB = 4.0, 1.5


def model(device: str, look_ahead_ms: int) -> OfficialModel:
    """Of the published sizes, with random weights."""
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
    return OfficialModel(
        label, prompt, version="random", look_ahead_ms=look_ahead_ms, mode="exact", device=device
    )


def run(network: OfficialModel, sound: np.ndarray, paced: bool) -> tuple[np.ndarray, np.ndarray]:
    """Controls (T, N) of a recording, and the milliseconds of each step."""
    code = GuidanceCode(network.embed_labels({"happy": 1.0}), 1.0, zero_offsets())
    state, given, times, rows = network.init_state(), 0, [], []
    start = time.perf_counter()
    hop = network.hop_frames
    while (end := frame_to_sample((len(times) + 1) * hop) + network.look_ahead_samples) <= len(
        sound
    ):
        if paced:
            time.sleep(max(0.0, start + end / SAMPLE_RATE - time.perf_counter()))
        begin = time.perf_counter()
        frames, state = network.step(sound[given:end], state, (code,) * hop)
        times.append(1e3 * (time.perf_counter() - begin))
        rows += [frame.controls for frame in frames]
        given = end
    return np.stack(rows), np.array(times)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--recording", default="examples/amiable.flac")
    parser.add_argument("--seconds", type=float, default=60.0, help="how much of it is used")
    parser.add_argument("--look-ahead", type=int, default=150, metavar="MS")
    parser.add_argument("--paced", action="store_true", help="at the speed of the sound")
    parser.add_argument("--device", default="cuda", help="cpu to try the script itself")
    words = parser.parse_args()
    card = words.device == "cuda"
    if card and not torch.cuda.is_available():
        raise SystemExit("no CUDA device was found: run this where torch sees one")
    sound = load(words.recording, words.seconds).numpy()
    before = torch.cuda.mem_get_info()[0] if card else 0
    network = model(words.device, words.look_ahead)
    controls, times = run(network, sound, words.paced)
    if card:
        used = (before - torch.cuda.mem_get_info()[0]) / 2**30
        own = torch.cuda.max_memory_reserved() / 2**30
        print(f"{torch.cuda.get_device_name()}, torch {torch.__version__}")
        print(f"half precision used: {half_stays_close(network._label, network.hop_frames)}")
        print(f"memory: {own:.2f} GB of tensors, {used:.2f} GB in all; bound {BOUND_GB} GB")
    p50, p99, worst = np.percentile(times, (50, 99, 100))
    print(f"step of {network.hop_frames} frames: p50 {p50:.2f} ms, p99 {p99:.2f} ms, "
          f"worst {worst:.2f} ms over {len(times)} steps; bound {BOUND_MS} ms")  # fmt: skip
    if card:
        del network
        few = sound[: 8 * SAMPLE_RATE]
        wanted, _ = run(model("cpu", words.look_ahead), few, False)
        r, difference = agreement(controls[: len(wanted)], wanted)
        print(f"card against processor, float32: r {r:.5f}, mean difference {difference:.6f}")


if __name__ == "__main__":
    main()

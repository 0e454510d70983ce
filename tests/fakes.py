"""Stand-ins that obey the real contracts: a tiny network, made of the sound's level."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from medtalk_live.model.streaming import (
    EMBEDDING_WIDTH,
    LABELS,
    GuidanceCode,
    NetworkFrame,
    hop_end,
)
from medtalk_live.rig.controls import COUNT, FloatArray, index, pair

NAN = float("nan")
JAW = index("C_jaw.ty")
SMILE = list(pair("mouth_cornerPull"))
BROW = list(pair("brow_raiseIn"))


@dataclass(frozen=True)
class TinyState:
    """Steps taken and a running level: the fake hears its past as a real network does."""

    step: int = 0
    level: float = 0.0


class TinyModel:
    """A ``FaceModel``: the jaw follows the level, smile and brows follow the guidance.

    It checks what the engine owes it: hops of exactly the right length, and
    one code a frame.
    """

    name = "tiny"
    version = "1"

    def __init__(
        self,
        look_ahead_samples: int = 640,
        hop_frames: int = 1,
        finish: str = "none",
        cues: bool = False,
    ) -> None:
        self.look_ahead_samples = look_ahead_samples
        self.hop_frames = hop_frames
        self.finish = finish
        self.cues = cues

    def init_state(self) -> TinyState:
        return TinyState()

    def step(
        self, samples: FloatArray, state: Any, guidance: tuple[GuidanceCode, ...]
    ) -> tuple[list[NetworkFrame], TinyState]:
        before = hop_end(state.step - 1, self) if state.step else 0
        due = hop_end(state.step, self) - before
        assert samples.dtype == np.float32
        assert samples.shape == (due,), f"step {state.step}: {samples.shape} came, {due} expected"
        assert len(guidance) == self.hop_frames
        assert np.isfinite(samples).all()
        level, frames = state.level, []
        for part, code in zip(np.array_split(samples, self.hop_frames), guidance, strict=True):
            level = 0.5 * level + 0.5 * float(np.sqrt(np.mean(part.astype(np.float64) ** 2)))
            frames.append(self._frame(level, code))
        return frames, TinyState(state.step + 1, level)

    def embed_labels(self, weights: Mapping[str, float]) -> FloatArray:
        embedding = np.zeros(EMBEDDING_WIDTH, np.float32)
        for name, weight in weights.items():
            embedding[LABELS.index(name)] = weight
        return embedding

    def embed_expression(self, controls: FloatArray) -> FloatArray:
        return np.resize(controls, EMBEDDING_WIDTH).astype(np.float32)

    def _frame(self, level: float, code: GuidanceCode) -> NetworkFrame:
        controls = np.zeros(COUNT, np.float32)
        controls[JAW] = 2.0 * level
        controls[SMILE] = code.intensity * code.embedding[LABELS.index("happy")]
        controls[BROW] = code.intensity * code.embedding[LABELS.index("surprised")]
        voice = float(level > 0.02) if self.cues else NAN
        return NetworkFrame(controls, NAN, voice, NAN, 1.0)


def speechlike(seconds: float, sample_rate: int = 16_000, seed: int = 0) -> FloatArray:
    """Noise in syllables of about a fifth of a second, with pauses."""
    rng = np.random.default_rng(seed)
    t = np.arange(round(seconds * sample_rate)) / sample_rate
    envelope = np.clip(np.sin(2 * np.pi * 2.6 * t), 0, 1) * (np.sin(2 * np.pi * 0.4 * t) > -0.6)
    return (0.25 * envelope * rng.standard_normal(len(t))).astype(np.float32)

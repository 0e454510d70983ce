"""Our streaming speech encoder: log-mel in, content out, at 60 Hz, strictly causal.

A residual stack of dilated convolutions over time. One trunk serves every
look-ahead: each head places its answer so much later than it hears. This is the form
that runs in a live session, plain numpy with weights from a safetensors file;
``training/networks.py`` holds its torch twin for training, and a contract test
keeps them equal. Engine thread; about a third of a millisecond a frame.
Source: takes the place of wav2vec2 + ACM in MEDTalk, section 3.3.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from medtalk_live.rig.controls import FloatArray


@dataclass(frozen=True, slots=True)
class EncoderState:
    """What each block has heard: rows of past inputs, oldest first.

    Attributes:
        history: (rows, W) float32; block b owns ``2 * dilation_b`` rows.
    """

    history: FloatArray


@dataclass(frozen=True, slots=True)
class Content:
    """What the encoder says about one frame (or T of them, with a leading axis).

    Attributes:
        embedding: (..., D) content embedding, E_c's space.
        cues: (..., C) logits of the articulation cues, see ``CUES``.
    """

    embedding: FloatArray
    cues: FloatArray


CUES = ("bilabial", "labiodental", "rounded", "spread", "open", "voice", "stress", "effort")
"""Order of the cue outputs; all but ``open``, ``stress`` and ``effort`` are probabilities."""


def smoothing_frames(look_ahead_ms: float) -> int:
    """Frames on either side that a look-ahead leaves room to average over: 1, or 0 without any.

    Lips carry next to nothing above 12 Hz; a centred average over three
    frames takes the network's own noise away and is not late, since it waits
    inside the look-ahead.
    """
    return 1 if look_ahead_ms * 60 >= 1000 else 0


class StreamingEncoder:
    """Weights of the encoder for one look-ahead.

    Args:
        weights: Arrays of the checkpoint, names as in ``training/networks.py``.
        head: Index of the look-ahead's head.
        dilations: One for each block.
        leak: What the units let through below zero.
    """

    def __init__(
        self,
        weights: Mapping[str, FloatArray],
        head: int,
        dilations: tuple[int, ...],
        leak: float,
    ) -> None:
        self.dilations = dilations
        self._leak = np.float32(leak)
        self.width = weights["input.bias"].shape[0]
        self._mean = weights["mean"]
        self._scale = weights["scale"]
        self._input = _linear(weights, "input")
        self._blocks = [
            (_linear(weights, f"blocks.{b}.conv"), _linear(weights, f"blocks.{b}.mix"))
            for b in range(len(dilations))
        ]
        names = (f"heads.{head}.hidden", f"heads.{head}.content", f"heads.{head}.cues")
        self._hidden, self._content, self._cues = (_linear(weights, name) for name in names)
        starts = np.cumsum([0, *(2 * dilation for dilation in dilations)])
        self._starts = [int(start) for start in starts]

    def init_state(self) -> EncoderState:
        """State before the stream: blocks have seen zeros."""
        return EncoderState(np.zeros((self._starts[-1], self.width), np.float32))

    def step(self, features: FloatArray, state: EncoderState) -> tuple[Content, EncoderState]:
        """Encode one frame.

        Args:
            features: (F,) float32 log-mel.
            state: From ``init_state`` or the previous step; left untouched.

        Returns:
            Content of one frame and the new state.
        """
        old, new = state.history, np.empty_like(state.history)
        h = _apply(self._input, (features - self._mean) * self._scale)
        for b, dilation in enumerate(self.dilations):
            start, end = self._starts[b], self._starts[b + 1]
            new[start : end - 1] = old[start + 1 : end]
            new[end - 1] = h
            taps = np.concatenate((old[start], old[start + dilation], h))
            conv, mix = self._blocks[b]
            h = h + _apply(mix, self._bend(_apply(conv, taps)))
        return self._head(h), EncoderState(new)

    def forward(self, features: FloatArray) -> Content:
        """Encode a clip (T, F) at once; equals ``step`` from ``init_state``."""
        h = _apply(self._input, (features - self._mean) * self._scale)
        for dilation, (conv, mix) in zip(self.dilations, self._blocks, strict=True):
            past = np.concatenate((np.zeros((2 * dilation, self.width), np.float32), h))
            T = len(h)
            taps = np.concatenate((past[:T], past[dilation : dilation + T], h), axis=1)
            h = h + _apply(mix, self._bend(_apply(conv, taps)))
        return self._head(h)

    def _head(self, h: FloatArray) -> Content:
        hidden = self._bend(_apply(self._hidden, h))
        return Content(_apply(self._content, hidden), _apply(self._cues, hidden))

    def _bend(self, x: FloatArray) -> FloatArray:
        """Leaky rectifier."""
        result: FloatArray = np.maximum(x, self._leak * x)
        return result


def _linear(weights: Mapping[str, FloatArray], name: str) -> tuple[FloatArray, FloatArray]:
    """Weight (in, out), ready for ``x @ w``, and bias."""
    return np.ascontiguousarray(weights[f"{name}.weight"].T), weights[f"{name}.bias"]


def _apply(linear: tuple[FloatArray, FloatArray], x: FloatArray) -> FloatArray:
    result: FloatArray = x @ linear[0] + linear[1]
    return result

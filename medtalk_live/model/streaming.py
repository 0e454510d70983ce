"""The contract between the engine and a network: one hop of sound in, frames out.

The engine cuts the 16 kHz stream at ``hop_end`` and hands each hop to ``step``
with the guidance of its frames. Networks keep only weights; what a stream
remembers is a typed state that is passed in and returned, so one network can
serve two streams and a test can copy a state. Engine thread; may not block.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from medtalk_live.clock import frame_to_sample
from medtalk_live.rig.controls import COUNT, FloatArray

LABELS = ("angry", "disgust", "fear", "happy", "neutral", "sad", "surprised")
"""The seven emotions, in the order of the authors' label index."""

EMBEDDING_WIDTH = 256
"""D, width of the guidance embedding."""


@dataclass(frozen=True, slots=True)
class GuidanceCode:
    """Guidance as a network takes it; codes can be mixed linearly, frame by frame.

    Attributes:
        embedding: (D,) float32, f_G before intensity modulation (equation 9).
        intensity: 0 to 2; scales the expression.
        offsets: (174,) float32, individual movements added after the network
            (a smirk, a wink), already scaled.
        dynamics: How far the voice may move the intensity, 0 not at all, 1 as trained.
    """

    embedding: FloatArray
    intensity: float
    offsets: FloatArray
    dynamics: float = 1.0

    def blend(self, other: GuidanceCode, weight: float) -> GuidanceCode:
        """The mix ``(1 - weight) * self + weight * other``."""
        keep = np.float32(1.0 - weight)
        take = np.float32(weight)
        return GuidanceCode(
            keep * self.embedding + take * other.embedding,
            float(keep * self.intensity + take * other.intensity),
            keep * self.offsets + take * other.offsets,
            float(keep * self.dynamics + take * other.dynamics),
        )


@dataclass(frozen=True, slots=True)
class NetworkFrame:
    """What a network says about one frame; the finish layers read the cues.

    Attributes:
        controls: (174,) float32, raw network output, unclamped.
        seal: Probability in 0..1 that p, b or m holds the lips together now;
            NaN where the network does not tell.
        voice: Probability in 0..1 that somebody speaks; NaN where unknown.
        stress: Prosodic prominence in 0..1 (energy and pitch); NaN where unknown.
        intensity: The dynamic emotion intensity that was applied (FIM), about 1.
    """

    controls: FloatArray
    seal: float
    voice: float
    stress: float
    intensity: float


class FaceModel(Protocol):
    """A network that the engine can run.

    Attributes:
        name: For hello, takes and the status line.
        version: Of the checkpoint.
        look_ahead_samples: Samples beyond the end of a frame's hop that it waits for.
        hop_frames: Frames that one step gives (1 for a true stream).
        finish: The default finish, ``full`` or ``limits``.
    """

    name: str
    version: str
    look_ahead_samples: int
    hop_frames: int
    finish: str

    def init_state(self) -> Any:
        """State of a stream that has heard nothing."""
        ...

    def step(
        self, samples: FloatArray, state: Any, guidance: tuple[GuidanceCode, ...]
    ) -> tuple[list[NetworkFrame], Any]:
        """Hear one hop and animate its frames.

        Args:
            samples: Mono 16 kHz float32, shape (n,): the stream from the end
                of the previous hop (``hop_end``) to the end of this one.
            state: From ``init_state`` or the previous step; left untouched.
            guidance: One code for each of the ``hop_frames`` frames.

        Returns:
            ``hop_frames`` frames and the new state.
        """
        ...

    def embed_labels(self, weights: Mapping[str, float]) -> FloatArray:
        """Embedding (D,) of a mix of ``LABELS``; weights are used as they are."""
        ...

    def embed_expression(self, controls: FloatArray) -> FloatArray:
        """Embedding (D,) of an expression given as controls (174,), say from a photo."""
        ...


def hop_end(step: int, model: FaceModel) -> int:
    """Samples of the stream that must have been heard before step ``step`` (from 0) can run."""
    return frame_to_sample((step + 1) * model.hop_frames) + model.look_ahead_samples


def hop_slice(step: int, model: FaceModel) -> slice:
    """The samples of the stream that step ``step`` hears; the first one's bring the look-ahead."""
    return slice(hop_end(step - 1, model) if step else 0, hop_end(step, model))


def zero_offsets() -> FloatArray:
    """No individual movements."""
    return np.zeros(COUNT, np.float32)

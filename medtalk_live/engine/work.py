"""The face on its way through the finish: one frame that layer after layer works on.

A layer changes the frame in place; the arrays belong to the frame alone.
Engine thread.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from medtalk_live.model.streaming import zero_offsets
from medtalk_live.rig.controls import FloatArray


@dataclass(slots=True)
class FaceWork:
    """One frame at 60 Hz between network and output.

    Attributes:
        index: Number of the network frame since the start of the stream.
        controls: (174,) float32.
        head: (6,) float32, see ``rig.frames.HEAD_NAMES``.
        seal: Probability that p, b or m holds the lips together; NaN where unknown.
        voice: Probability that somebody speaks.
        stress: Prosodic prominence, 0..1.
        eye_gain: How much of gaze and blinks is wanted, 0..1.
        gesture: (174,) what the guidance adds to the mouth (``gestures.py``).
    """

    index: int
    controls: FloatArray
    head: FloatArray
    seal: float
    voice: float
    stress: float
    eye_gain: float = 1.0
    gesture: FloatArray = field(default_factory=zero_offsets)


class Layer(Protocol):
    """One step of the finish; what it remembers is its own."""

    def apply(self, work: FaceWork) -> None:
        """Change the frame in place; frames come in order, 60 a second of sound."""
        ...

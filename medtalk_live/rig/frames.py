"""What flows out: one ``ControlFrame`` live, ``Curves`` for a whole clip.

Head values are yaw, pitch, roll in degrees and x, y, z in centimetres, in this
order everywhere (wire, takes, csv), in Unreal's sense: yaw positive to the
character's right, pitch up, roll to its right ear; x forward, y right, z up.
Pure values, any thread.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from medtalk_live.clock import NETWORK_FPS
from medtalk_live.rig.controls import COUNT, NEUTRAL, FloatArray

HEAD_NAMES = ("head_yaw", "head_pitch", "head_roll", "head_x", "head_y", "head_z")


@dataclass(frozen=True, slots=True)
class ControlFrame:
    """The face at one moment.

    Attributes:
        index: Frame number since the start of the stream, at the output rate.
        time: Seconds of the sound that the frame belongs to: from the start
            of the clip, or on the sender's steady clock when live.
        controls: (174,) float32, inside the ranges of the table.
        head: (6,) float32, see ``HEAD_NAMES``.
    """

    index: int
    time: float
    controls: FloatArray
    head: FloatArray

    @classmethod
    def neutral(cls, index: int = 0, time: float = 0.0) -> ControlFrame:
        """The face and head at rest."""
        return cls(index, time, NEUTRAL.copy(), np.zeros(6, np.float32))


@dataclass(frozen=True, slots=True)
class Curves:
    """A clip of frames; ``numpy.asarray(curves)`` is ``controls``.

    Attributes:
        controls: (T, 174) float32.
        head: (T, 6) float32.
        times: (T,) float32, seconds of the sound each row belongs to.
        fps: Frame rate.
    """

    controls: FloatArray
    head: FloatArray
    times: FloatArray
    fps: Fraction = NETWORK_FPS

    def __len__(self) -> int:
        """Number of frames."""
        return len(self.controls)

    def __array__(self, dtype: object = None, copy: bool | None = None) -> NDArray[np.float32]:
        """The controls, so that numpy functions take curves as they are."""
        array = np.asarray(self.controls, dtype=dtype)  # type: ignore[call-overload]
        return array.copy() if copy else array  # type: ignore[no-any-return]

    @classmethod
    def from_frames(cls, frames: Sequence[ControlFrame], fps: Fraction = NETWORK_FPS) -> Curves:
        """Stack frames; an empty sequence gives zero rows."""
        if not frames:
            return cls(
                np.zeros((0, COUNT), np.float32),
                np.zeros((0, 6), np.float32),
                np.zeros(0, np.float32),
                fps,
            )
        return cls(
            np.stack([frame.controls for frame in frames]),
            np.stack([frame.head for frame in frames]),
            np.asarray([frame.time for frame in frames], np.float32),
            fps,
        )

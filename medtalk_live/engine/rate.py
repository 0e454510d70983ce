"""From the network's 60 frames a second to the rate that was asked for.

Output frame j lies at exactly j / fps: it is blended from the two network
frames around it, except that a lip seal which falls between two frames of a
slow rate is kept. What is waited for is counted. Engine thread; pure.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from medtalk_live.clock import NETWORK_FPS
from medtalk_live.engine.lips import measure
from medtalk_live.engine.work import FaceWork
from medtalk_live.rig.articulation import SEALED_APERTURE, aperture_of
from medtalk_live.rig.controls import FloatArray, region

_MOUTH = region("lips", "jaw", "tongue", "teeth")

Row = tuple[int, FloatArray, FloatArray]
"""Number of an output frame, its controls (174,), its head (6,)."""


@dataclass(frozen=True, slots=True)
class _Seen:
    index: int
    controls: FloatArray
    head: FloatArray
    aperture: float


class RateConverter:
    """Resamples frames in time.

    Args:
        fps: Output frame rate.
    """

    def __init__(self, fps: Fraction) -> None:
        self._spacing = NETWORK_FPS / fps  # of output frames, in network frames
        self._reach = self._spacing / 2 if self._spacing > 1 else Fraction(0)
        self._next = 0
        self._recent: deque[_Seen] = deque()
        period = self._spacing.denominator
        self.delay_frames = max(self._needed(j) - j * self._spacing for j in range(period))
        """Network frames that an output frame waits for at most, beyond its own."""

    def push(self, work: FaceWork) -> list[Row]:
        """Take one network frame; gives the output frames that it completes."""
        if self._spacing == 1:
            return [(work.index, work.controls, work.head)]
        if self._recent and work.index != self._recent[-1].index + 1:
            self._recent.clear()  # a long gap was skipped
            self._next = int(-(-work.index // self._spacing))
        aperture = aperture_of(measure(work.controls)) if self._reach else 1.0
        self._recent.append(_Seen(work.index, work.controls, work.head, aperture))
        out = []
        while self._needed(self._next) <= work.index:
            out.append(self._row())
        return out

    def drain(self, total: int) -> list[Row]:
        """The rest up to ``total`` output frames; the last network frame is held."""
        out = []
        while self._recent and self._next < total:
            out.append(self._row())
        return out

    def _needed(self, number: int) -> int:
        position = number * self._spacing
        return max(-(-position // 1), (position + self._reach) // 1)

    def _row(self) -> Row:
        position = self._next * self._spacing
        while len(self._recent) > 2 and self._recent[1].index <= position - self._reach:
            self._recent.popleft()
        controls, head = self._blend(position)
        self._keep_seal(position, controls)
        self._next += 1
        return self._next - 1, controls, head

    def _blend(self, position: Fraction) -> tuple[FloatArray, FloatArray]:
        before = after = self._recent[0]
        for seen in self._recent:
            before = seen if seen.index <= position else before
            after = seen if after.index < position else after
        share = np.float32(min(float(position - before.index), 1.0) if after is not before else 0.0)
        controls = before.controls + share * (after.controls - before.controls)
        return controls, before.head + share * (after.head - before.head)

    def _keep_seal(self, position: Fraction, controls: FloatArray) -> None:
        """Lips that touch within the time of this frame touch in it."""
        near = [seen for seen in self._recent if abs(seen.index - position) <= self._reach]
        deepest = min(near, key=lambda seen: seen.aperture, default=None)
        if deepest is None or deepest.aperture > SEALED_APERTURE:
            return
        if aperture_of(measure(controls)) > SEALED_APERTURE:
            controls[_MOUTH] = deepest.controls[_MOUTH]

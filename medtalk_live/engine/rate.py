"""From the network's 60 frames a second to the rate that was asked for.

Output frame j lies at exactly j / fps: it is blended from the two network
frames around it, except that a lip seal which falls between two frames of a
slow rate is kept. What is waited for is counted. Engine thread; pure.
"""

from __future__ import annotations

from collections import deque
from fractions import Fraction

import numpy as np

from medtalk_live.clock import NETWORK_FPS
from medtalk_live.engine.work import FaceWork
from medtalk_live.rig.articulation import SEALED_APERTURE
from medtalk_live.rig.controls import FloatArray, region

_MOUTH = region("lips", "jaw", "tongue", "teeth")


class RateConverter:
    """Resamples frames in time.

    Args:
        fps: Output frame rate.
    """

    def __init__(self, fps: Fraction) -> None:
        self.fps = fps
        self._spacing = NETWORK_FPS / fps  # of output frames, in network frames
        self._reach = self._spacing / 2 if fps < NETWORK_FPS else Fraction(0)
        self._next = 0
        self._recent: deque[FaceWork] = deque()
        period = self._spacing.denominator
        self.delay_frames = max(self._needed(j) - j * self._spacing for j in range(period))
        """Network frames that an output frame waits for at most, beyond its own."""

    def push(self, work: FaceWork) -> list[tuple[int, FloatArray, FloatArray]]:
        """Take one network frame; gives (number, controls, head) of what is now complete."""
        if self._spacing == 1:
            return [(work.index, work.controls, work.head)]
        if self._recent and work.index != self._recent[-1].index + 1:
            self._recent.clear()  # a long gap was skipped
            self._next = -(-work.index // self._spacing)
        self._recent.append(work)
        out = []
        while self._needed(self._next) <= work.index:
            out.append(self._frame())
        return out

    def drain(self, total: int) -> list[tuple[int, FloatArray, FloatArray]]:
        """The rest up to ``total`` output frames, holding the last network frame."""
        out = []
        while self._recent and self._next < total:
            out.append(self._frame())
        return out

    def _needed(self, number: int) -> int:
        position = number * self._spacing
        return max(-(-position // 1), (position + self._reach) // 1)

    def _frame(self) -> tuple[int, FloatArray, FloatArray]:
        position = self._next * self._spacing
        while len(self._recent) > 1 and self._recent[1].index <= position - self._reach:
            self._recent.popleft()
        number, self._next = self._next, self._next + 1
        controls, head = self._blend(position)
        return number, self._with_seal(position, controls), head

    def _blend(self, position: Fraction) -> tuple[FloatArray, FloatArray]:
        before = max((w for w in self._recent if w.index <= position), key=lambda w: w.index)
        share = np.float32(min(float(position - before.index), 1.0))
        after = next((w for w in self._recent if w.index == before.index + 1), before)
        if share == 0 or after is before:
            return before.controls.copy(), before.head.copy()
        return (
            before.controls + share * (after.controls - before.controls),
            before.head + share * (after.head - before.head),
        )

    def _with_seal(self, position: Fraction, controls: FloatArray) -> FloatArray:
        near = [w for w in self._recent if abs(w.index - position) <= self._reach]
        deepest = min(near, key=lambda w: w.aperture, default=None)
        if deepest is not None and deepest.aperture <= SEALED_APERTURE:
            controls[_MOUTH] = deepest.controls[_MOUTH]
        return controls

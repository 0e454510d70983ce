"""The published filter and the last guard: Savitzky-Golay over time, then ranges.

The streaming filter equals ``scipy.signal.savgol_filter(x, 5, 2, mode="nearest")``
on the whole clip and waits for two frames. Engine thread; pure.
Source: MEDTalk's inference (window 5, order 2, mode nearest).
"""

from __future__ import annotations

from collections import deque
from dataclasses import replace

import numpy as np

from medtalk_live.engine.work import FaceWork
from medtalk_live.rig.controls import MAXIMUM, MINIMUM, FloatArray

# least-squares parabola through five points, its value at the middle one
_WEIGHTS: FloatArray = np.array([-3, 12, 17, 12, -3], np.float32) / np.float32(35)


def savitzky_golay(controls: FloatArray) -> FloatArray:
    """The published filter over a whole clip (T, N); equals ``SavitzkyGolay`` frame by frame."""
    held = np.pad(controls, ((2, 2), (0, 0)), mode="edge")
    result: FloatArray = np.lib.stride_tricks.sliding_window_view(held, 5, axis=0) @ _WEIGHTS
    return result


class SavitzkyGolay:
    """Window 5, order 2, two frames late."""

    delay_frames = 2

    def __init__(self) -> None:
        self._window: deque[FaceWork] = deque(maxlen=5)

    def push(self, work: FaceWork) -> list[FaceWork]:
        """Take the next frame; gives the filtered one of two frames ago, once there is one."""
        if not self._window:
            self._window.extend((work, work))  # the first frame stands for what was before it
        self._window.append(work)
        return self._centre()

    def drain(self) -> list[FaceWork]:
        """The last two frames; the last one stands for what would follow it."""
        out: list[FaceWork] = []
        for _ in range(self.delay_frames if self._window else 0):
            self._window.append(self._window[-1])
            out += self._centre()
        return out

    def _centre(self) -> list[FaceWork]:
        if len(self._window) < 5:
            return []
        stack = np.stack([work.controls for work in self._window])
        return [replace(self._window[2], controls=_WEIGHTS @ stack)]


class Limits:
    """Every control inside its range."""

    def apply(self, work: FaceWork) -> None:
        """Clip the controls; they are finite already."""
        np.maximum(work.controls, MINIMUM, out=work.controls)
        np.minimum(work.controls, MAXIMUM, out=work.controls)

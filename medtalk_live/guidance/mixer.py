"""Cross-fades from the mix that is seen now to the next guidance, frame by frame.

A fade is counted in frames, so it does not depend on chunks or clocks, and it
starts from wherever the previous fade has got to. No fade is shorter than the
fastest change of expression a face makes, so a swap never jumps. Engine thread.
"""

from __future__ import annotations

import math

from medtalk_live.clock import NETWORK_FPS
from medtalk_live.errors import GuidanceError
from medtalk_live.model.streaming import GuidanceCode

FASTEST_BLEND_FRAMES = 8
"""133 ms: a startle takes the face to its expression in about this time."""

LONGEST_BLEND_SECONDS = 60.0


def checked_blend(seconds: float) -> float:
    """A fade time that can be used.

    Raises:
        GuidanceError: it is not in 0..60 s.
    """
    if not (math.isfinite(seconds) and 0.0 <= seconds <= LONGEST_BLEND_SECONDS):
        raise GuidanceError(f"a blend time of {seconds:g} s was given; expected 0 to 60 s")
    return float(seconds)


class Mixer:
    """The guidance of each frame.

    Args:
        code: What the first frame is guided with.
    """

    def __init__(self, code: GuidanceCode) -> None:
        self._source = self._target = self._mix = code
        self._frame = self._length = 0

    def begin(self, target: GuidanceCode, blend_seconds: float) -> None:
        """Start a fade from the current mix; the next frame is its first."""
        frames = round(blend_seconds * NETWORK_FPS)
        self._source, self._target = self._mix, target
        self._frame, self._length = 0, max(frames, FASTEST_BLEND_FRAMES)

    def advance(self) -> GuidanceCode:
        """The code of the next frame; the same object while nothing fades."""
        if self._frame < self._length:
            self._frame += 1
            weight = smoothstep(self._frame / self._length)
            done = self._frame == self._length
            self._mix = self._target if done else self._source.blend(self._target, weight)
        return self._mix


def smoothstep(x: float) -> float:
    """0 to 1 with level ends."""
    return x * x * (3.0 - 2.0 * x)

"""One hop of sound through the network: guidance in, checked frames out.

Holds what the network remembers of the stream, hands it the guidance of each
frame, adds individual movements, and sees to it that nothing but numbers goes
on. Engine thread, except ``request``, which any thread may call.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from medtalk_live.engine.cues import CueReader
from medtalk_live.engine.intake import EngineStats
from medtalk_live.engine.profile import Gains
from medtalk_live.engine.silence import MOUTH
from medtalk_live.engine.work import FaceWork
from medtalk_live.guidance.mixer import Mixer
from medtalk_live.guidance.request import MAXIMUM_INTENSITY
from medtalk_live.guidance.words import EMPHASIS_RANGE, Emphasis
from medtalk_live.model.streaming import FaceModel, GuidanceCode, NetworkFrame
from medtalk_live.rig.controls import NEUTRAL, FloatArray


class HopRunner:
    """A network at work on one stream.

    Args:
        model: The network.
        mixer: The guidance of each frame; outlives the stream.
        gains: For the factor on the emotion.
        emphasis: What the words add to the intensity.
        stats: Where faults are counted.
    """

    def __init__(
        self,
        model: FaceModel,
        mixer: Mixer,
        gains: Gains,
        emphasis: Emphasis,
        stats: EngineStats,
    ) -> None:
        self._model = model
        self._mixer = mixer
        self._gains = gains
        self._emphasis = emphasis
        self._stats = stats
        self._state = model.init_state()
        self._cues = CueReader.of(model)
        self._last_good: FloatArray = NEUTRAL

    def run(self, samples: FloatArray, first: int) -> list[FaceWork]:
        """Animate one hop, whose first frame has the number ``first``."""
        codes = tuple(self._next_code(first + i) for i in range(self._model.hop_frames))
        frames = self._checked_step(samples, codes)
        self._stats.frames += len(frames)
        hop = zip(frames, codes, np.array_split(samples, len(frames)), strict=True)
        return [self._work(first + i, *parts) for i, parts in enumerate(hop)]

    def _next_code(self, number: int) -> GuidanceCode:
        self._gains.advance()
        code = self._mixer.advance()
        factor, dynamics = self._gains.value("emotion"), self._gains.value("dynamics")
        words = dynamics * code.dynamics * EMPHASIS_RANGE * self._emphasis.advance(number)
        if factor == dynamics == 1.0 and not words:
            return code
        return replace(
            code,
            intensity=min(MAXIMUM_INTENSITY, code.intensity * factor * (1.0 + words)),
            offsets=np.float32(factor) * code.offsets,
            dynamics=dynamics * code.dynamics,
        )

    def _checked_step(
        self, samples: FloatArray, codes: tuple[GuidanceCode, ...]
    ) -> list[NetworkFrame]:
        """A hop that gives no numbers is heard as silence instead, so that its state is sound."""
        frames, state = self._model.step(samples, self._state, codes)
        if not all(_is_finite(frame) for frame in frames):
            self._stats.bad_frames += len(frames)
            frames, state = self._model.step(np.zeros_like(samples), self._state, codes)
        self._state = state
        return frames

    def _work(
        self, number: int, frame: NetworkFrame, code: GuidanceCode, sound: FloatArray
    ) -> FaceWork:
        if _is_finite(frame):
            self._last_good = frame.controls
        gesture = np.zeros_like(code.offsets)
        gesture[MOUTH] = code.offsets[MOUTH]
        controls = np.array(self._last_good + (code.offsets - gesture), dtype=np.float32)
        voice, stress = self._cues.read(frame, sound)
        head = np.zeros(6, np.float32)
        return FaceWork(number, controls, head, frame.seal, voice, stress, gesture=gesture)


def _is_finite(frame: NetworkFrame) -> bool:
    return bool(np.isfinite(frame.controls).all())

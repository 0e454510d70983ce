"""The finish: what happens to a frame between the network and the receivers.

``none`` leaves the network's values alone, ``limits`` adds ranges and the
published filter, ``full`` the layers that make a face of it. This file only
puts the layers in order; each has its own file. Gains and mute apply to all.
Engine thread; pure but for what the layers remember.
"""

from __future__ import annotations

import numpy as np

from medtalk_live.engine.blink import Blinks, BlinkSettings
from medtalk_live.engine.gaze import Gaze, GazeSettings
from medtalk_live.engine.gestures import Gestures
from medtalk_live.engine.head import HeadMotion, HeadSettings
from medtalk_live.engine.limits import Limits, SavitzkyGolay
from medtalk_live.engine.profile import Gains, Profile
from medtalk_live.engine.seal import FAR_LOOK_AHEAD_MS, LipSeal, seal_settings
from medtalk_live.engine.silence import SilenceGate
from medtalk_live.engine.smoothing import OneEuro, SpeedLimit
from medtalk_live.engine.work import FaceWork, Layer
from medtalk_live.errors import ConfigError

FINISHES = ("full", "limits", "none")


class Finish:
    """The layers of one stream.

    Args:
        kind: One of ``FINISHES``.
        gains: The stream's gains and mute.
        profile: Which layers run.
        seed: Of everything that is random.
        look_ahead_ms: What the network hears of the future.

    Raises:
        ConfigError: the kind is not known.
    """

    def __init__(
        self,
        kind: str,
        gains: Gains,
        profile: Profile,
        seed: int,
        look_ahead_ms: float = FAR_LOOK_AHEAD_MS,
    ) -> None:
        if kind not in FINISHES:
            raise ConfigError(f"finish '{kind}' is not one of {', '.join(FINISHES)}")
        self._gains = gains
        self._filter = SavitzkyGolay() if kind == "limits" else None
        self._layers: list[Layer] = [Gestures()]
        if kind == "limits":
            self._layers.append(Limits())
        elif kind == "full":
            self._layers = full_layers(profile, seed, look_ahead_ms)
        self.delay_frames = self._filter.delay_frames if self._filter else 0
        self.delay_ms = sum(getattr(layer, "delay_ms", 0.0) for layer in self._layers)

    def push(self, work: FaceWork) -> list[FaceWork]:
        """Take the next frame; gives those that are finished with it."""
        self._gains.scale(work)
        work.eye_gain = min(1.0, self._gains.value("eyes"))
        if self._filter is None:
            return [self._finished(work)]
        return [self._finished(late) for late in self._filter.push(work)]

    def drain(self) -> list[FaceWork]:
        """The frames that still waited, at the end of a stream."""
        return [] if self._filter is None else [self._finished(w) for w in self._filter.drain()]

    def _finished(self, work: FaceWork) -> FaceWork:
        for layer in self._layers:
            layer.apply(work)
        self._gains.finish(work)
        return work


def full_layers(
    profile: Profile, seed: int, look_ahead_ms: float = FAR_LOOK_AHEAD_MS
) -> list[Layer]:
    """The layers of the full finish in their order.

    Mouth first, so that the seal has the last word on the lips; then the eyes,
    blinks last, so that nothing holds a lid up; the speed limit over all. Each
    random layer has its own generator: switching one off leaves the others as they are.
    """
    blink, gaze, head = (np.random.default_rng(s) for s in np.random.SeedSequence(seed).spawn(3))
    choices: list[tuple[bool, Layer]] = [
        (True, Limits()),
        (profile.smoothing, OneEuro()),
        (profile.silence_gate, SilenceGate()),
        (True, Gestures()),
        (True, Limits()),
        (profile.lip_seal, LipSeal(seal_settings(look_ahead_ms))),
        (profile.gaze, Gaze(GazeSettings(), gaze)),
        (profile.blinks, Blinks(BlinkSettings(profile.blinks_per_minute), blink)),
        (profile.head_motion, HeadMotion(HeadSettings(), head)),
        (True, Limits()),
        (True, SpeedLimit()),
    ]
    return [layer for wanted, layer in choices if wanted]

"""Movements of the mouth that the guidance asks for, beside what speech needs.

Smiles, smirks and puffed cheeks stay while somebody speaks; an open mouth, a
tongue or pursed lips are shown in full at rest and give way to speech. Stands
after the silence gate, which would close a mouth that is meant to be open, and
before the lip seal, which has the last word. Engine thread.
"""

from __future__ import annotations

import numpy as np

from medtalk_live.engine.silence import MOUTH
from medtalk_live.engine.work import FaceWork
from medtalk_live.guidance.mixer import smoothstep
from medtalk_live.rig.articulation import members
from medtalk_live.rig.controls import COUNT, FloatArray, index

_YIELD_FRAMES = 10  # from a gesture to the mouth of speech
_RETURN_FRAMES = 30
_HANG_FRAMES = 15  # outlasts the stops within words
_ON, _OFF = 0.5, 0.3

_KEPT = {  # share that stays while somebody speaks; what parts or rounds the lips hardly does
    "mouth_cornerPull": 0.9,
    "mouth_sharpCornerPull": 0.9,
    "mouth_cornerDepress": 1.0,
    "mouth_dimple": 1.0,
    "mouth_stretch": 0.6,
    "mouth_suckBlow": 0.6,
    "mouth.tx": 1.0,
    "jaw.tx": 1.0,
    "jaw_fwdBack": 0.7,
    "mouth_upperLipRaise": 0.35,
    "mouth_lowerLipDepress": 0.35,
    "mouth_purse": 0.25,
    "jaw_ChinRaiseD": 0.3,
    "jaw_ChinRaiseU": 0.3,
    "jaw_clench": 0.5,
    "jaw": 0.1,
}
_BARELY = 0.15
_PARTED = np.float32(0.1)  # jaw opening from which resting lips let go of each other
_JAW = index("C_jaw.ty")
_TOGETHER = members("mouth_lipsTogether")


def _kept() -> FloatArray:
    share = np.ones(COUNT, np.float32)
    share[MOUTH] = _BARELY
    for part, value in _KEPT.items():
        share[members(part)] = value
    return share


class Gestures:
    """Adds the mouth's part of the guidance's offsets."""

    def __init__(self) -> None:
        self._kept = _kept()
        self._phase = 0.0
        self._hang = 0

    def apply(self, work: FaceWork) -> None:
        """Add what this frame's guidance asks of the mouth."""
        self._advance(work.voice)
        if work.gesture.any():
            speaking = np.float32(smoothstep(self._phase))
            work.controls += work.gesture * (1.0 + speaking * (self._kept - 1.0))
            apart = (1.0 - speaking) * min(1.0, max(0.0, work.gesture[_JAW] / _PARTED))
            work.controls[_TOGETHER] *= 1.0 - apart

    def _advance(self, voice: float) -> None:
        if voice >= (_OFF if self._hang else _ON):
            self._hang = _HANG_FRAMES + 1
        self._hang = max(0, self._hang - 1)
        step = 1.0 / _YIELD_FRAMES if self._hang else -1.0 / _RETURN_FRAMES
        self._phase = max(0.0, min(1.0, self._phase + step))

"""Frames for the layers of the finish, one call each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from medtalk_live.engine.work import FaceWork, Layer
from medtalk_live.rig.controls import COUNT, FloatArray, index, pair

JAW = index("C_jaw.ty")
TOGETHER = [*pair("mouth_lipsTogetherD"), *pair("mouth_lipsTogetherU")]
RAISE = list(pair("mouth_upperLipRaise"))
DEPRESS = list(pair("mouth_lowerLipDepress"))
PULL = list(pair("mouth_cornerPull"))
BLINK = list(pair("eye_blink"))
NAN = float("nan")


def face(**values: float) -> FloatArray:
    """Controls (174,): jaw, together, raised, depress, pull, funnel, blink or a pair's name."""
    short = {
        "together": TOGETHER,
        "raised": RAISE,
        "depress": DEPRESS,
        "pull": PULL,
        "blink": BLINK,
        "funnel": [*pair("mouth_funnelD"), *pair("mouth_funnelU")],
        "jaw": [JAW],
    }
    controls = np.zeros(COUNT, np.float32)
    for name, value in values.items():
        controls[short[name] if name in short else list(pair(name))] = value
    return controls


def frames(
    controls: FloatArray | Sequence[FloatArray],
    count: int,
    *,
    seal: Iterable[float] | float = 0.0,
    voice: Iterable[float] | float = 1.0,
    stress: Iterable[float] | float = 0.0,
) -> list[FaceWork]:
    """So many frames; one value or one a frame."""
    rows = np.broadcast_to(np.asarray(controls, np.float32), (count, COUNT))
    cues = [np.broadcast_to(np.asarray(cue, float), (count,)) for cue in (seal, voice, stress)]
    return [
        FaceWork(i, rows[i].copy(), np.zeros(6, np.float32), *(float(cue[i]) for cue in cues))
        for i in range(count)
    ]


def applied(layer: Layer, works: list[FaceWork]) -> FloatArray:
    """Controls (T, 174) after a layer."""
    for work in works:
        layer.apply(work)
    return np.stack([work.controls for work in works])

"""An expression from what MediaPipe's face landmarker says: 478 points and 52 scores.

The scores are good for smiles, brows and blinks, near zero for squints and
timid for an open mouth; those and the funnel are measured on the points, in
the head's own frame, so that its pose does not count. What a face shows at
rest is subtracted where a neutral photo is given. Pure, any thread.
Source: constants measured on a rendered scanned head, ``docs/guidance.md``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from medtalk_live.rig.arkit import SHAPE_NAMES
from medtalk_live.rig.controls import FloatArray

_EYES = {  # of the character: corners, points of the upper lid, points of the lower
    "Left": ((263, 362), (387, 386, 385), (373, 374, 380)),
    "Right": ((33, 133), (160, 159, 158), (144, 145, 153)),
}
_UPPER_LIP, _LOWER_LIP = 13, 14  # their inner edges
_OUTER_CORNERS = (33, 263)  # of the eyes; their distance is the unit of length
_DEAD = 0.06  # scores of a face at rest


@dataclass(frozen=True, slots=True)
class Face:
    """One face as the landmarker sees it.

    Attributes:
        scores: MediaPipe's blendshape scores by name (``mouthSmileLeft``), 0..1.
        points: (478, 3) in pixels: x right, y down, z away from the viewer.
        rotation: (3, 3) of the head, y up and z to the viewer.
    """

    scores: Mapping[str, float]
    points: FloatArray
    rotation: FloatArray


@dataclass(frozen=True, slots=True)
class Openings:
    """Lengths on a face, in distances of its outer eye corners (lids: in eye widths).

    Attributes:
        lips: Gap between the inner edges of the lips.
        eyes: Opening of each eye, left and right.
        lower_lids: Height of each lower lid over the corners of its eye.
    """

    lips: float
    eyes: tuple[float, float]
    lower_lids: tuple[float, float]


AVERAGE = Openings(0.028, (0.345, 0.345), (-0.124, -0.124))
"""A face at rest."""


def expression(face: Face, neutral: Face | None = None) -> FloatArray:
    """ARKit shapes (52,) in 0..1, in the order of ``rig.arkit.SHAPE_NAMES``.

    Args:
        face: The expression.
        neutral: The same person at rest.
    """
    rest = {} if neutral is None else neutral.scores
    scores = {name: _above(value, rest.get(name, _DEAD)) for name, value in face.scores.items()}
    at_rest = AVERAGE if neutral is None else openings(neutral)
    scores |= _measured(scores, openings(face), at_rest)
    values = [scores.get(name[0].lower() + name[1:], 0.0) for name in SHAPE_NAMES]
    return np.clip(np.asarray(values, np.float32), 0.0, 1.0)


def openings(face: Face) -> Openings:
    """Measure a face in the frame of its head."""
    u, _, vt = np.linalg.svd(np.asarray(face.rotation, np.float64))
    points = (np.asarray(face.points, np.float64) * [1, -1, -1]) @ (u @ vt)
    unit = np.linalg.norm(points[_OUTER_CORNERS[0]] - points[_OUTER_CORNERS[1]])
    height = points[:, 1] / unit
    eyes, lids = [], []
    for corners, upper, lower in _EYES.values():
        width = np.linalg.norm(points[corners[0]] - points[corners[1]]) / unit
        low = height[list(lower)].mean()
        eyes.append(float((height[list(upper)].mean() - low) / width))
        lids.append(float((low - height[list(corners)].mean()) / width))
    gap = float(height[_UPPER_LIP] - height[_LOWER_LIP])
    return Openings(gap, (eyes[0], eyes[1]), (lids[0], lids[1]))


def _above(value: float, rest: float) -> float:
    """What a score says beyond the face at rest."""
    return max(0.0, value - rest) / max(0.2, 1.0 - rest)


def _measured(scores: Mapping[str, float], seen: Openings, rest: Openings) -> dict[str, float]:
    """The shapes that the points tell better than the scores."""
    gap = max(0.0, seen.lips - rest.lips)
    out = _mouth(scores, gap)
    out |= {name: min(1.0, 1.8 * scores.get(name, 0.0)) for name in ("mouthLeft", "mouthRight")}
    brows = (scores.get("browOuterUpLeft", 0.0) + scores.get("browOuterUpRight", 0.0)) / 2
    for side, name in enumerate(_EYES):
        opening = seen.eyes[side] - rest.eyes[side]
        lid = seen.lower_lids[side] - rest.lower_lids[side]
        blink, squint = scores.get(f"eyeBlink{name}", 0.0), scores.get(f"eyeSquint{name}", 0.0)
        # a blink raises the lower lid as well, a raised brow lowers it
        narrowed = 2.8 * squint - 2.4 * blink + 4.0 * opening + 4.0 * lid + 0.1 * brows
        out[f"eyeSquint{name}"] = min(1.0, max(0.0, narrowed))
        closed = (-opening - 0.05) / 0.22
        out[f"eyeBlink{name}"] = min(1.0, max(blink, 0.0 if closed < 0.15 else closed))
        wide = (opening - 0.02) / 0.05 if brows < 0.3 else (opening - 0.04) / 0.05
        out[f"eyeWide{name}"] = min(1.0, max(scores.get(f"eyeWide{name}", 0.0), wide, 0.0))
    return out


def _mouth(scores: Mapping[str, float], gap: float) -> dict[str, float]:
    """Jaw and funnel: lips part by the jaw, by raised and lowered lips, or when rounded."""
    pucker = scores.get("mouthPucker", 0.0)
    funnel = float(np.sqrt(pucker * min(1.0, gap / 0.10)))
    raised = (scores.get("mouthUpperUpLeft", 0.0) + scores.get("mouthUpperUpRight", 0.0)) / 2
    jaw = (gap - 0.12 * funnel - 0.07 * raised) / 0.36
    return {
        "mouthFunnel": max(scores.get("mouthFunnel", 0.0), funnel),
        "mouthPucker": pucker * (1.0 - funnel),
        "jawOpen": min(1.0, max(scores.get("jawOpen", 0.0) * (1.0 - funnel), jaw, 0.0)),
    }

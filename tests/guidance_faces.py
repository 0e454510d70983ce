"""Faces of 478 points with given openings, as MediaPipe would see them."""

from __future__ import annotations

import numpy as np

from medtalk_live.guidance.landmarks import Face

EYES = ((263, 362, (387, 386, 385), (373, 374, 380)), (33, 133, (160, 159, 158), (144, 145, 153)))


def face(gap=0.028, eye=0.345, lid=-0.124, turn=0.0, **scores):
    """A face of 478 points with given openings, turned by an angle about the vertical."""
    points = np.zeros((478, 3))
    for (outer, inner, upper, lower), side in zip(EYES, (1, -1), strict=True):
        points[outer], points[inner] = (side * 50, 0, 0), (side * 20, 0, 0)
        points[list(lower)] = (side * 35, -30 * lid, 0)
        points[list(upper)] = (side * 35, -30 * (lid + eye), 0)
    points[13], points[14] = (0, 60, 0), (0, 60 + 100 * gap, 0)
    c, s = np.cos(turn), np.sin(turn)
    rotation = np.array([[c, 0, s], [0, 1, 0], [-s, 0, c]])
    turned = (points * [1, -1, -1]) @ rotation.T * [1, -1, -1]
    return Face(scores, turned, rotation)

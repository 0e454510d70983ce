"""MEDTalk's four measures of a face against its ground truth: MLE, MEE, EIE, FRD.

The paper does not list its sets; ours go by region (``rig/controls.csv``):
S_lip for the lips, S_emo for the feeling, S_up for the upper face. Pure, any
thread. Source: MEDTalk, equations 15 to 18.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import astuple, dataclass

import numpy as np

from medtalk_live.errors import RigError
from medtalk_live.rig.controls import (
    COUNT,
    EMOTION_SET,
    LIP_SET,
    UPPER_SET,
    FloatArray,
    pseudo_intensity,
)

LARGEST_DIFFERENCE = 6
"""Frames by which a prediction and its ground truth may differ in length: 0.1 s."""


@dataclass(frozen=True, slots=True)
class FaceScores:
    """The measures of a clip or a set; lower is better, FRD nearer to 0.

    Attributes:
        mle: Mean absolute error over S_lip.
        mee: Mean absolute error over S_emo.
        eie: Mean absolute error of the pseudo-intensity.
        frd: Mean over S_up of how much more a control of the truth moves (its
            standard deviation over time).
    """

    mle: float
    mee: float
    eie: float
    frd: float


def score_face(controls: FloatArray, truth: FloatArray) -> FaceScores:
    """Score a prediction (T, 174) against the ground truth (T, 174).

    Raises:
        RigError: they are not 174 wide, or differ in length by more than 0.1 s.
    """
    for name, curves in (("prediction", controls), ("ground truth", truth)):
        if curves.ndim != 2 or curves.shape[1] != COUNT or not len(curves):
            raise RigError(f"the {name} has the shape {curves.shape}, expected (frames, {COUNT})")
    if abs(len(controls) - len(truth)) > LARGEST_DIFFERENCE:
        raise RigError(
            f"the prediction has {len(controls)} frames and the ground truth {len(truth)}: "
            "they are not of the same sound"
        )
    frames = min(len(controls), len(truth))
    a, b = controls[:frames].astype(np.float64), truth[:frames].astype(np.float64)
    error = np.abs(a - b)
    return FaceScores(
        mle=float(error[:, LIP_SET].mean()),
        mee=float(error[:, EMOTION_SET].mean()),
        eie=float(np.abs(pseudo_intensity(a) - pseudo_intensity(b)).mean()),
        frd=float((b[:, UPPER_SET].std(axis=0) - a[:, UPPER_SET].std(axis=0)).mean()),
    )


def mean_scores(scores: Iterable[FaceScores]) -> FaceScores:
    """The mean over clips, each clip counting once."""
    rows = np.array([astuple(score) for score in scores])
    if not len(rows):
        raise RigError("there is no clip to score")
    return FaceScores(*(float(value) for value in rows.mean(axis=0)))

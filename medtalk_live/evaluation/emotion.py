"""Whether emotions can be told apart on the face while it says the same words.

Takes one clip's curves in neutral and in other labels: the mean offset from
neutral over the expressive controls is held against six pose families written
here from FACS prototypes, independent of any model's or animator's poses; and
the lip aperture against neutral's tells how much of the speech was kept.
Pure, any thread. Source: Ekman and Friesen's prototypes of the basic emotions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from medtalk_live.evaluation.speech import Clip, score_clips
from medtalk_live.evaluation.speech_samples import RealArray
from medtalk_live.rig.articulation import channel_mean, lip_aperture

NEUTRAL_LABEL: Final = "neutral"

# Action units as controls; the sign says which way a two-sided control moves.
POSE_FAMILIES: Final[dict[str, dict[str, float]]] = {
    "angry": {"brow_down": 1, "brow_lateral": 1, "eye_squintInner": 1, "nose.tx": 0.5},
    "disgust": {"nose": 1, "nose_nasolabialDeepen": 0.5, "mouth_upperLipRaise": 1},
    "fear": {
        "brow_raiseIn": 1,
        "brow_raiseOut": 0.5,
        "brow_lateral": 0.5,
        "eye_blink": -1,
        "mouth_stretch": 1,
    },
    "happy": {"eye_cheekRaise": 1, "mouth_cornerPull": 1, "mouth_dimple": 0.25},
    "sad": {"brow_raiseIn": 1, "brow_lateral": 0.5, "mouth_cornerDepress": 1},
    "surprised": {"brow_raiseIn": 1, "brow_raiseOut": 1, "eye_blink": -1},
}
_WATCHED: Final = (
    *("brow_down", "brow_lateral", "brow_raiseIn", "brow_raiseOut"),
    *("eye_blink", "eye_squintInner", "eye_eyelidU", "eye_eyelidD", "eye_cheekRaise"),
    *("nose", "nose.tx", "nose_nasolabialDeepen"),
    *("mouth_cornerPull", "mouth_sharpCornerPull", "mouth_cornerDepress", "mouth_corner"),
    *("mouth_dimple", "mouth_stretch", "mouth_upperLipRaise"),
)


@dataclass(frozen=True)
class EmotionScores:
    """How clearly labels show and how much speech they keep.

    ``told_apart`` is the share of offsets nearest to their own label's family,
    ``nearest`` counts [label][family], ``content_r`` the mean correlation of
    the aperture with neutral's (worst label in ``content_r_worst``), and
    ``bilabial_auc_loss`` what the worst label costs the lips' closures.
    """

    told_apart: float
    nearest: dict[str, dict[str, int]]
    content_r: float
    content_r_worst: float
    bilabial_auc_loss: float


def score_emotions(clips: Mapping[str, Sequence[Clip]]) -> EmotionScores:
    """Score the same clips in several labels, ``neutral`` among them, in the same order."""
    neutral = clips[NEUTRAL_LABEL]
    base_auc = score_clips(neutral).bilabial_auc
    nearest: dict[str, dict[str, int]] = {}
    content, losses = [], []
    for label in POSE_FAMILIES:
        if label not in clips:
            continue
        pairs = list(zip(clips[label], neutral, strict=True))
        found = [nearest_family(a.controls, b.controls) for a, b in pairs]
        nearest[label] = {name: found.count(name) for name in POSE_FAMILIES}
        content.append(np.mean([_kept(a.controls, b.controls) for a, b in pairs]))
        losses.append(base_auc - score_clips(clips[label]).bilabial_auc)
    right = sum(nearest[label][label] for label in nearest)
    return EmotionScores(
        told_apart=right / max(sum(sum(row.values()) for row in nearest.values()), 1),
        nearest=nearest,
        content_r=float(np.mean(content)),
        content_r_worst=float(np.min(content)),
        bilabial_auc_loss=float(np.max(losses)),
    )


def nearest_family(controls: RealArray, neutral: RealArray) -> str:
    """The pose family nearest by cosine to the mean offset of (T, 174) from neutral."""
    offset = np.array([channel_mean(controls - neutral, part).mean() for part in _WATCHED])
    cosines = {name: _cosine(offset, _vector(family)) for name, family in POSE_FAMILIES.items()}
    return max(cosines, key=cosines.__getitem__)


def _vector(family: Mapping[str, float]) -> RealArray:
    return np.array([family.get(part, 0.0) for part in _WATCHED])


def _cosine(a: RealArray, b: RealArray) -> float:
    lengths = float(np.linalg.norm(a)) * float(np.linalg.norm(b))
    return float(a @ b) / max(lengths, 1e-9)


def _kept(controls: RealArray, neutral: RealArray) -> float:
    return float(np.corrcoef(lip_aperture(controls), lip_aperture(neutral))[0, 1])

"""What the stages of the official network minimise, each over one sequence.

Every function gives named terms with their ``total``; the parts that a stage
keeps frozen are frozen by its parameter list, not here. Pure torch.
Source: MEDTalk, equations 2 to 14, as the public implementation weighs them.
"""

from __future__ import annotations

import torch
from torch import Tensor

from medtalk_live.model.disentangle import Disentangler
from medtalk_live.training.losses import (
    LAMBDA_INTENSITY,
    cross_terms,
    cycle_terms,
    intensity_loss,
    recovery,
)

Terms = dict[str, Tensor]


def overlap_loss(face: Disentangler, x11: Tensor, x12: Tensor, x21: Tensor, x22: Tensor) -> Terms:
    """Equation 3: the four terms of the swap, summed."""
    return {"total": torch.stack(cross_terms(face, x11, x12, x21, x22)).sum()}


def cycle_loss(face: Disentangler, x11: Tensor, x22: Tensor) -> Terms:
    """Equation 4: both ways there and back, summed."""
    return {"total": torch.stack(cycle_terms(face, x11, x22)).sum()}


def content_loss(face: Disentangler, spoken: Tensor, target: Tensor) -> Terms:
    """Stage 2: the sound's content with the face's own emotion.

    Args:
        face: E_e, E_c and D, which do not learn here.
        spoken: ACM's content embedding (B, T, D).
        target: R (B, T, N).
    """
    controls = face.decode(face.emotion(target), spoken)
    return recovery(controls, target, spoken, face.content(target))


def label_loss(face: Disentangler, spoken: Tensor, emotion: Tensor, target: Tensor) -> Terms:
    """Stage 3: the label's emotion at the intensity of voice and words.

    Args:
        face: E_e and D.
        spoken: Content embedding (B, T, D).
        emotion: Of the label at the intensity of voice and words (B, T, D).
        target: R (B, T, N).
    """
    controls = face.decode(emotion, spoken)
    terms = recovery(controls, target, emotion, face.emotion(target))
    terms["intensity"] = intensity_loss(controls, target)
    terms["total"] = terms["total"] + LAMBDA_INTENSITY * terms["intensity"]
    return terms


def prompt_loss(
    face: Disentangler, spoken: Tensor, emotions: tuple[Tensor, ...], target: Tensor
) -> Terms:
    """Stage 4: the same face from its description and from its picture.

    Args:
        face: E_e and D.
        spoken: Content embedding (B, T, D).
        emotions: Of the description and of the picture, each (B, T, D).
        target: R (B, T, N).
    """
    wanted = face.emotion(target)
    each = [recovery(face.decode(e, spoken), target, e, wanted) for e in emotions]
    return {name: torch.stack([terms[name] for terms in each]).sum() for name in each[0]}

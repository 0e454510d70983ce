"""Losses of the four stages, and the articulation losses of the starter.

All are means over all elements; ``cos`` is taken over the flattened sequence.
Pure torch functions. Source: MEDTalk, equations 2 to 14; the articulation
terms are ours (they weigh what the eye reads: aperture, rounding, f and v).
"""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional

from medtalk_live.model.disentangle import Disentangler
from medtalk_live.model.encoders.streaming import CUES
from medtalk_live.rig.articulation import labiodental_contact, lip_aperture, lip_rounding
from medtalk_live.rig.controls import pseudo_intensity

LAMBDA_SIMILARITY = 0.1
LAMBDA_INTENSITY = 0.1


def cosine_distance(a: Tensor, b: Tensor) -> Tensor:
    """``1 - cos`` of two sequences, flattened."""
    return 1 - functional.cosine_similarity(a.flatten(), b.flatten(), dim=0)


def self_reconstruction(face: Disentangler, x: Tensor) -> Tensor:
    """Equation 2: a face is put together from its own parts."""
    return functional.mse_loss(face.decode(face.emotion(x), face.content(x)), x)


def cross_terms(
    face: Disentangler, x11: Tensor, x12: Tensor, x21: Tensor, x22: Tensor
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Equation 3: the four reconstruction losses of the 2x2 swap.

    ``x_ce`` is content c with emotion e. Two faces that share neither are
    taken apart; each pairing of their parts must give the face that has both
    (the public implementation's form: ``x12`` and ``x21`` are targets only).

    Args:
        face: E_e, E_c and D.
        x11: First content, first emotion, (..., N).
        x12: First content, second emotion.
        x21: Second content, first emotion.
        x22: Second content, second emotion.

    Returns:
        The terms of x11, x21, x12 and x22, in the public implementation's order.
    """
    e1, c1, e2, c2 = face.emotion(x11), face.content(x11), face.emotion(x22), face.content(x22)
    pairings = ((e1, c1, x11), (e1, c2, x21), (e2, c1, x12), (e2, c2, x22))
    first, second, third, fourth = (
        functional.mse_loss(face.decode(emotion, content), target)
        for emotion, content, target in pairings
    )
    return first, second, third, fourth


def cycle_terms(face: Disentangler, x11: Tensor, x22: Tensor) -> tuple[Tensor, Tensor]:
    """Equation 4: two swaps lead back to where they began."""
    e1, c1, e2, c2 = face.emotion(x11), face.content(x11), face.emotion(x22), face.content(x22)
    y12, y21 = face.decode(e2, c1), face.decode(e1, c2)
    back11 = face.decode(face.emotion(y21), face.content(y12))
    back22 = face.decode(face.emotion(y12), face.content(y21))
    return functional.mse_loss(back11, x11), functional.mse_loss(back22, x22)


def recovery(
    controls: Tensor, target: Tensor, embedding: Tensor, wanted: Tensor
) -> dict[str, Tensor]:
    """The loss that stages 2 to 4 share: the face comes back, and so does its embedding.

    Args:
        controls: R_hat (..., N).
        target: R.
        embedding: Of the guiding modality (..., D).
        wanted: The same, read off R by the frozen encoder.

    Returns:
        ``recon``, ``sim`` and their weighted sum ``total`` (equations 6, 11 and 14).
    """
    recon = functional.mse_loss(controls, target)
    similarity = cosine_distance(embedding, wanted)
    total = recon + LAMBDA_SIMILARITY * similarity
    return {"recon": recon, "sim": similarity, "total": total}


def intensity_loss(controls: Tensor, target: Tensor) -> Tensor:
    """Squared error of the pseudo-intensity (equation 10)."""
    return functional.mse_loss(pseudo_intensity(controls), pseudo_intensity(target))


def articulation(predicted: Tensor, target: Tensor) -> Tensor:
    """Squared errors of aperture, rounding and labiodental contact, each over its variance."""
    total = predicted.new_zeros(())
    for measure, variance in (
        (lip_aperture, 0.02),
        (lip_rounding, 0.08),
        (labiodental_contact, 0.02),
    ):
        total = total + functional.mse_loss(measure(predicted), measure(target)) / variance
    return total


CUE_WEIGHTS = {"bilabial": 3.0, "labiodental": 1.5}
"""Closures are rare and are what the eye misses first; other cues weigh 1."""


def cue_loss(logits: Tensor, targets: Tensor) -> Tensor:
    """Cross-entropy of the articulation cues (..., C), mean over frames and cues."""
    weights = logits.new_tensor([CUE_WEIGHTS.get(name, 1.0) for name in CUES])
    return functional.binary_cross_entropy_with_logits(logits, targets, weights)


def motion(predicted: Tensor, target: Tensor) -> Tensor:
    """Squared error of the frame-to-frame movement (B, T, N), each control on its own scale.

    Lips move below 12 Hz: what a network adds above that is noise, and this
    is where it shows.
    """
    moved, wanted = predicted.diff(dim=1), target.diff(dim=1)
    scale = wanted.detach().var(dim=(0, 1)) + 3e-4
    return ((moved - wanted) ** 2 / scale).mean()

"""What the stages of the starter minimise: exchanged faces, speech, guidance.

Every function gives named terms with their ``total``; what a stage keeps
frozen is up to its run. Pure torch. Source: MEDTalk, equations 2 to 14;
phones, cues and articulation are ours.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from medtalk_live.model.disentangle import Disentangler
from medtalk_live.training import losses
from medtalk_live.training.batches import Batch
from medtalk_live.training.faces import Quad
from medtalk_live.training.networks import LATE_FRAMES, StarterNetwork
from medtalk_live.training.trainer import Losses


def face_losses(face: Disentangler, quad: Quad) -> Losses:
    """Equations 2 to 4: self, overlap and cycle exchange, and the articulation of a swap."""
    own = losses.self_reconstruction(face, torch.cat((quad.x11, quad.x22)))
    cross = torch.stack(losses.cross_terms(face, quad.x11, quad.x12, quad.x21, quad.x22)).mean()
    cycle = torch.stack(losses.cycle_terms(face, quad.x11, quad.x22)).mean()
    shape = losses.articulation(
        face.decode(face.emotion(quad.x12), face.content(quad.x22)), quad.x22
    )
    total = own + cross + cycle + 0.003 * shape
    return {"total": total, "self": own, "overlap": cross, "cycle": cycle}


def content_losses(network: StarterNetwork, batch: Batch, turn: int) -> Losses:
    """Losses of stage 2 on one batch, averaged over the look-aheads.

    The decoder is the dearest part, so the look-aheads take turns at it:
    ``turn`` counts batches.
    """
    sums: dict[str, Tensor] = {}
    emotion = network.face.emotion(batch.controls)
    truth = network.face.content(batch.controls)
    answers = network.encoder(batch.features)
    for late, (content, cues, phones) in zip(LATE_FRAMES, answers, strict=True):
        terms = {
            "match": losses.cosine_distance(_delay(truth, late), content),
            "cues": losses.cue_loss(cues, _delay(batch.cues, late)),
            "phones": phone_loss(phones, batch, round(late)),
        }
        for name, value in terms.items():
            sums[name] = sums.get(name, 0.0) + value / len(LATE_FRAMES)
    chosen = turn % len(LATE_FRAMES)
    late = LATE_FRAMES[chosen]
    got = network.face.decode(_delay(emotion, late), answers[chosen][0])
    target = _delay(batch.controls, late)
    sums["recon"] = weighted_reconstruction(got, target)
    sums["shape"] = losses.articulation(got, target)
    sums["motion"] = losses.motion(got, target)
    total = (
        sums["recon"]
        + 0.4 * sums["shape"]
        + 0.1 * sums["motion"]
        + losses.LAMBDA_SIMILARITY * sums["match"]
        + 0.7 * sums["cues"]
        + 0.25 * sums["phones"]
    )
    return {"total": total, **sums}


def weighted_reconstruction(got: Tensor, target: Tensor) -> Tensor:
    """Squared error with every control on its own scale, so that small lip controls count."""
    scale = target.detach().var(dim=(0, 1)) + 0.003
    return ((got - target) ** 2 / scale).mean()


def phone_loss(logits: Tensor, batch: Batch, late: int) -> Tensor:
    """Cross-entropy against labels, and against the teacher where it gave its word."""
    T = logits.shape[1] - late
    heard, classes = logits[:, late:], batch.classes[:, :T]
    hard = functional.cross_entropy(
        heard.reshape(-1, heard.shape[-1]), classes.reshape(-1), ignore_index=-1
    )
    soft = -(batch.posteriors[:, :T] * heard.log_softmax(-1)).sum(-1)
    share = batch.has_posteriors[:, None]
    return 0.5 * hard + 0.5 * (soft * share).sum() / (share.sum() * T + 1.0)


def guided_losses(
    face: Disentangler, quad: Quad, guidance: Tensor, network: StarterNetwork
) -> Losses:
    """Equations 10 to 14: the second content in the second emotion, from its guidance."""
    T = quad.x22.shape[1]
    fused = network.fuse(guidance, quad.intensity[1][:, None])[:, None].expand(-1, T, -1)
    got = face.decode(fused, face.content(quad.x22))
    recon = functional.mse_loss(got, quad.x22)
    match = losses.cosine_distance(face.emotion(quad.x22), fused)
    strength = losses.intensity_loss(got, quad.x22)
    total = recon + losses.LAMBDA_SIMILARITY * match + losses.LAMBDA_INTENSITY * strength
    return {"total": total, "recon": recon, "match": match, "strength": strength}


def _delay(x: Tensor, frames: float) -> Tensor:
    """Rows (B, T, ...) as they were ``frames`` (not whole) earlier; the first row is repeated."""
    whole = int(frames)
    part = frames - whole

    def shift(n: int) -> Tensor:
        return torch.cat((x[:, :1].expand(-1, n, -1), x[:, : x.shape[1] - n]), dim=1) if n else x

    return shift(whole) if part == 0 else torch.lerp(shift(whole), shift(whole + 1), part)

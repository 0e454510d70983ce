"""The run that makes an official model: MEDTalk's four stages as published.

Stage 1 cross-reconstruction in its order (self, overlap of content and
emotion, cycle), stage 2 the audio content mapping, stage 3 label guidance at
the intensity of voice and words, stage 4 guidance by description and picture.
Every stage goes on where it stopped. Trainer's thread; under ``torchrun`` in
every process. Source: MEDTalk, sections 3.2 to 3.5 and 4.1.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from medtalk_live.training import distributed, official_losses
from medtalk_live.training.features import Features, Spoken
from medtalk_live.training.learner import Learner
from medtalk_live.training.losses import (
    LAMBDA_INTENSITY,
    LAMBDA_SIMILARITY,
    self_reconstruction,
)
from medtalk_live.training.overlap import OverlapFaces
from medtalk_live.training.trainer import Losses, Schedule, Trainer

ABLATIONS = ("overlap", "cycle", "disentangling", "intensity", "text")
ORDERS = ("together", "published")
_CONTENT = "audio_content_map."
_LEARNED_PROMPTS = tuple(
    f"by_prompt.{name}." for name in ("clip_text_map", "clip_image_map", "semantic_emotion_map")
)


@dataclass(frozen=True, slots=True)
class OfficialConfig:
    """Settings of the run; the defaults are the paper's, see ``official.yaml``.

    Attributes:
        seed: Of weights, order and dropout.
        latent: D.
        heads: Of the cross-modality fusion.
        accumulate: Sequences of stage 1 before each step.
        stretch_frames: Frames of a sequence in stage 1, 0 for the whole.
        overlap_contents: Contents acted in seven emotions, 0 for all of the corpus.
        face_epochs: Of each part of stage 1.
        overlap_order: ``together`` draws same content and same emotion in every
            step; ``published`` takes one after the other, as the public script does.
        without: Ablations, of ``ABLATIONS``.
    """

    seed: int = 7
    latent: int = 256
    heads: int = 8
    accumulate: int = 10
    stretch_frames: int = 0
    overlap_contents: int = 300
    clips: int = 0
    face_epochs: int = 15
    overlap_order: str = "together"
    face_rate: float = 1e-4
    face_decay: float = 0.995
    content_epochs: int = 10
    content_rate: float = 1e-3
    content_decay: float = 0.9
    label_epochs: int = 20
    label_rate: float = 1e-3
    label_decay: float = 0.9
    prompt_epochs: int = 15
    prompt_rate: float = 1e-3
    prompt_decay: float = 0.9
    without: Sequence[str] = ()

    def __post_init__(self) -> None:
        """Refuse an ablation or an order that there is not."""
        if self.overlap_order not in ORDERS:
            raise ValueError(f"overlap_order is {self.overlap_order!r}, not {' or '.join(ORDERS)}")
        if unknown := sorted(set(self.without) - set(ABLATIONS)):
            raise ValueError(f"'{unknown[0]}' is no ablation: there are {', '.join(ABLATIONS)}")


@dataclass(frozen=True, slots=True)
class Run:
    """One training run.

    Attributes:
        learner: What learns.
        config: Its settings.
        folder: For states and logs.
        device: Where it computes.
    """

    learner: Learner
    config: OfficialConfig
    folder: Path
    device: torch.device

    def lacks(self, ablation: str) -> bool:
        """Whether the run goes without one of ``ABLATIONS``."""
        return ablation in self.config.without

    def stage(
        self,
        name: str,
        parts: tuple[str, ...],
        terms: Callable[[int], Losses],
        draws: int,
        epochs: int,
        rate: float,
        decay: float,
        accumulate: int = 1,
    ) -> None:
        """Train the parts whose names begin so, the rest frozen; ``draws`` make an epoch."""
        self.learner.requires_grad_(False)
        learns = self.learner.part(*parts)
        for parameter in learns:
            parameter.requires_grad_(True)
        self.learner.train()
        together = accumulate * distributed.size()
        schedule = Schedule(
            steps=math.ceil(draws * epochs / together),
            rate=rate,
            warmup=0,
            decay_from=1.0,
            accumulate=accumulate,
            clip=math.inf,
            weight_decay=0.0,
            epoch=math.ceil(draws / together),
            decay=decay,
        )
        Trainer(name, self.learner, learns, schedule, self.folder).run(terms)
        self.learner.eval()


def train_face(run: Run, faces: OverlapFaces) -> None:
    """Stage 1, equations 2 to 4, one after another; nothing without disentangling."""
    if run.lacks("disentangling"):
        return
    face, config = run.learner, run.config
    # stretches are equally long, so what would be accumulated goes through at once
    together = config.accumulate if config.stretch_frames else 1

    def batch(number: int) -> range:
        return range(number * together, (number + 1) * together)

    def own(number: int) -> Losses:
        return {"total": self_reconstruction(face, faces.one(batch(number)).to(run.device))}

    def content(number: int) -> Losses:
        first, second = (x.to(run.device) for x in faces.same_content(batch(number)))
        return official_losses.overlap_loss(face, first, second, first, second)

    def emotion(number: int) -> Losses:
        first, second = (x.to(run.device) for x in faces.same_emotion(batch(number)))
        return official_losses.overlap_loss(face, first, first, second, second)

    def both(number: int) -> Losses:
        first, second = content(number), emotion(number)
        total = first["total"] + second["total"]
        return {"total": total, "content": first["total"], "emotion": second["total"]}

    def cycle(number: int) -> Losses:
        first, second = (x.to(run.device) for x in faces.nothing_shared(batch(number)))
        return official_losses.cycle_loss(face, first, second)

    phases: dict[str, Callable[[int], Losses]] = {"1a-self": own}
    if not run.lacks("overlap") and config.overlap_order == "together":
        phases["1b-overlap"] = both
    elif not run.lacks("overlap"):
        phases |= {"1b-content": content, "1c-emotion": emotion}
    if not run.lacks("cycle"):
        phases["1d-cycle"] = cycle
    for name, terms in phases.items():
        run.stage(
            name,
            ("emo_encoder.", "cont_encoder.", "decoder."),
            terms,
            max(1, len(faces) // together),
            config.face_epochs,
            config.face_rate,
            config.face_decay,
            config.accumulate // together,
        )


def train_content(run: Run, speech: Features) -> None:
    """Stage 2, equations 5 and 6: the audio content mapping."""
    if run.lacks("disentangling"):
        return

    def terms(number: int) -> Losses:
        spoken = speech.shuffled(number, run.config.seed).to(run.device)
        return official_losses.content_loss(run.learner, heard(run.learner, spoken), spoken.target)

    config = run.config
    run.stage(
        "2-content",
        (_CONTENT,),
        terms,
        len(speech),
        config.content_epochs,
        config.content_rate,
        config.content_decay,
    )


def train_label(run: Run, speech: Features) -> None:
    """Stage 3, equations 7 to 11: label guidance; without disentangling, sound and face as well."""
    whole = run.lacks("disentangling")

    def terms(number: int) -> Losses:
        torch.manual_seed(run.config.seed + number)  # the dropout of a resumed run is the same
        spoken = speech.shuffled(number, run.config.seed).to(run.device)
        emotion = felt(run.learner, spoken, run.config.without)
        content = heard(run.learner, spoken)
        losses = official_losses.label_loss(run.learner, content, emotion, spoken.target)
        return _less(losses, sim=whole, intensity=run.lacks("intensity"))

    config = run.config
    run.stage(
        "3-label",
        ("by_label.", *((_CONTENT, "decoder.") if whole else ())),
        terms,
        len(speech),
        config.label_epochs + (config.content_epochs if whole else 0),
        config.label_rate,
        config.label_decay,
    )


def train_prompt(run: Run, guidance: Features) -> None:
    """Stage 4, equations 12 to 14: guidance by description and picture."""

    def terms(number: int) -> Losses:
        spoken = guidance.shuffled(number, run.config.seed).to(run.device)
        losses = official_losses.prompt_loss(
            run.learner, heard(run.learner, spoken), prompted(run.learner, spoken), spoken.target
        )
        return _less(losses, sim=run.lacks("disentangling"))

    config = run.config
    run.stage(
        "4-prompt",
        _LEARNED_PROMPTS,
        terms,
        len(guidance),
        config.prompt_epochs,
        config.prompt_rate,
        config.prompt_decay,
    )


def heard(learner: Learner, spoken: Spoken) -> Tensor:
    """Content embedding (B, T, D) of the sound."""
    result: Tensor = learner.audio_content_map(spoken.speech)
    return result


def strength(learner: Learner, spoken: Spoken, without: Sequence[str] = ()) -> Tensor:
    """I_t (B, T, 1) of voice and words; 1 throughout without intensity."""
    if "intensity" in without:
        return torch.ones_like(spoken.voice[..., :1])
    words = spoken.no_words if "text" in without else spoken.words
    result: Tensor = learner.by_label.fusion_predictor(spoken.voice, words)
    return result


def felt(learner: Learner, spoken: Spoken, without: Sequence[str] = ()) -> Tensor:
    """Emotion embedding (B, T, D) of the label at the intensity of voice and words."""
    f = learner.by_label.emotion_embedding(spoken.label)
    return learner.by_label.fuse(f, strength(learner, spoken, without))


def prompted(learner: Learner, spoken: Spoken) -> tuple[Tensor, Tensor]:
    """Emotion embeddings (B, T, D) of the description and of the picture."""
    assert spoken.prompts is not None
    guide, (description, picture) = learner.by_prompt, spoken.prompts
    intensity = guide.fusion_predictor(spoken.voice)
    return (
        guide.fuse(guide.clip_text_map(description), intensity),
        guide.fuse(guide.clip_image_map(picture), intensity),
    )


def _less(terms: Losses, *, sim: bool = False, intensity: bool = False) -> Losses:
    """Loss terms whose total leaves out what an ablation goes without."""
    total = terms["total"]
    if sim:
        total = total - LAMBDA_SIMILARITY * terms["sim"]
    if intensity:
        total = total - LAMBDA_INTENSITY * terms["intensity"]
    return {**terms, "total": total}

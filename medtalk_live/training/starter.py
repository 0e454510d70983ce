"""The run that makes the shipped model: MEDTalk's four stages on a licence-clean corpus.

Stage 1 cross-reconstruction (E_e, E_c, D) on the animator's sequences; stage 2
content from speech (in place of ACM on wav2vec2); stage 3 label embedding and
E_fuse; stage 4 the projection of expressions (photos). Every stage goes on
where it stopped. Trainer's thread.
Source: MEDTalk, section 3; stage 2 adds phones, cues and articulation losses.
"""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from medtalk_live.config import from_mapping
from medtalk_live.model.disentangle import Disentangler
from medtalk_live.procedural.labels import Segment, segments_from_labels
from medtalk_live.procedural.phones import PHONE_CLASSES
from medtalk_live.training import losses
from medtalk_live.training.batches import Batch, Batcher
from medtalk_live.training.corpus import load
from medtalk_live.training.examples import Example
from medtalk_live.training.export import export_starter
from medtalk_live.training.faces import FaceSequences, Quad
from medtalk_live.training.networks import LATE_FRAMES, StarterNetwork
from medtalk_live.training.prepare import load_examples, prepare, timed_phones
from medtalk_live.training.trainer import Losses, Schedule, Trainer
from medtalk_live.training.utterance import Recording

FACE_FRAMES = 30
"""Frames of a draw in the stages without sound; their networks see single frames anyway."""


OTHER_SHARE = 0.03
"""Share of a source of speech that the settings do not name."""


@dataclass(frozen=True, slots=True)
class Round:
    """One run of stage 2, from the weights that the rounds before have left.

    Attributes:
        steps: Batches.
        seed: Of the batches.
        rate: Highest learning rate.
        share: How much of its weights joins those that it began from; the mean
            of two runs serves unheard voices better than either.
    """

    steps: int
    seed: int
    rate: float = 1.2e-3
    share: float = 1.0


@dataclass(frozen=True, slots=True)
class StarterConfig:
    """Settings of the run; see ``starter.yaml``."""

    seed: int = 7
    width: int = 192
    dilations: Sequence[int] = (1, 2, 4, 8, 1, 2, 4, 8)
    frames: int = 240
    batch: int = 16
    variants: int = 3
    face_contents: int = 260
    disentangle_steps: int = 4000
    content_rounds: Sequence[Mapping[str, float]] = ({"steps": 9000, "seed": 7},)
    intensity_steps: int = 1500
    guidance_steps: int = 1500
    decay_from: float = 0.1
    copies: dict[str, int] = field(default_factory=dict)
    shares: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """A round that cannot run is refused before the hours of the other stages."""
        self.rounds()

    def rounds(self) -> list[Round]:
        """The rounds of stage 2.

        Raises:
            ConfigError: a round has an unknown setting or lacks one.
        """
        return [from_mapping(Round, row, "content_rounds") for row in self.content_rounds]


def build_network(config: StarterConfig) -> StarterNetwork:
    """A fresh, seeded network."""
    torch.manual_seed(config.seed)
    return StarterNetwork(config.width, tuple(config.dilations))


def train_face(
    network: StarterNetwork, faces: FaceSequences, config: StarterConfig, folder: Path
) -> None:
    """Stage 1: self, overlap and cycle exchange, summed in every step."""
    face = network.face

    def terms(number: int) -> Losses:
        quad = faces.draw(number, 8)
        own = losses.self_reconstruction(face, torch.cat((quad.x11, quad.x22)))
        cross = torch.stack(losses.cross_terms(face, quad.x11, quad.x12, quad.x21, quad.x22)).mean()
        cycle = torch.stack(losses.cycle_terms(face, quad.x11, quad.x22)).mean()
        shape = losses.articulation(
            face.decode(face.emotion(quad.x12), face.content(quad.x22)), quad.x22
        )
        return {
            "total": own + cross + cycle + 0.003 * shape,
            "self": own,
            "overlap": cross,
            "cycle": cycle,
        }

    _run("disentangle", network, network.face, config.disentangle_steps, terms, folder, rate=1e-3)


def train_content(
    network: StarterNetwork, examples: Sequence[Example], config: StarterConfig, folder: Path
) -> None:
    """Stage 2: the speech encoder, for every look-ahead at once; the face stays as it is."""
    fit_normalisation(network, examples)
    network.face.requires_grad_(False)
    for number, one in enumerate(config.rounds()):
        before = copy.deepcopy(network.encoder.state_dict())
        _train_round(network, examples, config, one, f"content-{number + 1}", folder)
        mixed = network.encoder.state_dict()
        network.encoder.load_state_dict(
            {name: torch.lerp(before[name], mixed[name], one.share) for name in mixed}
        )
    network.face.requires_grad_(True)


def _train_round(
    network: StarterNetwork,
    examples: Sequence[Example],
    config: StarterConfig,
    one: Round,
    name: str,
    folder: Path,
) -> None:
    weights = source_weights(examples, config.shares)
    batcher = Batcher(examples, weights, config.frames, config.batch, len(PHONE_CLASSES), one.seed)

    def terms(number: int) -> Losses:
        return content_losses(network, batcher.draw(number), number)

    _run(
        name,
        network,
        network.encoder,
        one.steps,
        terms,
        folder,
        rate=one.rate,
        average=0.998,
        decay_from=config.decay_from,
    )


def source_weights(examples: Sequence[Example], shares: Mapping[str, float]) -> dict[str, float]:
    """Sampling weight of a frame of each source, so that a draw comes from it with its share.

    A source that ``shares`` does not name gets ``OTHER_SHARE``.
    """
    frames = Counter[str]()
    for example in examples:
        frames[example.source] += len(example.features)
    return {source: shares.get(source, OTHER_SHARE) / count for source, count in frames.items()}


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


def train_intensity(
    network: StarterNetwork, faces: FaceSequences, config: StarterConfig, folder: Path
) -> None:
    """Stage 3: label embedding and E_fuse, at every strength from none to double."""
    learns = nn.ModuleList((network.emotion_embedding, network.semantic_emotion_map))
    face = network.face

    def terms(number: int) -> Losses:
        quad = faces.draw(number, 8)
        return guided_losses(face, quad, network.label_guidance(quad.labels[1]), network)

    _run("intensity", network, learns, config.intensity_steps, terms, folder, rate=1e-3)


def train_guidance(
    network: StarterNetwork, faces: FaceSequences, config: StarterConfig, folder: Path
) -> None:
    """Stage 4: an expression given as controls reaches the same embedding as its label."""
    face = network.face

    def terms(number: int) -> Losses:
        quad = faces.draw(number, 8)
        # the expression of the first content guides the second: what it says must not matter
        guide = network.expression_map(quad.x12.mean(dim=1))
        return guided_losses(face, quad, guide, network)

    learns = network.expression_map
    _run("guidance", network, learns, config.guidance_steps, terms, folder, rate=1e-3)


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


def fit_normalisation(network: StarterNetwork, examples: Sequence[Example]) -> None:
    """Set the encoder's feature mean and scale from the corpus."""
    rows = torch.cat([torch.from_numpy(e.features[::20]) for e in examples]).float()
    network.encoder.mean.copy_(rows.mean(0))
    network.encoder.scale.copy_(1 / (rows.std(0) + 1e-3))


def _delay(x: Tensor, frames: float) -> Tensor:
    """Rows (B, T, ...) as they were ``frames`` (not whole) earlier; the first row is repeated."""
    whole = int(frames)
    part = frames - whole

    def shift(n: int) -> Tensor:
        return torch.cat((x[:, :1].expand(-1, n, -1), x[:, : x.shape[1] - n]), dim=1) if n else x

    return shift(whole) if part == 0 else torch.lerp(shift(whole), shift(whole + 1), part)


def _run(
    name: str,
    network: nn.Module,
    learns: nn.Module,
    steps: int,
    terms: Callable[[int], Losses],
    folder: Path,
    *,
    rate: float,
    average: float = 0.99,
    decay_from: float = 0.6,
) -> None:
    schedule = Schedule(steps=steps, rate=rate, decay_from=decay_from, average=average)
    Trainer(name, network, list(learns.parameters()), schedule, folder).run(terms)


def train(
    corpus: Path,
    folder: Path,
    config: StarterConfig,
    version: str,
    progress: Callable[[int, int], None] | None = None,
) -> Path:
    """Examples, the four stages one after another, export; what is done already is not redone.

    Args:
        corpus: Built by ``training.corpus``.
        folder: Where examples, states, logs and at the end ``model/`` go.
        config: See ``starter.yaml``.
        version: Of the checkpoint.
        progress: Of the examples, called with (done, of).

    Returns:
        The model folder.
    """
    recordings = load(corpus)
    copies = {r.source: config.copies.get(r.source, config.variants) for r in recordings}
    prepare(recordings, folder / "examples", copies, progress)
    network = build_network(config)
    faces = FaceSequences(_contents(recordings, config), FACE_FRAMES, config.seed)
    train_face(network, faces, config, folder)
    train_intensity(network, faces, config, folder)
    train_guidance(network, faces, config, folder)
    train_content(network, list(load_examples(folder / "examples")), config, folder)
    training = {"config": asdict(config), "minutes": _minutes(recordings)}
    return export_starter(network, folder / "model", version, training)


def _minutes(recordings: Sequence[Recording]) -> dict[str, float]:
    """Minutes of training speech by source."""
    minutes: dict[str, float] = {}
    for recording in recordings:
        if recording.split == "train" and timed_phones(recording) is not None:
            minutes[recording.source] = (
                minutes.get(recording.source, 0.0) + recording.duration_s / 60
            )
    return {name: round(value, 1) for name, value in sorted(minutes.items())}


def _contents(recordings: Sequence[Recording], config: StarterConfig) -> list[list[Segment]]:
    """Timed phones of a seeded choice of recordings, every source with its share."""
    known = [(r, labels) for r in recordings if (labels := timed_phones(r)) is not None]
    known = [(r, labels) for r, labels in known if r.split == "train" and r.duration_s < 12]
    chosen = np.random.default_rng(config.seed).permutation(len(known))[: config.face_contents]
    return [
        segments_from_labels(known[i][1][0], known[i][1][1], known[i][0].duration_s) for i in chosen
    ]

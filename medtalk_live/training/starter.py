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
from numpy.typing import NDArray
from torch import nn

from medtalk_live.config import from_mapping
from medtalk_live.procedural.labels import Segment, segments_from_labels
from medtalk_live.procedural.phones import PHONE_CLASSES
from medtalk_live.training.batches import Batcher
from medtalk_live.training.corpus import load
from medtalk_live.training.examples import Example
from medtalk_live.training.export import export_starter
from medtalk_live.training.faces import FaceSequences
from medtalk_live.training.networks import StarterNetwork
from medtalk_live.training.prepare import load_examples, prepare, timed_phones
from medtalk_live.training.starter_losses import content_losses, face_losses, guided_losses
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
        batch: Stretches in each.
        rate: Highest learning rate.
        share: How much of its weights joins those that it began from; the mean
            of two runs serves unheard voices better than either.
    """

    steps: int
    seed: int
    batch: int = 8
    rate: float = 1.2e-3
    share: float = 1.0


@dataclass(frozen=True, slots=True)
class StarterConfig:
    """Settings of the run; see ``starter.yaml``."""

    seed: int = 7
    width: int = 192
    dilations: Sequence[int] = (1, 2, 4, 8, 1, 2, 4, 8)
    frames: int = 240
    variants: int = 3
    face_contents: int = 260
    disentangle_steps: int = 4000
    content_rounds: Sequence[Mapping[str, float]] = ({"steps": 9000, "seed": 7},)
    intensity_steps: int = 1500
    guidance_steps: int = 1500
    decay_from: float = 0.1
    copies: dict[str, int] = field(default_factory=dict)
    shares: dict[str, float] = field(default_factory=dict)
    clean: float = 0.5

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
        return face_losses(face, faces.draw(number, 8).to(network.device))

    _run("disentangle", network, face, config.disentangle_steps, terms, folder, rate=1e-3)


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
    drawn = chances(examples, config.shares, config.clean)
    batcher = Batcher(examples, drawn, config.frames, one.batch, len(PHONE_CLASSES), one.seed)

    def terms(number: int) -> Losses:
        return content_losses(network, batcher.draw(number).to(network.device), number)

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


def chances(
    examples: Sequence[Example], shares: Mapping[str, float], clean: float
) -> NDArray[np.float64]:
    """Chance of each example (n,) to be drawn: every second of a part of a source has the same.

    Args:
        examples: All of them.
        shares: Of each source; one that is not named gets ``OTHER_SHARE``.
        clean: What a source's unaltered recordings get of its share.
    """
    frames = Counter[tuple[str, bool]]()
    for example in examples:
        frames[example.source, example.altered] += len(example.features)

    def chance(example: Example) -> float:
        part = 1.0
        if frames[example.source, not example.altered]:
            part = 1.0 - clean if example.altered else clean
        share = shares.get(example.source, OTHER_SHARE)
        return share * part * len(example.features) / frames[example.source, example.altered]

    found = np.asarray([chance(example) for example in examples], np.float64)
    found /= found.sum()
    return found


def train_intensity(
    network: StarterNetwork, faces: FaceSequences, config: StarterConfig, folder: Path
) -> None:
    """Stage 3: label embedding and E_fuse, at every strength from none to double."""
    learns = nn.ModuleList((network.emotion_embedding, network.semantic_emotion_map))
    face = network.face

    def terms(number: int) -> Losses:
        quad = faces.draw(number, 8).to(network.device)
        return guided_losses(face, quad, network.label_guidance(quad.labels[1]), network)

    _run("intensity", network, learns, config.intensity_steps, terms, folder, rate=1e-3)


def train_guidance(
    network: StarterNetwork, faces: FaceSequences, config: StarterConfig, folder: Path
) -> None:
    """Stage 4: an expression given as controls reaches the same embedding as its label."""
    face = network.face

    def terms(number: int) -> Losses:
        quad = faces.draw(number, 8).to(network.device)
        # the expression of the first content guides the second: what it says must not matter
        guide = network.expression_map(quad.x12.mean(dim=1))
        return guided_losses(face, quad, guide, network)

    learns = network.expression_map
    _run("guidance", network, learns, config.guidance_steps, terms, folder, rate=1e-3)


def fit_normalisation(network: StarterNetwork, examples: Sequence[Example]) -> None:
    """Set the encoder's feature mean and scale from the corpus."""
    rows = torch.cat([torch.from_numpy(e.features[::20]) for e in examples]).float()
    network.encoder.mean.copy_(rows.mean(0))
    network.encoder.scale.copy_(1 / (rows.std(0) + 1e-3))


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
    device: str = "cpu",
) -> Path:
    """Examples, the four stages one after another, export; what is done already is not redone.

    Args:
        corpus: Built by ``training.corpus``.
        folder: Where examples, states, logs and at the end ``model/`` go.
        config: See ``starter.yaml``.
        version: Of the checkpoint.
        progress: Of the examples, called with (done, of).
        device: ``cpu`` or ``cuda``.

    Returns:
        The model folder.
    """
    recordings = load(corpus)
    copies = {r.source: config.copies.get(r.source, config.variants) for r in recordings}
    prepare(recordings, folder / "examples", copies, progress)
    network = build_network(config).to(device)
    faces = FaceSequences(contents_of(recordings, config), FACE_FRAMES, config.seed)
    train_face(network, faces, config, folder)
    train_intensity(network, faces, config, folder)
    train_guidance(network, faces, config, folder)
    train_content(network, list(load_examples(folder / "examples")), config, folder)
    training = {"config": asdict(config), "minutes": minutes_of(recordings, config.shares)}
    return export_starter(network.cpu(), folder / "model", version, training)


def minutes_of(recordings: Sequence[Recording], shares: Mapping[str, float]) -> dict[str, float]:
    """Minutes of speech by source, without those that nothing is drawn from."""
    minutes: dict[str, float] = {}
    for recording in recordings:
        drawn = recording.split == "train" and shares.get(recording.source, OTHER_SHARE) > 0.0
        if drawn and timed_phones(recording) is not None:
            minutes[recording.source] = (
                minutes.get(recording.source, 0.0) + recording.duration_s / 60
            )
    return {name: round(value, 1) for name, value in sorted(minutes.items())}


def contents_of(recordings: Sequence[Recording], config: StarterConfig) -> list[list[Segment]]:
    """Timed phones of a seeded choice of recordings, every source with its share."""
    known = [(r, labels) for r in recordings if (labels := timed_phones(r)) is not None]
    known = [(r, labels) for r, labels in known if r.split == "train" and r.duration_s < 12]
    chosen = np.random.default_rng(config.seed).permutation(len(known))[: config.face_contents]
    return [
        segments_from_labels(known[i][1][0], known[i][1][1], known[i][0].duration_s) for i in chosen
    ]

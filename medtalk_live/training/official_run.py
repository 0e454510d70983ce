"""From folders to an official model: data, encoders, the four stages, export.

What ``medtalk-live train official`` calls. The frozen encoders go over the
data once, the stages run one after another, the curves are drawn, and the
result is written in the authors' four files and imported like theirs.
Trainer's thread; under ``torchrun`` in every process, the first one writes.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from medtalk_live.errors import TrainingError
from medtalk_live.model.importing import import_folder
from medtalk_live.training import distributed
from medtalk_live.training.clips import Clip, guidance_clips, speech_clips
from medtalk_live.training.features import Encoders, Features
from medtalk_live.training.learner import Learner, Widths, fresh
from medtalk_live.training.official import (
    OfficialConfig,
    Run,
    train_content,
    train_face,
    train_label,
    train_prompt,
)
from medtalk_live.training.overlap import OverlapFaces, overlap_contents
from medtalk_live.training.plots import plot_curves
from medtalk_live.training.pretrained import Pretrained

ProgressOf = Callable[[str], Callable[[int, int], None]]


@dataclass(frozen=True, slots=True)
class Data:
    """Where the training data lies; see ``docs/official_training.md``.

    Attributes:
        speech: Pairs of sound and face with labels, stages 2 and 3.
        overlap: The same contents in seven emotions, or a corpus to act, stage 1.
        guidance: Pairs with pictures and descriptions, stage 4.
    """

    speech: Path
    overlap: Path
    guidance: Path


def train_official(
    data: Data,
    folder: Path,
    config: OfficialConfig,
    pretrained: Pretrained,
    progress: ProgressOf | None = None,
    device: str = "cpu",
) -> Path:
    """Train, export, import; what is done already is not redone.

    Args:
        data: The folders.
        folder: Gets features, states, logs, curves.png, ``checkpoints/`` and ``model/``.
        config: See ``official.yaml``.
        pretrained: The frozen parts.
        progress: Gives a (done, of) callback for a piece of work.
        device: ``cpu`` or ``cuda``.

    Returns:
        The model folder.

    Raises:
        TrainingError: data or a state cannot be used.
    """
    learner = learn(data, folder, config, pretrained, progress, device)
    if distributed.is_first():
        plot_curves(folder, folder / "curves.png")
        saved = save_checkpoints(learner.states(), pretrained, config, folder / "checkpoints")
        import_folder(saved, folder / "model")
    return folder / "model"


def learn(
    data: Data,
    folder: Path,
    config: OfficialConfig,
    encoders: Encoders,
    progress: ProgressOf | None = None,
    device: str = "cpu",
    features: Path | None = None,
) -> Learner:
    """The four stages over any frozen encoders; see ``train_official``.

    Args:
        data: The folders.
        folder: Gets states and logs.
        config: See ``official.yaml``.
        encoders: The frozen parts.
        progress: Gives a (done, of) callback for a piece of work.
        device: ``cpu`` or ``cuda``.
        features: Where the encoders' answers are kept; ``folder/features`` if None.
    """
    shown = progress or (lambda what: lambda done, total: None)
    kept = features or folder / "features"
    clips = _chosen(speech_clips(data.speech), config)
    pairs = _chosen(guidance_clips(data.guidance), config)
    speech = Features(clips, kept / "speech", encoders, shown("speech features"))
    guidance = Features(pairs, kept / "guidance", encoders, shown("guidance features"))
    widths = _widths(speech, guidance, config)
    run = Run(
        fresh(widths, config.seed).to(torch.device(device)), config, folder, torch.device(device)
    )
    contents = overlap_contents(
        data.overlap, config.overlap_contents, config.seed, shown("overlap data")
    )
    train_face(run, OverlapFaces(contents, config.seed, config.stretch_frames))
    train_content(run, speech)
    train_label(run, speech)
    train_prompt(run, guidance)
    return run.learner


def _chosen(clips: list[Clip], config: OfficialConfig) -> list[Clip]:
    """All clips, or a seeded choice of ``config.clips``."""
    order = np.random.default_rng(config.seed).permutation(len(clips))
    return [clips[place] for place in sorted(order[: config.clips or None])]


def _widths(speech: Features, guidance: Features, config: OfficialConfig) -> Widths:
    spoken, shown = speech[0], guidance[0]
    assert shown.prompts is not None
    voice, word = spoken.voice.shape[-1], spoken.words.shape[-1]
    if voice != word:
        raise TrainingError(
            f"the voice has {voice} features and a word has {word}: "
            "MEDTalk fuses encoders of equal width"
        )
    return Widths(
        spoken.speech.shape[-1],
        spoken.voice.shape[-1],
        shown.prompts[0].shape[-1],
        config.latent,
        config.heads,
    )


def save_checkpoints(
    states: Mapping[str, Mapping[str, Tensor]],
    pretrained: Pretrained,
    config: OfficialConfig,
    folder: Path,
) -> Path:
    """Write the authors' four files and ``config.json``, as ``models import`` reads them.

    Args:
        states: What was learned, by stem.
        pretrained: The frozen parts that belong in the files.
        config: Of the run.
        folder: Made if missing.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for stem, state in states.items():
        part = folder / f"{stem}.part"
        torch.save({**state, **pretrained.of_file(stem)}, part)
        part.replace(folder / f"{stem}.pth")
    branch = "published" if "text" in config.without else "transcript"
    settings = {**pretrained.config, "fusion_heads": config.heads, "text_branch": branch}
    (folder / "config.json").write_text(json.dumps(settings, indent=2), encoding="utf-8")
    return folder

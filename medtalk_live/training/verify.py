"""Number for number: this implementation against what the public one computed.

Reads a reference folder (config.json, the four checkpoints, io.npz,
losses.json), runs the raw networks on its inputs, and compares every output
and every loss. Any thread; seconds. Source: the contract of ``models verify``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from medtalk_live.engine.limits import savitzky_golay
from medtalk_live.errors import CheckpointError
from medtalk_live.model import authors
from medtalk_live.model.disentangle import Disentangler
from medtalk_live.model.medtalk import LabelNetwork, PromptNetwork, label_index
from medtalk_live.model.streaming import LABELS
from medtalk_live.rig.controls import FloatArray, pseudo_intensity
from medtalk_live.training import official_losses
from medtalk_live.training.losses import (
    cross_terms,
    cycle_terms,
    self_reconstruction,
)

OUTPUT_TOLERANCE = 1e-4
"""Absolute: what two float32 implementations of the same sums may differ by."""
LOSS_TOLERANCE = 1e-5
"""Relative."""
_SMOOTHED = 3

Arrays = dict[str, FloatArray]


@dataclass(frozen=True, slots=True)
class Row:
    """One output or loss beside its reference.

    Attributes:
        name: As in the reference; losses begin with ``loss_``.
        difference: Largest absolute difference; NaN where the shapes differ.
        limit: What is tolerated.
    """

    name: str
    difference: float
    limit: float

    @property
    def agrees(self) -> bool:
        """Whether it is within the limit (NaN never is)."""
        return self.difference <= self.limit


def verify(folder: Path) -> tuple[Arrays, list[Row]]:
    """Compute a reference folder's outputs anew and compare them.

    Returns:
        Outputs by name, and one row for each that the reference holds.

    Raises:
        CheckpointError: a file is missing, foreign or broken.
        MissingExtraError: a library of the official model is not installed.
    """
    inputs, wanted = _reference(folder)
    computed = compute(folder, inputs)
    missing = sorted(set(wanted) - set(computed))
    if missing:
        raise CheckpointError(
            f"{folder} expects '{missing[0]}', which this release does not compute: "
            "update medtalk-live"
        )
    return computed, [_row(name, computed[name], value) for name, value in wanted.items()]


@torch.inference_mode()
def compute(folder: Path, inputs: Mapping[str, Tensor]) -> Arrays:
    """Every output and loss on the inputs of ``io.npz``."""
    config = authors.read_config(folder)
    face = authors.load(folder, "cross_recon", config).network
    content = authors.load(folder, "audio_cont", config).network
    label = authors.load(folder, "audio_semantic", config).network
    prompt = authors.load(folder, "clip_emotion", config).network
    target = inputs["train_label"].unsqueeze(0)
    audio, frames = inputs["audio"].unsqueeze(0), target.shape[1]
    outputs, losses = _by_label(label, inputs, audio, target)
    by_prompt, prompt_losses = _by_prompt(prompt, inputs, audio, target)
    spoken = content.spoken_content(audio, frames)
    losses |= face_losses(face, inputs) | prompt_losses
    losses |= _named("acm", official_losses.content_loss(content, spoken, target))
    losses["pseudo_intensity_first5"] = pseudo_intensity(target[0])[:5]
    named = outputs | by_prompt | {f"loss_{name}": value for name, value in losses.items()}
    arrays = {name: value.numpy() for name, value in named.items()}
    arrays[f"label{_SMOOTHED}_smooth"] = savitzky_golay(arrays[f"label{_SMOOTHED}"])
    return arrays


def face_losses(face: Disentangler, inputs: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The losses of stage 1 on ``train_x11`` to ``train_x22``, which name the emotion first."""
    x11, x12, x21, x22 = (inputs[f"train_x{which}"] for which in ("11", "12", "21", "22"))
    cross = torch.stack(cross_terms(face, x11, x12=x21, x21=x12, x22=x22))
    cycle = torch.stack(cycle_terms(face, x11, x22))
    same_content = official_losses.overlap_loss(face, x11, x12=x21, x21=x11, x22=x21)
    same_emotion = official_losses.overlap_loss(face, x11, x12=x11, x21=x12, x22=x12)
    return {
        "self": self_reconstruction(face, x11),
        "cross_terms": cross,
        "cross_total": cross.sum(),
        "overlap_content_total": same_content["total"],
        "overlap_emotion_total": same_emotion["total"],
        "cycle_terms": cycle,
        "cycle_total": cycle.sum(),
    }


def _by_label(
    network: LabelNetwork, inputs: Mapping[str, Tensor], audio: Tensor, target: Tensor
) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
    frames = target.shape[1]
    spoken = network.spoken_content(audio, frames)
    intensity = network.intensity(
        inputs["emotion2vec"].unsqueeze(0), inputs["text_ids"].unsqueeze(0), frames
    )
    emotions = [network.emotion_of(label_index(index), intensity) for index in range(len(LABELS))]
    outputs = {
        f"label{index}": network.decode(emotion, spoken)[0]
        for index, emotion in enumerate(emotions)
    }
    loss = official_losses.label_loss(network, spoken, emotions[_SMOOTHED], target)
    return outputs, _named("fim", loss)


def _by_prompt(
    network: PromptNetwork, inputs: Mapping[str, Tensor], audio: Tensor, target: Tensor
) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
    frames = target.shape[1]
    spoken = network.spoken_content(audio, frames)
    intensity = network.intensity(inputs["emotion2vec"].unsqueeze(0), frames)
    by_text = network.fuse(network.text_guidance(inputs["clip_text_ids"]).unsqueeze(1), intensity)
    by_image = network.fuse(network.image_guidance(inputs["clip_pixels"]).unsqueeze(1), intensity)
    outputs = {
        "text": network.decode(by_text, spoken)[0],
        "image": network.decode(by_image, spoken)[0],
    }
    loss = official_losses.prompt_loss(network, spoken, (by_text, by_image), target)
    return outputs, _named("clip", loss)


def _named(stage: str, terms: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {f"{stage}_{name}": value for name, value in terms.items()}


_INPUTS = (
    "audio",
    "emotion2vec",
    "text_ids",
    "clip_text_ids",
    "clip_pixels",
    "train_x11",
    "train_x12",
    "train_x21",
    "train_x22",
    "train_label",
)


def _reference(folder: Path) -> tuple[dict[str, Tensor], Arrays]:
    try:
        with np.load(folder / "io.npz", allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        losses = json.loads((folder / "losses.json").read_text(encoding="utf-8"))
        inputs = {name: torch.from_numpy(arrays.pop(name)) for name in _INPUTS}
    except KeyError as error:
        raise CheckpointError(f"{folder / 'io.npz'} lacks the input {error}") from None
    except (OSError, ValueError) as error:
        raise CheckpointError(
            f"{folder} is no reference folder ({error}): "
            "expected config.json, four .pth files, io.npz and losses.json"
        ) from None
    return inputs, arrays | dict(_flat("loss", losses))


def _flat(prefix: str, value: Any) -> list[tuple[str, FloatArray]]:
    if not isinstance(value, dict):
        return [(prefix, np.asarray(value))]
    return [row for name, part in value.items() for row in _flat(f"{prefix}_{name}", part)]


def _row(name: str, computed: FloatArray, wanted: FloatArray) -> Row:
    limit = OUTPUT_TOLERANCE
    if name.startswith("loss_"):
        limit = LOSS_TOLERANCE * float(np.abs(wanted).max())
    if computed.shape != wanted.shape:
        return Row(name, float("nan"), limit)
    return Row(name, float(np.abs(computed - wanted).max()), limit)

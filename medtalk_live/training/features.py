"""What the frozen encoders say of every clip, computed once and kept on disk.

The stages never change wav2vec2, emotion2vec, RoBERTa or CLIP, so each clip
goes through them once: one file a clip, whole or not at all, and a stopped
run goes on. Processes of a group share the work. Blocks for as long as the
encoders take. Source: MEDTalk, sections 3.3 to 3.5.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from medtalk_live.model.encoders.wav2vec2 import at_frames
from medtalk_live.rig.controls import FloatArray
from medtalk_live.training import distributed
from medtalk_live.training.clips import Clip

Progress = Callable[[int, int], None]


class Encoders(Protocol):
    """The frozen parts. Features come as numpy arrays, a row a frame or a word."""

    def speech(self, samples: FloatArray, frames: int) -> FloatArray:
        """Speech features (T, F) of 16 kHz sound."""
        ...

    def voice(self, samples: FloatArray) -> FloatArray:
        """Emotional features (S, W) at the encoder's own rate."""
        ...

    def words(self, sentence: str | None) -> FloatArray:
        """Features (L, W) of the words; of the published three tokens where there are none."""
        ...

    def description(self, sentence: str) -> FloatArray:
        """Projected feature (P,) of a description."""
        ...

    def picture(self, picture: Image.Image) -> FloatArray:
        """Projected feature (P,) of a picture."""
        ...


@dataclass(frozen=True, slots=True)
class Spoken:
    """One clip as the stages see it; B is 1.

    Attributes:
        target: R (B, T, N).
        speech: (B, T, F).
        voice: (B, T, W).
        words: (B, L, W).
        no_words: The same where nobody knows what is said, (B, L', W).
        label: (B,), -1 where unknown.
        prompts: Features of description and picture, each (B, P); None without them.
    """

    target: Tensor
    speech: Tensor
    voice: Tensor
    words: Tensor
    no_words: Tensor
    label: Tensor
    prompts: tuple[Tensor, Tensor] | None

    def to(self, device: torch.device) -> Spoken:
        """The same on another device."""
        return Spoken(
            target=self.target.to(device),
            speech=self.speech.to(device),
            voice=self.voice.to(device),
            words=self.words.to(device),
            no_words=self.no_words.to(device),
            label=self.label.to(device),
            prompts=self.prompts and (self.prompts[0].to(device), self.prompts[1].to(device)),
        )


class Features:
    """The kept features of a list of clips, in its order.

    Args:
        clips: What to go through.
        folder: Where ``ID.npz`` lie.
        encoders: Asked for what is missing.
        progress: Called with (done, of).
    """

    def __init__(
        self,
        clips: Sequence[Clip],
        folder: Path,
        encoders: Encoders,
        progress: Progress | None = None,
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._paths = [folder / f"{clip.id}.npz" for clip in clips]
        for place in range(distributed.rank(), len(clips), distributed.size()):
            if not self._paths[place].exists():
                _write(self._paths[place], _encoded(clips[place], encoders))
            if progress is not None:
                progress(place + 1, len(clips))
        distributed.wait_for_all()

    def __len__(self) -> int:
        """Number of clips: an epoch."""
        return len(self._paths)

    def __getitem__(self, place: int) -> Spoken:
        """A clip, read from the disk."""
        with np.load(self._paths[place]) as stored:
            arrays = {name: torch.from_numpy(stored[name]).unsqueeze(0) for name in stored.files}
        prompts = (arrays["description"], arrays["picture"]) if "picture" in arrays else None
        return Spoken(
            arrays["target"],
            arrays["speech"],
            arrays["voice"],
            arrays["words"],
            arrays["no_words"],
            arrays["label"].flatten(),
            prompts,
        )

    def shuffled(self, number: int, seed: int) -> Spoken:
        """The clip at a number of the seeded run over all epochs."""
        epoch, place = divmod(number, len(self))
        order = np.random.default_rng((seed, epoch)).permutation(len(self))
        return self[int(order[place])]


def _encoded(clip: Clip, encoders: Encoders) -> dict[str, Any]:
    samples, controls = clip.read()
    frames = len(controls)
    voice = torch.from_numpy(encoders.voice(samples)).float().unsqueeze(0)
    arrays: dict[str, Any] = {
        "target": controls,
        "speech": encoders.speech(samples, frames),
        "voice": at_frames(voice, frames)[0].numpy(),
        "words": encoders.words(clip.words),
        "no_words": encoders.words(None),
        "label": np.int64(-1 if clip.label is None else clip.label),
    }
    if clip.description is not None and clip.picture is not None:
        with Image.open(clip.picture) as picture:
            arrays["picture"] = encoders.picture(picture.convert("RGB"))
        arrays["description"] = encoders.description(clip.description)
    return arrays


def _write(path: Path, arrays: dict[str, Any]) -> None:
    part = path.with_suffix(".part.npz")
    kept: dict[str, Any] = {
        k: v if k == "label" else np.asarray(v, np.float32) for k, v in arrays.items()
    }
    np.savez(part, **kept)
    part.replace(path)

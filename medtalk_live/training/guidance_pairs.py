"""Writes guidance data: ``audio/ rig/ image/ text/`` of equal names, one set a clip.

Both ways to such data end here: talking-head clips (``video.py``) and, where
there are none, clips of a corpus whose faces are drawn. The drawing is handed
in, since it lives on this floor's neighbour. Blocks on the disk.
Source: layout of the MEDTalk authors' RAVDESS data.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import soundfile
from PIL import Image

from medtalk_live.clock import SAMPLE_RATE
from medtalk_live.model.streaming import LABELS
from medtalk_live.rig.controls import FloatArray, pseudo_intensity
from medtalk_live.rig.frames import Curves
from medtalk_live.takes.export import write_txt
from medtalk_live.training.clips import Clip

Draw = Callable[[FloatArray], Image.Image]
_LOOKS = ("angry", "disgusted", "frightened", "happy", "calm", "sad", "surprised")
_DEGREES = ((0.35, "a little"), (0.7, "quite"), (np.inf, "very"))


def write_pair(
    folder: Path,
    name: str,
    samples: FloatArray,
    controls: FloatArray,
    picture: Image.Image,
    description: str,
) -> None:
    """Write one clip's four files; the sound last, since it makes the clip count.

    Args:
        folder: Made if missing.
        name: Of all four files.
        samples: (n,) at 16 kHz.
        controls: (T, 174) at 60 fps.
        picture: The reference image.
        description: Of the expression.
    """
    for kind in ("audio", "rig", "image", "text"):
        (folder / kind).mkdir(parents=True, exist_ok=True)
    frames = len(controls)
    times = np.arange(frames, dtype=np.float32) / np.float32(60)
    curves = Curves(controls, np.zeros((frames, 6), np.float32), times)
    write_txt(curves, folder / "rig" / f"{name}.txt")
    picture.save(folder / "image" / f"{name}.png")
    (folder / "text" / f"{name}.txt").write_text(description + "\n", encoding="utf-8")
    soundfile.write(folder / "audio" / f"{name}.wav", samples, SAMPLE_RATE, subtype="PCM_16")


def drawn_pairs(
    clips: Sequence[Clip],
    folder: Path,
    draw: Draw,
    progress: Callable[[int, int], None] | None = None,
) -> Path:
    """Guidance data of labelled clips, their strongest frame drawn and put in words.

    Args:
        clips: With labels.
        folder: What is there already stays.
        draw: Controls (174,) to a picture.
        progress: Called with (done, of).

    Returns:
        The folder.
    """
    for done, clip in enumerate(clips):
        if not (folder / "audio" / f"{clip.id}.wav").exists():
            samples, controls = clip.read()
            strongest = controls[int(np.argmax(pseudo_intensity(controls)))]
            words = describe(clip.label, float(pseudo_intensity(controls).mean()))
            write_pair(folder, clip.id, samples, controls, draw(strongest), words)
        if progress is not None:
            progress(done + 1, len(clips))
    return folder


def describe(label: int | None, intensity: float) -> str:
    """A sentence on how a face looks."""
    look = _LOOKS[LABELS.index("neutral") if label is None else label]
    degree = next(words for most, words in _DEGREES if intensity < most)
    return f"The person looks {degree} {look}."

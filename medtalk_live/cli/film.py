"""Films of curves with their sound, for ``animate --render`` and ``take render``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from medtalk_live.cli.progress import ProgressBar
from medtalk_live.face.movie import Clip, Sound, Word, render
from medtalk_live.model.encoders.transcriber import TimedWord
from medtalk_live.rig.controls import FloatArray
from medtalk_live.rig.frames import Curves


def render_film(
    clips: Sequence[tuple[Curves, str]],
    sound: tuple[FloatArray, int] | None,
    path: Path,
    words: Sequence[TimedWord] = (),
) -> None:
    """Write a film (mp4), a gif or a contact sheet (png) and say where it is.

    Args:
        clips: Curves and titles; several are shown side by side.
        sound: Samples and rate, heard in an mp4.
        path: Where to; the ending chooses the kind.
        words: Shown while they are said.

    Raises:
        MedTalkError: the ending is none of these, or a package is missing.
    """
    track = None if sound is None else Sound(*sound)
    shown = [Clip(curves, title) for curves, title in clips]
    said = [Word(word.start_seconds, word.end_seconds, word.text) for word in words]
    render(shown, path, track, said, progress=ProgressBar(path.name).count)
    print(path)

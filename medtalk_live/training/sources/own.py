"""Your own recordings: ``SOURCES/own/LANGUAGE/SPEAKER/NAME.wav`` with what is said in ``NAME.txt``.

Aligned like every other source; every twelfth clip of a speaker is held out.
A recording without a text stays in the corpus without phones.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from medtalk_live.training.sources.clips import Clip, ClipCollection

_KINDS = {".wav", ".flac", ".ogg"}
_HELD_OUT_EVERY = 12


def own(folder: Path) -> Iterator[Clip]:
    """List every recording with its speaker, language and text."""
    for speaker in sorted(path for path in folder.glob("*/*") if path.is_dir()):
        recordings = sorted(p for p in speaker.iterdir() if p.suffix.lower() in _KINDS)
        for position, path in enumerate(recordings, 1):
            said = path.with_suffix(".txt")
            yield Clip(
                path,
                speaker.name,
                speaker.parent.name,
                held_out=position % _HELD_OUT_EVERY == 0,
                text=said.read_text(encoding="utf-8").strip() if said.is_file() else None,
            )


SOURCES = (
    ClipCollection(
        "own",
        "own",
        own,
        language="as the folder says",
        licence="yours",
        minutes="30",
        how_to_get="put recordings into SOURCES/own/LANGUAGE/SPEAKER/, each with its .txt",
        note="your own recordings",
    ),
)

"""Films of a clip: mp4 with sound, gif, or a png contact sheet, by the file's ending.

Used by ``take render`` and ``animate --render``; several clips are shown side
by side. Faces come from ``drawing``; mp4 is encoded by the ffmpeg that the
imageio-ffmpeg package carries. Blocks until the file is written, any thread.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from medtalk_live.errors import MissingExtraError, SinkError
from medtalk_live.face.drawing import picture
from medtalk_live.face.sheet import (
    INK,
    PAPER,
    caption_font,
    contact_sheet,
    even_times,
    nearest_frames,
)
from medtalk_live.rig.frames import Curves
from medtalk_live.takes.files import check_place, writing

GIF_FPS = 25  # delays are whole centiseconds, and browsers slow down shorter ones than 2
_SHEET_FACES = 15


@dataclass(frozen=True, slots=True)
class Clip:
    """One face of a film.

    Attributes:
        curves: Its frames.
        title: Shown above the caption, say the emotion or the name of the take.
    """

    curves: Curves
    title: str = ""


@dataclass(frozen=True, slots=True)
class Word:
    """A word and when it is said, in seconds of the clip."""

    start: float
    end: float
    text: str


@dataclass(frozen=True, slots=True)
class Sound:
    """Mono sound for a film: float32 samples in -1..1 and their rate in Hz."""

    samples: NDArray[np.float32]
    sample_rate: int


def render(
    clips: Sequence[Clip],
    path: str | Path,
    sound: Sound | None = None,
    words: Sequence[Word] = (),
    fps: int = 60,
    size: int = 480,
    progress: Callable[[int, int], None] | None = None,
) -> None:
    """Write ``path``: .mp4 (with sound), .gif or .png (a contact sheet of the first clip).

    Args:
        clips: One, or several to be shown side by side; shorter ones hold their end.
        path: Where to; the ending chooses the kind.
        sound: Heard in an mp4.
        words: Shown in the caption while they are said.
        fps: Pictures a second of an mp4.
        size: Pixels on a side of one face, a multiple of 16.
        progress: Called with (pictures done, pictures in all).

    Raises:
        SinkError: nothing to draw, an unknown ending, or the file cannot be written.
        MissingExtraError: an mp4 was asked for without the ``film`` extra.
    """
    target = Path(path)
    check(target)
    if not clips or not all(len(clip.curves) for clip in clips):
        raise SinkError(
            f"there are no frames to draw into '{target}': record or animate some first"
        )
    reel = _Reel(tuple(clips), tuple(words), size, fps, progress or _quiet)
    # a film that is broken off costs no older one of its name
    part = target.with_name(f"{target.stem}.part{target.suffix}")
    try:
        _WRITERS[target.suffix.lower()](reel, part, sound)
        part.replace(target)
    except OSError as error:
        raise SinkError(
            f"'{target}' could not be written ({error}): check the folder and the free space"
        ) from error
    finally:
        part.unlink(missing_ok=True)


def check(path: Path) -> None:
    """Refuse a film that could not be written, before anything is computed for it.

    Raises:
        SinkError: an unknown ending, or a place where no file can be made.
        MissingExtraError: an mp4 was asked for without the ``film`` extra.
    """
    if path.suffix.lower() not in _WRITERS:
        raise SinkError(f"'{path}' is no kind of film: use a name ending in .mp4, .gif or .png")
    with writing(path, SinkError):
        check_place(path)
    if path.suffix.lower() == ".mp4" and find_spec("imageio_ffmpeg") is None:
        raise MissingExtraError("imageio-ffmpeg", "film", "writing an mp4")


def _quiet(done: int, total: int) -> None:
    pass


@dataclass(frozen=True, slots=True)
class _Reel:
    """What to draw, before it is known into which kind of file."""

    clips: tuple[Clip, ...]
    words: tuple[Word, ...]
    size: int
    fps: int
    progress: Callable[[int, int], None]

    def pictures(self, fps: int) -> Iterator[NDArray[np.uint8]]:
        """Pictures (height, width, 3) of the whole film at a rate."""
        seconds = max(len(clip.curves) / clip.curves.fps for clip in self.clips)
        total = max(1, int(seconds * Fraction(fps)))
        times = np.arange(total) / fps
        rows = [nearest_frames(clip.curves, times.tolist()) for clip in self.clips]
        titles = tuple(clip.title for clip in self.clips)
        for place, time in enumerate(times.tolist()):
            faces = [
                picture(clip.curves.controls[row[place]], clip.curves.head[row[place]], self.size)
                for clip, row in zip(self.clips, rows, strict=True)
            ]
            said = " ".join(word.text for word in self.words if word.start <= time < word.end)
            caption = _caption(titles, said, f"{int(10 * time) / 10:.1f} s", self.size)
            yield np.concatenate([np.concatenate(faces, axis=1), caption])
            self.progress(place + 1, total)


@lru_cache(maxsize=16)
def _caption(titles: tuple[str, ...], said: str, clock: str, size: int) -> NDArray[np.uint8]:
    """The strip below the faces: titles at their left edges, words in the middle, time at right."""
    height = size // 10 // 16 * 16 + 16
    strip = Image.new("RGB", (size * len(titles), height), PAPER)
    brush = ImageDraw.Draw(strip)
    font, middle = caption_font(height // 2), height // 2
    for place, title in enumerate(titles):
        brush.text((place * size + 10, middle), title, fill=INK, font=font, anchor="lm")
    brush.text((strip.width // 2, middle), said, fill=INK, font=font, anchor="mm")
    brush.text((strip.width - 10, middle), clock, fill=INK, font=font, anchor="rm")
    return np.asarray(strip)


def _write_mp4(reel: _Reel, path: Path, sound: Sound | None) -> None:
    import imageio_ffmpeg

    with tempfile.TemporaryDirectory() as folder:
        options: dict[str, str] = {}
        if sound is not None:
            options = {"audio_path": _sound_file(sound, Path(folder)), "audio_codec": "aac"}
        pictures = reel.pictures(reel.fps)
        first = next(pictures)
        height, width, _ = first.shape
        writer = imageio_ffmpeg.write_frames(
            str(path),
            (width, height),
            fps=reel.fps,
            codec="libx264",
            quality=None,
            output_params=["-preset", "veryfast", "-crf", "20", "-movflags", "+faststart"],
            ffmpeg_log_level="error",
            **options,
        )
        writer.send(None)
        try:
            writer.send(first.tobytes())
            for image in pictures:
                writer.send(image.tobytes())
        finally:
            writer.close()
    if not path.is_file() or not path.stat().st_size:
        raise OSError("the encoder wrote nothing")


def _sound_file(sound: Sound, folder: Path) -> str:
    import soundfile

    path = folder / "sound.wav"
    soundfile.write(path, sound.samples, sound.sample_rate, subtype="PCM_16")
    return str(path)


def _write_gif(reel: _Reel, path: Path, sound: Sound | None) -> None:
    """A gif that repeats; it has no sound."""
    del sound
    pictures = map(Image.fromarray, reel.pictures(GIF_FPS))
    first = next(pictures).quantize(128)
    rest = (image.quantize(palette=first, dither=Image.Dither.NONE) for image in pictures)
    first.save(
        path, save_all=True, append_images=rest, duration=1000 // GIF_FPS, loop=0, optimize=False
    )


def _write_sheet(reel: _Reel, path: Path, sound: Sound | None) -> None:
    """Faces spread over the first clip, each with its time and the word that is said."""
    del sound
    curves = reel.clips[0].curves
    times = even_times(curves, min(_SHEET_FACES, len(curves)))
    labels = [
        " ".join(word.text for word in reel.words if word.start <= time < word.end)
        for time in times
    ]
    contact_sheet(curves, times, labels, path, min(reel.size, 256))


_WRITERS = {".mp4": _write_mp4, ".gif": _write_gif, ".png": _write_sheet}

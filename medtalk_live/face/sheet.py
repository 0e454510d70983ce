"""Still pictures of a clip: contact sheets with time and words under each face.

Used by ``take render``, ``animate --render`` and the pictures in the docs; the
faces come from ``drawing``. Pure but for writing the file, any thread.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from medtalk_live.errors import SinkError
from medtalk_live.face.drawing import picture
from medtalk_live.rig.frames import Curves

PAPER = (24, 26, 31)
INK = (230, 232, 238)


def nearest_frames(curves: Curves, times: Sequence[float]) -> NDArray[np.intp]:
    """Row of the clip closest to each time in seconds."""
    later = np.searchsorted(curves.times, times).clip(1, max(len(curves) - 1, 1))
    if len(curves) < 2:
        return np.zeros(len(times), np.intp)
    before = np.abs(curves.times[later - 1] - times) <= np.abs(curves.times[later] - times)
    return np.where(before, later - 1, later).astype(np.intp)


def even_times(curves: Curves, count: int) -> list[float]:
    """Times spread evenly over a clip, the middle of each stretch."""
    start, end = float(curves.times[0]), float(curves.times[-1])
    return [start + (end - start) * (place + 0.5) / count for place in range(count)]


def contact_sheet(
    curves: Curves,
    times: Sequence[float],
    labels: Sequence[str],
    path: str | Path,
    size: int = 256,
    columns: int | None = None,
) -> None:
    """Write a png of the face at the given times, with time and label under each.

    Args:
        curves: The clip.
        times: Seconds; the nearest frame is drawn.
        labels: One for each time (may be empty).
        path: Where the picture goes.
        size: Pixels on a side of one face.
        columns: Faces in a row; chosen by itself if None.

    Raises:
        SinkError: the clip is empty or the file cannot be written.
    """
    if not len(curves) or not len(times):
        raise SinkError("a contact sheet of an empty clip was asked for; expected frames to draw")
    rows = nearest_frames(curves, times)
    faces = [picture(curves.controls[row], curves.head[row], size) for row in rows]
    captions = [(label, f"{time:.2f} s") for label, time in zip(labels, times, strict=True)]
    save_picture(grid(faces, captions, columns), path)


def grid(
    faces: Sequence[NDArray[np.uint8]],
    captions: Sequence[tuple[str, str]],
    columns: int | None = None,
) -> Image.Image:
    """Faces (size, size, 3) in rows, each over its caption (label at left, time at right)."""
    size = faces[0].shape[0]
    across = columns or min(len(faces), max(3, math.ceil(math.sqrt(1.6 * len(faces)))))
    text_height = max(18, size // 12)
    cell = size + text_height
    sheet = Image.new("RGB", (across * size, math.ceil(len(faces) / across) * cell), PAPER)
    brush = ImageDraw.Draw(sheet)
    font = caption_font(int(text_height * 0.72))
    for place, (face, (label, time)) in enumerate(zip(faces, captions, strict=True)):
        x, y = place % across * size, place // across * cell
        sheet.paste(Image.fromarray(face), (x, y))
        middle = y + size + text_height // 2
        brush.text((x + 8, middle), label, fill=INK, font=font, anchor="lm")
        brush.text((x + size - 8, middle), time, fill=INK, font=font, anchor="rm")
    return sheet


@lru_cache(maxsize=8)
def caption_font(height: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """The font that Pillow carries, at a height in pixels."""
    return ImageFont.load_default(size=height)


def save_picture(image: Image.Image, path: str | Path) -> None:
    """Write a picture, saying what is wrong where that fails."""
    try:
        image.save(path)
    except (OSError, ValueError) as error:
        raise SinkError(
            f"the picture '{path}' could not be written ({error}): "
            "give a path ending in .png in a folder that exists"
        ) from error

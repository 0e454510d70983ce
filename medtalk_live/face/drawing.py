"""One drawing of the face from the 174 controls: for the page, the films and the pictures.

``draw`` turns controls into filled polygons, ``rasterise`` fills them with
Anti-Grain Geometry; the page fills the same polygons on a canvas. Nothing else
in the project knows how a face looks. Pure, any thread, under 4 ms a frame.
"""

from __future__ import annotations

import sys
import threading
from functools import lru_cache

import aggdraw
import numpy as np
from numpy.typing import ArrayLike, NDArray

from medtalk_live.face import palette
from medtalk_live.face.eyes import draw_brows, draw_eyes
from medtalk_live.face.folds import draw_folds, draw_nose
from medtalk_live.face.head import draw_behind, draw_hair, draw_skin
from medtalk_live.face.lips import shape_lips
from medtalk_live.face.mouth import draw_mouth
from medtalk_live.face.pose import Pose
from medtalk_live.face.sketch import Polygons, Sketch

_STILL = np.zeros(6, np.float32)
_THREAD = threading.local()


def draw(controls: ArrayLike, head: ArrayLike | None = None, size: int = 512) -> Polygons:
    """The face as polygons, in painting order.

    Args:
        controls: (174,) in table order; clamped to the rig's ranges.
        head: (6,) yaw, pitch, roll in degrees and x, y, z in cm; None: at rest.
        size: Pixels on a side of the square picture.
    """
    pose = Pose(controls)
    lips = shape_lips(pose)
    sketch = Sketch()
    draw_behind(sketch, pose)
    draw_hair(sketch)
    draw_skin(sketch, pose, lips)
    draw_eyes(sketch, pose)
    draw_folds(sketch, pose, lips)
    draw_nose(sketch, pose)
    draw_brows(sketch, pose)
    draw_mouth(sketch, pose, lips)
    return sketch.project(_STILL if head is None else np.asarray(head, np.float32), size)


def rasterise(
    polygons: Polygons, size: int = 512, backdrop: tuple[int, int, int] = palette.BACKDROP
) -> NDArray[np.uint8]:
    """Fill polygons; returns RGB of shape (size, size, 3)."""
    canvas = _canvas(size)
    canvas.frombytes(_blank(size, backdrop))
    points = polygons.points.ravel().tolist()
    ends = (2 * polygons.starts).tolist()
    colours = polygons.colours.view(np.uint32).ravel().tolist()
    paint, start = canvas.polygon, 0
    for end, rgba in zip(ends[1:], colours, strict=True):
        paint(points[start:end], _brush(rgba))
        start = end
    return np.frombuffer(canvas.tobytes(), np.uint8).reshape(size, size, 3)


@lru_cache(maxsize=4096)
def _brush(rgba: int) -> aggdraw.Brush:
    """For the four bytes of a colour as they lie in memory; most stay the same between frames."""
    *colour, opacity = rgba.to_bytes(4, sys.byteorder)
    return aggdraw.Brush(tuple(colour), opacity)


@lru_cache(maxsize=8)
def _blank(size: int, backdrop: tuple[int, int, int]) -> bytes:
    """An empty picture; copying it takes a tenth of the time of ``clear``."""
    return bytes(backdrop) * (size * size)


def _canvas(size: int) -> aggdraw.Draw:
    """This thread's canvas of a size: memory that was used before is half the cost of a fill."""
    canvases: dict[int, aggdraw.Draw] = vars(_THREAD).setdefault("canvases", {})
    if size not in canvases:
        canvases.clear()
        canvases[size] = aggdraw.Draw("RGB", (size, size))
    return canvases[size]


def picture(
    controls: ArrayLike, head: ArrayLike | None = None, size: int = 512
) -> NDArray[np.uint8]:
    """``rasterise(draw(...))``: one face as RGB of shape (size, size, 3)."""
    return rasterise(draw(controls, head, size), size)

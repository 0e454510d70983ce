"""The process that looks at photos: MediaPipe's face landmarker, one request a line.

Started by ``image.py`` as ``python -m medtalk_live.guidance.face_worker MODEL``.
MediaPipe takes seconds to import and holds the interpreter's lock, so it
never runs in the process that sends frames. Each request is the path of a
photo; each answer has its faces, or one sentence.
"""

from __future__ import annotations

import os
import sys
from typing import Any

from medtalk_live.model.encoders.worker import Answer, serve

LONGEST_SIDE = 960
MOST_PIXELS = 40_000_000
_MOST_FACES = 8
_BACKGROUND = 0.4  # a face of less than this share of the largest's height is not meant


def _start() -> Answer:
    os.environ["OMP_NUM_THREADS"] = "1"
    landmarker = _landmarker(sys.argv[1])
    return lambda path: _answer(landmarker, path)


def _landmarker(model: str) -> Any:
    from mediapipe.tasks.python import BaseOptions, vision

    options = vision.FaceLandmarkerOptions(
        base_options=BaseOptions(model_asset_path=model),
        output_face_blendshapes=True,
        output_facial_transformation_matrixes=True,
        num_faces=_MOST_FACES,
    )
    return vision.FaceLandmarker.create_from_options(options)


def _answer(landmarker: Any, path: str) -> dict[str, Any]:
    picture = picture_or_error(path)
    return picture if isinstance(picture, dict) else _look(landmarker, picture)


def picture_or_error(path: str) -> Any:
    """The photo upright in RGB, no side over ``LONGEST_SIDE``; or ``error``, what is wrong."""
    try:
        return _picture(path)
    except Exception as error:
        return {"error": f"cannot be read as a picture ({error}): give a jpg, png or webp"}


def _picture(path: str) -> Any:
    import numpy as np
    from PIL import Image, ImageOps

    Image.MAX_IMAGE_PIXELS = None  # the limit below has a sentence of its own
    with Image.open(path) as image:
        if image.width * image.height > MOST_PIXELS:
            size = image.width * image.height / 1e6
            return {
                "error": f"has {size:.0f} megapixels; expected at most "
                f"{MOST_PIXELS // 1_000_000}: scale it down"
            }
        image.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
        whole = image.convert("RGBA") if "transparency" in image.info else image
        if whole.mode.startswith("I"):  # 16 bits of grey, which Pillow would cut and not scale
            whole = whole.convert("I").point(lambda value: value / 256).convert("L")
        whole.thumbnail((LONGEST_SIDE, LONGEST_SIDE), reducing_gap=1.0)  # halved cheaply first
        upright = ImageOps.exif_transpose(whole)
        if "A" not in upright.getbands():
            return np.asarray(upright.convert("RGB"))
        flat = Image.new("RGB", upright.size, (255, 255, 255))
        cut_out = upright.convert("RGBA")
        flat.paste(cut_out, mask=cut_out)
    return np.asarray(flat)


def _look(landmarker: Any, picture: Any) -> dict[str, Any]:
    import mediapipe
    import numpy as np

    image = mediapipe.Image(image_format=mediapipe.ImageFormat.SRGB, data=picture)
    seen = landmarker.detect(image)
    height, width = picture.shape[:2]
    faces = [
        {
            "scores": {shape.category_name: float(shape.score) for shape in shapes},
            "points": [[p.x * width, p.y * height, p.z * width] for p in points],
            "rotation": np.asarray(matrix)[:3, :3].tolist(),
        }
        for points, shapes, matrix in zip(
            seen.face_landmarks,
            seen.face_blendshapes,
            seen.facial_transformation_matrixes,
            strict=True,
        )
    ]
    heights = [np.ptp([point[1] for point in face["points"]]) for face in faces]
    largest = max(heights, default=0.0)
    meant = [f for f, h in zip(faces, heights, strict=True) if h >= _BACKGROUND * largest]
    return {"faces": meant}


if __name__ == "__main__":
    serve(_start)

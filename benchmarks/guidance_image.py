"""How well an expression is read off a photo: posed renders of a scanned head.

    python benchmarks/guidance_image.py

Needs the packages ``openfacefx`` (its ``facecap.glb`` is the head), ``meshopt``
and ``alktx2`` beside the extra ``[image]``. Other poses and degrees than those
that the constants of ``guidance/landmarks.py`` were measured on; every third is
turned. Prints the correlation of the true shapes with those that are read, and
with those that the starter's face shows on average while it says the sample.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

import arkit_head

from medtalk_live.audio.file import read_sound
from medtalk_live.engine.animator import animate
from medtalk_live.guidance.image import READER
from medtalk_live.guidance.landmarks import expression
from medtalk_live.guidance.request import Guidance
from medtalk_live.model.checkpoint import load_model
from medtalk_live.rig.arkit import SHAPE_NAMES, from_controls

SPEECH = Path(__file__).parents[1] / "examples" / "amiable.flac"
KINDS = {
    "smile": ("mouthSmile_L", "mouthSmile_R"),
    "jaw open": ("jawOpen",),
    "brow up": ("browInnerUp", "browOuterUp_L", "browOuterUp_R"),
    "blink": ("eyeBlink_L", "eyeBlink_R"),
    "squint": ("eyeSquint_L", "eyeSquint_R"),
    "mouth left": ("mouthLeft",),
    "mouth right": ("mouthRight",),
    "funnel": ("mouthFunnel",),
}
TOGETHER = (  # what faces do at once
    {"smile": 0.8, "squint": 0.7}, {"smile": 0.6, "jaw open": 0.4},
    {"brow up": 0.9, "jaw open": 0.5},
    {"smile": 0.5, "brow up": 0.6}, {"funnel": 0.7, "brow up": 0.5}, {"blink": 0.9, "smile": 0.4},
    {"mouth left": 0.6, "squint": 0.8}, {"mouth right": 0.6, "brow up": 0.4},
)  # fmt: skip


def poses() -> list[dict[str, float]]:
    single = [{kind: degree} for kind in KINDS for degree in (0.5, 0.85)]
    return [{}, *single, *TOGETHER]


def main() -> None:
    chosen = poses()
    rng = np.random.default_rng(7)
    with tempfile.TemporaryDirectory() as folder:
        photos = []
        for number, pose in enumerate(chosen):
            values = {name: degree for kind, degree in pose.items() for name in KINDS[kind]}
            yaw, pitch = (
                (rng.uniform(-0.3, 0.3), rng.uniform(-0.15, 0.15)) if number % 3 == 2 else (0, 0)
            )
            photos.append(Path(folder) / f"{number}.png")
            Image.fromarray(arkit_head.render(values, 320, yaw, pitch)).save(photos[-1])
        faces = [READER.read(photo) for photo in photos]
        spoken = np.stack([speaking(photo, photos[0]) for photo in photos])
    READER.close()
    report(chosen, np.stack([expression(face) for face in faces]), "no neutral photo")
    report(chosen, np.stack([expression(face, faces[0]) for face in faces]), "with one")
    report(chosen, spoken, "with one, while speaking")


def speaking(photo: Path, neutral: Path) -> np.ndarray:
    """Mean shapes (52,) of the face that takes its expression from a photo and speaks."""
    sound, rate = read_sound(SPEECH)
    curves = animate(
        sound[: 3 * rate],
        rate,
        model=load_model("starter"),
        guidance=Guidance.image(photo, neutral=neutral),
    )
    mean: np.ndarray = from_controls(curves.controls)[60:].mean(axis=0)
    return mean


def report(chosen: list[dict[str, float]], shapes: np.ndarray, words: str) -> None:
    print(f"{len(chosen)} poses, {words}")
    for kind, names in KINDS.items():
        true = np.array([pose.get(kind, 0.0) for pose in chosen])
        columns = [SHAPE_NAMES.index(_arkit(name)) for name in names]
        seen = shapes[:, columns].mean(axis=1)
        slope = np.polyfit(true, seen, 1)[0]
        print(f"  {kind:<12} r {np.corrcoef(true, seen)[0, 1]:.2f}  slope {slope:.2f}")


def _arkit(name: str) -> str:
    bare, _, side = name.partition("_")
    return bare[0].upper() + bare[1:] + {"L": "Left", "R": "Right", "": ""}[side]


if __name__ == "__main__":
    main()

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

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

import arkit_head

from medtalk_live.audio.file import read_sound
from medtalk_live.engine.animator import animate
from medtalk_live.guidance.image import READER
from medtalk_live.guidance.landmarks import expression
from medtalk_live.guidance.request import Guidance
from medtalk_live.model.checkpoint import load_model
from medtalk_live.rig.arkit import from_controls

SPEECH = Path(__file__).parents[1] / "examples" / "amiable.flac"


def main() -> None:
    chosen = arkit_head.poses()
    with tempfile.TemporaryDirectory() as folder:
        photos = arkit_head.photos(chosen, Path(folder))
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
    for kind, (true, seen) in arkit_head.compared(chosen, shapes).items():
        slope = np.polyfit(true, seen, 1)[0]
        print(f"  {kind:<12} r {np.corrcoef(true, seen)[0, 1]:.2f}  slope {slope:.2f}")


if __name__ == "__main__":
    main()

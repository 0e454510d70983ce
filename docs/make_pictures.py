"""Makes the pictures of the docs from real runs of the starter model.

Run  python docs/make_pictures.py [--recordings DIR] [--preview]  in a clone. The
speech is examples/amiable.flac; visemes that it lacks are taken from the public
domain LJ Speech clips named below where DIR holds them, and left out otherwise.
``--preview`` also photographs the live page (needs selenium and Chromium).
"""

from __future__ import annotations

import argparse
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np
import soundfile

import medtalk_live as mt
from medtalk_live.face.drawing import picture
from medtalk_live.face.movie import Clip, Sound, render
from medtalk_live.face.plot import Mark, plot_clip
from medtalk_live.face.sheet import grid, nearest_frames, save_picture
from medtalk_live.model.streaming import LABELS

ROOT = Path(__file__).resolve().parent.parent
SPEECH = ROOT / "examples" / "amiable.flac"
FOLDER = ROOT / "docs" / "pictures"
SIZE = 224
PREVIEW_PORT = 8765


class Moment(NamedTuple):
    """A sound of a recording, at the middle of its phone (times from a forced alignment)."""

    sound: str
    recording: str
    seconds: float
    word: str


MOMENTS = (  # plain examples of their sounds, as the forced alignment times them
    Moment("p b m", "amiable.flac", 1.65, "amiable"),
    Moment("f v", "LJ001-0001.wav", 4.606, "differs"),
    Moment("th", "LJ001-0009.wav", 3.516, "the"),
    Moment("s", "LJ001-0003.wav", 3.371, "blocks"),
    Moment("sh", "LJ001-0014.wav", 6.341, "should"),
    Moment("l", "LJ001-0012.wav", 7.638, "letters"),
    Moment("k", "LJ001-0009.wav", 2.741, "considered"),
    Moment("aa", "LJ001-0002.wav", 1.476, "modern"),
    Moment("ee", "LJ001-0007.wav", 7.306, "fourteen"),
    Moment("oo", "LJ001-0004.wav", 4.141, "true"),
    Moment("r", "LJ001-0001.wav", 7.826, "represented"),
)
SPEAKING = ((0.15, "at rest"), (0.86, "marrIEd"), (1.65, "aMiable"), (4.59, "respEctable"))


def close_up(face: np.ndarray) -> np.ndarray:
    """The lower half of a face, where the sounds are told apart."""
    size = len(face)
    return face[int(0.48 * size) : int(0.94 * size), int(0.27 * size) : int(0.73 * size)]


def portrait(face: np.ndarray) -> np.ndarray:
    """A face without what lies around it."""
    size = len(face)
    top, left = size // 100, (size - SIZE) // 2
    return face[top : top + SIZE, left : left + SIZE]


def read(path: Path) -> tuple[np.ndarray, int]:
    """Samples and their rate."""
    samples, rate = soundfile.read(path, dtype="float32")
    return samples, rate


def find(name: str, folders: list[Path]) -> Path | None:
    """A recording by its file name, anywhere below the folders."""
    return next((path for folder in folders for path in sorted(folder.rglob(name))), None)


def visemes(model: object, folders: list[Path]) -> None:
    """One face for each sound of real speech, in neutral."""
    faces, captions = [], []
    curves: dict[str, mt.Curves] = {}
    for moment in MOMENTS:
        path = find(moment.recording, folders)
        if path is None:
            print(f"{moment.sound}: {moment.recording} is not there, left out")
            continue
        if moment.recording not in curves:
            curves[moment.recording] = mt.animate(*read(path), model=model)
        clip = curves[moment.recording]
        row = int(nearest_frames(clip, [moment.seconds])[0])
        faces.append(close_up(picture(clip.controls[row], clip.head[row], round(SIZE / 0.46))))
        captions.append((moment.sound, moment.word))
    save_picture(grid(faces, captions, columns=4), FOLDER / "visemes.png")


def emotions(model: object) -> None:
    """The seven labels at rest and at three sounds; a column for each label."""
    samples, rate = read(SPEECH)
    clips = [
        mt.animate(samples, rate, model=model, guidance=mt.Guidance.label(label))
        for label in LABELS
    ]
    faces, captions = [], []
    for seconds, words in SPEAKING:
        for label, clip in zip(LABELS, clips, strict=True):
            row = int(nearest_frames(clip, [seconds])[0])
            faces.append(portrait(picture(clip.controls[row], clip.head[row], round(SIZE / 0.86))))
            captions.append((label, words))
    save_picture(grid(faces, captions, columns=len(LABELS)), FOLDER / "emotions.png")


def film(model: object) -> None:
    """A short gif of one sentence in two emotions, and a plot of one of them."""
    samples, rate = read(SPEECH)
    labels = ("happy", "angry")
    clips = [
        Clip(mt.animate(samples, rate, model=model, guidance=mt.Guidance.label(label)), label)
        for label in labels
    ]
    render(clips, FOLDER / "amiable.gif", size=192)
    marks = [Mark(0.0, "happy")]
    sound = Sound(samples, rate)
    plot_clip(clips[0].curves, FOLDER / "plot.png", sound, marks, title="amiable, happy")


def wait_for_page(patience_s: float = 60.0) -> None:
    """Until the run serves its page: a browser that comes earlier is refused."""
    end = time.monotonic() + patience_s
    while True:
        try:
            socket.create_connection(("127.0.0.1", PREVIEW_PORT), 1.0).close()
            return
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.2)


def preview() -> None:
    """The live page, photographed during a live run."""
    from selenium import webdriver

    samples, rate = read(SPEECH)
    options = webdriver.ChromeOptions()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        for flag in (
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--window-size=1380,1100",
            "--disable-background-networking",
            f"--user-data-dir={folder}/profile",
        ):
            options.add_argument(flag)
        long = Path(folder) / "amiable.wav"
        soundfile.write(long, np.tile(samples, 12), rate)
        command = [sys.executable, "-m", "medtalk_live", "--input", str(long), "--emotion", "happy"]
        command += ["--preview", str(PREVIEW_PORT), "--control", "none"]
        run = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        options.binary_location = shutil.which("chromium") or ""
        driver = webdriver.ChromeService(shutil.which("chromedriver"))
        browser = webdriver.Chrome(options, driver)
        try:
            wait_for_page()
            browser.get(f"http://127.0.0.1:{PREVIEW_PORT}/")
            time.sleep(10.5)  # the curves fill six seconds; then the end of a sentence
            browser.save_screenshot(str(FOLDER / "preview.png"))
        finally:
            browser.quit()
            run.terminate()
            run.wait()


def main() -> None:
    """Make them all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--recordings", type=Path, help="a folder with LJ Speech clips")
    parser.add_argument("--preview", action="store_true", help="photograph the live page too")
    chosen = parser.parse_args()
    FOLDER.mkdir(exist_ok=True)
    model = mt.load_model("starter", look_ahead_ms=80)
    folders = [SPEECH.parent] + ([chosen.recordings] if chosen.recordings else [])
    visemes(model, folders)
    emotions(model)
    film(model)
    if chosen.preview:
        preview()
    print(f"pictures in {FOLDER}")


if __name__ == "__main__":
    main()

"""The page beside a real live run: starter model, real commands, a real photo reader, takes."""

from __future__ import annotations

import io
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
import soundfile
from browser import Page, until
from PIL import Image

from medtalk_live.errors import GuidanceError
from medtalk_live.face.drawing import picture
from medtalk_live.model.fetch import find_face_model
from medtalk_live.rig.controls import NEUTRAL, pair

ROOT = Path(__file__).resolve().parents[2]
SPEECH = ROOT / "examples" / "amiable.flac"
STARTER = ROOT / "checkpoints" / "starter" / "manifest.json"


@pytest.fixture(scope="module")
def live(tmp_path_factory) -> Iterator[tuple[str, Path]]:
    """The address of the page of a live run, and its folder of takes."""
    if not STARTER.is_file():
        pytest.skip("the starter model is not in this clone")
    folder = tmp_path_factory.mktemp("live")
    samples, rate = soundfile.read(SPEECH, dtype="float32")
    soundfile.write(folder / "long.wav", np.tile(samples, 100), rate)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "medtalk_live", "--input", str(folder / "long.wav")]
    command += ["--preview", str(port), "--control", "none"]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    run = subprocess.Popen(command, cwd=folder, env=environment, stderr=subprocess.PIPE, text=True)
    until(lambda: run.poll() is not None or listens(port), "the page is served")
    assert run.poll() is None, run.stderr.read()
    yield f"http://127.0.0.1:{port}/", folder / "takes"
    run.terminate()
    run.communicate(timeout=30)


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def smiling_face() -> bytes:
    """A face that MediaPipe takes for one: our own drawing, smiling broadly."""
    controls = NEUTRAL.copy()
    for part, value in (
        ("mouth_cornerPull", 0.9),
        ("eye_cheekRaise", 0.6),
        ("mouth_upperLipRaise", 0.3),
        ("mouth_lowerLipDepress", 0.4),
    ):
        controls[list(pair(part))] = value
    stream = io.BytesIO()
    Image.fromarray(picture(controls, None, 640)).save(stream, "PNG")
    return stream.getvalue()


def test_a_live_run_is_followed_guided_and_recorded_from_the_page(driver, live):
    address, takes = live

    page = Page(driver, address)
    until(lambda: "fps" in page.text("rate"), "the rate is shown")
    until(lambda: page.text("level-words").endswith("dB"), "the sound is heard")
    seen = set()
    until(lambda: seen.add(page.value("C_jaw.ty")) or len(seen) > 5, "the jaw moves")

    page.click("label-happy")
    until(lambda: page.text("guidance") == "happy", "the run says that it is happy")
    until(lambda: page.value("L_mouth_cornerPull.ty") > 0.25, "the face smiles")

    page.type("words", "a sad face\n")
    until(lambda: "a sad face" in page.text("guidance"), "the run follows the words")
    until(lambda: page.value("L_mouth_cornerPull.ty") < 0.2, "the smile is gone")

    page.click("record")
    until(lambda: page.text("take-name").startswith("live"), "the take runs")
    time.sleep(1.0)
    page.click("record")
    until(lambda: "live" in page.text("takes"), "the take is listed")
    recorded = list(takes.glob("*.take"))
    assert len(recorded) == 1
    assert (recorded[0] / "curves.bin").stat().st_size > 0
    assert page.complaints() == []


def test_a_photo_dropped_on_the_page_is_read_and_changes_the_face(driver, live):
    if find_spec("mediapipe") is None:
        pytest.skip("MediaPipe is not installed (the extra [image])")
    try:
        find_face_model()
    except GuidanceError as missing:
        pytest.skip(str(missing))
    page = Page(driver, live[0])
    page.click("label-sad")
    until(lambda: page.value("L_mouth_cornerPull.ty") < 0.2, "the face does not smile")

    page.drop("smiling.png", smiling_face())

    until(lambda: "smiling" in page.text("guidance"), "the run follows the photo")
    until(lambda: page.value("L_mouth_cornerPull.ty") > 0.25, "the face smiles as the photo")
    page.drop("grey.png", grey_picture())
    until(lambda: "no face was found" in page.text("message"), "what is no face is refused")
    assert "smiling" in page.text("guidance")
    assert page.complaints() == []


def grey_picture() -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", (320, 320), (128, 128, 128)).save(stream, "PNG")
    return stream.getvalue()

"""The page beside a real live run: starter model, real commands, a real photo reader, takes."""

from __future__ import annotations

import base64
import io
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
import soundfile
from PIL import Image

from medtalk_live.errors import GuidanceError
from medtalk_live.face.drawing import picture
from medtalk_live.model.fetch import find_face_model
from medtalk_live.rig.controls import NEUTRAL, pair

webdriver = pytest.importorskip("selenium.webdriver", reason="selenium is not installed")

ROOT = Path(__file__).resolve().parents[2]
SPEECH = ROOT / "examples" / "amiable.flac"
STARTER = ROOT / "checkpoints" / "starter" / "manifest.json"
PATIENCE_SECONDS = 90  # the model loads, a browser starts, on a machine that does other things


def until(truth: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not truth():
        assert time.monotonic() < deadline, f"waited in vain until {what}"
        time.sleep(0.2)


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


@pytest.fixture(scope="module")
def browser() -> Iterator[object]:
    chromium, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if chromium is None or driver is None:
        pytest.skip("there is no Chromium with its driver on this machine")
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        for flag in (
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--window-size=1280,1000",
            "--disable-background-networking",
            f"--user-data-dir={profile}",
        ):
            options.add_argument(flag)
        opened = webdriver.Chrome(options, webdriver.ChromeService(driver))
        yield opened
        opened.quit()


def value(browser, control: str) -> float:
    """What the legend of the curves says about a control."""
    for line in browser.find_element("id", "legend").text.splitlines():
        name, _, number = line.rstrip(" ×").rpartition(" ")
        if name.strip() == control:
            return float(number)
    return float("nan")


def text(browser, name: str) -> str:
    return browser.find_element("id", name).text


def drop(browser, name: str, data: bytes) -> None:
    """Drop a file on the page, as the mouse would."""
    browser.execute_script(
        "const bytes = Uint8Array.from(atob(arguments[1]), (c) => c.charCodeAt(0));"
        "const moved = new DataTransfer(); moved.items.add(new File([bytes], arguments[0]));"
        "document.getElementById('drop').dispatchEvent("
        "new DragEvent('drop', {dataTransfer: moved, bubbles: true, cancelable: true}));",
        name,
        base64.b64encode(data).decode(),
    )


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


def test_a_live_run_is_followed_guided_and_recorded_from_the_page(live, browser):
    address, takes = live

    browser.get(address)
    until(lambda: text(browser, "link") == "live", "the page is connected")
    until(lambda: "fps" in text(browser, "rate"), "the rate is shown")
    until(lambda: text(browser, "level-words").endswith("dB"), "the sound is heard")
    seen = set()
    until(lambda: seen.add(value(browser, "C_jaw.ty")) or len(seen) > 5, "the jaw moves")

    browser.find_element("id", "label-happy").click()
    until(lambda: text(browser, "guidance") == "happy", "the run says that it is happy")
    until(lambda: value(browser, "L_mouth_cornerPull.ty") > 0.25, "the face smiles")

    browser.find_element("id", "words").send_keys("a sad face\n")
    until(lambda: "a sad face" in text(browser, "guidance"), "the run follows the words")
    until(lambda: value(browser, "L_mouth_cornerPull.ty") < 0.2, "the smile is gone")

    browser.find_element("id", "record").click()
    until(lambda: text(browser, "take-name").startswith("live"), "the take runs")
    time.sleep(1.0)
    browser.find_element("id", "record").click()
    until(lambda: "live" in text(browser, "takes"), "the take is listed")
    recorded = list(takes.glob("*.take"))
    assert len(recorded) == 1
    assert (recorded[0] / "curves.bin").stat().st_size > 0
    assert no_complaints(browser)


def test_a_photo_dropped_on_the_page_is_read_and_changes_the_face(live, browser):
    if find_spec("mediapipe") is None:
        pytest.skip("MediaPipe is not installed (the extra [image])")
    try:
        find_face_model()
    except GuidanceError as missing:
        pytest.skip(str(missing))
    browser.get(live[0])
    until(lambda: text(browser, "link") == "live", "the page is connected")
    browser.find_element("id", "label-sad").click()
    until(lambda: value(browser, "L_mouth_cornerPull.ty") < 0.2, "the face does not smile")

    drop(browser, "smiling.png", smiling_face())

    until(lambda: "smiling" in text(browser, "guidance"), "the run follows the photo")
    until(lambda: value(browser, "L_mouth_cornerPull.ty") > 0.25, "the face smiles as the photo")
    drop(browser, "grey.png", grey_picture())
    until(lambda: "no face was found" in text(browser, "message"), "what is no face is refused")
    assert "smiling" in text(browser, "guidance")
    assert no_complaints(browser)


def grey_picture() -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", (320, 320), (128, 128, 128)).save(stream, "PNG")
    return stream.getvalue()


def no_complaints(browser) -> bool:
    """Nothing in the browser's console that went wrong."""
    complaints = [entry for entry in browser.get_log("browser") if entry["level"] == "SEVERE"]
    return complaints == []

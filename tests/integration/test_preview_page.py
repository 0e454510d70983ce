"""The live page in a real browser: it draws, follows, guides, records and stays quiet."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from browser import Page, until
from PIL import Image

from medtalk_live.audio.source import AudioChunk
from medtalk_live.errors import ControlError
from medtalk_live.face.drawing import picture
from medtalk_live.face.preview import PreviewSink
from medtalk_live.guidance.request import Guidance
from medtalk_live.rig.controls import NEUTRAL, index, pair
from medtalk_live.rig.frames import ControlFrame


class Stage:
    """A small session: it speaks for ever, and does what the page asks."""

    def __init__(self) -> None:
        self.commands: list[tuple[str, tuple[object, ...]]] = []
        self.face = NEUTRAL.copy()
        self.guidance = Guidance.neutral()
        self.take = ""
        self.takes: list[dict[str, object]] = []
        self.sink = PreviewSink(0, self.execute, lambda: self.takes)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._speak)

    def __enter__(self) -> Stage:
        self.sink.open()
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._stop.set()
        self._thread.join()
        self.sink.close()

    def execute(self, address: str, arguments: Sequence[object]) -> str:
        self.commands.append((address, tuple(arguments)))
        action: Callable[..., str] = getattr(
            self, "do_" + address.split("/", 3)[3].replace("/", "_")
        )
        return action(*arguments)

    def do_emotion(self, label: str) -> str:
        return self._guide(Guidance.label(label), "mouth_cornerPull" if label == "happy" else None)

    def do_text(self, words: str) -> str:
        return self._guide(Guidance.text(words), "mouth_purseU")

    def do_image(self, path: str) -> str:
        with Image.open(path) as image:
            image.load()
        return self._guide(Guidance.image(path), "brow_raiseIn")

    def do_intensity(self, value: float) -> str:
        return self._guide(self.guidance.with_intensity(value), None)

    def do_gain(self, region: str, value: float) -> str:
        return f"{region} {value:g}"

    def do_take_start(self, slate: str) -> str:
        if slate == "forbidden":
            raise ControlError("the slate 'forbidden' is in use: choose another")
        self.take = f"{slate}_001"
        return self.take

    def do_take_stop(self) -> str:
        self.takes.insert(0, {"name": self.take, "seconds": 2.5})
        self.take = ""
        return "2.5 s"

    def _guide(self, guidance: Guidance, part: str | None) -> str:
        self.guidance = guidance
        self.face = NEUTRAL.copy()
        if part is not None:
            self.face[list(pair(part))] = 0.8
        return guidance.describe()

    def status(self) -> dict[str, object]:
        sinks = [
            {"name": "osc 127.0.0.1:9870", "sent": 120, "failed": 0},
            {"name": "vmc 127.0.0.1:39539", "sent": 0, "failed": 3, "last_error": "nobody"},
        ]
        return {
            "fps": 60.0,
            "latency_ms": {"p50": 61.0, "p99": 70.0},
            "guidance": self.guidance.describe(),
            "take": self.take,
            "sinks": sinks,
        }

    def _speak(self) -> None:
        start, count = time.perf_counter(), 0
        while not self._stop.wait(1 / 60):
            now = time.perf_counter()
            controls = self.face.copy()
            controls[index("C_jaw.ty")] = 0.3 + 0.3 * np.sin(12 * (now - start))
            self.sink.send(ControlFrame(count, now, controls, np.zeros(6, np.float32)))
            tone = np.sin(np.linspace(0, 20, 800)).astype(np.float32) * 0.5
            self.sink.audio(AudioChunk(tone, 800 * count, 48_000, now))
            if count % 20 == 0:
                self.sink.show(self.status())
            count += 1


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    with Stage() as running:
        yield running


@pytest.fixture
def page(driver, stage) -> Iterator[Page]:
    stage.commands.clear()
    shown = Page(driver, stage.sink.url)
    yield shown
    assert shown.complaints() == []


def last(stage: Stage) -> tuple[str, tuple[object, ...]] | None:
    return stage.commands[-1] if stage.commands else None


def test_the_page_draws_a_face_that_moves(page):
    until(
        lambda: "fps" in page.text("drawn") and page.text("drawn") != "0.0 fps", "frames are drawn"
    )
    middle = page.run(
        "const c = document.getElementById('face');"
        "const spot = c.getContext('2d').getImageData(c.width * 0.4, c.height * 0.55, 1, 1);"
        "return Array.from(spot.data)"
    )
    before = page.pixels()

    assert middle[0] > middle[1] > middle[2]  # skin
    until(lambda: page.pixels() != before, "the face has moved")


def test_the_page_draws_the_same_face_as_the_films(page, stage):
    until(lambda: not page.driver.find_element("id", "waiting").is_displayed(), "a frame is there")
    canvas = page.run(
        "const c = document.getElementById('face'), w = c.width, out = [];"
        "const d = c.getContext('2d').getImageData(0, 0, w, c.height).data;"
        "for (let y = 30; y < c.height; y += 40) for (let x = 30; x < w; x += 40)"
        " out.push(Array.from(d.subarray(4 * (y * w + x), 4 * (y * w + x) + 4)));"
        "return [w, out]"
    )
    size, shown = canvas[0], np.array(canvas[1])
    film = picture(NEUTRAL, None, size)[30::40, 30::40].reshape(-1, 3)
    upper = np.arange(len(shown)) < len(shown) // 2  # above the mouth, where nothing moves
    inside = upper & (shown[:, 3] == 255)

    difference = np.abs(shown[inside, :3] - film[inside].astype(int)).max(axis=1)

    assert inside.sum() > 20
    assert np.mean(difference < 12) > 0.9  # edges are smoothed differently


def test_sound_and_curves_scroll(page):
    for name in ("wave", "curves"):
        before = page.pixels(name)
        until(lambda name=name, before=before: page.pixels(name) != before, f"the {name} moved")
    until(lambda: page.text("level-words").endswith("dB"), "the level is shown")


def test_numbers_and_receivers_are_shown(page):
    until(lambda: page.text("latency") == "61 ms", "the latency is shown")
    assert page.text("rate") == "60.0 fps"
    assert "osc 127.0.0.1:9870" in page.text("sinks")
    # in one script: the page fills its rows anew between two questions of the driver
    rows = "[...document.querySelectorAll('#sinks tr.bad')].map((row) => row.innerText)"
    assert [row.split()[0] for row in page.run(f"return {rows}")] == ["vmc"]


def test_a_click_on_a_label_changes_the_face(page, stage):
    page.click("label-happy")

    until(lambda: page.value("L_mouth_cornerPull.ty") == 0.8, "the face smiles")
    assert last(stage) == ("/medtalk/1/emotion", ("happy",))
    until(
        lambda: (
            page.driver.find_element("id", "label-happy").get_attribute("aria-pressed") == "true"
        ),
        "the button shows it",
    )


def test_the_number_keys_choose_emotions(page, stage):
    page.press("1")
    until(lambda: last(stage) == ("/medtalk/1/emotion", ("angry",)), "1 means angry")
    page.press("7")
    until(lambda: last(stage) == ("/medtalk/1/emotion", ("surprised",)), "7 means surprised")


def test_words_change_the_face(page, stage):
    page.press("/")
    page.driver.switch_to.active_element.send_keys("a tired 3rd half smile\n")

    until(lambda: page.value("L_mouth_purseU.ty") == 0.8, "the face follows the words")
    assert stage.commands == [("/medtalk/1/text", ("a tired 3rd half smile",))]


def test_a_refused_sentence_is_answered_in_words(page):
    page.type("words", "   \n")

    until(lambda: "0 characters" in page.text("message"), "the refusal is shown")
    assert "bad" in page.driver.find_element("id", "message").get_attribute("class")


def test_the_intensity_is_sent_once_it_rests(page, stage):
    page.press("+")
    page.press("+")

    until(lambda: last(stage) == ("/medtalk/1/intensity", (1.2,)), "the intensity has arrived")
    assert page.text("intensity-words") == "1.20"


def test_the_dynamics_are_turned_beside_the_intensity(page, stage):
    page.run(
        "const slider = document.querySelector('#dynamics input'); slider.value = 1.5;"
        "slider.dispatchEvent(new Event('change', {bubbles: true}));"
    )

    until(lambda: last(stage) == ("/medtalk/1/gain", ("dynamics", 1.5)), "the gain has arrived")


def photo(folder: Path) -> Path:
    path = folder / "my face.png"
    Image.fromarray(picture(NEUTRAL, None, 128)).save(path)
    return path


def test_a_chosen_photo_changes_the_face(page, stage, tmp_path):
    page.type("photo", str(photo(tmp_path)))

    until(lambda: page.value("L_brow_raiseIn.ty") == 0.8, "the face follows the photo")
    address, (path,) = last(stage)
    assert address == "/medtalk/1/image"
    assert Path(path).read_bytes() == photo(tmp_path).read_bytes()


def test_a_dropped_photo_changes_the_face(page, stage, tmp_path):
    stage.do_emotion("neutral")

    page.drop("dropped.png", photo(tmp_path).read_bytes())

    until(lambda: page.value("L_brow_raiseIn.ty") == 0.8, "the face follows the photo")
    until(lambda: "dropped.png" in page.text("drop-words"), "its name is shown")


def test_what_is_no_photo_is_refused_in_words(page, stage, tmp_path):
    path = tmp_path / "notes.png"
    path.write_text("not a picture")

    page.type("photo", str(path))

    until(lambda: "drop a jpg, png or webp" in page.text("message"), "the refusal is shown")
    assert stage.commands == []


def test_space_records_a_take_that_is_listed(page, stage):
    page.press(" ")
    until(lambda: page.text("record") == "Stop", "the take runs")
    until(lambda: page.text("take-name") == "live_001", "its name is shown")
    page.press(" ")

    until(lambda: "live_001" in page.text("takes"), "the take is listed")
    assert "2.5 s" in page.text("takes")
    assert [address for address, _ in stage.commands] == [
        "/medtalk/1/take/start",
        "/medtalk/1/take/stop",
    ]
    until(lambda: page.text("record") == "Record", "the button is free again")


def test_a_refused_take_is_answered_in_words(page):
    page.driver.find_element("id", "slate").clear()
    page.type("slate", "forbidden")
    page.click("record")

    until(lambda: "choose another" in page.text("message"), "the refusal is shown")
    assert page.text("record") == "Record"


def test_another_control_can_be_plotted(page):
    page.type("add-control", "C_tongue.ty\n")

    until(lambda: page.value("C_tongue.ty") == 0.0, "it is in the legend")


def test_dark_and_light_can_be_switched(page):
    colour = "return getComputedStyle(document.body).backgroundColor"
    before = page.run(colour)
    page.press("d")

    assert page.run(colour) != before


def test_two_viewers_see_the_same_run(page, stage):
    first = page.driver.current_window_handle
    page.driver.switch_to.new_window("window")
    page.driver.get(stage.sink.url)
    until(lambda: page.text("link") == "live", "the second viewer is connected")
    page.click("label-happy")
    until(lambda: page.value("L_mouth_cornerPull.ty") == 0.8, "the second viewer sees the smile")
    page.driver.close()
    page.driver.switch_to.window(first)

    until(lambda: page.value("L_mouth_cornerPull.ty") == 0.8, "so does the first")

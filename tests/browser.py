"""The live page in a real Chromium: what a user sees and does there."""

from __future__ import annotations

import base64
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

PATIENCE_SECONDS = 90  # a model loads, a browser starts, on a machine that does other things
CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
DRIVER = shutil.which("chromedriver")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--window-size=1280,1000",
)


@contextmanager
def chromium() -> Iterator[object]:
    """A browser with a fresh profile; the test is skipped where there is none."""
    webdriver = pytest.importorskip("selenium.webdriver", reason="selenium is not installed")
    if CHROMIUM is None or DRIVER is None:
        pytest.skip("there is no Chromium with its driver on this machine")
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        for flag in (*FLAGS, f"--user-data-dir={profile}"):
            options.add_argument(flag)
        opened = webdriver.Chrome(options, webdriver.ChromeService(DRIVER))
        try:
            yield opened
        finally:
            opened.quit()


def until(truth: Callable[[], object], what: str) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not truth():
        assert time.monotonic() < deadline, f"waited in vain until {what}"
        time.sleep(0.1)


class Page:
    """One browser window on the live page, once it is connected."""

    def __init__(self, driver: object, address: str) -> None:
        self.driver = driver
        driver.get(address)
        until(lambda: self.text("link") == "live", "the page is connected")

    def text(self, name: str) -> str:
        return self.driver.find_element("id", name).text

    def click(self, name: str) -> None:
        self.driver.find_element("id", name).click()

    def type(self, name: str, words: str) -> None:
        self.driver.find_element("id", name).send_keys(words)

    def press(self, key: str) -> None:
        self.driver.find_element("tag name", "body").send_keys(key)

    def run(self, script: str, *arguments: object) -> object:
        return self.driver.execute_script(script, *arguments)

    def pixels(self, name: str = "face") -> str:
        return self.run(f"return document.getElementById('{name}').toDataURL()")

    def value(self, control: str) -> float:
        """What the legend of the curves says about a control."""
        for line in self.text("legend").splitlines():
            name, _, number = line.rstrip(" ×").rpartition(" ")
            if name.strip() == control:
                return float(number)
        return float("nan")

    def drop(self, name: str, data: bytes) -> None:
        """Drop a file on the page, as the mouse would."""
        self.run(
            "const bytes = Uint8Array.from(atob(arguments[1]), (c) => c.charCodeAt(0));"
            "const moved = new DataTransfer(); moved.items.add(new File([bytes], arguments[0]));"
            "document.getElementById('drop').dispatchEvent("
            "new DragEvent('drop', {dataTransfer: moved, bubbles: true, cancelable: true}));",
            name,
            base64.b64encode(data).decode(),
        )

    def complaints(self) -> list[dict[str, object]]:
        """What went wrong since it was asked last, in the browser's console."""
        return [entry for entry in self.driver.get_log("browser") if entry["level"] == "SEVERE"]

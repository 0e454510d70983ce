"""How many faces a second a headless Chromium draws of the live page, in software.

Run  python -m benchmarks.preview [--seconds 10] [--viewers 1]  with Chromium and
its driver installed. Frames come at 60 a second from this process, which also
reports how long leaving a frame for the page took. Where other work takes the
machine, the browser's processor time of a drawn picture still says what it
costs: below 33 ms a core is enough for 30 a second.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import shutil
import tempfile
import threading
import time

import numpy as np
import psutil
from selenium import webdriver

from benchmarks.face import speech
from medtalk_live.audio.source import AudioChunk
from medtalk_live.face.preview import PreviewSink
from medtalk_live.rig.frames import ControlFrame

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--window-size=1280,1000",
)


def speak(sink: PreviewSink, over: threading.Event, taken_ms: list[float]) -> None:
    """Send 60 frames a second, with sound."""
    curves = speech(60.0)
    start, count = time.perf_counter(), 0
    while not over.wait(max(0.0, start + count / 60 - time.perf_counter())):
        now, row = time.perf_counter(), count % len(curves)
        frame = ControlFrame(count, now, curves.controls[row], curves.head[row])
        before = time.perf_counter()
        sink.send(frame)
        sink.audio(AudioChunk(np.zeros(266, np.float32), 266 * count, 16_000, now))
        taken_ms.append((time.perf_counter() - before) * 1000)
        count += 1


def open_browser() -> webdriver.Chrome:
    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium") or ""
    for flag in (*FLAGS, f"--user-data-dir={tempfile.mkdtemp()}"):
        options.add_argument(flag)
    return webdriver.Chrome(options, webdriver.ChromeService(shutil.which("chromedriver")))


def processor_seconds(process: psutil.Process) -> float:
    """User and system time of a process and all that it started."""
    total = 0.0
    for one in (process, *process.children(recursive=True)):
        with contextlib.suppress(psutil.NoSuchProcess):
            times = one.cpu_times()
            total += times.user + times.system
    return total


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--viewers", type=int, default=1)
    chosen = parser.parse_args()
    sink, over, taken_ms = PreviewSink(0), threading.Event(), []
    sink.open()
    thread = threading.Thread(target=speak, args=(sink, over, taken_ms))
    thread.start()
    browsers = [open_browser() for _ in range(chosen.viewers)]
    for browser in browsers:
        browser.get(sink.url)
    rates: list[list[float]] = [[] for _ in browsers]
    busy = [psutil.Process(browser.service.process.pid) for browser in browsers]
    time.sleep(2.0)
    started, spent = time.perf_counter(), sum(map(processor_seconds, busy))
    for _ in range(chosen.seconds):
        time.sleep(1.0)
        for browser, seen in zip(browsers, rates, strict=True):
            words = browser.find_element("id", "drawn").text
            if words.endswith("fps"):
                seen.append(float(words.split()[0]))
    spent = sum(map(processor_seconds, busy)) - spent
    drawn = sum(float(np.mean(seen)) for seen in rates) * (time.perf_counter() - started)
    for browser in browsers:
        browser.quit()
    over.set()
    thread.join()
    sink.close()
    print(
        json.dumps(
            {
                "drawn_fps_median": [float(np.median(seen)) for seen in rates],
                "browser_ms_a_picture": round(1000 * spent / drawn, 1),
                "drawn_fps_best": [max(seen) for seen in rates],
                "send_ms_p50": round(float(np.median(taken_ms)), 4),
                "send_ms_p99": round(float(np.quantile(taken_ms, 0.99)), 3),
            },
            indent=1,
        )
    )


if __name__ == "__main__":
    main()

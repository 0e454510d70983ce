"""The preview as a sink: it never holds up the run, and lets no stranger in."""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
import time
from http.client import HTTPConnection
from urllib.parse import urlsplit

import numpy as np
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from medtalk_live.errors import GuidanceError, SinkError
from medtalk_live.face.preview import PreviewSink
from medtalk_live.output.sink import StreamInfo
from medtalk_live.rig.controls import COUNT
from medtalk_live.rig.frames import ControlFrame


@pytest.fixture
def sink():
    heard = []

    def execute(address, arguments):
        heard.append((address, tuple(arguments)))
        if address.endswith("emotion"):
            raise GuidanceError("'glad' is not an emotion label; did you mean 'sad'?")
        if address.endswith("ping"):
            raise RuntimeError("a fault of ours")
        return "done"

    preview = PreviewSink(0, execute)
    preview.heard = heard
    preview.open()
    yield preview
    preview.close()


def viewer(sink: PreviewSink, origin: str | None = None):
    address = urlsplit(sink.url).netloc
    return connect(f"ws://{address}/ws", origin=origin or f"http://{address}")


def texts(connection, kind):
    """The first text that has a key."""
    while True:
        message = connection.recv(timeout=20)
        if isinstance(message, str) and kind in json.loads(message):
            return json.loads(message)


def faces(connection):
    while True:
        message = connection.recv(timeout=20)
        if isinstance(message, bytes) and message[0] == 1:
            return message


def test_a_viewer_is_welcomed_with_the_control_names_and_labels(sink):
    with viewer(sink) as connection:
        welcome = texts(connection, "controls")

    assert len(welcome["controls"]) == COUNT
    assert welcome["labels"][3] == "happy"


def test_a_viewer_who_comes_late_sees_the_last_frame(sink):
    sink.send(ControlFrame.neutral(7, 1.5))
    deadline = time.monotonic() + 20
    while sink.health.sent < 1 and time.monotonic() < deadline:
        time.sleep(0.01)
    with viewer(sink) as connection:
        face = faces(connection)

    assert int.from_bytes(face[4:8], "little") == 7
    assert np.frombuffer(face, "<f8", 1, 8)[0] == 1.5


def test_what_the_stream_says_of_itself_reaches_the_page(sink):
    info = StreamInfo("Ada", 1, "0.1", 60, 61.5, 9871, "starter", "happy", "", 0.0)
    sink.hello(info)
    with viewer(sink) as connection:
        status = texts(connection, "stream")

    assert status["stream"]["guidance"] == "happy"
    assert status["stream"]["latency_ms"] == 61.5


def test_statistics_that_json_cannot_say_become_null(sink):
    sink.show({"latency_ms": {"p50": float("nan")}, "fps": float("inf")})
    with viewer(sink) as connection:
        status = texts(connection, "fps")

    assert status["fps"] is None
    assert status["latency_ms"] == {"p50": None}


def ask(connection, **message) -> dict:
    connection.send(json.dumps(message))
    return texts(connection, "reply")


def test_a_command_is_carried_out_and_answered(sink):
    with viewer(sink) as connection:
        reply = ask(connection, id=5, address="/medtalk/1/mute", arguments=[1])

    assert reply == {"reply": 5, "ok": True, "words": "done"}
    assert sink.heard == [("/medtalk/1/mute", (1,))]


@pytest.mark.parametrize(
    ("address", "words"), [("emotion", "did you mean 'sad'?"), ("ping", "a fault of ours")]
)
def test_a_command_that_fails_is_answered_in_words(sink, address, words):
    with viewer(sink) as connection:
        reply = ask(connection, id=1, address=f"/medtalk/1/{address}", arguments=[])

    assert not reply["ok"]
    assert words in reply["words"]


@pytest.mark.parametrize(
    "nonsense",
    ["", "{", "[]", '{"id": 1}', '{"id": "x", "address": "/a", "arguments": []}', b"", b"\xff" * 9],
)
def test_nonsense_from_a_viewer_is_refused_and_the_page_goes_on(sink, nonsense):
    with viewer(sink) as connection:
        connection.send(nonsense)
        reply = texts(connection, "reply")
        again = ask(connection, id=2, address="/medtalk/1/mute", arguments=[0])

    assert not reply["ok"]
    assert again["ok"]


def test_a_page_of_another_site_is_not_let_in(sink):
    with pytest.raises(InvalidStatus, match="403"):
        viewer(sink, "http://evil.example").close()


def test_a_program_without_an_origin_is_not_let_in(sink):
    address = urlsplit(sink.url).netloc
    with pytest.raises(InvalidStatus, match="403"):
        connect(f"ws://{address}/ws").close()


def fetch(sink: PreviewSink, path: str, **headers: str):
    connection = HTTPConnection(urlsplit(sink.url).netloc, timeout=20)
    connection.request("GET", path, headers=headers)
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer, body


def test_a_name_that_only_leads_here_is_refused(sink):
    answer, _ = fetch(sink, "/", Host="rebound.example")  # DNS rebinding

    assert answer.status == 403


@pytest.mark.parametrize(
    "path", ["/", "/page.css", "/main.js", "/face.js", "/plots.js", "/panel.js"]
)
def test_the_pages_files_are_served_and_may_load_nothing_from_elsewhere(sink, path):
    answer, body = fetch(sink, path)

    assert answer.status == 200
    assert len(body) > 200
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert b"http://" not in body
    assert b"https://" not in body


@pytest.mark.parametrize("path", ["/nothing", "/../server.py", "/server.py", "/%2e%2e/server.py"])
def test_no_other_file_is_served(sink, path):
    assert fetch(sink, path)[0].status == 404


def test_a_taken_port_is_named_with_a_remedy():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(SinkError, match=rf"port {port} .*give another port"):
            PreviewSink(port).open()


def test_a_page_process_that_dies_costs_only_the_page(sink):
    sink._process.kill()
    sink._process.wait()
    deadline = time.monotonic() + 20
    while not sink.health.failed and time.monotonic() < deadline:
        sink.send(ControlFrame.neutral())
        time.sleep(0.01)

    assert "has stopped" in sink.health.last_error


@pytest.mark.skipif(sys.platform == "win32", reason="Windows cannot stop a process by a signal")
def test_a_page_process_that_hangs_holds_up_no_frame(sink):
    process = sink._process
    os.kill(process.pid, signal.SIGSTOP)  # its pipe is full after some 90 frames

    for count in range(2000):
        sink.send(ControlFrame.neutral(count))
        sink.show({"frames": count})
        time.sleep(0.0002)
    passed_on = sink.health.sent
    sink.close()

    assert passed_on < 1000
    assert process.returncode is not None  # closing has ended it nevertheless


def test_closing_twice_and_opening_again_is_fine(sink):
    sink.close()
    sink.close()
    sink.open()

    assert fetch(sink, "/")[0].status == 200


def test_frames_that_nobody_has_seen_are_dropped_not_queued(sink):
    with viewer(sink) as connection:
        for count in range(300):
            sink.send(ControlFrame.neutral(count))
        numbers = []
        while not numbers or numbers[-1] < 299:
            numbers.append(int.from_bytes(faces(connection)[4:8], "little"))

    assert numbers == sorted(numbers)
    assert len(numbers) < 300

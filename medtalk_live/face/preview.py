"""``--preview``: the live page as a frame sink and a source of commands.

The page itself is served by a process of its own (``face.page``); here only
the newest frame, the sound and the statistics are passed on to it, by a thread
that alone may wait for it. ``send`` and ``audio`` leave things in mailboxes and
return at once, so a stuck page costs its pictures and nothing else.
"""

from __future__ import annotations

import contextlib
import json
import logging
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Any, BinaryIO

import numpy as np

from medtalk_live.audio.source import AudioChunk
from medtalk_live.errors import MedTalkError, SinkError
from medtalk_live.face.page import wire
from medtalk_live.output.sink import SinkHealth, StreamInfo
from medtalk_live.rig.frames import ControlFrame

log = logging.getLogger(__name__)

_START_SECONDS = 60.0  # a hung start; one that fails says so at once
_SOUND_CHUNKS = 400

CommandHandler = Callable[[str, Sequence[object]], str]
"""Executes a command of the control channel; answers in words, raises ``MedTalkError``."""

TakeList = Callable[[], Sequence[Mapping[str, Any]]]
"""The finished takes, newest first, each with ``name`` and ``seconds``."""


class PreviewSink:
    """A web page on loopback that shows the run and steers it.

    Args:
        port: TCP port; 0 for any free one.
        on_command: Called on a thread of the preview for every command of a page.
        takes: Asked for after every command that has to do with takes.
    """

    def __init__(
        self,
        port: int,
        on_command: CommandHandler | None = None,
        takes: TakeList | None = None,
    ) -> None:
        self.name = f"preview http://127.0.0.1:{port}/"
        self.health = SinkHealth()
        self.url = ""
        self._port = port
        self._on_command = on_command or _refuse
        self._takes = takes or (lambda: ())
        self._process: subprocess.Popen[bytes] | None = None
        self._frame: ControlFrame | None = None
        self._sound: deque[AudioChunk] = deque(maxlen=_SOUND_CHUNKS)
        self._texts: deque[tuple[wire.Kind, bytes]] = deque(maxlen=200)
        self._status: dict[str, Any] = {}
        self._wake = threading.Event()
        self._closing = False
        self._threads: list[threading.Thread] = []

    def open(self) -> None:
        """Start the page process and wait until it listens.

        Raises:
            SinkError: the port is taken, or the process does not start.
        """
        command = [sys.executable, "-m", "medtalk_live.face.page", str(self._port)]
        # a group of its own, which Ctrl-C does not reach
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
            start_new_session=True,
        )
        self._port = self._await_ready(self._process)
        self.url = f"http://127.0.0.1:{self._port}/"
        self.name = f"preview {self.url}"
        self._closing = False
        self._tell_takes()
        for work, stream in (
            (self._feed, self._process.stdin),
            (self._listen, self._process.stdout),
        ):
            thread = threading.Thread(target=work, args=[stream], daemon=True, name="preview")
            thread.start()
            self._threads.append(thread)

    def _await_ready(self, process: subprocess.Popen[bytes]) -> int:
        assert process.stdout is not None
        watchdog = threading.Timer(_START_SECONDS, process.kill)
        watchdog.daemon = True
        watchdog.start()
        try:
            line = process.stdout.readline()
        finally:
            watchdog.cancel()
        answer = json.loads(line) if line else {"error": "its process did not start"}
        if "ready" in answer:
            return int(answer["ready"])
        self._process = None
        _end(process)
        raise SinkError(
            f"the preview page could not be served on port {self._port} ({answer['error']}): "
            "give another port, such as --preview 8766, or close what holds this one"
        )

    def send(self, frame: ControlFrame) -> None:
        """Leave the frame for the page; an unseen older one is dropped."""
        self._frame = frame
        self._wake.set()

    def audio(self, chunk: AudioChunk) -> None:
        """Leave a stretch of sound for the waveform (capture thread)."""
        self._sound.append(chunk)

    def show(self, status: Mapping[str, Any]) -> None:
        """Pass on the statistics of the run, once a second or so."""
        self._status |= status
        self._tell_status()

    def hello(self, info: StreamInfo) -> None:
        """Pass on what the stream says about itself."""
        self._status["stream"] = {
            "subject": info.subject,
            "model": info.model,
            "fps": float(info.fps),
            "latency_ms": info.latency_ms,
            "guidance": info.guidance,
            "timecode": info.timecode,
        }
        self._tell_status()

    def bye(self) -> None:
        """The face comes to rest."""
        self.send(ControlFrame.neutral())

    def close(self) -> None:
        """End the page process."""
        self._closing = True
        self._wake.set()
        process, self._process = self._process, None
        for thread in self._threads[:1]:  # the writer, before its pipe is closed
            thread.join(1.0)
            if process is not None and thread.is_alive():
                process.kill()  # it hangs: a pipe that is being written to cannot be closed
                thread.join(1.0)
        if process is not None:
            _end(process)
        for thread in self._threads:
            thread.join(1.0)
        self._threads.clear()

    def _tell_status(self) -> None:
        self._texts.append((wire.Kind.STATUS, wire.pack_json(_finite(self._status))))
        self._wake.set()

    def _tell_takes(self) -> None:
        self._status["takes"] = [dict(take) for take in self._takes()]
        self._tell_status()

    def _feed(self, stream: BinaryIO) -> None:
        """Writer thread: the only place that waits for the page process."""
        while not self._closing:
            self._wake.wait(0.25)
            self._wake.clear()
            try:
                self._write_all(stream)
            except (OSError, ValueError) as error:  # a closed pipe is an OSError or a ValueError
                if not self._closing:
                    self.health.failed += 1
                    self.health.last_error = f"the preview page has stopped ({error})"
                    log.warning("%s; the run goes on without it", self.health.last_error)
                return

    def _write_all(self, stream: BinaryIO) -> None:
        while self._texts:
            wire.write_message(stream, *self._texts.popleft())
        if self._sound:
            wire.write_message(stream, wire.Kind.SOUND, self._gather_sound())
        frame, self._frame = self._frame, None
        if frame is not None:
            wire.write_message(stream, wire.Kind.FRAME, wire.pack_frame(frame))
            self.health.sent += 1

    def _gather_sound(self) -> bytes:
        chunks = [self._sound.popleft() for _ in range(len(self._sound))]
        samples = np.concatenate([chunk.samples for chunk in chunks])
        return wire.pack_sound(samples, chunks[0].sample_rate, chunks[0].capture_time)

    def _listen(self, stream: BinaryIO) -> None:
        """Command thread: answers the pages' commands one after the other."""
        for line in stream:
            asked = json.loads(line)
            reply = self._execute(asked["address"], asked["arguments"])
            self._texts.append((wire.Kind.REPLY, wire.pack_json({"id": asked["id"], **reply})))
            self._wake.set()

    def _execute(self, address: str, arguments: list[object]) -> dict[str, object]:
        try:
            words = self._on_command(address, arguments)
            if "/take/" in address:
                self._status.pop("take", None)  # of a second ago: the page knows better now
                self._tell_takes()
        except MedTalkError as problem:
            return {"ok": False, "words": str(problem)}
        except Exception as error:  # a page must not end the run, whatever goes wrong
            log.warning("%s failed: %s; the run goes on", address, error)
            return {"ok": False, "words": f"{address} failed: {error}"}
        return {"ok": True, "words": words}


def _refuse(address: str, arguments: Sequence[object]) -> str:
    raise SinkError(f"{address} cannot be carried out: this page only shows")


def _finite(value: Any) -> Any:
    """JSON has no NaN or infinity: they become null."""
    if isinstance(value, Mapping):
        return {str(key): _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    return None if isinstance(value, float) and not np.isfinite(value) else value


def _end(process: subprocess.Popen[bytes]) -> None:
    """The page process ends with its standard input; one that hangs is killed."""
    assert process.stdin is not None
    with contextlib.suppress(OSError):  # it has gone already
        process.stdin.close()
    try:
        process.wait(2.0)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()

"""Serves the preview page: files, the face as polygons, and commands back.

Runs in a process of its own so that drawing never holds the engine's
interpreter. One asyncio loop; a thread reads the engine's messages. Every
viewer has a one-frame mailbox: a slow browser skips frames and holds up
nobody. Loopback only; the Host and Origin headers are checked, so that no
foreign page can reach it through the user's browser.
"""

from __future__ import annotations

import asyncio
import http
import json
import sys
import tempfile
import threading
from collections import deque
from collections.abc import Callable
from importlib import resources
from pathlib import Path
from typing import Any, BinaryIO

from websockets.asyncio.server import ServerConnection, serve
from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response
from websockets.typing import Origin

from medtalk_live.errors import GuidanceError
from medtalk_live.face.drawing import draw
from medtalk_live.face.page import wire
from medtalk_live.face.page.upload import MAXIMUM_BYTES, DroppedImages
from medtalk_live.model.streaming import LABELS
from medtalk_live.rig.controls import CONTROLS
from medtalk_live.rig.frames import ControlFrame

_FILES = {
    "/": ("index.html", "text/html"),
    "/page.css": ("page.css", "text/css"),
    **{
        f"/{name}.js": (f"{name}.js", "text/javascript")
        for name in ("main", "face", "plots", "panel")
    },
}
_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "connect-src 'self'",
        "img-src 'self' data:",
    )
)


class Viewer:
    """One browser: the newest face, and texts that must all arrive."""

    def __init__(self, connection: ServerConnection) -> None:
        self.connection = connection
        self.face: bytes | None = None
        self.texts: deque[str | bytes] = deque(maxlen=400)
        self.wake = asyncio.Event()

    def show(self, face: bytes) -> None:
        """Replace the face that waits to be sent."""
        self.face = face
        self.wake.set()

    def tell(self, text: str | bytes) -> None:
        """Queue a text or a stretch of waveform."""
        self.texts.append(text)
        self.wake.set()

    async def feed(self) -> None:
        """Send whatever waits, for ever."""
        while True:
            await self.wake.wait()
            self.wake.clear()
            while self.texts:
                await self.connection.send(self.texts.popleft())
            face, self.face = self.face, None
            if face is not None:
                await self.connection.send(face)


class PageServer:
    """The page process.

    Args:
        port: TCP port on loopback; 0 for any free one.
        engine: Messages from the engine.
        answer: Writes one JSON line to the engine.
    """

    def __init__(
        self, port: int, engine: BinaryIO, answer: Callable[[dict[str, Any]], None]
    ) -> None:
        self._port = port
        self._engine = engine
        self._answer = answer
        self._viewers: set[Viewer] = set()
        self._asked: dict[int, tuple[Viewer, int]] = {}
        self._count = 0
        self._frame: ControlFrame | None = None
        self._newest: bytes | None = None
        self._lock = threading.Lock()
        self._status = "{}"
        self._gone = asyncio.Event()
        self._hosts: set[str] = set()

    async def run(self) -> None:
        """Serve until the engine goes away."""
        # a free port is only known after binding, and the origins depend on it
        if self._port == 0:
            self._port = await _free_port()
        names = ("127.0.0.1", "localhost")
        self._hosts = {f"{name}:{self._port}" for name in names}
        with tempfile.TemporaryDirectory(prefix="medtalk-live-") as folder:
            self._images = DroppedImages(Path(folder))
            async with serve(
                self._serve_viewer,
                "127.0.0.1",
                self._port,
                process_request=self._serve_file,
                origins=[Origin(f"http://{host}") for host in self._hosts],
                compression=None,
                max_size=MAXIMUM_BYTES + 4096,
                server_header=None,
            ):
                self._answer({"ready": self._port})
                threading.Thread(
                    target=self._listen, args=[asyncio.get_running_loop()], daemon=True
                ).start()
                await self._gone.wait()

    def _listen(self, loop: asyncio.AbstractEventLoop) -> None:
        """Reader thread: hand the engine's messages to the loop."""
        while (message := wire.read_message(self._engine)) is not None:
            kind, body = message
            if kind is not wire.Kind.FRAME:
                loop.call_soon_threadsafe(self._take, kind, body)
                continue
            with self._lock:
                waiting, self._newest = self._newest, body
            if waiting is None:  # else the loop is behind: it will draw this one instead
                loop.call_soon_threadsafe(self._show_newest)
        loop.call_soon_threadsafe(self._gone.set)

    def _take(self, kind: wire.Kind, body: bytes) -> None:
        if kind is wire.Kind.SOUND:
            samples, rate, time = wire.unpack_sound(body)
            self._tell_all(wire.wave_message(wire.peaks_of(samples, rate), time))
        elif kind is wire.Kind.STATUS:
            self._status = body.decode()
            self._tell_all(self._status)
        else:
            self._reply(json.loads(body))

    def _show_newest(self) -> None:
        with self._lock:
            body, self._newest = self._newest, None
        if body is not None:
            self._show(wire.unpack_frame(body))

    def _show(self, frame: ControlFrame) -> None:
        self._frame = frame
        if self._viewers:
            face = wire.face_message(draw(frame.controls, frame.head, wire.PICTURE), frame)
            for viewer in self._viewers:
                viewer.show(face)

    def _tell_all(self, text: str | bytes) -> None:
        for viewer in self._viewers:
            viewer.tell(text)

    def _reply(self, reply: dict[str, Any]) -> None:
        viewer, number = self._asked.pop(reply["id"], (None, 0))
        if viewer is not None:
            viewer.tell(json.dumps({"reply": number, "ok": reply["ok"], "words": reply["words"]}))

    def _serve_file(self, connection: ServerConnection, request: Request) -> Response | None:
        if request.headers.get("Host") not in self._hosts:
            return connection.respond(
                http.HTTPStatus.FORBIDDEN, "this page is for this machine only\n"
            )
        path = request.path.partition("?")[0]
        if path == "/ws":
            return None
        if path not in _FILES:
            return connection.respond(http.HTTPStatus.NOT_FOUND, "there is no such page\n")
        name, kind = _FILES[path]
        body = resources.files(__package__).joinpath(name).read_bytes()
        headers = Headers(
            {
                "Content-Type": f"{kind}; charset=utf-8",
                "Content-Length": str(len(body)),
                "Content-Security-Policy": _POLICY,
                "X-Content-Type-Options": "nosniff",
                "Cache-Control": "no-store",
                "Connection": "close",
            }
        )
        return Response(200, "OK", headers, body)

    async def _serve_viewer(self, connection: ServerConnection) -> None:
        viewer = Viewer(connection)
        viewer.tell(_welcome())
        viewer.tell(self._status)
        self._viewers.add(viewer)
        if self._frame is not None:
            self._show(self._frame)
        feeder = asyncio.create_task(viewer.feed())
        try:
            async for message in connection:
                self._hear(viewer, message)
        except ConnectionClosed:
            pass
        finally:
            self._viewers.discard(viewer)
            feeder.cancel()

    def _hear(self, viewer: Viewer, message: str | bytes) -> None:
        """A command or a dropped image from a browser; nonsense is refused in words."""
        number = 0
        try:
            if isinstance(message, bytes):
                asked, image = _split_upload(message)
                number = int(asked["id"])
                path = self._images.keep(str(asked["name"]), image)
                address, arguments = "/medtalk/1/image", [str(path), *asked.get("arguments", [])]
            else:
                asked = json.loads(message)
                number = int(asked["id"])
                address, arguments = str(asked["address"]), list(asked["arguments"])
        except GuidanceError as problem:
            viewer.tell(json.dumps({"reply": number, "ok": False, "words": str(problem)}))
            return
        except (ValueError, KeyError, TypeError):
            viewer.tell(json.dumps({"reply": number, "ok": False, "words": "not a command"}))
            return
        self._count += 1
        self._asked[self._count] = (viewer, number)
        self._answer({"id": self._count, "address": address, "arguments": arguments})


def _welcome() -> str:
    """What a page must know before the first frame."""
    controls = [[control.board_name.removeprefix("CTRL_"), control.region] for control in CONTROLS]
    return json.dumps({"controls": controls, "labels": LABELS, "picture": wire.PICTURE})


def _split_upload(message: bytes) -> tuple[dict[str, Any], bytes]:
    """An upload: length of a JSON object (uint32), the object, the file."""
    length = int.from_bytes(message[:4], "little")
    asked = json.loads(message[4 : 4 + length])
    if not isinstance(asked, dict):
        raise ValueError("an upload begins with an object")
    return asked, message[4 + length :]


async def _free_port() -> int:
    server = await asyncio.start_server(lambda reader, writer: None, "127.0.0.1", 0)
    port = int(server.sockets[0].getsockname()[1])
    server.close()
    await server.wait_closed()
    return port


def answer_line(value: dict[str, Any]) -> None:
    """Write one JSON line to the engine."""
    sys.stdout.buffer.write(wire.pack_json(value) + b"\n")
    sys.stdout.buffer.flush()

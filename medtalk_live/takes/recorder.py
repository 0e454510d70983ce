"""Records a live run: frames, sound and guidance go to disk on a thread of their own.

``frame`` (pacing thread), ``audio`` (capture thread) and ``mark`` (any) only
put into a bounded queue, so a slow disk costs rows, which are counted, and
never a live frame. ``start`` and ``stop`` may block; one take at a time.
"""

from __future__ import annotations

import contextlib
import queue
import threading
import time
from collections import deque
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from medtalk_live.audio.source import AudioChunk
from medtalk_live.errors import TakeError
from medtalk_live.output.sink import StreamInfo
from medtalk_live.rig.frames import ControlFrame
from medtalk_live.takes.rows import encode_row
from medtalk_live.takes.take import Mark, TakeInfo
from medtalk_live.takes.writer import TakeWriter, WriterHealth, open_take

_QUEUE_ITEMS = 8192
_SYNC_SECONDS = 1.0
_STOP_SECONDS = 10.0
_HISTORY_SECONDS = 1.0
_HISTORY_CHUNKS = 1000


@dataclass(frozen=True, slots=True)
class RecordedTake:
    """What ``start`` and ``stop`` answer.

    Attributes:
        slate: As it stands on disk.
        take: The number.
        path: The folder.
        health: Counters; they move while recording.
    """

    slate: str
    take: int
    path: Path
    health: WriterHealth


_Item = tuple[float, bytes] | AudioChunk | Mark


class TakeRecorder:
    """Records takes into one folder.

    Args:
        folder: Where takes go; made when the first one starts.
        queue_items: How many frames and chunks may wait for the disk (8192: about 50 s).
    """

    def __init__(self, folder: Path, queue_items: int = _QUEUE_ITEMS) -> None:
        self._folder = folder
        self._queue_items = queue_items
        self._lock = threading.Lock()
        self._history: deque[AudioChunk] = deque(maxlen=_HISTORY_CHUNKS)
        self._queue: queue.Queue[_Item] | None = None
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._current: RecordedTake | None = None

    @property
    def current(self) -> RecordedTake | None:
        """The running take, if any."""
        return self._current

    def start(self, slate: str, info: StreamInfo, take_no: int | None = None) -> RecordedTake:
        """Begin a take; the next free number where none is given.

        Args:
            slate: What is being shot; characters unfit for a file name become ``_``.
            info: The stream: subject, rate, model, guidance, timecode.
            take_no: Number to use.

        Raises:
            TakeError: one is running, that take exists, or the folder cannot be written.
        """
        if self._current is not None:
            raise TakeError(f"take {self._current.path.name} is running: stop it first")
        writer = open_take(
            self._folder, _take_info(slate, info, take_no), (info.timecode, info.timecode_time)
        )
        name = writer.info
        self._current = RecordedTake(name.slate, name.take, writer.path, writer.health)
        items: queue.Queue[_Item] = queue.Queue(self._queue_items)
        self._stopping = threading.Event()
        self._thread = threading.Thread(
            target=_write, args=(writer, items, self._stopping), name="take", daemon=True
        )
        with self._lock:
            for chunk in self._history:
                items.put_nowait(chunk)
            self._queue = items
        self._thread.start()
        return self._current

    def frame(self, frame: ControlFrame) -> None:
        """Record a frame, if a take is running; never blocks."""
        if self._queue is not None:
            self._put((frame.time, encode_row(frame)))

    def audio(self, chunk: AudioChunk) -> None:
        """Record sound; the last second is kept, so that a take starts with its first frame's."""
        with self._lock:
            if self._queue is not None:
                self._put(chunk)
            self._history.append(chunk)
            while chunk.capture_time - self._history[0].capture_time > _HISTORY_SECONDS:
                self._history.popleft()

    def mark(self, time: float, words: str) -> None:
        """Record a change of guidance."""
        if self._queue is not None:
            self._put(Mark(time, words))

    def stop(self) -> RecordedTake:
        """End the take and close its files.

        Raises:
            TakeError: none is running.
        """
        if self._current is None or self._thread is None:
            raise TakeError("no take is running")
        recorded, self._current = self._current, None
        with self._lock:
            self._queue = None
        self._stopping.set()
        self._thread.join(_STOP_SECONDS)
        if self._thread.is_alive():
            recorded.health.fail(f"{recorded.path.name}: the disk is slow, writing goes on")
        self._thread = None
        return recorded

    def _put(self, item: _Item) -> None:
        items, current = self._queue, self._current
        if items is None or current is None:
            return
        try:
            items.put_nowait(item)
        except queue.Full:
            current.health.dropped += isinstance(item, tuple)
            current.health.fail(f"{current.path.name}: the disk is too slow for the stream")


def _take_info(slate: str, info: StreamInfo, take_no: int | None) -> TakeInfo:
    return TakeInfo(
        slate=slate,
        take=0 if take_no is None else take_no,
        subject=info.subject,
        fps=info.fps,
        model=info.model,
        software=info.version,
        created=datetime.now().astimezone().isoformat(timespec="seconds"),
        guidance=[Mark(0.0, info.guidance)],
    )


def _write(writer: TakeWriter, items: queue.Queue[_Item], stopping: threading.Event) -> None:
    """The recorder's thread: write what comes, sync once a second, close whatever happens."""
    synced = time.monotonic()
    try:
        while not (stopping.is_set() and items.empty()):
            with contextlib.suppress(queue.Empty):
                _store(writer, items.get(timeout=0.1))
            if time.monotonic() - synced > _SYNC_SECONDS:
                writer.sync()
                synced = time.monotonic()
    finally:
        writer.close()


def _store(writer: TakeWriter, item: _Item) -> None:
    if isinstance(item, AudioChunk):
        writer.audio(item)
    elif isinstance(item, Mark):
        writer.mark(item.time, item.words)
    else:
        writer.row(*item)

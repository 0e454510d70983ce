"""The take format: a folder of ``take.json``, ``curves.bin`` and ``audio.wav``.

``curves.bin`` is append-only rows with a CRC each, so that whatever a crash
or a full disk leaves behind is readable up to the break; ``take.json`` is
always replaced whole. The byte layout is in ``docs/takes.md``, a sample in
``protocol/``. Files are read here and written by ``recorder``; any thread.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medtalk_live.clock import NETWORK_FPS
from medtalk_live.errors import ConfigError, RigError, TakeError
from medtalk_live.output.timecode import parse_label
from medtalk_live.rig.controls import NAMES, TABLE_HASH, FloatArray, order_of
from medtalk_live.rig.frames import HEAD_NAMES, ControlFrame, Curves
from medtalk_live.takes.files import replace_file
from medtalk_live.takes.rows import ROW, ROW_BYTES, good_rows

FORMAT = "medtalk-take"
VERSION = 1
SUFFIX = ".take"
INFO_FILE = "take.json"
CURVES_FILE = "curves.bin"
AUDIO_FILE = "audio.wav"

_DAMAGE = (ValueError, TypeError, LookupError, ArithmeticError, RecursionError, ConfigError)

_MOST_SECONDS = 1e12  # of a steady clock; also false for what is not a number
_HIGHEST_RATE = 1_000_000


@dataclass(frozen=True, slots=True)
class Mark:
    """The guidance changed.

    Attributes:
        time: On the clock of the rows, in seconds.
        words: The new guidance.
    """

    time: float
    words: str


@dataclass(slots=True)
class TakeInfo:
    """What ``take.json`` says.

    Attributes:
        slate: What is being shot.
        take: Number of the attempt, from 1.
        subject: Whose face it is.
        fps: Frame rate.
        start_timecode: SMPTE timecode of the first row, empty where unknown.
        model: Name of the model.
        software: Version that recorded.
        created: Local date and time, ISO 8601.
        audio_rate: Sample rate of ``audio.wav`` in Hz, 0 where there is no sound.
        guidance: Every change, in order.
        closed: False while recording, and for ever after a crash.
    """

    slate: str
    take: int
    subject: str = ""
    fps: Fraction = NETWORK_FPS
    start_timecode: str = ""
    model: str = ""
    software: str = ""
    created: str = ""
    audio_rate: int = 0
    guidance: list[Mark] = field(default_factory=list)
    closed: bool = False

    @property
    def name(self) -> str:
        """Such as ``SLATE_003``."""
        return f"{self.slate}_{self.take:03}"

    def as_json(self) -> dict[str, Any]:
        """The content of ``take.json``."""
        return {
            "format": FORMAT,
            "version": VERSION,
            "slate": self.slate,
            "take": self.take,
            "subject": self.subject,
            "created": self.created,
            "software": self.software,
            "model": self.model,
            "frame_rate": [self.fps.numerator, self.fps.denominator],
            "start_timecode": self.start_timecode,
            "audio": {"file": AUDIO_FILE, "sample_rate": self.audio_rate}
            if self.audio_rate
            else None,
            "guidance": [{"time": mark.time, "words": mark.words} for mark in self.guidance],
            "closed": self.closed,
            "table_hash": TABLE_HASH,
            "head": list(HEAD_NAMES),
            "controls": list(NAMES),
        }


@dataclass(frozen=True, slots=True)
class Take:
    """A take in memory; ``controls`` and ``head`` are in our order whatever the file's was.

    Attributes:
        path: The folder.
        info: What ``take.json`` says.
        index: (T,) uint32, frame numbers of the live stream; a jump is a lost row.
        times: (T,) float64, seconds on the sender's steady clock.
        controls: (T, 174) float32.
        head: (T, 6) float32.
        broken_bytes: What of ``curves.bin`` could not be read.
    """

    path: Path
    info: TakeInfo
    index: NDArray[np.uint32]
    times: NDArray[np.float64]
    controls: FloatArray
    head: FloatArray
    broken_bytes: int = 0

    def __len__(self) -> int:
        """Number of rows."""
        return len(self.times)

    @property
    def start_time(self) -> float:
        """Time of the first row (0 for an empty take)."""
        return float(self.times[0]) if len(self) else 0.0

    @property
    def seconds(self) -> float:
        """Length: from the first row to the end of the last."""
        return float(self.times[-1] - self.times[0] + 1 / self.info.fps) if len(self) else 0.0

    @property
    def lost_rows(self) -> int:
        """Frames of the stream that are missing between the first row and the last."""
        return int(np.sum(np.maximum(np.diff(self.index.astype(np.int64)) - 1, 0)))

    @property
    def curves(self) -> Curves:
        """The take as a clip whose times start at 0."""
        times = (self.times - self.start_time).astype(np.float32)
        return Curves(self.controls, self.head, times, self.info.fps)

    @property
    def audio_path(self) -> Path | None:
        """The sound, whose first sample belongs to the first row; None where there is none."""
        path = self.path / AUDIO_FILE
        return path if path.is_file() else None

    def frames(self) -> Iterator[ControlFrame]:
        """The rows as frames, with times from 0."""
        for row in range(len(self)):
            time = float(self.times[row]) - self.start_time
            yield ControlFrame(int(self.index[row]), time, self.controls[row], self.head[row])


def read_take(path: Path) -> Take:
    """Open a take, closed or not; rows are read up to the first broken one.

    Raises:
        TakeError: it is not a take, or of a newer version, or of another rig.
    """
    info, order = read_info(path)
    data = read_bytes(path / CURVES_FILE)
    good = good_rows(data)
    count = len(good) if good.all() else int(np.argmin(good))
    rows = np.frombuffer(data, ROW, count)
    return Take(
        path=path,
        info=info,
        index=rows["index"].astype(np.uint32),
        times=rows["time"].astype(np.float64),
        controls=rows["controls"].astype(np.float32)[:, order],
        head=rows["head"].astype(np.float32),
        broken_bytes=len(data) - count * ROW_BYTES,
    )


def read_bytes(path: Path) -> bytes:
    """A file of a take.

    Raises:
        TakeError: it is missing or cannot be read.
    """
    try:
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        raise TakeError(
            f"{path.parent} has no {path.name}: name the folder of a take, such as SLATE_001.take"
        ) from None
    except OSError as error:
        raise TakeError(f"{path} cannot be read ({error.strerror})") from None


def read_info(path: Path) -> tuple[TakeInfo, NDArray[np.intp]]:
    """``take.json`` of a take, and the column of each control in its rows.

    Raises:
        TakeError: missing, damaged, of a newer version, or of another rig.
    """
    text = read_bytes(path / INFO_FILE)
    remedy = f"run  medtalk-live take repair {path}"
    try:
        values = json.loads(text)
        if values["format"] != FORMAT:
            raise ValueError(f"its format is {values['format']!r}")
        version = int(values["version"])
        if version <= VERSION:
            return _info_from(values), order_of([str(name) for name in values["controls"]])
    except RigError as error:
        raise TakeError(f"{path} was made for another rig: {error}") from None
    except _DAMAGE as error:
        raise TakeError(f"{path / INFO_FILE} is damaged ({error!r:.100}): {remedy}") from None
    raise TakeError(
        f"{path} is a take of version {version}; this program reads {VERSION}: update it"
    )


def _info_from(values: dict[str, Any]) -> TakeInfo:
    fps = Fraction(*(int(part) for part in values["frame_rate"]))
    if not 1 <= fps <= 1000:
        raise ValueError(f"a frame rate of {fps}")
    audio = values["audio"]
    marks = [Mark(float(mark["time"]), _text(mark["words"])) for mark in values["guidance"]]
    if not all(abs(mark.time) < _MOST_SECONDS for mark in marks):
        raise ValueError("a guidance mark without a time")
    audio_rate = int(audio["sample_rate"]) if audio else 0
    if not 0 <= audio_rate <= _HIGHEST_RATE:
        raise ValueError(f"a sample rate of {audio_rate}")
    start_timecode = _text(values["start_timecode"])
    if start_timecode:
        parse_label(start_timecode, fps)
    return TakeInfo(
        slate=_text(values["slate"]),
        take=int(values["take"]),
        subject=_text(values["subject"]),
        fps=fps,
        start_timecode=start_timecode,
        model=_text(values["model"]),
        software=_text(values["software"]),
        created=_text(values["created"]),
        audio_rate=audio_rate,
        guidance=marks,
        closed=bool(values["closed"]),
    )


def _text(value: Any) -> str:
    """Text that UTF-8 can write: JSON may hold halves of characters."""
    return str(value).encode("utf-8", "replace").decode()


def write_info(path: Path, info: TakeInfo) -> None:
    """Replace ``take.json``; raises ``OSError``."""
    text = json.dumps(info.as_json(), ensure_ascii=False, indent=1)
    replace_file(path / INFO_FILE, text.encode())

"""Takes and clips as files for other programs.

``csv`` and ``txt`` as ``animate`` writes them, Live Link Face's own CSV, a
Maya script that sets keys, and JSON for the Unreal importer (all described in
``docs/takes.md``). A file appears whole or not at all. Blocks on the disk.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from medtalk_live.errors import TakeError
from medtalk_live.output.timecode import drops, label, parse_label
from medtalk_live.rig.arkit import APP_NAMES, LIVE_LINK_NAMES, to_live_link
from medtalk_live.rig.controls import NAMES, FloatArray
from medtalk_live.rig.frames import HEAD_NAMES, Curves
from medtalk_live.rig.metahuman import BOARD_NAMES, RAW_NAMES, to_board, to_raw
from medtalk_live.takes.files import check_place, replace_file, writing
from medtalk_live.takes.maya import maya_script
from medtalk_live.takes.take import Take

UNREAL_FORMAT = "medtalk-unreal-take"
_DIGITS = 5


def write_csv(curves: Curves, path: Path) -> None:
    """Curves with a header: time, the 174 controls, the head; a row a frame.

    Raises:
        TakeError: the file cannot be written.
    """
    _write(path, _csv(curves))


def write_txt(curves: Curves, path: Path) -> None:
    """The MEDTalk authors' format: the 174 controls, comma-separated, no header.

    Raises:
        TakeError: the file cannot be written.
    """
    _write(path, _table(curves.controls))


def export(take: Take, kind: str, path: Path | None = None) -> Path:
    """Export a take as ``csv``, ``txt``, ``livelink``, ``maya`` or ``json``.

    Args:
        take: What to export.
        kind: One of ``EXPORTS``.
        path: The file; beside the take, named after it, where none is given.

    Returns:
        The file that was written.

    Raises:
        TakeError: the kind is unknown, the take is empty, or the file cannot be written.
    """
    if kind not in EXPORTS:
        raise TakeError(f"'{kind}' is no export: choose from {', '.join(EXPORTS)}")
    if not len(take):
        raise TakeError(f"{take.path} holds no rows: there is nothing to export")
    ending, content = EXPORTS[kind]
    path = path or take.path.parent / f"{take.path.stem}{ending}"
    check_file(path)
    _write(path, content(take))
    return path


def _csv(curves: Curves) -> str:
    header = ",".join(("time", *NAMES, *HEAD_NAMES))
    times = np.asarray(curves.times, np.float64)[:, None]
    values = np.concatenate([times, curves.controls, curves.head], axis=1)
    return f"{header}\n{_table(values)}"


def _table(values: FloatArray | np.ndarray[Any, np.dtype[np.float64]]) -> str:
    text = io.StringIO()
    np.savetxt(text, values, fmt="%.7g", delimiter=",")
    return text.getvalue()


def _live_link_csv(take: Take) -> str:
    """The phone app's file: its header and order, a timecode a row, values by name."""
    values = to_live_link(take.controls, take.head)[
        :, [LIVE_LINK_NAMES.index(n) for n in APP_NAMES]
    ]
    lines = [",".join(("Timecode", "BlendShapeCount", *APP_NAMES))]
    for time, row in zip(_positions(take), values, strict=True):
        frame = int(time)
        words = label(frame, take.info.fps, _drop_frame(take))
        cells = ",".join(f"{value:.10f}" for value in row)
        lines.append(f"{words}.{int((time - frame) * 1000):03},{len(APP_NAMES)},{cells}")
    return "\n".join(lines) + "\n"


def _positions(take: Take) -> list[float]:
    """Frames since midnight of every row, with their fraction, to a thousandth."""
    fps, start = take.info.fps, take.info.start_timecode
    first = parse_label(start, fps) if start else 0
    return [round(first + t * float(fps), 3) for t in take.times - take.start_time]


def _drop_frame(take: Take) -> bool:
    return ";" in take.info.start_timecode


def _unreal_json(take: Take) -> str:
    """What the plugin's importer reads: board keys and raw curves by name."""
    info, times = take.info, take.times - take.start_time
    fps = info.fps
    audio = take.audio_path
    content = {
        "format": UNREAL_FORMAT,
        "version": 1,
        "slate": info.slate,
        "take": info.take,
        "subject": info.subject,
        "model": info.model,
        "frame_rate": [fps.numerator, fps.denominator],
        "drop_frame": _drop_frame(take) if info.start_timecode else drops(fps),
        "start_timecode": info.start_timecode,
        "audio": str(audio.resolve()) if audio else None,
        "frames": [round(t * float(fps)) for t in times],
        "times": _rounded(times),
        "board": _by_name(BOARD_NAMES, to_board(take.controls)),
        "raw": _by_name(RAW_NAMES, to_raw(take.controls)),
        "head": _by_name(HEAD_NAMES, take.head),
        "guidance": [
            {
                "time": round(mark.time - take.start_time, _DIGITS),
                "frame": round((mark.time - take.start_time) * float(fps)),
                "words": mark.words,
            }
            for mark in info.guidance
        ],
    }
    return json.dumps(content, ensure_ascii=False)


def _by_name(names: tuple[str, ...], values: FloatArray) -> dict[str, list[float]]:
    """A list of values a name; a single value where the curve never moves."""
    columns = (np.asarray(values[:, column], np.float64) for column in range(len(names)))
    still = (column[:1] if np.ptp(column) == 0 else column for column in columns)
    return {name: _rounded(column) for name, column in zip(names, still, strict=True)}


def _rounded(values: np.ndarray[Any, np.dtype[np.float64]]) -> list[float]:
    return [round(float(value), _DIGITS) for value in values]


def check_file(path: Path) -> None:
    """Refuse a file that could not be written, before its content is computed.

    Raises:
        TakeError: it is a folder, or lies in none that can be written.
    """
    with writing(path, TakeError):
        check_place(path)


def _write(path: Path, text: str) -> None:
    with writing(path, TakeError):
        replace_file(path, text.encode())


EXPORTS: dict[str, tuple[str, Callable[[Take], str]]] = {
    "csv": (".csv", lambda take: _csv(take.curves)),
    "txt": (".txt", lambda take: _table(take.controls)),
    "livelink": ("_livelink.csv", _live_link_csv),
    "maya": ("_maya.py", maya_script),
    "json": (".json", _unreal_json),
}
"""Ending of the file and its content, by kind."""

"""Mends a take that a crash, a full disk or a bad sector left behind.

Keeps every row whose CRC holds, even behind a break, makes the sound's header
fit its length, and writes ``take.json`` anew where it is lost. What is cut
off stays beside the take as ``*.damaged``. Blocks on the disk.
"""

from __future__ import annotations

import struct
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from medtalk_live.audio.file import open_sound
from medtalk_live.clock import NETWORK_FPS, parse_frame_rate
from medtalk_live.errors import AudioError, ConfigError, TakeError
from medtalk_live.takes.files import WAV_HEADER_BYTES, replace_file, wav_header
from medtalk_live.takes.rows import ROW, ROW_BYTES, good_rows
from medtalk_live.takes.take import (
    AUDIO_FILE,
    CURVES_FILE,
    INFO_FILE,
    TakeInfo,
    read_bytes,
    read_info,
    write_info,
)
from medtalk_live.takes.writer import slate_of

_FALLBACK_RATE = 16_000


def repair(path: Path) -> list[str]:
    """Mend the take ``path``.

    Returns:
        What was done, a sentence each; empty where nothing was wrong.

    Raises:
        TakeError: it is no take's folder, was made by a newer version, or cannot be written.
    """
    if not (path / CURVES_FILE).is_file() and not (path / INFO_FILE).is_file():
        raise TakeError(f"{path} holds neither {CURVES_FILE} nor {INFO_FILE}: it is no take")
    try:
        rows, done = _mend_curves(path / CURVES_FILE)
        info, words = _mend_info(path, rows)
        rate = info.audio_rate
        sound = _mend_sound(path / AUDIO_FILE, info)
        if words or info.audio_rate != rate or not info.closed:
            done += words or ([] if info.closed else [f"{INFO_FILE}: marked as closed"])
            info.closed = True
            write_info(path, info)
    except OSError as error:
        raise TakeError(f"{path} cannot be repaired ({error.strerror or error})") from None
    return done + sound


def _mend_curves(file: Path) -> tuple[NDArray[np.void], list[str]]:
    data = read_bytes(file) if file.exists() else b""
    good = good_rows(data)
    rows = np.frombuffer(data, ROW, len(good))[good]
    lost = len(data) - len(rows) * ROW_BYTES
    if lost or not file.exists():
        _keep_aside(file, data)
        replace_file(file, rows.tobytes())
    return rows, [
        f"{CURVES_FILE}: {len(rows)} good rows kept, {lost} bytes cut off"
    ] if lost else []


def _mend_info(path: Path, rows: NDArray[np.void]) -> tuple[TakeInfo, list[str]]:
    try:
        return read_info(path)[0], []
    except TakeError as error:
        if "damaged" not in str(error) and (path / INFO_FILE).exists():
            raise
    if (path / INFO_FILE).exists():
        _keep_aside(path / INFO_FILE, read_bytes(path / INFO_FILE))
    slate, number = slate_of(path)
    info = TakeInfo(slate, number, fps=_rate_of(rows["time"]))
    return info, [f"{INFO_FILE}: written anew from the folder's name and the rows"]


def _rate_of(times: NDArray[np.float64]) -> Fraction:
    """The known frame rate that is nearest to the rows' spacing."""
    step = float(np.median(np.diff(times))) if len(times) > 1 else 0.0
    try:
        return parse_frame_rate(round(1 / step)) if step > 0 else NETWORK_FPS
    except (ConfigError, OverflowError):
        return NETWORK_FPS


def _mend_sound(file: Path, info: TakeInfo) -> list[str]:
    if not file.exists():
        info.audio_rate = 0
        return []
    data = read_bytes(file)
    ours = _is_ours(data)
    if not ours and _opens(file):
        return []  # put here by another program, say cleaned of noise
    found = struct.unpack_from("<I", data, 24)[0] if ours else 0
    info.audio_rate = info.audio_rate or found or _FALLBACK_RATE
    body = data[WAV_HEADER_BYTES:]
    body = body[: len(body) // 2 * 2]
    mended = wav_header(info.audio_rate, len(body)) + body
    if mended == data:
        return []
    if not ours:
        _keep_aside(file, data)
    replace_file(file, mended)
    return [f"{AUDIO_FILE}: header mended, {len(body) / 2 / info.audio_rate:.2f} s of sound"]


def _is_ours(data: bytes) -> bool:
    """Whether a sound begins as the recorder writes it, its rate and its lengths aside."""
    header = wav_header(_FALLBACK_RATE, 0)
    fixed = (slice(0, 4), slice(8, 24), slice(32, 40))
    return len(data) >= WAV_HEADER_BYTES and all(data[part] == header[part] for part in fixed)


def _opens(file: Path) -> bool:
    try:
        open_sound(file).close()
    except AudioError:
        return False
    return True


def _keep_aside(file: Path, data: bytes) -> None:
    if data:
        replace_file(file.with_name(f"{file.name}.damaged"), data)

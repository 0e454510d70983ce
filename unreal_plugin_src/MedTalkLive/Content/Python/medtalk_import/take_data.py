"""A take as the importer sees it: the JSON of ``medtalk-live take export --as json``.

A ``.take`` folder is turned into the same JSON by the plugin's core. Values
are brought to whole frames of the sequence's rate by linear interpolation,
so lost frames and other rates leave no gap. No engine here; any thread.
"""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FORMAT = "medtalk-unreal-take"
VERSION = 1
_ERROR = "ERROR: "
_ROUNDING = 0.01
"""Frames: times are kept to five decimals, which must not cost the last frame."""


class TakeImportError(Exception):
    """Something a user can fix; the sentence says what was found and what to do."""


@dataclass(frozen=True)
class TakeData:
    """A take.

    Attributes:
        name: ``SLATE_003``.
        fps: Frame rate of the recording, numerator and denominator.
        times: Seconds of every row, from 0.
        board: Values by control-board name (``CTRL_L_eye.tx``), one a row or a single one.
        raw: Values by curve name (``CTRL_expressions_jawOpen``), likewise.
        head: Degrees and centimetres by name, likewise.
        audio: The sound, None where there is none.
        start_timecode: ``HH:MM:SS:FF`` of the first row, or empty.
    """

    name: str
    fps: tuple[int, int]
    times: list[float]
    board: dict[str, list[float]]
    raw: dict[str, list[float]]
    head: dict[str, list[float]]
    audio: Path | None
    start_timecode: str

    def frame_count(self, fps: tuple[int, int]) -> int:
        """Whole frames at a rate, from the first row to the last."""
        return int(self.times[-1] * fps[0] / fps[1] + _ROUNDING) + 1

    def at_rate(self, values: Sequence[float], fps: tuple[int, int]) -> list[float]:
        """One value for every whole frame at a rate."""
        count = self.frame_count(fps)
        if len(values) == 1:
            return [values[0]] * count
        return [self._at(values, frame * fps[1] / fps[0]) for frame in range(count)]

    def _at(self, values: Sequence[float], time: float) -> float:
        right = min(bisect_right(self.times, time), len(self.times) - 1)
        left = max(right - 1, 0)
        span = self.times[right] - self.times[left]
        share = (time - self.times[left]) / span if span > 0 else 0.0
        share = min(max(share, 0.0), 1.0)
        return values[left] + (values[right] - values[left]) * share


def read_take(path: Path, folder_to_json: Callable[[str], str]) -> TakeData:
    """Read a JSON export or a ``.take`` folder.

    Args:
        path: Either of them.
        folder_to_json: The plugin's ``MedTalkTakeLibrary.take_to_json``.

    Raises:
        TakeImportError: it is no take, or an empty one.
    """
    if path.is_dir():
        text = folder_to_json(str(path))
        if text.startswith(_ERROR):
            raise TakeImportError(text[len(_ERROR) :])
    else:
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise TakeImportError(f"{path} cannot be read ({error}): name a take") from None
    try:
        return _from_json(json.loads(text), path)
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise TakeImportError(
            f"{path} is no take for Unreal ({error!r:.80}): "
            "make one with  medtalk-live take export TAKE --as json"
        ) from None


def _from_json(values: dict[str, Any], path: Path) -> TakeData:
    if values["format"] != FORMAT or values["version"] > VERSION:
        raise ValueError(f"format {values['format']} {values['version']}")
    times = [float(time) for time in values["times"]]
    if not times:
        raise TakeImportError(f"{path} holds no frames: there is nothing to import")
    for curves in (values["board"], values["raw"], values["head"]):
        if any(len(curve) not in (1, len(times)) for curve in curves.values()):
            raise ValueError("curves of different lengths")
    return TakeData(
        name=f"{values['slate']}_{values['take']:03}",
        fps=(int(values["frame_rate"][0]), int(values["frame_rate"][1])),
        times=times,
        board=_floats(values["board"]),
        raw=_floats(values["raw"]),
        head=_floats(values["head"]),
        audio=_audio(values, path),
        start_timecode=values["start_timecode"],
    )


def _floats(curves: dict[str, list[float]]) -> dict[str, list[float]]:
    """JSON writes whole numbers without a point; the editor's key functions want floats."""
    return {name: [float(value) for value in values] for name, values in curves.items()}


def _audio(values: dict[str, Any], path: Path) -> Path | None:
    """The sound where it was recorded, else beside the JSON."""
    name = f"{values['slate']}_{values['take']:03}.take"
    beside = [path / "audio.wav", path.parent / name / "audio.wav"]
    given = [Path(values["audio"])] if values["audio"] else []
    return next((file for file in given + beside if file.is_file()), None)


def reduced(values: Sequence[float], tolerance: float) -> list[int]:
    """Frames whose keys suffice: linear interpolation stays within the tolerance (0 keeps all).

    Ramer-Douglas-Peucker with the vertical distance, without recursion.
    """
    if tolerance <= 0.0 or len(values) < 3:
        return list(range(len(values)))
    kept, spans = {0, len(values) - 1}, [(0, len(values) - 1)]
    while spans:
        first, last = spans.pop()
        slope = (values[last] - values[first]) / max(last - first, 1)
        worst, at = tolerance, -1
        for frame in range(first + 1, last):
            error = abs(values[first] + slope * (frame - first) - values[frame])
            if error > worst:
                worst, at = error, frame
        if at >= 0:
            kept.add(at)
            spans += [(first, at), (at, last)]
    return sorted(kept)

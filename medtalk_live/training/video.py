"""Guidance data from talking-head clips: face, reference picture and description of each.

Every frame goes through MediaPipe's face landmarker (the worker of
``guidance/image.py``), its shapes become controls at 60 fps, the frame of the
highest pseudo-intensity is the reference picture; the description stands in a
``.txt`` beside the clip or comes from a captioner. A clip that is done is not
redone. Offline; seconds a clip. Source: MEDTalk, sections 3.5 and 4.1.
"""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from scipy.signal import savgol_filter

from medtalk_live.clock import SAMPLE_RATE, frame_count
from medtalk_live.errors import GuidanceError, MedTalkError, MissingExtraError, TrainingError
from medtalk_live.guidance.image import READER
from medtalk_live.guidance.landmarks import expression
from medtalk_live.rig.arkit import to_controls
from medtalk_live.rig.controls import FloatArray, clamp, pseudo_intensity
from medtalk_live.training.guidance_pairs import write_pair

ENDINGS = (".mp4", ".mov", ".mkv", ".webm", ".avi", ".m4v")
LARGEST_GAP = 0.2
"""Share of a clip's frames that may be without a face; they are interpolated."""

Captioner = Callable[[Image.Image], str]
Progress = Callable[[int, int], None]


@dataclass
class VideoReport:
    """What became of the clips.

    Attributes:
        done: Names of the clips that are now guidance data.
        refused: Why the others are not, by file name.
    """

    done: list[str] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)


def guidance_from_videos(
    folder: Path, out: Path, captioner: Captioner | None = None, progress: Progress | None = None
) -> VideoReport:
    """Turn every clip of a folder into guidance data.

    Args:
        folder: Talking-head clips with sound, one face each, below it at any depth.
        out: Gets ``audio/ rig/ image/ text/``.
        captioner: Asked for a description where no ``.txt`` lies beside the clip.
        progress: Called with (clips done, of).

    Raises:
        TrainingError: there is no clip, or none could be used.
        MissingExtraError: MediaPipe or imageio-ffmpeg is not installed.
        GuidanceError: MediaPipe's model file is not here.
    """
    clips = sorted(path for path in folder.rglob("*") if path.suffix.lower() in ENDINGS)
    if not clips:
        raise TrainingError(
            f"{folder} holds no clips: expected files ending in {', '.join(ENDINGS)}"
        )
    READER.warm()
    report = VideoReport()
    for number, path in enumerate(clips):
        name = "-".join(path.relative_to(folder).with_suffix("").parts)
        try:
            if not (out / "audio" / f"{name}.wav").exists():
                _convert(path, name, out, captioner)
            report.done.append(name)
        except MissingExtraError:
            raise
        except MedTalkError as error:
            report.refused[path.name] = str(error)
        if progress is not None:
            progress(number + 1, len(clips))
    if not report.done:
        name, reason = next(iter(report.refused.items()))
        raise TrainingError(f"none of the {len(clips)} clips could be used; {name}: {reason}")
    return report


def _convert(path: Path, name: str, out: Path, captioner: Captioner | None) -> None:
    described = path.with_suffix(".txt")
    if captioner is None and not described.is_file():
        raise TrainingError(
            f"{described.name} is missing: put a sentence on the expression beside the clip, "
            "or name a captioner"
        )
    samples = read_sound(path)
    shapes, fps, picture = read_faces(path)
    controls = at_sixty(shapes, fps, frame_count(len(samples)))
    if described.is_file():
        words = described.read_text(encoding="utf-8").strip()
    else:
        assert captioner is not None
        words = captioner(picture)
    write_pair(
        out, name, samples[: -(-len(controls) * SAMPLE_RATE // 60)], controls, picture, words
    )


def read_faces(path: Path) -> tuple[FloatArray, float, Image.Image]:
    """ARKit shapes of every frame, the frame rate, and the frame of the strongest expression.

    Returns:
        Shapes (T, 52), where no face was seen interpolated.

    Raises:
        TrainingError: too many frames without exactly one face, or no clip.
    """
    rows: list[FloatArray | None] = []
    strongest, picture = -1.0, None
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "frame.bmp"
        fps, frames = _frames(path)
        for frame in frames:
            frame.save(place)
            try:
                shapes = expression(READER.read(place))
            except GuidanceError:
                rows.append(None)
                continue
            rows.append(shapes)
            intensity = float(pseudo_intensity(to_controls(shapes)))
            if intensity > strongest:
                strongest, picture = intensity, frame
    seen = [place for place, row in enumerate(rows) if row is not None]
    if picture is None or len(rows) - len(seen) > LARGEST_GAP * len(rows):
        raise TrainingError(
            f"one face was found in {len(seen)} of {len(rows)} frames of {path.name}; expected "
            f"{1 - LARGEST_GAP:.0%} or more: give clips of one person, seen from the front"
        )
    known = np.stack([row for row in rows if row is not None])
    return _interpolated(np.arange(len(rows)), np.asarray(seen), known), fps, picture


def at_sixty(shapes: FloatArray, fps: float, frames: int) -> FloatArray:
    """Controls (frames, 174) at 60 fps of shapes (T, 52) at ``fps``, as long as both last."""
    frames = min(frames, int(len(shapes) / fps * 60))
    dense = _interpolated(np.arange(frames) / 60 * fps, np.arange(len(shapes)), shapes)
    if frames >= 5:
        dense = np.clip(savgol_filter(dense, 5, 2, axis=0, mode="nearest"), 0, 1)
    return clamp(to_controls(dense.astype(np.float32)))


def _interpolated(wanted: Any, known: Any, values: FloatArray) -> FloatArray:
    columns = [np.interp(wanted, known, column) for column in values.T]
    return np.stack(columns, axis=1).astype(np.float32)


def read_sound(path: Path) -> FloatArray:
    """The sound of a clip (n,), mono at 16 kHz.

    Raises:
        TrainingError: it has none.
    """
    command = [_ffmpeg().get_ffmpeg_exe(), "-v", "error", "-i", str(path), "-vn", "-ac", "1"]
    command += ["-ar", str(SAMPLE_RATE), "-f", "f32le", "-"]
    answer = subprocess.run(command, capture_output=True, check=False)
    samples = np.frombuffer(answer.stdout, "<f4")
    if answer.returncode or not len(samples):
        reason = answer.stderr.decode(errors="replace").strip().splitlines()
        raise TrainingError(
            f"{path.name} has no sound that can be read ({reason[-1] if reason else 'empty'}): "
            "give clips in which the person is heard"
        )
    return samples.astype(np.float32)


def _frames(path: Path) -> tuple[float, Iterator[Image.Image]]:
    """Frame rate and frames of a clip."""
    reader = _ffmpeg().read_frames(str(path), pix_fmt="rgb24")
    try:
        meta = next(reader)
    except (OSError, RuntimeError, StopIteration) as error:
        raise TrainingError(f"{path.name} cannot be read as a film ({error})") from None
    width, height = meta["size"]
    return float(meta["fps"]), (Image.frombytes("RGB", (width, height), data) for data in reader)


def _ffmpeg() -> Any:
    try:
        import imageio_ffmpeg
    except ImportError:
        raise MissingExtraError("imageio-ffmpeg", "film", "reading clips") from None
    return imageio_ffmpeg

"""A photo as guidance: the expression of its face, without pose and identity.

A worker process finds the landmarks, ``landmarks.py`` the ARKit shapes, the
rig the controls; the model embeds them, and what its own face lacks of them is
added as offsets, of which the lips' part yields to speech (``engine/gestures``).
May block for seconds at the first photo: any thread but the engine's.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from medtalk_live.clock import SAMPLE_RATE
from medtalk_live.errors import GuidanceError, MissingExtraError
from medtalk_live.guidance.landmarks import Face, expression
from medtalk_live.guidance.request import Guidance
from medtalk_live.model.fetch import find_face_model
from medtalk_live.model.streaming import (
    FaceModel,
    GuidanceCode,
    NetworkFrame,
    hop_end,
    zero_offsets,
)
from medtalk_live.rig.arkit import to_controls
from medtalk_live.rig.controls import FloatArray, clamp, pair, region

_START_SECONDS, _PHOTO_SECONDS = 120.0, 20.0
_REST_SECONDS = 0.4
_LARGEST_OFFSET = 0.8
_UPPER = region("brows", "eyes", "cheeks", "nose")
_MOUTH = np.union1d(region("lips", "jaw"), pair("mouth_suckBlow"))


class FaceReader:
    """The worker process, started at the first photo and again where it died."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[str] | None = None

    def warm(self) -> None:
        """Start the worker and wait until it is ready.

        Raises:
            MissingExtraError: MediaPipe is not installed.
            GuidanceError: its model file is not here, or it does not start.
        """
        with self._lock:
            self._running()

    def read(self, path: Path) -> Face:
        """The face in a photo.

        Raises:
            GuidanceError: no face, several, or no photo; the sentence says which.
        """
        if not path.is_file():
            raise GuidanceError(f"the photo {path} does not exist: check its path")
        with self._lock:
            answer = self._ask(str(path.resolve()))
        if "error" in answer:
            raise GuidanceError(f"{path.name} {answer['error']}")
        faces = answer["faces"]
        if len(faces) != 1:
            found = f"{len(faces)} faces were" if faces else "no face was"
            raise GuidanceError(
                f"{found} found in {path.name}; expected one: "
                "give a photo of one face, seen from the front and well lit"
            )
        face = faces[0]
        return Face(face["scores"], np.asarray(face["points"]), np.asarray(face["rotation"]))

    def close(self) -> None:
        """End the worker."""
        with self._lock:
            self._end()

    def _ask(self, path: str) -> dict[str, Any]:
        process = self._running()
        try:
            assert process.stdin is not None
            process.stdin.write(json.dumps(path) + "\n")
            process.stdin.flush()
            return self._line(process, _PHOTO_SECONDS)
        except (OSError, ValueError) as error:
            self._end()
            raise GuidanceError(f"the photo could not be looked at ({error}): try again") from None

    def _running(self) -> subprocess.Popen[str]:
        if self._process is not None and self._process.poll() is None:
            return self._process
        if find_spec("mediapipe") is None:
            raise MissingExtraError("mediapipe", "image", "reading an expression from a photo")
        command = [sys.executable, "-m", "medtalk_live.guidance.face_worker"]
        self._process = subprocess.Popen(
            [*command, str(find_face_model())],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            encoding="utf-8",
            env=_environment(),
        )
        try:
            self._line(self._process, _START_SECONDS)
        except (OSError, ValueError) as error:
            self._end()
            raise GuidanceError(
                f"MediaPipe does not start here ({error}): try  pip install -U mediapipe"
            ) from None
        return self._process

    def _line(self, process: subprocess.Popen[str], seconds: float) -> dict[str, Any]:
        """The next answer; a worker that hangs is ended, which closes its pipe."""
        assert process.stdout is not None
        timer = threading.Timer(seconds, process.kill)
        timer.start()
        try:
            line = process.stdout.readline()
        finally:
            timer.cancel()
        if not line:
            raise OSError("its process ended")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def _end(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            for pipe in (self._process.stdin, self._process.stdout):
                if pipe is not None:
                    pipe.close()
            self._process = None


READER = FaceReader()
"""The process's own; one worker serves every stream."""


def _environment() -> dict[str, str]:
    """The worker imports this package from wherever it is imported here."""
    import os

    root = str(Path(__file__).resolve().parents[2])
    paths = [root, *filter(None, [os.environ.get("PYTHONPATH")])]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "OMP_NUM_THREADS": "1"}


def encode(guidance: Guidance, model: FaceModel) -> GuidanceCode:
    """The code of a photo.

    Raises:
        GuidanceError: no usable face is in it.
        MissingExtraError: MediaPipe is not installed.
    """
    assert guidance.path is not None
    shapes = _shapes(_version(guidance.path), _version(guidance.neutral_path))
    controls = to_controls(shapes)
    embedding = model.embed_expression(controls)
    bare = GuidanceCode(embedding, guidance.intensity, zero_offsets())
    wanted = clamp(guidance.intensity * controls)
    return GuidanceCode(embedding, guidance.intensity, _lacking(wanted, _resting(model, bare)))


def _version(path: Path | None) -> tuple[Path, int] | None:
    """A photo with its time, so that one that is saved anew is read anew."""
    if path is None:
        return None
    return path, path.stat().st_mtime_ns if path.is_file() else 0


@lru_cache(maxsize=32)
def _shapes(photo: tuple[Path, int], neutral: tuple[Path, int] | None) -> FloatArray:
    at_rest = None if neutral is None else READER.read(neutral[0])
    return expression(READER.read(photo[0]), at_rest)


def _resting(model: FaceModel, code: GuidanceCode) -> FloatArray:
    """The face (174,) that the network itself makes of the embedding in silence."""
    state, heard = model.init_state(), 0
    frames: list[NetworkFrame] = []
    for step in range(round(_REST_SECONDS * 60 / model.hop_frames) + 1):
        end = hop_end(step, model)
        silence = np.zeros(end - heard, np.float32)
        frames, state = model.step(silence, state, (code,) * model.hop_frames)
        heard = end
    assert heard >= _REST_SECONDS * SAMPLE_RATE
    return clamp(frames[-1].controls)


def _lacking(wanted: FloatArray, shown: FloatArray) -> FloatArray:
    """What must be added to the shown face; of the mouth only what the photo shows."""
    offsets = zero_offsets()
    offsets[_UPPER] = (wanted - shown)[_UPPER]
    visible = _MOUTH[np.abs(wanted[_MOUTH]) > 0.05]
    offsets[visible] = (wanted - shown)[visible]
    result: FloatArray = np.clip(offsets, -_LARGEST_OFFSET, _LARGEST_OFFSET)
    return result

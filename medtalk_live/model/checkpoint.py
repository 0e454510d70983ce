"""Finding, checking and loading model folders.

A folder holds ``manifest.json`` (format version, kind, control-table hash,
look-aheads, files with their SHA-256) and safetensors files; nothing is ever
unpickled. Looked for in ``$MEDTALK_CHECKPOINTS``, in ``checkpoints/`` of a
clone, in the package itself, then in the user's data folder. Any thread; blocks on the disk.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import tempfile
from importlib import resources
from pathlib import Path
from typing import Any

from medtalk_live.errors import CheckpointError
from medtalk_live.model.streaming import FaceModel
from medtalk_live.rig.controls import TABLE_HASH

FORMAT_VERSION = 1
MANIFEST = "manifest.json"
TEXT_BRANCHES = ("published", "transcript")
"""What words the official model sees: the authors' three tokens, or what is said."""
DEFAULT_LOOK_AHEAD_MS = 80
"""For files; the live run asks for 40."""


def checkpoint_roots() -> list[Path]:
    """Folders in which models are looked for, first to last."""
    roots = []
    if named := os.environ.get("MEDTALK_CHECKPOINTS"):
        roots.append(Path(named))
    package = Path(str(resources.files("medtalk_live")))
    roots += [package.parent / "checkpoints", package / "checkpoints", user_data_folder()]
    return roots


def models_folder() -> Path:
    """Where fetched and imported models are put; the first that is looked in where it is named."""
    named = os.environ.get("MEDTALK_CHECKPOINTS")
    return Path(named) if named else user_data_folder()


def user_data_folder() -> Path:
    """Where models are kept for this user, unless another place is named."""
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or _home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = _home() / "Library" / "Application Support"
    else:
        base = Path(os.environ.get("XDG_DATA_HOME") or _home() / ".local" / "share")
    return base / "medtalk-live" / "checkpoints"


def _home() -> Path:
    """The user's folder; one of the system's for a user who has none, as in a container."""
    try:
        return Path.home()
    except RuntimeError:
        return Path(tempfile.gettempdir())


def find_model(name: str | Path) -> Path:
    """Folder of a model, by name (``starter``) or path.

    Raises:
        CheckpointError: there is none; the message lists where was looked.
    """
    given = Path(name)
    candidates = [given] if given.is_dir() else []
    if len(given.parts) == 1 or not candidates:  # a folder here may only happen to be called so
        candidates += [root / name for root in checkpoint_roots()]
    for folder in candidates:
        if (folder / MANIFEST).is_file():
            return folder
    looked = ", ".join(str(folder) for folder in candidates)
    raise CheckpointError(
        f"no model '{name}' was found (a folder with {MANIFEST}); looked in {looked}: "
        "reinstall medtalk-live for the starter, or give the path of a model folder"
    )


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest of a model folder, checked for version and control table.

    Raises:
        CheckpointError: it is broken, of another version, or for another rig.
    """
    path = folder / MANIFEST
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
        version, table = manifest["format_version"], manifest["control_table_hash"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CheckpointError(f"{path} cannot be read as a model manifest ({error!r})") from None
    if version != FORMAT_VERSION:
        raise CheckpointError(
            f"{path} is of format {version}, this release reads {FORMAT_VERSION}: "
            "update medtalk-live or take the model of this release"
        )
    if table != TABLE_HASH:
        raise CheckpointError(
            f"{path} was made for another control table (hash {table}, expected {TABLE_HASH})"
        )
    return dict(manifest)


def file_hash(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal; large files are read piece by piece."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def check_files(folder: Path, manifest: dict[str, Any]) -> None:
    """Compare every file with the hash in the manifest.

    Raises:
        CheckpointError: a file is missing or differs.
    """
    for name, expected in manifest.get("files", {}).items():
        path = folder / name
        if not path.is_file():
            raise CheckpointError(f"{path} is missing: copy the whole model folder again")
        if file_hash(path) != expected:
            raise CheckpointError(
                f"{path} is damaged or was changed (its SHA-256 is not the manifest's): "
                "copy the whole model folder again"
            )


def load_model(
    name: str | Path = "starter",
    look_ahead_ms: int | None = None,
    compute: str = "auto",
    *,
    live: bool = False,
    text_branch: str | None = None,
) -> FaceModel:
    """Load a model, ready to run.

    Args:
        name: ``starter``, ``official`` or a model folder.
        look_ahead_ms: One of those that the manifest offers; 80 where nothing is said.
        compute: ``auto``, ``cpu`` or ``cuda``; the starter always runs on the CPU.
        live: Whether frames may not wait for slow encoders (emotion2vec,
            Whisper): they go on with the newest answer then.
        text_branch: Of the official model, ``published`` or ``transcript``:
            what words it sees; as its manifest says where nothing is said.

    Raises:
        CheckpointError: missing, foreign, damaged, or without that look-ahead.
    """
    folder = find_model(name)
    manifest = read_manifest(folder)
    check_files(folder, manifest)
    kind = manifest.get("kind")
    if kind == "starter":
        if text_branch is not None:
            raise CheckpointError(
                f"--text-branch {text_branch} goes with the official model; {folder.name} is a "
                "starter, which reads no words through RoBERTa: leave it out"
            )
        return _load_starter(folder, manifest, look_ahead_ms)
    if kind == "official":
        from medtalk_live.model.official_folder import load_official

        return load_official(
            folder,
            manifest,
            look_ahead_ms=look_ahead_ms,
            compute=compute,
            live=live,
            text_branch=text_branch,
        )
    raise CheckpointError(f"{folder / MANIFEST} names the unknown kind '{kind}'")


def _load_starter(folder: Path, manifest: dict[str, Any], look_ahead_ms: int | None) -> FaceModel:
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    from medtalk_live.model.starter import StarterModel

    path = folder / "starter.safetensors"
    try:
        return StarterModel(
            load_file(path),
            look_ahead_ms=DEFAULT_LOOK_AHEAD_MS if look_ahead_ms is None else look_ahead_ms,
            look_aheads_ms=tuple(manifest["look_aheads_ms"]),
            dilations=tuple(manifest["dilations"]),
            leak=float(manifest.get("leak", 0.0)),  # before 0.4.0 there was none
            version=str(manifest["version"]),
        )
    except KeyError as error:
        raise CheckpointError(f"{path} lacks {error}: it is not a starter model") from None
    except (OSError, SafetensorError) as error:
        raise CheckpointError(f"{path} cannot be read ({error})") from None

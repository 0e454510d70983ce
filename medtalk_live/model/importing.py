"""Taking over the authors' checkpoint files as a model folder of ours.

Every file is opened without running code, checked key by key, and written as
safetensors beside a manifest with hashes, sizes and origins; what never runs
(wav2vec2's transformer) is left behind. Nothing is written before all is
checked. Any thread; blocks for some seconds.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from medtalk_live.errors import CheckpointError
from medtalk_live.model import authors
from medtalk_live.model.checkpoint import FORMAT_VERSION, MANIFEST, TEXT_BRANCHES, file_hash
from medtalk_live.model.sizes import Sizes
from medtalk_live.rig.controls import COUNT, TABLE_HASH

NEEDED = ("audio_semantic", "clip_emotion")
"""Enough for the live run; the other two serve training and ``models verify``."""

LICENCES = {
    "MEDTalk": "MIT (code); the checkpoints as their authors offer them",
    "wav2vec2-base-960h": "Apache-2.0",
    "chinese-roberta-wwm-ext": "Apache-2.0",
    "clip-vit-base-patch32": "MIT",
}
LOOK_AHEADS_MS = (40, 80, 120, 150)
"""A frame waits at least 29 ms for the convolutions that cover it."""


def import_folder(
    source: Path, destination: Path, progress: Callable[[str], None] = lambda _: None
) -> Path:
    """Make a model folder of the ``.pth`` files in a folder.

    Args:
        source: With ``audio_semantic.pth`` and ``clip_emotion.pth`` at least,
            and a ``config.json`` where the pretrained parts are not the usual ones.
        destination: The model folder; made if missing.
        progress: Told what is being done.

    Returns:
        ``destination``.

    Raises:
        CheckpointError: a file is missing, foreign, broken, or for another rig.
        MissingExtraError: a library of the official model is not installed.
    """
    config = authors.read_config(source)
    branch = config.get("text_branch", TEXT_BRANCHES[0])
    if branch not in TEXT_BRANCHES:
        raise CheckpointError(
            f"{source / 'config.json'} has the text_branch {branch!r}; "
            f"expected one of {', '.join(TEXT_BRANCHES)}"
        )
    present = [stem for stem in authors.FILES if (source / f"{stem}.pth").is_file()]
    if missing := [stem for stem in NEEDED if stem not in present]:
        raise CheckpointError(
            f"{source} lacks {' and '.join(f'{stem}.pth' for stem in missing)}: "
            "put the authors' checkpoint files together in that folder"
        )
    networks = {}
    for stem in present:
        progress(f"checking {stem}.pth")
        networks[stem] = authors.load_pth(source, stem, config)
        _check_rig(source / f"{stem}.pth", networks[stem].sizes)
    return _write(source, destination, networks, branch, progress)


def _check_rig(path: Path, sizes: Sizes) -> None:
    if sizes.controls != COUNT:
        raise CheckpointError(
            f"{path}: the tensor 'emo_encoder.fc1.weight' is for {sizes.controls} controls, "
            f"expected {COUNT}: this checkpoint was made for another rig"
        )


def _write(
    source: Path,
    destination: Path,
    networks: dict[str, authors.Loaded[Any]],
    text_branch: str,
    progress: Callable[[str], None],
) -> Path:
    from safetensors.torch import save_file

    try:
        destination.mkdir(parents=True, exist_ok=True)
        for stem, loaded in networks.items():
            progress(f"writing {stem}.safetensors")
            part = destination / f"{stem}.part"
            save_file({k: v.contiguous() for k, v in loaded.network.state_dict().items()}, part)
            os.replace(part, destination / f"{stem}.safetensors")
        manifest = _manifest(source, destination, networks, text_branch)
        text = json.dumps(manifest, indent=2) + "\n"
        (destination / MANIFEST).write_text(text, encoding="utf-8")
    except OSError as error:
        raise CheckpointError(
            f"{destination} cannot be written ({error}): free some space or give another --to"
        ) from None
    return destination


def _manifest(
    source: Path, destination: Path, networks: dict[str, authors.Loaded[Any]], text_branch: str
) -> dict[str, Any]:
    origins = {f"{stem}.pth": file_hash(source / f"{stem}.pth") for stem in networks}
    together = hashlib.sha256("".join(sorted(origins.values())).encode()).hexdigest()
    label, prompt = (networks[stem].sizes for stem in NEEDED)
    return {
        "format_version": FORMAT_VERSION,
        "kind": "official",
        "name": destination.name,
        "version": f"imported-{together[:8]}",
        "control_table_hash": TABLE_HASH,
        "look_aheads_ms": list(LOOK_AHEADS_MS),
        "text_branch": text_branch,
        "config": {
            "wav2vec2": dict(label.wav2vec2),
            "bert": dict(label.bert),
            "clip": dict(prompt.clip),
            "fusion_heads": label.heads,
        },
        "files": {
            f"{stem}.safetensors": file_hash(destination / f"{stem}.safetensors")
            for stem in networks
        },
        "origins": origins,
        "licences": LICENCES,
        "libraries": _libraries(),
    }


def _libraries() -> dict[str, str]:
    found = {}
    for name in ("torch", "transformers", "open_clip_torch", "safetensors"):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found

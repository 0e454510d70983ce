"""The pretrained parts of the official model: what they are for, and where they are kept.

Each part is a folder as its hub lays it out, looked for beside the models
(``checkpoint_roots``). ``fetch.py`` brings them; a user without network puts
the same files there by hand. Reads the disk; any thread. Source: MEDTalk,
section 3, names the parts; hashes are pinned where their hubs' are known.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from medtalk_live.model.checkpoint import checkpoint_roots

RECORD = "fetched.json"
"""Hashes of what was fetched, beside it."""


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """One file of a part.

    Attributes:
        name: In the part's folder.
        address: Without the hub's own (see ``hub``) where it begins with a slash.
        sha256: Pinned, None where the hub's word must do.
    """

    name: str
    address: str
    sha256: str | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """A pretrained part.

    Attributes:
        name: As ``models fetch`` takes it.
        folder: Its folder's name.
        purpose: What it is needed for.
        page: Where a person finds it.
        licence: As its card says.
        megabytes: About how much it is.
        files: All that is needed of it.
    """

    name: str
    folder: str
    purpose: str
    page: str
    licence: str
    megabytes: int
    files: tuple[RemoteFile, ...]

    def find(self, *beside: Path) -> Path | None:
        """Its folder, where one is complete: first in the folders ``beside``."""
        for root in (*beside, *checkpoint_roots()):
            folder = root / self.folder
            if not self.missing(folder):
                return folder
        return None

    def missing(self, folder: Path) -> list[str]:
        """Names of the files that a folder lacks."""
        return [file.name for file in self.files if not (folder / file.name).is_file()]


def hub() -> str:
    """The Hugging Face hub, or the mirror that ``$HF_ENDPOINT`` names."""
    return os.environ.get("HF_ENDPOINT", "").rstrip("/") or "https://huggingface.co"


def fetched_hashes(folder: Path) -> dict[str, str]:
    """What ``models fetch`` recorded of a folder; empty where the files came by hand."""
    try:
        record = json.loads((folder / RECORD).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return {str(name): str(value) for name, value in record.items()}


def _of_hub(
    repository: str, revision: str, files: Mapping[str, str | None]
) -> tuple[RemoteFile, ...]:
    """Files of a repository, each with its hash where that is known."""
    at = f"/{repository}/resolve/{revision}"
    return tuple(RemoteFile(name, f"{at}/{name}", sha256) for name, sha256 in files.items())


_VOCABULARY_SHA256 = "45bbac6b341c319adc98a532532882e91a9cefc0329aa57bac9ae761c27b291c"
_WHISPER_SHA256 = "ed3a0b6b1c0edf879ad9b11b1af5a0e6ab5db9205f891f668f8b0e6c6326e34e"

PARTS = (
    Part(
        "emotion2vec",
        "emotion2vec_base",
        "the voice moves the emotion's strength",
        "https://huggingface.co/emotion2vec/emotion2vec_base",
        "see its card",
        373,
        _of_hub(
            "emotion2vec/emotion2vec_base",
            "main",
            {"config.yaml": None, "emotion2vec_base.pt": None},
        ),
    ),
    Part(
        "whisper",
        "whisper",
        "hears the words (--text-branch transcript)",
        "https://github.com/openai/whisper",
        "MIT",
        145,
        (
            RemoteFile(
                "base.pt",
                f"https://openaipublic.azureedge.net/main/whisper/models/{_WHISPER_SHA256}/base.pt",
                _WHISPER_SHA256,
            ),
        ),
    ),
    Part(
        "vocabulary",
        "chinese-roberta-wwm-ext",
        "words to tokens (--text-branch transcript)",
        "https://huggingface.co/hfl/chinese-roberta-wwm-ext",
        "Apache-2.0",
        1,
        _of_hub(
            "hfl/chinese-roberta-wwm-ext",
            "5c58d0b8ec1d9014354d691c538661bf00bfdb44",
            {"vocab.txt": _VOCABULARY_SHA256},
        ),
    ),
    Part(
        "roberta",
        "chinese-roberta-wwm-ext",
        "training: reads the words",
        "https://huggingface.co/hfl/chinese-roberta-wwm-ext",
        "Apache-2.0",
        412,
        _of_hub(
            "hfl/chinese-roberta-wwm-ext",
            "5c58d0b8ec1d9014354d691c538661bf00bfdb44",
            {"config.json": None, "vocab.txt": _VOCABULARY_SHA256, "pytorch_model.bin": None},
        ),
    ),
    Part(
        "wav2vec2",
        "wav2vec2-base-960h",
        "training: hears the sound",
        "https://huggingface.co/facebook/wav2vec2-base-960h",
        "Apache-2.0",
        378,
        _of_hub(
            "facebook/wav2vec2-base-960h",
            "22aad52d435eb6dbaf354bdad9b0da84ce7d6156",
            {
                "config.json": "d3ec255c063d9f95057b553b19c20135b259875834a4fe9deb218a6be25b4cf3",
                "model.safetensors": (
                    "8aa76ab2243c81747a1f832954586bc566090c83a0ac167df6f31f0fa917d74a"
                ),
            },
        ),
    ),
    Part(
        "clip",
        "clip-vit-base-patch32",
        "training: guidance by text and picture",
        "https://huggingface.co/openai/clip-vit-base-patch32",
        "MIT (OpenAI's CLIP)",
        605,
        _of_hub(
            "openai/clip-vit-base-patch32",
            "3d74acf9a28c67741b2f4f2ea7635f0aaf6f0268",
            {
                "config.json": "b575ef3c36f2a057fa19e221650105052d61cc9c1a972ec15019c6261ec98770",
                "pytorch_model.bin": (
                    "a63082132ba4f97a80bea76823f544493bffa8082296d62d71581a4feff1576f"
                ),
            },
        ),
    ),
)
"""Every part but the face landmarker, which has a way of its own (``fetch.fetch_face``)."""


def part(name: str) -> Part:
    """The part of a name that is among ``PARTS``."""
    return next(one for one in PARTS if one.name == name)

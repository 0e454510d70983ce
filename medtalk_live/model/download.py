"""One file from the network: resumed where it was cut off, and checked by its hash.

What has come stays beside the target as ``.part`` until it is whole, so a run
that was interrupted goes on where it stopped. The hash is the pinned one, or
else the one that a Hugging Face hub states for the file. Main thread; blocks.
"""

from __future__ import annotations

import hashlib
import re
import urllib.error
import urllib.request
from collections.abc import Callable
from http.client import HTTPException, HTTPMessage
from pathlib import Path
from typing import IO, Any

from medtalk_live.errors import CheckpointError

Progress = Callable[[float], None]
"""Told the share of a file that is here."""

_PATIENCE_SECONDS = 20.0
_PIECE_BYTES = 1 << 20
_STATED_HASH = "X-Linked-ETag"
_SHA256 = re.compile(r"[0-9a-f]{64}")
_RANGE_BEYOND_END = 416


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follows redirects, and keeps the hash that the hub states on the way."""

    stated = ""

    def redirect_request(
        self, req: Any, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> urllib.request.Request | None:
        self.stated = headers.get(_STATED_HASH) or self.stated
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def download(
    address: str, target: Path, sha256: str | None = None, progress: Progress = lambda _: None
) -> str:
    """Bring a file; gives its SHA-256.

    Args:
        address: http or https.
        target: Written only once the file is whole and right.
        sha256: Pinned; None where the hub's own word must do.
        progress: See ``Progress``.

    Raises:
        CheckpointError: it cannot be reached, broke off, or is not the file it should be.
    """
    part = target.with_name(target.name + ".part")
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        stated = _bring(address, part, progress)
    except (OSError, HTTPException) as error:
        kept = part.stat().st_size if part.is_file() else 0
        resume = f"; {kept / 1e6:.0f} MB are kept, the next attempt goes on from there"
        raise CheckpointError(
            f"{address} could not be fetched ({error or type(error).__name__})"
            + (resume if kept else "")
        ) from None
    with part.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    wanted = sha256 or (stated if _SHA256.fullmatch(stated) else found)
    if found != wanted:
        part.unlink()
        raise CheckpointError(
            f"{address} gave another file than expected (SHA-256 {found[:12]}..., "
            f"expected {wanted[:12]}...): it was thrown away"
        )
    part.replace(target)
    return found


def _bring(address: str, part: Path, progress: Progress) -> str:
    """Fill the part; gives the hash that the hub states, in quotes or not at all."""
    begun = part.stat().st_size if part.is_file() else 0
    redirects = _Redirects()
    request = urllib.request.Request(address, headers={"Range": f"bytes={begun}-"})
    try:
        answer = urllib.request.build_opener(redirects).open(request, timeout=_PATIENCE_SECONDS)
    except urllib.error.HTTPError as error:
        if error.code != _RANGE_BEYOND_END or not begun:
            raise
        return redirects.stated.strip('"')  # all of it is here already
    with answer:
        if answer.status != 206:  # the server does not resume
            begun = 0
        total = begun + int(answer.headers.get("Content-Length") or 0)
        with part.open("ab" if begun else "wb") as file:
            while piece := answer.read(_PIECE_BYTES):
                file.write(piece)
                begun += len(piece)
                progress(min(1.0, begun / total) if total else 0.0)
        if begun < total:
            raise ConnectionError(f"it broke off after {begun} of {total} bytes")
        stated = redirects.stated or answer.headers.get(_STATED_HASH) or ""
    return str(stated).strip('"')

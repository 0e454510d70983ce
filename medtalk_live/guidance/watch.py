"""Follows a photo, or the newest photo of a folder: save one over it and the face follows.

A thread looks at names, times and sizes a few times a second; a file that is
still being written is waited for. What cannot be read costs one warning, and
the guidance that runs stays. ``open`` and ``close`` from the main thread.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

from medtalk_live.background import Background
from medtalk_live.errors import GuidanceError, MedTalkError

log = logging.getLogger(__name__)

PHOTO_SUFFIXES = (".jpg", ".jpeg", ".png", ".webp")
_LOOK_SECONDS = 0.2

Seen = tuple[Path, int, int]
"""A photo with its time and size."""


class PhotoWatch:
    """Guides by the newest photo.

    Args:
        path: A photo, which need not be there yet, or a folder.
        guide: Told each new photo; may take as long as it takes to read.

    Raises:
        GuidanceError: neither the path nor its folder exists, or it is no photo's name.
    """

    def __init__(self, path: Path, guide: Callable[[Path], object]) -> None:
        if not (path.is_dir() or path.parent.is_dir()):
            raise GuidanceError(
                f"{path} cannot be watched: neither it nor its folder exists, create the folder"
            )
        if not path.is_dir() and path.suffix.lower() not in PHOTO_SUFFIXES:
            raise GuidanceError(
                f"{path} cannot be watched: it is no folder and does not end as a photo does "
                f"({', '.join(PHOTO_SUFFIXES)}): create the folder, or name a photo"
            )
        self._path = path
        self._guide = guide
        self._done: Seen | None = None
        self._growing: Seen | None = None
        self._background = Background("photo-watch", self._loop)

    def open(self) -> None:
        """Start watching; a photo that is there already counts as new."""
        self._background.start()

    def close(self) -> None:
        """Stop watching; safe to call twice."""
        self._background.stop()

    def look(self) -> bool:
        """Look once; True if a new photo was handed on.

        A photo counts once it looks the same twice, so that one which is being
        written is not read half.
        """
        seen = self._newest()
        if seen is None or seen == self._done:
            return False
        if seen != self._growing:
            self._growing = seen
            return False
        self._done = seen
        try:
            self._guide(seen[0])
        except MedTalkError as problem:
            log.warning("%s; the guidance stays", problem)
        except Exception as error:
            log.warning("%s could not be used (%s); the guidance stays", seen[0].name, error)
        return True

    def _loop(self) -> None:
        while not self._background.stopping.wait(_LOOK_SECONDS):
            self.look()

    def _newest(self) -> Seen | None:
        try:
            files = list(self._path.iterdir()) if self._path.is_dir() else [self._path]
            photos = [file for file in files if file.suffix.lower() in PHOTO_SUFFIXES]
            stats = [(file, file.stat()) for file in photos if file.is_file()]
        except OSError:
            return None  # a file was replaced between listing and looking
        rows = [(file, stat.st_mtime_ns, stat.st_size) for file, stat in stats if stat.st_size]
        return max(rows, key=lambda row: (row[1], row[0].name), default=None)

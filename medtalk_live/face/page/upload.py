"""Images dropped on the page: checked, and kept in a folder until the run ends.

An image is a file of the user's own that any page or program may have made, so
it is opened before it is believed, and its name is not used as a path.
Page process only.
"""

from __future__ import annotations

import io
import re
from pathlib import Path

from PIL import Image

from medtalk_live.errors import GuidanceError

MAXIMUM_BYTES = 20 << 20
_KINDS = {"JPEG": ".jpg", "PNG": ".png", "WEBP": ".webp"}
_MAXIMUM_PIXELS = 60_000_000
_KEPT = 20


class DroppedImages:
    """A folder of the newest images that were dropped."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._paths: list[Path] = []
        self._count = 0

    def keep(self, name: str, data: bytes) -> Path:
        """Save an image and answer where it is.

        Raises:
            GuidanceError: it is too large, or not a jpg, png or webp.
        """
        if len(data) > MAXIMUM_BYTES:
            raise GuidanceError(
                f"'{name:.60}' is {len(data) >> 20} MB; expected a photo of at most "
                f"{MAXIMUM_BYTES >> 20} MB: shrink it"
            )
        kind = _kind_of(name, data)
        self._count += 1
        stem = re.sub(r"[^\w-]+", "_", Path(name).stem)[:40] or "image"
        path = self._folder / f"{stem}_{self._count}{_KINDS[kind]}"
        path.write_bytes(data)
        self._paths.append(path)
        if len(self._paths) > _KEPT:
            self._paths.pop(0).unlink(missing_ok=True)
        return path


def _kind_of(name: str, data: bytes) -> str:
    try:
        with Image.open(io.BytesIO(data), formats=list(_KINDS)) as image:
            if image.width * image.height > _MAXIMUM_PIXELS:
                raise GuidanceError(
                    f"'{name:.60}' has {image.width} x {image.height} pixels; expected a photo "
                    f"of at most {_MAXIMUM_PIXELS // 1_000_000} million: shrink it"
                )
            kind = str(image.format)
            image.verify()
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise GuidanceError(
            f"'{name:.60}' is not a photo that can be read ({error}): drop a jpg, png or webp"
        ) from error
    return kind

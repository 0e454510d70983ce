"""The plugin's programs, as ``unreal_plugin_src/check.sh`` builds them."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[1]
DUMP = Path(os.environ.get("MEDTALK_DUMP", ROOT / "unreal_plugin_src/build/gcc/medtalk_dump"))
MADE = DUMP.with_name("medtalk_made" + DUMP.suffix)


def made() -> list[bytes]:
    """What the core encoded: every command, one with a token, a Live Link Face packet."""
    rest = subprocess.run([MADE], capture_output=True, check=True, timeout=30).stdout
    datagrams = []
    while rest:
        length = int.from_bytes(rest[:4], "little")
        datagrams.append(rest[4 : 4 + length])
        rest = rest[4 + length :]
    return datagrams

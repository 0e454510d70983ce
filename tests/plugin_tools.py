"""The plugin's programs, as ``unreal_plugin_src/check.sh`` builds them."""

from __future__ import annotations

import os
import socket
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


def free_port() -> int:
    """A UDP port that nobody holds at this moment."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])

"""Other people's OSC and Live Link Face programs and the plugin's core, both ways.

Needs ``medtalk_dump`` and ``medtalk_made`` (``unreal_plugin_src/check.sh`` builds
them; MEDTALK_DUMP names the first, the second lies beside it).
"""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from live_fakes import bound, free_port
from plugin_tools import DUMP, MADE, made
from pythonosc.osc_message import OscMessage

from medtalk_live.rig.controls import COUNT, MAXIMUM, MINIMUM, TABLE_HASH
from medtalk_live.rig.metahuman import RAW_NAMES, to_raw
from medtalk_live.runtime.control import parse

pytestmark = pytest.mark.skipif(
    not MADE.exists(), reason="medtalk_made is not built: run unreal_plugin_src/check.sh"
)
needs_liblo = pytest.mark.skipif(
    any(shutil.which(name) is None for name in ("oscsend", "oscdump", "stdbuf")),
    reason="liblo's programs are not installed (Debian: liblo-tools)",
)

COMMANDS: tuple[tuple[str, str, tuple[object, ...]], ...] = (
    ("emotion", "sff", ("happy:0.7+surprised:0.3", 1.25, 0.5)),
    ("text", "sff", ("a sly half smile", 1.0, 0.25)),
    ("image", "sff", ("C:\\refs\\smile.png", 0.5, 2.0)),
    ("intensity", "f", (1.5,)),
    ("neutral", "", ()),
    ("take/start", "si", ("SHOT", 3)),
    ("take/stop", "", ()),
    ("gain", "sf", ("jaw", 0.75)),
    ("mute", "i", (1,)),
    ("ping", "i", (7,)),
    ("take/start", "sis", ("SHOT", 3, "secret")),
)
"""What ``medtalk_made`` writes first: address, types, arguments."""


def wait_for(ready: Callable[[], bool]) -> None:
    for _ in range(400):
        if ready():
            return
        time.sleep(0.05)
    pytest.fail("nothing came within twenty seconds")


def oscsend(port: int, address: str, types: str, *values: object) -> None:
    words = [repr(value) if isinstance(value, float) else str(value) for value in values]
    command = ["oscsend", "127.0.0.1", str(port), address, types, *words]
    subprocess.run(command, check=True, timeout=30)


@needs_liblo
def test_frame_hello_and_bye_made_by_liblo_are_read(tmp_path: Path) -> None:
    chance = np.random.default_rng(11)
    controls = (MINIMUM + (MAXIMUM - MINIMUM) * chance.random(COUNT)).astype(np.float32)
    head = np.asarray([10, -5, 2.5, 1, -2, 3], np.float32)
    port, out, words = free_port(), tmp_path / "frames.jsonl", tmp_path / "words.txt"
    with out.open("wb") as frames, words.open("wb") as complaints:
        dump = subprocess.Popen(
            [DUMP, "--listen", str(port), "--stats"], stdout=frames, stderr=complaints
        )
    try:
        wait_for(lambda: bound(port))
        numbers = [float(value) for value in (*head, *controls)]
        oscsend(port, "/medtalk/1/frame", "siid" + "f" * 180, "Zoë", 3, TABLE_HASH, 12.5, *numbers)
        hello = ("Zoë", 5, "0.1.0", TABLE_HASH, 60.0, 80.5, 9872, "starter", "happy", "", 12.0)
        oscsend(port, "/medtalk/1/hello", "sisiffisssd", *hello)
        oscsend(port, "/medtalk/1/bye", "s", "Zoë")
        wait_for(lambda: b'"eased": true' in out.read_bytes())
    finally:
        dump.terminate()
        dump.wait(10)
    line = json.loads(out.read_text("utf-8").splitlines()[0])
    assert (line["subject"], line["sequence"], line["time"]) == ("Zoë", 3, 12.5)
    shown = np.asarray([line["properties"][name] for name in RAW_NAMES])
    assert np.abs(shown - to_raw(controls)).max() <= 1e-6  # as between Python and the core
    assert line["properties"]["HeadYaw"] == 10
    summary = json.loads(words.read_text("utf-8").splitlines()[-1])
    verdicts = {name: count for name, count in summary["verdicts"].items() if count}
    assert verdicts == {"frame": 1, "hello": 1, "bye": 1}


@needs_liblo
def test_liblo_reads_every_command_of_the_core(tmp_path: Path) -> None:
    port, out = free_port(), tmp_path / "oscdump.txt"
    with out.open("wb") as file:
        # line by line, or the words stay in its buffer
        oscdump = subprocess.Popen(["stdbuf", "-oL", "oscdump", str(port)], stdout=file)
    try:
        wait_for(lambda: bound(port))
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            for datagram in made()[: len(COMMANDS)]:
                sender.sendto(datagram, ("127.0.0.1", port))
        wait_for(lambda: len(out.read_text().splitlines()) == len(COMMANDS))
    finally:
        oscdump.terminate()
        oscdump.wait(10)
    for line, (address, types, values) in zip(out.read_text().splitlines(), COMMANDS, strict=True):
        shown = " ".join(words(kind, value) for kind, value in zip(types, values, strict=True))
        assert line.split(" ", 1)[1].split() == f"/medtalk/1/{address} {types} {shown}".split()


def words(kind: str, value: Any) -> str:
    """A value as oscdump prints it."""
    return f'"{value}"' if kind == "s" else f"{value:f}" if kind == "f" else str(value)


def test_python_osc_and_the_runtime_read_every_command_of_the_core() -> None:
    for datagram, (address, _, values) in zip(made(), COMMANDS, strict=False):
        message = OscMessage(datagram)
        assert (message.address, tuple(message.params)) == (f"/medtalk/1/{address}", values)
        assert parse(datagram) == (f"/medtalk/1/{address}", values)


def test_pylivelinkface_reads_a_packet_of_the_core() -> None:
    face = pytest.importorskip("pylivelinkface", reason="PyLiveLinkFace is not installed")
    understood, packet = face.PyLiveLinkFace.decode(made()[len(COMMANDS)])
    assert understood
    assert (packet.name, packet.fps) == ("Zoë", 60)
    for shape in face.FaceBlendShape:
        assert packet.get_blendshape(shape) == shape.value / 64

"""Every file of examples/ is run: against each other, real receivers, and Blender where it is."""

from __future__ import annotations

import csv
import importlib.util
import json
import runpy
import shutil
import socket
import subprocess
import sys
import threading
import time
import types
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from command_line import ENVIRONMENT, ROOT, needs_starter, until
from live_fakes import free_port
from pythonosc.dispatcher import Dispatcher
from pythonosc.osc_message import OscMessage
from pythonosc.osc_server import BlockingOSCUDPServer

from medtalk_live.output.livelink_face import LiveLinkFaceSink
from medtalk_live.output.osc import OscSink
from medtalk_live.output.vmc import VmcSink
from medtalk_live.rig.arkit import SHAPE_NAMES
from medtalk_live.rig.controls import NAMES, NEUTRAL, index, pair
from medtalk_live.rig.frames import HEAD_NAMES, ControlFrame

EXAMPLES = ROOT / "examples"
SPEECH = EXAMPLES / "amiable.flac"
TESTED = {
    "animate_folder.py",
    "blender_receiver.py",
    "live_to_osc.py",
    "read_frames.py",
    "touchdesigner_frames.py",
    "vmc_to_vrm.py",
}


def start(name: str, *words: object) -> subprocess.Popen[str]:
    command = [sys.executable, str(EXAMPLES / name), *map(str, words)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=ENVIRONMENT)


def smiling(jaw: float = 0.5) -> ControlFrame:
    controls = NEUTRAL.copy()
    controls[index("C_jaw.ty")] = jaw
    controls[list(pair("mouth_cornerPull"))] = 0.75
    return ControlFrame(0, 1.0, controls, np.array([10, 0, 0, 0, 0, 0], np.float32))


def test_every_example_is_tested_here():
    assert {path.name for path in EXAMPLES.glob("*.py")} == TESTED


@needs_starter
def test_a_live_run_in_python_reaches_a_python_osc_receiver():
    port = free_port()
    reader = start("read_frames.py", "--port", port)
    try:
        assert str(port) in reader.stdout.readline()
        runner = start("live_to_osc.py", SPEECH, "--to", f"127.0.0.1:{port}")
        said, _ = runner.communicate(timeout=90)
        time.sleep(0.5)
    finally:
        reader.terminate()
        heard, _ = reader.communicate(timeout=30)

    frames = int(said.split()[0])
    assert frames > 200  # a recording of five seconds and more
    lines = [line for line in heard.splitlines() if " jaw " in line]
    assert len(lines) == pytest.approx(frames / 6, abs=2)  # every sixth is printed
    jaws = [float(line.split("jaw ")[1].split()[0]) for line in lines]
    assert max(jaws) > 0.1
    assert "has ended" in heard


@needs_starter
def test_a_folder_of_recordings_becomes_csv_and_a_bad_file_is_left_out(tmp_path):
    recordings = tmp_path / "in"
    recordings.mkdir()
    shutil.copy(SPEECH, recordings / "one.flac")
    (recordings / "broken.wav").write_bytes(b"no sound")
    (recordings / "notes.txt").write_text("no recording")

    said, _ = start(
        "animate_folder.py", recordings, tmp_path / "out", "--emotion", "happy"
    ).communicate(timeout=120)

    assert [path.name for path in (tmp_path / "out").iterdir()] == ["one.csv"]
    assert "left out" in said
    with (tmp_path / "out" / "one.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == int(said.split("one.csv: ")[1].split()[0])
    assert max(float(row["CTRL_L_mouth_cornerPull-translateY"]) for row in rows) > 0.2


class Listener:
    """A VTuber program: gathers what comes by VMC."""

    def __init__(self) -> None:
        self.shapes: dict[str, float] = {}
        self.applied = 0
        self.bones: list[tuple[object, ...]] = []
        dispatcher = Dispatcher()
        dispatcher.map(
            "/VMC/Ext/Blend/Val", lambda _, name, value: self.shapes.update({name: value})
        )
        dispatcher.map("/VMC/Ext/Bone/Pos", lambda _, *bone: self.bones.append(bone))
        dispatcher.map("/VMC/Ext/Blend/Apply", lambda _: self._apply())
        self.server = BlockingOSCUDPServer(("127.0.0.1", 0), dispatcher)
        self.port = self.server.server_address[1]

    def _apply(self) -> None:
        self.applied += 1

    def __enter__(self) -> Listener:
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *error: object) -> None:
        self.server.shutdown()
        self.server.server_close()


@pytest.mark.parametrize(
    ("option", "open_mouth", "joy"), [([], "A", "Joy"), (["--vrm1"], "aa", "happy")]
)
def test_vmc_becomes_the_presets_of_every_vrm(option, open_mouth, joy):
    entrance = free_port()
    with Listener() as program:
        translator = start(
            "vmc_to_vrm.py", "--listen", entrance, "--to", f"127.0.0.1:{program.port}", *option
        )
        try:
            assert str(entrance) in translator.stdout.readline()
            sink = VmcSink("127.0.0.1", entrance)
            sink.open()
            until(lambda: sink.send(smiling()) or time.sleep(0.02) or program.applied > 3)
            sink.close()
        finally:
            translator.terminate()
            translator.communicate(timeout=30)

    assert program.shapes[joy] > 0.5
    assert program.shapes[open_mouth] > 0.3
    assert len(program.shapes) == 10
    assert program.bones[0][0] == "Head"


@pytest.fixture
def presets() -> Callable[[dict[str, float]], dict[str, float]]:
    return runpy.run_path(str(EXAMPLES / "vmc_to_vrm.py"))["presets"]


@pytest.mark.parametrize(
    ("shapes", "strongest"),
    [
        ({"JawOpen": 0.5}, "A"),
        ({"MouthPucker": 0.8}, "U"),
        ({"MouthFunnel": 0.7, "JawOpen": 0.45}, "O"),
        ({"MouthStretchLeft": 0.4, "MouthStretchRight": 0.4, "JawOpen": 0.15}, "I"),
    ],
)
def test_mouth_shapes_become_their_vowel(presets, shapes, strongest):
    values = {name: value for name, value in presets(shapes).items() if len(name) == 1}

    assert max(values, key=values.__getitem__) == strongest


def test_a_closed_mouth_shows_no_vowel(presets):
    values = presets({"JawOpen": 0.4, "MouthClose": 0.4})

    assert all(values[name] == 0.0 for name in "AIUEO")


class Channel(list):
    """A channel of a Script CHOP: samples by index."""


class ScriptChop:
    """What the example uses of TouchDesigner's Script CHOP."""

    def __init__(self) -> None:
        self.numSamples = 0
        self._channels: dict[str, Channel] = {}

    @property
    def numChans(self) -> int:  # noqa: N802 -- TouchDesigner's name
        return len(self._channels)

    def clear(self) -> None:
        self._channels.clear()

    def appendChan(self, name: str) -> Channel:  # noqa: N802 -- TouchDesigner's name
        assert name.isidentifier(), "a channel's name"
        return self._channels.setdefault(name, Channel([0.0] * self.numSamples))

    def chans(self) -> list[Channel]:
        return list(self._channels.values())

    def value(self, name: str) -> float:
        return self._channels[name][0]


class Table:
    """A Table DAT that has loaded a csv file."""

    def __init__(self, path: Path) -> None:
        with path.open(encoding="utf-8") as file:
            self._rows = list(csv.reader(file))

    def col(self, name: str) -> list[str]:
        return [row[self._rows[0].index(name)] for row in self._rows]


def test_touchdesigner_gets_every_control_as_a_channel():
    face = ScriptChop()
    table = Table(ROOT / "medtalk_live" / "rig" / "controls.csv")
    operators = {"face": face, "controls": table}
    script = runpy.run_path(str(EXAMPLES / "touchdesigner_frames.py"), {"op": operators.get})
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.bind(("127.0.0.1", 0))
        sink = OscSink("127.0.0.1", receiver.getsockname()[1])
        sink.open()
        sink.send(smiling(jaw=0.25))
        sink.bye()
        sink.close()
        messages = [OscMessage(receiver.recv(2048)) for _ in range(2)]

    def receive(message: OscMessage) -> None:
        script["onReceiveOSC"](None, 0, "", b"", 0.0, message.address, message.params, None)

    receive(messages[0])
    assert face.numChans == len(NAMES) + len(HEAD_NAMES)
    assert face.value("C_jaw_ty") == 0.25
    assert face.value("L_mouth_cornerPull_ty") == 0.75
    assert face.value("head_yaw") == 10.0
    receive(messages[1])
    assert face.value("C_jaw_ty") == 0.0


class Block:
    """A shape key."""

    value = 0.0


class FakeTimers:
    def __init__(self) -> None:
        self.running: list[Callable[[], float]] = []

    def register(self, function: Callable[[], float]) -> None:
        self.running.append(function)

    def unregister(self, function: Callable[[], float]) -> None:
        self.running.remove(function)


def fake_blender() -> types.ModuleType:
    """What the example uses of Blender's ``bpy``."""
    bpy = types.ModuleType("bpy")
    keys = types.SimpleNamespace(key_blocks={"jawOpen": Block(), "MouthSmileLeft": Block()})
    face = types.SimpleNamespace(data=types.SimpleNamespace(shape_keys=keys))
    lamp = types.SimpleNamespace(data=types.SimpleNamespace())
    empty = types.SimpleNamespace(data=None)
    bpy.data = types.SimpleNamespace(objects=[empty, lamp, face])  # type: ignore[attr-defined]
    bpy.app = types.SimpleNamespace(driver_namespace={}, timers=FakeTimers())  # type: ignore[attr-defined]
    return bpy


@pytest.fixture
def blender(monkeypatch) -> Iterator[dict[str, object]]:
    """The Blender script, loaded beside a stand-in for Blender."""
    monkeypatch.setitem(sys.modules, "bpy", fake_blender())
    return runpy.run_path(str(EXAMPLES / "blender_receiver.py"), run_name="script")


def send_live_link(port: int, frame: ControlFrame) -> None:
    sink = LiveLinkFaceSink("127.0.0.1", port)
    sink.open()
    sink.send(frame)
    sink.close()


def test_blender_shows_the_newest_packet_and_ignores_nonsense(blender):
    receiver = blender["Receiver"](0)
    port = receiver.socket.getsockname()[1]
    send_live_link(port, smiling(jaw=0.25))
    send_live_link(port, smiling(jaw=0.5))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        for nonsense in (b"", b"\x06", b"hello there", bytes(40)):
            stranger.sendto(nonsense, ("127.0.0.1", port))

    blocks = blender["bpy"].data.objects[2].data.shape_keys.key_blocks
    until(lambda: receiver.tick() and blocks["jawOpen"].value)
    receiver.close()

    assert blocks["jawOpen"].value == pytest.approx(0.5, abs=1e-6)
    assert blocks["MouthSmileLeft"].value == pytest.approx(0.75, abs=0.01)


def test_running_the_blender_script_again_stops_it(blender, monkeypatch):
    monkeypatch.setitem(blender["toggle"].__globals__, "PORT", 0)
    timers = blender["bpy"].app.timers

    blender["toggle"]()
    assert len(timers.running) == 1
    blender["toggle"]()

    assert timers.running == []


def test_the_blender_script_knows_the_order_of_the_packet(blender):
    assert tuple(blender["ORDER"].split()) == SHAPE_NAMES


IN_BLENDER = """
import runpy, sys, time
import bpy
mesh = bpy.data.meshes.new("face")
mesh.from_pydata([(0, 0, 0), (1, 0, 0), (0, 1, 0)], [], [(0, 1, 2)])
face = bpy.data.objects.new("face", mesh)
bpy.context.scene.collection.objects.link(face)
for name in ("Basis", "jawOpen", "mouthSmileLeft"):
    face.shape_key_add(name=name)
receiver = runpy.run_path(sys.argv[1], run_name="script")["Receiver"](0)
print(receiver.socket.getsockname()[1], flush=True)
end = time.monotonic() + 30
while not mesh.shape_keys.key_blocks["jawOpen"].value and time.monotonic() < end:
    receiver.tick()
    time.sleep(0.01)
print([round(mesh.shape_keys.key_blocks[name].value, 3) for name in ("jawOpen", "mouthSmileLeft")])
"""


@pytest.mark.skipif(
    importlib.util.find_spec("bpy") is None, reason="Blender's bpy is not installed"
)
def test_the_script_moves_shape_keys_in_blender_itself():
    command = [sys.executable, "-c", IN_BLENDER, str(EXAMPLES / "blender_receiver.py")]
    blender = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    send_live_link(int(blender.stdout.readline()), smiling(jaw=0.5))
    said, _ = blender.communicate(timeout=60)

    jaw, smile = json.loads(said)
    assert jaw == pytest.approx(0.5, abs=1e-3)
    assert smile == pytest.approx(0.75, abs=0.01)

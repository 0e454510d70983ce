"""A live run into the plugin's core (``medtalk_dump``), direct and over a bad network.

Needs the built tool: ``unreal_plugin_src/check.sh`` builds it and runs these; elsewhere
set MEDTALK_DUMP to its path.
"""

from __future__ import annotations

import json
import random
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from live_fakes import free_port
from plugin_tools import DUMP, MADE, ROOT, made
from pythonosc.osc_message_builder import OscMessageBuilder

from medtalk_live.errors import SinkError
from medtalk_live.output.osc import FrameEncoder, OscSink, WireFrame, decode_frame
from medtalk_live.output.sink import StreamInfo
from medtalk_live.rig.controls import COUNT, MAXIMUM, MINIMUM, TABLE_HASH
from medtalk_live.rig.frames import ControlFrame
from medtalk_live.rig.metahuman import RAW_NAMES, to_raw
from medtalk_live.runtime.control import ControlChannel, parse
from medtalk_live.takes.export import export
from medtalk_live.takes.take import read_take

EXAMPLE = ROOT / "examples" / "amiable.flac"
pytestmark = pytest.mark.skipif(
    not DUMP.exists(), reason="medtalk_dump is not built: run unreal_plugin_src/check.sh"
)

ROUNDING = 1e-6
"""What the issue allows between Python's raw curves and the core's."""


NO_STALL = 0.15
"""Seconds: nine frames lost or late in a row are not to be expected in an hour of this network."""


def framed(datagrams: list[bytes]) -> bytes:
    return b"".join(len(data).to_bytes(4, "little") + data for data in datagrams)


def from_input(datagrams: list[bytes], *options: str) -> tuple[list[dict[str, Any]], str]:
    done = subprocess.run(
        [DUMP, *options], input=framed(datagrams), capture_output=True, check=True, timeout=60
    )
    return [json.loads(line) for line in done.stdout.splitlines()], done.stderr.decode()


def any_frame(number: int, seed: int = 0) -> ControlFrame:
    chance = np.random.default_rng(seed + number)
    controls = (MINIMUM + (MAXIMUM - MINIMUM) * chance.random(COUNT)).astype(np.float32)
    head = chance.normal(0, 5, 6).astype(np.float32)
    return ControlFrame(number, 100 + number / 60, controls, head)


def check_properties(line: dict[str, Any], frame: ControlFrame) -> float:
    """A line against what Python makes of the frame; the largest difference of a curve."""
    properties = line["properties"]
    assert len(properties) == 260
    shown = np.asarray([properties[name] for name in RAW_NAMES])
    worst = float(np.abs(shown - to_raw(frame.controls)).max())
    assert worst <= ROUNDING
    names = ("Yaw", "Pitch", "Roll", "TranslationX", "TranslationY", "TranslationZ")
    assert [properties[f"Head{name}"] for name in names] == pytest.approx(frame.head, abs=1e-5)
    return worst


class Dump:
    """``medtalk_dump --listen``: lines as they come, the summary at the end."""

    def __init__(self) -> None:
        self.port = free_port()
        self.lines: list[dict[str, Any]] = []
        self.complaints: list[str] = []
        self._process = subprocess.Popen(
            [DUMP, "--listen", str(self.port), "--stats"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self._process.stderr is not None
        assert self._process.stderr.readline().startswith("listening")
        self._threads = [threading.Thread(target=self._read), threading.Thread(target=self._hear)]
        for thread in self._threads:
            thread.start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        self.lines.extend(json.loads(line) for line in self._process.stdout)

    def _hear(self) -> None:
        assert self._process.stderr is not None
        self.complaints.extend(self._process.stderr)

    def stop(self) -> dict[str, Any]:
        self._process.terminate()
        for thread in self._threads:
            thread.join(20)
        self._process.wait(20)
        summary: dict[str, Any] = json.loads(self.complaints[-1])
        return summary


@pytest.fixture
def dump() -> Iterator[Dump]:
    listening = Dump()
    yield listening
    if listening._process.poll() is None:
        listening.stop()


@dataclass
class Tap:
    """A port that keeps every datagram, and may pass it on over a bad network."""

    onward: int = 0
    seed: int = 1
    frames: list[WireFrame] = field(default_factory=list)
    dropped: set[int] = field(default_factory=set)
    arrived: int = -1
    garbage: int = 0

    def __post_init__(self) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.settimeout(0.1)
        self.port = self.socket.getsockname()[1]
        self._chance = random.Random(self.seed)
        self._late: list[tuple[int, bytes]] = []
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                data = self.socket.recv(65535)
            except TimeoutError:
                continue
            self._take(data)

    def _take(self, data: bytes) -> None:
        try:
            frame = decode_frame(data)
        except SinkError:
            frame = None
        if frame is not None:
            self.frames.append(frame)
        if self.onward:
            self._pass_on(data, frame)

    def _pass_on(self, data: bytes, frame: WireFrame | None) -> None:
        """5 % loss, 5 % late by up to five datagrams, 1 % twice, 1 % garbage; the first pass."""
        if self._chance.random() < 0.01:
            self.garbage += 1
            self._send(self._chance.randbytes(self._chance.randrange(1, 1400)))
        fate = self._chance.random()
        if frame is None or fate >= 0.10 or len(self.frames) < 5:
            self._arrive(data, frame)
        elif fate < 0.05:
            self.dropped.add(frame.frame.index)
        else:
            self._late.append((self._chance.randrange(1, 6), data))
        if self._chance.random() < 0.01 and frame and frame.frame.index not in self.dropped:
            self._send(data)
            self.arrived = max(self.arrived, frame.frame.index)
        waiting, self._late = self._late, []
        for left, late in waiting:
            if left <= 1:
                self._arrive(late, decode_frame(late))
            else:
                self._late.append((left - 1, late))

    def _arrive(self, data: bytes, frame: WireFrame | None) -> None:
        if frame is not None:
            self.arrived = max(self.arrived, frame.frame.index)
        self._send(data)

    def _send(self, data: bytes) -> None:
        self.socket.sendto(data, ("127.0.0.1", self.onward))

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join(5)
        for _, late in self._late:
            self._arrive(late, decode_frame(late))
        self.socket.close()


def live_run(tmp_path: Path, seconds: float, *ports: int) -> None:
    samples, rate = soundfile.read(EXAMPLE, dtype="float32")
    speech = np.resize(samples, int(seconds * rate))
    sound = tmp_path / "speech.wav"
    soundfile.write(sound, speech, rate)
    targets = [word for port in ports for word in ("--osc", f"127.0.0.1:{port}")]
    control = ["--control", f"127.0.0.1:{free_port()}"]
    command = [sys.executable, "-m", "medtalk_live", "--input", str(sound), *targets, *control]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=seconds + 120, check=False
    )
    assert done.returncode == 0, done.stderr


def shown(dump: Dump) -> list[dict[str, Any]]:
    return [line for line in dump.lines if "eased" not in line]


def check_all_arrived(dump: Dump, tap: Tap, seconds: float) -> None:
    summary = dump.stop()
    frames = [wire.frame for wire in tap.frames]
    lines = shown(dump)
    assert len(frames) > 60 * seconds * 0.9
    assert [line["sequence"] for line in lines] == [frame.index for frame in frames]
    worst = 0.0
    for line, frame in zip(lines, frames, strict=True):
        assert line["subject"] == "MedTalk"
        assert line["time"] == pytest.approx(frame.time, abs=1e-6)
        worst = max(worst, check_properties(line, frame))
    [subject] = summary["subjects"]
    assert (subject["lost"], subject["late"], subject["duplicates"]) == (0, 0, 0)
    assert dump.lines[-1]["eased"]  # the bye left the face at rest
    assert dump.lines[-1]["properties"]["CTRL_expressions_jawOpen"] == 0
    print(f"loopback: {len(lines)} of {len(frames)} frames, largest difference {worst:.1e}")


def check_bad_network(dump: Dump, relay: Tap) -> None:
    summary = dump.stop()
    [subject] = summary["subjects"]
    sequence = [line["sequence"] for line in shown(dump)]
    sent = [wire.frame.index for wire in relay.frames]
    reached = {n for n in sent if n <= relay.arrived} - relay.dropped
    first = min(reached)
    assert sequence == sorted(set(sequence))
    assert subject["received"] == len(reached)
    assert subject["lost"] == relay.arrived - first + 1 - len(reached)
    assert subject["restarts"] == 0
    assert len(sequence) + subject["late"] == len(reached)
    assert len(sequence) > 0.85 * len(sent)  # no stall: only the lost and the late are missing
    malformed = ("truncated", "address", "types", "foreign", "trailing")
    assert sum(summary["verdicts"][name] for name in malformed) == relay.garbage
    by_index = {wire.frame.index: wire.frame for wire in relay.frames}
    lines = shown(dump)
    pause = longest_pause([line["time"] for line in lines])
    senders = longest_pause([wire.frame.time for wire in relay.frames])
    assert pause < senders + NO_STALL
    worst = max(check_properties(line, by_index[line["sequence"]]) for line in lines)
    print(
        f"relay: {len(sent)} frames sent, {len(relay.dropped)} dropped, {relay.garbage} garbage; "
        f"shown {len(lines)}, lost {subject['lost']}, late {subject['late']}, "
        f"doubled {subject['duplicates']}, largest difference {worst:.1e}, "
        f"longest pause {pause * 1000:.0f} ms, the sender's own {senders * 1000:.0f} ms"
    )


def longest_pause(times: list[float]) -> float:
    return max(later - earlier for earlier, later in pairwise(times))


@pytest.mark.skipif(not EXAMPLE.exists(), reason="examples/amiable.flac is not there")
@pytest.mark.parametrize("seconds", [6.0, pytest.param(60.0, marks=pytest.mark.slow)])
def test_every_frame_of_a_live_run_arrives_as_python_maps_it(
    dump: Dump, tmp_path: Path, seconds: float
) -> None:
    tap = Tap()
    live_run(tmp_path, seconds, dump.port, tap.port)
    time.sleep(1.0)
    tap.stop()
    check_all_arrived(dump, tap, seconds)


@pytest.mark.skipif(not EXAMPLE.exists(), reason="examples/amiable.flac is not there")
@pytest.mark.parametrize("seconds", [6.0, pytest.param(60.0, marks=pytest.mark.slow)])
def test_a_live_run_over_a_bad_network_stays_in_order_and_its_losses_are_counted(
    dump: Dump, tmp_path: Path, seconds: float
) -> None:
    relay = Tap(onward=dump.port)
    live_run(tmp_path, seconds, relay.port)
    time.sleep(1.0)
    relay.stop()
    time.sleep(0.2)
    check_bad_network(dump, relay)


def test_a_minute_of_frames_crosses_a_bad_network(dump: Dump) -> None:
    relay = Tap(onward=dump.port, seed=5)
    sink = OscSink("127.0.0.1", relay.port)
    sink.open()
    for number in range(3600):
        sink.send(any_frame(number))
        time.sleep(0.001)
    time.sleep(0.5)
    relay.stop()
    sink.close()
    time.sleep(0.5)
    check_bad_network(dump, relay)


class Runtime:
    """A sender with a real control channel, as a live run has one."""

    def __init__(self, name: str, port: int) -> None:
        self.heard: list[tuple[str, Sequence[object]]] = []
        self.channel = ControlChannel("127.0.0.1", 0, self._execute, token="secret")
        self.channel.open()
        self.sink = OscSink("127.0.0.1", port, name)
        self.sink.open()
        told = StreamInfo(name, 1, "0.1.0", Fraction(60), 80.0, self.channel.port, "starter", "")
        self.sink.hello(told)
        self.sink.send(any_frame(0))

    def _execute(self, address: str, arguments: Sequence[object]) -> str:
        self.heard.append((address, tuple(arguments)))
        return "done"

    def close(self) -> None:
        self.sink.close()
        self.channel.close()


@pytest.mark.skipif(not MADE.exists(), reason="medtalk_made is not built")
def test_a_command_of_the_core_finds_the_runtime_of_its_subject(dump: Dump) -> None:
    """The core's own route, command and token, real control channels."""
    runtimes = {name: Runtime(name, dump.port) for name in ("Ada", "Ben")}
    time.sleep(0.5)
    subjects = {line["subject"]: line for line in dump.stop()["subjects"]}
    for name, runtime in runtimes.items():
        host, port = subjects[name]["control"].split(":")
        assert (host, int(port)) == ("127.0.0.1", runtime.channel.port)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(10)
        for datagram, answer in (made()[-2], "ok"), (made()[0], "error"):  # the second has no token
            client.sendto(datagram, (host, int(port)))
            assert parse(client.recv(2048))[0] == f"/medtalk/1/{answer}"
    assert runtimes["Ben"].heard == [("/medtalk/1/take/start", ("SHOT", 3))]
    assert runtimes["Ada"].heard == []
    for runtime in runtimes.values():
        runtime.close()


def test_frames_from_standard_input_come_out_as_they_were_sent() -> None:
    encoder = FrameEncoder("Ada")
    frames = [any_frame(number) for number in range(50)]
    lines, _ = from_input([bytes(encoder.encode(frame)) for frame in frames])
    assert [line["sequence"] for line in lines] == list(range(50))
    for line, frame in zip(lines, frames, strict=True):
        assert line["subject"] == "Ada"
        assert line["time"] == pytest.approx(frame.time, abs=1e-9)
        check_properties(line, frame)


def test_every_sample_datagram_is_shown_or_dropped_with_its_reason() -> None:
    rows = (ROOT / "protocol" / "samples.csv").read_text("utf-8").splitlines()[1:]
    for row in rows:
        name, _, verdict = row.split(",")
        lines, complaint = from_input([(ROOT / "protocol" / name).read_bytes()])
        if verdict == "accept":
            assert complaint == ""
            assert len(lines) == name.startswith("samples/frame")
        else:
            assert lines == []
            assert f"dropped, {verdict}: " in complaint


def test_frames_built_by_python_osc_are_read() -> None:
    frame = any_frame(3)
    builder = OscMessageBuilder("/medtalk/1/frame")
    for kind, value in zip(
        "siid" + "f" * 180,
        ("Zoë", 3, TABLE_HASH, frame.time, *map(float, frame.head), *map(float, frame.controls)),
        strict=True,
    ):
        builder.add_arg(value, kind)
    [line], complaint = from_input([builder.build().dgram])
    assert complaint == ""
    assert line["subject"] == "Zoë"
    check_properties(line, frame)


def test_packets_of_pylivelinkface_are_read() -> None:
    face = pytest.importorskip("pylivelinkface", reason="PyLiveLinkFace is not installed")
    packet = face.PyLiveLinkFace(name="Phone", fps=60)
    packet.set_blendshape(face.FaceBlendShape.JawOpen, 0.625, no_filter=True)
    packet.set_blendshape(face.FaceBlendShape.MouthLeft, 0.25, no_filter=True)
    [line], _ = from_input([packet.encode()], "--livelink")
    assert line["subject"] == "Phone"
    assert line["rate"] == [60, 1]
    assert line["properties"]["JawOpen"] == 0.625
    assert line["properties"]["MouthLeft"] == 0.25


def test_a_broken_length_is_said_in_a_sentence() -> None:
    done = subprocess.run([DUMP], input=b"\xff\0\0\0short", capture_output=True, check=False)
    assert done.returncode == 1
    assert b"4-byte little-endian length" in done.stderr
    done = subprocess.run([DUMP, "--listen", "70000"], capture_output=True, check=False)
    assert done.returncode == 2
    assert b"not understood" in done.stderr


def test_a_taken_port_is_named() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as holder:
        holder.bind(("127.0.0.1", 0))
        port = holder.getsockname()[1]
        done = subprocess.run(
            [DUMP, "--listen", str(port)], capture_output=True, check=False, timeout=10
        )
    assert done.returncode == 1
    assert f"port {port} on 127.0.0.1 cannot be bound" in done.stderr.decode()


@pytest.mark.parametrize("name", ["SAMPLE_001.take", "CRASHED_001.take"])
def test_the_core_turns_a_take_into_the_json_that_python_exports(tmp_path: Path, name: str) -> None:
    folder = ROOT / "protocol" / name
    done = subprocess.run([DUMP, "--take", folder], capture_output=True, check=True, timeout=30)
    ours = json.loads(done.stdout)
    path = export(read_take(folder), "json", tmp_path / "take.json")
    python = json.loads(path.read_text("utf-8"))
    assert Path(ours.pop("audio")).name == Path(python.pop("audio")).name
    assert list(ours) == list(python)
    for group in ("board", "raw", "head"):
        assert list(ours[group]) == list(python[group])
        for curve, values in python[group].items():
            # both round to five decimals, so a value on the edge may fall to either side
            assert ours[group][curve] == pytest.approx(values, abs=1.1e-5)
        del ours[group], python[group]
    assert ours.pop("times") == pytest.approx(python.pop("times"), abs=1.1e-5)
    assert ours == python

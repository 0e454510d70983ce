"""Our datagrams in other people's programs: liblo's oscdump and tshark's dissectors."""

from __future__ import annotations

import shutil
import socket
import struct
import subprocess
import time
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from live_fakes import bound, free_port

from medtalk_live.output.osc import OscSink, decode_frame
from medtalk_live.output.sink import StreamInfo
from medtalk_live.output.vmc import VmcSink
from medtalk_live.rig.arkit import SHAPE_NAMES
from medtalk_live.rig.controls import NEUTRAL, TABLE_HASH, index
from medtalk_live.rig.frames import ControlFrame

SAMPLES = Path(__file__).parents[2] / "protocol" / "samples"
INFO = StreamInfo(
    "Ada", 7, "0.1.0", Fraction(60), 80.0, 9871, "starter", "happy", "01:02:03:04", 5.0
)


def needs(program: str, package: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(
        shutil.which(program) is None, reason=f"{program} is not installed (Debian: {package})"
    )


def smiling(number: int) -> ControlFrame:
    controls = NEUTRAL.copy()
    controls[index("L_mouth_cornerPull.ty")] = 0.5
    return ControlFrame(
        number, 100 + number / 64, controls, np.asarray([1, 2, 3, 4, 5, 6], np.float32)
    )


def dump(tmp_path: Path, kind: type[OscSink] | type[VmcSink], lines: int) -> list[str]:
    """What oscdump printed of ten frames, a hello and a bye; sent until its first words come."""
    port, out = free_port(), tmp_path / "oscdump.txt"
    with out.open("wb") as file:
        # line by line, or the words stay in its buffer
        oscdump = subprocess.Popen(["stdbuf", "-oL", "oscdump", str(port)], stdout=file)
    sink = kind("127.0.0.1", port)
    sink.open()
    try:
        wait_for(lambda: bound(port))
        for number in range(10):
            sink.send(smiling(number))
        sink.hello(INFO)
        sink.bye()
        wait_for(lambda: len(out.read_text().splitlines()) >= lines)
    finally:
        sink.close()
        oscdump.terminate()
        oscdump.wait(10)
    return out.read_text().splitlines()


def wait_for(ready: object) -> None:
    assert callable(ready)
    for _ in range(200):
        if ready():
            return
        time.sleep(0.05)
    pytest.fail("nothing came within ten seconds")


@needs("oscdump", "liblo-tools")
@needs("stdbuf", "coreutils")
def test_oscdump_prints_our_frames_hello_and_bye(tmp_path: Path) -> None:
    lines = dump(tmp_path, OscSink, 12)
    for number, line in enumerate(lines[:10]):
        words = line.split()
        assert words[1:3] == ["/medtalk/1/frame", "siid" + "f" * 180]
        assert words[3:6] == ['"MedTalk"', str(number), str(TABLE_HASH)]
        assert float(words[6]) == pytest.approx(100 + number / 64, abs=1e-6)
        assert [float(word) for word in words[7:13]] == [1, 2, 3, 4, 5, 6]
        assert float(words[13 + index("L_mouth_cornerPull.ty")]) == 0.5
    assert '/medtalk/1/hello sisiffisssd "MedTalk" 7 "0.1.0"' in lines[10]
    assert '"01:02:03:04" 5.000000' in lines[10]
    assert lines[11].endswith('/medtalk/1/bye s "MedTalk"')


@needs("oscdump", "liblo-tools")
@needs("stdbuf", "coreutils")
def test_oscdump_prints_our_vmc_bundles(tmp_path: Path) -> None:
    each = 3 + len(SHAPE_NAMES) + 1
    lines = [line.split(" ", 1)[1] for line in dump(tmp_path, VmcSink, 11 * each)]
    assert len(lines) == 11 * each  # ten frames and the rest that bye leaves
    assert lines[0] == "/VMC/Ext/OK i 1"
    assert lines[2].startswith('/VMC/Ext/Bone/Pos sfffffff "Head" 0.050000 0.060000 0.040000')
    assert '/VMC/Ext/Blend/Val sf "MouthSmileLeft" 0.500000' in lines[:each]
    assert [lines[k * each - 1].strip() for k in range(1, 12)] == ["/VMC/Ext/Blend/Apply"] * 11


def capture(path: Path, port: int, datagrams: list[bytes]) -> None:
    """A pcap file of raw IPv4 packets (link type 101) that carry the datagrams."""
    out = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 101)
    for number, data in enumerate(datagrams):
        udp = struct.pack(">HHHH", 40_000, port, 8 + len(data), 0) + data
        local = socket.inet_aton("127.0.0.1")
        head = struct.pack(
            ">BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), number, 0, 64, 17, 0, local, local
        )
        packet = head + udp
        out += struct.pack("<IIII", 0, number, len(packet), len(packet)) + packet
    path.write_bytes(out)


def tshark(folder: Path, names: list[str], *fields: str) -> list[list[list[str]]]:
    """The values of each field in each sample, as tshark's OSC dissector sees them."""
    capture(folder / "x.pcap", 9870, [(SAMPLES / f"{name}.bin").read_bytes() for name in names])
    command = ["tshark", "-r", str(folder / "x.pcap"), "--enable-heuristic", "osc_udp"]
    command += ["-T", "fields", *(word for field in fields for word in ("-e", field))]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    rows = [line.split("\t") for line in done.stdout.splitlines()]
    return [[cell.split(",") if cell else [] for cell in row] for row in rows]


@needs("tshark", "tshark")
@pytest.mark.parametrize("name", ["frame_ramp", "frame_neutral", "frame_longest_subject"])
def test_tshark_reads_every_value_of_a_frame(tmp_path: Path, name: str) -> None:
    fields = [
        f"osc.message.{kind}" for kind in ("header.path", "string", "int32", "double", "float")
    ]
    ((path, subject, integers, time, floats),) = tshark(tmp_path, [name], *fields)
    wire = decode_frame((SAMPLES / f"{name}.bin").read_bytes())
    assert (path, subject) == (["/medtalk/1/frame"], [wire.subject])
    assert [int(word) for word in integers] == [wire.frame.index, TABLE_HASH]
    assert [float(word) for word in time] == [wire.frame.time]
    values = [float(value) for value in (*wire.frame.head, *wire.frame.controls)]
    assert [float(word) for word in floats] == pytest.approx(values, abs=1e-5)


@needs("tshark", "tshark")
def test_tshark_misses_a_value_in_a_cut_frame(tmp_path: Path) -> None:
    """The test above can fail."""
    ((floats,),) = tshark(tmp_path, ["frame_cut"], "osc.message.float")
    assert len(floats) != 180


@needs("tshark", "tshark")
def test_tshark_reads_hello_bye_and_the_vmc_bundles(tmp_path: Path) -> None:
    paths, formats = "osc.message.header.path", "osc.message.header.format"
    found = tshark(
        tmp_path, ["hello", "bye", "vmc_1", "vmc_2"], paths, formats, "osc.message.string"
    )
    assert found[0][0] == ["/medtalk/1/hello"]
    assert "sisiffisssd" in found[0][1]
    assert found[0][2][-1] == "10:20:30;40"
    assert found[1] == [["/medtalk/1/bye"], ["", "s"], ["MedTalk"]]
    assert found[2][0][:3] == ["/VMC/Ext/OK", "/VMC/Ext/T", "/VMC/Ext/Bone/Pos"]
    assert found[3][0][-1] == "/VMC/Ext/Blend/Apply"
    assert found[2][2][1:] + found[3][2] == list(SHAPE_NAMES)

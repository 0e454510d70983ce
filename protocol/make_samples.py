"""Makes everything in ``protocol/`` but the address table: byte samples and their verdicts.

Both sides test against what lies here: a codec that changes a byte changes a
file, and ``tests/golden`` says so. Run  python protocol/make_samples.py  after
a wanted change of the protocol, and look at the difference.
"""

from __future__ import annotations

import csv
import shutil
import struct
import sys
from fractions import Fraction
from pathlib import Path

import numpy as np

from medtalk_live.output.livelink_face import PacketEncoder
from medtalk_live.output.osc import FRAME_ADDRESS, FrameEncoder, encode_bye, encode_hello
from medtalk_live.output.sink import StreamInfo
from medtalk_live.output.vmc import BundleEncoder
from medtalk_live.rig.controls import COUNT, MAXIMUM, MINIMUM, NAMES, NEUTRAL, FloatArray, index
from medtalk_live.rig.frames import ControlFrame, Curves
from medtalk_live.rig.metahuman import RAW_NAMES, to_raw
from medtalk_live.takes.rows import ROW_BYTES
from medtalk_live.takes.take import Mark, TakeInfo
from medtalk_live.takes.writer import write_take

HEAD = np.asarray([10.0, -5.0, 2.5, 1.0, 2.0, 3.0], np.float32)
DEVICE = "00000000-0000-4000-8000-000000000000"
LAST_SEQUENCE = 2**31 - 1


def pattern(step: int = 37) -> FloatArray:
    """Every control somewhere in its range, all different from their neighbours."""
    share = np.arange(COUNT) * step % 101 / 100
    return (MINIMUM + (MAXIMUM - MINIMUM) * share).astype(np.float32)


def frame(sequence: int, time: float, controls: FloatArray) -> ControlFrame:
    """A frame with the samples' head pose."""
    return ControlFrame(sequence, time, controls, HEAD)


def frame_datagrams() -> dict[str, tuple[bytes, str]]:
    """Name -> datagram and verdict: ``accept``, or why a receiver drops it."""
    ada = FrameEncoder("MedTalk")
    ramp = bytes(ada.encode(frame(7, 1234.5, pattern())))
    numbers = len(ramp) - 4 * (6 + COUNT) - 16
    hash_at, first_value = numbers + 4, numbers + 16 + 24
    nan = struct.pack(">f", float("nan"))
    outside = pattern()
    outside[index("C_jaw.ty")] = 3.0
    return {
        "frame_neutral": (bytes(ada.encode(ControlFrame.neutral(0, 1000.0))), "accept"),
        "frame_ramp": (ramp, "accept"),
        "frame_last_sequence": (bytes(ada.encode(frame(LAST_SEQUENCE, 9.0, pattern()))), "accept"),
        "frame_wrapped_sequence": (bytes(ada.encode(frame(2**31, 9.25, pattern()))), "accept"),
        "frame_unicode_subject": (
            bytes(FrameEncoder("阿达·Zoë").encode(frame(1, 2.0, pattern()))),
            "accept",
        ),
        "frame_longest_subject": (
            bytes(FrameEncoder("s" * 64).encode(frame(1, 2.0, pattern()))),
            "accept",
        ),
        "frame_out_of_range": (bytes(ada.encode(frame(8, 1234.6, outside))), "accept"),
        "frame_other_table": (ramp[:hash_at] + b"\0\0\0\1" + ramp[hash_at + 4 :], "table"),
        "frame_not_finite": (ramp[:first_value] + nan + ramp[first_value + 4 :], "not_finite"),
        "frame_cut": (ramp[:-4], "truncated"),
        "frame_cut_in_types": (ramp[:100], "truncated"),
        "frame_odd_length": (ramp[:-1], "truncated"),
        "frame_with_more": (ramp + b"\0\0\0\0", "trailing"),
        "frame_wrong_types": (ramp.replace(b",siid", b",siif", 1), "types"),
        "frame_no_types": (FRAME_ADDRESS.encode() + bytes(4), "types"),
        "unknown_address": (ramp.replace(b"/frame", b"/frume", 1), "address"),
        "newer_protocol": (ramp.replace(b"/medtalk/1/", b"/medtalk/2/", 1), "address"),
        "empty": (b"", "truncated"),
        "noise": (bytes(range(256)), "address"),
    }


def stream_info() -> StreamInfo:
    """What the sample hello tells."""
    return StreamInfo(
        subject="MedTalk",
        session=123456789,
        version="0.1.0",
        fps=Fraction(60_000, 1001),
        latency_ms=78.5,
        control_port=9871,
        model="starter",
        guidance="happy:0.7+surprised:0.3",
        timecode="10:20:30;40",
        timecode_time=1234.0,
    )


def other_datagrams() -> dict[str, tuple[bytes, str]]:
    """Hello, bye, and what goes out in the two foreign protocols."""
    values = np.arange(61, dtype=np.float32) / 64
    packet = PacketEncoder("MedTalk", DEVICE, Fraction(60)).encode(values, 2_000_000, 0.25)
    vmc = BundleEncoder().encode(values[:52], HEAD, 12.5)
    return {
        "hello": (encode_hello(stream_info()), "accept"),
        "bye": (encode_bye("MedTalk"), "accept"),
        "livelink_face": (bytes(packet), "foreign"),
        **{f"vmc_{part}": (bytes(data), "foreign") for part, data in enumerate(vmc, 1)},
    }


def mapping_cases() -> dict[str, FloatArray]:
    """Frames whose raw controls are worth pinning."""
    cases = {"neutral": NEUTRAL.copy(), "lowest": MINIMUM.copy(), "highest": MAXIMUM.copy()}
    cases["pattern"] = pattern()
    cases["beyond"] = (pattern(53) * 3).astype(np.float32)
    for value in (0.165, 0.33, 0.5, 0.66, 0.83, 1.0):
        controls = NEUTRAL.copy()
        controls[[index("L_mouth_lipSticky.ty"), index("C_neck_swallow.ty")]] = value
        cases[f"ramps_at_{value}"] = controls
    folded = NEUTRAL.copy()
    folded[[index(f"{side}_eye.tx") for side in "CLR"]] = 0.75, 0.5, -0.5
    folded[[index(f"{side}_eye.ty") for side in "CLR"]] = -0.25, 0.5, -1.0
    cases["common_gaze"] = folded
    return cases


def write_datagrams(folder: Path) -> None:
    """One file a datagram, and the table of verdicts."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder.parent / "samples.csv").open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(["file", "bytes", "verdict"])
        for name, (data, verdict) in {**frame_datagrams(), **other_datagrams()}.items():
            (folder / f"{name}.bin").write_bytes(data)
            table.writerow([f"samples/{name}.bin", len(data), verdict])


def write_mapping(path: Path) -> None:
    """Controls and the raw curves that they must become, a column a case."""
    cases = mapping_cases()
    with path.open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(["kind", "name", *cases])
        for kind, names, vectors in (
            ("control", NAMES, list(cases.values())),
            ("raw", RAW_NAMES, [to_raw(controls) for controls in cases.values()]),
        ):
            for column, name in enumerate(names):
                table.writerow(
                    [kind, name, *(f"{round(float(vector[column]), 6):g}" for vector in vectors)]
                )


def write_takes(folder: Path) -> None:
    """A good take of 24 frames, and what is left of it after a crash."""
    for name in ("SAMPLE_001.take", "CRASHED_001.take"):
        shutil.rmtree(folder / name, ignore_errors=True)
    rows = np.stack([NEUTRAL + (pattern() - NEUTRAL) * np.float32(k / 23) for k in range(24)])
    times = (np.arange(24) / 60).astype(np.float32)
    curves = Curves(rows, np.tile(HEAD, (24, 1)), times)
    tone = (0.1 * np.sin(np.arange(6400) * 2 * np.pi * 220 / 16_000)).astype(np.float32)
    info = TakeInfo(
        slate="",
        take=0,
        subject="MedTalk",
        start_timecode="10:20:30:40",
        model="starter",
        software="0.1.0",
        created="2026-01-02T03:04:05+00:00",
        guidance=[Mark(0.0, "neutral"), Mark(0.2, "happy")],
    )
    write_take(folder / "SAMPLE_001.take", curves, tone, 16_000, info)
    crash(folder / "SAMPLE_001.take", folder / "CRASHED_001.take")


def crash(good: Path, broken: Path) -> None:
    """Half a row at the end, no length in the sound's header, never closed."""
    shutil.copytree(good, broken)
    rows = (good / "curves.bin").read_bytes()
    (broken / "curves.bin").write_bytes(rows[: 20 * ROW_BYTES + 300])
    sound = (good / "audio.wav").read_bytes()
    (broken / "audio.wav").write_bytes(sound[:40] + bytes(4) + sound[44:10_001])
    words = (good / "take.json").read_text("utf-8").replace('"closed": true', '"closed": false')
    (broken / "take.json").write_text(words, encoding="utf-8", newline="\n")


def main(folder: Path) -> None:
    """Make everything."""
    write_datagrams(folder / "samples")
    write_mapping(folder / "gui_to_raw_cases.csv")
    write_takes(folder)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)

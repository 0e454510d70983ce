"""A live run against other people's receivers: start-up, rate, gaps, intervals, latency.

    python benchmarks/live_run.py RECORDING [--seconds 60] [--look-ahead 40] [--runs 5] [--json OUT]

Starts ``medtalk-live`` as a user does, and beside it liblo's oscdump, tshark's
OSC dissector, PyLiveLinkFace and vmcp, as far as they are installed (apt
liblo-tools tshark; pip PyLiveLinkFace vmcp 'osc4py3<1.0.4'), and our own
decoder for the latency. Prints one line a receiver, and the medians of several runs.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import threading
import time
from dataclasses import asdict, dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from pauses import Pauses, undisturbed, witnessed

HERE = Path(__file__).parent
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(HERE.parent)}
SETTLE_SECONDS = 3.0


@dataclass
class Listener:
    """One receiver process and the lines it printed, each with its arrival."""

    name: str
    option: str
    command: list[str]
    port: int
    stamped: bool
    lines: list[tuple[float, str]] = field(default_factory=list)
    process: subprocess.Popen[str] | None = None
    thread: threading.Thread | None = None

    def start(self) -> None:
        """Start the process and gather its lines."""
        self.process = subprocess.Popen(
            self.command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=ENVIRONMENT,
        )
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()

    def _read(self) -> None:
        assert self.process is not None
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if self.stamped:
                stamp, _, words = line.partition("\t")
                self.lines.append((float(stamp), words.strip()))
            else:
                self.lines.append((time.perf_counter(), line.strip()))

    def stop(self) -> None:
        """End the process; what it still holds back is read."""
        assert self.process is not None
        assert self.process.stdin is not None
        self.process.stdin.close()
        time.sleep(0.3)
        self.process.terminate()
        self.process.wait(5.0)


@dataclass
class Result:
    """What one receiver saw; intervals and latency leave out the first three seconds."""

    receiver: str
    frames: int
    rate_hz: float
    missing: int | None
    interval_p99_ms: float
    interval_max_ms: float
    own_interval_max_ms: float | None = None  # of those in which the machine did not stand still
    latency_p50_ms: float | None = None
    latency_p99_ms: float | None = None


def free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def listeners() -> list[Listener]:
    """The receivers that this machine has."""
    script = [sys.executable, str(HERE / "receivers.py")]

    def python(name: str, kind: str, option: str) -> Listener:
        port = free_port()
        return Listener(name, option, [*script, kind, str(port)], port, True)

    found = [python("our decoder", "raw", "--osc")]
    if find_spec("pylivelinkface"):
        found.append(python("PyLiveLinkFace", "livelink", "--livelink"))
    if find_spec("vmcp") and find_spec("osc4py3"):
        found.append(python("vmcp", "vmc", "--vmc"))
    if shutil.which("oscdump"):
        port = free_port()
        command = ["oscdump", "-L", str(port)]
        found.append(Listener("liblo oscdump", "--osc", command, port, False))
    if shutil.which("tshark"):
        port = free_port()
        command = ["tshark", "-i", "lo", "-l", "-f", f"udp dst port {port}"]
        command += ["--enable-heuristic", "osc_udp", "-T", "fields", "-e", "frame.time_epoch"]
        command += ["-e", "osc.message.header.path", "-e", "osc.message.int32"]
        found.append(Listener("tshark", "--osc", command, port, False))
    return found


def frames_of(listener: Listener) -> tuple[np.ndarray, np.ndarray | None, np.ndarray | None]:
    """Arrival of each frame, its number, and its sound's time, as far as the receiver tells."""
    if listener.name == "liblo oscdump":
        rows = [(at, line.split()) for at, line in listener.lines if "/medtalk/1/frame" in line]
        numbers = [int(words[words.index("siid" + "f" * 180) + 2]) for _, words in rows]
        return np.array([at for at, _ in rows]), np.array(numbers), None
    if listener.name == "tshark":
        read = [line.split("\t") for _, line in listener.lines if "/medtalk/1/frame" in line]
        numbers = [int(row[2].split(",")[0]) for row in read]
        return np.array([float(row[0]) for row in read]), np.array(numbers), None
    arrivals = np.array([at for at, _ in listener.lines])
    if listener.option in ("--livelink", "--vmc"):
        arrivals = arrivals[:-1]  # the last one is the bye: the face at rest, after the run
    if listener.name == "our decoder":
        words = np.array([line.split("\t") for _, line in listener.lines], float)
        return arrivals, words[:, 0].astype(int), words[:, 1]
    return arrivals, None, None


def judged(listener: Listener, pauses: Pauses) -> Result:
    arrivals, numbers, sound = frames_of(listener)
    if len(arrivals) < 2:
        return Result(listener.name, len(arrivals), 0.0, None, 0.0, 0.0)
    settled = arrivals - arrivals[0] > SETTLE_SECONDS
    gaps = np.diff(arrivals[settled]) * 1000.0
    result = Result(
        listener.name,
        len(arrivals),
        round(float((len(arrivals) - 1) / (arrivals[-1] - arrivals[0])), 3),
        None if numbers is None else int(np.sum(np.diff(numbers) != 1)),
        round(float(np.quantile(gaps, 0.99)), 2),
        round(float(gaps.max()), 2),
    )
    if sound is not None:
        ours = gaps[undisturbed(pauses, arrivals[settled])]
        result.own_interval_max_ms = round(float(ours.max(initial=0.0)), 2)
        late = (arrivals - sound)[settled] * 1000.0
        result.latency_p50_ms = round(float(np.quantile(late, 0.5)), 2)
        result.latency_p99_ms = round(float(np.quantile(late, 0.99)), 2)
    return result


def live_run(args: argparse.Namespace) -> dict[str, Any]:
    """One run with its receivers beside it."""
    found = [one for one in listeners() if args.only is None or one.name in args.only]
    for listener in found:
        listener.start()
    time.sleep(4.0)  # tshark needs a while to attach
    command = [sys.executable, "-m", "medtalk_live", "--input", str(args.recording), "--loop"]
    command += ["--duration", str(args.seconds), "--look-ahead", str(args.look_ahead)]
    command += ["--emotion", "happy", "--control", "127.0.0.1:0", "--json-stats"]
    for listener in found:
        command += [listener.option, f"127.0.0.1:{listener.port}"]
    with witnessed() as pauses:
        begun = time.perf_counter()
        run = subprocess.run(command, capture_output=True, text=True, env=ENVIRONMENT)
    time.sleep(1.0)
    for listener in found:
        listener.stop()
    if run.returncode:
        sys.exit(run.stderr.strip())
    return {
        "first_frame_s": round(found[0].lines[0][0] - begun, 2),
        "last": json.loads(run.stdout.splitlines()[-1]),
        "receivers": [asdict(judged(listener, pauses)) for listener in found],
        "pauses": len(pauses),
        "summary": run.stderr.strip().splitlines()[-1],
    }


def show(report: dict[str, Any], look_ahead: int) -> None:
    print(f"command to first frame: {report['first_frame_s']:.2f} s; look-ahead {look_ahead} ms")
    compute = report["last"]["compute_ms"]
    print(f"compute p50 {compute['p50']} ms, p99 {compute['p99']} ms a chunk")
    for receiver in report["receivers"]:
        print(json.dumps(receiver))
    print(f"{report['summary']}; the machine stood still {report['pauses']} times", flush=True)


def show_medians(reports: list[dict[str, Any]]) -> None:
    """Of our decoder, which alone sees the latency."""
    ours = [report["receivers"][0] for report in reports]
    numbers = {
        name: round(statistics.median(one[name] for one in ours), 2)
        for name, value in ours[0].items()
        if isinstance(value, int | float)
    }
    last = [report["last"] for report in reports]
    numbers["held"] = statistics.median(one["held"] for one in last)
    numbers["compute_p50_ms"] = statistics.median(one["compute_ms"]["p50"] for one in last)
    numbers["first_frame_s"] = statistics.median(report["first_frame_s"] for report in reports)
    print(f"medians of {len(reports)} runs: {json.dumps(numbers)}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("recording", type=Path)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--look-ahead", type=int, default=40)
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--only", nargs="+", metavar="NAME", help="some receivers, ours first")
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    reports = []
    for _ in range(args.runs):
        reports.append(live_run(args))
        show(reports[-1], args.look_ahead)
    if args.runs > 1:
        show_medians(reports)
    if args.json:
        args.json.write_text(json.dumps(reports if args.runs > 1 else reports[0], indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())

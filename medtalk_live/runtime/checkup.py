"""What ``doctor`` looks at: each check gives findings, each finding that is not fine a remedy.

A check that breaks is itself a finding, so one broken part never hides the
others. Nothing is changed on the machine. Main thread; may take seconds.
"""

from __future__ import annotations

import platform
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Literal

import numpy as np

from medtalk_live import __version__
from medtalk_live.errors import ControlError, MedTalkError
from medtalk_live.runtime.settings import CONTROL_PORT, LIVE_LINK_PORT, OSC_PORT

_PARTS = {
    "numpy": "numpy",
    "yaml": "pyyaml",
    "pythonosc": "python-osc",
    "soundfile": "soundfile",
    "samplerate": "samplerate",
    "sounddevice": "sounddevice",
    "safetensors": "safetensors",
}
_SLEEPS = 50
_COARSE_MS = 4.0
_SLOW_DATAGRAM_MS = 5.0


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the doctor's report.

    Attributes:
        grade: ``ok``, ``note`` (something optional is not there) or ``fault``.
        what: What was looked at and found.
        remedy: What to do about it; empty where nothing is to be done.
    """

    grade: Literal["ok", "note", "fault"]
    what: str
    remedy: str = ""


def examine() -> Iterator[Finding]:
    """All findings, check by check."""
    for check in (install, models, graphics, audio, ports, datagram, timer, extras):
        try:
            yield from check()
        except Exception as error:
            yield Finding(
                "fault",
                f"the check '{check.__name__}' broke ({type(error).__name__}: {error})",
                "report this line",
            )


def install() -> Iterator[Finding]:
    """Python and the packages that every run needs."""
    python = platform.python_version()
    fits = (3, 11) <= sys.version_info[:2] <= (3, 13)
    yield Finding(
        "ok" if fits else "fault",
        f"medtalk-live {__version__} on Python {python}, {platform.system()} {platform.machine()}",
        "" if fits else "install it under Python 3.11, 3.12 or 3.13",
    )
    for module, package in _PARTS.items():
        try:
            import_module(module)
        except (ImportError, OSError) as error:
            yield Finding("fault", f"{package} cannot be loaded ({error})", _part_remedy(module))


def _part_remedy(module: str) -> str:
    if module == "sounddevice" and sys.platform.startswith("linux"):
        return "install PortAudio: apt install libportaudio2 (files and streams work without it)"
    return f"pip install --force-reinstall {_PARTS[module]}"


def models() -> Iterator[Finding]:
    """Every model folder, against its hashes."""
    from medtalk_live.model.checkpoint import (
        MANIFEST,
        check_files,
        checkpoint_roots,
        read_manifest,
    )

    found = [path.parent for root in checkpoint_roots() for path in root.glob(f"*/{MANIFEST}")]
    for folder in found:
        try:
            manifest = read_manifest(folder)
            check_files(folder, manifest)
            files = len(manifest.get("files", {}))
            yield Finding("ok", f"model {folder.name}: {files} files, every hash right")
        except MedTalkError as problem:
            yield Finding("fault", f"model {folder.name}: {problem}", "reinstall medtalk-live")
    if not any(folder.name == "starter" for folder in found):
        yield Finding("fault", "the starter model is missing", "reinstall medtalk-live")
    if not any(folder.name == "official" for folder in found):
        yield Finding(
            "note",
            "the authors' model is not here; the starter is used",
            "see  medtalk-live models --help  to take it over",
        )


def graphics() -> Iterator[Finding]:
    """An NVIDIA card, and whether torch can use it."""
    card = _nvidia_card()
    if find_spec("torch") is None:
        yield Finding(
            "note",
            "torch is not installed; the starter model runs without it",
            "pip install torch  for the official model and for training",
        )
        return
    import torch

    if card and torch.version.cuda is None:
        yield Finding(
            "fault",
            f"{card} is here, but torch {torch.__version__} is built for the CPU alone",
            "reinstall torch with CUDA: pick the line for this system on pytorch.org/get-started",
        )
    elif card and not torch.cuda.is_available():
        yield Finding("fault", f"torch cannot use {card}", "update the NVIDIA driver, then restart")
    else:
        where = card or "no NVIDIA card; the starter model needs none"
        yield Finding("ok", f"torch {torch.__version__}, {where}")


def _nvidia_card() -> str:
    tool = shutil.which("nvidia-smi")
    if tool is None:
        return ""
    try:
        asked = [tool, "--query-gpu=name", "--format=csv,noheader"]
        answer = subprocess.run(asked, capture_output=True, text=True, timeout=10, check=True)
    except (OSError, subprocess.SubprocessError):
        return ""
    return answer.stdout.strip().splitlines()[0] if answer.stdout.strip() else ""


def audio() -> Iterator[Finding]:
    """Microphones and outputs."""
    try:
        import sounddevice
    except (ImportError, OSError):
        return  # ``install`` has said so
    devices = list(sounddevice.query_devices())
    inputs = [device["name"] for device in devices if device["max_input_channels"] > 0]
    outputs = [device["name"] for device in devices if device["max_output_channels"] > 0]
    if inputs:
        yield Finding("ok", f"{len(inputs)} microphones, the first is '{inputs[0]}'")
    else:
        yield Finding(
            "note",
            "no microphone was found",
            "plug one in and allow its use, or run with --input FILE, - or tcp:PORT",
        )
    if not outputs:
        yield Finding("note", "no audio output was found", "only --monitor needs one")


def ports() -> Iterator[Finding]:
    """The ports that a run uses on this machine."""
    from medtalk_live.runtime.control import bound_socket
    from medtalk_live.runtime.remote import Remote

    try:
        bound_socket("127.0.0.1", CONTROL_PORT).close()
        yield Finding("ok", f"control port {CONTROL_PORT} is free")
    except ControlError:
        try:
            with Remote("127.0.0.1", CONTROL_PORT, patience_seconds=1.0) as remote:
                remote.say("ping", 1)
            yield Finding(
                "note", f"a live run holds the control port {CONTROL_PORT}", "none needed"
            )
        except ControlError:
            yield Finding(
                "fault",
                f"another program holds the control port {CONTROL_PORT}",
                "end it, or run with --control 127.0.0.1:PORT",
            )
    for port, name in ((OSC_PORT, "OSC"), (LIVE_LINK_PORT, "Live Link Face")):
        listening = not _free(port)
        yield Finding(
            "ok",
            f"port {port}: {'a receiver listens' if listening else 'nobody listens yet'} ({name})",
        )


def _free(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        if sys.platform == "win32":
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        try:
            probe.bind(("0.0.0.0", port))
        except OSError:
            return False
        return True


def datagram() -> Iterator[Finding]:
    """One real frame out of a sink, through the network stack, and back."""
    from medtalk_live.output.osc import OscSink, decode_frame
    from medtalk_live.rig.frames import ControlFrame

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.bind(("127.0.0.1", 0))
        receiver.settimeout(2.0)
        sink = OscSink("127.0.0.1", receiver.getsockname()[1])
        sink.open()
        frame = ControlFrame.neutral(7, 1.5)
        start = time.perf_counter()
        sink.send(frame)
        try:
            got = decode_frame(receiver.recv(2048)).frame
        except TimeoutError:
            remedy = "allow Python in the firewall (local UDP)"
            yield Finding("fault", "a frame sent to this machine never arrived", remedy)
            return
        finally:
            sink.close()
    passed_ms = (time.perf_counter() - start) * 1000.0
    same = got.index == 7 and np.array_equal(got.controls, frame.controls)
    slow = "" if passed_ms < _SLOW_DATAGRAM_MS else " (slow: a virus scanner may look at it)"
    yield Finding(
        "ok" if same else "fault",
        f"a frame went round through UDP in {passed_ms:.2f} ms{slow}",
        "" if same else "report this line: the frame came back changed",
    )


def timer() -> Iterator[Finding]:
    """How late this machine wakes from a short sleep: it bounds how evenly frames can leave."""
    late = []
    for _ in range(_SLEEPS):
        start = time.perf_counter()
        time.sleep(0.002)
        late.append((time.perf_counter() - start - 0.002) * 1000.0)
    worst = float(np.quantile(late, 0.95))
    fine = worst < _COARSE_MS
    yield Finding(
        "ok" if fine else "note",
        f"sleeps end {worst:.1f} ms late at p95",
        "" if fine else "close busy programs, choose the high-performance power plan",
    )


def extras() -> Iterator[Finding]:
    """Optional parts."""
    for module, extra, purpose in (
        ("mediapipe", "image", "--image (photos as guidance)"),
        ("imageio_ffmpeg", "film", "films (animate --render, take render)"),
    ):
        there = find_spec(module) is not None
        yield Finding(
            "ok" if there else "note",
            f"{purpose}: {'ready' if there else 'not installed'}",
            "" if there else f"pip install 'medtalk-live[{extra}]'",
        )

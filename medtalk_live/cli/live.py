"""``medtalk-live`` itself: microphone (or file, or stream) in, a talking face out, until Ctrl-C.

Parses the call into ``LiveSettings``, has ``assembly`` build the parts, and
watches the run: one status line on a terminal, one JSON object a second with
``--json-stats``. Main thread.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from medtalk_live import __version__
from medtalk_live.cli import options, values
from medtalk_live.cli.main import command_list
from medtalk_live.clock import SystemClock
from medtalk_live.errors import AudioError, ConfigError, MedTalkError
from medtalk_live.runtime.live import LiveRun
from medtalk_live.runtime.priority import raise_priority
from medtalk_live.runtime.report import StatusLine, status_text
from medtalk_live.runtime.settings import (
    LIVE_LOOK_AHEAD_MS,
    PREVIEW_PORT,
    LiveSettings,
    addresses,
    load_settings,
)

if TYPE_CHECKING:
    from medtalk_live.face.tui import TerminalView
    from medtalk_live.runtime.stats import Snapshot

log = logging.getLogger(__name__)

_PATIENCE = 0.1


def main(arguments: list[str]) -> int:
    """Run live; returns the exit status."""
    settings = parse(arguments)
    if settings.tui and not (sys.stdin and sys.stdin.isatty() and sys.stdout.isatty()):
        raise ConfigError("--tui needs a terminal to draw in: leave it out, or see --preview")
    from medtalk_live.cli.assembly import build_run

    _end_on_signals()
    raise_priority()
    run = build_run(settings, SystemClock())
    view = terminal_view(run, settings) if settings.tui else None
    status = StatusLine(sys.stderr)
    try:
        with run:
            say(announcement(run, settings))
            if view is not None:
                with ending(run, settings.duration):
                    view.run()
            else:
                watch(run, settings, status)
                status.end()
    except KeyboardInterrupt:
        status.end()
    say(summary(run))
    if settings.profile is not None and run.session.gains:
        options.save_gains(settings.profile, run.session.gains)
        say(f"gains kept in {settings.profile}")
    if run.session.failure:
        raise AudioError(run.session.failure)
    return 0


def watch(run: LiveRun, settings: LiveSettings, status: StatusLine) -> None:
    """Show the run until its sound or its time is over."""
    clock, stats = run.session.clock, settings.json_stats
    start = second = clock.now()
    while not run.session.finished.wait(_PATIENCE):
        now = clock.now()
        if settings.duration is not None and now - start >= settings.duration:
            break
        if now - second >= 1.0:
            second = now if now - second > 2.0 else second + 1.0
            snapshot = run.report()
            status.show(status_text(snapshot))
            if stats:
                stats = told(snapshot)


@contextmanager
def ending(run: LiveRun, duration: float | None) -> Iterator[None]:
    """Within it the run ends by itself after so many seconds."""
    timer = threading.Timer(duration or 0.0, run.session.finished.set)
    if duration is not None:
        timer.start()
    try:
        yield
    finally:
        timer.cancel()


def told(snapshot: Snapshot) -> bool:
    """Print the statistics; False where nobody can read them any more, which ends no run."""
    try:
        print(json.dumps(snapshot.as_json(), allow_nan=False), flush=True)
    except OSError as error:
        log.warning("the statistics cannot be written (%s); the run goes on", error.strerror)
        # what is still buffered would fail again at the end of the program
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return False
    return True


def terminal_view(run: LiveRun, settings: LiveSettings) -> TerminalView:
    """The view that fills the terminal; it sees every frame and every chunk."""
    from medtalk_live.face.tui import TerminalView

    view = TerminalView(
        report=lambda: run.report().as_json(),
        on_command=run.commands.execute,
        finished=run.session.finished,
        slate=settings.slate,
    )
    run.session.taps.append(view.frame)
    run.session.listeners.append(view.audio)
    return view


def announcement(run: LiveRun, settings: LiveSettings) -> str:
    """What runs, where to, and how late."""
    session = run.session
    receivers = ", ".join(sink.name for sink in session.sinks) or "no receiver"
    control = f"; commands on port {session.info.control_port}" if session.info.control_port else ""
    return (
        f"{session.source.name} -> {session.info.model} -> {receivers}; "
        f"latency {session.latency_ms:.0f} ms "
        f"(look-ahead {settings.look_ahead:g} ms){control}; Ctrl-C ends"
    )


def summary(run: LiveRun) -> str:
    """What was sent, and what went wrong on the way."""
    last = run.reporter.snapshot()
    words = f"{last.frames} frames sent in {last.seconds:.1f} s"
    if last.frames:
        words += f", latency {last.latency_ms.p50:.0f} ms (p99 {last.latency_ms.p99:.0f})"
    if last.held + last.skipped:
        words += f", {last.held} held, {last.skipped} skipped"
    if last.faults:
        words += f"; {last.faults} faults survived, the last: {last.last_fault}"
    if run.recorded:
        words += f"; recorded {run.recorded}"
    return words


def say(words: str) -> None:
    """To the user, beside whatever stdout carries."""
    print(f"medtalk-live: {words}", file=sys.stderr)


def parse(arguments: list[str]) -> LiveSettings:
    """Settings from the call and the file that it names; exits with 2 on a wrong call."""
    parser = _parser()
    given = vars(parser.parse_args(arguments))
    file = given.pop("config", None)
    for key in ("osc", "livelink", "vmc"):
        if key in given:
            given[key] = addresses(given[key])
    if given.get("control") == "none":
        given["control"] = ""
    if file is not None:
        return load_settings(Path(file), given)
    try:
        return load_settings(None, given)
    except MedTalkError as problem:
        parser.error(str(problem))


def _parser() -> argparse.ArgumentParser:
    parser = options.Parser(
        prog="medtalk-live",
        description="Make a MetaHuman speak and feel, live, from a microphone.",
        epilog=command_list(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        argument_default=argparse.SUPPRESS,
    )
    parser.add_argument("--version", action="version", version=f"medtalk-live {__version__}")
    options.add_guidance(parser)
    parser.add_argument(
        "--watch", metavar="FILE|DIR", help="follow a photo that is saved again and again"
    )
    parser.add_argument(
        "--blend",
        metavar="S",
        type=values.blend_seconds,
        help="seconds from one expression to the next (0.4)",
    )
    options.add_model(parser, LIVE_LOOK_AHEAD_MS)
    _add_sound(parser.add_argument_group("sound"))
    _add_receivers(parser.add_argument_group("receivers"))
    _add_run(parser.add_argument_group("the run"))
    return parser


def _add_sound(group: Any) -> None:
    group.add_argument(
        "--input",
        metavar="mic|FILE|-|tcp:PORT",
        help="a microphone (mic, the default), a recording, or raw s16le mono sound",
    )
    group.add_argument(
        "--input-rate", metavar="HZ", type=values.whole, help="rate of raw sound in Hz (16000)"
    )
    group.add_argument("--loop", action="store_true", help="play the recording again and again")
    group.add_argument("--device", metavar="ID|NAME", help="the microphone: see devices")
    group.add_argument(
        "--duration", metavar="S", type=values.positive, help="end after so many seconds"
    )
    group.add_argument("--monitor", metavar="DEVICE", help="play the voice as late as the face is")
    group.add_argument(
        "--monitor-offset", metavar="MS", type=values.number, help="play it later by MS (0)"
    )


def _add_receivers(group: Any) -> None:
    for name, what in (
        ("osc", "the MedTalkLive plugin (127.0.0.1:9870; none for no OSC)"),
        ("livelink", "Live Link Face receivers, stock Unreal among them (port 11111)"),
        ("vmc", "VMC receivers (port 39539)"),
    ):
        group.add_argument(
            f"--{name}",
            metavar="HOST:PORT",
            action="append",
            type=values.address,
            help=f"{what}; may be given more than once",
        )
    options.add_head_axes(group)
    group.add_argument("--subject", metavar="NAME", help="name of the avatar (MedTalk)")
    group.add_argument("--fps", metavar="N", type=values.frame_rate, help=values.RATES)
    group.add_argument(
        "--timecode", metavar="clock|ltc[:DEVICE]|none", help="SMPTE timecode of the hello (clock)"
    )
    group.add_argument(
        "--preview",
        metavar="PORT",
        nargs="?",
        type=values.whole,
        const=PREVIEW_PORT,
        help=f"show the face on a local web page ({PREVIEW_PORT})",
    )


def _add_run(group: Any) -> None:
    group.add_argument(
        "--config", metavar="FILE.yaml", type=values.named, help="options from a file"
    )
    group.add_argument(
        "--control",
        metavar="HOST:PORT",
        type=values.address,
        help="where commands are taken (127.0.0.1:9871; none for none)",
    )
    group.add_argument("--control-token", metavar="WORD", help="commands must end with this word")
    group.add_argument("--image-folder", metavar="DIR", help="commands may read photos from here")
    group.add_argument("--record", metavar="DIR", help="record takes here, the first at once")
    group.add_argument("--slate", metavar="NAME", help="name of that take (take)")
    group.add_argument(
        "--tui", action="store_true", help="meter, controls and keys in the terminal"
    )
    group.add_argument(
        "--json-stats", action="store_true", help="print one JSON object a second to stdout"
    )
    options.add_verbose(group)


def _end_on_signals() -> None:
    """A polite kill ends the run as Ctrl-C does: bye sent, take closed."""
    for name in ("SIGTERM", "SIGBREAK"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.default_int_handler)

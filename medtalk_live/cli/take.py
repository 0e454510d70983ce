"""``medtalk-live take``: look into, export, render, replay or repair a recorded take."""

from __future__ import annotations

import argparse
import logging
import sys
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from medtalk_live.cli import options, values
from medtalk_live.cli.progress import ProgressBar
from medtalk_live.errors import AudioError, SinkError
from medtalk_live.runtime.settings import LiveSettings, addresses

if TYPE_CHECKING:
    from medtalk_live.rig.controls import FloatArray
    from medtalk_live.takes.take import Take

log = logging.getLogger(__name__)

_FINEST = 1001  # of a frame rate's denominator: a receiver reads it in 32 bits


def main(arguments: list[str]) -> int:
    """Run one action on a take; returns the exit status."""
    args = _parser().parse_args(arguments)
    action = {
        "info": _info,
        "export": _export,
        "render": _render,
        "replay": _replay,
        "repair": _repair,
    }[args.action]
    action(args)
    return 0


def _info(args: argparse.Namespace) -> None:
    from medtalk_live.takes.take import read_take

    take = read_take(args.take)
    info = take.info
    rows = {
        "slate": info.slate,
        "take": info.take,
        "subject": info.subject,
        "created": info.created,
        "length": f"{take.seconds:.2f} s, {len(take)} frames at {float(info.fps):g} fps",
        "lost": f"{take.lost_rows} frames, {take.broken_bytes} unreadable bytes",
        "timecode": info.start_timecode or "none",
        "sound": f"{info.audio_rate} Hz" if take.audio_path else "none",
        "model": f"{info.model} ({info.software})",
        "closed": "yes" if info.closed else "no: run  medtalk-live take repair",
    }
    for name, value in rows.items():
        print(f"{name:<10}{value}")
    for mark in info.guidance:
        print(f"guidance  {max(0.0, mark.time - take.start_time):8.2f} s  {mark.words}")
    if args.plot is not None:
        _plot(take, args.plot)


def _plot(take: Take, path: Path) -> None:
    from medtalk_live.face.movie import Sound
    from medtalk_live.face.plot import Mark, plot_clip

    heard = _sound(take)
    sound = None if heard is None else Sound(*heard)
    marks = [Mark(max(0.0, m.time - take.start_time), m.words) for m in take.info.guidance]
    plot_clip(take.curves, path, sound, marks, title=take.info.name)
    print(path)


def _export(args: argparse.Namespace) -> None:
    from medtalk_live.takes.export import export
    from medtalk_live.takes.take import read_take

    print(export(read_take(args.take), args.kind, args.output))


def _render(args: argparse.Namespace) -> None:
    from medtalk_live.cli.film import render_film
    from medtalk_live.takes.take import read_take

    takes = [read_take(path) for path in (args.take, *args.others)]
    output = args.output or args.take.with_suffix(".mp4")
    clips = [(take.curves, take.info.name if args.others else "") for take in takes]
    render_film(clips, _sound(takes[0]), output)


def _sound(take: Take) -> tuple[FloatArray, int] | None:
    """The sound of a take; None, and said so, where it has none that can be read."""
    from medtalk_live.audio.file import read_sound

    if take.audio_path is None:
        return None
    try:
        return read_sound(take.audio_path)
    except AudioError as problem:
        log.warning("%s; it is shown without sound", problem)
        return None


def _replay(args: argparse.Namespace) -> None:
    from medtalk_live.cli.assembly import build_sinks
    from medtalk_live.takes.replay import replay
    from medtalk_live.takes.take import read_take

    take = read_take(args.take)
    receivers: dict[str, Any] = {
        name: addresses(getattr(args, name))
        for name in ("osc", "livelink", "vmc")
        if getattr(args, name) is not None
    }
    if args.livelink_head is not None:
        receivers["livelink_head"] = args.livelink_head
    subject = args.subject or take.info.subject or "MedTalk"
    fps = (take.info.fps * Fraction(args.speed)).limit_denominator(_FINEST)
    settings = LiveSettings(**receivers, subject=subject, fps=fps)
    sinks = build_sinks(settings, None)
    if not sinks:
        raise SinkError("no receiver is left to send to: name one with --osc, --livelink or --vmc")
    bar = ProgressBar(f"replay {take.info.name}")
    try:
        for sink in sinks:
            sink.open()
        names = ", ".join(sink.name for sink in sinks)
        sent = replay(take, sinks, args.speed, progress=bar.count)
    except KeyboardInterrupt:
        for sink in sinks:
            sink.bye()
        print("medtalk-live: replay ended early", file=sys.stderr)
        return
    finally:
        for sink in sinks:
            sink.close()
    print(f"{sent} frames sent to {names}")


def _repair(args: argparse.Namespace) -> None:
    from medtalk_live.takes.repair import repair

    for sentence in repair(args.take) or ["nothing was wrong"]:
        print(sentence)


def _speed(text: str) -> float:
    value = values.number(text)
    if not 0.01 <= value <= 100.0:
        raise argparse.ArgumentTypeError(f"'{text}' is no speed: give 0.01 to 100")
    return value


def _picture(text: str) -> Path:
    path = Path(text)
    if path.suffix.lower() not in (".png", ".svg", ".pdf"):
        raise argparse.ArgumentTypeError(f"'{text}' must end with .png, .svg or .pdf")
    return path


def _parser() -> argparse.ArgumentParser:
    parser = options.Parser(prog="medtalk-live take", description="Work with recorded takes.")
    from medtalk_live.takes.export import EXPORTS

    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")

    def action(name: str, words: str) -> argparse.ArgumentParser:
        sub = actions.add_parser(name, help=words, description=words)
        sub.add_argument("take", type=Path, metavar="TAKE", help="the folder SLATE_001.take")
        options.add_verbose(sub)
        return sub

    info = action("info", "what a take holds")
    info.add_argument(
        "--plot", metavar="OUT.png", type=_picture, help="draw sound, curves and marks"
    )
    export = action("export", "write it in another form")
    export.add_argument(
        "--as", dest="kind", choices=tuple(EXPORTS), default="csv", help="the form (csv)"
    )
    export.add_argument("-o", dest="output", metavar="OUT", type=Path, help="beside the take")
    render = action("render", "make a film of it, with its sound")
    render.add_argument("others", nargs="*", type=Path, metavar="TAKE", help="shown beside it")
    render.add_argument(
        "-o", dest="output", metavar="OUT.mp4|gif|png", type=Path, help="beside the take"
    )
    replay = action("replay", "send it again, at its own speed")
    for name in ("osc", "livelink", "vmc"):
        replay.add_argument(
            f"--{name}",
            metavar="HOST:PORT",
            action="append",
            type=values.address,
            help="a receiver, as in a live run",
        )
    options.add_head_axes(replay)
    replay.add_argument(
        "--subject", metavar="NAME", type=values.subject, help="another name than the take's"
    )
    replay.add_argument(
        "--speed", metavar="X", type=_speed, default=1.0, help="2 is twice as fast (1)"
    )
    action("repair", "mend what a crash or a full disk left behind")
    return parser

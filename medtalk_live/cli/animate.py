"""``medtalk-live animate``: a recording in, curves out, by the engine of the live run.

The ending of ``-o`` chooses the form: csv (with a header), txt (the authors'
form) or a take. ``--phones`` animates from timed phones instead of listening;
``--render`` makes a film of the result as well.
"""

from __future__ import annotations

import argparse
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from medtalk_live import __version__
from medtalk_live.cli import options, values
from medtalk_live.cli.progress import ProgressBar
from medtalk_live.clock import NETWORK_FPS, SAMPLE_RATE, frame_count, frame_seconds
from medtalk_live.rig.controls import FloatArray
from medtalk_live.rig.frames import Curves
from medtalk_live.runtime.settings import FILE_LOOK_AHEAD_MS

if TYPE_CHECKING:
    from medtalk_live.model.encoders.transcriber import TimedWord

_ENDINGS = (".csv", ".txt", ".take")
_READ = ("recording", "phones", "words", "guidance", "profile", "image", "neutral_image")
_NETWORK_OPTIONS = (
    *("text", "image", "guidance", "words", "dynamics"),
    *("model", "text_branch", "finish", "profile"),
)


def main(arguments: list[str]) -> int:
    """Animate one recording; returns the exit status."""
    parser = _parser()
    args = parser.parse_args(arguments)
    if args.recording is None and args.phones is None:
        parser.error("the recording IN is missing: name a file, or give --phones FILE")
    if args.phones is not None and (unfit := _needing_a_network(args)):
        parser.error(
            f"--phones animates by rule and {unfit} needs a network: leave one of them out"
        )
    if (written := _also_read(args)) is not None:
        parser.error(f"{written} is read and would be written over: give another name")
    if args.neutral_image is not None and args.image is None:
        parser.error("--neutral-image goes with --image: add one, or leave it out")
    _check_places(args)
    from medtalk_live.audio.file import read_sound

    samples, sample_rate = (
        _silence(args.phones) if args.recording is None else read_sound(args.recording)
    )
    words = _words(args, samples, sample_rate)
    curves, maker = _curves(args, samples, sample_rate, words)
    _write(args, maker, curves, samples, sample_rate)
    print(f"{args.output}: {len(curves)} frames of {len(samples) / sample_rate:.2f} s of sound")
    if args.render is not None:
        from medtalk_live.cli.film import render_film

        render_film([(curves, "")], (samples, sample_rate), args.render, words)
    return 0


def _needing_a_network(args: argparse.Namespace) -> str:
    """The first option that was given and that timed phones cannot follow."""
    names = (*_NETWORK_OPTIONS, *(("look_ahead",) if args.look_ahead != FILE_LOOK_AHEAD_MS else ()))
    given = (name for name in names if getattr(args, name) is not None)
    return next((f"--{name.replace('_', '-')}" for name in given), "")


def _also_read(args: argparse.Namespace) -> Path | None:
    """What would be written over something that this call reads, such as a transcript."""
    read = {Path(path).absolute() for name in _READ if (path := getattr(args, name)) is not None}
    written = (path for path in (args.output, args.render) if path is not None)
    return next((path for path in written if path.absolute() in read), None)


def _check_places(args: argparse.Namespace) -> None:
    """Refuse what could not be written before minutes are spent on its content."""
    if args.output.suffix.lower() == ".take":
        from medtalk_live.takes.writer import check_new

        check_new(args.output)
    else:
        from medtalk_live.takes.export import check_file

        check_file(args.output)
    if args.render is not None:
        from medtalk_live.face.movie import check

        check(args.render)


def _silence(phones: Path) -> tuple[FloatArray, int]:
    """As much of it as the timed phones last."""
    from medtalk_live.procedural.labels import read_phones

    return np.zeros(round(SAMPLE_RATE * read_phones(phones)[-1].end_s), np.float32), SAMPLE_RATE


def _curves(
    args: argparse.Namespace, samples: FloatArray, sample_rate: int, words: list[TimedWord]
) -> tuple[Curves, str]:
    """The clip, and the name of what made it."""
    if args.phones is not None:
        return _from_phones(args, frame_count(len(samples), sample_rate, args.fps)), "phones"
    from medtalk_live.engine.animator import animate

    model = options.load(args.model, args.look_ahead, args.compute, args.text_branch)
    curves = animate(
        samples,
        sample_rate,
        model=model,
        guidance=options.guidance_from(args),
        finish=args.finish,
        seed=args.seed,
        fps=args.fps,
        profile=options.load_profile(args.profile, args.dynamics),
        timeline=options.load_timeline(args.guidance),
        words=words,
        progress=ProgressBar(args.recording.name),
    )
    return curves, model.name


def _words(args: argparse.Namespace, samples: FloatArray, sample_rate: int) -> list[TimedWord]:
    """What is said in the recording, by a transcript or by Whisper."""
    weights = options.whisper_weights(args.words)
    if weights is None:
        return options.load_words(args.words, args.recording)
    from medtalk_live.audio.resample import StreamResampler
    from medtalk_live.model.encoders.transcriber import Transcriber

    transcriber = Transcriber(weights)
    try:
        return transcriber.words(StreamResampler(sample_rate).push(samples))
    finally:
        transcriber.close()


def _from_phones(args: argparse.Namespace, frames: int) -> Curves:
    """Rule-based animation of timed phones; it knows the seven emotions."""
    from medtalk_live.procedural.animate import animate_phones
    from medtalk_live.procedural.labels import read_phones

    guidance = options.guidance_from(args)
    controls = animate_phones(
        read_phones(args.phones),
        frames,
        emotion=guidance.labels,
        intensity=guidance.intensity,
        seed=args.seed,
        fps=float(args.fps),
    )
    times = np.array([frame_seconds(k, args.fps) for k in range(frames)], np.float32)
    return Curves(controls, np.zeros((frames, 6), np.float32), times, args.fps)


def _write(
    args: argparse.Namespace, maker: str, curves: Curves, samples: FloatArray, sample_rate: int
) -> None:
    if args.output.suffix.lower() == ".csv":
        from medtalk_live.takes.export import write_csv

        write_csv(curves, args.output)
    elif args.output.suffix.lower() == ".txt":
        from medtalk_live.takes.export import write_txt

        write_txt(curves, args.output)
    else:
        from medtalk_live.takes.take import Mark, TakeInfo
        from medtalk_live.takes.writer import write_take

        words = options.guidance_from(args).describe()
        timeline = options.load_timeline(args.guidance)
        cues = () if timeline is None else timeline.cues
        info = TakeInfo(
            "",
            0,
            args.subject,
            args.fps,
            model=maker,
            software=__version__,
            guidance=[Mark(0.0, words)]
            + [Mark(cue.at_seconds, cue.guidance.describe()) for cue in cues],
        )
        write_take(args.output, curves, samples, sample_rate, info)


def _output(text: str) -> Path:
    path = Path(text)
    if path.suffix.lower() not in _ENDINGS:
        raise argparse.ArgumentTypeError(
            f"'{text}' must end with one of {', '.join(_ENDINGS)}, which says the form"
        )
    return path


def _parser() -> argparse.ArgumentParser:
    parser = options.Parser(
        prog="medtalk-live animate", description="Animate a recording as fast as it goes."
    )
    parser.add_argument(
        "recording",
        metavar="IN",
        type=Path,
        nargs="?",
        help="a wav, flac or ogg file; may be left out with --phones",
    )
    parser.add_argument(
        "-o", dest="output", metavar="OUT", type=_output, required=True, help="OUT.csv, .txt, .take"
    )
    options.add_guidance(parser)
    options.add_model(parser, FILE_LOOK_AHEAD_MS)
    parser.add_argument("--fps", metavar="N", type=values.frame_rate, help=values.RATES)
    parser.add_argument(
        "--phones", metavar="FILE", type=Path, help="timed phones: TextGrid or json"
    )
    parser.add_argument(
        "--render",
        metavar="FILE.mp4|gif|png",
        type=Path,
        help="make a film or a contact sheet as well",
    )
    parser.add_argument(
        "--subject",
        metavar="NAME",
        type=values.subject,
        help="name of the avatar in a take (MedTalk)",
    )
    options.add_verbose(parser)
    parser.set_defaults(
        compute="auto",
        look_ahead=FILE_LOOK_AHEAD_MS,
        seed=0,
        fps=Fraction(NETWORK_FPS),
        subject="MedTalk",
    )
    return parser

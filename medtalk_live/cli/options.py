"""Options that several commands share, and what is made of them: guidance, profile, model.

``Parser`` says what is wrong with a call in one sentence and exits with 2.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from medtalk_live.cli import values
from medtalk_live.errors import CheckpointError, ConfigError, GuidanceError
from medtalk_live.guidance.request import Guidance
from medtalk_live.model.checkpoint import TEXT_BRANCHES
from medtalk_live.runtime.settings import COMPUTES, FINISHES, LiveSettings

if TYPE_CHECKING:
    from medtalk_live.engine.profile import Profile
    from medtalk_live.guidance.timeline import Timeline
    from medtalk_live.model.encoders.transcriber import TimedWord
    from medtalk_live.model.streaming import FaceModel


class Parser(argparse.ArgumentParser):
    """An ``ArgumentParser`` whose complaint is one sentence."""

    def error(self, message: str) -> NoReturn:
        """Print the sentence and exit with 2."""
        print(f"medtalk-live: {message} (see {self.prog} --help)", file=sys.stderr)
        sys.exit(2)


def add_guidance(parser: argparse.ArgumentParser) -> None:
    """``--emotion | --image | --text`` and ``--intensity``."""
    group = parser.add_argument_group("guidance")
    which = group.add_mutually_exclusive_group()
    which.add_argument(
        "--emotion",
        metavar="LABEL",
        type=values.label,
        help="angry, disgust, fear, happy, neutral, sad, surprised, "
        "or a mix such as happy:0.7+surprised:0.3",
    )
    which.add_argument(
        "--image",
        metavar="FILE",
        type=values.named,
        help="a photo of a face whose expression to take",
    )
    which.add_argument(
        "--text", metavar="WORDS", type=values.description, help="the expression in words"
    )
    which.add_argument(
        "--guidance",
        metavar="FILE.yaml",
        type=values.named,
        help="a scene: which expression begins when",
    )
    group.add_argument(
        "--neutral-image",
        metavar="FILE",
        type=values.named,
        help="a photo of the same face at rest, subtracted",
    )
    group.add_argument(
        "--intensity", metavar="0..2", type=values.intensity, help="its strength (1)"
    )
    group.add_argument(
        "--dynamics",
        metavar="0..2",
        type=values.dynamics,
        help="how far voice and words move the strength (1)",
    )
    group.add_argument(
        "--words",
        metavar="FILE|whisper",
        type=values.named,
        help="what is said: emotional words raise the strength (srt, vtt, tsv, json, TextGrid, "
        "txt; or whisper[:SIZE|FILE.pt] to listen for it)",
    )


def add_model(parser: argparse.ArgumentParser, look_ahead_ms: int) -> None:
    """``--model``, ``--compute``, ``--look-ahead`` and ``--finish``."""
    group = parser.add_argument_group("model")
    group.add_argument(
        "--model", metavar="NAME|DIR", type=values.named, help="starter, official, or a folder"
    )
    group.add_argument(
        "--compute",
        choices=COMPUTES,
        help="where to run the official model (auto); the starter runs on the processor",
    )
    group.add_argument(
        "--text-branch",
        choices=TEXT_BRANCHES,
        help="words that the official model sees: its authors' tokens, or what is said "
        "(as it was trained)",
    )
    group.add_argument(
        "--look-ahead",
        metavar="MS",
        type=values.whole,
        help=f"how far the model hears ahead, in ms ({look_ahead_ms})",
    )
    group.add_argument(
        "--finish", choices=FINISHES, help="full, limits or none (what the model asks for)"
    )
    group.add_argument(
        "--seed", metavar="N", type=values.whole, help="of blinks, gaze and head motion (0)"
    )
    group.add_argument(
        "--profile", metavar="FILE", type=values.named, help="an avatar's gains and habits (yaml)"
    )


def add_head_axes(parser: Any) -> None:
    """``--livelink-head``."""
    default = LiveSettings().livelink_head
    parser.add_argument(
        "--livelink-head",
        metavar="DEGREES[:AXES]|none",
        type=values.head_axes,
        help="head over Live Link Face: the degrees that the receiver makes of the value 1, and "
        f"what its yaw, pitch and roll take ({default}:yaw,-pitch,roll); none keeps it still",
    )


def load_timeline(path: str | None) -> Timeline | None:
    """The scene, None where none was named.

    Raises:
        MedTalkError: the file or one of its cues cannot be read.
    """
    if path is None:
        return None
    from medtalk_live.guidance.timeline import Timeline

    return Timeline.load(path)


def whisper_weights(word: str | None) -> str | None:
    """Which Whisper ``--words`` asks for, None where it names a transcript or nothing.

    Without a name, what ``models fetch whisper`` brought; else the library
    fetches its ``base`` itself.
    """
    name, _, weights = (word or "").partition(":")
    if name != "whisper":
        return None
    from medtalk_live.model.parts import part

    whisper = part("whisper")
    fetched = whisper.find()
    return weights or ("base" if fetched is None else str(fetched / whisper.files[0].name))


def load_words(word: str | None, recording: Path | None) -> list[TimedWord]:
    """The words of a transcript with their times; of none where none was named.

    Args:
        word: As given to ``--words``.
        recording: Where the sound comes from a file: text without times is laid over it.

    Raises:
        MedTalkError: it cannot be read, or has no times and there is no recording.
    """
    if word is None:
        return []
    from medtalk_live.guidance.transcript import lay_over, read_transcript

    found = read_transcript(Path(word))
    if not isinstance(found, str):
        return found
    if recording is None:
        raise GuidanceError(
            f"{word} has no times, which only a recording can give it: use --input FILE, "
            "give a timed transcript (srt, vtt), or --words whisper"
        )
    from medtalk_live.audio.file import read_sound

    return lay_over(found, *read_sound(recording))


def load_profile(
    path: str | None, dynamics: float | None = None, new: bool = False
) -> Profile | None:
    """The avatar's profile, with the call's dynamics; None where neither was named.

    Args:
        path: The file.
        dynamics: What the call asks for.
        new: Whether a file that is not there yet may be made at the end.

    Raises:
        ConfigError: it does not exist (or cannot be made), or holds an unknown setting.
    """
    if path is None and dynamics is None:
        return None
    from medtalk_live.engine.profile import Profile

    profile = Profile()
    if path is not None and not (new and _can_be_made(Path(path))):
        profile = Profile.load(path)
    return profile if dynamics is None else replace(profile, dynamics=dynamics)


def _can_be_made(path: Path) -> bool:
    if path.exists():
        return False
    from medtalk_live.takes.files import check_place, writing

    with writing(path, ConfigError, "name another file for the profile"):
        check_place(path)
    return True


def save_gains(path: str, gains: Mapping[str, float]) -> None:
    """Keep the gains that were turned while live in the avatar's profile (new or not).

    Raises:
        ConfigError: the file cannot be written.
    """
    from medtalk_live.engine.profile import Profile

    before = Profile.load(path) if Path(path).exists() else Profile()
    Profile(**{**asdict(before), **gains}).save(path)


def load(
    name: str | None,
    look_ahead_ms: int,
    compute: str,
    text_branch: str | None = None,
    live: bool = False,
) -> FaceModel:
    """The model that was asked for; else the authors' where it is complete, else the starter.

    Raises:
        CheckpointError: it is missing, damaged, or does not offer that look-ahead.
    """
    from medtalk_live.model.checkpoint import find_model, load_model

    if name is None:
        try:
            find_model("official")
            name = "official"
        except CheckpointError:
            name = "starter"
    return load_model(
        name, look_ahead_ms=look_ahead_ms, compute=compute, live=live, text_branch=text_branch
    )


def add_verbose(parser: argparse.ArgumentParser) -> None:
    """``--verbose``; ``main`` looks for it before any command does."""
    parser.add_argument("--verbose", action="store_true", help="tracebacks and debug messages")


def guidance_from(settings: Any) -> Guidance:
    """The request that ``emotion``, ``image``, ``text`` and ``intensity`` make together."""
    intensity = 1.0 if settings.intensity is None else settings.intensity
    if settings.image is not None:
        return Guidance.image(settings.image, intensity, settings.neutral_image)
    if settings.text is not None:
        return Guidance.text(settings.text, intensity)
    return Guidance.label(settings.emotion or "neutral", intensity)

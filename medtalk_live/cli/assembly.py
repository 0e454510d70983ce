"""Builds the parts of a live run from its settings: source, engine, receivers, channels.

The only place that knows every kind of source and sink; each is imported when
it is asked for, so that a run pays for what it uses. Main thread.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from medtalk_live import __version__
from medtalk_live.audio.source import AudioSource
from medtalk_live.cli import options
from medtalk_live.clock import Clock
from medtalk_live.engine.animator import Animator
from medtalk_live.errors import ConfigError
from medtalk_live.guidance.encode import encode
from medtalk_live.guidance.request import Guidance
from medtalk_live.output.sink import FrameSink, StreamInfo
from medtalk_live.output.timecode import SystemTimecode, TimecodeSource, at
from medtalk_live.rig.arkit import HeadAxes
from medtalk_live.runtime.commands import Commands
from medtalk_live.runtime.control import ControlChannel, is_loopback
from medtalk_live.runtime.desk import TakeDesk
from medtalk_live.runtime.live import LiveRun, Part
from medtalk_live.runtime.monitor import Monitor, SoundDeviceOutput
from medtalk_live.runtime.session import Session
from medtalk_live.runtime.settings import (
    CONTROL_PORT,
    LIVE_LINK_PORT,
    OSC_PORT,
    TAKES_FOLDER,
    VMC_PORT,
    LiveSettings,
    parse_address,
)
from medtalk_live.runtime.timecode_feed import TimecodeFeed

if TYPE_CHECKING:
    from medtalk_live.guidance.listening import WordListener
    from medtalk_live.guidance.watch import PhotoWatch
    from medtalk_live.model.encoders.transcriber import TimedWord

log = logging.getLogger(__name__)


def build_run(settings: LiveSettings, clock: Clock) -> LiveRun:
    """The whole live run, ready to be entered.

    Raises:
        MedTalkError: a part is unusable as it was asked for.
    """
    if settings.image_folder is not None and not Path(settings.image_folder).is_dir():
        raise ConfigError(f"the image folder {settings.image_folder} is no folder: name another")
    timecode, parts = build_timecode(settings.timecode, clock)
    marks: list[Callable[[Guidance], None]] = []
    session = build_session(settings, clock, timecode, marks)
    desk = TakeDesk(Path(settings.record or TAKES_FOLDER), session.stream_info, clock)
    commands = Commands(
        session,
        desk,
        options.guidance_from(settings),
        None if settings.image_folder is None else Path(settings.image_folder),
        settings.blend,
    )
    marks.append(lambda guidance: desk.mark(guidance.describe()))
    if (weights := options.whisper_weights(settings.words)) is not None:
        parts = [*parts, build_listener(weights, session)]
    if expects_photos(settings):
        from medtalk_live.guidance.image import READER

        parts = [*parts, READER]
    if settings.watch is not None:
        parts = [*parts, build_watch(Path(settings.watch), settings, commands)]
    run = LiveRun(
        session,
        desk,
        commands,
        control=build_control(settings, commands),
        monitor=build_monitor(settings, session, clock),
        parts=parts,
        slate=None if settings.record is None else settings.slate,
    )
    if settings.preview is not None:
        add_preview(run, settings.preview)
    return run


def expects_photos(settings: LiveSettings) -> bool:
    """Whether a photo is likely to come, so that its encoder is warmed up beside the run."""
    return (settings.watch or settings.image_folder or settings.preview) is not None


def build_watch(path: Path, settings: LiveSettings, commands: Commands) -> PhotoWatch:
    """The watched photo or folder; each new photo is a command like any other."""
    from medtalk_live.guidance.watch import PhotoWatch

    def guide(photo: Path) -> str:
        neutral = settings.neutral_image
        return commands.guide(Guidance.image(photo, commands.guidance.intensity, neutral))

    if not path.exists():
        log.warning("%s is not there yet: the face follows once it is", path)
    return PhotoWatch(path, guide)


def build_listener(weights: str, session: Session) -> WordListener:
    """Whisper beside the run; every captured chunk reaches it."""
    from medtalk_live.guidance.listening import WordListener
    from medtalk_live.model.encoders.transcriber import Transcriber

    listener = WordListener(Transcriber(weights), session.feel)
    session.listeners.append(listener.audio)
    return listener


def add_preview(run: LiveRun, port: int) -> None:
    """The web page: a sink, a listener, and a second way in for commands."""
    from medtalk_live.face.preview import PreviewSink

    preview = PreviewSink(port, run.commands.execute, lambda: run.desk.finished)
    run.session.sinks += (preview,)
    run.session.listeners.append(preview.audio)
    run.watchers.append(lambda snapshot: preview.show(snapshot.as_json()))


def build_control(settings: LiveSettings, commands: Commands) -> ControlChannel | None:
    """Where commands are taken, None where they are not."""
    if not settings.control:
        return None
    host, port = parse_address(settings.control, CONTROL_PORT)
    execute = partial(commands.execute, trusted=is_loopback(host))
    return ControlChannel(host, port, execute, settings.control_token)


def build_monitor(settings: LiveSettings, session: Session, clock: Clock) -> Monitor | None:
    """The delayed voice, None where it is not asked for."""
    if settings.monitor is None:
        return None
    device = SoundDeviceOutput(settings.monitor, clock)
    return Monitor(device, lambda: session.pacer.delay, settings.monitor_offset)


def build_session(
    settings: LiveSettings,
    clock: Clock,
    timecode: TimecodeSource | None,
    marks: Sequence[Callable[[Guidance], None]] = (),
) -> Session:
    """A session that is ready to be opened.

    Raises:
        MedTalkError: the model, the source or a receiver's address is unusable.
    """
    model = options.load(
        settings.model, settings.look_ahead, settings.compute, settings.text_branch, live=True
    )
    guidance = options.guidance_from(settings)
    code = encode(guidance, model)
    profile = options.load_profile(settings.profile, settings.dynamics, new=True)
    timeline = options.load_timeline(settings.guidance)
    words = load_words(settings)
    made: list[Session] = []

    def on_cue(guidance: Guidance) -> None:
        for session in made:
            session.info = replace(session.info, guidance=guidance.describe())
        for mark in marks:
            mark(guidance)

    def make_animator() -> Animator:
        # an engine that is made anew in the middle of a scene goes on with it
        passed = float(made[0].meter.frames / settings.fps) if made else 0.0
        return Animator(
            model,
            code,
            finish=settings.finish,
            fps=settings.fps,
            seed=settings.seed,
            profile=profile,
            timeline=None if timeline is None else timeline.since(passed),
            on_cue=on_cue,
            words=[word.earlier(passed) for word in words],
        )

    def timecode_now() -> tuple[str, float]:
        now = clock.now()
        return ("", 0.0) if timecode is None else (at(timecode, now, settings.fps), now)

    info = StreamInfo(
        subject=settings.subject,
        session=secrets.randbits(31),
        version=__version__,
        fps=settings.fps,
        latency_ms=0.0,
        control_port=0,
        model=model.name,
        guidance=guidance.describe(),
    )
    session = Session(
        build_source(settings, clock),
        make_animator,
        build_sinks(settings, timecode),
        info,
        clock=clock,
        timecode=timecode_now,
    )
    made.append(session)
    return session


def load_words(settings: LiveSettings) -> list[TimedWord]:
    """What will be said, where a transcript was given."""
    if options.whisper_weights(settings.words) is not None:
        return []
    live = settings.input in ("mic", "-") or settings.input.startswith("tcp:")
    return options.load_words(settings.words, None if live else Path(settings.input))


def build_source(settings: LiveSettings, clock: Clock) -> AudioSource:
    """The microphone, a recording at its own speed, or a raw stream.

    Raises:
        ConfigError: something else than a recording is to be looped.
    """
    word = settings.input
    if settings.loop and (word in ("mic", "-") or word.startswith("tcp:")):
        raise ConfigError(f"only a recording can be looped, not '{word}': add --input FILE")
    if word == "mic":
        from medtalk_live.audio.microphone import MicrophoneSource

        return MicrophoneSource(settings.device, clock=clock)
    if word == "-" or word.startswith("tcp:"):
        from medtalk_live.audio.stream import open_stream

        return open_stream(word, settings.input_rate, clock=clock)
    from medtalk_live.audio.file import FileSource

    return FileSource(Path(word), clock=clock, loop=settings.loop)


def build_sinks(settings: LiveSettings, timecode: TimecodeSource | None) -> list[FrameSink]:
    """One sink a receiver.

    Raises:
        SinkError: an address or the subject is unusable.
    """
    from medtalk_live.output.livelink_face import LiveLinkFaceSink
    from medtalk_live.output.osc import OscSink
    from medtalk_live.output.vmc import VmcSink

    sinks: list[FrameSink] = [
        OscSink(*parse_address(word, OSC_PORT), settings.subject) for word in settings.osc
    ]
    for word in settings.livelink:
        host, port = parse_address(word, LIVE_LINK_PORT)
        axes = HeadAxes.parse(settings.livelink_head)
        sinks.append(LiveLinkFaceSink(host, port, settings.subject, settings.fps, timecode, axes))
    sinks += [VmcSink(*parse_address(word, VMC_PORT)) for word in settings.vmc]
    return sinks


def build_timecode(word: str, clock: Clock) -> tuple[TimecodeSource | None, list[Part]]:
    """The source of the SMPTE timecode (``clock``, ``ltc[:DEVICE]``, ``none``) and what feeds it.

    Raises:
        ConfigError: the word is none of these.
    """
    kind, _, device = word.partition(":")
    if word == "none":
        return None, []
    if word == "clock":
        return SystemTimecode(clock), []
    if kind != "ltc":
        raise ConfigError(f"the timecode '{word}' is not one of clock, ltc, ltc:DEVICE, none")
    from medtalk_live.audio.microphone import MicrophoneSource
    from medtalk_live.runtime.ltc import LtcTimecode

    ltc = LtcTimecode(SystemTimecode(clock))
    tape = MicrophoneSource(device or None, clock=clock, rescans=False)
    return ltc, [TimecodeFeed(tape, ltc)]

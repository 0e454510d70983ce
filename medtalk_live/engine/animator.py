"""``Animator``: sound in, finished frames out; the whole engine without thread or socket.

Chunks of any size and rate come in, are cut into the network's hops, guided,
animated, finished and brought to the output rate. The same sound gives the
same frames however it is cut, live or offline. One thread pushes; ``guide``,
``feel``, ``set_gain`` and ``mute`` may be called from any. ``push`` never waits.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction

import numpy as np

from medtalk_live.audio.resample import checked_rate, to_mono
from medtalk_live.audio.source import AudioChunk
from medtalk_live.clock import (
    NETWORK_FPS,
    SAMPLE_RATE,
    frame_count,
    frame_seconds,
    parse_frame_rate,
)
from medtalk_live.engine.hops import HopRunner
from medtalk_live.engine.intake import EngineStats, Intake, source_samples
from medtalk_live.engine.postprocess import Finish
from medtalk_live.engine.profile import Gains, Profile
from medtalk_live.engine.rate import RateConverter
from medtalk_live.engine.work import FaceWork
from medtalk_live.errors import ConfigError
from medtalk_live.guidance.encode import encode
from medtalk_live.guidance.mixer import Mixer, checked_blend
from medtalk_live.guidance.request import DEFAULT_BLEND_SECONDS, Guidance
from medtalk_live.guidance.timeline import Timeline
from medtalk_live.guidance.words import Emphasis, felt_words
from medtalk_live.model.encoders.transcriber import TimedWord
from medtalk_live.model.streaming import FaceModel, GuidanceCode, hop_end, hop_slice
from medtalk_live.rig.frames import ControlFrame, Curves


class Animator:
    """The engine of one stream.

    Args:
        model: The network.
        guidance: What the first frame is guided with; neutral by default.
        finish: ``full``, ``limits`` or ``none``; the model's own by default.
        fps: Output frame rate, see ``clock.parse_frame_rate``.
        seed: Of blinks, gaze and head motion.
        sample_rate: Of arrays that are pushed; the first ``AudioChunk`` brings its own.
        profile: Gains and switches of the avatar.
        timeline: Guidance by time; a cue at 0 takes the place of ``guidance``.
        on_cue: Told each cue as it begins (engine thread; may not block).
        words: What is said when, where it is known before; emotional words raise the intensity.

    Attributes:
        stats: Counters of what went wrong.

    Raises:
        ConfigError: the finish or the frame rate is not known, or the seed is below 0.
        AudioError: the sample rate is not in 8 to 96 kHz.
        GuidanceError: the guidance cannot be encoded.
    """

    def __init__(
        self,
        model: FaceModel,
        guidance: Guidance | GuidanceCode | None = None,
        *,
        finish: str | None = None,
        fps: int | str | Fraction = 60,
        seed: int = 0,
        sample_rate: int = SAMPLE_RATE,
        profile: Profile | None = None,
        timeline: Timeline | None = None,
        on_cue: Callable[[Guidance], None] | None = None,
        words: Sequence[TimedWord] = (),
    ) -> None:
        self.model = model
        self.fps = parse_frame_rate(fps)
        self.stats = EngineStats()
        self._profile = profile or Profile()
        self._finish_kind = finish or model.finish
        if seed < 0:
            raise ConfigError(f"the seed is {seed}; expected a whole number of at least 0")
        self._seed = seed
        self._gains = Gains(self._profile)
        cues = () if timeline is None else timeline.cues
        self._script = [(cue, self._code(cue.guidance)) for cue in cues]
        self._on_cue = on_cue or (lambda guidance: None)
        self._felt = felt_words(words)
        begun = [code for cue, code in self._script if cue.at_seconds <= 0.0]
        first = begun[-1] if begun else self._code(guidance or Guidance.neutral())
        self._mixer = Mixer(first)
        self._requests: deque[tuple[GuidanceCode, float]] = deque()
        self._begin(sample_rate)

    def push(self, chunk: AudioChunk | np.ndarray) -> list[ControlFrame]:
        """Hear the next sound; gives the frames that it completes, oldest first.

        Args:
            chunk: An ``AudioChunk`` (frames then carry capture times), or an
                array (n,) or (n, channels) that follows what was pushed before
                (frames then carry seconds since the start).

        Raises:
            AudioError: the chunk has another rate than the stream, or is no sound.
        """
        if isinstance(chunk, AudioChunk) and not self._intake.heard:
            self._begin(chunk.sample_rate)
        if skipped_seconds := self._intake.push(chunk):
            self._skipped_frames += skipped_seconds * 60
        return self._run()

    def flush(self) -> list[ControlFrame]:
        """End the stream: silence follows the last sound until every frame is out.

        All calls together give ``frame_count(samples, sample_rate, fps)``
        frames. A later ``push`` starts a new stream with the same guidance.
        """
        heard, rate = self._intake.heard, self._intake.sample_rate
        total = frame_count(heard, rate, self.fps)
        out = self._run_out(max(frame_count(heard, rate), min(1, total)))
        for work in self._finish.drain():
            out += self._timed(self._rate.push(work))
        out += self._timed(self._rate.drain(total))
        self._begin(rate)
        return [frame for frame in out if frame.index < total]

    def guide(
        self, guidance: Guidance | GuidanceCode, blend_seconds: float = DEFAULT_BLEND_SECONDS
    ) -> None:
        """Fade to another guidance, from the next frame that is computed on.

        Encodes in the calling thread (a photo may take a second) and enqueues
        the result; any thread. A ready ``GuidanceCode`` is taken as it is.

        Raises:
            GuidanceError: the guidance cannot be encoded, or the time is not in 0..60 s.
        """
        blend = checked_blend(blend_seconds)
        self._requests.append((self._code(guidance), blend))

    def feel(self, strength: float) -> None:
        """An emotional word, 0 to 1, was heard just now: raise the intensity; any thread."""
        self._emphasis.feel(strength)

    def set_gain(self, region: str, value: float) -> None:
        """Scale jaw, lips, brows, eyes, emotion, dynamics or head by 0 to 2; any thread.

        Raises:
            ConfigError: the region is unknown or the value out of range.
        """
        self._gains.set(region, value)

    def mute(self, on: bool) -> None:
        """Ease the face to neutral, or back; any thread."""
        self._gains.muted = bool(on)

    @property
    def latency_ms(self) -> float:
        """Between a frame's moment and its being computed, at most: look-ahead, hop and waits."""
        frames = self.model.hop_frames + self._rate.delay_frames + self._finish.delay_frames
        wait = frames / NETWORK_FPS + Fraction(self.model.look_ahead_samples, SAMPLE_RATE)
        return float(1000 * wait) + self._finish.delay_ms + self._intake.latency_ms

    def _code(self, guidance: Guidance | GuidanceCode) -> GuidanceCode:
        return guidance if isinstance(guidance, GuidanceCode) else encode(guidance, self.model)

    def _begin(self, sample_rate: int) -> None:
        """A fresh stream; guidance, gains and counters stay."""
        self._intake = Intake(sample_rate, self.model.hop_frames, self.stats)
        self._emphasis = Emphasis(self._felt)
        self._hops = HopRunner(self.model, self._mixer, self._gains, self._emphasis, self.stats)
        look_ahead_ms = 1000 * self.model.look_ahead_samples / SAMPLE_RATE
        self._finish = Finish(
            self._finish_kind, self._gains, self._profile, self._seed, look_ahead_ms
        )
        self._rate = RateConverter(self.fps)
        self._step = 0  # hops that were run
        self._skipped_frames = 0  # in long gaps
        self._cues = deque(self._script)

    def _begin_cues(self) -> None:
        """Start every cue whose time has come with the frame that is computed next."""
        while self._cues and (round(self._cues[0][0].at_seconds * NETWORK_FPS) <= self._next_frame):
            cue, code = self._cues.popleft()
            self._mixer.begin(code, cue.blend_seconds)
            self._on_cue(cue.guidance)

    def _run(self, end: int | None = None) -> list[ControlFrame]:
        """Take every hop that has been heard; with ``end``, only frames before it."""
        out: list[ControlFrame] = []
        while end is None or self._next_frame < end:
            need = self._needed_samples(self._step)
            if self._intake.available < need:
                break
            self._begin_cues()
            while self._requests:
                self._mixer.begin(*self._requests.popleft())
            works = self._hops.run(self._intake.take(need), self._next_frame)
            self._step += 1
            out += self._emit(work for work in works if end is None or work.index < end)
        return out

    def _run_out(self, frames: int) -> list[ControlFrame]:
        """Hear silence until network frame ``frames - 1`` is computed."""
        last = -(-(frames - self._skipped_frames) // self.model.hop_frames) - 1
        if last < self._step:
            return []
        hop_ends = hop_end(last, self.model) - hop_end(self._step, self.model)
        missing = hop_ends + self._needed_samples(self._step) - self._intake.available
        held_back = round(self._intake.latency_ms * SAMPLE_RATE / 1000) + 16
        self._intake.silence(source_samples(max(0, missing) + held_back, self._intake.sample_rate))
        return self._run(frames)

    @property
    def _next_frame(self) -> int:
        """Number of the first frame of the next hop."""
        return self._step * self.model.hop_frames + self._skipped_frames

    def _needed_samples(self, step: int) -> int:
        """Samples of one hop; the first one brings the look-ahead."""
        hop = hop_slice(step, self.model)
        return int(hop.stop - hop.start)

    def _emit(self, works: Iterable[FaceWork]) -> list[ControlFrame]:
        out: list[ControlFrame] = []
        for work in works:
            for finished in self._finish.push(work):
                out += self._timed(self._rate.push(finished))
        return out

    def _timed(self, rows: Iterable[tuple[int, np.ndarray, np.ndarray]]) -> list[ControlFrame]:
        at = self._intake.capture_time.at
        return [ControlFrame(j, at(frame_seconds(j, self.fps)), c, h) for j, c, h in rows]


def animate(
    samples: np.ndarray,
    sample_rate: int,
    *,
    model: FaceModel,
    guidance: Guidance | GuidanceCode | None = None,
    finish: str | None = None,
    seed: int = 0,
    fps: int | str | Fraction = 60,
    profile: Profile | None = None,
    timeline: Timeline | None = None,
    words: Sequence[TimedWord] = (),
    progress: Callable[[float], None] | None = None,
) -> Curves:
    """Animate a whole recording with the engine of the live run.

    Args:
        samples: (n,) or (n, channels), float in [-1, 1] or integers.
        sample_rate: 8,000 to 96,000 Hz.
        model: The network.
        guidance: Neutral by default.
        finish: ``full``, ``limits`` or ``none``; the model's own by default.
        seed: Of blinks, gaze and head motion.
        fps: Output frame rate.
        profile: Gains and switches of the avatar.
        timeline: Guidance by time.
        words: What is said when; emotional words raise the intensity.
        progress: Told the share that is done, about once a second of sound.

    Returns:
        Curves with T = n * fps // sample_rate rows; row k belongs to the
        sound at k / fps seconds, whatever the look-ahead.

    Raises:
        MedTalkError: as ``Animator`` does.
    """
    sound, sample_rate = to_mono(samples), checked_rate(sample_rate)
    animator = Animator(
        model,
        guidance,
        finish=finish,
        fps=fps,
        seed=seed,
        sample_rate=sample_rate,
        profile=profile,
        timeline=timeline,
        words=words,
    )
    frames: list[ControlFrame] = []
    for start in range(0, len(sound), sample_rate):
        frames += animator.push(sound[start : start + sample_rate])
        if progress is not None:
            progress(min(1.0, (start + sample_rate) / len(sound)))
    return Curves.from_frames(frames + animator.flush(), animator.fps)

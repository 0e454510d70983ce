"""The live run: capture -> bounded queue -> engine -> pacer -> every sink, on three threads.

Each thread repeats one step (``capture_step``, ``engine_step``, ``pace_step``),
so that a simulation can drive the same steps on a virtual clock. Nothing that
happens while running ends the run: a fault becomes a counter and a sentence.
``open``, ``start`` and ``close`` belong to the main thread; ``guide``, the
gains and ``stream_info`` may be called from any.
"""

from __future__ import annotations

import contextlib
import gc
import logging
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from medtalk_live.audio.resample import finite
from medtalk_live.audio.source import AudioChunk, AudioSource
from medtalk_live.clock import SAMPLE_RATE, Clock, SystemClock
from medtalk_live.errors import MedTalkError
from medtalk_live.guidance.encode import encode
from medtalk_live.guidance.request import Guidance
from medtalk_live.output.sink import FrameSink, StreamInfo
from medtalk_live.rig.frames import ControlFrame
from medtalk_live.runtime.audio_queue import AudioQueue
from medtalk_live.runtime.pacer import MARGIN_SECONDS, Pacer
from medtalk_live.runtime.priority import urgent_thread
from medtalk_live.runtime.stats import Meter

if TYPE_CHECKING:
    from medtalk_live.engine.animator import Animator
    from medtalk_live.model.streaming import GuidanceCode

log = logging.getLogger(__name__)

CHUNK_SECONDS = 0.01
_PATIENCE = 0.1
_WARM_UP_SECONDS = 0.5
_SWITCH_SECONDS = 0.0001
"""A thread that computes in Python lets the frames' threads in this soon."""


class Session:
    """One live run; all its parts are given to it.

    Args:
        source: Where the sound comes from.
        make_animator: Builds an engine; called again where the input rate
            changes or the engine fails.
        sinks: Where the frames go, the most important first.
        info: What the hello tells; latency, guidance and timecode are filled in.
        clock: The steady clock; a virtual one for simulations.
        timecode: Gives the SMPTE timecode and the steady time it belongs to.

    Attributes:
        listeners: Called with every captured chunk (capture thread; may not block).
        taps: Called with every frame that was sent (pacing thread; may not block).
        meter: Measurements.
        queue: Sound on its way to the engine.
        pacer: Frames on their way to the sinks.
        gains: Regions' gains that were turned in this run.
        failure: Why the sound ended before its time, in words; empty where it did not.
        finished: Set once the sound has ended and its last frame is sent.
    """

    def __init__(
        self,
        source: AudioSource,
        make_animator: Callable[[], Animator],
        sinks: Sequence[FrameSink],
        info: StreamInfo,
        *,
        clock: Clock | None = None,
        timecode: Callable[[], tuple[str, float]] | None = None,
    ) -> None:
        self.source = source
        self.sinks = tuple(sinks)
        self.info = info
        self.clock = clock or SystemClock()
        self.listeners: list[Callable[[AudioChunk], None]] = []
        self.taps: list[Callable[[ControlFrame], None]] = []
        self.meter = Meter()
        self.queue = AudioQueue()
        self.animator = make_animator()
        self.pacer = Pacer(info.fps, self._first_delay())
        self.finished = threading.Event()
        self.failure = ""
        self._make_animator = make_animator
        self._timecode = timecode or (lambda: ("", 0.0))
        self._rate = 0
        self._request: tuple[Guidance, GuidanceCode] | None = None
        self.gains: dict[str, float] = {}
        self._muted = False
        self._skipped = 0.0
        self._stop = threading.Event()
        self._first_frame = threading.Event()
        self._threads: list[threading.Thread] = []
        self._next_hello: float | None = None

    # --- life -------------------------------------------------------------

    def open(self) -> None:
        """Warm the network up, then open receivers and sound.

        Raises:
            MedTalkError: a sink or the source cannot be opened; all are closed again.
        """
        try:
            self._warm_up()
            for sink in self.sinks:
                sink.open()
            self.source.open()
            self._renew_animator(self.source.sample_rate)
        except BaseException:
            self._close_all()
            raise

    def start(self) -> None:
        """Start the three threads; ``open`` was called."""
        gc.collect()
        gc.freeze()
        sys.setswitchinterval(_SWITCH_SECONDS)
        for loop in (self._capture_loop, self._engine_loop, self._pacing_loop):
            name = loop.__name__.strip("_").replace("_", "-")
            self._threads.append(threading.Thread(target=loop, name=name, daemon=True))
        for thread in self._threads:
            thread.start()

    def close(self) -> None:
        """Stop the threads, tell the receivers, free everything; safe to call twice."""
        said = self._stop.is_set()
        self._stop.set()
        self.queue.close()
        for thread in self._threads:
            thread.join(timeout=2.0)
        if self._threads:
            gc.unfreeze()
        self._threads.clear()
        for sink in () if said else self.sinks:
            self._guarded(sink.bye, f"{sink.name}: bye")
        self._close_all()
        self.finished.set()

    # --- steering, from any thread ------------------------------------------

    def guide(self, guidance: Guidance, blend_seconds: float) -> None:
        """Fade to another expression; may take as long as a text or photo takes to encode."""
        code = encode(guidance, self.animator.model)
        self.animator.guide(code, blend_seconds)
        self._request = (guidance, code)

    def feel(self, strength: float) -> None:
        """An emotional word, 0 to 1, was heard just now."""
        self.animator.feel(strength)

    def set_gain(self, region: str, value: float) -> None:
        """Scale a region's movement."""
        self.animator.set_gain(region, value)
        self.gains[region] = value

    def mute(self, on: bool) -> None:
        """Rest the face, or wake it."""
        self.animator.mute(on)
        self._muted = on

    @property
    def latency_ms(self) -> float:
        """From sound to datagram, as the frames wait for it."""
        return self.pacer.delay * 1000.0

    # --- the three steps -----------------------------------------------------

    def capture_step(self, timeout: float) -> bool:
        """Move one chunk from the source to the engine's queue; False once the sound has ended."""
        try:
            chunk = self.source.read(timeout)
        except Exception as error:
            self._fault(f"{self.source.name}: {error}")
            if self.source.ended:
                self.failure = str(error)
                self.queue.close()
                return False
            self._stop.wait(timeout)
            return True
        if chunk is None:
            if self.source.ended:
                self.queue.close()
            return not self.source.ended
        chunk = self._sound(chunk)
        seconds = len(chunk.samples) / chunk.sample_rate
        self.meter.heard.append(self.clock.now() - chunk.capture_time - seconds)
        self.meter.sound(chunk.samples)
        for listener in self.listeners:
            self._guarded(partial(listener, chunk), "a listener")
        self.queue.put(chunk)
        return True

    def engine_step(self, timeout: float) -> bool:
        """Animate one chunk; False once everything that was heard is animated."""
        got = self.queue.get(timeout)
        if got is None:
            if not self.queue.closed:
                return True
            self._put(self._animated(lambda: self.animator.flush()))
            return False
        chunk, self._skipped = got
        if chunk.sample_rate != self._rate:
            self._renew_animator(chunk.sample_rate)
        self._put(self._animated(lambda: self.animator.push(self._joined(chunk))))
        return True

    def pace_step(self) -> None:
        """Send the frame that is due, and once a second the hello."""
        frame = self.pacer.take(self.clock.now())
        for sink in self.sinks:
            self._guarded(partial(sink.send, frame), sink.name)
        self.meter.sent(self.clock.now(), frame.time)
        for tap in self.taps:
            self._guarded(partial(tap, frame), "a recording")
        self.say_hello()

    def say_hello(self) -> None:
        """Tell the receivers about the stream, where a second has passed."""
        now = self.clock.now()
        if self._next_hello is not None and now < self._next_hello <= now + 1.0:
            return
        self._next_hello = now + 1.0
        info = self.stream_info()
        for sink in self.sinks:
            self._guarded(partial(sink.hello, info), f"{sink.name}: hello")

    def stream_info(self) -> StreamInfo:
        """The stream as the hello tells it now."""
        timecode, timecode_time = self._timecode()
        return replace(
            self.info,
            latency_ms=self.latency_ms,
            guidance=self.guidance_words,
            timecode=timecode,
            timecode_time=timecode_time,
        )

    @property
    def guidance_words(self) -> str:
        """The guidance in words."""
        return self.info.guidance if self._request is None else self._request[0].describe()

    # --- threads ---------------------------------------------------------------

    def _capture_loop(self) -> None:
        self._repeat(lambda: self.capture_step(_PATIENCE))
        self.queue.close()

    def _engine_loop(self) -> None:
        self._repeat(lambda: self.engine_step(_PATIENCE))
        self._first_frame.set()
        while self.pacer.waiting and not self._stop.is_set():
            self._stop.wait(self.pacer.period)
        self.finished.set()

    def _pacing_loop(self) -> None:
        while not self._stop.is_set() and not self._first_frame.wait(_PATIENCE):
            self.say_hello()
        self._repeat(self._wait_and_pace)

    def _wait_and_pace(self) -> bool:
        """Sleep towards the deadline and send; False once the run is over."""
        now = self.clock.now()
        wake = self.pacer.wake(now)
        if wake is None or self.finished.is_set():
            return False
        self.clock.wait_until(min(wake, now + _PATIENCE))
        if self.pacer.due(self.clock.now()):
            self.pace_step()
        return True

    def _repeat(self, step: Callable[[], bool]) -> None:
        """Take steps until one says that it was the last, or the run is stopped."""
        urgent_thread()
        while not self._stop.is_set():
            try:
                if not step():
                    return
            except Exception as error:
                self._fault(f"{type(error).__name__}: {error}")
                self._stop.wait(_PATIENCE)

    # --- helpers ---------------------------------------------------------------

    def _sound(self, chunk: AudioChunk) -> AudioChunk:
        """The chunk as meter, monitor, take and engine can bear it: a broken driver sends NaN."""
        samples, bad = finite(chunk.samples)
        if not bad:
            return chunk
        self._fault(f"{self.source.name}: samples that are no sound were taken as silence")
        return replace(chunk, samples=samples)

    def _first_delay(self) -> float:
        return self.animator.latency_ms / 1000.0 + CHUNK_SECONDS + MARGIN_SECONDS

    def _warm_up(self) -> None:
        """Touch every code path and page once, so that frames are on time from the first on.

        The words of expressions are read here as well: a tenth of a second that
        a first sentence would otherwise take from the frames.
        """
        with contextlib.suppress(MedTalkError):
            encode(Guidance.text("a smile"), self.animator.model)
        silence = np.zeros(int(CHUNK_SECONDS * SAMPLE_RATE), np.float32)
        for _ in range(round(_WARM_UP_SECONDS / CHUNK_SECONDS)):
            self.animator.push(silence)

    def _renew_animator(self, sample_rate: int) -> None:
        """A fresh engine in the state that the user has asked for."""
        animator = self._make_animator()
        if self._request is not None:
            animator.guide(self._request[1], 0.0)
        for region, value in self.gains.items():
            animator.set_gain(region, value)
        animator.mute(self._muted)
        self.animator, self._rate = animator, sample_rate

    def _joined(self, chunk: AudioChunk) -> AudioChunk:
        """Close the gap that a slow engine left: it skips sound instead of hearing silence."""
        return replace(
            chunk,
            start_sample=chunk.start_sample - round(self._skipped * chunk.sample_rate),
            capture_time=chunk.capture_time - self._skipped,
        )

    def _animated(self, run: Callable[[], list[ControlFrame]]) -> list[ControlFrame]:
        start = time.perf_counter()
        try:
            frames = run()
        except Exception as error:
            self._fault(f"the engine was started anew: {error}")
            self._renew_animator(self._rate)
            return []
        self.meter.compute.append(time.perf_counter() - start)
        return frames

    def _put(self, frames: list[ControlFrame]) -> None:
        now = self.clock.now()
        for frame in frames:
            steady = replace(frame, time=frame.time + self._skipped)
            self.meter.ready.append(now - steady.time)
            self.pacer.put(steady, now)
        if frames:
            self._first_frame.set()

    def _fault(self, words: str) -> None:
        if words != self.meter.last_fault:
            log.warning("%s; the run goes on", words)
        self.meter.fault(words)

    def _guarded(self, action: Callable[[], None], where: str) -> None:
        try:
            action()
        except Exception as error:
            self._fault(f"{where}: {error}")

    def _close_all(self) -> None:
        self._guarded(self.source.close, self.source.name)
        for sink in self.sinks:
            self._guarded(sink.close, sink.name)

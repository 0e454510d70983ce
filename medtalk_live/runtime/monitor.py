"""``--monitor``: the captured voice, played exactly as late as the face is.

A ring of captured sound by capture time; the output device asks for the sound
that belongs to the moment its buffer will be heard, less the face's delay.
``audio`` belongs to the capture thread, ``fill`` to the device's own thread;
neither blocks for longer than a copy.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Protocol

import numpy as np

from medtalk_live.audio.devices import PORTAUDIO, Line, find_device, load_sounddevice
from medtalk_live.audio.resample import StreamResampler
from medtalk_live.audio.source import AudioChunk
from medtalk_live.clock import SAMPLE_RATE, Clock
from medtalk_live.errors import DeviceError
from medtalk_live.rig.controls import FloatArray

log = logging.getLogger(__name__)

RING_SECONDS = 4.0
_JUMP_SECONDS = 0.005
_GAP_SECONDS = 0.02
_FOLLOW = 0.002
_FADE = 64


class DelayLine:
    """Sound by capture time, read back at a delay.

    Args:
        sample_rate: In Hz, of what goes in and comes out.
        delay: Seconds from hearing to playing; asked anew for every buffer.
    """

    def __init__(self, sample_rate: int, delay: Callable[[], float]) -> None:
        self.sample_rate = sample_rate
        self._delay = delay
        self._ring: FloatArray = np.zeros(int(RING_SECONDS * sample_rate), np.float32)
        self._written = 0
        self._offset: float | None = None
        self._position: int | None = None
        self._lock = threading.Lock()

    def audio(self, chunk: AudioChunk) -> None:
        """Write a captured chunk; a gap in its position is heard as silence."""
        with self._lock:
            offset = chunk.capture_time - self._written / self.sample_rate
            if self._offset is None or abs(offset - self._offset) > _GAP_SECONDS:
                self._skip_silently(offset)
            else:
                self._offset += _FOLLOW * (offset - self._offset)
            self._write(chunk.samples)

    def fill(self, frames: int, heard_at: float) -> FloatArray:
        """The next ``frames`` samples for a buffer whose first one is heard at ``heard_at``."""
        with self._lock:
            if self._offset is None:
                return np.zeros(frames, np.float32)
            wanted = round((heard_at - self._delay() - self._offset) * self.sample_rate)
            before = self._position
            drift = 0 if before is None else abs(wanted - before)
            if before is None or drift > _JUMP_SECONDS * self.sample_rate:
                out = self._jump(before, wanted, frames)
            else:
                out = self._read(before, frames)
                wanted = before
            self._position = wanted + frames
            return out

    def _skip_silently(self, offset: float) -> None:
        if self._offset is None:
            self._offset = offset
            return
        gap = round((offset - self._offset) * self.sample_rate)
        if 0 < gap < len(self._ring):
            self._write(np.zeros(gap, np.float32))
        else:
            self._offset, self._position = offset, None

    def _write(self, samples: FloatArray) -> None:
        recent = samples[-len(self._ring) :]
        start = self._written + len(samples) - len(recent)
        self._ring[(start + np.arange(len(recent))) % len(self._ring)] = recent
        self._written += len(samples)

    def _read(self, start: int, frames: int) -> FloatArray:
        index = start + np.arange(frames)
        there = (index >= max(0, self._written - len(self._ring))) & (index < self._written)
        out: FloatArray = np.where(there, self._ring[index % len(self._ring)], np.float32(0.0))
        return out

    def _jump(self, before: int | None, wanted: int, frames: int) -> FloatArray:
        """Cross over to another place without a click."""
        out = self._read(wanted, frames)
        if before is not None:
            width = min(_FADE, frames)
            ramp = np.linspace(0.0, 1.0, width, dtype=np.float32)
            out[:width] = ramp * out[:width] + (1 - ramp) * self._read(before, width)
        return out


class OutputDevice(Protocol):
    """Plays what a callback fills: sounddevice's stream, or a scripted one in tests."""

    def start(self, fill: Callable[[int, float], FloatArray], sample_rate: int) -> int:
        """Begin calling ``fill(frames, heard_at)``.

        Returns:
            The rate in Hz that it plays at: ``sample_rate`` where the device can.

        Raises:
            DeviceError: it cannot play; with a remedy.
        """
        ...

    def alive(self) -> bool:
        """Whether it still plays."""
        ...

    def stop(self) -> None:
        """End; safe to call twice."""
        ...


class SoundDeviceOutput:
    """A real output device, by id or part of its name.

    Args:
        device: Number, name or part of a name.
        clock: What ``heard_at`` is measured on.
        sounddevice: The module to use; for tests.
    """

    def __init__(self, device: str, clock: Clock, sounddevice: Any = None) -> None:
        self._wanted = device
        self._clock = clock
        self._sounddevice = sounddevice
        self._line: Line | None = None

    def start(self, fill: Callable[[int, float], FloatArray], sample_rate: int) -> int:
        """Open the device and begin to play, at its own rate where it refuses another.

        Raises:
            DeviceError: there is no such output, or it cannot be opened.
        """
        self._sounddevice = self._sounddevice or load_sounddevice()

        def callback(out: Any, frames: int, times: Any, status: object) -> None:
            lead = times.outputBufferDacTime - times.currentTime
            out[:] = fill(frames, self._clock.now() + max(0.0, lead))[:, None]

        failure: Exception | None = None
        with PORTAUDIO:
            device = find_device(self._wanted, self._sounddevice, "output")
            for rate in dict.fromkeys((sample_rate, device.sample_rate)):
                try:
                    self._line = Line(
                        self._sounddevice,
                        "output",
                        device=device.number,
                        samplerate=rate,
                        channels=min(2, device.channels),
                        dtype="float32",
                        latency="low",
                        callback=callback,
                    )
                except (self._sounddevice.PortAudioError, ValueError) as error:
                    failure = error
                else:
                    self._wanted = device.name  # numbers change when devices come and go
                    return rate
        raise DeviceError(
            f"the monitor device '{device.name}' cannot play ({failure}): "
            "choose another with  medtalk-live devices"
        )

    def alive(self) -> bool:
        """Whether PortAudio still asks for sound."""
        return self._line is not None and self._line.alive

    def stop(self) -> None:
        """Stop and free the device."""
        if self._line is not None:
            self._line.close()
            self._line = None


class Monitor:
    """The delay line and the device it plays on.

    Args:
        device: Where it is played.
        face_delay: Seconds that the face is late now (``Session.pacer.delay``).
        offset_ms: The user's trim; positive plays later.
    """

    def __init__(
        self, device: OutputDevice, face_delay: Callable[[], float], offset_ms: float = 0.0
    ) -> None:
        self._device = device
        self._face_delay = face_delay
        self._offset = offset_ms / 1000.0
        self._line: DelayLine | None = None
        self._resampler = StreamResampler(SAMPLE_RATE)
        self._sample_rate = 0
        self._taken = self._given = 0  # samples into and out of the resampler

    @property
    def delay_ms(self) -> float:
        """How late the voice is played."""
        return self._delay() * 1000.0

    def _delay(self) -> float:
        return max(0.0, self._face_delay() + self._offset)

    def open(self, sample_rate: int) -> None:
        """Start playing sound of that rate; raises ``DeviceError`` with a remedy."""
        self._sample_rate = sample_rate
        self._start()

    def audio(self, chunk: AudioChunk) -> None:
        """Take a captured chunk (a session's listener)."""
        line = self._line
        if line is None:
            return
        held_back = self._taken / self._sample_rate - self._given / line.sample_rate
        samples = self._resampler.push(chunk.samples)
        self._taken, self._given = self._taken + len(chunk.samples), self._given + len(samples)
        line.audio(replace(chunk, samples=samples, capture_time=chunk.capture_time - held_back))

    def keep_alive(self) -> None:
        """Start a device again that was unplugged, or ended by the microphone's rescan."""
        if self._line is None or self._device.alive():
            return
        self._device.stop()
        try:
            self._start()
        except DeviceError as problem:
            log.debug("monitor: %s", problem)

    def close(self) -> None:
        """Stop playing; safe to call twice."""
        self._device.stop()

    def _start(self) -> None:
        rate = self._device.start(self._fill, self._sample_rate)
        if self._line is None or self._line.sample_rate != rate:
            self._resampler = StreamResampler(self._sample_rate, rate)
            self._taken = self._given = 0
            self._line = DelayLine(rate, self._delay)

    def _fill(self, frames: int, heard_at: float) -> FloatArray:
        line = self._line
        return np.zeros(frames, np.float32) if line is None else line.fill(frames, heard_at)

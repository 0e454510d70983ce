"""``--monitor``: the captured voice, played exactly as late as the face is.

A ring of captured sound by capture time; the output device asks for the sound
that belongs to the moment its buffer will be heard, less the face's delay.
``audio`` belongs to the capture thread, ``fill`` to the device's own thread;
neither blocks for longer than a copy.
"""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Callable
from typing import Any, Protocol

import numpy as np

from medtalk_live.audio.devices import load_sounddevice
from medtalk_live.audio.source import AudioChunk
from medtalk_live.clock import Clock
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
        self.underruns = 0

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
        self.underruns += int(not there.all())
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

    def start(self, fill: Callable[[int, float], FloatArray], sample_rate: int) -> None:
        """Begin calling ``fill(frames, heard_at)``; raises ``DeviceError`` with a remedy."""
        ...

    def alive(self) -> bool:
        """Whether it still plays."""
        ...

    def stop(self) -> None:
        """End; safe to call twice."""
        ...


class SoundDeviceOutput:
    """A real output device, by id or part of its name."""

    def __init__(self, device: str, clock: Clock) -> None:
        self._device: str | int = int(device) if device.isdigit() else device
        self._clock = clock
        self._stream: Any = None

    def start(self, fill: Callable[[int, float], FloatArray], sample_rate: int) -> None:
        """Open the device and begin to play.

        Raises:
            DeviceError: there is no such output, or it refuses the rate.
        """
        sounddevice = load_sounddevice()

        def callback(out: Any, frames: int, times: Any, status: object) -> None:
            lead = times.outputBufferDacTime - times.currentTime
            out[:] = fill(frames, self._clock.now() + max(0.0, lead))[:, None]

        try:
            self._stream = sounddevice.OutputStream(
                device=self._device,
                samplerate=sample_rate,
                dtype="float32",
                latency="low",
                callback=callback,
            )
            self._stream.start()
        except (sounddevice.PortAudioError, ValueError) as error:
            raise DeviceError(
                f"the monitor device '{self._device}' cannot play ({error}): "
                "choose another with  medtalk-live devices"
            ) from None

    def alive(self) -> bool:
        """Whether PortAudio still asks for sound."""
        try:
            return self._stream is not None and bool(self._stream.active)
        except load_sounddevice().PortAudioError:
            return False

    def stop(self) -> None:
        """Stop and free the device."""
        stream: Any = self._stream
        self._stream = None
        if stream is not None:
            with contextlib.suppress(load_sounddevice().PortAudioError):
                stream.close()


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

    @property
    def delay_ms(self) -> float:
        """How late the voice is played."""
        return self._delay() * 1000.0

    def _delay(self) -> float:
        return max(0.0, self._face_delay() + self._offset)

    def open(self, sample_rate: int) -> None:
        """Start playing; raises ``DeviceError`` with a remedy."""
        self._line = DelayLine(sample_rate, self._delay)
        self._device.start(self._line.fill, sample_rate)

    def audio(self, chunk: AudioChunk) -> None:
        """Take a captured chunk (a session's listener)."""
        if self._line is not None:
            self._line.audio(chunk)

    def keep_alive(self) -> None:
        """Start a device again that was unplugged, or ended by another's replug."""
        if self._line is None or self._device.alive():
            return
        self._device.stop()
        try:
            self._device.start(self._line.fill, self._line.sample_rate)
        except DeviceError as problem:
            log.debug("monitor: %s", problem)

    def close(self) -> None:
        """Stop playing; safe to call twice."""
        self._device.stop()

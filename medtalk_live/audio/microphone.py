"""The microphone: PortAudio's callback fills a bounded queue, ``read`` empties it.

Blocks of 10 ms with the time at which they were heard. A device that is
unplugged is opened again as soon as it is back; positions go on by the clock,
so what was lost meanwhile shows as a gap and nothing shifts. ``read`` belongs
to the capture thread; the callback runs on PortAudio's and never blocks.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from typing import Any

import numpy as np

from medtalk_live.audio.devices import (
    PORTAUDIO,
    Line,
    SoundDevice,
    find_device,
    load_sounddevice,
    rescan,
)
from medtalk_live.audio.resample import StreamResampler, to_mono
from medtalk_live.audio.source import AudioChunk, SourceHealth
from medtalk_live.clock import SAMPLE_RATE, Clock, SystemClock
from medtalk_live.errors import DeviceError

log = logging.getLogger(__name__)

BLOCK_SECONDS = 0.01
QUEUE_BLOCKS = 100
SILENT_SECONDS = 0.5
"""A device that has called for no block for so long is gone, whatever it says."""

FIRST_RETRY_SECONDS, LONGEST_RETRY_SECONDS = 0.25, 2.0
_LOST_SECONDS = 0.005  # less is jitter of the capture times, not lost sound


class MicrophoneSource:
    """A sound input; implements ``AudioSource``.

    Args:
        device: Number, name or part of a name; the system's default for None.
        clock: What capture times are measured on.
        sounddevice: The module to use; for tests.
        rescans: Whether every sound device of the process may be opened anew to find
            this one again; false for a second input, which must not cost the voice.
    """

    realtime = True

    def __init__(
        self,
        device: str | None = None,
        *,
        clock: Clock | None = None,
        sounddevice: Any = None,
        rescans: bool = True,
    ) -> None:
        self.name = "microphone" if device is None else f"microphone {device}"
        self.sample_rate = 0
        self.ended = False
        self.health = SourceHealth()
        self._wanted = device
        self._clock = clock or SystemClock()
        self._sounddevice = sounddevice
        self._rescans = rescans
        self._line: Line | None = None
        self._resampler = StreamResampler(SAMPLE_RATE)
        self._device_rate = 0
        self._blocks: deque[tuple[np.ndarray, float, bool]] = deque()
        self._ready = threading.Condition()
        self._origin: float | None = None  # steady time of sample 0
        self._position = 0
        self._last_heard = 0.0
        self._retry_at = 0.0
        self._pause = FIRST_RETRY_SECONDS
        self._tries = 0

    def open(self) -> None:
        """Start listening.

        Raises:
            DeviceError: PortAudio or the device is missing, ambiguous, or in use.
        """
        self._sounddevice = self._sounddevice or load_sounddevice()
        self.ended, self._origin, self._position, self.sample_rate = False, None, 0, 0
        self._start()

    def read(self, timeout: float) -> AudioChunk | None:
        """The next block; None while the device is away."""
        if self._line is None:
            self._try_again(timeout)
            return None
        with self._ready:
            if not self._blocks:
                self._ready.wait(timeout)
            block = self._blocks.popleft() if self._blocks else None
        if block is None:
            self._check_alive()
            return None
        return self._chunk(*block)

    def close(self) -> None:
        """Stop and free the device."""
        self._stop()
        self.ended = True

    # --- PortAudio's thread -----------------------------------------------------

    def _callback(self, data: np.ndarray, frames: int, times: Any, status: Any) -> None:
        late = times.currentTime - times.inputBufferAdcTime
        if not 0.0 < late < 1.0:  # some interfaces give no times
            late = frames / self._device_rate
        heard = self._clock.now() - late
        with self._ready:
            if len(self._blocks) >= QUEUE_BLOCKS:
                self._blocks.popleft()
                data_after, heard_after, _ = self._blocks[0]
                self._blocks[0] = (data_after, heard_after, True)
                self.health.overflows += 1
            self._blocks.append((data.copy(), heard, bool(status.input_overflow)))
            self._last_heard = self._clock.now()
            self._ready.notify()
        self.health.overflows += bool(status.input_overflow)
        self.health.underflows += bool(status.input_underflow)

    # --- capture thread -----------------------------------------------------------

    def _chunk(self, data: np.ndarray, heard: float, lost: bool) -> AudioChunk:
        if self._origin is None:
            self._origin = heard
        due = self._origin + self._position / self.sample_rate
        ahead = heard - due
        if (lost or abs(ahead) > BLOCK_SECONDS * 5) and ahead > _LOST_SECONDS:
            self._position += round(ahead * self.sample_rate)
        elif abs(ahead) <= BLOCK_SECONDS * 5:
            self._origin += 0.01 * ahead  # the device's crystal drifts; that is no gap
        samples = self._resampler.push(to_mono(data))
        start, self._position = self._position, self._position + len(samples)
        return AudioChunk(samples, start, self.sample_rate, heard)

    def _start(self) -> None:
        with PORTAUDIO:
            self._open_device(find_device(self._wanted, self._sounddevice))

    def _open_device(self, device: SoundDevice) -> None:
        failure: Exception | None = None
        for rate in dict.fromkeys((self.sample_rate or SAMPLE_RATE, device.sample_rate)):
            for channels in dict.fromkeys((1, device.channels)):
                try:
                    self._listen(device, rate, channels)
                    return
                except (self._sounddevice.PortAudioError, ValueError) as error:
                    failure = error
        raise DeviceError(
            f"the microphone '{device.name}' cannot be opened ({failure}): "
            "close the program that uses it, or allow this one to use it"
        )

    def _listen(self, device: SoundDevice, rate: int, channels: int) -> None:
        self._device_rate = rate
        self._line = Line(
            self._sounddevice,
            "input",
            device=device.number,
            samplerate=rate,
            channels=channels,
            blocksize=round(BLOCK_SECONDS * rate),
            dtype="float32",
            latency="low",
            callback=self._callback,
        )
        self.sample_rate = self.sample_rate or rate
        self._resampler = StreamResampler(rate, self.sample_rate)
        self.name = device.name
        if self._wanted is not None:
            self._wanted = device.name  # numbers change when devices come and go
        self._last_heard = self._clock.now()
        self._pause, self._tries = FIRST_RETRY_SECONDS, 0
        self.health.connected = True

    def _stop(self) -> None:
        line, self._line = self._line, None
        self.health.connected = False
        if line is not None:
            line.close()

    def _check_alive(self) -> None:
        assert self._line is not None, "read has looked"
        quiet = self._clock.now() - self._last_heard
        if quiet < SILENT_SECONDS and self._line.alive:
            return
        swept = self._line.swept
        self._stop()
        if swept and self._starts():
            return  # another's rescan had ended it; the device itself is there
        log.warning("the microphone '%s' is gone; waiting for it to come back", self.name)
        self._retry_at = self._clock.now() + self._pause

    def _try_again(self, timeout: float) -> None:
        latest = self._clock.now() + timeout
        self._clock.wait_until(min(self._retry_at, latest))
        if self._retry_at > latest or self.ended:
            return
        if self._tries and self._rescans:  # PortAudio sees a new plug only after a rescan
            rescan(self._sounddevice)
        self._tries += 1
        if not self._starts():
            self._pause = min(LONGEST_RETRY_SECONDS, 2 * self._pause)
            self._retry_at = self._clock.now() + self._pause
            return
        self.health.reconnects += 1
        log.warning("the microphone '%s' is back", self.name)

    def _starts(self) -> bool:
        try:
            self._start()
        except (DeviceError, self._sounddevice.PortAudioError):
            return False
        return True

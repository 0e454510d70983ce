"""A stand-in for the ``sounddevice`` module that fails as the real one does.

Devices can be unplugged and plugged in; as with PortAudio, a change of the
list is seen only after ``_terminate`` and ``_initialize``, which end every
stream. Blocks are fed by the test through ``FakeSoundDevice.feed``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import numpy as np

from medtalk_live.clock import VirtualClock


class PortAudioError(Exception):
    """As sounddevice raises it."""


@dataclass
class FakeDevice:
    """A device of the machine."""

    name: str
    inputs: int = 1
    rate: float = 48_000.0
    rates: tuple[int, ...] = (16_000, 44_100, 48_000)
    channel_counts: tuple[int, ...] = (1, 2)
    api: int = 0
    plugged: bool = True
    busy: bool = False


@dataclass
class FakeSoundDevice:
    """The module; give it to ``MicrophoneSource(sounddevice=...)``."""

    clock: VirtualClock
    devices: list[FakeDevice]
    default_input: int = 0
    streams: list[FakeStream] = field(default_factory=list)
    scans: int = 0
    PortAudioError: type[Exception] = PortAudioError

    def __post_init__(self) -> None:
        self.default = SimpleNamespace(device=(self.default_input, -1))
        self._seen = list(self.devices)

    def query_devices(self) -> list[dict[str, Any]]:
        return [
            {
                "name": device.name,
                "hostapi": device.api,
                "max_input_channels": device.inputs,
                "default_samplerate": device.rate,
            }
            for device in self._seen
        ]

    def query_hostapis(self) -> list[dict[str, Any]]:
        return [{"name": "ALSA"}, {"name": "Windows WASAPI"}, {"name": "MME"}]

    def InputStream(self, **options: Any) -> FakeStream:  # noqa: N802 (sounddevice's own name)
        device = self._seen[options["device"]]
        if not device.plugged:
            raise PortAudioError("Error opening InputStream: Device unavailable [-9985]")
        if device.busy:
            raise PortAudioError("Error opening InputStream: Device busy")
        if options["samplerate"] not in device.rates:
            raise PortAudioError("Error opening InputStream: Invalid sample rate [-9997]")
        if options["channels"] not in device.channel_counts:
            raise PortAudioError("Error opening InputStream: Invalid number of channels [-9998]")
        stream = FakeStream(self, device, options)
        self.streams.append(stream)
        return stream

    def _terminate(self) -> None:
        for stream in self.streams:
            stream.active = False

    def _initialize(self) -> None:
        self.scans += 1
        self._seen = [device for device in self.devices if device.plugged]

    def unplug(self, name: str) -> None:
        for device in self.devices:
            if device.name == name:
                device.plugged = False
        for stream in self.streams:
            if stream.device.name == name:
                stream.active = False

    def plug(self, name: str) -> None:
        for device in self.devices:
            if device.name == name:
                device.plugged = True

    def feed(self, data: np.ndarray, *, late: float = 0.01, overflow: bool = False) -> None:
        """One block arrives at the newest stream, ``late`` seconds after its first sample."""
        stream = self.streams[-1]
        if not stream.active:
            return
        times = SimpleNamespace(currentTime=50.0, inputBufferAdcTime=50.0 - late)
        status = SimpleNamespace(input_overflow=overflow, input_underflow=False)
        stream.options["callback"](data, len(data), times, status)


@dataclass
class FakeStream:
    """An input stream."""

    module: FakeSoundDevice
    device: FakeDevice
    options: dict[str, Any]
    active: bool = False
    closed: bool = False

    def start(self) -> None:
        self.active = True

    def close(self) -> None:
        if not self.device.plugged:
            raise PortAudioError("Unanticipated host error [PaErrorCode -9999]")
        self.active, self.closed = False, True

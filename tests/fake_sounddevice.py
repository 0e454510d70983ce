"""A stand-in for the ``sounddevice`` module that fails as the real one does.

Devices can be unplugged and plugged in; as with PortAudio, a change of the
list is seen only after ``_terminate`` and ``_initialize``, which free every
stream: one that was not closed before must never be touched again. Blocks are
fed by the test through ``FakeSoundDevice.feed``, played ones fetched by ``fetch``.
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
    outputs: int = 0
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
    default_output: int = -1
    streams: list[FakeStream] = field(default_factory=list)
    scans: int = 0
    PortAudioError: type[Exception] = PortAudioError

    def __post_init__(self) -> None:
        self.default = SimpleNamespace(device=(self.default_input, self.default_output))
        self._seen = list(self.devices)

    def query_devices(self) -> list[dict[str, Any]]:
        return [
            {
                "name": device.name,
                "hostapi": device.api,
                "max_input_channels": device.inputs,
                "max_output_channels": device.outputs,
                "default_samplerate": device.rate,
            }
            for device in self._seen
        ]

    def query_hostapis(self) -> list[dict[str, Any]]:
        return [{"name": "ALSA"}, {"name": "Windows WASAPI"}, {"name": "MME"}]

    def InputStream(self, **options: Any) -> FakeStream:  # noqa: N802 (sounddevice's own name)
        return self._stream("InputStream", options)

    def OutputStream(self, **options: Any) -> FakeStream:  # noqa: N802 (sounddevice's own name)
        return self._stream("OutputStream", options)

    def _stream(self, kind: str, options: dict[str, Any]) -> FakeStream:
        device = self._seen[options["device"]]
        if not device.plugged:
            raise PortAudioError(f"Error opening {kind}: Device unavailable [-9985]")
        if device.busy:
            raise PortAudioError(f"Error opening {kind}: Device busy")
        if options["samplerate"] not in device.rates:
            raise PortAudioError(f"Error opening {kind}: Invalid sample rate [-9997]")
        if options["channels"] not in device.channel_counts:
            raise PortAudioError(f"Error opening {kind}: Invalid number of channels [-9998]")
        stream = FakeStream(self, device, kind, options)
        self.streams.append(stream)
        return stream

    def _terminate(self) -> None:
        for stream in self.streams:
            stream.freed = True
            stream.running = False

    def _initialize(self) -> None:
        self.scans += 1
        self._seen = [device for device in self.devices if device.plugged]

    def unplug(self, name: str) -> None:
        for device in self.devices:
            if device.name == name:
                device.plugged = False
        for stream in self.streams:
            if stream.device.name == name:
                stream.running = False

    def plug(self, name: str) -> None:
        for device in self.devices:
            if device.name == name:
                device.plugged = True

    def feed(
        self, data: np.ndarray, *, late: float = 0.01, overflow: bool = False, name: str = ""
    ) -> None:
        """A block arrives at a stream (the newest), ``late`` seconds after its first sample."""
        stream = self._newest(name)
        if stream is None:
            return
        times = SimpleNamespace(currentTime=50.0, inputBufferAdcTime=50.0 - late)
        status = SimpleNamespace(input_overflow=overflow, input_underflow=False)
        stream.options["callback"](data, len(data), times, status)

    def fetch(self, name: str, frames: int, lead: float = 0.0) -> np.ndarray | None:
        """What a device plays next, heard ``lead`` seconds from now; None where it does not."""
        stream = self._newest(name)
        if stream is None:
            return None
        out = np.full((frames, stream.options["channels"]), np.nan, np.float32)
        times = SimpleNamespace(currentTime=50.0, outputBufferDacTime=50.0 + lead)
        stream.options["callback"](out, frames, times, SimpleNamespace())
        return out

    def _newest(self, name: str) -> FakeStream | None:
        """The newest stream (of a device), where it is running."""
        opened = [stream for stream in self.streams if name in ("", stream.device.name)]
        return opened[-1] if opened and opened[-1].running else None


@dataclass
class FakeStream:
    """A stream, in or out."""

    module: FakeSoundDevice
    device: FakeDevice
    kind: str
    options: dict[str, Any]
    running: bool = False
    closed: bool = False
    freed: bool = False

    @property
    def active(self) -> bool:
        self._touch()
        return self.running

    def start(self) -> None:
        self.running = True

    def close(self) -> None:
        self._touch()
        self.running, self.closed = False, True
        if not self.device.plugged:
            raise PortAudioError("Unanticipated host error [PaErrorCode -9999]")

    def _touch(self) -> None:
        assert self.closed or not self.freed, "PortAudio has freed this stream: a crash"

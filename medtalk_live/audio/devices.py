"""The machine's sound devices: finding one by number or part of its name, opening, rescanning.

sounddevice (PortAudio) is imported when first asked for. PortAudio is asked
by one thread at a time; a rescan ends every ``Line`` of the process, whose
owners notice and open theirs again, so only the microphone, when it has lost
its device, asks for one. Any thread; opening and rescanning may take 100 ms.
"""

from __future__ import annotations

import contextlib
import sys
import threading
import weakref
from dataclasses import dataclass
from typing import Any, Literal

from medtalk_live.errors import DeviceError, MissingExtraError

Direction = Literal["input", "output"]

PORTAUDIO = threading.RLock()
"""Held by whoever asks PortAudio for more than one thing: numbers change in a rescan."""


@dataclass(frozen=True, slots=True)
class SoundDevice:
    """A sound input or output.

    Attributes:
        number: Its id; numbers may change when devices come and go.
        name: As the system calls it.
        host_api: The system's sound interface it is reached by.
        channels: How many it has.
        sample_rate: Its own rate in Hz.
        default: Whether the system takes it where none is named.
    """

    number: int
    name: str
    host_api: str
    channels: int
    sample_rate: int
    default: bool


def load_sounddevice() -> Any:
    """The sounddevice module.

    Raises:
        DeviceError: PortAudio is not on this machine.
        MissingExtraError: the package is not installed.
    """
    try:
        import sounddevice
    except ImportError:
        raise MissingExtraError("sounddevice", "dev", "listening to a microphone") from None
    except OSError:
        raise DeviceError(
            "PortAudio, which reads microphones, is not on this machine: "
            "on Debian or Ubuntu run  sudo apt install libportaudio2"
        ) from None
    return sounddevice


class Line:
    """A running stream, sound in or out, until it is closed, unplugged or swept by a rescan.

    Args:
        sounddevice: The module.
        direction: Of the sound.
        options: As sounddevice's streams take them.

    Raises:
        PortAudioError, ValueError: as sounddevice does.
    """

    def __init__(self, sounddevice: Any, direction: Direction, **options: Any) -> None:
        self.sounddevice = sounddevice
        self.swept = False
        with PORTAUDIO:
            make = sounddevice.InputStream if direction == "input" else sounddevice.OutputStream
            self._stream = make(**options)
            try:
                self._stream.start()
            except BaseException:
                self._stream.close()
                raise
            _lines.add(self)

    @property
    def alive(self) -> bool:
        """Whether PortAudio still serves it."""
        with PORTAUDIO, contextlib.suppress(self.sounddevice.PortAudioError):
            return self._stream is not None and bool(self._stream.active)
        return False

    def close(self) -> None:
        """Stop and free the device; safe to call twice."""
        with PORTAUDIO, contextlib.suppress(self.sounddevice.PortAudioError):
            stream, self._stream = self._stream, None
            if stream is not None:
                stream.close()


_lines: weakref.WeakSet[Line] = weakref.WeakSet()


def rescan(sounddevice: Any) -> None:
    """Let PortAudio see devices that have come and gone; it knows no other way."""
    with PORTAUDIO:
        for line in [line for line in _lines if line.sounddevice is sounddevice]:
            line.close()  # PortAudio would free it, and asking for it later would touch that memory
            line.swept = True
        sounddevice._terminate()
        sounddevice._initialize()


def list_devices(sounddevice: Any = None, direction: Direction = "input") -> list[SoundDevice]:
    """All sound inputs, or all outputs.

    Raises:
        DeviceError: PortAudio is missing or cannot list devices.
    """
    sounddevice = sounddevice or load_sounddevice()
    try:
        with PORTAUDIO:
            devices, apis = sounddevice.query_devices(), sounddevice.query_hostapis()
            default = sounddevice.default.device[direction == "output"]
    except sounddevice.PortAudioError as error:
        raise DeviceError(
            f"the sound devices cannot be listed ({error}): check the sound system"
        ) from None
    channels = f"max_{direction}_channels"
    return [
        SoundDevice(
            number,
            str(device["name"]),
            str(apis[device["hostapi"]]["name"]),
            int(device[channels]),
            int(device["default_samplerate"]),
            number == default,
        )
        for number, device in enumerate(devices)
        if device[channels] > 0
    ]


def find_device(
    word: str | None, sounddevice: Any = None, direction: Direction = "input"
) -> SoundDevice:
    """The device that a number, a name or a part of one means; the default for None.

    Raises:
        DeviceError: none fits, or several do (they are named).
    """
    devices = list_devices(sounddevice, direction)
    if not devices:
        raise DeviceError(_NONE[direction])
    if word is None:
        return next((device for device in devices if device.default), devices[0])
    if word.strip().isdigit():
        found = [device for device in devices if device.number == int(word)]
    else:
        found = _by_name(word.strip().lower(), devices)
    if not found:
        names = ", ".join(_label(device) for device in devices)
        raise DeviceError(f"no sound {direction} fits '{word}': choose one of {names}")
    if len(found) > 1:
        names = ", ".join(_label(device) for device in found)
        raise DeviceError(f"'{word}' fits several {direction}s: choose one of {names}")
    return found[0]


_NONE: dict[Direction, str] = {
    "input": "no microphone was found: plug one in, or use --input FILE",
    "output": "no sound output was found: plug one in, or leave --monitor out",
}


def _by_name(word: str, devices: list[SoundDevice]) -> list[SoundDevice]:
    exact = [device for device in devices if device.name.lower() == word]
    found = exact or [device for device in devices if word in device.name.lower()]
    if len(found) > 1:  # Windows lists one microphone once for each of its interfaces
        wanted = "Windows WASAPI" if sys.platform == "win32" else found[0].host_api
        found = [device for device in found if device.host_api == wanted] or found
    return found[:1] if len({device.name for device in found}) == 1 else found


def _label(device: SoundDevice) -> str:
    return f"{device.number} '{device.name}' ({device.host_api})"

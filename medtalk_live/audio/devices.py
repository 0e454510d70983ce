"""The machine's sound inputs: finding one by number or by part of its name.

sounddevice (PortAudio) is imported when first asked for. Nothing here keeps a
device open; a rescan ends every PortAudio stream of the process, so only a
source that has lost its device asks for one. Any thread; may take 100 ms.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Any

from medtalk_live.errors import DeviceError, MissingExtraError


@dataclass(frozen=True, slots=True)
class InputDevice:
    """A sound input.

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


def list_devices(sounddevice: Any = None) -> list[InputDevice]:
    """All sound inputs.

    Raises:
        DeviceError: PortAudio is missing or cannot list devices.
    """
    sounddevice = sounddevice or load_sounddevice()
    try:
        devices, apis = sounddevice.query_devices(), sounddevice.query_hostapis()
        default = sounddevice.default.device[0]
    except sounddevice.PortAudioError as error:
        raise DeviceError(
            f"the sound devices cannot be listed ({error}): check the sound system"
        ) from None
    return [
        InputDevice(
            number,
            str(device["name"]),
            str(apis[device["hostapi"]]["name"]),
            int(device["max_input_channels"]),
            int(device["default_samplerate"]),
            number == default,
        )
        for number, device in enumerate(devices)
        if device["max_input_channels"] > 0
    ]


def find_input(word: str | None, sounddevice: Any = None) -> InputDevice:
    """The input that a number, a name or a part of one means; the default for None.

    Raises:
        DeviceError: none fits, or several do (they are named).
    """
    devices = list_devices(sounddevice)
    if not devices:
        raise DeviceError("no microphone was found: plug one in, or use --input FILE")
    if word is None:
        return next((device for device in devices if device.default), devices[0])
    if word.strip().isdigit():
        found = [device for device in devices if device.number == int(word)]
    else:
        found = _by_name(word.strip().lower(), devices)
    if not found:
        names = ", ".join(_label(device) for device in devices)
        raise DeviceError(f"no sound input fits '{word}': choose one of {names}")
    if len(found) > 1:
        names = ", ".join(_label(device) for device in found)
        raise DeviceError(f"'{word}' fits several inputs: choose one of {names}")
    return found[0]


def rescan(sounddevice: Any) -> None:
    """Let PortAudio see devices that have come and gone; it knows no other way."""
    sounddevice._terminate()
    sounddevice._initialize()


def _by_name(word: str, devices: list[InputDevice]) -> list[InputDevice]:
    exact = [device for device in devices if device.name.lower() == word]
    found = exact or [device for device in devices if word in device.name.lower()]
    if len(found) > 1:  # Windows lists one microphone once for each of its interfaces
        wanted = "Windows WASAPI" if sys.platform == "win32" else found[0].host_api
        found = [device for device in found if device.host_api == wanted] or found
    return found[:1] if len({device.name for device in found}) == 1 else found


def _label(device: InputDevice) -> str:
    return f"{device.number} '{device.name}' ({device.host_api})"

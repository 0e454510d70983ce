from __future__ import annotations

import builtins
import sys
from typing import Any

import pytest
from fake_sounddevice import FakeDevice, FakeSoundDevice

from medtalk_live.audio import devices
from medtalk_live.audio.devices import Line, find_device, list_devices, rescan
from medtalk_live.clock import VirtualClock
from medtalk_live.errors import DeviceError, MissingExtraError


def machine(*given: FakeDevice, default: int = 0) -> FakeSoundDevice:
    return FakeSoundDevice(VirtualClock(), list(given), default, default_output=0)


STUDIO = machine(
    FakeDevice("Built-in Output", inputs=0, outputs=2),
    FakeDevice("Built-in Microphone"),
    FakeDevice("RODE NT-USB", inputs=2),
    FakeDevice("RODE NT-USB Mini"),
    default=1,
)


def test_only_inputs_are_listed_and_the_default_is_marked() -> None:
    found = list_devices(STUDIO)
    assert [d.name for d in found] == ["Built-in Microphone", "RODE NT-USB", "RODE NT-USB Mini"]
    assert [d.number for d in found if d.default] == [1]


@pytest.mark.parametrize(
    ("word", "number"),
    [(None, 1), ("2", 2), ("built-in", 1), ("mini", 3), ("rode nt-usb", 2), (" Mini ", 3)],
)
def test_a_device_is_found_by_number_or_by_part_of_its_name(word: str | None, number: int) -> None:
    assert find_device(word, STUDIO).number == number


def test_an_ambiguous_name_is_answered_with_the_names() -> None:
    with pytest.raises(DeviceError, match=r"fits several.*2 'RODE NT-USB'.*3 'RODE NT-USB Mini'"):
        find_device("rode", STUDIO)


@pytest.mark.parametrize("word", ["0", "9", "shure"])
def test_an_unknown_device_is_answered_with_the_choice(word: str) -> None:
    with pytest.raises(DeviceError, match=r"no sound input fits.*1 'Built-in Microphone'"):
        find_device(word, STUDIO)


def test_no_input_at_all_names_the_way_without() -> None:
    with pytest.raises(DeviceError, match="--input FILE"):
        find_device(None, machine(FakeDevice("Speakers", inputs=0)))


def test_outputs_are_found_among_outputs() -> None:
    assert [d.name for d in list_devices(STUDIO, "output")] == ["Built-in Output"]
    assert find_device("built", STUDIO, "output").number == 0
    assert list_devices(STUDIO, "output")[0].default
    with pytest.raises(DeviceError, match="no sound output fits 'rode'"):
        find_device("rode", STUDIO, "output")
    with pytest.raises(DeviceError, match="leave --monitor out"):
        find_device(None, machine(FakeDevice("Mic")), "output")


def test_a_rescan_ends_every_line_and_none_is_touched_after_it() -> None:
    studio = machine(FakeDevice("Mic"), FakeDevice("Speakers", inputs=0, outputs=2))
    other = machine(FakeDevice("Mic"))
    ways = {"samplerate": 16_000, "channels": 1, "callback": None}
    heard, played = (
        Line(studio, "input", device=0, **ways),
        Line(studio, "output", device=1, **ways),
    )
    apart = Line(other, "input", device=0, **ways)
    assert heard.alive
    assert played.alive
    rescan(studio)
    assert not heard.alive
    assert heard.swept
    assert not played.alive
    assert played.swept
    played.close()
    assert apart.alive
    assert not apart.swept


def test_windows_lists_one_microphone_thrice_and_the_fast_interface_is_taken(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    thrice = machine(
        FakeDevice("Microphone (RODE NT-USB", api=2),
        FakeDevice("Microphone (RODE NT-USB)", api=1),
    )
    assert find_device("rode", thrice).host_api == "Windows WASAPI"


def importing(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    real = builtins.__import__

    def fail(name: str, *args: Any, **kwargs: Any) -> Any:
        if name == "sounddevice":
            raise error
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", fail)


def test_a_missing_portaudio_names_the_debian_package(monkeypatch: pytest.MonkeyPatch) -> None:
    importing(monkeypatch, OSError("PortAudio library not found"))
    with pytest.raises(DeviceError, match="apt install libportaudio2"):
        list_devices()


def test_a_missing_package_names_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    importing(monkeypatch, ImportError("No module named 'sounddevice'"))
    with pytest.raises(MissingExtraError, match="pip install"):
        devices.load_sounddevice()

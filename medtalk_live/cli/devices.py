"""``medtalk-live devices``: what sound comes in by and goes out by."""

from __future__ import annotations

from medtalk_live.audio.devices import list_devices, load_sounddevice
from medtalk_live.cli import options


def main(arguments: list[str]) -> int:
    """List inputs (``--device``) and outputs (``--monitor``); returns the exit status."""
    parser = options.Parser(
        prog="medtalk-live devices",
        description="List sound inputs for --device and outputs for --monitor; "
        "* marks the system's default.",
    )
    options.add_verbose(parser)
    parser.parse_args(arguments)
    sounddevice = load_sounddevice()
    print("inputs (--device ID or part of the name):")
    for device in list_devices(sounddevice):
        mark = "*" if device.default else " "
        print(
            f" {mark}{device.number:>3}  {device.name}  "
            f"({device.host_api}, {device.channels} channels, {device.sample_rate} Hz)"
        )
    print("outputs (--monitor ID or part of the name):")
    default = sounddevice.default.device[1]
    for number, device in enumerate(sounddevice.query_devices()):
        if device["max_output_channels"] > 0:
            mark = "*" if number == default else " "
            print(f" {mark}{number:>3}  {device['name']}")
    return 0

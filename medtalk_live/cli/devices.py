"""``medtalk-live devices``: what sound comes in by and goes out by."""

from __future__ import annotations

from medtalk_live.audio.devices import SoundDevice, list_devices
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
    print("inputs (--device ID or part of the name):")
    _show(list_devices())
    print("outputs (--monitor ID or part of the name):")
    _show(list_devices(direction="output"))
    return 0


def _show(devices: list[SoundDevice]) -> None:
    if not devices:
        print("  none was found: plug one in and allow its use")
    for device in devices:
        mark = "*" if device.default else " "
        print(
            f" {mark}{device.number:>3}  {device.name}  "
            f"({device.host_api}, {device.channels} channels, {device.sample_rate} Hz)"
        )

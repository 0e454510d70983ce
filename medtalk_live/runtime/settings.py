"""Settings of a live run: one frozen value from the defaults, a YAML file and the call.

Field names are the long options with underscores, so a line of ``--config``
reads like the option. Pure, any thread.
"""

from __future__ import annotations

import dataclasses
import math
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, get_type_hints

from medtalk_live.audio.resample import HIGHEST_RATE, LOWEST_RATE
from medtalk_live.clock import parse_frame_rate
from medtalk_live.config import from_mapping, read_yaml
from medtalk_live.errors import ConfigError
from medtalk_live.guidance.mixer import checked_blend
from medtalk_live.guidance.request import DEFAULT_BLEND_SECONDS, Guidance, checked_intensity
from medtalk_live.model.checkpoint import TEXT_BRANCHES
from medtalk_live.output.udp import checked_subject
from medtalk_live.rig.arkit import DEFAULT_AXES, HeadAxes

FINISHES = ("full", "limits", "none")
OSC_PORT = 9870
CONTROL_PORT = 9871
LIVE_LINK_PORT = 11111
VMC_PORT = 39539
PREVIEW_PORT = 8765
TAKES_FOLDER = "takes"
COMPUTES = ("auto", "cpu", "cuda")
_WAYS = ("emotion", "image", "text", "guidance")
_LONGEST_OFFSET_MS = 10_000
_PATHS = (
    *("image", "guidance", "neutral_image", "watch", "words", "input"),
    *("model", "profile", "image_folder", "record"),
)
_CHOICES = {"text_branch": TEXT_BRANCHES, "finish": FINISHES, "compute": COMPUTES}
LIVE_LOOK_AHEAD_MS = 40
FILE_LOOK_AHEAD_MS = 80


_RANGES: dict[str, tuple[Callable[[float], bool], str]] = {
    "duration": (lambda s: 0.0 < s < math.inf, "seconds above zero"),
    "monitor_offset": (
        lambda ms: abs(ms) <= _LONGEST_OFFSET_MS,
        f"milliseconds, at most {_LONGEST_OFFSET_MS}",
    ),
    "seed": (lambda seed: seed >= 0, "a whole number of at least 0"),
    "look_ahead": (lambda ms: ms >= 0, "milliseconds that the model offers, such as 40"),
    "input_rate": (
        lambda hz: LOWEST_RATE <= hz <= HIGHEST_RATE,
        f"{LOWEST_RATE} to {HIGHEST_RATE} Hz",
    ),
    "preview": (lambda port: 0 <= port <= 65_535, "a port in 0 to 65535"),
}
_WORDS = {
    str: "text (a number or yes/no in quotes)",
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    tuple: "a list",
    type(None): "nothing",
}


@dataclass(frozen=True, slots=True)
class LiveSettings:
    """What a live run can be told; see ``docs/live.md`` for each in words.

    Addresses are ``HOST:PORT``; an empty tuple of receivers sends none, and
    an empty ``control`` takes no commands. None leaves the choice to the model.
    """

    emotion: str | None = None
    image: str | None = None
    text: str | None = None
    guidance: str | None = None
    neutral_image: str | None = None
    watch: str | None = None
    blend: float = DEFAULT_BLEND_SECONDS
    intensity: float = 1.0
    dynamics: float | None = None
    words: str | None = None
    input: str = "mic"
    input_rate: int = 16_000
    loop: bool = False
    device: str | None = None
    duration: float | None = None
    model: str | None = None
    compute: str = "auto"
    text_branch: str | None = None
    look_ahead: int = LIVE_LOOK_AHEAD_MS
    finish: str | None = None
    seed: int = 0
    profile: str | None = None
    fps: Fraction = Fraction(60)
    subject: str = "MedTalk"
    osc: tuple[str, ...] = (f"127.0.0.1:{OSC_PORT}",)
    livelink: tuple[str, ...] = ()
    livelink_head: str = f"{DEFAULT_AXES.degrees_per_unit:g}"
    vmc: tuple[str, ...] = ()
    timecode: str = "clock"
    control: str = f"127.0.0.1:{CONTROL_PORT}"
    control_token: str | None = None
    image_folder: str | None = None
    preview: int | None = None
    record: str | None = None
    slate: str = "take"
    monitor: str | None = None
    monitor_offset: float = 0.0
    tui: bool = False
    json_stats: bool = False
    verbose: bool = False

    def __post_init__(self) -> None:
        """Check what a file could get wrong; the command line has checked its own."""
        _check_types(self)
        _check_given(self)
        _check_ranges(self)
        checked_intensity(self.intensity)
        checked_blend(self.blend)
        for name, choices in _CHOICES.items():
            value = getattr(self, name)
            if value is not None and value not in choices:
                raise ConfigError(f"{_option(name)} '{value}' is not one of {', '.join(choices)}")
        if self.emotion is not None:
            Guidance.label(self.emotion)
        if self.text is not None:
            Guidance.text(self.text)
        if sum(getattr(self, way) is not None for way in _WAYS) > 1:
            raise ConfigError("emotion, image, text and guidance exclude each other: keep one")
        if self.neutral_image is not None and self.image is None and self.watch is None:
            raise ConfigError("neutral-image goes with image or watch: add one, or leave it out")
        if self.tui and self.json_stats:
            raise ConfigError("tui and json-stats exclude each other: keep one")
        checked_subject(self.subject)
        for address in (*self.osc, *self.livelink, *self.vmc):
            parse_address(address, 0)
        HeadAxes.parse(self.livelink_head)


def load_settings(file: Path | None, options: Mapping[str, Any]) -> LiveSettings:
    """Settings from a file, overruled by the options of the call.

    Raises:
        ConfigError: an unknown key, a wrong type, or an illegal value.
    """
    if file is None:
        return from_mapping(LiveSettings, options, "")
    values = _from_file(read_yaml(file), str(file))
    if any(way in options for way in _WAYS):
        values = {key: value for key, value in values.items() if key not in _WAYS}
    return from_mapping(LiveSettings, {**values, **options}, str(file))


def parse_address(text: str, default_port: int, default_host: str = "127.0.0.1") -> tuple[str, int]:
    """Read ``HOST:PORT``, ``HOST``, ``:PORT``, ``PORT`` or ``[IPv6]:PORT``.

    Raises:
        ConfigError: the port is not a number in 0..65535.
    """
    word = text.strip()
    if word.startswith("["):
        host, _, rest = word[1:].partition("]")
        port = rest.removeprefix(":")
    elif word.isdecimal():
        host, port = "", word
    else:
        host, _, port = word.rpartition(":") if ":" in word else (word, "", "")
    if port and not (port.isdecimal() and int(port) <= 65535):
        raise ConfigError(f"the address '{text}' has no port in 0..65535: write HOST:PORT")
    return host or default_host, int(port) if port else default_port


def _from_file(values: Mapping[str, Any], where: str) -> dict[str, Any]:
    """YAML's own types to ours: lists of addresses, rates, 'none' for no receiver."""
    out = dict(values)
    for key in ("osc", "livelink", "vmc"):
        if key in out:
            out[key] = addresses(out[key] if isinstance(out[key], list) else [out[key]])
    if "fps" in out:
        try:
            out["fps"] = parse_frame_rate(out["fps"])
        except ConfigError as error:
            raise ConfigError(f"{where}: {error}") from None
    for key in ("device", "livelink_head", "control"):  # YAML reads a bare number as one
        if out.get(key) is not None:
            out[key] = str(out[key])
    for key in _PATHS:
        if isinstance(out.get(key), str):
            out[key] = os.path.expanduser(out[key])  # what a shell does for the call
    if "control" in out and out["control"] in (None, "none"):
        out["control"] = ""
    return out


def addresses(words: list[Any]) -> tuple[str, ...]:
    """Receivers as given; ``none`` stands for no receiver."""
    return tuple(str(word) for word in words if word not in (None, "none"))


def _check_types(settings: LiveSettings) -> None:
    hints = get_type_hints(LiveSettings)
    for field in dataclasses.fields(settings):
        value, kind = getattr(settings, field.name), hints[field.name]
        allowed = (tuple,) if kind == tuple[str, ...] else _classes(kind)
        exact = isinstance(value, bool) and bool not in allowed
        if exact or not isinstance(value, allowed):
            names = " or ".join(dict.fromkeys(_WORDS.get(c, c.__name__) for c in allowed))
            raise ConfigError(f"{_option(field.name)} is {value!r:.60}; expected {names}")


def _check_given(settings: LiveSettings) -> None:
    """An empty name would quietly mean something else; an empty ``control`` is none."""
    for field in dataclasses.fields(settings):
        if getattr(settings, field.name) == "" and field.name != "control":
            raise ConfigError(f"{_option(field.name)} is empty: give it a value, or leave it out")


def _check_ranges(settings: LiveSettings) -> None:
    for name, (fits, expected) in _RANGES.items():
        value = getattr(settings, name)
        if value is not None and not fits(value):
            raise ConfigError(f"{_option(name)} is {value}; expected {expected}")


def _option(name: str) -> str:
    return name.replace("_", "-")


def _classes(kind: Any) -> tuple[type, ...]:
    options = getattr(kind, "__args__", (kind,))
    return tuple(options) + ((int,) if float in options else ())

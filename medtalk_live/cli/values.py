"""What the values of options may be: readers for argparse.

Each takes a word and gives the value, or raises ``argparse.ArgumentTypeError``
with one sentence. No file is opened here.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import TypeVar

from medtalk_live.clock import parse_frame_rate
from medtalk_live.errors import MedTalkError
from medtalk_live.guidance.mixer import checked_blend
from medtalk_live.guidance.request import Guidance, checked_intensity
from medtalk_live.output.udp import checked_subject
from medtalk_live.runtime.settings import parse_address

T = TypeVar("T")

RATES = "frames a second: 24, 25, 30, 48, 50, 60, 120, or NTSC such as 29.97 (60)"


def checked(read: Callable[[str], T]) -> Callable[[str], T]:
    """A value reader for argparse: our errors become a wrong call."""

    def reader(text: str) -> T:
        try:
            return read(text)
        except (MedTalkError, ValueError) as error:
            raise argparse.ArgumentTypeError(str(error)) from None

    return reader


def number(text: str) -> float:
    """A finite number."""
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if value != value or abs(value) == float("inf"):
        raise argparse.ArgumentTypeError(f"'{text}' is not a number")
    return value


def positive(text: str) -> float:
    """A number above zero."""
    value = number(text)
    if value <= 0:
        raise argparse.ArgumentTypeError(f"'{text}' must be above zero")
    return value


def whole(text: str) -> int:
    """A whole number of at least zero."""
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"'{text}' is not a whole number of at least 0")
    return int(text)


def named(text: str) -> str:
    """The name of a file or folder; an empty one would mean the current folder."""
    if not text:
        raise argparse.ArgumentTypeError("the name is empty: give one, or leave the option out")
    return text


def _label(text: str) -> str:
    Guidance.label(text)
    return text


def _described(text: str) -> str:
    return Guidance.text(text).words


def _intensity(text: str) -> float:
    return checked_intensity(number(text))


def _dynamics(text: str) -> float:
    from medtalk_live.engine.profile import checked_gain

    return checked_gain("dynamics", number(text))


def _blend(text: str) -> float:
    return checked_blend(number(text))


def _address(text: str) -> str:
    parse_address(text, 0)
    return text


def _head_axes(text: str) -> str:
    from medtalk_live.rig.arkit import HeadAxes

    HeadAxes.parse(text)
    return text


def _subject(text: str) -> str:
    checked_subject(text)
    return text


address = checked(_address)
blend_seconds = checked(_blend)
description = checked(_described)
dynamics = checked(_dynamics)
frame_rate = checked(parse_frame_rate)
head_axes = checked(_head_axes)
intensity = checked(_intensity)
label = checked(_label)
subject = checked(_subject)

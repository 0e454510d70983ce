"""SMPTE labels against a frame-by-frame count, and the time of day of a moment."""

from __future__ import annotations

import time
from fractions import Fraction

import pytest

from medtalk_live.clock import VirtualClock
from medtalk_live.errors import ConfigError
from medtalk_live.output.timecode import (
    SystemTimecode,
    at,
    drops,
    frame_at,
    label,
    parse_label,
)

NTSC_30 = Fraction(30_000, 1001)
NTSC_60 = Fraction(60_000, 1001)


def counted(base: int, minutes: int) -> list[str]:
    """Drop-frame labels by the rule itself: minute starts lose labels, but not each tenth."""
    return [
        f"00:{minute:02}:{second:02};{frame:02}"
        for minute in range(minutes)
        for second in range(60)
        for frame in range(base)
        if second or frame >= base // 15 or minute % 10 == 0
    ]


@pytest.mark.parametrize(("fps", "base"), [(NTSC_30, 30), (NTSC_60, 60)])
def test_drop_frame_labels_are_those_of_the_rule(fps: Fraction, base: int) -> None:
    expected = counted(base, 21)
    assert [label(frame, fps) for frame in range(len(expected))] == expected
    assert [parse_label(words, fps) for words in expected[:: base * 7]] == list(
        range(0, len(expected), base * 7)
    )


def test_drop_frame_keeps_to_the_clock_within_a_day() -> None:
    """The rule leaves 86 ms a day, about three frames."""
    frame, _ = frame_at(86_399.9, NTSC_30)
    assert label(frame, NTSC_30)[:8] in ("23:59:59", "00:00:00")


@pytest.mark.parametrize(
    ("fps", "frame", "words"),
    [
        (Fraction(24), 24 * 3600, "01:00:00:00"),
        (Fraction(25), 25 * 61 + 24, "00:01:01:24"),
        (Fraction(24_000, 1001), 24 * 60, "00:01:00:00"),
        (Fraction(48_000, 1001), 47, "00:00:00:47"),
        (Fraction(120), 119, "00:00:00:119"),
        (Fraction(60), 60 * 86_400, "00:00:00:00"),
        (NTSC_60, 2 * 2_589_408, "00:00:00;00"),
    ],
)
def test_labels_count_to_the_next_whole_rate_and_start_again_at_midnight(
    fps: Fraction, frame: int, words: str
) -> None:
    assert label(frame, fps) == words


def test_non_drop_labels_can_be_asked_for_at_an_ntsc_rate() -> None:
    assert label(1800, NTSC_30, drop=False) == "00:01:00:00"
    assert parse_label("00:01:00:00", NTSC_30) == 1800


def test_only_rates_that_have_drop_frame_use_it() -> None:
    rates = [23.976, 24, 25, 29.97, 30, 47.952, 50, 59.94, 60, 119.88]
    exact = [Fraction(round(r * 1.001) * 1000, 1001) if r % 1 else Fraction(r) for r in rates]
    assert [rate for rate, fps in zip(rates, exact, strict=True) if drops(fps)] == [
        29.97, 59.94, 119.88,
    ]  # fmt: skip


@pytest.mark.parametrize(
    "words",
    [
        "",
        "12:00:00",
        "1:2:3:4",
        "24:00:00:00",
        "00:60:00:00",
        "00:00:60:00",
        "00:00:00:60",
        "x" * 11,
    ],
)
def test_what_is_no_timecode_is_refused(words: str) -> None:
    with pytest.raises(ConfigError, match="timecode"):
        parse_label(words, Fraction(60))


@pytest.mark.parametrize(
    ("words", "fps"), [("00:01:00;00", NTSC_30), ("00:00:00;00", Fraction(25))]
)
def test_labels_that_a_rate_leaves_out_do_not_exist(words: str, fps: Fraction) -> None:
    with pytest.raises(ConfigError, match="timecode"):
        parse_label(words, fps)


def test_a_moment_just_below_a_frame_by_rounding_belongs_to_that_frame() -> None:
    assert frame_at(1 / 60 * 7 - 1e-9, Fraction(60)) == (7, 0.0)
    number, part = frame_at(0.5 / 60, Fraction(60))
    assert (number, part) == (0, pytest.approx(0.5))


def test_the_system_clock_is_read_once_and_then_follows_the_steady_clock(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(time, "time", lambda: 1_700_000_000.25)
    local = time.localtime(1_700_000_000)
    seconds = local.tm_hour * 3600 + local.tm_min * 60 + local.tm_sec + 0.25
    source = SystemTimecode(VirtualClock(50.0))
    monkeypatch.setattr(time, "time", lambda: 0.0)
    assert source.seconds_at(50.0) == pytest.approx(seconds)
    assert source.seconds_at(51.5) == pytest.approx((seconds + 1.5) % 86_400)
    assert source.seconds_at(50.0 + 86_400) == pytest.approx(seconds)
    assert at(source, 50.0, Fraction(60)).endswith(":15")

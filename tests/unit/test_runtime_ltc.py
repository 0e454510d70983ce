"""LTC heard from libltc's encoder (another party's code) and from a jittery tape."""

from __future__ import annotations

import ctypes
import ctypes.util
from collections.abc import Callable
from fractions import Fraction

import numpy as np
import pytest

from medtalk_live.audio.source import AudioChunk
from medtalk_live.output.timecode import label, parse_label
from medtalk_live.rig.controls import FloatArray
from medtalk_live.runtime.ltc import LtcDecoder, LtcTimecode

NTSC = Fraction(30_000, 1001)
RATES = [Fraction(24), Fraction(25), NTSC, Fraction(30)]
_STANDARD = {Fraction(24): 2, Fraction(25): 1, NTSC: 0, Fraction(30): 0}
Generate = Callable[..., FloatArray]


class _Moment(ctypes.Structure):
    _fields_ = [
        ("timezone", ctypes.c_char * 6),
        *((name, ctypes.c_ubyte) for name in ("years", "months", "days")),
        *((name, ctypes.c_ubyte) for name in ("hours", "mins", "secs", "frame")),
    ]


@pytest.fixture(scope="module")
def generate() -> Generate:
    """``generate(sample_rate, fps, (h, m, s, f), frames)`` by libltc."""
    path = ctypes.util.find_library("ltc")
    if path is None:
        pytest.skip("libltc is not installed (Debian: libltc11)")
    ltc = ctypes.CDLL(path)
    ltc.ltc_encoder_create.restype = ctypes.c_void_p
    ltc.ltc_encoder_create.argtypes = [ctypes.c_double, ctypes.c_double, ctypes.c_int, ctypes.c_int]
    ltc.ltc_encoder_get_buffersize.restype = ctypes.c_size_t
    for name in ("get_buffersize", "encode_frame", "inc_timecode", "free"):
        getattr(ltc, f"ltc_encoder_{name}").argtypes = [ctypes.c_void_p]
    ltc.ltc_encoder_set_timecode.argtypes = [ctypes.c_void_p, ctypes.POINTER(_Moment)]
    ltc.ltc_encoder_get_buffer.argtypes = [ctypes.c_void_p, ctypes.c_void_p]

    def make(rate: int, fps: Fraction, start: tuple[int, int, int, int], frames: int) -> FloatArray:
        encoder = ltc.ltc_encoder_create(rate, float(fps), _STANDARD[fps], 0)
        ltc.ltc_encoder_set_timecode(encoder, ctypes.byref(_Moment(b"+0000", 20, 1, 1, *start)))
        buffer = ctypes.create_string_buffer(ltc.ltc_encoder_get_buffersize(encoder))
        parts = []
        for _ in range(frames):
            ltc.ltc_encoder_encode_frame(encoder)
            size = ltc.ltc_encoder_get_buffer(encoder, buffer)
            parts.append(np.frombuffer(buffer.raw[:size], np.uint8).astype(np.float32) / 128 - 1)
            ltc.ltc_encoder_inc_timecode(encoder)
        ltc.ltc_encoder_free(encoder)
        return np.concatenate(parts)

    return make


@pytest.mark.parametrize("sample_rate", [16_000, 44_100, 48_000, 96_000])
@pytest.mark.parametrize("fps", RATES, ids=str)
def test_every_frame_after_the_first_is_read_at_its_sample(
    generate: Generate, sample_rate: int, fps: Fraction
) -> None:
    sound = generate(sample_rate, fps, (1, 0, 59, 20), 60)
    found = LtcDecoder(sample_rate).push(sound)
    mark = ";" if fps == NTSC else ":"
    first = parse_label(f"01:00:59{mark}20", fps)
    # the decoder spends the first frame learning the speed; the last one ends with its last edge
    expected = [label(first + k, fps) for k in range(1, 59)]
    assert [frame.label for frame in found] == expected
    length = sample_rate / float(fps)
    starts = np.asarray([frame.start_sample for frame in found])
    # libltc rounds each of a frame's 160 half bits to whole samples: a frame is off by 2 at most
    np.testing.assert_allclose(np.diff(starts), length, atol=2)


def test_polarity_level_and_offset_do_not_matter(generate: Generate) -> None:
    sound = generate(48_000, Fraction(25), (10, 0, 0, 0), 20)
    labels = [frame.label for frame in LtcDecoder(48_000).push(sound)]
    for changed in (-sound, 0.02 * sound, sound + 0.4, -0.5 * sound - 0.1):
        found = LtcDecoder(48_000).push(changed.astype(np.float32))
        assert [frame.label for frame in found] == labels


def test_chunks_of_any_size_give_the_same_frames(generate: Generate) -> None:
    sound = generate(48_000, Fraction(30), (0, 0, 0, 0), 20)
    whole = LtcDecoder(48_000).push(sound)
    decoder, parts, at = LtcDecoder(48_000), [], 0
    for size in np.random.default_rng(0).integers(1, 3000, 200):
        parts += decoder.push(sound[at : at + size])
        at += size
    assert parts == whole[: len(parts)]
    assert len(parts) >= len(whole) - 1


@pytest.mark.parametrize("seed", range(3))
def test_a_tape_that_wows_and_hisses_is_read(generate: Generate, seed: int) -> None:
    """Speed +-8 % at 3 Hz (a worn deck), noise 26 dB down, a treble loss."""
    rng = np.random.default_rng(seed)
    sound = generate(48_000, Fraction(25), (10, 0, 0, 0), 100)
    ticks = np.arange(int(len(sound) * 0.9))
    played = np.cumsum(1 + 0.08 * np.sin(2 * np.pi * 3 * ticks / 48_000))
    worn = np.interp(played, np.arange(len(sound)), sound)
    worn = np.convolve(worn, np.ones(5) / 5, "same") + rng.normal(0, 0.025, len(worn))
    found = [frame.label for frame in LtcDecoder(48_000).push(worn.astype(np.float32))]
    assert len(found) > 80
    numbers = [parse_label(words, Fraction(25)) for words in found]
    assert np.all(np.diff(numbers) == 1)


def test_speech_noise_and_silence_are_not_timecode() -> None:
    rng = np.random.default_rng(0)
    noise = rng.normal(0, 0.3, 48_000 * 3).astype(np.float32)
    assert LtcDecoder(48_000).push(noise) == []
    assert LtcDecoder(48_000).push(np.zeros(48_000, np.float32)) == []


def chunks(sound: FloatArray, rate: int, time: float, jitter: float = 0.0) -> list[AudioChunk]:
    rng = np.random.default_rng(0)
    return [
        AudioChunk(sound[at : at + 480], at, rate, time + at / rate + rng.uniform(0, jitter))
        for at in range(0, len(sound), 480)
    ]


class Fixed:
    """A fallback that always says noon, drop-frame."""

    drop_frame = True

    def seconds_at(self, steady_time: float) -> float:
        return 43_200.0


@pytest.mark.parametrize("fps", RATES, ids=str)
def test_the_source_follows_the_tape_and_knows_its_rate(generate: Generate, fps: Fraction) -> None:
    source = LtcTimecode(Fixed())
    assert source.seconds_at(5.0) == 43_200
    assert source.drop_frame
    assert source.fps is None
    sound = generate(48_000, fps, (2, 0, 0, 0), 90)
    for chunk in chunks(sound, 48_000, 500.0, jitter=0.004):
        source.audio(chunk)
    assert source.fps == fps
    assert source.drop_frame == (fps == NTSC)
    expected = parse_label(f"02:00:00{';' if fps == NTSC else ':'}00", fps) / float(fps)
    # capture times jitter by 4 ms; the follower halves that, and libltc rounds to samples
    assert source.seconds_at(510.0) == pytest.approx(expected + 10, abs=0.006)


def test_a_jump_of_the_tape_is_followed_at_once(generate: Generate) -> None:
    source = LtcTimecode(Fixed())
    sound = np.concatenate(
        [
            generate(48_000, Fraction(25), (2, 0, 0, 0), 30),
            generate(48_000, Fraction(25), (9, 0, 0, 0), 30),
        ]
    )
    for chunk in chunks(sound, 48_000, 0.0):
        source.audio(chunk)
    assert source.seconds_at(30 / 25) == pytest.approx(9 * 3600, abs=0.001)


def test_lost_sound_starts_a_new_search_and_the_time_runs_on(generate: Generate) -> None:
    source = LtcTimecode(Fixed())
    pieces = chunks(generate(48_000, Fraction(25), (2, 0, 0, 0), 60), 48_000, 0.0)
    for chunk in pieces[:100] + pieces[130:]:
        source.audio(chunk)
    assert source.seconds_at(2.0) == pytest.approx(7202, abs=0.001)

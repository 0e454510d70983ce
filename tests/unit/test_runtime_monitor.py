import numpy as np
import pytest

from medtalk_live.audio.source import AudioChunk
from medtalk_live.errors import DeviceError
from medtalk_live.runtime.monitor import DelayLine, Monitor

RATE = 16_000
BLOCK = 160


def chunks(sound, start=10.0, skip=()):
    """The sound in 10 ms chunks with exact capture times; some of them lost."""
    for number, at in enumerate(range(0, len(sound) - BLOCK + 1, BLOCK)):
        if number not in skip:
            yield AudioChunk(sound[at : at + BLOCK], at, RATE, start + at / RATE)


def played(line, sound, heard_from, blocks, skip=()):
    """Capture and play in lockstep: each 10 ms one chunk in, one buffer out."""
    source = list(chunks(sound, skip=skip))
    out = []
    for number in range(blocks):
        now = 10.0 + (number + 1) * 0.01
        while source and source[0].capture_time + 0.01 <= now + 1e-9:
            line.audio(source.pop(0))
        out.append(line.fill(BLOCK, heard_from + number * 0.01))
    return np.concatenate(out)


def test_the_voice_is_heard_exactly_the_faces_delay_later():
    sound = np.random.default_rng(0).uniform(-0.5, 0.5, RATE).astype(np.float32)
    line = DelayLine(RATE, lambda: 0.0725)
    out = played(line, sound, 10.01, 90)
    # a buffer heard at 10.01 s holds the sound of 9.9375 s: 62.5 ms of silence, then the voice
    offset = round(0.0625 * RATE)
    np.testing.assert_array_equal(out[:offset], 0.0)
    np.testing.assert_array_equal(out[offset:], sound[: len(out) - offset])


def test_a_delay_that_changes_is_followed_without_a_click():
    t = np.arange(2 * RATE) / RATE
    sound = np.sin(2 * np.pi * 220 * t).astype(np.float32)
    delay = [0.08]
    line = DelayLine(RATE, lambda: delay[0])
    first = played(line, sound, 10.01, 60)
    delay[0] = 0.05
    source = list(chunks(sound))[60:]
    rest = []
    for number in range(60, 120):
        line.audio(source.pop(0))
        rest.append(line.fill(BLOCK, 10.01 + number * 0.01))
    out = np.concatenate([first, *rest])
    # a 220 Hz sine moves at most 0.086 a sample; a cross-fade adds a little
    assert np.abs(np.diff(out[2000:])).max() < 0.15
    tail = sound[: 120 * BLOCK - round(0.04 * RATE)][-1000:]
    np.testing.assert_allclose(out[-1000:], tail, atol=1e-6)


def test_lost_sound_is_silence_and_what_follows_stays_in_time():
    sound = np.full(RATE, 0.5, np.float32)
    line = DelayLine(RATE, lambda: 0.05)
    out = played(line, sound, 10.01, 90, skip=range(30, 40))
    offset = round(0.04 * RATE)
    expected = np.concatenate([np.zeros(offset, np.float32), sound])[: len(out)]
    expected[offset + 30 * BLOCK : offset + 40 * BLOCK] = 0.0
    np.testing.assert_array_equal(out, expected)


def test_nothing_heard_yet_is_silence():
    assert not DelayLine(RATE, lambda: 0.1).fill(480, 5.0).any()


class Device:
    """A scripted output: plays when told, can be unplugged."""

    def __init__(self, rate=0):
        self.fill, self.starts, self.plugged, self.playing = None, 0, True, False
        self.rate = rate

    def start(self, fill, sample_rate):
        if not self.plugged:
            raise DeviceError("the device is gone")
        self.fill, self.playing = fill, True
        self.starts += 1
        return self.rate or sample_rate

    def alive(self):
        return self.playing and self.plugged

    def stop(self):
        self.playing = False


def test_the_monitor_adds_its_offset_to_the_faces_delay():
    device = Device()
    monitor = Monitor(device, lambda: 0.070, offset_ms=15.0)
    monitor.open(RATE)
    assert monitor.delay_ms == pytest.approx(85.0)
    sound = np.linspace(0, 1, RATE, dtype=np.float32)
    for chunk in chunks(sound):
        monitor.audio(chunk)
    np.testing.assert_array_equal(device.fill(BLOCK, 10.5 + 0.085), sound[8000 : 8000 + BLOCK])
    monitor.close()
    assert not device.playing


def test_an_unplugged_output_is_started_again_when_it_is_back():
    device = Device()
    monitor = Monitor(device, lambda: 0.07)
    monitor.open(RATE)
    device.plugged = False
    monitor.keep_alive()
    monitor.keep_alive()
    assert device.starts == 1
    device.plugged = True
    monitor.keep_alive()
    assert device.starts == 2
    monitor.keep_alive()
    assert device.starts == 2


def test_an_output_that_plays_at_its_own_rate_alone_hears_the_voice_in_time():
    device = Device(rate=48_000)
    monitor = Monitor(device, lambda: 0.070)
    monitor.open(RATE)
    t = np.arange(RATE) / RATE
    sound = (np.sin(2 * np.pi * 220 * t) * t).astype(np.float32)  # louder and louder: one place
    for chunk in chunks(sound):
        monitor.audio(chunk)
    heard = device.fill(480, 10.5 + 0.070)
    fine = 0.5 + np.arange(480) / 48_000
    # the resampler's ripple is below a thousandth of full scale
    np.testing.assert_allclose(heard, np.sin(2 * np.pi * 220 * fine) * fine, atol=2e-3)


def test_a_negative_offset_never_asks_for_sound_of_the_future():
    assert Monitor(Device(), lambda: 0.02, offset_ms=-500.0).delay_ms == 0.0

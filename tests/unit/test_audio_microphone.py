from __future__ import annotations

import numpy as np
import pytest
from fake_sounddevice import FakeDevice, FakeSoundDevice

from medtalk_live.audio.microphone import QUEUE_BLOCKS, MicrophoneSource
from medtalk_live.audio.source import AudioChunk
from medtalk_live.clock import VirtualClock
from medtalk_live.errors import DeviceError


class Bench:
    """A microphone on a fake machine, fed block by block on a virtual clock."""

    def __init__(self, *devices: FakeDevice, device: str | None = None) -> None:
        self.clock = VirtualClock(10.0)
        self.machine = FakeSoundDevice(self.clock, list(devices) or [FakeDevice("Mic")])
        self.source = MicrophoneSource(device, clock=self.clock, sounddevice=self.machine)

    def open(self) -> MicrophoneSource:
        self.source.open()
        return self.source

    def hear(self, blocks: int = 1, **how: float | bool) -> list[AudioChunk]:
        """So many blocks arrive, ten milliseconds apart; each is read at once."""
        chunks = []
        for _ in range(blocks):
            self.clock.advance(0.01)
            stream = self.machine.streams[-1]
            size = stream.options["blocksize"]
            self.machine.feed(np.full((size, stream.options["channels"]), 0.5, np.float32), **how)
            if (chunk := self.source.read(0.0)) is not None:
                chunks.append(chunk)
        return chunks


def test_blocks_follow_each_other_and_carry_the_time_they_were_heard() -> None:
    bench = Bench()
    bench.open()
    chunks = bench.hear(20)
    assert [c.start_sample for c in chunks] == list(range(0, 3200, 160))
    assert [c.capture_time for c in chunks] == pytest.approx([10.0 + i / 100 for i in range(20)])
    assert chunks[0].samples.dtype == np.float32
    assert bench.source.sample_rate == 16_000


def test_an_interface_without_times_is_taken_as_one_block_late() -> None:
    bench = Bench()
    bench.open()
    assert bench.hear(1, late=0.0)[0].capture_time == pytest.approx(10.0)


def test_a_device_that_refuses_16_khz_is_heard_at_its_own_rate() -> None:
    bench = Bench(FakeDevice("Mic", rate=44_100, rates=(44_100,)))
    assert bench.open().sample_rate == 44_100
    assert len(bench.hear(1)[0].samples) == 441


def test_a_device_that_refuses_mono_is_averaged() -> None:
    bench = Bench(FakeDevice("Interface", inputs=2, channel_counts=(2,)))
    bench.open()
    bench.clock.advance(0.01)
    bench.machine.feed(np.tile(np.array([[0.2, 0.6]], np.float32), (160, 1)))
    chunk = bench.source.read(0.0)
    assert chunk is not None
    assert np.allclose(chunk.samples, 0.4)


def test_a_busy_device_is_one_sentence_with_a_remedy() -> None:
    bench = Bench(FakeDevice("Mic", busy=True))
    with pytest.raises(DeviceError, match=r"'Mic' cannot be opened .*busy.*: close the program"):
        bench.open()


def test_sound_lost_in_the_driver_is_counted_and_leaves_a_gap_of_its_length() -> None:
    bench = Bench()
    bench.open()
    bench.hear(10)
    bench.clock.advance(0.03)
    chunk = bench.hear(1, overflow=True)[0]
    assert chunk.start_sample == 1600 + 480
    assert bench.source.health.overflows == 1


def test_a_full_queue_drops_the_oldest_and_the_gap_shows() -> None:
    bench = Bench()
    source = bench.open()
    for _ in range(QUEUE_BLOCKS + 7):
        bench.clock.advance(0.01)
        bench.machine.feed(np.zeros((160, 1), np.float32))
    chunks = [c for c in (source.read(0.0) for _ in range(QUEUE_BLOCKS)) if c is not None]
    assert len(chunks) == QUEUE_BLOCKS
    assert source.health.overflows == 7
    assert chunks[0].capture_time == pytest.approx(10.07)
    assert np.diff([c.start_sample for c in chunks]).tolist() == [160] * (QUEUE_BLOCKS - 1)


def test_a_drifting_crystal_is_no_gap() -> None:
    bench = Bench()
    bench.open()
    chunks = []
    for _ in range(3000):
        bench.clock.advance(2e-6)  # 200 ppm slower than the clock
        chunks += bench.hear(1)
    assert np.diff([c.start_sample for c in chunks]).tolist() == [160] * 2999


def unplugged(bench: Bench, name: str) -> None:
    bench.machine.unplug(name)
    while bench.source.health.connected:
        assert bench.source.read(0.1) is None
        bench.clock.advance(0.1)


def test_an_unplugged_microphone_comes_back_and_the_gap_is_as_long_as_it_was_away() -> None:
    bench = Bench()
    source = bench.open()
    bench.hear(100)
    unplugged(bench, "Mic")
    while bench.clock.now() < 15.0:
        assert source.read(0.1) is None
    bench.machine.plug("Mic")
    while not source.health.connected:
        assert source.read(0.1) is None
    assert bench.clock.now() < 15.0 + 2.2  # the longest pause between two tries, and a read
    chunk = bench.hear(1)[0]
    lost = chunk.capture_time - 10.0
    assert chunk.start_sample == pytest.approx(16_000 * lost, abs=32)
    assert source.health.reconnects == 1


def test_a_device_that_goes_silent_without_a_word_is_opened_again() -> None:
    bench = Bench()
    source = bench.open()
    bench.hear(10)
    bench.clock.advance(0.6)  # the stream still says that it is active
    assert source.read(0.0) is None
    assert not source.health.connected
    for _ in range(5):
        source.read(0.1)
    assert source.health.connected
    assert bench.hear(1)[0].start_sample > 1600 + 9600


def test_a_replugged_device_is_found_by_its_name_though_its_number_changed() -> None:
    bench = Bench(FakeDevice("Webcam"), FakeDevice("Studio"), device="1")
    source = bench.open()
    bench.hear(5)
    unplugged(bench, "Studio")
    bench.machine.devices.reverse()
    bench.machine.plug("Studio")
    for _ in range(40):
        source.read(0.1)
    assert source.health.connected
    assert bench.machine.streams[-1].device.name == "Studio"


def test_a_device_that_comes_back_at_another_rate_keeps_the_streams_rate() -> None:
    bench = Bench()
    source = bench.open()
    bench.hear(5)
    unplugged(bench, "Mic")
    bench.machine.devices[0].rates = (48_000,)
    bench.machine.plug("Mic")
    for _ in range(40):
        source.read(0.1)
    chunks = bench.hear(50)
    assert {c.sample_rate for c in chunks} == {16_000}
    assert sum(len(c.samples) for c in chunks) == pytest.approx(8_000, abs=60)


def test_closing_twice_is_harmless() -> None:
    bench = Bench()
    source = bench.open()
    source.close()
    source.close()
    assert source.ended
    assert bench.machine.streams[0].closed

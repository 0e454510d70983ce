from __future__ import annotations

import os
import socket
import time

import numpy as np
import pytest

from medtalk_live.audio.byte_feed import StandardInput, TcpListener
from medtalk_live.audio.source import AudioChunk
from medtalk_live.audio.stream import PATIENCE_SECONDS, RawStream, open_stream
from medtalk_live.clock import VirtualClock
from medtalk_live.errors import AudioError

RATE = 16_000


class HandFeed:
    """A ``ByteFeed`` that the test fills by hand."""

    name = "hand"

    def __init__(self) -> None:
        self.data = b""
        self.connected = True
        self.over = False

    @property
    def finished(self) -> bool:
        return self.over and not self.waiting

    @property
    def waiting(self) -> int:
        return len(self.data) & ~1

    def open(self) -> None:
        pass

    def take(self, size: int) -> bytes:
        size = min(size, self.waiting)
        out, self.data = self.data[:size], self.data[size:]
        return out

    def close(self) -> None:
        pass


def tone(samples: int) -> np.ndarray:
    return (8000 * np.sin(np.arange(samples) / 7)).astype("<i2")


def stream() -> tuple[RawStream, HandFeed, VirtualClock]:
    feed, clock = HandFeed(), VirtualClock(5.0)
    source = RawStream(feed, RATE, clock=clock)
    source.open()
    return source, feed, clock


def read_all(source: RawStream, seconds: float, clock: VirtualClock) -> list[AudioChunk]:
    chunks, end = [], clock.now() + seconds - 1e-6
    while clock.now() < end and not source.ended:
        if (chunk := source.read(0.1)) is not None:
            chunks.append(chunk)
    return chunks


def joined(chunks: list[AudioChunk]) -> np.ndarray:
    return np.concatenate([chunk.samples for chunk in chunks])


def assert_on_time(chunks: list[AudioChunk]) -> None:
    """Positions follow each other, and the clock tells the same as the positions."""
    assert np.diff([c.start_sample for c in chunks]).tolist() == [160] * (len(chunks) - 1)
    offsets = [c.capture_time - c.start_sample / RATE for c in chunks]
    assert max(offsets) - min(offsets) < PATIENCE_SECONDS + 0.01


def test_a_sentence_handed_over_at_once_is_heard_at_the_speed_of_sound() -> None:
    source, feed, clock = stream()
    feed.data = tone(RATE).tobytes()
    chunks = read_all(source, 1.5, clock)
    assert_on_time(chunks)
    sound = joined(chunks)
    assert np.array_equal(sound[:RATE], tone(RATE).astype(np.float32) / 32768)
    assert not sound[RATE:].any()
    assert len(chunks) == pytest.approx(150, abs=1)


class TardyClock(VirtualClock):
    """A machine that wakes its threads three milliseconds late."""

    def wait_until(self, deadline: float, cancel: object = None) -> bool:
        late = deadline > self.now()
        woken = super().wait_until(deadline)
        if late:
            self.advance(0.003)
        return woken


def test_a_thread_that_wakes_late_does_not_slow_the_sound_down() -> None:
    feed, clock = HandFeed(), TardyClock(5.0)
    source = RawStream(feed, RATE, clock=clock)
    source.open()
    feed.data = tone(3 * RATE).tobytes()
    chunks = read_all(source, 2.0, clock)
    assert len(chunks) == pytest.approx(200, abs=2)
    assert chunks[-1].capture_time == pytest.approx(5 + chunks[-1].start_sample / RATE, abs=0.002)


def test_a_late_packet_is_made_up_for_within_seconds() -> None:
    source, feed, clock = stream()
    feed.data = tone(1600).tobytes()
    sent = 0.1
    chunks = []
    while clock.now() < 9.0:
        late = 0.04 if 5.5 < clock.now() < 5.6 else 0.0
        due = 0.1 + clock.now() - 5.0 - late
        if due > sent:
            feed.data += tone(round((due - sent) * RATE)).tobytes()
            sent = due
        if (chunk := source.read(0.005)) is not None:
            chunks.append(chunk)
    offsets = [c.capture_time - c.start_sample / RATE for c in chunks]
    assert offsets[-1] - min(offsets) < 0.02


def test_silence_is_heard_while_nothing_is_sent() -> None:
    source, feed, clock = stream()
    chunks = read_all(source, 2.0, clock)
    assert_on_time(chunks)
    assert len(chunks) == pytest.approx(200, abs=1)
    assert not joined(chunks).any()
    feed.data = tone(1600).tobytes()
    assert joined(read_all(source, 0.1, clock)).any()
    assert source.health.underflows == 0


def test_a_sender_that_is_late_within_a_word_is_waited_for() -> None:
    source, feed, _clock = stream()
    feed.data = tone(320).tobytes()
    assert source.read(0.1) is not None
    assert source.read(0.1) is not None
    assert source.read(0.03) is None
    feed.data = tone(160).tobytes()
    chunk = source.read(0.03)
    assert chunk is not None
    assert chunk.samples.any()
    assert chunk.start_sample == 320


def test_silence_makes_up_the_time_of_a_hole_in_a_word_and_the_hole_is_counted() -> None:
    source, feed, clock = stream()
    feed.data = tone(320).tobytes()
    chunks = read_all(source, 0.2, clock)
    feed.data = tone(320).tobytes()
    chunks += read_all(source, 0.8, clock)
    assert_on_time(chunks)
    assert source.health.underflows == 1
    assert len(chunks) == pytest.approx(100, abs=2)


def test_the_pause_between_two_sentences_is_no_fault() -> None:
    source, feed, clock = stream()
    for _ in range(3):
        feed.data = tone(1600).tobytes()
        read_all(source, 1.0, clock)
    assert source.health.underflows == 0


def test_the_rest_of_a_finished_stream_is_heard_and_then_it_ends() -> None:
    source, feed, clock = stream()
    feed.data, feed.connected, feed.over = tone(200).tobytes(), False, True
    chunks = read_all(source, 1.0, clock)
    assert source.ended
    assert len(chunks) == 2
    assert np.count_nonzero(joined(chunks)) >= 199  # the tone's first sample is zero
    assert source.read(0.1) is None


def test_a_pipe_is_read_to_its_end() -> None:
    reader, writer = os.pipe()
    source = RawStream(StandardInput(reader), RATE)
    source.open()
    os.write(writer, tone(800).tobytes() + b"\x01")  # the last byte is half a sample
    os.close(writer)
    chunks = []
    deadline = time.monotonic() + 5
    while not source.ended and time.monotonic() < deadline:
        if (chunk := source.read(0.1)) is not None:
            chunks.append(chunk)
    assert source.ended
    spoken = joined(chunks)
    start = int(np.flatnonzero(spoken)[0]) - 1  # silence until the reader has begun
    assert np.array_equal(spoken[start : start + 800], tone(800).astype(np.float32) / 32768)
    os.close(reader)


def heard_from(source: RawStream, seconds: float = 3.0, enough: int = 1600) -> np.ndarray:
    """What was sent, without the silence around it."""
    chunks, deadline = [], time.monotonic() + seconds
    while time.monotonic() < deadline:
        if (chunk := source.read(0.1)) is not None and chunk.samples.any():
            chunks.append(chunk)
        if len(chunks) * 160 >= enough:
            break
    return joined(chunks)


def test_senders_on_tcp_follow_one_another_though_one_broke_off_in_mid_sample() -> None:
    source = open_stream("tcp:0", RATE)
    source.open()
    port = int(source.name.removeprefix("tcp:"))
    try:
        for _ in range(2):
            with socket.create_connection(("127.0.0.1", port), timeout=5) as sender:
                sender.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                data = tone(1600).tobytes() + b"\x7f"
                for at in range(0, len(data), 101):  # samples are split across packets
                    sender.sendall(data[at : at + 101])
            sound = heard_from(source)
            assert np.array_equal(sound, tone(1600).astype(np.float32) / 32768)
    finally:
        source.close()
    assert source.ended


def test_a_taken_port_is_one_sentence_with_a_remedy() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(AudioError, match=rf"127.0.0.1:{port}.*choose another port"):
            TcpListener("127.0.0.1", port).open()


@pytest.mark.parametrize("word", ["tcp:", "tcp:x", "tcp:70000", "udp:1", "file.wav", ""])
def test_a_word_that_names_no_stream_is_refused(word: str) -> None:
    with pytest.raises(AudioError, match="tcp:PORT"):
        open_stream(word, RATE)


def test_loopback_is_the_default_and_another_host_can_be_named() -> None:
    for word, host in (("tcp:0", "127.0.0.1"), ("tcp:0.0.0.0:0", "0.0.0.0")):
        listener = open_stream(word, RATE)._feed
        assert isinstance(listener, TcpListener)
        assert listener._host == host

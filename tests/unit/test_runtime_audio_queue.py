import threading

import numpy as np

from medtalk_live.audio.source import AudioChunk
from medtalk_live.runtime.audio_queue import AudioQueue


def chunk(start: int, count: int = 160) -> AudioChunk:
    return AudioChunk(np.zeros(count, np.float32), start, 16_000, start / 16_000)


def first(queue: AudioQueue) -> AudioChunk:
    got = queue.get(0)
    assert got is not None
    return got[0]


def test_chunks_come_out_in_order():
    queue = AudioQueue()
    for k in range(5):
        queue.put(chunk(k * 160))
    assert [first(queue).start_sample for _ in range(5)] == [0, 160, 320, 480, 640]
    assert queue.get(0) is None


def test_the_oldest_sound_goes_first_when_the_engine_is_slow():
    queue = AudioQueue(capacity_seconds=0.05)
    for k in range(20):
        queue.put(chunk(k * 160))
    chunk_kept, dropped_before = queue.get(0)
    assert chunk_kept.start_sample == 15 * 160
    assert round(dropped_before, 6) == round(queue.dropped_seconds, 6) == 0.15


def test_a_chunk_longer_than_the_capacity_is_kept_while_it_is_the_newest():
    queue = AudioQueue(capacity_seconds=0.05)
    queue.put(chunk(0, 16_000))
    assert len(first(queue).samples) == 16_000
    queue.put(chunk(16_000))
    assert first(queue).start_sample == 16_000
    assert queue.dropped_seconds == 0.0


def test_closing_wakes_a_waiting_reader_and_keeps_what_is_inside():
    queue = AudioQueue()
    got = []
    reader = threading.Thread(target=lambda: got.append(queue.get(5.0)))
    reader.start()
    queue.close()
    reader.join(2.0)
    assert got == [None]
    queue.put(chunk(0))
    assert queue.get(0) is not None

import numpy as np
import pytest
from command_line import until

from medtalk_live.audio.scripted import Event, ScriptedSource
from medtalk_live.clock import SystemClock
from medtalk_live.errors import DeviceError
from medtalk_live.runtime.timecode_feed import TimecodeFeed


class Ear:
    """Takes the place of the LTC decoder: notes what it hears."""

    def __init__(self):
        self.positions = []

    def audio(self, chunk):
        self.positions.append(chunk.start_sample)
        if len(self.positions) == 3:
            raise RuntimeError("a bit too many")


def source(**options):
    return ScriptedSource(np.zeros(16_000 * 5, np.float32), clock=SystemClock(), **options)


def test_every_chunk_of_the_device_is_heard_and_an_error_does_not_end_it():
    ear = Ear()
    feed = TimecodeFeed(source(events=[Event("drop", 0.05, 0.02)]), ear)
    feed.open()
    until(lambda: len(ear.positions) > 10)
    feed.close()
    feed.close()
    assert ear.positions[:5] == [0, 160, 320, 480, 640]
    assert 800 not in ear.positions


def test_a_device_that_is_not_there_is_said_at_the_start():
    with pytest.raises(DeviceError, match="plug it in"):
        TimecodeFeed(source(fails_to_open=1), Ear()).open()

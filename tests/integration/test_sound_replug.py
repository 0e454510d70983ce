"""A microphone that is unplugged and plugged in again, beside a monitor and an LTC input.

PortAudio sees a new plug only after it was ended and started anew, which ends
the streams of the other two as well; the fake fails as the real one does.
"""

import threading
import time

import numpy as np
import pytest
from command_line import until
from fake_sounddevice import FakeDevice, FakeSoundDevice

from medtalk_live.audio.microphone import MicrophoneSource
from medtalk_live.clock import SystemClock
from medtalk_live.runtime.monitor import Monitor, SoundDeviceOutput
from medtalk_live.runtime.timecode_feed import TimecodeFeed


class Ear:
    """Takes the place of the LTC decoder: notes when it heard something."""

    def __init__(self):
        self.heard = []

    def audio(self, chunk):
        self.heard.append(chunk.capture_time)


class Machine:
    """Three devices on the real clock, fed every 10 ms by a thread of their own."""

    def __init__(self):
        self.clock = SystemClock()
        self.fake = FakeSoundDevice(
            self.clock,
            [
                FakeDevice("Headset"),
                FakeDevice("Tape"),
                FakeDevice("Cable", inputs=0, outputs=2, rates=(48_000,)),
            ],
            default_output=2,
        )
        self.played = []
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self):
        self._thread.start()

    def stop(self):
        self._stop.set()
        self._thread.join(2.0)

    def _run(self):
        due = self.clock.now()
        while not self._stop.wait(max(0.0, due - self.clock.now())):
            due += 0.01
            for name in ("Headset", "Tape"):
                self.fake.feed(np.full((160, 1), 0.25, np.float32), name=name)
            if (out := self.fake.fetch("Cable", 480)) is not None:
                self.played.append((self.clock.now(), float(np.abs(out).max())))


@pytest.fixture
def machine():
    made = Machine()
    yield made
    made.stop()


def test_a_replugged_microphone_brings_the_monitor_and_the_timecode_back_with_it(machine):
    fake, clock, ear = machine.fake, machine.clock, Ear()
    microphone = MicrophoneSource("Headset", clock=clock, sounddevice=fake)
    tape = MicrophoneSource("Tape", clock=clock, sounddevice=fake, rescans=False)
    late = 0.2  # room for a machine that is busy testing
    monitor = Monitor(SoundDeviceOutput("Cable", clock, fake), lambda: late)
    feed = TimecodeFeed(tape, ear)
    microphone.open()
    monitor.open(microphone.sample_rate)
    feed.open()
    machine.start()

    def listen(happened):
        """The run's own work: capture, and once in a while a look at the monitor."""

        def step():
            while (chunk := microphone.read(0.002)) is not None:
                monitor.audio(chunk)
            monitor.keep_alive()
            return happened()

        until(step, 20.0)

    listen(lambda: machine.played and machine.played[-1][1] == pytest.approx(0.25, abs=0.01))
    fake.unplug("Headset")
    listen(lambda: fake.scans >= 2)  # looked for in vain: the others were ended with it
    gone = clock.now()
    listen(lambda: ear.heard and ear.heard[-1] > gone)
    assert tape.health.connected
    fake.plug("Headset")
    listen(lambda: microphone.health.connected)
    back = clock.now()
    listen(lambda: ear.heard[-1] > back + 0.1)
    listen(lambda: machine.played[-1][0] > back + 0.2 and machine.played[-1][1] > 0.2)
    assert microphone.health.reconnects == 1
    feed.close()
    monitor.close()
    microphone.close()


def test_a_lost_timecode_input_never_costs_the_voice(machine):
    fake, clock = machine.fake, machine.clock
    microphone = MicrophoneSource("Headset", clock=clock, sounddevice=fake)
    feed = TimecodeFeed(
        MicrophoneSource("Tape", clock=clock, sounddevice=fake, rescans=False), Ear()
    )
    microphone.open()
    feed.open()
    machine.start()
    fake.unplug("Tape")
    end = time.monotonic() + 2.5  # three tries of the lost input
    while time.monotonic() < end:
        microphone.read(0.05)
    assert fake.scans == 0
    assert microphone.health.connected
    feed.close()
    microphone.close()

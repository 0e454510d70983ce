"""The shipped model on real speech: chunks of any size give the frames of ``animate``."""

import numpy as np
import pytest
import soundfile
from command_line import needs_starter, recording
from live_fakes import ListSink, stream_info

from medtalk_live.audio.scripted import ScriptedSource
from medtalk_live.audio.source import AudioChunk
from medtalk_live.clock import VirtualClock, frame_count
from medtalk_live.engine.animator import Animator, animate
from medtalk_live.guidance.request import Guidance
from medtalk_live.model.checkpoint import load_model
from medtalk_live.rig.frames import Curves
from medtalk_live.runtime.session import Session
from medtalk_live.runtime.simulation import simulate

pytestmark = needs_starter

HAPPY = Guidance.label("happy")
SAME = 1e-5


@pytest.fixture(scope="module")
def model():
    return load_model("starter", look_ahead_ms=40)


@pytest.mark.parametrize(
    ("rate", "channels", "longest"),
    [(8_000, 2, 8_000), (16_000, 1, 16_000), (22_050, 1, 300), (44_100, 2, 44_100), (48_000, 1, 9)],
)
def test_random_chunks_of_real_speech_give_the_frames_of_the_file(
    tmp_path, model, rate, channels, longest
):
    seconds = 0.4 if longest < 100 else 3.0
    path = recording(tmp_path / "in.wav", seconds, rate, channels)
    sound = soundfile.read(path, dtype="float32", always_2d=True)[0]
    whole = animate(sound, rate, model=model, guidance=HAPPY)
    rng = np.random.default_rng(rate)
    animator, frames, at = Animator(model, HAPPY), [], 0
    while at < len(sound):
        part = sound[at : at + int(rng.integers(1, longest + 1))]
        frames += animator.push(AudioChunk(part.mean(axis=1), at, rate, 100.0 + at / rate))
        at += len(part)
    live = Curves.from_frames(frames + animator.flush())
    assert len(live) == len(whole) == frame_count(len(sound), rate)
    np.testing.assert_allclose(live.controls, whole.controls, atol=SAME)
    np.testing.assert_allclose(live.head, whole.head, atol=SAME)


class AnyChunks(ScriptedSource):
    """A device whose blocks are of any length up to 30 ms."""

    rng = np.random.default_rng(3)

    def read(self, timeout):
        self._count = int(self.rng.integers(1, round(0.03 * self.sample_rate)))
        return super().read(timeout)


def test_a_live_run_sends_the_frames_of_the_file(tmp_path, model):
    sound, _ = soundfile.read(recording(tmp_path / "in.wav", 3.0), dtype="float32")
    clock = VirtualClock(100.0)
    sink = ListSink(clock)
    source = AnyChunks(sound, clock=clock)
    session = Session(source, lambda: Animator(model, HAPPY), [sink], stream_info(), clock=clock)
    session.open()
    session.pacer.delay += 0.02  # blocks come later than the usual 10 ms
    simulate(session, clock)
    session.close()
    whole = animate(sound, 16_000, model=model, guidance=HAPPY)
    assert len(sink.frames) == len(whole)
    live = np.stack([frame.controls for frame in sink.frames])
    np.testing.assert_allclose(live, whole.controls, atol=SAME)

from __future__ import annotations

import numpy as np
import pytest

from medtalk_live.engine.cues import CueReader
from medtalk_live.model.streaming import NetworkFrame
from medtalk_live.rig.controls import COUNT, FloatArray

NAN = float("nan")
HOP = 267


def silent_network(voice: float = NAN, stress: float = NAN) -> NetworkFrame:
    return NetworkFrame(np.zeros(COUNT, np.float32), NAN, voice, stress, 1.0)


def voices(sound: FloatArray, reader: CueReader | None = None) -> FloatArray:
    reader = reader or CueReader()
    hops = len(sound) // HOP
    return np.array(
        [reader.read(silent_network(), h)[0] for h in np.split(sound[: hops * HOP], hops)]
    )


def noise(seconds: float, level: float, seed: int = 0) -> FloatArray:
    rng = np.random.default_rng(seed)
    return (level * rng.standard_normal(round(16_000 * seconds))).astype(np.float32)


def test_the_networks_own_word_is_taken_and_bounded() -> None:
    reader = CueReader()
    assert reader.read(silent_network(0.7, 0.2), noise(0.02, 0.5)) == (0.7, 0.2)
    assert reader.read(silent_network(1.2, -0.3), noise(0.02, 0.5)) == (1.0, 0.0)


@pytest.mark.parametrize("room", [0.0, 0.0003, 0.003])
def test_speech_is_heard_over_the_room_and_the_room_is_not(room: float) -> None:
    sound = np.concatenate([noise(1, room), noise(0.5, 0.1), noise(1, room)])
    voice = voices(sound + noise(2.5, room, 1))
    assert (voice[:58] < 0.3).all()
    assert (voice[62:88] > 0.9).all()
    assert (voice[95:] < 0.3).all()


def test_a_fan_that_starts_is_learnt_as_the_room() -> None:
    sound = np.concatenate([noise(1, 0.0005), noise(25, 0.005)])
    voice = voices(sound)
    assert voice[70] > 0.5
    assert (voice[-60:] < 0.3).all()


def test_a_network_that_hears_voices_in_an_empty_room_is_overruled_after_a_moment() -> None:
    reader, voice = CueReader(), []
    sound = np.concatenate([noise(1, 0.1), noise(1, 0.0005)])
    for i in range(118):
        hop = sound[i * HOP : (i + 1) * HOP]
        voice.append(reader.read(silent_network(voice=0.9), hop)[0])
    assert min(voice[:70]) == pytest.approx(0.9)
    assert max(voice[80:]) == 0.0


def test_what_is_heard_ahead_of_its_frame_is_held_until_its_frame() -> None:
    sound = np.concatenate([noise(1, 0.0005), noise(0.5, 0.1), noise(1, 0.0005)])
    at_once, ahead = voices(sound), voices(sound, CueReader(look_ahead_frames=5))
    started = [int(np.argmax(v > 0.5)) for v in (at_once, ahead)]
    ended = [int(np.flatnonzero(v > 0.5)[-1]) for v in (at_once, ahead)]
    assert started[0] == started[1]
    assert ended[1] == ended[0] + 5


def test_a_clip_that_starts_within_a_word_is_heard() -> None:
    assert (voices(noise(0.3, 0.1)) > 0.9).all()


def test_stress_is_what_stands_out_of_the_voice() -> None:
    reader = CueReader()
    stresses = []
    for i in range(300):
        level = 0.2 if i % 60 >= 50 else 0.05
        stresses.append(reader.read(silent_network(), noise(HOP / 16_000, level, i))[1])
    by_syllable = np.array(stresses[60:]).reshape(-1, 60)
    assert by_syllable[:, 52:58].mean() > 0.6
    assert by_syllable[:, :50].mean() < 0.1


def test_nobody_stresses_silence() -> None:
    reader = CueReader()
    assert all(reader.read(silent_network(), noise(0.017, 0.0))[1] == 0.0 for _ in range(20))

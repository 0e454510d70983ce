import numpy as np
import pytest

from medtalk_live.model.effort import EffortState, step


def voice(seconds, pitch_hz=120.0, level=0.1, rate_hz=4.0, bright=0.3):
    """A buzz in syllables: harmonics that fall off, brighter or duller."""
    t = np.arange(round(seconds * 16_000)) / 16_000
    rows = [
        bright ** (k * pitch_hz / 1500) * np.sin(2 * np.pi * k * pitch_hz * t) for k in range(1, 25)
    ]
    syllables = 0.5 - 0.5 * np.cos(2 * np.pi * rate_hz * t)
    return (level * (0.05 + syllables) * np.sum(rows, axis=0)).astype(np.float32)


def efforts(sound, spoken=1.0):
    state, out = EffortState(), []
    for k in range(len(sound) * 60 // 16_000):
        start, end = -(-k * 16_000 // 60), -(-(k + 1) * 16_000 // 60)
        value, state = step(sound[start:end], spoken, state)
        out.append(value)
    return np.array(out)


def later_effort(**changes):
    """Mean effort of four seconds that follow eight of the usual voice."""
    return float(efforts(np.concatenate([voice(8.0), voice(4.0, **changes)]))[-200:].mean())


@pytest.mark.parametrize(
    "changes", [{"level": 0.25}, {"pitch_hz": 170.0}, {"rate_hz": 6.5}, {"bright": 0.7}]
)
def test_louder_higher_faster_and_tenser_speech_each_raises_the_effort(changes):
    assert later_effort(**changes) > later_effort() + 0.1


def test_quiet_speech_lowers_it_and_a_low_voice_does_not():
    usual = later_effort()
    assert later_effort(level=0.04) < usual - 0.1
    assert later_effort(pitch_hz=95.0) > usual - 0.1


@pytest.mark.parametrize("changes", [{"level": 0.4}, {"pitch_hz": 220.0}, {"bright": 0.6}])
def test_a_gain_a_high_voice_or_a_bright_microphone_are_no_feeling(changes):
    np.testing.assert_allclose(
        efforts(voice(10.0, **changes))[-300:].mean(), efforts(voice(10.0))[-300:].mean(), atol=0.1
    )


def test_effort_stays_in_its_range_and_fades_in_silence():
    sound = np.concatenate([voice(5.0), voice(3.0, level=0.9, pitch_hz=300.0)])
    loud = efforts(sound)
    assert np.abs(loud).max() <= 1.0
    state = EffortState()
    for k in range(300):
        _, state = step(sound[-267 * (301 - k) : -267 * (300 - k)], 1.0, state)
    for _ in range(240):
        value, state = step(np.zeros(267, np.float32), 0.0, state)
    assert abs(value) < 0.02


def test_a_state_is_left_untouched():
    state = EffortState()
    first = step(voice(0.0167), 1.0, state)
    assert step(voice(0.0167), 1.0, state)[0] == first[0]
    assert not state.tail.any()

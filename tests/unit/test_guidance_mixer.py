from __future__ import annotations

import numpy as np
import pytest

from medtalk_live.errors import GuidanceError
from medtalk_live.guidance.mixer import FASTEST_BLEND_FRAMES, Mixer, checked_blend
from medtalk_live.model.streaming import EMBEDDING_WIDTH, GuidanceCode, zero_offsets


def code(value: float, intensity: float = 1.0) -> GuidanceCode:
    return GuidanceCode(
        np.full(EMBEDDING_WIDTH, value, np.float32), intensity, zero_offsets() + value
    )


def values(mixer: Mixer, frames: int) -> np.ndarray:
    return np.array([mixer.advance().embedding[0] for _ in range(frames)])


def test_a_fade_takes_its_frames_and_ends_at_the_target_itself() -> None:
    mixer, target = Mixer(code(0.0)), code(1.0)
    mixer.begin(target, 0.4)
    seen = values(mixer, 23)
    assert (np.diff(seen) > 0).all()
    assert seen[-1] < 1.0
    assert mixer.advance() is target
    assert mixer.advance() is target


def test_a_fade_is_smooth_at_both_ends_and_steepest_in_the_middle() -> None:
    mixer = Mixer(code(0.0))
    mixer.begin(code(1.0), 1.0)
    steps = np.diff(np.concatenate([[0.0], values(mixer, 60)]))
    assert steps[0] < 0.1 * steps[29]
    assert steps[-1] < 0.1 * steps[29]


def test_a_swap_within_a_swap_starts_from_what_is_seen() -> None:
    mixer = Mixer(code(0.0))
    mixer.begin(code(1.0), 0.4)
    before = values(mixer, 12)
    mixer.begin(code(-1.0), 0.4)
    after = values(mixer, 24)
    assert abs(after[0] - before[-1]) < 0.02
    assert after[-1] == -1.0


def test_no_fade_is_shorter_than_a_startle() -> None:
    mixer = Mixer(code(0.0))
    mixer.begin(code(1.0), 0.0)
    seen = values(mixer, FASTEST_BLEND_FRAMES)
    assert seen[-1] == 1.0
    assert np.diff(np.concatenate([[0.0], seen])).max() < 0.2


def test_intensity_and_movements_fade_along() -> None:
    mixer = Mixer(code(0.0, 2.0))
    mixer.begin(code(1.0, 0.0), 0.2)
    halfway = [mixer.advance() for _ in range(6)][-1]
    assert halfway.intensity == pytest.approx(1.0)
    assert halfway.offsets[0] == pytest.approx(0.5)


@pytest.mark.parametrize("seconds", [-0.1, 61.0, float("nan"), float("inf")])
def test_a_time_that_cannot_be_meant_is_refused(seconds: float) -> None:
    with pytest.raises(GuidanceError, match="0 to 60"):
        checked_blend(seconds)

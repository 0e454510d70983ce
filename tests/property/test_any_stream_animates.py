"""Whatever the sound, its cut, its rate and its holes: whole, finite, in range, on time."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from fakes import TinyModel, speechlike
from hypothesis import given, settings
from hypothesis import strategies as st

from medtalk_live.audio.source import AudioChunk
from medtalk_live.clock import frame_count, parse_frame_rate
from medtalk_live.engine.animator import Animator, animate
from medtalk_live.engine.rate import RateConverter
from medtalk_live.guidance.request import Guidance
from medtalk_live.rig.controls import MAXIMUM, MINIMUM
from medtalk_live.rig.frames import Curves

RATES = st.sampled_from([8_000, 11_025, 16_000, 22_050, 44_100, 48_000, 96_000])
FPS = st.sampled_from([24, 25, 30, 48, 50, 60, 120, "23.976", "29.97", "59.94", "119.88"])
FINISH = st.sampled_from(["full", "limits", "none"])

# sound through the whole engine takes a while on a busy machine
slow = settings(max_examples=8)


@slow
@given(RATES, FPS, FINISH, st.integers(0, 400), st.sampled_from([1, 2, 3]), st.randoms())
def test_any_cut_gives_the_same_frames_and_the_right_count(
    rate: int, fps: int | str, finish: str, ms: int, hop_frames: int, random: object
) -> None:
    sound = speechlike(1.0, rate)[: rate * ms // 1000]
    model = TinyModel(hop_frames=hop_frames, finish=finish)
    whole = animate(sound, rate, model=model, fps=fps)
    animator = Animator(model, sample_rate=rate, fps=fps)
    frames, at = [], 0
    while at < len(sound):
        size = random.randint(1, rate // 4)  # type: ignore[attr-defined]
        frames += animator.push(sound[at : at + size])
        at += size
    curves = Curves.from_frames(frames + animator.flush(), animator.fps)
    assert len(curves) == frame_count(len(sound), rate, parse_frame_rate(fps))
    assert np.array_equal(curves.controls, whole.controls)
    assert np.array_equal(curves.head, whole.head)


@slow
@given(
    st.lists(st.tuples(st.integers(0, 400), st.integers(-300, 60_000)), max_size=8),
    st.sampled_from([8_000, 16_000, 44_100]),
    FPS,
)
def test_any_holes_leave_frames_in_order_and_with_their_sound(
    steps: list[tuple[int, int]], rate: int, fps: int | str
) -> None:
    animator = Animator(TinyModel(finish="full"), Guidance.label("happy"), fps=fps)
    position, frames = 0, []
    for size, jump in steps:
        position = max(0, position + jump)
        sound = np.full(size, 0.1, np.float32)
        frames += animator.push(AudioChunk(sound, position, rate, 50.0 + position / rate))
        position += size
    indices = [frame.index for frame in frames]
    assert indices == sorted(set(indices))
    times = [frame.time for frame in frames]
    assert times == sorted(times)
    for frame in frames:
        assert np.isfinite(frame.controls).all()
        assert np.isfinite(frame.head).all()


@slow
@given(st.integers(0, 2**32), FPS)
def test_nothing_but_numbers_in_range_ever_leaves(seed: int, fps: int | str) -> None:
    rng = np.random.default_rng(seed)
    sound = speechlike(0.5, seed=seed % 100)
    worst = np.array([np.nan, np.inf, -np.inf, 1e38, -9.0], np.float32)
    sound[rng.integers(0, len(sound), 50)] = rng.choice(worst, 50)
    curves = animate(sound, 16_000, model=TinyModel(finish="full"), fps=fps, seed=seed)
    assert np.isfinite(curves.controls).all()
    assert (curves.controls >= MINIMUM).all()
    assert (curves.controls <= MAXIMUM).all()


@given(st.integers(5, 240).map(Fraction))
def test_an_output_frame_never_waits_longer_than_its_own_spacing_and_one(fps: Fraction) -> None:
    delay = RateConverter(fps).delay_frames
    assert 0 <= delay <= max(1, 60 / fps)

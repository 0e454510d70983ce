"""What the engine owes its callers, on a tiny network that checks what the engine owes it."""

from __future__ import annotations

import threading
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from fakes import BROW, JAW, SMILE, TinyModel, speechlike

from medtalk_live.audio.scripted import Event, ScriptedSource
from medtalk_live.audio.source import AudioChunk
from medtalk_live.clock import frame_count, parse_frame_rate
from medtalk_live.engine.animator import Animator, animate
from medtalk_live.engine.profile import Profile
from medtalk_live.errors import AudioError, ConfigError, GuidanceError
from medtalk_live.guidance.encode import encode
from medtalk_live.guidance.request import Guidance
from medtalk_live.model.streaming import GuidanceCode, NetworkFrame
from medtalk_live.rig.controls import COUNT, MAXIMUM, MINIMUM, NEUTRAL, FloatArray
from medtalk_live.rig.frames import ControlFrame, Curves

RATES = [8_000, 16_000, 22_050, 44_100, 48_000]
HAPPY, SURPRISED = Guidance.label("happy"), Guidance.label("surprised")


def streamed(sound: FloatArray, sizes: Any, animator: Animator) -> Curves:
    frames, at = [], 0
    while at < len(sound):
        size = next(sizes)
        frames += animator.push(sound[at : at + size])
        at += size
    return Curves.from_frames(frames + animator.flush(), animator.fps)


def random_sizes(low: int, high: int, seed: int = 0) -> Any:
    rng = np.random.default_rng(seed)
    while True:
        yield int(rng.integers(low, high + 1))


def as_chunks(
    sound: FloatArray, rate: int = 16_000, size: int = 160, start_time: float = 100.0
) -> list[AudioChunk]:
    return [
        AudioChunk(sound[at : at + size], at, rate, start_time + at / rate)
        for at in range(0, len(sound), size)
    ]


def pushed(animator: Animator, chunks: list[AudioChunk]) -> list[ControlFrame]:
    return [frame for chunk in chunks for frame in animator.push(chunk)]


class TestTheSameFramesWhateverTheChunks:
    @pytest.mark.parametrize("finish", ["full", "limits", "none"])
    @pytest.mark.parametrize("rate", RATES)
    @pytest.mark.parametrize("hop_frames", [1, 3])
    def test_random_chunks_up_to_a_second(self, finish: str, rate: int, hop_frames: int) -> None:
        sound = speechlike(2.1, rate)
        model = TinyModel(hop_frames=hop_frames, finish=finish)
        whole = animate(sound, rate, model=model, guidance=HAPPY, seed=5)
        animator = Animator(model, HAPPY, sample_rate=rate, seed=5)
        parts = streamed(sound, random_sizes(1, rate), animator)
        assert np.array_equal(parts.controls, whole.controls)
        assert np.array_equal(parts.head, whole.head)

    @pytest.mark.parametrize("rate", [16_000, 44_100])
    def test_single_samples(self, rate: int) -> None:
        sound = speechlike(0.3, rate)
        whole = animate(sound, rate, model=TinyModel(finish="full"))
        parts = streamed(
            sound, random_sizes(1, 1), Animator(TinyModel(finish="full"), sample_rate=rate)
        )
        assert np.array_equal(parts.controls, whole.controls)

    @pytest.mark.parametrize("fps", [24, 25, 30, 50, 120, "23.976", "29.97", "59.94"])
    def test_other_frame_rates(self, fps: int | str) -> None:
        sound = speechlike(1.7)
        whole = animate(sound, 16_000, model=TinyModel(), fps=fps)
        parts = streamed(sound, random_sizes(1, 3_000), Animator(TinyModel(), fps=fps))
        assert np.array_equal(parts.controls, whole.controls)

    def test_guidance_takes_effect_at_the_same_frame(self) -> None:
        sound = speechlike(3.0)

        def guided(seed: int) -> FloatArray:
            animator, frames = Animator(TinyModel(finish="full")), []
            for part, guidance in ((sound[:17_000], HAPPY), (sound[17_000:21_111], SURPRISED)):
                frames += [f for cut in cuts(part, seed) for f in animator.push(cut)]
                animator.guide(guidance, 0.5)
            frames += [f for cut in cuts(sound[21_111:], seed) for f in animator.push(cut)]
            return Curves.from_frames(frames + animator.flush()).controls

        assert np.array_equal(guided(1), guided(2))

    def test_live_chunks_and_a_whole_clip_agree(self) -> None:
        sound = speechlike(2.0, 48_000)
        animator = Animator(TinyModel(finish="full"))
        frames = pushed(animator, as_chunks(sound, 48_000, 480)) + animator.flush()
        whole = animate(sound, 48_000, model=TinyModel(finish="full"))
        assert np.array_equal(Curves.from_frames(frames).controls, whole.controls)


def cuts(sound: FloatArray, seed: int) -> list[FloatArray]:
    sizes, out, at = random_sizes(1, 900, seed), [], 0
    while at < len(sound):
        size = next(sizes)
        out.append(sound[at : at + size])
        at += size
    return out


class TestTheLengthAndThePlaceOfTheFrames:
    @pytest.mark.parametrize("fps", [60, 24, 50, 120, "29.97"])
    @pytest.mark.parametrize("rate", [8_000, 16_000, 44_100])
    def test_there_are_samples_times_rate_frames(self, fps: int | str, rate: int) -> None:
        for samples in (0, 1, rate // 60, rate // 60 + 1, rate // 24, rate // 3, rate + 7):
            sound = speechlike(2.0, rate)[:samples]
            curves = animate(sound, rate, model=TinyModel(hop_frames=2), fps=fps)
            assert len(curves) == frame_count(samples, rate, parse_frame_rate(fps))

    @pytest.mark.parametrize("look_ahead", [0, 640, 1_280])
    @pytest.mark.parametrize("finish", ["none", "limits"])
    def test_row_k_belongs_to_the_sound_at_k_sixtieths(self, look_ahead: int, finish: str) -> None:
        sound = np.zeros(16_000, np.float32)
        sound[8_000:8_267] = 0.5  # frame 30
        curves = animate(sound, 16_000, model=AlignedModel(look_ahead), finish=finish)
        assert int(np.argmax(curves.controls[:, JAW])) == 30
        assert curves.times[30] == pytest.approx(0.5)

    @pytest.mark.parametrize("fps", [24, 30, 50, 120, "29.97"])
    def test_other_rates_lie_at_exact_times(self, fps: int | str) -> None:
        rate = parse_frame_rate(fps)
        ramp = (np.arange(32_000) / 32_000).astype(np.float32)
        curves = animate(ramp, 16_000, model=AlignedModel(0), fps=fps)
        # the level of frame k is that of its middle: (k + 1/2) / 60 s, of 2 s
        wanted = np.array(
            [float((Fraction(j) / rate + Fraction(1, 120)) / 2) for j in range(len(curves))]
        )
        # beyond the last network frame it is held; below 0.05 a seal may be kept
        inner = (wanted > 0.05) & (wanted < (119 / 60 + 1 / 120) / 2)
        assert np.abs(curves.controls[inner, JAW] - wanted[inner]).max() < 1e-3

    def test_a_later_push_after_the_flush_starts_anew(self) -> None:
        animator = Animator(TinyModel(finish="full"), HAPPY)
        sound = speechlike(1.0)
        first = Curves.from_frames(animator.push(sound) + animator.flush())
        second = Curves.from_frames(animator.push(sound) + animator.flush())
        assert np.array_equal(first.controls, second.controls)
        assert np.array_equal(first.times, second.times)


class AlignedModel(TinyModel):
    """Its jaw is the level of the frame's own sixtieth of a second, whatever the look-ahead."""

    def init_state(self) -> FloatArray:
        return np.zeros(0, np.float32)

    def step(
        self, samples: FloatArray, state: FloatArray, guidance: tuple[GuidanceCode, ...]
    ) -> tuple[list[NetworkFrame], FloatArray]:
        heard = np.concatenate([state, samples])
        own = heard[: len(heard) - self.look_ahead_samples]
        frame = self._frame(float(np.sqrt(np.mean(own**2))) / 2, guidance[0])
        return [frame], heard[len(own) :]


class TestSoundThatIsNotWhole:
    def test_what_is_not_a_number_is_heard_as_silence_and_counted(self) -> None:
        sound = speechlike(1.0)
        broken = sound.copy()
        broken[3_000:3_100] = np.nan
        broken[5_000], broken[5_001], broken[5_002] = np.inf, -np.inf, 1e30
        silent = np.where(np.isfinite(broken) & (np.abs(broken) < 8), broken, 0)
        animator = Animator(TinyModel(finish="full"))
        frames = animator.push(broken) + animator.flush()
        whole = animate(silent, 16_000, model=TinyModel(finish="full"))
        assert np.array_equal(Curves.from_frames(frames).controls, whole.controls)
        assert animator.stats.bad_samples == 103

    @pytest.mark.parametrize("finish", ["full", "limits", "none"])
    def test_a_network_that_gives_no_numbers_is_heard_past(self, finish: str) -> None:
        model = FaultyModel(finish=finish)
        animator = Animator(model)
        controls = Curves.from_frames(animator.push(speechlike(1.0)) + animator.flush()).controls
        assert np.isfinite(controls).all()
        assert animator.stats.bad_frames == len(FaultyModel.AT)
        after = animate(speechlike(1.0), 16_000, model=TinyModel(finish=finish)).controls
        assert np.abs(controls[45:, JAW] - after[45:, JAW]).max() < 0.02  # its state is sound again

    def test_a_network_that_is_broken_for_good_holds_the_face(self) -> None:
        animator = Animator(FaultyModel(finish="none", until=999))
        controls = Curves.from_frames(animator.push(speechlike(1.0)) + animator.flush()).controls
        assert np.isfinite(controls).all()

    def test_lost_sound_is_heard_as_silence_and_nothing_shifts(self) -> None:
        sound = speechlike(3.0)
        source = ScriptedSource(sound, 16_000, [Event("drop", 1.0, 0.33)])
        animator, frames = Animator(TinyModel(finish="full")), []
        source.open()
        while not source.ended:
            if (chunk := source.read(1.0)) is not None:
                frames += animator.push(chunk)
        frames += animator.flush()
        silent = sound.copy()
        silent[16_000:21_280] = 0
        whole = animate(silent, 16_000, model=TinyModel(finish="full"))
        assert np.array_equal(Curves.from_frames(frames).controls, whole.controls)
        assert (animator.stats.gaps, animator.stats.lost_samples) == (1, 5_280)

    @pytest.mark.parametrize("fps", [60, 25, "29.97"])
    @pytest.mark.parametrize("hop_frames", [1, 3])
    def test_a_long_gap_is_skipped_and_frames_stay_with_the_clock(
        self, fps: int | str, hop_frames: int
    ) -> None:
        rate, away = 44_100, round(37.123 * 44_100)
        chunks = as_chunks(speechlike(2.0, rate), rate, 441)
        late = [
            replace(
                c, start_sample=c.start_sample + away, capture_time=c.capture_time + away / rate
            )
            for c in chunks
        ]
        animator = Animator(TinyModel(hop_frames=hop_frames), fps=fps)
        before = pushed(animator, chunks)
        burst = animator.push(late[0])
        after = pushed(animator, late[1:])
        assert len(burst) <= (2 + hop_frames) * float(animator.fps)
        for frame in before + burst + after:
            assert frame.time == pytest.approx(100 + frame.index / float(animator.fps), abs=2e-3)
        assert after[-1].time == pytest.approx(late[-1].capture_time, abs=0.25)
        indices = [frame.index for frame in before + burst + after]
        assert sum(step != 1 for step in np.diff(indices)) == 1

    def test_sound_that_comes_twice_is_heard_once(self) -> None:
        sound = speechlike(1.0)
        chunks = as_chunks(sound)
        overlap = AudioChunk(sound[7_900:8_160], 7_900, 16_000, 100 + 7_900 / 16_000)
        animator = Animator(TinyModel())
        frames = pushed(animator, [*chunks[:50], overlap, *chunks[51:]]) + animator.flush()
        whole = animate(sound, 16_000, model=TinyModel())
        assert np.array_equal(Curves.from_frames(frames).controls, whole.controls)
        assert animator.stats.repeated_samples == 100

    def test_a_source_that_starts_over_goes_on(self) -> None:
        chunks = as_chunks(speechlike(2.0))
        again = [replace(c, capture_time=c.capture_time + 2.0) for c in chunks]
        animator = Animator(TinyModel())
        frames = pushed(animator, chunks + again)
        assert len(frames) == pytest.approx(240, abs=4)

    def test_another_rate_in_mid_stream_is_refused_with_the_way_out(self) -> None:
        animator = Animator(TinyModel())
        animator.push(as_chunks(speechlike(0.1))[0])
        with pytest.raises(AudioError, match=r"48000 Hz.*16000 Hz.*new Animator"):
            animator.push(as_chunks(speechlike(0.1), 48_000)[0])

    def test_stereo_and_integers_are_taken(self) -> None:
        sound = speechlike(0.5)
        stereo = np.stack([sound, sound], axis=1)
        integers = np.round(sound * 32_768).astype(np.int16)
        mono = animate(sound, 16_000, model=TinyModel()).controls
        assert np.array_equal(animate(stereo, 16_000, model=TinyModel()).controls, mono)
        # 16 bits round the level by 1 in 30,000
        assert np.allclose(animate(integers, 16_000, model=TinyModel()).controls, mono, atol=1e-4)


class FaultyModel(TinyModel):
    """Gives no numbers on some of its calls, and would remember them."""

    AT = (10, 11, 30)

    def __init__(self, finish: str, until: int = 1) -> None:
        super().__init__(finish=finish)
        self.until = until
        self.calls = dict.fromkeys(self.AT, 0)

    def step(self, samples: FloatArray, state: Any, guidance: Any) -> Any:
        frames, after = super().step(samples, state, guidance)
        if state.step in self.AT and self.calls[state.step] < self.until:
            self.calls[state.step] += 1
            frames[0].controls[:] = np.nan
            after = replace(after, level=float("nan"))
        return frames, after


class TestTheTimeOfALiveFrame:
    def test_it_is_the_capture_time_of_its_sound(self) -> None:
        frames = pushed(Animator(TinyModel()), as_chunks(speechlike(2.0)))
        assert [f.time for f in frames] == pytest.approx([100 + f.index / 60 for f in frames])

    def test_late_callbacks_neither_shake_nor_reorder_the_frames(self) -> None:
        rng = np.random.default_rng(0)
        chunks = [
            replace(c, capture_time=c.capture_time + float(rng.exponential(0.004)))
            for c in as_chunks(speechlike(20.0))
        ]
        times = np.array([f.time for f in pushed(Animator(TinyModel()), chunks)])
        steps = np.diff(times) * 60
        assert steps.min() > 0.93  # the map runs 5% faster or slower, two chunks a frame
        assert steps.max() < 1.07
        settled = times[300:] - 100 - np.arange(300, len(times)) / 60
        assert np.ptp(settled) < 0.002  # of callbacks that are late by 4 ms, 20 ms at times

    def test_a_drifting_crystal_is_followed_within_half_a_millisecond(self) -> None:
        ppm = 150e-6
        chunks = [
            replace(c, capture_time=100 + (c.capture_time - 100) * (1 + ppm))
            for c in as_chunks(np.zeros(16_000 * 120, np.float32))
        ]
        frames = pushed(Animator(TinyModel()), chunks)
        error = [f.time - (100 + f.index / 60 * (1 + ppm)) for f in frames]
        assert np.abs(error).max() < 5e-4

    def test_a_jump_of_the_clock_is_followed_after_a_moment(self) -> None:
        chunks = [
            replace(c, capture_time=c.capture_time + (1.0 if c.start_sample > 32_000 else 0.0))
            for c in as_chunks(np.zeros(64_000, np.float32))
        ]
        times = np.array([f.time for f in pushed(Animator(TinyModel()), chunks)])
        assert np.diff(times).min() > 0
        assert times[-1] == pytest.approx(101 + (len(times) - 1) / 60, abs=0.01)

    @pytest.mark.parametrize("finish", ["none", "limits"])
    @pytest.mark.parametrize("fps", [60, 24, 30, 120])
    @pytest.mark.parametrize(("rate", "hop_frames"), [(16_000, 1), (48_000, 1), (16_000, 3)])
    def test_no_frame_is_later_than_the_declared_latency(
        self, finish: str, fps: int, rate: int, hop_frames: int
    ) -> None:
        animator = Animator(
            TinyModel(hop_frames=hop_frames), finish=finish, fps=fps, sample_rate=rate
        )
        sound, waits = speechlike(0.6, rate), []
        step = rate // 2_000
        for at in range(0, len(sound), step):
            heard = (at + step) / rate
            waits += [heard - frame.time for frame in animator.push(sound[at : at + step])]
        assert max(waits) * 1000 <= animator.latency_ms + 1.0
        assert max(waits) * 1000 >= animator.latency_ms - 9.0  # declared for the worst case


class TestGuidance:
    def test_any_thread_may_guide_while_frames_run(self) -> None:
        animator, stop = Animator(TinyModel(finish="full")), threading.Event()

        def chatter() -> None:
            while not stop.is_set():
                animator.guide(HAPPY, 0.1)
                animator.set_gain("brows", 0.5)
                animator.guide(SURPRISED, 0.0)

        thread = threading.Thread(target=chatter)
        thread.start()
        frames = [f for cut in cuts(speechlike(2.0), 0) for f in animator.push(cut)]
        stop.set()
        thread.join()
        animator.guide(HAPPY, 0.2)
        frames = animator.push(speechlike(2.0))
        assert frames[-1].controls[SMILE] == pytest.approx(1.0, abs=0.2)

    @pytest.mark.parametrize("blend_seconds", [0.0, 0.05, 0.4])
    def test_no_swap_jumps_even_in_the_middle_of_a_swap(self, blend_seconds: float) -> None:
        profile = Profile(blinks=False, gaze=False)
        animator = Animator(TinyModel(finish="full"), profile=profile)
        frames, sound = [], np.zeros(800, np.float32)
        for i in range(60):
            animator.guide(SURPRISED if i % 2 else HAPPY, blend_seconds)
            frames += animator.push(sound)
        steps = np.abs(np.diff(Curves.from_frames(frames).controls, axis=0))
        assert steps[:, BROW].max() <= 0.1501
        assert steps.max() <= 0.26

    def test_a_ready_code_is_taken_as_it_is(self) -> None:
        model = TinyModel()
        offsets = np.zeros(COUNT, np.float32)
        offsets[BROW] = 0.25
        code = replace(encode(HAPPY, model), offsets=offsets)
        last = Animator(model, code).push(speechlike(0.5))[-1]
        assert last.controls[SMILE] == pytest.approx(1.0)
        assert last.controls[BROW] == pytest.approx(0.25)

    def test_a_blend_time_that_cannot_be_meant_is_refused(self) -> None:
        with pytest.raises(GuidanceError, match="0 to 60"):
            Animator(TinyModel()).guide(HAPPY, float("nan"))


class TestGainsAndMute:
    def test_mute_eases_to_neutral_and_back(self) -> None:
        animator = Animator(TinyModel(finish="full"), HAPPY)
        animator.push(speechlike(1.0))
        animator.mute(True)
        frames = animator.push(speechlike(1.0))
        assert np.array_equal(frames[-1].controls, NEUTRAL)
        assert not frames[-1].head.any()
        animator.mute(False)
        frames += animator.push(speechlike(1.0))
        assert frames[-1].controls[SMILE].mean() > 0.5
        smile = np.array([f.controls[SMILE[0]] for f in frames])
        assert np.abs(np.diff(smile)).max() < 0.25

    def test_a_gain_scales_its_region_alone(self) -> None:
        def jaw_and_smile(profile: Profile) -> tuple[float, float]:
            last = animate(
                speechlike(0.3), 16_000, model=TinyModel(), guidance=HAPPY, profile=profile
            )
            return float(last.controls[10, JAW]), float(last.controls[10, SMILE[0]])

        plain, halved = jaw_and_smile(Profile()), jaw_and_smile(Profile(jaw=0.5))
        assert halved == pytest.approx((plain[0] / 2, plain[1]))
        calm = jaw_and_smile(Profile(emotion=0.5))
        assert calm == pytest.approx((plain[0], plain[1] / 2))

    def test_a_gain_turned_live_arrives_without_a_jump(self) -> None:
        animator = Animator(TinyModel(), HAPPY)
        animator.push(speechlike(0.5))
        animator.set_gain("lips", 0.0)
        smile = [f.controls[SMILE[0]] for f in animator.push(np.zeros(16_000, np.float32))]
        assert smile[-1] == 0.0
        assert np.abs(np.diff(smile)).max() < 0.1

    def test_an_unknown_region_or_value_is_refused_by_name(self) -> None:
        animator = Animator(TinyModel())
        with pytest.raises(ConfigError, match="'nose' is not a region"):
            animator.set_gain("nose", 1.0)
        with pytest.raises(ConfigError, match="0 to 2"):
            animator.set_gain("jaw", float("nan"))


class WildModel(TinyModel):
    """Leaves every range, and every cue with it."""

    def step(self, samples: FloatArray, state: Any, guidance: Any) -> Any:
        rng = np.random.default_rng(state.step)
        frames, after = super().step(samples, state, guidance)
        wild = rng.normal(0, 3, COUNT).astype(np.float32)
        return [NetworkFrame(wild, *rng.normal(0, 3, 3), 1.0) for _ in frames], after


@pytest.mark.parametrize("finish", ["full", "limits"])
@pytest.mark.parametrize("fps", [60, 24])
def test_no_control_leaves_its_range_whatever_the_network_says(finish: str, fps: int) -> None:
    controls = animate(speechlike(3.0), 16_000, model=WildModel(), finish=finish, fps=fps).controls
    assert np.isfinite(controls).all()
    assert (controls >= MINIMUM).all()
    assert (controls <= MAXIMUM).all()


def test_the_raw_network_passes_untouched_without_a_finish() -> None:
    sound = speechlike(0.5)
    curves = animate(sound, 16_000, model=WildModel(), finish="none")
    rows = [np.random.default_rng(k).normal(0, 3, COUNT).astype(np.float32) for k in range(30)]
    assert np.array_equal(curves.controls, rows)
    assert not curves.head.any()


def test_the_same_seed_gives_the_same_face_and_another_one_another() -> None:
    sound = speechlike(5.0)
    one, same, other = (
        animate(sound, 16_000, model=TinyModel(finish="full"), seed=seed) for seed in (1, 1, 2)
    )
    assert np.array_equal(one.controls, same.controls)
    assert np.array_equal(one.head, same.head)
    assert not np.array_equal(one.head, other.head)


def test_an_unknown_finish_or_rate_is_refused() -> None:
    with pytest.raises(ConfigError, match="full, limits, none"):
        Animator(TinyModel(), finish="most")
    with pytest.raises(ConfigError, match="frame rate"):
        Animator(TinyModel(), fps=61)
    for rate in (4_000, 44_100.5, float("nan")):
        with pytest.raises(AudioError, match="8000 to 96000"):
            Animator(TinyModel(), sample_rate=rate)  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match="the seed is -1"):
        Animator(TinyModel(), seed=-1)


def test_a_whole_rate_may_be_a_float_and_channels_may_not_come_first() -> None:
    sound = speechlike(1.0)
    curves = animate(sound, 16_000.0, model=TinyModel())  # type: ignore[arg-type]
    assert np.array_equal(curves.controls, animate(sound, 16_000, model=TinyModel()).controls)
    with pytest.raises(AudioError, match="transpose it"):
        animate(np.stack([sound, sound]), 16_000, model=TinyModel())


def test_a_long_gap_before_the_first_frame_is_skipped_too() -> None:
    animator = Animator(TinyModel())
    sound = np.full(160, 0.1, np.float32)
    assert animator.push(AudioChunk(sound, 0, 16_000, 100.0)) == []
    frames = animator.push(AudioChunk(sound, 16_000 * 30, 16_000, 130.0))
    assert 0 < len(frames) <= 120
    assert frames[-1].index == pytest.approx(30 * 60, abs=4)
    assert frames[-1].time == pytest.approx(130.0, abs=0.1)

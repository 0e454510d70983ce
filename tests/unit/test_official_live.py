"""The official model live: fixed shapes, two checkpoint files, what is computed and what not."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

REASON = "needs the [official] extra"
torch = pytest.importorskip("torch", reason=REASON)
pytest.importorskip("transformers", reason=REASON)
pytest.importorskip("open_clip", reason=REASON)

import official_files  # noqa: E402 # after the skip

from medtalk_live.clock import frame_count, frame_to_sample  # noqa: E402
from medtalk_live.model import authors, live_content  # noqa: E402
from medtalk_live.model.encoders.wav2vec2 import normalise  # noqa: E402
from medtalk_live.model.fixed_content import FixedWindow  # noqa: E402
from medtalk_live.model.live_content import Beyond, ContentWindow  # noqa: E402
from medtalk_live.model.official import OfficialModel  # noqa: E402
from medtalk_live.model.speaker import SpeakerMode, half_stays_close, speak_alike  # noqa: E402
from medtalk_live.model.streaming import GuidanceCode, zero_offsets  # noqa: E402

SAME = 3e-5
"""float32: the same sums of a few thousand samples, in another order."""
HOP, LOOK_AHEAD = 3, 1280


@pytest.fixture(scope="module")
def states() -> dict[str, dict[str, torch.Tensor]]:
    return official_files.states()


def network(states: dict[str, dict[str, torch.Tensor]], stem: str) -> torch.nn.Module:
    return authors.build(authors.FILES[stem], states[stem], official_files.CONFIG, stem).network


def speech(samples: int) -> torch.Tensor:
    """Noise in syllables, with a silence before, so that the statistics move."""
    noise = np.random.default_rng(3).normal(0.01, 0.1, samples)
    swell = np.sin(np.arange(samples) / 2500) ** 2 * (np.arange(samples) > 6000) + 0.01
    return torch.from_numpy((noise * swell).astype(np.float32))


def hops(clip: torch.Tensor) -> Iterator[torch.Tensor]:
    given, count = 0, 0
    while (end := frame_to_sample((count + 1) * HOP) + LOOK_AHEAD) <= len(clip):
        yield clip[given:end]
        given, count = end, count + 1


def streamed(window: ContentWindow, clip: torch.Tensor) -> torch.Tensor:
    state, out = window.init_state(), []
    for hop in hops(clip):
        content, state = window.step(hop, state)
        out.append(content)
    return torch.cat(out)


@pytest.mark.parametrize(("samples", "beyond"), [(16_000, "nothing"), (32_000, "estimated")])
def test_the_fixed_window_is_the_exact_one(
    states: dict[str, dict[str, torch.Tensor]], samples: int, beyond: Beyond
) -> None:
    content, clip = network(states, "audio_cont"), speech(44_000)
    sizes = {"window_samples": samples, "hop_frames": HOP}
    exact = streamed(ContentWindow(content, mode="exact", beyond=beyond, **sizes), clip)
    fixed = FixedWindow(content, beyond=beyond, **sizes)
    state, out = fixed.init_state(), []
    with torch.inference_mode():
        for hop in hops(clip):
            planned, state = fixed.plan(hop, state)
            out.append(fixed.content(*planned))
    assert torch.allclose(torch.cat(out), exact, atol=SAME)
    assert len({tuple(one.shape for one in planned)}) == 1


def test_a_cards_whole_step_gives_the_frames_of_the_exact_one(
    states: dict[str, dict[str, torch.Tensor]],
) -> None:
    exact, fixed = model(states), model(states, "fixed")
    code = GuidanceCode(exact.embed_labels({"happy": 0.6, "sad": 0.4}), 0.8, zero_offsets())
    clip = speech(44_000)
    assert np.allclose(last_face(fixed, code, clip), last_face(exact, code, clip), atol=SAME)


def test_what_a_graph_records_decides_nothing_by_its_values(
    states: dict[str, dict[str, torch.Tensor]],
) -> None:
    from torch._subclasses.fake_tensor import FakeTensorMode

    fixed = FixedWindow(network(states, "audio_cont"), hop_frames=HOP, beyond="estimated")
    planned, _ = fixed.plan(speech(20_000), fixed.init_state())
    with FakeTensorMode(allow_non_fake_inputs=True) as shapes_alone, torch.no_grad():
        content = fixed.content(*(shapes_alone.from_tensor(one.clone()) for one in planned))
    assert content.shape == (HOP, official_files.LATENT)


def test_half_precision_is_probed_before_it_is_used(
    states: dict[str, dict[str, torch.Tensor]],
) -> None:
    label = network(states, "audio_semantic")
    assert isinstance(half_stays_close(label, HOP), bool)
    with torch.no_grad():  # beyond float16's range
        for layer in label.audio_content_encoder.feature_extractor.conv_layers[1:3]:
            layer.conv.weight.mul_(1e4)
    assert not half_stays_close(label, HOP)


def test_the_fast_window_follows_the_exact_one_closely(
    states: dict[str, dict[str, torch.Tensor]],
) -> None:
    content, clip = network(states, "audio_cont"), speech(64_000)
    exact, fast = (
        streamed(ContentWindow(content, hop_frames=HOP, mode=mode), clip).numpy()
        for mode in ("exact", "fast")
    )
    r = np.corrcoef((exact - exact.mean(0)).ravel(), (fast - fast.mean(0)).ravel())[0, 1]
    assert r > 0.98  # the bound that the benchmark shows at full size


def test_the_window_normalises_as_the_whole_network_does_for_the_same_sound(
    states: dict[str, dict[str, torch.Tensor]],
) -> None:
    content, clip = network(states, "audio_cont"), speech(40_000)
    window = ContentWindow(content, window_samples=16_000, hop_frames=HOP)
    state = window.init_state()
    for hop in hops(clip):
        _, state = window.step(hop, state)
    heard, _ = window._hear(state.samples[:0], state)
    whole = content.audio_content_encoder.feature_extractor(normalise(state.samples)[None])[0].T
    first = state.start // 320
    ours = window._convolved(heard, first, first + len(whole) - 1)
    assert torch.allclose(ours, whole, atol=SAME)


def test_the_streams_statistics_are_those_of_all_that_was_heard(
    states: dict[str, dict[str, torch.Tensor]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_content, "_EXPECTED_SECONDS", 1e-6)  # nothing but what was heard
    content, clip = network(states, "audio_cont"), speech(48_000)
    clip[:24_000] *= 5.0  # a loud half, then a quiet one
    scales = {}
    for name, samples, beyond in (
        ("whole", 48_000, "nothing"),
        ("stream", 16_000, "estimated"),
        ("window", 16_000, "nothing"),
    ):
        window = ContentWindow(content, window_samples=samples, hop_frames=HOP, beyond=beyond)
        state = window.init_state()
        for hop in hops(clip):
            state = window.listened(hop, state)
        scales[name] = window._hear(clip[-800:], state)[0].scale
    # what left fades a little, and the silence before the voice is not counted
    assert torch.allclose(scales["stream"], scales["whole"], rtol=0.12)
    assert (scales["window"] / scales["whole"]).min() > 1.5


def test_a_streams_frames_lie_where_those_of_clips_lie_on_the_mean(
    states: dict[str, dict[str, torch.Tensor]],
) -> None:
    content = network(states, "audio_cont")
    stream = ContentWindow(content, hop_frames=HOP, beyond="estimated")
    apart = []
    for samples in range(48_000, 160_000, 4_987):
        clip = ContentWindow(content, hop_frames=HOP, beyond="estimated", clip_samples=samples)
        frames = range(1, frame_count(samples))
        apart.append(np.mean([float(stream._place(f) - clip._place(f)) for f in frames]))
    assert np.mean(apart) == pytest.approx(0.0, abs=0.05)
    assert np.abs(apart).max() < 0.6  # features of 20 ms


def test_a_silent_room_is_not_taken_for_a_voice(
    states: dict[str, dict[str, torch.Tensor]],
) -> None:
    content = network(states, "audio_cont")
    room = 0.0005 * torch.randn(6 * 16_000, generator=torch.Generator().manual_seed(1))
    window = ContentWindow(content, hop_frames=HOP, beyond="estimated")
    bare = ContentWindow(content, hop_frames=HOP, beyond="nothing")
    state, scales = window.init_state(), []
    for hop in hops(room):
        heard, state = window._hear(hop, state)
        scales.append(heard.scale)
    amplified = bare._hear(room[:8000], bare.init_state())[0].scale
    assert (scales[0] / amplified).max() < 0.1
    assert torch.allclose(scales[-1], scales[40], rtol=1e-6)  # however long it lasts


def test_a_voice_after_a_silent_room_is_heard_as_one_that_begins_at_once(
    states: dict[str, dict[str, torch.Tensor]],
) -> None:
    content, clip = network(states, "audio_cont"), speech(16_000)
    window = ContentWindow(content, hop_frames=HOP, beyond="estimated")
    scales = []
    for pause in (0, 4 * 16_000):
        room = 0.0005 * torch.randn(pause, generator=torch.Generator().manual_seed(1))
        state = window.init_state()
        for hop in hops(torch.cat((room, clip))):
            heard, state = window._hear(hop, state)
        scales.append(heard.scale)
    # the quarter second of the room that counts is a fifth of what was heard
    assert torch.allclose(scales[0], scales[1], rtol=0.15)


def test_a_speaker_that_only_listened_catches_up(
    states: dict[str, dict[str, torch.Tensor]],
) -> None:
    window = ContentWindow(network(states, "audio_cont"), hop_frames=HOP, mode="exact")
    clip, listening, speaking = list(hops(speech(40_000))), window.init_state(), window.init_state()
    for hop in clip[:-1]:
        listening = window.listened(hop, listening)
        _, speaking = window.step(hop, speaking)
    late, _ = window.step(clip[-1], listening)
    wanted, _ = window.step(clip[-1], speaking)
    assert torch.allclose(late, wanted, atol=SAME)


def model(states: dict[str, dict[str, torch.Tensor]], mode: SpeakerMode = "exact") -> OfficialModel:
    label, prompt = (network(states, stem) for stem in ("audio_semantic", "clip_emotion"))
    return OfficialModel(label, prompt, version="test", look_ahead_ms=80, mode=mode)


def last_face(model: OfficialModel, code: GuidanceCode, clip: torch.Tensor) -> np.ndarray:
    state = model.init_state()
    for hop in hops(clip):
        frames, state = model.step(hop.numpy(), state, (code,) * HOP)
    return frames[-1].controls


def test_a_prompt_is_spoken_by_the_guided_file_where_the_files_differ(
    states: dict[str, dict[str, torch.Tensor]],
) -> None:
    changed = {stem: dict(state) for stem, state in states.items()}
    for key in ("decoder.fc2.bias", "audio_content_map.fc2.bias"):
        changed["clip_emotion"][key] = changed["clip_emotion"][key] + 0.5
    alike, apart = model(states), model(changed)
    assert speak_alike(*(network(states, s) for s in ("audio_semantic", "clip_emotion")))
    clip = speech(20_000)
    label = GuidanceCode(alike.embed_labels({"happy": 1.0}), 1.0, zero_offsets())
    prompt = GuidanceCode(alike.embed_text("a tired smile"), 1.0, zero_offsets())
    assert np.allclose(last_face(alike, label, clip), last_face(apart, label, clip), atol=SAME)
    difference = last_face(apart, prompt, clip) - last_face(alike, prompt, clip)
    assert np.abs(difference).max() > 0.3  # its own bias, and what its content does
    half = label.blend(prompt, 0.5)
    both = (last_face(apart, label, clip) + last_face(apart, prompt, clip)) / 2
    assert np.allclose(last_face(apart, half, clip), both, atol=0.05)  # intensities mix as well

"""The official network gives the numbers of the public one and of the libraries."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

REASON = "needs the [official] extra"
torch = pytest.importorskip("torch", reason=REASON)
pytest.importorskip("transformers", reason=REASON)
pytest.importorskip("open_clip", reason=REASON)

import official_files  # noqa: E402 # after the skip
import reference_set  # noqa: E402 # after the skip

from medtalk_live.cli.main import main  # noqa: E402
from medtalk_live.model import authors  # noqa: E402
from medtalk_live.model.encoders.wav2vec2 import at_frames, normalise  # noqa: E402
from medtalk_live.model.live_content import ContentWindow  # noqa: E402
from medtalk_live.training.verify import verify  # noqa: E402

REFERENCE = Path(__file__).parents[3] / "shared" / "goldens" / "reference_a"
SAME = 2e-5
"""float32, some dozen sums of a few hundred terms each in another order."""

needs_reference = pytest.mark.skipif(
    not REFERENCE.is_dir(), reason="the reference numbers are not on this machine"
)


@pytest.fixture(scope="module")
def states() -> dict[str, dict[str, torch.Tensor]]:
    return official_files.states()


@pytest.fixture(scope="module")
def parts() -> official_files.Libraries:
    return official_files.libraries()  # the same seed as in ``states``


def network(states: dict[str, dict[str, torch.Tensor]], stem: str) -> torch.nn.Module:
    config = official_files.CONFIG
    return authors.build(authors.FILES[stem], states[stem], config, stem).network


def sound(samples: int) -> torch.Tensor:
    noise = np.random.default_rng(3).normal(0.01, 0.1, samples)
    swell = 0.2 + np.sin(np.arange(samples) / 3000) ** 2
    return torch.from_numpy((noise * swell).astype(np.float32))


@needs_reference
def test_every_reference_output_and_loss_agrees() -> None:
    _, rows = verify(REFERENCE)
    assert len(rows) == 28
    assert [row for row in rows if not row.agrees] == []


def test_a_second_set_of_other_sizes_agrees_with_the_libraries_own_networks(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = reference_set.write(tmp_path / "second")
    assert main(["models", "verify", str(folder)]) == 0
    assert "28 of 28 within the limits" in capsys.readouterr().out


@needs_reference
def test_verify_prints_each_difference_and_writes_the_outputs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out.npz"
    assert main(["models", "verify", str(REFERENCE), "--out", str(out)]) == 0
    printed = capsys.readouterr().out
    with np.load(out) as outputs:
        assert outputs["image"].shape == (102, 174)
        assert outputs["loss_cross_terms"].shape == (4,)
        assert all(name in printed for name in outputs.files)


@torch.inference_mode()
def test_speech_features_are_the_librarys_hidden_state_zero(
    states: dict[str, dict[str, torch.Tensor]], parts: official_files.Libraries
) -> None:
    ours = network(states, "audio_cont").audio_content_encoder
    samples = normalise(sound(16_000))[None]
    library, seen = parts.speech, []
    library.encoder.layers[0].register_forward_pre_hook(lambda _, given: seen.append(given[0]))
    heard = library.feature_extractor(samples).transpose(1, 2)
    projected, _ = library.feature_projection(at_frames(heard, 60))
    library.encoder(projected)
    assert torch.allclose(ours(samples, 60), seen[0], atol=SAME)


@torch.inference_mode()
def test_clip_features_are_the_librarys(
    states: dict[str, dict[str, torch.Tensor]], parts: official_files.Libraries
) -> None:
    ours = network(states, "clip_emotion").clip_encoder
    ids = ours.tokens("surprised, brows raised")
    end = int((ids[0] == 49407).nonzero()[0]) + 1
    pixels = torch.randn(1, 3, 48, 48, generator=torch.Generator().manual_seed(1))
    for one, other in (
        (ours.text(ids[:, :end]), parts.pictures.get_text_features(input_ids=ids[:, :end])),
        (ours.image(pixels), parts.pictures.get_image_features(pixel_values=pixels)),
    ):
        library = getattr(other, "pooler_output", other)
        assert torch.allclose(one, library, atol=SAME)


@pytest.mark.parametrize("mode", ["exact", "fast"])
def test_a_window_as_long_as_the_clip_gives_the_offline_content(
    states: dict[str, dict[str, torch.Tensor]], mode: str
) -> None:
    content = network(states, "audio_cont")
    clip = sound(27_333)
    frames = len(clip) * 60 // 16_000
    offline = content.spoken_content(normalise(clip)[None], frames)[0]
    window = ContentWindow(
        content,
        window_samples=len(clip),
        hop_frames=frames,
        mode=mode,
        clip_samples=len(clip),
    )
    live, _ = window.step(clip, window.init_state())
    assert torch.allclose(live, offline, atol=SAME)


def test_a_stream_gives_the_same_frames_however_often_it_is_run_and_leaves_its_state(
    states: dict[str, dict[str, torch.Tensor]],
) -> None:
    window = ContentWindow(network(states, "audio_cont"), hop_frames=3, mode="fast")
    clip, state = sound(4000), window.init_state()
    _, heard = window.step(clip[:1440], state)
    first, _ = window.step(clip[1440:2240], heard)
    again, _ = window.step(clip[1440:2240], heard)
    assert torch.equal(first, again)
    assert state.frames == 0


def test_exact_steps_do_not_depend_on_sound_that_left_the_window(
    states: dict[str, dict[str, torch.Tensor]],
) -> None:
    content = network(states, "audio_cont")
    quiet, loud = torch.zeros(32_000), sound(32_000)
    outputs = []
    for past in (quiet, loud):
        window = ContentWindow(content, window_samples=16_000, hop_frames=3)
        state, given = window.init_state(), 0
        clip = torch.cat((past, sound(24_000)))
        while (end := given + 800) <= len(clip):
            out, state = window.step(clip[given:end], state)
            given = end
        outputs.append(out)
    assert torch.allclose(*outputs, atol=SAME)

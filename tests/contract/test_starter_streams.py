"""The starter's layers: step equals whole, odd blocks, causality, and the torch twin."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from medtalk_live.clock import frame_count, frame_to_sample
from medtalk_live.model import mel
from medtalk_live.model.checkpoint import load_model
from medtalk_live.model.encoders.streaming import StreamingEncoder
from medtalk_live.model.starter import StarterModel
from medtalk_live.model.streaming import GuidanceCode, hop_end, zero_offsets

torch = pytest.importorskip("torch")

from medtalk_live.training.export import export_starter  # noqa: E402 - after importorskip
from medtalk_live.training.networks import LEAK, StarterNetwork  # noqa: E402

DILATIONS = (1, 2, 4)
WIDTH = 24


@pytest.fixture(scope="module")
def network() -> StarterNetwork:
    torch.manual_seed(0)
    return StarterNetwork(WIDTH, DILATIONS).eval()


@pytest.fixture(scope="module")
def folder(network: StarterNetwork, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return export_starter(network, tmp_path_factory.mktemp("model"), "0.0-test", {})


@pytest.fixture(scope="module")
def sound() -> np.ndarray:
    return np.random.default_rng(1).normal(0, 0.1, 16_000).astype(np.float32)


def hops(sound: np.ndarray, look_ahead_samples: int) -> list[np.ndarray]:
    frames = frame_count(len(sound))
    ends = [0, *(frame_to_sample(k + 1) + look_ahead_samples for k in range(frames))]
    padded = np.concatenate((sound, np.zeros(look_ahead_samples + 300, np.float32)))
    return [padded[a:b] for a, b in pairwise(ends)]


@pytest.mark.parametrize("look_ahead", [0, 640, 1280])
def test_mel_steps_equal_the_whole(sound: np.ndarray, look_ahead: int) -> None:
    state, rows = mel.init_state(), []
    for hop in hops(sound, look_ahead):
        features, state = mel.step(hop, state)
        rows.append(features)
    whole = mel.forward(sound, len(rows), look_ahead)
    np.testing.assert_allclose(np.stack(rows), whole, atol=1e-5)  # float32 sums in another order


def encoder_of(network: StarterNetwork, folder: Path, head: int) -> StreamingEncoder:
    from safetensors.numpy import load_file

    weights = load_file(folder / "starter.safetensors")
    mine = {k.removeprefix("encoder."): v for k, v in weights.items() if "encoder." in k}
    return StreamingEncoder(mine, head, DILATIONS, LEAK)


@pytest.mark.parametrize("head", [0, 1, 2])
def test_encoder_steps_equal_the_whole_and_the_torch_twin(
    network: StarterNetwork, folder: Path, head: int
) -> None:
    features = np.random.default_rng(2).normal(size=(50, mel.FEATURES)).astype(np.float32)
    encoder = encoder_of(network, folder, head)
    state, embeddings, cues = encoder.init_state(), [], []
    for row in features:
        content, state = encoder.step(row, state)
        embeddings.append(content.embedding)
        cues.append(content.cues)
    whole = encoder.forward(features)
    np.testing.assert_allclose(np.stack(embeddings), whole.embedding, atol=1e-5)
    np.testing.assert_allclose(np.stack(cues), whole.cues, atol=1e-5)
    with torch.no_grad():
        content_t, cues_t, _ = network.encoder(torch.from_numpy(features)[None])[head]
    np.testing.assert_allclose(whole.embedding, content_t[0].numpy(), atol=1e-4)
    np.testing.assert_allclose(whole.cues, cues_t[0].numpy(), atol=1e-4)


def test_a_step_leaves_its_state_untouched(network: StarterNetwork, folder: Path) -> None:
    encoder = encoder_of(network, folder, 0)
    state = encoder.init_state()
    before = state.history.copy()
    encoder.step(np.ones(mel.FEATURES, np.float32), state)
    np.testing.assert_array_equal(state.history, before)


def test_the_future_does_not_reach_the_past(network: StarterNetwork, folder: Path) -> None:
    encoder = encoder_of(network, folder, 0)
    features = np.random.default_rng(3).normal(size=(40, mel.FEATURES)).astype(np.float32)
    changed = features.copy()
    changed[25:] += 3.0
    first, second = encoder.forward(features), encoder.forward(changed)
    np.testing.assert_array_equal(first.embedding[:25], second.embedding[:25])
    assert np.abs(first.embedding[25:] - second.embedding[25:]).max() > 1e-3


def test_the_past_reaches_as_far_as_the_dilations(network: StarterNetwork, folder: Path) -> None:
    encoder = encoder_of(network, folder, 0)
    features = np.random.default_rng(4).normal(size=(40, mel.FEATURES)).astype(np.float32)
    changed = features.copy()
    changed[5] += 3.0
    difference = np.abs(
        encoder.forward(features).embedding - encoder.forward(changed).embedding
    ).max(axis=1)
    reached = np.flatnonzero(difference > 0)
    assert reached[0] == 5
    assert reached[-1] == 5 + 2 * sum(encoder.dilations)


@pytest.mark.parametrize("look_ahead_ms", [0, 40, 80])
def test_the_model_steps_equal_its_forward(
    folder: Path, sound: np.ndarray, look_ahead_ms: int
) -> None:
    model = load_model(folder, look_ahead_ms)
    assert isinstance(model, StarterModel)
    code = GuidanceCode(model.embed_labels({"happy": 0.7}), 1.2, zero_offsets())
    whole = model.forward(sound, code)
    state = model.init_state()
    for number, hop in enumerate(hops(sound, model.look_ahead_samples)):
        assert number > 0 or len(hop) == hop_end(0, model)
        [frame], state = model.step(hop, state, (code,))
        np.testing.assert_allclose(frame.controls, whole[number].controls, atol=1e-5)
        assert abs(frame.seal - whole[number].seal) < 1e-5
    assert number + 1 == len(whole) == 60

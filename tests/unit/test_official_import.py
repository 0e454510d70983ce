"""The authors' files become a model folder, or are refused in one sentence."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

REASON = "needs the [official] extra"
torch = pytest.importorskip("torch", reason=REASON)
pytest.importorskip("transformers", reason=REASON)
pytest.importorskip("open_clip", reason=REASON)

import official_files  # noqa: E402 # after the skip

from medtalk_live.errors import CheckpointError  # noqa: E402
from medtalk_live.model import authors  # noqa: E402
from medtalk_live.model.checkpoint import load_model, read_manifest  # noqa: E402
from medtalk_live.model.encoders.voice import Voice  # noqa: E402
from medtalk_live.model.importing import import_folder  # noqa: E402
from medtalk_live.model.official_folder import Intensity  # noqa: E402
from medtalk_live.model.parts import Part  # noqa: E402
from medtalk_live.model.streaming import GuidanceCode, zero_offsets  # noqa: E402


@pytest.fixture(scope="module")
def states() -> dict[str, dict[str, torch.Tensor]]:
    return official_files.states()


@pytest.fixture
def refused(tmp_path: Path, states: dict[str, dict[str, torch.Tensor]]) -> Callable[..., str]:
    def attempt(change: Callable[[dict[str, torch.Tensor]], object]) -> str:
        broken = {stem: dict(state) for stem, state in states.items()}
        change(broken["audio_semantic"])
        source = official_files.write(tmp_path / "source", broken)
        return refusal(source, tmp_path / "model")

    return attempt


def refusal(source: Path, destination: Path) -> str:
    with pytest.raises(CheckpointError) as caught:
        import_folder(source, destination)
    assert "\n" not in str(caught.value)
    assert not destination.exists(), "nothing is written before all is checked"
    return str(caught.value)


def test_the_four_files_become_a_folder_that_runs(
    tmp_path: Path, states: dict[str, dict[str, torch.Tensor]]
) -> None:
    source = official_files.write(tmp_path / "source", states)
    folder = import_folder(source, tmp_path / "model")
    manifest = read_manifest(folder)
    assert manifest["kind"] == "official"
    assert len(manifest["files"]) == 4
    model = load_model(folder, look_ahead_ms=40, compute="cpu")
    code = GuidanceCode(model.embed_labels({"happy": 1.0}), 1.0, zero_offsets())
    sound = np.random.default_rng(0).normal(0, 0.1, 800 + 640).astype(np.float32)
    frames, _ = model.step(sound, model.init_state(), (code,) * model.hop_frames)
    assert len(frames) == model.hop_frames
    assert all(np.isfinite(frame.controls).all() for frame in frames)


def test_the_words_that_a_checkpoint_was_trained_on_come_along(
    tmp_path: Path, states: dict[str, dict[str, torch.Tensor]]
) -> None:
    source = official_files.write(tmp_path / "source", states)
    assert read_manifest(import_folder(source, tmp_path / "a"))["text_branch"] == "published"
    for branch in ("transcript", "guesses"):
        config = {**official_files.CONFIG, "text_branch": branch}
        (source / "config.json").write_text(json.dumps(config), encoding="utf-8")
        if branch == "transcript":
            manifest = read_manifest(import_folder(source, tmp_path / "b"))
            assert manifest["text_branch"] == "transcript"
    assert "'guesses'" in refusal(source, tmp_path / "c")


def test_the_transcript_needs_whisper_and_says_how_to_get_it(
    tmp_path: Path,
    states: dict[str, dict[str, torch.Tensor]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder = import_folder(official_files.write(tmp_path / "source", states), tmp_path / "model")
    monkeypatch.setattr(
        Part, "find", lambda self, *beside: tmp_path if "emo" in self.name else None
    )
    with pytest.raises(CheckpointError, match="models fetch whisper"):
        load_model(folder, compute="cpu", live=True, text_branch="transcript")


def test_words_are_read_anew_only_when_they_change(
    tmp_path: Path, states: dict[str, dict[str, torch.Tensor]]
) -> None:
    label, prompt = (
        authors.build(authors.FILES[stem], states[stem], official_files.CONFIG, stem).network
        for stem in ("audio_semantic", "clip_emotion")
    )
    read: list[int] = []
    label.text_encoder.register_forward_hook(lambda *_: read.append(1))
    intensity = Intensity(label, prompt, StillVoice(), "cpu")
    published = intensity.measure(np.zeros(800, np.float32), "not looked at")
    assert len(read) == 1
    intensity._tokens = lambda sentence: [101, len(sentence), 102]
    said = ["", "hello", "hello", "hello world", "hello world"]
    strengths = [intensity.measure(np.zeros(800, np.float32), words) for words in said]
    assert len(read) == 4
    assert strengths[1] == strengths[2]
    assert strengths[1][0] != strengths[3][0] != published[0]
    assert len({by_prompt for _, by_prompt in strengths}) == 1  # prompts have no words


class StillVoice(Voice):
    """emotion2vec that always hears the same."""

    def __init__(self) -> None:
        self.heard = np.random.default_rng(2).normal(size=(49, 32)).astype(np.float32)

    def frames(self, samples: np.ndarray) -> np.ndarray:
        return self.heard


def test_text_label_and_photo_guide_the_imported_model_differently(
    tmp_path: Path, states: dict[str, dict[str, torch.Tensor]]
) -> None:
    model = load_model(
        import_folder(official_files.write(tmp_path / "source", states), tmp_path / "model"),
        look_ahead_ms=150,
        compute="cpu",
    )
    sound = np.random.default_rng(0).normal(0, 0.1, 800 + 2400).astype(np.float32)
    face = np.linspace(0, 0.5, 174, dtype=np.float32)
    faces = []
    for embedding in (
        model.embed_labels({"angry": 1.0}),
        model.embed_text("a tired smile"),
        model.embed_expression(face),
    ):
        code = GuidanceCode(embedding, 1.0, zero_offsets())
        frames, _ = model.step(sound, model.init_state(), (code,) * model.hop_frames)
        faces.append(frames[-1].controls)
    assert np.abs(faces[0] - faces[1]).max() > 1e-4
    assert np.abs(faces[1] - faces[2]).max() > 1e-4


def test_a_missing_tensor_is_named(refused: Callable[..., str]) -> None:
    assert "'decoder.fc2.bias'" in refused(lambda state: state.pop("decoder.fc2.bias"))


def test_an_unknown_tensor_is_named(refused: Callable[..., str]) -> None:
    assert "'stranger.weight'" in refused(
        lambda state: state.update({"stranger.weight": torch.zeros(2)})
    )


def test_a_tensor_of_another_shape_is_named(refused: Callable[..., str]) -> None:
    message = refused(lambda state: state.update({"decoder.fc1.weight": torch.zeros(20, 5)}))
    assert "'decoder.fc1.weight'" in message
    assert "(20, 5)" in message


def test_a_tensor_with_nan_is_named(refused: Callable[..., str]) -> None:
    key = "fusion_predictor.norm1.weight"
    assert f"'{key}'" in refused(lambda state: state.update({key: torch.full((32,), torch.nan)}))


def test_another_rig_is_refused(refused: Callable[..., str]) -> None:
    message = refused(
        lambda state: state.update(
            {
                "emo_encoder.fc1.weight": torch.zeros(20, 52),
                "cont_encoder.fc1.weight": torch.zeros(20, 52),
                "decoder.fc2.weight": torch.zeros(52, 20),
                "decoder.fc2.bias": torch.zeros(52),
            }
        )
    )
    assert "52 controls" in message


def test_an_entry_that_is_no_tensor_is_named(refused: Callable[..., str]) -> None:
    assert "'epoch'" in refused(lambda state: state.update({"epoch": 3}))


def test_a_truncated_file_is_refused(
    tmp_path: Path, states: dict[str, dict[str, torch.Tensor]]
) -> None:
    source = official_files.write(tmp_path / "source", states)
    path = source / "clip_emotion.pth"
    path.write_bytes(path.read_bytes()[:5000])
    assert "clip_emotion.pth" in refusal(source, tmp_path / "model")


def test_a_missing_file_is_named(
    tmp_path: Path, states: dict[str, dict[str, torch.Tensor]]
) -> None:
    source = official_files.write(tmp_path / "source", states)
    (source / "audio_semantic.pth").unlink()
    assert "audio_semantic.pth" in refusal(source, tmp_path / "model")


class Malice:
    """What a hostile pickle holds: a call."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[Callable[[str], int], tuple[str]]:
        return os.system, (f"echo run > '{self.mark}'",)


def test_a_malicious_pickle_is_refused_and_never_run(
    tmp_path: Path, states: dict[str, dict[str, torch.Tensor]]
) -> None:
    source = official_files.write(tmp_path / "source", states)
    mark = tmp_path / "mark"
    torch.save({"weight": Malice(mark)}, source / "audio_cont.pth")
    assert "was not opened" in refusal(source, tmp_path / "model")
    assert not mark.exists()

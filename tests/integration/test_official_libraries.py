"""emotion2vec and Whisper as their libraries run them, from small files, beside the frames."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
import soundfile

REASON = "needs the [official] extra"
torch = pytest.importorskip("torch", reason=REASON)
for library in ("transformers", "open_clip", "whisper", "omegaconf", "funasr"):
    pytest.importorskip(library, reason=REASON)

import official_files  # noqa: E402 # after the skip
import official_libraries  # noqa: E402 # after the skip

from medtalk_live.cli.main import main  # noqa: E402
from medtalk_live.errors import CheckpointError  # noqa: E402
from medtalk_live.model.dynamics import VOICE_PERIOD_FRAMES  # noqa: E402
from medtalk_live.model.encoders.emotion2vec import VoiceFeatures  # noqa: E402
from medtalk_live.model.encoders.transcriber import Transcriber  # noqa: E402
from medtalk_live.model.encoders.voice import Voice  # noqa: E402
from medtalk_live.model.importing import import_folder  # noqa: E402

SAME = 1e-5
"""The library's own sums, taken in another process."""


def sound(seconds: float) -> np.ndarray:
    times = np.arange(int(seconds * 16_000)) / 16_000
    swell = 0.1 + 0.2 * np.sin(2.1 * times) ** 2
    return (swell * np.random.default_rng(4).normal(0, 1, len(times))).astype(np.float32)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of models: an imported checkpoint and the pretrained parts beside it."""
    folder = tmp_path_factory.mktemp("checkpoints")
    official_libraries.whisper(folder / "whisper")
    official_libraries.vocabulary(folder / "chinese-roberta-wwm-ext")
    import_folder(official_files.write(folder / "authors"), folder / "official")
    return folder


@pytest.fixture(scope="module")
def emotion2vec(home: Path) -> torch.nn.Module:
    return official_libraries.emotion2vec(home / "emotion2vec_base")


def test_the_worker_gives_what_the_librarys_own_class_gives(
    home: Path, emotion2vec: torch.nn.Module
) -> None:
    voice, samples = Voice(home / "emotion2vec_base"), sound(2.0)
    frames = voice.frames(samples)
    voice.close()
    with torch.inference_mode():
        normal = torch.nn.functional.layer_norm(torch.from_numpy(samples), samples.shape)[None]
        wanted = emotion2vec.extract_features(normal)["x"][0].numpy()
    assert frames.shape == (99, 32)
    assert np.abs(frames - wanted).max() < SAME


def copy_of(folder: Path, emotion2vec: torch.nn.Module, state: dict | None = None) -> Path:
    folder.mkdir()
    (folder / "config.yaml").write_text(official_libraries.EMOTION2VEC, encoding="utf-8")
    state = emotion2vec.state_dict() if state is None else state
    torch.save({"model": state}, folder / "emotion2vec_base.pt")
    return folder


def test_a_config_that_holds_code_is_refused_and_never_run(
    tmp_path: Path, emotion2vec: torch.nn.Module
) -> None:
    folder = copy_of(tmp_path / "code", emotion2vec)
    config, mark = folder / "config.yaml", tmp_path / "mark"
    code = f'__import__("pathlib").Path("{mark.as_posix()}").touch() or [(16, 10, 5)]'
    words = official_libraries.EMOTION2VEC.replace("[(16, 10, 5)] + [(16, 3, 2)] * 4", code)
    assert words != official_libraries.EMOTION2VEC
    config.write_text(words, encoding="utf-8")
    with pytest.raises(CheckpointError, match="holds code"):
        VoiceFeatures(folder)
    assert not mark.exists()


def test_a_file_that_lacks_a_tensor_is_refused_by_its_name(
    tmp_path: Path, emotion2vec: torch.nn.Module
) -> None:
    state = dict(emotion2vec.state_dict())
    key = "blocks.0.attn.qkv.weight"
    del state[key]
    with pytest.raises(CheckpointError, match=key):
        VoiceFeatures(copy_of(tmp_path / "cut", emotion2vec, state))


def test_a_folder_without_the_files_says_what_to_fetch(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="models fetch emotion2vec"):
        VoiceFeatures(tmp_path)


def test_whisper_hears_the_word_that_the_small_file_hears(home: Path) -> None:
    transcriber = Transcriber(str(home / "whisper" / "base.pt"))
    words = transcriber.words(sound(2.0))
    transcriber.close()
    assert {word.text for word in words} == {official_libraries.WORD}


def animated(home: Path, recording: Path, *options: str) -> np.ndarray:
    out = recording.with_suffix(".txt")
    call = ["animate", str(recording), "-o", str(out), "--model", str(home / "official")]
    assert main([*call, "--look-ahead", "80", "--finish", "none", *options]) == 0
    return np.loadtxt(out, delimiter=",")


def test_voice_and_words_move_the_imported_model(
    home: Path,
    emotion2vec: torch.nn.Module,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MEDTALK_CHECKPOINTS", str(home))
    recording = tmp_path / "sound.wav"
    soundfile.write(recording, sound(1.5), 16_000)
    published = animated(home, recording)
    transcript = animated(home, recording, "--text-branch", "transcript")
    assert published.shape == (90, 174)
    silent = VOICE_PERIOD_FRAMES  # before the first answer nothing has been heard of the voice
    assert np.array_equal(published[:silent], transcript[:silent])
    assert np.abs(published[silent:] - transcript[silent:]).max() > 1e-5


def test_the_live_run_goes_on_while_the_slow_encoders_start(
    home: Path,
    emotion2vec: torch.nn.Module,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("MEDTALK_CHECKPOINTS", str(home))
    recording = tmp_path / "sound.wav"
    soundfile.write(recording, sound(2.0), 16_000)
    call = ["--input", str(recording), "--model", str(home / "official"), "--look-ahead", "80"]
    quiet = ["--osc", "none", "--control", "none", "--text-branch", "transcript"]
    assert main([*call, *quiet]) == 0
    said = capsys.readouterr().err
    assert int(re.search(r"(\d+) frames sent", said)[1]) > 0
    assert "faults" not in said

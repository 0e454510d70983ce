"""The published stages through the real library classes, small: from folders to a model."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

REASON = "needs the [official] and [train] extras"
torch = pytest.importorskip("torch", reason=REASON)
for library in ("transformers", "open_clip", "omegaconf", "funasr", "soxr"):
    pytest.importorskip(library, reason=REASON)

import official_files  # noqa: E402 # after the skip
import official_libraries  # noqa: E402
from PIL import Image  # noqa: E402
from training_files import write_corpus  # noqa: E402

from medtalk_live.cli.main import main  # noqa: E402
from medtalk_live.errors import CheckpointError  # noqa: E402
from medtalk_live.face.drawing import picture  # noqa: E402
from medtalk_live.model import authors  # noqa: E402
from medtalk_live.model.checkpoint import read_manifest  # noqa: E402
from medtalk_live.model.encoders.wav2vec2 import normalise  # noqa: E402
from medtalk_live.training.clips import guidance_clips, own_clips  # noqa: E402
from medtalk_live.training.features import Features  # noqa: E402
from medtalk_live.training.guidance_pairs import drawn_pairs  # noqa: E402
from medtalk_live.training.official import OfficialConfig, felt, heard, prompted  # noqa: E402
from medtalk_live.training.official_run import Data, learn, save_checkpoints  # noqa: E402
from medtalk_live.training.pretrained import Pretrained  # noqa: E402

SAME = 2e-5
"""float32 through the same sums, once over kept features and once over the sound."""
SETTINGS = """\
latent: 16
stretch_frames: 12
accumulate: 4
face_epochs: 2
content_epochs: 2
label_epochs: 2
prompt_epochs: 2
"""
PARTS = {
    "wav2vec2-base-960h": "speech",
    "chinese-roberta-wwm-ext": "words",
    "clip-vit-base-patch32": "pictures",
}


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The four parts as their hubs lay them out, saved by transformers and funasr."""
    folder = tmp_path_factory.mktemp("parts")
    official_libraries.vocabulary(folder / "chinese-roberta-wwm-ext")
    official_libraries.emotion2vec(folder / "emotion2vec_base")
    libraries = official_files.libraries()
    for name, part in PARTS.items():
        getattr(libraries, part).save_pretrained(folder / name)
    return folder


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_corpus(tmp_path_factory.mktemp("data") / "corpus", train=3, heldout=2)


def words(corpus: Path, parts: Path, out: Path, *more: str) -> list[str]:
    settings = out.parent / "small.yaml"
    settings.write_text(SETTINGS, encoding="utf-8")
    folders = ["--corpus", str(corpus), "--out", str(out), "--pretrained", str(parts)]
    return ["train", "official", *folders, "--config", str(settings), "--compute", "cpu", *more]


def test_one_call_trains_the_four_stages_into_a_model_that_animates_and_is_scored(
    corpus: Path, parts: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert main(words(corpus, parts, out)) == 0
    assert len(list(out.glob("*.jsonl"))) == 6
    manifest = read_manifest(out / "model")
    assert manifest["kind"] == "official"
    assert manifest["text_branch"] == "transcript"
    capsys.readouterr()
    model = str(out / "model")
    table = tmp_path / "table.csv"
    asked = ["evaluate", "--truth", str(corpus), "--model", model, "--csv", str(table)]
    assert main([*asked, "--compute", "cpu"]) == 0
    printed = capsys.readouterr().out
    assert printed.splitlines()[0].split() == ["model", "MLE", "MEE", "EIE", "FRD"]
    values = table.read_text(encoding="utf-8").splitlines()[1].rsplit(",", 4)[1:]
    assert all(np.isfinite(float(value)) for value in values)


def test_the_exported_files_compute_what_was_trained(
    corpus: Path, parts: Path, tmp_path: Path
) -> None:
    """What the stages saw through kept features, the files' networks give from the sound."""
    config = OfficialConfig(latent=16, stretch_frames=12, clips=2, **dict.fromkeys(EPOCHS, 1))
    pretrained = Pretrained(parts)
    data = Data(corpus, corpus, drawn(corpus, tmp_path / "guidance"))
    learner = learn(data, tmp_path, config, pretrained)
    folder = save_checkpoints(learner.states(), pretrained, config, tmp_path / "checkpoints")
    settings = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    label = authors.load_pth(folder, "audio_semantic", settings).network
    prompt = authors.load_pth(folder, "clip_emotion", settings).network
    clip = guidance_clips(data.guidance)[0]
    kept = Features([clip], tmp_path / "features" / "guidance", pretrained)[0]
    samples, controls = clip.read()
    sound, frames = normalise(torch.from_numpy(samples)[None]), len(controls)
    spoken = label.spoken_content(sound, frames)
    torch.testing.assert_close(spoken, heard(learner, kept), rtol=0, atol=SAME)
    voice = torch.from_numpy(pretrained.voice(samples))[None]
    ids = torch.tensor([[101, 100, 102]])
    intensity = label.intensity(voice, ids, frames)
    by_label = label.emotion_of(torch.tensor([3]), intensity)
    asked = replace(kept, label=torch.tensor([3]))
    torch.testing.assert_close(by_label, felt(learner, asked), rtol=0, atol=SAME)
    assert clip.description is not None
    ids = prompt.clip_encoder.tokens(clip.description)
    by_text = prompt.fuse(prompt.text_guidance(ids)[:, None], prompt.intensity(voice, frames))
    torch.testing.assert_close(by_text, prompted(learner, kept)[0], rtol=0, atol=SAME)


EPOCHS = ("face_epochs", "content_epochs", "label_epochs", "prompt_epochs")


def drawn(corpus: Path, folder: Path) -> Path:
    clips = own_clips(corpus, "train")
    return drawn_pairs(clips, folder, lambda row: Image.fromarray(picture(row, size=48)))


def test_without_text_the_model_says_that_it_was_trained_on_the_published_tokens(
    corpus: Path, parts: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    assert main(words(corpus, parts, out, "--without", "text", "cycle")) == 0
    assert read_manifest(out / "model")["text_branch"] == "published"
    assert not (out / "1d-cycle.jsonl").exists()


def test_a_part_that_is_missing_or_cut_is_named(
    corpus: Path, parts: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words(corpus, tmp_path, tmp_path / "out")) == 1
    assert "models fetch wav2vec2" in capsys.readouterr().err
    copy = shutil.copytree(parts, tmp_path / "copy")
    weights = next((copy / "wav2vec2-base-960h").glob("*.safetensors"))
    weights.write_bytes(weights.read_bytes()[:500])
    with pytest.raises(CheckpointError, match=r"model\.safetensors"):
        Pretrained(copy)

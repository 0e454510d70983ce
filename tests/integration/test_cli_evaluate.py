"""``evaluate``: models and other programs' curves against ground truth, table, CSV, figures."""

from __future__ import annotations

import csv
import sys
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("soxr", reason="needs the [train] extra")
torch = pytest.importorskip("torch")

from training_files import write_corpus, write_pairs, write_rig  # noqa: E402 # after the skips

from medtalk_live.cli.evaluate_figures import draw_embeddings, draw_swap  # noqa: E402
from medtalk_live.cli.main import main  # noqa: E402
from medtalk_live.model import checkpoint  # noqa: E402
from medtalk_live.model.disentangle import Disentangler  # noqa: E402
from medtalk_live.training.clips import own_clips, speech_clips  # noqa: E402


def rows(path: Path) -> dict[str, dict[str, float]]:
    with path.open(encoding="utf-8", newline="") as file:
        read = list(csv.DictReader(file))
    return {row.pop("model"): {key: float(value) for key, value in row.items()} for row in read}


def test_models_and_curves_of_other_programs_stand_in_one_table(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    corpus = write_corpus(tmp_path / "corpus")
    authors = write_pairs(tmp_path / "authors" / "validation", ("happy_1", "sad_1")).parent
    perfect, worse = tmp_path / "perfect", tmp_path / "worse"
    for clip in (*own_clips(corpus, "heldout"), *speech_clips(authors, "heldout")):
        controls = clip.read()[1]
        write_rig(perfect / f"{clip.id}.txt", controls)
        write_rig(worse / f"{clip.id}.txt", controls + 0.1)
    words = ["evaluate", "--truth", str(corpus), "--truth", str(authors), "--model", "starter"]
    words += ["--curves", f"perfect={perfect}", "--curves", f"worse={worse}"]
    assert main([*words, "--csv", str(tmp_path / "table.csv"), "--paper"]) == 0
    found = rows(tmp_path / "table.csv")
    assert list(found) == [
        f"{name} on {place}"
        for place in ("corpus", "authors")
        for name in ("starter", "perfect", "worse", "neutral face")
    ]
    for place in ("corpus", "authors"):
        assert found[f"perfect on {place}"]["MLE"] < 1e-5
        assert found[f"worse on {place}"]["MLE"] == pytest.approx(0.1, abs=1e-4)
        assert found[f"worse on {place}"]["FRD"] == pytest.approx(0.0, abs=1e-4)
        assert found[f"starter on {place}"]["MLE"] > 0.001
    printed = capsys.readouterr().out.splitlines()
    assert printed[0].split() == ["model", "MLE", "MEE", "EIE", "FRD"]
    assert any(line.startswith("MEDTalk (paper)") for line in printed)


def test_missing_curves_and_unknown_folders_are_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    corpus = write_corpus(tmp_path / "corpus")
    (tmp_path / "empty").mkdir()
    words = ["evaluate", "--truth", str(corpus)]
    assert main([*words, "--curves", f"other={tmp_path / 'empty'}"]) == 1
    assert "made-clip4.txt is missing" in capsys.readouterr().err
    with pytest.raises(SystemExit) as ended:
        main([*words, "--curves", "other=nowhere"])
    assert ended.value.code == 2
    assert main(["evaluate", "--truth", str(tmp_path / "empty")]) == 1
    assert "nothing held out" in capsys.readouterr().err


def test_the_starter_gets_its_intensity_drawn_and_is_told_what_it_lacks(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("matplotlib", reason="needs the [plot] extra")
    corpus = write_corpus(tmp_path / "corpus")
    load, loaded = checkpoint.load_model, []
    monkeypatch.setattr(checkpoint, "load_model", lambda *a: loaded.append(a[0]) or load(*a))
    words = ["evaluate", "--truth", str(corpus), "--most", "1", "--figures", str(tmp_path / "f")]
    assert main(words) == 0
    assert [path.name for path in (tmp_path / "f").iterdir()] == ["starter-corpus-intensity.png"]
    assert "holds no encoders" in capsys.readouterr().err
    assert loaded == ["starter"], "once for the table and its figures"


def test_scores_are_not_lost_where_a_figure_cannot_be_drawn(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    corpus, table = write_corpus(tmp_path / "corpus"), tmp_path / "table.csv"
    words = ["evaluate", "--truth", str(corpus), "--most", "1", "--figures", str(tmp_path / "f")]
    assert main([*words, "--csv", str(table)]) == 1
    said = capsys.readouterr()
    assert "starter" in said.out
    assert list(rows(table)) == ["starter", "neutral face"]
    assert "a figure of a model needs the package 'matplotlib'" in said.err


def test_embedding_spaces_and_swapped_emotions_are_drawn(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="needs the [plot] extra")
    pytest.importorskip("sklearn", reason="needs the [plot] extra")
    torch.manual_seed(0)
    face = Disentangler(latent=8, hidden=16).requires_grad_(False)
    clips = own_clips(write_corpus(tmp_path / "corpus"), "train")
    truth = [(clip, *clip.read()) for clip in clips]
    scores = draw_embeddings(face, truth, tmp_path / "embeddings.png")
    assert set(scores) == {"emotion", "content"}
    assert all(-1 <= score <= 1 for score in scores.values())
    draw_swap(face, truth, tmp_path / "swap.png")
    from PIL import Image

    for name in ("embeddings.png", "swap.png"):
        with Image.open(tmp_path / name) as picture:
            assert np.asarray(picture).std() > 10, "something is drawn"

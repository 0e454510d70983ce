"""MLE, MEE, EIE and FRD as the paper defines them, and their table."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from medtalk_live.errors import MedTalkError, RigError
from medtalk_live.evaluation.metrics import FaceScores, mean_scores, score_face
from medtalk_live.evaluation.report import (
    PAPER,
    PAPER_ABLATIONS,
    markdown_table,
    text_table,
    write_table,
)
from medtalk_live.rig.controls import EMOTION_SET, INTENSITY_SET, LIP_SET, UPPER_SET

ALMOST = 1e-6
"""float32 inputs, means in float64."""


def faces(frames: int = 40) -> np.ndarray:
    return np.random.default_rng(3).uniform(0, 1, (frames, 174)).astype(np.float32)


def test_a_face_scores_nothing_against_itself() -> None:
    assert score_face(faces(), faces()) == FaceScores(0.0, 0.0, 0.0, 0.0)


def test_an_error_outside_a_set_does_not_count_in_it() -> None:
    truth = faces()
    wrong = truth.copy()
    outside = np.setdiff1d(np.arange(174), np.concatenate([LIP_SET, EMOTION_SET, INTENSITY_SET]))
    wrong[:, outside] += 0.5
    scores = score_face(wrong, truth)
    assert (scores.mle, scores.mee, scores.eie) == (0.0, 0.0, 0.0)


def test_lips_feeling_and_intensity_are_mean_absolute_errors_of_their_sets() -> None:
    truth = faces()
    wrong = truth.copy()
    wrong[:, LIP_SET[0]] += 0.4
    only_lips = score_face(wrong, truth)
    assert only_lips.mle == pytest.approx(0.4 / len(LIP_SET), abs=ALMOST)
    wrong = truth.copy()
    wrong[::2, INTENSITY_SET] += 0.2
    scores = score_face(wrong, truth)
    # fourteen controls, a tenth of their sum, every other frame
    assert scores.eie == pytest.approx(len(INTENSITY_SET) * 0.2 / 10 / 2, abs=1e-5)
    shared = np.intersect1d(INTENSITY_SET, EMOTION_SET)
    assert scores.mee == pytest.approx(0.1 * len(shared) / len(EMOTION_SET), abs=ALMOST)


def test_frd_is_positive_where_the_truth_moves_more_and_does_not_see_an_offset() -> None:
    truth = faces()
    still = truth.copy()
    still[:, UPPER_SET] = truth[:, UPPER_SET].mean(axis=0) + 0.3
    assert score_face(still, truth).frd == pytest.approx(
        truth[:, UPPER_SET].std(0).mean(), abs=1e-5
    )
    assert score_face(truth, still).frd < 0
    assert score_face(truth + 0.2, truth).frd == pytest.approx(0.0, abs=1e-5)


def test_a_frame_or_two_of_difference_is_cut_and_more_is_refused() -> None:
    truth = faces()
    assert score_face(truth[:-2], truth).mle == 0.0
    with pytest.raises(RigError, match="not of the same sound"):
        score_face(truth[:-20], truth)
    with pytest.raises(RigError, match="prediction has the shape"):
        score_face(truth[:, :100], truth)


def test_every_clip_counts_once() -> None:
    scores = [FaceScores(0.1, 0.2, 0.3, -0.1), FaceScores(0.3, 0.2, 0.1, 0.1)]
    mean = mean_scores(scores)
    assert (mean.mle, mean.mee, mean.eie) == pytest.approx((0.2, 0.2, 0.2))
    assert mean.frd == pytest.approx(0.0)
    with pytest.raises(RigError, match="no clip"):
        mean_scores([])


def test_the_table_has_the_papers_columns_and_its_best_in_bold(tmp_path: Path) -> None:
    rows = {"ours": FaceScores(0.005, 0.01, 0.7, -0.001), **PAPER}
    lines = text_table(rows).splitlines()
    assert lines[0].split() == ["model", "MLE", "MEE", "EIE", "FRD"]
    assert lines[1].split() == ["ours", "0.00500", "0.01000", "0.70000", "-0.00100"]
    assert len({len(line) for line in lines}) == 1
    bold = [line for line in markdown_table(rows).splitlines() if "**" in line]
    assert [line.split("|")[1].strip() for line in bold] == [
        "ours",
        "FaceFormer",
        "DiffPoseTalk",
        "MEDTalk",
    ]
    write_table(rows, tmp_path / "table.csv")
    with (tmp_path / "table.csv").open(encoding="utf-8", newline="") as file:
        read = list(csv.DictReader(file))
    assert [row["model"] for row in read] == list(rows)
    assert float(read[0]["FRD"]) == -0.001
    with pytest.raises(MedTalkError, match="another --csv"):
        write_table(rows, tmp_path / "nowhere" / "table.csv")


def test_the_papers_ablations_end_with_the_full_model() -> None:
    assert list(PAPER_ABLATIONS)[-1] == "full"
    assert PAPER_ABLATIONS["full"] == PAPER["MEDTalk"]

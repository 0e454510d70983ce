"""Figures: saved where asked, and a sentence where that cannot be."""

from __future__ import annotations

import json
import sys

import pytest

from medtalk_live.errors import MedTalkError, MissingExtraError, SinkError
from medtalk_live.figure import new_figure, save_figure
from medtalk_live.training.plots import plot_curves


def log_of_a_stage(folder) -> None:
    rows = [{"step": step, "time": 1.0, "total": 2.0 / (step + 1)} for step in range(3)]
    (folder / "speech.jsonl").write_text("\n".join(map(json.dumps, rows)))


def test_a_figure_is_saved_by_its_ending(tmp_path):
    pytest.importorskip("matplotlib")
    for ending, begin in (("png", b"\x89PNG"), ("svg", b"<?xml"), ("pdf", b"%PDF")):
        save_figure(new_figure(2, 1, "a test"), tmp_path / f"a.{ending}", 50)
        assert (tmp_path / f"a.{ending}").read_bytes().startswith(begin)


@pytest.mark.parametrize("name", ["a.nothing", "no/folder/a.png"])
def test_what_cannot_be_written_is_named_in_the_class_asked_for(tmp_path, name):
    pytest.importorskip("matplotlib")
    figure = new_figure(2, 1, "a test")
    with pytest.raises(MedTalkError, match=r"cannot be written .* use a name ending in \.png"):
        save_figure(figure, tmp_path / name, 50)
    with pytest.raises(SinkError):
        save_figure(figure, tmp_path / name, 50, SinkError)


def test_a_missing_matplotlib_names_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(MissingExtraError, match=r"a test needs .*'medtalk-live\[plot\]'"):
        new_figure(2, 1, "a test")


def test_a_training_goes_on_where_its_curves_cannot_be_drawn(tmp_path, caplog, monkeypatch):
    pytest.importorskip("matplotlib")
    assert not plot_curves(tmp_path, tmp_path / "curves.png")  # there are no logs
    log_of_a_stage(tmp_path)
    assert plot_curves(tmp_path, tmp_path / "curves.png")
    assert not caplog.records

    assert not plot_curves(tmp_path, tmp_path / "nowhere" / "curves.png")
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    assert not plot_curves(tmp_path, tmp_path / "curves.png")

    first, second = (record.getMessage() for record in caplog.records)
    assert "cannot be written" in first
    assert "medtalk-live[plot]" in second

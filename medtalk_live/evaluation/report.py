"""Scores as the paper's Table 1: text for a terminal, Markdown for docs, CSV for the rest.

Beside them the paper's own rows (Tables 1 and 3), which were measured on its
own data with sets that it does not list: to be read by order, not by value.
Pure but for the CSV, any thread. Source: MEDTalk, Tables 1 and 3.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import astuple
from pathlib import Path

from medtalk_live.errors import MedTalkError
from medtalk_live.evaluation.metrics import FaceScores
from medtalk_live.takes.files import writing

COLUMNS = ("MLE", "MEE", "EIE", "FRD")

PAPER = {
    "FaceFormer": FaceScores(0.00662, 0.00952, 0.69221, 0.00618),
    "EmoTalk": FaceScores(0.00756, 0.02303, 0.92046, 0.00116),
    "EmoFace": FaceScores(0.00651, 0.02072, 0.88574, 0.00507),
    "DiffPoseTalk": FaceScores(0.01525, 0.01664, 0.89151, 0.00075),
    "MEDTalk": FaceScores(0.00596, 0.00906, 0.79055, 0.00289),
}
"""Table 1."""

PAPER_ABLATIONS = {
    "without overlap": FaceScores(0.01026, 0.01112, 0.90941, 0.00134),
    "without cycle": FaceScores(0.00704, 0.00934, 0.82254, 0.00832),
    "without disentangling": FaceScores(0.00628, 0.00861, 0.83728, 0.00825),
    "without intensity": FaceScores(0.00665, 0.01142, 0.86488, 0.00753),
    "without text": FaceScores(0.00630, 0.00965, 0.83899, 0.00757),
    "full": PAPER["MEDTalk"],
}
"""Table 3."""


def text_table(rows: Mapping[str, FaceScores]) -> str:
    """Rows under the paper's columns, aligned for a terminal."""
    width = max(len("model"), *(len(name) for name in rows))
    lines = ["  ".join((f"{'model':<{width}}", *(f"{name:>8}" for name in COLUMNS)))]
    lines += [
        "  ".join((f"{name:<{width}}", *(f"{value:8.5f}" for value in astuple(scores))))
        for name, scores in rows.items()
    ]
    return "\n".join(lines)


def markdown_table(rows: Mapping[str, FaceScores]) -> str:
    """The same for a page of docs, the best of each column in bold (FRD: nearest to 0)."""
    best = [min(abs(astuple(s)[i]) for s in rows.values()) for i in range(len(COLUMNS))]
    lines = [f"| | {' | '.join(COLUMNS)} |", "|---" * (len(COLUMNS) + 1) + "|"]
    for name, scores in rows.items():
        cells = [
            f"**{value:.5f}**" if abs(value) == least else f"{value:.5f}"
            for value, least in zip(astuple(scores), best, strict=True)
        ]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)


def write_table(rows: Mapping[str, FaceScores], path: Path) -> None:
    """Write the rows as CSV.

    Raises:
        MedTalkError: the file cannot be written.
    """
    with (
        writing(path, MedTalkError, "give another --csv"),
        path.open("w", encoding="utf-8", newline="") as file,
    ):
        table = csv.writer(file)
        table.writerow(("model", *COLUMNS))
        table.writerows((name, *astuple(scores)) for name, scores in rows.items())

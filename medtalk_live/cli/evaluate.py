"""``medtalk-live evaluate``: models against ground truth, as the paper's Table 1."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from medtalk_live.cli import options, values
from medtalk_live.cli.progress import ProgressBar
from medtalk_live.errors import ConfigError, MedTalkError, MissingExtraError, TrainingError

if TYPE_CHECKING:
    from medtalk_live.evaluation.metrics import FaceScores
    from medtalk_live.guidance.request import Guidance
    from medtalk_live.model.streaming import FaceModel
    from medtalk_live.rig.controls import FloatArray
    from medtalk_live.training.clips import Clip

    Truth = list[tuple[Clip, FloatArray, FloatArray]]
    """Clips, with their sound and their face."""
    Load = Callable[[str], FaceModel]
    """A model by its name or folder."""

FINISHES = ("none", "limits", "full")
_ENDINGS = (".txt", ".csv")


def main(arguments: list[str]) -> int:
    """Score, print, write; returns the exit status."""
    args = _parser().parse_args(arguments)
    try:
        return _evaluate(args)
    except ModuleNotFoundError as error:
        raise MissingExtraError(str(error.name), "train", "an evaluation") from None


def _evaluate(args: argparse.Namespace) -> int:
    from medtalk_live.evaluation.report import PAPER, text_table, write_table

    load = _loader(args)
    rows: dict[str, FaceScores] = {}
    problem: MedTalkError | None = None
    for folder in args.truth:
        truth = _truth(folder, args.split, args.most)
        place = f" on {folder.name}" if len(args.truth) > 1 else ""
        for name in args.model or ([] if args.curves else ["starter"]):
            rows[f"{name}{place}"] = _of_model(name, load(name), truth, args.finish)
        for name, curves in args.curves:
            rows[f"{name}{place}"] = _of_files(curves, truth)
        rows |= {f"neutral face{place}": _at_rest(truth)}
        if args.figures is not None:
            try:
                _figures(folder, truth, load, args)
            except MedTalkError as found:  # the scores, which may have taken hours, come first
                problem = found
    if args.csv is not None:
        write_table(rows, args.csv)
    print(text_table(rows | {f"{k} (paper)": v for k, v in PAPER.items()} if args.paper else rows))
    if problem is not None:
        raise problem
    return 0


def _loader(args: argparse.Namespace) -> Load:
    """Loads each model once, however many folders and figures ask for it."""
    from medtalk_live.model.checkpoint import load_model

    return cache(lambda name: load_model(name, args.look_ahead, args.compute))


def _truth(folder: Path, split: str, most: int) -> Truth:
    """Clips of a folder in any of the training layouts, read."""
    from medtalk_live.training.clips import guidance_clips, speech_clips

    found = guidance_clips(folder) if (folder / "rig").is_dir() else speech_clips(folder, split)
    chosen = found[:: max(1, len(found) // most)][:most] if most else found
    return [(clip, *clip.read()) for clip in chosen]


def _of_model(name: str, model: FaceModel, truth: Truth, finish: str) -> FaceScores:
    """A model's own animation of every sound, guided by the clip's label or description."""
    import medtalk_live as mt
    from medtalk_live.clock import SAMPLE_RATE
    from medtalk_live.evaluation.metrics import mean_scores, score_face

    bar, scores = ProgressBar(name), []
    for done, (clip, sound, face) in enumerate(truth):
        curves = mt.animate(
            sound, SAMPLE_RATE, model=model, guidance=guidance_of(clip), finish=finish
        )
        scores.append(score_face(curves.controls, face))
        bar.count(done + 1, len(truth))
    return mean_scores(scores)


def guidance_of(clip: Clip) -> Guidance:
    """Guidance by the clip's description, else by its label."""
    from medtalk_live.guidance import request
    from medtalk_live.model.streaming import LABELS

    if clip.description is not None:
        return request.Guidance.text(clip.description)
    return request.Guidance.label("neutral" if clip.label is None else LABELS[clip.label])


def _of_files(folder: Path, truth: Truth) -> FaceScores:
    """Curves that were computed elsewhere, ``ID.txt`` or ``ID.csv`` for each clip."""
    from medtalk_live.evaluation.metrics import mean_scores, score_face
    from medtalk_live.takes.controls_file import read_controls

    scores = []
    for clip, _, face in truth:
        paths = [folder / f"{clip.id}{ending}" for ending in _ENDINGS]
        path = next((path for path in paths if path.is_file()), None)
        if path is None:
            raise TrainingError(
                f"{paths[0]} is missing: --curves wants a file for each of the "
                f"{len(truth)} clips, named like its sound"
            )
        scores.append(score_face(read_controls(path), face))
    return mean_scores(scores)


def _at_rest(truth: Truth) -> FaceScores:
    """What a face that does nothing would score: every model should be below."""
    import numpy as np

    from medtalk_live.evaluation.metrics import mean_scores, score_face
    from medtalk_live.rig.controls import NEUTRAL

    return mean_scores(score_face(np.tile(NEUTRAL, (len(face), 1)), face) for _, _, face in truth)


def _figures(folder: Path, truth: Truth, load: Load, args: argparse.Namespace) -> None:
    from medtalk_live.cli.evaluate_figures import draw_figures

    args.figures.mkdir(parents=True, exist_ok=True)
    drawn = [
        draw_figures(name, load(name), folder.name, truth, args)
        for name in args.model or ["starter"]
    ]
    for path in (path for paths in drawn for path in paths):
        print(f"figure  {path}")


def _named_folder(text: str) -> tuple[str, Path]:
    name, _, folder = text.partition("=")
    if not folder or not Path(folder).is_dir():
        raise ConfigError(f"'{text}' is not NAME=DIR with a folder that exists")
    return name, Path(folder)


def _parser() -> argparse.ArgumentParser:
    parser = options.Parser(
        prog="medtalk-live evaluate",
        description="Measure models against ground truth: MLE (lips), MEE (feeling), EIE "
        "(intensity), FRD (how much the upper face moves), as in the paper's Table 1. "
        "Lower is better, FRD nearer to 0.",
    )
    parser.add_argument(
        "--truth",
        metavar="DIR",
        type=Path,
        action="append",
        required=True,
        help="pairs of sound and face in a training layout: WAV/ + VALID_CTR/, audio/ + rig/ + "
        "image/ + text/, or a corpus; may be repeated",
    )
    parser.add_argument(
        "--model", metavar="NAME|DIR", action="append", help="may be repeated (starter)"
    )
    parser.add_argument(
        "--curves",
        metavar="NAME=DIR",
        type=values.checked(_named_folder),
        action="append",
        default=[],
        help="curves of another program: DIR/CLIP.txt or .csv; may be repeated",
    )
    parser.add_argument("--split", choices=("heldout", "train"), default="heldout")
    parser.add_argument(
        "--most", metavar="N", type=values.whole, default=0, help="clips of a folder (all)"
    )
    parser.add_argument("--csv", metavar="FILE", type=Path, help="write the table")
    parser.add_argument(
        "--figures",
        metavar="DIR",
        type=Path,
        help="write t-SNE of both spaces, intensity, swapped emotions",
    )
    parser.add_argument("--paper", action="store_true", help="print the paper's Table 1 below")
    parser.add_argument("--finish", choices=FINISHES, default="limits", help="(limits)")
    parser.add_argument("--look-ahead", metavar="MS", type=int, help="(the model's for files)")
    parser.add_argument("--compute", choices=("auto", "cpu", "cuda"), default="auto")
    options.add_verbose(parser)
    return parser

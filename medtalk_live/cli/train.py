"""``medtalk-live train``: from a corpus to a model folder; goes on where it stopped."""

from __future__ import annotations

import argparse
from importlib import import_module, resources
from pathlib import Path

from medtalk_live.cli import options
from medtalk_live.cli.progress import ProgressBar
from medtalk_live.config import from_mapping, read_yaml
from medtalk_live.errors import MissingExtraError
from medtalk_live.runtime.settings import COMPUTES

_STEPS = {
    "corpus": "medtalk_live.training.corpus",
    "teacher": "medtalk_live.training.teach",
}
"""What comes before a model; their modules bring ``main(words) -> int`` themselves."""
_OFFICIAL, _FROM_VIDEO = "medtalk_live.cli.train_official", "medtalk_live.cli.train_video"
GOES_ON = "What is done already is not redone: run the same call again after an interruption."


def main(arguments: list[str]) -> int:
    """Train a model, or do a step before it; returns the exit status."""
    try:
        if module := _module(arguments):
            return int(import_module(module).main(arguments[1:]))
        return _train(_parser().parse_args(arguments))
    except ModuleNotFoundError as error:
        raise MissingExtraError(str(error.name), "train", "training") from None


def _module(arguments: list[str]) -> str | None:
    """Which module reads the words after the first, if not this one."""
    kind, *words = arguments or [""]
    if kind == "corpus" and any(word.startswith("--from-video") for word in words):
        return _FROM_VIDEO
    return _OFFICIAL if kind == "official" else _STEPS.get(kind)


def _train(args: argparse.Namespace) -> int:
    from medtalk_live.model.card import chosen_device
    from medtalk_live.training.starter import StarterConfig, train

    config = from_mapping(StarterConfig, read_yaml(args.config), str(args.config))
    folder = train(
        args.corpus,
        args.out,
        config,
        args.version,
        ProgressBar("examples").count,
        chosen_device(args.compute),
    )
    print(f"{folder}: try it with  medtalk-live --model {folder}")
    return 0


def add_run(
    parser: argparse.ArgumentParser, *, corpus: str, out: str, settings: str, whose: str
) -> None:
    """What every training is told: its corpus, its folder, its settings.

    Args:
        parser: Gets the options.
        corpus: What the corpus has to be.
        out: What the folder is for.
        settings: File beside ``medtalk_live.training`` that is read by default.
        whose: The settings in it.
    """
    parser.add_argument("--corpus", metavar="DIR", type=Path, required=True, help=corpus)
    parser.add_argument("--out", metavar="DIR", type=Path, required=True, help=out)
    parser.add_argument(
        "--config",
        metavar="FILE.yaml",
        type=Path,
        default=Path(str(resources.files("medtalk_live.training").joinpath(settings))),
        help=f"settings ({whose})",
    )
    parser.add_argument(
        "--compute",
        choices=COMPUTES,
        default="auto",
        help="where it computes (auto: a card where torch finds one)",
    )


def _parser() -> argparse.ArgumentParser:
    parser = options.Parser(
        prog="medtalk-live train",
        description=f"Train a model in MEDTalk's four stages. {GOES_ON}",
    )
    parser.add_argument(
        "kind",
        choices=("starter", "official", *_STEPS),
        help="the model (train official --help); or a step before it: the corpus (or "
        "guidance data: train corpus --from-video --help), or the teacher that hears phones in it",
    )
    add_run(
        parser,
        corpus="built by training.corpus",
        out="for examples, states, model/",
        settings="starter.yaml",
        whose="those of the shipped model",
    )
    parser.add_argument("--version", metavar="V", default="local", help="of the checkpoint (local)")
    options.add_verbose(parser)
    return parser

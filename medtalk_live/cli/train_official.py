"""``medtalk-live train official``: the published four stages on a user's own data.

Plain, or in several processes: ``torchrun --nproc-per-node N -m medtalk_live
train official ...``.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from medtalk_live.cli import options
from medtalk_live.cli.progress import ProgressBar
from medtalk_live.cli.train import GOES_ON, add_run
from medtalk_live.config import from_mapping, read_yaml
from medtalk_live.errors import TrainingError

if TYPE_CHECKING:
    from medtalk_live.training.official_run import Data

DRAWN_CLIPS = 400
_PICTURE = 224


def main(arguments: list[str]) -> int:
    """Train, export and import; returns the exit status."""
    args = _parser().parse_args(arguments)
    from medtalk_live.model.card import chosen_device
    from medtalk_live.training import distributed
    from medtalk_live.training.official import OfficialConfig
    from medtalk_live.training.official_run import train_official
    from medtalk_live.training.pretrained import Pretrained

    config = from_mapping(OfficialConfig, read_yaml(args.config), str(args.config))
    config = replace(config, without=tuple({*config.without, *args.without}))
    with distributed.joined():
        device = chosen_device(args.compute)
        folder = train_official(
            _data(args),
            args.out,
            config,
            Pretrained(args.pretrained, device),
            (lambda what: ProgressBar(what).count) if distributed.is_first() else None,
            device,
        )
        if distributed.is_first():
            print(f"{folder}: try it with  medtalk-live --model {folder}")
    return 0


def _data(args: argparse.Namespace) -> Data:
    from medtalk_live.training.official_run import Data

    guidance = args.guidance or _drawn(args.corpus, args.out / "guidance")
    return Data(args.corpus, args.overlap or args.corpus, guidance)


def _drawn(corpus: Path, folder: Path) -> Path:
    """Guidance data of our own corpus, its faces drawn; the user is told."""
    from PIL import Image

    from medtalk_live.face.drawing import picture
    from medtalk_live.training import distributed
    from medtalk_live.training.clips import own_clips
    from medtalk_live.training.corpus import MANIFEST
    from medtalk_live.training.guidance_pairs import drawn_pairs

    if not (corpus / MANIFEST).is_file():
        raise TrainingError(
            "stage 4 needs guidance data (audio/ rig/ image/ text/): give --guidance DIR, "
            "or make it of talking-head clips with  train corpus --from-video DIR"
        )
    if distributed.is_first():
        drawn_pairs(
            own_clips(corpus, "train")[:DRAWN_CLIPS],
            folder,
            lambda row: Image.fromarray(picture(row, size=_PICTURE)),
            ProgressBar("drawn guidance").count,
        )
    distributed.wait_for_all()
    return folder


def _parser() -> argparse.ArgumentParser:
    from medtalk_live.training.official import ABLATIONS

    parser = options.Parser(
        prog="medtalk-live train official",
        description=f"Train the official network in its four published stages. {GOES_ON}",
    )
    add_run(
        parser,
        corpus="WAV/ + VALID_CTR/ + a corpus csv, or a corpus of  train corpus",
        out="gets model/",
        settings="official.yaml",
        whose="the paper's",
    )
    parser.add_argument(
        "--overlap",
        metavar="DIR",
        type=Path,
        help="pair_rig/EMOTION/*.txt, or a corpus that the animator acts (the corpus)",
    )
    parser.add_argument(
        "--guidance", metavar="DIR", type=Path, help="audio/ rig/ image/ text/ (drawn faces)"
    )
    parser.add_argument(
        "--pretrained",
        metavar="DIR",
        type=Path,
        help="holds the frozen parts' folders (where  models fetch  puts them)",
    )
    parser.add_argument(
        "--without", nargs="+", choices=ABLATIONS, default=(), help="ablations: leave these out"
    )
    options.add_verbose(parser)
    return parser

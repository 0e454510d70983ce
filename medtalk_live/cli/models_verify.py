"""``medtalk-live models verify``: this implementation beside reference numbers."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from medtalk_live.cli import options
from medtalk_live.errors import CheckpointError
from medtalk_live.takes.files import check_place, writing

_REMEDY = "give another --out"


def main(arguments: list[str]) -> int:
    """Print each output's largest difference; 1 where one is beyond the limit."""
    parser = options.Parser(
        prog="medtalk-live models verify",
        description="Run a reference folder (config.json, the four .pth files, io.npz, "
        "losses.json) and compare every output and loss.",
    )
    parser.add_argument("folder", type=Path, metavar="DIR", help="the reference folder")
    parser.add_argument("--out", type=Path, metavar="OUT.npz", help="write what was computed")
    options.add_verbose(parser)
    words = parser.parse_args(arguments)
    if words.out is not None:
        with writing(words.out, CheckpointError, _REMEDY):
            check_place(words.out)
    from medtalk_live.training.verify import verify

    outputs, rows = verify(words.folder)
    if words.out is not None:
        _write(words.out, outputs)
    for row in rows:
        mark = "ok" if row.agrees else "DIFFERS"
        print(f"{row.name:<28}{row.difference:10.2e}  limit {row.limit:8.1e}  {mark}")
    wrong = sum(not row.agrees for row in rows)
    print(f"{len(rows) - wrong} of {len(rows)} within the limits")
    return 1 if wrong else 0


def _write(path: Path, outputs: dict[str, np.ndarray]) -> None:
    # a handle, so that no suffix is added to the name
    with writing(path, CheckpointError, _REMEDY), path.open("wb") as file:
        np.savez(file, **outputs)  # type: ignore[arg-type] # stubs take its flag for an array

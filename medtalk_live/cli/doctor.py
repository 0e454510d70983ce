"""``medtalk-live doctor``: what is wrong with this machine, and how to mend it."""

from __future__ import annotations

from medtalk_live.cli import options
from medtalk_live.runtime.checkup import examine

_MARKS = {"ok": "ok   ", "note": "note ", "fault": "FAULT"}


def main(arguments: list[str]) -> int:
    """Print every finding with its remedy; 1 where something is broken."""
    parser = options.Parser(
        prog="medtalk-live doctor",
        description="Check the install, models, GPU, audio devices and ports of this machine.",
    )
    options.add_verbose(parser)
    parser.parse_args(arguments)
    faults = 0
    for finding in examine():
        faults += finding.grade == "fault"
        print(f"{_MARKS[finding.grade]} {finding.what}", flush=True)
        if finding.remedy:
            print(f"      -> {finding.remedy}", flush=True)
    print("all is well" if not faults else f"{faults} to mend", flush=True)
    return 1 if faults else 0

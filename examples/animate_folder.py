"""Every recording of a folder to a CSV of curves, offline, with one loaded model.

Run  python examples/animate_folder.py FOLDER OUT [--emotion happy]  . For one
file  ``medtalk-live animate``  is enough.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import medtalk_live as mt
from medtalk_live.audio.file import read_sound
from medtalk_live.takes.export import write_csv

KINDS = {".wav", ".flac", ".ogg"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--emotion", default="neutral")
    chosen = parser.parse_args()

    model = mt.load_model("starter", look_ahead_ms=80)
    chosen.out.mkdir(parents=True, exist_ok=True)
    for path in sorted(chosen.folder.iterdir()):
        if path.suffix.lower() not in KINDS:
            continue
        try:
            samples, rate = read_sound(path)
        except mt.MedTalkError as problem:  # one bad file does not hold up the rest
            print(f"left out: {problem}")
            continue
        guidance = mt.Guidance.label(chosen.emotion)
        curves = mt.animate(samples, rate, model=model, guidance=guidance)
        write_csv(curves, chosen.out / f"{path.stem}.csv")
        print(f"{path.stem}.csv: {len(curves)} frames")


if __name__ == "__main__":
    main()

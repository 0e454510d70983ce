"""Builds the training corpus and reads it back.

Every source is an adapter in ``medtalk_live/training/sources``; each writes
its own folder ``<corpus>/<source>/`` with ``<id>.flac`` (16 kHz mono PCM_16)
and ``manifest.jsonl``, so several builders can run side by side and a build
that was stopped goes on where it stood. The manifests are merged into
``<corpus>/manifest.jsonl``. Sources that are missing are skipped and named.
Offline work: blocks on the disk, one thread.
"""

from __future__ import annotations

import argparse
import importlib
import os
import pkgutil
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import soundfile

from medtalk_live.errors import TrainingError
from medtalk_live.training import sources as sources_package
from medtalk_live.training.utterance import (
    CAPTURED,
    SAMPLE_RATE_HZ,
    Recording,
    Source,
    Utterance,
    from_line,
    to_line,
)

MANIFEST = "manifest.jsonl"
Progress = Callable[[str, int, float], None]


@dataclass
class BuildReport:
    """What a build did: minutes in the corpus by source, and what was missing.

    Attributes:
        minutes: Minutes that now lie in the corpus, by source.
        missing: How to get each source that was skipped, by name.
    """

    minutes: dict[str, float] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)


def registry() -> dict[str, Source]:
    """Return every adapter by name, in the order of their modules."""
    found: dict[str, Source] = {}
    for info in pkgutil.iter_modules(sources_package.__path__):
        module = importlib.import_module(f"{sources_package.__name__}.{info.name}")
        for source in getattr(module, "SOURCES", ()):
            found[source.name] = source
    return found


def build(
    out: Path,
    sources_dir: Path,
    only: Collection[str] | None = None,
    progress: Progress | None = None,
) -> BuildReport:
    """Build or complete the corpus in `out`.

    Args:
        out: Folder of the corpus; made if it is not there.
        sources_dir: Where the raw material lies, one folder a source.
        only: Names of the sources to build; None for all.
        progress: Called as (source, utterances so far, minutes so far).

    Raises:
        TrainingError: `only` names a source that no adapter has.
    """
    known = registry()
    unknown = sorted(set(only or ()) - set(known))
    if unknown:
        raise TrainingError(f"no source is called {unknown[0]!r}: choose from {', '.join(known)}")
    report = BuildReport()
    for name, source in known.items():
        if only is not None and name not in only:
            continue
        if source.available(sources_dir):
            report.minutes[name] = add_source(out, source, sources_dir, progress)
        else:
            report.missing[name] = source.how_to_get
    merge(out)
    return report


def add_source(
    out: Path, source: Source, sources_dir: Path, progress: Progress | None = None
) -> float:
    """Write what one source yields and is not yet there; return its minutes.

    A line is written only after its sound, so a build that was cut off leaves
    at worst a sound without a line, which the next build writes anew.
    """
    folder = out / source.name
    folder.mkdir(parents=True, exist_ok=True)
    there = _resume(folder, out) if (folder / MANIFEST).exists() else []
    done = {recording.id for recording in there}
    count, minutes = len(there), sum(recording.duration_s for recording in there) / 60
    with (folder / MANIFEST).open("a", encoding="utf-8", newline="\n") as manifest:
        for utterance in source.utterances(sources_dir, done):
            if utterance.id in done:
                continue
            write_sound(folder / f"{utterance.id}.flac", utterance)
            if utterance.captured is not None:
                controls = utterance.captured.astype(np.float16)
                np.savez(folder / f"{utterance.id}{CAPTURED}", controls=controls)
            manifest.write(to_line(utterance, f"{source.name}/{utterance.id}.flac") + "\n")
            manifest.flush()
            count, minutes = count + 1, minutes + utterance.duration_s / 60
            if progress is not None:
                progress(source.name, count, minutes)
    return minutes


def _resume(folder: Path, out: Path) -> list[Recording]:
    """Read what is there, after taking away a last line that was cut off."""
    path = folder / MANIFEST
    whole = "".join(_whole_lines(path))
    if whole != path.read_text(encoding="utf-8"):
        path.write_text(whole, encoding="utf-8", newline="\n")
    return load(folder, corpus_dir=out)


def write_sound(path: Path, utterance: Utterance) -> None:
    """Store the sound as 16-bit FLAC, limited to full scale."""
    samples = np.clip(utterance.samples, -1.0, 1.0 - 2.0**-15)
    soundfile.write(path, samples, SAMPLE_RATE_HZ, subtype="PCM_16", format="FLAC")


def merge(out: Path) -> None:
    """Write `out`/manifest.jsonl from the manifests of all sources."""
    merged = out / (MANIFEST + ".part")
    with merged.open("w", encoding="utf-8", newline="\n") as target:
        for path in sorted(out.glob(f"*/{MANIFEST}")):
            target.writelines(_whole_lines(path))
    os.replace(merged, out / MANIFEST)


def _whole_lines(path: Path) -> Iterable[str]:
    """Lines of a manifest that may be being written: the last one may be cut."""
    for line in path.read_text(encoding="utf-8").splitlines(keepends=True):
        if line.endswith("}\n"):
            yield line


def load(folder: Path, corpus_dir: Path | None = None) -> list[Recording]:
    """Read the manifest in `folder`: the whole corpus, or one source of it.

    Args:
        folder: A corpus, or a source's folder in one.
        corpus_dir: The corpus that the paths in the manifest start from;
            `folder` itself if not given.

    Raises:
        TrainingError: There is no manifest.
    """
    if not (folder / MANIFEST).is_file():
        raise TrainingError(
            f"{folder} holds no {MANIFEST}, so it is no corpus: "
            f"build one with  medtalk-live train corpus --out {folder}"
        )
    base = folder if corpus_dir is None else corpus_dir
    return [from_line(line, base) for line in _whole_lines(folder / MANIFEST)]


def table(out: Path) -> str:
    """Describe what lies in a corpus as a Markdown table, for docs and model cards.

    Args:
        out: A built corpus; sources of which it holds nothing are left out.
    """
    rows = [
        "| source | kind | languages | speakers | clips | minutes | with phones | held out "
        "| licence | remarks |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    recordings = load(out)
    for name, source in registry().items():
        own = [recording for recording in recordings if recording.source == name]
        if own:
            rows.append(_row(source, own))
    return "\n".join(rows) + "\n"


def _row(source: Source, own: list[Recording]) -> str:
    minutes = [
        sum(recording.duration_s for recording in chosen) / 60
        for chosen in (
            own,
            [recording for recording in own if recording.phones is not None],
            [recording for recording in own if recording.split == "heldout"],
        )
    ]
    cells = [
        source.name,
        source.kind,
        ", ".join(sorted({recording.language for recording in own})),
        str(len({recording.speaker for recording in own})),
        str(len(own)),
        *(f"{value:.1f}" for value in minutes),
        source.licence,
        source.note,
    ]
    return f"| {' | '.join(cells)} |"


def main(arguments: list[str] | None = None) -> int:
    """Build from the command line: ``python -m medtalk_live.training.corpus``."""
    parser = argparse.ArgumentParser(prog="medtalk_live.training.corpus", description=build.__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder of the corpus")
    parser.add_argument("--sources", type=Path, help="folder of the raw material")
    parser.add_argument("--table", action="store_true", help="only say what the corpus holds")
    parser.add_argument("--only", action="append", metavar="NAME", help="build this source only")
    chosen = parser.parse_args(arguments)
    if chosen.table:
        print(table(chosen.out), end="")
        return 0
    if chosen.sources is None:
        parser.error("--sources is needed to build: the folder of the raw material")
    report = build(chosen.out, chosen.sources, chosen.only, _print_progress)
    for name, minutes in report.minutes.items():
        print(f"{name}: {minutes:.1f} min")
    for name, how in report.missing.items():
        print(f"{name}: skipped, not found. {how}")
    return 0


def _print_progress(name: str, count: int, minutes: float) -> None:
    if count % 50 == 0:
        print(f"{name}: {count} utterances, {minutes:.1f} min", flush=True)


if __name__ == "__main__":
    raise SystemExit(main())

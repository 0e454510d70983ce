"""Type-checks the engine-facing files against our header shims; the engine is not here.

Each plugin module sees the shims of only those engine modules that its own
``Build.cs`` names (and what these name in public), so a missing dependency
fails here as it would in the engine. Versions 5.4 to 5.8, editor on and off,
each file alone and all of a module as one unity file, clang and g++, warnings
as errors. ``--mutants`` breaks the sources on purpose: each must fail.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
PLUGIN = HERE / "MedTalkLive"
SHIMS = PLUGIN / "Tests" / "shims"
MODULES = ("MedTalkCore", "MedTalkLive", "MedTalkLiveEditor")
PLUGIN_OF = {"LiveLinkInterface": None, "TakesCore": "Takes", "TakeRecorder": "Takes"}
"""Engine modules that belong to a plugin which the .uplugin must name (None: built in)."""

FLAGS = [
    "-std=c++20",
    "-fsyntax-only",
    "-fno-exceptions",
    "-fno-rtti",
    "-Wall",
    "-Wextra",
    "-Wshadow",
    "-Wundef",
    "-Woverloaded-virtual",
    "-Wnon-virtual-dtor",
    "-Wno-unused-parameter",
    "-Werror",
]


@dataclass(frozen=True)
class Job:
    """One call of a compiler.

    Attributes:
        name: For the report.
        command: What to run.
    """

    name: str
    command: tuple[str, ...]


def dependencies(source: Path, module: str, public_only: bool = False) -> list[str]:
    """Modules that a ``Build.cs`` names."""
    text = (source / module / f"{module}.Build.cs").read_text("utf-8")
    kinds = "Public" if public_only else "Public|Private"
    lists = re.findall(rf"(?:{kinds})DependencyModuleNames\.AddRange\([^{{]*{{([^}}]*)}}", text)
    return re.findall(r'"(\w+)"', " ".join(lists))


def include_folders(source: Path, module: str) -> list[Path]:
    """The module's own folders, and the public ones of what it depends on."""
    folders = [source / module / "Public", source / module / "Private"]
    wanted, seen = dependencies(source, module), set[str]()
    while wanted:
        name = wanted.pop()
        if name in seen:
            continue
        seen.add(name)
        if name in MODULES:
            folders.append(source / name / "Public")
            wanted += dependencies(source, name, public_only=True)
        elif (SHIMS / name).is_dir():
            folders.append(SHIMS / name)
        else:
            sys.exit(f"{module}.Build.cs names {name}, which no shim declares")
    return folders


def stubs(source: Path, folder: Path) -> None:
    """A ``*.generated.h`` for each reflected header: Super, ThisClass and StaticClass by line."""
    for header in source.rglob("*.h"):
        text = header.read_text("utf-8")
        if ".generated.h" not in text:
            continue
        file_id = f"FID_{header.stem}"
        lines = [f"#undef CURRENT_FILE_ID\n#define CURRENT_FILE_ID {file_id}"]
        name, base, is_class = "", "", False
        for number, line in enumerate(text.splitlines(), 1):
            if found := re.match(
                r"(class|struct)\s+\w+_API\s+(\w+)(?:\s*:\s*public\s+(\w+))?", line
            ):
                is_class, name, base = found[1] == "class", found[2], found[3] or ""
            if "GENERATED_BODY()" in line:
                kind = "UClass* StaticClass" if is_class else "UScriptStruct* StaticStruct"
                body = f"public: static {kind}(); using ThisClass = {name};"
                body += f" using Super = {base};" if base else ""
                body += " private:" if is_class else ""
                lines.append(f"#define {file_id}_{number}_GENERATED_BODY {body}")
        (folder / f"{header.stem}.generated.h").write_text("\n".join(lines) + "\n", "utf-8")


def common(source: Path, module: str, generated: Path, version: int, editor: bool) -> list[str]:
    """Flags of every call for a module."""
    apis = [f"-D{name.upper()}_API=" for name in MODULES]
    on = int(editor)
    defines = [f"-DENGINE_MINOR_VERSION={version}", f"-DWITH_EDITOR={on}"]
    defines.append(f"-DWITH_EDITORONLY_DATA={on}")
    folders = [f"-I{folder}" for folder in (*include_folders(source, module), generated)]
    return [*FLAGS, *apis, *defines, *folders]


def jobs(
    source: Path, work: Path, compilers: list[str], versions: tuple[int, ...]
) -> Iterator[Job]:
    """Every check of every module."""
    generated = work / "generated"
    generated.mkdir(exist_ok=True)
    stubs(source, generated)
    for module in MODULES:
        files = sorted((source / module / "Private").glob("*.cpp"))
        unity = work / f"{module}.unity.cpp"
        unity.write_text("".join(f'#include "{file}"\n' for file in files), "utf-8")
        for version in versions:
            for editor in (True, False) if module != "MedTalkLiveEditor" else (True,):
                flags = common(source, module, generated, version, editor)
                name = f"{module} 5.{version} {'editor' if editor else 'game'}"
                for compiler in compilers:
                    yield Job(f"{name} unity {compiler}", (compiler, *flags, str(unity)))
                if editor:
                    for at, file in enumerate(files):
                        compiler = compilers[(at + version) % len(compilers)]
                        command = (compiler, *flags, str(file))
                        yield Job(f"{name} {file.name} {compiler}", command)


def run(job: Job) -> tuple[Job, str]:
    """The job and the compiler's complaint, empty where there is none."""
    done = subprocess.run(job.command, capture_output=True, text=True, check=False)
    return job, done.stderr if done.returncode else ""


MUTANTS = PLUGIN / "Tests" / "mutants" / "mutants.json"
"""What is broken, in which file, and how; the check must refuse every one."""


def check_mutants(compilers: list[str]) -> int:
    """Break a copy of the sources in every listed way; each must be refused."""
    survived = 0
    for mutant in json.loads(MUTANTS.read_text("utf-8")):
        name, file, old = mutant["name"], mutant["file"], mutant["old"]
        with tempfile.TemporaryDirectory() as folder:
            source = Path(folder) / "Source"
            shutil.copytree(PLUGIN / "Source", source)
            text = (source / file).read_text("utf-8")
            if old not in text:
                sys.exit(f"mutant '{name}': {file} no longer holds the line to break")
            (source / file).write_text(text.replace(old, mutant["new"], 1), "utf-8")
            caught = any(
                run(job)[1]
                for job in jobs(source, Path(folder), compilers[:1], (4,))
                if " editor unity " in job.name
            )
        print(f"{'refused ' if caught else 'SURVIVED'}  {name}")
        survived += not caught
    return survived


def lint() -> list[str]:
    """The header tool's rules that a compiler does not know, and the plugins that modules need."""
    complaints = []
    for header in (PLUGIN / "Source").rglob("*.h"):
        text = header.read_text("utf-8")
        includes = re.findall(r'#include "([^"]+)"', text)
        if any(name.endswith(".generated.h") for name in includes):
            if includes[-1] != f"{header.stem}.generated.h":
                complaints.append(f"{header.name}: its generated header must be included last")
            for found in re.finditer(r"UPROPERTY\(([^;]*?)\)\s*\n\s*([^;]+);", text):
                if "std::" in found[2]:
                    complaints.append(f"{header.name}: std:: in a UPROPERTY: {found[2]}")
                if "Edit" in found[1] and "Category" not in found[1]:
                    complaints.append(f"{header.name}: no category: {found[2]}")
            for found in re.finditer(r"UFUNCTION\(([^;]*?)\)\s*\n\s*([^;]+);", text):
                if "Category" not in found[1]:
                    complaints.append(f"{header.name}: no category: {found[2]}")
            for found in re.finditer(r"(?<!\*/)\n\tUPROPERTY\((?!Transient)", text):
                if not text[: found.start()].rstrip().endswith("*/"):
                    complaints.append(f"{header.name}: a property without its unit and default")
    for source in (PLUGIN / "Source").rglob("*.cpp"):
        if re.search(r"\bmain\s*\(", source.read_text("utf-8")):
            complaints.append(f"{source.name}: a main() would be compiled into the plugin")
    named = {p["Name"] for p in json.loads((PLUGIN / "MedTalkLive.uplugin").read_text())["Plugins"]}
    for module in MODULES:
        for name in dependencies(PLUGIN / "Source", module):
            if PLUGIN_OF.get(name) and PLUGIN_OF[name] not in named:
                complaints.append(
                    f"{module} needs {name}: the .uplugin must name {PLUGIN_OF[name]}"
                )
    return complaints


def main() -> int:
    """Run what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mutants", action="store_true", help="break the sources on purpose")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--versions", default="4,5,6,7,8")
    asked = parser.parse_args()
    compilers = [name for name in ("clang++", "g++") if shutil.which(name)]
    if asked.mutants:
        return check_mutants(compilers)
    failures = lint()
    with tempfile.TemporaryDirectory() as work:
        versions = tuple(int(word) for word in asked.versions.split(","))
        every = list(jobs(PLUGIN / "Source", Path(work), compilers, versions))
        with ThreadPoolExecutor(asked.jobs) as pool:
            for job, complaint in pool.map(run, every):
                if complaint:
                    failures.append(f"{job.name}\n{complaint}")
    print("\n".join(failures) if failures else f"{len(every)} type checks, no complaint")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())

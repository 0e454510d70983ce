"""The house of CONTRIBUTING.md: a folder imports only from floors below its own."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "medtalk_live"
FLOORS = {
    "cli": 7,
    "runtime": 6,
    "training": 6,
    "evaluation": 6,
    "face": 6,
    "engine": 5,
    "guidance": 4,
    "takes": 4,
    "model": 3,
    "procedural": 3,
    "output": 3,
    "audio": 3,
    "rig": 2,
    "clock": 1,
    "errors": 1,
    "config": 1,
    "figure": 1,
    "background": 1,
}
MODULES = sorted(path for path in PACKAGE.rglob("*.py") if path.parent != PACKAGE)


def imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module)
        elif isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
    return {name.split(".")[1] for name in names if name.startswith("medtalk_live.")}


def test_every_folder_has_a_floor() -> None:
    folders = {path.name for path in PACKAGE.iterdir() if (path / "__init__.py").exists()}
    assert folders <= set(FLOORS)


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_imports_point_down(path: Path) -> None:
    own = path.relative_to(PACKAGE).parts[0]
    wrong = {name for name in imported(path) - {own} if FLOORS[name] >= FLOORS[own]}
    assert not wrong, f"{own} (floor {FLOORS[own]}) must not import {sorted(wrong)}"

"""What setup.cfg promises: every package, every extra that a message names."""

from __future__ import annotations

import configparser
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "medtalk_live"


def settings() -> configparser.ConfigParser:
    parser = configparser.ConfigParser()
    parser.read(ROOT / "setup.cfg", encoding="utf-8")
    return parser


def test_every_package_is_listed() -> None:
    listed = set(settings()["options"]["packages"].split())
    found = {".".join(path.parent.relative_to(ROOT).parts) for path in PACKAGE.rglob("__init__.py")}
    assert listed == found | {"medtalk_live.checkpoints.starter"}


def test_every_extra_that_a_message_names_exists() -> None:
    text = "\n".join(path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py"))
    named = set(re.findall(r'MissingExtraError\(\s*[^,]+,\s*"(\w+)"', text))
    assert named
    assert named <= set(settings()["options.extras_require"])


def test_the_shipped_model_is_there() -> None:
    folder = ROOT / settings()["options"]["package_dir"].split("=")[1].strip()
    assert (folder / "manifest.json").is_file()
    assert (folder / "starter.safetensors").is_file()

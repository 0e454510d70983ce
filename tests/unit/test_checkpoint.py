"""Model folders are found, checked, and refused in one sentence."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from medtalk_live.errors import CheckpointError
from medtalk_live.model import checkpoint
from medtalk_live.rig.controls import TABLE_HASH


def test_a_folder_here_that_happens_to_be_called_as_a_model_does_not_hide_it(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "models" / "starter").mkdir(parents=True)
    (tmp_path / "models" / "starter" / "manifest.json").touch()
    (tmp_path / "starter").mkdir()
    monkeypatch.setenv("MEDTALK_CHECKPOINTS", str(tmp_path / "models"))
    assert checkpoint.find_model("starter") == tmp_path / "models" / "starter"
    with pytest.raises(CheckpointError, match="no model"):
        checkpoint.find_model(tmp_path / "starter")


def test_a_user_without_a_home_still_has_a_place_for_models(monkeypatch):
    def homeless():
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(checkpoint.Path, "home", homeless)
    for name in ("XDG_DATA_HOME", "LOCALAPPDATA"):
        monkeypatch.setenv(name, "")
    assert checkpoint.user_data_folder().is_absolute()


def write_manifest(folder: Path, **changes: object) -> None:
    manifest = {
        "format_version": checkpoint.FORMAT_VERSION,
        "kind": "starter",
        "control_table_hash": TABLE_HASH,
        "version": "1",
        "look_aheads_ms": [0],
        "dilations": [1],
        "files": {},
    }
    (folder / "manifest.json").write_text(json.dumps(manifest | changes), encoding="utf-8")


def refusal(folder: Path | str, **options: int) -> str:
    with pytest.raises(CheckpointError) as caught:
        checkpoint.load_model(folder, **options)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_missing_model_says_where_was_looked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MEDTALK_CHECKPOINTS", str(tmp_path))
    assert str(tmp_path) in refusal("no-such-model")


def test_new_models_are_put_where_the_first_look_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MEDTALK_CHECKPOINTS", str(tmp_path))
    assert checkpoint.models_folder() == tmp_path == checkpoint.checkpoint_roots()[0]
    monkeypatch.delenv("MEDTALK_CHECKPOINTS")
    assert checkpoint.models_folder() == checkpoint.user_data_folder()


def test_another_rig_is_refused(tmp_path: Path) -> None:
    write_manifest(tmp_path, control_table_hash=1)
    assert "another control table" in refusal(tmp_path)


def test_another_format_is_refused(tmp_path: Path) -> None:
    write_manifest(tmp_path, format_version=99)
    assert "format 99" in refusal(tmp_path)


def test_a_broken_manifest_is_refused(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text("{", encoding="utf-8")
    assert "manifest" in refusal(tmp_path)


def test_a_damaged_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "starter.safetensors").write_bytes(b"rubbish")
    write_manifest(tmp_path, files={"starter.safetensors": "0" * 64})
    assert "damaged" in refusal(tmp_path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    write_manifest(tmp_path, files={"starter.safetensors": "0" * 64})
    assert "starter.safetensors is missing" in refusal(tmp_path)


def test_weights_of_something_else_are_refused_by_key(tmp_path: Path) -> None:
    save_file({"x": np.zeros(3, np.float32)}, tmp_path / "starter.safetensors")
    write_manifest(tmp_path)
    assert "not a starter model" in refusal(tmp_path, look_ahead_ms=0)


def test_rubbish_weights_are_refused(tmp_path: Path) -> None:
    (tmp_path / "starter.safetensors").write_bytes(b"\xff" * 200)
    write_manifest(tmp_path)
    assert "cannot be read" in refusal(tmp_path, look_ahead_ms=0)


def test_an_unknown_kind_is_named(tmp_path: Path) -> None:
    write_manifest(tmp_path, kind="oracle")
    assert "oracle" in refusal(tmp_path)


def test_a_look_ahead_that_is_not_offered_is_refused(tmp_path: Path) -> None:
    save_file({"x": np.zeros(3, np.float32)}, tmp_path / "starter.safetensors")
    write_manifest(tmp_path)
    assert "offers 0 ms" in refusal(tmp_path, look_ahead_ms=50)


def test_the_shipped_card_names_every_source_that_was_trained_on() -> None:
    folder = Path(__file__).parents[2] / "checkpoints" / "starter"
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    card = (folder / "README.md").read_text(encoding="utf-8")
    assert card.startswith(f"# Starter model {manifest['version']}\n")
    table = card.split("## Sources")[1].split("\n## ")[0]
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in table.splitlines()]
    _, _, *sources = [row for row in rows if row]  # below the head and its rule
    named = {name: float(minutes) for name, _, minutes, _ in sources}
    assert named == manifest["training"]["minutes"]
    assert all(licence[:1].isalpha() for *_, licence in sources)

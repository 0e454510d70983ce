from __future__ import annotations

from pathlib import Path

import pytest

from medtalk_live.engine.profile import Profile
from medtalk_live.errors import ConfigError


def test_a_profile_comes_back_as_it_was_saved(tmp_path: Path) -> None:
    profile = Profile(jaw=0.8, lips=1.2, emotion=0.5, blinks=False, blinks_per_minute=12.5)
    profile.save(tmp_path / "ada.yaml")
    assert Profile.load(tmp_path / "ada.yaml") == profile


def test_a_file_may_name_only_what_differs(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("head: 0\ngaze: false\n")
    assert Profile.load(tmp_path / "a.yaml") == Profile(head=0, gaze=False)
    (tmp_path / "empty.yaml").write_text("")
    assert Profile.load(tmp_path / "empty.yaml") == Profile()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("jaws: 1.0", "unknown setting 'jaws'; did you mean 'jaw'"),
        ("jaw: 3.0", "gain of 'jaw' is 3.0; expected a number from 0 to 2"),
        ("jaw: .nan", "gain of 'jaw' is nan"),
        ("jaw: loud", "gain of 'jaw' is 'loud'"),
        ("jaw: true", "gain of 'jaw' is True"),
        ("blinks: 3", "'blinks' must be true or false"),
        ("blinks_per_minute: 0", "blinks_per_minute is 0"),
        ("- 1", "expected 'name: value' lines"),
        ("jaw: [", "cannot be read as YAML"),
    ],
)
def test_a_mistake_is_named_with_the_file(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "ada.yaml"
    path.write_text(text)
    with pytest.raises(ConfigError) as caught:
        Profile.load(path)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_file_and_an_unwritable_folder_are_said(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="does not exist"):
        Profile.load(tmp_path / "none.yaml")
    with pytest.raises(ConfigError, match="choose another folder"):
        Profile().save(tmp_path / "none" / "ada.yaml")

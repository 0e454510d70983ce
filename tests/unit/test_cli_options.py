import pytest

from medtalk_live.cli.options import load_words, whisper_weights
from medtalk_live.errors import GuidanceError


def test_whisper_is_told_from_a_transcript(monkeypatch, tmp_path):
    monkeypatch.setenv("MEDTALK_CHECKPOINTS", str(tmp_path))
    monkeypatch.setattr("medtalk_live.model.checkpoint.user_data_folder", lambda: tmp_path)
    assert whisper_weights(None) is None
    assert whisper_weights("whispered.srt") is None
    assert whisper_weights("whisper:tiny") == "tiny"
    assert whisper_weights("whisper:C:\\models\\own.pt") == "C:\\models\\own.pt"


def test_the_fetched_whisper_is_taken_where_none_is_named(monkeypatch, tmp_path):
    monkeypatch.setenv("MEDTALK_CHECKPOINTS", str(tmp_path))
    (tmp_path / "whisper").mkdir()
    (tmp_path / "whisper" / "base.pt").touch()
    assert whisper_weights("whisper") == str(tmp_path / "whisper" / "base.pt")


def test_text_without_times_needs_a_recording(tmp_path):
    (tmp_path / "said.txt").write_text("I hate it", encoding="utf-8")
    with pytest.raises(GuidanceError, match="use --input FILE"):
        load_words(str(tmp_path / "said.txt"), None)
    assert load_words(None, None) == []

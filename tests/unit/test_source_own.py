"""A folder of one's own recordings as a source of the corpus."""

from pathlib import Path

import numpy as np
import soundfile

from medtalk_live.training.sources.own import SOURCES, own


def record(path: Path, said: str | None = None) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, np.zeros(1600, np.float32), 16_000)
    if said is not None:
        path.with_suffix(".txt").write_text(said, encoding="utf-8")


def test_speaker_language_and_text_come_from_folders_and_files(tmp_path):
    record(tmp_path / "en-US" / "anna" / "one.wav", " Hello there.\n")
    record(tmp_path / "de" / "bert" / "zwei.flac", "Grüß dich")
    record(tmp_path / "de" / "bert" / "drei.ogg")
    (tmp_path / "de" / "bert" / "notes.md").write_text("not a recording")

    clips = {clip.path.stem: clip for clip in own(tmp_path)}

    assert set(clips) == {"one", "zwei", "drei"}
    assert (clips["one"].speaker, clips["one"].language) == ("anna", "en-US")
    assert clips["one"].text == "Hello there."
    assert clips["zwei"].text == "Grüß dich"
    assert clips["drei"].text is None


def test_every_twelfth_recording_of_a_speaker_is_held_out(tmp_path):
    for number in range(25):
        record(tmp_path / "en" / "anna" / f"line_{number:02}.wav")

    held_out = [clip.path.stem for clip in own(tmp_path) if clip.held_out]

    assert held_out == ["line_11", "line_23"]


def test_a_folder_without_recordings_is_not_there(tmp_path):
    [source] = SOURCES

    assert not source.available(tmp_path)
    record(tmp_path / "own" / "en" / "anna" / "one.wav")
    assert source.available(tmp_path)

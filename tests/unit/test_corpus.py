"""The corpus: its format, resuming a build, and sources that are missing."""

from __future__ import annotations

from collections.abc import Container, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Literal

import numpy as np
import pytest

from medtalk_live.errors import TrainingError
from medtalk_live.training import corpus
from medtalk_live.training.utterance import SAMPLE_RATE_HZ, Utterance, from_line, to_line


def utterance(identity: str, held_out: bool = False) -> Utterance:
    samples = np.linspace(-0.5, 0.5, SAMPLE_RATE_HZ // 10, dtype=np.float32)
    return Utterance(
        id=identity,
        source="tiny",
        speaker="tiny/anna",
        language="en",
        split="heldout" if held_out else "train",
        phones=((0.0, 0.0400625, "sil"), (0.0400625, 0.1, "ɕ")),
        alphabet="ipa",
        text="щи",
        samples=samples,
    )


class Tiny:
    """A source that obeys the protocol and counts what it was asked to make."""

    name = "tiny"
    kind: Literal["real"] = "real"
    language = "en"
    licence = "CC0"
    minutes = 0.01
    how_to_get = "it is made up"
    note = ""

    def __init__(self, there: bool = True, stop_after: int | None = None) -> None:
        self.there, self.stop_after = there, stop_after
        self.made: list[str] = []

    def available(self, sources_dir: Path) -> bool:
        return self.there

    def utterances(self, sources_dir: Path, done: Container[str] = ()) -> Iterator[Utterance]:
        for index, identity in enumerate(("a", "b", "c")):
            if self.stop_after is not None and index == self.stop_after:
                raise KeyboardInterrupt
            if identity not in done:
                self.made.append(identity)
                yield utterance(identity, held_out=identity == "c")


@pytest.fixture
def registered(monkeypatch: pytest.MonkeyPatch) -> Tiny:
    source = Tiny()
    monkeypatch.setattr(corpus, "registry", lambda: {source.name: source})
    return source


def test_a_captured_face_lies_beside_its_sound(
    registered: Tiny, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    face = np.full((6, 174), 0.25, np.float32)
    made = [replace(utterance("a"), captured=face), utterance("b")]
    monkeypatch.setattr(registered, "utterances", lambda *_: iter(made))
    corpus.build(tmp_path, tmp_path)
    first, second = corpus.load(tmp_path)
    np.testing.assert_array_equal(first.captured(), face)
    assert second.captured() is None


def test_a_line_of_the_manifest_gives_back_every_label() -> None:
    made = utterance("a", held_out=True)
    read = from_line(to_line(made, "tiny/a.flac"), Path("here"))
    # The manifest keeps 10 microseconds, less than one sample.
    assert read.phones is not None
    assert made.phones is not None
    for (start_s, end_s, symbol), expected in zip(read.phones, made.phones, strict=True):
        assert (start_s, end_s) == pytest.approx(expected[:2], abs=1e-5)
        assert symbol == expected[2]
    assert (read.id, read.speaker, read.split, read.text) == ("a", "tiny/anna", "heldout", "щи")
    assert read.path == Path("here/tiny/a.flac")
    assert read.duration_s == pytest.approx(0.1)


def test_a_build_stores_sound_and_labels(tmp_path: Path, registered: Tiny) -> None:
    report = corpus.build(tmp_path, tmp_path)
    recordings = corpus.load(tmp_path)
    assert [recording.split for recording in recordings] == ["train", "train", "heldout"]
    # 16-bit storage: half a step of rounding.
    assert np.abs(recordings[0].read() - utterance("a").samples).max() <= 2.0**-15
    assert report.minutes["tiny"] == pytest.approx(0.3 / 60)


def test_a_missing_source_is_skipped_and_named(tmp_path: Path, registered: Tiny) -> None:
    registered.there = False
    report = corpus.build(tmp_path, tmp_path)
    assert report.missing == {"tiny": "it is made up"}
    assert corpus.load(tmp_path) == []


def test_a_build_that_was_stopped_goes_on_where_it_stood(tmp_path: Path, registered: Tiny) -> None:
    registered.stop_after = 2
    with pytest.raises(KeyboardInterrupt):
        corpus.build(tmp_path, tmp_path)
    registered.stop_after = None
    corpus.build(tmp_path, tmp_path)
    assert registered.made == ["a", "b", "c"]
    assert [recording.id for recording in corpus.load(tmp_path)] == ["a", "b", "c"]


def test_a_line_cut_off_by_a_crash_is_made_anew(tmp_path: Path, registered: Tiny) -> None:
    corpus.build(tmp_path, tmp_path)
    manifest = tmp_path / "tiny" / corpus.MANIFEST
    manifest.write_bytes(manifest.read_bytes()[:-20])
    corpus.build(tmp_path, tmp_path)
    assert [recording.id for recording in corpus.load(tmp_path)] == ["a", "b", "c"]


def test_an_unknown_source_is_answered_with_the_known_ones(
    tmp_path: Path, registered: Tiny
) -> None:
    with pytest.raises(TrainingError, match=r"'nobody'.*tiny"):
        corpus.build(tmp_path, tmp_path, only=["nobody"])


def test_samples_beyond_full_scale_are_limited_not_wrapped(tmp_path: Path) -> None:
    loud = Utterance(
        id="x",
        source="tiny",
        speaker="s",
        language="en",
        samples=np.array([2.0, -2.0], dtype=np.float32),
    )
    corpus.write_sound(tmp_path / "x.flac", loud)
    import soundfile

    stored, _ = soundfile.read(tmp_path / "x.flac")
    assert stored[0] > 0.99
    assert stored[1] < -0.99


def test_every_registered_source_describes_itself() -> None:
    known = corpus.registry()
    assert {"festvox-ru", "ljspeech", "mfa", "asterisk-en", "facegood"} <= set(known)
    for name, source in known.items():
        assert source.name == name
        assert source.licence
        assert source.how_to_get
        assert source.minutes > 0
        assert source.kind in ("real", "synth")


def test_a_folder_without_a_corpus_is_refused_with_the_way_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match=r"manifest\.jsonl.*train corpus"):
        corpus.load(tmp_path)


def test_the_table_says_what_the_corpus_holds(tmp_path: Path, registered: Tiny) -> None:
    corpus.build(tmp_path, tmp_path)
    row = corpus.table(tmp_path).splitlines()[-1]
    # 3 clips of 0.1 s are 0.005 minutes.
    assert row == "| tiny | real | en | 1 | 3 | 0.0 | 0.0 | 0.0 | CC0 |  |"

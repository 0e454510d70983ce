from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
import soundfile

from medtalk_live.audio.file import FileSource, read_sound
from medtalk_live.clock import VirtualClock
from medtalk_live.errors import AudioError


def written(path: Path, rate: int = 16_000, channels: int = 1, seconds: float = 0.5) -> np.ndarray:
    sound = np.random.default_rng(0).uniform(-0.5, 0.5, (round(seconds * rate), channels))
    soundfile.write(path, sound, rate)
    return sound


@pytest.mark.parametrize("kind", ["wav", "flac", "ogg"])
@pytest.mark.parametrize("channels", [1, 2])
def test_wav_flac_and_ogg_are_read_as_mono(tmp_path: Path, kind: str, channels: int) -> None:
    path = tmp_path / f"voice.{kind}"
    sound = written(path, 44_100, channels)
    samples, rate = read_sound(path)
    assert (samples.shape, samples.dtype, rate) == ((len(sound),), np.float32, 44_100)
    if kind != "ogg":  # lossy
        assert np.abs(samples - sound.mean(axis=1)).max() < 1e-4  # 16 bits


def test_the_chunks_join_to_the_file_and_carry_exact_times(tmp_path: Path) -> None:
    written(tmp_path / "a.wav", 22_050)
    clock = VirtualClock(100.0)
    source = FileSource(tmp_path / "a.wav", clock=clock)
    source.open()
    chunks = []
    while not source.ended:
        if (chunk := source.read(1.0)) is not None:
            chunks.append(chunk)
            assert clock.now() == pytest.approx(chunk.capture_time + len(chunk.samples) / 22_050)
    starts = np.cumsum([0] + [len(chunk.samples) for chunk in chunks[:-1]])
    assert [chunk.start_sample for chunk in chunks] == starts.tolist()
    assert all(c.capture_time == 100.0 + c.start_sample / 22_050 for c in chunks)
    joined = np.concatenate([chunk.samples for chunk in chunks])
    assert np.array_equal(joined, read_sound(tmp_path / "a.wav")[0])


def test_a_short_wait_gives_nothing_and_loses_nothing(tmp_path: Path) -> None:
    written(tmp_path / "a.wav")
    clock = VirtualClock()
    source = FileSource(tmp_path / "a.wav", clock=clock)
    source.open()
    assert source.read(0.004) is None
    assert clock.now() == pytest.approx(0.004)
    chunk = source.read(0.1)
    assert chunk is not None
    assert chunk.start_sample == 0


def test_without_real_time_no_chunk_waits(tmp_path: Path) -> None:
    written(tmp_path / "a.wav")
    clock = VirtualClock()
    source = FileSource(tmp_path / "a.wav", realtime=False, clock=clock)
    source.open()
    count = sum(source.read(0.0) is not None for _ in range(60))
    assert count == 50
    assert source.ended
    assert clock.now() == 0.0


def test_closing_twice_is_harmless_and_ends_the_reading(tmp_path: Path) -> None:
    written(tmp_path / "a.wav")
    source = FileSource(tmp_path / "a.wav")
    source.open()
    source.close()
    source.close()
    assert source.read(0.0) is None
    assert not source.health.connected


def test_a_looped_file_goes_on_from_its_beginning_at_its_own_speed(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    sound = np.linspace(-0.5, 0.5, 4_000, dtype=np.float32)  # a quarter of a second
    soundfile.write(path, sound, 16_000, subtype="FLOAT")
    clock = VirtualClock(5.0)
    source = FileSource(path, clock=clock, loop=True)
    source.open()
    chunks = [chunk for chunk in (source.read(1.0) for _ in range(60)) if chunk is not None]
    heard = np.concatenate([chunk.samples for chunk in chunks])
    np.testing.assert_array_equal(heard, np.resize(sound, len(heard)))
    assert len(heard) > 8_000
    places = np.array([chunk.start_sample for chunk in chunks])
    assert places.tolist() == [0, *np.cumsum([len(chunk.samples) for chunk in chunks])[:-1]]
    assert [chunk.capture_time for chunk in chunks] == pytest.approx(list(5.0 + places / 16_000))
    assert not source.ended


def bad_files(tmp_path: Path) -> dict[str, Path]:
    empty, text, header = tmp_path / "empty.wav", tmp_path / "text.wav", tmp_path / "header.wav"
    empty.write_bytes(b"")
    text.write_text("this is no sound at all")
    soundfile.write(header, np.zeros((0, 1)), 16_000)
    low, folder = tmp_path / "low.wav", tmp_path / "folder.wav"
    soundfile.write(low, np.zeros(100), 4_000)
    folder.mkdir()
    files = {"empty": empty, "text": text, "header": header, "low": low, "folder": folder}
    return files | {"missing": tmp_path / "missing.wav"}


@pytest.mark.parametrize("which", ["empty", "text", "header", "low", "folder", "missing"])
def test_a_bad_file_is_one_sentence_with_a_remedy(tmp_path: Path, which: str) -> None:
    path = bad_files(tmp_path)[which]
    for open_it in (read_sound, lambda p: FileSource(p).open()):
        with pytest.raises(AudioError) as caught:
            open_it(path)
        words = str(caught.value)
        assert "\n" not in words
        assert path.name in words
        assert ": " in words  # what to do follows


def test_a_file_damaged_in_the_middle_ends_the_source_and_says_so(tmp_path: Path) -> None:
    path = tmp_path / "a.flac"
    written(path, seconds=3.0)
    data = bytearray(path.read_bytes())
    data[len(data) // 2 : len(data) // 2 + 4000] = b"\xff" * 4000
    path.write_bytes(data)
    source = FileSource(path, realtime=False)
    source.open()
    with pytest.raises(AudioError, match="is damaged"):
        [source.read(0.0) for _ in range(301)]
    assert source.ended


def test_samples_that_are_no_numbers_are_read_as_silence_and_said(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    sound = np.full(1600, 0.25, np.float32)
    sound[100:110], sound[200], sound[300] = np.nan, np.inf, 1e30
    soundfile.write(tmp_path / "a.wav", sound, 16_000, subtype="FLOAT")
    samples, _ = read_sound(tmp_path / "a.wav")
    assert np.isfinite(samples).all()
    assert np.count_nonzero(samples == 0.0) == 12
    assert "12 samples" in caplog.text


def test_a_flac_that_does_not_say_its_length_is_refused_in_words(tmp_path: Path) -> None:
    written(tmp_path / "a.flac")
    data = bytearray((tmp_path / "a.flac").read_bytes())
    data[21] &= 0xF0  # the number of samples in STREAMINFO; 0 where it was written as a stream
    data[22:26] = bytes(4)
    (tmp_path / "a.flac").write_bytes(data)
    for read in (read_sound, lambda path: FileSource(path).open()):
        with pytest.raises(AudioError, match="does not say how long it is"):
            read(tmp_path / "a.flac")


@pytest.mark.skipif(os.name == "nt", reason="names are text there")
def test_a_name_that_is_no_utf8_is_read(tmp_path: Path) -> None:
    path = tmp_path / os.fsdecode(b"caf\xe9.wav")
    written(tmp_path / "a.wav")
    (tmp_path / "a.wav").rename(path)
    assert len(read_sound(path)[0]) == 8_000

"""Films, gifs, sheets and plots of a clip, read back from the files."""

from __future__ import annotations

import subprocess
from fractions import Fraction

import numpy as np
import pytest
from PIL import Image

from medtalk_live.errors import RigError, SinkError
from medtalk_live.face.drawing import picture
from medtalk_live.face.movie import Clip, Sound, Word, render
from medtalk_live.face.plot import Mark, plot_clip
from medtalk_live.face.sheet import contact_sheet, even_times, nearest_frames
from medtalk_live.rig.controls import NEUTRAL, index, pair, pseudo_intensity
from medtalk_live.rig.frames import Curves

SIZE = 128


def clip(frames: int = 30, fps: Fraction = Fraction(60), smile: float = 0.0) -> Curves:
    controls = np.tile(NEUTRAL, (frames, 1))
    controls[:, index("C_jaw.ty")] = np.linspace(0, 1, frames)
    controls[:, list(pair("mouth_cornerPull"))] = smile
    times = (np.arange(frames) / float(fps)).astype(np.float32)
    return Curves(controls, np.zeros((frames, 6), np.float32), times, fps)


def tone(seconds: float) -> Sound:
    times = np.arange(int(16_000 * seconds)) / 16_000
    return Sound((0.3 * np.sin(2 * np.pi * 220 * times)).astype(np.float32), 16_000)


def probe(path) -> str:
    """What ffmpeg says about a file."""
    ffmpeg = pytest.importorskip("imageio_ffmpeg").get_ffmpeg_exe()
    return subprocess.run([ffmpeg, "-i", str(path)], capture_output=True, text=True).stderr


def frames_of(path) -> np.ndarray:
    """All pictures of a film, (T, H, W, 3)."""
    imageio_ffmpeg = pytest.importorskip("imageio_ffmpeg")
    reader = imageio_ffmpeg.read_frames(str(path))
    width, height = next(reader)["size"]
    return np.stack([np.frombuffer(data, np.uint8).reshape(height, width, 3) for data in reader])


def test_an_mp4_has_every_frame_and_the_sound(tmp_path):
    path = tmp_path / "film.mp4"
    render([Clip(clip())], path, tone(0.5), size=SIZE)

    pictures, said = frames_of(path), probe(path)

    assert len(pictures) == 30
    assert "Audio: aac" in said
    assert "60 fps" in said


def test_an_mp4_shows_what_the_drawing_draws(tmp_path):
    path = tmp_path / "film.mp4"
    curves = clip()
    render([Clip(curves)], path, size=SIZE)

    shown = frames_of(path)[-1][:SIZE, :SIZE].astype(int)
    drawn = picture(curves.controls[-1], None, SIZE).astype(int)

    assert np.abs(shown - drawn).mean() < 4  # compression


def test_two_clips_stand_side_by_side_and_the_shorter_holds_its_end(tmp_path):
    path = tmp_path / "both.mp4"
    render([Clip(clip(30), "short"), Clip(clip(60, smile=0.8), "long")], path, size=SIZE)

    pictures = frames_of(path)

    assert len(pictures) == 60
    assert pictures.shape[2] == 2 * SIZE
    assert np.abs(pictures[35][:SIZE, :SIZE].astype(int) - pictures[59][:SIZE, :SIZE]).mean() < 2


def test_another_film_rate_keeps_the_length(tmp_path):
    path = tmp_path / "film.mp4"
    render([Clip(clip(60))], path, fps=30, size=SIZE)

    assert len(frames_of(path)) == 30


def test_the_word_that_is_said_is_in_the_caption(tmp_path):
    with_words, without = tmp_path / "a.mp4", tmp_path / "b.mp4"
    render([Clip(clip())], with_words, words=[Word(0.0, 0.25, "hello")], size=SIZE)
    render([Clip(clip())], without, size=SIZE)

    difference = np.abs(frames_of(with_words).astype(int) - frames_of(without))[:, SIZE:].mean(
        (1, 2, 3)
    )

    assert difference[:12].min() > 1
    assert difference[18:].max() < 1


def test_a_gif_repeats_and_keeps_its_pace(tmp_path):
    path = tmp_path / "film.gif"
    render([Clip(clip(60))], path, size=SIZE)

    with Image.open(path) as image:
        assert image.n_frames == 25
        assert image.info["duration"] == 40
        assert image.info["loop"] == 0


def test_progress_is_told_for_every_picture(tmp_path):
    told = []
    render([Clip(clip(12))], tmp_path / "film.gif", size=SIZE, progress=lambda *at: told.append(at))

    assert told == [(place + 1, 5) for place in range(5)]


def test_a_png_is_a_contact_sheet(tmp_path):
    path = tmp_path / "sheet.png"
    render([Clip(clip())], path, size=SIZE)

    with Image.open(path) as image:
        assert image.width > 3 * SIZE


@pytest.mark.parametrize("name", ["a.gif", "a.png"])
def test_a_film_that_is_broken_off_leaves_the_one_before_it(tmp_path, monkeypatch, name):
    def interrupted(*_):
        raise KeyboardInterrupt

    (tmp_path / name).write_bytes(b"the film of yesterday")
    for place in ("movie", "sheet"):
        monkeypatch.setattr(f"medtalk_live.face.{place}.picture", interrupted)
    with pytest.raises(KeyboardInterrupt):
        render([Clip(clip())], tmp_path / name)
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert (tmp_path / name).read_bytes() == b"the film of yesterday"


@pytest.mark.parametrize("name", ["film.avi", "film", "film.mp3"])
def test_an_unknown_ending_is_refused_with_the_known_ones(tmp_path, name):
    with pytest.raises(SinkError, match=r"\.mp4, \.gif or \.png"):
        render([Clip(clip())], tmp_path / name)


def test_an_empty_clip_is_refused(tmp_path):
    with pytest.raises(SinkError, match="no frames"):
        render([Clip(clip(0))], tmp_path / "film.mp4")


@pytest.mark.parametrize("name", ["film.mp4", "film.gif", "sheet.png"])
def test_a_folder_that_is_not_there_is_named(tmp_path, name):
    with pytest.raises(SinkError, match="nowhere"):
        render([Clip(clip(5))], tmp_path / "nowhere" / name, size=SIZE)


def test_a_contact_sheet_shows_the_frames_of_its_times(tmp_path):
    path = tmp_path / "sheet.png"
    curves = clip(60)
    contact_sheet(curves, [0.0, 0.5, 0.95], ["shut", "half", "open"], path, SIZE, columns=3)

    with Image.open(path) as image:
        shown = np.asarray(image)
    for place, row in enumerate((0, 30, 57)):
        face = picture(curves.controls[row], None, SIZE)
        assert np.array_equal(shown[:SIZE, place * SIZE : (place + 1) * SIZE], face)


def test_faces_stand_in_rows(tmp_path):
    path = tmp_path / "rows.png"
    contact_sheet(clip(60), [k / 10 for k in range(7)], list("abcdefg"), path, SIZE, columns=4)

    with Image.open(path) as image:
        assert image.width == 4 * SIZE
        assert image.height > 2 * SIZE


def test_the_nearest_frame_is_chosen():
    assert nearest_frames(clip(60), [0.0, 0.024, 0.026, 5.0]).tolist() == [0, 1, 2, 59]
    assert nearest_frames(clip(1), [0.0, 3.0]).tolist() == [0, 0]


def test_even_times_lie_in_the_middle_of_their_stretches():
    assert even_times(clip(61), 2) == pytest.approx([0.25, 0.75])


@pytest.mark.parametrize("ending", ["png", "svg"])
def test_a_plot_is_written(tmp_path, ending):
    pytest.importorskip("matplotlib")
    path = tmp_path / f"plot.{ending}"
    plot_clip(clip(60), path, tone(1.0), [Mark(0.3, "happy")], title="LIVE_001")

    assert path.stat().st_size > 5000
    if ending == "svg":
        words = path.read_text()
        assert words.count("<path") > 20


def test_a_plot_of_an_unknown_control_names_it(tmp_path):
    pytest.importorskip("matplotlib")
    with pytest.raises(RigError, match="C_nothing"):
        plot_clip(clip(), tmp_path / "plot.png", controls=["C_nothing.ty"])


def test_a_plot_that_cannot_be_written_is_named(tmp_path):
    pytest.importorskip("matplotlib")
    with pytest.raises(SinkError, match="nowhere"):
        plot_clip(clip(), tmp_path / "nowhere" / "plot.png")


def test_the_intensity_is_a_tenth_of_the_sum_over_its_set():
    curves = clip(2)
    curves.controls[1, list(pair("brow_down"))] = 1.0

    assert pseudo_intensity(curves.controls).tolist() == pytest.approx([0.0, 0.2])

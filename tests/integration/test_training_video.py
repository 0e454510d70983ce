"""Talking-head clips become guidance data: real films, and where it can be had real MediaPipe."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import arkit_head
import numpy as np
import pytest
from PIL import Image

pytest.importorskip("soxr", reason="needs the [train] extra")
imageio_ffmpeg = pytest.importorskip("imageio_ffmpeg", reason="needs the [film] extra")

import soundfile  # noqa: E402 # after the skips
from guidance_faces import face  # noqa: E402

from medtalk_live.cli import train_video  # noqa: E402
from medtalk_live.cli.main import main  # noqa: E402
from medtalk_live.errors import ConfigError, GuidanceError, TrainingError  # noqa: E402
from medtalk_live.model.fetch import find_face_model  # noqa: E402
from medtalk_live.rig.articulation import lip_aperture  # noqa: E402
from medtalk_live.rig.controls import pair, pseudo_intensity  # noqa: E402
from medtalk_live.training import video  # noqa: E402
from medtalk_live.training.clips import guidance_clips  # noqa: E402

FPS = 20
FRAMES = 24


def write_film(path: Path, pictures: list[np.ndarray], sound: bool = True) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    options = {}
    if sound:
        times = np.arange(int(len(pictures) / FPS * 16_000)) / 16_000
        wave = path.with_suffix(".tone.wav")
        soundfile.write(wave, 0.3 * np.sin(2 * np.pi * 220 * times), 16_000)
        options = {"audio_path": str(wave), "audio_codec": "aac"}
    size = pictures[0].shape[1], pictures[0].shape[0]
    writer = imageio_ffmpeg.write_frames(str(path), size, fps=FPS, codec="libx264", **options)
    writer.send(None)
    for picture in pictures:
        writer.send(np.ascontiguousarray(picture).tobytes())
    writer.close()
    if sound:
        wave.unlink()
    return path


class Reader:
    """Reads a film of grey frames: the brighter, the wider the smile; black has no face."""

    def warm(self) -> None:
        pass

    def read(self, path: Path):
        with Image.open(path) as picture:
            bright = float(np.asarray(picture.convert("L")).mean()) / 255
        if bright < 0.1:
            raise GuidanceError("no face was found")
        return face(mouthSmileLeft=bright, mouthSmileRight=bright)


@pytest.fixture
def reader(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(video, "READER", Reader())


def grey(levels: np.ndarray) -> list[np.ndarray]:
    return [np.full((64, 64, 3), round(255 * level), np.uint8) for level in levels]


def rising() -> np.ndarray:
    """Brightness that is highest at frame 15."""
    return 0.9 - 0.04 * np.abs(np.arange(FRAMES) - 15)


@pytest.mark.usefixtures("reader")
def test_a_clip_becomes_sound_face_picture_and_words_of_one_length(tmp_path: Path) -> None:
    write_film(tmp_path / "films" / "anna" / "one.mp4", grey(rising()))
    (tmp_path / "films" / "anna" / "one.txt").write_text("She smiles broadly.", encoding="utf-8")
    assert (
        main(
            [
                "train",
                "corpus",
                "--from-video",
                str(tmp_path / "films"),
                "--out",
                str(tmp_path / "o"),
            ]
        )
        == 0
    )
    (clip,) = guidance_clips(tmp_path / "o")
    assert (clip.id, clip.description) == ("anna-one", "She smiles broadly.")
    samples, controls = clip.read()
    assert len(controls) == 60 * FRAMES // FPS
    assert len(samples) * 60 // 16_000 == len(controls)
    smile = controls[:, pair("mouth_cornerPull")[0]]
    # frame 15 of 20 fps lies at 0.75 s, row 45 of 60 fps; half a film frame on either side
    assert abs(int(np.argmax(smile)) - 45) <= 2
    with Image.open(clip.picture) as picture:
        # the brightest frame; the encoder is off by a grey level or two
        assert np.asarray(picture).mean() == pytest.approx(0.9 * 255, abs=3)


@pytest.mark.usefixtures("reader")
def test_a_captioner_writes_what_lies_beside_no_clip(tmp_path: Path) -> None:
    write_film(tmp_path / "films" / "one.mp4", grey(rising()))
    seen = []

    def captioner(picture: Image.Image) -> str:
        seen.append(picture.size)
        return "Somebody smiles."

    report = video.guidance_from_videos(tmp_path / "films", tmp_path / "o", captioner)
    assert report.done == ["one"]
    assert seen == [(64, 64)]
    assert guidance_clips(tmp_path / "o")[0].description == "Somebody smiles."
    video.guidance_from_videos(tmp_path / "films", tmp_path / "o", captioner)
    assert len(seen) == 1, "what is done is not redone"


@pytest.mark.usefixtures("reader")
def test_a_few_frames_without_a_face_are_interpolated(tmp_path: Path) -> None:
    levels = rising()
    levels[[4, 5]] = 0.0
    shapes, fps, _ = video.read_faces(write_film(tmp_path / "one.mp4", grey(levels)))
    assert (len(shapes), fps) == (FRAMES, FPS)
    smile = shapes.max(axis=1)
    assert smile[3] < smile[4] < smile[5] < smile[6]


@pytest.mark.usefixtures("reader")
def test_clips_that_cannot_be_used_are_told_and_the_others_kept(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    films = tmp_path / "films"
    write_film(films / "good.mp4", grey(rising()))
    write_film(films / "mute.mp4", grey(rising()), sound=False)
    write_film(films / "dark.mp4", grey(np.zeros(FRAMES)))
    write_film(films / "wordless.mp4", grey(rising()))
    (films / "broken.mp4").write_bytes(b"no film")
    for name in ("good", "mute", "dark", "broken"):
        (films / f"{name}.txt").write_text("A face.", encoding="utf-8")
    words = ["train", "corpus", "--from-video", str(films), "--out", str(tmp_path / "o")]
    assert main(words) == 1
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(":")[0] for line in lines[:-1]] == [
        "broken.mp4",
        "dark.mp4",
        "mute.mp4",
        "wordless.mp4",
    ]
    assert "has no sound" in lines[2]
    assert "0 of 24 frames" in lines[1]
    assert "wordless.txt is missing" in lines[3]
    assert [clip.id for clip in guidance_clips(tmp_path / "o")] == ["good"]


def test_a_folder_without_clips_and_a_captioner_that_is_none_are_named(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="holds no clips"):
        video.guidance_from_videos(tmp_path, tmp_path / "o")
    with pytest.raises(ConfigError, match="MODULE:FUNCTION"):
        train_video.captioner("nowhere:at_all")
    assert train_video.captioner("os.path:basename")("a/b") == "b"


def why_not() -> str:
    """What real MediaPipe on a rendered head needs and is not here."""
    if find_spec("mediapipe") is None:
        return "MediaPipe is not installed"
    if not arkit_head.available():
        return f"the rendered head needs {', '.join(arkit_head.NEEDS)}"
    try:
        find_face_model()
    except GuidanceError:
        return "MediaPipe's face landmarker is not here (medtalk-live models fetch face)"
    return ""


@pytest.mark.skipif(bool(why_not()), reason=why_not() or "-")
def test_a_rendered_head_that_talks_and_smiles_is_read_back(tmp_path: Path) -> None:
    jaw = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(FRAMES) / 12)
    smile = np.clip((np.arange(FRAMES) - 8) / 10, 0, 1)
    pictures = [
        arkit_head.render({"jawOpen": 0.6 * j, "mouthSmile_L": s, "mouthSmile_R": s}, 288)
        for j, s in zip(jaw, smile, strict=True)
    ]
    write_film(tmp_path / "films" / "one.mp4", pictures)
    (tmp_path / "films" / "one.txt").write_text("A talking face begins to smile.", "utf-8")
    video.guidance_from_videos(tmp_path / "films", tmp_path / "o")
    video.READER.close()
    (clip,) = guidance_clips(tmp_path / "o")
    _, controls = clip.read()
    at = np.arange(len(controls)) / 60 * FPS
    wanted_jaw = np.interp(at, np.arange(FRAMES), jaw)
    wanted_smile = np.interp(at, np.arange(FRAMES), smile)
    opened = np.corrcoef(lip_aperture(controls), wanted_jaw)[0, 1]
    pulled = np.corrcoef(controls[:, pair("mouth_cornerPull")[0]], wanted_smile)[0, 1]
    # MediaPipe's scores on this head follow jaw and smile at .9 and more (docs/guidance.md)
    assert opened > 0.85
    assert pulled > 0.85
    assert int(np.argmax(pseudo_intensity(controls))) > 30, "strongest when it smiles"

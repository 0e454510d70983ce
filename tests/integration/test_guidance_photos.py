"""Photos through MediaPipe itself: formats, orientation, faces too few and too many."""

import importlib.util

import arkit_head
import numpy as np
import pytest

from medtalk_live.errors import GuidanceError
from medtalk_live.guidance import image
from medtalk_live.guidance.landmarks import expression
from medtalk_live.rig.arkit import SHAPE_NAMES

pytestmark = [
    pytest.mark.skipif(not image.can_read_faces(), reason="medtalk-live models fetch face"),
    pytest.mark.skipif(
        not arkit_head.available(), reason=f"pip install {' '.join(arkit_head.NEEDS)}"
    ),
    pytest.mark.skipif(importlib.util.find_spec("PIL") is None, reason="pip install pillow"),
]


@pytest.fixture(scope="module")
def reader():
    yield image.READER
    image.READER.close()


@pytest.fixture(scope="module")
def smiling():
    from PIL import Image

    values = dict.fromkeys(("mouthSmile_L", "mouthSmile_R"), 0.9)
    return Image.fromarray(arkit_head.render(values, 320))


def smile(face):
    shapes = expression(face)
    return [shapes[SHAPE_NAMES.index(f"MouthSmile{side}")] for side in ("Left", "Right")]


@pytest.mark.parametrize("ending", ["png", "jpg", "webp"])
def test_a_smile_is_read_from_every_format(reader, smiling, tmp_path, ending):
    smiling.save(tmp_path / f"a.{ending}")
    assert min(smile(reader.read(tmp_path / f"a.{ending}"))) > 0.6


def test_a_photo_that_the_camera_took_lying_is_turned_first(reader, smiling, tmp_path):
    from PIL import Image

    exif = Image.Exif()
    exif[0x0112] = 6
    smiling.rotate(90, expand=True).save(tmp_path / "lying.jpg", exif=exif)
    assert min(smile(reader.read(tmp_path / "lying.jpg"))) > 0.6


def test_a_large_photo_is_read_like_a_small_one(reader, smiling, tmp_path):
    smiling.resize((5000, 5000)).save(tmp_path / "large.jpg")
    smiling.save(tmp_path / "small.png")
    large, small = (smile(reader.read(tmp_path / name)) for name in ("large.jpg", "small.png"))
    np.testing.assert_allclose(large, small, atol=0.1)  # JPEG and scaling blur a little


def test_one_photo_after_another_takes_no_new_process(reader, smiling, tmp_path):
    smiling.save(tmp_path / "a.png")
    reader.read(tmp_path / "a.png")
    process = reader._worker._process
    reader.read(tmp_path / "a.png")
    assert reader._worker._process is process


def test_a_worker_that_was_killed_is_started_anew(reader, smiling, tmp_path):
    smiling.save(tmp_path / "a.png")
    reader.read(tmp_path / "a.png")
    reader._worker._process.kill()
    reader._worker._process.wait()
    assert min(smile(reader.read(tmp_path / "a.png"))) > 0.6


def test_two_faces_none_and_a_landscape_are_refused_in_words(reader, smiling, tmp_path):
    from PIL import Image

    two = Image.new("RGB", (640, 320), (255, 255, 255))
    for x in (0, 320):
        two.paste(smiling, (x, 0))
    two.save(tmp_path / "two.png")
    Image.new("RGB", (400, 300), (90, 140, 60)).save(tmp_path / "green.png")
    for name, words in (("two", "2 faces were found"), ("green", "no face was found")):
        with pytest.raises(GuidanceError, match=words):
            reader.read(tmp_path / f"{name}.png")


@pytest.mark.slow
def test_posed_expressions_are_recovered(reader, tmp_path):
    chosen = arkit_head.poses()
    assert len(chosen) >= 20
    faces = [reader.read(path) for path in arkit_head.photos(chosen, tmp_path)]
    shapes = np.stack([expression(face) for face in faces])
    for kind, (true, seen) in arkit_head.compared(chosen, shapes).items():
        assert np.corrcoef(true, seen)[0, 1] >= 0.8, kind

import json

import numpy as np
import pytest
from fakes import TinyModel
from guidance_faces import face

from medtalk_live.errors import CheckpointError, GuidanceError
from medtalk_live.guidance import face_worker, image
from medtalk_live.guidance.landmarks import AVERAGE, expression, openings
from medtalk_live.guidance.request import Guidance
from medtalk_live.model import fetch
from medtalk_live.rig.arkit import SHAPE_NAMES
from medtalk_live.rig.controls import pair


def shape(values, name):
    return float(values[SHAPE_NAMES.index(name)])


def test_openings_are_measured_whatever_the_head_does():
    for turn in (-0.5, 0.0, 0.4):
        seen = openings(face(gap=0.2, eye=0.3, lid=-0.1, turn=turn))
        assert seen.lips == pytest.approx(0.2, abs=1e-6)
        np.testing.assert_allclose(seen.eyes, 0.3, atol=1e-6)
        np.testing.assert_allclose(seen.lower_lids, -0.1, atol=1e-6)


def test_a_face_at_rest_has_no_expression():
    values = expression(face(AVERAGE.lips, AVERAGE.eyes[0], AVERAGE.lower_lids[0]))
    assert values.max() < 1e-6  # rounding of the measured lengths


def test_an_open_mouth_is_measured_where_the_score_is_timid():
    values = expression(face(gap=0.25, jawOpen=0.08, mouthSmileLeft=0.94, mouthSmileRight=0.94))
    assert shape(values, "JawOpen") > 0.5
    assert shape(values, "MouthSmileLeft") > 0.8


def test_raised_lower_lids_are_a_squint_and_closed_eyes_are_none():
    assert shape(expression(face(eye=0.29, lid=-0.08, eyeSquintLeft=0.4)), "EyeSquintLeft") > 0.5
    closed = expression(face(eye=0.06, lid=-0.05, eyeSquintLeft=0.7, eyeBlinkLeft=0.6))
    assert shape(closed, "EyeSquintLeft") == 0.0
    assert shape(closed, "EyeBlinkLeft") == 1.0


def test_rounded_lips_that_stand_open_are_a_funnel_and_not_an_open_jaw():
    values = expression(face(gap=0.13, mouthPucker=0.9, jawOpen=0.1))
    assert shape(values, "MouthFunnel") > 0.8
    assert shape(values, "JawOpen") < 0.15


def test_what_the_neutral_photo_shows_is_no_expression():
    rest = face(browInnerUp=0.5, mouthSmileLeft=0.2)
    values = expression(face(browInnerUp=0.5, mouthSmileLeft=0.7), rest)
    assert shape(values, "BrowInnerUp") == 0.0
    assert shape(values, "MouthSmileLeft") == pytest.approx(0.625)


class Worker:
    """Answers like the worker process, with the faces it was given."""

    def __init__(self, monkeypatch, answer):
        monkeypatch.setattr(image.READER, "_ask", lambda path: answer)
        image._shapes.cache_clear()


def seen(one):
    rows = {"points": one.points.tolist(), "rotation": one.rotation.tolist()}
    return json.loads(json.dumps({"scores": dict(one.scores), **rows}))


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ({"faces": []}, "no face was found in a.png; expected one"),
        ({"faces": [{}, {}, {}]}, "3 faces were found in a.png; expected one"),
        ({"error": "has 50 megapixels; expected at most 40: scale it down"}, "a.png has 50 mega"),
    ],
)
def test_a_photo_without_one_usable_face_is_one_sentence(tmp_path, monkeypatch, answer, words):
    photo = tmp_path / "a.png"
    photo.write_bytes(b"x")
    Worker(monkeypatch, answer)
    with pytest.raises(GuidanceError) as refusal:
        image.encode(Guidance.image(photo), TinyModel())
    assert words in str(refusal.value)


def test_a_face_of_a_few_pixels_is_refused_and_not_guessed_at(tmp_path, monkeypatch):
    photo = tmp_path / "a.png"
    photo.write_bytes(b"x")
    small = seen(face())
    small["points"] = (np.asarray(small["points"]) / 3).tolist()
    Worker(monkeypatch, {"faces": [small]})
    with pytest.raises(GuidanceError, match="pixels high; expected at least 40"):
        image.encode(Guidance.image(photo), TinyModel())


def test_a_photo_of_16_bits_of_grey_is_scaled_and_not_cut(tmp_path):
    pillow = pytest.importorskip("PIL.Image")
    grey = np.linspace(0, 65_535, 256).astype(np.uint16)
    pillow.fromarray(np.tile(grey, (64, 1))).save(tmp_path / "a.png")
    picture = face_worker.picture_or_error(str(tmp_path / "a.png"))
    assert np.abs(picture[0, :, 0] - np.arange(256.0)).max() <= 1.0


def test_a_photo_that_is_not_there_is_named(tmp_path):
    with pytest.raises(GuidanceError, match="does not exist"):
        image.encode(Guidance.image(tmp_path / "no.png"), TinyModel())


def test_what_the_models_own_face_lacks_of_the_photo_is_added(tmp_path, monkeypatch):
    photo = tmp_path / "a.png"
    photo.write_bytes(b"x")
    Worker(monkeypatch, {"faces": [seen(face(mouthSmileLeft=0.6, mouthSmileRight=0.0))]})
    code = image.encode(Guidance.image(photo), TinyModel())
    left, right = pair("mouth_cornerPull")
    assert code.offsets[left] == pytest.approx((0.6 - 0.06) / 0.94, abs=1e-5)
    assert code.offsets[right] == 0.0
    assert np.abs(code.offsets).max() <= 0.8


class Clip(TinyModel):
    """A model with an image encoder of its own."""

    def embed_image(self, picture):
        assert picture.mode == "RGB"
        return np.full(256, float(picture.width), np.float32)


def test_a_model_with_an_image_encoder_of_its_own_embeds_the_photo(tmp_path, monkeypatch):
    pillow = pytest.importorskip("PIL.Image")
    photo = tmp_path / "a.png"
    pillow.new("RGBA", (40, 30), (255, 0, 0, 255)).save(photo)
    monkeypatch.setattr(image, "can_read_faces", lambda: True)
    Worker(monkeypatch, {"faces": [seen(face(mouthSmileLeft=0.6))]})
    code = image.encode(Guidance.image(photo), Clip())
    np.testing.assert_array_equal(code.embedding, np.full(256, 40.0))
    assert code.offsets.any()


def test_such_a_model_needs_no_landmarks(tmp_path, monkeypatch):
    pillow = pytest.importorskip("PIL.Image")
    photo = tmp_path / "a.png"
    pillow.new("RGB", (40, 30)).save(photo)
    monkeypatch.setattr(image, "can_read_faces", lambda: False)
    assert not image.encode(Guidance.image(photo), Clip()).offsets.any()
    photo.write_bytes(b"no photo")
    with pytest.raises(GuidanceError, match=r"a\.png cannot be read as a picture"):
        image.encode(Guidance.image(photo), Clip())


def test_pictures_that_cannot_be_used_are_said_before_anything_is_decoded(tmp_path):
    pillow = pytest.importorskip("PIL.Image")
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(b"\xff\xd8\xff not a photo")
    assert "cannot be read as a picture" in face_worker._answer(None, str(broken))["error"]
    huge = tmp_path / "huge.png"
    pillow.new("1", (10_000, 5_000)).save(huge)
    assert "has 50 megapixels" in face_worker._answer(None, str(huge))["error"]


def test_a_photo_is_turned_upright_and_scaled_down(tmp_path):
    pillow = pytest.importorskip("PIL.Image")
    lying = tmp_path / "lying.jpg"
    picture = pillow.new("RGB", (2600, 1300), (255, 0, 0))
    picture.paste((0, 0, 255), (0, 0, 1300, 1300))
    exif = pillow.Exif()
    exif[0x0112] = 6  # the camera lay on its side
    picture.save(lying, exif=exif)
    upright = face_worker.picture_or_error(str(lying))
    assert upright.shape == (960, 480, 3)
    assert upright[50, 240, 2] > 200  # blue is above, red below
    assert upright[-50, 240, 0] > 200


def test_a_file_with_another_hash_is_not_taken_for_the_face_model(tmp_path, monkeypatch):
    monkeypatch.setenv("MEDTALK_CHECKPOINTS", str(tmp_path))
    with pytest.raises(CheckpointError, match="not the expected file"):
        fetch.fetch_face((lambda: b"something else",))
    assert not list(tmp_path.rglob("*.task"))

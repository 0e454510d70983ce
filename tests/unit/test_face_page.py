"""The page's bytes and its uploads."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from medtalk_live.errors import GuidanceError
from medtalk_live.face.drawing import draw
from medtalk_live.face.page import wire
from medtalk_live.face.page.upload import MAXIMUM_BYTES, DroppedImages
from medtalk_live.rig.controls import COUNT, NEUTRAL
from medtalk_live.rig.frames import ControlFrame


def test_messages_to_the_page_process_come_out_as_they_went_in():
    stream = io.BytesIO()
    for kind, body in ((wire.Kind.STATUS, b"{}"), (wire.Kind.FRAME, b"x" * 1000)):
        wire.write_message(stream, kind, body)
    stream.seek(0)

    assert wire.read_message(stream) == (wire.Kind.STATUS, b"{}")
    assert wire.read_message(stream) == (wire.Kind.FRAME, b"x" * 1000)
    assert wire.read_message(stream) is None


@pytest.mark.parametrize("length", [1, 4, 6])
def test_a_message_that_is_cut_off_is_the_end(length):
    stream = io.BytesIO()
    wire.write_message(stream, wire.Kind.STATUS, b"{}")

    assert wire.read_message(io.BytesIO(stream.getvalue()[:length])) is None


def test_a_frame_survives_the_pipe_exactly():
    values = np.random.default_rng(0).random(COUNT + 6).astype(np.float32)
    frame = ControlFrame(2**40, 12.25, values[:COUNT], values[COUNT:])

    back = wire.unpack_frame(wire.pack_frame(frame))

    assert (back.index, back.time) == (frame.index, frame.time)
    assert np.array_equal(back.controls, frame.controls)
    assert np.array_equal(back.head, frame.head)


def test_sound_survives_the_pipe_to_16_bits():
    samples = np.array([-1.5, -1.0, 0.0, 0.25, 1.0], np.float32)

    back, rate, time = wire.unpack_sound(wire.pack_sound(samples, 48_000, 3.5))

    assert (rate, time) == (48_000, 3.5)
    assert np.allclose(back / 32767, np.clip(samples, -1, 1), atol=1 / 32767)


def test_peaks_are_the_lowest_and_highest_of_each_5_ms():
    samples = np.zeros(160, np.int16)
    samples[10], samples[100] = -32767, 16384

    assert wire.peaks_of(samples, 16_000).tolist() == [[-127, 0], [0, 64]]


def test_sound_shorter_than_a_peak_gives_none():
    assert wire.peaks_of(np.zeros(10, np.int16), 16_000).shape == (0, 2)


def test_a_face_message_holds_values_colours_and_points():
    frame = ControlFrame(9, 1.0, NEUTRAL, np.zeros(6, np.float32))
    polygons = draw(frame.controls, frame.head, wire.PICTURE)
    message = wire.face_message(polygons, frame)

    outlines = int.from_bytes(message[2:4], "little")
    values = np.frombuffer(message, "<f4", COUNT + 6, 16)
    at = 16 + values.nbytes + 4 * outlines
    counts = np.frombuffer(message, "<u2", outlines, at)
    points = np.frombuffer(message, "<i2", offset=at + counts.nbytes).reshape(-1, 2)

    assert outlines == len(polygons)
    assert np.array_equal(values[:COUNT], NEUTRAL)
    assert counts.sum() == len(points) == len(polygons.points)
    assert np.abs(points - polygons.points).max() <= 0.5


def photo(kind: str = "PNG", size: tuple[int, int] = (8, 8)) -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", size, (200, 150, 120)).save(stream, kind)
    return stream.getvalue()


@pytest.mark.parametrize(("kind", "ending"), [("PNG", ".png"), ("JPEG", ".jpg"), ("WEBP", ".webp")])
def test_a_photo_is_kept_as_it_is_under_the_ending_of_what_it_is(tmp_path, kind, ending):
    data = photo(kind)

    path = DroppedImages(tmp_path).keep("me.anything", data)

    assert path.suffix == ending
    assert path.read_bytes() == data


@pytest.mark.parametrize("name", ["../../etc/passwd", "a/b\\c.png", "", "x" * 300, "\x00.png", "…"])
def test_a_name_cannot_lead_out_of_the_folder(tmp_path, name):
    path = DroppedImages(tmp_path).keep(name, photo())

    assert path.parent == tmp_path
    assert len(path.name) < 60


def test_two_photos_of_one_name_are_both_kept(tmp_path):
    images = DroppedImages(tmp_path)

    assert images.keep("me.png", photo()) != images.keep("me.png", photo())


def test_only_the_newest_photos_are_kept(tmp_path):
    images = DroppedImages(tmp_path)
    paths = [images.keep("me.png", photo()) for _ in range(25)]

    assert len(list(tmp_path.iterdir())) == 20
    assert paths[-1].exists()


@pytest.mark.parametrize(
    "data", [b"", b"text", photo()[:40], b"GIF89a" + bytes(30)], ids=["empty", "text", "cut", "gif"]
)
def test_what_is_no_photo_is_refused(tmp_path, data):
    with pytest.raises(GuidanceError, match="drop a jpg, png or webp"):
        DroppedImages(tmp_path).keep("me.png", data)

    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_too_large_is_refused(tmp_path):
    with pytest.raises(GuidanceError, match="at most 20 MB"):
        DroppedImages(tmp_path).keep("me.png", bytes(MAXIMUM_BYTES + 1))


def test_a_photo_of_too_many_pixels_is_refused(tmp_path):
    stream = io.BytesIO()
    Image.new("1", (9000, 9000)).save(stream, "PNG")  # a few KB, 81 million pixels

    with pytest.raises(GuidanceError, match="9000 x 9000"):
        DroppedImages(tmp_path).keep("me.png", stream.getvalue())

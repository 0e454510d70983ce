import os

import pytest

from medtalk_live.errors import GuidanceError
from medtalk_live.guidance.watch import PhotoWatch


def saved(path, content, seconds):
    path.write_bytes(content)
    os.utime(path, (seconds, seconds))


def test_a_photo_that_is_saved_over_is_handed_on_again(tmp_path):
    photo, seen = tmp_path / "face.png", []
    watch = PhotoWatch(photo, seen.append)
    assert not watch.look()
    saved(photo, b"one", 100)
    assert [watch.look(), watch.look(), watch.look()] == [False, True, False]
    saved(photo, b"another", 200)
    assert [watch.look(), watch.look()] == [False, True]
    assert seen == [photo, photo]


def test_the_newest_photo_of_a_folder_counts_and_other_files_do_not(tmp_path):
    seen = []
    watch = PhotoWatch(tmp_path, seen.append)
    saved(tmp_path / "a.jpg", b"a", 100)
    saved(tmp_path / "b.webp", b"b", 200)
    saved(tmp_path / "notes.txt", b"c", 300)
    watch.look(), watch.look()
    assert seen == [tmp_path / "b.webp"]


def test_a_photo_that_still_grows_is_waited_for(tmp_path):
    photo, seen = tmp_path / "face.jpg", []
    watch = PhotoWatch(photo, seen.append)
    for size in (1, 2, 3):
        saved(photo, b"x" * size, 100 + size)
        assert not watch.look()
    assert watch.look()


def test_a_photo_that_cannot_be_read_costs_a_warning_and_not_the_watch(tmp_path, caplog):
    photo, told = tmp_path / "face.png", []

    def guide(path):
        told.append(path)
        raise GuidanceError("no face was found in face.png")

    watch = PhotoWatch(photo, guide)
    saved(photo, b"one", 100)
    watch.look(), watch.look()
    assert "no face was found in face.png; the guidance stays" in caplog.text
    saved(photo, b"two", 200)
    watch.look(), watch.look()
    assert len(told) == 2


def test_a_place_that_does_not_exist_is_named(tmp_path):
    with pytest.raises(GuidanceError, match="cannot be watched"):
        PhotoWatch(tmp_path / "no" / "face.png", print)

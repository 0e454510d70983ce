"""Pretrained parts come from their hubs whole and right, or not at all; against a real server."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from medtalk_live.cli import models
from medtalk_live.cli.main import main
from medtalk_live.errors import CheckpointError
from medtalk_live.model import checkpoint, fetch
from medtalk_live.model.download import download
from medtalk_live.model.parts import Part, RemoteFile

CONTENT = bytes(range(256)) * 4000
SHA256 = hashlib.sha256(CONTENT).hexdigest()


class Hub(BaseHTTPRequestHandler):
    """Serves ``CONTENT`` as a hub does: redirects, states a hash, gives ranges, breaks off."""

    asked: list[str]
    break_after = 0
    stated = ""

    def do_GET(self) -> None:
        first = int((self.headers["Range"] or "bytes=0-").removeprefix("bytes=").rstrip("-"))
        self.asked.append(f"{self.path} from {first}")
        if self.path.startswith("/moved/"):
            self.send_response(302)
            self.send_header("Location", self.path.removeprefix("/moved"))
            self.send_header("X-Linked-ETag", f'"{self.stated}"')
            self.end_headers()
        elif self.path == "/missing":
            self.send_error(404)
        elif self.path == "/stubborn":
            self.answer(200, CONTENT)
        elif first >= len(CONTENT):
            self.send_error(416)
        else:
            self.answer(206, CONTENT[first:])

    def answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: type(self).break_after or None])

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def hub() -> Iterator[str]:
    Hub.asked, Hub.break_after, Hub.stated = [], 0, ""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder of models."""
    folder = tmp_path / "data"
    monkeypatch.setenv("MEDTALK_CHECKPOINTS", str(folder))
    return folder


def two_files(sha256: str | None = SHA256) -> Part:
    files = (RemoteFile("config.yaml", "/config.yaml"), RemoteFile("a.pt", "/moved/a.pt", sha256))
    return Part("sample", "sample_base", "testing", "https://hub/sample", "MIT", 1, files)


def test_a_file_comes_whole_and_tells_how_far_it_is(hub: str, tmp_path: Path) -> None:
    shares: list[float] = []
    assert download(f"{hub}/a", tmp_path / "deep" / "a", SHA256, shares.append) == SHA256
    assert (tmp_path / "deep" / "a").read_bytes() == CONTENT
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


def test_a_download_that_broke_off_goes_on_where_it_stopped(hub: str, tmp_path: Path) -> None:
    Hub.break_after = 300_000
    with pytest.raises(CheckpointError, match="broke off"):
        download(f"{hub}/a", tmp_path / "a", SHA256)
    assert not (tmp_path / "a").exists()
    Hub.break_after = 0
    download(f"{hub}/a", tmp_path / "a", SHA256)
    assert (tmp_path / "a").read_bytes() == CONTENT
    assert Hub.asked == ["/a from 0", "/a from 300000"]


def test_a_server_that_cannot_resume_is_read_from_the_start(hub: str, tmp_path: Path) -> None:
    (tmp_path / "a.part").write_bytes(CONTENT[:1000])
    download(f"{hub}/stubborn", tmp_path / "a", SHA256)
    assert (tmp_path / "a").read_bytes() == CONTENT


def test_a_part_that_was_whole_already_is_only_checked(hub: str, tmp_path: Path) -> None:
    (tmp_path / "a.part").write_bytes(CONTENT)
    download(f"{hub}/a", tmp_path / "a", SHA256)
    assert (tmp_path / "a").read_bytes() == CONTENT


def test_a_file_with_another_hash_is_thrown_away(hub: str, tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="another file than expected"):
        download(f"{hub}/a", tmp_path / "a", "0" * 64)
    assert list(tmp_path.iterdir()) == []


def test_without_a_pinned_hash_the_hubs_own_word_is_checked(hub: str, tmp_path: Path) -> None:
    Hub.stated = "f" * 64
    with pytest.raises(CheckpointError, match="expected ffff"):
        download(f"{hub}/moved/a", tmp_path / "a")
    Hub.stated = SHA256
    assert download(f"{hub}/moved/a", tmp_path / "a") == SHA256


def test_a_missing_file_is_one_sentence(hub: str, tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="404"):
        download(f"{hub}/missing", tmp_path / "a")


def test_a_part_is_fetched_once_and_listed_as_whole(
    hub: str, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", hub)
    part, named = two_files(), []

    def progress(name: str):
        named.append(name)
        return lambda share: None

    assert "not here" in models.describe_part(part)
    assert fetch.fetch_part(part, progress) == home / "sample_base"
    fetch.fetch_part(part, progress)
    assert named == ["config.yaml", "a.pt"]
    assert "2 files whole" in models.describe_part(part)


def test_a_part_that_was_damaged_later_is_named_and_fetched_anew(
    hub: str, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", hub)
    part = two_files(None)
    fetch.fetch_part(part, lambda _: lambda _: None)
    (home / "sample_base" / "a.pt").write_bytes(b"cut")
    assert "a.pt is damaged" in models.describe_part(part)
    fetch.fetch_part(part, lambda _: lambda _: None)
    assert "2 files whole" in models.describe_part(part)


def test_offline_the_sentence_says_what_to_put_where(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")  # nobody listens on discard
    with pytest.raises(CheckpointError) as caught:
        fetch.fetch_part(two_files(), lambda _: lambda _: None)
    words = str(caught.value)
    assert "put config.yaml and a.pt from https://hub/sample into" in words
    assert str(home / "sample_base") in words
    assert "\n" not in words


def test_the_command_fetches_by_name_and_exits_with_one_offline(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    assert main(["models", "fetch", "emotion2vec"]) == 1
    assert "emotion2vec_base.pt from https://huggingface.co" in capsys.readouterr().err


def test_the_list_tells_of_every_part(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "list"]) == 0  # the starter is in the package
    printed = capsys.readouterr().out
    for name in ("starter", "emotion2vec", "whisper", "vocabulary", "roberta", "wav2vec2", "clip"):
        assert any(line.startswith(name) for line in printed.splitlines())
    assert checkpoint.MANIFEST not in printed

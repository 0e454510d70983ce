"""Makes the fuzzers' seed corpora from ``protocol/``: small, so they live in the tree."""

from __future__ import annotations

import shutil
from pathlib import Path

HERE = Path(__file__).parent
PROTOCOL = HERE.parent / "protocol"
CORPUS = HERE / "MedTalkLive" / "Tests" / "fuzz" / "corpus"
_OSC = ("frame_ramp", "frame_cut", "frame_other_table", "frame_not_finite", "hello", "bye", "vmc_2")


def framed(names: tuple[str, ...]) -> bytes:
    """Datagrams as the OSC fuzzer takes them: two big-endian bytes of length before each."""
    parts = [(PROTOCOL / "samples" / f"{name}.bin").read_bytes() for name in names]
    return b"".join(len(part).to_bytes(2, "big") + part for part in parts)


def seeds() -> dict[str, bytes]:
    """Path below ``corpus`` -> content."""
    take = PROTOCOL / "SAMPLE_001.take"
    words, rows = (take / "take.json").read_bytes(), (take / "curves.bin").read_bytes()
    session = ("hello", "frame_ramp", "frame_neutral", "frame_last_sequence", "bye")
    return {
        **{f"osc/{name}": framed((name,)) for name in _OSC},
        "osc/session": framed(session),
        "livelink_face/packet": (PROTOCOL / "samples" / "livelink_face.bin").read_bytes(),
        "take/two_rows": words + b"\0" + rows[: 2 * 736],
        "take/words": words,
        "take/small": b'{"format": "medtalk-take", "version": 1, "controls": []}',
    }


if __name__ == "__main__":
    shutil.rmtree(CORPUS, ignore_errors=True)
    for name, content in seeds().items():
        (CORPUS / name).parent.mkdir(parents=True, exist_ok=True)
        (CORPUS / name).write_bytes(content)

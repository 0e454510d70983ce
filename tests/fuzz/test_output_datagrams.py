"""The frame decoder against noise: a frame or ``SinkError``, never anything else."""

from __future__ import annotations

import contextlib
from pathlib import Path

from hypothesis import example, given
from hypothesis import strategies as st

from medtalk_live.errors import SinkError
from medtalk_live.output.osc import decode_frame

FRAME = (Path(__file__).parents[2] / "protocol" / "samples" / "frame_ramp.bin").read_bytes()


@given(st.binary(max_size=1500))
@example(b"")
@example(b"/medtalk/1/frame")
def test_noise_is_refused(data: bytes) -> None:
    with contextlib.suppress(SinkError):
        decode_frame(data)


@given(at=st.integers(0, len(FRAME) - 1), flip=st.integers(1, 255), cut=st.integers(0, 40))
def test_a_damaged_frame_is_read_or_refused(at: int, flip: int, cut: int) -> None:
    data = bytearray(FRAME)
    data[at] ^= flip
    damaged = bytes(data[: len(data) - cut])
    with contextlib.suppress(SinkError):
        wire = decode_frame(damaged)
        assert not cut or wire.subject != "MedTalk"
        assert wire.frame.controls.shape == (174,)

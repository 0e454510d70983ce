"""What is encoded comes back: frames, timecodes, rows, and the ARKit mapping."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from medtalk_live.output.osc import FrameEncoder, decode_frame
from medtalk_live.output.timecode import drops, frame_at, label, parse_label
from medtalk_live.rig.arkit import SHAPE_NAMES, from_controls, to_controls
from medtalk_live.rig.controls import COUNT, MAXIMUM, MINIMUM, FloatArray
from medtalk_live.rig.frames import ControlFrame
from medtalk_live.rig.metahuman import to_raw
from medtalk_live.takes.rows import ROW, encode_row, good_rows

finite = st.floats(-1e6, 1e6, width=32)
controls = arrays.arrays(np.float32, COUNT, elements=finite)
heads = arrays.arrays(np.float32, 6, elements=finite)
subjects = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1)
subjects = subjects.filter(lambda text: len(text.encode()) <= 64)
rates = st.sampled_from(
    [*(Fraction(rate) for rate in (24, 25, 30, 48, 50, 60, 120))]
    + [Fraction(rate * 1000, 1001) for rate in (24, 30, 48, 60, 120)]
)


@given(subjects, st.integers(0, 2**40), st.floats(0, 1e9), controls, heads)
def test_any_frame_comes_back_over_the_wire(
    subject: str, index: int, time: float, values: FloatArray, head: FloatArray
) -> None:
    data = bytes(FrameEncoder(subject).encode(ControlFrame(index, time, values, head)))
    assert len(data) % 4 == 0
    assert len(data) <= 1472
    wire = decode_frame(data)
    assert (wire.subject, wire.frame.index, wire.frame.time) == (subject, index % 2**31, time)
    np.testing.assert_array_equal(wire.frame.controls, values)
    np.testing.assert_array_equal(wire.frame.head, head)


@given(st.integers(0, 2**32 - 1), st.floats(-1e9, 1e9), controls, heads)
def test_any_row_of_a_take_comes_back_and_one_flipped_bit_is_noticed(
    index: int, time: float, values: FloatArray, head: FloatArray
) -> None:
    data = encode_row(ControlFrame(index, time, values, head))
    row = np.frombuffer(data, ROW)[0]
    assert (row["index"], row["time"]) == (index, time)
    np.testing.assert_array_equal(row["controls"], values)
    assert good_rows(data).all()
    broken = bytearray(data)
    broken[index % len(broken)] ^= 1 << index % 8
    assert not good_rows(bytes(broken)).any()


@given(rates, st.integers(0, 86_000 * 24))
def test_a_label_names_one_frame(fps: Fraction, frame: int) -> None:
    assert parse_label(label(frame, fps), fps) == frame
    if drops(fps):
        assert parse_label(label(frame, fps, drop=False), fps) == frame


@given(rates, st.integers(0, 86_399 * 24))
def test_the_start_of_a_frame_belongs_to_it(fps: Fraction, frame: int) -> None:
    number, part = frame_at(float(frame / fps), fps)
    assert number == frame
    assert 0 <= part < 1e-3


_OPPOSED = [
    *((f"EyeLook{a}{side}", f"EyeLook{b}{side}") for side in ("Left", "Right")
      for a, b in (("Up", "Down"), ("In", "Out"))),
    *((f"EyeBlink{side}", f"EyeWide{side}") for side in ("Left", "Right")),
    ("JawLeft", "JawRight"),
    ("MouthLeft", "MouthRight"),
]  # fmt: skip


@given(arrays.arrays(np.float32, 52, elements=st.floats(0, 0.5, width=32)))
def test_shapes_that_do_not_oppose_or_clamp_come_back(shapes: FloatArray) -> None:
    """Below a half no sum of two reaches the clamp; of an opposed pair one half rests."""
    for _, resting in _OPPOSED:
        shapes[SHAPE_NAMES.index(resting)] = 0
    jaw, close = SHAPE_NAMES.index("JawOpen"), SHAPE_NAMES.index("MouthClose")
    shapes[close] = min(shapes[close], shapes[jaw])
    # float32 sums of up to four products
    np.testing.assert_allclose(from_controls(to_controls(shapes)), shapes, atol=2e-6)


@given(controls)
def test_mapped_values_stay_in_range_whatever_comes(values: FloatArray) -> None:
    raw, shapes = to_raw(values), from_controls(values)
    assert np.all((raw >= 0) & (raw <= 1))
    assert np.all((shapes >= 0) & (shapes <= 1))
    back = to_controls(shapes)
    assert np.all((back >= MINIMUM) & (back <= MAXIMUM))

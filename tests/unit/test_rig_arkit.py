"""ARKit shapes to our controls and back."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from medtalk_live.errors import ConfigError
from medtalk_live.rig.arkit import (
    APP_NAMES,
    LIVE_LINK_NAMES,
    SHAPE_NAMES,
    HeadAxes,
    from_controls,
    to_controls,
    to_live_link,
)
from medtalk_live.rig.controls import (
    MAXIMUM,
    MINIMUM,
    NEUTRAL,
    FloatArray,
    clamp,
    index,
)

TAKES = Path(__file__).parents[2].parent / "shared" / "data" / "llf_rom" / "anim"
STILL = np.zeros(6, np.float32)


def shapes(**values: float) -> FloatArray:
    vector = np.zeros(len(SHAPE_NAMES), np.float32)
    for name, value in values.items():
        vector[SHAPE_NAMES.index(name)] = value
    return vector


def named(vector: FloatArray) -> dict[str, float]:
    return {SHAPE_NAMES[i]: pytest.approx(float(vector[i])) for i in np.flatnonzero(vector > 1e-6)}


def controls(**values: float) -> FloatArray:
    vector = NEUTRAL.copy()
    for name, value in values.items():
        vector[index(name.replace("__", "."))] = value
    return vector


def test_the_packet_order_has_left_before_right_and_the_apps_csv_does_not() -> None:
    assert [LIVE_LINK_NAMES.index(name) for name in ("JawLeft", "JawRight")] == [15, 16]
    assert [LIVE_LINK_NAMES.index(name) for name in ("MouthLeft", "MouthRight")] == [21, 22]
    assert APP_NAMES.index("JawRight") < APP_NAMES.index("JawLeft")
    assert sorted(APP_NAMES) == sorted(LIVE_LINK_NAMES)
    assert len(LIVE_LINK_NAMES) == 61


@pytest.mark.parametrize("name", [name for name in SHAPE_NAMES if name != "MouthClose"])
@pytest.mark.parametrize("value", [0.25, 1.0])
def test_every_single_shape_comes_back_as_it_was(name: str, value: float) -> None:
    given = shapes(**{name: value})
    np.testing.assert_allclose(from_controls(to_controls(given)), given, atol=1e-6)


def test_rest_is_rest_in_both_directions() -> None:
    np.testing.assert_array_equal(to_controls(shapes()), NEUTRAL)
    np.testing.assert_array_equal(from_controls(NEUTRAL), shapes())


def test_mouth_close_brings_the_lips_together_in_proportion_to_the_jaw() -> None:
    there = to_controls(shapes(JawOpen=0.5, MouthClose=0.25))
    assert there[index("L_mouth_lipsTogetherU.ty")] == 0.5
    assert there[index("R_mouth_lipsTogetherD.ty")] == 0.5
    assert named(from_controls(there)) == {"JawOpen": 0.5, "MouthClose": 0.25}


def test_mouth_close_does_nothing_with_the_jaw_shut_and_is_full_above_the_jaw() -> None:
    assert to_controls(shapes(MouthClose=1.0))[index("L_mouth_lipsTogetherU.ty")] == 0
    there = to_controls(shapes(JawOpen=0.25, MouthClose=0.75))
    assert there[index("L_mouth_lipsTogetherU.ty")] == 1


def test_a_funnel_that_pucker_explains_is_not_sent_twice() -> None:
    mixed = from_controls(to_controls(shapes(MouthPucker=0.5, MouthFunnel=0.25)))
    assert named(mixed) == {"MouthFunnel": 0.25, "MouthPucker": 0.5}


def test_an_angry_brow_is_not_read_as_a_raised_inner_brow() -> None:
    angry = controls(L_brow_down__ty=1, R_brow_down__ty=1, L_brow_lateral__ty=1)
    assert named(from_controls(angry)) == {"BrowDownLeft": 1.0, "BrowDownRight": 1.0}


def test_a_brow_raised_by_both_shapes_beyond_its_end_keeps_its_inner_part() -> None:
    given = shapes(BrowInnerUp=0.75, BrowOuterUpLeft=1, BrowOuterUpRight=1)
    assert named(from_controls(to_controls(given))) == named(given)


def test_a_wholly_raised_brow_is_read_as_outer_brows_which_carry_the_inner_ones() -> None:
    parts = [f"{side}_brow_raise{part}__ty" for side in "LR" for part in ("In", "Out")]
    raised = from_controls(controls(**dict.fromkeys(parts, 1.0)))
    assert named(raised) == {"BrowOuterUpLeft": 1.0, "BrowOuterUpRight": 1.0}


def test_the_common_gaze_turns_both_eyes() -> None:
    looked = from_controls(controls(C_eye__tx=0.5))
    assert named(looked) == {"EyeLookOutLeft": 0.5, "EyeLookInRight": 0.5}


def test_authoring_artefacts_of_the_pose_asset_are_gone() -> None:
    there = to_controls(shapes(CheekPuff=1, NoseSneerLeft=1, TongueOut=1, BrowDownRight=1))
    assert there[index("L_brow_lateral.ty")] == 0


def test_values_out_of_range_or_not_numbers_are_held_in_range() -> None:
    wild = to_controls(np.full(52, 9, np.float32))
    assert np.all((wild >= MINIMUM) & (wild <= MAXIMUM))
    assert np.isfinite(to_controls(np.full(52, np.nan, np.float32))).all()
    assert np.isfinite(from_controls(np.full(174, np.nan, np.float32))).all()


def test_61_values_are_read_like_their_52_shapes() -> None:
    many = np.random.default_rng(0).uniform(0, 1, (4, 61)).astype(np.float32)
    np.testing.assert_array_equal(to_controls(many), to_controls(many[:, :52]))


def test_head_angles_follow_the_axes_setting() -> None:
    head = np.asarray([20, 10, -5, 0, 0, 0], np.float32)
    assert to_live_link(NEUTRAL, head)[52:55] == pytest.approx([0.4, -0.2, -0.1])
    axes = HeadAxes(degrees_per_unit=10, signs=(-1, 1, 1), order=(0, 2, 1))
    assert to_live_link(NEUTRAL, head, axes)[52:55] == pytest.approx([-2, -0.5, 1])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("50", HeadAxes()),
        ("57.3", HeadAxes(degrees_per_unit=57.3)),
        ("50:yaw,-pitch,roll", HeadAxes()),
        ("14: -yaw, roll, pitch", HeadAxes(14, (-1, 1, 1), (0, 2, 1))),
    ],
)
def test_head_axes_are_read_from_words(text: str, expected: HeadAxes) -> None:
    assert HeadAxes.parse(text) == expected


def test_a_head_that_is_not_wanted_stays_still() -> None:
    head = np.array([10, 20, 5, 0, 0, 0], np.float32)
    assert not to_live_link(NEUTRAL, head, HeadAxes.parse("none"))[52:55].any()


@pytest.mark.parametrize(
    "text", ["", "0", "-50", "nan", "fast", "50:yaw", "50:yaw,yaw,roll", "50:a"]
)
def test_head_axes_that_cannot_be_meant_are_refused_with_an_example(text: str) -> None:
    with pytest.raises(ConfigError, match="50:yaw,-pitch,roll, or none"):
        HeadAxes.parse(text)


def test_eyes_looking_right_and_down_have_positive_angles() -> None:
    values = to_live_link(controls(L_eye__tx=-1, L_eye__ty=-0.5), STILL)
    angles = dict(zip(LIVE_LINK_NAMES[52:], values[52:], strict=True))
    assert angles["LeftEyeYaw"] == pytest.approx(0.6)
    assert angles["LeftEyePitch"] == pytest.approx(0.3)
    assert angles["RightEyeYaw"] == angles["LeftEyeRoll"] == 0


def rows_of(path: Path) -> tuple[list[str], FloatArray]:
    header, *rows = csv.reader(path.read_text("utf-8").splitlines())
    return header, np.asarray([row[2:] for row in rows if len(row) == len(header)], np.float32)


@pytest.mark.skipif(not TAKES.exists(), reason="the range-of-motion takes (../shared) are not here")
@pytest.mark.parametrize("take", ["alex_rom_3.csv", "alex_rom_4.csv"])
def test_real_takes_survive_the_way_to_our_controls_and_back(take: str) -> None:
    """Two-sided pairs cancel and MouthClose saturates; everything else must come back."""
    header, values = rows_of(TAKES / take)
    assert tuple(header[2:]) == APP_NAMES
    given = np.clip(values[:, [APP_NAMES.index(name) for name in SHAPE_NAMES]], 0, 1)
    there = to_controls(given)
    np.testing.assert_array_equal(there, clamp(there))
    back = from_controls(there)
    off = np.abs(back - given)
    close = SHAPE_NAMES.index("MouthClose")
    jaw = given[:, SHAPE_NAMES.index("JawOpen")]
    np.testing.assert_allclose(back[:, close], np.minimum(given[:, close], jaw), atol=1e-6)
    assert np.quantile(np.delete(off, close, axis=1), 0.9) < 1e-5
    # where a shape is off, its opposite half explains it: the controls agree
    # (clamped brows lose what is above their end: under 0.01 in both takes)
    assert np.abs(to_controls(back) - there).max() < 0.01


@pytest.mark.skipif(not TAKES.exists(), reason="the range-of-motion takes (../shared) are not here")
def test_eye_angles_of_real_takes_have_our_signs_and_scale() -> None:
    _, values = rows_of(TAKES / "alex_rom_4.csv")
    order = [APP_NAMES.index(name) for name in LIVE_LINK_NAMES]
    given = values[:, order]
    made = to_live_link(to_controls(given), np.zeros((len(given), 6), np.float32))
    for name in ("LeftEyeYaw", "LeftEyePitch", "RightEyeYaw", "RightEyePitch"):
        column = LIVE_LINK_NAMES.index(name)
        assert np.corrcoef(given[:, column], made[:, column])[0, 1] > 0.98
        assert 0.7 < np.std(made[:, column]) / np.std(given[:, column]) < 1.4

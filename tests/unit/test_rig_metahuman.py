"""Our controls on the UE 5.x board: folds, renames, piecewise rows, clamps."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from medtalk_live.rig.controls import MAXIMUM, MINIMUM, NAMES, NEUTRAL, FloatArray, index
from medtalk_live.rig.metahuman import BOARD_NAMES, RAW_NAMES, to_board, to_raw

FACTS = Path(__file__).parents[2].parent / "shared" / "facts" / "rig" / "gui_to_raw.csv"


def raw(**controls: float) -> dict[str, float]:
    """Raw curves that differ from rest, by name without the prefix."""
    values = NEUTRAL.copy()
    for name, value in controls.items():
        values[index(name.replace("__", "."))] = value
    moved = to_raw(values)
    rest = to_raw(NEUTRAL)
    return {
        RAW_NAMES[i].removeprefix("CTRL_expressions_"): pytest.approx(float(moved[i]), abs=1e-6)
        for i in np.flatnonzero(moved != rest)
    }


def test_the_board_publishes_251_curves_and_we_reach_166_of_its_inputs() -> None:
    assert len(RAW_NAMES) == len(set(RAW_NAMES)) == 251
    assert len(BOARD_NAMES) == len(set(BOARD_NAMES)) == 166


def test_fifteen_raw_curves_never_move() -> None:
    still = (to_raw(MINIMUM) == to_raw(MAXIMUM)) & (to_raw(MINIMUM) == 0)
    piecewise = {i for i, name in enumerate(RAW_NAMES) if "Ph" in name}
    never = [RAW_NAMES[i] for i in np.flatnonzero(still) if i not in piecewise]
    assert len(never) == 15
    assert {"CTRL_expressions_tongueRoll", "CTRL_expressions_tongueThick"} <= set(never)


def test_at_rest_only_the_upper_nose_wrinkle_gates_are_open() -> None:
    names = [RAW_NAMES[i] for i in np.flatnonzero(to_raw(NEUTRAL))]
    assert names == [f"CTRL_expressions_noseWrinkleUpper{side}" for side in "LR"]


def test_a_two_sided_control_moves_one_curve_at_a_time() -> None:
    assert raw(L_eye_blink__ty=0.75) == {"eyeBlinkL": 0.75}
    assert raw(L_eye_blink__ty=-0.5) == {"eyeWidenL": 0.5}


def test_signs_follow_the_board() -> None:
    assert raw(C_jaw__tx=0.5) == {"jawRight": 0.5}
    assert raw(C_mouth__tx=0.5) == {"mouthLeft": 0.5}
    assert raw(C_jaw_fwdBack__ty=-0.5) == {"jawFwd": 0.5}
    assert raw(C_tongue_inOut__ty=-0.5) == {"tongueOut": 0.5}
    assert raw(L_mouth_thicknessU__ty=0.5) == {"mouthLipsThinUL": 0.5}


def test_the_common_gaze_is_added_to_each_eye_and_clamped() -> None:
    moved = raw(C_eye__tx=0.75, L_eye__tx=0.5, R_eye__tx=-0.5)
    assert moved == {"eyeLookLeftL": 1.0, "eyeLookLeftR": 0.25}


def test_tongue_controls_go_by_their_new_names() -> None:
    assert raw(C_tongue__tx=0.5) == {"tongueLeft": 0.5}
    assert raw(C_tongue_tip__ty=0.5) == {"tongueTipUp": 0.5}
    assert raw(C_tongue_narrowWide__ty=0.5) == {"tongueWide": 0.5}
    assert {"CTRL_C_tongue_move.tx", "CTRL_C_tongue_wideNarrow.ty"} <= set(BOARD_NAMES)


def test_controls_without_a_place_on_the_board_do_nothing() -> None:
    assert raw(lookAtSwitch__ty=1, C_tongue_roll__ty=1, neckCorrectivesMultiplyerU__ty=1) == {}


def test_lip_sticky_passes_through_its_three_phases() -> None:
    assert raw(L_mouth_lipSticky__ty=0.33) == {"mouthLipsStickyLPh1": 1.0}
    assert raw(L_mouth_lipSticky__ty=0.495) == {
        "mouthLipsStickyLPh1": 0.5,
        "mouthLipsStickyLPh2": 0.5,
    }
    assert raw(L_mouth_lipSticky__ty=1.0) == {"mouthLipsStickyLPh3": 1.0}


def test_swallow_passes_through_its_four_phases_and_ends() -> None:
    assert raw(C_neck_swallow__ty=0.3) == {"neckSwallowPh1": 0.5, "neckSwallowPh2": 0.5}
    assert raw(C_neck_swallow__ty=0.9) == {"neckSwallowPh4": 0.5}
    assert raw(C_neck_swallow__ty=1.0) == {}


def test_out_of_range_values_are_clamped_and_never_fall_off_the_engines_cliff() -> None:
    assert raw(C_jaw__ty=7.0) == {"jawOpen": 1.0}
    assert raw(C_jaw__ty=float("nan")) == {}


def test_many_frames_are_mapped_as_one_by_one() -> None:
    rng = np.random.default_rng(1)
    frames: FloatArray = rng.uniform(-1.5, 1.5, (5, len(NAMES))).astype(np.float32)
    np.testing.assert_array_equal(to_raw(frames), np.stack([to_raw(frame) for frame in frames]))
    np.testing.assert_array_equal(to_board(frames)[2], to_board(frames[2]))


@pytest.mark.skipif(not FACTS.exists(), reason="the collected facts (../shared) are not here")
def test_every_row_agrees_with_the_collected_facts() -> None:
    """The engine's rule, row by row: a linear rise from key 0 to key 1 of the input."""
    renamed = {
        "CTRL_C_tongue_move": "CTRL_C_tongue",
        "CTRL_C_tongue_tipMove": "CTRL_C_tongue_tip",
        "CTRL_C_tongue_wideNarrow": "CTRL_C_tongue_narrowWide",
    }
    checked = 0
    for row in csv.DictReader(FACTS.read_text("utf-8").splitlines()):
        part, axis = row["gui"].rsplit("-", 1)
        name = f"{renamed.get(part, part)}-{axis}"
        if row["rig"] == "mh3" or name not in NAMES or part == "CTRL_C_tongue_roll":
            continue
        key0, key1 = float(row["gui_key0"]), float(row["gui_key1"])
        column = RAW_NAMES.index("CTRL_expressions_" + row["raw"])
        for share in (0.0, 0.25, 1.0):
            values = NEUTRAL.copy()
            values[index(name)] = key0 + share * (key1 - key0)
            assert to_raw(values)[column] == pytest.approx(share, abs=1e-5), row
        checked += 1
    assert checked == 251 - 15 + 8  # all that we reach, and the common gaze on both eyes

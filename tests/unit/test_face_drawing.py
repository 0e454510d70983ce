"""The drawn face: every control that can be seen moves the right thing the right way."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from medtalk_live.face.drawing import draw, picture, rasterise
from medtalk_live.face.lips import GAP, POINTS
from medtalk_live.face.sketch import Polygons
from medtalk_live.rig.articulation import SEALED_APERTURE, lip_aperture
from medtalk_live.rig.controls import COUNT, MAXIMUM, MINIMUM, NAMES, NEUTRAL, index, pair

SIZE = 1000
LEFT = 1  # which outline of a mirrored pair lies on the character's left, the picture's right


def pose(**values: float) -> np.ndarray:
    """Neutral with some controls set; pairs by part, ``__`` for the dot."""
    controls = NEUTRAL.copy()
    for key, value in values.items():
        name = key.replace("__", ".")
        single = name if "." in name else f"{name}.ty"
        try:
            controls[index(single)] = value
        except Exception:
            controls[list(pair(name))] = value
    return controls


def face(**values: float) -> Polygons:
    return draw(pose(**values), size=SIZE)


def every(polygons: Polygons, name: str) -> list[np.ndarray]:
    return [polygons.outline(place) for place, n in enumerate(polygons.names) if n == name]


def opacity(polygons: Polygons, name: str) -> int:
    return sum(
        int(colour[3])
        for n, colour in zip(polygons.names, polygons.colours, strict=True)
        if n == name
    )


def height(polygons: Polygons, name: str, side: int = LEFT) -> float:
    outlines = every(polygons, name)
    return -float(outlines[min(side, len(outlines) - 1)][:, 1].mean())  # up is positive


def place(polygons: Polygons, name: str, side: int = LEFT) -> float:
    """How far to the picture's right, which is the character's left."""
    outlines = every(polygons, name)
    return float(outlines[min(side, len(outlines) - 1)][:, 0].mean())


def width(polygons: Polygons, name: str) -> float:
    return float(np.ptp(polygons.named(name)[:, 0]))


def tallness(polygons: Polygons, name: str) -> float:
    return float(np.ptp(polygons.named(name)[:, 1]))


def corner_height(polygons: Polygons) -> float:
    return -float(polygons.named("lip_upper")[POINTS - 1, 1])


def lip_thickness(polygons: Polygons, name: str) -> float:
    outline = polygons.named(name)
    return float(abs(outline[POINTS // 2, 1] - outline[len(outline) - 1 - POINTS // 2, 1]))


def brow(end: int):
    """Height of the left brow at its inner (0), middle (5) or outer (10) point."""
    return lambda p: -float(every(p, "brow")[LEFT][end, 1])


def gap(polygons: Polygons) -> float:
    """Pixels between the lips in the middle of the mouth."""
    upper, lower = polygons.named("lip_upper"), polygons.named("lip_lower")
    upper_inner = upper[len(upper) - 1 - POINTS // 2]
    lower_inner = lower[POINTS // 2]
    return float(lower_inner[1] - upper_inner[1])


def eye_opening(polygons: Polygons) -> float:
    lids = every(polygons, "eye_white")
    return float(np.ptp(lids[LEFT][:, 1])) if lids else 0.0


MOVES = [
    # what is set, what it is set beside, what is measured, and whether it grows
    ({"C_jaw": 0.5}, {}, gap, 1),
    ({"C_jaw": 0.5}, {}, lambda p: height(p, "chin"), -1),
    ({"C_jaw_openExtreme": 1.0}, {"C_jaw": 1.0}, lambda p: height(p, "chin"), -1),
    ({"C_jaw__tx": 1.0}, {}, lambda p: place(p, "chin"), -1),
    ({"C_jaw_fwdBack": -1.0}, {}, lambda p: width(p, "chin"), 1),
    ({"jaw_ChinRaiseU": 1.0}, {}, lambda p: height(p, "lip_upper"), 1),
    ({"jaw_ChinRaiseD": 1.0}, {}, lambda p: height(p, "chin"), 1),
    ({"jaw_chinCompress": 1.0}, {}, lambda p: opacity(p, "chin_crease"), 1),
    ({"jaw_clench": 1.0}, {}, lambda p: opacity(p, "cheek_hollow"), 1),
    ({"mouth_lipsTogetherU": 1.0}, {"C_jaw": 0.4}, gap, -1),
    ({"mouth_lipsTogetherD": 1.0}, {"C_jaw": 0.4}, gap, -1),
    ({"C_mouth_stickyU": 1.0}, {"C_jaw": 0.4}, gap, -1),
    ({"C_mouth_stickyD": 1.0}, {"C_jaw": 0.4}, gap, -1),
    ({"mouth_stickyInnerU": 1.0}, {"C_jaw": 0.4}, gap, -1),
    ({"mouth_stickyInnerD": 1.0}, {"C_jaw": 0.4}, gap, -1),
    ({"mouth_stickyOuterU": 1.0}, {"C_jaw": 0.4}, gap, -1),
    ({"mouth_stickyOuterD": 1.0}, {"C_jaw": 0.4}, gap, -1),
    ({"mouth_lipSticky": 1.0}, {"C_jaw": 0.4}, gap, -1),
    ({"mouth_upperLipRaise": 1.0}, {}, lambda p: height(p, "lip_upper"), 1),
    ({"mouth_lowerLipDepress": 1.0}, {}, lambda p: height(p, "lip_lower"), -1),
    ({"mouth_purseU": 1.0}, {}, lambda p: width(p, "lip_upper"), -1),
    ({"mouth_purseD": 1.0}, {}, lambda p: lip_thickness(p, "lip_lower"), 1),
    ({"mouth_funnelU": 1.0}, {}, gap, 1),
    ({"mouth_funnelD": 1.0}, {}, lambda p: width(p, "lip_lower"), -1),
    ({"mouth_towardsU": 1.0}, {}, lambda p: lip_thickness(p, "lip_upper"), 1),
    ({"mouth_towardsD": 1.0}, {}, lambda p: width(p, "lip_lower"), -1),
    ({"mouth_stretch": 1.0}, {}, lambda p: width(p, "lip_upper"), 1),
    ({"mouth_stretchLipsClose": 1.0}, {}, lambda p: lip_thickness(p, "lip_upper"), -1),
    ({"mouth_cornerPull": 1.0}, {}, corner_height, 1),
    ({"mouth_cornerPull": 1.0}, {}, lambda p: opacity(p, "nasolabial_fold"), 1),
    ({"mouth_sharpCornerPull": 1.0}, {}, corner_height, 1),
    ({"mouth_cornerDepress": 1.0}, {}, corner_height, -1),
    ({"mouth_corner__tx": 1.0}, {}, lambda p: width(p, "lip_upper"), 1),
    ({"mouth_corner__ty": 1.0}, {}, corner_height, 1),
    ({"mouth_cornerSharpnessU": 1.0}, {}, lambda p: opacity(p, "corner_dent"), 1),
    ({"mouth_cornerSharpnessD": 1.0}, {}, lambda p: opacity(p, "corner_dent"), 1),
    ({"mouth_dimple": 1.0}, {}, lambda p: opacity(p, "dimple"), 1),
    ({"mouth_pressU": 1.0}, {}, lambda p: lip_thickness(p, "lip_upper"), -1),
    ({"mouth_pressD": 1.0}, {}, lambda p: lip_thickness(p, "lip_lower"), -1),
    ({"mouth_lipsPressU": 1.0}, {}, lambda p: lip_thickness(p, "lip_upper"), -1),
    ({"mouth_tightenU": 1.0}, {}, lambda p: lip_thickness(p, "lip_upper"), -1),
    ({"mouth_tightenD": 1.0}, {}, lambda p: lip_thickness(p, "lip_lower"), -1),
    ({"mouth_lipsRollU": 1.0}, {}, lambda p: lip_thickness(p, "lip_upper"), -1),
    ({"mouth_lipsRollD": 1.0}, {}, lambda p: lip_thickness(p, "lip_lower"), -1),
    ({"mouth_lipsRollD": -1.0}, {}, lambda p: lip_thickness(p, "lip_lower"), 1),
    ({"mouth_lipBiteU": 1.0}, {}, lambda p: lip_thickness(p, "lip_upper"), -1),
    ({"mouth_lipBiteD": 1.0}, {}, lambda p: opacity(p, "teeth_bite"), 1),
    ({"mouth_thicknessU": 1.0}, {}, lambda p: lip_thickness(p, "lip_upper"), -1),
    ({"mouth_thicknessD": -1.0}, {}, lambda p: lip_thickness(p, "lip_lower"), 1),
    ({"mouth_pushPullU": 1.0}, {}, lambda p: lip_thickness(p, "lip_upper"), 1),
    ({"mouth_pushPullD": -1.0}, {}, lambda p: lip_thickness(p, "lip_lower"), -1),
    ({"mouth_lipsTowardsTeethU": 1.0}, {}, lambda p: lip_thickness(p, "lip_upper"), -1),
    ({"mouth_lipsTowardsTeethD": 1.0}, {}, lambda p: lip_thickness(p, "lip_lower"), -1),
    ({"mouth_lipsBlow": 1.0}, {}, lambda p: lip_thickness(p, "lip_upper"), 1),
    ({"C_mouth__tx": 1.0}, {}, lambda p: place(p, "lip_upper"), 1),
    ({"C_mouth__ty": 1.0}, {}, lambda p: height(p, "lip_upper"), 1),
    ({"C_mouth_lipShiftU": 1.0}, {}, lambda p: place(p, "lip_upper"), 1),
    ({"C_mouth_lipShiftD": 1.0}, {}, lambda p: place(p, "lip_lower"), 1),
    ({"mouth_suckBlow": 1.0}, {}, lambda p: width(p, "face"), 1),
    ({"mouth_suckBlow": 1.0}, {}, lambda p: opacity(p, "cheek_puff"), 1),
    ({"mouth_suckBlow": -1.0}, {}, lambda p: opacity(p, "cheek_hollow"), 1),
    ({"C_teethU": -1.0}, {"C_jaw": 0.5}, lambda p: tallness(p, "teeth_upper"), 1),
    ({"C_teethU__tx": 1.0}, {"C_jaw": 0.5}, lambda p: place(p, "teeth_upper_gap", 0), 1),
    (
        {"C_teethD": 1.0},
        {"C_jaw": 0.5, "mouth_lowerLipDepress": 1.0},
        lambda p: height(p, "teeth_lower"),
        1,
    ),
    (
        {"C_teethD__tx": 1.0},
        {"C_jaw": 0.5, "mouth_lowerLipDepress": 1.0},
        lambda p: place(p, "teeth_lower"),
        1,
    ),
    ({"C_tongue": 1.0}, {"C_jaw": 0.6}, lambda p: height(p, "tongue"), 1),
    ({"C_tongue__tx": 1.0}, {"C_jaw": 0.6}, lambda p: place(p, "tongue"), 1),
    ({"C_tongue_tip": 1.0}, {"C_jaw": 0.4}, lambda p: opacity(p, "tongue_tip"), 1),
    (
        {"C_tongue_tip__tx": 1.0},
        {"C_jaw": 0.4, "C_tongue_tip": 1.0},
        lambda p: place(p, "tongue_tip"),
        1,
    ),
    ({"C_tongue_roll": 1.0}, {"C_jaw": 0.4}, lambda p: opacity(p, "tongue_tip"), 1),
    (
        {"C_tongue_roll__tx": 1.0},
        {"C_jaw": 0.4, "C_tongue_tip": 1.0},
        lambda p: place(p, "tongue_tip"),
        1,
    ),
    ({"C_tongue_press": 1.0}, {"C_jaw": 0.6}, lambda p: height(p, "tongue"), 1),
    ({"C_tongue_inOut": -1.0}, {"C_jaw": 0.4}, lambda p: opacity(p, "tongue_out"), 1),
    ({"C_tongue_inOut": 1.0}, {"C_jaw": 0.6}, lambda p: height(p, "tongue"), -1),
    ({"C_tongue_narrowWide": 1.0}, {"C_jaw": 0.8}, lambda p: width(p, "tongue"), 1),
    ({"eye_blink": 1.0}, {}, eye_opening, -1),
    ({"eye_blink": -1.0}, {}, eye_opening, 1),
    ({"eye_eyelidU": -1.0}, {}, eye_opening, 1),
    ({"eye_eyelidU": 1.0}, {}, eye_opening, -1),
    ({"eye_eyelidD": 1.0}, {}, lambda p: height(p, "lower_lid"), 1),
    ({"eye_squintInner": 1.0}, {}, eye_opening, -1),
    ({"eye_cheekRaise": 1.0}, {}, lambda p: height(p, "lower_lid"), 1),
    ({"eye_cheekRaise": 1.0}, {}, lambda p: height(p, "cheek"), 1),
    ({"eye_faceScrunch": 1.0}, {}, eye_opening, -1),
    ({"eye_lidPress": 1.0}, {}, eye_opening, -1),
    ({"eye_pupil": 1.0}, {}, lambda p: width(p, "pupil"), 1),
    ({"eye__tx": 1.0}, {}, lambda p: place(p, "iris"), 1),
    ({"eye__ty": 1.0}, {}, lambda p: height(p, "iris"), 1),
    ({"C_eye__tx": -1.0}, {}, lambda p: place(p, "iris"), -1),
    ({"C_eye__ty": -1.0}, {}, lambda p: height(p, "iris"), -1),
    ({"brow_down": 1.0}, {}, brow(0), -1),
    ({"brow_lateral": 1.0}, {}, lambda p: place(p, "brow"), -1),
    ({"brow_raiseIn": 1.0}, {}, brow(0), 1),
    ({"brow_raiseOut": 1.0}, {}, brow(7), 1),
    ({"nose__ty": 1.0}, {}, lambda p: height(p, "nostril"), 1),
    ({"nose__tx": 1.0}, {}, lambda p: place(p, "nose_wing"), 1),
    ({"nose_nasolabialDeepen": 1.0}, {}, lambda p: opacity(p, "nasolabial_fold"), 1),
    ({"nose_wrinkleUpper": 0.0}, {"nose__ty": 1.0}, lambda p: opacity(p, "nose_wrinkle"), -1),
    ({"ear_up": 1.0}, {}, lambda p: height(p, "ear"), 1),
    ({"neck_stretch": 1.0}, {}, lambda p: opacity(p, "neck_cord"), 1),
    ({"neck_mastoidContract": 1.0}, {}, lambda p: opacity(p, "neck_cord"), 1),
    ({"C_neck_swallow": 0.4}, {}, lambda p: height(p, "throat"), 1),
    ({"neck_throatUpDown": 1.0}, {}, lambda p: height(p, "throat"), 1),
    ({"neck_digastricUpDown": 1.0}, {}, lambda p: height(p, "throat"), 1),
    ({"neck_throatExhaleInhale": 1.0}, {}, lambda p: width(p, "neck"), 1),
]

UNSEEN = {
    "C_eye_parallelLook": "says how two eyes share one target; the eyes' own controls are drawn",
    "lookAtSwitch": "a switch of the rig",
    "neckCorrectivesMultiplyerD": "a factor of the engine's correctives",
    "neckCorrectivesMultiplyerM": "a factor of the engine's correctives",
    "neckCorrectivesMultiplyerU": "a factor of the engine's correctives",
    "L_eyelashes_tweakerIn": "moves single lashes, which are not drawn",
    "R_eyelashes_tweakerIn": "moves single lashes, which are not drawn",
    "L_eyelashes_tweakerOut": "moves single lashes, which are not drawn",
    "R_eyelashes_tweakerOut": "moves single lashes, which are not drawn",
}


@pytest.mark.parametrize(
    ("change", "beside", "measure", "sign"),
    MOVES,
    ids=[
        ",".join(f"{k}={v:g}" for k, v in move[0].items()) + f"#{n}" for n, move in enumerate(MOVES)
    ],
)
def test_a_control_moves_its_landmark_the_right_way(change, beside, measure, sign):
    before, after = measure(face(**beside)), measure(face(**beside, **change))

    assert (after - before) * sign > 0.5  # half a pixel of 1000, or of opacity


@pytest.mark.parametrize("position", range(COUNT), ids=NAMES)
def test_every_control_that_can_be_seen_changes_the_picture(position):
    name = NAMES[position].removeprefix("CTRL_").removesuffix("-translateY")
    base = pose(C_jaw=0.4, nose__ty=0.5, C_tongue_tip=0.5, mouth_lowerLipDepress=1.0)
    moved = base.copy()
    moved[position] = MAXIMUM[position] if base[position] < MAXIMUM[position] else MINIMUM[position]
    if name == "C_neck_swallow":
        moved[position] = 0.4  # at 1 the swallow is over

    one, other = draw(base, size=SIZE), draw(moved, size=SIZE)

    same = len(one.points) == len(other.points) and np.allclose(one.points, other.points, atol=0.05)
    unchanged = same and np.array_equal(one.colours, other.colours)
    assert unchanged == (name in UNSEEN)


@given(arrays(np.float32, COUNT, elements=st.floats(-1, 1, width=32)))
@settings(max_examples=150, deadline=None)
def test_the_lips_part_exactly_when_the_aperture_says_so(values):
    controls = np.clip(values, MINIMUM, MAXIMUM)
    for left, right in zip(*_sides(), strict=True):
        controls[right] = controls[left]
    aperture = float(lip_aperture(controls))

    polygons = draw(controls, size=SIZE)
    drawn = gap(polygons)

    # lips that are shifted sideways lie a little differently on the curved head: by up to a pixel
    if aperture <= SEALED_APERTURE:
        assert abs(drawn) < 1.0
        assert "mouth" not in polygons.names
    else:
        assert drawn > GAP * (aperture - SEALED_APERTURE) * SIZE / 4 - 1.0
        assert "mouth" in polygons.names or drawn < 1.0


def _sides() -> tuple[list[int], list[int]]:
    left = [n for n, name in enumerate(NAMES) if name.startswith("CTRL_L_")]
    return left, [NAMES.index(NAMES[n].replace("CTRL_L_", "CTRL_R_")) for n in left]


def test_the_gap_grows_in_proportion_to_the_aperture():
    jaws = np.linspace(0.1, 0.9, 9)
    apertures = [float(lip_aperture(pose(C_jaw=jaw))) - SEALED_APERTURE for jaw in jaws]
    gaps = [gap(face(C_jaw=jaw)) for jaw in jaws]

    ratios = np.array(gaps) / np.array(apertures)

    # perspective and the surface's curve change the scale a little down the face
    assert np.ptp(ratios) / ratios.mean() < 0.1
    assert ratios.mean() == pytest.approx(GAP * SIZE / 2.6, rel=0.25)


def test_closed_lips_show_no_mouth_and_no_teeth():
    polygons = face(C_jaw=0.2, mouth_lipsTogetherU=1.0, mouth_lipsTogetherD=1.0)

    assert "mouth" not in polygons.names
    assert not any(name.startswith(("teeth", "tongue")) for name in polygons.names)


def test_a_closed_eye_shows_no_iris():
    assert "iris" not in face(eye_blink=1.0).names


def test_one_side_moves_alone():
    controls = NEUTRAL.copy()
    controls[index("L_mouth_cornerPull.ty")] = 1.0
    before, after = draw(NEUTRAL, size=SIZE), draw(controls, size=SIZE)

    left = after.named("lip_upper")[POINTS - 1] - before.named("lip_upper")[POINTS - 1]
    right = after.named("lip_upper")[0] - before.named("lip_upper")[0]

    assert left[1] < -10  # up, in pixels
    assert np.abs(right).max() < 0.5


@pytest.mark.parametrize(
    ("axis", "value", "step"),
    [(0, 15.0, (-1, 0)), (1, 10.0, (0, -1)), (4, 2.0, (-1, 0)), (5, 2.0, (0, -1))],
    ids=["yaw to the right", "pitch up", "y to the right", "z up"],
)
def test_the_head_moves_the_way_its_values_say(axis, value, step):
    head = np.zeros(6, np.float32)
    head[axis] = value

    nose = draw(NEUTRAL, head, SIZE).named("nose_tip") - draw(NEUTRAL, None, SIZE).named("nose_tip")

    assert float(nose.mean(axis=0) @ np.array(step)) > 10


def test_a_rolled_head_leans_to_the_characters_right():
    head = np.array([0, 0, 15, 0, 0, 0], np.float32)

    hair = draw(NEUTRAL, head, SIZE).named("hair") - draw(NEUTRAL, None, SIZE).named("hair")

    assert hair[:, 0].mean() < -10


def test_a_head_that_comes_forward_grows():
    near = draw(NEUTRAL, np.array([0, 0, 0, 6, 0, 0], np.float32), SIZE)

    assert width(near, "face") > width(face(), "face") + 5


def test_colours_and_outlines_belong_together():
    polygons = face(C_jaw=0.3)

    assert len(polygons) == len(polygons.colours) == len(polygons.starts) - 1
    assert polygons.starts[-1] == len(polygons.points)
    assert np.all(np.diff(polygons.starts) >= 3)
    assert np.isfinite(polygons.points).all()


def test_values_out_of_range_and_nan_are_drawn_as_the_nearest_legal_face():
    wild = np.full(COUNT, 7.0, np.float32)
    wild[::3] = np.nan

    polygons = draw(wild, size=SIZE)

    assert np.isfinite(polygons.points).all()


def test_a_missing_outline_is_named():
    with pytest.raises(KeyError, match="tongue_out"):
        face().named("tongue_out")


def test_the_picture_has_the_size_asked_for_and_shows_skin_in_its_middle():
    image = picture(NEUTRAL, None, 128)

    assert image.shape == (128, 128, 3)
    assert image.dtype == np.uint8
    red, green, blue = image[70, 50].tolist()
    assert red > green > blue


def test_the_backdrop_can_be_chosen():
    image = rasterise(draw(NEUTRAL, size=64), 64, (1, 2, 3))

    assert image[0, 0].tolist() == [1, 2, 3]

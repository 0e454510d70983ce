"""What the starter learns from a recording whose speaker's face was captured."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("scipy")

from medtalk_live.procedural.animate import animate_phones  # after the skip
from medtalk_live.procedural.labels import segments_from_labels
from medtalk_live.rig.articulation import SEALED_APERTURE, lip_aperture
from medtalk_live.rig.controls import LIP_SET, index
from medtalk_live.training.examples import owners, with_captured_mouth
from medtalk_live.training.prepare import _rows

PHONES = ((0.0, 0.5, "sil"), (0.5, 0.9, "AA"), (0.9, 1.0, "M"), (1.0, 1.5, "IY"), (1.5, 2.0, "sil"))
FRAMES = 120


def test_the_captured_mouth_is_learned_but_for_closures_and_rests() -> None:
    segments = segments_from_labels(PHONES, "arpabet", 2.0)
    owner = owners(segments, FRAMES)
    acted = animate_phones(segments, FRAMES, emotion="neutral", intensity=1.0, seed=1)
    captured = np.zeros_like(acted)
    captured[:, index("C_jaw.ty")] = 0.8
    face = with_captured_mouth(acted, captured, segments, owner)
    upper = np.setdiff1d(np.arange(acted.shape[1]), LIP_SET)
    np.testing.assert_array_equal(face[:, upper], acted[:, upper])
    np.testing.assert_allclose(face[42, LIP_SET], captured[42, LIP_SET], atol=1e-6)  # within AA
    np.testing.assert_allclose(face[75, LIP_SET], captured[75, LIP_SET], atol=1e-6)  # within IY
    for rest in (10, 110):
        np.testing.assert_allclose(face[rest], acted[rest], atol=1e-6)
    assert lip_aperture(face)[54:60].min() <= SEALED_APERTURE  # M
    steps = np.abs(np.diff(face[:, index("C_jaw.ty")]))
    assert steps.max() < 0.25  # 0.8 apart, blended over seven frames


def test_a_captured_face_follows_the_speed_of_its_copy() -> None:
    rows = _rows(90, 1.5, 60, 60)  # played slower: 1.0 s of sound lasts 1.5 s
    assert rows[0] == 0
    assert rows[45] == 30
    assert rows[-1] == 59

"""Whatever is said, in whatever order and haste, the animator keeps its promises."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from medtalk_live.procedural.animate import animate_phones
from medtalk_live.procedural.expression import EMOTIONS
from medtalk_live.procedural.labels import Segment
from medtalk_live.procedural.phones import _IPA, SILENCE
from medtalk_live.rig.articulation import SEALED_APERTURE, lip_aperture
from medtalk_live.rig.controls import MAXIMUM, MINIMUM

phones = st.sampled_from([SILENCE, *_IPA.values()])
lengths_s = st.floats(0.03, 0.4)


@st.composite
def utterances(draw: st.DrawFn) -> list[Segment]:
    run, at_s = [], 0.0
    for p, length_s in draw(st.lists(st.tuples(phones, lengths_s), min_size=1, max_size=12)):
        run.append(Segment(at_s, at_s + length_s, p, draw(st.integers(0, 2))))
        at_s += length_s
    return run


@settings(max_examples=60)
@given(utterances(), st.sampled_from(EMOTIONS), st.floats(0, 2), st.floats(0.4, 1.6))
def test_controls_stay_in_range_and_every_m_seals(
    segments: list[Segment], emotion: str, intensity: float, effort: float
) -> None:
    curves = animate_phones(segments, emotion=emotion, intensity=intensity, jaw_effort=effort)
    assert np.isfinite(curves).all()
    assert ((curves >= MINIMUM) & (curves <= MAXIMUM)).all()
    aperture = lip_aperture(curves)
    for segment in segments:
        at = round((segment.start_s + segment.end_s) / 2 * 60)
        if segment.phone.symbol == "m" and segment.duration_s > 0.05 and at < len(aperture):
            assert aperture[at] <= SEALED_APERTURE

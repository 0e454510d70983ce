"""Guidance swapped at random moments of a live run of the shipped model, on a virtual clock."""

import numpy as np
import pytest
import soundfile
from command_line import needs_starter, recording
from guidance_swaps import Swapped, controls_of, random_swaps, simulated

pytestmark = needs_starter

SECONDS = 30


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    path = recording(tmp_path_factory.mktemp("sound") / "in.wav", SECONDS)
    sound = soundfile.read(path, dtype="float32")[0]
    swaps = random_swaps(60 * SECONDS)
    return len(swaps), simulated(sound, {}), simulated(sound, swaps)


def test_swaps_at_random_moments_cost_no_frame_no_jump_and_no_lip_closure(runs):
    count, (_, alone), (session, swapped) = runs
    assert count == 100  # the rate of a thousand in five minutes
    health = session.pacer.health
    assert (health.held, health.skipped, session.meter.faults) == (0, 0, 0)
    assert len(swapped.frames) == len(alone.frames) == 60 * SECONDS
    seen = Swapped.of([f.index for f in swapped.frames], controls_of(swapped), controls_of(alone))
    assert seen.missing == 0
    assert seen.speed <= 1.0 + 1e-5  # of each control's fastest natural movement, in float32
    assert seen.aperture_r >= 0.95
    assert seen.seals_kept >= 0.9  # emotions part the lips a little; the seal closes them again


def test_the_swaps_are_seen(runs):
    _, (_, alone), (_, swapped) = runs
    moved = np.abs(controls_of(swapped) - controls_of(alone)).max(axis=1)
    assert np.mean(moved > 0.2) > 0.8

"""What ``bench`` says of a model's cost, on a clock that only the model moves."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from fakes import TinyModel

from medtalk_live.engine.animator import Animator
from medtalk_live.runtime import benchmark


class Toiling(TinyModel):
    """Takes 8 ms a step."""

    now = 0.0

    def step(self, *args):
        self.now += 0.008
        return super().step(*args)


@pytest.mark.parametrize("hop_frames", [1, 4])
def test_a_models_own_steps_are_told_by_frame(monkeypatch, hop_frames):
    model = Toiling(hop_frames=hop_frames)
    monkeypatch.setattr(benchmark, "time", SimpleNamespace(perf_counter=lambda: model.now))
    cost = benchmark.measure_compute(lambda: Animator(model), seconds=2.0)
    assert cost.network_ms.p50 == pytest.approx(8.0 / hop_frames)
    assert cost.frame_ms.p50 == pytest.approx(8.0 / hop_frames)
    assert cost.real_time_factor == pytest.approx(0.48 / hop_frames, rel=0.05)

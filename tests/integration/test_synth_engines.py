"""The real engines, where they are installed: sound and labels belong together."""

import random
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from medtalk_live.procedural.phones import phone
from medtalk_live.training.label_times import offsets_ms
from medtalk_live.training.sources import espeak_events
from medtalk_live.training.sources.synth import SynthSource, at_corpus_rate
from medtalk_live.training.sources.synth_espeak import Espeak
from medtalk_live.training.sources.synth_festival import Festival
from medtalk_live.training.sources.synth_flite import Flite
from medtalk_live.training.sources.synth_hibari import Hibari

ENGINES = (Flite(), Festival(), Espeak(), Hibari())
TEXT = "Papa and Bobby keep a copper pipe above the big book. Maybe a baby happened upon it."


@pytest.mark.parametrize("source", ENGINES, ids=lambda source: source.name)
def test_phones_cover_the_sound_and_closures_lie_where_labels_say(source: SynthSource) -> None:
    if not source.available(Path()):
        pytest.skip(f"{source.name} is not installed. {source.how_to_get}")
    spoken = source.speak(TEXT, source.voices()[0], random.Random(5))
    assert spoken is not None
    assert all(before[1] == after[0] for before, after in pairwise(spoken.phones))
    # the diphone engine cuts the silence at its end short; nothing else may differ
    assert spoken.phones[-2][1] <= len(spoken.samples) / spoken.rate_hz
    for _, _, symbol in spoken.phones:
        phone(symbol, source.alphabet)
    said = at_corpus_rate(spoken)
    closures = [ms for kind, ms in offsets_ms(said.samples, said.phones) if kind == "closure"]
    assert len(closures) >= 4
    # single closures scatter by tens of ms (25 ms steps); their middle does not
    assert abs(np.median(closures)) < 25


def test_a_voice_that_is_not_there_is_named(tmp_path: Path) -> None:
    if not Espeak().available(Path()):
        pytest.skip("espeak-ng is not installed")
    said = subprocess.run(
        [sys.executable, espeak_events.__file__, "no such voice", "160", "50", str(tmp_path / "x")],
        input="",
        capture_output=True,
        text=True,
    )
    assert said.returncode == 1
    assert "no such voice" in said.stderr

"""Speech by flite (Carnegie Mellon): four English voices, exact phone times.

``flite -psdur`` prints every phone with the time of its end, in its own
spelling of ARPAbet. Three voices are statistical, one is made of diphones;
``awb`` is never trained on. Source: Debian package ``flite`` 2.2.
"""

from __future__ import annotations

import random
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

import soundfile

from medtalk_live.training.sources.synth import Spoken, SynthSource, Voice, arpabet
from medtalk_live.training.utterance import Segment


class Flite(SynthSource):
    """The four voices that Debian's flite brings."""

    name = "flite"
    licence = "CMU (free for any use, notice kept)"
    minutes = 48.0
    how_to_get = "Install the program flite (Debian: apt-get install flite)."
    note = "4 voices; awb (Scottish English) is held out."
    alphabet = "arpabet"
    label_note = "exact, from the synthesiser"

    def voices(self) -> Sequence[Voice]:
        """Return slt, rms, kal and the held-out awb."""
        return (
            Voice("slt", "en-US", "en", 230),
            Voice("rms", "en-US", "en", 230),
            Voice("kal16", "en-US", "en", 120),
            Voice("awb", "en-GB", "en", 160, heldout=True),
        )

    def available(self, sources_dir: Path) -> bool:
        """Say whether the program is installed."""
        return shutil.which("flite") is not None

    def speak(self, text: str, voice: Voice, draw: random.Random) -> Spoken | None:
        """Say it at .8 to 1.25 times the usual rate."""
        stretch = f"duration_stretch={draw.uniform(0.8, 1.25):.3f}"
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "out.wav"
            output = ("-o", str(path), "-psdur")
            said = subprocess.run(
                ["flite", "-voice", voice.name, "--setf", stretch, "-t", text + " ", *output],
                capture_output=True,
                text=True,
                check=True,
            )
            samples, rate_hz = soundfile.read(path, dtype="float32")
        return Spoken(samples, rate_hz, parse_psdur(said.stdout))


def parse_psdur(printed: str) -> tuple[Segment, ...]:
    """Read ``phone:end_s`` pairs; the first phone starts at 0.

    Several sentences are printed one after the other, each from 0 again:
    they are put in a row, as their sound is.
    """
    phones: list[Segment] = []
    base_s = start_s = 0.0
    for pair in printed.split():
        name, _, end = pair.rpartition(":")
        end_s = base_s + float(end)
        if end_s < start_s:
            base_s, end_s = start_s, start_s + float(end)
        phones.append((start_s, end_s, arpabet(name)))
        start_s = end_s
    return tuple(phones)


SOURCES = (Flite(),)

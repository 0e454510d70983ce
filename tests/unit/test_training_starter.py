"""The starter's training: examples, batches, stages, resuming, the model that comes out."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from training_files import write_corpus  # noqa: E402 # after the skip

from medtalk_live.cli.main import main  # noqa: E402
from medtalk_live.errors import ConfigError, TrainingError  # noqa: E402
from medtalk_live.model.checkpoint import load_model  # noqa: E402
from medtalk_live.procedural.phones import PHONE_CLASSES  # noqa: E402
from medtalk_live.training import trainer  # noqa: E402
from medtalk_live.training.batches import Batcher  # noqa: E402
from medtalk_live.training.corpus import load  # noqa: E402
from medtalk_live.training.examples import Example  # noqa: E402
from medtalk_live.training.faces import FaceSequences  # noqa: E402
from medtalk_live.training.prepare import load_examples, prepare  # noqa: E402
from medtalk_live.training.starter import (  # noqa: E402
    FACE_FRAMES,
    StarterConfig,
    build_network,
    chances,
    contents_of,
    minutes_of,
    train_content,
)
from medtalk_live.training.starter_losses import (  # noqa: E402
    content_losses,
    face_losses,
    guided_losses,
)

SMALL = StarterConfig(
    width=16,
    dilations=(1, 2),
    frames=24,
    variants=2,
    face_contents=4,
    disentangle_steps=4,
    content_rounds=({"steps": 8, "seed": 7, "batch": 4, "rate": 3e-3},),
    intensity_steps=4,
    guidance_steps=4,
)


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_corpus(tmp_path_factory.mktemp("corpus") / "corpus")


@pytest.fixture(scope="module")
def examples(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Example]:
    folder = tmp_path_factory.mktemp("examples")
    prepare(load(corpus), folder, {"made": 3})
    return list(load_examples(folder))


def weights(folder: Path, examples: list[Example], config: StarterConfig) -> list[torch.Tensor]:
    network = build_network(config)
    train_content(network, examples, config, folder)
    return [value.clone() for value in network.encoder.parameters()]


def test_examples_are_made_once_and_never_of_what_is_held_out(corpus: Path, tmp_path: Path) -> None:
    recordings = load(corpus)
    train = [r for r in recordings if r.split == "train"]
    assert prepare(recordings, tmp_path, {"made": 2}) == 2 * len(train)
    assert prepare(recordings, tmp_path, {"made": 3}) == len(train)
    names = {path.name.split(".")[0] for path in tmp_path.glob("made/*.npz")}
    assert names == {r.id for r in train}


def test_rows_of_an_example_belong_together(examples: list[Example]) -> None:
    for example in examples:
        frames = len(example.features)
        assert len(example.classes) == len(example.cues) == len(example.controls) == frames
        assert example.classes.max() < len(PHONE_CLASSES)
        assert np.isfinite(example.features).all()


def test_batches_repeat_by_number_alone(examples: list[Example]) -> None:
    batcher = Batcher(examples, chances(examples, {}, 0.5), 24, 4, len(PHONE_CLASSES), seed=1)
    again = Batcher(examples, chances(examples, {}, 0.5), 24, 4, len(PHONE_CLASSES), seed=1)
    again.draw(0)
    assert torch.equal(batcher.draw(5).features, again.draw(5).features)
    assert not torch.equal(batcher.draw(5).features, batcher.draw(6).features)


def test_a_source_is_drawn_with_its_share_however_long_it_is(examples: list[Example]) -> None:
    rare = replace(examples[0], source="rare", label=0)
    common = [replace(example, source="common", label=1) for example in examples]
    batcher = Batcher(
        [rare, *common],
        chances([rare, *common], {"rare": 0.25, "common": 0.75}, 0.5),
        24,
        50,
        len(PHONE_CLASSES),
        seed=1,
    )
    drawn = Counter(int(label) for number in range(20) for label in batcher.draw(number).labels)
    # 1,000 draws of a quarter scatter by 14 (one standard deviation)
    assert drawn[0] == pytest.approx(250, abs=60)


def test_recordings_as_they_are_get_their_part_beside_many_copies(examples: list[Example]) -> None:
    clean = replace(examples[0], source="many", altered=False)
    copies = [replace(examples[0], source="many", altered=True)] * 5
    alone = replace(examples[0], source="one", altered=False)
    found = chances([clean, *copies, alone], {"many": 0.6, "one": 0.4}, 0.5)
    np.testing.assert_allclose(found, [0.3, *[0.06] * 5, 0.4])


def test_the_manifests_minutes_are_of_sources_that_are_drawn(corpus: Path) -> None:
    recordings = load(corpus)
    assert minutes_of(recordings, {})["made"] > 0
    assert minutes_of(recordings, {"made": 0.0}) == {}


def test_the_content_stage_learns(examples: list[Example], tmp_path: Path) -> None:
    weights(
        tmp_path,
        examples,
        replace(SMALL, content_rounds=({"steps": 60, "seed": 7, "batch": 2, "rate": 3e-3},)),
    )
    rows = [json.loads(line) for line in (tmp_path / "content-1.jsonl").read_text().splitlines()]
    assert rows[-1]["total"] < rows[0]["total"]


def test_a_rounds_share_of_its_weights_joins_those_it_began_from(
    examples: list[Example], tmp_path: Path
) -> None:
    first = {"steps": 3, "seed": 1}

    def after(name: str, *rounds: dict[str, float]) -> list[torch.Tensor]:
        return weights(tmp_path / name, examples, replace(SMALL, content_rounds=rounds))

    before = after("one", first)
    whole = after("two", first, {"steps": 2, "seed": 2})
    half = after("half", first, {"steps": 2, "seed": 2, "share": 0.5})
    assert any(not torch.equal(a, b) for a, b in zip(before, whole, strict=True))
    for a, b, mean in zip(before, whole, half, strict=True):
        assert torch.allclose(mean, (a + b) / 2, atol=1e-6)


def test_an_unknown_setting_of_a_round_is_named() -> None:
    with pytest.raises(ConfigError, match="unknown setting 'step'; did you mean 'steps'"):
        replace(SMALL, content_rounds=({"step": 3, "seed": 1},)).rounds()


def test_a_stopped_stage_goes_on_to_the_same_weights(
    examples: list[Example], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trainer, "SAVE_SECONDS", -1.0)
    whole = weights(tmp_path / "whole", examples, SMALL)
    one_step = trainer.Trainer._one_step

    def cut_off(self: trainer.Trainer, losses: object) -> dict[str, float]:
        if self.step == 5:
            raise KeyboardInterrupt
        return one_step(self, losses)  # type: ignore[arg-type]

    with monkeypatch.context() as patched:
        patched.setattr(trainer.Trainer, "_one_step", cut_off)
        with pytest.raises(KeyboardInterrupt):
            weights(tmp_path / "cut", examples, SMALL)
    resumed = weights(tmp_path / "cut", examples, SMALL)
    for a, b in zip(whole, resumed, strict=True):
        assert torch.equal(a, b)


def test_a_loss_that_is_not_finite_is_one_sentence(examples: list[Example], tmp_path: Path) -> None:
    broken = [replace(e, cues=np.full_like(e.cues, np.nan)) for e in examples]
    with pytest.raises(TrainingError, match="stage content-1: the loss is not finite at step 0"):
        weights(tmp_path, broken, SMALL)


def test_one_command_makes_a_model_that_runs(
    corpus: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "small.yaml"
    config.write_text(
        "width: 16\ndilations: [1, 2]\nframes: 24\nvariants: 2\nface_contents: 4\n"
        "disentangle_steps: 4\nintensity_steps: 4\nguidance_steps: 4\n"
        "content_rounds: [{steps: 4, seed: 1, batch: 4}, {steps: 2, seed: 2, share: 0.5}]\n"
        "shares: {made: 1.0}\n",
        encoding="utf-8",
    )
    out = tmp_path / "run"
    call = ["train", "starter", "--corpus", str(corpus), "--out", str(out), "--config", str(config)]
    assert main(call) == 0
    first = (out / "model" / "starter.safetensors").read_bytes()
    assert load_model(out / "model", 40).look_ahead_samples == 640
    assert str(out / "model") in capsys.readouterr().out
    assert main(call) == 0, "a finished run is not redone"
    assert (out / "model" / "starter.safetensors").read_bytes() == first


def test_every_stage_computes_where_the_network_is(examples: list[Example], corpus: Path) -> None:
    elsewhere = torch.device("meta")  # shapes without numbers; refuses tensors of another device
    faces = FaceSequences(contents_of(load(corpus), SMALL), FACE_FRAMES, seed=1)
    batcher = Batcher(
        examples, chances(examples, {}, 0.5), SMALL.frames, 4, len(PHONE_CLASSES), seed=1
    )
    network = build_network(SMALL).to(elsewhere)
    quad, batch = faces.draw(0, 2), batcher.draw(0)
    with pytest.raises((RuntimeError, NotImplementedError)):
        content_losses(network, batch, 0)
    quad, batch = quad.to(elsewhere), batch.to(elsewhere)
    label = network.label_guidance(quad.labels[1])
    for terms in (
        face_losses(network.face, quad),
        content_losses(network, batch, 0),
        guided_losses(network.face, quad, label, network),
    ):
        assert terms["total"].device == network.device == elsewhere

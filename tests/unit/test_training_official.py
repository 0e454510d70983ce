"""The four stages of the official network: order, schedule, resuming, ablations, processes."""

from __future__ import annotations

import json
import os
import socket
from dataclasses import replace
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")

from PIL import Image  # noqa: E402 # after the skip
from training_files import SmallEncoders, write_corpus  # noqa: E402

from medtalk_live.config import from_mapping  # noqa: E402
from medtalk_live.errors import ConfigError, TrainingError  # noqa: E402
from medtalk_live.face.drawing import picture  # noqa: E402
from medtalk_live.training import distributed, trainer  # noqa: E402
from medtalk_live.training.clips import own_clips  # noqa: E402
from medtalk_live.training.guidance_pairs import drawn_pairs  # noqa: E402
from medtalk_live.training.learner import Learner, Widths, fresh  # noqa: E402
from medtalk_live.training.official import ABLATIONS, OfficialConfig, Run, train_face  # noqa: E402
from medtalk_live.training.official_run import Data, learn  # noqa: E402
from medtalk_live.training.overlap import OverlapFaces, overlap_contents  # noqa: E402
from medtalk_live.training.plots import plot_curves, read_log  # noqa: E402

SMALL = OfficialConfig(
    latent=16,
    accumulate=2,
    stretch_frames=12,
    face_epochs=2,
    face_rate=3e-3,
    content_epochs=2,
    label_epochs=2,
    prompt_epochs=2,
)
STAGES = ["1a-self", "1b-overlap", "1d-cycle", "2-content", "3-label", "4-prompt"]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Data:
    folder = tmp_path_factory.mktemp("data")
    corpus = write_corpus(folder / "corpus")
    guidance = drawn_pairs(
        own_clips(corpus, "train"),
        folder / "guidance",
        lambda row: Image.fromarray(picture(row, size=32)),
    )
    return Data(corpus, corpus, guidance)


def run(data: Data, folder: Path, **changed: object) -> Learner:
    return learn(data, folder, replace(SMALL, **changed), SmallEncoders())


def stages(folder: Path) -> list[str]:
    return sorted(path.stem for path in folder.glob("*.jsonl"))


def weights(learner: Learner) -> dict[str, torch.Tensor]:
    return learner.state_dict()


def same(a: Learner, b: Learner) -> bool:
    return all(torch.equal(value, weights(b)[key]) for key, value in weights(a).items())


def test_all_stages_run_in_order_and_leave_logs_and_states(data: Data, tmp_path: Path) -> None:
    run(data, tmp_path)
    assert stages(tmp_path) == STAGES
    times = [(tmp_path / f"{name}.state.pt").stat().st_mtime_ns for name in STAGES]
    assert times == sorted(times)
    pytest.importorskip("matplotlib")
    assert plot_curves(tmp_path, tmp_path / "curves.png")
    assert (tmp_path / "curves.png").stat().st_size > 1000


def test_every_stage_lowers_its_loss(data: Data, tmp_path: Path) -> None:
    """Against the loss before its first step, on the same draws."""
    before = run(data, tmp_path / "short", **dict.fromkeys(EPOCHS, 1))
    long = dict.fromkeys(EPOCHS, 8)
    after = run(data, tmp_path / "long", **long)
    assert not same(before, after)
    for stage in STAGES:
        early = read_log(tmp_path / "short" / f"{stage}.jsonl")["total"][-1][1]
        late = read_log(tmp_path / "long" / f"{stage}.jsonl")["total"][-1][1]
        assert late < early, stage


EPOCHS = ("face_epochs", "content_epochs", "label_epochs", "prompt_epochs")


def test_the_same_seed_gives_the_same_network_and_another_seed_another(
    data: Data, tmp_path: Path
) -> None:
    first = run(data, tmp_path / "a")
    assert same(first, run(data, tmp_path / "b"))
    assert not same(first, run(data, tmp_path / "c", seed=8))


def test_a_run_that_was_stopped_ends_like_one_that_was_not(
    data: Data, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = run(data, tmp_path / "whole")
    monkeypatch.setattr(trainer, "SAVE_SECONDS", -1.0)
    real = trainer.Trainer._one_step

    def stopping(self: trainer.Trainer, losses: object) -> dict[str, float]:
        if self.name == "3-label" and self.step == 5:
            raise KeyboardInterrupt
        return real(self, losses)

    monkeypatch.setattr(trainer.Trainer, "_one_step", stopping)
    with pytest.raises(KeyboardInterrupt):
        run(data, tmp_path / "stopped")
    monkeypatch.setattr(trainer.Trainer, "_one_step", real)
    assert same(whole, run(data, tmp_path / "stopped"))


def test_only_what_a_stage_names_learns(data: Data, tmp_path: Path) -> None:
    run(data, tmp_path)
    face = torch.load(tmp_path / "1d-cycle.state.pt", weights_only=True)["network"]
    spoken = torch.load(tmp_path / "2-content.state.pt", weights_only=True)["network"]
    moved = {name.split(".")[0] for name in face if not torch.equal(face[name], spoken[name])}
    assert moved == {"audio_content_map"}
    felt = torch.load(tmp_path / "3-label.state.pt", weights_only=True)["network"]
    moved = {name.split(".")[0] for name in face if not torch.equal(felt[name], spoken[name])}
    assert moved == {"by_label"}
    shown = torch.load(tmp_path / "4-prompt.state.pt", weights_only=True)["network"]
    moved = {".".join(n.split(".")[:2]) for n in face if not torch.equal(felt[n], shown[n])}
    assert moved == {
        "by_prompt.clip_text_map",
        "by_prompt.clip_image_map",
        "by_prompt.semantic_emotion_map",
    }


@pytest.mark.parametrize("ablation", ABLATIONS)
def test_an_ablation_changes_the_network_and_leaves_its_stages_out(
    data: Data, tmp_path: Path, ablation: str
) -> None:
    whole = run(data, tmp_path / "whole")
    assert not same(whole, run(data, tmp_path / "less", without=(ablation,)))
    gone = {
        "overlap": {"1b-overlap"},
        "cycle": {"1d-cycle"},
        "disentangling": {"1a-self", "1b-overlap", "1d-cycle", "2-content"},
    }.get(ablation, set())
    assert set(stages(tmp_path / "less")) == set(STAGES) - gone


def test_the_published_order_takes_same_content_before_same_emotion(
    data: Data, tmp_path: Path
) -> None:
    run(data, tmp_path, overlap_order="published")
    phases = ["1a-self", "1b-content", "1c-emotion", "1d-cycle"]
    assert [stage for stage in stages(tmp_path) if stage < "2"] == phases


def test_emotions_are_exchanged_after_stage_1(data: Data, tmp_path: Path) -> None:
    """The other's emotion with the own content is nearer to that face than to any other."""
    contents = overlap_contents(data.overlap, 0, 7)
    long = replace(SMALL, latent=32, stretch_frames=30, face_epochs=60, without=())
    widths = Widths(16, 16, 16, long.latent, long.heads)
    learner = fresh(widths, 7)
    train_face(Run(learner, long, tmp_path, torch.device("cpu")), OverlapFaces(contents, 7, 30))
    x11, x12, x21, x22 = (
        torch.from_numpy(contents[c][e]) for c, e in ((0, 0), (0, 3), (1, 0), (1, 3))
    )
    with torch.inference_mode():
        made = learner.decode(learner.emotion(x22), learner.content(x11))
    errors = [float((made - x).square().mean()) for x in (x12, x11, x21, x22)]
    assert min(errors) == errors[0]
    assert errors[0] < 0.5 * min(errors[1:])


def test_an_unknown_ablation_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="not together or published"):
        from_mapping(OfficialConfig, {"overlap_order": "sideways"}, "test.yaml")
    with pytest.raises(ConfigError, match="'sound' is no ablation"):
        from_mapping(OfficialConfig, {"without": ["sound"]}, "test.yaml")


def test_the_rate_falls_by_the_decay_every_epoch() -> None:
    schedule = trainer.Schedule(steps=30, warmup=0, decay_from=1.0, epoch=10, decay=0.9)
    assert [schedule.factor(step) for step in (0, 9, 10, 29)] == pytest.approx([1, 1, 0.9, 0.81])


def test_voice_and_words_of_unequal_width_are_refused(data: Data, tmp_path: Path) -> None:
    class Unequal(SmallEncoders):
        def words(self, sentence: str | None) -> object:
            return super().words(sentence)[:, :8]

    with pytest.raises(TrainingError, match="equal width"):
        learn(data, tmp_path, SMALL, Unequal())


def test_a_state_of_another_stage_is_refused(data: Data, tmp_path: Path) -> None:
    run(data, tmp_path)
    (tmp_path / "2-content.state.pt").rename(tmp_path / "3-label.state.pt")
    with pytest.raises(TrainingError, match="remove it"):
        run(data, tmp_path)


def test_two_processes_learn_what_one_does_with_twice_the_accumulation(
    data: Data, tmp_path: Path
) -> None:
    context = torch.multiprocessing.get_context("spawn")
    folder = tmp_path / "two"
    settings = {"accumulate": 1, **dict.fromkeys(EPOCHS, 1)}
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    processes = [
        context.Process(target=_take_part, args=(rank, folder, data, settings, port))
        for rank in range(2)
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join(120)
    assert [process.exitcode for process in processes] == [0, 0]
    together = torch.load(folder / "1d-cycle.state.pt", weights_only=True)
    run(data, tmp_path / "one", **{**settings, "accumulate": 2})
    alone = torch.load(tmp_path / "one" / "1d-cycle.state.pt", weights_only=True)
    assert together["step"] == alone["step"]
    for name, value in alone["network"].items():
        # float32 sums in another order, carried through some dozen steps of Adam
        torch.testing.assert_close(together["network"][name], value, rtol=0, atol=2e-4)
    logged = [json.loads(line)["step"] for line in (folder / "1a-self.jsonl").open()]
    assert logged == [together["step"]], "one of them writes"


def _take_part(rank: int, folder: Path, data: Data, settings: dict, port: int) -> None:
    """One process as ``torchrun`` starts it."""
    torch.set_num_threads(1)
    os.environ.update(
        RANK=str(rank),
        LOCAL_RANK=str(rank),
        WORLD_SIZE="2",
        MASTER_ADDR="127.0.0.1",
        MASTER_PORT=str(port),
    )
    with distributed.joined():
        run(data, folder, **settings)
    assert distributed.size() == 1

"""One trainer for every stage: seeded steps, schedule, averages, resuming.

A stage is a loss function over a network; the trainer owns the optimiser,
the schedule, the moving average of the weights, the log of the curves and the
file that a stopped run goes on from (written every minute, replaced
atomically). Under ``torchrun`` each process takes its share of the batches
and the first one writes. Trainer's thread.
"""

from __future__ import annotations

import json
import math
import os
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from medtalk_live.errors import TrainingError
from medtalk_live.training import distributed

FORMAT_VERSION = 1
SAVE_SECONDS = 60.0
Losses = Mapping[str, Tensor]


@dataclass(frozen=True, slots=True)
class Schedule:
    """How a stage runs.

    Attributes:
        steps: Optimiser steps in all.
        rate: Highest learning rate.
        warmup: Steps of linear rise.
        decay_from: Share of the steps after which the rate falls in a line to zero.
        average: Decay of the moving average of the weights, 0 for none.
        accumulate: Batches whose gradients are summed before each step.
        clip: Largest norm of the gradient, infinite for any.
        weight_decay: Of AdamW; 0 makes it Adam.
        epoch: Steps of an epoch; only ``decay`` asks for it.
        decay: What every further epoch multiplies the rate by.
    """

    steps: int
    rate: float = 1e-3
    warmup: int = 100
    decay_from: float = 0.6
    average: float = 0.0
    accumulate: int = 1
    clip: float = 1.0
    weight_decay: float = 0.01
    epoch: int = 1
    decay: float = 1.0

    def factor(self, step: int) -> float:
        """Share of ``rate`` at a step."""
        rise = min(1.0, (step + 1) / max(1, self.warmup))
        fall = (self.steps - step) / max(1.0, self.steps * (1.0 - self.decay_from))
        return rise * min(1.0, max(0.0, fall)) * self.decay ** (step // self.epoch)


class Trainer:
    """Runs one stage of a network, from where it stopped.

    Args:
        name: Of the stage, for files and the log.
        network: Everything that is saved.
        parameters: What learns in this stage.
        schedule: See ``Schedule``.
        folder: Where the state and the log lie.

    Raises:
        TrainingError: the saved state is of another stage or version.
    """

    def __init__(
        self,
        name: str,
        network: nn.Module,
        parameters: list[nn.Parameter],
        schedule: Schedule,
        folder: Path,
    ) -> None:
        self.name, self.network, self.schedule = name, network, schedule
        self._parameters = parameters
        self._optimiser = torch.optim.AdamW(
            parameters, lr=schedule.rate, weight_decay=schedule.weight_decay
        )
        self._averages = [p.detach().clone() for p in parameters]
        self._state_path = folder / f"{name}.state.pt"
        self._log_path = folder / f"{name}.jsonl"
        self.step = 0
        folder.mkdir(parents=True, exist_ok=True)
        if self._state_path.exists():
            self._resume()

    def run(self, losses: Callable[[int], Losses]) -> None:
        """Take the remaining steps; ``losses(batch)`` gives named terms, ``total`` among them."""
        last_saved = time.monotonic()
        recent: list[dict[str, float]] = []
        while self.step < self.schedule.steps:
            recent.append(self._one_step(losses))
            if self.step % 50 == 0 or self.step == self.schedule.steps:
                self._report({k: sum(r[k] for r in recent) / len(recent) for k in recent[0]})
                recent = []
            if time.monotonic() - last_saved > SAVE_SECONDS:
                self._save()
                last_saved = time.monotonic()
        self._save()
        self._adopt_averages()

    def _one_step(self, losses: Callable[[int], Losses]) -> dict[str, float]:
        for group in self._optimiser.param_groups:
            group["lr"] = self.schedule.rate * self.schedule.factor(self.step)
        self._optimiser.zero_grad(set_to_none=True)
        seen: dict[str, float] = {}
        for number in distributed.share(self.step, self.schedule.accumulate):
            terms = losses(number)
            (terms["total"] / self.schedule.accumulate).backward()
            for name, value in terms.items():
                seen[name] = seen.get(name, 0.0) + value.item() / self.schedule.accumulate
        seen = distributed.average(self._parameters, seen)
        if not math.isfinite(seen["total"]):
            raise TrainingError(
                f"stage {self.name}: the loss is not finite at step {self.step}; "
                "lower the learning rate and go on from the saved state"
            )
        if math.isfinite(self.schedule.clip):
            nn.utils.clip_grad_norm_(self._parameters, self.schedule.clip)
        self._optimiser.step()
        self.step += 1
        self._average()
        return seen

    def _average(self) -> None:
        if not self.schedule.average:
            return
        decay = min(self.schedule.average, self.step / (self.step + 10))
        with torch.no_grad():
            for mean, parameter in zip(self._averages, self._parameters, strict=True):
                mean.lerp_(parameter, 1 - decay)

    def _adopt_averages(self) -> None:
        if self.schedule.average:
            with torch.no_grad():
                for mean, parameter in zip(self._averages, self._parameters, strict=True):
                    parameter.copy_(mean)

    def _report(self, means: dict[str, float]) -> None:
        if not distributed.is_first():
            return
        with self._log_path.open("a", encoding="utf-8") as log:
            log.write(json.dumps({"step": self.step, "time": time.time(), **means}) + "\n")
        if sys.stderr.isatty():
            text = "  ".join(f"{name} {value:.4f}" for name, value in means.items())
            end = "\n" if self.step == self.schedule.steps else ""
            sys.stderr.write(f"\r{self.name} {self.step}/{self.schedule.steps}  {text}{end}")

    def _save(self) -> None:
        if not distributed.is_first():
            return
        part = self._state_path.with_suffix(".part")
        torch.save(
            {
                "version": FORMAT_VERSION,
                "stage": self.name,
                "step": self.step,
                "network": self.network.state_dict(),
                "optimiser": self._optimiser.state_dict(),
                "averages": self._averages,
            },
            part,
        )
        os.replace(part, self._state_path)

    def _resume(self) -> None:
        device = self._parameters[0].device
        state = torch.load(self._state_path, map_location=device, weights_only=True)
        if state.get("version") != FORMAT_VERSION or state.get("stage") != self.name:
            raise TrainingError(
                f"{self._state_path} is not a version {FORMAT_VERSION} state of stage "
                f"'{self.name}': remove it to start the stage anew"
            )
        self.network.load_state_dict(state["network"])
        self._optimiser.load_state_dict(state["optimiser"])
        self._averages = state["averages"]
        self.step = state["step"]
        if self.step >= self.schedule.steps:
            self._adopt_averages()

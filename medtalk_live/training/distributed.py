"""Several processes as one trainer: who takes which batch, and the mean of their gradients.

Started by ``torchrun``, which names the processes in the environment; without
it there is one process and nothing here does anything. Gradients travel as
one vector a step, the loss terms with them, so that all processes see the
same numbers and stop at the same one. Trainer's thread.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import torch
from torch import distributed as dist
from torch import nn


@contextmanager
def joined() -> Iterator[None]:
    """Take part in the group that ``torchrun`` has started, if it has."""
    several = int(os.environ.get("WORLD_SIZE", "1")) > 1
    if several:
        on_cards = torch.cuda.is_available() and dist.is_nccl_available()
        if on_cards:
            torch.cuda.set_device(int(os.environ.get("LOCAL_RANK", "0")))
        dist.init_process_group("nccl" if on_cards else "gloo")
    try:
        yield
    finally:
        if several:
            dist.destroy_process_group()


def _grouped() -> bool:
    return dist.is_available() and dist.is_initialized()


def size() -> int:
    """Number of processes."""
    return dist.get_world_size() if _grouped() else 1


def rank() -> int:
    """Number of this process, from 0."""
    return dist.get_rank() if _grouped() else 0


def is_first() -> bool:
    """Whether this process writes logs, states and models."""
    return rank() == 0


def wait_for_all() -> None:
    """Go on when every process has come here."""
    if _grouped():
        dist.barrier()


def share(step: int, accumulate: int) -> range:
    """Numbers of the batches that this process takes in a step.

    Together the processes take each number once, so that a run over two of
    them learns what one process with twice the accumulation does.
    """
    first = step * accumulate * size()
    return range(first + rank(), first + accumulate * size(), size())


def average(parameters: Sequence[nn.Parameter], terms: Mapping[str, float]) -> dict[str, float]:
    """Replace gradients by their mean over the processes; the mean of the loss terms.

    Args:
        parameters: All that learn, with gradients; the same in every process.
        terms: Loss terms of this process.
    """
    if size() == 1:
        return dict(terms)
    device = parameters[0].device
    gradients = [p.new_zeros(p.shape) if p.grad is None else p.grad for p in parameters]
    told = torch.tensor(list(terms.values()), dtype=torch.float32, device=device)
    vector = torch.cat([*(g.flatten() for g in gradients), told])
    dist.all_reduce(vector)
    vector /= size()
    start = 0
    for parameter, gradient in zip(parameters, gradients, strict=True):
        parameter.grad = vector[start : start + gradient.numel()].view_as(gradient)
        start += gradient.numel()
    return dict(zip(terms, vector[start:].tolist(), strict=True))

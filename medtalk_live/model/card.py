"""The graphics card: whether it computes, and a function of fixed shapes as one CUDA graph.

The host writes its arguments into pinned memory, starts copy, graph and copy
back on one stream, and waits once, for the answer that the frames need: no
kernel is launched singly and nothing is read back in between. One caller at a
time. Source: PyTorch's notes on CUDA graphs.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from medtalk_live.errors import CheckpointError

_WARM_UP_RUNS = 3


def chosen_device(compute: str) -> str:
    """``cuda`` or ``cpu``, for ``auto`` what is there.

    Raises:
        CheckpointError: CUDA was asked for, and is not there.
    """
    available = torch.cuda.is_available()
    if compute == "cuda" and not available:
        raise CheckpointError(
            "--compute cuda was asked for, but torch finds no CUDA device: "
            "use --compute auto, or install torch with CUDA and the card's driver"
        )
    return "cuda" if available and compute != "cpu" else "cpu"


class Graphed:
    """``compute`` recorded once, replayed at every call.

    Args:
        compute: Of tensors on the card, to one tensor there; may not decide on their values.
        examples: Arguments of the shapes and types that every call will have.
        device: The card.
    """

    def __init__(
        self, compute: Callable[..., Tensor], examples: tuple[Tensor, ...], device: torch.device
    ) -> None:
        self._stream = torch.cuda.Stream(device)
        self._pinned = [torch.empty_like(one, device="cpu").pin_memory() for one in examples]
        self._given = [one.to(device) for one in examples]
        self._graph = torch.cuda.CUDAGraph()
        self._done = torch.cuda.Event()
        self._stream.wait_stream(torch.cuda.current_stream(device))
        with torch.cuda.stream(self._stream), torch.inference_mode():
            for _ in range(_WARM_UP_RUNS):  # libraries choose their kernels in the first runs
                compute(*self._given)
            self._stream.synchronize()
            with torch.cuda.graph(self._graph, stream=self._stream):
                self._answer = compute(*self._given)
        self._read = torch.empty_like(self._answer, device="cpu").pin_memory()

    def __call__(self, *arguments: Tensor) -> Tensor:
        """The answer, on the host; arguments lie there as well."""
        for pinned, argument in zip(self._pinned, arguments, strict=True):
            pinned.copy_(argument)
        with torch.cuda.stream(self._stream), torch.inference_mode():
            for given, pinned in zip(self._given, self._pinned, strict=True):
                given.copy_(pinned, non_blocking=True)
            self._graph.replay()
            self._read.copy_(self._answer, non_blocking=True)
            self._done.record(self._stream)
        self._done.synchronize()
        return self._read.clone()

"""emotion2vec in a process of its own, at a low priority.

``Voice`` is the caller's side and blocks for as long as emotion2vec takes: a
worker's thread. Run as a module it is the process itself
(``python -m medtalk_live.model.encoders.voice FOLDER DEVICE``).
Source: MEDTalk, section 3.4.
"""

from __future__ import annotations

import base64
import sys
from pathlib import Path
from typing import Any

import numpy as np

from medtalk_live.errors import CheckpointError
from medtalk_live.model.encoders.worker import Answer, WorkerError, WorkerProcess, serve
from medtalk_live.rig.controls import FloatArray

_START_SECONDS, _ANSWER_SECONDS = 900.0, 120.0


class Voice:
    """emotion2vec, started at the first question.

    Args:
        folder: See ``VoiceFeatures``.
        device: ``cpu`` or ``cuda``.
    """

    def __init__(self, folder: Path, device: str = "cpu") -> None:
        self._worker = WorkerProcess(
            __name__, lambda: (str(folder), device), _START_SECONDS, _ANSWER_SECONDS
        )

    def warm(self) -> None:
        """Wait until emotion2vec is ready.

        Raises:
            CheckpointError: a file or a library of it is missing.
        """
        try:
            self._worker.start()
        except WorkerError as error:
            raise CheckpointError(f"emotion2vec does not start: {error}") from None

    def frames(self, samples: FloatArray) -> FloatArray:
        """Features (S, 768), 50 a second, of 16 kHz mono sound (n,).

        Raises:
            CheckpointError: emotion2vec does not start, or failed.
        """
        self.warm()
        try:
            answer = self._worker.ask(_packed(samples))
        except WorkerError as error:
            answer = {"error": error}
        if "error" in answer:
            raise CheckpointError(f"emotion2vec could not read the sound ({answer['error']})")
        return _unpacked(answer["frames"]).reshape(answer["count"], -1)

    def close(self) -> None:
        """End the process."""
        self._worker.close()


def _packed(values: FloatArray) -> str:
    return base64.b64encode(np.ascontiguousarray(values, "<f4").tobytes()).decode()


def _unpacked(text: str) -> FloatArray:
    return np.frombuffer(base64.b64decode(text), "<f4").astype(np.float32)


def _start() -> Answer:
    """The process's own side: load the network; then sound in, frames out."""
    import torch

    from medtalk_live.model.encoders.emotion2vec import VoiceFeatures

    torch.set_num_threads(max(1, torch.get_num_threads() // 2))
    voice = VoiceFeatures(Path(sys.argv[1]), sys.argv[2])

    def answer(request: str) -> dict[str, Any]:
        frames = voice.frames(_unpacked(request))
        return {"frames": _packed(frames), "count": len(frames)}

    return answer


if __name__ == "__main__":
    serve(_start)

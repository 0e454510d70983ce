"""What was said, and when: Whisper in a process of its own, at a low priority.

``Transcriber`` is the caller's side and blocks for as long as Whisper takes:
a worker's thread. Run as a module it is the process itself
(``python -m medtalk_live.model.encoders.transcriber WEIGHTS LANGUAGE``).
Source: openai-whisper; MEDTalk, section 3.4, hears its words through it.
"""

from __future__ import annotations

import base64
import sys
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import numpy as np

from medtalk_live.errors import CheckpointError, MissingExtraError
from medtalk_live.model.encoders.worker import Answer, WorkerError, WorkerProcess, serve
from medtalk_live.rig.controls import FloatArray

_START_SECONDS = 900.0  # the first use of a size fetches its weights
_ANSWER_SECONDS = 3600.0  # a long recording on a slow machine


@dataclass(frozen=True, slots=True)
class TimedWord:
    """A word (or piece of one, where a script has no spaces) and when it is said.

    Attributes:
        text: As written, with its punctuation.
        start_seconds: Since the start of the sound.
        end_seconds: Likewise.
    """

    text: str
    start_seconds: float
    end_seconds: float

    def earlier(self, seconds: float) -> TimedWord:
        """The same word in a stream that began so much later."""
        return TimedWord(self.text, self.start_seconds - seconds, self.end_seconds - seconds)


class Transcriber:
    """Whisper, started at the first question.

    Args:
        weights: Name of a size (``base``), which the library fetches once, or a ``.pt`` file.
        language: Of the speech, such as ``en`` or ``zh``; None to let Whisper tell.
    """

    def __init__(self, weights: str = "base", language: str | None = None) -> None:
        self._weights = weights
        self._worker = WorkerProcess(
            __name__, lambda: (weights, language or ""), _START_SECONDS, _ANSWER_SECONDS
        )

    def check(self) -> None:
        """Say at once if there is no Whisper.

        Raises:
            MissingExtraError: openai-whisper is not installed.
        """
        if find_spec("whisper") is None:
            raise MissingExtraError("openai-whisper", "official", "hearing words")

    def warm(self) -> None:
        """Wait until Whisper is ready.

        Raises:
            MissingExtraError: openai-whisper is not installed.
            CheckpointError: the weights cannot be had.
        """
        self.check()
        try:
            self._worker.start()
        except WorkerError as error:
            raise CheckpointError(
                f"Whisper does not start with '{self._weights}' ({error}): give the name of a "
                "size (tiny, base, small, ...), which is fetched once, or the path of a .pt file"
            ) from None

    def words(self, samples: FloatArray) -> list[TimedWord]:
        """The words in 16 kHz mono sound (n,), in order.

        Raises:
            MissingExtraError: openai-whisper is not installed.
            CheckpointError: the weights cannot be had, or Whisper failed.
        """
        self.warm()
        sound = (np.clip(samples, -1.0, 1.0) * 32767).astype("<i2").tobytes()
        try:
            answer = self._worker.ask(base64.b64encode(sound).decode())
        except WorkerError as error:
            answer = {"error": error}
        if "error" in answer:
            raise CheckpointError(f"Whisper could not read the sound ({answer['error']})")
        return [TimedWord(*row) for row in answer["words"]]

    def close(self) -> None:
        """End the process."""
        self._worker.close()


def _start() -> Answer:
    """The process's own side: load the weights; then sound in, words out."""
    import torch
    import whisper  # the library; this module's own name is longer

    weights, language = sys.argv[1], sys.argv[2] or None
    torch.set_num_threads(max(1, torch.get_num_threads() // 2))
    model = whisper.load_model(weights)

    def answer(request: str) -> dict[str, Any]:
        sound = np.frombuffer(base64.b64decode(request), "<i2").astype(np.float32) / 32768
        heard = model.transcribe(
            sound,
            language=language,
            word_timestamps=True,
            condition_on_previous_text=False,
            fp16=model.device.type != "cpu",
        )
        words = [word for segment in heard["segments"] for word in segment.get("words", ())]
        return {"words": [[w["word"].strip(), float(w["start"]), float(w["end"])] for w in words]}

    return answer


if __name__ == "__main__":
    serve(_start)

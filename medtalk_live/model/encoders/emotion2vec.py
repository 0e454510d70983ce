"""emotion2vec: how a voice feels, 50 frames a second, through funasr.

Loaded from a local folder as its hub lays it out (config.yaml, model.pt).
A worker's thread: it takes longer than a frame. Source: MEDTalk, section 3.4;
Ma et al., emotion2vec.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from medtalk_live.errors import CheckpointError, MissingExtraError
from medtalk_live.rig.controls import FloatArray


class VoiceFeatures:
    """emotion2vec at the granularity of frames.

    Args:
        folder: With ``config.yaml`` and ``model.pt`` of iic/emotion2vec_base.
        device: ``cpu`` or ``cuda``.

    Raises:
        CheckpointError: a file is missing.
        MissingExtraError: funasr is not installed.
    """

    def __init__(self, folder: Path, device: str = "cpu") -> None:
        for name in ("config.yaml", "model.pt"):
            if not (folder / name).is_file():
                raise CheckpointError(
                    f"{folder / name} is missing: put the files of iic/emotion2vec_base there "
                    "(modelscope.cn or huggingface.co/emotion2vec/emotion2vec_base)"
                )
        try:
            from funasr import AutoModel
        except ImportError as error:
            raise MissingExtraError("funasr", "official", "reading emotion from a voice") from error
        self._model = AutoModel(
            model=str(folder), device=device, disable_update=True, disable_pbar=True
        )

    def frames(self, samples: FloatArray) -> FloatArray:
        """Features (S, 768) of 16 kHz mono sound (n,)."""
        answer = self._model.generate(
            np.asarray(samples, np.float32), granularity="frame", extract_embedding=True
        )
        return np.asarray(answer[0]["feats"], np.float32)

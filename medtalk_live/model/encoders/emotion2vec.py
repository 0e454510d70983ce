"""emotion2vec: how a voice feels, 50 frames a second, through funasr.

Loaded from a local folder as its hub lays it out (``config.yaml`` and one
``.pt``). The library would run code that a config names, and would leave at
random what a file lacks, so both are checked here first. A worker's thread: it
takes longer than a frame. Source: MEDTalk, section 3.4; Ma et al., emotion2vec.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch

from medtalk_live.errors import CheckpointError, MissingExtraError
from medtalk_live.model import authors
from medtalk_live.rig.controls import FloatArray

_LAYERS = re.compile(r"[\[\](),+*\d\s]+")
"""What a list of convolutions is written with; the library evaluates it as code."""

_ONLY_IN_TRAINING = "modality_encoders.AUDIO.decoder."


class VoiceFeatures:
    """emotion2vec at the granularity of frames.

    Args:
        folder: With ``config.yaml`` and the weights of emotion2vec_base.
        device: ``cpu`` or ``cuda``.

    Raises:
        CheckpointError: a file is missing, or is another network's.
        MissingExtraError: funasr is not installed, or cannot run here.
    """

    def __init__(self, folder: Path, device: str = "cpu") -> None:
        weights = _weights(folder)
        try:
            from funasr import AutoModel
        except ImportError as error:
            raise MissingExtraError("funasr", "official", "reading emotion from a voice") from error
        except (RuntimeError, OSError) as error:  # torchaudio was built for another torch
            raise CheckpointError(
                f"funasr does not start beside torch {torch.__version__} ({error}): "
                "run  pip install 'medtalk-live[official]'  for versions that fit together"
            ) from None
        state = authors.read_state(weights, inside="model")
        self._model = AutoModel(
            model="Emotion2vec",
            model_conf=_sizes(folder / "config.yaml"),
            init_param=str(weights),
            device=device,
            ncpu=torch.get_num_threads(),
            disable_update=True,
            disable_pbar=True,
        )
        wanted = {
            key: value
            for key, value in self._model.model.state_dict().items()
            if not key.startswith(_ONLY_IN_TRAINING)
        }
        known = {key: value for key, value in state.items() if key in wanted}
        authors.check_tensors(known, wanted, str(weights))

    def frames(self, samples: FloatArray) -> FloatArray:
        """Features (S, 768) of 16 kHz mono sound (n,)."""
        answer = self._model.generate(
            np.asarray(samples, np.float32), granularity="frame", extract_embedding=True
        )
        return np.asarray(answer[0]["feats"], np.float32)


def _weights(folder: Path) -> Path:
    found = sorted(folder.glob("*.pt"))
    if len(found) != 1 or not (folder / "config.yaml").is_file():
        raise CheckpointError(
            f"{folder} does not hold emotion2vec_base (config.yaml and one .pt file): "
            "run  medtalk-live models fetch emotion2vec"
        )
    return found[0]


def _sizes(path: Path) -> Mapping[str, Any]:
    """The network's part of a config, seen to be no code."""
    from omegaconf import OmegaConf  # funasr's own reader: YAML's takes 1e-05 for a word

    try:
        config: Any = OmegaConf.to_container(OmegaConf.load(path))
        sizes = config["model_conf"]
        layers = str(sizes["modalities"]["audio"]["feature_encoder_spec"])
    except Exception as error:  # YAML's errors and OmegaConf's own have no common kind
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise CheckpointError(f"{path} is no config of emotion2vec ({reason})") from None
    if config.get("model") != "Emotion2vec" or not _LAYERS.fullmatch(layers):
        raise CheckpointError(
            f"{path} describes another network than emotion2vec, or holds code: "
            "fetch it again with  medtalk-live models fetch emotion2vec"
        )
    result: Mapping[str, Any] = sizes
    return result

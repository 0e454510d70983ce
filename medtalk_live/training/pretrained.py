"""The frozen parts of the official network, out of folders as their hubs lay them out.

wav2vec2, RoBERTa and CLIP (``config.json`` with ``model.safetensors`` or
``pytorch_model.bin``) and emotion2vec, as ``models fetch`` brings them. Sizes
come from the files. ``Pretrained`` gives features for training, and the tensors
that an exported model takes along. Any thread. Source: the parts MEDTalk names.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn

from medtalk_live.errors import CheckpointError
from medtalk_live.model import authors
from medtalk_live.model.encoders.clip import ClipEncoder
from medtalk_live.model.encoders.emotion2vec import VoiceFeatures
from medtalk_live.model.encoders.wav2vec2 import SpeechFeatures, normalise
from medtalk_live.model.encoders.words import (
    PUBLISHED_IDS,
    word_encoder,
    word_features,
    word_tokenizer,
)
from medtalk_live.model.parts import part
from medtalk_live.rig.controls import FloatArray

_SPEECH, _WORDS, _CLIP = "audio_content_encoder.", "text_encoder.", "clip_encoder."
_WEIGHTS = ("model.safetensors", "pytorch_model.bin")
_WRAPPERS = ("wav2vec2.", "bert.")
_HEADS = ("lm_head.", "cls.")
_OLD_NORMS = {"LayerNorm.gamma": "LayerNorm.weight", "LayerNorm.beta": "LayerNorm.bias"}


class Pretrained:
    """The four parts; fulfils ``features.Encoders``.

    Args:
        folder: Holds the parts' folders; where ``models fetch`` puts them if None.
        device: ``cpu`` or ``cuda``.

    Raises:
        CheckpointError: a part is missing or is another network's.
        MissingExtraError: a library of the official model is not installed.
    """

    def __init__(self, folder: Path | None = None, device: str = "cpu") -> None:
        self._device = torch.device(device)
        speech, words, clip = (_found(name, folder) for name in ("wav2vec2", "roberta", "clip"))
        self.config = {
            "wav2vec2": _config(speech),
            "bert": _config(words),
            "clip": _config(clip),
        }
        self.state = authors.current_state(
            _prefixed(_SPEECH, speech) | _prefixed(_WORDS, words) | _prefixed(_CLIP, clip)
        )
        hearing = SpeechFeatures(self.config["wav2vec2"])
        self._speech: SpeechFeatures = self._filled(hearing, _SPEECH, speech)
        self._words = self._filled(word_encoder(self.config["bert"]), _WORDS, words)
        self._clip: ClipEncoder = self._filled(ClipEncoder(self.config["clip"]), _CLIP, clip)
        self._voice = VoiceFeatures(_found("emotion2vec", folder), device)
        self._ids = word_tokenizer(words)

    def _filled(self, network: nn.Module, prefix: str, source: Path) -> Any:
        """The network with its tensors, of which none may be missing or left over."""
        state = {k.removeprefix(prefix): v for k, v in self.state.items() if k.startswith(prefix)}
        authors.check_tensors(state, network.state_dict(), str(source))
        network.load_state_dict(state)
        return network.eval().requires_grad_(False).to(self._device)

    @torch.inference_mode()
    def speech(self, samples: FloatArray, frames: int) -> FloatArray:
        """wav2vec2's hidden state 0 (T, 768), of sound normalised over the clip."""
        return _array(self._speech(normalise(self._tensor(samples)), frames))

    def voice(self, samples: FloatArray) -> FloatArray:
        """emotion2vec's frames (S, 768)."""
        return self._voice.frames(samples)

    @torch.inference_mode()
    def words(self, sentence: str | None) -> FloatArray:
        """RoBERTa's features (L, 768); of the published three tokens without a sentence."""
        ids = list(PUBLISHED_IDS) if sentence is None else self._ids(sentence)
        return _array(word_features(self._words, torch.tensor([ids], device=self._device)))

    @torch.inference_mode()
    def description(self, sentence: str) -> FloatArray:
        """CLIP's text feature (512,)."""
        return _array(self._clip.text(self._clip.tokens(sentence).to(self._device)))

    @torch.inference_mode()
    def picture(self, picture: Image.Image) -> FloatArray:
        """CLIP's image feature (512,)."""
        return _array(self._clip.image(self._clip.pixels(picture).to(self._device)))

    def of_file(self, stem: str) -> dict[str, Tensor]:
        """The pretrained tensors that a checkpoint file holds, by its stem."""
        taken = {
            "cross_recon": (),
            "audio_cont": (_SPEECH,),
            "audio_semantic": (_SPEECH, _WORDS),
            "clip_emotion": (_SPEECH, _CLIP),
        }[stem]
        return {key: value for key, value in self.state.items() if key.startswith(taken)}

    def _tensor(self, samples: FloatArray) -> Tensor:
        return torch.from_numpy(np.asarray(samples, np.float32)).to(self._device).unsqueeze(0)


def _found(name: str, folder: Path | None) -> Path:
    """The folder of a part, by its name in ``models fetch``."""
    wanted = part(name)
    found = wanted.find() if folder is None else folder / wanted.folder
    if found is None or not found.is_dir():
        raise CheckpointError(
            f"training needs {wanted.folder}, which is not in {folder or 'the models folders'}: "
            f"run  medtalk-live models fetch {name}, or copy it there from {wanted.page}"
        )
    return found


def _array(features: Tensor) -> FloatArray:
    result: FloatArray = features[0].float().cpu().numpy()
    return result


def _config(folder: Path) -> Mapping[str, Any]:
    config = authors.read_config(folder)
    if not config:
        raise CheckpointError(
            f"{folder / 'config.json'} is missing: copy it from the part's hub, beside the weights"
        )
    return config


def _prefixed(prefix: str, folder: Path) -> dict[str, Tensor]:
    """A part's tensors as MEDTalk's files name them."""
    path = next((folder / name for name in _WEIGHTS if (folder / name).is_file()), None)
    if path is None:
        raise CheckpointError(f"{folder} holds neither {' nor '.join(_WEIGHTS)}: copy it there")
    state = {}
    for key, value in authors.read_state(path).items():
        if key.startswith(_HEADS):
            continue
        name = key
        for wrapper in _WRAPPERS:
            name = name.removeprefix(wrapper)
        for old, new in _OLD_NORMS.items():
            name = name.replace(old, new)
        state[prefix + name] = value
    return state

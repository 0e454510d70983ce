"""The frozen parts of the official network, out of folders as their hubs lay them out.

``wav2vec2-base-960h``, ``chinese-roberta-wwm-ext`` and ``clip-vit-base-patch32``
(``config.json`` with ``model.safetensors`` or ``pytorch_model.bin``) and
``emotion2vec_base``. Sizes come from the files. ``Pretrained`` gives features
for training, and the tensors that an exported model takes along. Any thread.
Source: the pretrained parts that MEDTalk names.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn

from medtalk_live.errors import CheckpointError, MissingExtraError
from medtalk_live.model import authors
from medtalk_live.model.encoders.clip import ClipEncoder
from medtalk_live.model.encoders.emotion2vec import VoiceFeatures
from medtalk_live.model.encoders.wav2vec2 import SpeechFeatures, normalise
from medtalk_live.model.encoders.words import PUBLISHED_IDS, word_encoder, word_features
from medtalk_live.rig.controls import FloatArray

SPEECH, WORDS, CLIP = "wav2vec2-base-960h", "chinese-roberta-wwm-ext", "clip-vit-base-patch32"
VOICE = "emotion2vec_base"
_WEIGHTS = ("model.safetensors", "pytorch_model.bin")
_WRAPPERS = ("wav2vec2.", "bert.")
_HEADS = ("lm_head.", "cls.")
_OLD_NORMS = {"LayerNorm.gamma": "LayerNorm.weight", "LayerNorm.beta": "LayerNorm.bias"}
_LONGEST_TOKENS = 512


class Pretrained:
    """The four parts; fulfils ``features.Encoders``.

    Args:
        folder: Holds a folder for each part.
        device: ``cpu`` or ``cuda``.

    Raises:
        CheckpointError: a part is missing or is another network's.
        MissingExtraError: a library of the official model is not installed.
    """

    def __init__(self, folder: Path, device: str = "cpu") -> None:
        self._device = torch.device(device)
        parts = {name: folder / name for name in (SPEECH, WORDS, CLIP)}
        configs = {name: _config(part) for name, part in parts.items()}
        self.config = {"wav2vec2": configs[SPEECH], "bert": configs[WORDS], "clip": configs[CLIP]}
        self.state = authors.current_state(
            _prefixed("audio_content_encoder.", parts[SPEECH])
            | _prefixed("text_encoder.", parts[WORDS])
            | _prefixed("clip_encoder.", parts[CLIP])
        )
        self._speech: SpeechFeatures = self._filled(
            SpeechFeatures(configs[SPEECH]), "audio_content_encoder.", parts[SPEECH]
        )
        self._words = self._filled(word_encoder(configs[WORDS]), "text_encoder.", parts[WORDS])
        self._clip: ClipEncoder = self._filled(
            ClipEncoder(configs[CLIP]), "clip_encoder.", parts[CLIP]
        )
        self._voice = VoiceFeatures(folder / VOICE, device)
        self._tokens = _tokenizer(parts[WORDS])

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
            "audio_cont": ("audio_content_encoder.",),
            "audio_semantic": ("audio_content_encoder.", "text_encoder."),
            "clip_emotion": ("audio_content_encoder.", "clip_encoder."),
        }[stem]
        return {key: value for key, value in self.state.items() if key.startswith(taken)}

    def _tensor(self, samples: FloatArray) -> Tensor:
        return torch.from_numpy(np.asarray(samples, np.float32)).to(self._device).unsqueeze(0)

    def _ids(self, sentence: str) -> list[int]:
        answer = self._tokens(sentence, truncation=True, max_length=_LONGEST_TOKENS)
        return list(answer["input_ids"])


def _array(features: Tensor) -> FloatArray:
    result: FloatArray = features[0].float().cpu().numpy()
    return result


def _config(folder: Path) -> Mapping[str, Any]:
    config = authors.read_config(folder)
    if not config:
        raise CheckpointError(
            f"{folder / 'config.json'} is missing: bring the pretrained parts with  "
            "medtalk-live models fetch, or copy the folder from its hub"
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


def _tokenizer(folder: Path) -> Any:
    vocabulary = folder / "vocab.txt"
    if not vocabulary.is_file():
        raise CheckpointError(f"{vocabulary} is missing: copy it from the hub, beside the weights")
    try:
        from transformers import BertTokenizer
    except ImportError as error:
        raise MissingExtraError("transformers", "official", "the official model") from error
    return BertTokenizer(str(vocabulary))

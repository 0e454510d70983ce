"""Words as MEDTalk reads them: Whisper hears them, RoBERTa turns them into features.

``WordFeatures`` is transformers' BERT, sizes from the file. ``PUBLISHED_IDS``
is what the authors' tokenizer call gave for every clip ([CLS] [UNK] [SEP]);
``Transcriber`` and a tokenizer give real words instead. A worker's thread:
both take longer than a frame. Source: MEDTalk, section 3.4.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from medtalk_live.errors import CheckpointError, MissingExtraError
from medtalk_live.rig.controls import FloatArray

PUBLISHED_IDS = (101, 100, 102)
TEXT_BRANCHES = ("published", "transcript")


def word_encoder(config: Mapping[str, Any]) -> nn.Module:
    """BERT of transformers, untrained.

    Args:
        config: Of ``transformers.BertConfig``.

    Raises:
        MissingExtraError: transformers is not installed.
    """
    try:
        from transformers import BertConfig, BertModel
    except ImportError as error:
        raise MissingExtraError("transformers", "official", "the official model") from error
    network: nn.Module = BertModel(BertConfig(**config))
    return network


def word_features(encoder: nn.Module, ids: Tensor) -> Tensor:
    """Features (B, L, F) of token ids (B, L); every token is attended to."""
    features: Tensor = encoder(input_ids=ids, attention_mask=torch.ones_like(ids)).last_hidden_state
    return features


class Words:
    """Sound to token ids, by the words that were said.

    Args:
        tokenizer: Folder with RoBERTa's ``vocab.txt``.
        whisper: Whisper's weights (a ``.pt`` file) or the name of a size.
        language: Of the speech, None to let Whisper tell.

    Raises:
        CheckpointError: a file is missing.
        MissingExtraError: openai-whisper or transformers is not installed.
    """

    def __init__(
        self, tokenizer: Path, whisper: Path | str = "base", language: str | None = "zh"
    ) -> None:
        try:
            import whisper as library
            from transformers import BertTokenizer
        except ImportError as error:
            raise MissingExtraError(str(error.name), "official", "reading words") from error
        vocabulary = tokenizer / "vocab.txt"
        if not vocabulary.is_file():
            raise CheckpointError(
                f"{vocabulary} is missing: put the vocabulary of hfl/chinese-roberta-wwm-ext "
                "there, or use  --text-branch published"
            )
        self._tokenizer = BertTokenizer(str(vocabulary))
        self._whisper = library.load_model(str(whisper), device="cpu")
        self._language = language

    def transcript(self, samples: FloatArray) -> str:
        """What is said in 16 kHz mono sound, shape (n,)."""
        heard = self._whisper.transcribe(samples, language=self._language, fp16=False)
        return str(heard["text"]).strip()

    def ids(self, sentence: str) -> tuple[int, ...]:
        """Token ids of a sentence, with [CLS] and [SEP]."""
        return tuple(self._tokenizer(sentence, truncation=True, max_length=512)["input_ids"])

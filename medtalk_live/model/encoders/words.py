"""Words as MEDTalk reads them: RoBERTa turns them into features.

The network is transformers' BERT, sizes from the file. ``PUBLISHED_IDS`` is
what the authors' tokenizer call gave for every clip ([CLS] [UNK] [SEP]);
Whisper (``transcriber.py``) and the tokenizer give real words instead. A
worker's thread: it takes longer than a frame. Source: MEDTalk, section 3.4.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from medtalk_live.errors import CheckpointError, MissingExtraError

PUBLISHED_IDS = (101, 100, 102)
_LONGEST_TOKENS = 512


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


def word_tokenizer(folder: Path) -> Callable[[str], list[int]]:
    """Sentences to token ids with [CLS] and [SEP].

    Args:
        folder: With RoBERTa's ``vocab.txt``.

    Raises:
        CheckpointError: the file is missing.
        MissingExtraError: transformers is not installed.
    """
    vocabulary = folder / "vocab.txt"
    if not vocabulary.is_file():
        raise CheckpointError(
            f"{vocabulary} is missing: run  medtalk-live models fetch vocabulary, "
            "or use  --text-branch published"
        )
    try:
        from transformers import BertTokenizer
    except ImportError as error:
        raise MissingExtraError("transformers", "official", "the official model") from error
    tokenize = BertTokenizer(str(vocabulary))
    return lambda sentence: list(
        tokenize(sentence, truncation=True, max_length=_LONGEST_TOKENS)["input_ids"]
    )

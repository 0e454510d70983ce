"""What Whisper hears: the inner layers of its encoder, and the words.

The phone teacher (``teacher.py``) learns phones from encoder layers 4 and 6
at 50 frames a second; frame k is centred at k / 50 s (the mel and both
convolutions are centred). Windows are cut to the length of the sound plus a
second of silence instead of Whisper's 30 s: the same features to a cosine of
.99 at a fraction of the work. Offline only; torch and transformers.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medtalk_live.errors import MissingExtraError
from medtalk_live.training.utterance import SAMPLE_RATE_HZ, Samples
from medtalk_live.training.whisper_weights import load_whisper_base

FEATURE_RATE_HZ = 50
FEATURE_WIDTH = 1024  # layers 4 and 6, 512 each
_SAMPLES_A_FRAME = SAMPLE_RATE_HZ // FEATURE_RATE_HZ
_WINDOW_FRAMES = 1000
_CONTEXT_FRAMES = 100
_TRAILING_FRAMES = 50
_MAX_FRAMES = 1500

_START, _END, _TRANSCRIBE, _NO_TIMES = 50258, 50257, 50359, 50363
# the order of Whisper's language tokens, from 50259 on, as far as we need it
_LANGUAGES = (
    *("en", "zh", "de", "es", "ru", "ko", "fr", "ja"),
    *("pt", "tr", "pl", "ca", "nl", "ar", "sv", "it"),
)
_MAX_TOKENS = 220


@dataclass(frozen=True)
class Whisper:
    """Whisper base, ready to listen.

    Attributes:
        model: ``WhisperForConditionalGeneration`` in eval mode.
        mel: Its feature extractor.
        tokens: Its tokenizer.
    """

    model: Any
    mel: Any
    tokens: Any


def open_whisper(folder: Path) -> Whisper:
    """Load from the folder that ``whisper_weights.join_parts`` filled.

    Raises:
        MissingExtraError: ``transformers`` is not installed.
        TrainingError: The weights are missing parts.
    """
    try:
        from tokenizers import Tokenizer
        from transformers import WhisperFeatureExtractor
    except ImportError as error:
        raise MissingExtraError("transformers", "train", "the phone teacher") from error
    make_mel: Any = WhisperFeatureExtractor  # transformers leaves it untyped
    return Whisper(
        model=load_whisper_base(folder / "model.bin"),
        mel=make_mel(),
        tokens=Tokenizer.from_file(str(folder / "tokenizer.json")),
    )


def hidden_states(whisper: Whisper, samples: Samples) -> NDArray[np.float16]:
    """Compute encoder layers 4 and 6 (the last after its norm).

    Long recordings go through in windows of 20 s with 2 s of context.

    Args:
        whisper: From ``open_whisper``.
        samples: 16 kHz mono float32, shape (T_samples,).

    Returns:
        Shape (T_frames, 1024), 50 Hz, frame k centred at k / 50 s;
        T_frames = ceil(T_samples / 320).
    """
    total = -(-len(samples) // _SAMPLES_A_FRAME)
    if total <= _WINDOW_FRAMES + 2 * _CONTEXT_FRAMES:
        return _window_states(whisper, samples, total)
    pieces = []
    for start in range(0, total, _WINDOW_FRAMES):
        stop = min(start + _WINDOW_FRAMES, total)
        first, last = max(start - _CONTEXT_FRAMES, 0), min(stop + _CONTEXT_FRAMES, total)
        window = samples[first * _SAMPLES_A_FRAME : last * _SAMPLES_A_FRAME]
        states = _window_states(whisper, window, last - first)
        pieces.append(states[start - first : stop - first])
    return np.concatenate(pieces)


def _window_states(whisper: Whisper, samples: Samples, frames: int) -> NDArray[np.float16]:
    import torch
    from torch.nn.functional import gelu

    encoder = whisper.model.model.encoder
    mel = whisper.mel(samples, sampling_rate=SAMPLE_RATE_HZ, return_tensors="pt")
    mel_frames = 2 * min(frames + _TRAILING_FRAMES, _MAX_FRAMES)
    with torch.inference_mode():
        hidden = gelu(encoder.conv1(mel.input_features[:, :, :mel_frames]))
        hidden = gelu(encoder.conv2(hidden)).transpose(1, 2)
        hidden = hidden + encoder.embed_positions.weight[: hidden.shape[1]]
        kept = []
        for index, layer in enumerate(encoder.layers):
            out = layer(hidden, None)
            hidden = out[0] if isinstance(out, tuple) else out
            if index == 3:
                kept.append(hidden)
        kept.append(encoder.layer_norm(hidden))
    joined = torch.cat(kept, dim=-1)[0, :frames]
    return np.asarray(joined.to(torch.float16).numpy())


def transcribe(whisper: Whisper, samples: Samples, language: str | None = None) -> tuple[str, str]:
    """Write down what is said, greedily, for up to 30 s of speech.

    Args:
        whisper: From ``open_whisper``.
        samples: 16 kHz mono float32.
        language: Two letters; None lets Whisper choose.

    Returns:
        The text, and the language it was heard in.
    """
    import torch

    features = whisper.mel(samples, sampling_rate=SAMPLE_RATE_HZ, return_tensors="pt")
    with torch.inference_mode():
        heard = whisper.model.model.encoder(features.input_features)
        if language is None:
            logits = whisper.model(
                encoder_outputs=heard, decoder_input_ids=torch.tensor([[_START]])
            ).logits[0, -1]
            spoken = logits[_START + 1 : _START + 1 + len(_LANGUAGES)]
            language = _LANGUAGES[int(spoken.argmax())]
        start = [_START, _START + 1 + _LANGUAGES.index(language), _TRANSCRIBE, _NO_TIMES]
        words = _greedy(whisper.model, heard, start)
    return whisper.tokens.decode(words).strip(), language


def _greedy(model: Any, heard: Any, start: list[int]) -> list[int]:
    """Most likely token after token until the end of the text."""
    import torch

    ids, past = torch.tensor([start]), None
    words: list[int] = []
    while len(words) < _MAX_TOKENS:
        out = model(
            encoder_outputs=heard, decoder_input_ids=ids, past_key_values=past, use_cache=True
        )
        best = int(out.logits[0, -1, :_START].argmax())
        if best == _END:
            break
        words.append(best)
        ids, past = torch.tensor([[best]]), out.past_key_values
    return words

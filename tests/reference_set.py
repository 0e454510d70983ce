"""A reference folder of other sizes, computed by the libraries and plain formulas alone.

Nothing of the package computes here: transformers' whole networks, torch's
attention and the paper's equations written out, so that what ``models verify``
says about the folder is one implementation against another.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import official_files
import torch
from scipy.signal import savgol_filter
from torch import Tensor
from torch.nn import functional

State = dict[str, Tensor]
_STRONG = [*range(29, 33), *range(98, 102), 36, 105, 43, 112, 53, 122]
_LABEL = 3


def write(folder: Path, samples: int = 21_000) -> Path:
    """The four files, ``config.json``, ``io.npz`` and ``losses.json``."""
    states, parts = official_files.states(), official_files.libraries()
    official_files.write(folder, states)
    inputs = _inputs(samples)
    with torch.inference_mode():
        outputs, losses = _computed(states, parts, inputs)
    arrays = {name: value.numpy() for name, value in (inputs | outputs).items()}
    smooth = savgol_filter(arrays[f"label{_LABEL}"], 5, 2, axis=0, mode="nearest")
    np.savez(folder / "io.npz", **arrays, label3_smooth=smooth.astype(np.float32))
    (folder / "losses.json").write_text(json.dumps(losses), encoding="utf-8")
    return folder


def _inputs(samples: int) -> State:
    torch.manual_seed(11)
    frames = samples * 60 // 16_000
    sound = torch.randn(samples) * torch.linspace(0, 20, samples).sin()
    faces = {f"train_x{which}": torch.rand(31, 174) for which in ("11", "12", "21", "22")}
    return {
        "audio": (sound - sound.mean()) / torch.sqrt(sound.var(correction=0) + 1e-7),
        "emotion2vec": torch.randn(samples // 320 - 1, 32),
        "text_ids": torch.randint(3, 150, (7,)),
        "clip_text_ids": torch.tensor([[49406, 320, 1125, 539, 49407]]),
        "clip_pixels": torch.randn(1, 3, 48, 48),
        **faces,
        "train_label": torch.rand(frames, 174),
    }


def _maps(state: State, name: str, x: Tensor) -> Tensor:
    hidden = functional.linear(x, state[f"{name}.fc1.weight"], state[f"{name}.fc1.bias"]).relu()
    return functional.linear(hidden, state[f"{name}.fc2.weight"], state[f"{name}.fc2.bias"])


def _decoded(state: State, emotion: Tensor, content: Tensor) -> Tensor:
    return _maps(state, "decoder", torch.cat((emotion, content), -1))


def _spread(x: Tensor, frames: int) -> Tensor:
    """(S, F) to (T, F), ends on ends."""
    return functional.interpolate(x.T[None], size=frames, mode="linear", align_corners=True)[0].T


def _spoken(state: State, speech: Any, sound: Tensor, frames: int) -> Tensor:
    heard = _spread(speech.feature_extractor(sound[None])[0].T, frames)
    projected, _ = speech.feature_projection(heard[None])
    before: list[Tensor] = []  # of the first transformer layer: hidden state 0
    hook = speech.encoder.layers[0].register_forward_pre_hook(lambda _, x: before.append(x[0]))
    speech.encoder(projected)
    hook.remove()
    return _maps(state, "audio_content_map", before[0][0])


def _fusion(state: State, voice: Tensor, words: Tensor) -> Tensor:
    def part(name: str) -> State:
        at = f"fusion_predictor.{name}."
        return {k.removeprefix(at): v for k, v in state.items() if k.startswith(at)}

    attention = torch.nn.MultiheadAttention(voice.shape[1], 8, batch_first=True).eval()
    attention.load_state_dict(part("cross_attn"))
    read, _ = attention(voice[None], words[None], words[None])
    query = functional.layer_norm(voice + read[0], voice.shape[1:], **part("norm1"))
    linear = functional.linear(query, *part("linear").values())
    fused = functional.layer_norm(query + linear, voice.shape[1:], **part("norm2"))
    return functional.linear(fused, *part("predictor").values())


def _modulated(state: State, f: Tensor, intensity: Tensor) -> Tensor:
    return _maps(state, "semantic_emotion_map", f * intensity / (f.norm() + 1e-8))


def _strength(controls: Tensor) -> Tensor:
    return controls[:, _STRONG].abs().sum(1) / 10


def _cosine_loss(a: Tensor, b: Tensor) -> Tensor:
    return 1 - (a * b).sum() / (a.norm() * b.norm())


def _recovered(state: State, controls: Tensor, target: Tensor, one: Tensor, other: Tensor) -> Any:
    recon, sim = functional.mse_loss(controls, target), _cosine_loss(one, other)
    return {"recon": recon, "sim": sim, "total": recon + 0.1 * sim}


def _computed(states: dict[str, State], parts: Any, given: State) -> tuple[State, dict[str, Any]]:
    target, frames = given["train_label"], len(given["train_label"])
    face, acm, fim, clip = (states[stem] for stem in official_files.STEMS)
    spoken = {
        stem: _spoken(states[stem], parts.speech, given["audio"], frames)
        for stem in official_files.STEMS[1:]
    }
    voice = _spread(given["emotion2vec"], frames)
    words = parts.words(input_ids=given["text_ids"][None]).last_hidden_state[0]
    intensity = _fusion(fim, voice, words)
    outputs, emotions = {}, []
    for index in range(7):
        f = fim["emotion_embedding.0.weight"][index]
        f = functional.linear(f, fim["emotion_embedding.1.weight"], fim["emotion_embedding.1.bias"])
        f = functional.leaky_relu(f, 0.2)
        f = functional.linear(f, fim["emotion_embedding.3.weight"], fim["emotion_embedding.3.bias"])
        emotions.append(_modulated(fim, f, intensity))
        outputs[f"label{index}"] = _decoded(fim, emotions[-1], spoken["audio_semantic"])
    guided = _maps(clip, "fusion_predictor", voice)
    prompts = []
    for name, feature in (
        ("text", parts.pictures.get_text_features(input_ids=given["clip_text_ids"])),
        ("image", parts.pictures.get_image_features(pixel_values=given["clip_pixels"])),
    ):
        feature = getattr(feature, "pooler_output", feature)[0]
        prompts.append(_modulated(clip, _maps(clip, f"clip_{name}_map", feature), guided))
        outputs[name] = _decoded(clip, prompts[-1], spoken["clip_emotion"])
    losses = _face_losses(face, given)
    losses["acm"] = _recovered(
        acm,
        _decoded(acm, _maps(acm, "emo_encoder", target), spoken["audio_cont"]),
        target,
        _maps(acm, "cont_encoder", target),
        spoken["audio_cont"],
    )
    smiled = outputs[f"label{_LABEL}"]
    wanted = _maps(fim, "emo_encoder", target)
    losses["fim"] = _recovered(fim, smiled, target, wanted, emotions[_LABEL])
    losses["fim"]["intensity"] = functional.mse_loss(_strength(smiled), _strength(target))
    losses["fim"]["total"] = losses["fim"]["total"] + 0.1 * losses["fim"]["intensity"]
    wanted = _maps(clip, "emo_encoder", target)
    each = [
        _recovered(clip, outputs[name], target, wanted, emotion)
        for name, emotion in zip(("text", "image"), prompts, strict=True)
    ]
    losses["clip"] = {name: each[0][name] + each[1][name] for name in each[0]}
    losses["pseudo_intensity_first5"] = _strength(target)[:5]
    return outputs, _plain(losses)


def _face_losses(state: State, given: State) -> dict[str, Any]:
    x11, x12, x21, x22 = (given[f"train_x{which}"] for which in ("11", "12", "21", "22"))

    def apart(x: Tensor) -> tuple[Tensor, Tensor]:
        return _maps(state, "emo_encoder", x), _maps(state, "cont_encoder", x)

    def swap(a: Tensor, b: Tensor, mixed: Tensor, other: Tensor) -> Tensor:
        (e1, c1), (e2, c2) = apart(a), apart(b)
        pairs = ((e1, c1, a), (e1, c2, mixed), (e2, c1, other), (e2, c2, b))
        return torch.stack([functional.mse_loss(_decoded(state, e, c), x) for e, c, x in pairs])

    (e1, c1), (e2, c2) = apart(x11), apart(x22)
    one, other = apart(_decoded(state, e1, c2)), apart(_decoded(state, e2, c1))
    cycle = torch.stack(
        [
            functional.mse_loss(_decoded(state, one[0], other[1]), x11),
            functional.mse_loss(_decoded(state, other[0], one[1]), x22),
        ]
    )
    return {
        "self": functional.mse_loss(_decoded(state, *apart(x11)), x11),
        "cross_terms": swap(x11, x22, x12, x21),
        "cross_total": swap(x11, x22, x12, x21).sum(),
        "overlap_content_total": swap(x11, x21, x11, x21).sum(),
        "overlap_emotion_total": swap(x11, x12, x12, x11).sum(),
        "cycle_terms": cycle,
        "cycle_total": cycle.sum(),
    }


def _plain(value: Any) -> Any:
    return {k: _plain(v) for k, v in value.items()} if isinstance(value, dict) else value.tolist()

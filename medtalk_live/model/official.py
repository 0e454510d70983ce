"""MEDTalk as published, live: the engine's view of an imported checkpoint.

Content comes from a sliding window, intensity from a worker beside it. A
guidance embedding holds three parts, each with its share, so that a label, a
prompt and a face read off a photo cross-fade: f_label, f_text or f_image, and
an emotion embedding. Engine thread, but ``embed_*``: any. Source: MEDTalk,
sections 3.3 to 3.5.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from medtalk_live.clock import SAMPLE_RATE
from medtalk_live.errors import CheckpointError
from medtalk_live.model import authors
from medtalk_live.model.dynamics import Dynamics, DynamicsState, Measure, Strengths
from medtalk_live.model.encoders.emotion2vec import VoiceFeatures
from medtalk_live.model.encoders.words import PUBLISHED_IDS
from medtalk_live.model.live_content import ContentState, ContentWindow, Mode
from medtalk_live.model.medtalk import LabelNetwork, PromptNetwork
from medtalk_live.model.streaming import LABELS, GuidanceCode, NetworkFrame
from medtalk_live.rig.controls import FloatArray

if TYPE_CHECKING:
    from PIL.Image import Image

DEFAULT_LOOK_AHEAD_MS = 150
PRETRAINED = "emotion2vec_base"
"""Folder of emotion2vec, inside the model folder or beside it."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class OfficialState:
    """What a stream remembers: its sound, and the intensity on its way."""

    content: ContentState
    dynamics: DynamicsState


class OfficialModel:
    """Fulfils ``FaceModel``.

    Args:
        label: ``audio_semantic``; it also gives the content and decodes.
        prompt: ``clip_emotion``.
        version: Of the checkpoint.
        look_ahead_ms: Sound that a frame waits for.
        measure: See ``Dynamics``.
        mode: Of the content window.
        device: ``cpu`` or ``cuda``.
    """

    name = "official"
    hop_frames = 3
    finish = "limits"

    def __init__(
        self,
        label: LabelNetwork,
        prompt: PromptNetwork,
        *,
        version: str,
        look_ahead_ms: int = DEFAULT_LOOK_AHEAD_MS,
        measure: Measure | None = None,
        mode: Mode = "fast",
        device: str = "cpu",
    ) -> None:
        self.version = version
        self.look_ahead_samples = look_ahead_ms * SAMPLE_RATE // 1000
        self._device = torch.device(device)
        self._label, self._prompt = label.to(self._device), prompt.to(self._device)
        self._content = ContentWindow(self._label, hop_frames=self.hop_frames, mode=mode)
        self.dynamics = Dynamics(measure)
        self._latent = int(label.decoder.fc1.in_features) // 2
        with torch.inference_mode():
            table = label.emotion_embedding(torch.arange(len(LABELS), device=self._device))
            self._table = _unit(table).cpu().numpy()
            self._rest = self._label.emotion(self._label.emo_encoder.fc1.weight.new_zeros(174))

    def init_state(self) -> OfficialState:
        """A stream that has heard nothing."""
        return OfficialState(self._content.init_state(), self.dynamics.init_state())

    @torch.inference_mode()
    def step(
        self, samples: FloatArray, state: OfficialState, guidance: tuple[GuidanceCode, ...]
    ) -> tuple[list[NetworkFrame], OfficialState]:
        """One hop of sound in, its frames out; see ``FaceModel.step``."""
        sound = torch.from_numpy(np.ascontiguousarray(samples, np.float32)).to(self._device)
        content, heard = self._content.step(sound, state.content)
        strengths, dynamics = self.dynamics.step(
            lambda: heard.samples.cpu().numpy(), self.hop_frames, state.dynamics
        )
        emotion = self._emotion(guidance, strengths)
        controls = self._label.decode(emotion, content).cpu().numpy()
        unknown = float("nan")
        frames = [
            NetworkFrame(row, unknown, unknown, unknown, strength[0])
            for row, strength in zip(controls, strengths, strict=True)
        ]
        return frames, OfficialState(heard, dynamics)

    def embed_labels(self, weights: Mapping[str, float]) -> FloatArray:
        """Guidance of a mix of labels; what is missing to 1 is filled with neutral."""
        shares = np.zeros(len(LABELS), np.float32)
        for label, weight in weights.items():
            shares[LABELS.index(label)] += weight
        shares[LABELS.index("neutral")] += max(0.0, 1.0 - float(shares.sum()))
        return self._joined(0, torch.from_numpy(shares @ self._table))

    @torch.inference_mode()
    def embed_text(self, words: str) -> FloatArray:
        """Guidance of a description, through CLIP and P_text."""
        ids = self._prompt.clip_encoder.tokens(words).to(self._device)
        return self._joined(1, _unit(self._prompt.text_guidance(ids)[0]))

    @torch.inference_mode()
    def embed_image(self, picture: Image) -> FloatArray:
        """Guidance of a reference picture, through CLIP and P_image."""
        pixels = self._prompt.clip_encoder.pixels(picture).to(self._device)
        return self._joined(1, _unit(self._prompt.image_guidance(pixels)[0]))

    @torch.inference_mode()
    def embed_expression(self, controls: FloatArray) -> FloatArray:
        """Guidance of an expression (174,), through E_e."""
        face = torch.as_tensor(controls, dtype=torch.float32, device=self._device)
        return self._joined(2, self._label.emotion(face) - self._rest)

    def _joined(self, part: int, embedding: Tensor) -> FloatArray:
        code = np.zeros(3 * self._latent + 3, np.float32)
        code[part * self._latent : (part + 1) * self._latent] = embedding.cpu().numpy()
        code[3 * self._latent + part] = 1.0
        return code

    def _emotion(self, guidance: tuple[GuidanceCode, ...], strengths: list[Strengths]) -> Tensor:
        """Emotion embeddings (T, D): each part's own, mixed by their shares."""
        codes = torch.from_numpy(np.stack([code.embedding for code in guidance])).to(self._device)
        asked = torch.tensor([code.intensity for code in guidance], device=self._device)[:, None]
        voice = torch.tensor(strengths, device=self._device)
        D = self._latent
        f_label, f_prompt, face, shares = (
            codes[:, a:b] for a, b in ((0, D), (D, 2 * D), (2 * D, 3 * D), (3 * D, 3 * D + 3))
        )
        parts = (
            self._label.fuse(f_label, asked * voice[:, :1]),
            self._prompt.fuse(f_prompt, asked * voice[:, 1:]),
        )
        mixed = shares[:, :1] * parts[0] + shares[:, 1:2] * parts[1]
        result: Tensor = mixed + shares[:, 2:] * self._rest + asked * face
        return result


def load_official(
    folder: Path, manifest: Mapping[str, Any], look_ahead_ms: int | None, compute: str
) -> OfficialModel:
    """An imported model folder, ready to run.

    Raises:
        CheckpointError: a file is missing, damaged, or that look-ahead is not offered.
        MissingExtraError: a library of the official model is not installed.
    """
    offered = tuple(manifest["look_aheads_ms"])
    look_ahead = max(offered) if look_ahead_ms is None else look_ahead_ms
    if look_ahead not in offered:
        raise CheckpointError(
            f"a look-ahead of {look_ahead} ms was asked for; "
            f"{folder.name} offers {', '.join(map(str, offered))} ms"
        )
    device = _device(compute)
    label = authors.load(folder, "audio_semantic", manifest["config"]).network
    prompt = authors.load(folder, "clip_emotion", manifest["config"]).network
    return OfficialModel(
        label,
        prompt,
        version=str(manifest["version"]),
        look_ahead_ms=look_ahead,
        measure=_measure(folder, label, prompt, device),
        mode=manifest.get("window_mode", "fast"),
        device=device,
    )


def _device(compute: str) -> str:
    available = torch.cuda.is_available()
    if compute == "cuda" and not available:
        raise CheckpointError(
            "--compute cuda was asked for, but torch finds no CUDA device: "
            "use --compute auto, or install torch with CUDA and the card's driver"
        )
    return "cuda" if available and compute != "cpu" else "cpu"


def _measure(
    folder: Path, label: LabelNetwork, prompt: PromptNetwork, device: str
) -> Measure | None:
    """Sound to intensities by emotion2vec and the published words, None without its files."""
    here = [place for place in (folder / PRETRAINED, folder.parent / PRETRAINED) if place.is_dir()]
    if not here:
        _log.warning(
            "emotion2vec is not in %s: the voice does not move the emotion's strength "
            "(medtalk-live models fetch emotion2vec)",
            folder / PRETRAINED,
        )
        return None
    voice = VoiceFeatures(here[0], device)
    ids = torch.tensor([PUBLISHED_IDS], device=device)

    @torch.inference_mode()
    def measure(samples: FloatArray) -> Strengths:
        frames = torch.from_numpy(voice.frames(samples)).to(device)[None]
        count = frames.shape[1]
        newest = slice(-count // 4, None)
        by_label = label.intensity(frames, ids, count)[0, newest].mean()
        by_prompt = prompt.intensity(frames, count)[0, newest].mean()
        return float(by_label), float(by_prompt)

    return measure


def _unit(f: Tensor) -> Tensor:
    result: Tensor = f / (torch.linalg.vector_norm(f, dim=-1, keepdim=True) + 1e-8)
    return result

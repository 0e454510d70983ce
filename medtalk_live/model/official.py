"""MEDTalk as published, live: the engine's view of an imported checkpoint.

Content comes from a sliding window, intensity from workers beside it. A
guidance embedding holds three parts, each with its share, so that a label, a
prompt and a face read off a photo cross-fade: f_label, f_text or f_image, and
an emotion embedding. Labels are spoken by ``audio_semantic``, prompts by
``clip_emotion``. Engine thread, but ``embed_*``: any. Source: MEDTalk,
sections 3.3 to 3.5.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from medtalk_live.clock import SAMPLE_RATE
from medtalk_live.model.dynamics import Dynamics, DynamicsState
from medtalk_live.model.live_content import ContentState
from medtalk_live.model.medtalk import EmotionNetwork, LabelNetwork, PromptNetwork
from medtalk_live.model.speaker import Speaker, SpeakerMode, speak_alike, to_card
from medtalk_live.model.streaming import LABELS, GuidanceCode, NetworkFrame
from medtalk_live.rig.controls import FloatArray

if TYPE_CHECKING:
    from PIL.Image import Image

DEFAULT_LOOK_AHEAD_MS = 150
_NO_SHARE = 1e-6


@dataclass(frozen=True, slots=True)
class OfficialState:
    """What a stream remembers.

    Attributes:
        content: Of each speaker.
        dynamics: The intensity on its way.
    """

    content: tuple[ContentState, ...]
    dynamics: DynamicsState


class OfficialModel:
    """Fulfils ``FaceModel``.

    Args:
        label: ``audio_semantic``.
        prompt: ``clip_emotion``.
        version: Of the checkpoint.
        look_ahead_ms: Sound that a frame waits for.
        dynamics: Intensities; 1 without.
        mode: Of the content window on a CPU; see ``Speaker``.
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
        dynamics: Dynamics | None = None,
        mode: SpeakerMode = "fast",
        device: str = "cpu",
    ) -> None:
        self.version = version
        self.look_ahead_samples = look_ahead_ms * SAMPLE_RATE // 1000
        self.dynamics = dynamics or Dynamics()
        self._device = torch.device(device)
        self._label, self._prompt = label, prompt
        for network in (label, prompt):
            to_card(network, self._device)
        self._latent = int(label.decoder.fc1.in_features) // 2
        with torch.inference_mode():
            table = label.emotion_embedding(torch.arange(len(LABELS), device=self._device))
            self._table = _unit(table).cpu().numpy()
            self._rest = label.emotion(label.emo_encoder.fc1.weight.new_zeros(174))
        networks: tuple[EmotionNetwork, ...] = (label, prompt)
        self._alike = speak_alike(label, prompt)
        self._speakers = [
            Speaker(
                network,
                partial(self._emotion, which),
                code_width=3 * self._latent + 3,
                hop_frames=self.hop_frames,
                mode=mode,
            )
            for which, network in enumerate(networks[:1] if self._alike else networks)
        ]

    def init_state(self) -> OfficialState:
        """A stream that has heard nothing."""
        contents = tuple(speaker.init_state() for speaker in self._speakers)
        return OfficialState(contents, self.dynamics.init_state())

    @torch.inference_mode()
    def step(
        self, samples: FloatArray, state: OfficialState, guidance: tuple[GuidanceCode, ...]
    ) -> tuple[list[NetworkFrame], OfficialState]:
        """One hop of sound in, its frames out; see ``FaceModel.step``."""
        strengths, dynamics = self.dynamics.step(
            samples, [code.dynamics for code in guidance], state.dynamics
        )
        sound = torch.from_numpy(np.ascontiguousarray(samples, np.float32))
        codes = torch.from_numpy(np.stack([code.embedding for code in guidance]))
        asked = torch.tensor([[code.intensity] for code in guidance])
        controls = torch.zeros(self.hop_frames, 1)
        contents = []
        each = zip(self._speakers, state.content, self._shares(codes), strict=True)
        for speaker, content, share in each:
            if share.any():
                voice = torch.tensor(strengths)
                said, heard = speaker.step(sound, content, codes, asked, voice)
                controls = controls + share * said
            else:
                heard = speaker.listened(sound, content)
            contents.append(heard)
        unknown = float("nan")
        frames = [
            NetworkFrame(row, unknown, unknown, unknown, strength[0])
            for row, strength in zip(controls.numpy(), strengths, strict=True)
        ]
        return frames, OfficialState(tuple(contents), dynamics)

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
        clip = self._prompt.clip_encoder
        feature = clip.text(clip.tokens(words)).to(self._device)
        return self._joined(1, _unit(self._prompt.clip_text_map(feature)[0]))

    @torch.inference_mode()
    def embed_image(self, picture: Image) -> FloatArray:
        """Guidance of a reference picture, through CLIP and P_image."""
        clip = self._prompt.clip_encoder
        feature = clip.image(clip.pixels(picture)).to(self._device)
        return self._joined(1, _unit(self._prompt.clip_image_map(feature)[0]))

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

    def _shares(self, codes: Tensor) -> list[Tensor]:
        """How much of each frame (T, 1) each speaker says."""
        shares = codes[:, 3 * self._latent :]
        if self._alike:
            return [torch.ones_like(shares[:, :1])]
        return [shares[:, :1] + shares[:, 2:], shares[:, 1:2]]

    def _emotion(self, which: int, codes: Tensor, asked: Tensor, voice: Tensor) -> Tensor:
        """What a speaker feels (T, D): the parts that it is asked for, by their shares."""
        D = self._latent
        f_label, f_prompt, face, shares = (
            codes[:, a:b] for a, b in ((0, D), (D, 2 * D), (2 * D, 3 * D), (3 * D, 3 * D + 3))
        )
        of_label, of_prompt, of_face = shares[:, :1], shares[:, 1:2], shares[:, 2:]
        labelled = of_label * self._label.fuse(f_label, asked * voice[:, :1])
        labelled = labelled + of_face * self._rest + asked * face
        prompted = of_prompt * self._prompt.fuse(f_prompt, asked * voice[:, 1:])
        if self._alike:
            return labelled + prompted
        if which == 0:
            return labelled / (of_label + of_face).clamp(min=_NO_SHARE)
        return prompted / of_prompt.clamp(min=_NO_SHARE)


def _unit(f: Tensor) -> Tensor:
    result: Tensor = f / (torch.linalg.vector_norm(f, dim=-1, keepdim=True) + 1e-8)
    return result

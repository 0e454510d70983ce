"""Everything that the four stages learn, without the pretrained parts that stay frozen.

Those are run once a clip (``features.py``); what is left are MEDTalk's own
small networks, under the names of the authors' files. ``states`` gives each
file its share; the pretrained parts join it on export. Trainer's thread.
Source: MEDTalk, sections 3.2 to 3.5.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from medtalk_live.model.disentangle import Disentangler, Mapping
from medtalk_live.model.guidance import LabelEmbedding, modulate
from medtalk_live.model.intensity import CrossModalFusion
from medtalk_live.model.streaming import EMBEDDING_WIDTH
from medtalk_live.rig.controls import COUNT

FACE = ("emo_encoder.", "cont_encoder.", "decoder.")


@dataclass(frozen=True, slots=True)
class Widths:
    """Sizes of the networks.

    Attributes:
        speech: Features a frame of the speech encoder.
        voice: Features a frame of the voice's emotion, and of each word.
        prompt: Features of a description or a picture.
        latent: D, also the width of every hidden layer.
        heads: Of the cross-modality fusion.
    """

    speech: int
    voice: int
    prompt: int
    latent: int = EMBEDDING_WIDTH
    heads: int = 8


class Guided(nn.Module):
    """What label and prompt guidance have in common: E_fuse after equation 9."""

    def __init__(self, widths: Widths) -> None:
        super().__init__()
        self.semantic_emotion_map = Mapping(widths.latent, widths.latent, widths.latent)

    def fuse(self, guidance: Tensor, intensity: Tensor) -> Tensor:
        """Emotion embedding (B, T, D) of f (B, D) at intensities (B, T, 1)."""
        modulated = modulate(guidance.unsqueeze(1), intensity)
        return self.semantic_emotion_map(modulated)  # type: ignore[no-any-return]


class ByLabel(Guided):
    """CMF, f_label and E_fuse: stage 3."""

    def __init__(self, widths: Widths) -> None:
        super().__init__(widths)
        self.fusion_predictor = CrossModalFusion(widths.voice, widths.heads)
        self.emotion_embedding = LabelEmbedding(widths.latent)


class ByPrompt(Guided):
    """P_text, P_image and E_fuse: stage 4; its intensity stays as it begins."""

    def __init__(self, widths: Widths) -> None:
        super().__init__(widths)
        self.fusion_predictor = Mapping(widths.voice, 1, widths.latent)
        self.clip_text_map = Mapping(widths.prompt, widths.latent, widths.latent)
        self.clip_image_map = Mapping(widths.prompt, widths.latent, widths.latent)


class Learner(Disentangler):
    """E_e, E_c, D, the audio content mapping and both ways of guidance.

    Args:
        widths: Of all networks.
    """

    def __init__(self, widths: Widths) -> None:
        super().__init__(COUNT, widths.latent, widths.latent)
        self.audio_content_map = Mapping(widths.speech, widths.latent, widths.latent)
        self.by_label = ByLabel(widths)
        self.by_prompt = ByPrompt(widths)

    def part(self, *names: str) -> list[nn.Parameter]:
        """The parameters whose names begin with one of ``names``."""
        return [p for name, p in self.named_parameters() if name.startswith(names)]

    def states(self) -> dict[str, dict[str, Tensor]]:
        """The learned tensors of each file, by its stem, as the authors name them."""
        state = {key: value.detach().cpu() for key, value in self.state_dict().items()}
        face = {key: value for key, value in state.items() if key.startswith(FACE)}
        content = face | {k: v for k, v in state.items() if k.startswith("audio_content_map.")}
        return {
            "cross_recon": face,
            "audio_cont": content,
            "audio_semantic": content | _below(state, "by_label."),
            "clip_emotion": content | _below(state, "by_prompt."),
        }


def _below(state: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {k.removeprefix(prefix): v for k, v in state.items() if k.startswith(prefix)}


def fresh(widths: Widths, seed: int) -> Learner:
    """A seeded, untrained learner."""
    torch.manual_seed(seed)
    return Learner(widths)

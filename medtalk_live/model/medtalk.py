"""MEDTalk as published: the three networks that its checkpoint files hold.

``ContentNetwork`` (audio_cont.pth) speaks; ``LabelNetwork``
(audio_semantic.pth) adds emotion from a label at the intensity of voice and
words; ``PromptNetwork`` (clip_emotion.pth) adds it from a text or an image.
Torch modules without state, key names of the authors' files; any thread.
Source: MEDTalk, sections 3.2 to 3.5.
"""

from __future__ import annotations

import torch
from torch import Tensor

from medtalk_live.model.content import ContentNetwork
from medtalk_live.model.disentangle import Disentangler, Mapping
from medtalk_live.model.encoders.clip import ClipEncoder
from medtalk_live.model.encoders.wav2vec2 import at_frames
from medtalk_live.model.encoders.words import word_encoder, word_features
from medtalk_live.model.guidance import LabelEmbedding, modulate
from medtalk_live.model.intensity import CrossModalFusion
from medtalk_live.model.sizes import Sizes


class FaceNetwork(Disentangler):
    """``cross_recon.pth``: E_e, E_c and D alone."""

    def __init__(self, sizes: Sizes) -> None:
        super().__init__(sizes.controls, sizes.latent, sizes.hidden)


class EmotionNetwork(ContentNetwork):
    """What label and prompt guidance share: f at an intensity -> E_fuse -> face."""

    def __init__(self, sizes: Sizes) -> None:
        super().__init__(sizes)
        self.semantic_emotion_map = Mapping(sizes.latent, sizes.latent, sizes.fuse_hidden)

    def fuse(self, guidance: Tensor, intensity: Tensor) -> Tensor:
        """Emotion embedding (B, T, D) of f (B, 1, D) at intensities (B, T, 1)."""
        result: Tensor = self.semantic_emotion_map(modulate(guidance, intensity))
        return result


class LabelNetwork(EmotionNetwork):
    """``audio_semantic.pth``: a label, felt as strongly as voice and words are."""

    def __init__(self, sizes: Sizes) -> None:
        super().__init__(sizes)
        self.text_encoder = word_encoder(sizes.bert)
        self.fusion_predictor = CrossModalFusion(sizes.emotion2vec, sizes.heads)
        self.emotion_embedding = LabelEmbedding(sizes.latent, sizes.label_width, sizes.label_hidden)

    def intensity(self, voice: Tensor, ids: Tensor, frames: int) -> Tensor:
        """I_t (B, T, 1) of emotion2vec frames (B, S, F) and token ids (B, L)."""
        return self.fused(voice, word_features(self.text_encoder, ids), frames)

    def fused(self, voice: Tensor, words: Tensor, frames: int) -> Tensor:
        """I_t (B, T, 1) of emotion2vec frames (B, S, F) and features of words (B, L, F)."""
        result: Tensor = self.fusion_predictor(at_frames(voice, frames), words)
        return result

    def emotion_of(self, labels: Tensor, intensity: Tensor) -> Tensor:
        """Emotion embedding (B, T, D) of label indices (B,) at I_t (B, T, 1)."""
        return self.fuse(self.emotion_embedding(labels).unsqueeze(1), intensity)


class PromptNetwork(EmotionNetwork):
    """``clip_emotion.pth``: an expression from a description or a picture."""

    def __init__(self, sizes: Sizes) -> None:
        super().__init__(sizes)
        self.fusion_predictor = Mapping(sizes.emotion2vec, 1, sizes.intensity_hidden)
        self.clip_encoder = ClipEncoder(sizes.clip)
        width = self.clip_encoder.width
        self.clip_text_map = Mapping(width, sizes.latent, sizes.prompt_hidden)
        self.clip_image_map = Mapping(width, sizes.latent, sizes.prompt_hidden)

    def intensity(self, voice: Tensor, frames: int) -> Tensor:
        """I_t (B, T, 1) of emotion2vec frames (B, S, F)."""
        result: Tensor = self.fusion_predictor(at_frames(voice, frames))
        return result

    def text_guidance(self, ids: Tensor) -> Tensor:
        """f_text (B, D) of CLIP token ids (B, L)."""
        result: Tensor = self.clip_text_map(self.clip_encoder.text(ids))
        return result

    def image_guidance(self, pixels: Tensor) -> Tensor:
        """f_image (B, D) of normalised pixels (B, 3, H, W)."""
        result: Tensor = self.clip_image_map(self.clip_encoder.image(pixels))
        return result


def label_index(index: int) -> Tensor:
    """One label (1,) as the networks take it."""
    return torch.tensor([index])

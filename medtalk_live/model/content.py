"""ACM: from the sound of a clip to the content embedding, with E_e, E_c and D beside it.

The part that every published file has in common. Pure torch without state;
any thread, blocks for the length of the clip. Key names are the authors'.
Source: MEDTalk, section 3.3.
"""

from __future__ import annotations

from torch import Tensor

from medtalk_live.model.disentangle import Disentangler, Mapping
from medtalk_live.model.encoders.wav2vec2 import SpeechFeatures
from medtalk_live.model.sizes import Sizes


class ContentNetwork(Disentangler):
    """``audio_cont.pth``: the disentangled face and the audio content mapping.

    Args:
        sizes: Of every layer.
    """

    def __init__(self, sizes: Sizes) -> None:
        super().__init__(sizes.controls, sizes.latent, sizes.hidden)
        self.audio_content_encoder = SpeechFeatures(sizes.wav2vec2)
        self.audio_content_map = Mapping(
            self.audio_content_encoder.width, sizes.latent, sizes.content_hidden
        )

    def spoken_content(self, samples: Tensor, frames: int) -> Tensor:
        """Content embedding (B, T, D) of normalised sound (B, n)."""
        result: Tensor = self.audio_content_map(self.audio_content_encoder(samples, frames))
        return result

"""FIM's intensity: cross-modality fusion of emotional voice features and words.

Torch modules, names as in the authors' checkpoints; how an intensity then
scales a guidance embedding is ``guidance.modulate``. Pure, any thread.
Source: MEDTalk, section 3.4.
"""

from __future__ import annotations

from torch import Tensor, nn


class CrossModalFusion(nn.Module):
    """CMF: each voice frame looks up the words, and says how strong the feeling is.

    Args:
        width: Features of voice frames and of words.
        heads: Of the attention.
        dropout: In training.
    """

    def __init__(self, width: int, heads: int = 8, dropout: float = 0.1) -> None:
        super().__init__()
        self.cross_attn = nn.MultiheadAttention(width, heads, dropout=dropout, batch_first=True)
        self.norm1 = nn.LayerNorm(width)
        self.norm2 = nn.LayerNorm(width)
        self.linear = nn.Linear(width, width)
        self.dropout = nn.Dropout(dropout)
        self.predictor = nn.Linear(width, 1)

    def forward(self, voice: Tensor, words: Tensor) -> Tensor:
        """Intensity of every frame.

        Args:
            voice: emotion2vec frames (B, T, F).
            words: Text features (B, L, F).

        Returns:
            I_t, (B, T, 1).
        """
        read, _ = self.cross_attn(voice, words, words, need_weights=False)
        query = self.norm1(voice + read)
        fused = self.norm2(query + self.dropout(self.linear(query)))
        intensity: Tensor = self.predictor(fused)
        return intensity

"""The content path live: a sliding window of sound in, content embeddings out.

Frames lie at absolute times of the stream, so a window that moves does not
move them. ``exact`` gives what the whole network gives for the window, minus
all that cannot reach the frames asked for; ``fast`` keeps the features of
sound it has heard, under the group-norm statistics of their own moment.
Engine thread. Source: MEDTalk, section 3.3; facts of the public implementation.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

import torch
from torch import Tensor, nn
from torch.nn import functional

from medtalk_live.clock import NETWORK_FPS, SAMPLE_RATE, frame_count
from medtalk_live.errors import CheckpointError
from medtalk_live.model.content import ContentNetwork

Mode = Literal["exact", "fast"]
_EPSILON = 1e-7
"""Of the normalisation of the sound."""


@dataclass(frozen=True, slots=True)
class ContentState:
    """What a stream remembers.

    Attributes:
        samples: Sound of the window (n,), raw.
        start: Sample of the stream that the window begins at.
        frames: Frames given so far.
        features: Convolution features (S, C) kept by the fast mode.
        next_feature: Number of the first feature that is not among them.
    """

    samples: Tensor
    start: int
    frames: int
    features: Tensor
    next_feature: int


class ContentWindow:
    """ACM over a moving window.

    Args:
        network: With group norm in its first convolution, as wav2vec2-base has.
        window_samples: Sound that the statistics and the network see at most.
        hop_frames: Frames that a step gives.
        mode: ``exact`` or ``fast``.
        clip_samples: Length of the clip where it is known (offline): its
            frames are then spread as the published model spreads them.

    Raises:
        CheckpointError: the network has no group norm.
    """

    def __init__(
        self,
        network: ContentNetwork,
        *,
        window_samples: int = 2 * SAMPLE_RATE,
        hop_frames: int = 3,
        mode: Mode = "exact",
        clip_samples: int | None = None,
    ) -> None:
        speech = network.audio_content_encoder
        if not isinstance(
            getattr(speech.feature_extractor.conv_layers[0], "layer_norm", None), nn.GroupNorm
        ):
            raise CheckpointError(
                "the live window needs a wav2vec2 with group norm, as wav2vec2-base has; "
                "this checkpoint's has layer norm: use it with  models verify  alone"
            )
        self._map = network.audio_content_map
        self._layers: Any = speech.feature_extractor.conv_layers
        self._projection = speech.feature_projection
        self._norm = speech.encoder.layer_norm
        self._window, self._hop, self._mode = window_samples, hop_frames, mode
        self._stride, self._receptive = _geometry(self._layers)
        self._read_position_convolution(speech.encoder.pos_conv_embed)
        self._ratio = self._spread(clip_samples)

    def _read_position_convolution(self, embed: Any) -> None:
        """Its weight once, instead of anew from the weight norm at every step."""
        self._position_weight = embed.conv.weight.detach().clone()
        self._position_bias = embed.conv.bias
        self._groups: int = embed.conv.groups
        self._activation = embed.activation
        reach = self._position_weight.shape[-1]
        self._past, self._future = reach // 2, reach - reach // 2 - 1

    def _spread(self, clip_samples: int | None) -> Fraction:
        """Features from one frame to the next."""
        if clip_samples is None:
            return Fraction(SAMPLE_RATE, self._stride) / NETWORK_FPS
        features = (clip_samples - self._receptive) // self._stride + 1
        return Fraction(features - 1, max(1, frame_count(clip_samples) - 1))

    def init_state(self) -> ContentState:
        """A stream that has heard nothing."""
        nothing = self._position_weight.new_zeros(0)
        width: int = self._layers[-1].conv.out_channels
        return ContentState(nothing, 0, 0, nothing.reshape(0, width), 0)

    @torch.inference_mode()
    def step(self, samples: Tensor, state: ContentState) -> tuple[Tensor, ContentState]:
        """Hear one hop.

        Args:
            samples: 16 kHz mono (n,), from the end of the last hop to that of this one.
            state: Left untouched.

        Returns:
            Content embeddings (hop_frames, D), and the new state.
        """
        heard = torch.cat((state.samples, samples))
        end = state.start + len(heard)
        start = max(state.start, self._aligned(end - self._window))
        heard = heard[start - state.start :]
        newest = (end - self._receptive) // self._stride
        oldest = -(-(start // self._stride) // self._ratio)  # frame, rounded up
        first = max(oldest, state.frames - self._past)
        features, kept_from = self._features(heard, start, newest, int(first * self._ratio), state)
        own_last = state.frames + self._hop - 1
        last = max(own_last, min(newest // self._ratio, own_last + self._future))
        projected = self._projected(features, kept_from, first, last)
        content = self._content(projected, first, state.frames)
        new = ContentState(heard, start, state.frames + self._hop, features, newest + 1)
        return content, new

    def _aligned(self, sample: int) -> int:
        """Windows begin where a feature begins."""
        return max(0, -(-sample // self._stride) * self._stride)

    def _features(
        self, heard: Tensor, start: int, newest: int, wanted: int, state: ContentState
    ) -> tuple[Tensor, int]:
        """Features from ``wanted`` to ``newest``, and the number of the first of them."""
        if self._mode == "exact" or not len(state.features):
            return self._convolved(heard, start, wanted, newest), wanted
        kept = state.features
        oldest = state.next_feature - len(kept)
        if newest >= state.next_feature:
            fresh = self._convolved(heard, start, state.next_feature, newest)
            kept = torch.cat((kept, fresh))
        drop = max(0, wanted - oldest)
        return kept[drop:], oldest + drop

    def _convolved(self, heard: Tensor, start: int, first: int, last: int) -> Tensor:
        """Features ``first`` to ``last`` (S, C) under the statistics of the whole window.

        The normalisation of the sound and the group norm cancel out but for
        their epsilons, so the first convolution is taken on the raw sound.
        """
        raw = self._layers[0].conv(heard.reshape(1, 1, -1))
        begin = (first * self._stride - start) // self._layers[0].conv.stride[0]
        outputs = _outputs(self._layers[1:], last - first + 1)
        h = self._group_normed(raw, raw[..., begin : begin + outputs], heard)
        for layer in self._layers[1:]:
            h = layer(h)
        return h[0].T

    def _group_normed(self, window: Tensor, part: Tensor, heard: Tensor) -> Tensor:
        norm, activation = self._layers[0].layer_norm, self._layers[0].activation
        variance, mean = torch.var_mean(window, -1, correction=0, keepdim=True)
        power = heard.var(correction=0) + _EPSILON
        scale = norm.weight[:, None] / torch.sqrt(variance + norm.eps * power)
        result: Tensor = activation((part - mean) * scale + norm.bias[:, None])
        return result

    def _projected(self, features: Tensor, kept_from: int, first: int, last: int) -> Tensor:
        """Projected frames ``first`` to ``last`` (1, T, F), read between features."""
        ratio = self._ratio
        places = [ratio * frame - kept_from for frame in range(first, last + 1)]
        lower = torch.tensor([max(0, min(int(p), len(features) - 1)) for p in places])
        upper = (lower + 1).clamp(max=len(features) - 1)
        share = torch.tensor([float(p) for p in places])[:, None] - lower[:, None]
        share = share.clamp(0, 1).to(features)
        between = torch.lerp(features[lower], features[upper], share)
        projected: Tensor = self._projection(between[None])[0]
        return projected

    def _content(self, projected: Tensor, first: int, frame: int) -> Tensor:
        """Content of the hop's frames, what lies outside the window being zero."""
        before = first - (frame - self._past)
        after = self._hop + self._past + self._future - before - projected.shape[1]
        around = functional.pad(projected.transpose(1, 2), (before, max(0, after)))
        placed = functional.conv1d(
            around, self._position_weight, self._position_bias, groups=self._groups
        )
        at = frame - first
        own = projected[:, at : at + self._hop]
        result: Tensor = self._map(self._norm(own + self._activation(placed).transpose(1, 2)))[0]
        return result


def _geometry(layers: Any) -> tuple[int, int]:
    """Samples from one feature to the next, and samples that one feature covers."""
    stride, receptive = 1, 1
    for layer in layers:
        receptive += (layer.conv.kernel_size[0] - 1) * stride
        stride *= layer.conv.stride[0]
    return stride, receptive


def _outputs(layers: Any, features: int) -> int:
    """Inputs that these layers need to give so many features."""
    for layer in reversed(layers):
        features = (features - 1) * layer.conv.stride[0] + layer.conv.kernel_size[0]
    return features

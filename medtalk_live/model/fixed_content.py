"""The content path with nothing but fixed shapes, as a CUDA graph needs it.

A graphics card computes the whole window in about a millisecond, so nothing
is kept from step to step: the sound lies in a window of fixed size, zero where
nothing was heard yet, and masks keep that out of the statistics. ``plan`` runs
on the host; ``content`` holds no decision and no way back to it, and may run
its convolutions in half precision. Engine thread. Source: MEDTalk, section 3.3.
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from medtalk_live.clock import SAMPLE_RATE
from medtalk_live.model.content import ContentNetwork
from medtalk_live.model.live_content import EPSILON, ContentState, ContentWindow


class FixedWindow(ContentWindow):
    """``ContentWindow`` in its exact mode, of tensors whose shapes never change.

    Args:
        network: Where its weights are, there is computed.
        window_samples: See ``ContentWindow``.
        hop_frames: See ``ContentWindow``.
        half: Whether the convolutions after the group norm run in float16.
    """

    def __init__(
        self,
        network: ContentNetwork,
        *,
        window_samples: int = 2 * SAMPLE_RATE,
        hop_frames: int = 3,
        half: bool = False,
    ) -> None:
        super().__init__(network, window_samples=window_samples, hop_frames=hop_frames)
        self._kind = torch.float16 if half else torch.float32
        self._inner: Any = deepcopy(self._layers[1:]).to(self._kind)
        self._device = self._position_weight.device

    def plan(self, samples: Tensor, state: ContentState) -> tuple[tuple[Tensor, ...], ContentState]:
        """Where the next hop's frames lie in the window; on the host.

        Args:
            samples: See ``ContentWindow.step``; on the CPU.
            state: Left untouched.

        Returns:
            What ``content`` takes, and the new state.
        """
        sound, start = self._window_of(samples, state)
        newest = (start + len(sound) - self._receptive) // self._stride
        oldest = -(-(start // self._stride) // self._ratio)
        own_last = state.frames + self._hop - 1
        last = max(own_last, min(newest // self._ratio, own_last + self._future))
        frames = range(state.frames - self._past, own_last + self._future + 1)
        places = [float(self._ratio * frame - start // self._stride) for frame in frames]
        inside = [float(max(0, oldest) <= frame <= last) for frame in frames]
        highest = float(newest - start // self._stride)
        padded = functional.pad(sound, (0, self._window - len(sound)))
        count = torch.tensor([float(len(sound))])
        places = [min(max(place, 0.0), highest) for place in places]
        planned = (padded, count, torch.tensor(places), torch.tensor(inside))
        return planned, replace(state, samples=sound, start=start, frames=state.frames + self._hop)

    def content(self, sound: Tensor, count: Tensor, places: Tensor, inside: Tensor) -> Tensor:
        """Content embeddings (hop_frames, D).

        Args:
            sound: The window (W,), zero behind its first ``count`` samples.
            count: (1,).
            places: Of the frames (T,), in features since the window's start.
            inside: 1 where a frame is heard, 0 where not (T,).
        """
        features = self._all_features(sound, count)
        lower = places.floor().long()
        upper = (lower + 1).clamp(max=len(features) - 1)
        share = (places - lower)[:, None]
        between = torch.lerp(features[lower], features[upper], share)
        projected = self._projection(between[None])[0] * inside[None, :, None]
        placed = functional.conv1d(
            projected.transpose(1, 2),
            self._position_weight,
            self._position_bias,
            groups=self._groups,
        )
        own = projected[:, self._past : self._past + self._hop]
        result: Tensor = self._map(self._norm(own + self._activation(placed).transpose(1, 2)))[0]
        return result

    def _all_features(self, sound: Tensor, count: Tensor) -> Tensor:
        """The window's features (S, C); those behind the sound mean nothing."""
        layer = self._layers[0]
        outputs = layer.conv(sound.reshape(1, 1, -1))[0]
        kernel, stride = layer.conv.kernel_size[0], layer.conv.stride[0]
        heard = (count - kernel).div(stride, rounding_mode="floor") + 1
        known = torch.arange(outputs.shape[1], device=outputs.device) < heard
        mean = (outputs * known).sum(1) / heard
        variance = ((outputs - mean[:, None]).square() * known).sum(1) / heard
        loud = torch.arange(len(sound), device=sound.device) < count
        power = ((sound - sound.sum() / count).square() * loud).sum() / count + EPSILON
        scale = layer.layer_norm.weight / torch.sqrt(variance + layer.layer_norm.eps * power)
        shift = layer.layer_norm.bias - mean * scale
        h = layer.activation(outputs * scale[:, None] + shift[:, None])[None].to(self._kind)
        for inner in self._inner:
            h = inner(h)
        return h[0].T.float()

"""The content path with nothing but fixed shapes, as a CUDA graph needs it.

A graphics card computes the whole window in about a millisecond, so no feature
is kept from step to step. ``plan`` runs on the host: the window, filled up
with zeros, the group norm's statistics and where the frames lie. ``content``
holds no decision and no way back to the host, and may run its convolutions in
half precision. Engine thread. Source: MEDTalk, section 3.3.
"""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from medtalk_live.clock import SAMPLE_RATE
from medtalk_live.model.content import ContentNetwork
from medtalk_live.model.live_content import Beyond, ContentState, ContentWindow


class FixedWindow(ContentWindow):
    """``ContentWindow`` in its exact mode, of tensors whose shapes never change.

    Args:
        network: Where its weights are, there is computed.
        window_samples: See ``ContentWindow``.
        hop_frames: See ``ContentWindow``.
        beyond: See ``ContentWindow``.
        half: Whether the convolutions after the group norm run in float16.
    """

    def __init__(
        self,
        network: ContentNetwork,
        *,
        window_samples: int = 2 * SAMPLE_RATE,
        hop_frames: int = 3,
        beyond: Beyond = "nothing",
        half: bool = False,
    ) -> None:
        super().__init__(
            network, window_samples=window_samples, hop_frames=hop_frames, beyond=beyond
        )
        self._kind = torch.float16 if half else torch.float32
        self._inner: Any = deepcopy(self._layers[1:]).to(self._kind)

    @torch.inference_mode()
    def plan(self, samples: Tensor, state: ContentState) -> tuple[tuple[Tensor, ...], ContentState]:
        """Where the next hop's frames lie in the window; on the host.

        Args:
            samples: See ``ContentWindow.step``; on the CPU.
            state: Left untouched.

        Returns:
            What ``content`` takes, and the new state.
        """
        heard, new = self._hear(samples, state)
        first, last, newest = self._reach(heard, state.frames)
        begin = heard.start // self._stride
        frames = range(state.frames - self._past, state.frames + self._hop + self._future)
        places = [float(self._place(frame) - begin) for frame in frames]
        highest = float(newest - begin)
        planned = (
            functional.pad(heard.samples, (0, self._window - len(heard.samples))),
            heard.scale,
            heard.shift,
            torch.tensor([min(max(place, 0.0), highest) for place in places]),
            torch.tensor([float(first <= frame <= last) for frame in frames]),
            torch.tensor([float(self._estimates and frame > last) for frame in frames]),
        )
        return planned, new

    def content(
        self,
        sound: Tensor,
        scale: Tensor,
        shift: Tensor,
        places: Tensor,
        inside: Tensor,
        coming: Tensor,
    ) -> Tensor:
        """Content embeddings (hop_frames, D).

        Args:
            sound: The window (W,), zero behind what was heard.
            scale: Of the group norm (C, 1).
            shift: Of the group norm (C, 1).
            places: Of the frames (T,), in features since the window's start.
            inside: 1 where a frame is heard, 0 where not (T,).
            coming: 1 where a frame is to be estimated (T,).
        """
        outputs = self._layers[0].conv(sound.reshape(1, 1, -1))
        h = self._layers[0].activation(torch.addcmul(shift, outputs, scale)).to(self._kind)
        for layer in self._inner:
            h = layer(h)
        features = h[0].T.float()
        lower = places.floor().long()
        upper = (lower + 1).clamp(max=len(features) - 1)
        share = (places - lower)[:, None]
        between = torch.lerp(features[lower], features[upper], share)
        projected = self._projection(between[None])[0] * inside[None, :, None]
        mean = projected.sum(1, keepdim=True) / inside.sum()
        projected = projected + mean * coming[None, :, None]
        placed = functional.conv1d(
            projected.transpose(1, 2),
            self._position_weight,
            self._position_bias,
            groups=self._groups,
        )
        own = projected[:, self._past : self._past + self._hop]
        result: Tensor = self._map(self._norm(own + self._activation(placed).transpose(1, 2)))[0]
        return result

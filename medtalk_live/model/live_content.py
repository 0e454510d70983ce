"""The content path live: a sliding window of sound in, content embeddings out.

Frames lie at absolute times of the stream, so a window that moves does not
move them. ``exact`` gives what the whole network gives for the window, minus
all that cannot reach the frames asked for; ``fast`` keeps the features of
sound it has heard and brings some of them at every step to the newest statistics
of the group norm. Both know the statistics from sums. What lies beyond the window
is nothing, or, far closer to what the whole clip would give, estimated.
Engine thread. Source: MEDTalk, section 3.3; facts of the public implementation.
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, Literal

import torch
from torch import Tensor, nn
from torch.nn import functional

from medtalk_live.clock import NETWORK_FPS, SAMPLE_RATE, frame_count
from medtalk_live.errors import CheckpointError
from medtalk_live.model.content import ContentNetwork

Mode = Literal["exact", "fast"]
Beyond = Literal["nothing", "estimated"]
REFRESHED_FEATURES = 12
"""Kept features that a fast step computes anew: each is at most 0.3 s behind the statistics."""
FILLING_REFRESHED_FEATURES = 24
"""The same while the window fills, when every word moves the statistics far."""
_EPSILON = 1e-7
"""Of the normalisation of the sound."""
_HALF_LIFE_SECONDS = 60.0
"""Sound that left the window counts less and less, so that another voice is got used to."""
_AUDIBLE = 1e-3
"""Share of the mean power that sound must have to count: a silent room is no voice."""
_PAUSE_FEATURES = 12
"""A quarter second: so near to what is audible a pause counts as part of the speech."""
_EXPECTED_RMS, _EXPECTED_SECONDS = 0.08, 0.15
"""Speech as it is usually recorded: what a stream's statistics begin with, and how much of it."""
_VOICE_HZ = 500.0
"""Above it speech falls by 6 dB an octave."""
_EARLIER = Fraction(1, 4)
"""Features by which a frame lies earlier in a clip than by its time, on the mean of all lengths:
the published model spreads its frames over its whole features, the last up to 1.4 earlier."""


@dataclass(frozen=True, slots=True)
class ContentState:
    """What a stream remembers.

    Attributes:
        samples: Sound of the window (n,), raw.
        start: Sample of the stream that the window begins at.
        frames: Frames given so far.
        sums: Of the first convolution's outputs and of their squares (2, S, C),
            over each feature's stride, from ``start`` on.
        past: The same of what left the window (2, C), where the stream's statistics are kept.
        past_count: How many outputs that was.
        features: Convolution features (S, C) that the fast mode keeps.
        next_feature: Number of the first feature that is not among them.
        next_refresh: Number of the feature that is computed anew next.
    """

    samples: Tensor
    start: int
    frames: int
    sums: Tensor
    past: Tensor
    past_count: float
    features: Tensor
    next_feature: int
    next_refresh: int


@dataclass(frozen=True, slots=True)
class _Heard:
    """The window of one step, with the group norm's scale and shift (C, 1)."""

    samples: Tensor
    start: int
    scale: Tensor
    shift: Tensor


class ContentWindow:
    """ACM over a moving window.

    Args:
        network: With group norm in its first convolution, as wav2vec2-base has.
        window_samples: Sound that the statistics and the network see at most.
        hop_frames: Frames that a step gives.
        mode: ``exact`` or ``fast``.
        beyond: What is taken for the sound outside the window: ``nothing``, as
            the whole network would, or ``estimated``: the group norm's statistics
            go over the stream, and frames to come are the mean of those heard.
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
        beyond: Beyond = "nothing",
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
        self._first: Any = deepcopy(self._layers[0]).cpu()  # the statistics are the host's
        self._projection = speech.feature_projection
        self._norm = speech.encoder.layer_norm
        self._window, self._hop, self._mode = window_samples, hop_frames, mode
        self._estimates = beyond == "estimated"
        self._expected = self._expectation() if self._estimates else None
        self._stride, self._receptive = _geometry(self._layers)
        self._read_position_convolution(speech.encoder.pos_conv_embed)
        self._ratio = self._spread(clip_samples)
        self._earlier = _EARLIER if self._estimates and clip_samples is None else Fraction(0)

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

    def _place(self, frame: int) -> Fraction:
        """Where a frame lies among the stream's features."""
        return max(Fraction(0), self._ratio * frame - self._earlier)

    def init_state(self) -> ContentState:
        """A stream that has heard nothing."""
        channels, width = self._first.conv.out_channels, self._layers[-1].conv.out_channels
        sums = torch.zeros(2, 0, channels, dtype=torch.float64)
        past, count = torch.zeros(2, channels, dtype=torch.float64), 0.0
        if self._expected is not None:
            count = _EXPECTED_SECONDS * SAMPLE_RATE / self._first.conv.stride[0]
            past = count * self._expected
        return ContentState(torch.zeros(0), 0, 0, sums, past, count, torch.zeros(0, width), 0, 0)

    @torch.inference_mode()
    def step(self, samples: Tensor, state: ContentState) -> tuple[Tensor, ContentState]:
        """Hear one hop.

        Args:
            samples: 16 kHz mono (n,), from the end of the last hop to that of this one.
            state: Left untouched.

        Returns:
            Content embeddings (hop_frames, D), and the new state.
        """
        heard, new = self._hear(samples, state)
        first, last, newest = self._reach(heard, state.frames)
        features, kept_from, refreshed = self._features(
            heard, int(self._place(first)), newest, state
        )
        projected = self._projected(features, kept_from, first, last)
        content = self._content(projected, first, state.frames)
        return content, replace(
            new, features=features, next_feature=newest + 1, next_refresh=refreshed
        )

    @torch.inference_mode()
    def listened(self, samples: Tensor, state: ContentState) -> ContentState:
        """The state after a hop whose content nobody needs; the next step catches up."""
        return replace(self._hear(samples, state)[1], features=state.features[:0])

    def _reach(self, heard: _Heard, frame: int) -> tuple[int, int, int]:
        """First and last frame that the hop at ``frame`` sees, and the newest feature."""
        newest = (heard.start + len(heard.samples) - self._receptive) // self._stride
        begin = heard.start // self._stride
        oldest = -(-(begin + self._earlier) // self._ratio) if begin else 0  # frame, rounded up
        own_last = frame + self._hop - 1
        newest_frame = (newest + self._earlier) // self._ratio
        last = max(own_last, min(newest_frame, own_last + self._future))
        return max(oldest, frame - self._past), last, newest

    def _hear(self, samples: Tensor, state: ContentState) -> tuple[_Heard, ContentState]:
        """The window with the new sound and its statistics; windows begin where a feature does.

        The normalisation of the sound and the group norm cancel out but for
        their epsilons, so the first convolution is taken on the raw sound.
        """
        sound = torch.cat((state.samples, samples))
        excess = state.start + len(sound) - self._window
        start = max(state.start, -(-excess // self._stride) * self._stride)
        sound = sound[start - state.start :]
        left = (start - state.start) // self._stride
        each = self._stride // self._first.conv.stride[0]
        powers = self._powers(sound[(state.sums.shape[1] - left) * self._stride :])
        whole = powers.shape[1] // each * each
        sums = torch.cat((state.sums, powers[:, :whole].unflatten(1, (-1, each)).sum(2)), 1)
        counts = self._counts(sums, state, each)
        past, past_count = self._remembered(state, sums[:, :left][:, counts[:left]], each)
        sums, counts = sums[:, left:], counts[left:]
        rest = powers[:, whole:] if counts[-1:].all() else powers[:, :0]
        total = past + sums[:, counts].sum(1) + rest.sum(1)
        count = past_count + int(counts.sum()) * each + rest.shape[1]
        scale, shift = self._normalisation(total / count, sound)
        new = replace(
            state,
            samples=sound,
            start=start,
            frames=state.frames + self._hop,
            sums=sums,
            past=past,
            past_count=past_count,
        )
        return _Heard(sound, start, scale, shift), new

    def _counts(self, sums: Tensor, state: ContentState, each: int) -> Tensor:
        """Which of the sums (2, S, C) count (S,): in a stream those that are of speech."""
        if not self._estimates or not sums.shape[1]:
            return torch.ones(sums.shape[1], dtype=torch.bool)
        mean_power = state.past[1].sum() / state.past_count
        audible = sums[1].sum(1) > _AUDIBLE * each * mean_power
        reach = 2 * _PAUSE_FEATURES + 1
        near = functional.max_pool1d(audible.float()[None], reach, 1, _PAUSE_FEATURES)
        return near[0] > 0

    def _remembered(self, state: ContentState, left: Tensor, each: int) -> tuple[Tensor, float]:
        """The past with what now left the window (2, S, C), as far as it counts."""
        if not self._estimates:
            return state.past, state.past_count
        seconds = left.shape[1] * self._stride / SAMPLE_RATE
        fade = 0.5 ** (seconds / _HALF_LIFE_SECONDS)
        return fade * state.past + left.sum(1), fade * state.past_count + left.shape[1] * each

    @torch.inference_mode()
    def _expectation(self) -> Tensor:
        """Mean outputs and squares of the first convolution (2, C) over noise shaped as speech."""
        noise = torch.randn(2 * SAMPLE_RATE, generator=torch.Generator().manual_seed(0))
        rates = torch.fft.rfftfreq(len(noise), 1 / SAMPLE_RATE)
        shaped = torch.fft.irfft(torch.fft.rfft(noise) / (1 + (rates / _VOICE_HZ).square()).sqrt())
        return self._powers(_EXPECTED_RMS * shaped / shaped.std()).mean(1)

    def _powers(self, sound: Tensor) -> Tensor:
        """The first convolution's outputs and their squares (2, n, C)."""
        outputs = self._first.conv(sound.reshape(1, 1, -1))[0].T.double()
        return torch.stack((outputs, outputs.square()))

    def _normalisation(self, moments: Tensor, sound: Tensor) -> tuple[Tensor, Tensor]:
        """Scale and shift (C, 1) of the group norm, from the means of outputs and squares."""
        mean, square = moments
        norm = self._first.layer_norm
        power = sound.var(correction=0) + _EPSILON
        variance = (square - mean.square()).clamp(min=0)
        scale = norm.weight / torch.sqrt(variance + norm.eps * power)
        shift = norm.bias - mean * scale
        return scale.to(sound)[:, None], shift.to(sound)[:, None]

    def _features(
        self, heard: _Heard, wanted: int, newest: int, state: ContentState
    ) -> tuple[Tensor, int, int]:
        """Features from ``wanted`` on, the number of the first, and of the next to refresh."""
        oldest = max(wanted, state.next_feature - len(state.features))
        if self._mode == "exact" or oldest >= state.next_feature:
            return self._convolved(heard, wanted, newest), wanted, wanted
        kept = state.features[oldest - state.next_feature :]
        count = REFRESHED_FEATURES if heard.start else FILLING_REFRESHED_FEATURES
        first = max(oldest, min(state.next_refresh, state.next_feature - count))
        stop = min(first + count, state.next_feature)
        parts = [
            kept[: first - oldest],
            self._convolved(heard, first, stop - 1),
            kept[stop - oldest :],
        ]
        if newest >= state.next_feature:
            parts.append(self._convolved(heard, state.next_feature, newest))
        return torch.cat(parts), oldest, stop if stop < state.next_feature else 0

    def _convolved(self, heard: _Heard, first: int, last: int) -> Tensor:
        """Features ``first`` to ``last`` (S, C) under the statistics of the whole window."""
        begin = first * self._stride - heard.start
        end = last * self._stride - heard.start + self._receptive
        layer = self._layers[0]
        h = layer.conv(heard.samples[begin:end].reshape(1, 1, -1))
        h = layer.activation(torch.addcmul(heard.shift, h, heard.scale))
        for layer in self._layers[1:]:
            h = layer(h)
        features: Tensor = h[0].T
        return features

    def _projected(self, features: Tensor, kept_from: int, first: int, last: int) -> Tensor:
        """Projected frames ``first`` to ``last`` (1, T, F), read between features."""
        places = [self._place(frame) - kept_from for frame in range(first, last + 1)]
        lower = torch.tensor([max(0, min(int(p), len(features) - 1)) for p in places])
        upper = (lower + 1).clamp(max=len(features) - 1)
        share = torch.tensor([float(p) for p in places])[:, None] - lower[:, None]
        share = share.clamp(0, 1).to(features)
        between = torch.lerp(features[lower], features[upper], share)
        projected: Tensor = self._projection(between[None])[0]
        return projected

    def _content(self, projected: Tensor, first: int, frame: int) -> Tensor:
        """Content of the hop's frames; what was before the window is zero."""
        before = first - (frame - self._past)
        after = max(0, self._hop + self._past + self._future - before - projected.shape[1])
        if self._estimates:
            coming = projected.mean(1, keepdim=True).expand(-1, after, -1)
            projected, after = torch.cat((projected, coming), 1), 0
        around = functional.pad(projected.transpose(1, 2), (before, after))
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

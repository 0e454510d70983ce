"""One checkpoint file at work: sound and an emotion in, controls out.

On a CPU the content window computes what changed; on a card the whole step is
one CUDA graph, its convolutions in half precision where that stays close;
``fixed`` is that step on a CPU, without the graph, to check it by. ``listened``
keeps a speaker that nobody asks up with the sound, for nothing.
Engine thread. Source: MEDTalk, sections 3.2 and 3.3.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Literal

import torch
from torch import Tensor, nn

from medtalk_live.clock import SAMPLE_RATE
from medtalk_live.model.card import Graphed
from medtalk_live.model.fixed_content import FixedWindow
from medtalk_live.model.live_content import ContentState, ContentWindow, Mode
from medtalk_live.model.medtalk import EmotionNetwork

HALF_TOLERANCE = 0.02
"""Of the content's spread: what half precision may move it by, seen on a probe."""

_ON_HOST = ("text_encoder", "clip_encoder")
"""Asked seldom and never by a frame: the card's memory is the renderer's."""
_SPEAKING = ("audio_content_encoder", "audio_content_map", "decoder")

SpeakerMode = Mode | Literal["fixed"]
"""``fixed``: what a card does, see ``FixedWindow``; too slow on a CPU to be used live."""

Emotion = Callable[[Tensor, Tensor, Tensor], Tensor]
"""Codes (T, C), asked intensities (T, 1) and the voice's (T, 2) to embeddings (T, D)."""


class Speaker:
    """A network with its window.

    Args:
        network: On its device.
        emotion: See ``Emotion``.
        code_width: C.
        hop_frames: T.
        mode: Of the window on a CPU; on a card always ``fixed``.
    """

    def __init__(
        self,
        network: EmotionNetwork,
        emotion: Emotion,
        *,
        code_width: int,
        hop_frames: int,
        mode: SpeakerMode,
    ) -> None:
        self._network, self._emotion = network, emotion
        device = network.decoder.fc1.weight.device
        card = device.type == "cuda"
        self._answer: Callable[..., Tensor]
        self.window: ContentWindow
        if card or mode == "fixed":
            half = card and half_stays_close(network, hop_frames)
            window = FixedWindow(network, hop_frames=hop_frames, beyond="estimated", half=half)
            self.window, self._answer = window, partial(self._compute, window)
            if card:
                self._answer = self._graphed(window, hop_frames, code_width, device)
        else:
            self.window = ContentWindow(
                network, hop_frames=hop_frames, mode=mode, beyond="estimated"
            )

    def _graphed(
        self, window: FixedWindow, hop_frames: int, code_width: int, device: torch.device
    ) -> Graphed:
        planned, _ = window.plan(torch.zeros(SAMPLE_RATE), window.init_state())
        asked = (
            torch.zeros(hop_frames, code_width),
            torch.zeros(hop_frames, 1),
            torch.zeros(hop_frames, 2),
        )
        return Graphed(partial(self._compute, window), (*planned, *asked), device)

    def init_state(self) -> ContentState:
        """A stream that has heard nothing; on the host."""
        return self.window.init_state()

    def step(
        self, sound: Tensor, state: ContentState, codes: Tensor, asked: Tensor, voice: Tensor
    ) -> tuple[Tensor, ContentState]:
        """Controls (T, N) of the next hop, on the host, and the new state."""
        if isinstance(self.window, FixedWindow):
            planned, heard = self.window.plan(sound, state)
            return self._answer(*planned, codes, asked, voice), heard
        content, heard = self.window.step(sound, state)
        return self._network.decode(self._emotion(codes, asked, voice), content), heard

    def listened(self, sound: Tensor, state: ContentState) -> ContentState:
        """The state after a hop that nothing was asked of."""
        return self.window.listened(sound, state)

    def _compute(self, window: FixedWindow, *given: Tensor) -> Tensor:
        """What the card does at every step: ``FixedWindow.plan``'s tensors, then those asked."""
        *planned, codes, asked, voice = given
        content = window.content(*planned)
        return self._network.decode(self._emotion(codes, asked, voice), content)


@torch.inference_mode()
def half_deviation(network: EmotionNetwork, hop_frames: int) -> float:
    """How far half precision moves the content of a probe at most, in shares of its spread."""
    device = network.decoder.fc1.weight.device
    noise = torch.randn(2 * SAMPLE_RATE, generator=torch.Generator().manual_seed(0))
    swelling = noise * torch.linspace(0.0, 12.0, len(noise)).sin().square()
    contents = []
    for half in (False, True):
        window = FixedWindow(network, hop_frames=hop_frames, half=half)
        planned, _ = window.plan(swelling, window.init_state())
        contents.append(window.content(*(one.to(device) for one in planned)))
    difference = (contents[0] - contents[1]).abs().max()
    return float(difference / contents[0].std())


def half_stays_close(network: EmotionNetwork, hop_frames: int) -> bool:
    """Whether that is within ``HALF_TOLERANCE``; not a number is not."""
    return half_deviation(network, hop_frames) <= HALF_TOLERANCE


def to_card(network: nn.Module, device: torch.device) -> None:
    """Move what frames need; encoders that are asked seldom stay where they are."""
    for name, child in network.named_children():
        if name not in _ON_HOST:
            child.to(device)


def speak_alike(one: EmotionNetwork, other: EmotionNetwork) -> bool:
    """Whether two files say the same thing the same way, so that one window serves both."""
    theirs = other.state_dict()
    return all(
        torch.equal(value, theirs[key])
        for key, value in one.state_dict().items()
        if key.startswith(_SPEAKING)
    )

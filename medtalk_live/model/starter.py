"""The starter model: MEDTalk's structure on our own encoder, in plain numpy.

Speech -> mel -> streaming encoder -> content; guidance -> equation 9 ->
E_fuse -> emotion; both -> D -> 174 controls. True streaming: one frame a hop,
about half a millisecond on one core, no torch at run time. Engine thread.
Source: MEDTalk, section 3; the encoder takes the place of wav2vec2 and ACM, its
vocal-effort cue and ``effort`` that of emotion2vec in the dynamic intensity (FIM).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from medtalk_live.clock import SAMPLE_RATE, frame_count, frame_to_sample
from medtalk_live.errors import CheckpointError
from medtalk_live.model import effort, mel
from medtalk_live.model.encoders.streaming import (
    CUES,
    Content,
    EncoderState,
    StreamingEncoder,
    smoothing_frames,
)
from medtalk_live.model.streaming import LABELS, GuidanceCode, NetworkFrame, hop_slice
from medtalk_live.rig.controls import FloatArray

EFFORT_RANGE = 0.5
"""A tense voice moves the intensity by so much, up or down, as the network was trained."""

VOICE_RANGE = 0.5
"""A voice louder, higher and faster than usual moves it by so much beside that."""

_LEAST = 0.2

_BILABIAL, _VOICE, _STRESS, _EFFORT = (
    CUES.index(name) for name in ("bilabial", "voice", "stress", "effort")
)


@dataclass(frozen=True, slots=True)
class StarterState:
    """What a stream remembers.

    Attributes:
        mel: Tail of the sound.
        encoder: Past of every block.
        recent: The last two answers of the encoder, where they are averaged;
            empty before the first step.
        effort: How the speaker usually speaks.
    """

    mel: mel.MelState
    encoder: EncoderState
    recent: tuple[Content, ...] = ()
    effort: effort.EffortState = field(default_factory=effort.EffortState)


class StarterModel:
    """The shipped network for one look-ahead; fulfils ``FaceModel``.

    Args:
        weights: Arrays of ``starter.safetensors``.
        look_ahead_ms: One of ``look_aheads_ms``.
        look_aheads_ms: What the checkpoint offers.
        dilations: Of the encoder's blocks.
        leak: Of the encoder's units.
        version: Of the checkpoint.

    Raises:
        CheckpointError: the look-ahead is not offered.
    """

    name = "starter"
    hop_frames = 1
    finish = "full"

    def __init__(
        self,
        weights: Mapping[str, FloatArray],
        *,
        look_ahead_ms: int,
        look_aheads_ms: tuple[int, ...],
        dilations: tuple[int, ...],
        leak: float,
        version: str,
    ) -> None:
        if look_ahead_ms not in look_aheads_ms:
            offered = ", ".join(map(str, look_aheads_ms))
            raise CheckpointError(
                f"a look-ahead of {look_ahead_ms} ms was asked for; "
                f"the starter model offers {offered} ms"
            )
        self.version = version
        self.look_ahead_samples = look_ahead_ms * SAMPLE_RATE // 1000
        self._smooth = smoothing_frames(look_ahead_ms) > 0
        head = look_aheads_ms.index(look_ahead_ms)
        encoder = {k.removeprefix("encoder."): v for k, v in weights.items() if "encoder." in k}
        self._encoder = StreamingEncoder(encoder, head, dilations, leak)
        self._labels = weights["labels"]
        self._fuse = _mapping(weights, "semantic_emotion_map")
        self._expression = _mapping(weights, "expression_map")
        self._decoder = _mapping(weights, "decoder")

    def init_state(self) -> StarterState:
        """A stream that has heard silence."""
        return StarterState(mel.init_state(), self._encoder.init_state())

    def step(
        self, samples: FloatArray, state: StarterState, guidance: tuple[GuidanceCode, ...]
    ) -> tuple[list[NetworkFrame], StarterState]:
        """One hop of sound in, one frame out; see ``FaceModel.step``."""
        recent, heard = state.recent, samples
        if self._smooth and not recent:
            # the first answer belongs to a hop before the first; it stands for the one before too
            ahead = len(samples) - frame_to_sample(1)
            content, state = self._hear(samples[:ahead], state)
            samples, recent = samples[ahead:], (content, content)
        content, state = self._hear(samples, state)
        if self._smooth:
            newest = content
            content = _average(recent[0], recent[1], newest)
            state = replace(state, recent=(recent[1], newest))
        cues = _sigmoid(content.cues)
        voice, remembered = effort.step(heard, float(cues[_VOICE]), state.effort)
        state = replace(state, effort=remembered)
        return [self._frame(content.embedding, cues, voice, guidance[0])], state

    def _hear(self, samples: FloatArray, state: StarterState) -> tuple[Content, StarterState]:
        features, heard = mel.step(samples, state.mel)
        content, encoder = self._encoder.step(features, state.encoder)
        return content, replace(state, mel=heard, encoder=encoder)

    def forward(self, samples: FloatArray, guidance: GuidanceCode) -> list[NetworkFrame]:
        """A whole clip at once under one guidance; equals ``step`` over its hops.

        Args:
            samples: Mono 16 kHz float32, shape (n,).
            guidance: For all frames.

        Returns:
            ``n * 60 // 16000`` frames.
        """
        lead = int(self._smooth)
        frames = frame_count(len(samples)) + lead
        features = mel.forward(samples, frames, self.look_ahead_samples, -lead)
        content = self._encoder.forward(features)
        if self._smooth:
            content = _average(
                Content(*(np.concatenate((x[:1], x[:-2])) for x in _arrays(content))),
                Content(*(x[:-1] for x in _arrays(content))),
                Content(*(x[1:] for x in _arrays(content))),
            )
        cues = _sigmoid(content.cues)
        voices = self._efforts(samples, cues[:, _VOICE])
        return [
            self._frame(embedding, cue, voice, guidance)
            for embedding, cue, voice in zip(content.embedding, cues, voices, strict=True)
        ]

    def _efforts(self, samples: FloatArray, spoken: FloatArray) -> list[float]:
        """``effort.step`` over the hops of a whole clip."""
        state, out = effort.EffortState(), []
        sound = np.pad(samples, (0, self.look_ahead_samples + SAMPLE_RATE))
        for number, voice in enumerate(spoken):
            now, state = effort.step(sound[hop_slice(number, self)], float(voice), state)
            out.append(now)
        return out

    def embed_labels(self, weights: Mapping[str, float]) -> FloatArray:
        """Guidance f (D,) of a mix of labels; what is missing to 1 is filled with neutral."""
        shares = np.zeros(len(LABELS), np.float32)
        for label, weight in weights.items():
            shares[LABELS.index(label)] += weight
        shares[LABELS.index("neutral")] += max(0.0, 1.0 - float(shares.sum()))
        return np.asarray(shares @ self._labels, np.float32)

    def embed_expression(self, controls: FloatArray) -> FloatArray:
        """Guidance f (D,) of an expression (174,), as a photo gives it."""
        return _normalised(_map(self._expression, controls))

    def _frame(
        self, content: FloatArray, cues: FloatArray, voice: float, code: GuidanceCode
    ) -> NetworkFrame:
        tense = EFFORT_RANGE * (2.0 * float(cues[_EFFORT]) - 1.0)
        dynamic = max(_LEAST, 1.0 + code.dynamics * (tense + VOICE_RANGE * voice))
        strength = np.float32(code.intensity * dynamic)
        emotion = _map(self._fuse, _normalised(code.embedding) * strength)
        controls = _map(self._decoder, np.concatenate((emotion, content)))
        return NetworkFrame(
            controls=controls,
            seal=float(cues[_BILABIAL]),
            voice=float(cues[_VOICE]),
            stress=float(cues[_STRESS]),
            intensity=dynamic,
        )


def _arrays(content: Content) -> tuple[FloatArray, FloatArray]:
    return content.embedding, content.cues


def _average(before: Content, now: Content, after: Content) -> Content:
    """Three answers in a row, the middle one counted twice."""
    embedding, cues = (
        np.float32(0.25) * (a + c) + np.float32(0.5) * b
        for a, b, c in zip(_arrays(before), _arrays(now), _arrays(after), strict=True)
    )
    return Content(embedding, cues)


Linear = tuple[FloatArray, FloatArray]


def _mapping(weights: Mapping[str, FloatArray], name: str) -> tuple[Linear, Linear]:
    first, second = (
        (np.ascontiguousarray(weights[f"{name}.{fc}.weight"].T), weights[f"{name}.{fc}.bias"])
        for fc in ("fc1", "fc2")
    )
    return first, second


def _map(mapping: tuple[Linear, Linear], x: FloatArray) -> FloatArray:
    (w1, b1), (w2, b2) = mapping
    result: FloatArray = np.maximum(x @ w1 + b1, 0.0) @ w2 + b2
    return result


def _normalised(f: FloatArray) -> FloatArray:
    result: FloatArray = (f / (np.linalg.norm(f) + 1e-8)).astype(np.float32)
    return result


def _sigmoid(x: FloatArray) -> FloatArray:
    return (1.0 / (1.0 + np.exp(-np.clip(x, -30.0, 30.0)))).astype(np.float32)

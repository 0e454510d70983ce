"""A sentence as guidance: emotions to the model's embedding, movements to control offsets.

The grammar reads the sentence; this file turns its reading into a
``GuidanceCode``. A movement said to be absent, or excluded by one that is
named, is taken out of the emotion that would bring it. A model with a text
encoder of its own (CLIP) embeds the sentence itself. Any thread, a millisecond.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from medtalk_live.errors import GuidanceError
from medtalk_live.guidance.grammar import Movement, Reading, lexicon, read
from medtalk_live.guidance.request import MAXIMUM_INTENSITY, Guidance
from medtalk_live.model.streaming import FaceModel, GuidanceCode, zero_offsets
from medtalk_live.procedural.expression import expression_of
from medtalk_live.procedural.poses import expand
from medtalk_live.rig.controls import CONTROLS, MAXIMUM, MINIMUM, FloatArray

_HEADROOM = 1.3
"""What is taken out of an emotion is taken out of its louder moments as well."""

_SIDES = np.array([control.side for control in CONTROLS])


def encode(guidance: Guidance, model: FaceModel) -> GuidanceCode:
    """The code of a description.

    Raises:
        GuidanceError: it names neither an emotion nor a movement of the face.
    """
    reading = read(guidance.words)
    if not (reading.movements or reading.emotions or reading.negated):
        raise GuidanceError(
            f"'{guidance.words:.60}' names no emotion and no movement of the face: "
            "describe one in English or Chinese, such as 'a tired half smile, left brow raised'"
        )
    weights, strength = mix(reading)
    intensity = min(MAXIMUM_INTENSITY, guidance.intensity * strength)
    own = getattr(model, "embed_text", None)
    embedding = own(guidance.words) if own is not None else model.embed_labels(weights)
    return GuidanceCode(embedding, intensity, offsets(reading, guidance.intensity))


def mix(reading: Reading) -> tuple[dict[str, float], float]:
    """Shares of the labels, which sum to 1, and the strength of the whole."""
    feelings = {name: s for name, s in reading.emotions.items() if name != "neutral"}
    if not feelings:
        return {"neutral": 1.0}, 1.0
    total = sum(feelings.values())
    return {name: s / total for name, s in feelings.items()}, max(feelings.values())


def offsets(reading: Reading, intensity: float = 1.0) -> FloatArray:
    """What the named movements add to the network's controls, (174,)."""
    total = zero_offsets()
    for movement in reading.movements:
        if not movement.negated:
            pose = movement.strength * intensity * _pose(movement.name, movement.side)
            total = np.where(np.abs(pose) > np.abs(total), pose, total)
    total += _removed(reading, intensity)
    result: FloatArray = np.clip(total, MINIMUM - 1.0, MAXIMUM).astype(np.float32)
    return result


@cache
def _pose(name: str, side: str) -> FloatArray:
    """A movement at full strength on the wanted side; what lies in the middle is kept."""
    pose = expand(lexicon()["movements"][name]).astype(np.float32)
    if side != "both":
        pose[(side != _SIDES) & (_SIDES != "centre")] = 0.0
    pose.setflags(write=False)
    return pose


def _removed(reading: Reading, intensity: float) -> FloatArray:
    """What must be taken out of the emotions, as negative (or opposite) offsets."""
    weights, strength = mix(reading)
    look = expression_of(weights)
    shown = (look.face + look.mouth) * min(MAXIMUM_INTENSITY, strength * intensity) * _HEADROOM
    out = zero_offsets()
    for movement in _unwanted(reading):
        pose = _pose(movement.name, movement.side)
        moved = (np.abs(pose) >= 0.5) & (shown * pose > 0)
        out[moved] = -shown[moved]
    return out


def _unwanted(reading: Reading) -> list[Movement]:
    """Movements that must not be seen: negated ones, and the opposites of named ones."""
    out = [movement for movement in reading.movements if movement.negated]
    for movement in reading.movements:
        for pair in lexicon()["opposites"]:
            if movement.name in pair and not movement.negated:
                other = pair[1 - pair.index(movement.name)]
                out.append(Movement(other, 1.0, movement.side))
    return out

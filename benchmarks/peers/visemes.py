"""Viseme weights over time as the 174 controls: the same poses for every peer.

A viseme is the pose of one phone of the procedural animator, PHONE_OF; weights
add up, what is missing to 1 is rest, and the lips close on the sum's aperture as
the animator's do. Nothing is smoothed or moved in time. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from medtalk_live.procedural.animate import close_lips
from medtalk_live.procedural.phones import SILENCE, phone
from medtalk_live.procedural.poses import APERTURE, TO_CONTROLS, gestures_of
from medtalk_live.rig.controls import NEUTRAL, FloatArray, clamp

PHONE_OF = dict(
    zip(
        ["PP", "FF", "TH", "DD", "kk", "CH", "SS", "nn", "RR", "aa", "E", "I", "O", "U"],
        ["m", "f", "θ", "t", "k", "ʃ", "s", "n", "ɹ", "ɑ", "ɛ", "i", "ɔ", "u"],
        strict=True,
    )
)
REST = gestures_of(SILENCE)[0].values
POSES = np.stack([gestures_of(phone(symbol))[0].values for symbol in PHONE_OF.values()])


def weights_of(rows: Sequence[Mapping[str, float]]) -> FloatArray:
    """Rows of viseme weights as (T, 14), in the order of ``PHONE_OF``; "sil" is rest."""
    return np.array([[row.get(v, 0.0) for v in PHONE_OF] for row in rows], np.float32)


def to_controls(weights: FloatArray) -> FloatArray:
    """Weights (T, 14) as controls (T, 174)."""
    rest = (1 - weights.sum(axis=1, keepdims=True)).clip(0, 1)
    values = weights @ POSES + rest * REST
    controls = close_lips(values @ TO_CONTROLS, values[:, APERTURE])
    return clamp((controls + NEUTRAL).astype(np.float32))


def eased(weights: FloatArray) -> FloatArray:
    """One-hot visemes as wawa-lipsync's demo moves to them, frame by frame at 60 Hz."""
    vowels = np.array([viseme in ("aa", "E", "I", "O", "U") for viseme in PHONE_OF])
    out, state = np.zeros_like(weights), np.zeros(weights.shape[1], np.float32)
    for k, row in enumerate(weights):
        slow = bool(row[vowels].any())
        rates = np.where(row > 0, 0.2 if slow else 0.4, 0.1 if slow else 0.2)
        state = state + rates * (row - state)
        out[k] = state
    return out

"""From what the user asks for to what a network takes: ``Guidance`` -> ``GuidanceCode``.

Labels are encoded here; sentences and photos by the modules of their kind,
which are imported when first asked for. May take long (a photo, a first
sentence): call it from the caller's or a worker's thread, never the engine's.
"""

from __future__ import annotations

from importlib import import_module
from typing import cast

from medtalk_live.errors import GuidanceError
from medtalk_live.guidance.request import Guidance
from medtalk_live.model.streaming import FaceModel, GuidanceCode, zero_offsets

_ENCODERS = {"text": "medtalk_live.guidance.text", "image": "medtalk_live.guidance.image"}
"""Module of each kind; it has ``encode(guidance, model) -> GuidanceCode``."""


def encode(guidance: Guidance, model: FaceModel) -> GuidanceCode:
    """Turn a request into the code that the network is guided with.

    Raises:
        GuidanceError: it is no ``Guidance``, or no expression can be read from it.
        MissingExtraError: its encoder is not installed.
    """
    kind = getattr(guidance, "kind", None)
    if kind not in ("labels", *_ENCODERS):
        raise GuidanceError(
            f"guidance is {guidance!r:.60}; expected a Guidance, such as Guidance.label('happy')"
        )
    if kind == "labels":
        embedding = model.embed_labels(guidance.labels)
        return GuidanceCode(embedding, guidance.intensity, zero_offsets())
    encoder = import_module(_ENCODERS[kind])
    return cast(GuidanceCode, encoder.encode(guidance, model))

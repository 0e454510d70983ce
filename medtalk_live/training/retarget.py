"""Captured mouth weights of the FACEGOOD recordings, brought onto the 174 controls.

The capture holds 116 blend-shape weights at 30 fps of which 28 move (mouth,
jaw, lower teeth, nose). Each becomes one or more controls by the table
``facegood_to_rig.csv``: shapes of the same meaning one to one, the compound
shapes "oh" and "oo" as the lip actions they are made of, "suck" as lips rolled
in. Rows are interpolated to 60 fps. Pure, any thread; reads its table once.
Source: FACS meaning of the shapes' names; gains by eye on the drawn face.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from importlib import resources
from typing import Final

import numpy as np
from numpy.typing import ArrayLike
from scipy.interpolate import PchipInterpolator

from medtalk_live.errors import TrainingError
from medtalk_live.rig.articulation import members
from medtalk_live.rig.controls import COUNT, NAMES, NEUTRAL, FloatArray, clamp

CAPTURE_FPS: Final = 30.0


def _read_rows() -> list[tuple[str, str, float]]:
    table = resources.files("medtalk_live.training").joinpath("facegood_to_rig.csv")
    rows = csv.DictReader(table.read_text(encoding="utf-8").splitlines())
    return [(row["weight_name"], row["channel"], float(row["gain"])) for row in rows]


def mapping(names: Sequence[str]) -> FloatArray:
    """Matrix (weights, 174): controls = weights @ mapping.

    Raises:
        TrainingError: The list of names lacks a shape of the table.
    """
    matrix = np.zeros((len(names), COUNT), np.float32)
    for pattern, channel, gain in _read_rows():
        for side, mark in (
            (("l", "CTRL_R_"), ("r", "CTRL_L_")) if "{side}" in pattern else (("", ""),)
        ):
            name = pattern.format(side=side)
            if name not in names:
                raise TrainingError(
                    f"Found no shape '{name}' among {len(names)} captured weights, expected the "
                    "FACEGOOD list: give the names that were stored with the weights."
                )
            columns = [i for i in members(channel) if not mark or not NAMES[i].startswith(mark)]
            matrix[list(names).index(name), columns] += gain
    return matrix


def retarget_facegood(
    weights: ArrayLike,
    names: Sequence[str],
    frames: int | None = None,
    fps: float = 60.0,
    time_offset_s: float = 0.0,
) -> FloatArray:
    """Bring captured weights onto the rig.

    Args:
        weights: (T30, len(names)) at 30 fps, 0..1.
        names: The shapes' names in the order of the columns.
        frames: Frames wanted; by default as long as the capture.
        fps: Frame rate wanted.
        time_offset_s: Added to the time at which the capture is read.

    Returns:
        (frames, 174) float32; what the capture does not hold is neutral.

    Raises:
        TrainingError: The names do not fit the capture's list.
    """
    controls = np.asarray(weights, np.float32) @ mapping(names)
    if frames is None:
        frames = int(len(controls) * fps / CAPTURE_FPS)
    captured_s = np.arange(len(controls)) / CAPTURE_FPS
    wanted_s = np.clip(np.arange(frames) / fps + time_offset_s, 0, captured_s[-1])
    return clamp((PchipInterpolator(captured_s, controls)(wanted_s) + NEUTRAL).astype(np.float32))

"""From phone posteriors to timed phones, with and without the text.

``segments_from_posteriors`` finds the most likely run of phone classes,
``force_align`` fits a known sequence to the sound. Both are Viterbi searches
with a least duration, so no phone is shorter than a mouth can make it. Frame k
is centred at k / rate and reaches half a frame to both sides. Pure numpy.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from medtalk_live.errors import TrainingError

_FLOOR = 1e-3  # one misheard frame must not outweigh all the others
_IMPOSSIBLE = np.float32(-1e9)
Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Slot:
    """One element of a sequence to be aligned: a class, which may be left out."""

    class_index: int
    optional: bool = False


def _log(posteriors: NDArray[np.floating]) -> Floats:
    logs: Floats = np.log(np.asarray(posteriors, dtype=np.float32) + np.float32(_FLOOR))
    return logs


def _time_s(frame: int, frames: int, frame_rate_hz: float) -> float:
    """Where frame `frame` begins; the first begins at 0."""
    return 0.0 if frame == 0 else (min(frame, frames) - 0.5) / frame_rate_hz


def segments_from_posteriors(
    posteriors: NDArray[np.floating],
    frame_rate_hz: float,
    class_names: Sequence[str],
    log_bigram: NDArray[np.floating] | None = None,
    min_frames: int = 3,
    change_penalty: float = 1.0,
) -> list[tuple[float, float, str]]:
    """Find the most likely run of phones when the text is not known.

    Args:
        posteriors: Shape (T, C), each row sums to 1.
        frame_rate_hz: Rows a second.
        class_names: The C names, in the order of the columns.
        log_bigram: Shape (C, C), log probability of column after row; None
            takes all changes as equally likely.
        min_frames: No segment is shorter.
        change_penalty: Log cost of every change; higher gives fewer segments.

    Returns:
        (start_s, end_s, class name), without gaps from 0 to the end of the
        last frame; empty for no frames.
    """
    frames, classes = posteriors.shape
    if frames == 0:
        return []
    moves = np.zeros((classes, classes), np.float32) if log_bigram is None else log_bigram
    moves = moves.astype(np.float32) - np.float32(change_penalty)
    np.fill_diagonal(moves, _IMPOSSIBLE)
    path = _free_path(_log(posteriors), moves, min(min_frames, frames))
    starts = [0, *(np.flatnonzero(np.diff(path)) + 1).tolist(), frames]
    return [
        (
            _time_s(start, frames, frame_rate_hz),
            _time_s(stop, frames, frame_rate_hz),
            class_names[int(path[start])],
        )
        for start, stop in itertools.pairwise(starts)
    ]


def _free_path(scores: Floats, moves: Floats, least: int) -> NDArray[np.intp]:
    """Best class of each frame; each class is a chain of `least` states, the last one loops."""
    frames, classes = scores.shape
    best = np.full((least, classes), _IMPOSSIBLE, np.float32)
    best[0] = scores[0]
    entered = np.zeros((frames, classes), np.int32)  # the class before, on entry at this frame
    stayed = np.zeros((frames, classes), bool)  # the last state looped, else it was moved into
    every = np.arange(classes)
    for frame in range(1, frames):
        arrivals = best[-1][:, None] + moves
        entered[frame] = arrivals.argmax(axis=0)
        before = best.copy()
        best[0] = arrivals[entered[frame], every]
        best[1:] = before[:-1]
        stayed[frame] = before[-1] >= best[-1] if least > 1 else before[-1] >= best[0]
        best[-1] = np.maximum(best[-1], before[-1])
        best += scores[frame]
    return _walk_back(entered, stayed, int(best[-1].argmax()), least)


def _walk_back(
    entered: NDArray[np.int32], stayed: NDArray[np.bool_], last: int, least: int
) -> NDArray[np.intp]:
    frames = len(entered)
    path = np.zeros(frames, np.intp)
    frame, current = frames - 1, last
    while frame >= 0:
        while frame >= least and stayed[frame, current]:
            path[frame] = current
            frame -= 1
        first = max(frame - least + 1, 0)
        path[first : frame + 1] = current
        current = int(entered[first, current])
        frame = first - 1
    return path


def force_align(
    posteriors: NDArray[np.floating],
    slots: Sequence[Slot],
    min_frames: int = 2,
) -> tuple[list[tuple[int, int] | None], float]:
    """Fit a known sequence of classes to the posteriors.

    Args:
        posteriors: Shape (T, C).
        slots: What was said, with optional silences between the words.
        min_frames: Every slot that is used takes at least so many frames.

    Returns:
        First frame and the one after the last for each slot, None where an
        optional slot was left out; and the mean log posterior on the path.

    Raises:
        TrainingError: There are more phones than the frames have room for.
    """
    needed = min_frames * sum(not slot.optional for slot in slots)
    frames = len(posteriors)
    if not slots or needed > frames:
        raise TrainingError(
            f"{len(slots)} phones need {needed} frames but the sound has {frames}: "
            "the transcript does not belong to this recording"
        )
    columns = np.repeat([slot.class_index for slot in slots], min_frames)
    scores = _log(posteriors)[:, columns]
    last = np.tile(np.arange(min_frames) == min_frames - 1, len(slots))
    states, total = _aligned_states(scores, last, _skips(slots, min_frames), slots)
    return _spans(states // min_frames, len(slots)), total / frames


def _skips(slots: Sequence[Slot], least: int) -> NDArray[np.intp]:
    """For each state the state it may be entered from over one optional slot, or -1."""
    sources = np.full(len(slots) * least, -1, np.intp)
    for index in range(2, len(slots)):
        if slots[index - 1].optional:
            sources[index * least] = (index - 1) * least - 1
    return sources


def _aligned_states(
    scores: Floats,
    last: NDArray[np.bool_],
    skips: NDArray[np.intp],
    slots: Sequence[Slot],
) -> tuple[NDArray[np.intp], float]:
    """Best state of each frame of a left-to-right chain, and the path's score."""
    frames, count = scores.shape
    least = count // len(slots)
    best = np.full(count, _IMPOSSIBLE, np.float32)
    best[0] = scores[0, 0]
    if slots[0].optional and len(slots) > 1:
        best[least] = scores[0, least]
    entries = np.flatnonzero(skips >= 0)  # states that may be entered over an optional slot
    loops = np.where(last, np.float32(0), _IMPOSSIBLE)
    came = np.zeros((frames, count), np.int8)  # 0 stayed, 1 moved on, 2 left a slot out
    for frame in range(1, frames):
        before, best = best, best + loops
        moved = before[:-1] > best[1:]
        came[frame, 1:] = moved
        np.copyto(best[1:], before[:-1], where=moved)
        over = before[skips[entries]]
        wins = entries[over > best[entries]]
        best[wins] = before[skips[wins]]
        came[frame, wins] = 2
        best += scores[frame]
    end = count - 1
    if slots[-1].optional and len(slots) > 1 and best[count - 1 - least] > best[end]:
        end = count - 1 - least
    states = np.zeros(frames, np.intp)
    states[-1] = end
    for frame in range(frames - 1, 0, -1):
        here = int(states[frame])
        states[frame - 1] = (here, here - 1, skips[here])[came[frame, here]]
    return states, float(best[end])


def _spans(slot_of_frame: NDArray[np.intp], count: int) -> list[tuple[int, int] | None]:
    starts = np.searchsorted(slot_of_frame, np.arange(count), side="left")
    stops = np.searchsorted(slot_of_frame, np.arange(count), side="right")
    return [
        (int(start), int(stop)) if stop > start else None
        for start, stop in zip(starts, stops, strict=True)
    ]

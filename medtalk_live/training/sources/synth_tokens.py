"""Phone times from the frames a token of Kokoro-like synthesisers.

Kokoro and models distilled from it say how many frames of 25 ms each letter
of their input lasts. The sound runs one token ahead of those frames (found
by comparing spectral change with the frames): a token's stretch is that of
the token before it, 10 ms early, which brings closures to where the other
sources have them. Marks of stress belong to the vowel after them; gaps
between words are silence only where the sound is quiet. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medtalk_live.training.sources.synth import SILENCE, level_db
from medtalk_live.training.utterance import Samples, Segment

RATE_HZ = 24_000
FRAME_S = 0.025
_EARLY_S = 0.01
_QUIET_DB = -38.0
_SPACE_PAUSE_S = 0.12
_PUNCTUATION_PAUSE_S = 0.06
_CLOSED_AT_START_S = 0.05
_SPOKEN_WITH_NEXT = set("ˈˌ")
_SPOKEN_WITH_LAST = set("ːʰʲᵝ\u0303→↗↓↘")
_STOPS = set("pbtdkɡgʧʤʦʣʨʥꭧcɟq")
_TO_IPA = {
    "I": "aɪ", "W": "aʊ", "A": "eɪ", "O": "oʊ", "Y": "ɔɪ", "Q": "əʊ", "ʤ": "dʒ",
    "ʧ": "tʃ", "ʦ": "ts", "ʣ": "dz", "ʨ": "tɕ", "ʥ": "dʑ", "ᵻ": "ɪ", "ᵊ": "ə",
    "T": "ɾ", "ꭧ": "ʈʂ",
}  # fmt: skip


def phones_of(tokens: Sequence[str], frames: NDArray[Any], samples: Samples) -> tuple[Segment, ...]:
    """Turn frames a token into phones; what follows the last one is silence.

    Args:
        tokens: Letters, without the two zeros that frame them.
        frames: Frames of the framing zero, of every token, and of the other.
        samples: The sound, to find where the first phone begins and the last
            one ends, and which gaps between words are silent.
    """
    quiet = level_db(samples, RATE_HZ) < _QUIET_DB
    loud = np.flatnonzero(~quiet) / 1000
    if not len(loud):
        return ((0.0, len(samples) / RATE_HZ, SILENCE),)
    ends = np.cumsum(frames) * FRAME_S - _EARLY_S
    spans = list(_stretches(tokens, ends, float(loud[0])))
    spans = list(_with_gaps(spans, quiet))
    symbol, start, end = spans[-1]
    spans[-1] = (symbol, start, max(end, min(float(loud[-1]), end + 0.15)))
    return _gapless(spans, len(samples) / RATE_HZ)


_Span = tuple[str, float, float]


def _stretches(tokens: Sequence[str], ends: NDArray[Any], onset_s: float) -> Iterator[_Span]:
    """Give each token the stretch of the token before it; join marks to phones."""
    first_end = float(ends[0])
    closed_s = _CLOSED_AT_START_S if tokens[0] in _STOPS else 0.0
    start = min(onset_s - closed_s, first_end - 0.03)
    pending: float | None = None
    held: _Span | None = None
    for index, token in enumerate(tokens):
        end = float(ends[index])
        if token in _SPOKEN_WITH_NEXT:
            pending = start if pending is None else pending
        elif token in _SPOKEN_WITH_LAST and held is not None:
            held = (held[0], held[1], end)
        else:
            if held is not None:
                yield held
            begin = start if pending is None else pending
            held, pending = (token, begin, end), None
        start = end
    if held is not None:
        yield held


def _with_gaps(spans: list[_Span], quiet: NDArray[np.bool_]) -> Iterator[_Span]:
    """Make long quiet gaps silence; share short ones between the neighbours."""
    marks = [not symbol.isalpha() for symbol, _, _ in spans]
    phones: list[_Span] = []
    gap: _Span | None = None
    for (symbol, start, end), is_mark in zip(spans, marks, strict=True):
        if is_mark:
            gap = (symbol if gap is None else gap[0] + symbol, gap[1] if gap else start, end)
            continue
        if gap is not None and phones:
            pause = _pause(gap, symbol, quiet)
            last = phones[-1]
            phones[-1] = (last[0], last[1], pause[0])
            if pause[1] > pause[0]:
                phones.append((SILENCE, *pause))
            start = pause[1]
        gap = None
        phones.append((symbol, start, end))
    yield from phones


def _pause(gap: _Span, following: str, quiet: NDArray[np.bool_]) -> tuple[float, float]:
    """Find the silent part of a gap; an empty one, in its middle, if none."""
    marks, start, end = gap
    middle = (start + end) / 2
    inside = np.flatnonzero(quiet[int(start * 1000) : int(end * 1000)]) / 1000
    least_s = _SPACE_PAUSE_S if not marks.strip() else _PUNCTUATION_PAUSE_S
    if len(inside) < least_s * 1000:
        return middle, middle
    pause_end = start + float(inside[-1])
    if following in _STOPS:
        pause_end -= _CLOSED_AT_START_S
    pause_start = start + float(inside[0])
    return (pause_start, pause_end) if pause_end > pause_start else (middle, middle)


def _gapless(spans: list[_Span], total_s: float) -> tuple[Segment, ...]:
    phones: list[Segment] = [(0.0, spans[0][1], SILENCE)]
    for symbol, start, end in spans:
        name = symbol if symbol == SILENCE else _TO_IPA.get(symbol, symbol)
        phones.append((start, end, name))
    phones.append((spans[-1][2], total_s, SILENCE))
    return tuple(phones)

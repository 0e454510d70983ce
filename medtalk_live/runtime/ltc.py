"""SMPTE timecode heard on an audio input: a streaming biphase-mark decoder and a timecode source.

A 0 is one long interval between edges, a 1 two short ones, 80 bits a frame,
the last 16 a sync word; only edges count, so the polarity does not matter.
Positions are exact to a fraction of a sample. ``LtcTimecode`` runs on through
drop-outs. ``audio`` belongs to the capture thread of the LTC device, the rest
to any. Source: SMPTE ST 12-1.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from medtalk_live.audio.source import AudioChunk
from medtalk_live.clock import parse_frame_rate
from medtalk_live.errors import ConfigError
from medtalk_live.output.timecode import DAY_SECONDS, SystemTimecode, TimecodeSource, parse_label
from medtalk_live.rig.controls import FloatArray

_BITS = 80
_SYNC_WORD = 0xBFFC
_SILENCE = 0.003
_BLOCK_SECONDS = 0.01
_LEARNING = 60
_RATES = tuple(parse_frame_rate(rate) for rate in ("23.976", 24, 25, "29.97", 30))


@dataclass(frozen=True, slots=True)
class LtcFrame:
    """One decoded frame.

    Attributes:
        label: ``HH:MM:SS:FF``, or ``;FF`` with the drop-frame flag.
        start_sample: Position of its first edge since the decoder began.
        length_samples: From there to the next frame's first edge.
    """

    label: str
    start_sample: float
    length_samples: float


class LtcDecoder:
    """Finds LTC frames in mono sound of any rate from 16 kHz up.

    Args:
        sample_rate: In Hz.
    """

    def __init__(self, sample_rate: int) -> None:
        self._block = round(sample_rate * _BLOCK_SECONDS)
        self._pending = np.zeros(0, np.float32)
        self._position = 0
        self._last_sample = 0.0
        self._reset()

    def push(self, samples: FloatArray) -> list[LtcFrame]:
        """Take the next samples; returns the frames that were completed."""
        sound = np.concatenate([self._pending, samples])
        whole = len(sound) // self._block * self._block
        self._pending = sound[whole:]
        found: list[LtcFrame] = []
        for at in range(0, whole, self._block):
            for edge in self._edges(sound[at : at + self._block]):
                frame = self._edge(edge)
                if frame is not None:
                    found.append(frame)
            self._position += self._block
        return found

    def _reset(self) -> None:
        self._high = False
        self._last_edge = 0.0
        self._period = 0.0
        self._intervals: list[float] = []
        self._half_since: float | None = None
        self._register = 0
        self._bit_starts: deque[float] = deque(maxlen=_BITS)

    def _edges(self, block: FloatArray) -> list[float]:
        """Positions of the level changes in a block, with hysteresis, to a fraction of a sample."""
        top, bottom = float(block.max()), float(block.min())
        centre, swing = (top + bottom) / 2, (top - bottom) / 2
        before = np.concatenate([[self._last_sample], block])
        self._last_sample = float(block[-1])
        if not swing > _SILENCE:
            self._reset()
            return []
        level = np.where(block > centre + swing / 4, 1, np.where(block < centre - swing / 4, -1, 0))
        level = np.concatenate([[1 if self._high else -1], level])
        filled = level[np.maximum.accumulate(np.where(level != 0, np.arange(len(level)), 0))]
        self._high = bool(filled[-1] > 0)
        changes = np.flatnonzero(np.diff(filled))
        limit = centre + filled[changes + 1] * swing / 4
        step = before[changes + 1] - before[changes]
        share = np.clip((limit - before[changes]) / np.where(step == 0, 1, step), 0, 1)
        return [float(edge) for edge in self._position - 1 + changes + share]

    def _edge(self, edge: float) -> LtcFrame | None:
        """One edge: an interval, perhaps a bit, perhaps the last bit of a frame."""
        start, interval = self._last_edge, edge - self._last_edge
        self._last_edge = edge
        if not self._period:
            self._learn(interval)
            return None
        if not 0.25 < interval / self._period < 1.5:
            self._reset()
            self._last_edge = edge
            return None
        if interval > 0.75 * self._period:
            self._period += 0.1 * (interval - self._period)
            self._half_since = None
            return self._bit(0, start, edge)
        self._period += 0.1 * (2 * interval - self._period)
        if self._half_since is None:
            self._half_since = start
            return None
        start, self._half_since = self._half_since, None
        return self._bit(1, start, edge)

    def _learn(self, interval: float) -> None:
        """The longest usual interval is a whole bit."""
        self._intervals.append(interval)
        if len(self._intervals) > _LEARNING:
            self._period = float(np.quantile(self._intervals[1:], 0.9))
            self._intervals = []

    def _bit(self, bit: int, start: float, end: float) -> LtcFrame | None:
        self._register = (self._register >> 1) | (bit << (_BITS - 1))
        self._bit_starts.append(start)
        if self._register >> 64 != _SYNC_WORD or len(self._bit_starts) < _BITS:
            return None
        words = _label(self._register)
        first = self._bit_starts[0]
        self._bit_starts.clear()
        return LtcFrame(words, first, end - first) if words else None


def _label(register: int) -> str:
    """The label in 80 received bits, empty where the digits are impossible."""

    def number(units: int, tens: int, tens_bits: int) -> int:
        digit = register >> units & 15
        return digit + 10 * (register >> tens & (1 << tens_bits) - 1) if digit < 10 else 99

    frames, seconds = number(0, 8, 2), number(16, 24, 3)
    minutes, hours = number(32, 40, 3), number(48, 56, 2)
    if frames > 29 or seconds > 59 or minutes > 59 or hours > 23:
        return ""
    mark = ";" if register >> 10 & 1 else ":"
    return f"{hours:02}:{minutes:02}:{seconds:02}{mark}{frames:02}"


class LtcTimecode:
    """A timecode source that follows LTC, and the system clock until some was heard.

    Args:
        fallback: What to answer before; the system clock by default.

    Attributes:
        drop_frame: As flagged in the LTC.
    """

    _FOLLOW = 0.1

    def __init__(self, fallback: TimecodeSource | None = None) -> None:
        self._fallback = fallback or SystemTimecode()
        self.drop_frame = self._fallback.drop_frame
        self._decoder: LtcDecoder | None = None
        self._rate = self._pushed = self._expected = 0
        self._lengths: deque[float] = deque(maxlen=50)
        self._offset: float | None = None

    @property
    def fps(self) -> Fraction | None:
        """Rate of the LTC, None before any was heard."""
        if not self._lengths:
            return None
        if self.drop_frame:
            return Fraction(30_000, 1001)
        measured = self._rate / float(np.mean(self._lengths))
        return min(_RATES, key=lambda rate: abs(float(rate) - measured))

    def seconds_at(self, steady_time: float) -> float:
        """Seconds since 00:00:00:00."""
        if self._offset is None:
            return self._fallback.seconds_at(steady_time)
        return (steady_time + self._offset) % DAY_SECONDS

    def audio(self, chunk: AudioChunk) -> None:
        """Listen to the next chunk of the LTC device."""
        lost = chunk.start_sample != self._expected
        if self._decoder is None or lost or chunk.sample_rate != self._rate:
            self._decoder, self._rate, self._pushed = (
                LtcDecoder(chunk.sample_rate),
                chunk.sample_rate,
                0,
            )
        frames = self._decoder.push(chunk.samples)
        for frame in frames:
            behind = (frame.start_sample - self._pushed) / self._rate
            self._follow(frame, chunk.capture_time + behind)
        self._pushed += len(chunk.samples)
        self._expected = chunk.start_sample + len(chunk.samples)

    def _follow(self, frame: LtcFrame, time: float) -> None:
        """Tie a frame to its time: softly while it fits, at once after a jump."""
        self.drop_frame = ";" in frame.label
        self._lengths.append(frame.length_samples)
        fps = self.fps
        assert fps is not None, "a length was just noted"
        try:
            seconds = parse_label(frame.label, fps) / float(fps)
        except ConfigError:
            return
        error = 0.0 if self._offset is None else seconds - time - self._offset
        error -= round(error / DAY_SECONDS) * DAY_SECONDS
        if self._offset is None or abs(error) > 0.5 / float(fps):
            self._offset = seconds - time
        else:
            self._offset += self._FOLLOW * error

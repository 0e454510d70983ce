"""Log-mel features at 120 Hz: what our streaming speech encoder hears.

Two windows of 25 ms end inside each frame's hop, the second at the very end of
it, so that nothing heard is left out. Window ends are exact integers, whatever
the stream's length. Pure numpy; engine thread.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from medtalk_live.clock import SAMPLE_RATE
from medtalk_live.rig.controls import FloatArray

WINDOW_SAMPLES = 400
FFT_SAMPLES = 512
BANDS = 64
WINDOWS_PER_FRAME = 2
FEATURES = BANDS * WINDOWS_PER_FRAME
LOWEST_HZ, HIGHEST_HZ = 50.0, 7600.0
TAIL_SAMPLES = WINDOW_SAMPLES + SAMPLE_RATE // 120
FLOOR = 1e-7
"""Added to the mel power before the logarithm; about -70 dB, below a quiet room."""


@dataclass(frozen=True, slots=True)
class MelState:
    """The last ``TAIL_SAMPLES`` samples heard, float32."""

    tail: FloatArray


@lru_cache(maxsize=1)
def _filterbank() -> tuple[FloatArray, FloatArray]:
    """Hann window (400,) and triangular mel weights (257, 64), HTK scale."""
    low, high = (2595.0 * np.log10(1.0 + hz / 700.0) for hz in (LOWEST_HZ, HIGHEST_HZ))
    centres = 700.0 * (10.0 ** (np.linspace(low, high, BANDS + 2) / 2595.0) - 1.0)
    bins = np.fft.rfftfreq(FFT_SAMPLES, 1.0 / SAMPLE_RATE)[:, None]
    rising = (bins - centres[:-2]) / (centres[1:-1] - centres[:-2])
    falling = (centres[2:] - bins) / (centres[2:] - centres[1:-1])
    weights = np.maximum(0.0, np.minimum(rising, falling))
    window = np.hanning(WINDOW_SAMPLES + 1)[:-1]
    return window.astype(np.float32), weights.astype(np.float32)


def log_mel(windows: FloatArray) -> FloatArray:
    """Log-mel power of windows of sound.

    Args:
        windows: float32, shape (..., 400), mono 16 kHz in [-1, 1].

    Returns:
        float32, shape (..., 64).
    """
    window, weights = _filterbank()
    spectrum = np.fft.rfft(windows * window, FFT_SAMPLES)
    power = (spectrum.real**2 + spectrum.imag**2).astype(np.float32)
    result: FloatArray = np.log(power @ weights + np.float32(FLOOR))
    return result


def init_state() -> MelState:
    """Silence before the stream."""
    return MelState(np.zeros(TAIL_SAMPLES, np.float32))


def step(samples: FloatArray, state: MelState) -> tuple[FloatArray, MelState]:
    """Features of the frame whose hop ``samples`` completes.

    Args:
        samples: float32, shape (n,): 266 or 267 samples, or any other number
            at the start of a stream (the look-ahead).
        state: From ``init_state`` or the previous call; left untouched.

    Returns:
        Features (128,), the earlier window first, and the new state.
    """
    joined = np.concatenate((state.tail, samples))
    end = len(joined)
    # the first window ends half a frame before the hop does: 133 or 134 samples
    middle = end - SAMPLE_RATE // 120
    pair = np.stack((joined[middle - WINDOW_SAMPLES : middle], joined[end - WINDOW_SAMPLES :]))
    return log_mel(pair).reshape(FEATURES), MelState(joined[end - TAIL_SAMPLES :])


def forward(
    samples: FloatArray, frames: int, look_ahead_samples: int = 0, first: int = 0
) -> FloatArray:
    """Features of a whole clip, equal to ``step`` over its hops.

    Args:
        samples: float32, shape (n,); silence is added where it ends early.
        frames: How many.
        look_ahead_samples: Added to every window's end.
        first: Frame to begin with; -1 begins a hop before the sound.

    Returns:
        (frames, 128) float32.
    """
    if frames == 0:
        return np.zeros((0, FEATURES), np.float32)
    steps = np.arange(first + 1, first + frames + 1)
    ends = np.maximum(-(-steps * SAMPLE_RATE // 60) + look_ahead_samples, 0)
    padded = np.zeros(TAIL_SAMPLES + int(ends[-1]), np.float32)
    heard = samples[: int(ends[-1])]
    padded[TAIL_SAMPLES : TAIL_SAMPLES + len(heard)] = heard
    view = np.lib.stride_tricks.sliding_window_view(padded, WINDOW_SAMPLES)
    late = ends + SAMPLE_RATE // 120  # where the windows that end at ``ends`` begin
    both = np.stack((view[ends], view[late]), axis=1)
    return log_mel(both).reshape(frames, FEATURES)

"""Any sample rate in, 16 kHz out, as a stream without seams.

libsamplerate's windowed sinc holds back 2.9 ms of sound; soxr's streaming mode
holds back 37 ms at 48 kHz and 118 ms at 8 kHz, more than the whole budget of
the live run. Output sample i lies at i / target_rate seconds of the input, and
does not depend on how the input was cut. Engine thread; does not block.
"""

from __future__ import annotations

import numpy as np

from medtalk_live.clock import SAMPLE_RATE
from medtalk_live.errors import AudioError
from medtalk_live.rig.controls import FloatArray

LOWEST_RATE, HIGHEST_RATE = 8_000, 96_000
LOUDEST = 8.0
"""Full scale is 1; what goes beyond this is no sound in [-1, 1]."""

_MOST_CHANNELS = 64
_ZERO_CROSSINGS = 47  # one wing of libsamplerate's "sinc_medium" window


def checked_rate(sample_rate: int) -> int:
    """A sample rate that can be used, as an integer; 16000.0 is one too.

    Raises:
        AudioError: it is not a whole number in 8 to 96 kHz.
    """
    if not LOWEST_RATE <= sample_rate <= HIGHEST_RATE or sample_rate != int(sample_rate):
        raise AudioError(
            f"a sample rate of {sample_rate} Hz was given; "
            f"expected {LOWEST_RATE} to {HIGHEST_RATE} Hz, whole: convert the sound first"
        )
    return int(sample_rate)


class StreamResampler:
    """Converts one mono stream; keeps the filter's memory between calls.

    Args:
        source_rate: Of the input in Hz, 8,000 to 96,000.
        target_rate: Of the output in Hz.

    Raises:
        AudioError: ``source_rate`` is out of range.
    """

    def __init__(self, source_rate: int, target_rate: int = SAMPLE_RATE) -> None:
        self._ratio = target_rate / checked_rate(source_rate)
        self._filter = None
        self.latency_ms = 0.0
        if source_rate != target_rate:
            import samplerate

            self._filter = samplerate.Resampler("sinc_medium", 1)
            self.latency_ms = 1000.0 * _ZERO_CROSSINGS / min(source_rate, target_rate)

    def push(self, samples: FloatArray) -> FloatArray:
        """Convert the next stretch; gives what can be computed from the sound so far."""
        if self._filter is None or not len(samples):
            return samples
        converted: FloatArray = self._filter.process(samples, self._ratio)
        return converted


def to_mono(samples: np.ndarray) -> FloatArray:
    """Sound as the engine takes it: mono float32; channels are averaged, integers scaled.

    Args:
        samples: (n,) or (n, channels), any float or integer type.

    Raises:
        AudioError: the array has another shape or type, or more than 64 channels.
    """
    sound = np.asarray(samples)
    if sound.ndim not in (1, 2) or sound.dtype.kind not in "fi":
        raise AudioError(
            f"sound of shape {sound.shape} and type {sound.dtype} was given; "
            "expected (samples,) or (samples, channels), float or signed integer"
        )
    if sound.ndim == 2 and sound.shape[1] > _MOST_CHANNELS:
        raise AudioError(
            f"sound of shape {sound.shape} was given; expected (samples, channels) "
            f"with at most {_MOST_CHANNELS} channels: transpose it"
        )
    if sound.dtype.kind == "i":
        sound = sound.astype(np.float32) / -float(np.iinfo(sound.dtype).min)
    if sound.ndim == 2:
        sound = sound.mean(axis=1) if sound.shape[1] else np.zeros(len(sound))
    return np.ascontiguousarray(sound, dtype=np.float32)


def finite(samples: FloatArray) -> tuple[FloatArray, int]:
    """Sound (n,) with silence for no numbers and what is over ``LOUDEST``, and their number."""
    good = np.abs(samples) <= LOUDEST  # false for what is not a number
    if good.all():
        return samples, 0
    return np.where(good, samples, np.float32(0.0)), int(np.count_nonzero(~good))

"""Listens to a second sound input that carries LTC, on a thread of its own.

The timecode goes on by itself while the device is away; the run never waits
for it. Opened and closed by the main thread.
"""

from __future__ import annotations

import logging

from medtalk_live.audio.source import AudioSource
from medtalk_live.background import Background
from medtalk_live.errors import DeviceError
from medtalk_live.runtime.ltc import LtcTimecode

log = logging.getLogger(__name__)

_PATIENCE = 0.1


class TimecodeFeed:
    """Feeds a device's sound to an LTC decoder.

    Args:
        source: The device that the LTC cable ends in.
        timecode: What listens.
    """

    def __init__(self, source: AudioSource, timecode: LtcTimecode) -> None:
        self._source = source
        self._timecode = timecode
        self._background = Background("timecode", self._listen)

    def open(self) -> None:
        """Start to listen.

        Raises:
            AudioError: the device cannot be opened.
        """
        try:
            self._source.open()
        except DeviceError as error:
            raise DeviceError(
                f"linear timecode has no input ({error}): "
                "choose one with --timecode ltc:DEVICE, or take --timecode clock"
            ) from None
        self._background.start()

    def close(self) -> None:
        """Stop listening; safe to call twice."""
        self._background.stop()
        self._source.close()

    def _listen(self) -> None:
        while not self._background.stopping.is_set():
            try:
                chunk = self._source.read(_PATIENCE)
                if chunk is not None:
                    self._timecode.audio(chunk)
            except Exception as error:
                log.warning("timecode: %s; it goes on by the clock", error)
                self._background.stopping.wait(1.0)

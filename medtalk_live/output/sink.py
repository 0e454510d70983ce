"""The border where frames go out: the ``FrameSink`` protocol.

Sinks are called from the pacing thread alone, 60 times a second: ``send`` must
neither block nor raise for a receiver that is away; it counts instead.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Protocol

from medtalk_live.rig.frames import ControlFrame


@dataclass(frozen=True, slots=True)
class StreamInfo:
    """What the once-a-second hello tells a receiver (see the wire table in ``protocol/``).

    Attributes:
        subject: Name of the avatar, 64 bytes of UTF-8 at most.
        session: Random, new with every start of the sender.
        version: Software version.
        fps: Output frame rate.
        latency_ms: Sample in to datagram out, as last measured.
        control_port: Where commands are taken; 0 where none are.
        model: Name of the model.
        guidance: The guidance in words.
        timecode: ``HH:MM:SS:FF`` or ``HH:MM:SS;FF`` or empty.
        timecode_time: The sender's steady time that ``timecode`` belongs to.
    """

    subject: str
    session: int
    version: str
    fps: Fraction
    latency_ms: float
    control_port: int
    model: str
    guidance: str
    timecode: str = ""
    timecode_time: float = 0.0


@dataclass(slots=True)
class SinkHealth:
    """Counters of one sink."""

    sent: int = 0
    failed: int = 0
    last_error: str = ""


class FrameSink(Protocol):
    """Anything that takes frames.

    Attributes:
        name: Kind and address, for the status line.
        health: Counters.
    """

    name: str
    health: SinkHealth

    def open(self) -> None:
        """Make ready; raises ``SinkError`` with a remedy where the address is unusable."""
        ...

    def send(self, frame: ControlFrame) -> None:
        """Send one frame; never blocks, never raises for an absent receiver."""
        ...

    def hello(self, info: StreamInfo) -> None:
        """Tell about the stream, once a second."""
        ...

    def bye(self) -> None:
        """The stream ends: receivers ease to neutral."""
        ...

    def close(self) -> None:
        """Free sockets and files; safe to call twice."""
        ...

"""``--tui``: the run in a terminal, with a meter, bars of controls and keys.

For machines without a browser, over ssh too. The keys do what the page's
buttons do, by the same commands. Textual draws it (Windows as well); it takes
the main thread until the run ends or ``q`` is pressed. ``frame`` and ``audio``
may be called from any thread and return at once.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from medtalk_live.audio.source import AudioChunk
from medtalk_live.errors import MissingExtraError
from medtalk_live.rig.controls import index
from medtalk_live.rig.frames import ControlFrame

if TYPE_CHECKING:
    from textual.app import App

FLOOR_DB = -60.0
_BAR_CELLS = 20
_SHOWN = (
    ("jaw open", "C_jaw.ty"),
    ("lips together", "L_mouth_lipsTogetherU.ty"),
    ("purse", "L_mouth_purseU.ty"),
    ("funnel", "L_mouth_funnelU.ty"),
    ("stretch", "L_mouth_stretch.ty"),
    ("corner pull", "L_mouth_cornerPull.ty"),
    ("corner depress", "L_mouth_cornerDepress.ty"),
    ("upper lip raise", "L_mouth_upperLipRaise.ty"),
    ("tongue", "C_tongue.ty"),
    ("nose sneer", "L_nose.ty"),
    ("cheek raise", "L_eye_cheekRaise.ty"),
    ("blink", "L_eye_blink.ty"),
    ("look up", "C_eye.ty"),
    ("brow down", "L_brow_down.ty"),
    ("brow raise in", "L_brow_raiseIn.ty"),
    ("brow raise out", "L_brow_raiseOut.ty"),
)


@dataclass(slots=True)
class TerminalView:
    """What the terminal shows and does.

    Attributes:
        report: The statistics of the run (``Snapshot.as_json``); asked for twice a second.
        on_command: Executes a command of the control channel; may take its time.
        finished: Set when the run is over.
        slate: Of takes that are started here.
        recording: Whether a take ran when the status was last drawn up.
    """

    report: Callable[[], Mapping[str, Any]]
    on_command: Callable[[str, Sequence[object]], str]
    finished: threading.Event
    slate: str = "live"
    recording: bool = False
    _newest: ControlFrame = field(default_factory=ControlFrame.neutral)
    _level_db: float = FLOOR_DB

    def frame(self, frame: ControlFrame) -> None:
        """Show this frame next."""
        self._newest = frame

    def audio(self, chunk: AudioChunk) -> None:
        """Follow the input level: up at once, down slowly."""
        peak = float(np.abs(chunk.samples).max(initial=1e-6))
        self._level_db = max(20 * np.log10(peak), self._level_db - 1.0, FLOOR_DB)

    def run(self) -> None:
        """Show the run until it ends or the user leaves.

        Raises:
            MissingExtraError: textual is not installed.
        """
        self.app().run()

    def app(self) -> App[None]:
        """The terminal program, not yet running."""
        try:
            from medtalk_live.face.tui_app import LiveApp
        except ImportError:
            raise MissingExtraError("textual", "tui", "the view in the terminal") from None
        return LiveApp(self)

    def meter(self) -> str:
        """The input level as a bar."""
        share = 1 - self._level_db / FLOOR_DB
        return f"{_bar(share, 40)} {self._level_db:6.1f} dB"

    def bars(self) -> str:
        """One line for each of the controls that are shown."""
        values = self._newest.controls
        return "\n".join(
            f"{name:>16} {_both_ways(float(values[index(control)]))} {values[index(control)]:6.2f}"
            for name, control in _SHOWN
        )

    def status(self) -> str:
        """Latency, rate, guidance, receivers and take in a few lines."""
        report = self.report()
        self.recording = bool(report.get("take"))
        latency = (report.get("latency_ms") or {}).get("p50", 0.0)
        sinks = [
            f"{sink['name']}: {sink['sent']} sent"
            + (f", {sink['failed']} failed" * bool(sink["failed"]))
            for sink in report.get("sinks", ())
        ]
        return "\n".join(
            (
                f"latency {latency:.0f} ms   {report.get('fps', 0.0):.1f} fps",
                f"guidance {report.get('guidance', '')}",
                f"take {report.get('take') or 'none'}",
                *sinks,
            )
        )


def _bar(share: float, cells: int) -> str:
    filled = round(min(max(share, 0.0), 1.0) * cells)
    return "█" * filled + "·" * (cells - filled)


def _both_ways(value: float) -> str:
    """A bar from the middle: to the right for a positive value, to the left for a negative one."""
    half = _BAR_CELLS // 2
    filled = round(min(abs(value), 1.0) * half)
    if value < 0:
        return "·" * (half - filled) + "█" * filled + "│" + "·" * half
    return "·" * half + "│" + "█" * filled + "·" * (half - filled)

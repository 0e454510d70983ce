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
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from medtalk_live.audio.source import AudioChunk
from medtalk_live.errors import MedTalkError, MissingExtraError
from medtalk_live.model.streaming import LABELS
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
    """

    report: Callable[[], Mapping[str, Any]]
    on_command: Callable[[str, Sequence[object]], str]
    finished: threading.Event
    slate: str = "live"
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
            import textual  # noqa: F401  (only asked whether it is there)
        except ImportError:
            raise MissingExtraError("textual", "tui", "the view in the terminal") from None
        return _make_app(self)

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


def status_words(report: Mapping[str, Any]) -> str:
    """Latency, rate, guidance, receivers and take in a few lines."""
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


def _make_app(view: TerminalView) -> App[None]:
    """The Textual program; built in a function so that Textual is imported only when used."""
    from textual.app import App, ComposeResult
    from textual.binding import Binding
    from textual.containers import Horizontal, Vertical
    from textual.widgets import Footer, Input, Static

    class LiveApp(App[None]):
        """The run in a terminal."""

        TITLE = "medtalk-live"
        ENABLE_COMMAND_PALETTE = False
        AUTO_FOCUS = None  # else the hidden field would swallow the keys
        CSS = "#bars { width: 50; } #words { display: none; } #words.asking { display: block; }"
        BINDINGS = [  # noqa: RUF012  (Textual reads it from the class)
            *(
                Binding(str(place), f"emotion('{label}')", label)
                for place, label in enumerate(LABELS, 1)
            ),
            Binding("space", "record", "record"),
            Binding("plus,equals_sign", "louder(0.1)", "stronger", key_display="+"),
            Binding("minus", "louder(-0.1)", "weaker", key_display="-"),
            Binding("t", "ask", "text"),
            Binding("m", "mute", "mute"),
            Binding("q", "quit", "quit"),
            Binding("ctrl+c", "quit", show=False, priority=True),
        ]

        def __init__(self) -> None:
            super().__init__()
            self.intensity = 1.0
            self.recording = False
            self.muted = False
            self.meter, self.bars, self.status, self.answer = (
                Static(id=name, markup=False) for name in ("meter", "bars", "status", "answer")
            )
            self.words = Input(placeholder="a tired half smile", id="words")

        def compose(self) -> ComposeResult:
            """Meter, bars, status, and a field for a sentence."""
            yield self.meter
            yield Horizontal(self.bars, Vertical(self.status, self.answer))
            yield self.words
            yield Footer()

        def on_ready(self) -> None:
            """Start the clocks."""
            self.set_interval(1 / 15, self.draw_face)
            self.set_interval(0.5, self.draw_status)
            self.draw_face()
            self.draw_status()

        def draw_face(self) -> None:
            """Meter and bars; ends with the run."""
            if view.finished.is_set():
                self.exit()
            self.meter.update(view.meter())
            self.bars.update(view.bars())

        def draw_status(self) -> None:
            """The numbers."""
            report = view.report()
            self.recording = bool(report.get("take"))
            self.status.update(status_words(report))

        def command(self, address: str, *arguments: object) -> None:
            """Have a command carried out beside the drawing, and show its answer."""
            work = partial(self._execute, "/medtalk/1/" + address, arguments)
            self.run_worker(work, thread=True)

        def _execute(self, address: str, arguments: Sequence[object]) -> None:
            try:
                words = view.on_command(address, arguments)
            except MedTalkError as problem:
                words = str(problem)
            except Exception as error:  # which would end the view, and with it the run
                words = f"{address} failed: {error}"
            self.call_from_thread(self.answer.update, words)

        def action_emotion(self, label: str) -> None:
            """Keys 1 to 7."""
            self.command("emotion", label)

        def action_record(self) -> None:
            """Space: start or stop a take."""
            if self.recording:
                self.command("take/stop")
            else:
                self.command("take/start", view.slate)

        def action_louder(self, step: float) -> None:
            """Plus and minus: the intensity."""
            self.intensity = round(min(max(self.intensity + step, 0.0), 2.0), 2)
            self.command("intensity", self.intensity)

        def action_mute(self) -> None:
            """M: rest the face, or wake it."""
            self.muted = not self.muted
            self.command("mute", int(self.muted))

        def action_ask(self) -> None:
            """T: ask for a sentence."""
            self.words.add_class("asking")
            self.words.focus()

        def on_input_submitted(self, event: Input.Submitted) -> None:
            """A sentence was typed."""
            self.command("text", event.value)
            event.input.value = ""
            event.input.remove_class("asking")
            self.set_focus(None)

    return LiveApp()

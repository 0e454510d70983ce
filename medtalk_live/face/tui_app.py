"""The terminal view's program: widgets, clocks and keys.

Apart from ``tui`` because it needs Textual as it is imported. Runs on the main
thread; commands are carried out on Textual's worker threads.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from textual.app import App, ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.widgets import Footer, Input, Static

from medtalk_live.errors import MedTalkError
from medtalk_live.model.streaming import LABELS

if TYPE_CHECKING:
    from medtalk_live.face.tui import TerminalView


class LiveApp(App[None]):
    """The run in a terminal, until it ends or the user leaves."""

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

    def __init__(self, view: TerminalView) -> None:
        super().__init__()
        self.view = view
        self.intensity = 1.0
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
        if self.view.finished.is_set():
            self.exit()
        self.meter.update(self.view.meter())
        self.bars.update(self.view.bars())

    def draw_status(self) -> None:
        """The numbers."""
        self.status.update(self.view.status())

    def command(self, address: str, *arguments: object) -> None:
        """Have a command carried out beside the drawing, and show its answer."""
        work = partial(self._execute, "/medtalk/1/" + address, arguments)
        self.run_worker(work, thread=True)

    def _execute(self, address: str, arguments: Sequence[object]) -> None:
        try:
            words = self.view.on_command(address, arguments)
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
        if self.view.recording:
            self.command("take/stop")
        else:
            self.command("take/start", self.view.slate)

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

"""A live run in your own Python: sound in, frames out, the expression changed on the way.

Run  python examples/live_to_osc.py [RECORDING] [--to HOST:PORT]  . Without a
recording it listens to the microphone until Ctrl-C. ``medtalk-live`` itself
does the same and more: it paces the frames evenly, says hello, takes commands.
"""

from __future__ import annotations

import argparse
import contextlib

import medtalk_live as mt
from medtalk_live.audio.file import FileSource
from medtalk_live.audio.microphone import MicrophoneSource
from medtalk_live.output.osc import OscSink


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("recording", nargs="?", help="played at its own speed")
    parser.add_argument("--to", default="127.0.0.1:9870", metavar="HOST:PORT")
    parser.add_argument("--then", default="a sly half smile", help="the expression after 2 s")
    chosen = parser.parse_args()
    host, _, port = chosen.to.partition(":")

    model = mt.load_model("starter", look_ahead_ms=40)
    animator = mt.Animator(model, guidance=mt.Guidance.label("happy"))
    source = FileSource(chosen.recording) if chosen.recording else MicrophoneSource()
    sink = OscSink(host, int(port), subject="MedTalk")
    changed = False

    source.open()
    sink.open()
    with contextlib.suppress(KeyboardInterrupt):
        while not source.ended:
            chunk = source.read(timeout=0.2)
            if chunk is None:
                continue
            for frame in animator.push(chunk):
                sink.send(frame)
            if not changed and chunk.start_sample > 2 * chunk.sample_rate:
                animator.guide(mt.Guidance.text(chosen.then), blend_seconds=0.4)
                changed = True
    for frame in animator.flush():  # what the look-ahead still held back
        sink.send(frame)
    sink.bye()  # receivers ease to neutral
    sink.close()
    source.close()
    print(f"{sink.health.sent} frames sent to {chosen.to}")


if __name__ == "__main__":
    main()

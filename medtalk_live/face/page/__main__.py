"""The page process: ``python -m medtalk_live.face.page PORT``, started by ``PreviewSink``.

It ends when its standard input does, so it cannot outlive the engine; Ctrl-C
in the terminal is for the engine alone.
"""

from __future__ import annotations

import asyncio
import signal
import sys

from medtalk_live.face.page.server import PageServer, answer_line


def main() -> int:
    """Serve until the engine goes; 1 where the port cannot be had."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        asyncio.run(_run(int(sys.argv[1])))
    except OSError as error:
        answer_line({"error": str(error)})
        return 1
    return 0


async def _run(port: int) -> None:
    await PageServer(port, sys.stdin.buffer, answer_line).run()


if __name__ == "__main__":
    sys.exit(main())

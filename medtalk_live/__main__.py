"""``python -m medtalk_live``: the same as the ``medtalk-live`` command."""

import sys


def run() -> int:
    """The command line; Ctrl-C while it is still being imported ends it quietly, too."""
    try:
        from medtalk_live.cli.main import main

        return main()
    except KeyboardInterrupt:
        return 1


if __name__ == "__main__":
    sys.exit(run())

"""``python -m medtalk_live``: the same as the ``medtalk-live`` command."""

import sys

from medtalk_live.cli.main import main

if __name__ == "__main__":
    sys.exit(main())

"""``python -m medtalk_live``: the same as the ``medtalk-live`` command."""

import sys

try:
    from medtalk_live.cli.main import main

    sys.exit(main())
except KeyboardInterrupt:  # before ``main`` can say so itself
    sys.exit(1)

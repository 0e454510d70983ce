"""What several integration tests are given."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from browser import chromium


@pytest.fixture(scope="module")
def driver() -> Iterator[object]:
    """A browser, the same for all tests of a file."""
    with chromium() as opened:
        yield opened

"""The browser of these tests: one for all; without one they are skipped, but where everything must hold they fail."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from chromium import FOUND, Browser


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if FOUND is None:
        message = "no chromium found, so the page was not looked at: apt install chromium"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    started = Browser()
    try:
        yield started
    finally:
        started.close()

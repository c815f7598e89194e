"""What holds for every run of the tests: which are collected, which random examples are tried, what is success."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

HEAVY = [Path(__file__).parent / "oracles", Path(__file__).parent / "browser"]

# What the extra `oracles` installs for tests that are skipped without it; PyTorch, which few systems have, is apart.
PROMISED = ("jax", "scipy", "micrograd", "jupyterlab", "jupytext", "nbclient", "markdown-it-py")

# The same examples every time, so that a failure is there for the next person too. New ones are searched for with
# `pytest --hypothesis-profile explore`.
settings.register_profile(
    "same", derandomize=True, deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("explore", deadline=None, print_blob=True, max_examples=2000)
settings.load_profile("same")


def is_heavy(config: pytest.Config) -> bool:
    """Whether the tests against heavy independent libraries are asked for, as by `pytest -m oracle`."""
    return config.option.markexpr != "not oracle"


def pytest_sessionstart(session: pytest.Session) -> None:
    # Where everything must hold, nothing may be skipped for want of a library.
    if os.environ.get("CI") != "true" or not is_heavy(session.config) or hasattr(session.config, "workerinput"):
        return
    installed = {(distribution.metadata["Name"] or "").lower() for distribution in metadata.distributions()}
    missing = [name for name in PROMISED if name not in installed]
    if missing:
        pytest.exit(f"not installed: {', '.join(missing)}. Install the extra oracles: pip install -e '.[oracles]'", 1)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    # Deselected by their mark they would still be imported, and with them libraries that need not be there.
    return True if collection_path in HEAVY and not is_heavy(config) else None


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """One browser for all; without one its tests are skipped, but where everything must hold they fail."""
    from chromium import FOUND, Browser

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


@pytest.fixture
def eager_switching() -> Iterator[None]:
    """Threads take turns as often as the interpreter can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    # All skipped is not success.
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")  # None in the processes of pytest-xdist
    if exitstatus or reporter is None or session.config.option.collectonly:
        return
    if not reporter.stats.get("passed"):
        session.exitstatus = pytest.ExitCode.NO_TESTS_COLLECTED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if not is_heavy(config):
        return
    terminalreporter.section("the libraries compared with")
    for name in (*PROMISED, "torch"):
        try:
            terminalreporter.line(f"{name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:
            terminalreporter.line(f"{name} is not installed: THE TESTS WITH IT WERE NOT RUN", yellow=True)

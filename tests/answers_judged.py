"""What the checks of exercises say to right answers, to wrong ones, and to those of another kind."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from checks import ANSWERS, check


def said(capsys: pytest.CaptureFixture[str], name: str, answer: Any) -> str:
    check(name, answer)
    out: str = capsys.readouterr().out
    return out.rstrip("\n")


def is_judged(capsys: pytest.CaptureFixture[str], name: str, right: Iterable[Any], wrong: Iterable[Any]) -> None:
    """Right answers are taken, and wrong ones are met with the hint."""
    assert said(capsys, name, ...) == f"{name}: not answered yet"
    for answer in right:
        assert said(capsys, name, answer) == f"{name}: right", answer
    for answer in wrong:
        assert said(capsys, name, answer) == f"{name}: not yet. {ANSWERS[name].hint}", answer


def is_odd(capsys: pytest.CaptureFixture[str], name: str, answer: Any, told: str) -> None:
    """An answer of another kind is told what is asked for."""
    line = said(capsys, name, answer)
    assert line.startswith(f"{name}: not yet. "), line
    assert told in line, line

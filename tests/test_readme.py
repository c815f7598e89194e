"""The README: every piece of Python in it runs, every number that it prints is true, every command in it exists.

The pieces are run in order and in one namespace, as a reader would. A piece with `>>>` is a doctest. In any other, an
expression that stands alone and ends in a comment promises what it gives: `a.grad  # -0.5`, `print(a)  # Value(2.0)`.
A piece of text after one of Python is what that one printed last; the lines of code that are named in it may be others.
"""

from __future__ import annotations

import ast
import contextlib
import doctest
import io
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
README = ROOT / "README.md"


def fenced(text: str) -> Iterator[tuple[int, str, str]]:
    """The fenced pieces of Python and of text, each with its language and the number of the line before it."""
    for piece in re.finditer(r"^```(python|text)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
        yield text.count("\n", 0, piece.start(2)), piece[1], piece[2]


def run_as_doctest(piece: str, at: int, namespace: dict[str, Any]) -> str:
    test = doctest.DocTestParser().get_doctest(piece, {}, "README.md", "README.md", at)
    test.globs = namespace
    report = io.StringIO()
    failed = doctest.DocTestRunner(verbose=False, optionflags=doctest.NORMALIZE_WHITESPACE).run(
        test, out=report.write, clear_globs=False
    )
    assert not failed.failed, report.getvalue()
    return ""


def run_as_program(piece: str, at: int, namespace: dict[str, Any]) -> str:
    """What its last statement printed."""
    lines = piece.splitlines()
    printed = io.StringIO()
    for statement in ast.parse(piece).body:
        last = (statement.end_lineno or statement.lineno) - 1
        promise = lines[last].encode()[statement.end_col_offset :].decode().strip()  # the columns of ast count bytes
        statement = ast.increment_lineno(statement, at)
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            if isinstance(statement, ast.Expr):
                value = eval(compile(ast.Expression(statement.value), "README.md", "eval"), namespace)
                if value is not None:
                    print(repr(value))
            else:
                exec(compile(ast.Module([statement], []), "README.md", "exec"), namespace)
        if isinstance(statement, ast.Expr) and promise.startswith("#"):
            where = f"README.md, line {at + last + 1}: {lines[last]}"
            assert " ".join(printed.getvalue().split()) == promise.lstrip("# "), where
    return printed.getvalue()


def run(text: str) -> int:
    """Run all the Python of a text; the number of its pieces."""
    namespace: dict[str, Any] = {"__name__": "readme"}
    count, printed = 0, ""
    for at, language, piece in fenced(text):
        if language == "text":
            assert of_any_line(piece) == of_any_line(printed), f"README.md, line {at + 1}, should be:\n{printed}"
            continue
        printed = (run_as_doctest if ">>>" in piece else run_as_program)(piece, at, namespace)
        count += 1
    return count


def of_any_line(text: str) -> list[str]:
    """The lines of a text, without the numbers of lines of code in it, and the spaces around their files."""
    return [re.sub(r" +\S+:\d+, in ", " in ", line) for line in text.splitlines()]


def test_the_python_in_the_readme_is_true(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # it may save a picture
    assert run(README.read_text("utf-8")) > 0


def test_what_is_not_true_is_found() -> None:
    assert run("```python\nx = 2\nx * 3  # 6\nprint(x)  # 2\n```\n```python\n>>> x\n2\n\n```\n") == 2
    assert run("```python\nprint('a.py:1, in f')\n```\n```text\na.py:2, in f\n```\n".replace("a.py", "x  a.py")) == 1
    for lie in ("1 + 1  # 3", "print('σ', 1)  # σ 2", ">>> 1 + 1\n3\n", "print(1)\n```\n```text\n2\n"):
        with pytest.raises(AssertionError):
            run(f"```python\n{lie}\n```\n")


def test_every_command_in_the_readme_exists() -> None:
    text = README.read_text("utf-8")
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    named = set(re.findall(r"(?:^|`)make ([a-z-]+)", text, re.MULTILINE))
    assert {"demo", "test"} <= named <= targets
    extras = set(tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"])
    asked = {name for found in re.findall(r"(?:\.|scalar-autograd)\[([a-z,]+)\]", text) for name in found.split(",")}
    assert asked <= extras


def test_the_two_commands_stand_there_for_windows() -> None:
    """They are those of the Makefile: the same extras, the same modules."""
    lines = re.findall(r'^ *(?:cmd /c ")?(py -m venv .*?)"?$', README.read_text("utf-8"), re.MULTILINE)
    assert len(lines) == 2
    for line, extras, module in zip(lines, ("plots,data", "test"), ("demo", "pytest"), strict=True):
        make, install, run = line.split(" && ")
        assert make == "py -m venv .venv"
        assert install == rf".venv\Scripts\python -m pip install -e .[{extras}]"
        assert run == rf".venv\Scripts\python -m {module}"


def test_the_package_of_the_same_import_name_is_named() -> None:
    assert "HIPS" in README.read_text("utf-8")

"""The README: every piece of Python in it runs, every number that it prints is true, every command in it exists.

The pieces are run in order and in one namespace, as a reader would. A piece with `>>>` is a doctest. In any other, an
expression that stands alone and ends in a comment promises what it gives: `a.grad  # -0.5`, `print(a)  # Value(2.0)`.
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


def fenced(text: str, language: str) -> Iterator[tuple[int, str]]:
    """The fenced pieces in a language, each with the number of the line before it."""
    for piece in re.finditer(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
        yield text.count("\n", 0, piece.start(1)), piece[1]


def run_as_doctest(piece: str, at: int, namespace: dict[str, Any]) -> None:
    test = doctest.DocTestParser().get_doctest(piece, {}, "README.md", "README.md", at)
    test.globs = namespace
    report = io.StringIO()
    failed = doctest.DocTestRunner(verbose=False, optionflags=doctest.NORMALIZE_WHITESPACE).run(
        test, out=report.write, clear_globs=False
    )
    assert not failed.failed, report.getvalue()


def run_as_program(piece: str, at: int, namespace: dict[str, Any]) -> None:
    lines = piece.splitlines()
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


def run(text: str) -> int:
    """Run all the Python of a text; the number of its pieces."""
    namespace: dict[str, Any] = {"__name__": "readme"}
    count = 0
    for at, piece in fenced(text, "python"):
        (run_as_doctest if ">>>" in piece else run_as_program)(piece, at, namespace)
        count += 1
    return count


def test_the_python_in_the_readme_is_true(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # it may save a picture
    assert run(README.read_text("utf-8")) > 0


def test_what_is_not_true_is_found() -> None:
    assert run("```python\nx = 2\nx * 3  # 6\nprint(x)  # 2\n```\n```python\n>>> x\n2\n\n```\n") == 2
    for lie in ("1 + 1  # 3", "print('σ', 1)  # σ 2", ">>> 1 + 1\n3\n"):
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

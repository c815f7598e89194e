"""The command line: what it prints, writes and asks for, and how it says that something is wrong."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from autograd import Value, command, explain, tanh, terminal, value
from autograd.command import COMMANDS, main
from autograd.ops import TABLE

ROOT = Path(__file__).resolve().parent.parent
ABC = ["a=2", "b=-3", "c=5.5"]


class Done:
    """An exit code, and what was printed."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """Runs the command line in this process, in a folder of its own, without a terminal."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("webbrowser.open", lambda *_: pytest.fail("a browser was opened"))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    def go(*arguments: str) -> Done:
        try:
            code = main(arguments)
        except SystemExit as stop:  # argparse's own way to end
            code = int(stop.code or 0)
        printed = capsys.readouterr()
        return Done(code, printed.out, printed.err)

    return go


def as_a_terminal(monkeypatch: pytest.MonkeyPatch, *streams: str, typed: str = "") -> None:
    lines = iter(typed.splitlines(keepends=True))
    for stream in streams:
        monkeypatch.setattr(getattr(sys, stream), "isatty", lambda: True, raising=False)
    if "stdin" in streams:
        monkeypatch.setattr(sys.stdin, "readline", lambda: next(lines, ""), raising=False)


# What is printed and written ------------------------------------------------------------------------------------------


def test_alone_it_prints_three_examples_to_paste_and_they_run(run: Any, tmp_path: Path) -> None:
    welcome = run()
    assert welcome.code == 0
    examples = re.findall(r"^  python -m autograd (.*)$", welcome.out, re.MULTILINE)
    assert [shlex.split(example)[0] for example in examples] == list(COMMANDS)[:3]
    for example in examples:
        done = run(*shlex.split(example))
        assert (done.code, done.err) == (0, ""), example
        assert done.out.strip()


def test_where_a_number_was_spoilt_is_told_by_the_part_of_the_expression(run: Any) -> None:
    done = run("explain", "h = log(a - b) ; h*a/ (2 - h)**2", "a=1", "b=1", "--wrt", "a")
    assert "h was computed by `log(a - b)`." in done.out
    assert "v3 was computed by `sqrt(-a*b)`." in run("explain", "2*sqrt(-a*b) + -a", "a=1", "b=-0", "--wrt", "a").out
    for told in (done.out, run("explain", "1/(a*0)", "a=1").out):
        assert "detect_anomaly" not in told, "there is no program whose line could be shown"
        assert "your program" not in told


def test_the_module_runs(tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "ascii"}
    done = subprocess.run(
        [sys.executable, "-m", "autograd", "explain", "tanh(a*b + c)", *ABC, "--wrt", "a"],
        cwd=tmp_path, env=environment, capture_output=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.decode("utf-8").startswith("∂L/∂a = −2.359\n")
    assert b"\033" not in done.stdout


def test_a_reader_that_goes_away_is_no_error(tmp_path: Path) -> None:
    script = f"{shlex.quote(sys.executable)} -m autograd explain 'a*b' a=1 b=2 | head -c 1"
    done = subprocess.run(
        ["sh", "-c", script], cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, timeout=60
    )
    assert done.stderr == b""


@pytest.mark.parametrize("name", ["graph.svg", "graph.html", "graph.dot"])
def test_draw_writes_the_file_it_is_told(run: Any, tmp_path: Path, name: str) -> None:
    done = run("draw", "tanh(a*b + c)", *ABC, "-o", name)
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith(f"{name}: Graph of L = tanh(")
    assert "tanh" in (tmp_path / name).read_text("utf-8")


def test_options_may_stand_anywhere(run: Any, tmp_path: Path) -> None:
    for arguments in (["-o", "x.txt", "a*b", "a=1", "b=2"], ["a*b", "a=1", "-o", "x.txt", "b=2"]):
        assert run("explain", *arguments).code == 0
        assert (tmp_path / "x.txt").read_text("utf-8").startswith("∂L/∂a = 2\n")
        (tmp_path / "x.txt").unlink()


def test_steps_as_text_and_as_a_page(run: Any, tmp_path: Path) -> None:
    assert "∂L/∂a" in run("steps", "tanh(a*b + c)", *ABC, "--text").out
    done = run("steps", "tanh(a*b + c)", *ABC, "-o", "steps.html")
    assert done.code == 0
    assert re.fullmatch(r"steps.html: \d+ steps\n", done.out)
    assert (tmp_path / "steps.html").read_text("utf-8").startswith("<!")


def test_explain_prints_what_explain_says(run: Any) -> None:
    a, b, c = Value(2.0, "a"), Value(-3.0, "b"), Value(5.5, "c")
    L = tanh(a * b + c)
    L.label = "L"
    assert run("explain", "tanh(a*b + c)", *ABC, "--wrt", "a").out == explain(L, a).text + "\n"
    assert run("explain", "tanh(a*b + c)", *ABC, "--wrt", "a,c").out == explain(L, [a, c]).text + "\n"
    assert run("explain", "tanh(a*b + c)", *ABC, "--wrt", "a", "--wrt", "c").out == explain(L, [a, c]).text + "\n"
    assert run("explain", "tanh(a*b + c)", *ABC).out == explain(L, [a, b, c]).text + "\n"


def test_an_expression_may_begin_with_a_minus(run: Any) -> None:
    assert run("explain", "-a*b", "a=2", "b=1/4", "--wrt", "a").out.startswith("∂L/∂a = −0.25\n")


def test_parts_and_values_may_be_expressions(run: Any) -> None:
    done = run("explain", "h = a*b; L = h*h", "a=1/3", "b=-2**2", "--wrt", "h = 1")
    assert done.code == 2
    assert run("explain", "h = a*b; L = h*h", "a=1/3", "b=-2**2", "--wrt", "a").out.startswith("∂L/∂a = 10.67\n")


def test_the_result_is_called_by_a_free_name(run: Any) -> None:
    assert run("explain", "L*L", "L=3").out.startswith("∂y/∂L = 6\n")
    assert run("explain", "loss = x*x", "x=3").out.startswith("∂loss/∂x = 6\n")
    assert run("explain", "x", "x=3").out.startswith("∂x/∂x = 1\n")


# In a pipe, and on a terminal -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["draw", "steps"])
def test_in_a_pipe_the_page_is_written_and_named(run: Any, name: str) -> None:
    done = run(name, "a*b", "a=1", "b=2")
    assert done.code == 0
    path = Path(done.out.strip())
    assert path.suffix == ".html"
    assert path.read_text("utf-8").startswith("<!")


@pytest.mark.parametrize("name", ["draw", "steps"])
def test_on_a_terminal_with_a_screen_the_browser_opens(run: Any, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    as_a_terminal(monkeypatch, "stdout")
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setattr("webbrowser.open", lambda address, *_: opened.append(address) or True)
    assert run(name, "a*b", "a=1", "b=2").code == 0
    assert [address.startswith("file:///") for address in opened] == [True]


def test_without_a_screen_no_browser_is_tried(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    as_a_terminal(monkeypatch, "stdout")
    monkeypatch.setattr(terminal.sys, "platform", "linux")
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    assert run("draw", "a*b", "a=1", "b=2").out.strip().endswith("graph.html")


def test_colours_are_for_terminals_that_want_them(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = run("explain", "tanh(a)", "a=1").out
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    as_a_terminal(monkeypatch, "stdout")
    coloured = run("explain", "tanh(a)", "a=1").out
    assert coloured != plain
    assert re.sub(r"\033\[\d+m", "", coloured) == plain
    monkeypatch.setenv("NO_COLOR", "1")
    assert run("explain", "tanh(a)", "a=1").out == plain
    monkeypatch.delenv("NO_COLOR")
    monkeypatch.setenv("TERM", "dumb")
    assert run("explain", "tanh(a)", "a=1").out == plain


def test_missing_values_are_asked_for_by_name(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    done = run("explain", "a*b*c", "b=2")
    assert done.code == 2
    assert "a and c have no value: add, for example, a=1 c=1" in done.err
    as_a_terminal(monkeypatch, "stdin", "stderr", typed="x\n3\n1/2\n")
    done = run("explain", "a*b*c", "b=2", "--wrt", "b")
    assert done.out.startswith("∂L/∂b = 1.5\n")
    assert re.sub(r"\033\[\d+m", "", done.err).startswith("a = error: a=x: the value is a number")
    assert "c = " in done.err
    assert run("explain", "a*b*c", "b=2").code == 1  # the end of what is typed


# Help and mistakes ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("arguments", [["--help"], *([name, "-h"] for name in COMMANDS)])
def test_help_has_examples_and_exit_codes(run: Any, arguments: list[str]) -> None:
    done = run(*arguments)
    assert done.code == 0
    assert "python -m autograd " + (arguments[0] if len(arguments) > 1 else "draw") + ' "' in done.out
    assert "Exit code: 0" in done.out
    assert "tanh" in done.out
    assert max(map(len, done.out.splitlines())) <= 100


MISTAKES = [
    (["explain", "tahn(a)", "a=1"], "did you mean tan or tanh?\n  tahn(a)\n  ^"),
    (["explain", "a*b", "a=1", "b=x"], "b=x: the value is a number"),
    (["explain", "a*b", "a=1", "b="], "b=: the value is a number"),
    (["explain", "a*b", "a=1", "b=2", "d=3"], "d is given, but the expression has no d; it has a, b"),
    (["explain", "a*b", "a=1", "a=2"], "a is given twice"),
    (["explain", "a*b", "3"], "'3' is not name=value"),
    (["explain", "a", "*", "b"], "in quotes"),
    (["explain", "a*rate", "a=1", "rate=2", "--wrt", "rat"], "write --wrt rate"),
    (["explain", "1 + 2"], "no variable"),
    (["explain", "a > 1", "a=2"], "no derivative"),
    (["draw", "pi*r", "r=1"], "pi=3.14159"),
    (["draw", "a*a", "a=1", "-o", "graph.jpg"], ".svg, .html"),
    (["steps", "a*a", "a=1", "-o", "steps.jpg"], ".html"),
    (["explain", "a*a", "a=1", "-o", "x.jpg"], ".txt, .tex or .html"),
    (["fly", "a"], "fly"),
    (["draw"], "EXPRESSION"),
    (["draw", "a", "a=1", "--fast"], "--fast is not known"),
]


@pytest.mark.parametrize(("arguments", "says"), MISTAKES)
def test_a_mistake_is_said_in_words_and_ends_with_2(run: Any, tmp_path: Path, arguments: list[str], says: str) -> None:
    done = run(*arguments)
    assert done.code == 2
    assert done.out == ""
    assert says in done.err
    assert "Traceback" not in done.err
    assert not [*tmp_path.iterdir()]


@pytest.mark.parametrize(("name", "file"), [("draw", "x.svg"), ("steps", "x.html"), ("explain", "x.txt")])
def test_a_file_that_cannot_be_written_ends_with_1(run: Any, tmp_path: Path, name: str, file: str) -> None:
    done = run(name, "a*a", "a=1", "-o", str(tmp_path / "nowhere" / file))
    assert done.code == 1
    assert "nowhere" in done.err
    assert not [*tmp_path.iterdir()]


def test_nothing_of_an_expression_is_run_as_python(run: Any, tmp_path: Path) -> None:
    for text in ("__import__('os').mkdir('x')", "().__class__", "a.__class__", "[x for x in a]", "open('x', 'w')"):
        done = run("explain", text, "a=1")
        assert done.code == 2
    assert not [*tmp_path.iterdir()]


def test_every_command_is_in_the_table() -> None:
    assert list(COMMANDS) == ["draw", "steps", "explain", "check"]
    assert all(example.split()[0] in COMMANDS for example in command.EXAMPLES)


def test_check_compares_and_says_what_it_compared(run: Any) -> None:
    done = run("check", "tanh(a*b)", "a=2", "b=-3", "--order", "2")
    assert done.code == 0
    assert "6 derivatives agree" in done.out
    assert "kink" in run("check", "relu(x)", "x=0").out


def test_check_fails_on_a_wrong_rule(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    row = TABLE["sin"]
    monkeypatch.setitem(TABLE, "sin", row._replace(rules=(lambda x, out: 2.0 * x,)))
    monkeypatch.delitem(value.FAST, "sin")
    done = run("check", "sin(a)", "a=2")
    assert done.code == 1
    assert "∂f/∂a at a = 2.0 is wrong" in done.err

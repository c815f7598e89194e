"""What `python -m autograd` does: draw, step through and explain an expression that is typed on the command line."""

from __future__ import annotations

import argparse
import os
import re
import sys
import tempfile
from collections.abc import Callable, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NamedTuple

from autograd import terminal
from autograd.errors import GradcheckError
from autograd.expressions import FUNCTIONS, parse
from autograd.given import VARIABLE, Mistake, complain, computed
from autograd.value import Value

PROGRAM = "python -m autograd"
EXAMPLES = (
    'draw "tanh(a*b + c)" a=2 b=-3 c=5.5',
    'steps "relu(w*x + b)" w=0.5 x=3 b=-1',
    'explain "tanh(a*b + c)" a=2 b=-3 c=5.5 --wrt a',
    # these three greet whoever types no command; any other has its example on its --help
    'check "tanh(a*b)" a=2 b=-3 --order 2',
)
READING = """
An expression is written as in Python: + - * / ** and brackets, comparisons for where(x > 0, x, 0),
lists for sum([a, b]), and these functions:
  {functions}
Parts may have names: "h = a*b; tanh(h)". A variable is given its value by name=value; where the
program can ask, it asks for those that are missing.

Exit code: 0 done; 1 it could not be done, for example because a file cannot be written; 2 what was
typed cannot be understood.
"""


class Command(NamedTuple):
    """A sub-command: what it does, in a line; the endings of files it writes; its options; and the function."""

    does: str
    endings: str
    options: Callable[[argparse.ArgumentParser], None]
    run: Callable[[Value, dict[str, Value], argparse.Namespace], None]


def main(arguments: Sequence[str]) -> int:
    """Runs the command line; returns the exit code."""
    for stream in (sys.stdout, sys.stderr):
        terminal.speak_unicode(stream)
    try:
        if not arguments:
            print(_welcome())
            return 0
        parser = _parser()
        options, rest = parser.parse_known_args([_shielded(argument) for argument in arguments])
        strange = [argument for argument in rest if not VARIABLE.fullmatch(argument)]  # a=1 may stand after options too
        if strange:
            parser.error(f"{strange[0].strip()} is not known; put an expression in quotes")
        v, variables = computed(options.expression.strip(), [*options.values, *rest])
        COMMANDS[options.command].run(v, variables, options)
        sys.stdout.flush()
    except BrokenPipeError:  # the reader of a pipe went away, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (Mistake, ValueError, TypeError) as error:
        complain(str(error))
        return 2
    except GradcheckError as error:
        complain(str(error))
        return 1
    except (OSError, ImportError, MemoryError) as error:
        complain(_of_the_system(error))
        return 1
    except (KeyboardInterrupt, EOFError):
        complain("stopped")
        return 1
    return 0


# Commands -------------------------------------------------------------------------------------------------------------


def _draw(v: Value, variables: dict[str, Value], options: argparse.Namespace) -> None:
    from autograd.show import draw

    picture = draw(v, names=variables)
    if options.output:
        picture.save(options.output)
        print(f"{options.output}: {picture}")
    else:
        _open(picture, "graph.html")


def _steps(v: Value, variables: dict[str, Value], options: argparse.Namespace) -> None:
    from autograd.show import steps

    walk = steps(v)
    if options.output:
        walk.save(options.output)
        print(f"{options.output}: {len(walk)} steps")
    elif options.text:
        print(terminal.coloured(walk.text.rstrip("\n")))
    else:
        _open(walk, "steps.html")


def _explain(v: Value, variables: dict[str, Value], options: argparse.Namespace) -> None:
    from autograd.show import explain

    asked = [name for names in options.wrt or [",".join(variables)] for name in re.split(r"[,\s]+", names) if name]
    for name in asked:
        if name not in variables:
            near = get_close_matches(name, variables, 1, 0.0)
            raise Mistake(f"--wrt {name}: the expression has no {name}; write --wrt {near[0]}")
    by = [variables[name] for name in dict.fromkeys(asked)]
    found = explain(v, by[0] if len(by) == 1 else by, names=variables)
    if options.output:
        found.save(options.output)
        print(f"{options.output}: {found.title}")
    else:
        print(terminal.coloured(found.text))


def _check(v: Value, variables: dict[str, Value], options: argparse.Namespace) -> None:
    from autograd.check import gradcheck

    expression, names = parse(options.expression.strip()), list(variables)
    at = tuple(variables[name].data for name in names)
    report = gradcheck(
        lambda *xs: expression.compute(dict(zip(names, xs, strict=True))), at, order=options.order, names=names
    )
    if options.output:
        Path(options.output).write_text(f"{report}\n", encoding="utf-8")
    print(f"{options.output}: {report}" if options.output else report)


def _no_options(parser: argparse.ArgumentParser) -> None:
    pass


def _steps_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--text", action="store_true", help="print the steps here")


def _explain_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--wrt", metavar="NAME", action="append", help="with respect to which variable (several: a,b; without it: all)"
    )


def _check_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--order", type=int, choices=(1, 2), default=1, help="2: the second derivatives too")


COMMANDS = {
    "draw": Command("draw the graph of an expression", ".svg, .html or .dot", _no_options, _draw),
    "steps": Command("go through the forward and the backward pass", ".html, .svg or .txt", _steps_options, _steps),
    "explain": Command("explain a derivative", ".txt, .html or .tex", _explain_options, _explain),
    "check": Command("compare derivatives in both modes with differences", ".txt", _check_options, _check),
}


# What was typed -------------------------------------------------------------------------------------------------------


def _parser() -> argparse.ArgumentParser:
    reading = READING.format(functions=_lines(FUNCTIONS))
    everything = argparse.ArgumentParser(
        prog=PROGRAM,
        description="See backpropagation happen, on an expression of your own.",
        epilog=f"examples:\n{_examples()}\n{reading}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    commands = everything.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name, command in COMMANDS.items():
        one = commands.add_parser(
            name,
            help=command.does,
            description=f"{command.does[0].upper()}{command.does[1:]}.",
            epilog=f"example:\n{_examples(name)}\n{reading}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )
        one.add_argument("expression", metavar="EXPRESSION", help='in quotes: "tanh(a*b + c)"')
        one.add_argument(
            "values", metavar="NAME=VALUE", nargs="*", default=[], help="the value of a variable: a=2 b=-3 c=1/3"
        )
        without = "without it, it is printed" if name in ("explain", "check") else "without it, a browser shows it"
        one.add_argument("-o", "--output", metavar="FILE", help=f"write a file, {command.endings}; {without}")
        command.options(one)
    return everything


def _shielded(argument: str) -> str:
    """An expression that begins with a minus is no option: "-a*b"."""
    option = argument in ("-h", "-o") or argument.startswith("--") or re.fullmatch(r"-o.*\.\w+", argument)
    return argument if option or not argument.startswith("-") else " " + argument


# What is said ---------------------------------------------------------------------------------------------------------


def _welcome() -> str:
    return (
        "See backpropagation happen, on an expression of your own. Paste one of these:\n\n"
        + "\n".join(_examples().splitlines()[:3])
        + f"\n\nAll there is: {PROGRAM} --help"
    )


def _examples(command: str = "") -> str:
    return "\n".join(f"  {PROGRAM} {example}" for example in EXAMPLES if example.startswith(command))


def _lines(names: Sequence[str] | dict[str, Any]) -> str:
    lines = [""]
    for name in names:
        if len(lines[-1]) + len(name) > 90:
            lines.append("")
        lines[-1] += (" " if lines[-1] else "") + name
    return "\n  ".join(lines)


def _open(shown: Any, name: str) -> None:
    """Shows it in the browser; in a pipe, or where there is no screen, says where the page is."""
    if sys.stdout.isatty() and terminal.has_screen():
        shown.show()
        return
    path = Path(tempfile.mkdtemp(prefix="autograd-")) / name
    shown.save(path)
    print(path)


def _of_the_system(error: BaseException) -> str:
    if isinstance(error, OSError) and error.filename and error.strerror:
        return f"{error.strerror}: {error.filename}"
    return str(error) or type(error).__name__

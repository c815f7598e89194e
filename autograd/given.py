"""What was given on the command line, computed: an expression, and the numbers of its variables."""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Sequence

from autograd import terminal
from autograd.expressions import Expression, parse
from autograd.tokens import ExpressionError
from autograd.value import Value

CONSTANTS = {"pi": math.pi, "e": math.e}  # what is proposed for a variable of this name
VARIABLE = re.compile(r"\s*([^\W\d]\w*)\s*=(?!=)(.*)", re.DOTALL)


class Mistake(Exception):
    """What was typed cannot be done: the message says what to type."""


def computed(text: str, given: Sequence[str]) -> tuple[Value, dict[str, Value]]:
    """The result of the expression, and its variables, both with their names as labels."""
    expression = parse(text)
    if not expression.variables:
        raise Mistake(f'there is no variable in "{text}", so no derivative: write for example "a*({text})" a=1')
    numbers = _numbers(expression, given)
    variables = {name: Value(numbers[name], name) for name in expression.variables}
    result = expression.compute(variables)
    if not isinstance(result, Value):
        raise Mistake(f'"{text}" gives {result}, whatever the variables change by a little: there is no derivative')
    if result.op and not result.label:
        result.label = next(name for name in ("L", "y", "result") if name not in expression.names)
    return result, variables


def _numbers(expression: Expression, given: Sequence[str]) -> dict[str, float]:
    numbers: dict[str, float] = {}
    for one in given:
        found = VARIABLE.fullmatch(one)
        if found is None:
            raise Mistake(
                f"{one!r} is not name=value; write {' '.join(f'{name}=1' for name in expression.variables)},"
                " and the expression in quotes"
            )
        name, text = found[1], found[2].strip()
        if name in numbers:
            raise Mistake(f"{name} is given twice: give it once")
        if name not in expression.variables:
            raise Mistake(
                f"{name} is given, but the expression has no {name}; it has {', '.join(expression.variables)}"
            )
        numbers[name] = _number(name, text)
    missing = [name for name in expression.variables if name not in numbers]
    if missing and sys.stdin.isatty() and sys.stderr.isatty():
        for name in missing:
            numbers[name] = _asked(name)
    elif missing:
        have = "has no value" if len(missing) == 1 else "have no value"
        add = " ".join(f"{name}={CONSTANTS.get(name, 1)}" for name in missing)
        raise Mistake(f"{' and '.join(missing)} {have}: add, for example, {add}")
    return numbers


def _number(name: str, text: str) -> float:
    if text in ("inf", "-inf", "nan"):
        return float(text)
    expression = parse(text) if text else None
    if expression is None or expression.variables:
        raise Mistake(f"{name}={text}: the value is a number, for example {name}=0.5 or {name}=1/3")
    return float(expression.compute({}))


def _asked(name: str) -> float:
    while True:
        print(f"{name} = ", end="", file=sys.stderr, flush=True)
        line = sys.stdin.readline()
        if not line:
            raise EOFError
        try:
            return _number(name, line.strip())
        except (Mistake, ExpressionError) as error:
            complain(str(error))


def complain(problem: str) -> None:
    """Says on the error stream what is wrong."""
    head = "\033[31merror:\033[0m" if terminal.has_colours(sys.stderr) else "error:"
    print(f"{head} {problem}", file=sys.stderr)

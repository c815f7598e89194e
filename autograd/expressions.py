"""Arithmetic given as text, such as "tanh(a*b + c)", read with the table's names only: nothing else can be run.

>>> from autograd import Value
>>> expression = parse("h = a*b; tanh(h + 5.5)")
>>> expression.variables
('a', 'b')
>>> expression.compute({"a": Value(2.0), "b": Value(-3.0)}).data
-0.46211715726000974
>>> parse("tahn(a)")
Traceback (most recent call last):
...
autograd.tokens.ExpressionError: tahn is no function here: did you mean tan or tanh?
  tahn(a)
  ^
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from typing import Any, NamedTuple

import autograd
from autograd import functions
from autograd.ops import TABLE
from autograd.tokens import ExpressionError, Token, tokens

PUBLIC = {*autograd.__all__, "sum", "abs", "max", "min"}
FUNCTIONS: dict[str, Callable[..., Any]] = {
    name: getattr(functions, name) for name in [*TABLE, "mean"] if name in PUBLIC
}
LISTS = {"xs", "ys"}  # parameters that take a list
BINDS = {"<": 0, ">": 0, "<=": 0, ">=": 0, "+": 1, "-": 1, "*": 2, "/": 2, "**": 4}
SIGN_BINDS = 3
OPERATIONS: dict[str, Callable[..., Any]] = {
    **{sign: TABLE[sign].function for sign in ("+", "-", "*", "/", "**", "neg")},
    "<": lambda x, y: x < y,
    ">": lambda x, y: x > y,
    "<=": lambda x, y: x <= y,
    ">=": lambda x, y: x >= y,
}
DEEPEST = 100


class Instruction(NamedTuple):
    """What is done with a stack: its kind, with what, with how many operands, and by which part of the text."""

    kind: str
    what: Any = None
    given: int = 0
    part: str = ""


class Expression(NamedTuple):
    """An expression that was read: instructions for a stack, in the order in which they are computed."""

    text: str
    variables: tuple[str, ...]
    """The names that need a value, in the order in which they first come."""
    code: tuple[Instruction, ...]

    @property
    def names(self) -> set[str]:
        """All names in it that are not functions."""
        return {*self.variables, *(one.what for one in self.code if one.kind == "store")}

    def compute(self, values: Mapping[str, Any]) -> Any:
        """The result, with `values` for the variables; names given by `name = …` become labels of Values."""
        stack: list[Any] = []
        known = dict(values)
        for kind, what, given, part in self.code:
            match kind:
                case "number":
                    stack.append(what)
                case "name":
                    stack.append(known[what])
                case "store":
                    known[what] = stack.pop()
                    if getattr(known[what], "op", "") and not known[what].label:
                        known[what].label = what
                    stack.append(known[what])
                case "drop":
                    stack.pop()
                case _:
                    operands = [stack.pop() for _ in range(given)][::-1]
                    stack.append(operands if kind == "list" else what(*operands))
                    if getattr(stack[-1], "op", "") and not any(stack[-1] is x for x in operands):
                        stack[-1].__dict__.setdefault("_line", f" by `{part}`")  # for who asks why it is nan
        return stack.pop()


def parse(text: str) -> Expression:
    """Reads an expression, or several with `;` between them, whose results may be given names: "h = a*b; tanh(h)".

    It is Python's arithmetic, `+ - * / **`, with its order of precedence; comparisons, for `where`; lists, for `sum`;
    and the functions of the table. An `ExpressionError` points at what cannot be read.
    """
    return _Reader(text).expression()


class _Reader:
    """Reads token by token, by the precedence of operators."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = tokens(text)
        self.next = 0
        self.depth = 0
        self.code: list[Instruction] = []
        self.variables: dict[str, None] = {}
        self.stored: set[str] = set()

    @property
    def token(self) -> Token:
        return self.tokens[self.next]

    def expression(self) -> Expression:
        if self.token.kind == "end":
            raise self.error('nothing to compute: write an expression, for example "tanh(a*b + c)"')
        self.statement()
        while self.took(";"):
            if self.token.kind != "end":
                self.code.append(Instruction("drop"))
                self.statement()
        if self.token.kind != "end":
            raise self.unexpected()
        return Expression(self.text, tuple(self.variables), tuple(self.code))

    def statement(self) -> None:
        """name = operation, or an operation."""
        name, sign = self.tokens[self.next : self.next + 2] if self.token.kind == "name" else (None, None)
        if name is None or sign is None or sign.text != "=":
            return self.operation(0)
        if name.text in FUNCTIONS or name.text in self.variables:
            what = "is a function" if name.text in FUNCTIONS else "was used before it was given"
            raise ExpressionError(f"{name.text} {what}: choose another name", self.text, name.at)
        self.next += 2
        self.operation(0)
        self.stored.add(name.text)
        self.code.append(Instruction("store", name.text))

    def operation(self, binds: int) -> None:
        """Operands and the operators between them that bind at least as tightly as `binds`."""
        self.depth += 1
        if self.depth > DEEPEST:
            raise self.error(f"more than {DEEPEST} brackets or signs within each other: name a part of it, h = …; …")
        begin = self.token.at
        self.operand()
        while (sign := self.token).kind == "sign" and BINDS.get(sign.text, -1) >= binds:
            self.next += 1
            tightly = BINDS[sign.text]
            if tightly == 4:  # a power is read from right to left, and may have a sign: 2**-x
                self.operation(SIGN_BINDS)
            else:
                self.operation(tightly + 1)
            self.call(OPERATIONS[sign.text], 2, begin)
            if tightly == 0 and BINDS.get(self.token.text, -1) == 0:
                raise self.error("one comparison at a time: write where(a < b, …)")
        self.depth -= 1

    def operand(self) -> None:
        token = self.token
        self.next += token.kind != "end"
        if token.kind == "number":
            number = float(token.text)
            if math.isinf(number):
                raise ExpressionError("this number is larger than a float can hold, 1.8e308", self.text, token.at)
            self.code.append(Instruction("number", number))
        elif token.kind == "name":
            self.name(token)
        elif token.text in ("-", "+"):
            self.operation(SIGN_BINDS)
            if token.text == "-":
                self.negate(token.at)
        elif token.text == "(":
            self.operation(0)
            self.close(")", token)
        elif token.text == "[":
            raise ExpressionError("a list stands in a function of many numbers: sum([a, b])", self.text, token.at)
        else:
            self.next -= token.kind != "end"
            raise self.unexpected()

    def negate(self, begin: int) -> None:
        if self.code[-1].kind == "number":  # −3 is a number, and no operation
            self.code[-1] = Instruction("number", -self.code[-1].what)
        else:
            self.call(OPERATIONS["neg"], 1, begin)

    def call(self, function: Callable[..., Any], count: int, begin: int) -> None:
        part = self.text[begin : self.tokens[self.next - 1].end]
        self.code.append(Instruction("call", function, count, part))

    def name(self, token: Token) -> None:
        """A variable, or a function with what it is given."""
        if self.token.text == "(":
            return self.function(token)
        if token.text in FUNCTIONS:
            raise ExpressionError(f"{token.text} is a function: write {_usage(token.text)}", self.text, token.at)
        if token.text not in self.stored:
            self.variables[token.text] = None
        self.code.append(Instruction("name", token.text))

    def function(self, token: Token) -> None:
        name, bracket = token.text, self.token
        if name not in FUNCTIONS:
            near = " or ".join(get_close_matches(name.lower(), FUNCTIONS, 2, 0.6))
            hint = f"did you mean {near}?" if near else f"for a product write {name}*(…)"
            raise ExpressionError(f"{name} is no function here: {hint}", self.text, token.at)
        self.next += 1
        parameters = list(inspect.signature(FUNCTIONS[name]).parameters.values())
        needed = len([one for one in parameters if one.default is one.empty])
        count = 0
        if self.token.text != ")":
            while True:
                if count < len(parameters) and parameters[count].name in LISTS:
                    self.list(name)
                else:
                    self.operation(0)
                count += 1
                if not self.took(","):
                    break
        self.close(")", bracket)
        if not needed <= count <= len(parameters):
            raise ExpressionError(f"{name} was given {count}: write {_usage(name)}", self.text, token.at)
        self.call(FUNCTIONS[name], count, token.at)

    def list(self, function: str) -> None:
        bracket = self.token
        if not self.took("["):
            raise self.error(f"{function} takes a list: write {_usage(function)}")
        count = 0
        while self.token.text != "]":
            self.operation(0)
            count += 1
            if not self.took(","):
                break
        self.close("]", bracket)
        if not count:
            raise ExpressionError("this list is empty: give at least one number", self.text, bracket.at)
        self.code.append(Instruction("list", None, count))

    def took(self, sign: str) -> bool:
        found = self.token.kind == "sign" and self.token.text == sign
        self.next += found
        return found

    def close(self, sign: str, opened: Token) -> None:
        if self.token.kind == "end":
            raise ExpressionError(f"this {opened.text} is never closed: write {sign}", self.text, opened.at)
        if not self.took(sign):
            raise self.unexpected(f" or {sign}")

    def unexpected(self, alternative: str = "") -> ExpressionError:
        token, before = self.token, self.tokens[self.next - 1] if self.next else None
        if token.text in ("if", "else") or (before is not None and before.text == "if"):
            return self.error(f"a choice is made by a function: write {self.choice()}")
        ends_operand = before is not None and (before.kind in ("number", "name") or before.text in (")", "]"))
        if token.kind == "end":
            return self.error("something is missing at the end")
        if token.text in (")", "]") and ends_operand:
            return self.error(f"this {token.text} closes nothing: leave it out, or open it before")
        if ends_operand and (token.kind != "sign" or token.text in ("(", "[")):
            return self.error("an operator is missing here: for a product write *")
        if token.text in ("=", "=="):
            return self.error("= gives a name to what follows it, name = …; to compare, write < or >")
        if ends_operand:
            return self.error(f"{token.text} is not expected here: write an operator{alternative}")
        return self.error(f"{token.text} is not expected here: write a number, a name or (")

    def choice(self) -> str:
        """where(c, a, b) for the first `a if c else b` in the text, with what stands there; or with these letters."""
        texts = [token.text for token in self.tokens]
        parts: list[tuple[int, int]] = []
        if "else" in texts[texts.index("if") if "if" in texts else len(texts) :]:
            at = texts.index("if")
            other = texts.index("else", at)
            parts = [(at + 1, other), (self.border(at, -1) + 1, at), (other + 1, self.border(other, 1))]
        if not parts or any(begin >= end for begin, end in parts):
            return "where(c, a, b)"
        return f"where({', '.join(self.text[self.tokens[i].at : self.tokens[j - 1].end] for i, j in parts)})"

    def border(self, at: int, way: int) -> int:
        """The number of the token, to the left or to the right, before which the operand of an if or an else ends."""
        depth = 0
        while (at := at + way) >= 0:
            text = self.tokens[at].text
            depth += way * ((text in ("(", "[")) - (text in (")", "]")))
            if depth < 0 or (depth == 0 and text in (",", ";", "=", "")):
                break
        return at

    def error(self, problem: str) -> ExpressionError:
        return ExpressionError(problem, self.text, self.token.at)


def _usage(name: str) -> str:
    """How the function is written: sum([x, y]), clip(x, lo, hi), leaky_relu(x, slope=0.01)."""
    parameters = inspect.signature(FUNCTIONS[name]).parameters.values()
    return f"{name}({', '.join('[x1, x2]' if one.name in LISTS else one.name for one in parameters)})"

"""Symbols, the number type that prints itself: a rule fed with symbols is the derivative as text and LaTeX.

>>> x, y = Symbol("x"), Symbol("y")
>>> print(x * y + 0)
x*y
>>> print(derivative("*", 0))
∂(x*y)/∂x = y
>>> print(derivative("tanh", 0))
∂tanh(x)/∂x = 1 - tanh(x)**2
>>> derivative("/", 1).latex
'\\\\frac{\\\\partial}{\\\\partial y} \\\\frac{x}{y} = \\\\frac{-x}{y^{2}}'
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from autograd import ops
from autograd.functions import choose
from autograd.operators import Operators
from autograd.ops import TABLE, Notation, infix

COMPARISONS = {
    ">": infix("{0} > {1}", "{0} > {1}", 0, 1, 1),
    "<": infix("{0} < {1}", "{0} < {1}", 0, 1, 1),
    ">=": infix("{0} >= {1}", r"{0} \ge {1}", 0, 1, 1),
    "<=": infix("{0} <= {1}", r"{0} \le {1}", 0, 1, 1),
    "equal": infix("{0} == {1}", "{0} = {1}", 0, 1, 1),
}
CONSTANTS = {
    math.log(2.0): ("log(2)", r"\ln 2"),
    math.log(10.0): ("log(10)", r"\ln 10"),
    ops.TWO_BY_ROOT_PI: ("(2/sqrt(pi))", r"\frac{2}{\sqrt{\pi}}"),
    ops.ROOT_TWO_PI: ("sqrt(2*pi)", r"\sqrt{2\pi}"),
}

GREEK = {
    letter: "\\" + name
    for letter, name in zip(
        "αβγδεζηθικλμνξπρστυφχψωΓΔΘΛΞΠΣΥΦΨΩ",
        "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau upsilon phi chi psi"
        " omega Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega".split(),
        strict=True,
    )
}
LATEX_SIGNS = {char: "\\" + char for char in "_%$#&{}"} | {
    "\\": r"\textbackslash ", "^": r"\textasciicircum ", "~": r"\textasciitilde ",
}  # fmt: skip


class Symbol(Operators):
    """A name, or an operation on symbols and numbers."""

    __slots__ = ("name", "operands", "operation")

    def __init__(self, name: str, operation: str = "", operands: tuple[Any, ...] = ()) -> None:
        self.name, self.operation, self.operands = name, operation, operands

    @staticmethod
    def _apply(operation: str, operands: tuple[Any, ...]) -> Any:
        """The operation as a symbol, or what it is without: x + 0, 1*x, x**1 and a known condition are not kept."""
        x, y = (*operands, None)[:2]
        match operation:
            case "+" if _is(y, 0):
                return x
            case "+" if _is(x, 0):
                return y
            case "-" | "/" | "**" if _is(y, 0 if operation == "-" else 1):
                return x
            case "*" if _is(x, 1):
                return y
            case "*" if _is(y, 1):
                return x
            case "*" if _is(x, 0) or _is(y, 0):
                return 0
            case "*" if _is(x, -1):
                return -y
            case "where" if isinstance(x, (bool, int, float)):
                return operands[1] if x else operands[2]
        return Symbol("", operation, operands)

    @property
    def text(self) -> str:
        """As Python writes it."""
        return printed(self, latex=False)[0]

    @property
    def latex(self) -> str:
        """As LaTeX writes it."""
        return printed(self, latex=True)[0]

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return f"Symbol({self.text!r})"

    def _repr_latex_(self) -> str:
        return f"${self.latex}$"

    def __bool__(self) -> bool:
        raise TypeError(f"whether {self.text} holds is not known: write where(condition, a, b) in place of if")


def _is(x: Any, n: int) -> bool:
    return isinstance(x, (int, float)) and x == n


def latex_name(name: str) -> str:
    r"""A name in LaTeX: digits at its end as an index, several letters upright, what LaTeX reads as a sign escaped.

    >>> latex_name("x1"), latex_name("σ2"), latex_name("rate"), latex_name("w_in")
    ('x_{1}', '\\sigma_{2}', '\\mathrm{rate}', '\\text{w\\_in}')
    """
    head = name.rstrip("0123456789")
    if head in GREEK:
        return GREEK[head] + (f"_{{{name[len(head) :]}}}" if head != name else "")
    if not head.isalpha():
        return latex_text(name)
    index = name[len(head) :]
    return (head if len(head) == 1 else rf"\mathrm{{{head}}}") + (f"_{{{index}}}" if index else "")


def latex_text(text: str) -> str:
    r"""Words in a formula, with what LaTeX reads as a sign escaped.

    >>> print(latex_text("50% of w_in"))
    \text{50\% of w\_in}
    """
    return r"\text{" + "".join(LATEX_SIGNS.get(char, char) for char in text) + "}"


def printed(x: Any, latex: bool) -> tuple[str, int]:
    """x as text or LaTeX, and how tightly what is written binds."""
    if not isinstance(x, Symbol):
        if x in CONSTANTS:
            return CONSTANTS[x][latex], 9
        if math.isinf(x):
            return ("-" if x < 0 else "") + (r"\infty" if latex else "inf"), 3 if x < 0 else 9
        digits = repr(int(x)) if x == x and x == int(x) and abs(x) < 1e16 else repr(x)
        return digits, 3 if x < 0 else 9
    if x.name:
        return latex_name(x.name) if latex else x.name, 9
    notation: Notation = COMPARISONS.get(x.operation) or TABLE[x.operation].notation
    template, binds, inside = (
        (notation.latex, notation.latex_binds, notation.latex_inside)
        if latex
        else (notation.text, notation.binds, notation.inside)
    )
    written: list[str] = []
    for operand, tightly in zip(x.operands, inside or (0,) * len(x.operands), strict=True):
        text, binding = printed(operand, latex)
        if written and tightly and text.startswith("-"):  # 1 - (-1*x): no two signs side by side
            binding = 0
        written.append(text if binding >= tightly else rf"\left({text}\right)" if latex else f"({text})")
    return (template.format(", ".join(written)) if "{}" in template else template.format(*written)), binds


class Derivative(NamedTuple):
    """∂operation/∂operand as it is printed; `value` is the partial derivative alone."""

    operation: Symbol
    operand: Symbol
    value: Any

    @property
    def text(self) -> str:
        """For example ∂(x*y)/∂x = y."""
        operation, binds = printed(self.operation, latex=False)
        return f"∂{operation if binds == 9 else f'({operation})'}/∂{self.operand} = {printed(self.value, False)[0]}"

    @property
    def latex(self) -> str:
        r"""For example \frac{\partial}{\partial x} x \cdot y = y."""
        operation, binds = printed(self.operation, latex=True)
        bracketed = operation if binds >= 3 or r"\frac" in operation[:5] else rf"\left({operation}\right)"
        return rf"\frac{{\partial}}{{\partial {self.operand.latex}}} {bracketed} = {printed(self.value, True)[0]}"

    def __str__(self) -> str:
        return self.text

    def _repr_latex_(self) -> str:
        return f"${self.latex}$"


def derivative(operation: str, index: int, operands: tuple[Any, ...] = (), result: Symbol | None = None) -> Derivative:
    """The derivative of the row `operation` by its operand number `index`, as books write it.

    Rows of any number of operands are shown with three (`dot` with two pairs and a bias), if none are given. `result`
    names the operation's result, which is otherwise written out: 1 - y**2 in place of 1 - tanh(x)**2.
    """
    row = TABLE[operation]
    if not operands:
        names = ("x1", "x2", "y1", "y2", "bias") if operation == "dot" else ("x1", "x2", "x3")
        operands = tuple(Symbol(name) for name in (names if row.variadic else row.operands))
    out = Symbol("", operation, operands) if result is None else result
    if row.textbook and row.variadic:
        value = row.textbook[0](operands, out)[index]  # type: ignore[misc]
    elif row.textbook and row.textbook[index] is not None:
        value = row.textbook[index](*operands, out)  # type: ignore[misc]
    elif not row.variadic and row.rules[index] is None:
        raise ValueError(f"{operation} has no derivative by its operand {row.operands[index]}")
    else:
        value = choose(row.live(operands, out)[index], row.partials(operands, out)[index], 0)
    return Derivative(out, operands[index], value)

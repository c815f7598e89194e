"""Light tidying of formulas: factors gathered, like terms added, b·(1 − tanh²(a*b)) as a school book writes it.

What the user wrote stays as it was written, in Python's notation; what the rules put around it is in that of books.
Nothing is multiplied out.
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Iterable
from fractions import Fraction
from typing import Any, NamedTuple, TypeAlias

from autograd import ops
from autograd.functions import power as power_of
from autograd.ops import TABLE
from autograd.symbols import Symbol, printed

RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹"
SUPERSCRIPTS = str.maketrans("0123456789", RAISED)
TIMES = re.compile(r"(?<!\*)\*(?!\*)")
POWER = re.compile(r"\*\*(\d+)(?![\d.])")
POWER_BEFORE_BRACKET = frozenset("sin cos tan sinh cosh tanh".split())
CASES = r"\begin{cases} %s & \text{if } %s \\ %s & \text{else} \end{cases}"
PI = Symbol("π")
CONSTANTS = {
    math.log(2.0): Symbol("", "log", (2,)),
    math.log(10.0): Symbol("", "log", (10,)),
    ops.TWO_BY_ROOT_PI: Symbol("", "/", (2, Symbol("", "sqrt", (PI,)))),
    ops.ROOT_TWO_PI: Symbol("", "sqrt", (Symbol("", "*", (2, PI)),)),
}


class Choice(NamedTuple):
    """`yes` where the condition holds, else `no`."""

    condition: Any
    yes: Sum
    no: Sum


class Product(NamedTuple):
    """A number times powers: of symbols, of sums in brackets, of choices."""

    number: float
    powers: tuple[tuple[Base, float], ...] = ()

    @property
    def key(self) -> tuple[tuple[str, float], ...]:
        """What it is but for its number: terms of one key are added up into one."""
        return tuple((written(base)[0], exponent) for base, exponent in self.powers)


class Sum(NamedTuple):
    """Products, none like another."""

    terms: tuple[Product, ...] = ()

    @property
    def text(self) -> str:
        """As a book writes it."""
        return written(self)[0].replace("-", "−")

    @property
    def latex(self) -> str:
        """As LaTeX writes it."""
        return written(self, latex=True)[0]


Base: TypeAlias = Symbol | Sum | Choice


class NoFormulaError(ArithmeticError):
    """The formula divides by what is always 0."""


def tidy(x: Any) -> Sum:
    """A formula in order.

    >>> a, b = Symbol("a"), Symbol("b")
    >>> tidy((1 - a**2) * b + 0 * a).text, tidy(a * b + b * a).text, tidy(-1 / (a * a) * b).text
    ('b·(1 − a²)', '2·a·b', '−b/a²')
    """
    if not isinstance(x, Symbol):
        return Sum((Product(float(x)),)) if x not in CONSTANTS and x != 0 else _single(CONSTANTS[x]) if x else Sum()
    match x.operation, x.operands:
        case "+", (left, right):
            return add([tidy(left), tidy(right)])
        case "-", (left, right):
            return add([tidy(left), Sum(tuple(term._replace(number=-term.number) for term in tidy(right).terms))])
        case "neg", (operand,):
            return times(tidy(-1), tidy(operand))
        case "*", (left, right):
            return times(tidy(left), tidy(right))
        case "/", (left, right):
            return times(tidy(left), power(tidy(right), -1.0))
        case "**" | "**n", (base, int() | float() as exponent):
            return power(tidy(base), float(exponent))
        case "where", (condition, yes, no):
            return choice(condition, tidy(yes), tidy(no))
    return _single(x)


def add(sums: Iterable[Sum]) -> Sum:
    """One sum of all, in the order in which the terms first come."""
    found: dict[tuple[tuple[str, float], ...], Product] = {}
    for one in sums:
        for term in one.terms:
            key = term.key
            found[key] = Product(term.number + (found[key].number if key in found else 0.0), term.powers)
    return Sum(tuple(term for term in found.values() if term.number != 0))


def times(x: Sum, y: Sum) -> Sum:
    """Their product: names first, then functions, and sums in brackets last."""
    if not x.terms or not y.terms:
        return Sum()
    for one, other in ((x, y), (y, x)):
        if one == Sum((Product(1.0),)):
            return other
        base = one.terms[0].powers[0][0] if len(one.terms) == 1 and one.terms[0].powers else None
        if isinstance(base, Choice) and not (base.yes.terms and base.no.terms):  # 0 if not chosen: it stays one
            rest = times(Sum((Product(one.terms[0].number, one.terms[0].powers[1:]),)), other)
            return choice(base.condition, times(base.yes, rest), times(base.no, rest))
    left, right = _product(x), _product(y)
    bases: dict[str, Base] = {}
    exponents: dict[str, float] = {}
    for base, exponent in (*left.powers, *right.powers):
        name = written(base)[0]
        bases[name] = base
        exponents[name] = exponents.get(name, 0.0) + exponent
    powers = [(bases[name], exponent) for name, exponent in exponents.items() if exponent != 0]
    return Sum((Product(left.number * right.number, tuple(sorted(powers, key=_place))),))


def power(x: Sum, exponent: float) -> Sum:
    """x to a constant power."""
    if exponent == 0:
        return tidy(1)
    if not x.terms and exponent < 0:
        raise NoFormulaError
    if exponent == 1 or not x.terms:
        return x
    number, powers = _product(x)
    if exponent != int(exponent) and (number != 1 or len(powers) != 1 or powers[0][1] != 1):
        return Sum((Product(1.0, ((x, exponent),)),))  # (x²)**0.5 is not x
    return Sum((Product(number**exponent, tuple((base, e * exponent) for base, e in powers)),))


def choice(condition: Any, yes: Sum, no: Sum) -> Sum:
    """yes if the condition holds, else no."""
    if not isinstance(condition, Symbol):
        return yes if condition else no
    return yes if yes == no else _single(Choice(condition, yes, no))


def in_books(text: str) -> str:
    """A formula in which nothing is as the user wrote it, all of it in the notation of books.

    >>> in_books("x·exp(-0.5*x**2)/sqrt(2*π)")
    'x·exp(-0.5·x²)/sqrt(2·π)'
    """
    return TIMES.sub("·", POWER.sub(lambda found: found[1].translate(SUPERSCRIPTS), text))


def _single(base: Base) -> Sum:
    return Sum((Product(1.0, ((base, 1.0),)),))


def _product(x: Sum) -> Product:
    """x as one product: a sum of several terms as the only factor."""
    return x.terms[0] if len(x.terms) == 1 else Product(1.0, ((x, 1.0),))


def _place(factor: tuple[Base, float]) -> tuple[int, str]:
    base = factor[0]
    rank = 3 if isinstance(base, Choice) else 2 if isinstance(base, Sum) else 0 if base.name else 1
    return rank, written(base)[0]


# In numbers -----------------------------------------------------------------------------------------------------------


def evaluated(x: Any, at: Callable[[str], float]) -> Any:
    """The formula with numbers put in: `at` gives that of each name; nan where floats have no answer.

    >>> a = Symbol("a")
    >>> evaluated(tidy((1 - a**2) / a), {"a": 0.5}.__getitem__)
    1.5
    """
    match x:
        case Sum(terms):
            total = 0.0
            for number, powers in terms:
                for base, exponent in powers:
                    number *= power_of(evaluated(base, at), exponent)
                total += number
            return total
        case Choice(condition, yes, no):
            return evaluated(yes if evaluated(condition, at) else no, at)
        case Symbol() if x.name:
            return math.pi if x is PI else at(x.name)
        case Symbol():
            operands = [evaluated(operand, at) for operand in x.operands]
            compare = COMPARED.get(x.operation)
            return TABLE[x.operation].function(*operands) if compare is None else compare(*operands)
    return x


COMPARED = {">": operator.gt, "<": operator.lt, ">=": operator.ge, "<=": operator.le, "equal": operator.eq}


# In print -------------------------------------------------------------------------------------------------------------


def written(x: Base, latex: bool = False) -> tuple[str, int]:
    """x in print, and how tightly it binds: 0 a choice, 1 a sum, 2 a product, 9 what needs no brackets."""
    match x:
        case Symbol():
            return printed(x, latex)
        case Choice(condition, yes, no):
            parts = [bracketed(yes, 1, latex), bracketed(condition, 0, latex), bracketed(no, 1, latex)]
            template = (
                r"\begin{cases} %s & \text{if } %s \\ %s & \text{else} \end{cases}" if latex else "%s if %s else %s"
            )
            return template % tuple(parts), 0
    if len(x.terms) == 1:
        return _written_product(x.terms[0], latex)
    text = ""
    for term in x.terms:
        one, binds = _written_product(term._replace(number=abs(term.number)), latex)
        sign = ("-" if not text else " - ") if term.number < 0 else " + " if text else ""
        text += sign + (one if binds else _brackets(one, latex))
    return text or "0", 1 if text else 9


def _written_product(product: Product, latex: bool) -> tuple[str, int]:
    above = [_written_power(base, exponent, latex) for base, exponent in product.powers if exponent > 0]
    below = [_written_power(base, -exponent, latex) for base, exponent in product.powers if exponent < 0]
    number, sign = abs(product.number), "-" if product.number < 0 else ""
    fraction = Fraction(number).limit_denominator(1000) if math.isfinite(number) else Fraction(0)
    if len(repr(number)) > 6 and float(fraction) == number:  # 1/3, but 0.25
        if fraction.numerator != 1:
            above.insert(0, (str(fraction.numerator), 9))
        below.insert(0, (str(fraction.denominator), 9))
    elif number != 1 or not above:
        above.insert(0, printed(number, latex))
    if len(above) == 1 and not below and (not sign or above[0][1] > 1):
        return sign + above[0][0], 3 if sign else above[0][1]
    dot = r" \cdot " if latex else "·"
    top, bottom = (
        dot.join(one if binds > 2 else _brackets(one, latex) for one, binds in part) for part in (above, below)
    )
    if not below:
        return sign + top, 2
    if latex:
        whole = dot.join(one for one, _ in above) if len(above) == 1 else top
        return rf"{sign}\frac{{{whole or 1}}}{{{below[0][0] if len(below) == 1 else bottom}}}", 2
    return f"{sign}{top or 1}/" + (f"({bottom})" if len(below) > 1 else bottom), 2


def _written_power(base: Base, exponent: float, latex: bool) -> tuple[str, int]:
    text, binds = written(base, latex)
    if exponent == 1:
        return text, binds
    digits = printed(exponent, latex)[0]
    before = isinstance(base, Symbol) and base.operation in POWER_BEFORE_BRACKET
    if latex and before:
        return text.replace(r"\left(", rf"^{{{digits}}}\left(", 1), 9
    if latex:
        return f"{text if binds == 9 else _brackets(text, latex)}^{{{digits}}}", 4
    if not digits.isdigit():
        return f"{text if binds == 9 else _brackets(text, latex)}**{digits}", 4
    superscript = digits.translate(SUPERSCRIPTS)
    if before:
        return text.replace("(", superscript + "(", 1), 9
    return (text if binds == 9 else _brackets(text, latex)) + superscript, 9


def bracketed(x: Any, binds: int, latex: bool) -> str:
    """x in print, in brackets if it binds less tightly than asked."""
    text, binding = printed(x, latex) if not isinstance(x, (Sum, Choice)) else written(x, latex)
    return text if binding >= binds else _brackets(text, latex)


def _brackets(text: str, latex: bool) -> str:
    return rf"\left({text}\right)" if latex else f"({text})"

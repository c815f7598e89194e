"""The account of one derivative: everything an explanation says, whatever it is then written in."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from autograd.show import local, words
from autograd.show.derived import Derived, Writer, latex_number
from autograd.show.kinks import Sides
from autograd.show.paths import Edge, Path, Paths, log_size, sum_of_logs
from autograd.show.reasons import Reasons
from autograd.show.words import count, partial, power_of_ten
from autograd.symbols import latex_name, latex_text
from autograd.value import Value

MOST_STEPS = 12  # of a path that are told one by one
MOST_FACTORS = 8  # of a path in LaTeX
MOST_KINKS = 3  # that are named


@dataclass(frozen=True)
class Step:
    """One operation on a path: how it was made, and its local derivative as a name, a formula and a number."""

    made: str
    slope: str
    formula: str
    number: str


@dataclass(frozen=True)
class Way:
    """One path: its nodes, its steps, what was left out, and the product."""

    head: str
    steps: tuple[Step, ...]
    left_out: str
    product: str
    share: str
    latex: str


@dataclass(frozen=True)
class Account:
    """∂v/∂wrt: the number, the formula where it is short, the largest paths, what the others carry, and why."""

    title: str
    latex_title: str
    value: float
    number: str
    latex_number: str
    at: str
    derived: Derived | None
    says_how: str
    ways: tuple[Way, ...]
    others: str
    latex_others: str
    reasons: tuple[str, ...]
    zero: tuple[str, ...]
    """What is said of the paths that give 0, where others do not."""


def account(v: Value, wrt: Value, called: Mapping[Value, str], most: int) -> Account:
    """The account of ∂v/∂wrt, with at most `most` paths."""
    paths = Paths(v, wrt)
    value = paths.derivative
    if value is None:
        hand = next(node for node in paths.nodes if node._row is not None and not node._row.rules)
        raise ValueError(
            f"{called[hand]} was made by hand, as Value(data, children, op): only its own _backward knows its"
            " derivative, so that it cannot be explained. Write it with autograd's operations"
        )
    writer = Writer(called)
    ways = paths.largest(most) if v is not wrt and math.isfinite(value) else []
    number = "≈ 0" if paths.cancels and value else words.number(value)
    one = paths.count == 1
    return Account(
        title=partial(called[v], called[wrt]),
        latex_title=_partial(called[v], called[wrt]),
        value=value,
        number=number,
        latex_number=latex_number(value),
        at=_at(paths, writer, value, number),
        derived=writer.derived(paths) if math.isfinite(value) else None,
        says_how=_how(paths, called, len(ways)),
        ways=tuple(_way(paths, path, writer, f"Path {n}: " if not one else "") for n, path in enumerate(ways, 1)),
        others=_others(paths, ways),
        latex_others=f"{count(paths.count - len(ways)).replace('−', '-')} more" if paths.count > len(ways) else "",
        reasons=tuple(Reasons(paths, writer).found()),
        zero=tuple(Reasons(paths, writer).paths_that_give_nothing()) if ways else (),
    )


def _at(paths: Paths, writer: Writer, value: float, number: str) -> str:
    """What the derivative means, where it is taken."""
    v, wrt, called = paths.v, paths.wrt, writer.called
    if v is wrt:
        return f"{called[v]} by itself: a change of {called[v]} is that change."
    here = f"At {called[wrt]} = {words.number(wrt.data)}, where {called[v]} = {words.number(v.data)}"
    if not math.isfinite(value):
        return f"{here}, the derivative is no finite number."
    sides = Sides(paths) if paths.depends else None
    if sides is not None and sides.differ_from(value):
        return f"{here}: {_kinked(sides, called, writer, number)}"
    changes = local.change(value) if value and number[0] != "≈" else "does not change"
    return f"{here}: when {called[wrt]} grows by a little, {called[v]} {changes}."


def _kinked(sides: Sides, called: Mapping[Value, str], writer: Writer, number: str) -> str:
    """What the number is where there is not one slope, or one that the engine does not see."""
    made = [f"{called[node]} = {writer.made(node)}" for node in sides.bent[:MOST_KINKS]]
    more = f" and {len(sides.bent) - MOST_KINKS:,} more" if len(sides.bent) > MOST_KINKS else ""
    at = f"{', '.join(made)}{more} {'is' if len(sides.bent) == 1 else 'are'} at a kink"
    if sides.agree:
        return (
            f"{at}, where the engine chooses a slope. With what it chose it says {number}, but the true slope is"
            f" {words.number(sides.left)}."
        )
    return (
        f"{at}. To the left the slope is {words.number(sides.left)}, to the right {words.number(sides.right)}: there is"
        f" no one derivative. The engine chooses a slope at a kink, and so says {number}."
    )


def _how(paths: Paths, called: Mapping[Value, str], shown: int) -> str:
    v, wrt = called[paths.v], called[paths.wrt]
    if not shown:
        return ""
    of_all = f"Of the {count(paths.all_count)} paths that lead from {v} back to {wrt}"
    if paths.count == 1:
        one = f"{of_all} one gives something" if paths.all_count > 1 else f"One path leads from {v} back to {wrt}"
        if len(paths.largest(1)[0].edges) > 1:
            return f"{one}. The slopes of its operations (their local derivatives) are multiplied: the chain rule."
        if paths.all_count > 1:
            return f"{one}: it is one operation, and its slope (its local derivative) is the derivative."
        return f"One operation leads from {wrt} to {v}: its slope (its local derivative) is the derivative."
    many = count(paths.count)
    few = f", of which here are the {shown} largest" if paths.count > shown else ""
    lead = f"{many[0].upper()}{many[1:]} paths lead from {v} back to {wrt}"
    return (
        f"{lead if paths.all_count == paths.count else f'{of_all} {many} give something'}{few}. Along a path the slopes"
        " of the operations"
        " (their local derivatives) are multiplied, and what all paths give is added up: the chain rule. In brackets:"
        " what part of the sum of absolute values a path has."
    )


def _others(paths: Paths, ways: list[Path]) -> str:
    rest = paths.count - len(ways)
    if paths.count < 2 or not ways:
        return ""
    value = paths.derivative or 0.0
    total = "≈ 0" if paths.cancels and value else words.number(value)
    if not rest:
        products = " + ".join(words.bracketed(way.product) for way in ways)
        return f"All {count(paths.count)} together: {products} = {total}".replace("= ≈", "≈")
    shown = 0.0
    for way in ways:
        shown += way.product
    carried = f"All {count(paths.count)} together: {total}."
    left = value - shown
    parts = share(sum_of_sizes(ways) - paths.magnitude)
    return (
        f"The other {count(rest)} path{'s add up to' if rest > 1 else ' gives'} {words.number(left)}. Of the absolute"
        f" values of all the products the {len(ways)} shown make up {parts}. {carried}"
    )


def sum_of_sizes(ways: list[Path]) -> float:
    """log of the sum of the absolute products."""
    top = ways[0].magnitude
    total = 0.0
    for way in ways:
        total += math.exp(way.magnitude - top)
    return top + math.log(total)


def share(log: float) -> str:
    """A part of a whole, of which the logarithm is given, in per cent; never rounded to none or to all.

    >>> share(math.log(0.5)), share(-800.0), share(-1e-9)
    ('50 %', 'less than 0.01 %', 'more than 99.99 %')
    """
    part = math.exp(min(log, 0.0)) * 100
    if part < 0.01:
        return "less than 0.01 %"
    if part > 99.99:
        return "more than 99.99 %"
    return f"{part:.2g} %" if part < 99 else f"{part:.4g} %"


# Paths ----------------------------------------------------------------------------------------------------------------


def _way(paths: Paths, path: Path, writer: Writer, head: str) -> Way:
    called = [writer.called[paths.nodes[edge.target]] for edge in path.edges] + [writer.called[paths.wrt]]
    if len(called) > 9:
        called = [*called[:5], f"… ({len(called) - 8:,} more) …", *called[-3:]]
    told = path.edges
    left_out = ""
    if len(told) > MOST_STEPS:
        weight = sorted(range(len(told)), key=lambda n: -abs(log_size(told[n].slope)))
        kept = sorted(weight[:MOST_FACTORS])
        rest = [edge for n, edge in enumerate(told) if n not in set(kept)]
        ones = len([edge for edge in rest if edge.slope == 1])
        all_ones = " are all 1" if ones == len(rest) else f" multiply to {_product(rest)}"
        left_out = f"{len(rest):,} more slopes{all_ones}"
        left_out += f" ({ones:,} of them are 1)" if 0 < ones < len(rest) else ""
        told = tuple(path.edges[n] for n in kept)
    steps = tuple(_step(paths, edge, writer) for edge in told)
    product = words.number(path.product) if path.product else power_of_ten(path.magnitude)
    factors = [
        words.number(edge.slope or 0.0) if n == 0 else words.bracketed(edge.slope or 0.0) for n, edge in enumerate(told)
    ]
    if left_out:
        factors.append(_product(rest))
    part = share(path.magnitude - paths.magnitude) if paths.count > 1 and paths.finite else ""
    return Way(
        head=head + " ← ".join(called),
        steps=steps,
        left_out=left_out,
        product=(" × ".join(factors) + " = " if len(factors) > 1 else "") + product,
        share=part,
        latex=_latex(paths, path, writer),
    )


def _step(paths: Paths, edge: Edge, writer: Writer) -> Step:
    node, source = paths.nodes[edge.target], paths.nodes[edge.source]
    number = words.number(edge.slope or 0.0)
    formula = writer.local(node, edge.place)
    says = []
    if formula is not None and formula.text != number:
        says.append(formula.text)
        if formula.numbers not in (formula.text, number) and " if " not in formula.text:
            says.append(formula.numbers)
    name = partial(writer.called[node], writer.called[source])
    fixed = held_fixed(paths, edge, writer)
    name += f", {fixed} fixed" if fixed else ""
    return Step(f"{writer.called[node]} = {writer.made(node)}", name, " = ".join(says), number)


def held_fixed(paths: Paths, edge: Edge, writer: Writer) -> str:
    """What a local derivative holds fixed, where that has to be said: an operand that depends on the same value too."""
    node = paths.nodes[edge.target]
    others = [
        other
        for other in paths.edges[edge.target]
        if other.place != edge.place and (other.source == edge.source or paths.leads(edge.source, other.source))
    ]
    if not others:
        return ""
    if len(others) > 1 or len(node.operands) > 2:
        return "the others"
    name = writer.called[paths.nodes[others[0].source]]
    return f"the {('first', 'second')[others[0].place]} {name}" if others[0].source == edge.source else name


def _product(edges: list[Edge]) -> str:
    sign = "−" if len([edge for edge in edges if (edge.slope or 0) < 0]) % 2 else ""
    return f"({sign}{power_of_ten(sum_of_logs(edges))})" if sign else power_of_ten(sum_of_logs(edges))


# LaTeX ----------------------------------------------------------------------------------------------------------------


def _partial(of: str, by: str) -> str:
    return rf"\frac{{\partial {latex_name(of)}}}{{\partial {latex_name(by)}}}"


def _latex(paths: Paths, path: Path, writer: Writer) -> str:
    """The path as products: of names, of formulas, of numbers."""
    edges = path.edges
    long = len(edges) > MOST_FACTORS
    shown = [*edges[: MOST_FACTORS // 2], *edges[-(MOST_FACTORS // 2) :]] if long else list(edges)
    names: list[str] = []
    formulas: list[str] = []
    numbers: list[str] = []
    for edge in shown:
        node = paths.nodes[edge.target]
        name = _partial(writer.called[node], writer.called[paths.nodes[edge.source]])
        fixed = held_fixed(paths, edge, writer)
        names.append(rf"\left.{name}\right|_{{{latex_text(f'{fixed} fixed')}}}" if fixed else name)
        formula = writer.local(node, edge.place)
        number = latex_number(edge.slope or 0.0)
        numbers.append(rf"\left({number}\right)" if (edge.slope or 0) < 0 and numbers else number)
        latex = formula.latex if formula is not None else number
        lone = len(edges) == 1 or (formula is not None and formula.alone and not latex.startswith("-"))
        formulas.append(latex if lone or formula is None else rf"\left({latex}\right)")
    lines = [names] + [formulas] * (not long) + [numbers] * (len(edges) > 1)
    if long:
        for line in lines:
            line.insert(MOST_FACTORS // 2, r"\cdots")
    products = [r" \cdot ".join(line) for line in lines]
    result = latex_number(path.product)
    if products[-1] != result:
        products.append(result)
    return " = ".join(products)

"""The second pass: what is dead, constant or said twice goes, and additions and products fold into sums of products."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

from autograd.compiler.conditions import KERNELS as CONDITIONS
from autograd.compiler.tape import CONSTANT, DETACH, SELECT, Leaf, Ref, Tape
from autograd.floats import KERNELS

SUM = "sum of products"
ADDING = frozenset({"+", "-", "neg", "*", "sum", "dot"})
MOST_FACTORS = 3

Term = tuple[float, tuple[Ref, ...]]  # a coefficient, and the factors it is multiplied by


class Scalars(NamedTuple):
    """What is left to compute: sums of products, and other operations, each used by another one or by the results."""

    names: list[str]
    """The row's name, or `SUM`."""
    operands: list[Any]
    """The operands; of a sum its terms."""
    leaves: list[Leaf]
    outputs: list[Ref]
    guards: list[tuple[Ref, bool]]
    origins: list[Any]
    recorded: int
    """How many operations were recorded."""


def clean(tape: Tape) -> Scalars:
    """The tape as sums of products and other operations, without what nothing depends on."""
    return _Folding(_Simplified(tape)).scalars


class _Simplified:
    """The tape with every operation entered once and constants computed; some rows are written in terms of others."""

    def __init__(self, tape: Tape) -> None:
        self.names: list[str] = []
        self.operands: list[tuple[Ref, ...]] = []
        self.origins: list[Any] = []
        self.leaves = list(tape.leaves)
        self.recorded = len(tape.names)
        self._known: dict[Any, Ref] = {}
        self._constants: dict[str, Ref] = {}
        self._numbers: dict[Ref, float] = {}
        for number, leaf in enumerate(tape.leaves):
            if leaf.kind == CONSTANT:
                self._numbers[-1 - number] = leaf.content
                self._constants[float(leaf.content).hex()] = -1 - number
        places: list[Ref] = []
        known, numbers, add = self._known, self._numbers, places.append
        names, all_operands, origins = self.names, self.operands, self.origins
        refs: tuple[Ref, ...]
        moved = False  # until then every operation is where it was
        for place, (name, operands) in enumerate(zip(tape.names, tape.operands, strict=True)):
            if not moved:
                refs = operands
            elif len(operands) == 2:
                a, b = operands
                refs = (a if a < 0 else places[a], b if b < 0 else places[b])
            else:
                refs = tuple([ref if ref < 0 else places[ref] for ref in operands])
            key = name, refs
            ref = known.get(key)
            if ref is None:
                self._origin = tape.origins[place]
                if name in REWRITES:
                    ref = REWRITES[name](self, refs)
                if ref is None:
                    if min(refs) < 0 and not numbers.keys().isdisjoint(refs):
                        ref = self.enter(name, refs)
                    else:
                        ref = len(names)
                        names.append(name)
                        all_operands.append(refs)
                        origins.append(self._origin)
                known[key] = ref
            moved = moved or ref != place
            add(ref)
        self.outputs = [ref if ref < 0 else places[ref] for ref in tape.outputs]
        self.guards = [(places[ref], truth) for ref, truth in tape.guards]

    def enter(self, name: str, operands: tuple[Ref, ...]) -> Ref:
        """The place of an operation; if its operands are constants, the constant it gives."""
        if name != SELECT and all(ref in self._numbers for ref in operands):
            numbers = [self._numbers[ref] for ref in operands]
            kernel: Any = CONDITIONS.get(name) or (float if name == DETACH else KERNELS[name])
            return self.constant(float(kernel(*numbers)))
        self.names.append(name)
        self.operands.append(operands)
        self.origins.append(self._origin)
        return len(self.names) - 1

    def apply(self, name: str, *operands: Ref) -> Ref:
        """An operation entered once."""
        ref = self._known.get((name, operands))
        if ref is None:
            ref = self._known[name, operands] = self.enter(name, operands)
        return ref

    def constant(self, number: float) -> Ref:
        """The leaf that is this constant."""
        key = number.hex()
        if key not in self._constants:
            self.leaves.append(Leaf(CONSTANT, number))
            self._constants[key] = -len(self.leaves)
            self._numbers[-len(self.leaves)] = number
        return self._constants[key]

    def number(self, ref: Ref) -> float | None:
        """The number of a constant."""
        return self._numbers.get(ref)


# Rows that are written in terms of others, where arrays can make more of those. The derivative comes from their rows. -


def _identity(_: _Simplified, operands: tuple[Ref, ...]) -> Ref:
    return operands[0]


def _quotient(simplified: _Simplified, operands: tuple[Ref, ...]) -> Ref | None:
    x, y = operands
    divisor = simplified.number(y)
    if divisor is None or simplified.number(x) is not None or not 1e-300 < abs(divisor) < 1e300:
        return None
    return simplified.apply("*", x, simplified.constant(1.0 / divisor))


def _power(simplified: _Simplified, operands: tuple[Ref, ...]) -> Ref | None:
    x, n = operands
    exponent = simplified.number(n)
    if simplified.number(x) is not None or exponent not in (0.0, 1.0, 2.0, 3.0):
        return None
    if exponent == 0.0:
        return simplified.constant(1.0)
    product = x
    for _ in range(int(exponent) - 1):
        product = simplified.apply("*", product, x)
    return product


def _product(simplified: _Simplified, operands: tuple[Ref, ...]) -> Ref:
    """Halves, multiplied: a long chain would be as deep as it is long."""
    factors = list(operands) or [simplified.constant(1.0)]
    while len(factors) > 1:
        pairs = [simplified.apply("*", a, b) for a, b in zip(factors[::2], factors[1::2], strict=False)]
        factors = pairs + factors[len(factors) // 2 * 2 :]
    return factors[0]


def _logsumexp(simplified: _Simplified, operands: tuple[Ref, ...]) -> Ref:
    """top + log Σ exp(xᵢ − top), with the largest as a top that has no slope: whatever it is, the sum is the same."""
    apply = simplified.apply
    largest = apply(DETACH, apply("max", *operands))
    nothing = apply("equal", largest, simplified.constant(-math.inf))  # of all −inf: −inf, with no slope
    endless = apply("equal", apply("abs", largest), simplified.constant(math.inf))
    top = apply("where", endless, simplified.constant(0.0), largest)
    total = apply("sum", *[apply("exp_difference", x, top) for x in operands])
    return apply("where", nothing, largest, apply("+", top, apply("log", total)))


REWRITES: dict[str, Callable[[_Simplified, tuple[Ref, ...]], Ref | None]] = {
    "identity": _identity,
    "/": _quotient,
    "**n": _power,
    "prod": _product,
    "logsumexp": _logsumexp,
}


class _Folding:
    """From the results back: what is needed, with additions and products that are used once folded into their users."""

    def __init__(self, source: _Simplified) -> None:
        self.source = source
        self.names, self.operands = source.names, source.operands
        count = len(self.names)
        self.uses = self._count_uses()
        self.needed = bytearray(count)
        for ref in [*source.outputs, *(ref for ref, _ in source.guards)]:
            if ref >= 0:
                self.needed[ref] = 1
        terms: dict[int, list[Term]] = {}
        needed, names = self.needed, self.names
        for place in range(count - 1, -1, -1):
            if needed[place]:
                if names[place] in ADDING:
                    terms[place] = found = self._terms(place)
                    for _, factors in found:
                        for ref in factors:
                            if ref >= 0:
                                needed[ref] = 1
                else:
                    for ref in self.operands[place]:
                        if ref >= 0:
                            needed[ref] = 1
        self.scalars = self._kept(terms)

    def _count_uses(self) -> list[int]:
        uses = [0] * len(self.names)
        for ref in [*self.source.outputs, *(ref for ref, _ in self.source.guards)]:
            if ref >= 0:
                uses[ref] += 1
        for place in range(len(uses) - 1, -1, -1):
            if uses[place]:
                for ref in self.operands[place]:
                    if ref >= 0:
                        uses[ref] += 1
        return uses

    def _terms(self, place: int) -> list[Term]:
        """The terms of a sum, those of sums inside it included, as written from left to right."""
        names, operands, uses, numbers = self.names, self.operands, self.uses, self.source._numbers
        terms: list[Term] = []
        rest = 0.0
        pending: list[tuple[float, Ref]] = [(1.0, place)]
        add, push, pop = terms.append, pending.append, pending.pop
        while pending:
            coefficient, ref = pop()
            name = names[ref] if ref >= 0 and (ref == place or uses[ref] == 1) else ""
            if name == "*" and abs(coefficient) != 1.0 and not self._folds(coefficient, operands[ref], 0):
                add((coefficient, (ref,)))
            elif name == "*":
                self._multiply(coefficient, operands[ref], terms, pending)
            elif name == "+":
                a, b = operands[ref]
                push((coefficient, b))
                push((coefficient, a))
            elif name == "-":
                a, b = operands[ref]
                push((-coefficient, b))
                push((coefficient, a))
            elif name == "neg":
                push((-coefficient, operands[ref][0]))
            elif name == "sum":
                pending.extend((coefficient, x) for x in reversed(operands[ref]))
            elif name == "dot":
                mine = operands[ref]
                half = len(mine) // 2
                for a, b in zip(mine[:half], mine[half:-1], strict=True):
                    if (a < 0 or uses[a] > 1) and (b < 0 or uses[b] > 1) and a not in numbers and b not in numbers:
                        add((coefficient, (a, b)))  # the usual case, with nothing to fold
                    else:
                        self._multiply(coefficient, (a, b), terms, None)
                push((coefficient, mine[-1]))
            elif ref < 0 and ref in numbers:
                rest += coefficient * numbers[ref]
            else:
                add((coefficient, (ref,)))
        if rest or not terms:
            add((rest, ()))
        return terms

    def _multiply(self, coefficient: float, pair: tuple[Ref, ...], terms: list[Term], pending: Any) -> None:
        """Enter coefficient · Π factors as a term; a sum times a constant is handed back as its terms."""
        names, operands, uses, numbers = self.names, self.operands, self.uses, self.source._numbers
        a, b = pair
        factors: list[Ref] = []
        if (a < 0 or uses[a] > 1) and (b < 0 or uses[b] > 1):  # the usual case: nothing folds
            for ref in pair:
                if ref in numbers:
                    coefficient *= numbers[ref]
                else:
                    factors.append(ref)
        else:
            stack = [b, a]
            while stack:
                ref = stack.pop()
                if ref in numbers:
                    coefficient *= numbers[ref]
                elif ref >= 0 and uses[ref] == 1 and names[ref] == "neg":
                    coefficient = -coefficient
                    stack.append(operands[ref][0])
                elif (
                    ref >= 0 and uses[ref] == 1 and names[ref] == "*"
                    and self._folds(coefficient, operands[ref], len(factors) + len(stack) + 2)
                ):  # fmt: skip
                    stack.extend(reversed(operands[ref]))
                else:
                    factors.append(ref)
            is_sum = len(factors) == 1 and factors[0] >= 0 and names[factors[0]] != "*"
            if pending is not None and is_sum and abs(coefficient) <= 1.0:  # a term of it cannot overflow
                pending.append((coefficient, factors[0]))
                return
        terms.append((coefficient, tuple(factors)))

    def _folds(self, coefficient: float, operands: tuple[Ref, ...], factors: int) -> bool:
        """Whether a product may be part of another one: of few factors, and with a constant far from overflow."""
        constants = [self.source._numbers[ref] for ref in operands if ref in self.source._numbers]
        return factors - len(constants) <= MOST_FACTORS and all(1e-50 < abs(coefficient * c) < 1e50 for c in constants)

    def _kept(self, terms: dict[int, list[Term]]) -> Scalars:
        """Only what is needed, numbered anew."""
        source, needed = self.source, self.needed
        if all(needed):
            names = [SUM if place in terms else name for place, name in enumerate(self.names)]
            all_operands: list[Any] = list(self.operands)
            for place, mine in terms.items():
                all_operands[place] = mine
            leaves, recorded = source.leaves, source.recorded
            return Scalars(names, all_operands, leaves, source.outputs, source.guards, source.origins, recorded)
        places: list[int] = [0] * len(self.names)
        names = []
        operands: list[Any] = []
        origins: list[Any] = []
        for place, name in enumerate(self.names):
            if needed[place]:
                places[place] = len(names)
                if place not in terms:
                    names.append(name)
                    operands.append(tuple([r if r < 0 else places[r] for r in self.operands[place]]))
                else:
                    names.append(SUM)
                    sum_of: list[Term] = []
                    for coefficient, factors in terms[place]:
                        if len(factors) == 2:  # by far most of them
                            a, b = factors
                            moved: tuple[Ref, ...] = (a if a < 0 else places[a], b if b < 0 else places[b])
                        else:
                            moved = tuple([r if r < 0 else places[r] for r in factors])
                        sum_of.append((coefficient, moved))
                    operands.append(sum_of)
                origins.append(source.origins[place])
        outputs = [ref if ref < 0 else places[ref] for ref in source.outputs]
        guards = [(ref if ref < 0 else places[ref], truth) for ref, truth in source.guards]
        return Scalars(names, operands, source.leaves, outputs, guards, origins, source.recorded)

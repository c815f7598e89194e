"""Formula: a rule of the table written out as single operations, for backends that run on many numbers at once.

The rule is run once on symbols that note what is done to them. What the table says of nan is left out: a program is run
by formulae only while all its numbers are finite, and by the rules themselves otherwise.
"""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple, TypeAlias

from autograd.operators import Operators
from autograd.ops import TABLE

Slot: TypeAlias = "int | float"
TRUTHS = frozenset({"<", "<=", ">", ">=", "equal", "not"})
OPPOSITE = {"<=": ">", "<": ">=", ">": "<=", ">=": "<"}


class Formula(NamedTuple):
    """Operations on the operands (numbered 0, 1, …), the row's value (the next number), and each other's results.

    >>> print(partial("sigmoid", 0, 1))
    t2 = neg(x0)
    t3 = sigmoid(t2)
    t4 = x1 * t3
    t4
    """

    arity: int
    """How many operands; the row's value has this number, and the first operation the one after it."""
    steps: tuple[tuple[str, tuple[Slot, ...]], ...]
    result: Slot

    def __str__(self) -> str:
        def shown(slot: Slot) -> str:
            return str(slot) if isinstance(slot, float) else f"{'x' if slot <= self.arity else 't'}{slot}"

        lines = []
        for number, (name, slots) in enumerate(self.steps, self.arity + 1):
            words = [*map(shown, slots)]
            call = f" {name} ".join(words) if name in "+-*/" else f"{name}({', '.join(words)})"
            lines.append(f"t{number} = {call}")
        return "\n".join([*lines, shown(self.result)])


Constants: TypeAlias = "tuple[tuple[int, float], ...]"  # which operands are numbers that never change


@cache
def partial(row: str, number: int, count: int, constants: Constants = ()) -> Formula | None:
    """∂row/∂(operand `number`), 0 where that is not chosen; None if it is never differentiated.

    >>> print(partial("relu", 0, 1))
    t2 = >(x0, 0.0)
    t2
    >>> print(partial("**n", 0, 2, ((1, -0.5),)))
    t3 = **(x0, -1.5)
    t4 = -0.5 * t3
    t4
    """
    return partials(row, count, constants)[number]


@cache
def partials(row: str, count: int, constants: Constants = ()) -> list[Formula | None]:
    """The formula of each partial derivative."""
    rules = TABLE[row]
    found: list[Formula | None] = []
    for number in range(count):
        notes = Notes(count)
        operands: list[Any] = [Term(notes, i) for i in range(count)]
        for place, constant in constants:
            operands[place] = constant
        out = Term(notes, count)
        derivative = rules.partials(operands, out)[number] if rules.variadic else _rule(rules, number, operands, out)
        if derivative is None:
            found.append(None)
            continue
        live = rules.live(operands, out)[number]
        result = notes.slot(notes.chosen(live, derivative, 0.0))
        found.append(_only_needed(Formula(count, tuple(notes.steps), result)))
    return found


def _rule(rules: Any, number: int, operands: list[Any], out: Any) -> Any:
    rule = rules.rules[number]
    return None if rule is None else rule(*operands, out)


class Notes:
    """The operations noted so far; an equal one is noted once."""

    def __init__(self, count: int) -> None:
        self.first = count + 1
        self.steps: list[tuple[str, tuple[Slot, ...]]] = []
        self._numbers: dict[Any, int] = {}

    def slot(self, x: Any) -> Slot:
        """The number of a term, or the constant."""
        return x.number if isinstance(x, Term) else float(x)

    def enter(self, name: str, *operands: Any) -> Any:
        """The term for an operation; simpler where it can be."""
        if name == "where":
            return self.chosen(*operands)
        if name == "neg" and not isinstance(operands[0], Term):
            return -operands[0]
        if name == "*":
            x, y = operands
            if not isinstance(x, Term) and x == 1:
                return y
            if not isinstance(y, Term) and y == 1:
                return x
        if name == "+" and not isinstance(operands[1], Term) and operands[1] == 0:
            return operands[0]
        return self._noted(name, *map(self.slot, operands))

    def chosen(self, condition: Any, a: Any, b: Any) -> Any:
        """a if the condition holds, else b."""
        if not isinstance(condition, Term):
            return a if condition else b
        if a is True and b is False:
            return condition
        if a is False and b is True:
            return self.opposite(condition)
        a, b = self.given(condition, True, a), self.given(condition, False, b)
        if not isinstance(a, Term) and not isinstance(b, Term):
            if a == b:
                return a
            if a == 1 and b == 0 and self.step(condition)[0] in TRUTHS:
                return condition  # a truth is 1.0 or 0.0, and any number may be the condition of a `where`
        return self._noted("where", self.slot(condition), self.slot(a), self.slot(b))

    def _noted(self, name: str, *slots: Slot) -> Term:
        key = name, *[(type(slot), slot) for slot in slots]  # the operand 1 is not the number 1.0
        if key not in self._numbers:
            self._numbers[key] = self.first + len(self.steps)
            self.steps.append((name, slots))
        return Term(self, self._numbers[key])

    def opposite(self, condition: Term) -> Any:
        """The condition that holds where this one does not."""
        name, slots = self.step(condition)
        if name in OPPOSITE:
            return self.enter(OPPOSITE[name], *[Term(self, s) if isinstance(s, int) else s for s in slots])
        return self.enter("not", condition)

    def step(self, term: Term) -> tuple[str, tuple[Slot, ...]]:
        """The operation that made a term."""
        return self.steps[term.number - self.first] if term.number >= self.first else ("", ())

    def given(self, condition: Term, truth: bool, x: Any) -> Any:
        """x, known that the condition has this truth."""
        if isinstance(x, Term):
            name, slots = self.step(x)
            if name == "where" and slots[0] == condition.number:
                x = slots[1 if truth else 2]
                return Term(self, x) if isinstance(x, int) else x
        return x


class Term(Operators):
    """A symbol for one number in a formula."""

    __slots__ = ("notes", "number")

    def __init__(self, notes: Notes, number: int) -> None:
        self.notes, self.number = notes, number

    def __eq__(self, other: object) -> Any:
        return self.notes.enter("equal", self, other)

    __hash__ = None  # type: ignore[assignment]  # a dict would ask whether it is equal, now

    def __bool__(self) -> bool:
        raise TypeError("in a formula no condition is known to hold: write where(condition, a, b)")

    @staticmethod
    def _apply(name: str, operands: tuple[Any, ...]) -> Any:
        notes = next(x.notes for x in operands if isinstance(x, Term))
        return notes.enter(name, *operands)


def _only_needed(formula: Formula) -> Formula:
    """The formula without the operations that its result does not need."""
    count, steps, result = formula
    needed: set[Slot] = {result}
    for number in range(count + len(steps), count, -1):
        if number in needed:
            needed.update(slot for slot in steps[number - count - 1][1] if isinstance(slot, int))
    places: dict[Slot, Slot] = {}
    kept: list[tuple[str, tuple[Slot, ...]]] = []
    for number, (name, slots) in enumerate(steps, count + 1):
        if number in needed:
            kept.append((name, tuple(places.get(s, s) if isinstance(s, int) else s for s in slots)))
            places[number] = count + len(kept)
    return Formula(count, tuple(kept), places.get(result, result) if isinstance(result, int) else result)

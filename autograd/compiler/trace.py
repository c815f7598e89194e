"""The first pass: a function is run twice, and what the two runs have in common becomes a tape."""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable
from typing import Any, NamedTuple

from autograd.compiler.indices import Lookup, numbers_in
from autograd.compiler.inputs import Inputs, flat
from autograd.compiler.recorder import Run, place_of
from autograd.compiler.tape import CONSTANT, INPUT, PARAMETER, SELECT, Leaf, Ref, Tape
from autograd.errors import NotANumberError, RecordingError
from autograd.value import Value


class Trace(NamedTuple):
    """A tape, the run it was taken from, and what else the recording rests on."""

    tape: Tape
    run: Run
    fixed: frozenset[int]
    """The inputs' numbers that the recording holds for as they are."""
    indices: dict[int, int]
    """The inputs' numbers that are used as an index, with the length of the shortest list they index."""
    shape: Any
    """How the outputs are nested: None for a single Value."""
    inputs: list[Value]
    """The leaves that stood for the inputs' numbers."""
    codes: dict[Any, dict[str, Any]]
    """The user's functions that ran, with their globals."""
    seconds_again: float
    """How long it took to run the function a second time and to compare."""


def trace(function: Callable[..., Any], inputs: Inputs) -> Trace:
    """Record the function at these inputs.

    A leaf that both runs meet existed before: it is a parameter. One that is met in a single run was made there, and is
    a constant; if its number is another in the other run, or anything else differs, the function does not do the same
    twice, which is an error. In the second run items of lists are taken by other indices, and Python is sent the same
    way at every branch: so it shows which operands depend on which index.
    """
    given, again = inputs.values(), inputs.values()
    leaves, twins = flat(given), flat(again)  # now: the function may change the lists
    dice = _random_state()
    first = Run()(function, given)
    if _random_state() != dice:
        raise RecordingError(
            "the function draws random numbers, by the generator of `random` or of numpy.random, which a recording"
            " would keep for ever: draw them outside, and give them as inputs"
        )
    shape = _shape(first.outputs)
    truths = [truth for _, truth, _ in first.guards]
    one, fixed = Listing(first, leaves), set(first.fixed)
    start = time.thread_time()
    second = Run(shift=True, replay=truths)
    selects: Changes | None = None
    try:
        other = Listing(second(function, again), twins)
    except Exception:  # as an item may not be what the function can work with
        if not first.lookups:
            raise
    else:
        fixed |= second.fixed
        if not (first.lookups and (first.by_identity or second.by_identity)):
            selects = _differences(one, other, _lookups(one, other, fixed))
    if selects is None and first.lookups:  # more follows from an index than which item is taken
        fixed |= {lookup.position for lookup in first.lookups}
        again = inputs.values()
        twins = flat(again)
        other = Listing(Run(replay=truths)(function, again), twins)
        selects = _differences(one, other, {})
    if selects is None:
        raise _not_the_same(one, other)
    again_took = time.thread_time() - start
    indices: dict[int, int] = {}
    for lookup in first.lookups:
        if lookup.position not in fixed:
            indices[lookup.position] = min(len(lookup.items), indices.get(lookup.position, len(lookup.items)))
    tape = one.tape(other, selects)
    return Trace(tape, first, frozenset(fixed), indices, shape, leaves, other.run.codes, again_took)


def _random_state() -> Any:
    """Where the generators stand that everybody shares."""
    numpy_random = sys.modules.get("numpy.random")
    legacy = None
    if numpy_random is not None:
        _, numbers, *rest = numpy_random.get_state()
        legacy = numbers.tobytes(), rest
    return random.getstate(), legacy


class Listing:
    """What one run made, operation by operation, and the leaves it met, in the order it met them."""

    def __init__(self, run: Run, inputs: list[Value]) -> None:
        self.run, self.count_of_inputs = run, len(inputs)
        self.leaves: list[Any] = []
        self.refs: dict[int, Ref] = {}
        self._numbers: dict[Any, Ref] = {}
        for leaf_value in inputs:
            self._leaf(leaf_value)
        self.lookups = [self._items(lookup) for lookup in run.lookups]  # leaves first, so that both runs number them so
        self.rows: list[Any] = []
        self.operands: list[tuple[Ref, ...]] = []
        add, known, leaf, refs = self.operands.append, self.refs.get, self._leaf, self.refs
        for place, node in enumerate(run.made):
            operands: Any = node._operands
            if operands is None:
                x: Any = node._x
                y = node._y
                a = known(id(x))
                if a is None:
                    a = leaf(x)
                if y is None:
                    add((a,))
                else:
                    b = known(id(y))
                    add((a, leaf(y) if b is None else b))
            elif type(operands) is float:
                a = known(id(node._x))
                add((leaf(node._x) if a is None else a, self._number(operands)))
            else:
                add(tuple([leaf(x) if (ref := known(id(x))) is None else ref for x in operands]))
            refs[id(node)] = place
            self.rows.append(node._row)
        self.lookups = [self._items(lookup) for lookup in run.lookups]
        self.outputs = [self.ref(x) for x in flat(run.outputs)]
        self.guards = [self.refs[id(node)] for node, _, _ in run.guards]

    def ref(self, x: Any) -> Ref:
        """What stands for a Value or a number."""
        found = self.refs.get(id(x))
        return self._leaf(x) if found is None else found

    def _leaf(self, x: Any) -> Ref:
        if not isinstance(x, Value):
            return self._number(x)
        self.leaves.append(x)
        ref = self.refs[id(x)] = -len(self.leaves)
        return ref

    def _number(self, x: float) -> Ref:
        key = x if x and x == x else float(x).hex()  # −0.0 is not 0.0, and nan is nan
        ref = self._numbers.get(key)
        if ref is None:
            self.leaves.append(float(x))
            ref = self._numbers[key] = -len(self.leaves)
        return ref

    def _items(self, lookup: Lookup) -> list[list[Ref]] | None:
        """What stands for the numbers in each item of a list; None if they are no numbers, or not equally many."""
        rows = [numbers_in(item) for item in lookup.items]
        if any(row is None or len(row) != len(rows[0] or ()) for row in rows):
            return None
        nodes = self.refs
        return [
            [nodes[id(x)] if id(x) in nodes else self._leaf(x) if _is_leaf(x) else 0 for x in row or ()] for row in rows
        ]

    def tape(self, other: Listing, selects: Changes) -> Tape:
        """This run as a tape, with an operation `select` for each operand that depends on an index."""
        leaves = [self._known_leaf(x, other.leaves[number]) for number, x in enumerate(self.leaves)]
        names = [row.name if row is not None else "" for row in self.rows]
        for place, row in enumerate(self.rows):
            if row is None or not row.rules:
                raise _no_operation(self.run, place)
        truths = [truth for _, truth, _ in self.run.guards]
        if not selects:
            guards = list(zip(self.guards, truths, strict=True))
            return Tape(names, self.operands, leaves, self.outputs, guards, self.run.origins)
        written = Tape([], [], leaves, [], [], [])
        places: list[int] = []
        chosen: dict[tuple[int, int], int] = {}

        def moved(ref: Ref) -> Ref:
            return ref if ref < 0 else places[ref]

        def enter(name: str, operands: tuple[Ref, ...], origin: Any) -> int:
            written.names.append(name)
            written.operands.append(operands)
            written.origins.append(origin)
            return len(written.names) - 1

        def operand(place: int, slot: int, ref: Ref, origin: Any) -> Ref:
            change = selects.get((place, slot))
            if change is None:
                return moved(ref)
            if change not in chosen:
                lookup, number = change
                candidates = [moved(item[number]) for item in self.lookups[lookup] or ()]
                index = -1 - self.run.lookups[lookup].position
                chosen[change] = enter(SELECT, (index, *candidates), origin)
            return chosen[change]

        for place, (name, operands) in enumerate(zip(names, self.operands, strict=True)):
            origin = self.run.origins[place]
            found = tuple(operand(place, slot, ref, origin) for slot, ref in enumerate(operands))
            places.append(enter(name, found, origin))
        last = len(self.operands)
        written.outputs.extend(operand(last, slot, ref, None) for slot, ref in enumerate(self.outputs))
        written.guards.extend((moved(ref), truth) for ref, truth in zip(self.guards, truths, strict=True))
        return written

    def _known_leaf(self, x: Any, twin: Any) -> Leaf:
        """What a leaf is: one that both runs met is a parameter."""
        if not isinstance(x, Value):
            return Leaf(CONSTANT, x)
        if (ref := -1 - self.refs[id(x)]) < self.count_of_inputs:
            return Leaf(INPUT, ref)
        if x is not twin:
            return Leaf(CONSTANT, x._data)
        if x._row is not None:
            raise RecordingError(
                f"{x!r} is no leaf: it was computed before autograd.compile recorded the function, by {x.op!r}, and a"
                " recording would keep its number for ever. Compute it inside the function, or use its .data"
            )
        return Leaf(PARAMETER, x)


def _is_leaf(x: Any) -> bool:
    return not isinstance(x, Value) or x._row is None


Known = dict[tuple[Ref, Ref], tuple[int, int]]  # what an operand was in either run: which lookup, which number of it
Changes = dict[tuple[int, int], tuple[int, int]]  # (operation, which operand) → (lookup, which number of its items)


def _lookups(one: Listing, other: Listing, fixed: set[int]) -> Known | None:
    """What the operands that come from an item of a list look like in the two runs; None where it cannot be told."""
    known: Known = {}
    first, second = one.run.lookups, other.run.lookups
    if len(first) != len(second):
        return None
    for place, (a, b) in enumerate(zip(first, second, strict=True)):
        rows = one.lookups[place]
        if a.position in fixed or a.handed == b.handed:
            fixed.add(a.position)
            continue
        if rows is None or rows != other.lookups[place] or len({r for row in rows for r in row}) < sum(map(len, rows)):
            return None  # in the list are no numbers, or one is there twice, or they depend on an index
        for number, pair in enumerate(zip(rows[a.handed], rows[b.handed], strict=True)):
            if pair in known:
                return None
            known[pair] = place, number
    return known


def _differences(one: Listing, other: Listing, known: Known | None) -> Changes | None:
    """The operands that depend on an index; None where the runs differ in a way that no index explains."""
    same = len(one.leaves) == len(other.leaves) and one.rows == other.rows and one.guards == other.guards
    if known is None or not same or len(one.outputs) != len(other.outputs):
        return None
    for x, y in zip(one.leaves, other.leaves, strict=True):
        if x is not y and _number_of(x) != _number_of(y) and _number_of(x) == _number_of(x):
            return None
    if one.operands == other.operands and one.outputs == other.outputs:
        return {}
    changes: Changes = {}
    for place, (a, b) in enumerate([*zip(one.operands, other.operands, strict=True), (one.outputs, other.outputs)]):
        if a != b:
            if len(a) != len(b):
                return None
            for slot, pair in enumerate(zip(a, b, strict=True)):
                if pair[0] != pair[1]:
                    if pair not in known:
                        return None
                    changes[place, slot] = known[pair]
    return changes


def _number_of(x: Any) -> float:
    number: float = x._data if isinstance(x, Value) else x
    return number


def _not_the_same(one: Listing, other: Listing) -> RecordingError:
    """What differs between two runs that should have been equal."""
    what, where = f"first it made {len(one.rows):,} operations, then {len(other.rows):,}", ""
    for place, (a, b) in enumerate(zip(one.operands, other.operands, strict=False)):
        numbers = [[listing.leaves[-1 - ref] for ref in refs if ref < 0] for listing, refs in ((one, a), (other, b))]
        shown = [[f"{_number_of(x):.6g}" for x in xs] for xs in numbers]
        if len(a) != len(b) or one.rows[place] is not other.rows[place] or shown[0] != shown[1]:
            names = [listing.rows[place].name for listing in (one, other)]
            what = " and then ".join(f"{n!r} of {', '.join(s)}" for n, s in zip(names, shown, strict=True))
            where = f" ({place_of(one.run.origins[place])})"
            break
    return RecordingError(
        f"the function does not do the same when it is run twice{where}: {what}. Random numbers: draw them outside and"
        " give them as inputs. A list that grows, or an iterator that is used up: make it anew inside the function"
    )


def _no_operation(run: Run, place: int) -> RecordingError:
    node, where = run.made[place], place_of(run.origins[place])
    if node._row is None:
        return RecordingError(
            f"{where}: a number was computed under no_grad() while autograd.compile recorded the function, and would be"
            " kept for ever. To stop the gradient of a value write v.detach()"
        )
    return RecordingError(
        f"{where}: {node!r} was made by hand, by Value(data, children): there is no rule to record it by; build it from"
        " the operations of autograd"
    )


def _shape(outputs: Any) -> Any:
    """How the outputs of a function are nested; None for a single one."""
    if isinstance(outputs, (list, tuple)) or getattr(outputs, "shape", None):
        return tuple(_shape(item) for item in outputs)
    if isinstance(outputs, (Value, int, float)):
        return None
    raise NotANumberError(
        f"a compiled function returns a Value, or a list of Values; it returned {outputs!r}"
        + (": it may lack its `return`" if outputs is None else "")
    )

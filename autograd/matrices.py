"""`jacobian` and `hessian`: many derivatives in few sweeps, since a graph knows which of them are not there.

Columns that share no row can be asked for in one forward sweep, rows that share no column in one backward sweep
(Curtis, Powell and Reid 1974): colouring tells which (Coleman and Moré 1983; greedy, in the order of the variables).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

from autograd.structure import array, flatten, shape_of
from autograd.sweeps import Tape, pull_back, push_forward, tape
from autograd.transforms import Call, backward_sweep, check_callable, scalar
from autograd.value import Value

FEW = 4  # so many sweeps of plain floats cost less than one of numpy arrays


def jacobian(
    f: Callable[..., Any], argnums: int | Sequence[int] = 0, mode: str | None = None, sparse: bool = False
) -> Callable[..., Any]:
    """The function that gives ∂fᵢ/∂xⱼ, i over what f returns, j over its argument: an array of shape (f's, x's).

    mode "forward" takes sweeps over columns, "reverse" over rows; None takes whichever needs fewer. `sparse` gives a
    SciPy matrix of the entries that are there. Lists give nested lists, a float for a float.

    >>> jacobian(lambda x: [x[0] * x[1], x[0]])([2.0, 5.0])
    [[5.0, 2.0], [1.0, 0.0]]
    """
    check_callable(f, "jacobian")
    if mode not in (None, "forward", "reverse"):
        raise ValueError(f"mode is 'forward', 'reverse' or None, was given {mode!r}")

    @wraps(f)
    def matrix(*args: Any, **kwargs: Any) -> Any:
        call = Call(f, args, kwargs, argnums)
        outputs, _ = flatten(call.result, "the function given to jacobian returned")
        rows = _rows(outputs, call, mode)
        return _sparse(rows, call) if sparse else _arranged(_full(rows, call), call.result, call)

    return matrix


def hessian(f: Callable[..., Any], argnums: int | Sequence[int] = 0, sparse: bool = False) -> Callable[..., Any]:
    """The function that gives ∂²f/∂xᵢ∂xⱼ: the Jacobian of the gradient, what `hess` of SciPy takes.

    An array of shape (x's, x's), nested lists for lists, a float for a float; `sparse` gives a SciPy matrix of the
    entries that are there.

    >>> hessian(lambda x: x[0] ** 2 * x[1])([2.0, 5.0])
    [[10.0, 4.0], [4.0, 0.0]]
    """
    check_callable(f, "hessian")

    @wraps(f)
    def matrix(*args: Any, **kwargs: Any) -> Any:
        call = Call(f, args, kwargs, argnums)
        slopes = backward_sweep([scalar(call.result, "hessian")], [1], call.variables, exact=True)
        rows = _rows(slopes, call, "forward")
        return _sparse(rows, call) if sparse else _arranged(_full(rows, call), call.arranged(slopes), call)

    return matrix


Rows = list[dict[int, Any]]  # of each output, by the number of the variable, what is not structurally zero


def _rows(outputs: list[Any], call: Call, mode: str | None) -> Rows:
    variables = call.variables
    if call.exact:  # Values: one sweep a row
        return [
            dict(enumerate(backward_sweep(outputs, [int(i == j) for j in range(len(outputs))], variables, exact=True)))
            for i in range(len(outputs))
        ]
    way = tape(outputs, variables, exact=False)
    rows = pattern(way, outputs, variables)
    columns: list[list[int]] = [[] for _ in variables]
    for i, row in enumerate(rows):
        for j in row:
            columns[j].append(i)
    forward = [] if mode == "reverse" else coloured(columns, rows)
    reverse = [] if mode == "forward" else coloured(rows, columns)
    if mode == "forward" or (mode is None and max(forward, default=0) <= max(reverse, default=0)):
        entry = _swept(way, variables, forward, push_forward)
        return [{j: entry(y, forward[j]) for j in row} for y, row in zip(outputs, rows, strict=True)]
    entry = _swept(way, outputs, reverse, pull_back)
    return [{j: entry(variables[j], reverse[i]) for j in row} for i, row in enumerate(rows)]


def pattern(way: Tape, outputs: list[Any], variables: list[Value]) -> list[list[int]]:
    """For each output the numbers of the variables it depends on; the bits of a whole number are a set of them."""
    depends = [0] * len(way.nodes)
    for j, x in enumerate(variables):
        if (place := way.place(x)) is not None:
            depends[place] = 1 << j
    for node, parent, _ in way.edges:
        depends[node] |= depends[parent]
    places = [way.place(y) for y in outputs]
    return [[] if place is None else _ones(depends[place]) for place in places]


def _ones(bits: int) -> list[int]:
    places = []
    while bits:
        lowest = bits & -bits
        places.append(lowest.bit_length() - 1)
        bits ^= lowest
    return places


def coloured(lines: list[list[int]], crossing: list[list[int]]) -> list[int]:
    """A colour for each line (a column, say); no two of one colour have an entry on the same crossing line (a row)."""
    colours = [-1] * len(lines)
    for line, crossings in enumerate(lines):
        taken = {colours[other] for c in crossings for other in crossing[c]}
        colour = 0
        while colour in taken:
            colour += 1
        colours[line] = colour
    return colours


def _swept(
    way: Tape, ends: list[Any], colours: list[int], sweep: Callable[[Any, list[Any]], list[Any]]
) -> Callable[[Any, int], float]:
    """Sweeps from the ends of each colour together; the result says what arrived at a node from a colour.

    A few are done one by one on floats, many all together on arrays with one number a colour. Where a partial is inf or
    nan all are done one by one: in an array a 0 may stand for "nothing arrives", which inf leaves alone, or for a
    number that is 0, of which inf makes nan.
    """
    count = max(colours, default=-1) + 1
    seeds: list[list[int]] = [[] for _ in range(count)]  # for each colour the places to start from
    for end, colour in zip(ends, colours, strict=True):
        if (place := way.place(end)) is not None:
            seeds[colour].append(place)
    if count <= FEW or any(d - d != 0 for _, _, d in way.edges):
        found = []
        for places in seeds:
            start: list[Any] = [None] * len(way.nodes)
            for place in places:
                start[place] = 1.0
            found.append(sweep(way.edges, start))
        return lambda node, colour: _number(found[colour], way.place(node))
    import numpy as np

    start = [None] * len(way.nodes)
    for colour, places in enumerate(seeds):
        for place in places:
            if start[place] is None:
                start[place] = np.zeros(count)
            start[place][colour] = 1.0
    with np.errstate(all="ignore"):
        lanes = sweep(way.edges, start)

    def entry(node: Any, colour: int) -> float:
        place = way.place(node)
        return 0.0 if place is None or lanes[place] is None else float(lanes[place][colour])

    return entry


def _number(numbers: list[Any], place: int | None) -> float:
    return 0.0 if place is None or numbers[place] is None else float(numbers[place])


def _full(rows: Rows, call: Call) -> list[list[Any]]:
    zeros = [Value(0.0) if call.exact else 0.0] * len(call.variables)
    full = []
    for row in rows:
        line = zeros.copy()
        for j, entry in row.items():
            line[j] = entry
        full.append(line)
    return full


def _arranged(rows: list[list[Any]], result: Any, call: Call) -> Any:
    """The entries in the form of the function's result, and for each number or array of it in that of the arguments."""
    if isinstance(result, (list, tuple)):
        rest = iter(rows)
        sizes = [len(flatten(item, "the result")[0]) for item in result]
        items = [_arranged([next(rest) for _ in range(n)], item, call) for n, item in zip(sizes, result, strict=True)]
        return items if isinstance(result, list) else tuple(items)
    of, arranged, start = shape_of(result) or (), [], 0
    for argument, (size, rebuild) in zip(call.arguments, call.parts, strict=True):
        by, some = shape_of(argument), [row[start : start + size] for row in rows]
        start += size
        if by is not None and of + by:
            arranged.append(array([entry for row in some for entry in row], of + by))
        elif of:  # by the numbers of a list: for each of them an array like the result
            arranged.append(rebuild([array(list(column), of) for column in zip(*some, strict=True)]))
        else:
            arranged.append(rebuild(some[0]))
    return arranged[0] if call.single else tuple(arranged)


def _sparse(rows: Rows, call: Call) -> Any:
    """The entries as a SciPy matrix in compressed rows, over all numbers of the result and of the arguments."""
    try:
        from scipy.sparse import csr_matrix
    except ImportError:
        raise ImportError("sparse=True needs SciPy: pip install 'scalar-autograd[sparse]'") from None
    if call.exact:
        raise TypeError("a sparse matrix holds numbers, not Values: give numbers, or leave out sparse=True")
    starts = [0]
    for row in rows:
        starts.append(starts[-1] + len(row))
    entries = [entry for row in rows for entry in row.values()]
    return csr_matrix((entries, [j for row in rows for j in row], starts), shape=(len(rows), len(call.variables)))

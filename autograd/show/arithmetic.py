"""The arithmetic of the page that steps: the table's rules, fed with a number type that prints JavaScript.

>>> print(row_source("*", 2))
(x, y) => [x * y, y, x]
>>> print(row_source("sigmoid", 1))
(x) => {
  const out = sigmoid(x);
  return [out, out * sigmoid(-x)];
}
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib import resources
from typing import Any

from autograd.operators import Operators
from autograd.ops import TABLE

INFIX = {"+": (" + ", 5), "-": (" - ", 5), "*": (" * ", 6), "/": (" / ", 6)}
COMPARISONS = {">": " > ", "<": " < ", ">=": " >= ", "<=": " <= ", "equal": " === "}
TRUTHS = frozenset([*COMPARISONS, "truth", "not"])
COMPARED, CHOICE, SIGN, WHOLE = 4, 1, 7, 9  # how tightly what is written binds, beside the numbers in INFIX
LONGEST = 60  # what is longer, or used twice, gets a name of its own


def arithmetic(uses: Iterable[tuple[str, int]]) -> str:
    """JavaScript that declares `ROWS` and `BOOKS`: for each row used, with this many operands, its value and partials.

    A function of ROWS takes the operands and returns [value, partial, partial, …], where a partial is null if nothing
    flows: the operand is not chosen, or is never differentiated. The name of a row of any number of operands is
    followed by their number: ROWS["sum/3"]. A function of BOOKS gives the partials as books write them, where they do
    it otherwise. The functions that all these call are declared too, and no others.
    """
    used = sorted(uses)
    rows = _object("ROWS", {row_key(*use): row_source(*use) for use in used})
    books = _object("BOOKS", {row_key(*use): source for use in used if (source := textbook_source(*use))})
    return kernels(rows + books) + rows + books


def _object(name: str, sources: Mapping[str, str]) -> str:
    """The declaration of an object of functions."""
    entries = (f"  {json.dumps(key)}: {source.replace(chr(10), chr(10) + '  ')},\n" for key, source in sources.items())
    return f"const {name} = {{\n{''.join(entries)}}};\n"


def row_key(name: str, count: int) -> str:
    """What a row with this many operands is called in ROWS.

    >>> row_key("*", 2), row_key("dot", 5)
    ('*', 'dot/5')
    """
    return f"{name}/{count}" if TABLE[name].variadic else name


def row_source(name: str, count: int) -> str:
    """The JavaScript function of one row: from its operands, `count` of them, to its value and all its partials.

    >>> print(row_source("relu", 1))
    (x) => [relu(x), !(x <= 0) ? (x > 0 ? 1 : x) : null]
    """
    row = TABLE[name]
    listing = Listing([f"x{at + 1}" for at in range(count)] if row.variadic else row.operands)
    operands = tuple(listing.parameters)
    out = Script._apply(name, operands)
    live = row.live(operands, out)
    partials = [
        None if partial is None else Script._apply("where", (alive, partial, None))
        for partial, alive in zip(row.partials(operands, out), live, strict=True)
    ]
    return listing.function(out, partials)


def textbook_source(name: str, count: int) -> str:
    """The JavaScript function from the operands of a row to its partials as books write them; null: as the rule does.

    >>> print(textbook_source("/", 2))
    (x, y) => [null, -x / power(y, 2)]
    """
    row = TABLE[name]
    if not row.textbook:
        return ""
    listing = Listing([f"x{at + 1}" for at in range(count)] if row.variadic else row.operands)
    operands = tuple(listing.parameters)
    out = Script._apply(name, operands)
    if row.variadic:
        return listing.function(out, row.textbook[0](operands, out), alone=True)  # type: ignore[misc]
    return listing.function(out, [rule and rule(*operands, out) for rule in row.textbook], alone=True)


@cache
def declarations() -> dict[str, str]:
    """The declarations of kernels.js by the names they declare, in their order, comments above them included."""
    found: dict[str, str] = {}
    for block in resources.files("autograd.show").joinpath("kernels.js").read_text(encoding="utf-8").split("\n\n")[1:]:
        head = re.search(r"^(?:function (\w+)|const (\w+) =|const \{(.*?)\} =)", block, re.MULTILINE)
        assert head, block
        names = [head[1] or head[2]] if not head[3] else re.findall(r"\w+", head[3])
        found |= {name: block.strip() for name in names}
    return found


def kernels(source: str) -> str:
    """The declarations that `source` needs, and those that these need."""
    known, needed, texts = declarations(), set[str](), [source]
    while texts:
        words = set(re.findall(r"\b[a-z]\w*", texts.pop()))
        texts += [known[name] for name in sorted(words & known.keys() - needed)]
        needed |= words & known.keys()
    return "".join(f"{block}\n\n" for block in dict.fromkeys(known[name] for name in known if name in needed))


class Script(Operators):
    """A JavaScript expression, or the number of a statement in the listing of the function that is written.

    Every operation on it writes one statement, and an operation that was written before is not written again.
    """

    __slots__ = ("at", "listing")

    def __init__(self, listing: Listing, at: int) -> None:
        self.listing, self.at = listing, at

    @staticmethod
    def _apply(operation: str, operands: tuple[Any, ...]) -> Any:
        if operation == "where" and not isinstance(operands[0], Script):
            return operands[1] if operands[0] else operands[2]
        listing = next(x.listing for x in operands if isinstance(x, Script))
        if operation != "where":
            return listing.write(operation, operands)
        condition, a, b = operands
        if listing.statements[condition.at][0] not in TRUTHS:
            condition = listing.write("truth", (condition,))
        if isinstance(a, bool) and isinstance(b, bool):
            return a if a == b else condition if a else listing.write("not", (condition,))
        return listing.write("where", (condition, a, b))

    def __bool__(self) -> bool:
        raise TypeError(
            "whether a condition holds is known in the page alone: write where(condition, a, b) in the rule"
        )


class Listing:
    """The statements of one function, in the order they were written; its parameters are the first."""

    def __init__(self, parameters: Sequence[str]) -> None:
        self.parameters = [Script(self, at) for at in range(len(parameters))]
        self.statements: list[tuple[str, tuple[Any, ...]]] = [(name, ()) for name in parameters]
        self.written: dict[tuple[Any, ...], Script] = {}

    def write(self, operation: str, operands: tuple[Any, ...]) -> Script:
        """The operation on the operands: a new statement, or the one that does the same."""
        key = (operation, *(("at", x.at) if isinstance(x, Script) else repr(x) for x in operands))
        if key not in self.written:
            self.written[key] = Script(self, len(self.statements))
            self.statements.append((operation, operands))
        return self.written[key]

    def function(self, out: Script, results: Sequence[Any], alone: bool = False) -> str:
        """The source of a function of the parameters that returns `out` and the results as a list, or these `alone`."""
        uses = [0] * len(self.statements)
        returned = [*results] if alone else [out, *results]
        needed = [*returned]
        while needed:
            x = needed.pop()
            if isinstance(x, Script):
                uses[x.at] += 1
                if uses[x.at] == 1 and x.at >= len(self.parameters):
                    needed.extend(self.statements[x.at][1])
        texts: list[tuple[str, int]] = [(name, WHOLE) for name, _ in self.statements[: len(self.parameters)]]
        lines: list[str] = []

        def text(x: Any, tightly: int = 0) -> str:
            written, binds = texts[x.at] if isinstance(x, Script) else literal(x)
            return written if binds >= tightly else f"({written})"

        for at, (operation, operands) in enumerate(self.statements[len(self.parameters) :], len(self.parameters)):
            written, binds = _expression(operation, operands, text) if uses[at] else ("", WHOLE)
            if uses[at] > 1 or len(written) > LONGEST:
                name = "out" if at == out.at else f"t{len(lines) + 1}"
                lines.append(f"  const {name} = {written};\n")
                written, binds = name, WHOLE
            texts.append((written, binds))
        head = f"({', '.join(texts[at][0] for at in range(len(self.parameters)))}) => "
        listed = f"[{', '.join(map(text, returned))}]"
        return head + (f"{{\n{''.join(lines)}  return {listed};\n}}" if lines else listed)


def _expression(operation: str, operands: tuple[Any, ...], text: Any) -> tuple[str, int]:
    """The operation as JavaScript, and how tightly what is written binds."""
    if operation in INFIX:
        sign, binds = INFIX[operation]
        return text(operands[0], binds) + sign + text(operands[1], binds + 1), binds
    if operation in COMPARISONS:
        return text(operands[0], COMPARED + 1) + COMPARISONS[operation] + text(operands[1], COMPARED + 1), COMPARED
    if operation == "neg":
        return "-" + text(operands[0], SIGN + 1), SIGN
    if operation == "truth":
        return text(operands[0], COMPARED) + " != 0", COMPARED  # nan counts as true, as in Python
    if operation == "not":
        return "!" + text(operands[0], SIGN), SIGN
    if operation == "where":
        condition, a, b = operands
        return f"{text(condition, CHOICE + 1)} ? {text(a, CHOICE + 1)} : {text(b, CHOICE)}", CHOICE
    name = {"**": "power", "**n": "power"}.get(operation, operation)
    return f"{name}({', '.join(map(text, operands))})", WHOLE


def literal(x: Any) -> tuple[str, int]:
    """A number, a truth value or nothing as JavaScript writes it, and how tightly it binds.

    >>> literal(-0.5), literal(float("inf")), literal(None), literal(True)
    (('-0.5', 7), ('Infinity', 9), ('null', 9), ('true', 9))
    """
    if x is None or isinstance(x, bool):
        return {None: "null", True: "true", False: "false"}[x], WHOLE
    written = repr(x).replace("inf", "Infinity").replace("nan", "NaN")
    return written, SIGN if written.startswith("-") else WHOLE

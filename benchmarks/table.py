"""What a benchmark hands back, and how it is printed: rows of cells, one column an engine, ratios to ours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

OURS = "autograd"
TITLES = {
    "autograd": "ours", "eager": "ours, eager", "micrograd": "micrograd", "torch": "PyTorch", "numpy": "numpy by hand",
    "numpy_tuned": "numpy, tuned", "jax": "JAX", "jax_jit": "JAX, jit", "casadi": "CasADi",
    "casadi_built": "CasADi, built before",
}  # fmt: skip


@dataclass(frozen=True)
class Cell:
    """One measured number with its unit ("s", "MB" or "bytes"), and words after it or in its place."""

    number: float | None = None
    unit: str = "s"
    words: str = ""

    def __str__(self) -> str:
        return self.words if self.number is None else f"{quantity(self.number, self.unit)} {self.words}".rstrip()


@dataclass(frozen=True)
class Row:
    """One line of the table: what was measured, with the garbage collector on, off or "" (it does not matter)."""

    measured: str
    collector: str
    cells: dict[str, Cell] = field(default_factory=dict)

    def times(self, peer: str) -> float | None:
        """How many times the peer's number is ours; None where one of them is missing."""
        ours, theirs = self.cells.get(OURS, Cell()).number, self.cells.get(peer, Cell()).number
        return None if ours is None or theirs is None or ours <= 0 else theirs / ours

    def ratio(self, peer: str) -> str:
        """The same in words, to two digits."""
        times = self.times(peer)
        return "" if times is None else f"{times:,.{significant(times, 2)}f}×"


def quantity(number: float, unit: str) -> str:
    """
    A number in the unit that reads best, to three digits.

    >>> quantity(0.08132, "s"), quantity(1.617, "s"), quantity(207.4, "bytes"), quantity(0.0000612, "s")
    ('81.3 ms', '1.62 s', '207 bytes', '61.2 µs')
    """
    if unit == "s" and abs(number) < 1:
        number, unit = (number * 1000, "ms") if abs(number) >= 1e-3 else (number * 1e6, "µs")
    return f"{number:.{significant(number, 3)}f} {unit}"


def significant(number: float, digits: int) -> int:
    """
    How many decimals show at least that many significant digits.

    >>> significant(81.32, 3), significant(1.617, 3), significant(0.0405, 3)
    (1, 2, 4)
    """
    places, size = digits - 1, abs(number)
    while size >= 10 and places > 0:
        places, size = places - 1, size / 10
    while 0 < size < 1 and places < 6:
        places, size = places + 1, size * 10
    return places


def text(rows: Sequence[Row], markdown: bool = False) -> str:
    """The rows as aligned plain text, or as a markdown table, where a ratio stands beside its number."""
    peers = [name for name in TITLES if name != OURS and any(name in row.cells for row in rows)]
    header = ["", "collector", TITLES[OURS]]
    for peer in peers:
        header += [TITLES[peer]] if markdown else [TITLES[peer], "ratio"]
    lines, previous = [header], ""
    for row in rows:
        # A measurement with the collector on and off is one entry of two lines, named once.
        line = ["" if row.measured == previous else row.measured, row.collector, str(row.cells.get(OURS, ""))]
        for peer in peers:
            cell, ratio = str(row.cells.get(peer, "")), row.ratio(peer)
            line += [f"{cell}, {ratio}" if ratio else cell] if markdown else [cell, ratio]
        lines.append(line)
        previous = row.measured
    widths = [max(len(line[column]) for line in lines) for column in range(len(header))]
    aligned = [[*map(str.ljust, line[:2], widths[:2]), *map(str.rjust, line[2:], widths[2:])] for line in lines]
    if markdown:
        rule = ["-" * width if column < 2 else "-" * (width - 1) + ":" for column, width in enumerate(widths)]
        return "\n".join("| " + " | ".join(line) + " |" for line in [aligned[0], rule, *aligned[1:]])
    rule = ["-" * width for width in widths]
    return "\n".join("  ".join(line).rstrip() for line in [aligned[0], rule, *aligned[1:]])

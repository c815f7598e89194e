"""Straight code: calls on objects that are known beforehand, written out as a Python function without loops."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

LINES = 400
"""So many lines become one function: Python's own compiler is slow with long ones."""
# numpy wants to see the word `out` with these two; everywhere else a place is passed faster than a name.
BY_NAME = (np.maximum, np.minimum)


class Lines:
    """Lines of Python that grow call by call.

    >>> lines, total = Lines(), np.zeros(2)
    >>> lines.call(np.add, total, 1.5, out=total)
    >>> print(lines.text)
    a1(a0, 1.5, a0)
    >>> run = lines.function()
    >>> run(), run()
    (None, None)
    >>> total
    array([3., 3.])
    """

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._objects: list[Any] = []
        self._names: dict[int, str] = {}

    def name(self, x: Any) -> str:
        """What an object is called in the text."""
        if x is None or type(x) in (int, str) or (type(x) is float and x - x == 0.0):
            return repr(x)
        return self.held(x)

    def held(self, x: Any) -> str:
        """What this very object is called."""
        if id(x) not in self._names:
            self._names[id(x)] = f"a{len(self._objects)}"
            self._objects.append(x)  # which keeps it alive, and its id its own
        return self._names[id(x)]

    def call(self, function: Any, *arguments: Any, **named: Any) -> None:
        """A line that calls the function."""
        if isinstance(function, np.ufunc) and function not in BY_NAME and "out" in named:
            arguments = (*arguments, named.pop("out"))
        words = [*map(self.name, arguments), *(f"{word}={self.name(x)}" for word, x in named.items())]
        self._lines.append(f"{self.name(function)}({', '.join(words)})")

    def line(self, template: str, *objects: Any) -> None:
        """A line with objects in the places of {}."""
        self._lines.append(template.format(*map(self.name, objects)))

    @property
    def text(self) -> str:
        """The lines so far."""
        return "\n".join(self._lines)

    def function(self) -> Callable[[], None]:
        """All lines as one function, or as several that are called in turn."""
        parts = [self._lines[at : at + LINES] for at in range(0, len(self._lines), LINES)]
        functions = [self.written("\n    ".join(part)) for part in parts]
        if len(functions) == 1:
            return functions[0]

        def run() -> None:
            for function in functions:
                function()

        return run

    def written(self, body: str, *parameters: str) -> Callable[..., Any]:
        """A function with this body, in which the objects have their names."""
        names = ", ".join([*parameters, *self._names.values()])
        namespace: dict[str, Any] = {}
        exec(f"def run({names}):\n    {body}\n", namespace)
        namespace["run"].__defaults__ = tuple(self._objects)
        run: Callable[..., Any] = namespace["run"]
        return run

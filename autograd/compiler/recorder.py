"""Recorder: runs a function on Values that stand for its inputs, and sees all that would make a recording wrong."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from itertools import compress
from types import CodeType, FrameType
from typing import Any

from autograd import modes, unrolled
from autograd import value as values
from autograd.compiler.called import is_ours, known_code, noting_calls
from autograd.compiler.conditions import Condition, condition
from autograd.compiler.indices import Integer, Lookup, indexed_list
from autograd.errors import RecordingError
from autograd.ops import Row, call
from autograd.value import Value

DETACH = Row("detach", lambda x: x, call("detach"), (None,), op="detach")
NUMPY_INDICES = ("arrays used as indices", "only integers, slices", "dtype('O') to dtype('int")
_one_at_a_time = threading.RLock()


class Run:
    """One run of the function: the nodes it made, in order, and what else the recording rests on."""

    def __init__(self, shift: bool = False, replay: Sequence[bool] | None = None) -> None:
        self.made: list[Value] = []
        self.origins: list[tuple[CodeType, int] | None] = []
        self.guards: list[tuple[Value, bool, str]] = []
        self.lookups: list[Lookup] = []
        self.fixed: set[int] = set()
        """The inputs' numbers that the recording holds for as they are: integers used otherwise than as an index."""
        self.beyond_plain = False
        """Whether the function does what it could not do with plain numbers, such as ~condition."""
        self.by_identity = False
        """Whether nodes were compared by identity, so that more may follow from an index than which item is taken."""
        self.shift = shift
        """Hand out other items than asked for, so that the second run shows which operands depend on which index."""
        self.replay = replay
        """The truths that Python's branches had in the first run, and are to have again."""
        self.codes: dict[CodeType, dict[str, Any]] = {}
        """The user's functions that ran in a second run, with their globals."""
        self.outputs: Any = None
        self._taken: set[tuple[int, int, int]] = set()
        self._looking = False

    # What nodes and conditions report -----------------------------------------------------------------------------

    def compared(self, name: str, x: Any, y: Any) -> Condition:
        """A comparison of two numbers, as a condition."""
        if name in (">", ">="):
            name, x, y = "<" + name[1:], y, x
        return condition(name, x, y)

    def guard(self, node: Condition, truth: bool) -> bool:
        """Python branches on a condition; which way it goes is handed back."""
        if self.replay is not None and len(self.guards) < len(self.replay):
            truth = self.replay[len(self.guards)]
        self.guards.append((node, truth, user_line(sys._getframe(2))))
        return truth

    def was_read(self, node: Value, how: str) -> None:
        """A number left the graph, or was written into it."""
        raise RecordingError(
            f"{user_line(sys._getframe(3))}: {how} was used while autograd.compile recorded the function, which would"
            " keep the number of this one run for ever. Compute with the Value itself, by autograd.exp for math.exp; to"
            " branch on it write `if v > 0` or where(v > 0, a, b); to stop its gradient v.detach(); print it outside"
        )

    def detached(self, node: Value) -> Value:
        """The same number, through which no gradient flows."""
        twin: Value = values.new(Value)
        twin._data = node._data
        twin._row, twin._operands = DETACH, (node,)
        twin._grad = twin._x = twin._y = twin._wide = None
        return twin

    def fix(self, integer: Integer) -> None:
        """An integer is used in a way that only this number has."""
        if self._looking:
            raise LookupError
        self.fixed.update(integer.positions)

    def indexed(self, integer: Integer, frame: FrameType) -> int:
        """The index that an integer input stands for, where the list is what the frame's line says."""
        if self._looking:
            raise LookupError
        self._looking = True
        try:
            items = indexed_list(frame)
        finally:
            self._looking = False
        return self.taken(integer, items)

    def taken(self, integer: Integer, items: Any) -> int:
        """The index by which an item is taken: in the second run another one, unlike that of any other use."""
        n = int(integer._data)
        if items is None or not -len(items) <= n < len(items) or any(isinstance(x, Integer) for x in items):
            self.fixed.update(
                integer.positions
            )  # items that may be indices themselves: then one follows from the other
            return n
        n %= len(items)
        handed = n
        if self.shift:
            handed = self._other(items, n)
            if handed == n:
                self.fixed.update(integer.positions)
        self.lookups.append(Lookup(integer.positions[0], items, handed))
        return handed

    def listed(self, items: list[Any]) -> list[Any]:
        """A list of the library's that reports the indices it is asked by."""
        return Items(items)

    def _other(self, items: Any, n: int) -> int:
        """Another index, such that no two uses of one list go from the same item to the same other one."""
        for step in range(1, len(items)):
            pair = (id(items), n, (n + step) % len(items))
            if pair not in self._taken:
                self._taken.add(pair)
                return pair[2]
        return n

    def note(self, node: Value) -> None:
        """A node was made."""
        self.made.append(node)
        if self.replay is not None:
            return
        frame: Any = sys._getframe(2)
        while frame is not None and is_ours(frame.f_code):
            frame = frame.f_back
        self.origins.append(frame and (frame.f_code, frame.f_lasti))

    def __call__(self, function: Callable[..., Any], inputs: list[Any]) -> Run:
        """Run the function."""
        with (
            modes.recorded_by(self),
            modes.recording(),
            modes.not_detecting(),
            self._watching(),
            noting_calls(self.codes) if self.replay is not None else nullcontext(),
        ):
            try:
                self.outputs = function(*inputs)
            except (IndexError, TypeError) as error:
                if not any(words in str(error) for words in NUMPY_INDICES):
                    raise
                raise RecordingError(
                    f"{error}: numpy takes no array of indices from the inputs of a compiled function; take the items"
                    " one after the other, [table[t] for t in tokens]"
                ) from error
        whole = [hasattr(node, "_row") for node in self.made]  # some are begun, and then made by another way
        if not all(whole):
            self.made = list(compress(self.made, whole))
            self.origins = list(compress(self.origins, whole[: len(self.origins)]))
        return self

    @contextmanager
    def _watching(self) -> Iterator[None]:
        """Inside, every node this thread makes is noted, with the line of the user's program that made it."""
        thread, identity = threading.get_ident(), threading.get_ident
        make: Any = object.__new__
        made, origins, frame_at, known = self.made.append, self.origins.append, sys._getframe, known_code.get

        def new(kind: type[Value]) -> Value:
            node: Value = make(kind)
            if identity() == thread:
                made(node)
                frame: Any = frame_at(2)
                while (ours := known(id(frame.f_code))) is not False and (ours or is_ours(frame.f_code)):
                    if frame.f_back is None:
                        break
                    frame = frame.f_back
                origins((frame.f_code, frame.f_lasti))
            return node

        def new_again(kind: type[Value]) -> Value:
            node: Value = make(kind)
            if identity() == thread:
                made(node)
            return node

        with _one_at_a_time:
            outer = values.new
            values.new = unrolled.new = new if self.replay is None else new_again  # type: ignore[assignment]
            try:
                yield
            finally:
                values.new = unrolled.new = outer


class Items(list[Any]):
    """A list that reports the index inputs it is asked by."""

    def __getitem__(self, at: Any) -> Any:
        recorder = modes.recorder()
        if recorder is not None and isinstance(at, Integer) and at._row is None:
            at = recorder.taken(at, self)
        return super().__getitem__(at)


def user_line(frame: Any) -> str:
    """Where in the user's program a frame was called from: `file.py:12, in loss`."""
    while frame is not None and is_ours(frame.f_code):
        frame = frame.f_back
    return "somewhere" if frame is None else place_of((frame.f_code, frame.f_lasti))


def place_of(origin: tuple[CodeType, int] | None) -> str:
    """Where an operation was made, as a person says it."""
    if origin is None:
        return "somewhere"
    code, instruction = origin
    line = next((line for i, (line, *_) in enumerate(code.co_positions()) if i == instruction // 2), None)
    return f"{os.path.basename(code.co_filename)}:{line or code.co_firstlineno}, in {code.co_name}"

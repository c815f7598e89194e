"""What a recording takes from outside the function: the plain numbers there are compared at each call."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from types import BuiltinFunctionType, CellType, CodeType, FunctionType, MethodType, ModuleType
from typing import Any

from autograd.compiler.indices import LIBRARY
from autograd.compiler.straight import Lines
from autograd.value import Value

NN = os.path.join(os.path.dirname(LIBRARY.rstrip(os.sep)), "nn") + os.sep
UNCHANGING = (ModuleType, type, BuiltinFunctionType)
MOST_FUNCTIONS = 200
DEEPEST = 3
ABSENT = object()


class Outside:
    """The names that a function, and the functions it calls by name, take from closures, globals and `self`."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self._watched: list[tuple[str, Any, Any, Any]] = []  # name, where it is, its key there, what it was
        self._are_same: Callable[[], Any] | None = None
        seen: set[int] = set()
        self._seen: set[int] = set()
        pending: list[Any] = [function]
        while pending and len(seen) < MOST_FUNCTIONS:
            item = pending.pop()
            if id(item) in seen:
                continue
            seen.add(id(item))
            if isinstance(item, MethodType):
                self._watch_object(item.__self__, "self")
                pending.append(item.__func__)
            elif isinstance(item, FunctionType):
                if not item.__code__.co_filename.startswith((LIBRARY, NN)):
                    pending += self._watch(item)
            elif callable(item) and not isinstance(item, type):
                self._watch_object(item, "self")
                pending += [f for f in (type(item).__call__, getattr(type(item), "forward", None)) if f is not None]

    def _watch(self, function: FunctionType) -> Iterator[Any]:
        """Note what the function takes from outside; its functions are handed back."""
        code = function.__code__
        found: list[tuple[str, Any, Any]] = []
        for name, cell in zip(code.co_freevars, function.__closure__ or (), strict=True):
            found.append((name, cell, None))
        names = _global_names(code)
        found += [(name, function.__globals__, name) for name in names if name in function.__globals__]
        for name, place, key in found:
            now = _at(place, key)
            if now is ABSENT or isinstance(now, (type, BuiltinFunctionType)):
                continue
            if isinstance(now, ModuleType):
                self._watch_module(now, names)
                continue
            self._watched.append((name, place, key, now))
            if isinstance(now, (FunctionType, MethodType)):
                yield now
            elif isinstance(now, dict):
                self._watched += [(f"{name}[{k!r}]", now, k, x) for k, x in now.items() if _is_setting(x)]
            else:
                self._watch_object(now, name)

    def watch_codes(self, codes: dict[CodeType, dict[str, Any]]) -> None:
        """Note the plain numbers and words that functions which ran, wherever found, take from their module."""
        self._are_same = None
        known = {(id(place), key) for _, place, key, _ in self._watched}
        for code, module in codes.items():
            for name in code.co_names:
                if name in module and _is_setting(module[name]) and (id(module), name) not in known:
                    known.add((id(module), name))
                    self._watched.append((name, module, name, module[name]))

    def _watch_module(self, module: ModuleType, names: list[str]) -> None:
        """Note the settings that a function takes from a module, as config.scale."""
        if not getattr(module, "__file__", "").startswith((LIBRARY, NN)):
            found = [(name, vars(module).get(name, ABSENT)) for name in names]
            self._watched += [(f"{module.__name__}.{n}", vars(module), n, x) for n, x in found if _is_setting(x)]

    def _watch_object(self, owner: Any, name: str, depth: int = 0) -> None:
        """Note the attributes of an object, of the objects among them, but not what is in their lists."""
        kind = type(owner)
        if id(owner) in self._seen or depth > DEEPEST or isinstance(owner, (Value, FunctionType, *UNCHANGING)):
            return
        if not hasattr(owner, "__dict__") or kind.__module__.partition(".")[0] in ("autograd", "builtins", "numpy"):
            return
        self._seen.add(id(owner))
        attributes = {key: x for base in reversed(kind.__mro__) for key, x in vars(base).items() if _is_setting(x)}
        for key, now in {**attributes, **vars(owner)}.items():
            if not key.startswith(("__", "_compiled_")):
                self._watched.append((f"{name}.{key}", owner, key, now))
                self._watch_object(now, f"{name}.{key}", depth + 1)

    def changed(self) -> str:
        """The name of something that is another object, or another number, than when it was recorded; else empty."""
        if self.is_same():
            return ""
        for name, place, key, was in self._watched:
            now = _at(place, key)
            if now is not was and not (type(now) is type(was) and isinstance(now, (int, float, str)) and now == was):
                return name
        return ""

    def is_same(self) -> bool:
        """Whether everything is the very same object, which is soon told; if not, it may still be an equal number."""
        if self._are_same is None:
            self._are_same = self._comparison()
        try:
            return bool(self._are_same())
        except (AttributeError, KeyError, ValueError):  # something is no longer there
            return False

    def _comparison(self) -> Callable[[], Any]:
        """What tells whether everything is the same object as before, in straight code: it is asked at each call."""
        lines = Lines()
        tests = ["True"]
        for _, place, key, was in self._watched:
            if isinstance(place, CellType):
                tests.append(f"{lines.held(place)}.cell_contents is {lines.held(was)}")
            elif type(place) is dict:
                tests.append(f"{lines.held(place)}[{lines.held(key)}] is {lines.held(was)}")
            else:
                tests.append(f"getattr({lines.held(place)}, {lines.held(key)}) is {lines.held(was)}")
        return lines.written(f"return {' and '.join(tests)}")

    def constants(self) -> dict[str, Any]:
        """The numbers and arrays among them, by name."""
        return {name: was for name, _, _, was in self._watched if _is_constant(was)}


def _is_setting(x: Any) -> bool:
    return x is None or isinstance(x, (int, float, str))


def _at(place: Any, key: Any) -> Any:
    if isinstance(place, CellType):
        try:
            return place.cell_contents
        except ValueError:  # not filled yet
            return ABSENT
    return place.get(key, ABSENT) if type(place) is dict else getattr(place, key, ABSENT)


def _global_names(code: CodeType) -> list[str]:
    """The names that a function, and those written inside it, may take from the module."""
    names = list(code.co_names)
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            names += _global_names(constant)
    return list(dict.fromkeys(names))


def _is_constant(x: Any) -> bool:
    """Whether it is a plain number, or an array or list of them."""
    if isinstance(x, (list, tuple)):
        return bool(x) and all(map(_is_constant, x))
    return isinstance(x, (int, float)) or (
        (hasattr(x, "dtype") and getattr(x.dtype, "kind", "O") in "fiub") and not isinstance(x, Value)
    )

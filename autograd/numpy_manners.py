"""How a Value behaves among numpy's arrays and functions."""

from __future__ import annotations

from typing import Any

from autograd import functions as f


class NumpyManners:
    """numpy calls these names on the elements of an object array, and asks a Value beside an array what to do."""

    __slots__ = ()

    arcsin, arccos, arctan, arctan2 = f.asin, f.acos, f.atan, f.atan2
    arcsinh, arccosh, arctanh, fabs, absolute = f.asinh, f.acosh, f.atanh, f.abs, f.abs

    def conjugate(self) -> Any:
        """Itself, being real."""
        return self

    def square(self) -> Any:
        """self·self."""
        return self * self  # type: ignore[operator]

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        """`array * value`, `np.exp(value)`, …: the Value becomes an object array of one, and numpy does the rest."""
        import numpy as np

        def boxed(x: Any) -> Any:
            if not isinstance(x, NumpyManners):
                return x
            box = np.empty((), dtype=object)
            box[()] = x
            return box

        with np.errstate(all="ignore"):  # IEEE 754 has an answer, and it is given without a word
            return getattr(ufunc, method)(*map(boxed, inputs), **options)

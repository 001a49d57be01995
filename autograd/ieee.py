"""The primitive functions of the formula language, with IEEE 754 results.

Python's own operators and ``math`` functions raise where IEEE arithmetic has an answer: ``1 / 0``
is infinite, ``log(-1)`` is not a number, ``exp(1000)`` overflows to infinity. Here they
answer.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any

import numpy as np

__all__ = ["ANALYTIC", "NUMPY_PRIMITIVES", "PRIMITIVES"]


def _with_ieee_edges(
    function: Callable[..., float], reference: Callable[..., Any]
) -> Callable[..., float]:
    """``function``, answering as ``reference`` (its NumPy twin) where it would raise."""

    def answer(*operands: float) -> float:
        try:
            return function(*operands)
        except (ValueError, OverflowError, ZeroDivisionError):
            with np.errstate(all="ignore"):
                return float(reference(*operands))

    return answer


def _from_math(name: str) -> Callable[..., float]:
    numpy_name = _NUMPY_NAMES.get(name, name)
    return _with_ieee_edges(getattr(math, name), getattr(np, numpy_name))


def _hypot(x: float, y: float) -> float:
    # Python's own hypot rounds differently from the C library's, which NumPy and C call.
    with np.errstate(all="ignore"):
        return float(np.hypot(x, y))


def _rounded(name: str) -> Callable[[float], float]:
    """``floor`` or ``ceil`` to a float, which keeps the sign of zero, infinities and nan."""
    rounding: Callable[[float], float] = getattr(np, name)
    return lambda x: float(rounding(x))


# Where NumPy's name for a function is not the name that C and Python share.
_NUMPY_NAMES = {
    "asin": "arcsin",
    "acos": "arccos",
    "atan": "arctan",
    "atan2": "arctan2",
    "asinh": "arcsinh",
    "acosh": "arccosh",
    "atanh": "arctanh",
}
# fmt: off
_IN_MATH = (
    "exp", "exp2", "expm1", "log", "log2", "log10", "log1p", "sqrt", "cbrt", "sin", "cos", "tan",
    "asin", "acos", "atan", "atan2", "sinh", "cosh", "tanh", "asinh", "acosh", "atanh",
)
# fmt: on

PRIMITIVES: dict[str, Callable[..., float]] = {
    "abs": abs,
    "magnitude": abs,
    "divide": _with_ieee_edges(operator.truediv, np.divide),
    "power": _with_ieee_edges(math.pow, np.power),
    "hypot": _hypot,
    "floor": _rounded("floor"),
    "ceil": _rounded("ceil"),
    **{name: _from_math(name) for name in _IN_MATH},
}
"""The primitives on floats, by their name in formulas."""

NUMPY_PRIMITIVES: dict[str, Callable[..., Any]] = {
    "where": np.where,
    "magnitude": np.abs,
    **{
        name: getattr(np, _NUMPY_NAMES.get(name, name))
        for name in ("abs", "hypot", "floor", "ceil", "maximum", "minimum", *_IN_MATH)
    },
}
"""The primitives on arrays, by their name in formulas."""

ANALYTIC: frozenset[str] = frozenset(_IN_MATH) - {"atan2", "cbrt"}
"""The primitives that NumPy also has on complex numbers, as the functions that they continue."""

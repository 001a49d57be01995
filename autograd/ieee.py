"""The primitive functions of the formula language on Python floats, with IEEE 754 results.

Python's own operators and ``math`` functions raise where IEEE arithmetic has an answer: ``1 / 0``
is infinite, ``log(-1)`` is not a number, ``exp(1000)`` overflows to infinity. Here they answer.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any

import numpy as np

__all__ = ["PRIMITIVES"]


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


PRIMITIVES: dict[str, Callable[..., float]] = {
    "abs": abs,
    "divide": _with_ieee_edges(operator.truediv, np.divide),
    "power": _with_ieee_edges(math.pow, np.power),
    "exp": _with_ieee_edges(math.exp, np.exp),
    "log": _with_ieee_edges(math.log, np.log),
    "sqrt": _with_ieee_edges(math.sqrt, np.sqrt),
    "sin": _with_ieee_edges(math.sin, np.sin),
    "cos": _with_ieee_edges(math.cos, np.cos),
    "tanh": math.tanh,
}

"""Numbers of every kind as the float that equals them, and only as that."""

from __future__ import annotations

import numbers
from decimal import Decimal
from typing import Any

import numpy as np

from .errors import OperandError

__all__ = ["exact_float", "is_scalar", "shortened"]

# An int is a Real, too. It stands first because the abstract classes take several times as long to
# ask, and constants and gradients are often written without a point.
_REAL = (int, numbers.Real, np.bool_, Decimal)
# What can be nothing but one number, or nothing that goes beside a Value at all.
_SCALARS = (int, numbers.Number, np.generic, str, bytes, list, tuple, dict, type(None))


def is_scalar(operand: Any) -> bool:
    """Whether an operand is to be read as one number, and refused if it is none."""
    return isinstance(operand, _SCALARS) or (isinstance(operand, np.ndarray) and operand.ndim == 0)


def exact_float(number: Any) -> float:
    """The float that equals ``number``.

    Raises:
        OperandError: if it is not a real number, or no float equals it.
        OverflowError: if it is an integer that no float equals.

    >>> from fractions import Fraction
    >>> exact_float(Fraction(1, 4))
    0.25
    >>> exact_float(2**53 + 1)
    Traceback (most recent call last):
    OverflowError: no float equals 9007199254740993; pass float(...) of it
    """
    if isinstance(number, np.ndarray) and number.ndim == 0:
        number = number[()]
    if not isinstance(number, _REAL):
        raise OperandError(
            f"a Value holds a real number, not {shortened(number)} ({type(number).__name__})"
        )
    try:
        result = float(number)
    except OverflowError:
        raise OverflowError(f"{shortened(number)} is too large for a float") from None
    # nan differs from itself; whatever else differs from its float would lose digits.
    if result == number or result != result:
        return result
    error = OverflowError if isinstance(number, int) else OperandError
    raise error(f"no float equals {shortened(number)}; pass float(...) of it")


def shortened(thing: object) -> str:
    """What to call a thing in a message: its repr, if that is not long."""
    if isinstance(thing, int) and thing.bit_length() > 200:
        return f"an integer of {thing.bit_length()} bits"
    text = repr(thing)
    return text if len(text) <= 60 else f"{text[:57]}..."

"""How numbers and arrays are written in a drawing: short enough for a wire, and never misleading.

A number that is not zero is never written as zero, and what is not finite is named.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd.errors import FormatError

__all__ = ["SPELLED_OUT", "array_text", "exact_text", "number_text", "shape_text", "summary_text"]

SPELLED_OUT = 4
"""An array of at most this many elements is written out; a larger one by its range."""

MOST_DIGITS = 17
"""No float needs more digits than these to be told from every other."""


def number_text(number: float, digits: int = 2) -> str:
    """A number with ``digits`` decimals, or in powers of ten where these would mislead.

    Raises:
        FormatError: if ``digits`` is not an integer from 0 to 17.

    >>> number_text(-12.0), number_text(0.0), number_text(0.0042), number_text(-1.24e-7)
    ('-12.00', '0.00', '0.0042', '-1.2e-7')
    >>> number_text(float("inf")), number_text(1234567890.0)
    ('inf', '1.2e9')
    """
    if not isinstance(digits, int) or not 0 <= digits <= MOST_DIGITS:
        raise FormatError(
            f"digits={digits!r} is not a number of decimals; pass an integer from 0 to "
            f"{MOST_DIGITS}, such as digits=2"
        )
    number = float(number)
    if not math.isfinite(number):
        return str(number)
    fixed = f"{number:.{digits}f}"
    if abs(number) >= 1e6:
        return _scientific(number, digits)
    if float(fixed) != 0.0:
        return fixed
    if number == 0.0:
        return fixed.lstrip("-")
    decimals = max(digits, 1) - 1 - math.floor(math.log10(abs(number)))
    # Up to two decimals more are easier to read than a power of ten.
    return f"{number:.{decimals}f}" if decimals <= digits + 2 else _scientific(number, digits)


def array_text(array: Any, digits: int = 2) -> str:
    """The elements of a small array, the range of a larger one.

    An array that holds nan is written by how many it holds, because no range has a nan.

    >>> array_text(np.array([0.1, 0.05]))
    '[0.10, 0.05]'
    >>> array_text(np.linspace(-1.2, 3.4, 64).reshape(16, 4))
    '-1.20 … 3.40'
    >>> array_text(np.zeros((16, 4)))
    'all 0.00'
    """
    if isinstance(array, float):
        return number_text(array, digits)
    array = np.asarray(array)
    if array.size == 0:
        return "empty"
    if array.size <= SPELLED_OUT:
        return _spelled_out(array, digits)
    unknown = int(np.isnan(array).sum()) if array.dtype.kind == "f" else 0
    if unknown:
        return "all nan" if unknown == array.size else f"{unknown} nan"
    low, high = _element_text(array.min(), digits), _element_text(array.max(), digits)
    return f"all {low}" if array.min() == array.max() else f"{low} … {high}"


def summary_text(data: Any, digits: int = 2) -> str:
    """The mean of a larger array, and the share of what is zero and of what is not finite.

    >>> summary_text(np.array([0.0, 0.0, 0.0, 1.0, 2.0, 3.0]))
    'mean 1.00, 50% zero'
    >>> summary_text(np.zeros(3)), summary_text(np.array([np.nan, 1, 2, 3, 4]))
    ('', 'mean nan, 20% not finite')
    """
    array = np.asarray(data)
    if array.size <= SPELLED_OUT or array.dtype.kind not in "fiu":
        return ""
    with np.errstate(all="ignore"):
        parts = [f"mean {number_text(array.mean(dtype=np.float64), digits)}"]
    for count, what in (
        (array.size - np.count_nonzero(array), "zero"),
        (np.count_nonzero(~np.isfinite(array)), "not finite"),
    ):
        if count:
            # Never "0%" of what there is, nor "100%" of what is not all.
            share = min(max(round(100 * count / array.size), 1), 99 if count < array.size else 100)
            parts.append(f"{share}% {what}")
    return ", ".join(parts)


def exact_text(data: Any) -> str:
    """All digits of a number, or the shape, type and range of an array.

    >>> exact_text(0.1 + 0.2)
    '0.30000000000000004'
    >>> exact_text(np.linspace(-1.0, 2.0, 6).reshape(2, 3))
    '(2, 3) float64, -1.000000 … 2.000000'
    """
    if isinstance(data, float):
        return repr(float(data))  # a number of NumPy's would name its type
    if isinstance(data, np.ndarray) and data.ndim:
        return f"{data.shape} {data.dtype}, {array_text(data, 6)}"
    return repr(np.asarray(data)[()].item())


def shape_text(data: Any) -> str | None:
    """The shape of an array; None for a number, and for an array that is written out.

    >>> shape_text(np.zeros((16, 4))), shape_text(np.zeros(3)), shape_text(1.0)
    ('(16, 4)', None, None)
    """
    if not isinstance(data, np.ndarray) or data.ndim == 0:
        return None
    return None if 0 < data.size <= SPELLED_OUT else str(data.shape)


def _scientific(number: float, digits: int) -> str:
    mantissa, exponent = f"{number:.{max(digits - 1, 0)}e}".split("e")
    return f"{mantissa}e{int(exponent)}"


def _spelled_out(array: np.ndarray, digits: int) -> str:
    if array.ndim == 0:
        return _element_text(array[()], digits)
    return f"[{', '.join(_spelled_out(np.asarray(row), digits) for row in array)}]"


def _element_text(element: Any, digits: int) -> str:
    # A label or a mask has no decimals to show.
    return str(element) if element.dtype.kind in "biu" else number_text(element, digits)

"""The norms of vectors, and those norms of matrices that sum elements."""

from __future__ import annotations

import math
import operator
from typing import Any

import numpy as np

from .. import gates
from ..errors import SettingError
from ..numpy_functions import numpy_function
from . import lanes
from .array_gate import ArrayGate, Axis
from .reductions import extreme_vjp, with_axes_kept

__all__ = ["norm"]


def _kind(ord: Any, axis: Axis, ndim: int) -> tuple[tuple[int, ...], Any, tuple[int, ...]]:
    """The axes of a norm; its order, 2 if it is the root of a sum of squares; and inner axes.

    Over the inner axes a matrix norm sums, before it takes the largest or smallest of the sums.
    """
    axes = lanes.axes_of(axis, ndim)
    if ord in (None, "fro", "f") or (len(axes) == 1 and ord == 2):
        return axes, 2, ()
    if len(axes) == 1:
        return axes, ord, ()
    # Orders 1 and -1 look for a column, infinity and minus infinity for a row.
    return axes, math.copysign(math.inf, ord), (axes[0] if abs(ord) == 1 else axes[1],)


def _norm_vjp(
    g: Any, out: Any, x: Any, ord: Any = None, axis: Axis = None, keepdims: bool = False
) -> Any:
    axes, order, inner = _kind(ord, axis, x.ndim)
    g, out = (with_axes_kept(reduced, x, axis, keepdims) for reduced in (g, out))
    if order == 2:
        # At the origin the gradient is zero, by convention, not 0 / 0.
        return x * (g / np.where(out == 0, np.inf, out))
    if order == 0:
        return np.zeros_like(x)
    if order == 1:
        return np.sign(x) * g
    if order in (math.inf, -math.inf):
        sums = np.abs(x).sum(axis=inner, keepdims=True)
        vjp = extreme_vjp(operator.lt if order > 0 else operator.gt)
        return np.sign(x) * vjp(g, out, sums, axis=axes, keepdims=True)
    return np.sign(x) * g * _slopes(out, x, float(order))


def _slopes(out: Any, x: Any, p: float) -> Any:
    """How the p-norm grows with each magnitude: its part of the norm, to the power p - 1."""
    # Where an element is zero its sign makes the gradient zero: any number will do, if finite.
    magnitudes = np.where(x == 0, 1, np.abs(x))
    if p > 0:
        out = np.where(out == 0, 1, out)
    return (magnitudes / out) ** (p - 1) if p > 1 else (out / magnitudes) ** (1 - p)


def _norm_on_scalars(x: Any, ord: Any = None, axis: Axis = None, keepdims: bool = False) -> Any:
    axes, order, inner = _kind(ord, axis, x.ndim)
    magnitudes = np.frompyfunc(gates.abs, 1, 1)(x)
    if inner:
        magnitudes = lanes.reduced(lanes.sum_of, magnitudes, inner, keepdims=True)
    return lanes.reduced(lambda values: _norm_of(values, order), magnitudes, axes, keepdims)


def _norm_of(magnitudes: list[Any], order: Any) -> Any:
    """The norm of one list of Values, none of them negative."""
    if order == -math.inf:
        return lanes.smallest_of(magnitudes)
    # Zeros have the gradient zero, and add nothing.
    positive = [magnitude for magnitude in magnitudes if float(magnitude) != 0]
    if not positive or order == 0:
        return float(len(positive))
    if order == math.inf:
        return lanes.largest_of(positive)
    if order == 1:
        return lanes.sum_of(positive)
    if order == 2:
        return gates.sqrt(lanes.sum_of([gates.square(magnitude) for magnitude in positive]))
    p = float(order)
    if p < 0 and len(positive) < len(magnitudes):
        return 0.0
    return lanes.sum_of([magnitude**p for magnitude in positive]) ** (1 / p)


def _norm(x: Any, ord: Any = None, axis: Axis = None, keepdims: bool = False) -> Any:
    if ord in (2, -2, "nuc") and (x.ndim if axis is None else np.size(axis)) == 2:
        raise SettingError(
            f"norm: ord={ord!r} of a matrix is one of its singular values, or their sum, which has "
            "no gate; pass 'fro', 1 or inf, or the plain array, .data, if no gradient is wanted"
        )
    # NumPy's types have it that only two axes may be given.
    axes: Any = axis
    return np.linalg.norm(x, ord, axes, keepdims)


# An element of magnitude zero has the gradient zero, by convention: so has every norm at the
# origin. Where several magnitudes (or sums) are the largest or the smallest, they share evenly.
norm = ArrayGate(
    "norm", "norm", _norm, (_norm_vjp,), "sum(abs(x) ** ord) ** (1 / ord)", _norm_on_scalars
)


@numpy_function(np.linalg.norm)
def _np_linalg_norm(x: Any, ord: Any = None, axis: Axis = None, keepdims: bool = False) -> Any:
    return norm(x, ord=ord, axis=axis, keepdims=keepdims)

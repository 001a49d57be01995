"""Gates that reduce axes to a number: sums, means, extremes, products and spreads."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from ..backward import is_node
from ..errors import SettingError, ShapeError
from ..numpy_functions import numpy_function
from . import lanes
from .array_gate import ArrayGate, Axis, Vjp
from .scans import exclusive_cumprod

__all__ = ["max", "mean", "min", "prod", "std", "sum", "var"]

# Up to this size a spread gradient is written out. Beyond, a view costs less memory and time.
_SMALL = 2**14


def with_axes_kept(reduced: Any, like: Any, axis: Axis, keepdims: bool) -> Any:
    """What was reduced from ``like``, in a shape that broadcasts against it."""
    if keepdims or axis is None or axis == 0 or like.ndim == 0:
        return reduced
    if axis == -1 or axis == like.ndim - 1:
        return reduced[..., None]
    return np.expand_dims(reduced, axis)


def _count(out: Any, x: Any) -> int:
    """How many elements of ``x`` each of ``out`` was reduced from."""
    return int(x.size // (out.size or 1))


def _by(ufunc: Any) -> Callable[..., Any]:
    """A reduction by a ufunc, as NumPy's function does it that is named after what comes out."""

    def reduction(x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
        return ufunc.reduce(x, axis=axis, keepdims=keepdims)

    return reduction


_sum = _by(np.add)


def _sum_vjp(g: Any, out: Any, x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    g = with_axes_kept(g, x, axis, keepdims)
    if x.size > _SMALL or is_node(g):
        return np.broadcast_to(g, x.shape)
    gradient = np.empty(x.shape, g.dtype)
    gradient[...] = g
    return gradient


def _mean(x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    if x.dtype.char != "d" or not x.ndim or not x.size:
        return x.mean(axis=axis, keepdims=keepdims)
    # What NumPy does to float64, without the time that it takes to find out what to do.
    total = _sum(x, axis, keepdims)
    return total / _count(total, x)


def _mean_vjp(g: Any, out: Any, x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    # Of no elements there is no gradient, but no division by zero either.
    return _sum_vjp(g / (_count(out, x) or 1), out, x, axis, keepdims)


def extreme_vjp(loses: Callable[[Any, Any], Any]) -> Vjp:
    """The vjp of picking from each lane an element that ``loses`` to no other.

    Those that are equally good share the gradient evenly; where a nan is picked, the nans do.
    """

    def vjp(g: Any, out: Any, x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
        g = with_axes_kept(g, x, axis, keepdims)
        out = with_axes_kept(out, x, axis, keepdims)
        losers = loses(x, out)
        # More winners than results: there are ties, or nans, to which nothing loses.
        if x.size - np.count_nonzero(losers) != out.size:
            losers = losers | ((out != out) & (x == x))
            g = g / np.add.reduce(~losers, axis=axis, keepdims=True, dtype=g.dtype)
        return np.where(losers, 0, g)

    return vjp


def _prod_vjp(g: Any, out: Any, x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    axes = lanes.axes_of(axis, x.ndim)
    order = [i for i in range(x.ndim) if i not in axes] + list(axes)
    moved = x.transpose(order)
    kept = x.ndim - len(axes)
    factors = moved.reshape(*moved.shape[:kept], math.prod(moved.shape[kept:]))
    # The product of the others is that of those before times that of those after. To divide the
    # whole product would be wrong where a factor is zero.
    others = exclusive_cumprod(factors) * exclusive_cumprod(factors, reverse=True)
    back = sorted(range(x.ndim), key=order.__getitem__)
    others = others.reshape(moved.shape).transpose(back)
    return with_axes_kept(g, x, axis, keepdims) * others


def _centred(out: Any, x: Any, axis: Axis) -> Any:
    return x - x.sum(axis=axis, keepdims=True) / (_count(out, x) or 1)


def _freedom(out: Any, x: Any, ddof: float) -> float:
    """What the sum of squares is divided by: as in NumPy never below zero."""
    freedom = _count(out, x) - ddof
    return freedom if freedom > 0 else 0.0


def _var_vjp(
    g: Any, out: Any, x: Any, axis: Axis = None, ddof: float = 0, keepdims: bool = False
) -> Any:
    share = g / (_freedom(out, x, ddof) / 2)
    return _centred(out, x, axis) * with_axes_kept(share, x, axis, keepdims)


def _std_vjp(
    g: Any, out: Any, x: Any, axis: Axis = None, ddof: float = 0, keepdims: bool = False
) -> Any:
    # Where all elements are equal the gradient is zero, by convention, not 0 / 0.
    share = g / (np.where(out == 0, np.inf, out) * _freedom(out, x, ddof))
    return _centred(out, x, axis) * with_axes_kept(share, x, axis, keepdims)


def _var_on_scalars(x: Any, axis: Axis = None, ddof: float = 0, keepdims: bool = False) -> Any:
    return lanes.reduced(lambda values: lanes.variance_of(values, ddof), x, axis, keepdims)


def _std_on_scalars(x: Any, axis: Axis = None, ddof: float = 0, keepdims: bool = False) -> Any:
    def deviation_of(values: list[Any]) -> Any:
        return lanes.root_of(lanes.variance_of(values, ddof))

    return lanes.reduced(deviation_of, x, axis, keepdims)


sum = ArrayGate("sum", "Σ", _sum, (_sum_vjp,), "sum(x)", lanes.on_lanes(lanes.sum_of))
mean = ArrayGate(
    "mean", "mean", _mean, (_mean_vjp,), "sum(x) / size(x)", lanes.on_lanes(lanes.mean_of)
)
max = ArrayGate(
    "max",
    "max",
    _by(np.maximum),
    (extreme_vjp(operator.lt),),
    "max(x)",
    lanes.on_lanes(lanes.largest_of),
)
min = ArrayGate(
    "min",
    "min",
    _by(np.minimum),
    (extreme_vjp(operator.gt),),
    "min(x)",
    lanes.on_lanes(lanes.smallest_of),
)
prod = ArrayGate("prod", "Π", _by(np.multiply), (_prod_vjp,), "prod(x)")
var = ArrayGate(
    "var",
    "var",
    lambda x, axis=None, ddof=0, keepdims=False: x.var(axis=axis, ddof=ddof, keepdims=keepdims),
    (_var_vjp,),
    "sum((x - mean(x))²) / (size(x) - ddof)",
    _var_on_scalars,
)
std = ArrayGate(
    "std",
    "std",
    lambda x, axis=None, ddof=0, keepdims=False: x.std(axis=axis, ddof=ddof, keepdims=keepdims),
    (_std_vjp,),
    "sqrt(var(x))",
    _std_on_scalars,
)


@numpy_function(np.sum)
def _np_sum(a: Any, axis: Axis = None, *, keepdims: bool = False) -> Any:
    return sum(a, axis=axis, keepdims=keepdims)


@numpy_function(np.mean)
def _np_mean(a: Any, axis: Axis = None, *, keepdims: bool = False) -> Any:
    return mean(a, axis=axis, keepdims=keepdims)


@numpy_function(np.max, np.amax)
def _np_max(a: Any, axis: Axis = None, *, keepdims: bool = False) -> Any:
    return max(a, axis=axis, keepdims=keepdims)


@numpy_function(np.min, np.amin)
def _np_min(a: Any, axis: Axis = None, *, keepdims: bool = False) -> Any:
    return min(a, axis=axis, keepdims=keepdims)


@numpy_function(np.prod)
def _np_prod(a: Any, axis: Axis = None, *, keepdims: bool = False) -> Any:
    return prod(a, axis=axis, keepdims=keepdims)


@numpy_function(np.var)
def _np_var(
    a: Any,
    axis: Axis = None,
    *,
    ddof: float = 0,
    keepdims: bool = False,
    correction: float | None = None,
) -> Any:
    return var(a, axis=axis, ddof=_one_of(ddof, correction), keepdims=keepdims)


@numpy_function(np.std)
def _np_std(
    a: Any,
    axis: Axis = None,
    *,
    ddof: float = 0,
    keepdims: bool = False,
    correction: float | None = None,
) -> Any:
    return std(a, axis=axis, ddof=_one_of(ddof, correction), keepdims=keepdims)


def _one_of(ddof: float, correction: float | None) -> float:
    if correction is not None and ddof:
        raise SettingError(
            f"ddof={ddof} and correction={correction} are two names of one setting; pass one"
        )
    return ddof if correction is None else correction


@numpy_function(np.ptp)
def _np_ptp(a: Any, axis: Axis = None, *, keepdims: bool = False) -> Any:
    return max(a, axis=axis, keepdims=keepdims) - min(a, axis=axis, keepdims=keepdims)


@numpy_function(np.average)
def _np_average(
    a: Any,
    axis: Axis = None,
    weights: Any = None,
    returned: bool = False,
    *,
    keepdims: bool = False,
) -> Any:
    a = a if is_node(a) else np.asarray(a)
    if weights is None:
        average = mean(a, axis=axis, keepdims=keepdims)
        total = np.full(average.shape, _count(average, a), average.dtype)
    else:
        weights = _weights_for(a, axis, weights if is_node(weights) else np.asarray(weights))
        total = sum(weights, axis=axis, keepdims=keepdims)
        if np.any(total == 0):
            raise ZeroDivisionError("np.average: the weights sum to zero")
        average = sum(a * weights, axis=axis, keepdims=keepdims) / total
        total = np.broadcast_to(total, average.shape)
    return (average, total) if returned else average


def _weights_for(a: Any, axis: Axis, weights: Any) -> Any:
    """The weights in a shape that broadcasts against the array."""
    if weights.shape == a.shape:
        return weights
    axes = lanes.axes_of(axis, a.ndim)
    needed = tuple(a.shape[i] for i in axes)
    if axis is None or weights.shape != needed:
        raise ShapeError(
            f"np.average: weights {weights.shape} for an array {a.shape}, axis={axis}; pass "
            f"weights of the array's shape, or of {'an axis' if axis is None else needed}"
        )
    order = sorted(range(len(axes)), key=axes.__getitem__)
    shape = tuple(size if i in axes else 1 for i, size in enumerate(a.shape))
    return weights.transpose(order).reshape(shape)

"""The softmax family: an axis weighed by its exponentials, with the largest exponent removed.

Nothing overflows, and the sum of the exponentials is at least one.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from .. import gates
from ..backward import is_node
from ..errors import LabelError, ShapeError
from . import lanes
from .array_gate import ArrayGate, Axis
from .reductions import with_axes_kept

__all__ = ["log_softmax", "logsumexp", "softmax", "softmax_cross_entropy"]

# NumPy reduces a short row as slowly as a longer one: so many rows of at most so many elements
# are reduced sooner as the columns of a copy.
_SHORT = 32
_MANY = 64


def _has_short_rows(x: Any, axis: Axis) -> bool:
    if x.ndim < 2 or (axis != -1 and axis != x.ndim - 1):
        return False
    length: int = x.shape[-1]
    return 0 < length <= _SHORT and x.size >= _MANY * length


def _columns(x: Any) -> Any:
    """The rows as columns: a copy with the last axis first, and all others as one."""
    return x.reshape(-1, x.shape[-1]).T.copy()


def _rows(columns: Any, shape: tuple[int, ...]) -> Any:
    return np.ascontiguousarray(columns.T).reshape(shape)


def _real(x: Any) -> Any:
    # Differences of small or unsigned integers would overflow.
    return x if x.dtype.kind == "f" else x.astype(np.float64)


def _exp_in_place(x: Any) -> Any:
    return np.exp(x, out=x) if x.ndim else np.exp(x)


def _sum_kept(x: Any, axis: Axis) -> Any:
    if is_node(x) or not _has_short_rows(x, axis):
        return x.sum(axis=axis, keepdims=True)
    return np.add.reduce(_columns(x), axis=0).reshape(*x.shape[:-1], 1)


def _dot_kept(x: Any, y: Any, axis: Axis) -> Any:
    """The sum of ``x * y`` over ``axis``, which is kept."""
    if not x.ndim or axis not in (-1, x.ndim - 1) or is_node(x) or is_node(y):
        return (x * y).sum(axis=axis, keepdims=True)
    return np.vecdot(x, y)[..., None]


def _logsumexp(x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    x = _real(x)
    if _has_short_rows(x, axis):
        kept = (1,) if keepdims else ()
        return _logsumexp(_columns(x), axis=0).reshape(*x.shape[:-1], *kept)
    largest = np.maximum.reduce(x, axis=axis, keepdims=True)
    if np.count_nonzero(np.isfinite(largest)) == largest.size:
        return _log_of_sum(x, largest, axis, keepdims)
    # The result is infinite with the largest: that is no reason for a warning.
    with np.errstate(over="ignore", divide="ignore"):
        return _log_of_sum(x, np.where(np.isfinite(largest), largest, 0), axis, keepdims)


def _log_of_sum(x: Any, removed: Any, axis: Axis, keepdims: bool) -> Any:
    total = _exp_in_place(x - removed).sum(axis=axis, keepdims=keepdims)
    return np.log(total) + removed.reshape(total.shape)


def _logsumexp_vjp(g: Any, out: Any, x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    out = with_axes_kept(out, x, axis, keepdims)
    nothing = out == -np.inf
    if np.count_nonzero(nothing):
        # Exponentials that are all zero have the gradient zero, by convention, not 0 / 0.
        out = np.where(nothing, 0, out)
    return with_axes_kept(g, x, axis, keepdims) * np.exp(x - out)


def _softmax(x: Any, axis: Axis = -1) -> Any:
    x = _real(x)
    if _has_short_rows(x, axis):
        return _rows(_softmax(_columns(x), axis=0), x.shape)
    result = _exp_in_place(x - np.maximum.reduce(x, axis=axis, keepdims=True))
    result /= np.add.reduce(result, axis=axis, keepdims=True)
    return result


def _softmax_vjp(g: Any, out: Any, x: Any, axis: Axis = -1) -> Any:
    return out * (g - _dot_kept(g, out, axis))


def _log_softmax(x: Any, axis: Axis = -1) -> Any:
    x = _real(x)
    if _has_short_rows(x, axis):
        return _rows(_log_softmax(_columns(x), axis=0), x.shape)
    # Not x - logsumexp(x): that has the digits of x, not those of the difference.
    result = x - np.maximum.reduce(x, axis=axis, keepdims=True)
    result -= np.log(np.add.reduce(np.exp(result), axis=axis, keepdims=True))
    return result


def _log_softmax_vjp(g: Any, out: Any, x: Any, axis: Axis = -1) -> Any:
    return g - np.exp(out) * _sum_kept(g, axis)


def _classes_first(x: Any, axis: int) -> tuple[Any, tuple[int, ...]]:
    """The logits (classes, samples), and the shape of the samples."""
    if not -x.ndim <= axis < x.ndim:
        raise ShapeError(f"softmax_cross_entropy: logits {x.shape} have no axis {axis}")
    if axis not in (-1, x.ndim - 1):
        x = np.moveaxis(x, axis, -1)
    *samples, classes = x.shape
    if not classes:
        raise ShapeError(f"softmax_cross_entropy: logits {x.shape}: there is no class")
    columns = x.reshape(math.prod(samples), classes).T
    return columns.copy() if _has_short_rows(x, -1) else columns, tuple(samples)


def _softmax_cross_entropy(x: Any, labels: Any, axis: int = -1) -> Any:
    columns, samples = _classes_first(_real(x), axis)
    labels = np.asarray(labels)
    if labels.shape != samples:
        raise ShapeError(
            f"softmax_cross_entropy: labels {labels.shape} for samples {samples}; there must be "
            "one label for each"
        )
    if labels.dtype.kind not in "iu":
        raise LabelError(
            f"softmax_cross_entropy: labels of {labels.dtype}; pass integers, labels.astype(int)"
        )
    flat = labels.reshape(-1)
    exponents = columns - np.maximum.reduce(columns, axis=0)
    try:
        picked = exponents[flat, np.arange(flat.size)]
    except IndexError:
        raise _label_error(labels, len(columns)) from None
    # To NumPy, they would count from the end.
    if np.count_nonzero(flat < 0):
        raise _label_error(labels, len(columns))
    total = np.add.reduce(np.exp(exponents, out=exponents), axis=0)
    return (np.log(total) - picked).reshape(samples)


def _label_error(labels: Any, classes: int) -> LabelError:
    place = tuple(np.argwhere((labels < 0) | (labels >= classes))[0].tolist())
    where = f" at {list(place)}" if place else ""
    return LabelError(
        f"softmax_cross_entropy: label {labels[place]}{where} is out of range; labels are integers "
        f"from 0 to {classes - 1}"
    )


def _softmax_cross_entropy_vjp(g: Any, out: Any, x: Any, labels: Any, axis: int = -1) -> Any:
    if is_node(g) or is_node(x):
        classes = np.arange(x.shape[axis])
        one_hot = np.moveaxis(np.asarray(labels)[..., None] == classes, -1, axis)
        return np.expand_dims(g, axis) * (softmax(x, axis=axis) - one_hot)
    # The same with each number written once, and only one element of each one-hot row.
    columns, samples = _classes_first(x, axis)
    g, flat = g.reshape(-1), np.asarray(labels).reshape(-1)
    gradient = columns - np.maximum.reduce(columns, axis=0)
    np.exp(gradient, out=gradient)
    gradient *= g / np.add.reduce(gradient, axis=0)
    gradient[flat, np.arange(flat.size)] -= g
    gradient = gradient.T.reshape(*samples, len(columns))
    return gradient if axis in (-1, x.ndim - 1) else np.moveaxis(gradient, -1, axis)


def _exponents_on_scalars(x: Any, axis: Axis) -> tuple[Any, Any]:
    """The elements of an array of Values less their largest, which is a plain number, and that."""
    largest = np.maximum.reduce(x.astype(float), axis=axis, keepdims=True)
    removed = np.where(np.isfinite(largest), largest, 0)
    return x - removed, removed


def _each(function: Callable[..., Any], *arrays: Any) -> Any:
    return np.frompyfunc(function, len(arrays), 1)(*arrays)


def _logsumexp_on_scalars(x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    exponents, removed = _exponents_on_scalars(x, axis)
    total = lanes.reduced(lanes.sum_of, _each(gates.exp, exponents), axis, keepdims)
    # Exponentials that are all zero get no gradient: their sum is then as good as a constant.
    return _each(lambda t: gates.log(t) if float(t) else -math.inf, total) + removed.reshape(
        np.shape(total)
    )


def _softmax_on_scalars(x: Any, axis: Axis = -1) -> Any:
    exponentials = _each(gates.exp, _exponents_on_scalars(x, axis)[0])
    return exponentials / lanes.reduced(lanes.sum_of, exponentials, axis, keepdims=True)


def _log_softmax_on_scalars(x: Any, axis: Axis = -1) -> Any:
    exponents, _ = _exponents_on_scalars(x, axis)
    total = lanes.reduced(lanes.sum_of, _each(gates.exp, exponents), axis, keepdims=True)
    return exponents - _each(gates.log, total)


def _softmax_cross_entropy_on_scalars(x: Any, labels: Any, axis: int = -1) -> Any:
    label = np.expand_dims(np.asarray(labels), axis)
    return -np.take_along_axis(_log_softmax_on_scalars(x, axis), label, axis).squeeze(axis)


logsumexp = ArrayGate(
    "logsumexp",
    "lse",
    _logsumexp,
    (_logsumexp_vjp,),
    "log(sum(exp(x)))",
    _logsumexp_on_scalars,
)
softmax = ArrayGate(
    "softmax", "softmax", _softmax, (_softmax_vjp,), "exp(x) / sum(exp(x))", _softmax_on_scalars
)
log_softmax = ArrayGate(
    "log_softmax",
    "log softmax",
    _log_softmax,
    (_log_softmax_vjp,),
    "x - log(sum(exp(x)))",
    _log_softmax_on_scalars,
)
# One loss for each sample. The labels are plain integers in the shape of the other axes, which
# nobody changes before the backward pass.
softmax_cross_entropy = ArrayGate(
    "softmax_cross_entropy",
    "cross entropy",
    _softmax_cross_entropy,
    (_softmax_cross_entropy_vjp,),
    "-log_softmax(x)[label]",
    _softmax_cross_entropy_on_scalars,
)

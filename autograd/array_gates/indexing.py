"""Gates that pick elements, and those that put elements where an index says."""

from __future__ import annotations

import math
from types import EllipsisType, NoneType
from typing import Any

import numpy as np

from ..errors import OperandError, ShapeError
from ..numpy_functions import numpy_function
from .array_gate import ArrayGate

__all__ = ["getitem", "put_at", "set_at", "take"]

_BASIC = (int, np.integer, slice, NoneType, EllipsisType)


def _names_each_once(index: Any) -> bool:
    """Whether an index is of a kind that names no element twice: basic, or one mask."""
    parts = index if isinstance(index, tuple) else (index,)
    arrays = [part for part in parts if not isinstance(part, _BASIC)]
    return not arrays or (len(arrays) == 1 and np.asarray(arrays[0]).dtype == bool)


def _put_at(g: Any, index: Any, shape: tuple[int, ...]) -> Any:
    result = np.zeros(shape, g.dtype)
    if _names_each_once(index):
        result[index] = g[()]  # an array of objects would keep a 0-d array as an object
    elif g.ndim == 1:
        np.add.at(result, index, g)
    else:
        # NumPy adds the elements of a flat list several times faster than whole rows.
        places = _places(index, result.shape, result.size > g.size)
        np.add.at(result.reshape(-1), places.ravel(), np.broadcast_to(g, places.shape).ravel())
    return result


def _places(index: Any, shape: tuple[int, ...], are_few: bool) -> Any:
    """What an index picks from an array of this shape whose elements are numbered."""
    (rows,) = index if isinstance(index, tuple) and len(index) == 1 else (index,)
    if not (are_few and isinstance(rows, np.ndarray)):
        return np.arange(math.prod(shape)).reshape(shape)[index]
    # Of a large table only those rows are numbered that are picked.
    width = math.prod(shape[1:])
    starts = (np.arange(shape[0]) * width)[rows]
    return np.add.outer(starts, np.arange(width)).reshape((*rows.shape, *shape[1:]))


def _getitem(x: Any, index: Any) -> Any:
    if type(index) is np.ndarray and index.dtype.kind == "i" and x.ndim > 1:
        return x.take(index, 0)  # the same rows, in half the time
    return x[index]


def _set_at(x: Any, v: Any, index: Any) -> Any:
    v = np.asarray(v)
    # The result has the dtype of x, as when NumPy assigns; but integers could not take a float.
    keeps_dtype = x.dtype.kind == "f" and v.dtype.kind != "O"
    result = np.array(x, dtype=x.dtype if keeps_dtype else np.result_type(x, v))
    result[index] = v[()]
    return result


def _set_at_vjp_value(g: Any, out: Any, x: Any, v: Any, index: Any) -> Any:
    picked = g[index]
    if not _names_each_once(index):
        # Of those that were put into the same place, only the one that is left there counts.
        order = np.arange(picked.size).reshape(picked.shape)
        left = np.zeros(g.shape, order.dtype)
        left[index] = order
        picked = np.where(left[index] == order, picked, 0)
    # NumPy assigns an array that has further axes of size one in front.
    return picked[(None,) * (np.ndim(v) - picked.ndim)] if np.ndim(v) > picked.ndim else picked


def _take_vjp(g: Any, out: Any, x: Any, indices: Any, axis: int | None = None) -> Any:
    if axis is None:
        return put_at(g, index=indices, shape=(x.size,)).reshape(x.shape)
    index = (slice(None),) * (axis % x.ndim) + (indices,)
    return put_at(g, index=index, shape=x.shape)


getitem = ArrayGate(
    "getitem",
    "[ ]",
    _getitem,
    (lambda g, out, x, index: put_at(g, index=index, shape=x.shape),),
    "x[index]",
)
# The transpose of getitem: an array of zeros of this shape, with g added at the index.
put_at: ArrayGate = ArrayGate(
    "put_at",
    "[ ]ᵀ",
    _put_at,
    (lambda g, out, x, index, shape: g[index],),
    "zeros(shape)[index] += g",
)
# A copy of x with v at the index; where the index names a place twice, the last one stays.
set_at: ArrayGate = ArrayGate(
    "set_at",
    "[ ]=",
    _set_at,
    (lambda g, out, x, v, index: set_at(g, 0, index=index), _set_at_vjp_value),
    "x[index] = v",
)
take = ArrayGate(
    "take",
    "take",
    lambda x, indices, axis=None: x.take(indices, axis),
    (_take_vjp,),
    "take(x, indices, axis)",
)


def before_axis(name: str, x: Any, axis: int) -> tuple[Any, ...]:
    """The part of an index that stands before that of an axis.

    Raises:
        ShapeError: if ``x`` has no such axis.
    """
    ndim: int = x.ndim
    if not -ndim <= axis < ndim:
        raise ShapeError(f"{name}: shape {x.shape} has no axis {axis}")
    return (slice(None),) * (axis % ndim)


def _integers(name: str, indices: Any) -> np.ndarray:
    """The indices as an array that nobody else can change."""
    array = np.array(indices)
    if array.dtype.kind not in "iub":
        raise OperandError(
            f"{name}: the indices are a {type(indices).__name__} of {array.dtype}; pass a plain "
            "array of integers (of a Tensor .data.astype(int))"
        )
    return array.astype(np.intp, copy=False)


@numpy_function(np.take)
def _numpy_take(a: Any, indices: Any, axis: int | None = None) -> Any:
    array = _integers("np.take", indices)
    # A number stays one, which makes a basic index.
    return take(a, indices=array if array.ndim else array.item(), axis=axis)


@numpy_function(np.take_along_axis)
def _take_along_axis(arr: Any, indices: Any, axis: int | None = -1) -> Any:
    indices = _integers("np.take_along_axis", indices)
    if axis is None:
        arr, axis = np.ravel(arr), 0
    if indices.ndim != arr.ndim:
        raise ShapeError(
            f"np.take_along_axis: indices {indices.shape} must have as many axes as the array, "
            f"{arr.shape}"
        )
    position = len(before_axis("np.take_along_axis", arr, axis))
    index = [
        np.arange(size).reshape(-1, *(1,) * (arr.ndim - 1 - place))
        for place, size in enumerate(arr.shape)
    ]
    index[position] = indices
    return getitem(arr, index=tuple(index))


@numpy_function(np.diff)
def _diff(a: Any, n: int = 1, axis: int = -1) -> Any:
    if n < 0:
        raise OperandError(f"np.diff: n={n} is negative")
    before = before_axis("np.diff", a, axis)
    later, earlier = (*before, slice(1, None)), (*before, slice(None, -1))
    for _ in range(n):
        a = a[later] - a[earlier]
    return a

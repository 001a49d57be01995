"""Gates that order the elements of an axis, and what follows from their order."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..numpy_functions import numpy_function
from . import lanes
from .array_gate import ArrayGate, Axis, plain
from .reductions import mean

__all__ = ["permute_along", "sort"]


def _permute_along_vjp(g: Any, out: Any, x: Any, order: Any, axis: int) -> Any:
    return permute_along(g, order=np.argsort(order, axis=axis), axis=axis)


def _sort_vjp(g: Any, out: Any, x: Any, axis: int | None = -1, kind: str | None = None) -> Any:
    # Equal elements keep their order, so that each has a place of its own.
    order = np.argsort(plain(x), axis=axis, kind="stable")
    if axis is None:
        return permute_along(g, order=np.argsort(order), axis=0).reshape(x.shape)
    return permute_along(g, order=np.argsort(order, axis=axis), axis=axis)


def _sort_on_scalars(x: Any, axis: int | None = -1, kind: str | None = None) -> Any:
    if axis is None:
        x, axis = x.reshape(-1), 0
    # By their numbers: no comparison of nans would put them last.
    order = np.argsort(x.astype(float), axis=axis, kind="stable")
    return np.take_along_axis(x, order, axis)


sort = ArrayGate(
    "sort",
    "sort",
    lambda x, axis=-1, kind=None: np.sort(x, axis=axis, kind=kind),
    (_sort_vjp,),
    "sort(x)",
    _sort_on_scalars,
)
# The elements of each lane in another order, each of them once.
permute_along = ArrayGate(
    "permute_along",
    "permute",
    lambda x, order, axis: np.take_along_axis(x, order, axis),
    (_permute_along_vjp,),
    "out[i] = x[order[i]]",
)


@numpy_function(np.sort)
def _np_sort(
    a: Any, axis: int | None = -1, kind: str | None = None, *, stable: bool | None = None
) -> Any:
    return sort(a, axis=axis, kind="stable" if stable else kind)


@numpy_function(np.median)
def _np_median(a: Any, axis: Axis = None, *, keepdims: bool = False) -> Any:
    axes = lanes.axes_of(axis, a.ndim)
    others = [size for i, size in enumerate(a.shape) if i not in axes]
    length = math.prod(a.shape[i] for i in axes)
    if not length:
        return mean(a, axis=axis, keepdims=keepdims)
    last = tuple(range(a.ndim - len(axes), a.ndim))
    ordered = sort(np.moveaxis(a, axes, last).reshape(*others, length))
    low, high = ordered[..., (length - 1) // 2], ordered[..., length // 2]
    # A nan is sorted to the end, and is then the median.
    largest = ordered[..., -1]
    median = np.where(largest != largest, largest, low if length % 2 else (low + high) / 2)
    if not keepdims:
        return median
    return median.reshape([1 if i in axes else size for i, size in enumerate(a.shape)])

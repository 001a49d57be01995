"""Reducing arrays of Values: what is made of each lane, the list of Values along the axes.

NumPy reduces an array of objects by chains of their operators. Here a sum or a mean is one gate
with a wire to each Value, and the largest of several equal Values is all of them.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from .. import gates
from .array_gate import Axis

__all__: list[str] = []

Reduce = Callable[[list[Any]], Any]


def axes_of(axis: Axis, ndim: int) -> tuple[int, ...]:
    """The axes that are reduced, counted from the front.

    Raises:
        AxisError: if there is no such axis.
    """
    if axis is None:
        return tuple(range(ndim))
    axes: tuple[int, ...] = np.lib.array_utils.normalize_axis_tuple(axis, ndim)
    return axes


def reduced(reduce: Reduce, x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    """What ``reduce`` makes of each lane along ``axis`` of an array of Values."""
    axes = axes_of(axis, x.ndim)
    others = [i for i in range(x.ndim) if i not in axes]
    shape = [x.shape[i] for i in others]
    lanes = x.transpose(*others, *axes).reshape(*shape, math.prod(x.shape[i] for i in axes))
    results = np.empty(shape, object)
    for index in np.ndindex(*shape):
        results[index] = reduce(lanes[index].tolist())
    if keepdims:
        return results.reshape([1 if i in axes else size for i, size in enumerate(x.shape)])
    return results[()]


def on_lanes(reduce: Reduce) -> Callable[..., Any]:
    """A gate's ``on_scalars`` of what is done to each lane."""
    return lambda x, axis=None, keepdims=False: reduced(reduce, x, axis, keepdims)


def sum_of(values: list[Any]) -> Any:
    """The sum as one gate."""
    from .. import value  # not above: a Value knows the gates of this room

    return value.sum_of(values)


def mean_of(values: list[Any]) -> Any:
    """The mean as one gate."""
    from .. import value

    return value.mean_of(values)


def extreme_of(reduce: Callable[..., Any], values: list[Any]) -> Any:
    """The Value that ``reduce`` picks of the numbers; where several equal it, a mean of them all.

    A mean shares the gradient evenly. If the largest is nan, the nans are the largest.
    """
    numbers = np.array(values, dtype=float)
    extreme = reduce(numbers)
    among = numbers != numbers if extreme != extreme else numbers == extreme
    winners = [value for value, wins in zip(values, among, strict=True) if wins]
    if len(winners) == 1:
        return winners[0]
    mean = mean_of(winners)
    if float(mean) == extreme:
        return mean
    # That mean was rounded. The mean of zeros is not.
    return winners[0] + mean_of([winner - winners[0] for winner in winners])


def largest_of(values: list[Any]) -> Any:
    """The largest; ties share the gradient evenly."""
    return extreme_of(np.max, values)


def smallest_of(values: list[Any]) -> Any:
    """The smallest; ties share the gradient evenly."""
    return extreme_of(np.min, values)


def variance_of(values: list[Any], ddof: float = 0) -> Any:
    """The sum of the squared distances from the mean, over their number less ``ddof``."""
    mean = mean_of(values)
    freedom = len(values) - ddof
    squares = sum_of([gates.square(value - mean) for value in values])
    return squares * (1 / freedom if freedom > 0 else math.inf)


def root_of(square: Any) -> Any:
    """The square root of a sum of squares; where that is zero its gradient is, by convention."""
    return gates.sqrt(square) if float(square) else square * 0.0

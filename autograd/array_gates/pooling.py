"""Pooling: the largest element, or the mean, of each window along the last axes.

The elements of the windows are met tap by tap: all first elements of a row, then all second ones.
Each tap is a strided slice, so that no window is copied and no index is built.
"""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from operator import gt
from typing import Any

import numpy as np

from ..errors import SettingError
from .array_gate import ArrayGate
from .lanes import Reduce, largest_of, mean_of, reduced
from .windows import (
    Padding,
    PerAxis,
    Sizes,
    check_axes,
    check_fit,
    numbers_per_axis,
    output_sizes,
    reaches,
    shape_of,
    taps,
    taps_of_axes,
)

__all__ = [
    "avg_pool",
    "avg_pool1d",
    "avg_pool2d",
    "avg_pool_transpose",
    "max_pool",
    "max_pool1d",
    "max_pool2d",
    "max_pool_tangent",
    "max_pool_transpose",
]


def _combined(
    combine: np.ufunc,
    neutral: float,
    x: Any,
    size: Sizes,
    stride: Sizes,
    padding: Padding,
    dilation: Sizes,
) -> Any:
    """The elements of each window combined: along one axis, then the results along the next."""
    sizes = x.shape[-len(size) :]
    outputs = output_sizes(sizes, size, stride, padding, dilation)
    for i, (before, after) in enumerate(padding):
        axis = i - len(size)
        met = [
            (_along(axis, inputs), _along(axis, into))
            for _, inputs, into in taps(
                sizes[i], outputs[i], size[i], stride[i], before, dilation[i]
            )
        ]
        if not before and not after and len(met) > 1:
            # Every tap meets every output, so that the first two can begin.
            (first, _), (second, _), *met = met
            out = combine(x[first], x[second])
        else:
            shape = list(x.shape)
            shape[axis] = outputs[i]
            out = np.full_like(x, neutral, shape=tuple(shape))
        for inputs, into in met:
            combine(out[into], x[inputs], out=out[into])
        x = out
    return x


def _along(axis: int, part: slice) -> tuple[Any, ...]:
    """The index that takes a part along one axis, which is counted from the end."""
    return (..., part, *(slice(None),) * (-1 - axis))


def _floats(x: Any) -> Any:
    return x.astype(np.float64) if x.dtype.kind in "iub" else x


def _max_pool(x: Any, size: Sizes, stride: Sizes, padding: Padding, dilation: Sizes) -> Any:
    return _combined(np.maximum, -np.inf, _floats(x), size, stride, padding, dilation)


def _winners(
    x: Any, out: Any, size: Sizes, stride: Sizes, padding: Padding, dilation: Sizes
) -> tuple[list[tuple[Any, Any, Any]], Any]:
    """Which elements are the largest of their windows, and how many there are in each window.

    Returns:
        For each tap the index of its inputs, that of its outputs, and where its inputs win; and
        the number of winners, at least one so that it can divide, in the dtype of ``out``.
    """
    axes = len(size)
    count = np.zeros_like(out)
    won = []
    for _, inputs, into in taps_of_axes(
        x.shape[-axes:], out.shape[-axes:], size, stride, padding, dilation
    ):
        mask = x[inputs] == out[into]
        count[into] += mask
        won.append((inputs, into, mask))
    if not count.all():
        # A nan equals nothing; where there is one, the nans win.
        for inputs, into, mask in won:
            nans = np.isnan(x[inputs])
            count[into] += nans
            mask |= nans
        # A dilated window can hold nothing but padding.
        np.maximum(count, 1, out=count)
    return won, count


def _only(values: Any) -> Any:
    """How to keep values under a mask and put zero elsewhere.

    The product takes a tenth of the time, but makes nan of an infinity that the mask rejects.
    """
    if values.dtype.kind == "f" and np.isfinite(values).all():
        return np.multiply
    return lambda kept, mask: np.where(mask, kept, 0)


def _max_pool_transpose(g: Any, x: Any, out: Any, **at: Any) -> Any:
    won, count = _winners(x, out, **at)
    share = np.divide(g, count, out=count if count.dtype == g.dtype else None)
    only = _only(share)
    total = np.zeros_like(x, dtype=share.dtype)
    overlap = any(map(gt, reaches(at["size"], at["dilation"]), at["stride"]))
    for inputs, into, mask in won:
        kept = only(share[into], mask)
        if overlap:
            total[inputs] += kept
        else:
            total[inputs] = kept
    return total


def _max_pool_tangent(h: Any, x: Any, out: Any, **at: Any) -> Any:
    won, count = _winners(x, out, **at)
    only = _only(h)
    total = np.zeros_like(out, dtype=h.dtype)
    for inputs, into, mask in won:
        total[into] += only(h[inputs], mask)
    return total / count


def _on_windows(reduce: Reduce, around: Any) -> Callable[..., Any]:
    """A pooling gate's ``on_scalars`` of what is done to the Values of each window.

    Args:
        reduce: what is made of a list of Values.
        around: what stands for padding; None if it is left out.
    """

    def pool(
        x: Any, size: Sizes, stride: Sizes, padding: Padding, dilation: Sizes | None = None
    ) -> Any:
        axes = len(size)
        spread = (1,) * axes if dilation is None else dilation
        sizes = x.shape[-axes:]
        outputs = output_sizes(sizes, size, stride, padding, spread)
        windows = np.full((*x.shape[:-axes], *outputs, *size), around, object)
        for place, inputs, into in taps_of_axes(sizes, outputs, size, stride, padding, spread):
            windows[*into, *place] = x[inputs]
        return reduced(
            lambda window: reduce([value for value in window if value is not None]),
            windows,
            tuple(range(-axes, 0)),
        )

    return pool


def _avg_pool(x: Any, size: Sizes, stride: Sizes, padding: Padding) -> Any:
    total = _combined(np.add, 0, _floats(x), size, stride, padding, (1,) * len(size))
    return total / prod(size)


def _avg_pool_transpose(g: Any, sizes: Sizes, size: Sizes, stride: Sizes, padding: Padding) -> Any:
    g = g / prod(size)
    for i, (before, _) in enumerate(padding):
        axis = i - len(size)
        shape = list(g.shape)
        shape[axis] = sizes[i]
        total = np.zeros_like(g, shape=tuple(shape))
        for _, inputs, into in taps(sizes[i], g.shape[axis], size[i], stride[i], before, 1):
            total[_along(axis, inputs)] += g[_along(axis, into)]
        g = total
    return g


max_pool: ArrayGate = ArrayGate(
    "max_pool",
    "max pool",
    _max_pool,
    (lambda g, out, x, **at: max_pool_transpose(g, x, out, **at),),
    "out[i] = max(x[i * stride + k])",
    _on_windows(lambda window: largest_of(window or [-np.inf]), None),
)
# Which elements win is decided, not derived: both are linear in their first operand alone.
max_pool_transpose: ArrayGate = ArrayGate(
    "max_pool_transpose",
    "max poolᵀ",
    _max_pool_transpose,
    (lambda h, total, g, x, out, **at: max_pool_tangent(h, x, out, **at), None, None),
    "g[i] / count to each x[i * stride + k] == out[i]",
)
max_pool_tangent: ArrayGate = ArrayGate(
    "max_pool_tangent",
    "max pool'",
    _max_pool_tangent,
    (lambda g, mean, h, x, out, **at: max_pool_transpose(g, x, out, **at), None, None),
    "mean of h[i * stride + k] where x[i * stride + k] == out[i]",
)
avg_pool: ArrayGate = ArrayGate(
    "avg_pool",
    "avg pool",
    _avg_pool,
    (
        lambda g, out, x, size, **at: avg_pool_transpose(
            g, sizes=x.shape[-len(size) :], size=size, **at
        ),
    ),
    "out[i] = mean(x[i * stride + k])",
    _on_windows(mean_of, 0.0),
)
avg_pool_transpose: ArrayGate = ArrayGate(
    "avg_pool_transpose",
    "avg poolᵀ",
    _avg_pool_transpose,
    (lambda h, out, g, sizes, **at: avg_pool(h, **at),),
    "out[i * stride + k] = sum(g[i]) / size",
)


def max_pool1d(
    x: Any,
    size: PerAxis,
    stride: PerAxis | None = None,
    padding: PerAxis = 0,
    dilation: PerAxis = 1,
) -> Any:
    """The largest element of each window along the last axis.

    x (N, C, L) or (C, L) -> (N, C, L') or (C, L'), where L' is
    ``(L + 2 * padding - dilation * (size - 1) - 1) // stride + 1``. Elements that are equally large
    share the gradient of their window evenly; where there are nans, they do.

    Args:
        x: a Tensor or an array.
        size: how many elements a window has.
        stride: how far the window moves from one output to the next; by default its size.
        padding: how many elements of minus infinity on either side; at most half the window.
        dilation: how far apart the elements of a window are.

    Raises:
        ShapeError: if x has not as many axes, or the window is longer than the padded input.
        SettingError: if size, stride, padding or dilation is out of its range.

    >>> import numpy as np
    >>> max_pool1d(np.array([[3.0, 1.0, 4.0, 1.0, 5.0]]), 2)
    array([[3., 4.]])
    """
    return max_pool(x, **_checked("max_pool1d", 1, x, size, stride, padding, dilation))


def max_pool2d(
    x: Any,
    size: PerAxis,
    stride: PerAxis | None = None,
    padding: PerAxis = 0,
    dilation: PerAxis = 1,
) -> Any:
    """The largest element of each window along the last two axes.

    x (N, C, H, W) or (C, H, W) -> (N, C, H', W') or (C, H', W'), where H' is
    ``(H + 2 * padding - dilation * (size - 1) - 1) // stride + 1``, and W' likewise. Elements that
    are equally large share the gradient of their window evenly; where there are nans, they do.

    Args:
        x: a Tensor or an array.
        size: the height and width of a window, one number or a pair.
        stride: how far the window moves from one output to the next; by default its size.
        padding: how many elements of minus infinity on every side; at most half the window.
        dilation: how far apart the elements of a window are.

    Raises:
        ShapeError: if x has not as many axes, or the window is larger than the padded input.
        SettingError: if size, stride, padding or dilation is out of its range.

    >>> import numpy as np
    >>> max_pool2d(np.arange(16.0).reshape(1, 4, 4), 2)
    array([[[ 5.,  7.],
            [13., 15.]]])
    """
    return max_pool(x, **_checked("max_pool2d", 2, x, size, stride, padding, dilation))


def avg_pool1d(x: Any, size: PerAxis, stride: PerAxis | None = None, padding: PerAxis = 0) -> Any:
    """The mean of each window along the last axis.

    x (N, C, L) or (C, L) -> (N, C, L') or (C, L'), where L' is
    ``(L + 2 * padding - size) // stride + 1``.

    Args:
        x: a Tensor or an array.
        size: how many elements a window has.
        stride: how far the window moves from one output to the next; by default its size.
        padding: how many zeros on either side, which count as elements; at most half the window.

    Raises:
        ShapeError: if x has not as many axes, or the window is longer than the padded input.
        SettingError: if size, stride or padding is out of its range.

    >>> import numpy as np
    >>> avg_pool1d(np.array([[3.0, 1.0, 4.0, 1.0, 5.0]]), 2)
    array([[2. , 2.5]])
    """
    return _checked_avg_pool("avg_pool1d", 1, x, size, stride, padding)


def avg_pool2d(x: Any, size: PerAxis, stride: PerAxis | None = None, padding: PerAxis = 0) -> Any:
    """The mean of each window along the last two axes.

    x (N, C, H, W) or (C, H, W) -> (N, C, H', W') or (C, H', W'), where H' is
    ``(H + 2 * padding - size) // stride + 1``, and W' likewise.

    Args:
        x: a Tensor or an array.
        size: the height and width of a window, one number or a pair.
        stride: how far the window moves from one output to the next; by default its size.
        padding: how many zeros on every side, which count as elements; at most half the window.

    Raises:
        ShapeError: if x has not as many axes, or the window is larger than the padded input.
        SettingError: if size, stride or padding is out of its range.

    >>> import numpy as np
    >>> avg_pool2d(np.arange(16.0).reshape(1, 4, 4), 2)
    array([[[ 2.5,  4.5],
            [10.5, 12.5]]])
    """
    return _checked_avg_pool("avg_pool2d", 2, x, size, stride, padding)


def _checked_avg_pool(
    gate: str, axes: int, x: Any, size: PerAxis, stride: PerAxis | None, padding: PerAxis
) -> Any:
    settings = _checked(gate, axes, x, size, stride, padding, 1)
    del settings["dilation"]
    return avg_pool(x, **settings)


def _checked(
    gate: str,
    axes: int,
    x: Any,
    size: PerAxis,
    stride: PerAxis | None,
    padding: PerAxis,
    dilation: PerAxis,
) -> dict[str, Any]:
    """The settings of a pooling gate, with a number for each axis."""
    shape = shape_of(x)
    check_axes(gate, "x", shape, axes)
    window = numbers_per_axis(gate, "size", size, axes, 1)
    step = window if stride is None else numbers_per_axis(gate, "stride", stride, axes, 1)
    spread = numbers_per_axis(gate, "dilation", dilation, axes, 1)
    added = numbers_per_axis(gate, "padding", padding, axes, 0)
    reach = reaches(window, spread)
    if any(2 * number > covered for number, covered in zip(added, reach, strict=True)):
        raise SettingError(
            f"{gate}: padding {added} is more than half of the window {reach}: "
            "some windows would hold nothing else"
        )
    around = tuple((number, number) for number in added)
    check_fit(gate, shape[-axes:], window, around, spread, "window")
    return {"size": window, "stride": step, "padding": around, "dilation": spread}

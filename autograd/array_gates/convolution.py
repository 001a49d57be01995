"""Convolution as neural networks have it: a kernel that slides along the last axes.

The three gates are the three ways to derive one form, ``sum(g * conv(x, w))``, which is linear in
each of ``x``, ``w`` and ``g``: so each has the other two as its derivatives, of every order.

Inside, the batch is the last axis. A window's elements then lie in runs as long as the batch
times a row, which NumPy copies at the speed of memory, and all samples share one matrix product.
The result is a view with the batch first again. NumPy's elementwise functions keep the order in
memory, so that from layer to layer nothing is moved.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import prod
from typing import Any, Literal

import numpy as np
from numpy.lib.stride_tricks import as_strided

from ..errors import SettingError, ShapeError
from ..numpy_functions import numpy_function
from .array_gate import ArrayGate
from .products import dots_of_rows
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
)

__all__ = ["conv", "conv1d", "conv2d", "conv_kernel", "conv_transpose", "convolve"]

# Windows are copied into a matrix of about this many bytes at a time, which a cache holds: under a
# kernel of five by five the whole would be twenty-five times as large as the input.
BLOCK_BYTES = 1 << 21


def _batch_last(x: Any, axes: int) -> Any:
    """From (N, C, ...) or (C, ...) to (C, ..., N)."""
    return x[..., None] if x.ndim == axes + 1 else x.transpose(*range(1, axes + 2), 0)


def _batch_first(x: Any, batched: bool) -> Any:
    """From (C, ..., N) to (N, C, ...), or to (C, ...)."""
    return x.transpose(-1, *range(x.ndim - 1)) if batched else x[..., 0]


def _matrix(g: Any, axes: int) -> Any:
    """From (N, O, ...) or (O, ...) to a row for each channel."""
    g = _batch_last(g, axes)
    return g.reshape(len(g), prod(g.shape[1:]))


def _blocks(rows: int, bytes_per_row: int) -> Iterator[tuple[int, int]]:
    """Where to cut the first of the output's axes, so that no block is too large."""
    step = max(1, BLOCK_BYTES // max(1, bytes_per_row))
    return ((start, min(start + step, rows)) for start in range(0, rows, step))


def _windows(x: Any, window: Sizes, stride: Sizes, padding: Padding, dilation: Sizes) -> Any:
    """A view (C, *window, *outputs, N) of the windows of ``x``, padded with zeros."""
    axes = len(window)
    x = _batch_last(x, axes)
    if any(map(any, padding)):
        sizes = [size + sum(added) for size, added in zip(x.shape[1:-1], padding, strict=True)]
        padded = np.zeros((len(x), *sizes, x.shape[-1]), x.dtype)
        inner = zip(x.shape[1:-1], padding, strict=True)
        padded[:, *(slice(before, before + size) for size, (before, _) in inner)] = x
        x = padded
    else:
        x = np.ascontiguousarray(x)
    outputs = output_sizes(x.shape[1:-1], window, stride, ((0, 0),) * axes, dilation)
    channel, *steps, sample = x.strides
    spread = [step * each for step, each in zip(steps, dilation, strict=True)]
    along = [step * each for step, each in zip(steps, stride, strict=True)]
    return as_strided(
        x,
        (len(x), *window, *outputs, x.shape[-1]),
        (channel, *spread, *along, sample),
        writeable=False,
    )


def _columns(
    x: Any, window: Sizes, stride: Sizes, padding: Padding, dilation: Sizes
) -> tuple[Sizes, Iterator[tuple[slice, Any]]]:
    """The windows of ``x`` as the columns of a matrix, block after block.

    Returns:
        (*outputs, N), the shape of all columns; and for each block which columns it holds, and
        the matrix: a row for each channel and element of a window.
    """
    windows = _windows(x, window, stride, padding, dilation)
    axes = len(window)
    shape = windows.shape[axes + 1 :]
    height = prod(windows.shape[: axes + 1])
    per_row = prod(shape[1:])

    def blocks() -> Iterator[tuple[slice, Any]]:
        for start, end in _blocks(shape[0], height * per_row * windows.itemsize):
            block = windows[(slice(None),) * (axes + 1) + (slice(start, end),)]
            at = slice(start * per_row, end * per_row)
            yield at, block.reshape(height, (end - start) * per_row)

    return shape, blocks()


def _conv(
    x: Any, w: Any, stride: Sizes, padding: Padding, dilation: Sizes, product: Any = np.matmul
) -> Any:
    kernel = w.reshape(len(w), prod(w.shape[1:]))
    shape, blocks = _columns(x, w.shape[2:], stride, padding, dilation)
    out = np.empty((len(w), prod(shape)), np.result_type(x, w))
    for at, columns in blocks:
        product(kernel, columns, out=out[:, at])
    return _batch_first(out.reshape(len(w), *shape), x.ndim == w.ndim)


def _dots_of_scalars(kernel: Any, columns: Any, out: Any) -> None:
    """The matrix product of arrays of Values, each element of it one gate."""
    out[:] = dots_of_rows(kernel[:, None], columns.T)


def _conv_kernel(
    x: Any, g: Any, window: Sizes, stride: Sizes, padding: Padding, dilation: Sizes
) -> Any:
    rows = _matrix(g, len(window))
    channels = x.shape[-len(window) - 1]
    total: Any = 0
    for at, columns in _columns(x, window, stride, padding, dilation)[1]:
        total = total + columns @ rows[:, at].T  # the faster of the two orders
    return np.ascontiguousarray(total.T).reshape(len(rows), channels, *window)


def _conv_transpose(
    g: Any, w: Any, sizes: Sizes, stride: Sizes, padding: Padding, dilation: Sizes
) -> Any:
    axes, window = len(sizes), w.shape[2:]
    batched = g.ndim == w.ndim
    rows = _matrix(g, axes)
    kernel = w.reshape(len(w), prod(w.shape[1:])).T
    outputs, samples = g.shape[-axes:], len(g) if batched else 1
    channels, dtype = w.shape[1], np.result_type(g, w)
    # One axis after the other: along the first, runs are long; at the next, there is less to add.
    total = np.zeros((channels, *window[1:], sizes[0], *outputs[1:], samples), dtype)
    per_row = prod(outputs[1:]) * samples
    for start, end in _blocks(outputs[0], len(kernel) * per_row * dtype.itemsize):
        columns = kernel @ rows[:, start * per_row : end * per_row]
        columns = columns.reshape(channels, *window, end - start, *outputs[1:], samples)
        # To the outputs from ``start`` on it is as if there were that much less padding.
        before = padding[0][0] - start * stride[0]
        met = taps(sizes[0], end - start, window[0], stride[0], before, dilation[0])
        _add_back(total, columns, met, axes)
    for i in range(1, axes):
        columns, after = total, (*sizes[: i + 1], *outputs[i + 1 :], samples)
        total = np.zeros((channels, *window[i + 1 :], *after), dtype)
        met = taps(sizes[i], outputs[i], window[i], stride[i], padding[i][0], dilation[i])
        _add_back(total, columns, met, axes)
    return _batch_first(total, batched)


def _add_back(total: Any, columns: Any, met: list[tuple[int, slice, slice]], axis: int) -> None:
    """Add the elements of windows, of axis 1, to where they come from along another axis."""
    before = (slice(None),) * axis
    for place, inputs, into in met:
        total[*before, inputs] += columns[:, place][*before, into]


conv: ArrayGate = ArrayGate(
    "conv",
    "conv",
    _conv,
    (
        lambda g, out, x, w, **at: conv_transpose(g, w, sizes=_spatial(x, at), **at),
        lambda g, out, x, w, **at: conv_kernel(x, g, window=_spatial(w, at), **at),
    ),
    "out[n, o, i] = sum(x[n, c, i + k] * w[o, c, k])",
    lambda x, w, **at: _conv(x, w, **at, product=_dots_of_scalars),
)
conv_transpose: ArrayGate = ArrayGate(
    "conv_transpose",
    "convᵀ",
    _conv_transpose,
    (
        lambda h, out, g, w, sizes, **at: conv(h, w, **at),
        lambda h, out, g, w, sizes, **at: conv_kernel(h, g, window=_spatial(w, at), **at),
    ),
    "out[n, c, i + k] = sum(g[n, o, i] * w[o, c, k])",
)
conv_kernel: ArrayGate = ArrayGate(
    "conv_kernel",
    "conv w",
    _conv_kernel,
    (
        lambda h, out, x, g, window, **at: conv_transpose(g, h, sizes=_spatial(x, at), **at),
        lambda h, out, x, g, window, **at: conv(x, h, **at),
    ),
    "out[o, c, k] = sum(x[n, c, i + k] * g[n, o, i])",
)


def _spatial(x: Any, settings: dict[str, Any]) -> Sizes:
    """The sizes of the axes that the kernel slides along."""
    sizes: Sizes = x.shape[-len(settings["stride"]) :]
    return sizes


def conv1d(
    x: Any,
    w: Any,
    stride: PerAxis = 1,
    padding: PerAxis | Literal["valid", "same"] = 0,
    dilation: PerAxis = 1,
) -> Any:
    """Cross-correlation along the last axis: each kernel is slid over the input, not flipped.

    x (N, C, L) or (C, L), w (O, C, K) -> (N, O, L') or (O, L'), where L' is
    ``(L + 2 * padding - dilation * (K - 1) - 1) // stride + 1``. A bias of shape (O,) is added as
    ``+ b[:, None]``. In memory the result has the batch as its last axis.

    Args:
        x: a Tensor or an array.
        w: a Tensor or an array.
        stride: how far the kernel moves from one output to the next.
        padding: the zeros on either side; "valid" for none, "same" for an output as long as the
            input at stride 1 (for an even kernel one zero more after than before).
        dilation: how far apart the elements are that a kernel meets.

    Raises:
        ShapeError: if the shapes do not fit, or the kernel is longer than the padded input.
        SettingError: if stride, padding or dilation is out of its range.

    >>> import numpy as np
    >>> conv1d(np.array([[1.0, 2.0, 4.0, 7.0]]), np.array([[[-1.0, 1.0]]]))
    array([[1., 2., 3.]])
    """
    return _checked_conv("conv1d", 1, x, w, stride, padding, dilation)


def conv2d(
    x: Any,
    w: Any,
    stride: PerAxis = 1,
    padding: PerAxis | Literal["valid", "same"] = 0,
    dilation: PerAxis = 1,
) -> Any:
    """Cross-correlation along the last two axes: each kernel is slid over the input, not flipped.

    x (N, C, H, W) or (C, H, W), w (O, C, KH, KW) -> (N, O, H', W') or (O, H', W'), where H' is
    ``(H + 2 * padding - dilation * (KH - 1) - 1) // stride + 1``, and W' likewise. A bias of shape
    (O,) is added as ``+ b[:, None, None]``. In memory the result has the batch as its last axis.

    Args:
        x: a Tensor or an array.
        w: a Tensor or an array.
        stride: how far the kernel moves from one output to the next; one number, or (down, right).
        padding: the zeros on every side, one number or (above and below, left and right); "valid"
            for none, "same" for an output as large as the input at stride 1 (along an even kernel
            one zero more after than before).
        dilation: how far apart the elements are that a kernel meets.

    Raises:
        ShapeError: if the shapes do not fit, or the kernel is larger than the padded input.
        SettingError: if stride, padding or dilation is out of its range.

    >>> import numpy as np
    >>> image, box = np.eye(3)[None], np.ones((1, 1, 2, 2))
    >>> conv2d(image, box)
    array([[[2., 1.],
            [1., 2.]]])
    """
    return _checked_conv("conv2d", 2, x, w, stride, padding, dilation)


def _checked_conv(
    name: str,
    axes: int,
    x: Any,
    w: Any,
    stride: PerAxis,
    padding: PerAxis | Literal["valid", "same"],
    dilation: PerAxis,
) -> Any:
    shape, kernel = shape_of(x), shape_of(w)
    check_axes(name, "x", shape, axes)
    if len(kernel) != axes + 2:
        wanted = "(O, C, K)" if axes == 1 else "(O, C, KH, KW)"
        raise ShapeError(f"{name}: w has shape {kernel}, {len(kernel)} axes; it takes {wanted}")
    channels = shape[-axes - 1]
    if channels != kernel[1]:
        raise ShapeError(
            f"{name}: x {shape} has {channels} channels, w {kernel} takes {kernel[1]}; "
            f"w must have shape {(kernel[0], channels, *kernel[2:])}"
        )
    window = kernel[2:]
    strides = numbers_per_axis(name, "stride", stride, axes, 1)
    spread = numbers_per_axis(name, "dilation", dilation, axes, 1)
    around = _padding(name, padding, window, strides, spread)
    check_fit(name, shape[-axes:], window, around, spread, "kernel")
    return conv(x, w, stride=strides, padding=around, dilation=spread)


def _padding(
    name: str, padding: PerAxis | str, window: Sizes, stride: Sizes, dilation: Sizes
) -> Padding:
    if not isinstance(padding, str):
        numbers = numbers_per_axis(name, "padding", padding, len(window), 0)
        return tuple((number, number) for number in numbers)
    if padding == "valid":
        return ((0, 0),) * len(window)
    if padding != "same":
        raise SettingError(f'{name}: padding={padding!r}; give "valid", "same" or numbers')
    if set(stride) != {1}:
        raise SettingError(
            f'{name}: padding="same" is for stride 1, not {stride}; give the padding as numbers'
        )
    added = [reach - 1 for reach in reaches(window, dilation)]
    return tuple((number // 2, number - number // 2) for number in added)


def _convolve_vjp(g: Any, kept: Any, other: Any, mode: str) -> Any:
    """The gradient of one of two sequences that were convolved."""
    if mode == "full":
        return convolve(g, other[::-1], mode="valid")
    if kept.size >= other.size:
        return convolve(g, other[::-1], mode="full")
    return convolve(other, g[::-1], mode="valid")[::-1]


convolve = ArrayGate(
    "convolve",
    "*",
    np.convolve,
    (
        lambda g, out, a, v, mode: _convolve_vjp(g, a, v, mode),
        lambda g, out, a, v, mode: _convolve_vjp(g, v, a, mode),
    ),
    "out[i] = sum(a[i - k] * v[k])",
)


@numpy_function(np.convolve)
def _numpy_convolve(a: Any, v: Any, mode: str = "full") -> Any:
    a, v = _sequence("convolve", "a", a), _sequence("convolve", "v", v)
    if mode in ("full", "valid"):
        return convolve(a, v, mode=mode)
    if mode != "same":
        raise SettingError(f'convolve: mode={mode!r}; give "full", "same" or "valid"')
    shorter, longer = sorted((a.size, v.size))
    start = (shorter - 1) // 2
    return convolve(a, v, mode="full")[start : start + longer]


@numpy_function(np.correlate)
def _numpy_correlate(a: Any, v: Any, mode: str = "valid") -> Any:
    a, v = _sequence("correlate", "a", a), _sequence("correlate", "v", v)
    if a.size >= v.size:
        return _numpy_convolve(a, v[::-1], mode)
    # In the mode "same" the centre is then on the other side of the middle.
    return _numpy_convolve(v, a[::-1], mode)[::-1]


def _sequence(gate: str, name: str, operand: Any) -> Any:
    """An operand of np.convolve as an array, or a Tensor, of one axis."""
    shape = shape_of(operand)
    if len(shape) > 1 or 0 in shape:
        raise ShapeError(
            f"{gate}: {name} has shape {shape}; it takes one axis with at least one element, "
            "conv1d takes more"
        )
    operand = operand if hasattr(operand, "apply_array_gate") else np.asarray(operand)
    return operand if shape else operand.reshape(1)

"""Windows that slide over the last axes of an array: how many fit, what they meet, the checks."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import Any, SupportsIndex

import numpy as np

from ..errors import SettingError, ShapeError

__all__ = ["Padding", "PerAxis", "Sizes"]

Sizes = tuple[int, ...]
PerAxis = SupportsIndex | Sequence[SupportsIndex]
"""One number for every axis that a window slides along, or one for each."""
Padding = tuple[tuple[int, int], ...]
"""For each axis how many elements are thought before the first and after the last."""


def reaches(window: Sizes, dilation: Sizes) -> Sizes:
    """How far a window reaches along each axis, from its first element to its last."""
    return tuple(
        (size - 1) * spread + 1 if size else 0
        for size, spread in zip(window, dilation, strict=True)
    )


def output_sizes(
    sizes: Sizes, window: Sizes, stride: Sizes, padding: Padding, dilation: Sizes
) -> Sizes:
    """How many windows fit along each axis."""
    reach = reaches(window, dilation)
    return tuple(
        (size + before + after - covered) // step + 1
        for size, covered, step, (before, after) in zip(sizes, reach, stride, padding, strict=True)
    )


def taps(
    size: int, outputs: int, window: int, stride: int, before: int, dilation: int
) -> list[tuple[int, slice, slice]]:
    """The inputs that each element of the windows meets along one axis, and in which outputs.

    Padding is not among the inputs, so that no array needs to be padded.

    Returns:
        For each place in the window that place, a slice of the inputs, and one of the outputs.
    """
    met = []
    for place in range(window):
        shift = place * dilation - before
        first = max(0, -(shift // stride))
        end = min(outputs, (size - 1 - shift) // stride + 1)
        if first < end:
            inputs = slice(shift + first * stride, shift + (end - 1) * stride + 1, stride)
            met.append((place, inputs, slice(first, end)))
    return met


def taps_of_axes(
    sizes: Sizes, outputs: Sizes, window: Sizes, stride: Sizes, padding: Padding, dilation: Sizes
) -> Iterator[tuple[Sizes, tuple[Any, ...], tuple[Any, ...]]]:
    """The taps of windows of several axes: the place, and indices of the inputs and outputs."""
    befores = (before for before, _ in padding)
    by_axis = map(taps, sizes, outputs, window, stride, befores, dilation)
    for tap in itertools.product(*by_axis):
        places, inputs, into = zip(*tap, strict=True)
        yield places, (..., *inputs), (..., *into)


def shape_of(operand: Any) -> Sizes:
    """The shape of a Tensor, an array, or what can be made one."""
    shape: Sizes | None = getattr(operand, "shape", None)
    return np.shape(operand) if shape is None else shape


def numbers_per_axis(gate: str, name: str, value: PerAxis, axes: int, least: int) -> Sizes:
    """A setting as one number for each axis.

    Raises:
        SettingError: if it is neither an integer nor as many as there are axes, or below ``least``.
    """
    try:
        numbers = (
            tuple(number.__index__() for number in value)
            if isinstance(value, Sequence)
            else (value.__index__(),) * axes
        )
    except AttributeError:
        numbers = ()
    if len(numbers) != axes or min(numbers) < least:
        each = "" if axes == 1 else f", or {axes} of them, one for each axis"
        raise SettingError(f"{gate}: {name}={value!r}; give an int of at least {least}{each}")
    return numbers


def check_axes(gate: str, name: str, shape: Sizes, axes: int) -> None:
    """Raise ShapeError unless a shape is that of a sample with its channels, or of a batch."""
    if len(shape) not in (axes + 1, axes + 2):
        sample = "C, L" if axes == 1 else "C, H, W"
        mend = f"; {name}[None] has one axis more" if len(shape) == axes else ""
        raise ShapeError(
            f"{gate}: {name} has shape {shape}, {len(shape)} axes; "
            f"it takes (N, {sample}) or ({sample}){mend}"
        )


def check_fit(
    gate: str, sizes: Sizes, window: Sizes, padding: Padding, dilation: Sizes, name: str
) -> None:
    """Raise ShapeError if a window has no elements, or is larger than the padded input."""
    if 0 in window:
        raise ShapeError(f"{gate}: {name} {window} has no elements; each size is at least 1")
    padded = tuple(size + sum(added) for size, added in zip(sizes, padding, strict=True))
    reach = reaches(window, dilation)
    if any(covered > size for covered, size in zip(reach, padded, strict=True)):
        spread = "" if reach == window else f", spread over {reach} by dilation {dilation},"
        around = "" if padded == sizes else f", padded to {padded}"
        raise ShapeError(
            f"{gate}: {name} {window}{spread} does not fit into the input {sizes}{around}; "
            f"take a smaller {name} or more padding"
        )

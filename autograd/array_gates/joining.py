"""Gates that join arrays to one, and the functions that split one into parts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..errors import ShapeError
from ..numpy_functions import numpy_function
from .array_gate import ArrayGate, Vjp
from .indexing import before_axis

__all__ = ["concatenate", "stack"]


def _concatenate_vjp(position: int) -> Vjp:
    def vjp(g: Any, out: Any, *operands: Any, axis: int | None = 0) -> Any:
        # A constant may be a list, which has no shape of its own.
        shape, before = np.shape(operands[position]), operands[:position]
        if axis is None:
            start = sum(map(np.size, before))
            return g[start : start + np.prod(shape, dtype=int)].reshape(shape)
        axis %= g.ndim
        start = sum(np.shape(operand)[axis] for operand in before)
        return g[(slice(None),) * axis + (slice(start, start + shape[axis]),)]

    return vjp


def _stack_vjp(position: int) -> Vjp:
    def vjp(g: Any, out: Any, *operands: Any, axis: int = 0) -> Any:
        return g[(slice(None),) * (axis % g.ndim) + (position,)]

    return vjp


concatenate = ArrayGate(
    "concatenate",
    "concat",
    lambda *arrays, axis=0: np.concatenate(arrays, axis=axis),
    _concatenate_vjp,
    "concatenate(x, y, ..., axis)",
)
stack = ArrayGate(
    "stack",
    "stack",
    lambda *arrays, axis=0: np.stack(arrays, axis=axis),
    _stack_vjp,
    "stack(x, y, ..., axis)",
)


# Beyond so many operands groups are joined first. Each operand looks for its place behind all those
# before it, so that the backward pass would take time that grows with the square of their number.
_MOST_OPERANDS = 64


@numpy_function(np.concatenate)
def _concatenate(arrays: Sequence[Any], axis: int | None = 0) -> Any:
    arrays = list(arrays)
    while len(arrays) > _MOST_OPERANDS:
        starts = range(0, len(arrays), _MOST_OPERANDS)
        arrays = [_concatenate(arrays[i : i + _MOST_OPERANDS], axis) for i in starts]
    return concatenate(*arrays, axis=axis)


@numpy_function(np.stack)
def _stack(arrays: Sequence[Any], axis: int = 0) -> Any:
    return stack(*arrays, axis=axis)


@numpy_function(np.vstack)
def _vstack(tup: Sequence[Any]) -> Any:
    return _concatenate(list(map(np.atleast_2d, tup)), 0)


@numpy_function(np.hstack)
def _hstack(tup: Sequence[Any]) -> Any:
    arrays = list(map(np.atleast_1d, tup))
    return _concatenate(arrays, 0 if arrays[0].ndim == 1 else 1)


@numpy_function(np.dstack)
def _dstack(tup: Sequence[Any]) -> Any:
    return _concatenate(list(map(np.atleast_3d, tup)), 2)


@numpy_function(np.column_stack)
def _column_stack(tup: Sequence[Any]) -> Any:
    columns = [x if np.ndim(x) > 1 else np.reshape(x, (-1, 1)) for x in tup]
    return _concatenate(columns, 1)


@numpy_function(np.append)
def _append(arr: Any, values: Any, axis: int | None = None) -> Any:
    return concatenate(arr, values, axis=axis)


@numpy_function(np.split)
def _split(ary: Any, indices_or_sections: Any, axis: int = 0) -> list[Any]:
    return _parts("np.split", ary, axis, np.split, indices_or_sections)


@numpy_function(np.array_split)
def _array_split(ary: Any, indices_or_sections: Any, axis: int = 0) -> list[Any]:
    return _parts("np.array_split", ary, axis, np.array_split, indices_or_sections)


@numpy_function(np.vsplit)
def _vsplit(ary: Any, indices_or_sections: Any) -> list[Any]:
    if ary.ndim < 2:
        raise ShapeError(f"np.vsplit: shape {ary.shape} has no rows, which takes two axes")
    return _parts("np.vsplit", ary, 0, np.split, indices_or_sections)


@numpy_function(np.hsplit)
def _hsplit(ary: Any, indices_or_sections: Any) -> list[Any]:
    return _parts("np.hsplit", ary, 1 if ary.ndim > 1 else 0, np.split, indices_or_sections)


@numpy_function(np.dsplit)
def _dsplit(ary: Any, indices_or_sections: Any) -> list[Any]:
    return _parts("np.dsplit", ary, 2, np.split, indices_or_sections)


def _parts(
    name: str, x: Any, axis: int, divide: Callable[..., list[np.ndarray]], where: Any
) -> list[Any]:
    """The slices of ``x`` that NumPy makes when it divides the places of the axis."""
    before = before_axis(name, x, axis)
    try:
        parts = divide(np.arange(x.shape[axis]), where)
    except ValueError as error:
        raise ShapeError(f"{name}: shape {x.shape}, axis={axis}, {where!r}: {error}") from error
    # An empty part lies anywhere.
    starts = [part[0] if part.size else 0 for part in parts]
    return [
        x[(*before, slice(start, start + part.size))]
        for start, part in zip(starts, parts, strict=True)
    ]

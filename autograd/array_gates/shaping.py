"""Gates that give elements another shape or order of axes and change none of them."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..backward import is_node
from ..errors import OperandError, ShapeError
from ..numpy_functions import blank, numpy_function
from .array_gate import ArrayGate, Axis

__all__ = [
    "broadcast_to",
    "copy",
    "expand_dims",
    "moveaxis",
    "ravel",
    "reshape",
    "squeeze",
    "swapaxes",
    "transpose",
]


def _reshaped_back(g: Any, out: Any, x: Any, **arguments: Any) -> Any:
    return g.reshape(x.shape)


def _transpose_vjp(g: Any, out: Any, x: Any, axes: tuple[int, ...] | None = None) -> Any:
    if axes is None:
        return g.transpose()
    order = [axis % x.ndim for axis in axes]
    return g.transpose(sorted(range(x.ndim), key=order.__getitem__))


reshape = ArrayGate(
    "reshape",
    "reshape",
    lambda x, shape: x.reshape(shape),
    (_reshaped_back,),
    "reshape(x, shape)",
)
ravel = ArrayGate("ravel", "ravel", lambda x: x.ravel(), (_reshaped_back,), "ravel(x)")
squeeze = ArrayGate(
    "squeeze",
    "squeeze",
    lambda x, axis=None: x.squeeze(axis),
    (_reshaped_back,),
    "squeeze(x, axis)",
)
expand_dims = ArrayGate(
    "expand_dims", "expand", np.expand_dims, (_reshaped_back,), "expand_dims(x, axis)"
)
# The driver sums over the axes that were spread.
broadcast_to = ArrayGate(
    "broadcast_to",
    "broadcast",
    np.broadcast_to,
    (lambda g, out, x, shape: g,),
    "broadcast_to(x, shape)",
)
transpose = ArrayGate(
    "transpose",
    "T",
    lambda x, axes=None: x.transpose(axes),
    (_transpose_vjp,),
    "transpose(x, axes)",
)
swapaxes = ArrayGate(
    "swapaxes",
    "swapaxes",
    lambda x, axis1, axis2: x.swapaxes(axis1, axis2),
    (lambda g, out, x, axis1, axis2: g.swapaxes(axis1, axis2),),
    "swapaxes(x, axis1, axis2)",
)
moveaxis = ArrayGate(
    "moveaxis",
    "moveaxis",
    np.moveaxis,
    (lambda g, out, x, source, destination: np.moveaxis(g, destination, source),),
    "moveaxis(x, source, destination)",
)
copy = ArrayGate("copy", "copy", lambda x: x.copy(), (lambda g, out, x: g,), "copy(x)")


def _require_c_order(name: str, order: str) -> None:
    if order != "C":
        raise OperandError(
            f"{name}: a Tensor has its elements in the order 'C', not {order!r}; transpose it "
            "before, and after"
        )


@numpy_function(np.reshape)
def _reshape(a: Any, shape: Any, order: str = "C") -> Any:
    _require_c_order("np.reshape", order)
    return reshape(a, shape=shape)


@numpy_function(np.ravel)
def _ravel(a: Any, order: str = "C") -> Any:
    _require_c_order("np.ravel", order)
    return ravel(a)


@numpy_function(np.squeeze)
def _squeeze(a: Any, axis: Axis = None) -> Any:
    return squeeze(a, axis=axis)


@numpy_function(np.expand_dims)
def _expand_dims(a: Any, axis: Any) -> Any:
    return expand_dims(a, axis=axis)


@numpy_function(np.broadcast_to)
def _broadcast_to(array: Any, shape: Any) -> Any:
    return broadcast_to(array, shape=shape)


@numpy_function(np.broadcast_arrays)
def _broadcast_arrays(*args: Any) -> tuple[Any, ...]:
    shapes = [np.shape(array) for array in args]
    try:
        shape = np.broadcast_shapes(*shapes)
    except ValueError as error:
        said = " and ".join(map(str, shapes))
        raise ShapeError(f"np.broadcast_arrays: shapes {said} do not broadcast") from error
    return tuple(np.broadcast_to(array, shape) for array in args)


@numpy_function(np.transpose)
def _transpose(a: Any, axes: Any = None) -> Any:
    return transpose(a, axes=axes)


@numpy_function(np.matrix_transpose)
def _matrix_transpose(x: Any, /) -> Any:
    return swapaxes(x, axis1=-1, axis2=-2)


@numpy_function(np.swapaxes)
def _swapaxes(a: Any, axis1: int, axis2: int) -> Any:
    return swapaxes(a, axis1=axis1, axis2=axis2)


@numpy_function(np.moveaxis)
def _moveaxis(a: Any, source: Any, destination: Any) -> Any:
    return moveaxis(a, source=source, destination=destination)


@numpy_function(np.copy)
def _copy(a: Any) -> Any:
    return copy(a)


@numpy_function(np.atleast_1d)
def _atleast_1d(*arys: Any) -> Any:
    return _each_with_axes(arys, 1)


@numpy_function(np.atleast_2d)
def _atleast_2d(*arys: Any) -> Any:
    return _each_with_axes(arys, 2)


@numpy_function(np.atleast_3d)
def _atleast_3d(*arys: Any) -> Any:
    return _each_with_axes(arys, 3)


def _each_with_axes(arrays: tuple[Any, ...], least: int) -> Any:
    results = tuple(_with_axes(x, least) for x in arrays)
    return results if len(results) > 1 else results[0]


def _with_axes(x: Any, least: int) -> Any:
    x = x if is_node(x) else np.asarray(x)
    if x.ndim >= least:
        return x
    # The third axis comes last, the others first.
    first, last = (1,) * (min(least, 2) - x.ndim), (1,) * (least - 2)
    return x.reshape(*first, *x.shape, *last)


def _answers_with_plain_array(function: Any) -> None:
    """Register a function that takes nothing but the shape and dtype of its operand."""

    @numpy_function(function)
    def like(a: Any, dtype: Any = None, shape: Any = None) -> Any:
        return function(blank(a), dtype=dtype, shape=shape)


for _function in (np.zeros_like, np.ones_like, np.empty_like):
    _answers_with_plain_array(_function)


@numpy_function(np.full_like)
def _full_like(a: Any, fill_value: Any, dtype: Any = None, shape: Any = None) -> Any:
    if is_node(fill_value):
        raise OperandError(
            f"np.full_like: the array would forget the graph of its fill value, a Tensor of shape "
            f"{fill_value.shape}; np.broadcast_to(fill_value, shape) keeps it"
        )
    return np.full_like(blank(a), fill_value, dtype=dtype, shape=shape)

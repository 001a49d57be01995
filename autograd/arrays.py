"""The arrays that may stand in a graph, and how a gradient is brought to the shape of one."""

from __future__ import annotations

from typing import Any

import numpy as np

from .errors import OperandError, ShapeError
from .exact import shortened

__all__ = ["fitted", "real_array", "summed_to"]


def real_array(data: Any, what: str) -> np.ndarray:
    """``data`` as an array of real numbers, without a copy where it is one.

    Raises:
        OperandError: if it holds anything else; ``what``, up to a verb, begins the message.
    """
    if type(data) is np.ndarray and data.dtype.kind in "fiub":
        return data
    if type(data).__name__ == "Value" and hasattr(data, "apply_gate"):
        raise OperandError(
            "a Value and a Tensor cannot stand in one graph; build it from Values alone, or from "
            "Tensors alone, or pass one on as plain data (.data)"
        )
    if isinstance(data, np.ma.MaskedArray):
        raise OperandError(
            f"{what} a plain array, not a masked one, whose mask would be lost; pass .filled(...) "
            "of it, or multiply by the mask"
        )
    try:
        array = np.asarray(data)
    except ValueError as error:
        raise OperandError(f"{what} an array of real numbers: {error}") from error
    if array.dtype.kind not in "fiub":
        raise OperandError(
            f"{what} real numbers, not {array.dtype} ({shortened(data)})"
            + ("; take .real, .imag or abs() of it" if array.dtype.kind == "c" else "")
        )
    return array


def fitted(data: Any, like: np.ndarray, what: str) -> np.ndarray:
    """``data`` as an array of the shape and dtype of ``like``.

    Raises:
        ShapeError: if it has another shape; the message begins with ``what``.
        OperandError: if it does not hold real numbers.
    """
    array = real_array(data, f"{what} is")
    if array.shape != like.shape:
        raise ShapeError(f"{what} has shape {array.shape}, the Tensor has shape {like.shape}")
    return array.astype(like.dtype, copy=False)


def summed_to(gradient: Any, shape: tuple[int, ...]) -> Any:
    """Undo broadcasting: the gradient, an array or a Tensor, summed to the operand's shape."""
    extra = gradient.ndim - len(shape)
    if extra < 0:
        # The vjp did not spread what is the same for every element.
        return np.broadcast_to(gradient, shape)
    stretched = [
        extra + axis
        for axis, size in enumerate(shape)
        if size == 1 and gradient.shape[extra + axis] != 1
    ]
    if not extra and not stretched:
        return np.broadcast_to(gradient, shape)
    return gradient.sum(axis=(*range(extra), *stretched)).reshape(shape)

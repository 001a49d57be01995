"""Samples: arrays whose first axis counts them, checked before anything is done with them."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from autograd import Tensor
from autograd.errors import OperandError, ShapeError

__all__ = ["Array", "as_array", "paired", "require_finite"]

Array = npt.NDArray[Any]


def as_array(data: npt.ArrayLike, what: str) -> Any:
    """The data as an array of its own dtype; a Tensor stays one.

    Raises:
        ShapeError: nested lists have rows of different lengths.
    """
    if isinstance(data, Tensor):
        return data
    try:
        return np.asarray(data)
    except ValueError as error:
        raise ShapeError(f"{what} is no array: its rows differ in length") from error


def paired(x: npt.ArrayLike, y: npt.ArrayLike, where: str) -> tuple[Any, Any]:
    """X (n, ...) and y (n, ...) as arrays of the same n, which is at least 1.

    Raises:
        ShapeError: x and y differ in n, or n is 0; the message begins with `where`.
    """
    rows, labels = as_array(x, f"{where}: x"), as_array(y, f"{where}: y")
    if not rows.ndim or not labels.ndim or len(rows) != len(labels):
        raise ShapeError(
            f"{where}: x of shape {rows.shape} and y of shape {labels.shape}; "
            "the first axis of each counts the samples and must be as long"
        )
    if not len(rows):
        raise ShapeError(f"{where}: x of shape {rows.shape} has no sample")
    return rows, labels


def require_finite(x: Array, what: str) -> None:
    """Refuse samples (n, ...) with a nan or an infinity, and name the first.

    Raises:
        OperandError: x has one, or is not of real numbers; the message begins with `what`.
    """
    if x.dtype.kind not in "fiub":
        raise OperandError(f"{what} is of {x.dtype}; pass real numbers")
    wrong = np.argwhere(~np.isfinite(x))
    if not len(wrong):
        return
    row, *column = wrong[0].tolist()
    place = f"row {row}" + (f", column {', '.join(map(str, column))}" if column else "")
    raise OperandError(
        f"{what} has {x[tuple(wrong[0])]} in {place}; leave that row out or put a number there"
    )

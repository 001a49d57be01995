"""Lookup by an index that may be a variable: of a row of a table, or of one of many numbers."""

from __future__ import annotations

import numbers
from collections.abc import Sequence
from typing import Any

import numpy as np

from . import array_gates
from .errors import OperandError, ShapeError
from .exact import shortened
from .tensor import Tensor
from .value import Value, take_of

__all__ = ["take"]


def take(table: Any, index: Any) -> Any:
    """The entry of a table at an index, such as the embedding of a token.

    In a traced function an integer argument is a variable, by which no list can be indexed. This
    records the choice as a gate, so that one program serves every index; the gradient of the entry
    goes back to the entry that was chosen.

    Args:
        table: a list or array of numbers and Values, or of rows of them, all of one length; or a
            Tensor, whose first axis is meant.
        index: an integer from 0 up to the length of the table, or a Value that holds one.

    Returns:
        A number or Value, or a list of them for a row, or an array for a row of an array.

    Raises:
        OperandError: if the index is not one of these integers.
        ShapeError: if the table is empty, or its rows differ in length.

    >>> from autograd import Value, trace
    >>> embedding = [[Value(1.0), Value(2.0)], [Value(3.0), Value(4.0)]]
    >>> @trace
    ... def length(token):
    ...     x, y = take(embedding, token)
    ...     return (x * x + y * y) ** 0.5
    >>> length(1).data, length(0).data
    (5.0, 2.23606797749979)
    >>> len(length.programs)
    1
    """
    if isinstance(table, Tensor) or (isinstance(table, np.ndarray) and table.dtype != object):
        if type(index) is not Value:
            return array_gates.take(table, indices=_place(index, len(table)), axis=0)
        if isinstance(table, Tensor):
            raise OperandError(
                "take: the index is a Value, and the table a Tensor; pass an integer"
            )
    if not isinstance(table, (list, tuple, np.ndarray)):
        raise OperandError(f"take: the table is {shortened(table)}; it must be a list or an array")
    if not len(table):
        raise ShapeError("take: the table is empty, so there is nothing to choose")
    if type(index) is not Value:
        entry = table[_place(index, len(table))]
        return list(entry) if isinstance(entry, tuple) else entry
    return _taken(list(table), index)


def _taken(entries: Sequence[Any], index: Value) -> Any:
    """The entry at a variable index, number by number."""
    first = entries[0]
    if not isinstance(first, (list, tuple, np.ndarray)):
        return take_of(index, entries)
    lengths = {len(row) if isinstance(row, (list, tuple, np.ndarray)) else 0 for row in entries}
    if len(lengths) > 1:
        raise ShapeError(
            f"take: the rows of the table have {' and '.join(map(str, sorted(lengths)))} entries; "
            "all must have as many"
        )
    row = [_taken(column, index) for column in zip(*entries, strict=True)]
    if not isinstance(first, np.ndarray):
        return row
    array = np.empty(first.shape, object)
    array[:] = row
    return array


def _place(index: Any, count: int) -> int:
    """A plain index, checked."""
    if np.ndim(index) or not isinstance(index, (numbers.Real, np.ndarray)):
        raise OperandError(f"take: the index is {shortened(index)}; it must be an integer")
    number = float(index)
    if not 0 <= number < count or number != int(number):
        raise OperandError(f"take: the index {index} is not one of the integers 0 to {count - 1}")
    return int(number)

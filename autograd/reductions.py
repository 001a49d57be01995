"""Sums, means and products of many: one gate, whether of a sequence of Values or of an array."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from . import array_gates
from .errors import OperandError
from .tensor import Tensor
from .value import dot_of, mean_of, sum_of

__all__ = ["dot", "mean", "sum"]


def sum(operands: Any, axis: array_gates.Axis = None, keepdims: bool = False) -> Any:
    """The sum of a sequence of Values and numbers, or of an array or Tensor over ``axis``.

    For Values it is one gate with as many wires, added from the left as Python's own ``sum`` does.

    >>> from autograd import Value
    >>> values = [Value(1.0), Value(2.0), Value(3.0)]
    >>> total = sum(values)
    >>> total.backward()
    >>> total.data, [value.grad for value in values]
    (6.0, [1.0, 1.0, 1.0])
    """
    if isinstance(operands, (Tensor, np.ndarray)) and _is_numeric(operands):
        return array_gates.sum(operands, axis=axis, keepdims=keepdims)
    _refuse_tensors("sum", operands)
    return sum_of(_flat(operands))


def mean(operands: Any, axis: array_gates.Axis = None, keepdims: bool = False) -> Any:
    """The mean of a sequence of Values and numbers, or of an array or Tensor over ``axis``.

    Raises:
        OperandError: for a sequence without operands.

    >>> from autograd import Value
    >>> mean([Value(1.0), Value(2.0)])
    Value(data=1.5, grad=0.0)
    """
    if isinstance(operands, (Tensor, np.ndarray)) and _is_numeric(operands):
        return array_gates.mean(operands, axis=axis, keepdims=keepdims)
    _refuse_tensors("mean", operands)
    return mean_of(_flat(operands))


def dot(left: Any, right: Any) -> Any:
    """The sum of the products of two sequences of Values and numbers, or of two arrays' matrices.

    Raises:
        OperandError: if one sequence is longer than the other.

    >>> from autograd import Value
    >>> weights = [Value(2.0), Value(-3.0)]
    >>> dot(weights, [-1.0, -2.0])
    Value(data=4.0, grad=0.0)
    """
    if isinstance(left, Tensor) or isinstance(right, Tensor):
        return left @ right
    return dot_of(_flat(left), _flat(right))


def _refuse_tensors(name: str, operands: Any) -> None:
    if isinstance(operands, (list, tuple)) and any(type(operand) is Tensor for operand in operands):
        raise OperandError(
            f"{name}: a sequence of Tensors; make one of them with np.stack or np.concatenate, and "
            "say over which axis"
        )


def _is_numeric(operands: Tensor | np.ndarray) -> bool:
    return operands.dtype != object


def _flat(operands: Iterable[Any]) -> Iterable[Any]:
    return operands.ravel() if isinstance(operands, np.ndarray) else operands

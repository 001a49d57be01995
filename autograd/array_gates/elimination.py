"""Linear algebra on stacks of matrices of Values: what LAPACK cannot do, by elimination."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from itertools import product
from operator import mul
from typing import Any, NamedTuple

import numpy as np

from .. import gates
from .products import dots_of_rows

__all__ = ["cholesky", "cofactors", "cofactors_along", "det", "inv", "logabsdet", "solve"]


class _Eliminated(NamedTuple):
    """A matrix of which rows and columns were exchanged and rows subtracted."""

    rows: Any
    """Upper triangular in its first n columns; below the diagonal is what was left behind."""
    order: list[int]
    """The place that each of the first n columns had."""
    sign: int
    """Minus one if the number of exchanges is odd."""


def _eliminate(matrix: Any) -> _Eliminated:
    """Eliminate the first n columns of n rows, the largest number that is left as the pivot.

    With complete pivoting only the last pivot of a matrix of rank n - 1 is zero, and no pivot
    that is zero is divided by: the determinant has the right gradient also where it is zero.
    """
    rows, n = matrix.copy(), len(matrix)
    order, sign = list(range(n)), 1
    for k in range(n):
        i, j = max(product(range(k, n), repeat=2), key=lambda place: abs(float(rows[place])))
        if not float(rows[i, j]):
            break
        if i != k:
            rows[[k, i]] = rows[[i, k]]
            sign = -sign
        if j != k:
            rows[:, [k, j]] = rows[:, [j, k]]
            order[k], order[j] = order[j], order[k]
            sign = -sign
        factors = rows[k + 1 :, k] / rows[k, k]
        rows[k + 1 :, k + 1 :] = rows[k + 1 :, k + 1 :] - factors[:, None] * rows[k, k + 1 :]
    return _Eliminated(rows, order, sign)


def _on_each(function: Callable[..., Any], result_shape: tuple[int, ...], *stacks: Any) -> Any:
    """A function of matrices on each of a stack, those of several stacks broadcast."""
    leading = np.broadcast_shapes(*(stack.shape[:-2] for stack in stacks))
    stacks = tuple(np.broadcast_to(stack, leading + stack.shape[-2:]) for stack in stacks)
    results = np.empty(leading + result_shape, object)
    for index in np.ndindex(leading):
        results[index] = function(*(stack[index] for stack in stacks))
    return results[()]


def _solved(a: Any, b: Any) -> Any:
    n = len(a)
    rows, order, _ = _eliminate(np.concatenate([a, b], axis=1))
    x = np.empty(b.shape, object)
    if not all(map(float, rows.diagonal())):
        raise np.linalg.LinAlgError("Singular matrix")
    for i in reversed(range(n)):
        known = dots_of_rows(x[order[i + 1 :]].T, rows[i, i + 1 : n])
        x[order[i]] = (rows[i, n:] - known) / rows[i, i]
    return x


def solve(a: Any, b: Any) -> Any:
    """The solution of ``a @ x = b``; a ``b`` of one axis is a vector."""
    columns = b[:, None] if b.ndim == 1 else b
    x = _on_each(_solved, columns.shape[-2:], a, columns)
    return x[..., 0] if b.ndim == 1 else x


def inv(a: Any) -> Any:
    """The inverse."""
    return _on_each(_solved, a.shape[-2:], a, np.eye(a.shape[-1]).astype(object))


def _pivots(a: Any) -> tuple[list[Any], int]:
    rows, _, sign = _eliminate(a)
    return list(rows.diagonal()), sign


def _det(a: Any) -> Any:
    pivots, sign = _pivots(a)
    determinant = reduce(mul, pivots) if pivots else 1.0
    return determinant if sign > 0 else -determinant


def det(a: Any) -> Any:
    """The determinant."""
    return _on_each(_det, (), a)


def _logabsdet(a: Any) -> Any:
    from ..value import sum_of  # not above: a Value knows the gates of this package

    return sum_of(gates.log(abs(pivot)) for pivot in _pivots(a)[0])


def logabsdet(a: Any) -> Any:
    """The logarithm of the magnitude of the determinant."""
    return _on_each(_logabsdet, (), a)


def _minor(a: Any, i: int, j: int) -> Any:
    """The matrix without row i and column j."""
    return np.delete(np.delete(a, i, axis=0), j, axis=1)


def _of_minors(function: Callable[..., Any], *matrices: Any) -> Any:
    """For each place a function of the minors there, with the signs of a chessboard."""
    result = np.empty(matrices[0].shape, object)
    for i, j in np.ndindex(result.shape):
        value = function(*(_minor(matrix, i, j) for matrix in matrices))
        result[i, j] = -value if (i + j) % 2 else value
    return result


def cofactors(a: Any) -> Any:
    """The matrix of cofactors, each the determinant of its minor."""
    return _on_each(lambda one: _of_minors(_det, one), a.shape[-2:], a)


def _det_along(a: Any, direction: Any) -> Any:
    return dots_of_rows(_of_minors(_det, a).reshape(-1), direction.reshape(-1))


def cofactors_along(a: Any, direction: Any) -> Any:
    """How the matrix of cofactors changes along a direction."""
    return _on_each(lambda *pair: _of_minors(_det_along, *pair), a.shape[-2:], a, direction)


def _cholesky(a: Any) -> Any:
    n = len(a)
    root = np.full((n, n), 0.0, object)
    for i, j in zip(*np.tril_indices(n), strict=True):
        rest = a[i, j] - dots_of_rows(root[i, :j], root[j, :j])
        if i != j:
            root[i, j] = rest / root[j, j]
        elif float(rest) > 0:
            root[i, i] = gates.sqrt(rest)
        else:
            raise np.linalg.LinAlgError("Matrix is not positive definite")
    return root


def cholesky(a: Any) -> Any:
    """The lower triangular root of a symmetric matrix, of which the lower triangle is read."""
    return _on_each(_cholesky, a.shape[-2:], a)

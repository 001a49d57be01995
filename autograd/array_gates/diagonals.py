"""Gates on the diagonals of matrices, and on the triangles beside them."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import ShapeError
from ..numpy_functions import numpy_function
from .array_gate import ArrayGate
from .indexing import put_at

__all__ = ["diag", "diagonal", "tril", "triu"]


def _diagonal_vjp(g: Any, out: Any, x: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    plane = (axis1 % x.ndim, axis2 % x.ndim)
    rows, columns = (x.shape[axis] for axis in plane)
    others = [size for axis, size in enumerate(x.shape) if axis not in plane]
    # In a flattened matrix the elements of a diagonal are evenly spaced.
    step = columns + 1
    start = offset if offset >= 0 else -offset * columns
    flat = put_at(
        g,
        index=(..., slice(start, start + step * out.shape[-1], step)),
        shape=(*others, rows * columns),
    )
    return np.moveaxis(flat.reshape(*others, rows, columns), (-2, -1), plane)


diagonal = ArrayGate(
    "diagonal", "diagonal", np.diagonal, (_diagonal_vjp,), "diagonal(x, offset, axis1, axis2)"
)
# A matrix with this diagonal, and zeros elsewhere.
diag = ArrayGate("diag", "diag", np.diag, (lambda g, out, x, k=0: np.diagonal(g, k),), "diag(x, k)")
tril = ArrayGate("tril", "tril", np.tril, (lambda g, out, x, k=0: np.tril(g, k),), "tril(x, k)")
triu = ArrayGate("triu", "triu", np.triu, (lambda g, out, x, k=0: np.triu(g, k),), "triu(x, k)")


@numpy_function(np.diagonal)
def _diagonal(a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    return diagonal(a, offset=offset, axis1=axis1, axis2=axis2)


@numpy_function(np.diag)
def _diag(v: Any, k: int = 0) -> Any:
    if v.ndim not in (1, 2):
        raise ShapeError(f"np.diag: shape {v.shape} is neither a vector nor a matrix")
    return diag(v, k=k) if v.ndim == 1 else diagonal(v, offset=k)


@numpy_function(np.diagflat)
def _diagflat(v: Any, k: int = 0) -> Any:
    return diag(np.ravel(v), k=k)


@numpy_function(np.trace)
def _trace(a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    return _diagonal(a, offset, axis1, axis2).sum(axis=-1)


@numpy_function(np.tril)
def _tril(m: Any, k: int = 0) -> Any:
    return tril(m, k=k)


@numpy_function(np.triu)
def _triu(m: Any, k: int = 0) -> Any:
    return triu(m, k=k)

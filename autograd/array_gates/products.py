"""Gates that multiply arrays and sum: matrix products and their kin."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..errors import ShapeError
from ..numpy_functions import numpy_function
from .array_gate import ArrayGate

__all__ = ["cross", "dot", "inner", "matmul", "outer", "vdot", "vecdot"]


def dots_of_rows(a: Any, b: Any) -> Any:
    """The dot products of the last axes of two arrays of Values, each of them one gate."""
    from ..value import dot_of  # not above: a Value knows the gates of this room

    leading = np.broadcast_shapes(a.shape[:-1], b.shape[:-1])
    a = np.broadcast_to(a, leading + a.shape[-1:])
    b = np.broadcast_to(b, leading + b.shape[-1:])
    products = np.empty(leading, object)
    for index in np.ndindex(leading):
        products[index] = dot_of(a[index], b[index])
    return products[()]


def _matmul(a: Any, b: Any) -> Any:
    try:
        return np.matmul(a, b)
    except ValueError as error:
        reason = _misfit_of_matrices(np.shape(a), np.shape(b)) or str(error)
        raise ShapeError(f"matmul: a {np.shape(a)} @ b {np.shape(b)}: {reason}") from error


def _misfit_of_matrices(left: tuple[int, ...], right: tuple[int, ...]) -> str | None:
    """Why two shapes have no matrix product, and what would."""
    if not left or not right:
        return "a scalar has no matrix product; use *"
    inner = right[-2] if len(right) > 1 else right[-1]
    if left[-1] != inner:
        mend = f"; b.T has shape {right[::-1]}" if right[-1] == left[-1] else ""
        return f"inner sizes {left[-1]} and {inner} differ{mend}"
    if len(left) > 2 and len(right) > 2:
        return f"the stacks {left[:-2]} and {right[:-2]} do not broadcast"
    return None


def matmul_vjp_left(g: Any, out: Any, a: Any, b: Any) -> Any:
    """The gradient of ``a @ b`` by ``a``."""
    if b.ndim == 1:
        return g[..., None] * b
    if b.ndim == 2:
        if a.ndim <= 2:
            return g @ b.T
        # One product of two matrices, not one for each matrix of the stack.
        return (g.reshape(math.prod(g.shape[:-1]), g.shape[-1]) @ b.T).reshape(a.shape)
    if a.ndim == 1:
        return (b @ g[..., None])[..., 0]
    return g @ b.mT


def matmul_vjp_right(g: Any, out: Any, a: Any, b: Any) -> Any:
    """The gradient of ``a @ b`` by ``b``."""
    if a.ndim == 1:
        return g * a if b.ndim == 1 else a[:, None] * g[..., None, :]
    if a.ndim == 2:
        return a.T @ g
    if b.ndim > 2:
        return a.mT @ g
    # One product of two matrices, not one for each matrix of the stack and their sum.
    rows = math.prod(a.shape[:-1])
    flat = a.reshape(rows, a.shape[-1])
    return flat.T @ g.reshape(rows) if b.ndim == 1 else flat.T @ g.reshape(rows, g.shape[-1])


def _matmul_of_scalars(a: Any, b: Any) -> Any:
    if a.ndim > 1 and b.ndim > 1:
        a = a[..., :, None, :]
    return dots_of_rows(a, b if b.ndim == 1 else b.mT[..., None, :, :] if a.ndim > 1 else b.mT)


matmul = ArrayGate(
    "matmul",
    "@",
    _matmul,
    (matmul_vjp_left, matmul_vjp_right),
    "a @ b",
    _matmul_of_scalars,
)
numpy_function(np.matmul, np.linalg.matmul)(matmul)


def _dot_vjp_left(g: Any, out: Any, a: Any, b: Any) -> Any:
    if not a.ndim or not np.ndim(b):
        return g * b
    if b.ndim <= 2:
        return matmul_vjp_left(g, out, a, b)
    columns = tuple(range(a.ndim - 1, g.ndim))
    return np.tensordot(g, b, (columns, (*range(b.ndim - 2), b.ndim - 1)))


def _dot_vjp_right(g: Any, out: Any, a: Any, b: Any) -> Any:
    if not np.ndim(a) or not b.ndim:
        return g * a
    if b.ndim <= 2:
        return matmul_vjp_right(g, out, a, b)
    rows = tuple(range(a.ndim - 1))
    return np.moveaxis(np.tensordot(a, g, (rows, rows)), 0, -2)


def _dot_of_scalars(a: Any, b: Any) -> Any:
    return _inner_of_scalars(a, b.mT if b.ndim > 1 else b)


dot = ArrayGate("dot", "·", np.dot, (_dot_vjp_left, _dot_vjp_right), "sum(a * b)", _dot_of_scalars)


@numpy_function(np.dot)
def _dot(a: Any, b: Any) -> Any:
    """The last axis of ``a`` with the last but one of ``b``, or a product by a number."""
    return dot(a, b)


def _inner_vjp_left(g: Any, out: Any, a: Any, b: Any) -> Any:
    if not a.ndim or not np.ndim(b) or a.ndim == b.ndim == 1:
        return g * b
    return np.tensordot(g, b, b.ndim - 1)


def _inner_vjp_right(g: Any, out: Any, a: Any, b: Any) -> Any:
    if not np.ndim(a) or not b.ndim or a.ndim == b.ndim == 1:
        return g * a
    rows = tuple(range(a.ndim - 1))
    return np.tensordot(g, a, (rows, rows))


def _inner_of_scalars(a: Any, b: Any) -> Any:
    if not a.ndim or not b.ndim:
        return a * b
    return dots_of_rows(a.reshape(a.shape[:-1] + (1,) * (b.ndim - 1) + a.shape[-1:]), b)


def _inner(a: Any, b: Any) -> Any:
    try:
        return np.inner(a, b)
    except ValueError as error:
        # NumPy would name the shape of the transpose of b.
        sizes = f"{np.shape(a)[-1]} and {np.shape(b)[-1]}"
        raise ValueError(f"the last axes have sizes {sizes}; they must be equal") from error


inner = ArrayGate(
    "inner",
    "inner",
    _inner,
    (_inner_vjp_left, _inner_vjp_right),
    "sum(a * b, axis=-1)",
    _inner_of_scalars,
)
numpy_function(np.inner)(inner)

outer = ArrayGate(
    "outer",
    "outer",
    np.outer,
    (
        lambda g, out, a, b: (g @ np.reshape(b, -1)).reshape(a.shape),
        lambda g, out, a, b: (np.reshape(a, -1) @ g).reshape(b.shape),
    ),
    "a[:, None] * b",
)


@numpy_function(np.outer)
def _outer(a: Any, b: Any) -> Any:
    """Every element of ``a`` times every element of ``b``, as a matrix."""
    return outer(a, b)


def _vdot(a: Any, b: Any) -> Any:
    if np.size(a) != np.size(b):
        raise ValueError(f"{np.size(a)} and {np.size(b)} elements; there must be as many")
    return np.vdot(a, b)


vdot = ArrayGate(
    "vdot",
    "·",
    _vdot,
    (
        lambda g, out, a, b: g * np.reshape(b, a.shape),
        lambda g, out, a, b: g * np.reshape(a, b.shape),
    ),
    "sum(a * b)",
    lambda a, b: dots_of_rows(a.reshape(-1), b.reshape(-1)),
)
numpy_function(np.vdot)(vdot)

vecdot = ArrayGate(
    "vecdot",
    "·",
    lambda a, b: np.vecdot(a, b),
    (lambda g, out, a, b: g[..., None] * b, lambda g, out, a, b: g[..., None] * a),
    "sum(a * b, axis=-1), broadcast",
    dots_of_rows,
)


@numpy_function(np.vecdot, np.linalg.vecdot)
def _vecdot(a: Any, b: Any, axis: int = -1) -> Any:
    """The dot products of the vectors along an axis of both."""
    return vecdot(_axis_last(a, axis), _axis_last(b, axis))


def _axis_last(x: Any, axis: int) -> Any:
    return x if axis == -1 else np.moveaxis(x, axis, -1)


@numpy_function(np.kron)
def _kron(a: Any, b: Any) -> Any:
    """Every element of ``a`` times the block ``b``."""
    ndim = max(np.ndim(a), np.ndim(b))
    of_a = (1,) * (ndim - np.ndim(a)) + np.shape(a)
    of_b = (1,) * (ndim - np.ndim(b)) + np.shape(b)
    blocks = np.reshape(a, [size for n in of_a for size in (n, 1)])
    block = np.reshape(b, [size for n in of_b for size in (1, n)])
    return (blocks * block).reshape(tuple(n * m for n, m in zip(of_a, of_b, strict=True)))


def _cross_of_last_axes(a: Any, b: Any) -> Any:
    if np.shape(a)[-1:] != (3,) or np.shape(b)[-1:] != (3,):
        raise ValueError("the cross product is of vectors of 3 elements, which are the last axis")
    return np.cross(a, b)


cross = ArrayGate(
    "cross",
    "×",
    _cross_of_last_axes,
    (lambda g, out, a, b: np.cross(b, g), lambda g, out, a, b: np.cross(g, a)),
    "a × b",
)


@numpy_function(np.cross)
def _cross(
    a: Any, b: Any, axisa: int = -1, axisb: int = -1, axisc: int = -1, axis: int | None = None
) -> Any:
    """The cross products of the vectors of 3 elements along an axis."""
    if axis is not None:
        axisa = axisb = axisc = axis
    product = cross(_axis_last(a, axisa), _axis_last(b, axisb))
    return product if axisc == -1 else np.moveaxis(product, -1, axisc)


@numpy_function(np.linalg.cross)
def _linalg_cross(a: Any, b: Any, axis: int = -1) -> Any:
    """The cross products of the vectors of 3 elements along an axis of both."""
    return _cross(a, b, axis=axis)

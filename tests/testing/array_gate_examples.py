"""Each array gate at points where it is smooth, on operands that show a wrong derivative.

No two numbers are equal or nearly so, and none is near zero. Shapes are not square, so that what is
transposed does not fit, and square, so that it fits and only its numbers are wrong.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

import autograd
from autograd import ArrayGate, array_gates


@dataclass(frozen=True)
class Example:
    """A function that applies one array gate, and arrays to apply it to."""

    gate: ArrayGate
    name: str
    f: Callable[..., Any]
    operands: tuple[np.ndarray, ...]

    def __str__(self) -> str:
        return f"{self.gate.name}: {self.name}"


def numbers(*shape: int, seed: int = 0) -> np.ndarray:
    """Numbers of either sign, whose magnitudes lie evenly between 0.4 and 1.6, in random order."""
    rng = np.random.default_rng([seed, *shape])
    size = int(np.prod(shape))
    magnitudes = rng.permutation(np.linspace(0.4, 1.6, size) if size > 1 else np.array([0.8]))
    return (magnitudes * rng.choice([-1.0, 1.0], size)).reshape(shape)


def regular(*shape: int, seed: int = 0) -> np.ndarray:
    """Square matrices far from singular, and not symmetric."""
    return numbers(*shape, seed=seed) + 2.5 * np.eye(shape[-1])


def positive_definite(*shape: int) -> np.ndarray:
    """Symmetric matrices with positive eigenvalues."""
    root = numbers(*shape)
    return root @ root.swapaxes(-1, -2) + np.eye(shape[-1])


def every_array_gate() -> dict[str, ArrayGate]:
    """The array gates of all modules of the engine, by name."""
    found: dict[str, ArrayGate] = {}
    for module in pkgutil.walk_packages(autograd.__path__, "autograd."):
        if not module.name.startswith("autograd.testing"):
            content = vars(importlib.import_module(module.name))
            for gate in filter(lambda each: isinstance(each, ArrayGate), content.values()):
                assert found.setdefault(gate.name, gate) is gate, f"two gates named {gate.name}"
    return found


ASTYPE = every_array_gate()["astype"]
MATRIX, OTHER_MATRIX = numbers(2, 3), numbers(2, 3, seed=1)
SQUARE, OTHER_SQUARE = numbers(2, 2), numbers(2, 2, seed=1)
STACK = numbers(2, 1, 3)

# What reduces, scans, orders or weighs an axis: over one of a matrix, and of a square one.
_ALONG_AN_AXIS: list[tuple[ArrayGate, Callable[..., Any]]] = [
    (array_gates.sum, np.sum),
    (array_gates.mean, np.mean),
    (array_gates.max, np.max),
    (array_gates.min, np.min),
    (array_gates.prod, np.prod),
    (array_gates.var, np.var),
    (array_gates.std, np.std),
    (array_gates.norm, lambda x, axis: np.linalg.norm(x, axis=axis)),
    (array_gates.cumsum, np.cumsum),
    (array_gates.cumprod, np.cumprod),
    (array_gates.sort, np.sort),
    (array_gates.flip, np.flip),
    (array_gates.logsumexp, autograd.logsumexp),
    (array_gates.softmax, autograd.softmax),
    (array_gates.log_softmax, autograd.log_softmax),
]
_KEEPING_AXES: list[tuple[ArrayGate, Callable[..., Any]]] = [
    (array_gates.sum, np.sum),
    (array_gates.mean, np.mean),
    (array_gates.max, np.max),
    (array_gates.var, np.var),
    (array_gates.logsumexp, autograd.logsumexp),
]

_ORDER = np.array([[2, 0, 1], [1, 2, 0]])
_REPEATED = np.array([0, 1, 0])
_LINE: dict[str, Any] = {"stride": (1,), "padding": ((0, 1),), "dilation": (1,)}
_PLANE: dict[str, Any] = {"stride": (2, 1), "padding": ((1, 0), (0, 1)), "dilation": (1, 2)}
_POOL: dict[str, Any] = {"size": (2,), "stride": (1,), "padding": ((1, 0),)}
_UNDILATED: dict[str, Any] = {**_POOL, "dilation": (1,)}
_POOLED = numbers(1, 4)
_LARGEST = array_gates.max_pool(_POOLED, **_UNDILATED)


def _example(gate: ArrayGate, name: str, f: Callable[..., Any], *operands: np.ndarray) -> Example:
    return Example(gate, name, f, operands)


def _direct(gate: ArrayGate, name: str, *operands: np.ndarray, **arguments: Any) -> Example:
    """A gate that no function of NumPy's is named after."""
    return Example(gate, name, lambda *given: gate(*given, **arguments), operands)


EXAMPLES: list[Example] = [
    *(
        _example(gate, name, lambda x, f=f, axis=axis: f(x, axis=axis), operand)
        for gate, f in _ALONG_AN_AXIS
        for name, operand, axis in [("down", MATRIX, 0), ("along a square", SQUARE, 1)]
    ),
    *(
        _example(gate, "axes kept", lambda x, f=f: f(x, axis=0, keepdims=True), SQUARE)
        for gate, f in _KEEPING_AXES
    ),
    _example(array_gates.sum, "of all", np.sum, MATRIX),
    _example(array_gates.norm, "of order 3", lambda x: np.linalg.norm(x, 3, axis=1), MATRIX),
    _example(array_gates.norm, "of rows", lambda x: np.linalg.norm(x, np.inf), MATRIX),
    # Products.
    _example(array_gates.matmul, "of matrices", np.matmul, MATRIX, numbers(3, 2, seed=1)),
    _example(array_gates.matmul, "of square ones", np.matmul, SQUARE, OTHER_SQUARE),
    _example(array_gates.matmul, "with a vector", np.matmul, MATRIX, numbers(3, seed=1)),
    _example(array_gates.matmul, "of stacks", np.matmul, numbers(2, 1, 2, 2), numbers(2, 2, 1)),
    _example(array_gates.matmul, "by one of a stack", np.matmul, SQUARE, numbers(2, 2, 2)),
    _example(array_gates.dot, "of matrices", np.dot, MATRIX, numbers(3, 2, seed=1)),
    _example(array_gates.dot, "of square ones", np.dot, SQUARE, OTHER_SQUARE),
    _example(array_gates.dot, "with a stack", np.dot, numbers(1, 2), numbers(2, 2, 2)),
    _example(array_gates.inner, "of matrices", np.inner, MATRIX, numbers(1, 3)),
    _example(array_gates.inner, "of square ones", np.inner, SQUARE, OTHER_SQUARE),
    _example(array_gates.outer, "of vectors", np.outer, numbers(2), numbers(3)),
    _example(array_gates.outer, "of as long ones", np.outer, numbers(2), numbers(2, seed=1)),
    _example(array_gates.vdot, "of matrices", np.vdot, MATRIX, OTHER_MATRIX),
    _example(array_gates.vdot, "of square ones", np.vdot, SQUARE, OTHER_SQUARE),
    _example(array_gates.vecdot, "of matrices", np.vecdot, SQUARE, OTHER_SQUARE),
    _example(array_gates.vecdot, "broadcast", np.vecdot, SQUARE, numbers(2)),
    _example(array_gates.cross, "of vectors", np.cross, MATRIX, OTHER_MATRIX),
    _example(array_gates.cross, "broadcast", np.cross, numbers(3), MATRIX),
    _example(
        array_gates.tensordot,
        "of stacks",
        lambda a, b: np.tensordot(a, b, ([1, 2], [1, 0])),
        STACK,
        numbers(3, 1, 2),
    ),
    _example(
        array_gates.tensordot,
        "of square ones",
        lambda a, b: np.tensordot(a, b, 1),
        SQUARE,
        OTHER_SQUARE,
    ),
    _example(
        array_gates.einsum,
        "of three",
        lambda a, b, c: np.einsum("i,ij,jk->ik", a, b, c),
        numbers(2),
        MATRIX,
        numbers(3, 2),
    ),
    _example(
        array_gates.einsum,
        "of square ones",
        lambda a, b: np.einsum("ij,kj->ki", a, b),
        SQUARE,
        OTHER_SQUARE,
    ),
    _example(array_gates.einsum, "of a diagonal", lambda a: np.einsum("ii->i", a), SQUARE),
    # Linear algebra.
    _example(array_gates.inv, "of a matrix", np.linalg.inv, regular(2, 2)),
    _example(array_gates.inv, "of a stack", np.linalg.inv, regular(2, 2, 2)),
    _example(array_gates.solve, "of columns", np.linalg.solve, regular(2, 2), numbers(2, 1)),
    _example(array_gates.solve, "of a vector", np.linalg.solve, regular(2, 2), numbers(2)),
    _example(array_gates.solve, "of stacks", np.linalg.solve, regular(2, 2, 2), numbers(2, 2)),
    _example(array_gates.solve, "of square ones", np.linalg.solve, regular(2, 2), SQUARE),
    _example(array_gates.det, "of a matrix", np.linalg.det, numbers(3, 3)),
    _example(array_gates.det, "of a stack", np.linalg.det, regular(2, 2, 2)),
    _example(
        array_gates.logabsdet, "of a stack", lambda a: np.linalg.slogdet(a)[1], regular(2, 2, 2)
    ),
    _example(array_gates.cholesky, "of a matrix", np.linalg.cholesky, positive_definite(3, 3)),
    _example(array_gates.cholesky, "of a stack", np.linalg.cholesky, positive_definite(2, 2, 2)),
    _direct(array_gates.cofactors, "of a matrix", numbers(3, 3)),
    _direct(array_gates.cofactors_along, "of a matrix", regular(3, 3), numbers(3, 3, seed=1)),
    # Elements in another shape or order.
    _example(array_gates.reshape, "to a matrix", lambda x: np.reshape(x, (3, 2)), MATRIX),
    _example(array_gates.reshape, "of a square", lambda x: np.reshape(x, (2, 1, 2)), SQUARE),
    _example(array_gates.ravel, "of a matrix", np.ravel, MATRIX),
    _example(array_gates.ravel, "of a square", np.ravel, SQUARE),
    _example(array_gates.squeeze, "of a matrix", lambda x: np.squeeze(x, 1), numbers(2, 1, 2)),
    _example(array_gates.expand_dims, "of a matrix", lambda x: np.expand_dims(x, 1), SQUARE),
    _example(
        array_gates.broadcast_to, "of a row", lambda x: np.broadcast_to(x, (2, 3)), numbers(3)
    ),
    _example(
        array_gates.broadcast_to, "to a square", lambda x: np.broadcast_to(x, (2, 2)), numbers(2, 1)
    ),
    _example(array_gates.transpose, "of a matrix", np.transpose, MATRIX),
    _example(array_gates.transpose, "of a square", np.transpose, SQUARE),
    _example(
        array_gates.transpose, "of a stack", lambda x: np.transpose(x, (1, 2, 0)), numbers(2, 2, 2)
    ),
    _example(array_gates.swapaxes, "of a stack", lambda x: np.swapaxes(x, 0, 2), STACK),
    _example(array_gates.swapaxes, "of a square", lambda x: np.swapaxes(x, 0, 1), SQUARE),
    _example(array_gates.moveaxis, "of a stack", lambda x: np.moveaxis(x, 0, 2), STACK),
    _example(array_gates.moveaxis, "of a square", lambda x: np.moveaxis(x, 0, 1), SQUARE),
    _example(array_gates.copy, "of a matrix", np.copy, MATRIX),
    _example(array_gates.copy, "of a square", np.copy, SQUARE),
    _example(ASTYPE, "of a matrix", lambda x: ASTYPE(x, dtype=np.dtype(np.float64)), MATRIX),
    _example(ASTYPE, "of a square", lambda x: ASTYPE(x, dtype=np.dtype(np.float64)), SQUARE),
    _example(array_gates.flip, "of all", np.flip, SQUARE),
    _example(array_gates.roll, "down", lambda x: np.roll(x, 1, axis=0), numbers(3, 2)),
    _example(array_gates.roll, "along a square", lambda x: np.roll(x, 1, axis=1), SQUARE),
    _example(array_gates.rot90, "of a matrix", np.rot90, MATRIX),
    _example(array_gates.rot90, "of a square", np.rot90, SQUARE),
    _example(array_gates.repeat, "down", lambda x: np.repeat(x, 2, axis=0), MATRIX),
    _example(array_gates.repeat, "along a square", lambda x: np.repeat(x, [2, 1], axis=1), SQUARE),
    _example(array_gates.tile, "of a matrix", lambda x: np.tile(x, (2, 1)), MATRIX),
    _example(array_gates.tile, "of a square", lambda x: np.tile(x, (1, 2)), SQUARE),
    _example(array_gates.pad, "with zeros", lambda x: np.pad(x, [(1, 0), (0, 2)]), MATRIX),
    _example(array_gates.pad, "by the edge", lambda x: np.pad(x, 1, mode="edge"), SQUARE),
    _example(
        array_gates.concatenate,
        "down",
        lambda *parts: np.concatenate(parts),
        MATRIX,
        numbers(1, 3),
        OTHER_MATRIX,
    ),
    _example(
        array_gates.concatenate,
        "along a square",
        lambda *parts: np.concatenate(parts, axis=1),
        SQUARE,
        OTHER_SQUARE,
    ),
    _example(
        array_gates.stack, "of matrices", lambda *parts: np.stack(parts), MATRIX, OTHER_MATRIX
    ),
    _example(
        array_gates.stack,
        "of square ones",
        lambda *parts: np.stack(parts, axis=1),
        SQUARE,
        OTHER_SQUARE,
        numbers(2, 2, seed=2),
    ),
    # Elements picked and put.
    _example(array_gates.getitem, "of a slice", lambda x: x[:, ::2], MATRIX),
    _example(array_gates.getitem, "of places", lambda x: x[_REPEATED], SQUARE),
    _example(array_gates.take, "down", lambda x: np.take(x, [1, 1, 0], axis=0), MATRIX),
    _example(array_gates.take, "along a square", lambda x: np.take(x, [1, 0, 1], axis=1), SQUARE),
    _direct(array_gates.put_at, "of places", numbers(3, 2), index=_REPEATED, shape=(3, 2)),
    _direct(array_gates.put_at, "of a slice", SQUARE, index=slice(1, 3), shape=(4, 2)),
    _direct(array_gates.set_at, "of a row", SQUARE, numbers(2), index=1),
    _direct(array_gates.set_at, "of rows", numbers(3, 2), OTHER_SQUARE, index=slice(0, 2)),
    _direct(array_gates.set_at, "by broadcasting", SQUARE, numbers(2), index=slice(0, 2)),
    _direct(
        array_gates.set_at, "twice in one place", numbers(3), numbers(3, seed=1), index=_REPEATED
    ),
    _direct(array_gates.permute_along, "of a matrix", MATRIX, order=_ORDER, axis=1),
    _example(array_gates.diag, "above", lambda x: np.diag(x, 1), numbers(3)),
    _example(array_gates.diagonal, "below", lambda x: np.diagonal(x, -1), numbers(3, 2)),
    _example(
        array_gates.diagonal, "of a stack", lambda x: np.diagonal(x, 0, 1, 2), numbers(2, 2, 2)
    ),
    _example(array_gates.tril, "of a matrix", np.tril, MATRIX),
    _example(array_gates.tril, "of a square", np.tril, SQUARE),
    _example(array_gates.triu, "of a matrix", np.triu, MATRIX),
    _example(array_gates.triu, "of a square", np.triu, SQUARE),
    # What the derivatives of scans are made of.
    _direct(array_gates.exclusive_cumprod, "of a matrix", MATRIX),
    _direct(array_gates.exclusive_cumprod, "of a square, in reverse", SQUARE, reverse=True),
    _direct(array_gates.linear_recurrence, "of matrices", MATRIX, OTHER_MATRIX),
    _direct(array_gates.linear_recurrence, "of square ones", SQUARE, OTHER_SQUARE, reverse=True),
    _direct(array_gates.shift, "of a matrix", MATRIX),
    _direct(array_gates.shift, "of a square, in reverse", SQUARE, reverse=True),
    # Windows.
    _example(
        array_gates.conv,
        "along a line",
        lambda x, w: autograd.conv1d(x, w, padding=1),
        numbers(2, 3),
        numbers(1, 2, 2),
    ),
    _direct(array_gates.conv, "over a plane", numbers(2, 1, 3, 3), numbers(1, 1, 2, 2), **_PLANE),
    _direct(
        array_gates.conv_kernel, "along a line", numbers(1, 3), numbers(2, 3), window=(2,), **_LINE
    ),
    _direct(
        array_gates.conv_transpose,
        "along a line",
        numbers(2, 3),
        numbers(2, 1, 2),
        sizes=(3,),
        **_LINE,
    ),
    _example(array_gates.convolve, "full", lambda a, v: np.convolve(a, v), numbers(4), numbers(3)),
    _example(
        array_gates.convolve,
        "valid",
        lambda a, v: np.convolve(a, v, mode="valid"),
        numbers(3),
        numbers(3, seed=1),
    ),
    _example(array_gates.max_pool, "along a line", lambda x: autograd.max_pool1d(x, 2), _POOLED),
    _example(
        array_gates.max_pool,
        "over a plane",
        lambda x: autograd.max_pool2d(x, 2, stride=1),
        numbers(1, 3, 3),
    ),
    _example(
        array_gates.max_pool_transpose,
        "along a line",
        lambda g: array_gates.max_pool_transpose(g, _POOLED, _LARGEST, **_UNDILATED),
        numbers(*_LARGEST.shape, seed=1),
    ),
    _example(
        array_gates.max_pool_tangent,
        "along a line",
        lambda h: array_gates.max_pool_tangent(h, _POOLED, _LARGEST, **_UNDILATED),
        numbers(1, 4, seed=1),
    ),
    _example(array_gates.avg_pool, "along a line", lambda x: autograd.avg_pool1d(x, 2), _POOLED),
    _example(
        array_gates.avg_pool,
        "over a plane",
        lambda x: autograd.avg_pool2d(x, 2, stride=1),
        numbers(1, 3, 3),
    ),
    _direct(array_gates.avg_pool_transpose, "along a line", numbers(1, 4), sizes=(4,), **_POOL),
    _example(
        array_gates.softmax_cross_entropy,
        "of rows",
        lambda x: autograd.softmax_cross_entropy(x, labels=np.array([2, 0])),
        MATRIX,
    ),
    _example(
        array_gates.softmax_cross_entropy,
        "of the columns of a square",
        lambda x: autograd.softmax_cross_entropy(x, labels=np.array([1, 0]), axis=0),
        SQUARE,
    ),
]

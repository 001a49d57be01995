"""What holds for every function that moves elements: it is linear, so its derivatives are exact.

NumPy's own function, applied to arrays that are one in one place and zero elsewhere, gives the
matrix of the function, and with it the gradients of any order, to the last bit where the elements
have few digits.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from array_gate_laws import assert_is_numpys

from autograd import Tensor, gradients


def matrix_of(f: Callable[..., Any], at: tuple[np.ndarray, ...], position: int) -> np.ndarray:
    """The matrix of NumPy's ``f``, by the operand at this position."""
    at = tuple(array.astype(np.float64) for array in at)

    def applied(operand: np.ndarray) -> np.ndarray:
        # Copied: the result may be a view of the operand, which changes below.
        return np.array(f(*at[:position], operand, *at[position + 1 :])).ravel()

    unit = np.zeros(at[position].shape)
    origin = applied(unit)
    matrix = np.zeros((origin.size, unit.size))
    for column, place in enumerate(np.ndindex(unit.shape)):
        unit[place] = 1
        matrix[:, column] = applied(unit) - origin
        unit[place] = 0
    return matrix


def check_linear(f: Callable[..., Any], *at: np.ndarray) -> None:
    """Hold ``f`` on Tensors to NumPy's result, and to the gradients by its matrix.

    Checked are the gradient of the result, and the gradient of the sum of its cubes and the
    derivatives of that along a direction, for which every vjp must itself have right derivatives.
    """
    rng = np.random.default_rng(0)
    leaves = [Tensor(array) for array in at]
    for leaf in leaves:
        leaf.data.flags.writeable = False
    out = f(*leaves)
    expected = np.asarray(f(*at))
    assert type(out) is Tensor
    assert_is_numpys(out, expected)

    matrices = [matrix_of(f, at, position) for position in range(len(at))]
    seed = rng.integers(-3, 4, out.shape).astype(out.dtype)
    kept = seed.copy()
    seed.flags.writeable = False
    out.backward(seed)
    np.testing.assert_array_equal(seed, kept)
    for leaf, matrix in zip(leaves, matrices, strict=True):
        assert_equal(leaf.grad, matrix.T @ seed.ravel(), leaf)

    y = expected.ravel().astype(np.float64)
    directions = [rng.integers(-3, 4, array.shape).astype(array.dtype) for array in at]
    first = gradients((out * out * out).sum(), leaves, create_graph=True)
    slope = sum((gradient * way).sum() for gradient, way in zip(first, directions, strict=True))
    second = gradients(slope, leaves)
    along = sum(
        matrix @ way.ravel().astype(np.float64)
        for matrix, way in zip(matrices, directions, strict=True)
    )
    for leaf, matrix, gradient, curvature in zip(leaves, matrices, first, second, strict=True):
        assert_equal(gradient, 3 * matrix.T @ (y * y), leaf)
        assert_equal(curvature, 6 * matrix.T @ (y * along), leaf)


def assert_equal(gradient: Any, expected: np.ndarray, leaf: Tensor) -> None:
    """The gradient has the shape and dtype of its leaf, and exactly these elements."""
    assert gradient is not None
    gradient = np.asarray(gradient)
    assert (gradient.shape, gradient.dtype) == (leaf.shape, leaf.dtype)
    np.testing.assert_array_equal(gradient, expected.reshape(leaf.shape))

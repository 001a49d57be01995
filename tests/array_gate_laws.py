"""What holds for every gate on arrays: NumPy's result, and derivatives of two orders."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from central_difference import array_gradient, central_difference
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from autograd import ArrayGate, Tensor, Value, gradients
from autograd import sum as sum_of_all

ELEMENTS = st.integers(-24, 24).map(lambda number: number / 8)
DTYPES = st.sampled_from([np.float32, np.float64])


def reversed_axes(x: Any) -> Any:
    """A view that is walked backwards along every axis."""
    return x[(slice(None, None, -1),) * x.ndim]


VIEWS = st.sampled_from([lambda x: x, reversed_axes, lambda x: x.T])
"""Views of an array or a Tensor; contiguous, backwards, and transposed."""


def arrays(shape: Any, dtype: Any = np.float64) -> st.SearchStrategy[np.ndarray]:
    """Arrays of small numbers with few digits."""
    return hnp.arrays(dtype, shape, elements=ELEMENTS)


def assert_is_numpys(ours: Any, numpys: Any) -> None:
    """Ours is to the last bit what NumPy answers, in dtype and shape, too."""
    numpys = np.asarray(numpys)
    data = np.asarray(ours)
    assert (data.dtype, data.shape) == (numpys.dtype, numpys.shape)
    np.testing.assert_array_equal(data, numpys)


def check(f: Callable[..., Any], *at: np.ndarray, tolerance: float = 1e-6) -> None:
    """Hold the result of ``f`` against NumPy's, and its derivatives against differences.

    Checked are the gradient by every operand, as plain arrays and as a graph; of the gradient along
    a random direction the derivatives by the operands, which are the second, and by the gradient
    of the result, which is the forward derivative along that direction.
    """
    rng = np.random.default_rng(0)
    tensors = [Tensor(array) for array in at]
    out = f(*tensors)
    assert_is_numpys(out, f(*at))
    weights = Tensor(rng.normal(size=out.shape).astype(out.dtype))
    directions = [rng.normal(size=array.shape).astype(array.dtype) for array in at]

    def gradients_at(*operands: np.ndarray) -> list[np.ndarray]:
        leaves = [Tensor(operand) for operand in operands]
        f(*leaves).backward(weights.data)
        return [leaf.grad for leaf in leaves]

    plain = gradients_at(*at)
    graph = gradients(out, tensors, weights, create_graph=True)
    slope = sum((gradient * way).sum() for gradient, way in zip(graph, directions, strict=True))
    *second, forward = gradients(slope, [*tensors, weights])
    for array, first, same, curvature in zip(at, plain, graph, second, strict=True):
        assert first.dtype == same.dtype == curvature.dtype == array.dtype
        assert first.shape == same.shape == curvature.shape == array.shape
    # The reference is computed in double precision, whatever ours is.
    digits = min(np.finfo(array.dtype).precision for array in at)
    tolerance = max(tolerance, 10.0 ** (2 - digits))
    exact = [array.astype(np.float64) for array in at]
    weights, directions = weights.astype(np.float64), [way.astype(np.float64) for way in directions]

    def close(ours: Any, reference: Any) -> None:
        np.testing.assert_allclose(np.asarray(ours), reference, rtol=tolerance, atol=tolerance)

    def moved(step: float) -> list[np.ndarray]:
        return [array + step * way for array, way in zip(exact, directions, strict=True)]

    def along(function: Callable[..., Any]) -> Any:
        return central_difference(lambda step: function(*moved(step)), [0.0], 0)

    for i, array in enumerate(exact):

        def loss(operand: np.ndarray, i: int = i) -> float:
            return float((f(*exact[:i], operand, *exact[i + 1 :]) * weights.data).sum())

        close(plain[i], array_gradient(loss, array))
        close(graph[i], plain[i])
        close(second[i], along(lambda *operands, i=i: gradients_at(*operands)[i]))
    close(forward, along(f))


def check_on_scalars(gate: ArrayGate, *at: np.ndarray, **arguments: Any) -> Any:
    """Hold a gate on arrays of Values against the same gate on Tensors; the former's result."""
    values = [np.vectorize(Value, otypes=[object])(array) for array in at]
    result = (gate.on_scalars or gate.forward)(*values, **arguments)
    tensors = [Tensor(array) for array in at]
    expected = gate(*tensors, **arguments)
    elements = np.asarray(result, object)
    assert elements.shape == expected.shape
    np.testing.assert_allclose(elements.astype(float), expected.data, rtol=1e-9, atol=1e-9)
    weights = np.random.default_rng(0).normal(size=expected.shape)
    expected.backward(weights)
    total = sum_of_all(elements.ravel() * weights.ravel())
    if isinstance(total, Value):
        total.backward()
    for operand, tensor in zip(values, tensors, strict=True):
        by_value = np.vectorize(lambda value: value.grad, otypes=[float])(operand)
        np.testing.assert_allclose(by_value, tensor.grad, rtol=1e-8, atol=1e-8)
    return result

"""Shapes and orders of axes: NumPy's results, and gradients that find their way back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from array_gate_laws import DTYPES, VIEWS, arrays
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from linear_functions import check_linear

from autograd import Tensor
from autograd.errors import OperandError, ShapeError

SHAPES = hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=3)


@st.composite
def operands(draw: Any, shapes: Any = SHAPES) -> tuple[np.ndarray, Any]:
    """An array, and a view of it that a function is to be applied to."""
    return draw(arrays(draw(shapes), draw(DTYPES))), draw(VIEWS)


def shapes_with_axes(least: int) -> st.SearchStrategy[tuple[int, ...]]:
    return hnp.array_shapes(min_dims=least, max_dims=4, min_side=0, max_side=3)


@st.composite
def other_shapes(draw: Any, size: int) -> tuple[int, ...]:
    """A shape of so many elements, with an axis left open now and then."""
    if size == 0:
        return draw(st.sampled_from([(0,), (2, 0), (0, 3, 1), (-1,)]))
    divisors = [d for d in range(1, size + 1) if size % d == 0]
    first = draw(st.sampled_from(divisors))
    shape = [first, size // first, *[1] * draw(st.integers(0, 2))]
    shape = list(draw(st.permutations(shape)))
    if draw(st.booleans()):
        shape[draw(st.integers(0, len(shape) - 1))] = -1
    return tuple(shape)


@given(operand=operands(), data=st.data())
def test_reshape(operand: Any, data: st.DataObject) -> None:
    x, view = operand
    shape = data.draw(other_shapes(x.size))
    check_linear(lambda x: np.reshape(view(x), shape), x)
    check_linear(lambda x: view(x).reshape(shape), x)
    check_linear(lambda x: np.reshape(view(x), -1), x)


@given(operand=operands())
def test_ravel_and_copy(operand: Any) -> None:
    x, view = operand
    check_linear(lambda x: np.ravel(view(x)), x)
    check_linear(lambda x: view(x).flatten(), x)
    check_linear(lambda x: np.copy(view(x)), x)
    check_linear(lambda x: np.reshape(view(x), x.shape[::-1], order="C"), x)


@given(operand=operands(), data=st.data())
def test_squeeze(operand: Any, data: st.DataObject) -> None:
    x, view = operand
    check_linear(lambda x: np.squeeze(view(x)), x)
    singles = [axis for axis, size in enumerate(view(x).shape) if size == 1]
    if singles:
        axis = data.draw(st.sampled_from([singles[0], singles[-1] - x.ndim, tuple(singles)]))
        check_linear(lambda x: np.squeeze(view(x), axis=axis), x)


@given(operand=operands(), data=st.data())
def test_expand_dims(operand: Any, data: st.DataObject) -> None:
    x, view = operand
    axis = data.draw(st.integers(-x.ndim - 1, x.ndim))
    check_linear(lambda x: np.expand_dims(view(x), axis), x)
    check_linear(lambda x: np.expand_dims(view(x), (0, -1)), x)


@given(
    shapes=hnp.mutually_broadcastable_shapes(num_shapes=2, max_dims=4, min_side=0, max_side=3),
    dtype=DTYPES,
    data=st.data(),
)
def test_broadcasting(shapes: Any, dtype: Any, data: st.DataObject) -> None:
    x, y = (data.draw(arrays(shape, dtype)) for shape in shapes.input_shapes)
    check_linear(lambda x: np.broadcast_to(x, shapes.result_shape), x)
    check_linear(lambda x: np.broadcast_arrays(x, y)[0], x)
    check_linear(lambda x, y: np.subtract(*np.broadcast_arrays(x, y)), x, y)


@given(operand=operands(), data=st.data())
def test_axes_in_any_order(operand: Any, data: st.DataObject) -> None:
    x, view = operand
    check_linear(lambda x: np.transpose(view(x)), x)
    check_linear(lambda x: view(x).T, x)
    order = data.draw(st.permutations(range(x.ndim)))
    axes = tuple(axis - x.ndim * data.draw(st.booleans()) for axis in order)
    check_linear(lambda x: np.transpose(view(x), axes), x)
    check_linear(lambda x: np.moveaxis(view(x), tuple(range(x.ndim)), axes), x)


@given(operand=operands(shapes_with_axes(2)), data=st.data())
def test_two_axes_exchanged(operand: Any, data: st.DataObject) -> None:
    x, view = operand
    axes = st.integers(-x.ndim, x.ndim - 1)
    first, second = data.draw(axes), data.draw(axes)
    check_linear(lambda x: np.swapaxes(view(x), first, second), x)
    check_linear(lambda x: view(x).swapaxes(first, second), x)
    check_linear(lambda x: np.moveaxis(view(x), first, second), x)
    check_linear(lambda x: np.matrix_transpose(view(x)), x)


@given(operand=operands(hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=2)))
def test_axes_are_added_where_there_are_too_few(operand: Any) -> None:
    x, view = operand
    for function in (np.atleast_1d, np.atleast_2d, np.atleast_3d):
        check_linear(lambda x, f=function: f(view(x)), x)


def test_several_arrays_get_axes_at_once_and_constants_stay_plain() -> None:
    x = Tensor([1.0, 2.0])
    first, second, third = np.atleast_2d(x, 3.0, [[4.0]])
    assert first.shape == (1, 2) and first.operands == (x,)
    assert type(second) is type(third) is np.ndarray
    assert (second.shape, third.shape) == ((1, 1), (1, 1))


def test_copy_shares_no_memory_and_a_view_does() -> None:
    x = Tensor(np.ones((2, 3)))
    assert not np.shares_memory(np.copy(x), x)
    for view in (x.T, np.swapaxes(x, 0, 1), np.squeeze(x), np.ravel(x), np.broadcast_to(x, (2, 3))):
        assert np.shares_memory(view, x)


@pytest.mark.parametrize(
    "like",
    [
        np.zeros_like,
        np.ones_like,
        np.empty_like,
        lambda x, **options: np.full_like(x, 7, **options),
    ],
)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_arrays_of_the_same_shape_are_plain(like: Callable[..., Any], dtype: Any) -> None:
    x = Tensor(np.ones((2, 3), dtype))
    answer = like(x)
    assert type(answer) is np.ndarray and answer.flags.writeable
    assert (answer.shape, answer.dtype) == ((2, 3), dtype)
    answer = like(x, dtype=int, shape=4)
    assert (answer.shape, answer.dtype) == ((4,), np.dtype(int))


def test_arrays_are_filled_with_their_number() -> None:
    x = Tensor([5.0, 6.0])
    assert np.zeros_like(x).tolist() == [0, 0]
    assert np.ones_like(x).tolist() == [1, 1]
    assert np.full_like(x, 7).tolist() == [7, 7]


X = Tensor(np.ones((2, 3)))


@pytest.mark.parametrize(
    ("wrong", "error", "message"),
    [
        (lambda: np.reshape(X, (4, 2)), ShapeError, r"reshape: shape \(2, 3\), shape=\(4, 2\)"),
        (lambda: np.reshape(X, 6, order="F"), OperandError, "np.reshape: .* 'C', not 'F'; transp"),
        (lambda: np.ravel(X, "K"), OperandError, "np.ravel: .* in the order 'C', not 'K'"),
        (lambda: np.squeeze(X, 1), ShapeError, r"squeeze: shape \(2, 3\), axis=1: cannot select"),
        (lambda: np.squeeze(X, 2), ShapeError, r"squeeze: shape \(2, 3\), axis=2: .*out of bounds"),
        (lambda: np.expand_dims(X, 4), ShapeError, r"expand_dims: shape \(2, 3\), axis=4"),
        (lambda: np.transpose(X, (0, 0)), ShapeError, r"transpose: shape \(2, 3\), axes=\(0, 0\)"),
        (lambda: np.transpose(X, (0,)), ShapeError, "axes don't match array"),
        (
            lambda: np.swapaxes(X, 0, 2),
            ShapeError,
            "swapaxes: .* axis1=0, axis2=2: .*out of bounds",
        ),
        (lambda: np.moveaxis(X, 3, 0), ShapeError, r"moveaxis: shape \(2, 3\), source=3"),
        (
            lambda: np.matrix_transpose(X[0]),
            ShapeError,
            r"swapaxes: shape \(3,\), axis1=-1, axis2=",
        ),
        (lambda: np.broadcast_to(X, (3, 2)), ShapeError, r"broadcast_to: shape \(2, 3\), shape="),
        (
            lambda: np.broadcast_arrays(X, np.ones(2)),
            ShapeError,
            r"np.broadcast_arrays: shapes \(2, 3\) and \(2,\) do not broadcast",
        ),
        (
            lambda: np.full_like(X, X[0, 0]),
            OperandError,
            r"fill value, a Tensor of shape \(\); np.broadcast_to\(fill_value, shape\) keeps it",
        ),
        (lambda: np.zeros_like(X, order="F"), TypeError, "np.zeros_like: order is not supported"),
    ],
)
def test_misfit_is_named(wrong: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        wrong()

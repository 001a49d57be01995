"""Joining and splitting: NumPy's results, and to each part its own gradient."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from array_gate_laws import DTYPES, arrays
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from linear_functions import check_linear

from autograd import Tensor, gradients
from autograd.array_gates import concatenate, stack
from autograd.errors import ShapeError


@st.composite
def joinable(draw: Any, least: int, axis: Any, most: int = 4) -> list[np.ndarray]:
    """Arrays of any dtypes whose shapes differ along one axis at most."""
    shape = list(draw(hnp.array_shapes(min_dims=least, max_dims=most, min_side=0, max_side=3)))
    operands = []
    for _ in range(draw(st.integers(1, 3))):
        if axis is not None:
            shape[axis] = draw(st.integers(0, 3))
        operands.append(draw(arrays(tuple(shape), draw(DTYPES))))
    return operands


@given(data=st.data())
def test_concatenate(data: st.DataObject) -> None:
    axis = data.draw(st.sampled_from([0, -1]))
    operands = data.draw(joinable(1, axis))
    axis -= operands[0].ndim if data.draw(st.booleans()) and axis == 0 else 0
    check_linear(lambda *xs: np.concatenate(xs, axis=axis), *operands)
    check_linear(lambda *xs: np.concatenate(list(xs), axis=None), *operands)
    # Those between are constants.
    check_linear(lambda x: np.concatenate([*operands, x, *operands], axis), operands[0])


@given(data=st.data())
def test_stack(data: st.DataObject) -> None:
    operands = data.draw(joinable(0, None))
    axis = data.draw(st.integers(-operands[0].ndim - 1, operands[0].ndim))
    check_linear(lambda *xs: np.stack(xs, axis=axis), *operands)
    check_linear(lambda x: np.stack([*operands, x, *operands], axis), operands[0])


@pytest.mark.parametrize(
    ("join", "axis"), [(np.vstack, 0), (np.hstack, 1), (np.dstack, 2), (np.column_stack, 1)]
)
@given(data=st.data())
def test_joining_side_by_side(join: Any, axis: int, data: st.DataObject) -> None:
    operands = data.draw(st.one_of(joinable(max(2, axis + 1), axis), joinable(0, None, most=1)))
    if join is np.column_stack:
        operands = [x for x in operands if x.ndim < 3] or [np.ones((2, 1))]
    check_linear(lambda *xs: join(xs), *operands)


def test_columns_and_matrices_side_by_side() -> None:
    check_linear(lambda x, y: np.column_stack([x, y, [7, 8]]), np.ones(2), np.ones((2, 3)))


@given(data=st.data())
def test_append(data: st.DataObject) -> None:
    x = data.draw(joinable(1, 0))[0]
    check_linear(lambda x, y: np.append(x, y, axis=0), x, x[:1])
    check_linear(lambda x, y: np.append(x, y), x, np.array(2.0))


def test_the_rows_of_a_tensor_are_joined_as_those_of_an_array() -> None:
    x = np.arange(12.0).reshape(2, 3, 2)
    for join in (np.concatenate, np.stack, np.vstack, np.hstack, np.dstack):
        check_linear(lambda x, join=join: join(x), x)


def test_lists_beside_a_tensor_are_constants_also_in_a_graph() -> None:
    x = Tensor([1.0, 2.0])
    for join, axis in ((concatenate, 0), (concatenate, None), (stack, 0)):
        out = join([3.0, 4.0], x, (5, 6), axis=axis)
        assert np.ravel(out).tolist() == [3, 4, 1, 2, 5, 6]
        first = gradients((out * out).sum(), x, create_graph=True)
        assert first.tolist() == [2, 4]
        assert gradients(first.sum(), x).tolist() == [2, 2]


@pytest.mark.parametrize("count", [64, 65, 200])
def test_many_arrays_are_joined_as_few_are(count: int) -> None:
    x = np.arange(6.0).reshape(2, 3)
    others = [x + i for i in range(count - 2)]
    for axis in (0, -1, None):
        check_linear(lambda x, axis=axis: np.concatenate([x, *others, x], axis), x)
    leaves = [Tensor([float(i)]) for i in range(count)]
    out = np.hstack(leaves)
    assert len(out.operands) <= 64
    out.backward(np.arange(1.0, count + 1))
    assert [leaf.grad.item() for leaf in leaves] == list(range(1, count + 1))


def test_tensor_that_stands_twice_gets_both_gradients() -> None:
    x = Tensor([1.0, 2.0])
    np.concatenate([x, [0.0], x]).backward(np.array([1.0, 2.0, 4.0, 8.0, 16.0]))
    assert x.grad.tolist() == [9, 18]


# How many parts, or where they begin: also out of order, from the end, and beyond it.
PLACES = st.lists(st.integers(-4, 5), max_size=3)


@given(
    shape=hnp.array_shapes(min_dims=1, max_dims=4, min_side=0, max_side=4),
    parts=st.integers(1, 5) | PLACES,
    data=st.data(),
)
def test_splits(shape: Any, parts: Any, data: st.DataObject) -> None:
    x = data.draw(arrays(shape, data.draw(DTYPES)))
    axis = data.draw(st.integers(-x.ndim, x.ndim - 1))
    check_parts(lambda x: np.array_split(x, parts, axis=axis), x)
    for split, least, along in ((np.vsplit, 2, 0), (np.hsplit, 2, 1), (np.dsplit, 3, 2)):
        if x.ndim >= least and (isinstance(parts, list) or x.shape[along] % parts == 0):
            check_parts(lambda x, split=split: split(x, parts), x)
            check_parts(lambda x, along=along: np.split(x, parts, along), x)


def check_parts(split: Any, x: np.ndarray) -> None:
    for i in range(len(split(x))):
        check_linear(lambda x, i=i: split(x)[i], x)


def test_vector_is_split_horizontally() -> None:
    check_parts(lambda x: np.hsplit(x, [1]), np.arange(3.0))


X = Tensor(np.ones((2, 3)))


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (
            lambda: np.concatenate([X, np.ones((2, 2))]),
            r"concatenate: shape \(2, 3\) and \(2, 2\), axis=0: all the input array dimensions",
        ),
        (lambda: np.concatenate([X, X[0]]), r"\(2, 3\) and \(3,\).*same number of dimensions"),
        (lambda: np.concatenate([X[0, 0], X[0, 0]]), "zero-dimensional arrays cannot be concat"),
        (
            lambda: np.concatenate([X], axis=2),
            r"concatenate: shape \(2, 3\), axis=2: axis 2 is out",
        ),
        (lambda: np.stack([X, X[0]]), r"stack: shape \(2, 3\) and \(3,\), axis=0: all input arra"),
        (lambda: np.stack([X, X], axis=3), r"stack: .* axis=3: axis 3 is out of bounds"),
        (lambda: np.vstack([X, X.T]), r"concatenate: shape \(2, 3\) and \(3, 2\), axis=0"),
        (
            lambda: np.split(X, 2, axis=1),
            r"np.split: shape \(2, 3\), axis=1, 2: array split does not result in an equal",
        ),
        (lambda: np.array_split(X, 0), r"np.array_split: shape \(2, 3\), axis=0, 0: number sect"),
        (lambda: np.split(X, 2, axis=2), r"np.split: shape \(2, 3\) has no axis 2"),
        (lambda: np.vsplit(X[0], 3), r"np.vsplit: shape \(3,\) has no rows"),
        (lambda: np.hsplit(X[0, 0], 1), r"np.hsplit: shape \(\) has no axis 0"),
        (lambda: np.dsplit(X, 1), r"np.dsplit: shape \(2, 3\) has no axis 2"),
    ],
)
def test_misfit_is_named(wrong: Any, message: str) -> None:
    with pytest.raises(ShapeError, match=message):
        wrong()


def test_options_that_are_not_supported_are_named() -> None:
    with pytest.raises(TypeError, match=r"np.concatenate: dtype is not supported on Tensors"):
        np.concatenate([X, X], dtype=np.float32)

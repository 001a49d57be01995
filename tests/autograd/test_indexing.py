"""Indexing of every kind: what NumPy picks and puts, and gradients that add up where they must."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from array_gate_laws import DTYPES, VIEWS, arrays, assert_is_numpys
from hypothesis import given, reject
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from linear_functions import check_linear

from autograd import Tensor, gradients
from autograd.array_gates import put_at, set_at
from autograd.errors import OperandError, ShapeError

SHAPES = hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=3)
# An axis without elements has none that an array of integers could name.
FILLED = hnp.array_shapes(min_dims=1, max_dims=4, min_side=1, max_side=3)


def integers_below(size: int, shape: Any) -> st.SearchStrategy[np.ndarray]:
    return hnp.arrays(np.intp, shape, elements=st.integers(-size, size - 1))


@st.composite
def mixed_indices(draw: Any, shape: tuple[int, ...]) -> Any:
    """Integers, slices, integer arrays that broadcast, lists, masks and new axes, side by side."""
    length = draw(st.integers(0, 3))
    parts: list[Any] = []
    # The axes between these two are left to an ellipsis, or to the end.
    first = draw(st.integers(0, len(shape)))
    last = draw(st.integers(first, len(shape)))
    for size in shape[:first] + shape[last:]:
        kinds = [
            st.slices(size),
            st.integers(-size, size - 1),
            integers_below(size, (length,)),
            integers_below(size, (2, 1)),
            integers_below(size, ()),
            st.lists(st.integers(-size, size - 1), min_size=1, max_size=1),
        ]
        parts.append(draw(st.one_of(kinds)))
    if first < last < len(shape) or draw(st.booleans()):
        parts.insert(first, ...)
    if draw(st.booleans()):
        parts.insert(draw(st.integers(0, len(parts))), None)
    return tuple(parts)


@st.composite
def masks(draw: Any, shape: tuple[int, ...]) -> Any:
    """A mask of some neighbouring axes, with slices before and integers after it."""
    first = draw(st.integers(0, len(shape)))
    last = draw(st.integers(first, len(shape)))
    before = tuple(draw(st.slices(size)) for size in shape[:first])
    after = tuple(draw(st.integers(-size, size - 1)) for size in shape[last : last + 1])
    return (*before, draw(hnp.arrays(bool, shape[first:last])), *after)


@given(shape=SHAPES, dtype=DTYPES, view=VIEWS, data=st.data())
def test_basic_indices(shape: Any, dtype: Any, view: Any, data: st.DataObject) -> None:
    x = data.draw(arrays(shape, dtype))
    index = data.draw(hnp.basic_indices(view(x).shape, allow_newaxis=True))
    check_linear(lambda x: view(x)[index], x)


@given(shape=FILLED, dtype=DTYPES, view=VIEWS, data=st.data())
def test_indices_of_mixed_kinds(shape: Any, dtype: Any, view: Any, data: st.DataObject) -> None:
    x = data.draw(arrays(shape, dtype))
    index = data.draw(mixed_indices(view(x).shape))
    check_linear(lambda x: view(x)[index], x)


@given(shape=FILLED, dtype=DTYPES, view=VIEWS, data=st.data())
def test_masks_of_any_number_of_axes(
    shape: Any, dtype: Any, view: Any, data: st.DataObject
) -> None:
    x = data.draw(arrays(shape, dtype))
    index = data.draw(masks(view(x).shape))
    check_linear(lambda x: view(x)[index], x)


@pytest.mark.parametrize(
    "index",
    [True, False, np.True_, (True, 1), (np.array([True, False]), [2, 0, 2]), np.int32(1)],
    ids=str,
)
def test_indices_that_numpy_reads_in_its_own_way(index: Any) -> None:
    check_linear(lambda x: x[index], np.arange(6.0).reshape(2, 3))


def test_label_of_each_row() -> None:
    labels = np.array([2, 0, 2, 1])
    check_linear(lambda x: x[np.arange(4), labels], np.arange(12.0).reshape(4, 3))


def test_row_that_is_taken_twice_gets_both_gradients() -> None:
    x = Tensor(np.zeros((3, 2)))
    x[[0, 2, -3]].backward(np.array([[1.0, 2.0], [3.0, 4.0], [10.0, 20.0]]))
    np.testing.assert_array_equal(x.grad, [[11, 22], [0, 0], [3, 4]])


def test_picked_rows_are_views_where_numpys_are() -> None:
    x = Tensor(np.ones((3, 2)))
    assert np.shares_memory(x[1:], x)
    assert not np.shares_memory(x[[1, 2]], x)


@given(shape=FILLED, dtype=DTYPES, data=st.data())
def test_put_at_is_the_transpose_of_indexing(shape: Any, dtype: Any, data: st.DataObject) -> None:
    x = data.draw(arrays(shape, dtype))
    kinds = st.one_of(hnp.basic_indices(shape, allow_newaxis=True), mixed_indices(shape))
    index = data.draw(kinds | masks(shape))
    g = data.draw(arrays(np.shape(x[index]), dtype))
    expected = np.zeros(shape, dtype)
    np.add.at(expected, index, g)
    assert_is_numpys(put_at(g, index=index, shape=shape), expected)
    check_linear(lambda g: put_at(g, index=index, shape=shape), g)


@pytest.mark.parametrize("width", [(), (2,), (2, 3), (0,)])
@pytest.mark.parametrize("rows", [7, [7], [7, 3, 7, -1], [[7, 3], [7, -1]]], ids=str)
def test_few_rows_of_a_large_table(rows: Any, width: tuple[int, ...]) -> None:
    table = np.arange(40.0 * np.prod(width, dtype=int)).reshape(40, *width) % 7
    places = np.array(rows, np.uint8) if np.min(rows) >= 0 else np.array(rows)
    check_linear(lambda x: x[places], table)
    check_linear(lambda x: np.take(x, places, axis=0), table)


def test_put_at_spreads_what_is_smaller_than_its_places() -> None:
    for index in (slice(1, 3), [2, 2, 0], (slice(None), [1, 1])):
        check_linear(lambda g, i=index: put_at(g, index=i, shape=(3, 2)), np.array(2.0))


def put(x: Any, v: Any, index: Any) -> Any:
    """A copy of ``x`` with ``v`` at the index, for arrays by NumPy's own assignment."""
    if isinstance(x, Tensor) or isinstance(v, Tensor):
        return set_at(x, v, index=index)
    result = x.copy()
    result[index] = v
    return result


@st.composite
def broadcastable_to(draw: Any, shape: tuple[int, ...]) -> tuple[int, ...]:
    """A shape that NumPy assigns to this one: with axes left out, of size one, or too many."""
    sizes = [size if draw(st.booleans()) else 1 for size in shape]
    kept = draw(st.integers(0, len(sizes)))
    return (1,) * draw(st.integers(0, 2)) + tuple(sizes[kept:])


@given(shape=FILLED, dtypes=st.tuples(DTYPES, DTYPES), data=st.data())
def test_set_at_lets_through_what_is_not_overwritten(
    shape: Any, dtypes: Any, data: st.DataObject
) -> None:
    x = data.draw(arrays(shape, dtypes[0]))
    kinds = st.one_of(hnp.basic_indices(shape, allow_newaxis=True), mixed_indices(shape))
    index = data.draw(kinds | masks(shape))
    v = data.draw(arrays(data.draw(broadcastable_to(np.shape(x[index]))), dtypes[1]))
    try:
        put(x, v, index)
    except (TypeError, ValueError):
        # Into a mask, and a single place, NumPy puts no array that has further axes.
        assert v.ndim > np.ndim(x[index])
        reject()
    check_linear(lambda x, v: put(x, v, index), x, v)
    check_linear(lambda x: put(x, v, index), x)
    check_linear(lambda v: put(x, v, index), v)


def test_set_at_twice_into_one_place_keeps_the_last() -> None:
    x, v = Tensor([1.0, 2.0, 3.0]), Tensor([10.0, 20.0, 30.0])
    out = set_at(x, v, index=np.array([0, 2, 0]))
    assert out.tolist() == [30, 2, 20]
    out.backward(np.array([1.0, 2.0, 4.0]))
    assert (x.grad.tolist(), v.grad.tolist()) == ([0, 2, 0], [0, 4, 1])


def test_set_at_into_integers_keeps_the_fractions() -> None:
    out = set_at(np.array([1, 2]), Tensor([0.5]), index=slice(0, 1))
    assert out.dtype == np.float64 and out.tolist() == [0.5, 2]
    assert set_at(np.array([1, 2]), 3, index=0).tolist() == [3, 2]


def test_assignment_into_a_tensor_is_differentiated() -> None:
    x, v = Tensor([1.0, 2.0, 3.0]), Tensor(5.0)
    y = x * 2
    y[1:] = v * v
    (y * y).sum().backward()
    np.testing.assert_array_equal(y.data, [2, 25, 25])
    np.testing.assert_array_equal(x.grad, [8, 0, 0])
    np.testing.assert_array_equal(v.grad, 2 * 50 * 10)


@given(shape=FILLED, dtype=DTYPES, view=VIEWS, data=st.data())
def test_take(shape: Any, dtype: Any, view: Any, data: st.DataObject) -> None:
    x = data.draw(arrays(shape, dtype))
    axis = data.draw(st.none() | st.integers(-x.ndim, x.ndim - 1))
    size = x.size if axis is None else view(x).shape[axis]
    indices = data.draw(integers_below(size, data.draw(st.sampled_from([(), (0,), (3,), (2, 2)]))))
    check_linear(lambda x: np.take(view(x), indices, axis=axis), x)
    check_linear(lambda x: np.take(view(x), indices.tolist() or indices, axis=axis), x)
    check_linear(lambda x: view(x).take(indices, axis), x)


def test_take_reads_booleans_as_numbers_as_numpy_does() -> None:
    check_linear(lambda x: np.take(x, [True, False, True]), np.array([1.0, 2.0]))


@given(shape=FILLED, dtype=DTYPES, view=VIEWS, data=st.data())
def test_take_along_axis(shape: Any, dtype: Any, view: Any, data: st.DataObject) -> None:
    x = data.draw(arrays(shape, dtype))
    axis = data.draw(st.integers(-x.ndim, x.ndim - 1))
    sizes = [size if data.draw(st.booleans()) else 1 for size in view(x).shape]
    size, sizes[axis] = view(x).shape[axis], data.draw(st.integers(0, 3))
    indices = data.draw(integers_below(size, tuple(sizes)))
    check_linear(lambda x: np.take_along_axis(view(x), indices, axis), x)
    flat = indices.ravel()
    check_linear(lambda x: np.take_along_axis(view(x), flat, None), x)


@given(shape=hnp.array_shapes(min_dims=1, max_dims=4, min_side=0, max_side=4), data=st.data())
def test_diff(shape: Any, data: st.DataObject) -> None:
    x, view = data.draw(arrays(shape, data.draw(DTYPES))), data.draw(VIEWS)
    axis = data.draw(st.integers(-x.ndim, x.ndim - 1))
    check_linear(lambda x: np.diff(view(x), axis=axis), x)
    # Without a difference there is nothing that could be a graph of its own.
    n = data.draw(st.integers(1, 4))
    check_linear(lambda x: np.diff(view(x), n, axis) * 1, x)


def test_index_that_is_changed_afterwards_changes_no_gradient() -> None:
    places = np.array([0, 2])
    for pick in (
        lambda x: x[places],
        lambda x: np.take(x, places),
        lambda x: np.take_along_axis(x, places, 0),
    ):
        places[:] = 0, 2
        x = Tensor([1.0, 2.0, 3.0])
        y = pick(x)
        places[:] = 1
        assert gradients(y.sum(), x).tolist() == [1, 0, 1]


X = Tensor(np.ones((2, 3)))


@pytest.mark.parametrize(
    ("wrong", "error", "message"),
    [
        (lambda: X[2], ShapeError, r"getitem: shape \(2, 3\), index=2: index 2 is out of bounds"),
        (lambda: X[0, 0, 0], ShapeError, r"getitem: shape \(2, 3\), .*too many indices"),
        (lambda: X[[0, 4]], ShapeError, "index 4 is out of bounds for axis 0 with size 2"),
        (lambda: X[np.ones(4, bool)], ShapeError, "boolean index did not match"),
        (lambda: X[0.5], ShapeError, "only integers, slices"),
        (lambda: X[Tensor(1.0)], OperandError, "an index is a plain integer, slice or array"),
        (
            lambda: X[0, Tensor([1.0])],
            OperandError,
            r"not a Tensor of shape \(1,\); pass .data.ast",
        ),
        (
            lambda: np.take(X, Tensor([1.0])),
            OperandError,
            r"np.take: the indices are a Tensor of float64; pass a plain array of integers",
        ),
        (lambda: np.take(X, [0.5]), OperandError, "np.take: the indices are a list of float64"),
        (lambda: np.take(X, 6), ShapeError, r"take: shape \(2, 3\), indices=6.*: index 6 is out"),
        (lambda: np.take(X, 0, axis=2), ShapeError, r"take: shape \(2, 3\), indices=0, axis=2"),
        (lambda: np.take(X, 0, mode="clip"), TypeError, "np.take: mode is not supported on Tens"),
        (
            lambda: np.take_along_axis(X, X, 0),
            OperandError,
            "np.take_along_axis: the indices are a Tensor of float64",
        ),
        (
            lambda: np.take_along_axis(X, np.array([0]), 1),
            ShapeError,
            r"np.take_along_axis: indices \(1,\) must have as many axes as the array, \(2, 3\)",
        ),
        (
            lambda: np.take_along_axis(X, np.array([[3]]), 1),
            ShapeError,
            r"(?s)getitem: shape \(2, 3\), .* index 3 is out of bounds for axis 1 with size 3",
        ),
        (
            lambda: np.take_along_axis(X, np.array([[0]]), 2),
            ShapeError,
            r"np.take_along_axis: shape \(2, 3\) has no axis 2",
        ),
        (lambda: np.diff(X, axis=2), ShapeError, r"np.diff: shape \(2, 3\) has no axis 2"),
        (lambda: np.diff(X[0, 0]), ShapeError, r"np.diff: shape \(\) has no axis -1"),
        (lambda: np.diff(X, -1), OperandError, "np.diff: n=-1 is negative"),
        (
            lambda: set_at(X, np.ones(2), index=0),
            ShapeError,
            r"set_at: shape \(2, 3\) and \(2,\), index=0: could not broadcast",
        ),
        (
            lambda: put_at(X, index=0, shape=(4, 2)),
            ShapeError,
            r"put_at: shape \(2, 3\), index=0, shape=\(4, 2\): could not broadcast",
        ),
        (
            lambda: put_at(X, index=np.array([0, 9]), shape=(9, 3)),
            ShapeError,
            r"(?s)put_at: shape \(2, 3\), .* index 9 is out of bounds for axis 0 with size 9",
        ),
    ],
)
def test_misfit_is_named(wrong: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        wrong()

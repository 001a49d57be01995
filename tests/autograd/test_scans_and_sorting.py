"""Running sums and products, exact at zeros, and sorting: forward as NumPy, derivatives twice."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from array_gate_laws import DTYPES, VIEWS, arrays, assert_is_numpys, check, check_on_scalars
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from autograd import Tensor, array_gates, gradients
from autograd.errors import ShapeError

SHAPES = hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=3)


def axes_of(x: np.ndarray) -> st.SearchStrategy[int | None]:
    """None, or an axis counted from either end."""
    return st.sampled_from([None, *range(-x.ndim, x.ndim)])


def distinct(shape: tuple[int, ...], dtype: Any = np.float64) -> np.ndarray:
    """Numbers in no order, far enough apart that differences keep their order."""
    size = int(np.prod(shape))
    return (np.random.default_rng(0).permutation(size) / 8 - 1).reshape(shape).astype(dtype)


@given(shape=SHAPES, dtype=DTYPES, view=VIEWS, data=st.data())
def test_running_sum_of_views_over_every_axis(
    shape: Any, dtype: Any, view: Any, data: st.DataObject
) -> None:
    x = data.draw(arrays(shape, dtype))
    axis = data.draw(axes_of(x))
    check(lambda x: np.cumsum(view(x), axis=axis), x)


# Every second element is zero, so that products of several zeros are met.
@given(shape=SHAPES, dtype=DTYPES, view=VIEWS, zeros=st.booleans(), data=st.data())
def test_running_product_of_views_over_every_axis(
    shape: Any, dtype: Any, view: Any, zeros: bool, data: st.DataObject
) -> None:
    x = data.draw(arrays(shape, dtype))
    if zeros:
        x.reshape(-1)[::2] = 0
    axis = data.draw(axes_of(x))
    check(lambda x: np.cumprod(view(x), axis=axis), x)


@given(shape=SHAPES, dtype=DTYPES, view=VIEWS, data=st.data())
def test_sort_of_views_over_every_axis(
    shape: Any, dtype: Any, view: Any, data: st.DataObject
) -> None:
    x = distinct(shape, dtype)
    axes = st.sampled_from([None, *range(-x.ndim, x.ndim)])
    axis = data.draw(axes.filter(lambda axis: axis is None or x.ndim > 0))
    check(lambda x: np.sort(view(x), axis=axis), x)


@given(shape=SHAPES, dtype=DTYPES, view=VIEWS, keepdims=st.booleans(), data=st.data())
def test_median_of_views_over_every_axis(
    shape: Any, dtype: Any, view: Any, keepdims: bool, data: st.DataObject
) -> None:
    assume(0 not in shape)
    x = distinct(shape, dtype)
    several = tuple(data.draw(st.permutations(range(x.ndim)))[: data.draw(st.integers(0, x.ndim))])
    axis = data.draw(st.sampled_from([None, several, *range(-x.ndim, x.ndim)]))
    check(lambda x: np.median(view(x), axis=axis, keepdims=keepdims), x)


def test_median_beside_nan_and_of_nothing_is_nan() -> None:
    x = Tensor([[1.0, np.nan, 3.0], [4.0, 9.0, 2.0]])
    np.testing.assert_array_equal(np.median(x, axis=1).data, [np.nan, 4.0])
    with pytest.warns(RuntimeWarning):
        assert np.isnan(np.median(Tensor([])).data)


def test_axis_of_a_number_is_no_axis_of_its_running_sum() -> None:
    for axis in (0, -1, None):
        check(lambda x, axis=axis: np.cumsum(x, axis=axis), np.array(2.0))
        check(lambda x, axis=axis: np.cumprod(x, axis=axis), np.array(2.0))


def test_sums_and_products_are_methods_too() -> None:
    x = Tensor([[1.0, 2.0], [3.0, 4.0]])
    np.testing.assert_array_equal(x.cumsum(axis=0).data, [[1, 2], [4, 6]])
    np.testing.assert_array_equal(x.cumprod().data, [1, 2, 6, 24])
    np.testing.assert_array_equal(np.add.accumulate(x).data, [[1, 2], [4, 6]])


def test_third_derivative_of_a_running_product_at_zeros() -> None:
    x = Tensor([0.0, 0.0, 0.0, 5.0])
    gradient = gradients(np.cumprod(x)[2], x, create_graph=True)
    second = gradients(gradient[0], x, create_graph=True)
    np.testing.assert_array_equal(gradient.data, 0)
    np.testing.assert_array_equal(second.data, 0)
    np.testing.assert_array_equal(gradients(second[1], x).data, [0, 0, 1, 0])


def test_running_product_that_underflows_keeps_its_gradient() -> None:
    x = Tensor([1e-200, 1e-200, 1e200])
    np.cumprod(x)[2].backward()
    np.testing.assert_allclose(x.grad, [1.0, 1.0, 0.0])
    x = Tensor([0.0, 1e200, 1e200])
    np.cumprod(x).backward(np.array([1.0, 0.0, 0.0]))
    np.testing.assert_array_equal(x.grad, [1, 0, 0])


@given(data=st.data(), reverse=st.booleans())
def test_linear_recurrence_in_both_directions(data: st.DataObject, reverse: bool) -> None:
    shape = data.draw(hnp.array_shapes(max_dims=2, min_side=0, max_side=4).filter(len))
    a, b = data.draw(arrays(shape)), data.draw(arrays(shape))
    expected = np.zeros(shape)
    order = range(shape[-1])[:: -1 if reverse else 1]
    before = None
    for i in order:
        expected[..., i] = b[..., i]
        if before is not None:
            expected[..., i] += a[..., before if reverse else i] * expected[..., before]
        before = i
    np.testing.assert_array_equal(array_gates.linear_recurrence(a, b, reverse=reverse), expected)
    check(lambda a, b: array_gates.linear_recurrence(a, b, reverse=reverse), a, b)


def test_linear_recurrence_of_two_dtypes_has_the_wider() -> None:
    a, b = np.array([0.1, 0.2, 0.3]), np.ones(3, np.float32)
    assert array_gates.linear_recurrence(a, b).dtype == np.float64
    check(array_gates.linear_recurrence, a, b)


@given(x=arrays(hnp.array_shapes(max_dims=3, min_side=0, max_side=4)), reverse=st.booleans())
def test_parts_of_a_product_rule(x: np.ndarray, reverse: bool) -> None:
    check(lambda x: array_gates.shift(x, reverse=reverse), x)
    check(lambda x: array_gates.exclusive_cumprod(x, reverse=reverse), x)
    way = slice(None, None, -1 if reverse else 1)
    expected = np.ones_like(x[..., way])
    expected[..., 1:] = np.cumprod(x[..., way], axis=-1)[..., :-1]
    assert_is_numpys(array_gates.exclusive_cumprod(x, reverse=reverse), expected[..., way])


def test_equal_elements_keep_their_order_in_the_gradient() -> None:
    x = Tensor([2.0, 1.0, 2.0, 1.0, np.nan, 1.0])
    np.sort(x).backward(np.arange(6.0))
    np.testing.assert_array_equal(x.grad, [3, 0, 4, 1, 5, 2])
    # Short arrays are sorted by a method that is stable whatever its name.
    many = Tensor(np.tile([1.0, 0.0], 500))
    np.sort(many).backward(np.arange(1000.0))
    np.testing.assert_array_equal(many.grad, np.arange(1000).reshape(2, 500)[::-1].T.reshape(-1))


@pytest.mark.parametrize("kind", [{}, {"kind": "stable"}, {"kind": "heapsort"}, {"stable": True}])
def test_every_kind_of_sort_is_numpys(kind: dict[str, Any]) -> None:
    check(lambda x: np.sort(x, **kind), distinct((3, 5)))


@pytest.mark.parametrize("gate", [array_gates.cumsum, array_gates.cumprod])
@pytest.mark.parametrize("axis", [None, 0, -1])
def test_scans_on_scalars(gate: Any, axis: int | None) -> None:
    check_on_scalars(gate, np.array([[1.5, 0.0, -2.0], [0.0, 0.0, 3.0]]), axis=axis)


@pytest.mark.parametrize("axis", [None, 0, -1])
def test_sort_on_scalars(axis: int | None) -> None:
    check_on_scalars(array_gates.sort, np.array([[2.0, 1.0, 2.0], [3.0, -1.0, 1.0]]), axis=axis)
    check_on_scalars(array_gates.sort, np.array([2.0, np.nan, -1.0, np.nan]), axis=axis)


@pytest.mark.parametrize("function", [np.cumsum, np.cumprod, np.sort])
def test_axis_that_is_not_there_is_named(function: Any) -> None:
    with pytest.raises(ShapeError, match=rf"{function.__name__}: shape \(2, 3\), axis=2.*: axis 2"):
        function(Tensor(np.ones((2, 3))), axis=2)


def test_sort_of_a_number_is_refused_as_by_numpy() -> None:
    with pytest.raises(ShapeError, match=r"sort: shape \(\), axis=-1.*out of bounds"):
        np.sort(Tensor(1.0))

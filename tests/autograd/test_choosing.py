"""NumPy's choices between elements, on Tensors: its results, and the gradient of what is chosen."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from array_gate_laws import DTYPES, arrays, assert_is_numpys
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from linear_functions import check_linear

from autograd import Tensor
from autograd.errors import OperandError, ShapeError

BROADCASTABLE = hnp.mutually_broadcastable_shapes(num_shapes=3, max_dims=3, min_side=0, max_side=3)


@given(shapes=BROADCASTABLE, dtypes=st.tuples(DTYPES, DTYPES), data=st.data())
def test_where(shapes: Any, dtypes: Any, data: st.DataObject) -> None:
    condition = data.draw(hnp.arrays(bool, shapes.input_shapes[0]))
    x = data.draw(arrays(shapes.input_shapes[1], dtypes[0]))
    y = data.draw(arrays(shapes.input_shapes[2], dtypes[1]))
    check_linear(lambda x, y: np.where(condition, x, y), x, y)
    check_linear(lambda x: np.where(condition, x, 0.0), x)
    check_linear(lambda y: np.where(condition, 1, y), y)


def test_where_a_tensor_decides_no_gradient_flows_to_it() -> None:
    x, y = Tensor([0.0, 2.0]), Tensor([5.0, 6.0])
    out = np.where(x, y, 7.0)
    assert out.tolist() == [7, 6]
    out.backward(np.ones(2))
    assert (x.grad.tolist(), y.grad.tolist()) == ([0, 0], [0, 1])


def test_where_without_choices_gives_the_plain_places() -> None:
    (places,) = np.where(Tensor([0.0, 2.0, 0.0, 1.0]))
    assert type(places) is np.ndarray and places.tolist() == [1, 3]


@given(shapes=BROADCASTABLE, dtype=DTYPES, data=st.data())
def test_select(shapes: Any, dtype: Any, data: st.DataObject) -> None:
    first, second = (data.draw(hnp.arrays(bool, shapes.result_shape)) for _ in range(2))
    x, y, z = (data.draw(arrays(shape, dtype)) for shape in shapes.input_shapes)
    check_linear(lambda x, y, z: np.select([first, second], [x, y], z), x, y, z)
    check_linear(lambda x: np.select([first, second], [y, x]), x)
    check_linear(lambda x: np.select([first, second], [x, 5 * y], default=2), x)


@given(shapes=BROADCASTABLE, dtype=DTYPES, data=st.data())
def test_clip(shapes: Any, dtype: Any, data: st.DataObject) -> None:
    x, low, width = (data.draw(arrays(shape, dtype)) for shape in shapes.input_shapes)
    high = low + np.abs(width)
    t = Tensor(x)
    for bounds in ((low, high), (low, None), (None, high), (-1, 2), (None, 1.5)):
        assert_is_numpys(np.clip(t, *bounds), np.clip(x, *bounds))
    assert_is_numpys(np.clip(t, None, None), x)


def test_gradient_of_what_is_clipped_goes_to_the_bound() -> None:
    x, low, high = Tensor([-2.0, 0.5, 1.0, 3.0]), Tensor(-1.0), Tensor(1.0)
    np.clip(x, low, high).backward(np.array([1.0, 2.0, 4.0, 8.0]))
    assert (x.grad.tolist(), low.grad, high.grad) == ([0, 2, 4, 0], 1, 8)
    x.zero_grad()
    np.clip(x, a_max=None, a_min=0.75).backward(np.ones(4))
    assert x.grad.tolist() == [0, 0, 1, 1]


@pytest.mark.skipif(
    np.lib.NumpyVersion(np.__version__) < "2.1.0", reason="NumPy's bounds have other names"
)
def test_bounds_of_clip_by_their_short_names() -> None:
    assert np.clip(Tensor([-2.0, 3.0]), min=-1).tolist() == [-1, 3]
    assert np.clip(Tensor([-2.0, 3.0]), max=1).tolist() == [-2, 1]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_numbers_that_are_none_are_replaced_and_get_no_gradient(dtype: Any) -> None:
    numbers = np.array([1.0, np.nan, np.inf, -np.inf, -2.0], dtype)
    for options in ({}, {"nan": 3.0, "posinf": 4.0, "neginf": 5.0}):
        x = Tensor(numbers)
        out = np.nan_to_num(x, **options)
        assert_is_numpys(out, np.nan_to_num(numbers, **options))
        out.backward(np.arange(1, 6, dtype=dtype))
        assert x.grad.tolist() == [1, 0, 0, 0, 5]


X = Tensor([1.0, 2.0])


@pytest.mark.parametrize(
    ("wrong", "error", "message"),
    [
        (
            lambda: np.where(X > 1, X, np.ones(3)),
            ShapeError,
            r"where: shapes \(2,\) and \(2,\) and",
        ),
        (lambda: np.clip(X, np.ones(3), None), ShapeError, r"clip: shapes \(2,\) and \(3,\)"),
        (lambda: np.select([X > 1], [X, X]), OperandError, "np.select: 1 conditions for 2 choices"),
        (
            lambda: np.nan_to_num(X, copy=False),
            OperandError,
            "copy=False would write into a Tensor",
        ),
    ],
)
def test_misfit_is_named(wrong: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        wrong()

"""Diagonals and triangles: NumPy's results, and exact gradients."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from array_gate_laws import DTYPES, VIEWS, arrays
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from linear_functions import check_linear

from autograd import Tensor
from autograd.errors import ShapeError


@st.composite
def operands(draw: Any, least: int, most: int = 4) -> tuple[np.ndarray, Any]:
    """An array, and a view of it that a function is to be applied to."""
    shapes = hnp.array_shapes(min_dims=least, max_dims=most, min_side=0, max_side=4)
    return draw(arrays(draw(shapes), draw(DTYPES))), draw(VIEWS)


OFFSETS = st.integers(-5, 5)


@given(operand=operands(2), offset=OFFSETS, data=st.data())
def test_diagonal_and_trace(operand: Any, offset: int, data: st.DataObject) -> None:
    x, view = operand
    first, second = data.draw(st.permutations(range(x.ndim)))[:2]
    second -= data.draw(st.sampled_from([0, x.ndim]))
    check_linear(lambda x: np.diagonal(view(x)), x)
    check_linear(lambda x: np.diagonal(view(x), offset, first, second), x)
    check_linear(lambda x: view(x).trace(), x)
    check_linear(lambda x: np.trace(view(x), offset, axis1=first, axis2=second), x)


@given(operand=operands(1, 2), offset=OFFSETS)
def test_diag(operand: Any, offset: int) -> None:
    x, view = operand
    check_linear(lambda x: np.diag(view(x)), x)
    check_linear(lambda x: np.diag(view(x), offset), x)
    check_linear(lambda x: np.diagflat(view(x), offset), x)


@given(operand=operands(1), offset=OFFSETS)
def test_triangles(operand: Any, offset: int) -> None:
    x, view = operand
    for triangle in (np.tril, np.triu):
        check_linear(lambda x, f=triangle: f(view(x)), x)
        check_linear(lambda x, f=triangle: f(view(x), k=offset), x)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (
            lambda: np.diag(Tensor(np.ones((2, 3, 4)))),
            r"np.diag: shape \(2, 3, 4\) is neither a ve",
        ),
        (lambda: np.diag(Tensor(1.0)), r"np.diag: shape \(\) is neither a vector nor a matrix"),
        (lambda: np.diagonal(Tensor([1.0])), r"diagonal: shape \(1,\), .*at least two dimensions"),
        (
            lambda: np.trace(Tensor(np.ones((2, 2))), axis1=0, axis2=2),
            r"diagonal: shape \(2, 2\), offset=0, axis1=0, axis2=2: .*axis 2 is out of bounds",
        ),
    ],
)
def test_misfit_is_named(wrong: Any, message: str) -> None:
    with pytest.raises(ShapeError, match=message):
        wrong()

"""Mirrored, shifted, repeated and padded arrays: NumPy's results, and exact gradients."""

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
from autograd.errors import OperandError, ShapeError


@st.composite
def operands(draw: Any, least: int = 0, side: int = 0) -> tuple[np.ndarray, Any]:
    """An array, and a view of it that a function is to be applied to."""
    shapes = hnp.array_shapes(min_dims=least, max_dims=4, min_side=side, max_side=3)
    return draw(arrays(draw(shapes), draw(DTYPES))), draw(VIEWS)


def axis_of(x: np.ndarray) -> st.SearchStrategy[int]:
    return st.integers(-x.ndim, x.ndim - 1)


@given(operand=operands(), data=st.data())
def test_flip(operand: Any, data: st.DataObject) -> None:
    x, view = operand
    check_linear(lambda x: np.flip(view(x)), x)
    if x.ndim:
        axis = data.draw(axis_of(x))
        check_linear(lambda x: np.flip(view(x), axis), x)
        check_linear(lambda x: np.flipud(view(x)), x)
    if x.ndim > 1:
        check_linear(lambda x: np.flip(view(x), (0, -1)), x)
        check_linear(lambda x: np.fliplr(view(x)), x)


@given(operand=operands(), data=st.data())
def test_roll(operand: Any, data: st.DataObject) -> None:
    x, view = operand
    shift = data.draw(st.integers(-5, 5))
    check_linear(lambda x: np.roll(view(x), shift), x)
    if x.ndim:
        axis = data.draw(axis_of(x))
        check_linear(lambda x: np.roll(view(x), shift, axis), x)
        check_linear(lambda x: np.roll(view(x), (shift, 1), axis=(axis, 0)), x)
        check_linear(lambda x: np.roll(view(x), shift, axis=(axis, 0)), x)


@given(operand=operands(2), k=st.integers(-5, 5), data=st.data())
def test_rot90(operand: Any, k: int, data: st.DataObject) -> None:
    x, view = operand
    axes = tuple(data.draw(st.permutations(range(x.ndim)))[:2])
    check_linear(lambda x: np.rot90(view(x)), x)
    check_linear(lambda x: np.rot90(view(x), k, axes), x)


@given(operand=operands(), times=st.integers(0, 3), data=st.data())
def test_repeat(operand: Any, times: int, data: st.DataObject) -> None:
    x, view = operand
    counts = st.integers(0, 3)
    each = data.draw(st.lists(counts, min_size=x.size, max_size=x.size))
    for repeats in (times, [times], each):
        check_linear(lambda x, repeats=repeats: np.repeat(view(x), repeats), x)
    if x.ndim:
        axis = data.draw(axis_of(x))
        size = view(x).shape[axis]
        each = np.array(data.draw(st.lists(counts, min_size=size, max_size=size)), int)
        check_linear(lambda x: np.repeat(view(x), times, axis), x)
        check_linear(lambda x: view(x).repeat(each, axis=axis), x)


@given(operand=operands(), reps=st.lists(st.integers(0, 2), max_size=5))
def test_tile(operand: Any, reps: list[int]) -> None:
    x, view = operand
    check_linear(lambda x: np.tile(view(x), 2), x)
    check_linear(lambda x: np.tile(view(x), reps), x)
    check_linear(lambda x: np.tile(view(x), tuple(reps)), x)


WIDTHS = st.integers(0, 4)


@given(operand=operands(), data=st.data())
def test_padding_with_a_constant(operand: Any, data: st.DataObject) -> None:
    x, view = operand
    pairs = [(data.draw(WIDTHS), data.draw(WIDTHS)) for _ in x.shape]
    check_linear(lambda x: np.pad(view(x), 1), x)
    check_linear(lambda x: np.pad(view(x), (1, 2), constant_values=-1), x)
    check_linear(lambda x: np.pad(view(x), [(2, 1)], "constant", constant_values=(1, 2)), x)
    if pairs:
        check_linear(lambda x: np.pad(view(x), pairs), x)


@pytest.mark.parametrize("mode", ["edge", "reflect", "symmetric", "wrap"])
@given(operand=operands(side=1), data=st.data())
def test_padding_with_elements(mode: str, operand: Any, data: st.DataObject) -> None:
    x, view = operand
    pairs = [(data.draw(WIDTHS), data.draw(WIDTHS)) for _ in x.shape]
    check_linear(lambda x: np.pad(view(x), 2, mode), x)
    if pairs:
        check_linear(lambda x: np.pad(view(x), pairs, mode=mode), x)


@pytest.mark.skipif(
    np.lib.NumpyVersion(np.__version__) < "2.2.0", reason="NumPy takes no widths by axis"
)
def test_padding_of_the_axes_that_are_named() -> None:
    x = np.arange(6.0).reshape(2, 3)
    check_linear(lambda x: np.pad(x, {-1: (1, 2)}), x)
    check_linear(lambda x: np.pad(x, {0: 1}, mode="edge"), x)


def test_widths_and_counts_that_are_changed_afterwards_change_no_gradient() -> None:
    x = Tensor([1.0, 2.0])
    widths, counts, shifts = np.array([1, 0]), np.array([1, 2]), np.array([1])
    out = (np.repeat(x, counts) * [1, 2, 4]).sum() + (np.roll(x, shifts, (0,)) * [8, 16]).sum()
    out = out + (np.pad(x, widths) * [0, 32, 64]).sum()
    widths[:] = counts[:] = shifts[:] = 0
    out.backward()
    assert x.grad.tolist() == [1 + 16 + 32, 6 + 8 + 64]


X = Tensor(np.ones((2, 3)))


@pytest.mark.parametrize(
    ("wrong", "error", "message"),
    [
        (
            lambda: np.flip(X, 2),
            ShapeError,
            r"flip: shape \(2, 3\), axis=2: axis 2 is out of bound",
        ),
        (lambda: np.fliplr(X[0]), ShapeError, r"flip: shape \(3,\), axis=1"),
        (lambda: np.roll(X, 1, 2), ShapeError, r"roll: shape \(2, 3\), shift=1, axis=2"),
        (lambda: np.rot90(X, axes=(0, 0)), ShapeError, r"rot90: .*Axes must be different"),
        (lambda: np.repeat(X, [1, 2], 1), ShapeError, r"repeat: shape \(2, 3\), repeats=.*broadca"),
        (lambda: np.repeat(X, -1), ShapeError, r"repeat: shape \(2, 3\), repeats=-1.* negative"),
        (lambda: np.pad(X, -1), ShapeError, "pad_width=-1.*: index can't contain negative values"),
        (lambda: np.pad(X, [(1, 2, 3)]), ShapeError, r"pad: shape \(2, 3\), pad_width=.*broadcast"),
        (
            lambda: np.pad(Tensor(np.ones((0, 2))), 1, mode="edge"),
            ShapeError,
            r"pad: shape \(0, 2\), pad_width=1, mode='edge': can't extend empty axis 0",
        ),
        (
            lambda: np.pad(X, 1, constant_values=X[0, 0]),
            OperandError,
            "np.pad: constant_values is a Tensor, .* pass a plain number, or join",
        ),
        (
            lambda: np.pad(X, 1, mode="mean"),
            OperandError,
            "np.pad: mode 'mean' has no rule for Tensors, only 'constant', 'edge', 'reflect'",
        ),
        (
            lambda: np.pad(X, 1, "reflect", reflect_type="odd"),
            TypeError,
            "reflect_type is not supp",
        ),
    ],
)
def test_misfit_is_named(wrong: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        wrong()

"""Losses: their values, their gradients, and what they refuse."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from central_difference import array_gradient
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from autograd import Tensor
from autograd.errors import LabelError, ShapeError
from nn import cross_entropy, mse

ELEMENTS = st.floats(-5, 5).map(lambda number: round(number, 3))


@st.composite
def logits_and_labels(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    samples, classes = draw(st.integers(1, 4)), draw(st.integers(1, 4))
    logits = draw(hnp.arrays(np.float64, (samples, classes), elements=ELEMENTS))
    labels = draw(hnp.arrays(np.int64, samples, elements=st.integers(0, classes - 1)))
    return logits, labels


@given(logits_and_labels())
def test_cross_entropy_gradient_is_that_of_the_central_difference(
    drawn: tuple[np.ndarray, np.ndarray],
) -> None:
    data, labels = drawn
    logits = Tensor(data)
    cross_entropy(logits, labels).backward()
    expected = array_gradient(lambda moved: cross_entropy(moved, labels).item(), data)
    np.testing.assert_allclose(logits.grad, expected, atol=1e-8)


@given(hnp.arrays(np.float64, (2, 2, 3), elements=ELEMENTS))
def test_mse_gradients_are_those_of_the_central_difference(both: np.ndarray) -> None:
    prediction, target = Tensor(both[0]), Tensor(both[1])
    mse(prediction, target).backward()
    expected = array_gradient(lambda moved: mse(moved, both[1]).item(), both[0])
    np.testing.assert_allclose(prediction.grad, expected, atol=1e-8)
    np.testing.assert_allclose(target.grad, -expected, atol=1e-8)


@given(logits_and_labels(), st.sampled_from([-1e4, 1e4]))
def test_cross_entropy_does_not_change_when_all_logits_are_shifted(
    drawn: tuple[np.ndarray, np.ndarray], shift: float
) -> None:
    logits, labels = drawn
    shifted = cross_entropy(logits + shift, labels).item()
    assert shifted == pytest.approx(cross_entropy(logits, labels).item(), abs=1e-10)


def test_cross_entropy_of_a_hopeless_sample_is_the_distance_of_its_logits() -> None:
    logits = Tensor([[0.0, 5000.0]])
    loss = cross_entropy(logits, [0])
    loss.backward()
    assert loss.item() == 5000.0
    np.testing.assert_array_equal(logits.grad, [[-1.0, 1.0]])


def test_cross_entropy_keeps_a_tiny_loss() -> None:
    # log(1 + exp(-30)): a route through the probability 1 - 1e-13 would keep few of its digits.
    assert cross_entropy(Tensor([30.0, 0.0]), 0).item() == pytest.approx(
        np.log1p(np.exp(-30.0)), rel=1e-2
    )


def test_cross_entropy_of_one_sample_is_that_of_a_batch_of_one() -> None:
    one, batch = Tensor([1.0, 2.0, 0.5]), Tensor([[1.0, 2.0, 0.5]])
    single, mean = cross_entropy(one, 1), cross_entropy(batch, [1])
    single.backward()
    mean.backward()
    assert single.shape == mean.shape == ()
    assert single.item() == mean.item()
    assert one.grad is not None and batch.grad is not None
    np.testing.assert_array_equal(one.grad, batch.grad[0])


def test_cross_entropy_keeps_float32() -> None:
    logits = Tensor(np.zeros((2, 3), dtype=np.float32))
    assert cross_entropy(logits, [0, 1]).dtype == np.float32


@pytest.mark.parametrize("dtype", [np.int8, np.uint8, np.uint64])
def test_cross_entropy_takes_labels_of_every_integer_type(dtype: Any) -> None:
    assert cross_entropy(np.zeros((2, 4)), np.array([3, 0], dtype=dtype)).item() == pytest.approx(
        np.log(4)
    )


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ([0, 3], r"label 3 at \[1\] is out of range; labels are integers from 0 to 2"),
        ([-1, 0], r"label -1 at \[0\] is out of range; labels are integers from 0 to 2"),
        ([0.0, 1.5], r"label 1\.5 in row 1 is not an integer; labels are integers from 0 to 2"),
        ([0.0, 1.0], r"label 0\.0 in row 0 is not an integer; .* labels\.astype\(int\)"),
        ([0.0, np.nan], r"label nan in row 1 is not an integer"),
        ([True, False], r"label True in row 0 is not an integer"),
        (["setosa", "virginica"], r"label 'setosa' in row 0 is not an integer"),
    ],
)
def test_cross_entropy_names_a_label_that_is_no_class(labels: Any, message: str) -> None:
    with pytest.raises(LabelError, match=message):
        cross_entropy(np.zeros((2, 3)), labels)


def test_cross_entropy_names_the_label_of_a_single_sample() -> None:
    with pytest.raises(LabelError, match=r"label 2 at \[0\] is out of range"):
        cross_entropy(Tensor([0.0, 0.0]), 2)


@pytest.mark.parametrize(
    ("logits", "labels", "message"),
    [
        ((2, 3), (3,), r"labels of shape \(3,\) for logits of shape \(2, 3\); .* \(2,\)"),
        ((2, 3), (2, 4), r"labels of shape \(2, 4\) for logits of shape \(2, 3\); .* \(2,\)"),
        ((3,), (1,), r"labels of shape \(1,\) for logits of shape \(3,\); .* shape \(\)"),
        ((), (), r"logits of shape \(\); pass \(n, k\)"),
        ((1, 2, 3), (1, 2), r"logits of shape \(1, 2, 3\); pass \(n, k\)"),
        ((0, 3), (0,), r"logits of shape \(0, 3\); pass \(n, k\)"),
        ((2, 0), (2,), r"logits of shape \(2, 0\); pass \(n, k\)"),
    ],
)
def test_cross_entropy_refuses_shapes_that_do_not_fit(
    logits: tuple[int, ...], labels: tuple[int, ...], message: str
) -> None:
    with pytest.raises(ShapeError, match=message):
        cross_entropy(Tensor(np.zeros(logits)), np.zeros(labels, dtype=int))


def test_mse_does_not_broadcast() -> None:
    with pytest.raises(ShapeError, match=r"prediction of shape \(3, 1\), target of shape \(3,\)"):
        mse(Tensor(np.zeros((3, 1))), np.zeros(3))


def test_mse_of_nothing_is_refused() -> None:
    with pytest.raises(ShapeError, match=r"prediction of shape \(0,\) has no element"):
        mse(Tensor(np.zeros(0)), np.zeros(0))

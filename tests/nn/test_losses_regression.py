"""Losses of numbers: the lectures' figures, the edges, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autograd import Tensor
from autograd.errors import OperandError, SettingError, ShapeError
from nn import huber, mae, mse, rmse, sum_squared_error

LOSSES = [sum_squared_error, mse, mae, rmse, huber]
HOURS, MARKS = np.array([2.0, 4.0, 6.0, 8.0]), np.array([81, 93, 91, 97])


@pytest.mark.parametrize(
    ("scores", "expected"),
    [
        ([0.1, 0.05, 0.6, 0.0, 0.05, 0.1, 0.0, 0.0], 0.0925),
        ([0.1, 0.05, 0.1, 0.0, 0.05, 0.6, 0.0, 0.0], 0.5925),
    ],
)
def test_sum_of_squares_is_that_of_the_lecture(scores: list[float], expected: float) -> None:
    loss = sum_squared_error(Tensor(scores), np.eye(8, dtype=int)[2])
    assert loss.item() == pytest.approx(expected, rel=1e-14)


def test_squared_error_of_the_marks_is_that_of_the_lecture() -> None:
    line = Tensor(3 * HOURS + 76)
    assert mse(line, MARKS).item() == 11
    assert rmse(line, MARKS).item() == pytest.approx(11**0.5, rel=1e-15)
    assert mae(line, MARKS).item() == 3


def test_sum_of_squares_has_the_error_as_its_gradient() -> None:
    guess = Tensor(3 * HOURS + 76)
    sum_squared_error(guess, MARKS).backward()
    np.testing.assert_array_equal(guess.grad, guess.data - MARKS)


@pytest.mark.parametrize("loss", LOSSES)
def test_where_the_prediction_is_right_the_loss_and_its_gradient_are_zero(
    loss: Callable[..., Tensor],
) -> None:
    guess = Tensor([1.0, -2.0])
    result = loss(guess, [1, -2])
    result.backward()
    assert result.item() == 0
    np.testing.assert_array_equal(guess.grad, [0, 0])


@pytest.mark.parametrize("loss", LOSSES)
def test_gradient_by_the_target_is_that_by_the_prediction_turned(
    loss: Callable[..., Tensor],
) -> None:
    guess, target = Tensor([1.0, 5.0]), Tensor([0.5, 2.0])
    loss(guess, target).backward()
    assert guess.grad is not None
    np.testing.assert_allclose(target.grad, -guess.grad, rtol=1e-15)


@pytest.mark.parametrize("loss", LOSSES)
def test_targets_are_not_broadcast(loss: Callable[..., Tensor]) -> None:
    message = rf"{loss.__name__}: prediction of shape \(3, 1\), target of shape \(3,\); .*\.reshape"
    with pytest.raises(ShapeError, match=message):
        loss(Tensor(np.zeros((3, 1))), np.zeros(3))


@pytest.mark.parametrize("loss", LOSSES)
def test_nothing_is_refused(loss: Callable[..., Tensor]) -> None:
    with pytest.raises(ShapeError, match=rf"{loss.__name__}: .* shape \(0, 2\) has no element"):
        loss(Tensor(np.zeros((0, 2))), np.zeros((0, 2)))


@pytest.mark.parametrize("loss", LOSSES)
def test_targets_that_are_no_numbers_are_refused(loss: Callable[..., Tensor]) -> None:
    with pytest.raises(OperandError, match=rf"{loss.__name__}: the target holds real numbers, not"):
        loss(Tensor([1.0]), ["high"])


@pytest.mark.parametrize("delta", [0.0, -1.0, np.inf, np.nan])
def test_huber_needs_a_delta_above_zero(delta: Any) -> None:
    with pytest.raises(SettingError, match=r"huber: delta is .*; pass a finite number above 0"):
        huber(Tensor([1.0]), [0.0], delta=delta)


def test_huber_pulls_no_harder_than_delta() -> None:
    guess = Tensor([1e200, 3.0, 0.5, -1e200])
    huber(guess, np.zeros(4), delta=2.0, reduction="sum").backward()
    np.testing.assert_array_equal(guess.grad, [2, 2, 0.5, -2])

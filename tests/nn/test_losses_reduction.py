"""Weights of losses: which axes they stand for, and what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import autograd
import nn
from autograd import Tensor
from autograd.errors import OperandError, SettingError, ShapeError
from nn.losses.reduction import reduced

SQUARE = Tensor([[1.0, 2.0], [3.0, 4.0]])


@pytest.mark.parametrize(
    ("weights", "expected"),
    [
        ([1, 3], [[1, 2], [9, 12]]),
        ([[1], [3]], [[1, 2], [9, 12]]),
        ([[1, 3]], [[1, 6], [3, 12]]),
        ([[1, 0], [2, 3]], [[1, 0], [6, 12]]),
        (2, [[2, 4], [6, 8]]),
    ],
)
def test_weights_stand_for_the_first_axes(weights: Any, expected: Any) -> None:
    np.testing.assert_array_equal(reduced("loss", SQUARE, "none", weights).data, expected)


@given(
    hnp.arrays(np.float64, (3, 2), elements=st.integers(-9, 9)),
    st.sampled_from([(), (3,), (3, 1), (1, 2), (3, 2)]),
    st.integers(0, 100),
)
def test_weighted_mean_is_that_of_numpy(
    losses: np.ndarray, shape: tuple[int, ...], seed: int
) -> None:
    weights = np.random.default_rng(seed).uniform(0.5, 2, shape)
    filled = weights.reshape(shape + (1,) * (2 - len(shape)))
    expected = np.average(losses, weights=np.broadcast_to(filled, losses.shape))
    mean = reduced("loss", Tensor(losses), "mean", weights)
    assert mean.item() == pytest.approx(expected, rel=1e-12, abs=1e-12)


def test_weights_may_be_tensors_and_have_gradients() -> None:
    weights = Tensor([1.0, 3.0])
    reduced("loss", Tensor([2.0, 6.0]), "mean", weights).backward()
    # Each pulls the mean, 5, towards its loss.
    np.testing.assert_allclose(weights.grad, [(2 - 5) / 4, (6 - 5) / 4])


@pytest.mark.parametrize("shape", [(3,), (1, 3), (2, 2, 1), (4,)])
def test_weights_of_other_shapes_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ShapeError, match=r"loss: weights of .* losses of shape \(2, 2\); pass \(2"):
        reduced("loss", SQUARE, "mean", np.ones(shape))


@pytest.mark.parametrize("bad", [-0.5, np.nan, np.inf])
def test_weights_that_weigh_nothing_definite_are_refused(bad: float) -> None:
    with pytest.raises(SettingError, match=rf"loss: a weight is {bad} at \[1\]; it must be finite"):
        reduced("loss", SQUARE, "mean", [1.0, bad])


def test_weights_that_are_no_numbers_are_refused() -> None:
    with pytest.raises(OperandError, match="loss: weights are real numbers, not"):
        reduced("loss", SQUARE, "mean", ["heavy", "light"])


def test_a_traced_loss_reads_its_target_and_its_weights_at_each_call() -> None:
    rng = np.random.default_rng(0)
    distributions, shares = rng.dirichlet(np.ones(3), (2, 4)), rng.uniform(size=(2, 4, 3))
    grids = rng.uniform(0.1, 0.9, (2, 4, 2, 2, 7))
    grids[..., 4] = 1
    numbers, weights = rng.normal(size=(4, 3)), rng.uniform(0.5, 1, (2, 4))
    for loss, prediction, targets in [
        (nn.mse, numbers, shares),
        (nn.rmse, numbers, shares),
        (nn.binary_cross_entropy, rng.uniform(0.1, 0.9, (4, 3)), shares),
        (nn.hinge, numbers, np.sign(rng.normal(size=(2, 4, 3)))),
        (nn.cross_entropy, numbers, distributions),
        (nn.kl_divergence, numbers, distributions),
        (nn.yolo, grids[0], grids),
    ]:
        traced = autograd.trace(lambda p, t, w, loss=loss: loss(p, t, weights=w))
        for target, each in zip(targets, weights, strict=True):
            expected = loss(prediction, target, weights=each).item()
            replayed = traced(Tensor(prediction), target, each)
            assert replayed.item() == pytest.approx(expected, rel=1e-12)
        assert len(traced.programs) == 1

"""Losses of numbers: how far predictions are from targets that were measured."""

from __future__ import annotations

import math

import numpy as np

from autograd import Tensor, clip
from autograd.array_gates import norm
from autograd.errors import SettingError
from nn.losses.operands import Operand, matched
from nn.losses.reduction import Reduction, fitted_weights, reduced, total_weight

__all__ = ["huber", "mae", "mse", "rmse", "sum_squared_error"]


def sum_squared_error(
    prediction: Operand, target: Operand, *, weights: Operand | None = None
) -> Tensor:
    """Half the sum of (prediction - target)**2 over all elements of all samples.

    prediction and target of one shape, any, not empty -> loss (). The half makes the gradient
    prediction - target. `weights` are those of `reduced`.

    Raises:
        ShapeError: the shapes differ, or there is no element.

    >>> scores = Tensor([0.1, 0.05, 0.6, 0.0, 0.05, 0.1, 0.0, 0.0])
    >>> round(sum_squared_error(scores, [0, 0, 1, 0, 0, 0, 0, 0]).item(), 6)
    0.0925
    """
    guess, truth = matched("sum_squared_error", prediction, target)
    return 0.5 * reduced("sum_squared_error", (guess - truth) ** 2, "sum", weights)


def mse(
    prediction: Operand,
    target: Operand,
    *,
    reduction: Reduction = "mean",
    weights: Operand | None = None,
) -> Tensor:
    """The mean of (prediction - target)**2 over all elements.

    prediction and target of one shape, any, not empty -> loss (). Nothing is broadcast, since
    (n, 1) against (n,) would silently compare all pairs. `reduction` and `weights` are those of
    `reduced`.

    Raises:
        ShapeError: the shapes differ, or there is no element.

    >>> mse(Tensor([1.0, 2.0]), [1.0, 4.0]).item()
    2.0
    >>> mse(Tensor([1.0, 2.0]), [1.0, 4.0], weights=[3.0, 1.0]).item()
    1.0
    """
    guess, truth = matched("mse", prediction, target)
    return reduced("mse", (guess - truth) ** 2, reduction, weights)


def mae(
    prediction: Operand,
    target: Operand,
    *,
    reduction: Reduction = "mean",
    weights: Operand | None = None,
) -> Tensor:
    """The mean of |prediction - target| over all elements; its gradient where they are equal is 0.

    prediction and target of one shape, any, not empty -> loss (). `reduction` and `weights` are
    those of `reduced`.

    Raises:
        ShapeError: the shapes differ, or there is no element.

    >>> mae(Tensor([1.0, 2.0]), [1.0, 4.0]).item()
    1.0
    """
    guess, truth = matched("mae", prediction, target)
    return reduced("mae", abs(guess - truth), reduction, weights)


def rmse(prediction: Operand, target: Operand, *, weights: Operand | None = None) -> Tensor:
    """The root of the mean squared error, in the unit of the target.

    prediction and target of one shape, any, not empty -> loss (). With weights, those of
    `reduced`, it is the root of the weighted mean. There is no reduction to choose, as the mean is
    under the root. It is computed as a norm, whose gradient at an error of 0 is 0.

    Raises:
        ShapeError: the shapes differ, or there is no element.

    >>> rmse(Tensor([1.0, 1.0]), [4.0, 1.0], weights=[1.0, 3.0]).item()
    1.5
    """
    guess, truth = matched("rmse", prediction, target)
    error = guess - truth
    total = float(error.size)
    if weights is not None:
        factors = fitted_weights("rmse", weights, error)
        error, total = error * np.sqrt(factors), total_weight("rmse", factors, error)
    root: Tensor = norm(error) / total**0.5
    return root


def huber(
    prediction: Operand,
    target: Operand,
    *,
    delta: float = 1.0,
    reduction: Reduction = "mean",
    weights: Operand | None = None,
) -> Tensor:
    """Squared near the target, straight far from it: no outlier pulls with more than delta.

    Of an error e it is e**2 / 2 up to |e| = delta, and delta * (|e| - delta / 2) beyond.
    prediction and target of one shape, any, not empty -> loss (). `reduction` and `weights` are
    those of `reduced`; PyTorch's huber_loss divides a weighted sum by the number of elements.

    Args:
        prediction: what the network gives.
        target: what it should give.
        delta: where the straight part begins, finite and above 0.
        reduction: "mean", "sum" or "none".
        weights: of samples or elements.

    Raises:
        ShapeError: the shapes differ, or there is no element.
        SettingError: delta is not finite and above 0.

    Source: Huber, Annals of Mathematical Statistics 35(1), 1964.

    >>> huber(Tensor([1.0, 5.0]), [0.0, 0.0], reduction="none").data
    array([0.5, 4.5])
    """
    if not (delta > 0 and math.isfinite(delta)):
        raise SettingError(f"huber: delta is {delta!r}; pass a finite number above 0, such as 1.0")
    guess, truth = matched("huber", prediction, target)
    error = guess - truth
    # The near part of the error is what is squared: no |e|, whose kink at 0 the loss has not.
    near = clip(error, -float(delta), float(delta))
    return reduced("huber", near * (error - 0.5 * near), reduction, weights)

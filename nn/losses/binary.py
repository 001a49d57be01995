"""Losses of yes or no: one probability, logit or score for each label."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from autograd import Tensor, less_equal, log, log1p, relu, softplus, where
from autograd.errors import LabelError, OperandError
from nn.losses.operands import (
    Operand,
    matched,
    numbers_of,
    place_of,
    require_not_negative,
)
from nn.losses.reduction import Reduction, reduced

__all__ = ["binary_cross_entropy", "binary_cross_entropy_with_logits", "hinge"]

# As in PyTorch: no logarithm of a probability counts for less.
SMALLEST_LOGARITHM = -100.0
SMALLEST = math.exp(SMALLEST_LOGARITHM)


def binary_cross_entropy(
    probabilities: Operand,
    labels: Operand,
    *,
    reduction: Reduction = "mean",
    weights: Operand | None = None,
) -> Tensor:
    """The mean of -(t * log(p) + (1 - t) * log(1 - p)), in nats.

    probabilities p in [0, 1], labels t, 0 or 1 or between for a soft label, both of one shape, any,
    not empty -> loss (). A logarithm below -100 counts as -100, so that a label with a probability
    of 0 costs 100; the gradient is then 0, as nothing is left of the slope. From logits compute
    `binary_cross_entropy_with_logits`, to which this does not happen. `reduction` and `weights` are
    those of `reduced`.

    Raises:
        ShapeError: the shapes differ, or there is no element.
        OperandError: a probability is not in [0, 1].
        LabelError: a label is not in [0, 1].

    >>> round(binary_cross_entropy(Tensor([0.5, 0.25]), [1, 0]).item(), 6)
    0.490415
    >>> binary_cross_entropy(Tensor([1.0, 0.0]), [1, 1]).item()
    50.0
    """
    guess, truth = matched("binary_cross_entropy", probabilities, labels)
    numbers = numbers_of(guess)
    # A nan is let through: the training finds it in the loss.
    if numbers is not None and (wrong := place_of((numbers < 0) | (numbers > 1))):
        raise OperandError(
            f"binary_cross_entropy: {numbers[wrong[0]]}{wrong[1]} is not a probability; for logits "
            "there is binary_cross_entropy_with_logits"
        )
    _require_shares("binary_cross_entropy", truth)
    losses = -(truth * _logarithm(guess) + (1.0 - truth) * _logarithm_of_rest(guess))
    return reduced("binary_cross_entropy", losses, reduction, weights)


def binary_cross_entropy_with_logits(
    logits: Operand,
    labels: Operand,
    *,
    reduction: Reduction = "mean",
    weights: Operand | None = None,
) -> Tensor:
    """The mean of -(t * log(p) + (1 - t) * log(1 - p)) with p = sigmoid(logit), in nats.

    logits of any size, labels t, 0 or 1 or between for a soft label, both of one shape, any, not
    empty -> loss (). The logarithms are computed as softplus of the logits, in which neither tail
    overflows or loses digits. The gradient is (p - t) / n. `reduction` and `weights` are those of
    `reduced`.

    Raises:
        ShapeError: the shapes differ, or there is no element.
        LabelError: a label is not in [0, 1].

    >>> binary_cross_entropy_with_logits(Tensor([1000.0, 1000.0]), [1, 0]).item()
    500.0
    """
    name = "binary_cross_entropy_with_logits"
    z, truth = matched(name, logits, labels)
    _require_shares(name, truth)
    # Each label by its own softplus: softplus(z) - t * z would lose what is left of it.
    losses = truth * softplus(-z) + (1.0 - truth) * softplus(z)
    return reduced(name, losses, reduction, weights)


def hinge(
    scores: Operand,
    labels: npt.ArrayLike,
    *,
    margin: float = 1.0,
    reduction: Reduction = "mean",
    weights: Operand | None = None,
) -> Tensor:
    """The mean of max(0, margin - label * score): 0 where the sign is right by the margin.

    scores and labels, -1 or 1, of one shape, any, not empty -> loss (). `reduction` and `weights`
    are those of `reduced`; for more than two classes there is `multiclass_hinge`.

    Raises:
        ShapeError: the shapes differ, or there is no element.
        LabelError: a label is neither -1 nor 1.
        SettingError: the margin is negative or not finite.

    >>> hinge(Tensor([2.0, 0.5, 0.5]), [1, 1, -1], reduction="none").data
    array([0. , 0.5, 1.5])
    """
    require_not_negative("hinge", "margin", margin)
    guess, truth = matched("hinge", scores, labels)
    numbers = numbers_of(truth)
    if numbers is not None and (wrong := place_of(np.abs(numbers) != 1)):
        raise LabelError(
            f"hinge: label {numbers[wrong[0]]:g}{wrong[1]} is neither -1 nor 1; of labels 0 and 1, "
            "2 * labels - 1 makes them"
        )
    return reduced("hinge", relu(float(margin) - truth * guess), reduction, weights)


def _require_shares(name: str, labels: Any) -> None:
    numbers = numbers_of(labels)
    if numbers is not None and (wrong := place_of(~((numbers >= 0) & (numbers <= 1)))):
        raise LabelError(
            f"{name}: label {numbers[wrong[0]]:g}{wrong[1]} is not between 0 and 1; of labels -1 "
            "and 1, (labels + 1) / 2 makes them"
        )


def _logarithm(probabilities: Tensor) -> Any:
    # Where it is held, the logarithm meets a 1, as 0 * inf is no gradient. A nan is not held.
    held = less_equal(probabilities, SMALLEST)
    return where(held, SMALLEST_LOGARITHM, log(where(held, 1.0, probabilities)))


def _logarithm_of_rest(probabilities: Tensor) -> Any:
    """The logarithm of 1 - p, which for the float next to 1 is far above the smallest."""
    held = less_equal(1.0, probabilities)
    return where(held, SMALLEST_LOGARITHM, log1p(-where(held, 0.0, probabilities)))

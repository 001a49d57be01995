"""Reduction: from the losses of elements or samples to one number, with and without weights."""

from __future__ import annotations

from typing import Any, Literal, TypeAlias, cast

from autograd import Tensor
from autograd.errors import SettingError, ShapeError
from nn.losses.operands import Operand, numbers_of, plain_or_tensor, require_not_negative

__all__ = ["Reduction", "fitted_weights", "reduced", "total_weight"]

Reduction: TypeAlias = Literal["mean", "sum", "none"]
"""What becomes of the losses: their mean, their sum, or none of these: they stay apart."""


def reduced(
    name: str,
    losses: Tensor,
    reduction: Reduction,
    weights: Operand | None = None,
    shares: Any = None,
) -> Tensor:
    """The losses as `reduction` says: of every loss function the last step.

    With weights w each loss l counts w times: "none" gives w * l, "sum" their sum, and "mean" the
    weighted mean sum(w * l) / sum(w). Weights stand for the first axes of the losses: of losses
    (n, m), weights (n,) or (n, 1) weigh samples, (n, m) elements and (1, m) columns.

    Args:
        name: of the loss, for messages.
        losses: of any shape, not empty.
        reduction: "mean", "sum" or "none".
        weights: finite and not below 0, not all 0 for a mean; None counts each loss once.
        shares: where losses were weighted already, as by the weights of classes: by how much, in
            their shape. A mean is divided by the sum of all weights.

    Raises:
        SettingError: reduction is none of the three; a weight is negative or not finite; or all
            are 0, and so have no mean.
        ShapeError: the weights do not fit the losses.
    """
    if reduction not in ("mean", "sum", "none"):
        raise SettingError(
            f'{name}: reduction is {reduction!r}; it is one of "mean", "sum" and "none"'
        )
    if weights is not None:
        factors = fitted_weights(name, weights, losses)
        losses = losses * factors
        shares = factors if shares is None else shares * factors
    if reduction == "none":
        return losses
    if reduction == "sum":
        return losses.sum()
    if shares is None:
        return losses.mean()
    mean: Tensor = losses.sum() / total_weight(name, shares, losses)
    return mean


def fitted_weights(name: str, weights: Operand, losses: Tensor) -> Any:
    """The weights with as many axes as the losses, against which they broadcast.

    Raises:
        ShapeError: they do not fit.
        SettingError: one is negative or not finite.
    """
    factors = plain_or_tensor(weights, losses, f"{name}: weights are")
    require_not_negative(name, "a weight", factors)
    shape: tuple[int, ...] = factors.shape
    # From the left: NumPy's rule would take weights of n samples for those of n columns.
    filled = shape + (1,) * (losses.ndim - len(shape))
    if len(filled) > losses.ndim or any(
        length not in (1, whole) for length, whole in zip(filled, losses.shape, strict=True)
    ):
        raise ShapeError(
            f"{name}: weights of shape {shape} for losses of shape {losses.shape}; pass "
            f"{losses.shape[:1]} to weigh samples, or the shape of the losses"
        )
    return factors if filled == shape else factors.reshape(filled)


def total_weight(name: str, shares: Any, losses: Tensor) -> Any:
    """The sum of the weights of all losses.

    Raises:
        SettingError: it is 0.
    """
    # Each weight counts for all losses against which it is broadcast.
    total = shares.sum() * (losses.size // shares.size)
    number = numbers_of(total)
    if number is not None and number == 0:
        raise SettingError(f"{name}: the weights add up to 0, so that there is no mean")
    return total if isinstance(total, Tensor) else cast(float, total.item())

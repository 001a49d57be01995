"""Clipping: gradients kept from becoming too large for a step."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np

from autograd import Tensor
from autograd.errors import DivergenceError
from autograd.update_rules import require_positive
from nn.arguments import require_parameters

__all__ = ["clip_by_norm", "clip_by_value"]


def clip_by_value(parameters: Iterable[Tensor], limit: float) -> None:
    """Bring every number of every gradient to between -limit and limit.

    Parameters without a gradient are passed over.

    Raises:
        OperandError: parameters are not Tensors.
        SettingError: limit is not finite and above 0.
        DivergenceError: a gradient has a nan; none is changed then.

    >>> x = Tensor([3.0, 0.1])
    >>> (x * x).sum().backward()
    >>> clip_by_value([x], 1.0)
    >>> x.grad
    array([1. , 0.2])
    """
    require_positive("clip_by_value", "limit", limit)
    parameters = _with_gradients(parameters, "clip_by_value")
    for position, parameter in enumerate(parameters):
        # An infinity has its place at the limit, a nan has none.
        if np.isnan(np.asarray(parameter.grad)).any():
            raise DivergenceError(
                f"clip_by_value: gradient {position} has a nan; autograd.detect_anomaly finds "
                "where it comes from"
            )
    for parameter in parameters:
        parameter.grad = np.clip(np.asarray(parameter.grad), -float(limit), float(limit))


def clip_by_norm(parameters: Iterable[Tensor], limit: float) -> float:
    """Scale all gradients by one factor, so that together they are no longer than limit.

    Their direction stays. The norm is the root of the sum of the squares of all numbers of all
    gradients; parameters without one are passed over.

    Returns:
        The norm before, so that a user can see how often it is too large.

    Raises:
        OperandError: parameters are not Tensors.
        SettingError: limit is not finite and above 0.
        DivergenceError: the norm is not finite, and no factor would mend that.

    Source: Pascanu, Mikolov & Bengio, ICML 2013, algorithm 1.

    >>> x, y = Tensor(1.5), Tensor(2.0)
    >>> (x * x + y * y).backward()
    >>> clip_by_norm([x, y], 1.0)
    5.0
    >>> round(x.grad.item(), 6), round(y.grad.item(), 6)
    (0.6, 0.8)
    """
    require_positive("clip_by_norm", "limit", limit)
    parameters = _with_gradients(parameters, "clip_by_norm")
    # Each norm by itself, relative to its largest: squares of large numbers are inf.
    norm = math.hypot(*(_norm(np.asarray(parameter.grad)) for parameter in parameters))
    if not math.isfinite(norm):
        raise DivergenceError(
            f"clip_by_norm: the norm of the gradients is {norm}; autograd.detect_anomaly finds "
            "where it comes from"
        )
    if norm > limit:
        for parameter in parameters:
            parameter.grad = np.asarray(parameter.grad) * (float(limit) / norm)
    return norm


def _norm(gradient: np.ndarray) -> float:
    largest = float(np.abs(gradient).max(initial=0))
    if largest == 0 or not math.isfinite(largest):
        return largest
    return largest * float(np.linalg.norm((gradient / largest).ravel()))


def _with_gradients(parameters: Iterable[Tensor], where: str) -> list[Tensor]:
    listed = require_parameters(parameters, where)
    return [parameter for parameter in listed if parameter.grad is not None]

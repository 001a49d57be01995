"""The steps of a descent: places, losses and slopes, as far as they are finite."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from autograd import Tensor, no_grad
from autograd.errors import OperandError, SettingError, ShapeError
from autograd.exact import shortened

__all__ = ["Descent", "descend", "heights_on"]

Array: TypeAlias = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Descent:
    """The places (n + 1, axes) of a descent, with their losses and slopes, as far as finite."""

    places: Array
    losses: Array
    slopes: Array
    stopped: int | None
    """The step that led to what is not finite."""


def descend(
    f: Callable[..., Any], make: Any, begin: Array, steps: int, where: str, what: str
) -> Descent:
    """Let an optimizer that `make` makes of parameters go down f from `begin`, (axes,).

    Raises:
        OperandError: `make` makes no optimizer, or f gives no Tensor.
        ShapeError: f changes the shape.
        SettingError: f or its slope is not finite where it begins.
    """
    parameters = [Tensor(float(number)) for number in begin]
    optimizer = make(parameters) if callable(make) else None
    if optimizer is None or not hasattr(optimizer, "step") or not hasattr(optimizer, "zero_grad"):
        raise OperandError(
            f"{where}: {what} makes no optimizer; pass a function such as "
            "lambda parameters: nn.SGD(parameters, lr=0.1)"
        )
    places, losses, slopes = [], [], []
    with np.errstate(all="ignore"):
        for count in range(steps + 1):
            optimizer.zero_grad()
            loss = _evaluated(f, parameters, where)
            place = [float(parameter.data) for parameter in parameters]
            loss.backward()
            # What f does not depend on has no gradient.
            slope = [0.0 if p.grad is None else float(p.grad) for p in parameters]
            if not np.isfinite([*place, float(loss.data), *slope]).all():
                break
            places.append(place)
            losses.append(float(loss.data))
            slopes.append(slope)
            if count < steps:
                optimizer.step()
    if not places:
        raise SettingError(
            f"{where}: at start {tuple(begin.tolist())} the function or its slope is not finite; "
            "start elsewhere"
        )
    stopped = len(places) if len(places) <= steps else None
    return Descent(np.array(places), np.array(losses), np.array(slopes), stopped)


def _evaluated(f: Callable[..., Any], operands: Sequence[Tensor], where: str) -> Tensor:
    output = f(*operands)
    if not isinstance(output, Tensor):
        raise OperandError(
            f"{where}: the function gives {shortened(output)}, no Tensor; compute it by gates, "
            "such as autograd.cos"
        )
    if output.shape != operands[0].shape:
        raise ShapeError(
            f"{where}: the function makes shape {output.shape} of {operands[0].shape}; pass an "
            "elementwise function"
        )
    return output


def heights_on(f: Callable[..., Any], grid: Sequence[Array], where: str) -> Array:
    """The function at each place of a grid, as an array of its shape.

    Raises:
        OperandError: f gives no Tensor.
        ShapeError: f changes the shape.
    """
    with np.errstate(all="ignore"), no_grad():
        return np.asarray(_evaluated(f, [Tensor(part) for part in grid], where).data, np.float64)

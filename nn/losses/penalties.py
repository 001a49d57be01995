"""Penalties: what is added to a loss to keep the parameters small."""

from __future__ import annotations

import math
from collections.abc import Iterable
from functools import reduce
from operator import add

from autograd import Tensor
from autograd.errors import SettingError
from nn.arguments import require_parameters

__all__ = ["l1_penalty", "l2_penalty"]


def l1_penalty(parameters: Iterable[Tensor], strength: float) -> Tensor:
    """Strength times the sum of |w| over all elements of all parameters, () -- the lasso's.

    Its slope is the same however small a weight is, so that many weights become 0. The gradient at
    0 is 0.

    Args:
        parameters: such as `net.parameters()`.
        strength: finite and not below 0.

    Raises:
        OperandError: parameters are not Tensors.
        SettingError: there are none, or strength is not finite or is below 0.

    >>> l1_penalty([Tensor([3.0, -4.0])], 0.5).item()
    3.5
    """
    tensors = _penalized("l1_penalty", parameters, strength)
    return float(strength) * reduce(add, (abs(tensor).sum() for tensor in tensors))


def l2_penalty(parameters: Iterable[Tensor], strength: float) -> Tensor:
    """Strength times the sum of w**2 over all elements of all parameters, () -- the ridge's.

    The gradient is 2 * strength * w; a weight decay of PyTorch's optimizers is twice the strength.

    Args:
        parameters: such as `net.parameters()`.
        strength: finite and not below 0.

    Raises:
        OperandError: parameters are not Tensors.
        SettingError: there are none, or strength is not finite or is below 0.

    >>> l2_penalty([Tensor([3.0]), Tensor([[-4.0]])], 0.5).item()
    12.5
    """
    tensors = _penalized("l2_penalty", parameters, strength)
    return float(strength) * reduce(add, ((tensor**2).sum() for tensor in tensors))


def _penalized(name: str, parameters: Iterable[Tensor], strength: float) -> list[Tensor]:
    tensors = require_parameters(parameters, name)
    if not tensors:
        raise SettingError(f"{name}: there are no parameters; pass module.parameters()")
    if not (strength >= 0 and math.isfinite(strength)):
        raise SettingError(
            f"{name}: strength is {strength!r}; pass a finite number not below 0, such as 1e-4"
        )
    return tensors

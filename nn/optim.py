"""Optimizers: from gradients to better parameters."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np

from autograd import Tensor
from autograd.errors import OperandError, SettingError, StateError
from autograd.update_rules import SGD as SGD_RULE
from nn.module import Module

__all__ = ["SGD"]


class SGD:
    """Gradient descent: each step sets a parameter to parameter - lr * gradient.

    It is stochastic when the gradient comes from a mini-batch; the rule is the same.

    Args:
        parameters: what is trained, such as `net.parameters()`; one that comes twice is
            stepped once.
        lr: the learning rate, finite and above 0.

    Raises:
        OperandError: parameters are not tensors.
        SettingError: there are none, or lr is not finite and above 0.

    >>> x = Tensor(3.0)
    >>> optimizer = SGD([x], lr=0.1)
    >>> (x * x).backward()
    >>> optimizer.step()
    >>> round(x.item(), 6)
    2.4
    """

    def __init__(self, parameters: Iterable[Tensor], lr: float) -> None:
        if isinstance(parameters, Module):
            raise OperandError("SGD: parameters is a module; pass module.parameters()")
        if isinstance(parameters, Tensor):
            raise OperandError("SGD: parameters is one Tensor; pass a list, [tensor]")
        unique = {id(parameter): parameter for parameter in parameters}
        self.parameters = list(unique.values())
        for position, parameter in enumerate(self.parameters):
            if not isinstance(parameter, Tensor):
                raise OperandError(
                    f"SGD: parameter {position} is {parameter!r}, not a Tensor; "
                    "pass module.parameters()"
                )
        if not self.parameters:
            raise SettingError("SGD: no parameters to train; pass module.parameters()")
        if not (lr > 0 and math.isfinite(lr)):
            raise SettingError(f"SGD: lr is {lr!r}; pass a finite number above 0, such as 0.1")
        # A NumPy float64 would turn float32 parameters into float64.
        self.lr = float(lr)

    def step(self) -> None:
        """Move every parameter that has a gradient.

        Raises:
            StateError: no parameter has one, so nothing would be learned.
        """
        ready = [
            (parameter, parameter.grad)
            for parameter in self.parameters
            if parameter.grad is not None
        ]
        if not ready:
            raise StateError("SGD.step: no parameter has a gradient; call loss.backward() first")
        for parameter, grad in ready:
            # A fresh array: whoever holds the old one, as a record of the run, keeps its numbers.
            parameter.replace_data(SGD_RULE.step(np.asarray(parameter), grad, (), (self.lr,))[0])

    def zero_grad(self) -> None:
        """Set the gradient of every parameter to None."""
        for parameter in self.parameters:
            parameter.zero_grad()

"""Activations as modules; the functions they apply are those of autograd."""

from __future__ import annotations

from typing import Any

import numpy.typing as npt

import autograd
from autograd import Tensor
from nn.module import Module

__all__ = ["ReLU", "Sigmoid", "Softmax", "Tanh"]


class Sigmoid(Module):
    """1 / (1 + exp(-x)) of every element, in (0, 1); the shape stays.

    >>> Sigmoid()(Tensor([0.0])).data
    array([0.5])
    """

    def forward(self, x: Tensor | npt.NDArray[Any]) -> Any:
        """`autograd.sigmoid` of x."""
        return autograd.sigmoid(x)


class Tanh(Module):
    """The hyperbolic tangent of every element, in (-1, 1); the shape stays.

    >>> Tanh()(Tensor([0.0])).data
    array([0.])
    """

    def forward(self, x: Tensor | npt.NDArray[Any]) -> Any:
        """`autograd.tanh` of x."""
        return autograd.tanh(x)


class ReLU(Module):
    """The larger of 0 and each element; the shape stays.

    >>> ReLU()(Tensor([-2.0, 3.0])).data
    array([0., 3.])
    """

    def forward(self, x: Tensor | npt.NDArray[Any]) -> Any:
        """`autograd.relu` of x."""
        return autograd.relu(x)


class Softmax(Module):
    """exp(x) over its sum along an axis: positive, adding up to 1; the shape stays.

    A net that is trained with `cross_entropy` ends in logits and needs no Softmax.

    Args:
        axis: the axis of the classes.

    >>> Softmax()(Tensor([[0.0, 0.0]])).data
    array([[0.5, 0.5]])
    """

    def __init__(self, axis: int = -1) -> None:
        self.axis = axis

    def forward(self, x: Tensor | npt.NDArray[Any]) -> Any:
        """`autograd.softmax` of x."""
        return autograd.softmax(x, axis=self.axis)

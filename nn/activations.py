"""Activations: the functions that stand between layers, and as modules what is put in a Sequential.

The functions are the gates of autograd, so that each formula is written once: `relu(x)` is what
`ReLU()(x)` gives.
"""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from autograd import (
    Gate,
    Tensor,
    elu,
    gelu,
    leaky_relu,
    log_softmax,
    relu,
    sigmoid,
    sign,
    silu,
    softmax,
    softplus,
    step,
    tanh,
)
from autograd.errors import SettingError, ShapeError
from nn.module import Module

__all__ = [
    "ELU",
    "GELU",
    "LeakyReLU",
    "LogSoftmax",
    "ReLU",
    "SiLU",
    "Sigmoid",
    "Sign",
    "Softmax",
    "Softplus",
    "Step",
    "Tanh",
    "elu",
    "gelu",
    "leaky_relu",
    "log_softmax",
    "maxout",
    "relu",
    "sigmoid",
    "sign",
    "silu",
    "softmax",
    "softplus",
    "step",
    "tanh",
]


def maxout(x: Tensor | npt.NDArray[Any], pieces: int, axis: int = -1) -> Any:
    """The largest of the `pieces` equal parts of an axis, element by element.

    Of an axis of length pieces * k, element j of the result, of length k, is the largest of the
    elements j, k + j, 2 * k + j and so on: that of the linear function j of each piece. Elements
    that are equally large share the gradient evenly.

    Raises:
        SettingError: pieces is less than 1.
        ShapeError: there is no such axis, or it cannot be divided so.

    Source: Goodfellow et al., ICML 2013.

    >>> maxout(np.array([1.0, 5.0, 3.0, 4.0]), 2)
    array([3., 5.])
    """
    shape = np.shape(x)
    if pieces < 1:
        raise SettingError(f"maxout: pieces is {pieces}; there is at least 1")
    if not -len(shape) <= axis < len(shape) or shape[axis] % pieces:
        raise ShapeError(
            f"maxout: x has shape {shape}; its axis {axis} is to be divided into {pieces} equal "
            "parts"
        )
    axis %= len(shape)
    parts = (*shape[:axis], pieces, shape[axis] // pieces, *shape[axis + 1 :])
    return x.reshape(parts).max(axis=axis)


class _Elementwise(Module):
    """A gate on every element as a module; the shape stays."""

    gate: ClassVar[Gate]

    def forward(self, x: Tensor | npt.NDArray[Any]) -> Any:
        """The gate of every element of x."""
        return self.gate(x)


class Step(_Elementwise):
    """1 above 0, and 0 on it and below: the perceptron's answer. Its slope is 0 everywhere.

    >>> Step()(Tensor([-2.0, 0.0, 3.0])).data
    array([0., 0., 1.])
    """

    gate = step


class Sign(_Elementwise):
    """1 above 0, -1 below, 0 on it. Its slope is 0 everywhere.

    >>> Sign()(Tensor([-2.0, 0.0, 3.0])).data
    array([-1., 0., 1.])
    """

    gate = sign


class Sigmoid(_Elementwise):
    """1 / (1 + exp(-x)) of every element, in (0, 1); the shape stays.

    >>> Sigmoid()(Tensor([0.0])).data
    array([0.5])
    """

    gate = sigmoid


class Tanh(_Elementwise):
    """The hyperbolic tangent of every element, in (-1, 1); the shape stays.

    >>> Tanh()(Tensor([0.0])).data
    array([0.])
    """

    gate = tanh


class ReLU(_Elementwise):
    """The larger of 0 and each element; the shape stays.

    >>> ReLU()(Tensor([-2.0, 3.0])).data
    array([0., 3.])
    """

    gate = relu


class Softplus(_Elementwise):
    """log(1 + exp(x)) of every element, a smooth relu; the shape stays.

    >>> Softplus()(Tensor([-1000.0, 1000.0])).data
    array([ 0., 1000.])
    """

    gate = softplus


class SiLU(_Elementwise):
    """x * sigmoid(x) of every element, also called swish; the shape stays.

    >>> SiLU()(Tensor([0.0, 1000.0])).data
    array([ 0., 1000.])
    """

    gate = silu


class GELU(_Elementwise):
    """x times the normal distribution function of x, in its tanh form; the shape stays.

    What PyTorch calls `GELU(approximate="tanh")`; the exact form, by erf, differs by less than
    0.0005.

    Source: Hendrycks & Gimpel, arXiv:1606.08415.

    >>> GELU()(Tensor([0.0, 1000.0])).data
    array([ 0., 1000.])
    """

    gate = gelu


class LeakyReLU(Module):
    """x above 0, slope * x below, for every element; the shape stays.

    Args:
        slope: on the negative side. 0.1 is common, too, and makes more of what is below 0.

    >>> LeakyReLU(0.1)(Tensor([-2.0, 3.0])).data
    array([-0.2, 3. ])
    """

    settings: ClassVar[tuple[str, ...]] = ("slope",)

    def __init__(self, slope: float = 0.01) -> None:
        self.slope = float(slope)

    def forward(self, x: Tensor | npt.NDArray[Any]) -> Any:
        """`leaky_relu` of x."""
        return leaky_relu(x, self.slope)


class ELU(Module):
    """x above 0, alpha * (exp(x) - 1) below, for every element; the shape stays.

    Args:
        alpha: minus the limit on the left.

    >>> ELU()(Tensor([-1000.0, 3.0])).data
    array([-1., 3.])
    """

    settings: ClassVar[tuple[str, ...]] = ("alpha",)

    def __init__(self, alpha: float = 1.0) -> None:
        self.alpha = float(alpha)

    def forward(self, x: Tensor | npt.NDArray[Any]) -> Any:
        """`elu` of x."""
        return elu(x, self.alpha)


class Softmax(Module):
    """exp(x) over its sum along an axis: positive, adding up to 1; the shape stays.

    A net that is trained with `cross_entropy` ends in logits and needs no Softmax.

    Args:
        axis: the axis of the classes.

    >>> Softmax()(Tensor([[0.0, 0.0]])).data
    array([[0.5, 0.5]])
    """

    settings: ClassVar[tuple[str, ...]] = ("axis",)

    def __init__(self, axis: int = -1) -> None:
        self.axis = axis

    def forward(self, x: Tensor | npt.NDArray[Any]) -> Any:
        """`softmax` of x."""
        return softmax(x, axis=self.axis)


class LogSoftmax(Module):
    """The logarithm of `Softmax`, which keeps its digits where a probability vanishes.

    Args:
        axis: the axis of the classes.

    >>> LogSoftmax()(Tensor([0.0, -1000.0])).data
    array([ 0., -1000.])
    """

    settings: ClassVar[tuple[str, ...]] = ("axis",)

    def __init__(self, axis: int = -1) -> None:
        self.axis = axis

    def forward(self, x: Tensor | npt.NDArray[Any]) -> Any:
        """`log_softmax` of x."""
        return log_softmax(x, axis=self.axis)

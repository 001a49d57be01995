"""The gradients of one batch, computed in this process."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from autograd import Tensor
from autograd.errors import OperandError, ShapeError
from autograd.exact import shortened
from nn.module import Module

__all__ = ["Gradients", "Loss", "gradients_here", "loss_of"]

Array: TypeAlias = npt.NDArray[Any]
Loss: TypeAlias = Callable[[Any, Array], Tensor]
"""From the outputs of a model and what they should be to a Tensor ()."""


Gradients: TypeAlias = Callable[[Array, Array], tuple[float, Array]]
"""Gives the loss and the outputs of a batch, and adds to the gradients of the parameters."""


def gradients_here(model: Module, loss: Loss) -> Gradients:
    """The gradients of whole batches, computed in this process."""

    def gradients(x: Array, y: Array) -> tuple[float, Array]:
        outputs = model(x)
        node = loss_of(loss, outputs, y)
        value = node.item()
        # Behind a loss that is not finite there is nothing to learn, and the training stops.
        if math.isfinite(value):
            node.backward()
        return value, np.asarray(outputs)

    return gradients


def loss_of(loss: Loss, outputs: Any, y: Array) -> Tensor:
    """The loss, which is a Tensor ().

    Raises:
        OperandError: the loss is something else.
        ShapeError: it has axes.
    """
    node = loss(outputs, y)
    if not isinstance(node, Tensor):
        raise OperandError(
            f"fit: the loss is {shortened(node)} ({type(node).__name__}); loss(model(x), y) must "
            "be a Tensor, such as cross_entropy gives"
        )
    if node.shape != ():
        raise ShapeError(
            f"fit: the loss has shape {node.shape}; reduce it to one number with .mean()"
        )
    return node

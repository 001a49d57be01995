"""Residual: what a module adds to its input."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from autograd import Tensor
from autograd.errors import OperandError, ShapeError
from nn.module import Module

__all__ = ["Residual"]


class Residual(Module):
    """x + module(x), whose gradient reaches x also past the module.

    The output has the shape of the input; or that of the projection, which stands in for x:
    projection(x) + module(x).

    Args:
        module: what is added.
        projection: makes of x what has the shape of the module's output, such as a Linear, or a
            Conv2d of kernel size 1; by default x itself is taken.

    Raises:
        OperandError: one of the two is no module.

    Source: He, Zhang, Ren & Sun, CVPR 2016.

    >>> from nn import ReLU
    >>> Residual(ReLU())(Tensor([-2.0, 3.0])).data
    array([-2., 6.])
    """

    def __init__(self, module: Module, projection: Module | None = None) -> None:
        for name, part in (("module", module), ("projection", projection or module)):
            if not isinstance(part, Module):
                raise OperandError(f"Residual: {name} is {part!r}, not a nn.Module")
        self.module = module
        self.projection = projection

    def forward(self, x: Tensor | npt.NDArray[Any]) -> Any:
        """The sum of both ways.

        Raises:
            ShapeError: the shapes of the two are not the same.
        """
        added = self.module(x)
        kept = x if self.projection is None else self.projection(x)
        if np.shape(kept) != np.shape(added):
            straight = "input" if self.projection is None else "projection"
            raise ShapeError(
                f"Residual: the {straight} has shape {np.shape(kept)}, and the module's output "
                f"{np.shape(added)}; a projection of the input to the latter makes them one"
            )
        return kept + added

"""RepeatVector: what makes a sequence of a vector."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from autograd import Tensor
from autograd.errors import ShapeError
from nn.arguments import require_count
from nn.module import Module

__all__ = ["RepeatVector"]


class RepeatVector(Module):
    """A vector as the input of each of `steps` steps: (n, features) to (n, steps, features).

    Args:
        steps: how many, at least 1.

    Raises:
        SettingError: steps is not a whole number of at least 1.

    >>> RepeatVector(2)(Tensor([[1.0, -3.0]])).data
    array([[[ 1., -3.],
            [ 1., -3.]]])
    """

    def __init__(self, steps: int) -> None:
        require_count(steps, "RepeatVector: steps")
        self.steps = steps

    def forward(self, x: Tensor | npt.NDArray[Any]) -> Any:
        """The vectors, repeated.

        Raises:
            ShapeError: x is neither (n, features) nor (features,).
        """
        shape = np.shape(x)
        if len(shape) not in (1, 2):
            raise ShapeError(
                f"RepeatVector: input of shape {shape}, but the layer takes vectors, as "
                "(n, features) or (features,)"
            )
        repeated = (*shape[:-1], self.steps, shape[-1])
        return np.broadcast_to(np.expand_dims(x, -2), repeated)

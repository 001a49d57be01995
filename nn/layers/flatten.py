"""Flatten: from images to rows, for the layers that take rows."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from autograd import Tensor
from autograd.errors import ShapeError
from nn.module import Module

__all__ = ["Flatten"]


class Flatten(Module):
    """All axes but the first, that of the samples, as one: from (n, ...) to (n, features).

    >>> import numpy as np
    >>> Flatten()(np.zeros((5, 16, 4, 4))).shape
    (5, 256)
    """

    def forward(self, x: Tensor | npt.NDArray[Any]) -> Any:
        """One row for each sample.

        Raises:
            ShapeError: x is a number, without an axis of samples.
        """
        shape = np.shape(x)
        if not shape:
            raise ShapeError("Flatten: input of shape (); it takes (n, ...)")
        return x.reshape(shape[0], math.prod(shape[1:]))

"""Embedding: a vector for each of so many words, looked up by number."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from autograd import Tensor
from autograd.errors import LabelError, OperandError
from autograd.exact import shortened
from nn.arguments import require_count, require_float, require_generator
from nn.init import Initializer, normal
from nn.module import Module

__all__ = ["Embedding"]


class Embedding(Module):
    """The rows of a table, chosen by integers: indices of any shape to (*shape, features).

    It is `Linear` without a bias on one-hot vectors, without the vectors. The parameter is `weight`
    (count, features); the gradient of a row is the sum over all places where it was chosen.

    Args:
        count: how many rows, at least 1: indices are integers from 0 to count - 1.
        features: how long a row is, at least 1.
        rng: the generator that draws the rows.
        dtype: of the parameters, np.float64 or np.float32.
        init: draws the rows.

    Raises:
        OperandError: dtype is not a float type, or rng is not a generator.
        SettingError: count or features are not whole numbers of at least 1.

    >>> layer = Embedding(4, 2, rng=np.random.default_rng(0))
    >>> layer
    Embedding(weight (4, 2))
    >>> output = layer(np.array([[3, 0, 3], [1, 3, 3]]))
    >>> output.shape
    (2, 3, 2)
    >>> output.sum().backward()
    >>> layer.weight.grad[:, 0]
    array([1., 1., 0., 4.])
    """

    def __init__(
        self,
        count: int,
        features: int,
        *,
        rng: np.random.Generator,
        dtype: npt.DTypeLike = np.float64,
        init: Initializer = normal,
    ) -> None:
        require_count(count, "Embedding: count")
        require_count(features, "Embedding: features")
        require_generator(rng, "Embedding")
        require_float(dtype, "Embedding")
        self.weight = Tensor(init((count, features), rng), dtype=dtype)

    def forward(self, indices: npt.ArrayLike) -> Tensor:
        """The rows of these indices.

        Raises:
            OperandError: the indices are not integers.
            LabelError: an index is negative, or not less than the count of the rows.
        """
        return self.weight[_integers(indices, len(self.weight))]


def _integers(indices: Any, count: int) -> npt.NDArray[np.intp]:
    """The indices as an array, checked."""
    if isinstance(indices, Tensor):
        raise OperandError(
            f"Embedding: the indices are a Tensor of shape {indices.shape}, which holds no "
            "integers; pass a plain array of them"
        )
    array = np.asarray(indices)
    if array.dtype.kind not in "iu":
        where = next(np.ndindex(array.shape), None)
        said = "" if where is None else f", with {shortened(array[where].item())}{_place(where)}"
        raise OperandError(
            f"Embedding: the indices are of {array.dtype}{said}; pass integers, indices.astype(int)"
        )
    wrong = (array < 0) | (array >= count)
    if wrong.any():
        where = tuple(np.argwhere(wrong)[0].tolist())
        raise LabelError(
            f"Embedding: index {array[where]}{_place(where)} is out of range; indices are integers "
            f"from 0 to {count - 1}"
        )
    return array.astype(np.intp, copy=False)


def _place(where: tuple[int, ...]) -> str:
    return f" at {list(where)}" if where else ""

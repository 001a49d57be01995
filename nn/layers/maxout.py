"""Maxout: the largest of several linear functions, max(x w1 + b1, x w2 + b2)."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from autograd import Tensor
from nn.activations import maxout
from nn.arguments import require_count
from nn.init import Initializer, Numbers, Shape, xavier_uniform
from nn.layers.linear import Linear

__all__ = ["Maxout"]


class Maxout(Linear):
    """Of each output the largest of `pieces` linear functions of the input.

    The input is (n, inputs), or (inputs,) for one sample; the output (n, outputs) or (outputs,).
    The parameters are `weight` (inputs, pieces * outputs), the weights of one piece beside those of
    the other, and `bias` (pieces * outputs,), or None without.

    Args:
        inputs: how many inputs, at least 1.
        outputs: how many outputs, at least 1.
        pieces: how many linear functions each output has, at least 1.
        rng: the generator that draws the weights.
        bias: whether a bias is added.
        dtype: of the parameters, np.float64 or np.float32.
        init: draws the weights of each piece, as those of a `Linear`.

    Raises:
        OperandError: dtype is not a float type, or rng is not a generator.
        SettingError: inputs, outputs or pieces are not whole numbers of at least 1.

    Source: Goodfellow et al., ICML 2013.

    >>> layer = Maxout(1, 1, 2, rng=np.random.default_rng(0))
    >>> layer.load_state_dict({"weight": [[1.0, -1.0]], "bias": [0.0, 0.0]})
    >>> layer(np.array([[-2.0], [3.0]])).data
    array([[2.],
           [3.]])
    """

    settings: ClassVar[tuple[str, ...]] = ("pieces",)

    def __init__(
        self,
        inputs: int,
        outputs: int,
        pieces: int = 2,
        *,
        rng: np.random.Generator,
        bias: bool = True,
        dtype: npt.DTypeLike = np.float64,
        init: Initializer = xavier_uniform,
    ) -> None:
        require_count(inputs, "Maxout: inputs")
        require_count(outputs, "Maxout: outputs")
        require_count(pieces, "Maxout: pieces")

        def of_each_piece(shape: Shape, rng: np.random.Generator) -> Numbers:
            return np.concatenate([init((inputs, outputs), rng) for _ in range(pieces)], axis=1)

        super().__init__(
            inputs, pieces * outputs, rng=rng, bias=bias, dtype=dtype, init=of_each_piece
        )
        self.pieces = pieces

    def forward(self, x: Tensor | npt.NDArray[Any]) -> Any:
        """The largest of the weighted sums.

        Raises:
            ShapeError: the last axis of x is not as long as the layer has inputs.
        """
        return maxout(super().forward(x), self.pieces)

"""Linear: weighted sums of the inputs, H = XW + b."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
import numpy.typing as npt

from autograd import Tensor
from nn.arguments import require_count, require_float, require_generator, require_last_axis
from nn.init import Initializer, xavier_uniform
from nn.module import Module

__all__ = ["Linear"]


class Linear(Module):
    """The layer x @ weight + bias.

    The input is (n, inputs), or (inputs,) for one sample; the output (n, outputs) or (outputs,).
    The parameters are `weight` (inputs, outputs), whose column j holds the weights of output j,
    and `bias` (outputs,), or None without. The weights begin as `init` draws them, the bias as 0.

    Args:
        inputs: how many inputs, at least 1.
        outputs: how many outputs, at least 1.
        rng: the generator that draws the weights.
        bias: whether a bias is added.
        dtype: of the parameters, np.float64 or np.float32.
        init: draws the weights; `he_uniform` suits a relu that follows.

    Raises:
        OperandError: dtype is not a float type, or rng is not a generator.
        SettingError: inputs or outputs are not whole numbers of at least 1.

    >>> layer = Linear(2, 1, rng=np.random.default_rng(0))
    >>> layer
    Linear(weight (2, 1), bias (1,))
    >>> layer.load_state_dict({"weight": [[2.0], [-3.0]], "bias": [-3.0]})
    >>> layer(np.array([-1.0, -2.0])).data
    array([1.])
    """

    def __init__(
        self,
        inputs: int,
        outputs: int,
        *,
        rng: np.random.Generator,
        bias: bool = True,
        dtype: npt.DTypeLike = np.float64,
        init: Initializer = xavier_uniform,
    ) -> None:
        layer = type(self).__name__
        require_count(inputs, f"{layer}: inputs")
        require_count(outputs, f"{layer}: outputs")
        require_generator(rng, layer)
        require_float(dtype, layer)
        self.weight = Tensor(init((inputs, outputs), rng), dtype=dtype)
        self.bias = Tensor(np.zeros(outputs), dtype=dtype) if bias else None

    def forward(self, x: Tensor | npt.NDArray[Any]) -> Tensor:
        """The weighted sums.

        Raises:
            ShapeError: the last axis of x is not as long as the layer has inputs.
        """
        require_last_axis(x, self.weight.shape[0], type(self).__name__)
        # The types of NumPy do not tell that an array leaves the operator to a Tensor.
        sums = cast(Tensor, x @ self.weight)
        return sums if self.bias is None else sums + self.bias

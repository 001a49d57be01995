"""Linear: weighted sums of the inputs, H = XW + b."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
import numpy.typing as npt

from autograd import Tensor
from autograd.errors import OperandError, ShapeError
from nn.init import Initializer, require_generator, xavier_uniform
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
        OperandError: inputs or outputs are not whole numbers of at least 1, dtype is not a float
            type, or rng is not a generator.

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
        _require_count("inputs", inputs)
        _require_count("outputs", outputs)
        require_generator(rng, "Linear")
        if not np.issubdtype(dtype, np.floating):
            raise OperandError(f"Linear: dtype is {dtype!r}; pass np.float64 or np.float32")
        self.weight = Tensor(init((inputs, outputs), rng), dtype=dtype)
        self.bias = Tensor(np.zeros(outputs), dtype=dtype) if bias else None

    def forward(self, x: Tensor | npt.NDArray[Any]) -> Tensor:
        """The weighted sums.

        Raises:
            ShapeError: the last axis of x is not as long as the layer has inputs.
        """
        inputs = self.weight.shape[0]
        shape = np.shape(x)
        if not shape or shape[-1] != inputs:
            raise ShapeError(
                f"Linear: input of shape {shape}, but the layer takes {inputs} inputs, "
                f"as (n, {inputs}) or ({inputs},)"
            )
        # The types of NumPy do not tell that an array leaves the operator to a Tensor.
        sums = cast(Tensor, x @ self.weight)
        return sums if self.bias is None else sums + self.bias


def _require_count(name: str, value: object) -> None:
    if not isinstance(value, int | np.integer) or isinstance(value, bool) or value < 1:
        raise OperandError(f"Linear: {name} is {value!r}; pass a whole number of at least 1")

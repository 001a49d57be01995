"""Dropout: in training, some inputs left out at random."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from autograd import Tensor
from autograd.errors import SettingError
from nn.arguments import require_generator
from nn.module import Module

__all__ = ["Dropout"]


class Dropout(Module):
    """In training each number is 0 with probability p, or else 1 / (1 - p) times as large.

    So the mean stays, and once the net is set to `eval` nothing is left to do: the output is the
    input. The shape stays. What is left out is drawn anew at each call.

    Args:
        p: the probability of being left out, from 0 to below 1.
        rng: the generator that draws.

    Raises:
        SettingError: p is not in [0, 1).
        OperandError: rng is not a generator.

    Source: Srivastava et al., JMLR 15, 2014.

    >>> layer = Dropout(0.5, rng=np.random.default_rng(0))
    >>> layer
    Dropout(p=0.5)
    >>> layer(np.ones(6))
    array([2., 2., 2., 0., 0., 0.])
    >>> layer.eval()(np.ones(6))
    array([1., 1., 1., 1., 1., 1.])
    """

    settings: ClassVar[tuple[str, ...]] = ("p",)

    def __init__(self, p: float = 0.5, *, rng: np.random.Generator) -> None:
        if not 0 <= p < 1:
            raise SettingError(f"Dropout: p is {p!r}; it must be at least 0 and below 1")
        require_generator(rng, "Dropout")
        self.p = float(p)
        self.rng = rng

    def forward(self, x: Tensor | npt.NDArray[Any]) -> Any:
        """What is left of x, in training; x itself otherwise."""
        if not self.training or self.p == 0:
            return x
        dtype = x.dtype if x.dtype.kind == "f" else np.float64
        # Of 32 bits, whatever the dtype: they decide, and half as many take half as long to draw.
        kept = self.rng.random(np.shape(x), dtype=np.float32) >= self.p
        return x * np.multiply(kept, 1 / (1 - self.p), dtype=dtype)

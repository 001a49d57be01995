"""Sequential: one module after the other."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy.typing as npt

from autograd import Tensor
from autograd.errors import OperandError
from nn.module import Module

__all__ = ["Sequential"]


class Sequential(Module):
    """Modules that are applied in order, each to the output of the one before.

    The paths of the parameters begin with the position: `0.weight`. The modules can be indexed,
    counted and iterated over. Without any, the output is the input.

    Raises:
        OperandError: a layer is not a module.

    >>> import numpy as np
    >>> from nn import Linear, Tanh
    >>> rng = np.random.default_rng(0)
    >>> Sequential(Linear(4, 16, rng=rng), Tanh(), Linear(16, 3, rng=rng))
    Sequential(
      0: Linear(weight (4, 16), bias (16,))
      1: Tanh()
      2: Linear(weight (16, 3), bias (3,))
    )
    """

    def __init__(self, *layers: Module) -> None:
        for position, layer in enumerate(layers):
            if not isinstance(layer, Module):
                mend = f"{layer.__name__}(...)" if isinstance(layer, type) else "a nn.Module"
                raise OperandError(
                    f"Sequential: layer {position} is {layer!r}, not a module; pass {mend}"
                )
        self.layers = list(layers)

    def parts(self) -> Iterator[tuple[str, object]]:
        """The layers, named by position, and what a subclass assigned beside them."""
        for name, part in super().parts():
            if name == "layers":
                yield from ((str(position), layer) for position, layer in enumerate(self.layers))
            else:
                yield name, part

    def forward(self, x: Tensor | npt.NDArray[Any]) -> Any:
        """The output of the last layer."""
        for layer in self.layers:
            x = layer(x)
        return x

    def __len__(self) -> int:
        return len(self.layers)

    def __getitem__(self, position: int) -> Module:
        return self.layers[position]

    def __iter__(self) -> Iterator[Module]:
        return iter(self.layers)

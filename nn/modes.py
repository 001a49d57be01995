"""Training and evaluation: which of the two the modules of a model are set to."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nn.module import Module

__all__ = ["modes_kept"]


@contextmanager
def modes_kept(model: Module) -> Iterator[None]:
    """After the block each module of the model has the mode back that it had before.

    >>> from nn import Sequential, Tanh
    >>> net = Sequential(Tanh(), Tanh().eval())
    >>> with modes_kept(net):
    ...     net.train().training
    True
    >>> [layer.training for layer in net]
    [True, False]
    """
    modes = [(module, module.training) for _, module in model.named_modules()]
    try:
        yield
    finally:
        for module, mode in modes:
            module.training = mode

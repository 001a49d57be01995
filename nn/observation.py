"""Watching what modules compute: a summary, a hunt for the first bad layer, a drawing by layers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeAlias

__all__ = ["Observer", "observed", "observers"]

Observer: TypeAlias = Callable[[Any, tuple[Any, ...], Any], None]
"""Is called with a module, the tuple of its inputs, and its output."""

_observers: ContextVar[tuple[Observer, ...]] = ContextVar("observers", default=())
observers = _observers.get


@contextmanager
def observed(observer: Observer) -> Iterator[None]:
    """Within the block, every call of a module in this thread is shown to the observer.

    It sees the inner modules of a module before that module itself, in the order in which they
    end.

    >>> import numpy as np
    >>> from nn import Linear, Sequential, Tanh
    >>> net = Sequential(Linear(2, 3, rng=np.random.default_rng(0)), Tanh())
    >>> with observed(lambda module, inputs, output: print(type(module).__name__, output.shape)):
    ...     output = net(np.ones((5, 2)))
    Linear (5, 3)
    Tanh (5, 3)
    Sequential (5, 3)
    """
    token = _observers.set((*_observers.get(), observer))
    try:
        yield
    finally:
        _observers.reset(token)

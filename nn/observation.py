"""Watching what modules compute: a summary, a hunt for the first bad layer, a drawing by layers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeAlias

__all__ = ["Announcer", "Observer", "observed", "observers"]

Observer: TypeAlias = Callable[[Any, tuple[Any, ...], Any], None]
"""Is called with a module, its inputs, those by keyword last, and its output."""
Announcer: TypeAlias = Callable[[Any], None]
"""Is called with a module before it computes anything."""

_observers: ContextVar[tuple[tuple[Observer, Announcer | None], ...]] = ContextVar(
    "observers", default=()
)
observers = _observers.get


@contextmanager
def observed(observer: Observer, before: Announcer | None = None) -> Iterator[None]:
    """Within the block, every call of a module in this thread is shown to the observer.

    It sees the inner modules of a module before that module itself, in the order in which they
    end; `before` sees each as it begins.

    >>> import numpy as np
    >>> from nn import Linear, Sequential, Tanh
    >>> net = Sequential(Linear(2, 3, rng=np.random.default_rng(0)), Tanh())
    >>> with observed(lambda module, inputs, output: print(type(module).__name__, output.shape)):
    ...     output = net(np.ones((5, 2)))
    Linear (5, 3)
    Tanh (5, 3)
    Sequential (5, 3)
    """
    token = _observers.set((*_observers.get(), (observer, before)))
    try:
        yield
    finally:
        _observers.reset(token)

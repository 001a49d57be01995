"""One backward pass over a graph that leaves every gradient as it was."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from autograd import Value

__all__ = ["single_pass"]


@contextmanager
def single_pass(order: Sequence[Any]) -> Iterator[None]:
    """Within it the gradients of all nodes are those of one pass from the last node.

    Args:
        order: all nodes of a graph in topological order.
    """
    kept = [node.grad for node in order]
    try:
        for node in order:
            node.grad = 0.0 if isinstance(node, Value) else None
        order[-1].backward()
        yield
    finally:
        for node, gradient in zip(order, kept, strict=True):
            node.grad = gradient

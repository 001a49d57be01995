"""The numbers of many Values at once, as arrays."""

from __future__ import annotations

from typing import Any

from ..value import Value, pass_lock

__all__ = ["add_gradients", "read_numbers", "write_numbers"]


def read_numbers(nodes: list[Value], numbers: Any, start: int) -> None:
    """Write the numbers of the nodes into an array, from a place on."""
    for i in range(len(nodes)):
        node = nodes[i]
        numbers[start + i] = node._data


def write_numbers(nodes: list[Value], numbers: Any) -> None:
    """Set the numbers of the nodes to those of an array."""
    for i in range(len(nodes)):
        node = nodes[i]
        node._data = float(numbers[i])


def add_gradients(nodes: list[Value], gradients: Any) -> None:
    """Add the numbers of an array to the gradients of the nodes."""
    with pass_lock:
        for i in range(len(nodes)):
            node = nodes[i]
            node._grad += float(gradients[i])

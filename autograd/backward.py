"""The reverse traversal: topological order and gradient sums.

This module knows no node class. It walks anything that has ``operands`` and, for the pass over
arrays, a ``contributions_of(gradient)`` rule.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol, TypeVar

import numpy as np

__all__ = ["Node", "is_node", "reverse_pass", "topological_order"]


class Node(Protocol):
    """What a graph is made of: a leaf has no operands; an operand may be a plain constant."""

    @property
    def operands(self) -> tuple[Any, ...]:
        """What the node was computed from, in order."""
        ...


NodeType = TypeVar("NodeType", bound=Node)


def is_node(candidate: object) -> bool:
    """Whether this is a node of a graph (a Value or a Tensor), not a plain constant.

    >>> from autograd import Value, is_node
    >>> is_node(Value(1.0)), is_node(1.0)
    (True, False)
    """
    return hasattr(type(candidate), "apply_gate")


def topological_order(*roots: NodeType) -> list[NodeType]:
    """Every node that the roots depend on, operands before their users, each once.

    The order depends on the graph alone, so that it can number the nodes of a drawing. There is no
    recursion: a graph may be as deep as memory allows.

    >>> from autograd import Value
    >>> x = Value(3.0)
    >>> square = x * x
    >>> topological_order(square) == [x, square]
    True
    """
    order: list[NodeType] = []
    visited: set[int] = set()
    stack: list[tuple[NodeType, Iterator[Any]]] = []

    def enter(node: NodeType) -> None:
        visited.add(id(node))
        stack.append((node, iter(node.operands)))

    for root in roots:
        if id(root) not in visited:
            enter(root)
        while stack:
            node, remaining = stack[-1]
            for operand in remaining:
                if is_node(operand) and id(operand) not in visited:
                    enter(operand)
                    break
            else:
                stack.pop()
                order.append(node)
    return order


def reverse_pass(root: Any, seed: np.ndarray) -> None:
    """Carry ``seed``, the gradient of the root, back to everything the root depends on.

    Inner nodes get the gradient of this pass; leaves have it added to what they hold. A gradient
    that lands in a node shares no memory with another's, so that changing one in place (to clip
    it, say) changes no other.
    """
    gradients: dict[int, np.ndarray] = {id(root): seed}
    owned: set[int] = set()
    landed: list[tuple[Any, np.ndarray | None]] = []
    # A pass over arrays meets 1 / 0 and 0 * inf where a gradient is infinite or undefined: that
    # is the answer, not a reason for a warning at each gate.
    with np.errstate(all="ignore"):
        for node in reversed(topological_order(root)):
            gradient = gradients.pop(id(node), None)
            if gradient is not None and node.operands:
                _spread(node, gradient, gradients, owned)
            landed.append((node, gradient))
    # Only now are nodes changed: an exception above leaves every gradient as it was.
    for node, gradient in landed:
        if gradient is None:
            # Every way here leads through a zero derivative.
            gradient = np.zeros_like(node.data)
        elif id(node) not in owned:
            gradient = gradient.copy()
        if node.operands or node.grad is None:
            node.grad = gradient
        else:
            node.grad = node.grad + gradient


def _spread(
    node: Any, gradient: np.ndarray, gradients: dict[int, np.ndarray], owned: set[int]
) -> None:
    """Add what ``node`` sends back to the gradients of its operands.

    A buffer is owned when nobody else can hold it: it came fresh from a vjp, or from a sum made
    here. Only such a buffer is added to in place, or handed to a node without a copy.
    """
    for operand, contribution in zip(node.operands, node.contributions_of(gradient), strict=True):
        if contribution is None:
            continue
        key = id(operand)
        known = gradients.get(key)
        if known is None:
            gradients[key] = contribution
            if contribution is not gradient and contribution.base is None:
                owned.add(key)
        elif key in owned:
            np.add(known, contribution, out=known)
        else:
            gradients[key] = np.asarray(known + contribution)
            owned.add(key)

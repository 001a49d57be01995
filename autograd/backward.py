"""The reverse traversal: topological order and gradient sums.

This module knows no node class. It walks anything that has ``operands`` and a rule,
``contribution(position, gradient, create_graph)``: what a gradient sends back along one wire.
Before the first of these it calls ``check_unchanged()``, which may raise.
"""

from __future__ import annotations

import threading
from collections.abc import Collection, Sequence
from typing import Any, Protocol, TypeVar

import numpy as np

__all__ = ["Node", "carry_back", "is_node", "reverse_pass", "topological_order"]

# Passes of several threads may share leaves: what they add must not be lost.
_landing = threading.Lock()


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


def topological_order(*roots: NodeType, boundary: Collection[int] = frozenset()) -> list[NodeType]:
    """Every node that the roots depend on, operands before their users, each once.

    What lies below a node whose id is in ``boundary`` is left out. The order depends on the graph
    alone, so that it can number the nodes of a drawing. There is no recursion: a graph may be as
    deep as memory allows.

    >>> from autograd import Value
    >>> x = Value(3.0)
    >>> square = x * x
    >>> topological_order(square) == [x, square]
    True
    """
    order: list[NodeType] = []
    entered: set[int] = set()
    left: set[int] = set()
    stack: list[NodeType] = list(reversed(roots))
    while stack:
        node = stack[-1]
        key = id(node)
        if key in entered:
            # All that was pushed above it has been left, so its operands have.
            stack.pop()
            if key not in left:
                left.add(key)
                order.append(node)
            continue
        entered.add(key)
        if key not in boundary:
            kind = type(node)
            for operand in reversed(node.operands):
                if type(operand) is kind and id(operand) not in entered:
                    stack.append(operand)
    return order


def reverse_pass(root: Any, seed: Any) -> None:
    """Carry ``seed``, the gradient of the root, back to everything the root depends on.

    Inner nodes get the gradient of this pass; leaves have it added to what they hold.
    """
    landed = _Landed()
    # A pass over arrays meets 1 / 0 and 0 * inf where a gradient is infinite or undefined: that
    # is the answer, not a reason for a warning at each gate.
    with np.errstate(all="ignore"):
        carry_back([root], [seed], landed=landed)
    # Only now are nodes changed: an exception above leaves every gradient as it was.
    with _landing:
        for node, gradient, owned in zip(landed.nodes, landed.gradients, landed.owned, strict=True):
            node.land(gradient, owned)


class _Landed:
    """The nodes that a pass has met, the gradient of each, and whether nobody else can hold it.

    Three lists, not one of tuples: the garbage collector is called by the number of these.
    """

    def __init__(self) -> None:
        self.nodes: list[Any] = []
        self.gradients: list[Any] = []
        self.owned: list[bool] = []


def carry_back(
    roots: Sequence[Any],
    seeds: Sequence[Any],
    targets: Sequence[Any] | None = None,
    create_graph: bool = False,
    *,
    through_targets: bool = True,
    landed: _Landed | None = None,
) -> dict[int, Any]:
    """Carry gradients of the roots back along the wires, each node when all its users have sent.

    Args:
        roots: nodes of one kind.
        seeds: the gradient of each root.
        targets: where the pass is to lead; only wires on the way to one are followed. By default
            it leads everywhere.
        create_graph: whether gradients are nodes, made by the derivative formulas.
        through_targets: whether a target passes on what it received, to others below it.
        landed: gets every node that was met with its gradient, or None if none reached it, and
            whether the gradient shares its memory with no other.

    Returns:
        the gradients of the targets, by their ids; none for a target that is not reached.
    """
    wanted = frozenset(map(id, targets or ()))
    order = topological_order(*roots, boundary=frozenset() if through_targets else wanted)
    on_the_way = None if targets is None else _nodes_above(order, wanted)
    sums = _Sums(on_the_way, create_graph)
    for root, seed in zip(roots, seeds, strict=True):
        sums.add(id(root), seed)
    results: dict[int, Any] = {}
    for node in reversed(order):
        key = id(node)
        gradient = sums.gradients.pop(key, None)
        if gradient is not None:
            if node.hooks:
                gradient = node.hooks.apply(gradient)
                sums.owned.discard(key)
            if key in wanted:
                results[key] = gradient
            if through_targets or key not in wanted:
                sums.send_back(node, gradient)
        if landed is not None:
            landed.nodes.append(node)
            landed.gradients.append(gradient)
            landed.owned.append(key in sums.owned)
    return results


class _Sums:
    """The gradients that nodes have received so far, by their ids."""

    def __init__(self, on_the_way: set[int] | None, create_graph: bool) -> None:
        self.gradients: dict[int, Any] = {}
        # The ids of those gradients which nobody else can hold: they came fresh from a vjp, or
        # from a sum made here. Only such a one is added to in place.
        self.owned: set[int] = set()
        self._on_the_way = on_the_way
        self._create_graph = create_graph

    def add(self, key: int, contribution: Any) -> None:
        """Add to what a node has received already."""
        known = self.gradients.get(key)
        if known is None:
            self.gradients[key] = contribution
        elif key in self.owned:
            np.add(known, contribution, out=known)
        else:
            self.gradients[key] = total = known + contribution
            if type(total) is np.ndarray:
                self.owned.add(key)

    def send_back(self, node: Any, gradient: Any) -> None:
        """Give the operands of a node their contributions."""
        node.check_unchanged()
        kind, on_the_way, gradients = type(node), self._on_the_way, self.gradients
        position = -1
        for operand in node.operands:
            position += 1
            key = id(operand)
            if type(operand) is not kind or (on_the_way is not None and key not in on_the_way):
                continue
            contribution = node.contribution(position, gradient, self._create_graph)
            if contribution is None:
                continue
            if key in gradients:
                self.add(key, contribution)
                continue
            gradients[key] = contribution
            fresh = contribution is not gradient and type(contribution) is np.ndarray
            if fresh and contribution.base is None:
                self.owned.add(key)


def _nodes_above(order: Sequence[Any], targets: frozenset[int]) -> set[int]:
    """The ids of the targets and of the nodes that depend on one."""
    above = set(targets)
    for node in order:
        if any(id(operand) in above for operand in node.operands):
            above.add(id(node))
    return above

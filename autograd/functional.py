"""Derivatives as values: gradients that are returned, not stored, and can be derived again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

from .backward import is_node, topological_order
from .errors import OperandError
from .value import Value

__all__ = ["gradients"]


def gradients(
    outputs: Any,
    inputs: Any,
    grad_outputs: Any = None,
    create_graph: bool = False,
) -> Any:
    """The gradients of the sum of the outputs by each input, as Values; no ``grad`` is changed.

    Args:
        outputs: a Value, or a sequence of them.
        inputs: a Value of their graph, leaf or inner node, or a sequence of them.
        grad_outputs: the gradient of each output, by default one.
        create_graph: whether the results are graphs themselves, made by the derivative formulas
            of the gates, so that they can be differentiated again, to any order.

    Returns:
        For one input its gradient, for a sequence a list of them. An input that the outputs do
        not depend on has the gradient zero.

    Raises:
        OperandError: if an output or an input is not a Value, or the number of ``grad_outputs``
            is not that of the outputs.

    >>> x = Value(2.0)
    >>> first = gradients(x**3, x, create_graph=True)
    >>> second = gradients(first, x)
    >>> first.data, second.data
    (12.0, 12.0)
    """
    roots, targets = _values("outputs", outputs), _values("inputs", inputs)
    seeds = [1.0] * len(roots) if grad_outputs is None else _as_sequence(grad_outputs)
    if len(seeds) != len(roots):
        raise OperandError(f"gradients: {len(seeds)} grad_outputs for {len(roots)} outputs")
    order = topological_order(*roots)
    wanted = _nodes_between(order, targets)
    received: dict[int, Any] = {}
    for root, seed in zip(roots, seeds, strict=True):
        known = received.get(id(root))
        received[id(root)] = seed if known is None else known + seed
    for node in reversed(order):
        gradient = received.get(id(node))
        if gradient is None or id(node) not in wanted:
            continue
        contributions = node.contributions_of(gradient, create_graph)
        for operand, contribution in zip(node.operands, contributions, strict=True):
            if contribution is None or id(operand) not in wanted:
                continue
            known = received.get(id(operand))
            received[id(operand)] = contribution if known is None else known + contribution
    results = [_as_value(received.get(id(target), 0.0), create_graph) for target in targets]
    return results if isinstance(inputs, Sequence) else results[0]


def _nodes_between(order: list[Value], targets: list[Value]) -> set[int]:
    """The ids of the nodes that a target is, or that depend on one: no other gradient is asked."""
    wanted = {id(target) for target in targets}
    for node in order:
        if any(id(operand) in wanted for operand in node.operands if is_node(operand)):
            wanted.add(id(node))
    return wanted


def _as_value(gradient: Any, create_graph: bool) -> Value:
    if type(gradient) is Value:
        return gradient if create_graph else Value(gradient.data)
    return Value(gradient)


Item = TypeVar("Item")


def _as_sequence(things: Item | Sequence[Item]) -> Sequence[Item]:
    return things if isinstance(things, Sequence) else [things]


def _values(what: str, nodes: Any) -> list[Value]:
    for node in _as_sequence(nodes):
        if type(node) is not Value:
            raise OperandError(f"gradients: {what} holds {node!r}, which is not a Value")
    return list(_as_sequence(nodes))

"""A recorded computation again: each gate applied to what stands in the place of its operands."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from .. import array_gates
from ..backward import is_node, topological_order
from ..gate import Gate
from ..value import dot_of, mean_of, sum_of

__all__ = ["frozen_nodes", "gate_applied", "with_frozen"]

# A gate on many Values has one operand for each of them.
_GATES_OF_MANY: dict[Any, Callable[..., Any]] = {
    array_gates.sum: lambda *operands: sum_of(operands),
    array_gates.mean: lambda *operands: mean_of(operands),
    array_gates.dot: lambda *operands: dot_of(
        operands[: len(operands) // 2], operands[len(operands) // 2 :]
    ),
}


def gate_applied(node: Any, operands: Sequence[Any]) -> Any:
    """What the gate of a node makes of other operands: of plain ones, or of nodes of its kind.

    >>> from autograd import Value
    >>> gate_applied(Value(2.0) * Value(3.0), [5.0, 7.0])
    35.0
    """
    arguments = getattr(node, "arguments", None)
    if arguments is None:
        return _GATES_OF_MANY.get(node.gate, node.gate)(*operands)
    return node.gate(*operands, **arguments)


def frozen_nodes(outputs: Iterable[Any]) -> list[Any]:
    """The nodes of a graph whose derivatives are zero by definition, in topological order."""
    return [node for node in _order(outputs) if _is_frozen(node)]


def with_frozen(outputs: Sequence[Any], held: Iterable[Any]) -> list[Any]:
    """The outputs again, on the same leaves, with ``held`` in the places of the frozen nodes."""
    held = iter(held)
    known: dict[int, Any] = {}
    for node in _order(outputs):
        if node.gate is None:
            known[id(node)] = node
        elif _is_frozen(node):
            known[id(node)] = next(held)
        else:
            operands = [known.get(id(operand), operand) for operand in node.operands]
            known[id(node)] = gate_applied(node, operands)
    return [known.get(id(output), output) for output in outputs]


def _order(outputs: Iterable[Any]) -> list[Any]:
    return topological_order(*(output for output in outputs if is_node(output)))


def _is_frozen(node: Any) -> bool:
    return isinstance(node.gate, Gate) and node.gate.flat

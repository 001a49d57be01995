"""The forward traversal: tangents carried along the wires, by the rules of the reverse pass.

A gate has one rule, its vjp, and what it does to a tangent follows from that. Where the gate is
elementwise its Jacobian is diagonal, so the vjp is the jvp. Elsewhere the vjp, which is linear in
its gradient, is recorded on a stand-in for the gradient: the reverse pass through that record is
its transpose, and the transpose of the vjp is the jvp.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from .backward import carry_back, topological_order
from .errors import OperandError
from .gate import Gate
from .tensor import Tensor
from .value import Value

__all__ = ["Linearization"]

Push = Callable[[list[Any]], Any]
"""From the tangents of some operands of a node, None where zero, the tangent of the node."""


class Linearization:
    """The derivative of recorded nodes at their inputs, as a function of tangents.

    What the rules of the gates need is prepared once, for any number of tangents.

    Args:
        outputs: nodes of one kind.
        inputs: nodes of their graph.
        create_graph: whether tangents are nodes, which can be differentiated again, or plain.
    """

    def __init__(self, outputs: Sequence[Any], inputs: Sequence[Any], create_graph: bool) -> None:
        self._outputs, self._inputs = outputs, inputs
        self._steps: list[tuple[int, list[int], Push]] = []
        reached = set(map(id, inputs))
        for node in topological_order(*outputs):
            positions = [i for i, operand in enumerate(node.operands) if id(operand) in reached]
            if not positions or id(node) in reached:
                continue
            push = _push_of(node, positions, create_graph)
            if push is not None:
                self._steps.append((id(node), [id(node.operands[i]) for i in positions], push))
                reached.add(id(node))

    def __call__(self, tangents: Sequence[Any]) -> list[Any]:
        """The tangents of the outputs; None stands for zero, there and in those of the inputs."""
        known = {id(node): t for node, t in zip(self._inputs, tangents, strict=True)}
        for key, operands, push in self._steps:
            received = [known.get(operand) for operand in operands]
            if any(tangent is not None for tangent in received):
                known[key] = push(received)
        return [known.get(id(output)) for output in self._outputs]


def _push_of(node: Any, positions: list[int], create_graph: bool) -> Push | None:
    """What the node's gate does to tangents of these operands; None if their derivatives vanish."""
    if type(node) is Value:
        return _push_of_scalars(node, positions, create_graph)
    if type(node.gate) is Gate:
        return _push_of_elements(node, positions, create_graph)
    return _push_of_arrays(node, positions, create_graph)


def _push_of_scalars(node: Value, positions: list[int], create_graph: bool) -> Push | None:
    derivatives = [node.contribution(i, 1.0, create_graph) for i in positions]

    def push(tangents: list[Any]) -> Any:
        return _sum(
            tangent * derivative
            for tangent, derivative in zip(tangents, derivatives, strict=True)
            if tangent is not None and derivative is not None
        )

    return push


def _push_of_elements(node: Tensor, positions: list[int], create_graph: bool) -> Push | None:
    gate: Any = node.gate
    vjps = [(gate.node_vjps if create_graph else gate.vjps)[i] for i in positions]
    if not any(vjps):
        return None
    out, operands = _at(node, create_graph)

    def push(tangents: list[Any]) -> Any:
        tangent = _sum(
            vjp(tangent, out, *operands)
            for tangent, vjp in zip(tangents, vjps, strict=True)
            if tangent is not None and vjp is not None
        )
        return None if tangent is None else _fitted(tangent, node.shape, node.dtype)

    return push


def _push_of_arrays(node: Tensor, positions: list[int], create_graph: bool) -> Push | None:
    gate: Any = node.gate
    out, operands = _at(node, create_graph)
    stand_in = Tensor(np.ones(node.shape, node.dtype))
    sent_back = []
    for position in positions:
        vjp = gate.vjp(position)
        sent = vjp and vjp(stand_in, out, *operands, **node.arguments)
        if sent is not None and type(sent) is not Tensor and np.any(sent):
            raise OperandError(
                f"{gate.name}: its vjp by operand {position} gives a plain array for a Tensor, so "
                "there is no forward mode through it; write it with gates and NumPy's functions"
            )
        sent_back.append(sent)
    if not any(type(sent) is Tensor for sent in sent_back):
        return None

    def push(tangents: list[Any]) -> Any:
        # Where the operand was broadcast, the reverse pass would now sum what was sent back to the
        # operand's shape. The transpose of that sum is to broadcast the tangent.
        pairs = [
            (sent, _fitted(tangent, sent.shape, sent.dtype))
            for tangent, sent in zip(tangents, sent_back, strict=True)
            if tangent is not None and type(sent) is Tensor
        ]
        if not pairs:
            return None
        roots, seeds = zip(*pairs, strict=True)
        return carry_back(roots, seeds, [stand_in], create_graph).get(id(stand_in))

    return push


def _at(node: Tensor, create_graph: bool) -> tuple[Any, Sequence[Any]]:
    """The point at which a gate is differentiated: its result and its operands."""
    # Asked for in any case, because it raises where an operand was changed since.
    arrays = [node.operand_array(position) for position in range(len(node.operands))]
    if not create_graph:
        return node.data, arrays
    pairs = zip(node.operands, arrays, strict=True)
    return node, [operand if type(operand) is Tensor else array for operand, array in pairs]


def _fitted(tangent: Any, shape: tuple[int, ...], dtype: Any) -> Any:
    """A tangent, an array or a Tensor, broadcast to a shape and of a dtype."""
    if tangent.shape != shape:
        tangent = np.broadcast_to(tangent, shape)
    return tangent if tangent.dtype == dtype else tangent.astype(dtype)


def _sum(contributions: Any) -> Any:
    """Their sum; None if there is none. The number 0 stands for a slope that was decided to be."""
    total = None
    for contribution in contributions:
        if type(contribution) is int:
            continue
        total = contribution if total is None else total + contribution
    return total

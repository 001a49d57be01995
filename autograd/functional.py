"""Derivatives as values: gradients that are returned, not stored, and can be derived again."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any, TypeVar

import numpy as np

from .backward import carry_back, is_node
from .errors import OperandError
from .modes import enable_grad, is_recording, no_grad
from .tensor import Tensor
from .value import Value

__all__ = ["gradients"]


def gradients(
    outputs: Any,
    inputs: Any,
    grad_outputs: Any = None,
    create_graph: bool = False,
) -> Any:
    """The gradients of the sum of the outputs by each input, as nodes; no ``grad`` is changed.

    Args:
        outputs: a Value or a Tensor, or a sequence of them.
        inputs: a node of their graph, leaf or inner node, or a sequence of them.
        grad_outputs: the gradient of each output, of its shape; by default one.
        create_graph: whether the results are graphs themselves, made by the derivative formulas
            of the gates, so that they can be differentiated again, to any order.

    Returns:
        For one input its gradient, for a sequence a list of them. An input that the outputs do
        not depend on has the gradient zero.

    Raises:
        OperandError: if an output or an input is not a node, if Values and Tensors are mixed, or
            if the number of ``grad_outputs`` is not that of the outputs.
        ShapeError: if an output has more than one element and no gradient is given for it.

    >>> x = Value(2.0)
    >>> first = gradients(x**3, x, create_graph=True)
    >>> second = gradients(first, x)
    >>> first.data, second.data
    (12.0, 12.0)
    """
    roots, targets = _nodes("outputs", outputs), _nodes("inputs", inputs)
    if len({type(node) for node in roots + targets}) > 1:
        raise OperandError("gradients: Values and Tensors are mixed; they cannot share a graph")
    given = [None] * len(roots) if grad_outputs is None else _as_sequence(grad_outputs)
    if len(given) != len(roots):
        raise OperandError(f"gradients: {len(given)} grad_outputs for {len(roots)} outputs")
    if not roots:
        return [_zero(target) for target in targets]
    with _recording(create_graph), np.errstate(all="ignore"):
        seeds = [_seed(root, seed, create_graph) for root, seed in zip(roots, given, strict=True)]
        received = carry_back(roots, seeds, targets, create_graph)
        results = [
            _as_node(received[id(target)], target) if id(target) in received else _zero(target)
            for target in targets
        ]
    return results if isinstance(inputs, Sequence) else results[0]


def _recording(wanted: bool) -> AbstractContextManager[None]:
    """A block in which operations are recorded, or are not; entering a mode is not free."""
    if is_recording() == wanted:
        return nullcontext()
    return enable_grad() if wanted else no_grad()


def _seed(root: Any, seed: Any, create_graph: bool) -> Any:
    """What the pass starts with at a root: a node where a graph is made, else plain."""
    if type(root) is Value:
        seed = 1.0 if seed is None else seed
        return seed if create_graph or type(seed) is not Value else seed.data
    if type(seed) is Tensor:
        root.seed(seed.data)  # checks the shape
        return seed if create_graph else seed.data
    plain = root.seed(seed)
    return Tensor(plain) if create_graph else plain


def _as_node(gradient: Any, target: Any) -> Any:
    return gradient if is_node(gradient) else type(target)(gradient)


def _zero(target: Any) -> Any:
    return Value(0.0) if type(target) is Value else Tensor(np.zeros_like(target.data))


Item = TypeVar("Item")


def _as_sequence(things: Item | Sequence[Item]) -> Sequence[Item]:
    return things if isinstance(things, Sequence) else [things]


def _nodes(what: str, nodes: Any) -> list[Any]:
    for node in _as_sequence(nodes):
        if not is_node(node):
            raise OperandError(f"gradients: {what} holds {node!r}, which is not a node")
    return list(_as_sequence(nodes))

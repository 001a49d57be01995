"""What a function on Tensors computed, as a list of gates that can be applied again.

A function is run twice on the same numbers. What differs between the two runs, such as a random
mask, a counter or a gate that is made anew each time, would be frozen in a replay: then there is no
recording, but a reason.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Any

import numpy as np

from ..array_gates import ArrayGate
from ..backward import topological_order
from ..changes import CLOCK
from ..gate import Gate
from ..modes import enable_grad, tracing
from ..tensor import Tensor

__all__ = ["Operation", "Recording", "Unrecordable", "record"]

Run = Callable[[list[Tensor]], list[Any]]
"""A function of fresh Tensors that gives the leaves of its result: Tensors, or constants."""


class Unrecordable(Exception):
    """Why a function has no recording; never seen outside."""


@dataclass(frozen=True, eq=False)
class Operation:
    """A gate that was applied: to the numbers in some slots, with its result in another."""

    gate: Gate | ArrayGate
    operands: tuple[int, ...]
    arguments: dict[str, Any]
    result: int


@dataclass
class Recording:
    """The gates of a run in topological order; every number of the run has a slot.

    Args:
        samples: by slot, what the run computed there; of a constant, what it is.
        operations: the gates.
        inputs: the slots of the arguments.
        parameters: leaves that were made before, which are read anew, by their slots.
        constants: the slots of what is always the same.
        outputs: the results; the slot of a Tensor, and None for a constant.
        results: what the run returned in place of Tensors.
        reason: why the run cannot be done again from this recording; None if it can.
        nodes: the Tensors of the run, and the slots of those that have one, by their ids.
    """

    samples: list[Any] = field(default_factory=list)
    operations: list[Operation] = field(default_factory=list)
    inputs: list[int] = field(default_factory=list)
    parameters: dict[int, Tensor] = field(default_factory=dict)
    constants: list[int] = field(default_factory=list)
    outputs: list[int | None] = field(default_factory=list)
    results: list[Any] = field(default_factory=list)
    reason: str | None = None
    nodes: list[Tensor] = field(default_factory=list)
    slots: dict[int, int] = field(default_factory=dict)

    def add(self, sample: Any) -> int:
        """A new slot."""
        self.samples.append(sample)
        return len(self.samples) - 1

    def add_node(self, node: Tensor) -> int:
        """A new slot for the numbers of a node."""
        # A leaf may be written to later.
        slot = self.add(np.array(node) if node.gate is None else np.asarray(node))
        self.slots[id(node)] = slot
        return slot


def record(run: Run, inputs: Sequence[np.ndarray]) -> Recording:
    """Run a function twice and keep what it computed; or why that cannot be computed again.

    Raises:
        TraceError: if the function reads the numbers of a Tensor.
    """
    first = _traced(run, inputs)
    start = CLOCK[0]
    second = _traced(run, inputs)
    try:
        # The first run may have noticed a change that was made before it.
        if CLOCK[0] != start:
            raise Unrecordable("it changes a Tensor in place")
        for recording in (first, second):
            _add_operations(recording)
        _require_equal(first, second)
    except Unrecordable as error:
        first.reason = str(error)
        again = {id(leaf) for leaf in second.parameters.values()}
        first.parameters = {s: leaf for s, leaf in first.parameters.items() if id(leaf) in again}
    # The graphs of the runs are not kept alive.
    first.nodes, first.slots = [], {}
    first.results = [None if type(one) is Tensor else one for one in first.results]
    return first


def _traced(run: Run, inputs: Sequence[np.ndarray]) -> Recording:
    """One run: its leaves and its results. What is not an input counts as a parameter for now."""
    arguments = [Tensor(array) for array in inputs]
    with enable_grad(), tracing():
        results = run(arguments)
    recording = Recording(results=results)
    for argument in arguments:
        recording.inputs.append(recording.add_node(argument))
    recording.nodes = topological_order(*[one for one in results if type(one) is Tensor])
    for node in recording.nodes:
        if node.gate is None and id(node) not in recording.slots:
            recording.parameters[recording.add_node(node)] = node
    return recording


def _add_operations(recording: Recording) -> None:
    for node in recording.nodes:
        if node.hooks:
            raise Unrecordable(f"a Tensor of shape {node.shape} has a hook, which would be skipped")
        if node.gate is not None:
            _add_operation(node, node.gate, recording)
    recording.outputs = [
        recording.slots[id(one)] if type(one) is Tensor else None for one in recording.results
    ]


def _add_operation(node: Tensor, gate: Gate | ArrayGate, recording: Recording) -> None:
    operands = []
    for position, operand in enumerate(node.operands):
        if type(operand) is Tensor:
            operands.append(recording.slots[id(operand)])
            continue
        operands.append(recording.add(_constant(node, position)))
        recording.constants.append(operands[-1])
    result = recording.add_node(node)
    recording.operations.append(Operation(gate, tuple(operands), node.arguments, result))


def _constant(node: Tensor, position: int) -> Any:
    """A constant as the gate saw it: a number, or a copy of an array."""
    constant = node.operand_array(position)
    return np.array(constant) if isinstance(constant, np.ndarray) else constant


def _require_equal(first: Recording, second: Recording) -> None:
    """Raise if two runs did not do the same; sort their leaves into parameters and constants."""
    for one, other in zip_longest(first.operations, second.operations):
        if one is None or other is None:
            raise Unrecordable("another run of it applies another number of gates")
        _require_equal_gates(one, other)
    if first.outputs != second.outputs or first.parameters.keys() != second.parameters.keys():
        raise Unrecordable("another run of it returns something else")
    for slot in first.constants:
        _require_equal_constant(slot, first, second)
    for slot, leaf in list(first.parameters.items()):
        if second.parameters[slot] is not leaf:
            # Made in the run.
            del first.parameters[slot]
            first.constants.append(slot)
            _require_equal_constant(slot, first, second)


def _require_equal_gates(one: Operation, other: Operation) -> None:
    name = one.gate.name
    if one.gate is not other.gate and name == other.gate.name:
        raise Unrecordable(f"the gate {name} is made anew in each run")
    if one.gate is not other.gate:
        raise Unrecordable(f"another run of it applies {other.gate.name} in place of {name}")
    if one.operands != other.operands or not _is_equal(one.arguments, other.arguments):
        raise Unrecordable(f"another run of it applies {name} to something else")


def _require_equal_constant(slot: int, first: Recording, second: Recording) -> None:
    if not _is_equal(first.samples[slot], second.samples[slot]):
        raise Unrecordable(
            f"a constant of shape {np.shape(first.samples[slot])} is another in another run; "
            "pass it as an argument"
        )


def _is_equal(one: Any, other: Any) -> bool:
    """Whether two constants, or two indices, axes and the like of a gate, are the same."""
    if isinstance(one, np.ndarray) or isinstance(other, np.ndarray):
        return (
            type(one) is type(other)
            and one.dtype == other.dtype
            and np.array_equal(one, other, equal_nan=one.dtype.kind == "f")
        )
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(_is_equal(one[key], other[key]) for key in one)
    if isinstance(one, (tuple, list)):
        return len(one) == len(other) and all(map(_is_equal, one, other))
    return bool(one == other or (one != one and other != other))

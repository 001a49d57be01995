"""The forward steps of a recording on a set of buffers that are kept from call to call."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from .. import array_gates
from ..gate import Gate
from .cross_entropy_steps import CrossEntropySteps, cross_entropy_steps
from .elementwise_chains import Instruction, Step, forward_steps, grouped
from .layout import Layout, apply, rows_together
from .recording import Operation
from .reduction_steps import reduction_steps

__all__ = ["Schedule"]

VIEW = "views of what is there"
LOOP = "elementwise, in compiled loops"
MERGED = "matrix products merged into larger ones"
IN_PLACE = "products and reductions that NumPy writes into a buffer"
COPIED = "gates whose result is copied into a buffer"


class Schedule:
    """Buffers for every number of a recording, and the steps that fill them.

    Args:
        layout: what is to be computed, in which order and where.

    Attributes:
        arrays: by slot a buffer, a view of one, or the Python number that a constant is.
        cross_entropies: what both ways through a cross-entropy have in common, by its slot.
        ways: how many gates are computed in which way.
    """

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        recording = layout.recording
        self.arrays: list[Any] = [None] * len(recording.samples)
        self.cross_entropies: dict[int, CrossEntropySteps] = {}
        self.ways = Counter[str]()
        self._stack()
        for slot in (*recording.inputs, *recording.parameters, *recording.constants):
            self._fill(slot)
        steps: list[Step | Instruction] = []
        merged: set[int] = set()
        with np.errstate(all="ignore"):
            for operation in layout.operations:
                if operation.result in layout.views:
                    self.arrays[operation.result] = apply(operation, self.arrays)
                    self.ways[VIEW] += 1
                    continue
                self._fill(operation.result)
                together = layout.merged.get(operation.result)
                if together is not None:
                    steps += self._merged_steps(together, merged)
                elif operation.result not in merged:
                    steps += self._steps_of(operation)
        self.steps = grouped(steps)
        self.inputs = [self.arrays[slot] for slot in recording.inputs]
        self.parameters = [self.arrays[slot] for slot in recording.parameters]

    def run(self) -> None:
        """Compute everything from what lies in the buffers of the inputs and parameters."""
        for step in self.steps:
            step()

    def _stack(self) -> None:
        for stack in self.layout.stacks:
            whole = np.zeros(stack.shape, stack.dtype)
            for slot, rows in stack.rows.items():
                self.arrays[slot] = whole[rows]

    def _fill(self, slot: int) -> None:
        """Give a slot its buffer, and in it what was computed when the run was recorded."""
        sample = self.layout.samples[slot]
        if not isinstance(sample, np.ndarray):
            self.arrays[slot] = sample
            return
        if self.arrays[slot] is None:
            self.arrays[slot] = np.empty(sample.shape, sample.dtype)
        np.copyto(self.arrays[slot], sample)

    def _merged_steps(
        self, operations: Sequence[Operation], merged: set[int]
    ) -> Sequence[Step | Instruction]:
        """One matrix product for several, if their buffers do lie together."""
        for operation in operations:
            if self.arrays[operation.result] is None:
                self._fill(operation.result)
        lefts = rows_together([self.arrays[each.operands[0]] for each in operations])
        outs = rows_together([self.arrays[each.result] for each in operations])
        merged.update(operation.result for operation in operations)
        if lefts is None or outs is None:
            return [step for each in operations for step in self._steps_of(each)]
        self.ways[MERGED] += len(operations)
        return [partial(np.matmul, lefts, self.arrays[operations[0].operands[1]], outs)]

    def _steps_of(self, operation: Operation) -> Sequence[Step | Instruction]:
        out = self.arrays[operation.result]
        operands = [self.arrays[slot] for slot in operation.operands]
        if operation.gate is array_gates.matmul and out.ndim and _is_float(out, operands):
            self.ways[IN_PLACE] += 1
            return [partial(np.matmul, *operands, out)]
        if isinstance(operation.gate, Gate):
            steps = forward_steps(operation.gate, out, operands)
            if steps is not None:
                self.ways[LOOP] += 1
                return steps
            forward: Callable[..., Any] = operation.gate.numpy_forward
        else:
            in_place = self._steps_in_place(operation, out, operands)
            if in_place is not None:
                self.ways[IN_PLACE] += 1
                return in_place
            forward = partial(operation.gate.forward, **operation.arguments)
        self.ways[COPIED] += 1
        return [partial(_compute, out, forward, *operands)]

    def _steps_in_place(
        self, operation: Operation, out: np.ndarray, operands: Sequence[Any]
    ) -> list[Step] | None:
        reduces = reduction_steps(operation, out, operands)
        if reduces is not None:
            return reduces
        entropy = cross_entropy_steps(operation, out, operands)
        if entropy is None:
            return None
        self.cross_entropies[operation.result] = entropy
        return [entropy.forward]


def _is_float(out: np.ndarray, operands: Sequence[Any]) -> bool:
    return all(isinstance(each, np.ndarray) and each.dtype == out.dtype for each in operands)


def _compute(out: np.ndarray, forward: Callable[..., Any], *operands: Any) -> None:
    np.copyto(out, forward(*operands))

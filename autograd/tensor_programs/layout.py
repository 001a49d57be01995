"""In which order the gates of a recording are applied, and which of their numbers lie together.

Gates are sorted by level, the number of array gates on the longest way to them: so the elementwise
gates between two matrix products stand side by side and can be run as one. Products with one right
operand, as those of a recurrent net with its weights at each time, are found here: their left
operands are to lie one below the other, so that a single product does for all where it can.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .. import array_gates
from ..gate import Gate
from .recording import Operation, Recording

__all__ = ["Layout", "apply", "rows_together"]


@dataclass(frozen=True)
class Stack:
    """Slots of matrices that lie one below the other: in one array, from these rows on."""

    shape: tuple[int, int]
    dtype: np.dtype[Any]
    rows: dict[int, slice]


def apply(operation: Operation, arrays: list[Any] | dict[int, Any]) -> np.ndarray:
    """The result of a gate on what lies in its slots."""
    operands = [arrays[slot] for slot in operation.operands]
    if type(operation.gate) is Gate:
        return np.asarray(operation.gate.numpy_forward(*operands))
    assert not isinstance(operation.gate, Gate)
    return np.asarray(operation.gate.forward(*operands, **operation.arguments))


class Layout:
    """What is found out once about a recording, for all sets of buffers that it is replayed in.

    Args:
        recording: the gates.

    Attributes:
        operations: the gates in the order in which they are applied.
        places: the place of each in that order, by its result.
        levels: of each slot.
        samples: an array in C order, or a number, for each slot.
        views: for a result that is but a view of an operand, the slot of that.
        products: matrix products by the slot of their right operand, where there are several.
        merged: those of them that have one level, by the first.
        stacks: what is to lie together.
    """

    def __init__(self, recording: Recording) -> None:
        self.recording = recording
        self.views: dict[int, int] = {}
        self.samples: list[Any] = [
            np.array(sample, order="C") if isinstance(sample, np.ndarray) else sample
            for sample in recording.samples
        ]
        with np.errstate(all="ignore"):
            for operation in recording.operations:
                self._compute(operation)
        self.operations = self._by_level()
        self.places = {each.result: place for place, each in enumerate(self.operations)}
        self._leaves: dict[int, frozenset[int]] = {}
        self.products = self._products()
        self.merged: dict[int, list[Operation]] = {}
        self.stacks: list[Stack] = []
        self._stacked: set[int] = set()
        for operations in self.products.values():
            self._stack([operation.operands[0] for operation in operations])
            self._merge(operations)

    def _compute(self, operation: Operation) -> None:
        result = apply(operation, self.samples)
        for slot in operation.operands:
            operand = self.samples[slot]
            if isinstance(operand, np.ndarray) and np.may_share_memory(result, operand):
                self.views[operation.result] = slot
                self.samples[operation.result] = result
                return
        self.samples[operation.result] = np.array(result, order="C")

    def leaves_of(self, slot: int) -> frozenset[int]:
        """The slots of everything that is not the result of a gate, and that this depends on."""
        known = self._leaves.get(slot)
        if known is None:
            reached = {slot}
            for operation in reversed(self.operations):
                if operation.result in reached:
                    reached.update(operation.operands)
            known = self._leaves[slot] = frozenset(reached - self.places.keys())
        return known

    def _by_level(self) -> list[Operation]:
        self.levels = [0] * len(self.samples)
        keys = {}
        for place, operation in enumerate(self.recording.operations):
            level = max((self.levels[slot] for slot in operation.operands), default=0)
            is_array_gate = operation.result not in self.views and type(operation.gate) is not Gate
            self.levels[operation.result] = level + is_array_gate
            keys[operation.result] = (level + is_array_gate, not is_array_gate, place)
        return sorted(self.recording.operations, key=lambda operation: keys[operation.result])

    def _products(self) -> dict[int, list[Operation]]:
        """The products of two matrices, by their right operands, where one has several."""
        products: dict[int, list[Operation]] = {}
        for operation in self.operations:
            if operation.gate is array_gates.matmul:
                a, b = (self.samples[slot] for slot in operation.operands)
                if a.ndim == b.ndim == 2 and a.dtype == b.dtype and a.dtype.kind == "f":
                    products.setdefault(operation.operands[1], []).append(operation)
        several = {slot: each for slot, each in products.items() if len(each) > 1}
        used = self._levels_of_use()
        for each in several.values():
            # Time runs backwards in the order of a recording, and forwards in an array of inputs.
            each.sort(
                key=lambda one: (
                    self.levels[one.result],
                    self._address(one.operands[0]),
                    used.get(one.result, 0),
                )
            )
        return several

    def _levels_of_use(self) -> dict[int, int]:
        """For each slot the level at which it is first used."""
        used: dict[int, int] = {}
        for operation in self.operations:
            level = max(self.levels[slot] for slot in operation.operands)
            for slot in operation.operands:
                used[slot] = min(level, used.get(slot, level))
        return used

    def _address(self, slot: int) -> int:
        return int(self.samples[slot].ctypes.data) if slot in self.views else 0

    def _merge(self, operations: list[Operation]) -> None:
        """Note the products of a level, all of whose left operands are known before the first."""
        levels: dict[int, list[Operation]] = {}
        for operation in operations:
            levels.setdefault(self.levels[operation.result], []).append(operation)
        for each in levels.values():
            if len(each) > 1:
                first = min(each, key=lambda operation: self.places[operation.result])
                self.merged[first.result] = each
                self._stack([operation.result for operation in each])

    def _stack(self, slots: list[int]) -> None:
        """Let those of these matrices lie together whose place is still free."""
        rows: dict[int, slice] = {}
        start = 0
        for slot in slots:
            stop = start + len(self.samples[slot])
            if slot not in self.views and slot not in self._stacked and slot not in rows:
                rows[slot] = slice(start, stop)
            start = stop
        if len(rows) > 1:
            sample = self.samples[slots[0]]
            self._stacked.update(rows)
            self.stacks.append(Stack((start, sample.shape[1]), sample.dtype, rows))


def rows_together(matrices: Sequence[np.ndarray]) -> np.ndarray | None:
    """The matrices as one, without a copy, if they lie one below the other; else None."""
    first = matrices[0]
    end = first.ctypes.data
    for matrix in matrices:
        if not matrix.flags.c_contiguous or matrix.ctypes.data != end:
            return None
        end += matrix.nbytes
    rows = sum(map(len, matrices))
    base = first
    while isinstance(base.base, np.ndarray):
        base = base.base
    # Separate arrays may happen to be neighbours in memory.
    if not base.flags.c_contiguous or base.dtype != first.dtype:
        return None
    if end > base.ctypes.data + base.nbytes:
        return None
    start = (first.ctypes.data - base.ctypes.data) // first.itemsize
    columns = first.shape[1]
    return base.reshape(-1)[start : start + rows * columns].reshape(rows, columns)

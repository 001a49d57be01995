"""Which gates of a recording a gradient passes on its way from one result to some leaves."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from ..formula import parse, vjp_of
from ..gate import Gate
from .layout import Layout
from .recording import Operation

__all__ = ["Paths", "is_identity"]


class Paths:
    """The part of a layout that lies between a result and some leaves.

    Args:
        layout: the whole of it.
        output: the slot of the result.
        wanted: the slots of the leaves.

    Attributes:
        operations: the gates on the way, in the order of the pass.
        reached: the slots that have a gradient.
        users: by slot the gates that send it a contribution, and the place it has among the
            operands of each.
    """

    def __init__(self, layout: Layout, output: int, wanted: Sequence[int]) -> None:
        self.layout = layout
        self.output = output
        self._active = set(wanted)
        forward = []
        for operation in layout.operations:
            if self.positions(operation):
                self._active.add(operation.result)
                forward.append(operation)
        self.reached = {output} & self._active
        self.operations: list[Operation] = []
        self.users: dict[int, list[tuple[Operation, int]]] = {}
        for operation in reversed(forward):
            if operation.result in self.reached:
                self.operations.append(operation)
                for position in self.positions(operation):
                    slot = operation.operands[position]
                    self.reached.add(slot)
                    self.users.setdefault(slot, []).append((operation, position))

    def positions(self, operation: Operation) -> list[int]:
        """The places of those operands of a gate that are sent something."""
        return [
            position
            for position, slot in enumerate(operation.operands)
            if slot in self._active and _has_vjp(operation, position)
        ]

    def maker(self, slot: int) -> Operation | None:
        """The gate on the way that computed a slot, if it has one."""
        place = self.layout.places.get(slot)
        if place is None or slot not in self.reached or slot not in self._active:
            return None
        return self.layout.operations[place]

    def passes_on(self, slot: int) -> int | None:
        """The slot whose gradient is also that of this one, because its only user adds it."""
        users = self.users.get(slot, [])
        if len(users) != 1 or slot == self.output:
            return None
        ((operation, position),) = users
        out, sample = self.layout.samples[operation.result], self.layout.samples[slot]
        if not is_identity(operation, position) or out.shape != sample.shape:
            return None
        return operation.result if out.dtype == sample.dtype else None

    def adds_rows(self, slot: int) -> bool:
        """Whether all that is done with a slot is to add it to each row of several matrices."""
        samples = self.layout.samples
        users = self.users.get(slot, [])
        if len(users) < 2 or samples[slot].ndim != 1:
            return False
        return all(
            is_identity(operation, position)
            and samples[operation.result].ndim == 2
            and samples[operation.result].shape[1:] == samples[slot].shape
            and samples[operation.result].dtype == samples[slot].dtype
            for operation, position in users
        )

    def products(self, slot: int) -> list[Operation]:
        """The gates on the way among the matrix products with this right operand."""
        if slot not in self.reached:
            return []
        products = self.layout.products.get(slot, [])
        return [operation for operation in products if operation.result in self.reached]


def _has_vjp(operation: Operation, position: int) -> bool:
    if isinstance(operation.gate, Gate):
        return operation.gate.vjps[position] is not None
    return operation.gate.vjp(position) is not None


def is_identity(operation: Operation, position: int) -> bool:
    """Whether a gate sends its gradient on as it is."""
    if not isinstance(operation.gate, Gate):
        return False
    tree = vjp_of(parse(operation.gate.derivatives[position]))
    return isinstance(tree, ast.Name) and tree.id == "g"

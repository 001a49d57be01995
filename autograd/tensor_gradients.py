"""The backward steps of a recording, into buffers that are kept from call to call.

A gradient buffer is written by the first contribution and added to by the later ones. The gradient
of a view is a view of the gradient, so that nothing is put back into place; and a gradient that a
gate passes on as it is, such as a sum's, is not copied but shared.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np

from . import array_gates
from .arrays import summed_to
from .elementwise_chains import Instruction, Step, added, grouped, vjp_steps
from .formula import parse, vjp_of
from .gate import Gate
from .reduction_steps import reduction_vjp_steps
from .tensor_layout import apply, rows_together
from .tensor_recording import Operation
from .tensor_schedule import Schedule

__all__ = ["Gradients"]


class Gradients:
    """The way from one result of a schedule back to some of the leaves.

    Args:
        schedule: what was computed; its buffers are read at each call.
        output: the slot of the result.
        wanted: the slots of leaves.
    """

    def __init__(self, schedule: Schedule, output: int, wanted: Sequence[int]) -> None:
        self._layout = schedule.layout
        self._arrays = schedule.arrays
        self._cross_entropies = schedule.cross_entropies
        self._buffers: dict[int, np.ndarray] = {}
        # Slots whose gradient holds something: what comes now is added to it.
        self._written: set[int] = set()
        self._cleared: list[np.ndarray] = []
        self._output = output
        self._operations = self._on_the_way(wanted)
        self._users = self._users_of()
        self._views: dict[int, bool] = {}
        self._places: dict[int, np.ndarray] = {}
        self._transposed: dict[int, np.ndarray] = {}
        self._lay_together()
        self._seed = self._buffer(output)
        self._written.add(output)
        steps: list[Step | Instruction] = []
        with np.errstate(all="ignore"):
            for operation in reversed(self._operations):
                steps += self._postponed_into(operation.result)
                if self._is_aliased(operation):
                    continue
                for position in self._active_positions(operation):
                    steps += self._steps_of(operation, position)
            for slot in wanted:
                steps += self._postponed_into(slot)
        self.steps = grouped(steps)
        self._wanted = [self._buffers[s] if s in self._reached else None for s in wanted]

    def run(self, seed: Any = 1) -> list[np.ndarray | None]:
        """Carry a gradient of the result back: those of the wanted leaves, None where none arrives.

        They lie in buffers that the next call writes to.
        """
        for buffer in self._cleared:
            buffer.fill(0)
        np.copyto(self._seed, seed)
        for step in self.steps:
            step()
        return self._wanted

    # What is on the way.

    def _on_the_way(self, wanted: Sequence[int]) -> list[Operation]:
        """The operations between the wanted leaves and the output, in order."""
        self._active = set(wanted)
        forward = []
        for operation in self._layout.operations:
            if any(self._sends(operation, i) for i in range(len(operation.operands))):
                self._active.add(operation.result)
                forward.append(operation)
        self._reached = {self._output} & self._active
        operations = []
        for operation in reversed(forward):
            if operation.result in self._reached:
                operations.append(operation)
                self._reached.update(
                    operation.operands[i] for i in self._active_positions(operation)
                )
        return operations[::-1]

    def _sends(self, operation: Operation, position: int) -> bool:
        if operation.operands[position] not in self._active:
            return False
        if isinstance(operation.gate, Gate):
            return operation.gate.vjps[position] is not None
        return operation.gate.vjp(position) is not None

    def _active_positions(self, operation: Operation) -> Iterator[int]:
        return (i for i in range(len(operation.operands)) if self._sends(operation, i))

    def _users_of(self) -> dict[int, list[tuple[Operation, int]]]:
        users: dict[int, list[tuple[Operation, int]]] = {}
        for operation in self._operations:
            for position in self._active_positions(operation):
                users.setdefault(operation.operands[position], []).append((operation, position))
        return users

    # Buffers.

    def _is_aliased(self, operation: Operation) -> bool:
        """Whether the gradient of a result is a view of that of its operand."""
        known = self._views.get(operation.result)
        if known is None:
            known = self._views[operation.result] = self._is_plain_view(operation)
        return known

    def _is_plain_view(self, operation: Operation) -> bool:
        viewed = self._layout.views.get(operation.result)
        if viewed is None or list(self._active_positions(operation)) != [
            operation.operands.index(viewed)
        ]:
            return False
        if isinstance(operation.gate, Gate):
            return False
        sample = self._layout.samples[viewed]
        if self._arrays[operation.result].dtype != sample.dtype:
            return False
        numbers = np.arange(sample.size).reshape(sample.shape)
        view = self._viewed(operation, numbers)
        return np.may_share_memory(view, numbers) and np.unique(view).size == view.size

    def _viewed(self, operation: Operation, array: np.ndarray) -> np.ndarray:
        viewed = self._layout.views[operation.result]
        others = {slot: self._arrays[slot] for slot in operation.operands}
        return apply(operation, others | {viewed: array})

    def _buffer(self, slot: int) -> np.ndarray:
        """The gradient of a slot, allocated when it is first asked for."""
        if slot not in self._buffers:
            maker = self._maker_of_view(slot)
            if maker is not None:
                buffer = self._viewed(maker, self._buffer(self._layout.views[slot]))
                self._buffers.setdefault(slot, buffer)
            else:
                self._allocate(slot)
        return self._buffers[slot]

    def _maker_of_view(self, slot: int) -> Operation | None:
        if slot in self._layout.views and slot in self._layout.places:
            operation = self._layout.operations[self._layout.places[slot]]
            if operation in self._operations and self._is_aliased(operation):
                return operation
        return None

    def _allocate(self, slot: int) -> None:
        sample = self._arrays[slot]
        place = self._places.get(slot)
        buffer = np.empty(sample.shape, sample.dtype) if place is None else place
        buffer.fill(0)
        self._buffers[slot] = buffer
        self._prepare(slot, buffer)

    def _prepare(self, slot: int, buffer: np.ndarray) -> None:
        """Find out whether the first contribution may write, also to what is seen through views."""
        users = self._users.get(slot, [])
        views = [operation for operation, _ in users if self._is_aliased(operation)]
        if not views:
            return
        if len(views) == len(users) and slot != self._output:
            counts = np.zeros(buffer.shape, np.int8)
            for operation in views:
                self._viewed(operation, counts)[...] += 1
            if (counts == 1).all():
                for operation in views:
                    part = self._viewed(operation, buffer)
                    self._buffers[operation.result] = part
                    self._prepare(operation.result, part)
                return
        if slot not in self._written:
            self._cleared.append(buffer)
        self._mark_written(slot)

    def _mark_written(self, slot: int) -> None:
        self._written.add(slot)
        for operation, _ in self._users.get(slot, []):
            if self._is_aliased(operation):
                self._mark_written(operation.result)

    # Contributions.

    def _passes_on(self, slot: int) -> int | None:
        """The slot whose gradient is also that of this one, because its only user adds it."""
        users = self._users.get(slot, [])
        if len(users) != 1 or slot == self._output or self._maker_of_view(slot) is not None:
            return None
        ((operation, position),) = users
        out, sample = self._arrays[operation.result], self._arrays[slot]
        if not _is_identity(operation, position) or out.shape != sample.shape:
            return None
        return operation.result if out.dtype == sample.dtype else None

    def _steps_of(self, operation: Operation, position: int) -> Sequence[Step | Instruction]:
        """What one operand of a gate receives."""
        slot = operation.operands[position]
        if position and operation.gate is array_gates.matmul and slot in self._layout.products:
            return []  # with the others, when all are known
        if self._is_sum_of_rows(slot):
            return []
        g = self._buffer(operation.result)
        if self._passes_on(slot) is not None:
            self._buffers[slot] = g
            return []
        target = self._buffer(slot)
        adds = slot in self._written
        self._written.add(slot)
        if isinstance(operation.gate, Gate):
            return self._elementwise_steps(operation, position, g, target, adds)
        operands = [self._arrays[each] for each in operation.operands]
        if operation.gate is array_gates.matmul and all(
            isinstance(each, np.ndarray) and each.ndim == 2 and each.dtype == g.dtype
            for each in operands
        ):
            if position:
                return _added(partial(np.matmul, operands[0].T, g), target, adds)
            turned, steps = self._turned(operation.operands[1])
            return [*steps, *_added(partial(np.matmul, g, turned), target, adds)]
        out = self._arrays[operation.result]
        reduced = reduction_vjp_steps(operation, target, g, out, operands, adds)
        if reduced is not None:
            return reduced
        if operation.result in self._cross_entropies:
            entropy = self._cross_entropies[operation.result]
            return [partial(entropy.gradient, g, target, adds)]
        vjp = partial(operation.gate.vjp(position), **operation.arguments)
        return [partial(_contribute, target, adds, vjp, g, out, *operands)]

    def _turned(self, slot: int) -> tuple[np.ndarray, list[Step]]:
        """The transpose of a matrix; one that several products need is copied once, for speed."""
        matrix = self._arrays[slot].T
        if slot not in self._layout.products:
            return matrix, []
        if slot in self._transposed:
            return self._transposed[slot], []
        self._transposed[slot] = copy = np.array(matrix, order="C")
        return copy, [partial(np.copyto, copy, matrix)]

    def _elementwise_steps(
        self, operation: Operation, position: int, g: np.ndarray, target: np.ndarray, adds: bool
    ) -> Sequence[Step | Instruction]:
        assert isinstance(operation.gate, Gate)
        out = self._arrays[operation.result]
        operands = [self._arrays[each] for each in operation.operands]
        whole, steps = target, []
        if target.shape != g.shape:
            if _is_identity(operation, position) and g.dtype == target.dtype:
                return _summed(g, target, adds)
            whole = np.empty(g.shape, target.dtype)
        instructions = vjp_steps(
            operation.gate, position, whole, g, out, operands, adds and whole is target
        )
        if instructions is None:
            vjp = operation.gate.vjps[position]
            return [partial(_contribute, target, adds, vjp, g, out, *operands)]
        steps += instructions
        return steps if whole is target else [*steps, *_summed(whole, target, adds)]

    # What several gates send to one operand, in one step.

    def _postponed_into(self, slot: int) -> list[Step | Instruction]:
        """What is computed when all gradients of the users of a slot are known."""
        if slot in self._layout.products:
            return self._products_into(slot)
        return self._sum_of_rows_into(slot) if self._is_sum_of_rows(slot) else []

    def _is_sum_of_rows(self, slot: int) -> bool:
        """Whether a row is added to several matrices, such as a bias at each time."""
        users = self._users.get(slot, [])
        if len(users) < 2 or self._maker_of_view(slot) is not None:
            return False
        shape, dtype = self._arrays[slot].shape, self._arrays[slot].dtype
        if len(shape) != 1:
            return False
        return all(
            _is_identity(operation, position)
            and self._arrays[operation.result].ndim == 2
            and self._arrays[operation.result].shape[1:] == shape
            and self._arrays[operation.result].dtype == dtype
            for operation, position in users
        )

    def _sum_of_rows_into(self, slot: int) -> list[Step | Instruction]:
        target = self._buffer(slot)
        adds = slot in self._written
        self._written.add(slot)
        # The order in time is the reverse of that of the levels.
        matrices = [self._buffer(operation.result) for operation, _ in self._users[slot]]
        whole, steps = _together(sorted(matrices, key=lambda matrix: matrix.ctypes.data))
        ones = np.ones(len(whole), whole.dtype)
        return [*steps, *_added(partial(np.matmul, ones, whole), target, adds)]

    def _products_of(self, slot: int) -> list[Operation]:
        """Those products with this right operand which are on the way."""
        if slot not in self._reached:
            return []
        return [
            each
            for each in self._layout.products.get(slot, [])
            if each.result in self._reached and each in self._operations
        ]

    def _lay_together(self) -> None:
        """Let the gradients of products with one right operand lie one below the other."""
        for slot in self._layout.products:
            roots = [self._root(each.result) for each in self._products_of(slot)]
            free = [
                root
                for root in dict.fromkeys(roots)
                if root not in self._places and self._maker_of_view(root) is None
            ]
            if len(free) < 2 or len(free) < len(roots):
                continue
            samples = [self._arrays[root] for root in roots]
            whole = np.empty((sum(map(len, samples)), samples[0].shape[1]), samples[0].dtype)
            start = 0
            for root, sample in zip(roots, samples, strict=True):
                self._places[root] = whole[start : start + len(sample)]
                start += len(sample)

    def _root(self, slot: int) -> int:
        while (user := self._passes_on(slot)) is not None:
            slot = user
        return slot

    def _products_into(self, slot: int) -> list[Step | Instruction]:
        """The gradient by the right operand of several products: one product for all."""
        products = self._products_of(slot)
        if not products:
            return []
        target = self._buffer(slot)
        adds = slot in self._written
        self._written.add(slot)
        lefts, steps = _together([self._arrays[each.operands[0]] for each in products])
        gradients, more = _together([self._buffer(each.result) for each in products])
        product = partial(np.matmul, lefts.T, gradients)
        return [*steps, *more, *_added(product, target, adds)]


def _is_identity(operation: Operation, position: int) -> bool:
    """Whether a gate sends its gradient on as it is."""
    if not isinstance(operation.gate, Gate):
        return False
    tree = vjp_of(parse(operation.gate.derivatives[position]))
    return isinstance(tree, ast.Name) and tree.id == "g"


def _together(matrices: list[np.ndarray]) -> tuple[np.ndarray, list[Step]]:
    """Matrices one below the other, and the steps that copy them there if they are not."""
    whole = rows_together(matrices)
    if whole is not None:
        return whole, []
    whole = np.empty((sum(map(len, matrices)), matrices[0].shape[1]), matrices[0].dtype)
    steps: list[Step] = []
    start = 0
    for matrix in matrices:
        steps.append(partial(np.copyto, whole[start : start + len(matrix)], matrix))
        start += len(matrix)
    return whole, steps


def _added(computes: Any, target: np.ndarray, adds: bool) -> list[Step | Instruction]:
    """Steps that write what ``computes(out=...)`` does, or add it to what is there."""
    if not adds:
        return [partial(computes, out=target)]
    part = np.empty(target.shape, target.dtype)
    return [partial(computes, out=part), *added(target, part)]


def _summed(whole: np.ndarray, target: np.ndarray, adds: bool) -> list[Step | Instruction]:
    """Steps that undo a broadcast: ``whole`` summed to the shape of ``target``."""
    extra = whole.ndim - target.ndim
    shape = (1,) * extra + target.shape
    axes = tuple(
        i for i, size in enumerate(shape) if size == 1 and whole.shape[i] != 1 or i < extra
    )
    if not adds:
        out = target.reshape(shape) if target.flags.c_contiguous else target[(None,) * extra]
        return [partial(np.add.reduce, whole, axes, None, out, True)]
    part = np.empty(shape, target.dtype)
    view = part.reshape(target.shape)
    return [
        partial(np.add.reduce, whole, axes, None, part, True),
        *added(target, view),
    ]


def _contribute(
    target: np.ndarray, adds: bool, vjp: Any, g: np.ndarray, out: np.ndarray, *operands: Any
) -> None:
    contribution = vjp(g, out, *operands)
    if contribution is None or type(contribution) is int:
        if not adds:
            target.fill(0)
        return
    if contribution.shape != target.shape:
        contribution = summed_to(contribution, target.shape)
    if adds:
        np.add(target, contribution, out=target, casting="same_kind")
    else:
        np.copyto(target, contribution)

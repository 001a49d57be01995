"""The backward steps of a recording, into buffers that are kept from call to call.

A gradient buffer is written by the first contribution and added to by the later ones. The gradient
of a view is a view of the gradient, so that nothing is put back into place; and a gradient that a
gate passes on as it is, such as a sum's, is not copied but shared.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np

from .. import array_gates
from ..gate import Gate
from .elementwise_chains import Instruction, Step, grouped, vjp_steps
from .gradient_steps import contribute, received, summed, together
from .layout import apply
from .paths import Paths, is_identity
from .recording import Operation
from .reduction_steps import reduction_vjp_steps
from .schedule import Schedule

__all__ = ["Gradients"]


class Gradients:
    """The way from one result of a schedule back to some of the leaves.

    Args:
        schedule: what was computed; its buffers are read at each call.
        output: the slot of the result.
        wanted: the slots of leaves.
    """

    def __init__(self, schedule: Schedule, output: int, wanted: Sequence[int]) -> None:
        self._schedule = schedule
        self._arrays = schedule.arrays
        self._paths = Paths(schedule.layout, output, wanted)
        self._buffers = _GradientBuffers(schedule, self._paths)
        self._transposed: dict[int, np.ndarray] = {}
        self._seed = self._buffers.of(output)
        self._buffers.starts_adding(output)
        steps: list[Step | Instruction] = []
        for operation in self._paths.operations:
            steps += self._postponed_into(operation.result)
            if not self._buffers.is_view(operation):
                for position in self._paths.positions(operation):
                    steps += self._steps_of(operation, position)
        for slot in wanted:
            steps += self._postponed_into(slot)
        self.steps = grouped(steps)
        self._wanted = [
            self._buffers.of(slot) if slot in self._paths.reached else None for slot in wanted
        ]

    def run(self, seed: Any = 1) -> list[np.ndarray | None]:
        """Carry a gradient of the result back: those of the wanted leaves, None where none arrives.

        They lie in buffers that the next call writes to.
        """
        for buffer in self._buffers.cleared:
            buffer.fill(0)
        np.copyto(self._seed, seed)
        for step in self.steps:
            step()
        return self._wanted

    def _steps_of(self, operation: Operation, position: int) -> Sequence[Step | Instruction]:
        """What one operand of a gate receives."""
        slot = operation.operands[position]
        if self._is_postponed(operation, position):
            return []
        g = self._buffers.of(operation.result)
        if self._buffers.shares(slot):
            return []
        target = self._buffers.of(slot)
        adds = self._buffers.starts_adding(slot)
        if isinstance(operation.gate, Gate):
            return self._elementwise_steps(operation, position, g, target, adds)
        out = self._arrays[operation.result]
        operands = [self._arrays[each] for each in operation.operands]
        if operation.gate is array_gates.matmul and all(
            isinstance(each, np.ndarray) and each.ndim == 2 and each.dtype == g.dtype
            for each in operands
        ):
            if position:
                return received(partial(np.matmul, operands[0].T, g), target, adds)
            turned, steps = self._turned(operation.operands[1])
            return [*steps, *received(partial(np.matmul, g, turned), target, adds)]
        reduced = reduction_vjp_steps(operation, target, g, out, operands, adds)
        if reduced is not None:
            return reduced
        entropy = self._schedule.cross_entropies.get(operation.result)
        if entropy is not None:
            return [partial(entropy.gradient, g, target, adds)]
        rule = operation.gate.vjp(position)
        assert rule is not None
        vjp = partial(rule, **operation.arguments)
        return [partial(contribute, target, adds, vjp, g, out, *operands)]

    def _elementwise_steps(
        self, operation: Operation, position: int, g: np.ndarray, target: np.ndarray, adds: bool
    ) -> Sequence[Step | Instruction]:
        assert isinstance(operation.gate, Gate)
        out = self._arrays[operation.result]
        operands = [self._arrays[each] for each in operation.operands]
        is_spread = target.shape != g.shape
        if is_spread and is_identity(operation, position) and g.dtype == target.dtype:
            return summed(g, target, adds)
        whole = np.empty(g.shape, target.dtype) if is_spread else target
        steps = vjp_steps(operation.gate, position, whole, g, out, operands, adds and not is_spread)
        if steps is None:
            vjp = operation.gate.vjps[position]
            assert vjp is not None
            return [partial(contribute, target, adds, vjp, g, out, *operands)]
        return [*steps, *summed(whole, target, adds)] if is_spread else steps

    def _turned(self, slot: int) -> tuple[np.ndarray, list[Step]]:
        """The transpose of a matrix; one that several products need is copied once, for speed."""
        matrix = self._arrays[slot].T
        if slot not in self._schedule.layout.products:
            return matrix, []
        if slot in self._transposed:
            return self._transposed[slot], []
        self._transposed[slot] = copy = np.array(matrix, order="C")
        return copy, [partial(np.copyto, copy, matrix)]

    # What several gates send to one operand is computed in one step, when all of it is known.

    def _is_postponed(self, operation: Operation, position: int) -> bool:
        slot = operation.operands[position]
        if self._paths.adds_rows(slot):
            return True
        return position == 1 and operation in self._paths.products(slot)

    def _postponed_into(self, slot: int) -> list[Step | Instruction]:
        """The one step for what was postponed, if anything was."""
        products = self._paths.products(slot)
        if products:
            lefts, steps = together([self._arrays[each.operands[0]] for each in products])
            gradients, more = together([self._buffers.of(each.result) for each in products])
            product = partial(np.matmul, lefts.T, gradients)
        elif self._paths.adds_rows(slot):
            matrices = [self._buffers.of(operation.result) for operation, _ in self._users(slot)]
            # Their order is that of the pass, which need not be that in memory.
            matrices.sort(key=lambda matrix: matrix.ctypes.data)
            gradients, steps = together(matrices)
            more = []
            product = partial(np.matmul, np.ones(len(gradients), gradients.dtype), gradients)
        else:
            return []
        target = self._buffers.of(slot)
        adds = self._buffers.starts_adding(slot)
        return [*steps, *more, *received(product, target, adds)]

    def _users(self, slot: int) -> list[tuple[Operation, int]]:
        return self._paths.users[slot]


class _GradientBuffers:
    """The gradients of the slots on the way, allocated when they are first asked for."""

    def __init__(self, schedule: Schedule, paths: Paths) -> None:
        self._layout = schedule.layout
        self._arrays = schedule.arrays
        self._paths = paths
        self._buffers: dict[int, np.ndarray] = {}
        # Slots whose gradient holds something: what comes now is added to it.
        self._written: set[int] = set()
        self.cleared: list[np.ndarray] = []
        """What must be zero when a pass begins."""
        self._views: dict[int, bool] = {}
        self._places: dict[int, np.ndarray] = {}
        for slot in self._layout.products:
            self._lay_together(slot)

    def of(self, slot: int) -> np.ndarray:
        """The buffer of a slot."""
        if slot not in self._buffers:
            maker = self._paths.maker(slot)
            if maker is not None and self.is_view(maker):
                whole = self.of(self._layout.views[slot])
                # It may have been made with the whole.
                self._buffers.setdefault(slot, self._viewed(maker, whole))
            elif (shared := self._paths.passes_on(slot)) is not None:
                self._buffers[slot] = self.of(shared)
            else:
                self._allocate(slot)
        return self._buffers[slot]

    def shares(self, slot: int) -> bool:
        """Whether the gradient of a slot is that of its only user, which need not send it."""
        maker = self._paths.maker(slot)
        if maker is not None and self.is_view(maker):
            return False
        return self._paths.passes_on(slot) is not None

    def starts_adding(self, slot: int) -> bool:
        """Whether a contribution is to be added to the buffer; all later ones are."""
        adds = slot in self._written
        self._written.add(slot)
        return adds

    def is_view(self, operation: Operation) -> bool:
        """Whether the gradient of a result is a view of that of its operand."""
        known = self._views.get(operation.result)
        if known is None:
            known = self._views[operation.result] = self._is_plain_view(operation)
        return known

    def _is_plain_view(self, operation: Operation) -> bool:
        viewed = self._layout.views.get(operation.result)
        if viewed is None or isinstance(operation.gate, Gate):
            return False
        if self._paths.positions(operation) != [operation.operands.index(viewed)]:
            return False
        sample = self._layout.samples[viewed]
        if self._arrays[operation.result].dtype != sample.dtype:
            return False
        numbers = np.arange(sample.size).reshape(sample.shape)
        view = self._viewed(operation, numbers)
        # One that shows an element twice, as a broadcast does, needs a sum.
        return np.may_share_memory(view, numbers) and np.unique(view).size == view.size

    def _viewed(self, operation: Operation, array: np.ndarray) -> np.ndarray:
        """A view as the gate makes it, of another array."""
        arrays = {slot: self._arrays[slot] for slot in operation.operands}
        return apply(operation, arrays | {self._layout.views[operation.result]: array})

    def _allocate(self, slot: int) -> None:
        sample = self._arrays[slot]
        buffer = self._places.get(slot)
        if buffer is None:
            buffer = np.empty(sample.shape, sample.dtype)
        buffer.fill(0)
        self._buffers[slot] = buffer
        self._prepare(slot, buffer)

    def _prepare(self, slot: int, buffer: np.ndarray) -> None:
        """Find out whether the first contribution may write, also to what is seen through views."""
        users = self._paths.users.get(slot, [])
        views = [operation for operation, _ in users if self.is_view(operation)]
        if not views:
            return
        if len(views) == len(users) and slot != self._paths.output:
            counts = np.zeros(buffer.shape, np.int8)
            for operation in views:
                self._viewed(operation, counts)[...] += 1
            if (counts == 1).all():
                for operation in views:
                    part = self._viewed(operation, buffer)
                    self._buffers[operation.result] = part
                    self._prepare(operation.result, part)
                return
        self.cleared.append(buffer)
        self._mark_written(slot)

    def _mark_written(self, slot: int) -> None:
        self._written.add(slot)
        for operation, _ in self._paths.users.get(slot, []):
            if self.is_view(operation):
                self._mark_written(operation.result)

    def _lay_together(self, slot: int) -> None:
        """Let the gradients of products with one right operand lie one below the other."""
        roots = [self._root(each.result) for each in self._paths.products(slot)]
        if (
            len(roots) < 2
            or len(set(roots)) < len(roots)
            or not self._places.keys().isdisjoint(roots)
        ):
            return
        samples = [self._arrays[root] for root in roots]
        whole = np.empty((sum(map(len, samples)), samples[0].shape[1]), samples[0].dtype)
        start = 0
        for root, sample in zip(roots, samples, strict=True):
            self._places[root] = whole[start : start + len(sample)]
            start += len(sample)

    def _root(self, slot: int) -> int:
        """The slot whose buffer this one shares."""
        while (user := self._paths.passes_on(slot)) is not None:
            slot = user
        return slot

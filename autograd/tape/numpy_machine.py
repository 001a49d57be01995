"""Runs scheduled tapes with NumPy: each segment is a few calls on arrays."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ..gate import TABLE
from ..update_rules import RULES
from .schedule import Part
from .tape import DOT, MATRIX, MEAN, SUM, TAKE

__all__ = ["Plan", "run_batch", "train_batches"]

Numbers = npt.NDArray[np.float64]
Slots = npt.NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class _Segment:
    """A segment with its operands taken apart: of each of its gates a row, or a list of slots."""

    code: int
    out: slice
    operands: tuple[Slots, ...]
    """Of a run, the slots of each operand; of gates of many, the slots of each gate; of a matrix,
    those of the vector, of the elements (rows, terms), and of the biases, which may be none."""


class _Numbers:
    """What each slot holds, in rows over the samples; a slot below 0 is uniform."""

    def __init__(self, rows: Numbers, uniform: Numbers | None) -> None:
        self.rows = rows
        self._uniform = uniform

    def __getitem__(self, slots: Slots) -> Numbers:
        if self._uniform is None or slots.size == 0 or slots.min() >= 0:
            taken: Numbers = self.rows[slots]
            return taken
        is_uniform = slots < 0
        own = self._uniform[np.where(is_uniform, ~slots, 0)][..., None]
        if is_uniform.all():
            shared: Numbers = np.broadcast_to(own, (*slots.shape, self.rows.shape[1]))
            return shared
        mixed: Numbers = np.where(
            is_uniform[..., None], own, self.rows[np.where(is_uniform, 0, slots)]
        )
        return mixed

    def of_each(self, slots: Slots) -> Numbers:
        """For each sample what the slot holds that stands for it; one slot if all are one."""
        if self._uniform is None:
            single: Numbers = self.rows[slots[0]]
            return single
        rows: Numbers = self.rows[np.maximum(slots, 0), np.arange(len(slots))]
        if slots.min(initial=0) >= 0:
            return rows
        chosen: Numbers = np.where(slots < 0, self._uniform[np.minimum(slots, -1) ^ -1], rows)
        return chosen


class _Gradients(_Numbers):
    """Gradients to which is added; those of uniform slots are summed over the samples."""

    def add(self, slots: Slots, gradients: Any) -> None:
        shape = (*slots.shape, *self.rows.shape[1:])
        gradients = np.broadcast_to(gradients, shape)
        if self._uniform is None or slots.size == 0 or slots.min() >= 0:
            np.add.at(self.rows, slots, gradients)
            return
        is_uniform = slots < 0
        np.add.at(self._uniform, ~slots[is_uniform], gradients[is_uniform].sum(axis=-1))
        np.add.at(self.rows, slots[~is_uniform], gradients[~is_uniform])

    def add_to_each(self, slots: Slots, gradients: Numbers) -> None:
        """Add for each sample to the slot that stands for it."""
        if self._uniform is None:
            self.rows[slots[0]] += gradients
            return
        varies = slots >= 0
        # Each sample has its own column: no two of them meet.
        self.rows[slots[varies], np.flatnonzero(varies)] += gradients[varies]
        np.add.at(self._uniform, ~slots[~varies], gradients[~varies])


class Plan:
    """A part of a schedule, taken apart.

    Args:
        part: the part.
    """

    def __init__(self, part: Part) -> None:
        self._segments = list(_segments_of(part))

    def forward(self, values: Numbers) -> int:
        """Fill the values in; -1, or the slot of a gate whose index was out of range."""
        with np.errstate(all="ignore"):
            return self._forward(_Numbers(values, None))

    def backward(self, values: Numbers, gradients: Numbers) -> None:
        """Carry the gradients back."""
        with np.errstate(all="ignore"):
            self._backward(_Numbers(values, None), _Gradients(gradients, None))

    def train(
        self,
        values: Numbers,
        gradients: Numbers,
        inputs: Numbers,
        first: int,
        rows: Numbers,
        rule: int,
        settings: Numbers,
        output: int,
        losses: Numbers,
        made: npt.NDArray[np.int64],
    ) -> int:
        """Make as many steps as there are losses; -1, or the slot of a gate of a wrong index.

        The inputs lie in front of the values, and behind them the parameters, which are the first
        of ``rows``; the first step is that of the sample ``first``. ``made`` counts the steps.
        """
        samples, count = inputs.shape
        parameters = slice(count, count + rows.shape[1])
        for step in range(len(losses)):
            values[:count] = inputs[(first + step) % samples]
            values[parameters] = rows[0]
            wrong = self.forward(values)
            if wrong >= 0:
                return wrong
            losses[step] = values[output]
            gradients.fill(0.0)
            gradients[output] = 1.0
            self.backward(values, gradients)
            # One assignment: no interrupt can come between a parameter and its states.
            rows[:] = _updated(rule, rows, gradients[parameters], settings[step])
            made += 1
        return -1

    def _forward(self, values: _Numbers) -> int:
        for segment in self._segments:
            if segment.code == TAKE:
                wrong = _take(segment, values)
                if wrong >= 0:
                    return wrong
            elif segment.code == MATRIX:
                vector, matrix, bias = segment.operands
                results = np.einsum("rk...,k...->r...", values[matrix], values[vector])
                values.rows[segment.out] = results + values[bias] if bias.size else results
            elif segment.code >= SUM:
                for place, slots in enumerate(segment.operands, segment.out.start):
                    values.rows[place] = _of_many(segment.code, values[slots])
            else:
                operands = [values[slots] for slots in segment.operands]
                values.rows[segment.out] = TABLE[segment.code].numpy_forward(*operands)
        return -1

    def _backward(self, values: _Numbers, gradients: _Gradients) -> None:
        for segment in reversed(self._segments):
            sent = gradients.rows[segment.out]
            if segment.code == TAKE:
                _send_chosen(segment, values, gradients)
            elif segment.code == MATRIX:
                vector, matrix, bias = segment.operands
                gradients.add(matrix, sent[:, None] * values[vector])
                gradients.add(vector, np.einsum("rk...,r...->k...", values[matrix], sent))
                if bias.size:
                    gradients.add(bias, sent)
            elif segment.code >= SUM:
                for slots, gradient in zip(segment.operands[::-1], sent[::-1], strict=True):
                    _send_to_many(segment.code, slots, gradient, values, gradients)
            else:
                _send_of_run(segment, sent, values, gradients)

    def _push(self, values: _Numbers, tangents: _Numbers) -> None:
        for segment in self._segments:
            if segment.code == MATRIX:
                vector, matrix, bias = segment.operands
                pushed = np.einsum("rk...,k...->r...", values[matrix], tangents[vector])
                tangents.rows[segment.out] = pushed + tangents[bias] if bias.size else pushed
            elif segment.code >= SUM:
                for place, slots in enumerate(segment.operands, segment.out.start):
                    tangents.rows[place] = _tangent_of_many(segment.code, slots, values, tangents)
            else:
                tangents.rows[segment.out] = _tangents_of_run(segment, values, tangents)


def run_batch(
    plan: Plan,
    rows: int,
    uniform: Numbers,
    wanted: npt.NDArray[np.int8],
    inputs: Numbers,
    outputs: Slots,
    results: Numbers,
    seeds: Numbers | None,
    uniform_gradients: Numbers | None,
    input_gradients: Numbers | None,
    tangents: Numbers | None,
    result_tangents: Numbers | None,
) -> int:
    """Run a part for many samples; -1, or the slot of a gate whose index was out of range.

    Where ``seeds`` are given, the gradients of what is uniform are added to
    ``uniform_gradients``, summed over the samples. All but the first seven may be None.
    """
    del wanted  # the gradients of constants are computed, and not looked at
    samples, count = results.shape[0], inputs.shape[1]
    values = _Numbers(np.empty((rows, samples)), uniform)
    values.rows[:count] = inputs.T
    with np.errstate(all="ignore"):
        wrong = plan._forward(values)
        if wrong >= 0:
            return wrong
        results[:] = values[outputs].T
        if seeds is not None:
            gradients = _Gradients(np.zeros((rows, samples)), uniform_gradients)
            gradients.add(outputs, seeds.T)
            plan._backward(values, gradients)
            if input_gradients is not None:
                input_gradients[:] = gradients.rows[:count].T
        if tangents is not None and result_tangents is not None:
            pushed = _Numbers(np.zeros((rows, samples)), np.zeros(len(uniform)))
            pushed.rows[:count] = tangents.T
            plan._push(values, pushed)
            result_tangents[:] = pushed[outputs].T
    return -1


def train_batches(
    uniform_plan: Plan,
    plan: Plan,
    rows_that_vary: int,
    values: Numbers,
    gradients: Numbers,
    wanted: npt.NDArray[np.int8],
    inputs: Numbers,
    samples: int,
    size: int,
    outputs: Slots,
    first: int,
    parameters_at: int,
    rows: Numbers,
    rule: int,
    settings: Numbers,
    losses: Numbers,
    made: npt.NDArray[np.int64],
) -> int:
    """Train by batches of ``size`` samples; -1, or the slot of a gate of a wrong index.

    ``first`` is the first sample of the first batch. Behind the last of the samples in ``inputs``
    stand the first ones again, as many as a batch may reach. ``made`` counts the steps.
    """
    parameters = slice(parameters_at, parameters_at + rows.shape[1])
    seeds, results = np.full((1, 1), 1.0 / size), np.empty((size, 1))
    for step in range(len(losses)):
        values[parameters] = rows[0]
        wrong = uniform_plan.forward(values)
        if wrong >= 0:
            return ~wrong
        gradients.fill(0.0)
        wrong = run_batch(
            plan, rows_that_vary, values, wanted, inputs[first : first + size], outputs, results,
            seeds, gradients, None, None, None,
        )  # fmt: skip
        if wrong >= 0:
            return wrong
        losses[step] = results.mean()
        uniform_plan.backward(values, gradients)
        # One assignment: no interrupt can come between a parameter and its states.
        rows[:] = _updated(rule, rows, gradients[parameters], settings[step])
        made += 1
        first = (first + size) % samples
    return -1


def _updated(rule: int, rows: Numbers, gradients: Numbers, settings: Numbers) -> list[Numbers]:
    return RULES[rule].step(rows[0], gradients, rows[1:], settings.tolist())


def _segments_of(part: Part) -> Iterator[_Segment]:
    operands = part.operands
    for code, count, out, begin in part.segments.reshape(-1, 4).tolist():
        if code == MATRIX:
            terms, step, has_bias = operands[begin : begin + 3].tolist()
            at = begin + 3 + terms
            rows = operands[at : at + count]
            # A uniform slot is ~slot: to go on is to go down.
            steps = np.arange(terms, dtype=np.int32) * step
            elements = np.where(rows[:, None] < 0, rows[:, None] - steps, rows[:, None] + steps)
            bias = operands[at + count : at + 2 * count] if has_bias else operands[:0]
            slots: tuple[Slots, ...] = (operands[begin + 3 : at], elements, bias)
        elif code >= SUM:
            pairs = operands[begin : begin + 2 * count].reshape(-1, 2).tolist()
            slots = tuple(operands[start : start + many] for start, many in pairs)
        else:
            arity = TABLE[code].arity
            slots = tuple(operands[begin : begin + arity * count].reshape(arity, count))
        yield _Segment(code, slice(out, out + count), slots)


def _of_many(code: int, operands: Numbers) -> Any:
    """The sum, the mean or the dot product of operands, added from the first to the last."""
    if code == DOT:
        half = len(operands) // 2
        operands = operands[:half] * operands[half:]
    # A cumulative sum adds one after the other, as the other engines do; these begin with 0, so
    # that there is no sum of -0.
    total = operands.cumsum(axis=0)[-1] + 0.0 if len(operands) else 0.0
    return total / len(operands) if code == MEAN else total


def _tangents_of_run(segment: _Segment, values: _Numbers, tangents: _Numbers) -> Numbers:
    operands = [values[slots] for slots in segment.operands]
    out = values.rows[segment.out]
    total = np.zeros_like(out)
    for slots, vjp in zip(segment.operands, TABLE[segment.code].vjps, strict=True):
        # What is uniform stands still.
        if vjp is not None and slots.max() >= 0:
            total += tangents[slots] * vjp(1.0, out, *operands)
    return total


def _tangent_of_many(code: int, slots: Slots, values: _Numbers, tangents: _Numbers) -> Any:
    if code == TAKE:
        return tangents.of_each(_chosen(slots, values))
    if code == DOT:
        half = len(slots) // 2
        others = np.concatenate([slots[half:], slots[:half]])
        return (tangents[slots] * values[others]).sum(axis=0)
    return _of_many(code, tangents[slots])


def _send_of_run(segment: _Segment, sent: Numbers, values: _Numbers, gradients: _Gradients) -> None:
    """Send the gradients of a run to its operands, in the order of the scalar engine.

    As there, the local derivatives are computed first, and then multiplied.
    """
    operands = [values[slots] for slots in segment.operands]
    out = values.rows[segment.out]
    pairs = [
        (slots, sent * vjp(1.0, out, *operands))
        for slots, vjp in zip(segment.operands, TABLE[segment.code].vjps, strict=True)
        if vjp is not None
    ]
    if pairs:
        # The last gate first, and of each gate the first operand first.
        slots = np.stack([slots[::-1] for slots, _ in pairs], axis=1).ravel()
        parts = np.stack([part[::-1] for _, part in pairs], axis=1)
        gradients.add(slots, parts.reshape(len(slots), *sent.shape[1:]))


def _send_to_many(
    code: int, slots: Slots, gradient: Numbers, values: _Numbers, gradients: _Gradients
) -> None:
    if code == DOT:
        half = len(slots) // 2
        others = np.concatenate([slots[half:], slots[:half]])
        gradients.add(slots, gradient * values[others])
    else:
        gradients.add(slots, gradient * (1.0 / len(slots)) if code == MEAN else gradient)


def _chosen(slots: Slots, values: _Numbers) -> Slots:
    """For each sample the slot that the index chooses."""
    index = np.atleast_1d(values[slots[:1]][0])
    chosen: Slots = slots[1:][index.astype(np.intp)]
    return chosen


def _take(segment: _Segment, values: _Numbers) -> int:
    for place, slots in enumerate(segment.operands, segment.out.start):
        index = np.atleast_1d(values[slots[:1]][0])
        if not ((index >= 0) & (index < len(slots) - 1) & (index == np.floor(index))).all():
            return place
        values.rows[place] = values.of_each(_chosen(slots, values))
    return -1


def _send_chosen(segment: _Segment, values: _Numbers, gradients: _Gradients) -> None:
    for place in range(segment.out.stop - 1, segment.out.start - 1, -1):
        chosen = _chosen(segment.operands[place - segment.out.start], values)
        gradients.add_to_each(chosen, gradients.rows[place])

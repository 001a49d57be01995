"""The order in which a tape is run, and where its numbers lie."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from .passes import backward_order, depending_on, depths, readable, writable
from .tape import DOT, MATRIX, SUM, Tape, arities, has_wires

__all__ = ["Part", "Schedule", "scheduled"]

_DOT = DOT
_MATRIX = MATRIX
_SUM = SUM

Slots = npt.NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class Part:
    """Gates to be run one segment after the other; machine.h says what the integers mean."""

    segments: Slots
    operands: Slots
    scratch: int
    """How many numbers the longest vector has."""

    @property
    def nbytes(self) -> int:
        """The memory of the arrays, in bytes."""
        return self.segments.nbytes + self.operands.nbytes


@dataclass(frozen=True, eq=False)
class Schedule:
    """A tape, ready to be run for one sample, or for many whose leaves differ in part.

    Uniform places have one number for all samples. A place that varies has slot ``s``, a uniform
    one ``~s``: each kind is counted from 0, its leaves first. For one sample everything is uniform.
    """

    slots: Slots
    """The slot of each place of the tape."""
    varying_leaves: Slots
    """The places of the leaves that vary, in the order of their slots."""
    uniform: Part
    varying: Part
    wanted: npt.NDArray[np.int8]
    """For each uniform slot whether it depends on a leaf that is no constant."""
    varying_count: int

    @property
    def uniform_count(self) -> int:
        """The number of uniform slots."""
        return len(self.wanted)

    @property
    def nbytes(self) -> int:
        """The memory of the arrays, in bytes."""
        own = self.slots.nbytes + self.varying_leaves.nbytes + self.wanted.nbytes
        return own + self.uniform.nbytes + self.varying.nbytes


def scheduled(
    tape: Tape, varying: npt.NDArray[np.bool_], in_order: bool, independent: bool
) -> Schedule:
    """The schedule of a tape.

    Args:
        tape: the tape.
        varying: for each leaf whether it differs from sample to sample.
        in_order: whether gradients are to be added in the order of the scalar engine, to the last
            bit; else gates of one kind and depth are put together, and dot products of one vector.
        independent: whether no gate of a segment may be an operand of another one in it.
    """
    leaves = tape.leaf_count
    varies = depending_on(tape, varying)
    order: npt.NDArray[Any]
    if in_order:
        order = backward_order(tape)[::-1]
        order = order[np.argsort(varies[leaves:][order], kind="stable")]
    else:
        order = np.lexsort((tape.codes, depths(tape), varies[leaves:]))
    slots = _slots(tape, varies, order)
    no_constant = np.zeros(leaves, bool)
    no_constant[: tape.first_constant] = True
    places = np.concatenate([np.arange(leaves), order + leaves])
    wanted = depending_on(tape, no_constant)[places][~varies[places]]
    split = len(order) - int(varies[leaves:].sum())
    uniform, used = _segments(tape, slots, order[:split], in_order, independent, False)
    many, used_by_many = _segments(tape, slots, order[split:], in_order, independent, True)
    return Schedule(
        slots=slots,
        varying_leaves=np.flatnonzero(varies[:leaves]).astype(np.int32),
        uniform=Part(uniform[0], uniform[1], used),
        varying=Part(many[0], many[1], used_by_many),
        wanted=wanted.astype(np.int8),
        varying_count=int(varies.sum()),
    )


def _slots(tape: Tape, varies: npt.NDArray[np.bool_], order: npt.NDArray[Any]) -> Slots:
    places = np.concatenate([np.arange(tape.leaf_count), order + tape.leaf_count])
    varies = varies[places]
    slots = np.zeros(len(places), np.int32)
    slots[places[varies]] = np.arange(varies.sum())
    slots[places[~varies]] = ~np.arange((~varies).sum())
    return slots


def _segments(  # noqa: C901 - one loop, for speed
    tape: Tape, all_slots: Slots, gates: Any, in_order: bool, independent: bool, varying: bool
) -> tuple[tuple[Slots, Slots], int]:
    """The segments and operands of some gates in this order, and the longest vector."""
    leaves = tape.leaf_count
    is_uniform = not varying
    codes = readable(tape.codes)
    first = readable(tape.first)
    second = readable(tape.second)
    wires = readable(tape.wires)
    arity = readable(arities(tape.codes))
    # Within the uniform part slots are numbers from 0 on.
    slots = readable(all_slots if varying else ~all_slots)
    order = readable(np.ascontiguousarray(gates, np.int32))
    one = _slot_of_one(tape, all_slots, varying)
    count = len(order)
    kept = gates if len(gates) else np.zeros(0, np.intp)
    wired = has_wires(tape.codes[kept]) != 0
    size = int(np.where(wired, tape.second[kept] + 8, 2).sum())
    segments = writable(4 * count, np.int32)
    operands = writable(size, np.int32)
    end = 0
    filled = 0
    longest = 0
    i = 0
    while i < count:
        gate = order[i]
        code = codes[gate]
        out = slots[leaves + gate]
        begin = filled
        j = i + 1
        if code == _DOT and not in_order:
            side = _side(wires, slots, first[gate], second[gate], is_uniform, one)
            if side >= 0 and j < count and codes[order[j]] == _DOT:
                # If both sides could be rows, the vector is the one that the next gate has, too.
                other = _side(wires, slots, first[gate], second[gate], is_uniform, one, 1 - side)
                if other >= 0 and not _is_row(
                    wires, slots, first[order[j]], second[order[j]], first[gate], second[gate],
                    is_uniform, one, side,
                ):  # fmt: skip
                    side = other
            if side >= 0:
                half = second[gate] // 2
                bias = _has_bias(wires, slots, first[gate], second[gate], one)
                terms = half - bias
                while j < count and codes[order[j]] == _DOT and _is_row(
                    wires, slots, first[order[j]], second[order[j]], first[gate], second[gate],
                    is_uniform, one, side,
                ):  # fmt: skip
                    j += 1
                row = first[gate] + side * half
                vector = first[gate] + (1 - side) * half
                operands[filled] = terms
                operands[filled + 1] = (
                    slots[wires[row + 1]] - slots[wires[row]]
                    if is_uniform
                    else slots[wires[row]] - slots[wires[row + 1]]
                ) if terms > 1 else 1  # fmt: skip
                operands[filled + 2] = bias
                filled += 3
                for k in range(terms):
                    operands[filled + k] = slots[wires[vector + k]]
                filled += terms
                for k in range(i, j):
                    operands[filled + k - i] = slots[wires[first[order[k]] + side * half]]
                filled += j - i
                if bias:
                    for k in range(i, j):
                        operands[filled + k - i] = slots[wires[first[order[k]] + half - 1]]
                    filled += j - i
                longest = max(longest, terms)
                code = _MATRIX
        if code >= _SUM and code != _MATRIX:
            # Generic gates of many.
            while j < count and codes[order[j]] == code and not (
                independent and _uses(wires, slots, first[order[j]], second[order[j]], out)
            ) and not (
                code == _DOT
                and not in_order
                and _side(wires, slots, first[order[j]], second[order[j]], is_uniform, one) >= 0
            ):  # fmt: skip
                j += 1
            filled += 2 * (j - i)
            for k in range(i, j):
                gate = order[k]
                operands[begin + 2 * (k - i)] = filled
                operands[begin + 2 * (k - i) + 1] = second[gate]
                for wire in range(second[gate]):
                    operands[filled + wire] = slots[wires[first[gate] + wire]]
                filled += second[gate]
        elif code != _MATRIX:
            if independent:
                while j < count and codes[order[j]] == code:
                    gate = order[j]
                    if arity[gate] == 3:
                        if _uses(wires, slots, first[gate], 3, out):
                            break
                    elif slots[first[gate]] >= out or slots[second[gate]] >= out:
                        break
                    j += 1
            else:
                while j < count and codes[order[j]] == code:
                    j += 1
            run = j - i
            for k in range(i, j):
                gate = order[k]
                if arity[gate] == 3:
                    for wire in range(3):
                        operands[filled + wire * run + k - i] = slots[wires[first[gate] + wire]]
                else:
                    operands[filled + k - i] = slots[first[gate]]
                    if arity[gate] == 2:
                        operands[filled + run + k - i] = slots[second[gate]]
            filled += run * arity[order[i]]
        segments[4 * end] = code
        segments[4 * end + 1] = j - i
        segments[4 * end + 2] = out
        segments[4 * end + 3] = begin
        end += 1
        i = j
    arrays = np.asarray(segments, np.int32)[: 4 * end], np.asarray(operands, np.int32)[:filled]
    return (arrays[0].copy(), arrays[1].copy()), longest


def _slot_of_one(tape: Tape, slots: Slots, varying: bool) -> int:
    """The slot of the constant one, as an operand of this part has it; or what is no slot."""
    found = np.flatnonzero(tape.constants == 1.0)
    if not len(found):
        return -(1 << 31)
    slot = int(slots[tape.first_constant + found[0]])
    return slot if varying else ~slot


def _has_bias(wires: Any, slots: Any, begin: int, count: int, one: int) -> int:
    """1 if the last product is one with the constant one, else 0."""
    return 1 if count >= 4 and slots[wires[begin + count - 1]] == one else 0


def _side(
    wires: Any, slots: Any, begin: int, count: int, is_uniform: bool, one: int, start: int = 0
) -> int:
    """Which factors of a dot product can be a row of a matrix: 0 the left, 1 the right, -1 none.

    They lie at equal distances; over many samples they are uniform, and the other ones vary.
    """
    half = count // 2
    terms = half - _has_bias(wires, slots, begin, count, one)
    if terms < 2:
        return -1
    for side in range(start, 2):
        row = begin + side * half
        vector = begin + (1 - side) * half
        step = slots[wires[row + 1]] - slots[wires[row]]
        good = 1
        if is_uniform:
            if step < 1:
                continue
        elif step > -1 or slots[wires[row]] >= 0:
            continue
        for k in range(terms):
            if slots[wires[row + k]] != slots[wires[row]] + k * step:
                good = 0
                break
            if not is_uniform and (slots[wires[row + k]] >= 0 or slots[wires[vector + k]] < 0):
                good = 0
                break
        if good:
            return side
    return -1


def _is_row(
    wires: Any,
    slots: Any,
    begin: int,
    count: int,
    model: int,
    model_count: int,
    is_uniform: bool,
    one: int,
    side: int,
) -> int:
    """Whether a dot product is another row of the matrix of which a model is one."""
    if count != model_count:
        return 0
    half = count // 2
    bias = _has_bias(wires, slots, begin, count, one)
    if bias != _has_bias(wires, slots, model, count, one):
        return 0
    row = begin + side * half
    vector = begin + (1 - side) * half
    step = slots[wires[model + side * half + 1]] - slots[wires[model + side * half]]
    for k in range(half - bias):
        if wires[vector + k] != wires[model + (1 - side) * half + k]:
            return 0
        if slots[wires[row + k]] != slots[wires[row]] + k * step:
            return 0
    if not is_uniform and slots[wires[row]] >= 0:
        return 0
    return 1


def _uses(wires: Any, slots: Any, begin: int, count: int, out: int) -> int:
    """Whether an operand is the result of this segment, whose slots begin at ``out``."""
    for k in range(count):
        if slots[wires[begin + k]] >= out:
            return 1
    return 0

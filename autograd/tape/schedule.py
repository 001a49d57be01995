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
_NO_SLOT = -(1 << 31)

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
    return Schedule(
        slots=slots,
        varying_leaves=np.flatnonzero(varies[:leaves]).astype(np.int32),
        uniform=_written(tape, slots, order[:split], in_order, independent, False),
        varying=_written(tape, slots, order[split:], in_order, independent, True),
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


def _written(
    tape: Tape, slots: Slots, gates: Any, in_order: bool, independent: bool, varying: bool
) -> Part:
    """A part that runs these gates in this order."""
    writer = _Writer(tape, slots, np.ascontiguousarray(gates, np.int32), varying)
    _write(writer, in_order, independent)
    segments = np.asarray(writer.segments, np.int32)[: writer.end].copy()
    operands = np.asarray(writer.operands, np.int32)[: writer.filled].copy()
    return Part(segments, operands, writer.longest)


class _Writer:
    """The segments and operands of a part while they grow."""

    def __init__(self, tape: Tape, slots: Slots, gates: Slots, varying: bool) -> None:
        self.is_uniform = not varying
        self.leaves = tape.leaf_count
        self.count = len(gates)
        self.order = readable(gates)
        self.codes = readable(tape.codes)
        self.first = readable(tape.first)
        self.second = readable(tape.second)
        self.wires = readable(tape.wires)
        self.arity = readable(arities(tape.codes))
        # Within the uniform part slots are numbers from 0 on.
        self.slots = readable(slots if varying else ~slots)
        ones = tape.first_constant + np.flatnonzero(tape.constants == 1.0)
        self.one = self.slots[ones[0]] if len(ones) else _NO_SLOT
        wired = has_wires(tape.codes[gates]) != 0
        self.segments = writable(4 * self.count, np.int32)
        self.operands = writable(int(np.where(wired, tape.second[gates] + 8, 2).sum()), np.int32)
        self.end = 0
        self.filled = 0
        self.longest = 0


def _write(writer: _Writer, in_order: bool, independent: bool) -> None:
    """Write segments until all gates are in one."""
    i = 0
    while i < writer.count:
        code = writer.codes[writer.order[i]]
        out = writer.slots[writer.leaves + writer.order[i]]
        begin = writer.filled
        side = -1
        if code == _DOT and not in_order:
            side = _side_of_rows(writer, i)
        if side >= 0:
            code = _MATRIX
            j = _write_matrix(writer, i, side)
        elif code >= _SUM:
            j = _write_many(writer, i, in_order, independent)
        else:
            j = _write_run(writer, i, independent)
        writer.segments[writer.end] = code
        writer.segments[writer.end + 1] = j - i
        writer.segments[writer.end + 2] = out
        writer.segments[writer.end + 3] = begin
        writer.end += 4
        i = j


def _write_run(writer: _Writer, i: int, independent: bool) -> int:
    """Write the operands of equal gates of the table, from the i-th on; which one is the next."""
    code = writer.codes[writer.order[i]]
    out = writer.slots[writer.leaves + writer.order[i]]
    j = i + 1
    while j < writer.count and writer.codes[writer.order[j]] == code:
        if independent and _uses(writer, writer.order[j], out):
            break
        j += 1
    run = j - i
    arity = writer.arity[writer.order[i]]
    for k in range(run):
        gate = writer.order[i + k]
        for place in range(arity):
            writer.operands[writer.filled + place * run + k] = _operand(writer, gate, place)
    writer.filled += run * arity
    return j


def _write_many(writer: _Writer, i: int, in_order: bool, independent: bool) -> int:
    """The same for gates of any number of operands."""
    code = writer.codes[writer.order[i]]
    out = writer.slots[writer.leaves + writer.order[i]]
    j = i + 1
    while j < writer.count and writer.codes[writer.order[j]] == code:
        if independent and _uses(writer, writer.order[j], out):
            break
        if code == _DOT and not in_order and _side(writer, writer.order[j], 0) >= 0:
            break
        j += 1
    heads = writer.filled
    writer.filled += 2 * (j - i)
    for k in range(i, j):
        gate = writer.order[k]
        writer.operands[heads + 2 * (k - i)] = writer.filled
        writer.operands[heads + 2 * (k - i) + 1] = writer.second[gate]
        for place in range(writer.second[gate]):
            writer.operands[writer.filled + place] = _operand(writer, gate, place)
        writer.filled += writer.second[gate]
    return j


def _write_matrix(writer: _Writer, i: int, side: int) -> int:
    """The same for dot products of one vector, whose other factors are rows of a matrix."""
    gate = writer.order[i]
    half = writer.second[gate] // 2
    bias = _has_bias(writer, gate)
    terms = half - bias
    row = side * half
    vector = half - row
    step = _operand(writer, gate, row + 1) - _operand(writer, gate, row)
    out = writer.slots[writer.leaves + gate]
    j = i + 1
    # What has a result of the segment itself in its row, or as its bias, comes after it.
    while j < writer.count and _is_row(writer, writer.order[j], gate, side):
        if _uses(writer, writer.order[j], out):
            break
        j += 1
    at = writer.filled
    writer.operands[at] = terms
    writer.operands[at + 1] = step if writer.is_uniform else -step
    writer.operands[at + 2] = bias
    at += 3
    for k in range(terms):
        writer.operands[at + k] = _operand(writer, gate, vector + k)
    at += terms
    for k in range(i, j):
        writer.operands[at + k - i] = _operand(writer, writer.order[k], row)
        if bias:
            writer.operands[at + j + k - 2 * i] = _operand(writer, writer.order[k], half - 1)
    writer.filled = at + (1 + bias) * (j - i)
    writer.longest = max(writer.longest, terms)
    return j


def _side_of_rows(writer: _Writer, i: int) -> int:
    """Which factors of the i-th gate are to be the row of a matrix; -1 if none can be.

    If both could, the vector is the one that the next gate has, too.
    """
    side = _side(writer, writer.order[i], 0)
    if side == 0 and i + 1 < writer.count:
        other = _side(writer, writer.order[i], 1)
        if other == 1 and not _is_row(writer, writer.order[i + 1], writer.order[i], 0):
            return other
    return side


def _side(writer: _Writer, gate: int, start: int) -> int:
    """Which factors of a dot product can be a row of a matrix: 0 the left, 1 the right, -1 none.

    They lie at equal distances; over many samples they are uniform, and the other ones vary.
    """
    half = writer.second[gate] // 2
    terms = half - _has_bias(writer, gate)
    if terms < 2:
        return -1
    for side in range(start, 2):
        row = _operand(writer, gate, side * half)
        step = _operand(writer, gate, side * half + 1) - row
        good = step > 0 if writer.is_uniform else step < 0 and row < 0
        for k in range(terms):
            if not good:
                break
            good = _operand(writer, gate, side * half + k) == row + k * step
            if not writer.is_uniform and _operand(writer, gate, half - side * half + k) < 0:
                good = False
        if good:
            return side
    return -1


def _is_row(writer: _Writer, gate: int, model: int, side: int) -> int:
    """Whether a gate is a dot product that is another row of the matrix of which a model is one."""
    if writer.codes[gate] != _DOT or writer.second[gate] != writer.second[model]:
        return 0
    half = writer.second[gate] // 2
    bias = _has_bias(writer, gate)
    if bias != _has_bias(writer, model):
        return 0
    row = _operand(writer, gate, side * half)
    step = _operand(writer, model, side * half + 1) - _operand(writer, model, side * half)
    for k in range(half - bias):
        vector = half - side * half + k
        if _operand(writer, gate, vector) != _operand(writer, model, vector):
            return 0
        if _operand(writer, gate, side * half + k) != row + k * step:
            return 0
    return 1 if writer.is_uniform or row < 0 else 0


def _has_bias(writer: _Writer, gate: int) -> int:
    """1 if the last product of a dot product is one with the constant one, else 0."""
    last = writer.second[gate] - 1
    return 1 if last >= 3 and _operand(writer, gate, last) == writer.one else 0


def _operand(writer: _Writer, gate: int, place: int) -> int:
    """The slot of an operand of a gate."""
    arity = writer.arity[gate]
    if arity == 1 or (arity == 2 and place == 0):
        operand = writer.first[gate]
    elif arity == 2:
        operand = writer.second[gate]
    else:
        operand = writer.wires[writer.first[gate] + place]
    slot: int = writer.slots[operand]
    return slot


def _uses(writer: _Writer, gate: int, out: int) -> int:
    """Whether an operand of a gate is a result of this segment, whose slots begin at ``out``."""
    arity = writer.arity[gate]
    for place in range(arity if arity else writer.second[gate]):
        if _operand(writer, gate, place) >= out:
            return 1
    return 0

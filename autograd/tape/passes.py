"""Passes over a tape: what each gate is needed for, equals, and waits for.

Each is one loop over the gates, which no NumPy function can do at once: what it finds at a gate
depends on what it found at the operands, or at the users.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

try:
    import cython
except ImportError:
    from .. import uncompiled as cython

from .. import gates
from ..gate import TABLE
from .tape import Tape, arities, has_wires

__all__ = [
    "backward_order",
    "depending_on",
    "depths",
    "equals",
    "foldable",
    "needed",
    "readable",
    "writable",
]

_MUL = gates.mul.code
_DIV = gates.div.code
# Spreads neighbouring places over the table of gates that were met (Knuth, volume 3, section 6.4).
_SPREAD = 2654435761
_COMMUTES = np.array([gate.commutative for gate in TABLE], np.int8)

Marks = npt.NDArray[np.bool_]
Places = npt.NDArray[np.int32]


def readable(array: Any) -> Any:
    """An array as a loop reads it: itself where that is C, else a list: Python reads it faster."""
    return array if cython.compiled else array.tolist()


def writable(count: int, dtype: Any) -> Any:
    """Zeros as a loop writes them."""
    return np.zeros(count, dtype) if cython.compiled else [0] * count


def _marks(marks: Any) -> Marks:
    return np.asarray(marks, np.int8).astype(np.bool_)


def needed(tape: Tape) -> Marks:
    """For each place whether an output depends on it."""
    leaves = tape.leaf_count
    first = readable(tape.first)
    second = readable(tape.second)
    wires = readable(tape.wires)
    wired = readable(has_wires(tape.codes))
    marks = writable(leaves + len(tape), np.int8)
    for place in tape.outputs.tolist():
        marks[place] = 1
    for gate in range(len(tape) - 1, -1, -1):
        if marks[leaves + gate]:
            if wired[gate]:
                for wire in range(first[gate], first[gate] + second[gate]):
                    marks[wires[wire]] = 1
            else:
                marks[first[gate]] = 1
                marks[second[gate]] = 1
    return _marks(marks)


def depending_on(tape: Tape, leaves_marked: Marks) -> Marks:
    """For each place whether it depends on a leaf that is marked."""
    leaves = tape.leaf_count
    first = readable(tape.first)
    second = readable(tape.second)
    wires = readable(tape.wires)
    wired = readable(has_wires(tape.codes))
    marks = writable(leaves + len(tape), np.int8)
    for place in np.flatnonzero(leaves_marked).tolist():
        marks[place] = 1
    for gate in range(len(tape)):
        if wired[gate]:
            for wire in range(first[gate], first[gate] + second[gate]):
                if marks[wires[wire]]:
                    marks[leaves + gate] = 1
        elif marks[first[gate]] or marks[second[gate]]:
            marks[leaves + gate] = 1
    return _marks(marks)


def foldable(tape: Tape) -> Marks:
    """For each gate whether all of its operands are constants, or gates that are foldable."""
    constant = np.zeros(tape.leaf_count, bool)
    constant[: tape.first_constant] = True
    varying: Marks = depending_on(tape, constant)[tape.leaf_count :]
    return ~varying


def depths(tape: Tape) -> Places:
    """For each gate the number of gates on the longest way to it; leaves have depth 0."""
    leaves = tape.leaf_count
    first = readable(tape.first)
    second = readable(tape.second)
    wires = readable(tape.wires)
    wired = readable(has_wires(tape.codes))
    found = writable(leaves + len(tape), np.int32)
    for gate in range(len(tape)):
        depth = 0
        if wired[gate]:
            for wire in range(first[gate], first[gate] + second[gate]):
                depth = max(depth, found[wires[wire]])
        else:
            depth = max(found[first[gate]], found[second[gate]])
        found[leaves + gate] = depth + 1
    return np.asarray(found, np.int32)[leaves:]


def equals(tape: Tape) -> Places:  # noqa: C901 - one loop, for speed
    """For each place the first place that has the same value by construction.

    That is a gate of one or two operands on the same operands, whose order does not matter where
    the gate commutes, or the operand of a product with one.
    """
    leaves = tape.leaf_count
    codes = readable(tape.codes)
    first = readable(tape.first)
    second = readable(tape.second)
    wired = readable(has_wires(tape.codes))
    commutes = readable(_COMMUTES)
    is_one = readable(_is_one(tape))
    mask = 15
    while mask < 2 * len(tape):
        mask = 2 * mask + 1
    # Open addressing: the gates that were met, from 1 on, by their operands and code.
    table = writable(mask + 1, np.int32)
    found = writable(leaves + len(tape), np.int32)
    for place in range(leaves):
        found[place] = place
    for gate in range(len(tape)):
        found[leaves + gate] = leaves + gate
        if wired[gate]:
            continue
        x = found[first[gate]]
        y = found[second[gate]]
        if is_one[second[gate]] and (codes[gate] == _MUL or codes[gate] == _DIV):
            found[leaves + gate] = x
            continue
        if is_one[first[gate]] and codes[gate] == _MUL:
            found[leaves + gate] = y
            continue
        if commutes[codes[gate]] and x > y:
            x, y = y, x
        key = x
        key = (key * _SPREAD + y) * _SPREAD + codes[gate]
        key = (key ^ (key >> 15)) & mask
        while table[key]:
            met = table[key] - 1
            if codes[met] == codes[gate]:
                a = found[first[met]]
                b = found[second[met]]
                if (a == x and b == y) or (commutes[codes[gate]] and a == y and b == x):
                    found[leaves + gate] = leaves + met
                    break
            key = (key + 1) & mask
        else:
            table[key] = gate + 1
    return np.asarray(found, np.int32)


def _is_one(tape: Tape) -> npt.NDArray[np.int8]:
    """For each place whether it is the constant one."""
    marks = np.zeros(tape.leaf_count + len(tape), np.int8)
    marks[tape.first_constant : tape.leaf_count] = tape.constants == 1.0
    return marks


def backward_order(tape: Tape) -> Places:
    """The gates in the order in which the backward pass of the scalar engine visits them.

    A gradient that is summed in this order is the same to the last bit, where there is one output.
    The pass starts at each output in turn, the last one first.
    """
    leaves = tape.leaf_count
    first = readable(tape.first)
    second = readable(tape.second)
    wires = readable(tape.wires)
    wired = readable(has_wires(tape.codes))
    unary = readable((arities(tape.codes) == 1).view(np.int8))
    pending = _pending(tape)
    order = writable(len(tape), np.int32)
    stack = writable(len(tape) + len(tape.outputs), np.int32)
    count = 0
    for root in dict.fromkeys(tape.outputs[::-1].tolist()):
        if root < leaves or pending[root - leaves]:
            continue
        stack[0] = root - leaves
        height = 1
        while height:
            height -= 1
            gate = stack[height]
            pending[gate] = -1  # an output may be an operand of another one
            order[count] = gate
            count += 1
            begin = first[gate]
            end = begin + second[gate]
            if not wired[gate]:
                begin = 0
                end = 1 if unary[gate] else 2
            for wire in range(begin, end):
                place = wires[wire] if wired[gate] else second[gate] if wire else first[gate]
                if place >= leaves:
                    pending[place - leaves] -= 1
                    if pending[place - leaves] == 0:
                        stack[height] = place - leaves
                        height += 1
    return np.asarray(order, np.int32)


def _pending(tape: Tape) -> Any:
    """For each gate how many operands of gates it is."""
    unwired = has_wires(tape.codes) == 0
    binary = arities(tape.codes) == 2
    users = np.concatenate([tape.first[unwired], tape.second[binary], tape.wires])
    users = users[users >= tape.leaf_count] - tape.leaf_count
    return readable(np.bincount(users, minlength=len(tape)).astype(np.int32))

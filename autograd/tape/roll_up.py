"""Sums of products that were spelled out, rolled up into dot products of any length."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from .. import gates
from .passes import readable, writable
from .simplify import with_constant, without_unneeded
from .tape import DOT, SUM, Tape, arities, has_wires

__all__ = ["rolled_up"]

_ADD = gates.add.code
_MUL = gates.mul.code
_SUM = SUM
_DOT = DOT


def rolled_up(tape: Tape) -> Tape:
    """The tape with a dot product for each sum of products, and a sum for each chain of additions.

    What is added stays in its order, but for what is no product: that comes last, as a product with
    one. The constant zero is left out. A sum or a product that something else uses, too, stays a
    gate of its own.
    """
    tape, one = with_constant(tape, 1.0)
    roll = _Roll(tape, one)
    _write(roll)
    rolled = replace(
        tape,
        codes=np.asarray(roll.new_codes, np.int16),
        first=np.asarray(roll.new_first, np.int32),
        second=np.asarray(roll.new_second, np.int32),
        wires=np.asarray(roll.new_wires, np.int32)[: roll.end],
    )
    smaller, kept = without_unneeded(rolled)
    assert len(kept) == tape.parameter_count
    return smaller


class _Roll:
    """The new gates while they are written, and the terms of the one that is being written."""

    def __init__(self, tape: Tape, one: int) -> None:
        self.one = one
        self.leaves = tape.leaf_count
        self.count = len(tape)
        self.codes = readable(tape.codes)
        self.first = readable(tape.first)
        self.second = readable(tape.second)
        self.wires = readable(tape.wires)
        self.wired = readable(has_wires(tape.codes))
        self.uses, self.user = _users(tape)
        self.is_zero = readable(_is_zero(tape))
        self.new_codes = writable(len(tape), np.int16)
        self.new_first = writable(len(tape), np.int32)
        self.new_second = writable(len(tape), np.int32)
        # A term is written as part of the sum it ends in, and once more where that is in another.
        self.new_wires = writable(4 * len(tape) + 5 * len(tape.wires) + 8, np.int32)
        self.end = 0
        most = len(tape) + len(tape.wires) + 2
        self.left = writable(most, np.int32)
        self.right = writable(most, np.int32)
        self.others = writable(most, np.int32)
        self.stack = writable(most, np.int32)
        self.products = 0
        self.plain = 0


def _write(roll: _Roll) -> None:
    """Write every gate, as it is or rolled up."""
    for gate in range(roll.count):
        code = roll.codes[gate]
        place = roll.leaves + gate
        within = roll.uses[place] == 1 and roll.codes[roll.user[place]] == _ADD
        if code == _SUM or (code == _ADD and not within):
            _find_terms(roll, gate)
            if roll.products >= 2 or (roll.products and roll.plain >= 2):
                _write_dot(roll, gate)
                continue
            if roll.products == 0 and (code == _SUM or roll.plain >= 3):
                _write_sum(roll, gate)
                continue
        _write_as_it_is(roll, gate)


def _find_terms(roll: _Roll, gate: int) -> None:
    """Take a sum apart, through the sums within it that nothing else uses."""
    height = _push_operands(roll, gate, 0)
    roll.products = 0
    roll.plain = 0
    while height:
        height -= 1
        place = roll.stack[height]
        term = place - roll.leaves
        if term >= 0 and roll.uses[place] == 1 and roll.codes[term] == _ADD:
            height = _push_operands(roll, term, height)
        elif term >= 0 and roll.uses[place] == 1 and roll.codes[term] == _MUL:
            x = roll.first[term]
            y = roll.second[term]
            # Parameters first: rows of them are what a matrix is made of.
            if y < x and y < roll.leaves:
                x, y = y, x
            roll.left[roll.products] = x
            roll.right[roll.products] = y
            roll.products += 1
        elif not roll.is_zero[place]:
            roll.others[roll.plain] = place
            roll.plain += 1


def _push_operands(roll: _Roll, gate: int, height: int) -> int:
    """Put the operands of a sum on the stack, the first one on top; how high it is then."""
    begin = roll.first[gate]
    if roll.codes[gate] == _ADD:
        roll.stack[height] = roll.second[gate]
        roll.stack[height + 1] = begin
        return height + 2
    for wire in range(roll.second[gate] - 1, -1, -1):
        roll.stack[height] = roll.wires[begin + wire]
        height += 1
    return height


def _write_dot(roll: _Roll, gate: int) -> None:
    """Write the terms as one dot product."""
    count = roll.products + roll.plain
    for i in range(roll.products):
        roll.new_wires[roll.end + i] = roll.left[i]
        roll.new_wires[roll.end + count + i] = roll.right[i]
    for i in range(roll.plain):
        roll.new_wires[roll.end + roll.products + i] = roll.others[i]
        roll.new_wires[roll.end + count + roll.products + i] = roll.one
    _finish(roll, gate, _DOT, 2 * count)


def _write_sum(roll: _Roll, gate: int) -> None:
    """Write the terms as one sum."""
    for i in range(roll.plain):
        roll.new_wires[roll.end + i] = roll.others[i]
    _finish(roll, gate, _SUM, roll.plain)


def _write_as_it_is(roll: _Roll, gate: int) -> None:
    if roll.wired[gate]:
        for i in range(roll.second[gate]):
            roll.new_wires[roll.end + i] = roll.wires[roll.first[gate] + i]
        _finish(roll, gate, roll.codes[gate], roll.second[gate])
    else:
        roll.new_codes[gate] = roll.codes[gate]
        roll.new_first[gate] = roll.first[gate]
        roll.new_second[gate] = roll.second[gate]


def _finish(roll: _Roll, gate: int, code: int, count: int) -> None:
    """Write a gate whose operands are the next so many wires."""
    roll.new_codes[gate] = code
    roll.new_first[gate] = roll.end
    roll.new_second[gate] = count
    roll.end += count


def _is_zero(tape: Tape) -> Any:
    """For each place whether it is the constant zero, with which Python's own sum begins."""
    marks = np.zeros(tape.leaf_count + len(tape), np.int8)
    marks[tape.first_constant : tape.leaf_count] = tape.constants == 0.0
    return marks


def _users(tape: Tape) -> tuple[Any, Any]:
    """For each place how often it is an operand or an output, and a gate whose operand it is."""
    wired = has_wires(tape.codes) != 0
    gates_in_order = np.arange(len(tape), dtype=np.int32)
    binary = arities(tape.codes) == 2
    owners = np.repeat(gates_in_order[wired], tape.second[wired])
    places = tape.leaf_count + len(tape)
    user = np.zeros(places, np.int32)
    uses = np.bincount(tape.outputs, minlength=places)
    for operands, owner in (
        (tape.first[~wired], gates_in_order[~wired]),
        (tape.second[binary], gates_in_order[binary]),
        # The wires stand in the order of their gates.
        (tape.wires, owners),
    ):
        user[operands] = owner
        uses += np.bincount(operands, minlength=places)
    return readable(uses.astype(np.int32)), readable(user)

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
    rolled = _rolled_up(tape, one)
    smaller, kept = without_unneeded(rolled)
    assert len(kept) == tape.parameter_count
    return smaller


def _rolled_up(tape: Tape, one: int) -> Tape:  # noqa: C901 - one loop, for speed
    leaves = tape.leaf_count
    codes = readable(tape.codes)
    first = readable(tape.first)
    second = readable(tape.second)
    wires = readable(tape.wires)
    wired = readable(has_wires(tape.codes))
    uses, user = _users(tape)
    is_zero = readable(_is_zero(tape))
    # A term is written once as part of the sum it ends in, at most once more for a sum within.
    size = 4 * len(tape) + 5 * len(tape.wires) + 8
    new_codes = writable(len(tape), np.int16)
    new_first = writable(len(tape), np.int32)
    new_second = writable(len(tape), np.int32)
    new_wires = writable(size, np.int32)
    left = writable(len(tape) + len(tape.wires) + 2, np.int32)
    right = writable(len(tape) + len(tape.wires) + 2, np.int32)
    stack = writable(len(tape) + len(tape.wires) + 2, np.int32)
    end = 0
    for gate in range(len(tape)):
        code = codes[gate]
        begin = end
        new_codes[gate] = code
        if code == _ADD and not (uses[leaves + gate] == 1 and codes[user[leaves + gate]] == _ADD):
            stack[0] = second[gate]
            stack[1] = first[gate]
            height = 2
        elif code == _SUM:
            height = second[gate]
            for wire in range(height):
                stack[height - 1 - wire] = wires[first[gate] + wire]
        else:
            if wired[gate]:
                for wire in range(second[gate]):
                    new_wires[end + wire] = wires[first[gate] + wire]
                end += second[gate]
            new_first[gate] = begin if wired[gate] else first[gate]
            new_second[gate] = second[gate]
            continue
        # The terms: products from the front, and behind them what is no product.
        products = 0
        plain = 0
        while height:
            height -= 1
            place = stack[height]
            term = place - leaves
            if term >= 0 and uses[place] == 1 and codes[term] == _ADD:
                stack[height] = second[term]
                stack[height + 1] = first[term]
                height += 2
            elif term >= 0 and uses[place] == 1 and codes[term] == _MUL:
                # Parameters first: rows of them are what a matrix is made of.
                swap = second[term] < first[term] and second[term] < leaves
                left[products] = second[term] if swap else first[term]
                right[products] = first[term] if swap else second[term]
                products += 1
            elif not is_zero[place]:
                plain += 1
                right[len(right) - plain] = place
        if products >= 2 or (products and plain >= 2):
            new_codes[gate] = _DOT
            for wire in range(products):
                new_wires[end + wire] = left[wire]
                new_wires[end + products + plain + wire] = right[wire]
            for wire in range(plain):
                new_wires[end + products + wire] = right[len(right) - 1 - wire]
                new_wires[end + 2 * products + plain + wire] = one
            end += 2 * (products + plain)
        elif products == 0 and (code == _SUM or plain >= 3):
            new_codes[gate] = _SUM
            for wire in range(plain):
                new_wires[end + wire] = right[len(right) - 1 - wire]
            end += plain
        elif code == _SUM:
            for wire in range(second[gate]):
                new_wires[end + wire] = wires[first[gate] + wire]
            end += second[gate]
        else:
            new_first[gate] = first[gate]
            new_second[gate] = second[gate]
            continue
        new_first[gate] = begin
        new_second[gate] = end - begin
    return replace(
        tape,
        codes=np.asarray(new_codes, np.int16),
        first=np.asarray(new_first, np.int32),
        second=np.asarray(new_second, np.int32),
        wires=np.asarray(new_wires, np.int32)[:end],
    )


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

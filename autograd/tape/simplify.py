"""The same graph with fewer gates: constants folded, equal gates merged, unused ones dropped."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from .passes import equals, foldable, needed
from .tape import DOT, Tape, has_wires

__all__ = ["arranged", "folded", "merged", "with_constant", "without_unneeded"]

Places = npt.NDArray[np.int32]


def folded(tape: Tape, numbers: npt.NDArray[np.float64]) -> Tape:
    """The tape with a constant in the place of each gate that has but constants below it.

    Args:
        tape: the tape.
        numbers: the number of each gate, as it was when the tape was recorded.
    """
    fold = foldable(tape)
    if not fold.any():
        return tape
    leaves, count = tape.leaf_count, int(fold.sum())
    new = np.arange(leaves + len(tape), dtype=np.int32)
    new[leaves:][fold] = leaves + np.arange(count)
    new[leaves:][~fold] = leaves + count + np.arange(len(tape) - count)
    constants = np.concatenate([tape.constants, numbers[fold]])
    return _selected(tape, ~fold, new, tape.parameter_count, constants)


def merged(tape: Tape, first_shared: int) -> Tape:
    """The tape in which each gate, and each constant, is used in the place of those that equal it.

    Args:
        tape: the tape.
        first_shared: the constants before this one stay apart: they are data, which stands in rows.
    """
    shared = tape.constants[first_shared:]
    # By their bits: -0.0 is not 0.0, and nan is nan.
    _, firsts, which = np.unique(shared.view(np.int64), return_index=True, return_inverse=True)
    stands_for = np.arange(tape.leaf_count + len(tape), dtype=np.int32)
    begin = tape.first_constant + first_shared
    stands_for[begin : tape.leaf_count] = begin + firsts[which.ravel()]
    tape = _renamed(tape, stands_for)
    return _renamed(tape, equals(tape))


def without_unneeded(tape: Tape) -> tuple[Tape, npt.NDArray[np.intp]]:
    """The tape without what no output depends on, and which of the parameters it has kept.

    Inputs stay: there is one for each number of the arguments.
    """
    keep = needed(tape)
    keep[: tape.input_count] = True
    new = (np.cumsum(keep) - 1).astype(np.int32)
    parameters = np.flatnonzero(keep[tape.input_count : tape.first_constant])
    constants = tape.constants[keep[tape.first_constant : tape.leaf_count]]
    smaller = _selected(tape, keep[tape.leaf_count :], new, len(parameters), constants)
    return smaller, parameters


def arranged(tape: Tape) -> tuple[Tape, npt.NDArray[np.intp]]:
    """The tape with its leaves in the order in which dot products use them, and that of parameters.

    What one dot product multiplies lies side by side then, as a row of a matrix does. Inputs stay
    in their places.
    """
    is_dot = tape.codes == DOT
    halves = tape.second[is_dot] // 2
    # The left operands of all, then the right ones.
    begins = np.concatenate([tape.first[is_dot], tape.first[is_dot] + halves])
    counts = np.concatenate([halves, halves])
    offsets = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    used = tape.wires[np.repeat(begins, counts) + offsets]
    places, firsts = np.unique(used[used < tape.leaf_count], return_index=True)
    rank = np.full(tape.leaf_count, len(used))
    rank[places] = firsts
    new = np.arange(tape.leaf_count + len(tape), dtype=np.int32)
    orders = []
    for begin, end in (
        (tape.input_count, tape.first_constant),
        (tape.first_constant, tape.leaf_count),
    ):
        order = np.argsort(rank[begin:end], kind="stable")
        new[begin + order] = begin + np.arange(end - begin)
        orders.append(order)
    return replace(_renamed(tape, new), constants=tape.constants[orders[1]]), orders[0]


def with_constant(tape: Tape, number: float) -> tuple[Tape, int]:
    """The tape with this constant among its own, and the place of that."""
    found = np.flatnonzero(tape.constants == number)
    if len(found):
        return tape, tape.first_constant + int(found[0])
    place = tape.leaf_count
    new = np.arange(place + len(tape), dtype=np.int32)
    new[place:] += 1
    constants = np.append(tape.constants, number)
    every_gate = np.ones(len(tape), bool)
    return _selected(tape, every_gate, new, tape.parameter_count, constants), place


def _renamed(tape: Tape, stands_for: Places) -> Tape:
    """The tape with other operands in the places of its own."""
    wired = has_wires(tape.codes) != 0
    return replace(
        tape,
        first=np.where(wired, tape.first, stands_for[np.where(wired, 0, tape.first)]),
        second=np.where(wired, tape.second, stands_for[np.where(wired, 0, tape.second)]),
        wires=stands_for[tape.wires],
        outputs=stands_for[tape.outputs],
    )


def _selected(
    tape: Tape,
    keep: npt.NDArray[np.bool_],
    new: Places,
    parameter_count: int,
    constants: npt.NDArray[np.float64],
) -> Tape:
    """The tape with some of its gates, and with new places for all that is left."""
    codes, first, second = tape.codes[keep], tape.first[keep], tape.second[keep]
    wired = has_wires(codes) != 0
    counts = np.where(wired, second, 0)
    ends = np.cumsum(counts)
    begins = ends - counts
    # Each wire that is kept comes from as far behind the beginning of its gate's wires as it goes.
    sources = np.arange(ends[-1] if len(ends) else 0)
    sources += np.repeat(np.where(wired, first, 0) - begins, counts)
    return Tape(
        input_count=tape.input_count,
        parameter_count=parameter_count,
        constants=constants,
        codes=codes,
        first=np.where(wired, begins, new[np.where(wired, 0, first)]).astype(np.int32),
        second=np.where(wired, counts, new[np.where(wired, 0, second)]).astype(np.int32),
        wires=new[tape.wires[sources]],
        outputs=new[tape.outputs],
    )

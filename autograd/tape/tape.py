"""Tape: a graph of scalar gates as parallel arrays, in the order in which they were applied."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ..gate import TABLE

__all__ = [
    "DOT",
    "MATRIX",
    "MEAN",
    "NAMES_OF_MANY",
    "SUM",
    "TAKE",
    "Integers",
    "Tape",
    "arities",
    "has_wires",
]

Integers = npt.NDArray[np.integer[Any]]

# The codes of the gates that take any number of operands go on where the table ends.
SUM = len(TABLE)
MEAN = SUM + 1
DOT = SUM + 2
TAKE = SUM + 3
# Of a scheduled tape alone: dot products of many rows with one vector.
MATRIX = SUM + 4
NAMES_OF_MANY = {SUM: "sum", MEAN: "mean", DOT: "dot", TAKE: "take"}


_ARITIES = np.array([gate.arity for gate in TABLE] + [0] * len(NAMES_OF_MANY), np.int8)
_HAS_WIRES = (_ARITIES == 0) | (_ARITIES == 3)


def arities(codes: Integers) -> npt.NDArray[np.int8]:
    """The number of operands of gates of these codes; 0 for those of any number."""
    found: npt.NDArray[np.int8] = _ARITIES[codes]
    return found


def has_wires(codes: Integers) -> npt.NDArray[np.int8]:
    """1 for codes of gates whose operands stand among the wires of their tape, else 0."""
    found: npt.NDArray[np.int8] = _HAS_WIRES[codes].view(np.int8)
    return found


@dataclass(frozen=True, eq=False)
class Tape:
    """A graph, flat. Every leaf and every gate has a place, by which its users call it.

    The inputs come first, then the parameters, then the constants, then the gates: a gate stands
    behind its operands. A gate of one or two operands has them in ``first`` and ``second``; one of
    more has ``first`` as its beginning among the ``wires``, and ``second`` as their number. The
    wires of a dot product are the left operands and then as many right ones; those of ``take`` are
    the index and then what it chooses from.
    """

    input_count: int
    parameter_count: int
    constants: npt.NDArray[np.float64]
    codes: npt.NDArray[np.int16]
    first: npt.NDArray[np.int32]
    second: npt.NDArray[np.int32]
    wires: npt.NDArray[np.int32]
    outputs: npt.NDArray[np.int32]

    @property
    def leaf_count(self) -> int:
        """The number of inputs, parameters and constants, and the place of the first gate."""
        return self.input_count + self.parameter_count + len(self.constants)

    @property
    def first_constant(self) -> int:
        """The place of the first constant."""
        return self.input_count + self.parameter_count

    @property
    def nbytes(self) -> int:
        """The memory of the arrays, in bytes."""
        arrays = (self.constants, self.codes, self.first, self.second, self.wires, self.outputs)
        return sum(array.nbytes for array in arrays)

    def __len__(self) -> int:
        return len(self.codes)

    def operands(self, gate: int) -> list[int]:
        """The places of the operands of a gate, in order; ``gate`` is counted from 0."""
        code, first, second = (int(each[gate]) for each in (self.codes, self.first, self.second))
        if _HAS_WIRES[code]:
            return [int(place) for place in self.wires[first : first + second]]
        return [first, second][: _ARITIES[code]]

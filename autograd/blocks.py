"""Formulas on large arrays, block by block, without an array for every operation.

NumPy gives each operation an array of its own, and a formula of ten operations on a million
numbers is then ten walks through memory. Here a block of numbers stays in the processor's cache
for all operations, which write into a few buffers over and over.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from .errors import FormulaError
from .ieee import NUMPY_PRIMITIVES, PRIMITIVES

__all__ = ["BlockProgram"]

Array: TypeAlias = npt.NDArray[Any]
Places: TypeAlias = Callable[[Sequence[Any]], Any]

BLOCK_BYTES = 1 << 20
"""Smaller blocks are more calls, and larger ones fall out of the cache: the best of those timed."""

_ON_NUMBERS: dict[type[ast.operator], Callable[..., float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: PRIMITIVES["divide"],
}
_ON_ARRAYS: dict[type[ast.operator], np.ufunc] = {
    ast.Add: np.add,
    ast.Sub: np.subtract,
    ast.Mult: np.multiply,
    ast.Div: np.divide,
}


class BlockProgram:
    """Formulas as a list of operations, each of which writes into memory that is there already.

    Each formula sees what those before it give. The result ``new_x`` may lie where the array ``x``
    does, which no later formula may read then.

    Args:
        numbers: the names of the numbers that the formulas read.
        arrays: the names of the arrays that they read.
        results: which of the formulas are handed out; the others are steps on the way.
        formulas: the trees of the formulas, in their order.

    Raises:
        FormulaError: a formula reads a name, or uses an operation, that is not there.

    >>> from .formula import parse
    >>> trees = {"change": parse("(1 - rate) * x"), "new_x": parse("x - change * change")}
    >>> x = np.array([1.0, 2.0])
    >>> BlockProgram(["rate"], ["x"], ["new_x"], trees).run([0.5], [x], [x])
    >>> x
    array([0.75, 1.  ])
    """

    def __init__(
        self,
        numbers: Sequence[str],
        arrays: Sequence[str],
        results: Sequence[str],
        formulas: Mapping[str, ast.expr],
    ) -> None:
        self._slots: list[float | None] = [None] * (len(numbers) + len(arrays) + len(results))
        """Where operands stand; what is None is filled in as the program runs."""
        places = range(len(self._slots))
        self._names = dict(zip([*numbers, *arrays], places, strict=False))
        self._results = dict(zip(results, places[len(self._names) :], strict=True))
        self._are_numbers = set(places[: len(numbers)])
        self._begin, self._end = len(numbers), len(self._slots)
        """The slots of the arrays and the results."""
        self._on_numbers: list[tuple[Callable[..., float], Places, int]] = []
        self._on_blocks: list[tuple[Callable[..., Any], Places]] = []
        self._buffers: list[int] = []
        self._idle: list[int] = []
        for name, tree in formulas.items():
            self._add(name, tree)

    def run(
        self, numbers: Sequence[float], arrays: Sequence[Array], results: Sequence[Array]
    ) -> None:
        """Fill the results, which are contiguous, of the shape and dtype of the arrays."""
        slots: list[Any] = [*numbers, *arrays, *results, *self._slots[self._end :]]
        for function, operands, place in self._on_numbers:
            slots[place] = function(*operands(slots))
        shape, dtype = results[0].shape, results[0].dtype
        size = BLOCK_BYTES // dtype.itemsize
        if results[0].size <= size:
            for place in self._buffers:
                slots[place] = np.empty(shape, dtype)
            self._run_operations(slots)
            return
        flat = [array.reshape(-1) for array in slots[self._begin : self._end]]
        buffers = [np.empty(size, dtype) for _ in self._buffers]
        for begin in range(0, flat[0].size, size):
            blocks = [array[begin : begin + size] for array in flat]
            slots[self._begin : self._end] = blocks
            for place, buffer in zip(self._buffers, buffers, strict=True):
                slots[place] = buffer[: blocks[0].size]
            self._run_operations(slots)

    def _run_operations(self, slots: Sequence[Any]) -> None:
        for function, operands in self._on_blocks:
            function(*operands(slots))

    def _add(self, name: str, tree: ast.expr) -> None:
        """Add the operations of a formula."""
        out = self._results.get(name)
        place = self._write(tree, out)
        if out is not None:
            if place != out:
                self._on_blocks.append((np.positive, itemgetter(place, out)))
            # It may have been written over just now.
            self._names.pop(name.removeprefix("new_"), None)
            place = out
        self._names[name] = place

    def _write(self, tree: ast.expr, out: int | None = None) -> int:
        """Where the value of a tree stands: in `out`, unless it is an operand or a number."""
        match tree:
            case ast.Name(id=name) if name in self._names:
                return self._names[name]
            case ast.Constant(value=value) if isinstance(value, (int, float)):
                return self._number_slot(value)
            case ast.BinOp(left=left, op=op, right=right) if type(op) in _ON_ARRAYS:
                return self._apply(_ON_NUMBERS[type(op)], _ON_ARRAYS[type(op)], [left, right], out)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return self._apply(operator.neg, np.negative, [operand], out)
            case ast.Call(func=ast.Name(id=name), args=arguments) if name in PRIMITIVES:
                return self._apply(PRIMITIVES[name], NUMPY_PRIMITIVES[name], arguments, out)
        raise FormulaError(
            f"{ast.unparse(tree)!r} cannot be computed in blocks: it is not one of + - * /, a "
            f"function or one of {', '.join(self._names)}"
        )

    def _apply(
        self,
        on_numbers: Callable[..., float],
        on_arrays: Callable[..., Any],
        operands: Sequence[ast.expr],
        out: int | None,
    ) -> int:
        places = [self._write(operand) for operand in operands]
        if self._are_numbers.issuperset(places):
            # Not as an array: what is the same for all elements is computed once, in full
            # precision, and leaves the dtype of the arrays as it is.
            place = self._number_slot(None)
            self._on_numbers.append((on_numbers, _values_at(places), place))
            return place
        for operand, place in zip(operands, places, strict=True):
            if place not in self._are_numbers and not isinstance(operand, ast.Name):
                self._idle.append(place)
        if out is None:
            # An operand may be written over where it stands: elements do not see one another.
            out = self._idle.pop() if self._idle else self._new_buffer()
        self._on_blocks.append((on_arrays, itemgetter(*places, out)))
        return out

    def _number_slot(self, value: float | None) -> int:
        self._slots.append(value)
        self._are_numbers.add(len(self._slots) - 1)
        return len(self._slots) - 1

    def _new_buffer(self) -> int:
        self._slots.append(None)
        self._buffers.append(len(self._slots) - 1)
        return self._buffers[-1]


def _values_at(places: Sequence[int]) -> Places:
    """A function from the slots to the tuple of those at the places, however many they are."""
    if len(places) > 1:
        return itemgetter(*places)
    (place,) = places
    return lambda slots: (slots[place],)

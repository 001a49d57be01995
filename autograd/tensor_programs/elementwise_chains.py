"""Elementwise gates as instructions for the compiled loops over arrays.

Instructions that follow each other are run without Python in between. Where the engine is not
compiled, or has no loop for a formula, there is no instruction, and NumPy computes.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from .. import gates
from ..gate import Gate
from ..lane_codes import OPERANDS, forward_code, lane_trees, vjp_code
from ..lanes import COMPILED, Lanes

__all__ = ["Instruction", "Step", "added", "forward_steps", "grouped", "vjp_steps"]

Step = Callable[[], Any]


class Instruction(NamedTuple):
    """A row of the table that ``lane_run.h`` describes, and the arrays that its addresses mean."""

    row: tuple[int, ...]
    arrays: tuple[np.ndarray, ...]


def forward_steps(
    gate: Gate, out: np.ndarray, operands: Sequence[Any]
) -> list[Step | Instruction] | None:
    """What writes the result of a gate into ``out``; None if there is no loop for it."""
    names = dict(zip(OPERANDS[2:], operands, strict=False))
    return _steps(forward_code(gate), False, out, names)


def vjp_steps(
    gate: Gate,
    position: int,
    target: np.ndarray,
    g: np.ndarray,
    out: np.ndarray,
    operands: Sequence[Any],
    adds: bool,
) -> list[Step | Instruction] | None:
    """What writes to ``target``, or adds, what an operand receives; None if there is no loop."""
    names = dict(zip(OPERANDS, (g, out, *operands), strict=False))
    return _steps(vjp_code(gate, position), adds, target, names)


def added(target: np.ndarray, part: np.ndarray) -> list[Step | Instruction]:
    """What adds an array to another of its shape."""
    steps = forward_steps(gates.add, target, (target, part))
    return [partial(np.add, target, part, target)] if steps is None else steps


def grouped(steps: Sequence[Step | Instruction]) -> list[Step]:
    """The steps, with instructions that follow each other made one step."""
    result: list[Step] = []
    pending: list[Instruction] = []
    for step in [*steps, None]:
        if isinstance(step, Instruction):
            pending.append(step)
            continue
        if pending:
            table = np.array([each.row for each in pending], np.int64)
            result.append(Lanes(table, [each.arrays for each in pending]))
            pending = []
        if step is not None:
            result.append(step)
    return result


def _steps(
    code: int, adds: bool, result: np.ndarray, names: dict[str, Any]
) -> list[Step | Instruction] | None:
    """The instruction, and before it what lays an operand out as the loop needs it."""
    tree = lane_trees().get(code)
    if not COMPILED or tree is None or result.dtype.char not in "fd":
        return None
    used = {part.id for part in ast.walk(tree) if isinstance(part, ast.Name)}
    operands = {name: names[name] for name in OPERANDS if name in used}
    if not all(_is_readable(operand, result) for operand in operands.values()):
        return None
    if result.size == 0:
        return []
    arrays = {name: _spread(operand, result) for name, operand in operands.items()}
    steps: list[Step | Instruction] = []
    if not _are_rows(_axes([result, *arrays.values()]), result):
        if not result.flags.c_contiguous:
            return None
        for name, array in arrays.items():
            if not array.flags.c_contiguous:
                arrays[name], step = _copied(array, result.shape)
                steps.append(step)
    more, instruction = _instruction((code, adds), result, arrays, operands)
    return [*steps, *more, instruction]


def _instruction(
    code_and_adds: tuple[int, bool],
    result: np.ndarray,
    arrays: dict[str, np.ndarray],
    operands: dict[str, Any],
) -> tuple[list[Step | Instruction], Instruction]:
    """The instruction on arrays that can be gone through by rows, and what goes before it."""
    steps: list[Step | Instruction] = []
    axes = _axes([result, *arrays.values()])
    rows, count, row_strides = _loop(axes, 1 + len(arrays))
    places = [(result.ctypes.data, row_strides[0])]
    kept = [result]
    positions = {name: 1 + position for position, name in enumerate(arrays)}
    for name in OPERANDS:
        if name not in arrays:
            places.append((0, 0))
            continue
        array, stride = arrays[name], row_strides[positions[name]]
        if count > 1 and axes[-1][1][positions[name]] != result.itemsize:
            array, more, stride = _laid_out(operands[name], array, result, rows, count)
            steps += more
        kept.append(array)
        places.append((array.ctypes.data, stride))
    code, adds = code_and_adds
    numbers = [code, int(result.dtype.char == "d"), int(adds), rows, count]
    row = tuple([*numbers, *(number for place in places for number in place)])
    return steps, Instruction(row, tuple(kept))


def _are_rows(axes: list[tuple[int, list[int]]], result: np.ndarray) -> bool:
    """Whether two loops go through all, in the inner one of which the results are neighbours."""
    return len(axes) <= 2 and all(strides[0] == result.itemsize for _, strides in axes[-1:])


def _is_readable(operand: Any, result: np.ndarray) -> bool:
    if isinstance(operand, np.ndarray):
        return bool(operand.dtype == result.dtype)
    return isinstance(operand, (int, float))


def _spread(operand: Any, result: np.ndarray) -> np.ndarray:
    return np.broadcast_to(np.asarray(operand, result.dtype), result.shape)


def _axes(arrays: Sequence[np.ndarray]) -> list[tuple[int, list[int]]]:
    """The fewest axes that the arrays, of one shape, can be gone through by: sizes, strides."""
    axes: list[tuple[int, list[int]]] = []
    for axis, size in enumerate(arrays[0].shape):
        strides = [array.strides[axis] for array in arrays]
        if size == 1:
            continue
        if axes and all(
            outer == inner * size for outer, inner in zip(axes[-1][1], strides, strict=True)
        ):
            axes[-1] = (axes[-1][0] * size, strides)
        else:
            axes.append((size, strides))
    return axes


def _loop(axes: list[tuple[int, list[int]]], number: int) -> tuple[int, int, list[int]]:
    """How many rows, how many elements in each, and the strides of the rows."""
    if len(axes) == 2:
        return axes[0][0], axes[1][0], axes[0][1]
    return 1, axes[0][0] if axes else 1, [0] * number


def _copied(array: np.ndarray, shape: tuple[int, ...]) -> tuple[np.ndarray, Step]:
    copy = np.empty(shape, array.dtype)
    return copy, partial(np.copyto, copy, array)


def _laid_out(
    operand: Any, array: np.ndarray, result: np.ndarray, rows: int, count: int
) -> tuple[np.ndarray, list[Step | Instruction], int]:
    """An operand whose elements are no neighbours: a copy, what makes it, and its stride."""
    if not isinstance(operand, np.ndarray):
        return np.full(count, operand, result.dtype), [], 0
    copy, step = _copied(array, result.shape)
    return copy, [step], count * result.itemsize if rows > 1 else 0

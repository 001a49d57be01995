"""Sums and means of a program: their steps write into buffers, and call NumPy's loops alone."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np

from .. import array_gates
from ..array_gates.reductions import with_axes_kept
from .elementwise_chains import Instruction, Step, added
from .recording import Operation

__all__ = ["reduction_steps", "reduction_vjp_steps"]


def reduction_steps(
    operation: Operation, out: np.ndarray, operands: Sequence[Any]
) -> list[Step] | None:
    """What writes a sum or a mean into ``out``; None for another gate."""
    if not _is_known(operation, out, operands):
        return None
    (x,) = operands
    axis, keepdims = _axis_and_keepdims(operation)
    reduces: Step = partial(np.add.reduce, x, axis, None, out, keepdims)
    if operation.gate is array_gates.sum:
        return [reduces]
    return [reduces, partial(np.divide, out, x.size // out.size, out)]


def reduction_vjp_steps(
    operation: Operation,
    target: np.ndarray,
    g: np.ndarray,
    out: np.ndarray,
    operands: Sequence[Any],
    adds: bool,
) -> list[Step | Instruction] | None:
    """What writes to ``target``, or adds, what a sum or a mean sends back; None for another."""
    if not _is_known(operation, out, operands):
        return None
    (x,) = operands
    steps: list[Step | Instruction] = []
    if operation.gate is array_gates.mean:
        share = np.empty(g.shape, g.dtype)
        steps.append(partial(np.divide, g, x.size // out.size, share))
        g = share
    spread = np.broadcast_to(with_axes_kept(g, x, *_axis_and_keepdims(operation)), x.shape)
    return [*steps, *(added(target, spread) if adds else [partial(np.copyto, target, spread)])]


def _is_known(operation: Operation, out: np.ndarray, operands: Sequence[Any]) -> bool:
    if operation.gate is not array_gates.sum and operation.gate is not array_gates.mean:
        return False
    (x,) = operands
    # NumPy adds numbers of half precision up in single precision.
    return bool(out.size and x.size and x.dtype == out.dtype and x.dtype.char in "fd")


def _axis_and_keepdims(operation: Operation) -> tuple[Any, bool]:
    return operation.arguments.get("axis"), operation.arguments.get("keepdims", False)

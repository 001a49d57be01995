"""Steps that write a contribution into a gradient buffer, or add it to what is there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from ..arrays import summed_to
from .elementwise_chains import Instruction, Step, added
from .layout import rows_together

__all__ = ["contribute", "received", "summed", "together"]


def received(
    computes: Callable[..., Any], target: np.ndarray, adds: bool
) -> list[Step | Instruction]:
    """Steps that write what ``computes(out=...)`` does, or add it."""
    if not adds:
        return [partial(computes, out=target)]
    part = np.empty(target.shape, target.dtype)
    return [partial(computes, out=part), *added(target, part)]


def summed(whole: np.ndarray, target: np.ndarray, adds: bool) -> list[Step | Instruction]:
    """Steps that undo a broadcast: ``whole`` summed to the shape of ``target``."""
    extra = whole.ndim - target.ndim
    shape = (1,) * extra + target.shape
    axes = tuple(
        axis
        for axis, size in enumerate(shape)
        if axis < extra or (size == 1 and whole.shape[axis] != 1)
    )
    part = np.empty(shape, target.dtype) if adds else target[(None,) * extra]
    sums: Step = partial(np.add.reduce, whole, axes, None, part, True)
    return [sums, *added(target, part.reshape(target.shape))] if adds else [sums]


def together(matrices: Sequence[np.ndarray]) -> tuple[np.ndarray, list[Step | Instruction]]:
    """Matrices one below the other, and the steps that copy them there if they are not."""
    whole = rows_together(matrices)
    if whole is not None:
        return whole, []
    whole = np.empty((sum(map(len, matrices)), matrices[0].shape[1]), matrices[0].dtype)
    steps: list[Step | Instruction] = []
    start = 0
    for matrix in matrices:
        steps.append(partial(np.copyto, whole[start : start + len(matrix)], matrix))
        start += len(matrix)
    return whole, steps


def contribute(
    target: np.ndarray,
    adds: bool,
    vjp: Callable[..., Any],
    g: np.ndarray,
    out: np.ndarray,
    *operands: Any,
) -> None:
    """Write what a vjp sends, or add it, whatever its shape and dtype."""
    contribution = vjp(g, out, *operands)
    if contribution is None or type(contribution) is int:
        if not adds:
            target.fill(0)
        return
    if contribution.shape != target.shape:
        contribution = summed_to(contribution, target.shape)
    if adds:
        np.add(target, contribution, out=target, casting="same_kind")
    else:
        np.copyto(target, contribution)

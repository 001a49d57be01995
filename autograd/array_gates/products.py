"""Gates that multiply arrays and sum: matrix products and their kin."""

from __future__ import annotations

from typing import Any

import numpy as np

from .array_gate import ArrayGate

__all__ = ["dot", "matmul"]


def _matmul_vjp_left(g: Any, out: Any, a: Any, b: Any) -> Any:
    if b.ndim == 1:
        return g[..., None] * b
    if a.ndim == 1:
        return (b @ g[..., None])[..., 0]
    return g @ b.swapaxes(-1, -2)


def _matmul_vjp_right(g: Any, out: Any, a: Any, b: Any) -> Any:
    if a.ndim == 1:
        return g * a if b.ndim == 1 else a[:, None] * g[..., None, :]
    if b.ndim == 1:
        return (a.swapaxes(-1, -2) @ g[..., None])[..., 0]
    return a.swapaxes(-1, -2) @ g


matmul = ArrayGate("matmul", "@", np.matmul, (_matmul_vjp_left, _matmul_vjp_right), "a @ b")
dot = ArrayGate("dot", "·", np.matmul, matmul.vjps, "sum(a * b)")

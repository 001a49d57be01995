"""Gates that move elements to another shape or order and change none of them."""

from __future__ import annotations

from typing import Any

import numpy as np

from .array_gate import ArrayGate

__all__ = ["reshape", "transpose"]


def _transpose_vjp(g: Any, out: Any, x: Any, axes: tuple[int, ...] | None = None) -> Any:
    return g.transpose(None if axes is None else tuple(np.argsort([a % x.ndim for a in axes])))


reshape = ArrayGate(
    "reshape",
    "reshape",
    lambda x, shape: x.reshape(shape),
    (lambda g, out, x, shape: g.reshape(x.shape),),
    "reshape(x, shape)",
)
transpose = ArrayGate(
    "transpose",
    "T",
    lambda x, axes=None: x.transpose(axes),
    (_transpose_vjp,),
    "transpose(x, axes)",
)

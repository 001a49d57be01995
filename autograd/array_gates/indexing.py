"""Gates that pick elements, and those that put them back."""

from __future__ import annotations

from typing import Any

import numpy as np

from .array_gate import ArrayGate

__all__ = ["getitem"]


def _getitem_vjp(g: Any, out: Any, x: Any, index: Any) -> Any:
    gradient = np.zeros(x.shape, g.dtype)
    # Unbuffered, so that an element that was taken twice gets both contributions.
    np.add.at(gradient, index, g)
    return gradient


getitem = ArrayGate("getitem", "[ ]", lambda x, index: x[index], (_getitem_vjp,), "x[index]")

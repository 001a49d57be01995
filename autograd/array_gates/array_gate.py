"""ArrayGate: a gate on whole arrays, with a vector-Jacobian product for each operand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

__all__ = ["ArrayGate", "Axis", "Vjp", "plain"]

Axis = int | tuple[int, ...] | None
Vjp = Callable[..., Any]
"""``vjp(g, out, *operands, **arguments)``: what ``g``, the gradient of ``out``, sends back."""


@dataclass(frozen=True, eq=False)
class ArrayGate:
    """A gate on whole arrays, callable on arrays and Tensors.

    Args:
        name: the field's name of the gate.
        symbol: what stands in its circle in a drawing.
        forward: ``forward(*operands, **arguments)`` on arrays.
        vjps: for each operand its vector-Jacobian product, or None where an operand gets no
            gradient; for a gate of any number of operands a function that gives it by position.
        formula: the gate in a line of text.
        on_scalars: ``forward`` for arrays of Values, where that which NumPy does to an array of
            objects is not the same computation, or is none.
    """

    name: str
    symbol: str
    forward: Callable[..., Any]
    vjps: tuple[Vjp | None, ...] | Callable[[int], Vjp]
    formula: str
    on_scalars: Callable[..., Any] | None = None

    def __repr__(self) -> str:
        return f"<gate {self.name}: {self.formula}>"

    def __call__(self, *operands: Any, **arguments: Any) -> Any:
        """Apply the gate: a Tensor if an operand is one, else a plain array."""
        for operand in operands:
            apply = getattr(type(operand), "apply_array_gate", None)
            if apply is not None:
                return apply(self, *operands, **arguments)
        return self.forward(*map(np.asarray, operands), **arguments)

    def vjp(self, position: int) -> Vjp | None:
        """The vector-Jacobian product by one operand; None if that gets no gradient."""
        return self.vjps[position] if isinstance(self.vjps, tuple) else self.vjps(position)


def plain(operand: Any) -> Any:
    """The array of a Tensor, for what is decided and not derived; anything else as it is."""
    return np.asarray(operand) if hasattr(type(operand), "apply_array_gate") else operand

"""The check of ``detect_anomaly``: the first value or gradient that is not finite is an error."""

from __future__ import annotations

from typing import Any

import numpy as np

from .errors import AnomalyError
from .exact import shortened

__all__ = ["check_finite"]


def check_finite(node: Any, result: Any, position: int | None = None) -> None:
    """Raise if ``result`` holds an infinity or a nan.

    Args:
        node: the node whose value it is, or whose gradient was sent back.
        result: the value of the node, or what it sent back.
        position: the operand that it was sent to; None for the value of the node.

    Raises:
        AnomalyError: naming the gate, its operands and, where it is known, the line.
    """
    numbers = result.data if hasattr(type(result), "apply_gate") else result
    if np.all(np.isfinite(numbers)):
        return
    first = np.asarray(numbers)[~np.isfinite(numbers)][0]
    what = "value" if position is None else f"gradient by operand {position}"
    operands = ", ".join(shortened(operand) for operand in node.operands)
    line = "" if node.line is None else f", made at {node.line},"
    name = "a leaf" if node.gate is None else f"the gate {node.gate.name}"
    raise AnomalyError(f"the {what} of {name}{line} is {first}; its operands: {operands}")

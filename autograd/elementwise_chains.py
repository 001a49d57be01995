"""Elementwise gates as instructions for the compiled loops over arrays; none without them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from .gate import Gate

__all__ = ["ElementwiseRun", "Instruction", "forward_instructions", "vjp_instructions"]


class Instruction(NamedTuple):
    """placeholder"""

    code: int


class ElementwiseRun:
    """placeholder"""

    def __init__(self, instructions: Sequence[Instruction]) -> None:
        pass

    def __call__(self) -> None:
        pass


def forward_instructions(gate: Gate, out: np.ndarray, operands: Sequence[Any]) -> Any:
    return None


def vjp_instructions(
    gate: Gate, position: int, target: np.ndarray, g: np.ndarray, out: np.ndarray, operands: Sequence[Any], adds: bool
) -> Any:
    return None

"""Proof: derivatives held against the slope of the function itself, and the wrong gate named."""

from __future__ import annotations

from ..errors import GradientMismatch
from .check import GradientCheck, check_gradients
from .numerical import NumericalDerivative, numerical_derivative

__all__ = [
    "GradientCheck",
    "GradientMismatch",
    "NumericalDerivative",
    "check_gradients",
    "numerical_derivative",
]

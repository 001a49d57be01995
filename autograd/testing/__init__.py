"""Proof: derivatives held against the slope of the function itself, and the wrong gate named.

``strategies`` and ``gradcheck`` need the extra ``check``, and are imported when they are asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from ..errors import GradientMismatch
from .check import GradientCheck, check_gradients
from .networks import Network
from .numerical import NumericalDerivative, numerical_derivative
from .programs import ScalarProgram

if TYPE_CHECKING:
    from . import strategies
    from .property_test import gradcheck

__all__ = [
    "GradientCheck",
    "GradientMismatch",
    "Network",
    "NumericalDerivative",
    "ScalarProgram",
    "check_gradients",
    "gradcheck",
    "numerical_derivative",
    "strategies",
]


def __getattr__(name: str) -> Any:
    if name == "strategies":
        return import_module(".strategies", __name__)
    if name == "gradcheck":
        return import_module(".property_test", __name__).gradcheck
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

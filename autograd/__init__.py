"""gategrad's engine: scalars and arrays that remember their gates, and their derivatives."""

from __future__ import annotations

from . import errors
from .array_gates import ArrayGate, log_softmax, logsumexp, softmax
from .backward import is_node, no_grad, topological_order
from .gate import Gate
from .gates import *
from .tensor import Tensor
from .value import Value

__all__ = [
    "ArrayGate",
    "Gate",
    "Tensor",
    "Value",
    "engine",
    "errors",
    "is_node",
    "log_softmax",
    "logsumexp",
    "no_grad",
    "softmax",
    "topological_order",
]

engine = "python"
"""Which scalar engine runs: "native", compiled, or "python"."""

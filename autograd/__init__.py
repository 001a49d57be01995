"""gategrad's engine: scalars and arrays that remember their gates, and their derivatives."""

from __future__ import annotations

from . import errors
from .array_gates import ArrayGate, log_softmax, logsumexp, softmax
from .backward import is_node, topological_order
from .engine import engine
from .functional import gradients
from .gate import Gate
from .gates import *
from .modes import no_grad, record_lines
from .reductions import dot, mean, sum
from .tensor import Tensor
from .value import Value

__all__ = [
    "ArrayGate",
    "Gate",
    "Tensor",
    "Value",
    "dot",
    "engine",
    "errors",
    "gradients",
    "is_node",
    "log_softmax",
    "logsumexp",
    "mean",
    "no_grad",
    "record_lines",
    "softmax",
    "sum",
    "topological_order",
]

"""gategrad's engine: scalars and arrays that remember their gates, and their derivatives."""

from __future__ import annotations

from typing import TYPE_CHECKING

# First of all: it decides which form of the modules is imported.
from . import engine_choice as _engine_choice  # noqa: F401
from . import errors
from .array_gates import (
    ArrayGate,
    avg_pool1d,
    avg_pool2d,
    conv1d,
    conv2d,
    log_softmax,
    logsumexp,
    max_pool1d,
    max_pool2d,
    softmax,
    softmax_cross_entropy,
)
from .backward import is_node, topological_order
from .custom import custom_gate
from .engine_choice import engine
from .expression import Expression
from .functional import gradients
from .gate import Gate
from .gates import *
from .lookup import take
from .lowering import Lowered, lower
from .modes import detect_anomaly, enable_grad, no_grad, record_lines
from .programs import Program, Traced, load_program, trace, vmap
from .recomputation import checkpoint
from .reductions import dot, mean, sum
from .serialization import load, save
from .tensor import Tensor
from .tensor_programs import TensorProgram
from .transforms import (
    elementwise_grad,
    grad,
    hessian,
    hvp,
    jacfwd,
    jacobian,
    jacrev,
    jvp,
    value_and_grad,
    vjp,
)
from .value import Value

__all__ = [
    "ArrayGate",
    "Expression",
    "Gate",
    "Lowered",
    "Program",
    "Tensor",
    "TensorProgram",
    "Traced",
    "Value",
    "avg_pool1d",
    "avg_pool2d",
    "checkpoint",
    "conv1d",
    "conv2d",
    "custom_gate",
    "detect_anomaly",
    "dot",
    "elementwise_grad",
    "enable_grad",
    "engine",
    "errors",
    "grad",
    "gradients",
    "hessian",
    "hvp",
    "is_node",
    "jacfwd",
    "jacobian",
    "jacrev",
    "jvp",
    "load",
    "load_program",
    "log_softmax",
    "logsumexp",
    "lower",
    "max_pool1d",
    "max_pool2d",
    "mean",
    "no_grad",
    "record_lines",
    "save",
    "softmax",
    "softmax_cross_entropy",
    "sum",
    "take",
    "topological_order",
    "trace",
    "value_and_grad",
    "vjp",
    "vmap",
]

__version__: str


# A type checker that saw it would take any name for one of the module.
if not TYPE_CHECKING:

    def __getattr__(name: str) -> str:
        if name != "__version__":
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        # Looked up when asked for: to read what is installed would make every import longer.
        from importlib.metadata import PackageNotFoundError, version

        try:
            return version("gategrad")
        except PackageNotFoundError:  # the sources lie on the path, and nothing is installed
            return "0+unknown"

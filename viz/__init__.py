"""Pictures of computations: a graph of gates with its values and gradients, and loss curves."""

from __future__ import annotations

from .drawing import Drawing, draw
from .explanation import explain
from .influence import path
from .plots import loss_curve, save_figure, training_curves
from .stepping import steps

__all__ = [
    "Drawing",
    "draw",
    "explain",
    "loss_curve",
    "path",
    "save_figure",
    "steps",
    "training_curves",
]

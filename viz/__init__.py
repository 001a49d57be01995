"""Pictures of computations: graphs of gates with values and gradients, and plots of networks."""

from __future__ import annotations

from .drawing import Drawing, draw
from .explanation import explain
from .influence import path
from .plots import (
    activation_curves,
    activation_histograms,
    confusion_matrix,
    decision_boundary,
    descent_curve,
    descent_paths,
    feature_maps,
    gradient_histograms,
    kernel_images,
    loss_curve,
    save_figure,
    training_curves,
    weight_images,
)
from .stepping import steps

__all__ = [
    "Drawing",
    "activation_curves",
    "activation_histograms",
    "confusion_matrix",
    "decision_boundary",
    "descent_curve",
    "descent_paths",
    "draw",
    "explain",
    "feature_maps",
    "gradient_histograms",
    "kernel_images",
    "loss_curve",
    "path",
    "save_figure",
    "steps",
    "training_curves",
    "weight_images",
]

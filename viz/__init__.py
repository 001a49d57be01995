"""Pictures of computations: graphs, their steps, parts and paths; trainings; plots of networks."""

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
from .replay import TrainingRecorder, training
from .stepping import steps

__all__ = [
    "Drawing",
    "TrainingRecorder",
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
    "training",
    "training_curves",
    "weight_images",
]

"""Plots on matplotlib axes: of a training, of what a network has learned, and of how it did so."""

from __future__ import annotations

from .activations import activation_curves
from .boundaries import decision_boundary
from .confusion import confusion_matrix
from .curves import loss_curve, training_curves
from .descent import descent_paths
from .figures import save_figure
from .histograms import activation_histograms, gradient_histograms
from .images import kernel_images, weight_images
from .maps import feature_maps
from .rates import descent_curve

__all__ = [
    "activation_curves",
    "activation_histograms",
    "confusion_matrix",
    "decision_boundary",
    "descent_curve",
    "descent_paths",
    "feature_maps",
    "gradient_histograms",
    "kernel_images",
    "loss_curve",
    "save_figure",
    "training_curves",
    "weight_images",
]

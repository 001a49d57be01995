"""Losses: from outputs and targets to one number that training makes small.

Each is a function of a prediction and a target. `reduction` says what becomes of the losses of
elements or samples, and `weights` how much each counts; see `nn.losses.reduction.reduced`.
"""

from __future__ import annotations

from nn.losses.adversarial import discriminator_loss, generator_loss
from nn.losses.binary import binary_cross_entropy, binary_cross_entropy_with_logits, hinge
from nn.losses.classification import cross_entropy, kl_divergence, multiclass_hinge, nll
from nn.losses.detection import yolo
from nn.losses.penalties import l1_penalty, l2_penalty
from nn.losses.regression import huber, mae, mse, rmse, sum_squared_error

__all__ = [
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "cross_entropy",
    "discriminator_loss",
    "generator_loss",
    "hinge",
    "huber",
    "kl_divergence",
    "l1_penalty",
    "l2_penalty",
    "mae",
    "mse",
    "multiclass_hinge",
    "nll",
    "rmse",
    "sum_squared_error",
    "yolo",
]

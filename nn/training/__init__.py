"""Training: the loop, what happens in it, and what comes out."""

from __future__ import annotations

from nn.training.callbacks import Callback, EarlyStopping
from nn.training.evaluation import evaluate, predict
from nn.training.history import History
from nn.training.loop import Training, fit
from nn.training.tensorboard import TensorBoard

__all__ = [
    "Callback",
    "EarlyStopping",
    "History",
    "TensorBoard",
    "Training",
    "evaluate",
    "fit",
    "predict",
]

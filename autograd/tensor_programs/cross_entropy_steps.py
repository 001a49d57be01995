"""The cross-entropy of logits in a program: the exponentials are computed once for both ways.

The numbers are those of the gate ``softmax_cross_entropy``, in buffers that are kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .. import array_gates
from .recording import Operation

__all__ = ["CrossEntropySteps", "cross_entropy_steps"]


class CrossEntropySteps:
    """Both ways through the gate, for logits (samples, classes) and labels (samples,).

    Args:
        x: the buffer of the logits.
        labels: what does not change.
        out: the buffer of the losses, one for each sample.
    """

    def __init__(self, x: np.ndarray, labels: np.ndarray, out: np.ndarray) -> None:
        self._logits, self._out = x.T, out
        # By columns: NumPy reduces a short row as slowly as a longer one.
        self._exponentials = np.empty(self._logits.shape, x.dtype)
        self._gradient = np.empty_like(self._exponentials)
        self._total, self._picked = np.empty_like(out), np.empty_like(out)
        self._places = labels * len(labels) + np.arange(len(labels))

    def forward(self) -> None:
        """Compute the losses."""
        columns, total, picked, out = self._exponentials, self._total, self._picked, self._out
        np.copyto(columns, self._logits)
        np.maximum.reduce(columns, axis=0, out=total)
        np.subtract(columns, total, columns)
        # The places are in range; to check that again, NumPy would make a copy of what it picks.
        columns.reshape(-1).take(self._places, None, picked, "clip")
        np.exp(columns, columns)
        np.add.reduce(columns, axis=0, out=total)
        np.log(total, out)
        np.subtract(out, picked, out)

    def gradient(self, g: np.ndarray, target: np.ndarray, adds: bool) -> None:
        """Send back the gradient of the losses."""
        gradient, picked = self._gradient, self._picked
        np.divide(g, self._total, picked)
        np.multiply(self._exponentials, picked, gradient)
        flat = gradient.reshape(-1)
        flat.take(self._places, None, picked, "clip")
        np.subtract(picked, g, picked)
        flat[self._places] = picked
        if adds:
            np.add(target, gradient.T, target)
        else:
            np.copyto(target, gradient.T)


def cross_entropy_steps(
    operation: Operation, out: np.ndarray, operands: Sequence[Any]
) -> CrossEntropySteps | None:
    """The steps of a gate on a matrix of logits with its classes in rows; None for another."""
    if operation.gate is not array_gates.softmax_cross_entropy:
        return None
    (x,) = operands
    axis, labels = operation.arguments.get("axis", -1), operation.arguments["labels"]
    if x.ndim != 2 or axis not in (-1, 1) or not out.size or x.dtype != out.dtype:
        return None
    return CrossEntropySteps(x, np.asarray(labels, np.intp), out)

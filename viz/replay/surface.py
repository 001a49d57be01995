"""Where a net is asked what it makes of the plane, or of the line, that its data lies in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from nn import Module, predict

from .task import Task

__all__ = ["Surface", "surface_of"]

Array: TypeAlias = npt.NDArray[Any]

MARGIN = 0.12
"""How far beyond the data the surface goes, as a part of its range."""
SURFACE_NUMBERS = 180_000
"""How many numbers the surfaces of all frames may have together."""
SIDES = (12, 44)
CURVE_POINTS = 160
MOST_CLASSES = 10
"""More regions than this no colours tell apart."""


@dataclass(frozen=True)
class Surface:
    """The inputs (m, features) at which the net is asked, and what they span.

    Regions are asked at `side` * `side` inputs, row by row from the smallest numbers on; a curve
    is asked along one feature.
    """

    kind: Literal["regions", "curve"]
    features: tuple[int, ...]
    limits: tuple[tuple[float, float], ...]
    side: int
    inputs: Array

    def asked(self, model: Module, task: Task, logits: bool) -> Array:
        """What the net gives at the inputs: (m,) of outputs or probabilities, or (m, classes)."""
        kind: Any = "outputs" if task.kind == "regression" else "probabilities"
        given = predict(model, self.inputs, kind, logits=logits)
        flat = given if task.kind == "classes" else given.reshape(-1)
        return flat.astype(np.float32)


def surface_of(
    x: Array, task: Task, features: tuple[int, ...] | None, frames: int
) -> Surface | None:
    """The surface that shows a task; None where none does.

    Of one feature there is a curve, of two there are regions of classes. Of more features two have
    to be chosen, and the others stay at their mean.

    >>> x = np.array([[0.0, 0.0], [1.0, 2.0]])
    >>> surface = surface_of(x, Task("binary", np.array([0, 1]), ("a", "b")), None, frames=100)
    >>> surface.kind, surface.side, surface.inputs.shape
    ('regions', 42, (1764, 2))
    """
    chosen = features or tuple(range(x.shape[1]))
    limits = tuple(_limits(x[:, feature]) for feature in chosen)
    one = task.kind != "classes" and task.targets is not None
    if len(chosen) == 1 and one:
        inputs = np.linspace(*limits[0], CURVE_POINTS)[:, None]
        return Surface("curve", chosen, limits, CURVE_POINTS, _with_means(x, chosen, inputs))
    classes = len(task.class_names)
    if len(chosen) != 2 or not 2 <= classes <= MOST_CLASSES:
        return None
    side = int(np.clip(np.sqrt(SURFACE_NUMBERS / frames / (classes - 1)), *SIDES))
    across, up = (np.linspace(*limit, side) for limit in limits)
    inputs = np.stack([np.tile(across, side), np.repeat(up, side)], axis=1)
    return Surface("regions", chosen, limits, side, _with_means(x, chosen, inputs))


def _limits(feature: Array) -> tuple[float, float]:
    least, most = float(feature.min()), float(feature.max())
    margin = MARGIN * (most - least) or 1.0
    return least - margin, most + margin


def _with_means(x: Array, chosen: tuple[int, ...], inputs: Array) -> Array:
    rows = np.repeat(x.mean(axis=0, keepdims=True), len(inputs), axis=0)
    rows[:, list(chosen)] = inputs
    return rows

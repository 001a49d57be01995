"""Curves of a training, on matplotlib axes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from autograd.errors import OperandError, ShapeError
from nn.training.history import VALIDATION

from ..style import LIGHT
from .figures import new_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from nn import History

__all__ = ["loss_curve", "training_curves"]


def loss_curve(
    losses: Sequence[float],
    *,
    accuracy: Sequence[float] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Plot the loss of each epoch and, on a second axis, the accuracy.

    Args:
        losses: (n,), one loss per epoch.
        accuracy: (n,), in [0, 1].
        ax: where to plot; a new figure of its own if left out, which pyplot does not keep.

    Returns:
        The axes of the loss.

    Raises:
        ShapeError: if the two are not of one length.
        MissingExtraError: if matplotlib is not installed.

    >>> loss_curve([0.9, 0.4, 0.2]).get_xlabel()
    'epoch'
    """
    if accuracy is not None and len(accuracy) != len(losses):
        raise ShapeError(
            f"loss_curve: {len(losses)} losses and {len(accuracy)} accuracies; pass one of each "
            "per epoch"
        )
    axes = new_figure(3.6).add_subplot() if ax is None else ax
    epochs = np.arange(1, len(losses) + 1)
    axes.plot(epochs, losses, color=LIGHT.gradient, label="loss")
    axes.set_xlabel("epoch")
    axes.set_ylabel("loss", color=LIGHT.gradient)
    axes.spines["top"].set_visible(False)
    axes.locator_params(axis="x", integer=True)
    if accuracy is None:
        axes.spines["right"].set_visible(False)
        return axes
    other = axes.twinx()
    # Dashed as well, because in print the colours may be gone.
    other.plot(epochs, accuracy, color=LIGHT.value, linestyle="--", label="accuracy")
    other.set_ylabel("accuracy (dashed)", color=LIGHT.value)
    other.set_ylim(0.0, 1.02)
    other.spines["top"].set_visible(False)
    return axes


def training_curves(history: History) -> list[Axes]:
    """Plot what `nn.fit` measured: the loss, and below it each metric, epoch by epoch.

    What was measured on the validation data is dashed, in the same panel.

    Args:
        history: what `nn.fit` returns.

    Returns:
        The axes, those of the loss first, of a new figure which pyplot does not keep.

    Raises:
        OperandError: if the history has no epoch yet.
        MissingExtraError: if matplotlib is not installed.

    >>> from nn import History
    >>> axes = training_curves(History([{"loss": 0.9, "accuracy": 0.5, "lr": 0.1}]))
    >>> [panel.get_ylabel() for panel in axes]
    ['loss', 'accuracy']
    """
    if not len(history):
        raise OperandError("training_curves: the history has no epoch yet")
    measured, shown = history.names, history.measures
    figure = new_figure(0.6 + 2.4 * len(shown))
    panels = figure.subplots(len(shown), sharex=True, squeeze=False).ravel().tolist()
    epochs = np.arange(1, len(history) + 1)
    # A single epoch is a point, which a line does not show.
    marker = "o" if len(history) == 1 else None
    for panel, name in zip(panels, shown, strict=True):
        for label, part, color, style in (
            ("training", name, LIGHT.gradient, "-"),
            ("validation", VALIDATION + name, LIGHT.value, "--"),
        ):
            if part in measured:
                panel.plot(epochs, history[part], style, color=color, marker=marker, label=label)
        panel.set_ylabel(name.replace("_", " "))
        panel.spines[["top", "right"]].set_visible(False)
        if VALIDATION + name in measured:
            panel.legend(frameon=False)
    panels[-1].set_xlabel("epoch")
    panels[-1].locator_params(axis="x", integer=True)
    return panels

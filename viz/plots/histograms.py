"""Histograms by layer: of the gradients of parameters, and of what layers give."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import numpy.typing as npt

from autograd import no_grad
from autograd.errors import OperandError, StateError
from autograd.exact import shortened
from nn import Module
from nn.arguments import require_count
from nn.calls import recorded_calls
from nn.modes import modes_kept

from ..style import LIGHT
from .figures import SMALL, new_panels, note, open_frame, percent, without_nonfinite

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["activation_histograms", "gradient_histograms"]

Array: TypeAlias = npt.NDArray[Any]


def gradient_histograms(model: Module, *, bins: int = 30) -> list[Axes]:
    """Plot how the gradient of each parameter is distributed, as `backward` has left them.

    Above each panel stand the path of the parameter and the root of the mean of the squares, which
    tells of gradients that vanish or explode from layer to layer.

    Args:
        model: a module whose parameters have gradients; those that have none are named below the
            last panel.
        bins: into how many intervals the gradients are sorted.

    Returns:
        The axes, in the order of the parameters, of a new figure which pyplot does not keep.

    Raises:
        OperandError: model is no module.
        StateError: no parameter has a gradient.
        SettingError: bins is not a whole number of at least 1.
        MissingExtraError: if matplotlib is not installed.

    >>> import nn
    >>> net = nn.Linear(2, 3, rng=np.random.default_rng(0))
    >>> net(np.ones((5, 2))).sum().backward()
    >>> [axes.get_title().splitlines()[0] for axes in gradient_histograms(net)]
    ['weight', 'bias']
    """
    where = "gradient_histograms"
    _require_module(model, where)
    require_count(bins, f"{where}: bins")
    parameters = model.named_parameters()
    given = {path: parameter.grad for path, parameter in parameters if parameter.grad is not None}
    if not given:
        raise StateError(
            f"{where}: no parameter of {type(model).__name__} has a gradient; call "
            "loss.backward() first"
        )
    panels = _histograms(
        {path: np.asarray(grad) for path, grad in given.items()}, bins, LIGHT.gradient, "gradients"
    )
    without = [path for path, parameter in parameters if parameter.grad is None]
    if without:
        note(panels[-1], f"without a gradient:\n{_listed(without)}")
    return panels


def activation_histograms(model: Module, *inputs: Any, bins: int = 30) -> list[Axes]:
    """Plot how the outputs of each layer are distributed when a model is called with a batch.

    The model is in `eval` mode meanwhile. Layers that hold others are left to those. Above each
    panel stand the path of the layer, its kind, and the root of the mean of the squares, which
    tells of outputs that vanish or explode; and of a layer such as ReLU, how many outputs are 0.

    Args:
        model: a module.
        inputs: what to call it with, such as a batch (n, ...).
        bins: into how many intervals the outputs are sorted.

    Returns:
        The axes, in the order in which the layers are called, of a new figure which pyplot does
        not keep.

    Raises:
        OperandError: model is no module, or there is no input.
        SettingError: bins is not a whole number of at least 1.
        MissingExtraError: if matplotlib is not installed.

    >>> import nn
    >>> rng = np.random.default_rng(0)
    >>> net = nn.Sequential(nn.Linear(4, 16, rng=rng), nn.Tanh())
    >>> axes = activation_histograms(net, rng.normal(size=(50, 4)))
    >>> [panel.get_title().splitlines()[0] for panel in axes]
    ['0 Linear', '1 Tanh']
    """
    where = "activation_histograms"
    _require_module(model, where)
    require_count(bins, f"{where}: bins")
    if not inputs:
        raise OperandError(f"{where}: there is no input; pass a batch, such as x[:100]")
    with modes_kept(model), no_grad():
        model.eval()
        calls = recorded_calls(model, *inputs).calls
    outputs: dict[str, list[Array]] = {}
    for call in calls:
        # Whatever holds layers gives what the last of them gave.
        if len(call.module.named_modules()) == 1:
            title = f"{call.path} {type(call.module).__name__}".strip()
            outputs.setdefault(title, []).extend(_arrays(call.output))
    together = {title: np.concatenate(parts) for title, parts in outputs.items()}
    return _histograms(together, bins, LIGHT.value, "outputs")


def _require_module(model: object, where: str) -> None:
    if not isinstance(model, Module):
        raise OperandError(f"{where}: model is {shortened(model)}; pass a module")


def _arrays(output: Any) -> list[Array]:
    """The numbers of an output, which of a recurrent layer are those of several arrays."""
    if isinstance(output, list | tuple):
        return [array for part in output for array in _arrays(part)]
    return [np.asarray(output, np.float64).reshape(-1)]


def _histograms(arrays: dict[str, Array], bins: int, color: str, what: str) -> list[Axes]:
    panels = new_panels(len(arrays), 3, 2.1, 2.5)
    for axes, (title, array) in zip(panels, arrays.items(), strict=True):
        values = without_nonfinite(axes, array.reshape(-1).astype(np.float64), what)
        if len(values):
            # Of one value numpy would make a range of 1, in which it looks like a spread.
            low, high = values.min(), values.max()
            room = max(abs(low), 1e-12) if low == high else 0.0
            axes.hist(values, bins=bins, range=(low - room, high + room), color=color)
        axes.set_title(f"{title}\n{_told(values)}", fontsize=SMALL)
        axes.locator_params(axis="x", nbins=4)
        axes.locator_params(axis="y", nbins=4)
        open_frame(axes)
        axes.ticklabel_format(axis="x", scilimits=(-2, 3))
        axes.xaxis.get_offset_text().set_fontsize(SMALL)
    return panels


def _told(values: Array) -> str:
    if not len(values):
        return "nothing is finite"
    scale = float(np.abs(values).max())
    # Of the shares of the largest, as the square of a very large or small number is none.
    size = scale * float(np.sqrt(np.mean(np.square(values / scale)))) if scale else 0.0
    zeros = float(np.mean(values == 0))
    return f"rms {size:.2g}" + (f", {percent(zeros)} are 0" if zeros else "")


def _listed(paths: list[str]) -> str:
    return (
        ", ".join(paths) if len(paths) <= 3 else f"{', '.join(paths[:2])} and {len(paths) - 2} more"
    )

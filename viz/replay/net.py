"""What a net of Linear layers computes: its outputs, and the numbers between its layers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from autograd import no_grad
from autograd.errors import ShapeError
from nn import Linear, Module, Residual
from nn.modes import modes_kept
from nn.observation import observed

__all__ = ["Pass", "layer_names", "owner", "passed"]

Array: TypeAlias = npt.NDArray[Any]


@dataclass(frozen=True)
class Pass:
    """What a net has made of samples (n, features).

    `layers` are its Linear layers in the order in which they compute, and `columns` what stands
    before, between and behind them, each (n, width). Both are empty where the net is not a chain
    of such layers, which alone can be drawn in columns.
    """

    outputs: Array
    layers: tuple[Linear, ...]
    columns: tuple[Array, ...]


def passed(model: Module, x: Array) -> Pass:
    """Call a model in `eval` mode without a graph; afterwards its modes are what they were.

    Raises:
        ShapeError: the outputs are not (n,) or (n, k).

    >>> from nn import Sequential, Tanh
    >>> rng = np.random.default_rng(0)
    >>> found = passed(Sequential(Linear(2, 3, rng=rng), Tanh()), np.zeros((5, 2)))
    >>> [column.shape for column in found.columns]
    [(5, 2), (5, 3)]
    """
    layers: list[Linear] = []
    columns: list[Array] = []

    def look(module: Module, inputs: tuple[Any, ...], _: Any) -> None:
        if isinstance(module, Linear):
            layers.append(module)
            columns.append(np.array(inputs[0], np.float32))

    with modes_kept(model), no_grad(), observed(look), np.errstate(all="ignore"):
        model.eval()
        outputs = np.asarray(model(x))
    if outputs.ndim == 1 and len(outputs) == len(x):
        outputs = outputs[:, None]
    if outputs.ndim != 2 or len(outputs) != len(x):
        raise ShapeError(
            f"TrainingRecorder: outputs of shape {outputs.shape} for samples of shape {x.shape}; "
            "a net that gives (n,) or (n, k) can be recorded"
        )
    columns.append(outputs.astype(np.float32))
    if not _is_chain(model, layers, columns, x):
        return Pass(outputs, (), ())
    return Pass(outputs, tuple(layers), tuple(columns))


def layer_names(model: Module) -> list[str]:
    """The modules that own parameters, by path and kind.

    >>> from nn import Sequential, Tanh
    >>> layer_names(Sequential(Linear(2, 3, rng=np.random.default_rng(0)), Tanh()))
    ['0 Linear']
    """
    kinds = {path: type(module).__name__ for path, module in model.named_modules()}
    owners = dict.fromkeys(map(owner, (name for name, _ in model.named_parameters())))
    return [f"{path} {kinds.get(path, '')}".strip() for path in owners]


def owner(parameter: str) -> str:
    """The path of the module that owns the parameter of this path."""
    return parameter.rpartition(".")[0]


def _is_chain(model: Module, layers: list[Linear], columns: list[Array], x: Array) -> bool:
    """Whether each layer works on what the one before it has made, and nothing goes past one."""
    if any(isinstance(module, Residual) for _, module in model.named_modules()):
        return False
    made = [x.shape[1], *(layer.weight.shape[1] for layer in layers)]
    return bool(layers) and [column.shape for column in columns] == [(len(x), n) for n in made]

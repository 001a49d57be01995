"""Why a training can not go on: which number is no longer finite, and where it came from."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np
import numpy.typing as npt

from autograd import no_grad
from autograd.errors import DivergenceError
from nn.module import Module
from nn.observation import observed

if TYPE_CHECKING:
    from nn.training.loop import Training

__all__ = ["require_finite_loss", "require_finite_parameters"]

Array = npt.NDArray[Any]


def require_finite_loss(training: Training, x: Array) -> None:
    """Stop a training whose loss is nan or infinite.

    Raises:
        DivergenceError: it is; the message names the epoch, the batch and the first bad layer.
    """
    if not math.isfinite(training.batch_loss):
        bad = _bad_parameter(training.model)
        cause = _first_bad_layer(training.model, x) if bad is None else _diverged(training, bad)
        _stop(training, f"the loss is {training.batch_loss}", f"batch {training.batch}", cause)


def require_finite_parameters(training: Training) -> None:
    """Stop a training that has made a parameter nan or infinite, before it is saved.

    Raises:
        DivergenceError: it has; the message names the epoch and the parameter.
    """
    bad = _bad_parameter(training.model)
    if bad is not None:
        _stop(training, f"{bad} is not finite", "its last batch", _diverged(training, bad))


def _stop(training: Training, what: str, batch: str, cause: str) -> NoReturn:
    kept = ""
    if training.checkpoint is not None and training.checkpoint.exists():
        kept = f"; the last good state is in {training.checkpoint}"
    raise DivergenceError(f"fit: {what} in epoch {training.epoch + 1}, {batch}: {cause}{kept}")


def _diverged(training: Training, parameter: str) -> str:
    if not training.epoch and training.batch == 1 and not math.isfinite(training.batch_loss):
        return f"{parameter} was not finite before the first step"
    rates = " and ".join(f"{group['lr']:g}" for group in training.optimizer.groups)
    return (
        f"a step has made {parameter} infinite or nan; the learning rate {rates} may be too "
        "large: lower it, or clip the gradients"
    )


def _bad_parameter(model: Module) -> str | None:
    for path, parameter in model.named_parameters():
        if not np.isfinite(np.asarray(parameter)).all():
            return path
    return None


def _first_bad_layer(model: Module, x: Array) -> str:
    """Where a number that is not finite is born, by one more forward pass."""
    paths = {id(module): path for path, module in model.named_modules()}
    found: list[str] = []

    def look(module: Module, inputs: tuple[Any, ...], output: Any) -> None:
        values = np.asarray(output)
        if found or values.dtype.kind != "f" or np.isfinite(values).all():
            return
        kind, path = type(module).__name__, paths.get(id(module), "")
        layer = f"{path} ({kind})" if path else f"the model itself ({kind})"
        bad = values[~np.isfinite(values)]
        given = np.asarray(inputs[0])
        found.append(
            f"the first bad layer is {layer}, which gives {bad[0]} in {bad.size} of "
            f"{values.size} places for inputs from {given.min():g} to {given.max():g}"
        )

    with no_grad(), observed(look), np.errstate(all="ignore"):
        model(x)
    return found[0] if found else "the outputs of all layers are finite, it is the loss that is not"

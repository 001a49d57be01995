"""What a trained model does: its outputs, and how good they are."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

import autograd
from autograd import no_grad
from autograd.errors import OperandError, SettingError, ShapeError
from autograd.exact import shortened
from nn.arguments import require_count
from nn.data.samples import paired
from nn.modes import modes_kept
from nn.module import Module
from nn.training.gradients import Loss, loss_of

__all__ = ["Metric", "checked_data", "evaluate", "measured_by", "named_metrics", "predict"]

Array: TypeAlias = npt.NDArray[Any]
Metric: TypeAlias = Callable[[Array, Array], float]
"""From the outputs of a model and what they should be, each (n, ...), to a number."""


def evaluate(
    model: Module,
    data: tuple[Array, Array],
    loss: Loss | None = None,
    metrics: Mapping[str, Metric] | Iterable[Metric] = (),
    *,
    batch_size: int = 1000,
) -> dict[str, float]:
    """The mean loss and the metrics of a model on data that it does not learn from.

    The model is in `eval` mode meanwhile, and no graph is recorded.

    Args:
        model: what is evaluated.
        data: x (n, ...) and y (n, ...).
        loss: from `model(x)` and y to a Tensor (), the mean over the samples; or None.
        metrics: functions from the outputs (n, ...) and y to a number, or a dict of them by name.
        batch_size: how many samples are computed at once.

    Raises:
        ShapeError: x and y differ in n, or n is 0.
        SettingError: batch_size is below 1.

    >>> import nn
    >>> net = nn.Sequential()
    >>> evaluate(net, (np.eye(2), np.array([0, 1])), metrics=[nn.accuracy])
    {'accuracy': 1.0}
    """
    x, y = checked_data(data, "evaluate")
    total, outputs = 0.0, list[Array]()
    with _untrained(model):
        for rows in _slices(len(x), batch_size, "evaluate"):
            output = model(x[rows])
            outputs.append(np.asarray(output))
            if loss is not None:
                total += loss_of(loss, output, y[rows]).item() * len(x[rows])
    result = {} if loss is None else {"loss": total / len(x)}
    return result | measured_by(named_metrics(metrics), outputs, [y])


def predict(
    model: Module,
    x: Array,
    kind: Literal["outputs", "probabilities", "classes"] = "outputs",
    *,
    logits: bool = True,
    batch_size: int = 1000,
) -> Array:
    """What a model makes of samples: its outputs, or the probabilities or classes behind them.

    x (n, ...) -> outputs (n, ...). Outputs (n, k) are those of k classes: probabilities (n, k),
    classes (n,) of int. Outputs (n,) or (n, 1) are those of a class that is or is not:
    probabilities of the same shape, classes (n,) of 0 and 1, where 1 needs more than one half.

    Args:
        model: what predicts; in `eval` mode meanwhile, and no graph is recorded.
        x: the samples.
        kind: what is asked for.
        logits: whether the model gives logits; False where it ends in Softmax or Sigmoid.
        batch_size: how many samples are computed at once.

    Raises:
        ShapeError: there is no sample, or the outputs are not those of classes.
        SettingError: kind is unknown, or batch_size is below 1.

    >>> import nn
    >>> scores = np.array([[0.0, 2.0], [1.0, 1.0]])
    >>> predict(nn.Sequential(), scores, "classes")
    array([1, 0])
    >>> predict(nn.Sequential(), scores, "probabilities")[1]
    array([0.5, 0.5])
    """
    if kind not in ("outputs", "probabilities", "classes"):
        raise SettingError(
            f'predict: kind is {kind!r}; it is "outputs", "probabilities" or "classes"'
        )
    if not np.ndim(x) or not len(x):
        raise ShapeError(f"predict: x of shape {np.shape(x)} has no sample")
    with _untrained(model):
        rows = _slices(len(x), batch_size, "predict")
        outputs = np.concatenate([np.asarray(model(x[part])) for part in rows])
    if kind == "outputs":
        return outputs
    if outputs.ndim > 2:
        raise ShapeError(
            f'predict: outputs of shape {outputs.shape} are not those of classes; ask for "outputs"'
        )
    alone = outputs.ndim == 1 or outputs.shape[1] == 1
    if kind == "probabilities":
        if not logits:
            return outputs
        return np.asarray(autograd.sigmoid(outputs) if alone else autograd.softmax(outputs))
    if alone:
        return np.asarray(outputs.reshape(-1) > (0 if logits else 0.5), np.intp)
    return np.asarray(outputs.argmax(axis=1))


def named_metrics(metrics: Mapping[str, Metric] | Iterable[Metric]) -> dict[str, Metric]:
    """The metrics by name, which is that of the function where none is given.

    Raises:
        OperandError: one is no function.
        SettingError: two have the same name.
    """
    if isinstance(metrics, Mapping):
        named = dict(metrics)
    else:
        listed = list(metrics)
        named = {getattr(metric, "__name__", repr(metric)): metric for metric in listed}
        if len(named) < len(listed):
            raise SettingError(
                "two metrics have the same name; pass a dict that gives each its own"
            )
    for name, metric in named.items():
        if not callable(metric):
            raise OperandError(f"metric {name} is {shortened(metric)}; pass a function")
    return named


def measured_by(
    metrics: Mapping[str, Metric], outputs: Sequence[Array], targets: Sequence[Array]
) -> dict[str, float]:
    """The metrics of all samples together, which came in parts."""
    if not metrics:
        return {}
    both = np.concatenate(outputs), np.concatenate(targets)
    return {name: float(metric(*both)) for name, metric in metrics.items()}


def checked_data(data: tuple[Array, Array], where: str) -> tuple[Array, Array]:
    """The pair x (n, ...) and y (n, ...) as arrays."""
    if not isinstance(data, tuple | list) or len(data) != 2:
        raise OperandError(f"{where}: the data is a {type(data).__name__}; pass a pair (x, y)")
    x, y = paired(*data, where)
    return np.asarray(x), np.asarray(y)


@contextmanager
def _untrained(model: Module) -> Iterator[None]:
    """The model in `eval` mode, without a graph; afterwards each module has its mode back."""
    with modes_kept(model), no_grad():
        model.eval()
        yield


def _slices(samples: int, batch_size: int, where: str) -> list[slice]:
    require_count(batch_size, f"{where}: batch_size")
    return [slice(at, at + batch_size) for at in range(0, samples, batch_size)]

"""Gradients by the workers of a Dask cluster, if there are any: each takes a share of the batch."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from autograd import no_grad
from autograd.errors import MissingExtraError, OperandError, SettingError
from autograd.exact import shortened
from nn.module import Module
from nn.training.gradients import Gradients, Loss, gradients_here, loss_of

__all__ = ["batch_gradients", "sharded_gradients"]

Array: TypeAlias = npt.NDArray[Any]
Share: TypeAlias = tuple[float, Array, list[Array | None]]

# Sums in another order differ in their last digits; a loss that is no mean differs by far more.
_TOLERANCE = 1e-4


def batch_gradients(model: Module, loss: Loss, workers: Any) -> AbstractContextManager[Gradients]:
    """The gradients of whole batches in this process, or of shares of them by workers."""
    if workers is not None:
        return sharded_gradients(model, loss, workers)
    return nullcontext(gradients_here(model, loss))


@contextmanager
def sharded_gradients(model: Module, loss: Loss, client: Any) -> Iterator[Gradients]:
    """Batches are cut into shares, one for each worker, and the gradients of the shares are summed.

    The loss of a batch must be the mean over its samples: then the sum, weighted by the sizes of
    the shares, is the gradient of the whole batch. A share whose worker is lost is computed by
    another; nothing but time is lost with it.

    Args:
        model: its layers must treat each sample by itself and draw no random numbers.
        loss: the mean over the samples.
        client: a `distributed.Client`.

    Raises:
        MissingExtraError: `distributed` is not installed.
        OperandError: client is no `distributed.Client`.
        SettingError: a layer mixes samples or draws random numbers, there is no worker, or, at the
            first batch, the loss is no mean.
    """
    _require_client(client)
    _require_separable(model)
    shares = len(client.scheduler_info(n_workers=-1)["workers"])
    if not shares:
        raise SettingError("fit: the cluster of workers has none; add some with cluster.scale(2)")
    is_checked = False

    def gradients(x: Array, y: Array) -> tuple[float, Array]:
        nonlocal is_checked
        parts = [part for part in np.array_split(np.arange(len(x)), shares) if len(part)]
        futures = [
            client.submit(_share, model, loss, x[part], y[part], pure=False) for part in parts
        ]
        results: Sequence[Share] = client.gather(futures)
        weights = [len(part) / len(x) for part in parts]
        total = sum(weight * value for weight, (value, _, _) in zip(weights, results, strict=True))
        if not is_checked:
            _require_mean(model, loss, x, y, total)
            is_checked = True
        _add_gradients(model, weights, results)
        return total, np.concatenate([outputs for _, outputs, _ in results])

    yield gradients


def _share(model: Module, loss: Loss, x: Array, y: Array) -> Share:
    """What a worker computes: the loss, the outputs and the gradients of its samples."""
    # Workers that are threads are given the model itself, with its gradients.
    own = copy.deepcopy(model)
    own.zero_grad()
    value, outputs = gradients_here(own, loss)(x, y)
    return value, outputs, [parameter.grad for parameter in own.parameters()]


def _add_gradients(model: Module, weights: Sequence[float], results: Sequence[Share]) -> None:
    for position, parameter in enumerate(model.parameters()):
        for weight, (_, _, grads) in zip(weights, results, strict=True):
            grad = grads[position]
            if grad is not None:
                part = weight * grad
                parameter.grad = part if parameter.grad is None else parameter.grad + part


def _require_client(client: Any) -> None:
    try:
        from distributed import Client
    except ImportError:
        raise MissingExtraError(
            package="distributed", extra="distributed", purpose="fit with workers"
        ) from None
    if not isinstance(client, Client):
        raise OperandError(f"fit: workers is {shortened(client)}; pass a distributed.Client")


def _require_separable(model: Module) -> None:
    for path, module in model.named_modules():
        where = f"fit with workers: layer {path or 'model'} ({type(module).__name__})"
        mend = "train without workers, or without it"
        if module.buffers:
            raise SettingError(f"{where} takes statistics of whole batches; {mend}")
        if any(isinstance(part, np.random.Generator) for part in vars(module).values()):
            raise SettingError(f"{where} draws random numbers, in each worker its own; {mend}")


def _require_mean(model: Module, loss: Loss, x: Array, y: Array, total: float) -> None:
    with no_grad():
        whole = loss_of(loss, model(x), y).item()
    if abs(total - whole) > _TOLERANCE * abs(whole):
        raise SettingError(
            f"fit with workers: the loss of a batch is {whole:g}, the mean of those of its shares "
            f"is {total:g}; pass a loss that is the mean over the samples"
        )

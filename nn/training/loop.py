"""fit: the training loop."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from autograd.errors import OperandError
from autograd.exact import shortened
from nn.arguments import require_count, require_generator
from nn.data import batches
from nn.data.samples import require_finite
from nn.modes import modes_kept
from nn.module import Module
from nn.training.callbacks import Callback
from nn.training.checkpoint import file_of, restore_checkpoint, write_checkpoint
from nn.training.diagnosis import (
    require_finite_loss,
    require_finite_parameters,
)
from nn.training.evaluation import Metric, checked_data, evaluate, measured_by, named_metrics
from nn.training.gradients import Gradients, Loss
from nn.training.history import VALIDATION, History
from nn.training.progress import Progress
from nn.training.sharding import batch_gradients

__all__ = ["Training", "fit"]

Array: TypeAlias = npt.NDArray[Any]


class Training:
    """A training that is going on: what callbacks see, and what a checkpoint carries."""

    def __init__(
        self,
        model: Module,
        optimizer: Any,
        *,
        scheduler: Any,
        rng: np.random.Generator,
        callbacks: Sequence[Callback],
        epochs: int,
        batch_size: int,
        samples: int,
        checkpoint: str | os.PathLike[str] | None,
    ) -> None:
        self.model = model
        self.optimizer = optimizer
        self.scheduler = scheduler
        self.rng = rng
        """Draws the order of the samples."""
        self.callbacks = list(callbacks)
        self.epochs = epochs
        """How many epochs there are to be."""
        self.batch_size = batch_size
        self.samples = samples
        """How many samples an epoch has."""
        self.checkpoint = None if checkpoint is None else file_of(checkpoint)
        self.history = History()
        self.batch = 0
        """The batch at hand, counted from 1 in each epoch."""
        self.batch_loss = 0.0

    @property
    def epoch(self) -> int:
        """How many epochs are done."""
        return len(self.history)

    @property
    def is_over(self) -> bool:
        """Whether no further epoch is to come."""
        return self.epoch >= self.epochs or self.history.stopped is not None

    def stop(self, reason: str) -> None:
        """Make the epoch at hand the last; the reason goes into the history."""
        self.history.stopped = reason


def fit(
    model: Module,
    data: tuple[Array, Array],
    loss: Loss,
    optimizer: Any,
    *,
    epochs: int,
    batch_size: int = 32,
    rng: np.random.Generator,
    validation: tuple[Array, Array] | None = None,
    metrics: Mapping[str, Metric] | Iterable[Metric] = (),
    scheduler: Any = None,
    callbacks: Sequence[Callback] = (),
    checkpoint: str | os.PathLike[str] | None = None,
    resume: bool = False,
    progress: bool = True,
    workers: Any = None,
) -> History:
    """Train a model on mini-batches, and return the record of what was measured.

    Each epoch visits every sample once, in an order that `rng` draws; each batch makes one step of
    the optimizer along the gradient of its loss. Then the scheduler steps, the validation data is
    evaluated, and the callbacks are called in their order. With the same seeds the same numbers
    come out, also where a training was killed and goes on from its checkpoint.

    Args:
        model: what is trained; it is in training mode in the batches, in `eval` mode in the
            validation, and has its mode back at the end.
        data: x (n, ...) and y (n, ...), which the loss understands.
        loss: from `model(x)` and y to a Tensor (), the mean over the samples, such as
            `cross_entropy`.
        optimizer: made with the parameters of the model.
        epochs: how many in all, including those of the checkpoint that is resumed.
        batch_size: how many samples a step takes; the last batch of an epoch may have fewer.
        rng: draws the order of the samples.
        validation: x and y that are evaluated after each epoch.
        metrics: functions from the outputs (n, ...) and y (n, ...) of all samples of an epoch to a
            number, such as `accuracy`; a dict gives them other names than their own.
        scheduler: a `Scheduler` or `ReduceOnPlateau` of the optimizer, which steps after each
            epoch; the latter watches the loss of the validation if there is any.
        callbacks: such as `EarlyStopping` and `TensorBoard`.
        checkpoint: the file that the state of the training is saved to after each epoch; a name
            without a suffix gets ``.npz``.
        resume: go on from the checkpoint if there is one, rather than write over it.
        progress: whether to show a progress bar with the epoch, the loss, the metrics and the
            samples a second.
        workers: a `distributed.Client`, whose workers compute the gradients of shares of each
            batch; needs the extra ``distributed``.

    Raises:
        DivergenceError: the loss or a parameter is no longer finite; the message names the epoch,
            the batch and the first bad layer. The last checkpoint stays.
        ShapeError: x and y differ in n, or n is 0.
        OperandError: the data has a nan or an infinity, or an argument is of the wrong kind.
        SettingError: a number is out of its range.
        StateError: the checkpoint is of another model, optimizer or data set.

    >>> import nn
    >>> x = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    >>> y = np.array([0, 1, 1, 0])
    >>> rng = np.random.default_rng(0)
    >>> net = nn.Sequential(nn.Linear(2, 8, rng=rng), nn.Tanh(), nn.Linear(8, 2, rng=rng))
    >>> adam = nn.Adam(net.parameters(), lr=0.05)
    >>> history = fit(
    ...     net, (x, y), nn.cross_entropy, adam,
    ...     epochs=100, batch_size=4, rng=rng, metrics=[nn.accuracy], progress=False,
    ... )
    >>> history["accuracy"][-1], history["loss"][-1] < 0.01
    (1.0, True)
    """
    x, y = checked_data(data, "fit")
    _check_arguments(model, epochs, batch_size, rng)
    for name, array in (("x", x), ("y", y)):
        if array.dtype.kind == "f":
            require_finite(array, f"fit: {name}")
    training = Training(
        model,
        optimizer,
        scheduler=scheduler,
        rng=rng,
        callbacks=callbacks,
        epochs=epochs,
        batch_size=batch_size,
        samples=len(x),
        checkpoint=checkpoint,
    )
    if resume:
        restore_checkpoint(training)
    measures = named_metrics(metrics)
    with ExitStack() as stack:
        stack.enter_context(modes_kept(model))
        gradients = stack.enter_context(batch_gradients(model, loss, workers))
        for callback in training.callbacks:
            stack.callback(callback.on_end, training)
        bar = stack.enter_context(Progress(training, shown=progress))
        for callback in training.callbacks:
            callback.on_start(training)
        while not training.is_over:
            started = time.perf_counter()
            record = _train_epoch(training, (x, y), gradients, measures, bar)
            if validation is not None:
                measured = evaluate(model, validation, loss, measures)
                record |= {VALIDATION + name: value for name, value in measured.items()}
            _end_epoch(training, record, time.perf_counter() - started)
    return training.history


def _train_epoch(
    training: Training,
    data: tuple[Array, Array],
    gradients: Gradients,
    measures: Mapping[str, Metric],
    bar: Progress,
) -> dict[str, float]:
    """Step along every batch; the mean loss, the metrics and the learning rate."""
    training.model.train()
    total, outputs, targets = 0.0, list[Array](), list[Array]()
    lr = training.optimizer.groups[0]["lr"]
    visited = batches(*data, training.batch_size, training.rng)
    for training.batch, (x, y) in enumerate(visited, start=1):
        training.optimizer.zero_grad()
        training.batch_loss, output = gradients(x, y)
        require_finite_loss(training, x)
        training.optimizer.step()
        total += training.batch_loss * len(x)
        if measures:
            outputs.append(output)
            targets.append(y)
        for callback in training.callbacks:
            callback.on_batch(training)
        bar.advance(len(x))
    require_finite_parameters(training)
    measured = measured_by(measures, outputs, targets)
    return {"loss": total / training.samples, **measured, "lr": lr}


def _end_epoch(training: Training, record: dict[str, float], seconds: float) -> None:
    """Let all that follows the training see the record of an epoch, and save the state."""
    training.history.epochs.append(
        {**record, "seconds": seconds, "samples_per_second": training.samples / seconds}
    )
    if training.scheduler is not None:
        training.scheduler.step(record.get(VALIDATION + "loss", record["loss"]))
    for callback in training.callbacks:
        callback.on_epoch(training)
    if training.checkpoint is not None:
        write_checkpoint(training)


def _check_arguments(model: object, epochs: int, batch_size: int, rng: object) -> None:
    require_generator(rng, "fit")
    if not isinstance(model, Module):
        raise OperandError(f"fit: the model is {shortened(model)}, not a nn.Module")
    require_count(epochs, "fit: epochs")
    require_count(batch_size, "fit: batch_size")

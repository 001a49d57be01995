"""What may be done during a training, between its batches and epochs."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from autograd.errors import SettingError

if TYPE_CHECKING:
    from nn.training.loop import Training

__all__ = ["Callback", "EarlyStopping"]


class Callback:
    """The base of what `fit` calls; a subclass defines the moments that it needs.

    A callback that remembers something from epoch to epoch gives it as its state, so that a
    checkpoint carries it.

    >>> class Printer(Callback):
    ...     def on_epoch(self, training):
    ...         print(training.epoch, training.history.last["loss"])
    """

    def on_start(self, training: Training) -> None:
        """Before the first epoch, or the first after a checkpoint."""

    def on_batch(self, training: Training) -> None:
        """After the step of a batch; `training.batch` and `training.batch_loss` tell which."""

    def on_epoch(self, training: Training) -> None:
        """After an epoch, whose record is `training.history.last`."""

    def on_end(self, training: Training) -> None:
        """After the last epoch, also where an error ends the training."""

    def state_dict(self) -> dict[str, Any]:
        """What a checkpoint is to carry: numbers, texts and arrays by name."""
        return {}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from such a state."""


class EarlyStopping(Callback):
    """Ends a training that has not become better for `patience` epochs.

    Args:
        watch: the name in the history; a loss is better smaller, anything else larger.
        patience: how many epochs without a better one are borne, at least 1.
        least_gain: by how much more than this an epoch must be better to count as better.
        restore_best: whether the model gets back the parameters of its best epoch at the end.

    Raises:
        SettingError: patience is below 1, or least_gain negative or not finite.

    >>> EarlyStopping("validation_loss", patience=5).watch
    'validation_loss'
    """

    def __init__(
        self,
        watch: str = "validation_loss",
        *,
        patience: int = 10,
        least_gain: float = 0.0,
        restore_best: bool = True,
    ) -> None:
        if patience < 1:
            raise SettingError(f"EarlyStopping: patience is {patience!r}; pass at least 1")
        if not (least_gain >= 0 and math.isfinite(least_gain)):
            raise SettingError(
                f"EarlyStopping: least_gain is {least_gain!r}; pass a finite number from 0 on"
            )
        self.watch = watch
        self.patience = patience
        self.least_gain = least_gain
        self.restore_best = restore_best
        self.best: float | None = None
        """The best number so far; None before the first epoch."""
        self.waited = 0
        """How many epochs have passed since the best."""
        self.best_parameters: dict[str, Any] = {}

    def on_epoch(self, training: Training) -> None:
        """Compare the epoch with the best, and stop where patience is at its end."""
        sign = 1 if self.watch.endswith("loss") else -1
        value = training.history[self.watch][-1]
        if self.best is None or sign * (self.best - value) > self.least_gain:
            self.best, self.waited = value, 0
            if self.restore_best:
                self.best_parameters = training.model.state_dict()
            return
        self.waited += 1
        if self.waited >= self.patience:
            training.stop(
                f"{self.watch} was not better than {self.best:g} for {self.waited} epochs"
            )

    def on_end(self, training: Training) -> None:
        """Give the model the parameters of its best epoch."""
        if self.best_parameters:
            training.model.load_state_dict(self.best_parameters)

    def state_dict(self) -> dict[str, Any]:
        """The best so far, and how long ago it was."""
        return {"best": self.best, "waited": self.waited, "best_parameters": self.best_parameters}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from such a state."""
        self.best, self.waited = state["best"], state["waited"]
        self.best_parameters = dict(state["best_parameters"])

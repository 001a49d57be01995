"""The progress bar of a training."""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING, Self

from tqdm import tqdm

if TYPE_CHECKING:
    from nn.training.loop import Training

__all__ = ["Progress"]

_NOT_MEASURED = {"lr", "seconds", "samples_per_second"}


class Progress:
    """A bar over all samples of all epochs, with the epoch, the loss and the latest metrics."""

    def __init__(self, training: Training, *, shown: bool) -> None:
        self._training = training
        self._bar = tqdm(
            total=training.epochs * training.samples,
            initial=training.epoch * training.samples,
            unit=" samples",
            unit_scale=True,
            disable=not shown,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._describe()
        self._bar.close()

    def advance(self, samples: int) -> None:
        """Count the samples of a batch."""
        if self._bar.disable:
            return
        # What is measured changes with the epoch; the bar draws itself at its own pace.
        if self._training.batch == 1:
            self._describe()
        self._bar.update(samples)

    def _describe(self) -> None:
        training = self._training
        current = min(training.epoch + 1, training.epochs)
        self._bar.set_description(f"epoch {current}/{training.epochs}", refresh=False)
        if len(training.history):
            measured = {
                name: f"{value:.4g}"
                for name, value in training.history.last.items()
                if name not in _NOT_MEASURED
            }
            self._bar.set_postfix(measured, refresh=False)

"""The record of a training: what was measured in each epoch."""

from __future__ import annotations

from dataclasses import dataclass, field

from autograd.errors import OperandError

__all__ = ["VALIDATION", "History"]

VALIDATION = "validation_"
"""How the name of a measure begins that was taken on the validation data."""
COURSE = ("lr", "seconds", "samples_per_second")
"""What is recorded of the training itself, besides the measures of the model."""


@dataclass
class History:
    """What `fit` measured: one record of numbers by name for each epoch.

    A record has the mean `loss` over the samples, each metric by its name, `validation_loss` and
    `validation_...` of each metric where there is validation data, the learning rate `lr`,
    `seconds`, and `samples_per_second`. The numbers of the training data are those of the batches
    as they came, while the parameters changed; those of the validation data are taken at the end
    of the epoch.

    >>> history = History([{"loss": 0.9, "lr": 0.1}, {"loss": 0.4, "lr": 0.1}])
    >>> history["loss"]
    [0.9, 0.4]
    >>> history.names, len(history), history.last["loss"]
    (['loss', 'lr'], 2, 0.4)
    """

    epochs: list[dict[str, float]] = field(default_factory=list)
    stopped: str | None = None
    """Why the training ended before its last epoch; None if it did not."""

    def __getitem__(self, name: str) -> list[float]:
        """One number for each epoch.

        Raises:
            OperandError: nothing was recorded under this name; the message lists what was.
        """
        if name not in self.names:
            raise OperandError(
                f"the history has no {name!r}; it has {', '.join(self.names) or 'no epoch yet'}"
            )
        return [record[name] for record in self.epochs]

    def __len__(self) -> int:
        return len(self.epochs)

    @property
    def names(self) -> list[str]:
        """What was measured, in the order of the record."""
        return list(self.epochs[0]) if self.epochs else []

    @property
    def measures(self) -> list[str]:
        """The loss and the metrics, each by the name that it has for the training data.

        >>> History([{"loss": 0.9, "validation_loss": 1.2, "lr": 0.1}]).measures
        ['loss']
        """
        names = (name for name in self.names if name not in COURSE)
        return list(dict.fromkeys(name.removeprefix(VALIDATION) for name in names))

    @property
    def last(self) -> dict[str, float]:
        """The record of the last epoch.

        Raises:
            OperandError: there is none yet.
        """
        if not self.epochs:
            raise OperandError("the history has no epoch yet")
        return self.epochs[-1]

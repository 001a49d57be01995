"""Schedules: learning rates that change in the course of a training.

A schedule is a function from the number of steps made, from 0 on, to what the learning rate is
multiplied by; a `Scheduler` applies it. `nn.fit` lets it step after each epoch.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from autograd.errors import OperandError, SettingError, StateError
from autograd.update_rules import require_positive, require_share
from nn.arguments import require_count
from nn.optim import Optimizer

__all__ = [
    "ReduceOnPlateau",
    "Schedule",
    "Scheduler",
    "cosine",
    "inverse_time",
    "step_decay",
    "warm_up",
]

Schedule: TypeAlias = Callable[[int], float]
"""From the number of steps made to the factor of the learning rate."""


def step_decay(every: int, factor: float = 0.1) -> Schedule:
    """A schedule that multiplies the learning rate by `factor` after every so many steps.

    Raises:
        SettingError: every is not a whole number of at least 1, or factor not finite and above 0.

    >>> [round(step_decay(2, 0.5)(step), 3) for step in range(5)]
    [1.0, 1.0, 0.5, 0.5, 0.25]
    """
    require_count(every, "step_decay: every")
    require_positive("step_decay", "factor", factor)
    return lambda step: float(factor) ** (step // every)


def cosine(steps: int, least: float = 0.0) -> Schedule:
    """A schedule that falls from 1 to `least` within so many steps, along half a cosine.

    Raises:
        SettingError: steps is not a whole number of at least 1, or least not in [0, 1).

    Source: Loshchilov & Hutter, ICLR 2017, arXiv:1608.03983, without restarts.

    >>> [round(cosine(4)(step), 3) for step in range(6)]
    [1.0, 0.854, 0.5, 0.146, 0.0, 0.0]
    """
    require_count(steps, "cosine: steps")
    require_share("cosine", "least", least)

    def schedule(step: int) -> float:
        return least + (1 - least) * (1 + math.cos(math.pi * min(step, steps) / steps)) / 2

    return schedule


def inverse_time(rate: float) -> Schedule:
    """A schedule that divides by 1 + rate * step: the `decay` of Keras.

    Raises:
        SettingError: rate is not finite and above 0.

    >>> [inverse_time(1.0)(step) for step in range(3)]
    [1.0, 0.5, 0.3333333333333333]
    """
    require_positive("inverse_time", "rate", rate)
    return lambda step: 1 / (1 + rate * step)


def warm_up(steps: int, then: Schedule | None = None, *, start: float = 0.1) -> Schedule:
    """A schedule that rises evenly from `start` to 1 within so many steps, and follows another.

    The one that follows counts its steps from there; without, the learning rate stays.

    Raises:
        SettingError: steps is not a whole number of at least 1, or start not in [0, 1).

    Source: Goyal et al., arXiv:1706.02677, section 2.2.

    >>> [round(warm_up(2, step_decay(1, 0.5), start=0.2)(step), 3) for step in range(5)]
    [0.2, 0.6, 1.0, 0.5, 0.25]
    """
    require_count(steps, "warm_up: steps")
    require_share("warm_up", "start", start)

    def schedule(step: int) -> float:
        if step < steps:
            return start + (1 - start) * step / steps
        return 1.0 if then is None else then(step - steps)

    return schedule


class Scheduler:
    """Sets the learning rates of an optimizer: those it had, times what a schedule says.

    The first is set when it is made, the next at each `step`.

    Args:
        optimizer: whose groups get their learning rates.
        schedule: such as `cosine(100)`, or any function from the number of steps to a factor.

    Raises:
        OperandError: optimizer is no Optimizer, or schedule no function.
        SettingError: the schedule gives a factor that is negative or not finite.

    >>> from autograd import Tensor
    >>> from nn import SGD
    >>> descent = SGD([Tensor(1.0)], lr=0.8)
    >>> scheduler = Scheduler(descent, step_decay(1, 0.5))
    >>> scheduler.step()
    >>> descent.lr
    0.4
    """

    def __init__(self, optimizer: Optimizer, schedule: Schedule) -> None:
        _require_optimizer(optimizer, "Scheduler")
        if not callable(schedule):
            raise OperandError(
                f"Scheduler: schedule is {schedule!r}; pass a function from the number of steps "
                "to a factor, such as cosine(100)"
            )
        self.optimizer = optimizer
        self.schedule = schedule
        self.steps = 0
        """How many steps have been made."""
        self.base: list[float] = [group["lr"] for group in optimizer.groups]
        """The learning rates that are multiplied, of each group."""
        self._apply()

    def step(self, loss: float | None = None) -> None:
        """Go on by one step. The loss is of no account; `ReduceOnPlateau` watches it."""
        self.steps += 1
        self._apply()

    def state_dict(self) -> dict[str, Any]:
        """How far it has come, and the learning rates that it multiplies."""
        return {"steps": self.steps, "base": list(self.base)}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from such a state.

        Raises:
            StateError: it is not that of a Scheduler of as many groups.
        """
        _require_state(self, state)
        try:
            steps, base = int(state["steps"]), [float(lr) for lr in state["base"]]
        except (TypeError, ValueError) as error:
            raise StateError(f"Scheduler: the state holds what is no number: {error}") from error
        if len(base) != len(self.base):
            raise StateError(
                f"Scheduler: the state is of {len(base)} groups, and the optimizer has "
                f"{len(self.base)}"
            )
        self.steps, self.base = steps, base
        self._apply()

    def _apply(self) -> None:
        factor = float(self.schedule(self.steps))
        if not (factor >= 0 and math.isfinite(factor)):
            raise SettingError(
                f"Scheduler: the schedule gives the factor {factor!r} at step {self.steps}; it "
                "must be finite and not below 0"
            )
        for group, lr in zip(self.optimizer.groups, self.base, strict=True):
            group["lr"] = lr * factor


class ReduceOnPlateau:
    """Multiplies the learning rates by a factor where the loss has not become smaller for a while.

    Args:
        optimizer: whose groups get their learning rates.
        factor: from above 0 to less than 1.
        patience: how many steps in a row without a smaller loss are borne.
        least_gain: by which share of the best loss one must be smaller to count as smaller.
        least_lr: below which no learning rate is set.

    Raises:
        OperandError: optimizer is no Optimizer.
        SettingError: a setting is out of its range.

    >>> from autograd import Tensor
    >>> from nn import SGD
    >>> descent = SGD([Tensor(1.0)], lr=0.8)
    >>> scheduler = ReduceOnPlateau(descent, factor=0.5, patience=1)
    >>> for loss in (3.0, 2.0, 2.0, 2.5):
    ...     scheduler.step(loss)
    >>> descent.lr
    0.4
    """

    def __init__(
        self,
        optimizer: Optimizer,
        factor: float = 0.1,
        patience: int = 10,
        *,
        least_gain: float = 1e-4,
        least_lr: float = 0.0,
    ) -> None:
        _require_optimizer(optimizer, "ReduceOnPlateau")
        require_share("ReduceOnPlateau", "factor", factor)
        require_positive("ReduceOnPlateau", "factor", factor)
        require_share("ReduceOnPlateau", "least_gain", least_gain)
        if patience < 0 or not (least_lr >= 0 and math.isfinite(least_lr)):
            raise SettingError(
                f"ReduceOnPlateau: patience is {patience!r} and least_lr {least_lr!r}; neither "
                "may be below 0"
            )
        self.optimizer = optimizer
        self.factor = factor
        self.patience = patience
        self.least_gain = least_gain
        self.least_lr = least_lr
        self.best = math.inf
        """The smallest loss so far."""
        self.waited = 0
        """How many steps have passed since it, or since the last reduction."""

    def step(self, loss: float | None = None) -> None:
        """Compare a loss with the best, and reduce where patience is at its end.

        Raises:
            OperandError: there is no loss.
        """
        if loss is None:
            raise OperandError("ReduceOnPlateau.step: pass the loss, which is what it watches")
        if loss < self.best - self.least_gain * abs(self.best) or self.best == math.inf:
            self.best, self.waited = float(loss), 0
            return
        self.waited += 1
        if self.waited > self.patience:
            self.waited = 0
            for group in self.optimizer.groups:
                # A rate that is smaller from the start is not made larger.
                floor = min(self.least_lr, group["lr"])
                group["lr"] = max(group["lr"] * self.factor, floor)

    def state_dict(self) -> dict[str, Any]:
        """The best loss, and how long ago it was."""
        return {"best": self.best, "waited": self.waited}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from such a state.

        Raises:
            StateError: it is not that of a ReduceOnPlateau.
        """
        _require_state(self, state)
        try:
            self.best, self.waited = float(state["best"]), int(state["waited"])
        except (TypeError, ValueError) as error:
            raise StateError(
                f"ReduceOnPlateau: the state holds what is no number: {error}"
            ) from error


def _require_optimizer(optimizer: object, where: str) -> None:
    if not isinstance(optimizer, Optimizer):
        raise OperandError(f"{where}: optimizer is {optimizer!r}, not a nn.Optimizer")


def _require_state(scheduler: Scheduler | ReduceOnPlateau, state: Mapping[str, Any]) -> None:
    expected = scheduler.state_dict()
    if state.keys() != expected.keys():
        raise StateError(
            f"{type(scheduler).__name__}: the state holds {', '.join(map(repr, state))}; it keeps "
            f"{', '.join(map(repr, expected))}"
        )

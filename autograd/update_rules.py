"""How gradients change parameters: each rule is a row of formulas, for C and for NumPy alike."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from .blocks import BlockProgram
from .errors import SettingError
from .exact import shortened
from .formula import parse
from .value import Value

__all__ = [
    "ADAGRAD",
    "ADAM",
    "DECOUPLED_DECAY",
    "L2_DECAY",
    "MOMENTUM",
    "NESTEROV",
    "RMSPROP",
    "RULES",
    "SGD",
    "Decay",
    "Optimizer",
    "UpdateRule",
    "adagrad",
    "adam",
    "momentum",
    "rmsprop",
    "sgd",
]

Array = npt.NDArray[Any]


@dataclass(frozen=True, eq=False)
class UpdateRule:
    """What one step does to a parameter.

    The formulas give the new ``parameter`` and the new states, by ``new_`` and their names, in
    terms of the ``parameter``, its ``gradient``, the states and the settings.
    """

    name: str
    states: tuple[str, ...]
    """What is kept for each parameter from step to step; it begins with 0."""
    settings: tuple[str, ...]
    formulas: Mapping[str, str]

    @property
    def results(self) -> tuple[str, ...]:
        """What the formulas are to give: the new parameter, then the new states."""
        return ("new_parameter", *(f"new_{state}" for state in self.states))

    @cached_property
    def _program(self) -> BlockProgram:
        trees = {name: parse(text) for name, text in self.formulas.items()}
        arrays = ("parameter", "gradient", *self.states)
        return BlockProgram(self.settings, arrays, self.results, trees)

    def step(
        self, parameter: Array, gradient: Array, states: Iterable[Array], settings: Sequence[float]
    ) -> list[Array]:
        """The new parameter and the new states, arrays of the shape and dtype of the parameter."""
        new = [np.empty(parameter.shape, parameter.dtype) for _ in self.results]
        self._program.run(settings, (parameter, gradient, *states), new)
        return new

    def advance(
        self,
        parameter: Array,
        gradient: Array,
        states: Sequence[Array],
        settings: Sequence[float],
    ) -> Array:
        """The new parameter, an array of its own; the new states are written over the states.

        The states are contiguous, of the shape and dtype of the parameter.
        """
        new = np.empty(parameter.shape, parameter.dtype)
        self._program.run(settings, (parameter, gradient, *states), (new, *states))
        return new

    @cache  # noqa: B019 - rules are the rows of this file, which live as long as it does
    def after(self, decay: Decay) -> UpdateRule:
        """This rule, preceded by a decay of the parameter, whose setting comes last."""
        return UpdateRule(
            self.name,
            self.states,
            (*self.settings, "weight_decay"),
            {decay.changes: decay.formula, **self.formulas},
        )


@dataclass(frozen=True)
class Decay:
    """What ``weight_decay`` changes before the step of a rule, and how."""

    changes: str
    formula: str


# Robbins and Monro 1951; the heavy ball of Polyak 1964, and the accelerated gradient of Nesterov
# 1983, with the velocity of Sutskever et al. 2013 divided by -lr, so that it is the gradients'
# alone; Duchi, Hazan and Singer 2011; Tieleman and Hinton 2012; Kingma and Ba 2015, algorithm 1.
SGD = UpdateRule("sgd", (), ("lr",), {"new_parameter": "parameter - lr * gradient"})
MOMENTUM = UpdateRule(
    "momentum",
    ("velocity",),
    ("lr", "momentum"),
    {
        "new_velocity": "momentum * velocity + gradient",
        "new_parameter": "parameter - lr * new_velocity",
    },
)
NESTEROV = UpdateRule(
    "nesterov",
    ("velocity",),
    ("lr", "momentum"),
    {
        "new_velocity": "momentum * velocity + gradient",
        "new_parameter": "parameter - lr * (gradient + momentum * new_velocity)",
    },
)
ADAGRAD = UpdateRule(
    "adagrad",
    ("square",),
    ("lr", "eps"),
    {
        "new_square": "square + gradient * gradient",
        "new_parameter": "parameter - lr * gradient / (sqrt(new_square) + eps)",
    },
)
RMSPROP = UpdateRule(
    "rmsprop",
    ("square",),
    ("lr", "rho", "eps"),
    {
        "new_square": "rho * square + (1 - rho) * gradient * gradient",
        "new_parameter": "parameter - lr * gradient / (sqrt(new_square) + eps)",
    },
)
ADAM = UpdateRule(
    "adam",
    ("mean", "square"),
    ("lr", "beta1", "beta2", "eps", "correction1", "correction2"),
    {
        "new_mean": "beta1 * mean + (1 - beta1) * gradient",
        "new_square": "beta2 * square + (1 - beta2) * gradient * gradient",
        "new_parameter": "parameter - lr * (new_mean / correction1) "
        "/ (sqrt(new_square / correction2) + eps)",
    },
)
RULES = (SGD, MOMENTUM, NESTEROV, ADAGRAD, RMSPROP, ADAM)

# The gradient of weight_decay / 2 * parameter ** 2 is added to that of the loss. Loshchilov and
# Hutter 2019 let the parameter itself shrink, whatever the rule makes of gradients.
L2_DECAY = Decay("gradient", "gradient + weight_decay * parameter")
DECOUPLED_DECAY = Decay("parameter", "(1 - lr * weight_decay) * parameter")

LearningRate = float | Callable[[int], float]


class Optimizer:
    """An update rule with its settings, and what it keeps for each parameter from step to step.

    Made by ``sgd``, ``momentum``, ``adagrad``, ``rmsprop`` and ``adam``. It can go on where it
    stopped: with the parameters that it has met, and with further ones, whose states begin with 0.
    """

    def __init__(
        self, rule: UpdateRule, lr: LearningRate, settings: Callable[[int], Sequence[float]]
    ) -> None:
        self.rule = rule
        self.lr = lr
        self.made = np.zeros(1, np.int64)
        """Counts the steps, also where compiled code makes them."""
        self.states = np.zeros((len(rule.states), 0))
        """A row for each state, with a column for each parameter."""
        self._settings = settings
        self._columns: dict[Value, int] = {}

    def __repr__(self) -> str:
        return f"<optimizer {self.rule.name}: {self.steps} steps>"

    @property
    def steps(self) -> int:
        """How many steps it has made."""
        return int(self.made[0])

    def settings_at(self, step: int) -> list[float]:
        """The settings of a step, counted from 0.

        Raises:
            SettingError: if the learning rate of the step is negative or not finite.
        """
        lr = self.lr(step) if callable(self.lr) else self.lr
        if not (lr >= 0 and math.isfinite(lr)):
            raise SettingError(
                f"{self.rule.name}: lr is {lr!r} at step {step}; it must be finite and not negative"
            )
        return [float(lr), *self._settings(step)]

    def columns_of(self, parameters: Sequence[Value]) -> npt.NDArray[np.intp]:
        """The columns of the states that belong to these parameters; new ones get theirs."""
        columns = [self._columns.setdefault(p, len(self._columns)) for p in parameters]
        missing = len(self._columns) - self.states.shape[1]
        self.states = np.pad(self.states, ((0, 0), (0, missing)))
        return np.array(columns, np.intp)


def sgd(lr: LearningRate) -> Optimizer:
    """Gradient descent: the parameter less lr times its gradient.

    Args:
        lr: the learning rate, or a function from the number of the step, from 0 on, to it.

    Raises:
        SettingError: if lr is not finite and above 0.
    """
    return _checked(Optimizer(SGD, lr, lambda step: []))


def momentum(lr: LearningRate, momentum: float = 0.9, *, nesterov: bool = False) -> Optimizer:
    """Gradient descent by a velocity, which is the momentum times what it was, and the gradient.

    Args:
        lr: as for ``sgd``.
        momentum: from 0 to less than 1.
        nesterov: whether to step by the gradient and the velocity of the step to come, rather than
            by the velocity alone.

    Raises:
        SettingError: if lr is not finite and above 0, or the momentum outside of its range.
    """
    require_share("momentum", "momentum", momentum)
    return _checked(Optimizer(NESTEROV if nesterov else MOMENTUM, lr, lambda step: [momentum]))


def adagrad(lr: LearningRate = 0.01, eps: float = 1e-10) -> Optimizer:
    """Adagrad: gradients over the root of the sum of all their squares so far.

    Args:
        lr: as for ``sgd``.
        eps: what is added to the root; above 0.

    Raises:
        SettingError: if lr or eps is not finite and above 0.
    """
    require_positive("adagrad", "eps", eps)
    return _checked(Optimizer(ADAGRAD, lr, lambda step: [eps]))


def rmsprop(lr: LearningRate = 0.001, rho: float = 0.9, eps: float = 1e-7) -> Optimizer:
    """RMSprop: gradients over the root of the running mean of their squares.

    Args:
        lr: as for ``sgd``.
        rho: how much of the running mean is kept at a step; from 0 to less than 1.
        eps: what is added to the root; above 0.

    Raises:
        SettingError: if lr or eps is not finite and above 0, or rho outside of its range.
    """
    require_share("rmsprop", "rho", rho)
    require_positive("rmsprop", "eps", eps)
    return _checked(Optimizer(RMSPROP, lr, lambda step: [rho, eps]))


def adam(
    lr: LearningRate = 0.001, betas: tuple[float, float] = (0.9, 0.999), eps: float = 1e-8
) -> Optimizer:
    """Adam: the running mean of the gradients over the root of that of their squares.

    Args:
        lr: as for ``sgd``.
        betas: how much of the two running means is kept at a step; from 0 to less than 1.
        eps: what is added to the root; above 0.

    Raises:
        SettingError: if lr or eps is not finite and above 0, or a beta outside of its range.
    """
    require_share("adam", "betas[0]", betas[0])
    require_share("adam", "betas[1]", betas[1])
    require_positive("adam", "eps", eps)
    return _checked(Optimizer(ADAM, lr, lambda step: adam_settings(step, betas, eps)))


def adam_settings(step: int, betas: tuple[float, float], eps: float) -> list[float]:
    """The settings of ``ADAM`` but for lr, at a step that is counted from 0."""
    first, second = betas
    # Both means begin with 0, of which they keep this much.
    return [first, second, eps, 1 - first ** (step + 1), 1 - second ** (step + 1)]


def _checked(optimizer: Optimizer) -> Optimizer:
    if not isinstance(optimizer.lr, (int, float)) and not callable(optimizer.lr):
        raise SettingError(
            f"{optimizer.rule.name}: lr is {shortened(optimizer.lr)}; it must be a number, or a "
            "function from the number of the step to one"
        )
    if not callable(optimizer.lr):
        require_positive(optimizer.rule.name, "lr", optimizer.lr)
    return optimizer


def require_positive(rule: str, name: str, number: float) -> None:
    """Refuse a setting that is not finite and above 0.

    Raises:
        SettingError: naming the rule and the setting.
    """
    if not (number > 0 and math.isfinite(number)):
        raise SettingError(f"{rule}: {name} is {number!r}; it must be finite and above 0")


def require_share(rule: str, name: str, share: float) -> None:
    """Refuse a setting that is not from 0 to less than 1.

    Raises:
        SettingError: naming the rule and the setting.
    """
    if not 0 <= share < 1:
        raise SettingError(f"{rule}: {name} is {share!r}; it must be from 0 to less than 1")

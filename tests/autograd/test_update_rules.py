"""The update rules: their formulas, their settings, and what they keep."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import Value, trace
from autograd.errors import SettingError
from autograd.update_rules import Optimizer, adam, momentum, sgd

numbers = st.floats(-5, 5)
OPTIMIZERS: dict[str, Callable[[], Optimizer]] = {
    "sgd": lambda: sgd(lr=0.1),
    "momentum": lambda: momentum(lr=0.05, momentum=0.8),
    "adam": lambda: adam(lr=0.2, betas=(0.8, 0.95), eps=1e-6),
}


def stepped(name: str, start: float, gradients: list[float]) -> float:
    """The parameter after steps by these gradients, as the papers write the rules."""
    x, v, m = start, 0.0, 0.0
    for t, g in enumerate(gradients, 1):
        if name == "sgd":
            x -= 0.1 * g
        elif name == "momentum":
            v = 0.8 * v + g
            x -= 0.05 * v
        else:
            m = 0.8 * m + 0.2 * g
            v = 0.95 * v + 0.05 * g * g
            x -= 0.2 * (m / (1 - 0.8**t)) / (math.sqrt(v / (1 - 0.95**t)) + 1e-6)
    return x


@pytest.mark.parametrize("name", OPTIMIZERS)
@given(start=numbers, gradients=st.lists(numbers, min_size=1, max_size=6))
def test_steps_are_those_of_the_rule(name: str, start: float, gradients: list[float]) -> None:
    parameter = Value(start)
    program = trace(lambda slope: slope * parameter).program(0.0)
    optimizer = OPTIMIZERS[name]()
    program.minimize(optimizer, len(gradients), (gradients,), batch_size=1)
    assert parameter.data == pytest.approx(stepped(name, start, gradients), rel=1e-12, abs=1e-12)
    assert optimizer.steps == len(gradients)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_training_in_two_parts_is_the_same_as_at_once(name: str) -> None:
    slopes = np.linspace(-1.0, 2.0, 10)
    ends = []
    for parts in ([10], [3, 7]):
        parameters = [Value(1.0), Value(-2.0)]

        def f(slope: Any, parameters: list[Value] = parameters) -> Any:
            return slope * parameters[0] ** 2 + parameters[1] ** 2

        program, optimizer = trace(f).program(0.0), OPTIMIZERS[name]()
        done = 0
        for steps in parts:
            data = np.roll(slopes, -done)
            program.minimize(optimizer, steps, (data,), batch_size=1)
            done += steps
        ends.append([parameter.data for parameter in parameters])
    assert ends[0] == ends[1]


def test_learning_rate_may_depend_on_the_step() -> None:
    x = Value(0.0)
    trace(lambda: -x).program().minimize(sgd(lr=lambda step: 1.0 / (step + 1)), 3)
    assert x.data == pytest.approx(1 + 1 / 2 + 1 / 3)


@pytest.mark.parametrize(
    ("make", "problem"),
    [
        (lambda: sgd(lr=0.0), "sgd: lr is 0.0; it must be finite and above 0"),
        (lambda: sgd(lr=math.nan), "lr is nan"),
        (lambda: sgd(lr="1"), "lr is '1'; it must be a number, or a function"),  # type: ignore[arg-type]
        (lambda: momentum(lr=0.1, momentum=1.0), "momentum: momentum is 1.0"),
        (lambda: adam(betas=(0.9, -0.1)), r"adam: betas\[1\] is -0.1"),
        (lambda: adam(eps=0.0), "adam: eps is 0.0"),
    ],
)
def test_setting_outside_of_its_range_is_refused(
    make: Callable[[], Optimizer], problem: str
) -> None:
    with pytest.raises(SettingError, match=problem):
        make()


def test_learning_rate_may_come_down_to_zero() -> None:
    x = Value(0.0)
    trace(lambda: -x).program().minimize(sgd(lr=lambda step: 1.0 - step), 2)
    assert x.data == 1.0


def test_learning_rate_that_becomes_negative_is_refused_at_its_step() -> None:
    x = Value(1.0)
    program = trace(lambda: x * x).program()
    with pytest.raises(SettingError, match=r"lr is -0\.5 at step 2"):
        program.minimize(sgd(lr=lambda step: 1.5 - step), 5)

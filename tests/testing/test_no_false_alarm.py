"""Right rules are never called wrong: random programs and array expressions over the gates."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from random_expressions import Step, expressions, run

from autograd import Tensor, Value
from autograd.testing import check_gradients
from autograd.testing.networks import Network
from autograd.testing.programs import ScalarProgram
from autograd.testing.strategies import networks, scalar_programs

# 50,000 programs and 10,000 array expressions in a thorough run.
MANY = settings(
    max_examples=25 * settings.default.max_examples // (1 + 4 * settings.default.derandomize),
    suppress_health_check=[HealthCheck.too_slow],
)
SOME = settings(MANY, max_examples=MANY.max_examples // 5)


@MANY
@given(
    program=scalar_programs(),
    order=st.sampled_from([1, 1, 2]),
    kind=st.sampled_from([Value, Tensor]),
)
def test_random_programs(program: ScalarProgram, order: int, kind: Any) -> None:
    inputs = [kind(number) for number in program.inputs]
    check_gradients(lambda *leaves: program(*leaves), *inputs, order=order)


@SOME
@given(expression=expressions(), order=st.sampled_from([1, 1, 2]))
def test_random_array_expressions(
    expression: tuple[list[np.ndarray], list[Step]], order: int
) -> None:
    arrays, steps = expression
    check_gradients(lambda *inputs: run(inputs, steps, "ours"), *arrays, order=order)


@given(network=networks(), dtype=st.sampled_from([np.float32, np.float64]))
def test_random_networks(network: Network, dtype: Any) -> None:
    parameters = [(w.astype(dtype), b.astype(dtype)) for w, b in network.parameters]
    check_gradients(network.loss, parameters)


# Programs that may go anywhere: to kinks, poles, infinities, and numbers with all digits lost.
# Where steps stand closer than any that is tried, no differences can tell, and so the programs are
# the same each time.
@settings(suppress_health_check=[HealthCheck.too_slow], derandomize=True)
@given(
    program=scalar_programs(max_gates=25, numbers=st.floats(-3, 3), well_defined=False),
    kind=st.sampled_from([Value, Tensor]),
)
def test_ill_defined_programs(program: ScalarProgram, kind: Any) -> None:
    inputs = [kind(number) for number in program.inputs]
    check_gradients(lambda *leaves: program(*leaves), *inputs)


@pytest.mark.parametrize("seed", range(3))
def test_what_is_drawn_does_not_decide(seed: int) -> None:
    rng = np.random.default_rng(seed)
    result = check_gradients(
        lambda w, x: np.tanh(x @ w).sum(), np.eye(3, 4), np.ones((2, 3)), rng=rng
    )
    assert not result.not_smooth
    assert not result.unresolved

"""Programs of functions on Tensors: what a replay computes is what the function itself does."""

import threading
import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from random_expressions import expressions, run

import autograd
import nn
from autograd import Tensor, detect_anomaly, no_grad
from autograd.array_gates import ArrayGate
from autograd.errors import OperandError, ShapeError, TraceError, TraceWarning
from autograd.tensor_program import record_tensors

# They read the numbers of a Tensor, which a traced function must not.
READING = {"masked", "concatenate"}
# A value and a gradient are sums in another order than in an eager run.
ROUNDINGS = {np.float64: 1e-9, np.float32: 2e-3}
DTYPES = st.sampled_from([np.float64, np.float32])


def assert_close(actual, expected, dtype):
    scale = max(1.0, float(np.max(np.abs(expected), initial=0.0)))
    np.testing.assert_allclose(
        np.asarray(actual) / scale, np.asarray(expected) / scale, 0, ROUNDINGS[dtype]
    )


def traceable(steps):
    return [step for step in steps if step.name not in READING]


def eager_gradients(function, leaves):
    for leaf in leaves:
        leaf.zero_grad()
    result = function()
    result.backward()
    return result.item(), [
        np.zeros(leaf.shape) if leaf.grad is None else leaf.grad for leaf in leaves
    ]


@given(expressions(), DTYPES, st.integers(0, 2**32 - 1))
def test_values_and_gradients_of_expressions_are_those_of_an_eager_run(expression, dtype, seed):
    inputs, steps = expression
    if any(step.name in READING for step in steps):
        return
    arrays = [array.astype(dtype) for array in inputs]
    parameter = Tensor(arrays[0])

    def function(arguments):
        return [run([parameter, *arguments], steps, "ours")]

    program = record_tensors(function, arrays[1:])
    assert program.fallback is None
    rng = np.random.default_rng(seed)
    for _ in range(2):
        # Other numbers than those it was recorded with.
        parameter.replace_data(rng.uniform(-1.5, 1.5, parameter.shape).astype(dtype))
        arguments = [Tensor(rng.uniform(-1.5, 1.5, a.shape).astype(dtype)) for a in arrays[1:]]
        leaves = [parameter, *arguments]
        value, gradients = eager_gradients(lambda: function(arguments)[0], leaves)
        again, replayed = eager_gradients(lambda: program(arguments)[0], leaves)
        assert_close(again, value, dtype)
        for actual, expected in zip(replayed, gradients, strict=True):
            assert_close(actual, expected, dtype)
        number, by_parameter = program.value_and_grad(arguments)
        assert_close(number, value, dtype)
        for leaf, gradient in zip(program.parameters, by_parameter, strict=True):
            assert_close(gradient, gradients[0], dtype)
            assert leaf is parameter
            assert gradient.dtype == dtype

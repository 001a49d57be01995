"""The compiled loops over arrays: the formulas of the table, wherever the numbers lie."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

import autograd
from autograd import gates
from autograd.gate import TABLE, Gate
from autograd.lane_codes import forward_code, lane_trees, vjp_code
from autograd.lane_source import lane_source
from autograd.tensor_programs.elementwise_chains import added, forward_steps, grouped, vjp_steps

native = pytest.mark.skipif(autograd.engine != "native", reason="there are no compiled loops")
DTYPES = [np.float64, np.float32]
# In units in the last place of the largest number that an expression meets.
ROUNDINGS = 40


def laid_out(rng: np.random.Generator, shape: tuple[int, ...], dtype: Any, how: str) -> np.ndarray:
    """Random numbers, and where they lie in memory."""
    numbers = rng.uniform(-2.0, 2.0, size=shape).astype(dtype)
    if how == "transposed":
        return np.ascontiguousarray(numbers.T).T
    if how == "columns":
        whole = np.zeros((*shape[:-1], shape[-1] + 3), dtype)
        whole[..., 2 : 2 + shape[-1]] = numbers
        return whole[..., 2 : 2 + shape[-1]]
    if how == "every second":
        whole = np.zeros((*shape[:-1], shape[-1] * 2), dtype)
        whole[..., ::2] = numbers
        return whole[..., ::2]
    return numbers


LAYOUTS = ["together", "transposed", "columns", "every second"]
SHAPES = [(), (1,), (7,), (3, 5), (4, 1), (2, 3, 5), (2, 1, 600), (0, 3)]


def assert_same(actual: np.ndarray, expected: Any, dtype: Any) -> None:
    expected = np.asarray(expected)
    scale = max(1.0, float(np.max(np.abs(expected), initial=0.0)))
    np.testing.assert_allclose(
        actual / scale, expected / scale, rtol=0, atol=ROUNDINGS * np.finfo(dtype).eps
    )


@native
@pytest.mark.parametrize("gate", TABLE, ids=lambda gate: gate.name)
def test_loops_compute_the_formulas_of_the_table(gate: Gate) -> None:
    rng = np.random.default_rng(gate.code)
    for shape, layout, dtype in itertools.product(SHAPES, LAYOUTS, DTYPES):
        how = layout if shape else "together"
        operands: list[Any] = [laid_out(rng, shape, dtype, how) for _ in range(gate.arity)]
        if gate.arity > 1 and shape:
            # The last one is spread over the others, or is a number.
            operands[-1] = operands[-1][..., :1] if layout == "columns" else operands[-1]
            operands[-1] = 0.5 if layout == "transposed" else operands[-1]
        with np.errstate(all="ignore"):
            out = np.array(np.broadcast_to(gate.numpy_forward(*operands), shape))
            result = np.empty(shape, dtype)
            steps = forward_steps(gate, result, operands)
            assert (steps is not None) == (forward_code(gate) in lane_trees())
            if steps is not None:
                assert_same(run(steps, result), out, dtype)
            for position in range(gate.arity):
                g = laid_out(rng, shape, dtype, how)
                for lies in ["together", *(["columns"] if shape else [])]:
                    target = laid_out(rng, shape, dtype, lies)
                    assert_vjp(gate, position, target, g, out, operands)


def run(steps: list[Any], result: np.ndarray) -> np.ndarray:
    """The array that steps write to, after them."""
    for step in grouped(steps):
        step()
    return result


def assert_vjp(
    gate: Gate,
    position: int,
    target: np.ndarray,
    g: np.ndarray,
    out: np.ndarray,
    operands: list[Any],
) -> None:
    vjp = gate.vjps[position]
    for adds in (False, True):
        before = target.copy() if adds else np.zeros_like(target)
        steps = vjp_steps(gate, position, target, g, out, operands, adds)
        if steps is None:
            # No loop, or a target that cannot be written row by row.
            assert vjp_code(gate, position) not in lane_trees() or not target.flags.c_contiguous
            return
        assert vjp is not None
        assert_same(run(steps, target), before + vjp(g, out, *operands), target.dtype)


@native
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("gate", [gates.exp, gates.tanh], ids=lambda gate: gate.name)
def test_exp_and_tanh_are_right_to_two_units_in_the_last_place(gate: Gate, dtype: Any) -> None:
    largest = 89.0 if dtype is np.float32 else 710.0
    steps = np.linspace(-1.0, 1.0, 20_001)
    x = np.concatenate([steps * scale for scale in (largest, 20.0, 1.0, 1e-3, 1e-30)]).astype(dtype)
    out = np.empty_like(x)
    for step in grouped(forward_steps(gate, out, [x]) or []):
        step()
    with np.errstate(all="ignore"):
        exact = gate.numpy_forward(x.astype(np.longdouble))
        unit = np.spacing(np.abs(exact.astype(dtype))).astype(np.longdouble)
        rounded = exact.astype(dtype)
    finite = np.isfinite(rounded)
    assert np.max(np.abs(out - exact)[finite] / unit[finite]) <= 2.0
    np.testing.assert_array_equal(out[~finite], rounded[~finite])


@native
@pytest.mark.parametrize("dtype", DTYPES)
def test_infinities_nans_and_zeros_come_out_as_in_numpy(dtype: Any) -> None:
    x = np.array([np.inf, -np.inf, np.nan, 0.0, -0.0, 1e4, -1e4], dtype)
    for gate in (gates.exp, gates.tanh, gates.sigmoid, gates.relu, gates.abs, gates.sqrt):
        out = np.empty_like(x)
        for step in grouped(forward_steps(gate, out, [x]) or []):
            step()
        with np.errstate(all="ignore"):
            expected = gate.numpy_forward(x)
        np.testing.assert_array_equal(out, expected)
        assert np.signbit(out[4]) == np.signbit(expected[4])


@native
def test_a_chain_is_one_step() -> None:
    x, y, z = (np.linspace(0.0, 1.0, 10) + k for k in range(3))
    chain = [
        *(forward_steps(gates.mul, y, [x, 2.0]) or []),
        *(forward_steps(gates.exp, z, [y]) or []),
    ]
    (step,) = grouped([*chain, *added(z, x)])
    step()
    np.testing.assert_allclose(z, np.exp(2.0 * x) + x, rtol=1e-14)


def test_adding_works_with_and_without_loops() -> None:
    for dtype in (np.float64, np.float16):
        target = np.ones((2, 3), dtype)
        for step in grouped(added(target, np.full((2, 3), 2.0, dtype))):
            step()
        np.testing.assert_array_equal(target, np.full((2, 3), 3.0))


def test_the_loops_are_written_from_the_table() -> None:
    source = lane_source()
    for code in lane_trees():
        assert f"case {code}: " in source
    assert forward_code(gates.sin) not in lane_trees()
    assert "eval" not in source

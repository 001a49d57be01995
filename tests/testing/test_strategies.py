"""Strategies: what is drawn is well defined, of the kind that was asked for, and shrinks."""

from __future__ import annotations

import importlib
import math
import statistics
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from central_difference import central_difference
from hypothesis import find, given, settings
from hypothesis import strategies as st

import autograd
from autograd import Tensor, Value
from autograd.errors import MissingExtraError, SettingError
from autograd.gate import ANYTHING, POSITIVE, TABLE, Gate, Interval
from autograd.testing.programs import ScalarProgram
from autograd.testing.strategies import (
    arrays,
    broadcastable_shapes,
    floats_in,
    gate_operands,
    gates,
    scalar_programs,
    tensors,
    values,
)

FLOATS = [np.float16, np.float32, np.float64]
INTERVALS = {interval for gate in TABLE for interval in gate.domain}
INTERVALS |= {Interval(10.0, math.inf), Interval(-math.inf, -5.0), Interval(1e300, math.inf)}
INTERVALS |= {Interval(0.0, 1e-3), Interval(-1e9, 2e9)}


def drawn_from(strategy: st.SearchStrategy[Any], count: int) -> list[Any]:
    """As many examples, the same at each call."""
    examples: list[Any] = []

    @settings(max_examples=count, derandomize=True, database=None)
    @given(strategy)
    def draw(drawn: Any) -> None:
        examples.append(drawn)

    draw()
    return examples


@pytest.mark.parametrize("interval", INTERVALS, ids=str)
@given(data=st.data())
def test_floats_are_inside_of_their_interval_by_a_margin(
    interval: Interval, data: st.DataObject
) -> None:
    number = data.draw(floats_in(interval))
    margin = 1e-2 * min(max(1.0, abs(number)), interval.high - interval.low)
    assert interval.low + margin < number < interval.high - margin


@pytest.mark.parametrize("dtype", FLOATS)
@given(data=st.data())
def test_floats_are_exact_in_their_dtype(dtype: Any, data: st.DataObject) -> None:
    number = data.draw(floats_in(POSITIVE, dtype))
    assert float(dtype(number)) == number
    assert POSITIVE.low < number


def test_floats_have_both_signs_and_reach_beyond_three() -> None:
    numbers = drawn_from(floats_in(ANYTHING), 200)
    assert min(numbers) < -3
    assert max(numbers) > 3


@pytest.mark.parametrize(
    ("interval", "simplest"), [(ANYTHING, 0.0), (POSITIVE, 1.0), (Interval(1.0, math.inf), 2.0)]
)
def test_floats_shrink_to_simple_numbers(interval: Interval, simplest: float) -> None:
    assert find(floats_in(interval), lambda number: True) == simplest


@pytest.mark.parametrize(
    "interval", [Interval(2.0, 1.0), Interval(1.0, 1.0), Interval(0, math.nan)]
)
def test_empty_interval_is_refused(interval: Interval) -> None:
    with pytest.raises(SettingError, match="no number lies between"):
        floats_in(interval)


@pytest.mark.parametrize("strategy", [arrays, tensors])
def test_dtype_that_is_no_float_is_refused(strategy: Callable[..., Any]) -> None:
    with pytest.raises(SettingError, match=r"dtype int64: pass np\.float16, np\.float32 or"):
        strategy((2,), np.int64)


@pytest.mark.parametrize("dtype", FLOATS)
@given(data=st.data())
def test_arrays_have_the_shape_the_dtype_and_the_domain(dtype: Any, data: st.DataObject) -> None:
    array = data.draw(arrays((2, 3), dtype, POSITIVE))
    assert (array.shape, array.dtype) == ((2, 3), np.dtype(dtype))
    assert (array > 0).all()


@given(array=arrays(st.sampled_from([(), (0,), (2, 1)])))
def test_shape_may_be_drawn(array: np.ndarray) -> None:
    assert array.shape in [(), (0,), (2, 1)]


@given(tensor=tensors((2,), np.float32, POSITIVE), value=values(POSITIVE))
def test_tensors_and_values_are_leaves(tensor: Tensor, value: Value) -> None:
    assert (type(tensor), tensor.operands, tensor.dtype) == (Tensor, (), np.float32)
    assert (type(value), value.operands) == (Value, ())
    assert tensor.data.min() > 0 < value.data


@given(shapes=broadcastable_shapes(3, min_dims=1, max_dims=2, max_side=3))
def test_shapes_broadcast_together(shapes: tuple[tuple[int, ...], ...]) -> None:
    assert len(shapes) == 3
    assert all(1 <= len(shape) <= 2 for shape in shapes)
    assert max(np.broadcast_shapes(*shapes)) <= 3


def test_shapes_differ_in_axes_and_in_lengths() -> None:
    pairs = drawn_from(broadcastable_shapes(), 200)
    assert any(len(left) != len(right) for left, right in pairs)
    assert any(len(left) == len(right) and left != right for left, right in pairs)


def test_less_than_one_shape_is_refused() -> None:
    with pytest.raises(SettingError, match="a count of 0 shapes"):
        broadcastable_shapes(0)


@given(smooth=gates(smooth=True), bent=gates(smooth=False), binary=gates(arity=2))
def test_gates_are_those_asked_for(smooth: Gate, bent: Gate, binary: Gate) -> None:
    assert not smooth.kinks
    assert bent.kinks
    assert binary.arity == 2


def test_gates_that_do_not_exist_are_refused() -> None:
    with pytest.raises(SettingError, match="no gate of the table has smooth=True, arity=7"):
        gates(smooth=True, arity=7)


@pytest.mark.parametrize("gate", TABLE, ids=lambda gate: gate.name)
@given(data=st.data())
def test_operands_are_inside_of_the_domain_and_away_from_kinks(
    gate: Gate, data: st.DataObject
) -> None:
    operands = data.draw(gate_operands(gate))
    assert len(operands) == gate.arity
    assert gate.is_inside(operands)
    assert all(abs(distance) > 0.05 for distance in gate.kinks_at(*operands))


# What a flat gate gives is held fixed: it does not count as moving.
WITH_SLOPES = [gate for gate in TABLE if not gate.flat]
Trace = list[tuple[Gate, tuple[float, ...], float]]


def traced(program: ScalarProgram, inputs: tuple[float, ...]) -> Trace:
    """Every step: the gate, its operands and its result."""
    trace: Trace = []

    def apply(gate: Gate, *operands: float) -> float:
        trace.append((gate, operands, gate(*operands)))
        return trace[-1][2]

    program.run(inputs, apply)
    return trace


@given(program=scalar_programs())
def test_every_gate_of_a_program_is_well_defined(program: ScalarProgram) -> None:
    for gate, operands, result in traced(program, program.inputs):
        assert gate.is_inside(operands)
        assert all(abs(distance) > 0.05 for distance in gate.kinks_at(*operands))
        assert abs(result) <= 1e3


def kinks_of(trace: Trace) -> list[float]:
    return [distance for gate, operands, _ in trace for distance in gate.kinks_at(*operands)]


@given(program=scalar_programs(gates=WITH_SLOPES), data=st.data())
def test_program_stays_well_defined_when_its_inputs_move(
    program: ScalarProgram, data: st.DataObject
) -> None:
    moves = data.draw(st.tuples(*[st.floats(-5e-3, 5e-3)] * len(program.inputs)))
    moved = tuple(x + move for x, move in zip(program.inputs, moves, strict=True))
    trace = traced(program, moved)
    assert all(gate.is_inside(operands) for gate, operands, _ in trace)
    kinks = zip(kinks_of(traced(program, program.inputs)), kinks_of(trace), strict=True)
    assert all(here * there > 0 for here, there in kinks)


@given(program=scalar_programs())
def test_rounding_costs_a_program_a_few_digits_at_most(program: ScalarProgram) -> None:
    leaves = [Value(number) for number in program.inputs]
    out = program(*leaves)
    out.backward()
    assert sum(abs(leaf.grad) for leaf in leaves) <= 100 * max(1.0, abs(out.data))


@given(program=scalar_programs(gates=WITH_SLOPES))
def test_gradient_of_a_program_is_that_of_differences(program: ScalarProgram) -> None:
    leaves = [Value(number) for number in program.inputs]
    program(*leaves).backward()
    for position, leaf in enumerate(leaves):
        expected = central_difference(program, program.inputs, position)
        assert leaf.grad == pytest.approx(expected, rel=1e-4, abs=1e-6)


def test_programs_reach_every_gate() -> None:
    programs = drawn_from(scalar_programs(max_gates=60), 300)
    assert {gate for program in programs for gate, _ in program.steps} == set(TABLE)


def test_programs_are_long_and_nearly_all_depend_on_their_inputs() -> None:
    programs = drawn_from(scalar_programs(max_gates=60), 150)
    assert statistics.mean(len(program.steps) for program in programs) > 12
    alive = 0
    for program in programs:
        leaves = [Value(number) for number in program.inputs]
        program(*leaves).backward()
        alive += any(abs(leaf.grad) > 1e-4 for leaf in leaves)
    assert alive > 0.9 * len(programs)


@given(program=scalar_programs() | scalar_programs(well_defined=False))
def test_programs_hold_no_step_in_vain(program: ScalarProgram) -> None:
    assert program.pruned() == program
    assert len(program.steps) <= 20


@settings(suppress_health_check=[])
@given(program=scalar_programs(max_gates=60))
def test_long_programs_pass_the_health_checks(program: ScalarProgram) -> None:
    assert len(program.steps) <= 60


@given(program=scalar_programs(gates=[autograd.acosh, autograd.exp]))
def test_programs_of_chosen_gates_have_no_others(program: ScalarProgram) -> None:
    assert {gate for gate, _ in program.steps} <= {autograd.acosh, autograd.exp}


def test_program_shrinks_to_the_gate_in_question() -> None:
    program = find(scalar_programs(), lambda program: autograd.asinh in dict(program.steps))
    assert program == ScalarProgram((0.0,), (), ((autograd.asinh, (0,)),))


def test_program_that_may_go_anywhere_shrinks_to_the_gate_in_question() -> None:
    def is_nan(program: ScalarProgram) -> bool:
        return math.isnan(program(*program.inputs)) and autograd.acosh in dict(program.steps)

    program = find(scalar_programs(well_defined=False), is_nan)
    assert program == ScalarProgram((0.0,), (), ((autograd.acosh, (0,)),))


def test_programs_that_may_go_anywhere_meet_infinities_and_nans() -> None:
    programs = drawn_from(scalar_programs(well_defined=False), 200)
    results = [program(*program.inputs) for program in programs]
    assert any(map(math.isinf, results))
    assert any(map(math.isnan, results))
    assert sum(map(math.isfinite, results)) > 50


@given(program=scalar_programs(numbers=st.just(0.5), well_defined=False))
def test_inputs_and_constants_are_of_the_numbers_given(program: ScalarProgram) -> None:
    assert {*program.inputs, *program.constants} == {0.5}


@pytest.mark.parametrize("wrong", [{"max_gates": 0}, {"gates": []}])
def test_programs_without_gates_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(SettingError, match="pass at least one each"):
        scalar_programs(**wrong)


@pytest.mark.parametrize("module", ["strategies", "property_test"])
def test_without_hypothesis_the_extra_is_named(
    module: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "hypothesis", None)
    monkeypatch.delitem(sys.modules, f"autograd.testing.{module}", raising=False)
    with pytest.raises(MissingExtraError, match=r"hypothesis; pip install .gategrad\[check\]"):
        importlib.import_module(f"autograd.testing.{module}")

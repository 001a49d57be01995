"""ScalarProgram: computations as data."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given

import autograd
from autograd import Tensor, Value
from autograd.errors import OperandError
from autograd.testing.programs import ScalarProgram
from autograd.testing.strategies import scalar_programs

ADD, MUL, EXP, SIN = autograd.add, autograd.mul, autograd.exp, autograd.sin

# (x0 + x1) * x0, and a step that nothing needs.
PROGRAM = ScalarProgram((2.0, 3.0), (5.0,), ((ADD, (0, 1)), (SIN, (2,)), (MUL, (3, 0))))


def executed(source: str) -> dict[str, Any]:
    names: dict[str, Any] = {}
    exec(source, names)
    return names


def same(first: float, second: float) -> bool:
    return first == second or (math.isnan(first) and math.isnan(second))


def test_program_is_a_function_of_its_inputs() -> None:
    assert PROGRAM(2.0, 3.0) == 10.0
    assert PROGRAM(10.0, 1.0) == 110.0


def test_program_runs_on_values_tensors_and_arrays() -> None:
    x, y = Value(2.0), Value(3.0)
    PROGRAM(x, y).backward()
    assert (x.grad, y.grad) == (7.0, 2.0)
    assert PROGRAM(Tensor([2.0, 10.0]), Tensor([3.0, 1.0])).tolist() == [10.0, 110.0]
    assert PROGRAM(np.array([2.0, 10.0]), np.array([3.0, 1.0])).tolist() == [10.0, 110.0]


def test_run_applies_the_gates_as_it_is_told() -> None:
    applied = PROGRAM.run(
        "xy", lambda gate, *operands: f"{gate.name}({', '.join(map(str, operands))})"
    )
    assert applied == "mul(add(x, y), x)"


def test_wrong_number_of_leaves_is_named() -> None:
    with pytest.raises(OperandError, match="the program takes 2 inputs, got 3"):
        PROGRAM(1.0, 2.0, 3.0)


def test_pruned_program_has_what_the_result_needs_and_no_more() -> None:
    pruned = PROGRAM.pruned()
    assert pruned == ScalarProgram((2.0, 3.0), (), ((ADD, (0, 1)), (MUL, (2, 0))))
    assert pruned.pruned() == pruned


def test_constant_in_use_is_kept_by_pruning() -> None:
    program = ScalarProgram((2.0,), (5.0, 7.0), ((EXP, (1,)), (ADD, (0, 2))))
    assert program.pruned() == ScalarProgram((2.0,), (7.0,), ((ADD, (0, 1)),))


def test_source_reads_as_a_program() -> None:
    program = ScalarProgram((0.1,), (3.0,), ((MUL, (0, 1)), (EXP, (2,))))
    assert program.source == repr(program)
    assert program.source.splitlines() == [
        "import autograd",
        "from autograd import Value",
        "",
        "x0 = Value(0.1)",
        "v0 = autograd.mul(x0, 3.0)",
        "out = autograd.exp(v0)",
    ]


@given(program=scalar_programs(max_gates=10, well_defined=False))
@example(program=ScalarProgram((-0.0, 5e-324), (), ((autograd.div, (0, 1)),)))
@example(program=ScalarProgram((math.inf,), (math.nan, -math.inf), ((ADD, (0, 1)), (MUL, (2, 3)))))
@example(program=ScalarProgram((1.0, 2.0), (), ()))
def test_pasted_source_gives_the_same_number(program: ScalarProgram) -> None:
    assert same(float(executed(program.source)["out"]), program(*program.inputs))


@given(program=scalar_programs(max_gates=10))
def test_pasted_source_gives_the_same_gradients(program: ScalarProgram) -> None:
    leaves = [Value(number) for number in program.inputs]
    program(*leaves).backward()
    names = executed(program.source)
    names["out"].backward()
    assert [names[f"x{i}"].grad for i in range(len(leaves))] == [leaf.grad for leaf in leaves]

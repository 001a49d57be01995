"""What a function decides while it is traced is recorded, or is refused with the way out."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd
from autograd import Expression, Tensor, Value, gradients, topological_order
from autograd.gate import TABLE, Gate
from autograd.modes import tracing
from autograd.testing.strategies import gate_operands

each_gate = pytest.mark.parametrize("gate", TABLE, ids=lambda gate: gate.name)
# Away from kinks, and on them.
ON_KINKS = [0.0, -0.0, 0.5, 1.0, -1.0, 2.0, 3.0]


def up_to_second_derivatives(gate: Gate, values: list[Value]) -> list[Value]:
    """The result, the formula spelled out, and all first and second derivatives, as nodes."""
    out, spelled_out = gate(*values), gate.node_forward(*values)
    first = gradients(out, values, create_graph=True)
    second = [slope for node in first for slope in gradients(node, values, create_graph=True)]
    # A formula that is decided at once leaves a number.
    return [out, spelled_out + values[0] * 0, *first, *second]


def replayed(results: list[Value], values: list[Value], numbers: tuple[float, ...]) -> list[float]:
    """What recorded nodes would be, were the leaves ``values`` these numbers."""
    known = dict(zip(values, numbers, strict=True))
    for node in topological_order(*results):
        if node not in known:
            operands = [known[x] if type(x) is Value else x for x in node.operands]
            known[node] = node.data if node.gate is None else node.gate.float_forward(*operands)
    return [known[node] for node in results]


def points_of(gate: Gate) -> st.SearchStrategy[tuple[float, ...]]:
    on_kinks = st.tuples(*[st.sampled_from(ON_KINKS)] * gate.arity).filter(gate.is_inside)
    return gate_operands(gate) | on_kinks


@each_gate
@given(data=st.data())
def test_derivatives_recorded_in_a_trace_hold_wherever_it_is_replayed(
    gate: Gate, data: st.DataObject
) -> None:
    here, elsewhere = data.draw(points_of(gate)), data.draw(points_of(gate))
    values = [Value(x) for x in here]
    with tracing():
        traced = up_to_second_derivatives(gate, values)
    for numbers in (here, elsewhere):
        expected = up_to_second_derivatives(gate, [Value(x) for x in numbers])
        answers = replayed(traced, values, numbers)
        assert answers == pytest.approx(
            [x.data for x in expected], rel=1e-12, abs=1e-12, nan_ok=True
        )


@pytest.mark.parametrize("text", ["x < y", "x <= y", "x > y", "x >= y", "x == y", "x != y"])
def test_condition_of_an_expression_is_recorded_in_a_trace(text: str) -> None:
    f = Expression(f"where({text}, 1, 0) + 0 * x")
    values = [Value(1.0), Value(2.0)]
    with tracing():
        traced = [f(*values)]
    for numbers in [(1.0, 2.0), (2.0, 2.0), (3.0, 2.0)]:
        assert replayed(traced, values, numbers) == [f(*numbers)]


def test_array_gradients_stay_decided_by_arrays_of_bools() -> None:
    x = Tensor([-1.0, 2.0])
    with tracing():
        slope = gradients(autograd.relu(x).sum(), x, create_graph=True)
    assert slope.gate is autograd.where
    assert slope.operands[0].dtype == bool
    np.testing.assert_array_equal(slope, [0.0, 1.0])


def test_outside_of_a_trace_the_branch_not_taken_is_not_recorded() -> None:
    x = Value(2.0)
    slope = gradients(autograd.relu(x), x, create_graph=True)
    assert (slope.data, slope.gate) == (1.0, None)

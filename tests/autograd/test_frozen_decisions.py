"""What a function decides while it is traced is recorded, or is refused with the way out."""

from __future__ import annotations

import copy
import math
import pickle
import re
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd
from autograd import Expression, Tensor, Value, detect_anomaly, gradients, topological_order
from autograd.errors import AnomalyError, TraceError
from autograd.frozen import WAYS_OUT
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


def test_comparison_within_an_array_gradient_is_recorded_in_a_trace() -> None:
    x = Tensor([-1.0, 2.0])
    with tracing():
        slope = gradients(autograd.relu(x).sum(), x, create_graph=True)
    assert slope.gate is autograd.where
    assert slope.operands[0].gate is autograd.less
    np.testing.assert_array_equal(slope, [0.0, 1.0])


def test_array_gradient_is_decided_by_bools_outside_of_a_trace() -> None:
    x = Tensor([-1.0, 2.0])
    slope = gradients(autograd.relu(x).sum(), x, create_graph=True)
    assert slope.gate is autograd.where
    assert slope.operands[0].dtype == bool


def test_outside_of_a_trace_the_branch_not_taken_is_not_recorded() -> None:
    x = Value(2.0)
    slope = gradients(autograd.relu(x), x, create_graph=True)
    assert (slope.data, slope.gate) == (1.0, None)


BRANCH = r"choose with autograd\.where, maximum, minimum, relu or step; .*autograd\.less"
NUMBER = r"gates of autograd; autograd\.stop_gradient\(v\)"
INTEGER = r"autograd\.take\(table, index\)"
PASS = r"backward\(\) on the result of the traced function"
REFUSED: dict[str, tuple[Callable[[Value, Value], Any], str, str]] = {
    "bool": (lambda v, w: bool(v), r"bool\(v\)", BRANCH),
    "if": (lambda v, w: 1 if v else 0, r"bool\(v\)", BRANCH),
    "not": (lambda v, w: not v, r"bool\(v\)", BRANCH),
    "less": (lambda v, w: v < 0, "a comparison", BRANCH),
    "less or equal": (lambda v, w: v <= w, "a comparison", BRANCH),
    "greater": (lambda v, w: 1 if v > 0 else 2, "a comparison", BRANCH),
    "greater or equal": (lambda v, w: v <= 0, "a comparison", BRANCH),
    "max": (lambda v, w: max([v, w]), "a comparison", BRANCH),
    "min": (min, "a comparison", BRANCH),
    "sorted": (lambda v, w: sorted([v, w]), "a comparison", BRANCH),
    "sort": (lambda v, w: [v, w].sort(), "a comparison", BRANCH),
    "np.max": (lambda v, w: np.max(np.array([v, w])), "a comparison", BRANCH),
    "np.sort": (lambda v, w: np.sort(np.array([v, w])), "a comparison", BRANCH),
    "np.argmax": (lambda v, w: np.argmax(np.array([v, w])), "a comparison", BRANCH),
    "float": (lambda v, w: float(v), r"float\(v\)", NUMBER),
    "math.exp": (lambda v, w: math.exp(v), r"float\(v\)", r"autograd\.exp stands for math\.exp"),
    "math.floor": (lambda v, w: math.floor(v), r"float\(v\)", NUMBER),
    "np.float64": (lambda v, w: np.float64(v), r"float\(v\)", NUMBER),
    "astype": (lambda v, w: np.array([v]).astype(float), r"float\(v\)", NUMBER),
    "int": (lambda v, w: int(v), r"int\(v\)", INTEGER),
    "round": (lambda v, w: round(v), r"round\(v\)", INTEGER),
    "round to digits": (lambda v, w: round(v, 2), r"round\(v\)", INTEGER),
    "index": (lambda v, w: ["a", "b", "c"][v], "v as an index", INTEGER),
    "slice": (lambda v, w: ["a", "b", "c"][v:], "v as an index", INTEGER),
    "range": (lambda v, w: range(v), "v as an index", INTEGER),
    "data": (lambda v, w: v.data, r"v\.data", NUMBER),
    "data of a result": (lambda v, w: (v * w).data, r"v\.data", NUMBER),
    "set data": (lambda v, w: setattr(v, "data", 2.0), r"setting v\.data", "as an argument"),
    "grad": (lambda v, w: v.grad, r"v\.grad", PASS),
    "set grad": (lambda v, w: setattr(v, "grad", 0.0), r"v\.grad", PASS),
    "zero_grad": (lambda v, w: v.zero_grad(), r"v\.grad", PASS),
    "backward": (lambda v, w: (v * w).backward(), r"backward\(\)", PASS),
    "gradients": (
        lambda v, w: gradients(v * w, v),
        "a gradient without a graph",
        "create_graph=True",
    ),
    "contributions": (
        lambda v, w: (v * w).contributions(1.0),
        "a gradient without a graph",
        "create_graph=True",
    ),
    "copy": (lambda v, w: copy.copy(v), "a copy of v", NUMBER),
    "deepcopy": (lambda v, w: copy.deepcopy([v * w]), "a copy of v", NUMBER),
    "pickle": (lambda v, w: pickle.dumps(v), "a copy of v", NUMBER),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_would_be_frozen_is_refused_with_its_line_and_the_way_out(name: str) -> None:
    f, reading, way_out = REFUSED[name]
    v, w = Value(2.0), Value(3.0)
    line = re.escape(__file__) + r":\d+"
    with tracing(), pytest.raises(TraceError, match=f"{line}: {reading} within.*: .*{way_out}"):
        f(v, w)
    assert (v.data, v.grad, w.data, w.grad) == (2.0, 0.0, 3.0, 0.0)


def test_every_way_out_is_reached_above() -> None:
    readings = {re.sub(r"\\", "", reading) for _, reading, _ in REFUSED.values()}
    assert readings == {reading for reading in WAYS_OUT if not re.search(r"\bt\b|Tensor", reading)}


def test_line_is_the_one_that_decided_and_not_one_of_numpy() -> None:
    v = Value(2.0)
    with tracing(), pytest.raises(TraceError) as caught:
        np.max(np.array([v, v]))
    decided = traceback.extract_tb(caught.tb)[0]
    assert str(caught.value).startswith(f"{decided.filename}:{decided.lineno}: ")


@pytest.mark.parametrize("convert", [int, round, range, [1, 2, 3].__getitem__])
def test_outside_of_a_trace_an_integer_is_a_type_error(convert: Callable[[Any], Any]) -> None:
    with pytest.raises(TypeError, match=r"Value\(data=1.0, .* holds a float; pass on v.data"):
        convert(Value(1.0))


def test_node_may_be_looked_at_in_a_trace() -> None:
    v = Value(2.0, name="v")
    with tracing():
        assert str(v * 3) == "Value(data=6.0, grad=0.0)"
        assert f"{v}" == repr(v) == "Value(data=2.0, grad=0.0, name='v')"
        assert v == v
        assert v in {v}
        with pytest.raises(TypeError, match="format"):
            f"{v:.3f}"


def test_constants_that_are_made_in_a_trace_may_be_read() -> None:
    captured = Value(1.0)
    with tracing():
        constant = Value(3.0)
        assert (constant.data, float(constant), bool(constant)) == (3.0, 3.0, True)
        assert constant > 2
        assert max(constant, Value(2.0)) is constant
        for decide in (
            lambda: constant < captured,
            lambda: captured < constant,
            lambda: (constant * 2).data,
            lambda: setattr(constant, "data", 4.0),
            constant.backward,
        ):
            with pytest.raises(TraceError):
                decide()
    with tracing(), pytest.raises(TraceError):
        float(constant)  # of another trace: by now it is captured


def test_another_thread_may_read_while_one_traces() -> None:
    v = Value(2.0)
    with tracing(), ThreadPoolExecutor(1) as pool:
        assert pool.submit(lambda: (v.data, v > 1, float(v))).result() == (2.0, True, 2.0)


def test_gradient_that_is_not_finite_is_an_anomaly_in_a_trace_too() -> None:
    x = Value(0.0)
    with tracing(), detect_anomaly(), pytest.raises(AnomalyError, match="is inf; its operands"):
        gradients(autograd.sqrt(x), x, create_graph=True)

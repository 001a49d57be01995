"""A gradient as the sum over its ways: that it is, and how it reads."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given

from autograd import Tensor, Value, exp, gradients
from autograd.errors import OperandError, SettingError
from autograd.testing.strategies import scalar_programs
from viz import explain


@given(scalar_programs(max_gates=12, well_defined=True))
def test_the_ways_add_up_to_the_gradient(program: Any) -> None:
    leaves = [Value(float(number)) for number in program.inputs]
    output = program(*leaves)
    assert isinstance(output, Value)
    for leaf in leaves:
        found = explain(output, leaf, most=10_000)
        expected = gradients(output, [leaf])[0]
        assert found.gradient == pytest.approx(float(expected), rel=1e-9, abs=1e-9)
        assert len(found.ways) == found.count
        total = math.fsum(way.product for way in found.ways)
        assert total == pytest.approx(found.gradient, rel=1e-9, abs=1e-9)
        sizes = [abs(way.product) for way in found.ways]
        assert all(a >= b * (1 - 1e-9) for a, b in pairwise(sizes))


def test_the_product_of_a_sum_reads_like_the_chain_rule() -> None:
    x, y, z = Value(-2.0, name="x"), Value(5.0, name="y"), Value(-4.0, name="z")
    q = x + y
    f = q * z
    assert str(explain(f, x, names={"q": q, "f": f})) == (
        "∂f/∂x = -4.00, by one way\n  ∂f/∂q · ∂q/∂x = -4.00 · 1.00 = -4.00"
    )


def test_both_ways_of_a_node_that_is_used_twice_are_shown() -> None:
    x = Value(3.0, name="x")
    y = x * x
    f = y + exp(-x)
    text = str(explain(f, x, names={"y": y, "f": f}))
    assert text.splitlines()[:3] == [
        "∂f/∂x = 5.95, the sum of 3 ways",
        "  ∂f/∂y · ∂y/∂x = 1.00 · 3.00 = 3.00",
        "  ∂f/∂y · ∂y/∂x = 1.00 · 3.00 = 3.00",
    ]
    assert "where" in text and "v3 = −x = -3.00" in text


def test_more_ways_than_could_be_listed_are_counted_and_summed() -> None:
    x = Value(1.0, name="x")
    node = x
    for _ in range(100):
        node = node * 0.5 + node * 0.25
    found = explain(node, x, most=3)
    assert found.count == 2**100
    assert found.gradient == pytest.approx(0.75**100)
    assert [way.product for way in found.ways] == [0.5**100, 0.5**99 * 0.25, 0.5**99 * 0.25]
    assert f"{2**100 - 3:,} more ways bring together" in str(found)
    assert found.rest == pytest.approx(0.75**100)


def test_a_deep_graph_is_explained_without_recursion() -> None:
    x = Value(0.5, name="x")
    node = x
    for _ in range(3000):
        node = node + 1.0
    assert explain(node, x).gradient == 1


def test_one_element_of_an_array_is_explained_through_its_scalars() -> None:
    weights, x = Tensor([[0.1, 0.5], [-0.3, 0.8]], name="W"), Tensor([0.2, 0.4], name="x")
    f = ((weights @ x) ** 2).sum()
    f.backward()
    found = explain(f, weights, index=(0, 1))
    assert found.variable == "W[0, 1]"
    assert found.gradient == pytest.approx(weights.grad[0, 1])
    by_x = explain(f, x, index=0)
    assert by_x.count == 2 and by_x.gradient == pytest.approx(x.grad[0])


def test_where_no_way_leads_back_that_is_said() -> None:
    x, y = Value(1.0, name="x"), Value(2.0, name="y")
    assert str(explain(y * 2.0, x)) == "∂v2/∂x = 0.00, as no way leads from v2 back to x"


def test_a_variable_is_explained_by_itself() -> None:
    x = Value(1.0, name="x")
    assert str(explain(x, x)) == "∂x/∂x = 1.00, by one way"


def test_a_way_that_is_not_finite_comes_first() -> None:
    x = Value(0.0, name="x")
    found = explain(x.sqrt() + x * 2.0, x)
    assert math.isinf(found.ways[0].product) and math.isinf(found.gradient)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda x, t: explain(x, x, most=0), SettingError, "explain: most is 0; list at least one"),
        (lambda x, t: explain(1.0, x), OperandError, "explain: output is a float; pass a Value"),
        (lambda x, t: explain(x, None), OperandError, "explain: wrt is a NoneType"),
        (lambda x, t: explain(x, t), OperandError, "the output is a Value, so wrt is one"),
        (lambda x, t: explain(t, t), OperandError, r"the output has shape \(2,\)"),
        (lambda x, t: explain(t.sum(), t), SettingError, r"such as index=\(0,\)"),
        (lambda x, t: explain(t.sum(), t, index=5), SettingError, r"index 5 of a Tensor of shape"),
    ],
)
def test_what_cannot_be_explained_is_named(call: Any, error: Any, message: str) -> None:
    with pytest.raises(error, match=message):
        call(Value(1.0), Tensor(np.ones(2)))

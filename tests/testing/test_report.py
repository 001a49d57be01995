"""What a newcomer reads when a gradient is wrong."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest

import autograd
from autograd import Value, custom_gate
from autograd.errors import AutogradError, GradientMismatch
from autograd.testing import check_gradients


@custom_gate(
    # Wrong: the second term is halved.
    vjp=lambda g, out, x: (
        g * (autograd.sigmoid(x) + 0.5 * x * autograd.sigmoid(x) * autograd.sigmoid(-x))
    )
)
def swish(x: Any) -> Any:
    """x * sigmoid(x)."""
    return x * autograd.sigmoid(x)


def two_layers(hidden: Any, bias: Any, out: Any, x: Any) -> Any:
    return (autograd.tanh(swish(x @ hidden + bias) @ out) ** 2).mean()


def mismatch_of_the_net() -> GradientMismatch:
    rng = np.random.default_rng(1)
    shapes = [(3, 5), (5,), (5, 2), (7, 3)]
    with pytest.raises(GradientMismatch) as caught:
        check_gradients(two_layers, *(rng.normal(size=shape) for shape in shapes))
    return caught.value


def test_a_wrong_gate_inside_of_a_net_is_named_with_its_numbers_and_its_line() -> None:
    mismatch = mismatch_of_the_net()
    lines = [line.split("  ") for line in str(mismatch).splitlines()]
    rows = {line[1]: line[-1].strip() for line in lines if len(line) > 2}
    assert str(mismatch).startswith("the gradient by hidden is wrong\n")
    assert rows["worst component"].startswith("hidden[")
    assert rows["gate to blame"] == "swish: x * sigmoid(x) (a gate on arrays)"
    # The line on which the net applies the gate.
    assert rows["made at"].endswith(f"{__file__}:{two_layers.__code__.co_firstlineno + 1}")
    assert rows["operand 0"].startswith("shape (7, 5), ")
    x = float(rows["operand 0"].split(", ")[2].split(" at ")[0])
    s = 1 / (1 + np.exp(-x))
    assert float(rows["the rule gives"]) == pytest.approx(s + 0.5 * x * s * (1 - s), rel=1e-8)
    given, _, uncertainty = rows["differences give"].partition(" ± ")
    assert abs(float(given) - (s + x * s * (1 - s))) < 1e-8
    assert 0 < float(uncertainty) < 1e-8


def test_the_exception_carries_the_graph_and_the_blamed_node() -> None:
    mismatch = mismatch_of_the_net()
    assert mismatch.gate is swish
    assert any(node is mismatch.blamed for node in autograd.topological_order(mismatch.node))
    assert mismatch.blamed.gate is swish
    assert mismatch.position == 0
    assert isinstance(mismatch, AutogradError)
    assert isinstance(mismatch, AssertionError)


def test_operands_are_called_by_their_names() -> None:
    wrong = custom_gate(
        vjp=[lambda g, out, x, y: g * y, lambda g, out, x, y: g * x * 1.5], name="product"
    )(lambda x, y: x * y)

    def f(weight: Any, x: Any) -> Any:
        weight.name = "weight"
        return wrong(weight, x) + 1.0

    with pytest.raises(GradientMismatch, match=r"operand 0 +weight, 2\n") as caught:
        check_gradients(f, 2.0, 3.0)
    assert "by operand 1" in str(caught.value)
    assert caught.value.position == 1


def test_the_number_that_is_wrong_stands_with_its_difference() -> None:
    with pytest.raises(GradientMismatch) as caught:
        check_gradients(lambda x: x**3, Value(2.0), gradient=lambda x: 3 * x.data)
    assert "gradient= gives   6\n" in str(caught.value)
    assert "differences give  12 ± " in str(caught.value)
    assert "difference        -6, " in str(caught.value)


def test_a_hidden_constant_is_suspected_where_no_gate_is_wrong() -> None:
    with pytest.raises(GradientMismatch) as caught:
        check_gradients(lambda x: x * autograd.exp(x.data), np.array([0.3, 1.0]))
    message = str(caught.value)
    assert "no gate to blame: each derivative in the graph is right at its own operands" in message
    assert "hint: is a part of the function hidden from its graph (.data, float()" in message


def test_a_gradient_of_zero_points_to_what_cuts_it_off() -> None:
    with pytest.raises(GradientMismatch, match=r"the gradient is 0 in each of the 2 components.*"):
        check_gradients(lambda x: autograd.exp(x.data).sum() + 0.0, np.array([0.3, 1.0]))


def test_a_mistake_that_is_small_and_one_that_is_spread_are_both_reported() -> None:
    wrong = custom_gate(vjp=lambda g, out, x: g * 2 * x * (1 + 1e-7))(lambda x: x * x)
    with pytest.raises(
        GradientMismatch, match=r"1 times the right one in each|times the tolerance"
    ):
        check_gradients(wrong, np.linspace(1, 2, 5))


def test_forward_mode_alone_may_be_wrong() -> None:
    def vjp(g: Any, out: Any, x: Any) -> Any:
        # Right in reverse mode, where g is an array; in forward mode it is a node.
        return g * 3 * x * x * (1.0 if isinstance(g, np.ndarray) else 1.25)

    cube = custom_gate(vjp=vjp)(lambda x: x**3)
    with pytest.raises(GradientMismatch, match="the derivative in forward mode by x is wrong"):
        check_gradients(lambda x: cube(x), np.array([1.0, 2.0]))


def test_the_node_is_the_output_that_depends_on_the_gate_to_blame() -> None:
    wrong = custom_gate(vjp=lambda g, out, x: g * x)(lambda x: x * x)
    with pytest.raises(GradientMismatch) as caught:
        check_gradients(lambda x: [x * 2.0, wrong(x)], np.array([1.0, 2.0]))
    assert caught.value.node.gate is wrong


def test_a_mismatch_can_be_sent_to_another_process() -> None:
    mismatch = mismatch_of_the_net()
    sent = pickle.loads(pickle.dumps(mismatch))
    assert type(sent) is GradientMismatch
    assert str(sent) == str(mismatch)
    assert sent.node is None

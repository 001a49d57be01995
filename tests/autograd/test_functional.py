"""gradients(): returned, of chosen inputs, and of any order."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given

import autograd
from autograd import Value, gradients
from autograd.errors import OperandError
from autograd.gate import TABLE
from autograd.testing.programs import ScalarProgram
from autograd.testing.strategies import scalar_programs


@given(program=scalar_programs(max_gates=20, well_defined=False))
def test_gradients_equal_those_of_backward(program: ScalarProgram) -> None:
    leaves = [Value(number) for number in program.inputs]
    root = program(*leaves)
    if type(root) is not Value:
        return
    returned = gradients(root, leaves)
    assert [leaf.grad for leaf in leaves] == [0.0] * len(leaves)
    root.backward()
    for leaf, gradient in zip(leaves, returned, strict=True):
        assert gradient.operands == ()
        assert gradient.data == pytest.approx(leaf.grad, rel=1e-9, abs=1e-300, nan_ok=True)


# Not stop_gradient: before an infinite slope it is zero times infinity, where a graph has no wire.
SMOOTH = [gate for gate in TABLE if not (gate.kinks or gate.flat or gate.name in ("pow", "div"))]


@given(program=scalar_programs(gates=SMOOTH, max_gates=8, well_defined=False))
def test_gradients_in_a_graph_equal_the_plain_ones(program: ScalarProgram) -> None:
    leaves = [Value(number) for number in program.inputs]
    root = program(*leaves)
    if type(root) is not Value:
        return
    plain = gradients(root, leaves)
    in_graph = gradients(root, leaves, create_graph=True)
    for first, second in zip(plain, in_graph, strict=True):
        assert second.data == pytest.approx(first.data, rel=1e-9, abs=1e-12, nan_ok=True)


def test_powers_to_the_fourth_order() -> None:
    x = Value(3.0)
    derivative, found = x**4, []
    for _ in range(5):
        derivative = gradients(derivative, x, create_graph=True)
        found.append(derivative.data)
    assert found == [108.0, 108.0, 72.0, 24.0, 0.0]


def test_mixed_second_derivatives_are_symmetric() -> None:
    x, y = Value(0.7), Value(1.3)
    f = autograd.sin(x * y) + x / y
    by_x, by_y = gradients(f, [x, y], create_graph=True)
    assert gradients(by_x, y).data == pytest.approx(gradients(by_y, x).data, rel=1e-14)


def test_gates_of_many_differentiate_again() -> None:
    xs = [Value(1.0), Value(2.0)]
    f = autograd.dot(xs, xs) * autograd.mean(xs) + autograd.sum(xs)
    first = gradients(f, xs, create_graph=True)
    assert [g.data for g in first] == [2 * 1 * 1.5 + 5 / 2 + 1, 2 * 2 * 1.5 + 5 / 2 + 1]
    # d²f/dx0² = 2 mean + 2 x0 / 2 + 2 x0 / 2
    assert gradients(first[0], xs[0]).data == 2 * 1.5 + 2 * 1.0


def test_gradient_through_backward_of_a_gradient() -> None:
    x = Value(2.0)
    slope = gradients(x**3, x, create_graph=True)
    (slope * slope).backward()
    assert x.grad == 2 * 12.0 * 12.0


def test_inner_nodes_may_be_inputs() -> None:
    x = Value(2.0)
    inner = x * x
    outer = inner * inner
    assert gradients(outer, [inner, x])[0].data == 8.0


def test_several_outputs_and_their_gradients_add_up() -> None:
    x = Value(2.0)
    outputs = [x * 3, x * x, x]
    assert gradients(outputs, x).data == 3 + 4 + 1
    assert gradients(outputs, x, grad_outputs=[1.0, 10.0, 100.0]).data == 3 + 40 + 100
    assert gradients([x, x], x).data == 2.0


def test_input_that_the_output_does_not_depend_on_has_gradient_zero() -> None:
    x, other = Value(2.0), Value(5.0)
    assert gradients(x * x, other).data == 0.0


def test_gradient_given_as_a_node_is_part_of_the_graph() -> None:
    x, seed = Value(2.0), Value(3.0)
    slope = gradients(x * x, x, grad_outputs=seed, create_graph=True)
    assert slope.data == 12.0
    assert gradients(slope, seed).data == 4.0


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (lambda x: gradients(2.0, x), "outputs holds 2.0, which is not a node"),
        (lambda x: gradients(x, [x, None]), "inputs holds None"),
        (lambda x: gradients([x, x], x, grad_outputs=[1.0]), "1 grad_outputs for 2 outputs"),
    ],
)
def test_wrong_arguments_are_named(wrong: Any, message: str) -> None:
    with pytest.raises(OperandError, match=message):
        wrong(Value(1.0))

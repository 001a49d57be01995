from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autograd import Tensor, Value, custom_gate, exp
from autograd.errors import FormatError, GradientMismatch, OperandError
from autograd.testing import check_gradients
from viz import draw
from viz.circuit import Fork, GateBox, Terminal, Wire
from viz.graph import circuit_of


def wires_of_role(root: Any, role: str) -> list[Wire]:
    return [wire for wire in circuit_of(root).wires if wire.role == role]


def gradients(wires: list[Wire]) -> list[str | None]:
    return [wire.gradient.text if wire.gradient else None for wire in wires]


def test_leaf_used_twice_forks_into_contributions_that_add_up() -> None:
    x = Value(3.0)
    y = x * x + x
    y.backward()
    assert gradients(wires_of_role(y, "stem")) == ["7.00"]
    assert gradients(wires_of_role(y, "operand")) == ["3.00", "3.00", "1.00", "1.00"]
    assert sum(isinstance(piece, Fork) for piece in circuit_of(y).pieces) == 1


def test_squaring_by_multiplication_has_two_wires_between_the_same_ends() -> None:
    x = Value(3.0)
    operands = wires_of_role(x * x, "operand")
    assert [(wire.source, wire.target, wire.slot) for wire in operands] == [
        ("f0", "n1", 0),
        ("f0", "n1", 1),
    ]


def test_inner_node_used_twice_forks_too() -> None:
    x = Value(3.0)
    q = exp(x)
    f = q * q
    f.backward()
    [stem] = wires_of_role(f, "stem")
    assert float(stem.gradient.exact) == pytest.approx(2 * math.exp(3.0))


def test_shared_subgraphs_are_drawn_once() -> None:
    node = Value(1.0)
    for _ in range(50):
        node = node + node
    circuit = circuit_of(node)
    assert circuit.gate_count == 50
    assert len(circuit.wires) == 50 * 3 + 1


def test_graph_deeper_than_the_recursion_limit_becomes_a_circuit() -> None:
    node = Value(1.0)
    for _ in range(5000):
        node = exp(node * 0.0)
    assert circuit_of(node).gate_count == 10_000


def test_operands_keep_their_order() -> None:
    x, y = Value(1.0, name="x"), Value(2.0, name="y")
    wires = wires_of_role(x - y, "operand")
    assert [(wire.slot, wire.value.text) for wire in wires] == [(0, "1.00"), (1, "2.00")]


def test_pieces_are_numbered_operands_first() -> None:
    x, y, z = Value(-2.0), Value(5.0), Value(-4.0)
    circuit = circuit_of((x + y) * z)
    assert [piece.key for piece in circuit.pieces] == ["n0", "n1", "n2", "n3", "n4", "out"]


def test_before_backward_there_are_values_and_a_note_but_no_gradients() -> None:
    circuit = circuit_of(Value(2.0) * Value(3.0))
    assert gradients(list(circuit.wires)) == [None, None, None]
    assert circuit.notes == ("values only: backward() has not run",)


def test_tensor_graph_before_backward_has_no_gradients() -> None:
    circuit = circuit_of((Tensor([1.0, 2.0]) * 2.0).sum())
    assert set(gradients(list(circuit.wires))) == {None}
    assert circuit.notes == ("values only: backward() has not run",)


def test_gradient_that_is_zero_is_shown_after_backward() -> None:
    x = Value(-1.0)
    f = x.relu()
    f.backward()
    assert gradients(list(circuit_of(f).wires)) == ["0.00", "1.00"]


def test_constant_has_its_number_and_a_value_but_no_gradient() -> None:
    x = Value(3.0)
    f = 2 * x
    f.backward()
    circuit = circuit_of(f)
    [constant] = [piece for piece in circuit.pieces if getattr(piece, "kind", "") == "constant"]
    [wire] = [wire for wire in circuit.wires if wire.source == constant.key]
    assert (constant.label, wire.value.text, wire.gradient) == ("2", "2.00", None)


@pytest.mark.parametrize(("number", "label"), [(2, "2"), (-0.5, "-0.5"), (1e-8, "1e-8")])
def test_constants_are_written_as_in_a_program(number: float, label: str) -> None:
    circuit = circuit_of(Value(1.0) * number)
    assert label in [piece.label for piece in circuit.pieces if isinstance(piece, Terminal)]


def test_output_wire_has_the_gradient_that_backward_was_given() -> None:
    f = Value(2.0) * 3.0
    f.backward(0.5)
    assert circuit_of(f).output.gradient.text == "0.50"


def test_names_come_from_the_mapping_before_the_nodes_own() -> None:
    x = Value(1.0, name="own")
    y = Value(2.0, name="kept")
    circuit = circuit_of(x + y, names={"given": x})
    labels = [piece.label for piece in circuit.pieces if isinstance(piece, Terminal)]
    assert labels == ["given", "kept", ""]


def test_gradients_added_up_over_passes_are_told_from_one_pass() -> None:
    x = Value(3.0, name="x")
    f = x * 2.0
    f.backward()
    f.backward()
    circuit = circuit_of(f)
    assert gradients([wire for wire in circuit.wires if wire.role == "stem"]) == ["4.00"]
    assert "2.00" in gradients(list(circuit.wires))
    assert circuit.notes == (
        "x.grad differs from its wires: more than one pass, or data set since",
    )


def test_infinite_gradients_leave_no_note() -> None:
    x = Value(0.0)
    f = x.log()
    f.backward()
    circuit = circuit_of(f)
    assert gradients(list(circuit.wires)) == ["inf", "1.00"]
    assert circuit.notes == ()


def test_tensor_wires_have_shape_range_and_gradient() -> None:
    w = Tensor(np.linspace(-1.0, 1.0, 6).reshape(2, 3), name="w")
    loss = (w * w).sum()
    loss.backward()
    [stem] = wires_of_role(loss, "stem")
    assert (stem.heading, stem.value.text) == ("(2, 3)", "-1.00 … 1.00")
    assert stem.gradient.text == "-2.00 … 2.00"
    assert stem.value.exact == "(2, 3) float64, -1.000000 … 1.000000"


def test_broadcast_operand_gets_a_gradient_of_its_own_shape() -> None:
    b = Tensor([0.5, 1.5], name="b")
    loss = (Tensor(np.ones((3, 2)), name="x") + b).sum()
    loss.backward()
    assert "[3.00, 3.00]" in gradients(list(circuit_of(loss).wires))


def test_constant_array_has_the_name_of_its_variable() -> None:
    inputs = np.ones((3, 2))
    product = inputs @ Tensor([1.0, 2.0])
    circuit = circuit_of(product, names={"inputs": inputs})
    assert "inputs" in [piece.label for piece in circuit.pieces if isinstance(piece, Terminal)]


@pytest.mark.parametrize(
    ("make", "arguments"),
    [
        (lambda x: x.sum(axis=1), "axis=1"),
        (lambda x: x.sum(axis=(0, 1)), "axis=(0, 1)"),
        (lambda x: x[0:2], "0:2"),
        (lambda x: x[..., 1], "…, 1"),
        (lambda x: x[:, ::2], ":, ::2"),
        (lambda x: x[np.array([0, 1])], "(2,) array"),
        (lambda x: x.sum(), ""),
    ],
)
def test_array_gates_show_the_arguments_that_say_something(
    make: Callable[[Tensor], Tensor], arguments: str
) -> None:
    circuit = circuit_of(make(Tensor(np.ones((2, 3)))))
    assert [p.arguments for p in circuit.pieces if isinstance(p, GateBox)] == [arguments]


def test_later_passes_do_not_change_a_circuit() -> None:
    x = Value(3.0)
    f = x * x
    f.backward()
    drawing = draw(f)
    before = circuit_of(f)
    f.backward()
    x.data = 5.0
    assert drawing.circuit == before
    assert "6.00" in drawing.svg


@pytest.mark.parametrize("thing", ["abc", 3.0, None, [Value(1.0)], np.ones(3)])
def test_what_is_no_node_is_refused_by_its_value(thing: object) -> None:
    with pytest.raises(OperandError, match=re.escape(f"cannot draw {type(thing).__name__} ")):
        draw(thing)


def test_names_that_are_no_mapping_are_refused() -> None:
    with pytest.raises(OperandError, match=r"names=list \['x'\] is not a mapping.*names=locals"):
        draw(Value(1.0), names=["x"])


def test_impossible_digits_are_refused_at_once() -> None:
    with pytest.raises(FormatError, match="digits=-1"):
        draw(Value(1.0), digits=-1)


def test_leaf_alone_is_a_drawing() -> None:
    circuit = circuit_of(Value(2.0, name="x"))
    assert [piece.label for piece in circuit.pieces] == ["x", ""]
    assert circuit.output.value.text == "2.00"


def test_a_mismatch_is_drawn_with_its_gate_marked() -> None:
    wrong = custom_gate(vjp=lambda g, out, x: g * x, name="half")(lambda x: x * x)
    with pytest.raises(GradientMismatch) as caught:
        check_gradients(lambda x: np.tanh(wrong(x * 0.5)), np.array([1.0, 2.0]))
    circuit = circuit_of(caught.value)
    gates = {piece.gate: piece for piece in circuit.pieces if isinstance(piece, GateBox)}
    assert {name: gate.blamed for name, gate in gates.items()} == {
        "mul": False,
        "half": True,
        "tanh": False,
    }
    assert circuit.notes[0] == "the derivative of the gate half, marked, is wrong"
    assert circuit.pieces[0].label == "x"
    assert circuit.wires[0].gradient is not None


def test_a_mismatch_without_a_graph_cannot_be_drawn() -> None:
    with pytest.raises(GradientMismatch) as caught:
        check_gradients(lambda x: x * x, 3.0, gradient=lambda x: x)
    with pytest.raises(OperandError, match="given from outside, by gradient=, and there is no gra"):
        circuit_of(caught.value)

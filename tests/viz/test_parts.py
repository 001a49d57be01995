"""Parts of a graph as drawings: the surroundings of a node, and the ways between two."""

from __future__ import annotations

import numpy as np
import pytest

from autograd import Tensor, Value, exp
from autograd.errors import OperandError, SettingError
from viz import draw, explain, path


def chain(length: int) -> list[Value]:
    nodes = [Value(0.5, name="x")]
    for number in range(length):
        nodes.append(nodes[-1].tanh())
        nodes[-1].name = f"h{number}"
    return nodes


@pytest.mark.parametrize("depth", [1, 2, 5])
def test_surroundings_reach_as_many_gates_as_they_are_deep(depth: int) -> None:
    nodes = chain(30)
    nodes[-1].backward()
    circuit = draw(nodes[-1], around=nodes[15], depth=depth).circuit
    assert circuit.gate_count == 2 * depth + 1
    assert [wire.name for wire in circuit.wires if wire.name == "h14"] == ["h14"]
    assert [p.label for p in circuit.pieces if getattr(p, "label", None) == "…"] == ["…"] * 2
    assert circuit.notes == (f"a part of the graph: what is at most {depth} gate"
                             f"{'s' * (depth > 1)} away",)  # fmt: skip


def test_surroundings_are_found_by_a_name_and_count_no_forks() -> None:
    x = Value(2.0, name="x")
    y = (x * x + x) * Value(3.0, name="w")
    y.backward()
    circuit = draw(y, around="x", depth=1).circuit
    assert {piece.gate for piece in circuit.pieces if hasattr(piece, "gate")} == {"mul", "add"}
    assert draw(y, around=x, depth=1).circuit == circuit


def test_wires_that_leave_a_part_from_one_node_are_one_with_their_number() -> None:
    x = Value(2.0, name="x")
    uses = [x * float(number) for number in range(12)]
    y = sum(uses, Value(0.0))
    y.backward()
    circuit = draw(y, around=uses[0], depth=1).circuit
    [rest] = [piece for piece in circuit.pieces if getattr(piece, "label", "") == "… 11 more"]
    [wire] = [wire for wire in circuit.wires if wire.target == rest.key]
    assert wire.value.text == "2.00" and wire.gradient is None
    assert sum(wire.source == wires.source for wires in circuit.wires) == 2


def test_part_of_a_large_graph_is_drawn_though_the_whole_has_too_many_boxes() -> None:
    nodes = chain(3000)
    drawing = draw(nodes[-1], around=nodes[1500], depth=4)
    assert drawing.circuit.gate_count == 9
    with pytest.raises(SettingError, match="pass a smaller depth"):
        draw(nodes[-1], around=nodes[1500], depth=1000)


def test_node_of_another_graph_and_a_wrong_depth_are_refused() -> None:
    y = Value(1.0).exp()
    with pytest.raises(SettingError, match="around is no node of this graph"):
        draw(y, around=Value(1.0))
    with pytest.raises(SettingError, match="around='z': nothing in the graph has that name"):
        draw(y, around="z")
    with pytest.raises(SettingError, match="depth=0"):
        draw(y, around=y, depth=0)


def test_path_has_the_ways_alone_and_what_enters_them() -> None:
    x, w, b = Value(2.0, name="x"), Value(3.0, name="w"), Value(1.0, name="b")
    a = x * w + b
    y = a * x + exp(b)
    drawing = path(x, y, names={"a": a, "y": y})
    gates = [piece.gate for piece in drawing.circuit.pieces if hasattr(piece, "gate")]
    assert sorted(gates) == ["add", "add", "mul", "mul"]
    labels = {piece.label for piece in drawing.circuit.pieces if hasattr(piece, "label")}
    assert labels == {"x", "w", "b", "…", "y"}
    assert x.grad == 0.0


def test_contributions_on_a_path_sum_to_the_gradient_that_is_explained() -> None:
    x, b = Value(2.0, name="x"), Value(1.0, name="b")
    y = (x * b + x) * x.tanh()
    drawing = path(x, y)
    [stem] = [wire for wire in drawing.circuit.wires if wire.role == "stem"]
    branches = [wire for wire in drawing.circuit.wires if wire.source == stem.target]
    sums = sum(float(wire.gradient.exact) for wire in branches if wire.gradient)
    assert stem.gradient is not None
    assert sums == pytest.approx(float(stem.gradient.exact))
    assert explain(y, x).gradient == pytest.approx(sums)


def test_path_of_arrays_keeps_what_gradients_there_are() -> None:
    w, x = Tensor(np.ones((2, 2)), name="w"), Tensor([1.0, 2.0], name="x")
    loss = ((w @ x) ** 2).sum()
    loss.backward()
    before = w.grad.copy()
    path(w, loss)
    assert np.array_equal(w.grad, before)


def test_nodes_without_a_way_between_them_are_refused() -> None:
    x, y = Value(1.0), Value(2.0)
    with pytest.raises(OperandError, match="last was not computed from first"):
        path(x, y.exp())
    with pytest.raises(OperandError, match="first is a float"):
        path(1.0, y)

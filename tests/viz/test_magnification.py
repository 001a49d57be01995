"""One computation at every magnification: layers, gates on arrays, scalar gates, stages."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograd import Tensor, Value, exp, topological_order
from autograd.errors import OperandError, SettingError
from nn import (
    LSTM,
    BatchNorm,
    Dropout,
    Linear,
    Module,
    ReLU,
    Residual,
    Sequential,
    Sigmoid,
    Tanh,
    mse,
)
from viz import Drawing, draw
from viz.circuit import Circuit, GateBox, GroupBox, Terminal
from viz.grouping import Group, Grouping, units_of

X = np.linspace(-1, 1, 6).reshape(2, 3)


def rng() -> np.random.Generator:
    return np.random.default_rng(0)


def net() -> Sequential:
    return Sequential(Linear(3, 4, rng=rng()), Tanh(), Linear(4, 1, rng=rng()))


def loss(output: Any) -> Any:
    return mse(output, np.ones((2, 1)))


def boxes(drawing: Drawing) -> list[tuple[str, ...]]:
    return [piece.lines for piece in drawing.circuit.pieces if isinstance(piece, GroupBox)]


def gates(circuit: Circuit) -> list[str]:
    return [piece.gate for piece in circuit.pieces if isinstance(piece, GateBox)]


def leaves(circuit: Circuit) -> list[str]:
    return [
        piece.label
        for piece in circuit.pieces
        if isinstance(piece, Terminal) and piece.kind != "output"
    ]


def test_a_model_is_drawn_as_its_layers_with_their_parameters_and_shapes() -> None:
    drawing = draw(net(), sample=X)
    assert boxes(drawing) == [("0 Linear", "16 parameters", "1 Tanh"), ("2 Linear", "5 parameters")]
    assert leaves(drawing.circuit) == ["input"]
    assert [wire.shape for wire in drawing.circuit.wires] == ["(2, 3)", "(2, 4)", ""]
    assert drawing.circuit.notes == ("values only: backward() has not run",)
    assert repr(drawing).startswith("<Drawing of 2 boxes, output [[")


def test_gradients_go_back_from_a_loss_along_the_wires_between_layers() -> None:
    model = net()
    drawing = draw(model, sample=X, loss=loss, digits=6)
    output = model(X)
    hidden = output.operands[0].operands[0]
    loss(output).backward()
    between = [wire for wire in drawing.circuit.wires if wire.shape == "(2, 4)"]
    low, high = hidden.grad.min(), hidden.grad.max()
    assert [wire.gradient and wire.gradient.text for wire in between] == [f"{low:.6f} … {high:.6f}"]
    assert drawing.circuit.wires[0].gradient is None  # to the input, which is a constant
    assert gates(drawing.circuit)[-1] == "mean"


def test_a_drawing_leaves_gradients_modes_and_statistics_as_they_were() -> None:
    model = Sequential(Linear(3, 4, rng=rng()), BatchNorm(4), Dropout(0.5, rng=rng()))
    model(X).sum().backward()
    before = {path: parameter.grad.copy() for path, parameter in model.named_parameters()}
    state = model.state_dict()
    draw(model, sample=X, loss=lambda output: output.sum())
    for path, parameter in model.named_parameters():
        np.testing.assert_array_equal(parameter.grad, before[path])
    for name, array in model.state_dict().items():
        np.testing.assert_array_equal(array, state[name])
    assert all(module.training for _, module in model.named_modules())


def test_a_model_that_fails_keeps_its_gradients_too() -> None:
    model = net()
    loss(model(X)).backward()
    before = model[0].weight.grad.copy()
    with pytest.raises(OperandError, match="the loss gives a float, no node"):
        draw(model, sample=X, loss=lambda output: 1.0)
    np.testing.assert_array_equal(model[0].weight.grad, before)


def test_repeated_layers_are_one_box_with_their_number() -> None:
    layers = [layer for _ in range(4) for layer in (Linear(3, 3, rng=rng()), Sigmoid())]
    drawing = draw(Sequential(*layers, Linear(3, 1, rng=rng())), sample=X)
    assert boxes(drawing) == [
        ("0 … 6 Linear", "4 times", "48 parameters", "1 Sigmoid"),
        ("8 Linear", "4 parameters"),
    ]


def test_two_layers_alike_stay_two_boxes() -> None:
    drawing = draw(Sequential(*(Linear(3, 3, rng=rng()) for _ in range(2))), sample=X)
    assert [lines[0] for lines in boxes(drawing)] == ["0 Linear", "1 Linear"]


def nested() -> Sequential:
    block = Sequential(Linear(3, 3, rng=rng()), ReLU())
    return Sequential(block, Linear(3, 1, rng=rng()))


def test_a_layer_of_layers_is_opened_by_its_path() -> None:
    assert [lines[0] for lines in boxes(draw(nested(), sample=X))] == ["0 Sequential", "1 Linear"]
    opened = draw(nested(), sample=X, expand="0")
    assert boxes(opened) == [
        ("0.0 Linear", "12 parameters", "0.1 ReLU"),
        ("1 Linear", "4 parameters"),
    ]
    innermost = draw(nested(), sample=X, expand=["0.0"])
    assert gates(innermost.circuit) == ["matmul", "add"]
    assert [lines[0] for lines in boxes(innermost)] == ["0.1 ReLU", "1 Linear"]
    assert {"0.0.weight", "0.0.bias"} <= set(leaves(innermost.circuit))


def test_a_layer_is_closed_by_its_path_in_the_view_of_arrays() -> None:
    everything = draw(nested(), sample=X, view="tensors")
    assert gates(everything.circuit) == ["matmul", "add", "relu", "matmul", "add"]
    closed = draw(nested(), sample=X, view="tensors", collapse="0")
    assert boxes(closed) == [("0 Sequential", "12 parameters")]
    assert gates(closed.circuit) == ["matmul", "add"]


@pytest.mark.parametrize("argument", ["expand", "collapse"])
def test_a_path_without_a_module_is_named(argument: str) -> None:
    with pytest.raises(SettingError, match=rf"{argument}='0\.7': .*; it has '0', '0\.0', '0\.1', "):
        draw(nested(), sample=X, **{argument: "0.7"})


def test_both_ways_of_a_residual_lead_past_its_box_or_around() -> None:
    model = Sequential(Linear(3, 3, rng=rng()), Residual(Linear(3, 3, rng=rng())))
    drawing = draw(model, sample=X, expand="1", loss=lambda output: output.sum())
    assert [lines[0] for lines in boxes(drawing)] == ["0 Linear", "1.module Linear"]
    assert gates(drawing.circuit) == ["add", "sum"]
    stem = next(wire for wire in drawing.circuit.wires if wire.role == "stem")
    assert stem.source == next(p.key for p in drawing.circuit.pieces if isinstance(p, GroupBox))
    assert drawing.circuit.notes == ()


def test_a_module_that_is_called_twice_is_two_boxes() -> None:
    class Twice(Module):
        def __init__(self) -> None:
            self.layer = Linear(3, 3, rng=rng())

        def forward(self, x: Any) -> Any:
            return self.layer(self.layer(x))

    drawing = draw(Twice(), sample=X, loss=lambda output: output.sum())
    assert [lines[0] for lines in boxes(drawing)] == ["layer Linear", "layer Linear"]
    assert drawing.circuit.notes == ()


def test_a_recurrent_layer_is_one_box_and_its_many_gates_an_array_view() -> None:
    model = Sequential(LSTM(3, 2, rng=rng(), returns="last"), Linear(2, 1, rng=rng()))
    sample = np.ones((1, 5, 3))
    assert [lines[0] for lines in boxes(draw(model, sample=sample))] == ["0 LSTM", "1 Linear"]
    assert len(gates(draw(model, sample=sample, view="tensors").circuit)) > 50


def test_arrays_are_shown_with_their_mean_and_what_is_zero() -> None:
    x = Tensor(np.array([[-1.0, 2.0, 3.0], [-4.0, 5.0, -6.0]]), name="x")
    y = x.relu().sum()
    [wire] = [w for w in draw(y, view="tensors").circuit.wires if w.target == "n2"]
    assert (wire.shape, wire.summary) == ("(2, 3)", "mean 1.67, 50% zero")
    assert all(w.summary == "" for w in draw(y).circuit.wires)


def test_scalar_gates_have_the_names_of_the_arrays_and_their_gradients() -> None:
    weight, x = Tensor([[2.0, -1.0]], name="w"), Tensor([3.0, 4.0], name="x")
    y = (weight @ x).sum()
    y.backward()
    circuit = draw(y, view="gates").circuit
    assert {"w[0, 0]", "w[0, 1]", "x[0]", "x[1]"} <= set(leaves(circuit))
    assert circuit.notes == ()
    renamed = draw((weight @ x).sum(), view="gates", names={"W": weight}).circuit
    assert "W[0, 1]" in leaves(renamed)


def test_scalar_gates_lead_to_one_number() -> None:
    with pytest.raises(SettingError, match=r"the output has shape \(2,\); draw one element of it"):
        draw(Tensor([1.0, 2.0]).exp(), view="gates")


def chain(length: int) -> Value:
    node = Value(0.5, name="x")
    for _ in range(length):
        node = exp(-node)
    return node


def test_what_is_too_large_is_drawn_at_the_next_coarser_view_which_is_said() -> None:
    model = net()
    by_gates = draw(model, sample=X[:1], view="gates", loss=lambda y: y.sum(), limit=20)
    assert len(gates(by_gates.circuit)) == 6
    assert by_gates.circuit.notes == (
        "the view 'gates' has more boxes than limit=20: this is the view 'tensors'",
    )
    coarser = draw(model, sample=X[:1], view="gates", loss=lambda y: y.sum(), limit=5)
    assert len(boxes(coarser)) == 2 and "this is the view 'modules'" in coarser.circuit.notes[0]
    assert "has more boxes than limit=20" in by_gates.svg


def test_a_large_graph_becomes_a_few_stages_and_none_of_its_gates_is_lost() -> None:
    drawing = draw(chain(300))
    assert "this is the view 'stages'" in drawing.circuit.notes[-1]
    found = [piece for piece in drawing.circuit.pieces if isinstance(piece, GroupBox)]
    assert found[0].title == "1 leaves"
    assert 2 <= len(found) - 1 <= 8
    assert sum(int(piece.title.split()[0]) for piece in found[1:]) == 600
    assert len(draw(chain(300), limit=None).circuit.pieces) == 602


def test_stages_have_the_range_of_their_numbers_and_gradients() -> None:
    y = chain(300)
    y.backward()
    drawing = draw(y)
    assert drawing.circuit.output.value.text == f"{y.data:.2f}"
    first = drawing.circuit.wires[0]
    assert (first.value.text, first.gradient and first.gradient.exact) == (
        "0.50",
        repr(topological_order(y)[0].grad),
    )


@pytest.mark.parametrize("view", ["gates", "stages"])
def test_a_constant_and_a_leaf_alone_are_drawn_in_every_view(view: Any) -> None:
    assert draw(Value(2.0, name="x"), view=view).svg.startswith("<svg")


def test_units_come_in_an_order_in_which_each_follows_what_it_uses() -> None:
    x = Value(1.0)
    first = [x * 2.0, x * 3.0]
    between = [first[0] + 1.0, first[1] + 2.0]
    y = between[0] * between[1]
    order = topological_order(y)
    one, other = Group("", "one"), Group("", "other")
    groups = {id(node): one for node in first} | {id(node): other for node in between}
    units = units_of(order, Grouping(groups))
    assert [unit.group for unit in units] == [None, one, other, None]
    assert sorted(map(len, (unit.nodes for unit in units))) == [1, 1, 2, 2]
    assert [unit.nodes for unit in units_of(order, Grouping())] == [[node] for node in order]


@pytest.mark.parametrize(
    ("drawn", "settings", "error", "message"),
    [
        (net(), {}, OperandError, r"pass a sample of its input: draw\(model, sample=x\)"),
        (Value(1.0), {"sample": X}, OperandError, "sample goes with a model"),
        (Value(1.0), {"view": "modules"}, SettingError, "a node does not know its layers"),
        (Value(1.0), {"expand": "0"}, SettingError, "a node does not know its layers"),
        (Value(1.0), {"view": "wide"}, SettingError, "view='wide'; it is one of 'modules', "),
    ],
)
def test_what_cannot_be_drawn_so_is_refused(
    drawn: Any, settings: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        draw(drawn, **settings)

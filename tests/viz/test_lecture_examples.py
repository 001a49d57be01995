"""The worked numbers of the lectures on backpropagation stand on the wires they belong to."""

from __future__ import annotations

from typing import Any

import numpy as np

import autograd
import nn
from autograd import Tensor, Value, exp
from viz import Drawing, draw


def product_of_a_sum() -> Drawing:
    x, y, z = Value(-2.0), Value(5.0), Value(-4.0)
    q = x + y
    f = q * z
    f.backward()
    return draw(f, names={"x": x, "y": y, "z": z, "q": q, "f": f})


def sigmoid_neuron() -> Drawing:
    w0, w1, w2 = Value(2.0), Value(-3.0), Value(-3.0)
    x0, x1 = Value(-1.0), Value(-2.0)
    f = 1 / (1 + exp(-(w0 * x0 + w1 * x1 + w2)))
    f.backward()
    return draw(f, names=locals())


def test_product_of_a_sum_has_values_and_gradients_on_its_wires(wires_of: Any) -> None:
    seen = {(w.source, w.target): (w.value, w.gradient) for w in wires_of(product_of_a_sum())}
    assert seen == {
        ("x", "+"): ("-2.00", "-4.00"),
        ("y", "+"): ("5.00", "-4.00"),
        ("+", "×"): ("3.00", "-4.00"),
        ("z", "×"): ("-4.00", "3.00"),
        ("×", "f"): ("-12.00", "1.00"),
    }


def test_named_inner_node_has_its_name_above_its_wire(wires_of: Any) -> None:
    [wire] = [w for w in wires_of(product_of_a_sum()) if w.source == "+"]
    assert wire.heading == "q"


def test_sigmoid_neuron_leaves_have_the_gradients_of_the_lecture(numbers_of: Any) -> None:
    numbers = numbers_of(sigmoid_neuron())
    assert numbers["w0"] == ("2.00", "-0.20")
    assert numbers["w1"] == ("-3.00", "-0.39")
    assert numbers["w2"] == ("-3.00", "0.20")
    assert numbers["x0"] == ("-1.00", "0.39")
    assert numbers["x1"] == ("-2.00", "-0.59")


def test_sigmoid_neuron_shows_each_stage_between_its_gates(wires_of: Any) -> None:
    between = [
        (w.source, w.target, w.value, w.gradient)
        for w in wires_of(sigmoid_neuron())
        if w.source in ("−", "exp", "+", "÷")
    ]
    assert between == [
        ("+", "+", "4.00", "0.20"),
        ("+", "−", "1.00", "0.20"),
        ("−", "exp", "-1.00", "-0.20"),
        ("exp", "+", "0.37", "-0.53"),
        ("+", "÷", "1.37", "-0.53"),
        ("÷", "f", "0.73", "1.00"),
    ]


def test_sigmoid_as_one_gate_has_the_numbers_of_the_neuron_in_full(numbers_of: Any) -> None:
    w0, w1, w2 = Value(2.0), Value(-3.0), Value(-3.0)
    x0, x1 = Value(-1.0), Value(-2.0)
    f = autograd.sigmoid(w0 * x0 + w1 * x1 + w2)
    f.backward()
    drawing = draw(f, names=locals(), show=["value", "gradient", "local"])
    full = numbers_of(sigmoid_neuron())
    assert {name: numbers_of(drawing)[name] for name in ("w0", "w1", "w2", "x0", "x1")} == {
        name: full[name] for name in ("w0", "w1", "w2", "x0", "x1")
    }
    [into] = [wire for wire in drawing.circuit.wires if wire.target == f"n{into_sigmoid(drawing)}"]
    # The slope of the sigmoid is 0.73 * (1 - 0.73).
    assert (into.value.text, into.below) == ("1.00", ("0.20", "∂ 0.20"))


def into_sigmoid(drawing: Drawing) -> str:
    keys = [p.key for p in drawing.circuit.pieces if getattr(p, "gate", "") == "sigmoid"]
    return keys[0].removeprefix("n")


def test_squared_length_of_a_product_has_the_arrays_of_the_lecture(numbers_of: Any) -> None:
    weights, x = Tensor([[0.1, 0.5], [-0.3, 0.8]]), Tensor([0.2, 0.4])
    q = weights @ x
    f = (q**2).sum()
    f.backward()
    drawing = draw(f, names={"W": weights, "x": x, "q": q, "f": f}, digits=3)
    numbers = numbers_of(drawing)
    assert numbers["W"] == ("[[0.100, 0.500], [-0.300, 0.800]]", "[[0.088, 0.176], [0.104, 0.208]]")
    assert numbers["x"] == ("[0.200, 0.400]", "[-0.112, 0.636]")
    [wire] = [w for w in drawing.circuit.wires if w.name == "q"]
    assert (wire.value.text, wire.below) == ("[0.220, 0.260]", ("[0.440, 0.520]",))
    assert drawing.circuit.output.value.text == "0.116"


def test_exclusive_or_is_drawn_as_nand_or_and_and(wires_of: Any) -> None:
    x0, x1 = Value(1.0), Value(0.0)
    neurons = {"nand": (-0.5, -0.5, 0.7), "or": (0.5, 0.5, -0.2), "and": (0.5, 0.5, -0.7)}

    def fires(kind: str, first: Value, second: Value) -> Value:
        one, other, bias = neurons[kind]
        return autograd.step(first * one + second * other + bias)

    s1, s2 = fires("nand", x0, x1), fires("or", x0, x1)
    y = fires("and", s1, s2)
    drawing = draw(y, names=locals())
    named = {wire.heading: wire.value for wire in wires_of(drawing) if wire.heading}
    assert named == {"s1": "1.00", "s2": "1.00"}
    assert drawing.circuit.output.value.text == "1.00"
    symbols = [getattr(piece, "gate", "") for piece in drawing.circuit.pieces]
    assert symbols.count("step") == 3


def test_two_layers_with_softmax_and_loss_are_drawn_with_their_probabilities() -> None:
    rng = np.random.default_rng(0)
    model = nn.Sequential(nn.Linear(2, 3, rng=rng), nn.Sigmoid(), nn.Linear(3, 2, rng=rng))
    x = np.array([[1.0, 2.0]])
    drawing = draw(model, sample=x, loss=lambda logits: nn.cross_entropy(logits, [1]), digits=6)
    logits = model(x)
    probabilities = autograd.softmax(logits).data[0]
    assert drawing.circuit.output.value.text == f"{-np.log(probabilities[1]):.6f}"
    [wire] = [w for w in drawing.circuit.wires if w.value.text == as_text(logits.data)]
    # The gradient of the loss by the logits is p - t.
    assert wire.below == (as_text(probabilities[None] - [[0, 1]]),)


def as_text(row: np.ndarray) -> str:
    return "[[" + ", ".join(f"{number:.6f}" for number in row[0]) + "]]"

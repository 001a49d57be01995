"""The worked numbers of the lectures on backpropagation stand on the wires they belong to."""

from __future__ import annotations

import shutil
import xml.etree.ElementTree as ET
from typing import Any

import numpy as np
import pytest
from lecture_graphs import (
    INPUT,
    LECTURE_GRAPHS,
    exclusive_or,
    product_of_a_sum,
    sigmoid_as_one_gate,
    sigmoid_neuron,
    squared_length_of_a_product,
    two_layers,
    two_layers_with_loss,
)

import autograd
from viz import Drawing
from viz.render import installed_layout

SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize("name", LECTURE_GRAPHS)
def test_lecture_graphs_are_drawn_as_ever(name: str, golden_drawing: Any) -> None:
    golden_drawing(LECTURE_GRAPHS[name](), f"golden/{name}.mmd")


@pytest.mark.parametrize("style", ["slides", "records", "print"])
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("name", LECTURE_GRAPHS)
def test_every_number_of_a_lecture_graph_is_seen_in_every_look(
    name: str, theme: Any, style: Any
) -> None:
    drawing = LECTURE_GRAPHS[name](theme=theme, style=style)
    texts = ["".join(text.itertext()) for text in ET.fromstring(drawing.svg).iter(f"{SVG}text")]
    for wire in drawing.circuit.wires:
        if style == "records" and wire.role != "stem" and wire.source.startswith("f"):
            continue  # the value stands in the record before
        assert any(wire.value.text in text for text in texts)
        assert wire.gradient is None or any(wire.gradient.text in text for text in texts)


@pytest.mark.skipif(shutil.which("dot") is None, reason="the dot program is not installed")
@pytest.mark.parametrize("name", LECTURE_GRAPHS)
def test_dot_program_lays_a_lecture_graph_out_as_the_embedded_graphviz(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    embedded = places(LECTURE_GRAPHS[name]())
    monkeypatch.setattr("viz.drawing.lay_out", installed_layout)
    installed = places(LECTURE_GRAPHS[name]())
    # One version of Graphviz may keep a little more room than another.
    assert np.allclose(embedded, installed, atol=40.0)


def places(drawing: Drawing) -> list[tuple[float, float]]:
    """Where the texts of a picture stand, in the order of its elements."""
    texts = ET.fromstring(drawing.svg).iter(f"{SVG}text")
    return [(float(text.get("x", "")), float(text.get("y", ""))) for text in texts]


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
    drawing = sigmoid_as_one_gate(show=["value", "gradient", "local"])
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
    drawing = squared_length_of_a_product()
    numbers = numbers_of(drawing)
    assert numbers["W"] == ("[[0.100, 0.500], [-0.300, 0.800]]", "[[0.088, 0.176], [0.104, 0.208]]")
    assert numbers["x"] == ("[0.200, 0.400]", "[-0.112, 0.636]")
    [wire] = [w for w in drawing.circuit.wires if w.name == "q"]
    assert (wire.value.text, wire.below) == ("[0.220, 0.260]", ("[0.440, 0.520]",))
    assert drawing.circuit.output.value.text == "0.116"


def test_exclusive_or_is_drawn_as_nand_or_and_and(wires_of: Any) -> None:
    drawing = exclusive_or()
    named = {wire.heading: wire.value for wire in wires_of(drawing) if wire.heading}
    assert named == {"s1": "1.00", "s2": "1.00"}
    assert drawing.circuit.output.value.text == "1.00"
    symbols = [getattr(piece, "gate", "") for piece in drawing.circuit.pieces]
    assert symbols.count("step") == 3


def test_two_layers_with_softmax_and_loss_are_drawn_with_their_probabilities() -> None:
    drawing = two_layers_with_loss(view=None, digits=6)
    logits = two_layers()(INPUT)
    probabilities = autograd.softmax(logits).data[0]
    assert drawing.circuit.output.value.text == f"{-np.log(probabilities[1]):.6f}"
    [wire] = [w for w in drawing.circuit.wires if w.value.text == as_text(logits.data)]
    # The gradient of the loss by the logits is p - t.
    assert wire.below == (as_text(probabilities[None] - [[0, 1]]),)


def as_text(row: np.ndarray) -> str:
    return "[[" + ", ".join(f"{number:.6f}" for number in row[0]) + "]]"

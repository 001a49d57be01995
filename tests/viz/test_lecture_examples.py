"""The worked numbers of the lectures on backpropagation stand on the wires they belong to."""

from __future__ import annotations

from typing import Any

from autograd import Value, exp
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

"""The graphs that the lectures on backpropagation work out by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import autograd
import nn
from autograd import Tensor, Value, exp
from viz import Drawing, draw

INPUT = np.array([[1.0, 2.0]])


def product_of_a_sum(**look: Any) -> Drawing:
    x, y, z = Value(-2.0), Value(5.0), Value(-4.0)
    q = x + y
    f = q * z
    f.backward()
    return draw(f, names={"x": x, "y": y, "z": z, "q": q, "f": f}, **look)


def sigmoid_neuron(**look: Any) -> Drawing:
    w0, w1, w2 = Value(2.0), Value(-3.0), Value(-3.0)
    x0, x1 = Value(-1.0), Value(-2.0)
    f = 1 / (1 + exp(-(w0 * x0 + w1 * x1 + w2)))
    f.backward()
    names = {"w0": w0, "w1": w1, "w2": w2, "x0": x0, "x1": x1, "f": f}
    return draw(f, names=names, **look)


def sigmoid_as_one_gate(**look: Any) -> Drawing:
    w0, w1, w2 = Value(2.0), Value(-3.0), Value(-3.0)
    x0, x1 = Value(-1.0), Value(-2.0)
    f = autograd.sigmoid(w0 * x0 + w1 * x1 + w2)
    f.backward()
    names = {"w0": w0, "w1": w1, "w2": w2, "x0": x0, "x1": x1, "f": f}
    return draw(f, names=names, **look)


def squared_length_of_a_product(**look: Any) -> Drawing:
    weights, x = Tensor([[0.1, 0.5], [-0.3, 0.8]]), Tensor([0.2, 0.4])
    q = weights @ x
    f = (q**2).sum()
    f.backward()
    return draw(f, names={"W": weights, "x": x, "q": q, "f": f}, **{"digits": 3, **look})


def exclusive_or(**look: Any) -> Drawing:
    x0, x1 = Value(1.0), Value(0.0)
    neurons = {"nand": (-0.5, -0.5, 0.7), "or": (0.5, 0.5, -0.2), "and": (0.5, 0.5, -0.7)}

    def fires(kind: str, first: Value, second: Value) -> Value:
        one, other, bias = neurons[kind]
        return autograd.step(first * one + second * other + bias)

    s1, s2 = fires("nand", x0, x1), fires("or", x0, x1)
    y = fires("and", s1, s2)
    return draw(y, names={"x0": x0, "x1": x1, "s1": s1, "s2": s2, "y": y}, **look)


def two_layers() -> nn.Sequential:
    rng = np.random.default_rng(0)
    return nn.Sequential(nn.Linear(2, 3, rng=rng), nn.Sigmoid(), nn.Linear(3, 2, rng=rng))


def two_layers_with_loss(**look: Any) -> Drawing:
    def loss(logits: Tensor) -> Tensor:
        return nn.cross_entropy(logits, [1])

    return draw(two_layers(), sample=INPUT, loss=loss, **{"view": "tensors", **look})


LECTURE_GRAPHS: dict[str, Callable[..., Drawing]] = {
    "product_of_a_sum": product_of_a_sum,
    "sigmoid_neuron": sigmoid_neuron,
    "sigmoid_as_one_gate": sigmoid_as_one_gate,
    "squared_length_of_a_product": squared_length_of_a_product,
    "exclusive_or": exclusive_or,
    "two_layers_with_loss": two_layers_with_loss,
}

"""The nets that ``array_engine.py`` times: their data, their weights and the formula of each loss.

A formula is written once, over the functions of a Library; what is the same in every library of
arrays, such as ``+``, ``@`` and slices, it uses directly.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

__all__ = ["NETS", "Net"]

FLOWERS = Path(__file__).resolve().parent.parent / "examples" / "iris.csv"
HIDDEN = 64

Arrays = Mapping[str, Any]
Loss = Callable[[Any, Arrays, Arrays], Any]


@dataclass(frozen=True)
class Net:
    """A loss, and the numbers that it begins with.

    Args:
        loss: ``loss(library, weights, inputs)``, a scalar of that library.
        weights: what is trained.
        inputs: what is not; floats of the dtype of the weights, and integer labels.
        learning_rate: small enough that the loss stays finite over as many steps as are timed.
    """

    loss: Loss
    weights: dict[str, np.ndarray]
    inputs: dict[str, np.ndarray]
    learning_rate: float


def iris() -> Net:
    """Softmax regression of the Iris flowers, all 150 at once, in float64."""
    sizes = np.loadtxt(FLOWERS, delimiter=",", skiprows=1, usecols=range(4))
    species = np.loadtxt(FLOWERS, delimiter=",", skiprows=1, usecols=4, dtype=str)
    _, labels = np.unique(species, return_inverse=True)
    rng = np.random.default_rng(1)
    weights = {"w": weight(rng, 4, 3, dtype=np.float64), "b": np.zeros(3)}
    return Net(softmax_regression, weights, {"x": sizes, "labels": labels}, 0.01)


def softmax_regression(library: Any, w: Arrays, given: Arrays) -> Any:
    """The cross-entropy of one layer of weighted sums."""
    return library.cross_entropy(library.linear(given["x"], w["w"], w["b"]), given["labels"])


def mlp(samples: int = 100, inputs: int = 784) -> Net:
    """784-50-10 with relu, as for handwritten digits, on random numbers."""
    rng = np.random.default_rng(2)
    weights = {
        "w1": weight(rng, inputs, 50),
        "b1": np.zeros(50, np.float32),
        "w2": weight(rng, 50, 10),
        "b2": np.zeros(10, np.float32),
    }
    given = {
        "x": rng.uniform(size=(samples, inputs)).astype(np.float32),
        "labels": rng.integers(10, size=samples),
    }
    return Net(multilayer_perceptron, weights, given, 0.01)


def multilayer_perceptron(library: Any, w: Arrays, given: Arrays) -> Any:
    """The cross-entropy of two layers with relu between them."""
    hidden = library.relu(library.linear(given["x"], w["w1"], w["b1"]))
    return library.cross_entropy(library.linear(hidden, w["w2"], w["b2"]), given["labels"])


def lenet() -> Net:
    """LeNet on 32 pictures of 28 x 28: two convolutions with pooling, then 120-84-10."""
    rng = np.random.default_rng(3)
    weights: dict[str, np.ndarray] = {}
    for name, shape in {"1": (6, 1, 5, 5), "2": (16, 6, 5, 5)}.items():
        weights[f"k{name}"] = uniform(rng, shape, fan_in=shape[1] * 25)
        weights[f"c{name}"] = np.zeros(shape[0], np.float32)
    sizes = [256, 120, 84, 10]
    for layer, (inputs, outputs) in enumerate(pairwise(sizes)):
        weights[f"w{layer}"] = weight(rng, inputs, outputs)
        weights[f"b{layer}"] = np.zeros(outputs, np.float32)
    pictures = rng.uniform(size=(32, 1, 28, 28)).astype(np.float32)
    return Net(
        convolutional_net, weights, {"x": pictures, "labels": rng.integers(10, size=32)}, 0.01
    )


def convolutional_net(library: Any, w: Arrays, given: Arrays) -> Any:
    """The cross-entropy of LeNet."""
    x = given["x"]
    for layer in ("1", "2"):
        x = library.conv2d(x, w[f"k{layer}"], w[f"c{layer}"])
        x = library.max_pool(library.relu(x), 2)
    x = x.reshape(len(given["x"]), -1)
    for layer in (0, 1):
        x = library.relu(library.linear(x, w[f"w{layer}"], w[f"b{layer}"]))
    return library.cross_entropy(library.linear(x, w["w2"], w["b2"]), given["labels"])


def lstm() -> Net:
    """An LSTM of 64 units over 30 steps of 16 inputs, 32 sequences, written gate by gate."""
    rng = np.random.default_rng(4)
    weights = {
        "wx": uniform(rng, (16, 4 * HIDDEN), fan_in=HIDDEN),
        "wh": uniform(rng, (HIDDEN, 4 * HIDDEN), fan_in=HIDDEN),
        "b": np.zeros(4 * HIDDEN, np.float32),
        "w": weight(rng, HIDDEN, 1),
        "c": np.zeros(1, np.float32),
    }
    inputs = {
        "x": rng.normal(size=(30, 32, 16)).astype(np.float32),
        "target": rng.normal(size=(32, 1)).astype(np.float32),
        "zeros": np.zeros((32, HIDDEN), np.float32),
    }
    return Net(long_short_term_memory, weights, inputs, 0.01)


def long_short_term_memory(library: Any, w: Arrays, given: Arrays) -> Any:
    """The squared error of a readout of the last hidden state."""
    h = c = given["zeros"]
    for step in range(len(given["x"])):
        z = given["x"][step] @ w["wx"] + h @ w["wh"] + w["b"]
        forget = library.sigmoid(z[:, :HIDDEN])
        enter = library.sigmoid(z[:, HIDDEN : 2 * HIDDEN])
        leave = library.sigmoid(z[:, 2 * HIDDEN : 3 * HIDDEN])
        c = forget * c + enter * library.tanh(z[:, 3 * HIDDEN :])
        h = leave * library.tanh(c)
    return library.mse(library.linear(h, w["w"], w["c"]), given["target"])


def chain(additions: int = 10_000) -> Net:
    """A number added to itself again and again: nothing but the cost of a gate."""

    def sum_of_many(library: Any, w: Arrays, given: Arrays) -> Any:
        total = w["x"]
        for _ in range(additions):
            total = total + w["x"]
        return total

    return Net(sum_of_many, {"x": np.array(0.5)}, {}, 1e-12)


def weight(
    rng: np.random.Generator, inputs: int, outputs: int, dtype: type[np.floating] = np.float32
) -> np.ndarray:
    """Random weights (inputs, outputs) of a layer."""
    return uniform(rng, (inputs, outputs), fan_in=inputs, dtype=dtype)


def uniform(
    rng: np.random.Generator,
    shape: tuple[int, ...],
    fan_in: int,
    dtype: type[np.floating] = np.float32,
) -> np.ndarray:
    """Random numbers within one over the root of the number of inputs."""
    bound = fan_in**-0.5
    return rng.uniform(-bound, bound, size=shape).astype(dtype)


NETS: dict[str, Callable[[], Net]] = {
    "iris": iris,
    "mlp": mlp,
    "lenet": lenet,
    "lstm": lstm,
    "chain": chain,
}

"""The Iris flowers, told apart by a 4-16-3 softmax classifier that draws itself.

Run it as `python examples/iris_softmax.py`: it trains the net on 90 of the 150 flowers, tests it
on the other 60, and leaves pictures of the net, of one neuron and of the loss in `out/`.
"""

from __future__ import annotations

import argparse
import csv
import sys
from pathlib import Path
from typing import NamedTuple

import numpy as np
from example import Example, Save
from tqdm import tqdm

import autograd
import viz
from autograd import Value
from autograd.errors import FormatError
from nn import (
    SGD,
    Linear,
    Sequential,
    Tanh,
    accuracy,
    batches,
    confusion_matrix,
    cross_entropy,
    train_test_split,
)

FLOWERS = Path(__file__).with_name("iris.csv")
COLUMNS = ["sepal_length", "sepal_width", "petal_length", "petal_width", "species"]
TEST_FRACTION = 0.4
HIDDEN = 16
BATCH_SIZE = 16
LEARNING_RATE = 0.1


class Flowers(NamedTuple):
    """Measurements (n, 4) in centimetres, labels (n,), and the species that a label indexes."""

    x: np.ndarray
    y: np.ndarray
    species: list[str]


def load_flowers(path: Path) -> Flowers:
    """The flowers of a CSV file that has a header and the columns of COLUMNS.

    Raises:
        FormatError: the file cannot be read, or a line of it is not a flower; the line is named.
    """
    try:
        with path.open(newline="", encoding="utf-8") as file:
            header, *rows = list(csv.reader(file)) or [[]]
    except (OSError, UnicodeDecodeError) as error:
        raise FormatError(f"{path}: cannot be read: {error}") from error
    if header != COLUMNS:
        raise FormatError(f"{path}, line 1: {','.join(header)!r} is not {','.join(COLUMNS)!r}")
    if not rows:
        raise FormatError(f"{path}: no flower below the header")
    flowers = [parse_flower(row, f"{path}, line {line}") for line, row in enumerate(rows, start=2)]
    species = sorted({name for _, name in flowers})
    x = np.array([sizes for sizes, _ in flowers])
    y = np.array([species.index(name) for _, name in flowers])
    return Flowers(x, y, species)


def parse_flower(row: list[str], where: str) -> tuple[list[float], str]:
    """The four sizes and the species of one line."""
    if len(row) != len(COLUMNS):
        raise FormatError(f"{where}: {len(row)} fields, not {len(COLUMNS)}: {','.join(row)!r}")
    *texts, species = row
    try:
        sizes = [float(text) for text in texts]
    except ValueError as error:
        raise FormatError(f"{where}: {error}") from error
    if not np.isfinite(sizes).all() or not species:
        raise FormatError(f"{where}: a size is not finite or the species is empty: {row}")
    return sizes, species


def train(
    net: Sequential, x: np.ndarray, y: np.ndarray, epochs: int, rng: np.random.Generator
) -> tuple[list[float], list[float]]:
    """Fit the net by mini-batches; the mean loss and the accuracy of each epoch."""
    optimizer = SGD(net.parameters(), lr=LEARNING_RATE)
    losses, accuracies = [], []
    progress = tqdm(range(epochs), desc="training", unit="epoch")
    for _ in progress:
        loss_sum, right = 0.0, 0
        for batch_x, batch_y in batches(x, y, BATCH_SIZE, rng):
            optimizer.zero_grad()
            logits = net(batch_x)
            loss = cross_entropy(logits, batch_y)
            loss.backward()
            optimizer.step()
            loss_sum += loss.item() * len(batch_y)
            right += int((predicted(logits.data) == batch_y).sum())
        losses.append(loss_sum / len(y))
        accuracies.append(right / len(y))
        progress.set_postfix(
            loss=f"{losses[-1]:.4f}", accuracy=f"{accuracies[-1]:.3f}", refresh=False
        )
    return losses, accuracies


def predicted(logits: np.ndarray) -> np.ndarray:
    """The label with the largest logit, for each row."""
    return logits.argmax(axis=1)


def report(predictions: np.ndarray, labels: np.ndarray, species: list[str]) -> str:
    """The accuracy, and the confusion matrix with a row for each true species."""
    counts = confusion_matrix(predictions, labels, classes=len(species))
    width = max(len(name) for name in species)
    lines = [
        f"test accuracy {accuracy(predictions, labels):.3f} on {len(labels)} flowers",
        "",
        f"{'':{width}}  predicted",
        "  ".join([f"{'true':{width}}", *(f"{name:>{width}}" for name in species)]),
    ]
    for name, row in zip(species, counts, strict=True):
        lines.append("  ".join([f"{name:{width}}", *(f"{count:{width}}" for count in row)]))
    return "\n".join(lines)


def draw_net(net: Sequential, x: np.ndarray, y: np.ndarray) -> viz.Drawing:
    """The whole computation for a few flowers, from the sizes to the loss, with its gradients."""
    net.zero_grad()
    logits = net(x)
    loss = cross_entropy(logits, y)
    loss.backward()
    names = {"x": x, "labels": y, "logits": logits, "loss": loss}
    return viz.draw(loss, names=names, title=f"4-{HIDDEN}-3 softmax classifier, {len(y)} flowers")


def draw_neuron() -> viz.Drawing:
    """A sigmoid neuron, gate by gate."""
    w0, w1, w2 = Value(2.0), Value(-3.0), Value(-3.0)
    x0, x1 = Value(-1.0), Value(-2.0)
    f = 1 / (1 + autograd.exp(-(w0 * x0 + w1 * x1 + w2)))
    f.backward()
    return viz.draw(f, names=locals(), title="f = 1 / (1 + exp(-(w0 x0 + w1 x1 + w2)))")


def run(options: argparse.Namespace, rng: np.random.Generator, save: Save) -> None:
    """Train, test and draw."""
    flowers = load_flowers(FLOWERS)
    split = train_test_split(flowers.x, flowers.y, TEST_FRACTION, rng, stratify=True)
    # Mean and spread come from the training flowers alone: the test must not leak into them.
    mean, spread = split.x_train.mean(axis=0), split.x_train.std(axis=0)
    x_train, x_test = (split.x_train - mean) / spread, (split.x_test - mean) / spread

    net = Sequential(Linear(4, HIDDEN, rng=rng), Tanh(), Linear(HIDDEN, 3, rng=rng))
    losses, accuracies = train(net, x_train, split.y_train, options.epochs, rng)
    print(report(predicted(net(x_test).data), split.y_test, flowers.species), end="\n\n")

    for name, drawing in (
        ("net", draw_net(net, x_test[:3], split.y_test[:3])),
        ("neuron", draw_neuron()),
    ):
        save(drawing, f"{name}.svg")
        save(drawing, f"{name}.png")
    save(viz.loss_curve(losses, accuracy=accuracies), "loss.png")


main = Example(run, __doc__, epochs=(100, "passes over the training flowers"))

if __name__ == "__main__":
    sys.exit(main())

"""Draws the pictures of the README and of docs again, as `make docs` does."""

from __future__ import annotations

import os
import runpy
from pathlib import Path

import matplotlib
import numpy as np

import nn
import viz

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"


def draw_neuron() -> Path:
    """The neuron of the README, with the code of the demo."""
    demo = runpy.run_path(str(ROOT / "examples" / "iris_softmax.py"))
    path: Path = demo["draw_neuron"]().save(DOCS / "neuron.svg")
    return path


def draw_curves() -> Path:
    """The curves of docs/networks.md: the Iris flowers, learned by 4-8-3."""
    # The same bytes for the same curves.
    os.environ["SOURCE_DATE_EPOCH"] = "0"
    matplotlib.rcParams["svg.hashsalt"] = "gategrad"
    rng = np.random.default_rng(0)
    flowers = nn.read_csv(ROOT / "examples" / "iris.csv", label="species")
    split = nn.train_test_split(flowers.x, flowers.y, 1 / 3, rng, stratify=True)
    x_train, x_test = nn.standardize(split.x_train, split.x_test)
    net = nn.Sequential(nn.Linear(4, 8, rng=rng), nn.Tanh(), nn.Linear(8, 3, rng=rng))
    history = nn.fit(
        net,
        (x_train, split.y_train),
        nn.cross_entropy,
        nn.Adam(net.parameters(), lr=0.02),
        epochs=60,
        batch_size=16,
        rng=rng,
        validation=(x_test, split.y_test),
        metrics=[nn.accuracy],
        progress=False,
    )
    return viz.save_figure(viz.training_curves(history)[0], DOCS / "curves.svg")


def main() -> None:
    """Write the pictures and say so."""
    for draw in (draw_neuron, draw_curves):
        print(f"wrote {draw().relative_to(ROOT)}")


if __name__ == "__main__":
    main()

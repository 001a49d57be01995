"""Code written for micrograd's Value runs unchanged on ours, to the same numbers."""

from __future__ import annotations

import importlib.util
import random
import sys
from types import ModuleType
from typing import Any

import numpy as np
import pytest

import autograd

pytest.importorskip("micrograd", reason="the peer is installed by the extra `bench`")


def micrograd_nn(value_class: Any, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """A fresh copy of micrograd's published nn module over the given Value."""
    with monkeypatch.context() as patch:
        patch.setattr("micrograd.engine.Value", value_class)
        spec = importlib.util.find_spec("micrograd.nn")
        assert spec is not None and spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    return module


def two_moons(rng: np.random.Generator, samples: int) -> tuple[np.ndarray, np.ndarray]:
    """Two half circles, one upside down and moved, with noise; labels -1 and 1."""
    angle = rng.uniform(0, np.pi, samples)
    label = np.arange(samples) % 2
    x = np.where(label, 1 - np.cos(angle), np.cos(angle))
    y = np.where(label, 0.5 - np.sin(angle), np.sin(angle))
    return np.stack([x, y], axis=1) + rng.normal(scale=0.1, size=(samples, 2)), 2 * label - 1


def train(value_class: Any, monkeypatch: pytest.MonkeyPatch, steps: int) -> list[float]:
    nn = micrograd_nn(value_class, monkeypatch)
    random.seed(1337)
    model = nn.MLP(2, [16, 16, 1])
    points, labels = two_moons(np.random.default_rng(1), 20)
    losses = []
    for step in range(steps):
        scores = [model(list(map(value_class, point))) for point in points]
        hinge = [(1 + -label * score).relu() for label, score in zip(labels, scores, strict=True)]
        loss = sum(hinge) * (1.0 / len(hinge)) + 1e-4 * sum(p * p for p in model.parameters())
        model.zero_grad()
        loss.backward()
        for p in model.parameters():
            p.data -= (1.0 - 0.9 * step / 100) * p.grad
        losses.append(float(loss.data))
    return losses


def test_published_nn_trains_two_moons_to_the_same_losses(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from micrograd.engine import Value

    limit = sys.getrecursionlimit()
    try:
        # micrograd's own backward recurses over the graph.
        sys.setrecursionlimit(20_000)
        expected = train(Value, monkeypatch, steps=20)
    finally:
        sys.setrecursionlimit(limit)
    losses = train(autograd.Value, monkeypatch, steps=20)
    assert losses == pytest.approx(expected, rel=1e-12)
    assert losses[-1] < 0.5 * losses[0]

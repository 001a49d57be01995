"""A small classification problem, and nets that learn it."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from nn import Adam, BatchNorm, Dropout, Linear, Module, Sequential, Tanh


class Problem(NamedTuple):
    """Points (n, 2) and on which side of a line they lie, what learns it, and what is random."""

    model: Module
    data: tuple[np.ndarray, np.ndarray]
    optimizer: Any
    rng: np.random.Generator


def points(count: int = 40, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    x = np.random.default_rng(seed).normal(size=(count, 2))
    return x, (x[:, 0] > x[:, 1]).astype(int)


def plain(count: int = 40, lr: float = 0.05) -> Problem:
    rng = np.random.default_rng(1)
    model = Sequential(Linear(2, 5, rng=rng), Tanh(), Linear(5, 2, rng=rng))
    return Problem(model, points(count), Adam(model.parameters(), lr=lr), rng)


def with_state(count: int = 40) -> Problem:
    """A net whose course depends on more than its parameters."""
    rng, masks = np.random.default_rng(1), np.random.default_rng(2)
    model = Sequential(
        Linear(2, 6, rng=rng),
        BatchNorm(6),
        Tanh(),
        Dropout(0.25, rng=masks),
        Linear(6, 2, rng=rng),
    )
    return Problem(model, points(count), Adam(model.parameters(), lr=0.05), rng)


def numbers_of(model: Module) -> dict[str, bytes]:
    """Every bit of the state of a model."""
    return {name: array.tobytes() for name, array in model.state_dict().items()}

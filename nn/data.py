"""Data: splits and mini-batches of arrays whose first axis counts the samples."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from autograd.errors import SettingError, ShapeError
from nn.init import require_generator

__all__ = ["Split", "batches", "train_test_split"]

Array = npt.NDArray[Any]


class Split(NamedTuple):
    """The four arrays of `train_test_split`, in the order in which they unpack."""

    x_train: Array
    x_test: Array
    y_train: Array
    y_test: Array


def batches(
    x: Array, y: Array, batch_size: int, rng: np.random.Generator
) -> Iterator[tuple[Array, Array]]:
    """Pairs (x[rows], y[rows]) that visit each sample once, in random order: one epoch.

    x (n, ...), y (n, ...) -> pairs (batch_size, ...) each; the last is shorter where batch_size
    does not divide n.

    Raises:
        ShapeError: x and y differ in n, or n is 0.
        SettingError: batch_size is below 1.
        OperandError: rng is not a generator.

    >>> x = np.arange(5)
    >>> [len(rows) for rows, _ in batches(x, x, 2, np.random.default_rng(0))]
    [2, 2, 1]
    """
    count = _sample_count(x, y, "batches")
    require_generator(rng, "batches")
    if batch_size < 1:
        raise SettingError(f"batches: batch_size is {batch_size!r}; pass at least 1")
    order = rng.permutation(count)
    starts = range(0, count, batch_size)
    # Not a generator function, so that the checks run at the call and not at the first batch.
    return ((x[rows], y[rows]) for rows in (order[at : at + batch_size] for at in starts))


def train_test_split(
    x: Array, y: Array, test_fraction: float, rng: np.random.Generator, *, stratify: bool = False
) -> Split:
    """The samples in random order, divided into a train and a test part.

    x (n, ...), y (n, ...) -> x_train, x_test, y_train, y_test. The test part has the nearest
    whole number to test_fraction * n samples; with `stratify`, that holds for each of the classes
    that y (n,) names, so that train and test see the same mixture.

    Raises:
        ShapeError: x and y differ in n, n is 0, or y is not (n,) though `stratify` is set.
        SettingError: test_fraction is not between 0 and 1, or leaves one part empty.
        OperandError: rng is not a generator.

    >>> x = np.arange(6)
    >>> split = train_test_split(x, x % 2, 1 / 3, np.random.default_rng(0), stratify=True)
    >>> sorted(split.y_test.tolist()), sorted(split.y_train.tolist())
    ([0, 1], [0, 0, 1, 1])
    """
    count = _sample_count(x, y, "train_test_split")
    require_generator(rng, "train_test_split")
    if not 0 < test_fraction < 1:
        raise SettingError(
            f"train_test_split: test_fraction is {test_fraction!r}; pass a number between 0 and 1"
        )
    if stratify and y.ndim != 1:
        raise ShapeError(
            f"train_test_split: stratify needs labels of shape ({count},), and y is {y.shape}"
        )
    order = rng.permutation(count)
    groups = [order[y[order] == label] for label in np.unique(y)] if stratify else [order]
    in_test = np.zeros(count, dtype=bool)
    for group in groups:
        in_test[group[: round(test_fraction * len(group))]] = True
    test, train = order[in_test[order]], order[~in_test[order]]
    if not len(test) or not len(train):
        raise SettingError(
            f"train_test_split: test_fraction {test_fraction!r} of {count} samples leaves "
            f"{len(train)} to train and {len(test)} to test on; both need one at least"
        )
    return Split(x[train], x[test], y[train], y[test])


def _sample_count(x: Array, y: Array, where: str) -> int:
    """The n that x (n, ...) and y (n, ...) share."""
    if not np.ndim(x) or not np.ndim(y) or len(x) != len(y):
        raise ShapeError(
            f"{where}: x of shape {np.shape(x)} and y of shape {np.shape(y)}; "
            "the first axis of each counts the samples and must be as long"
        )
    if not len(x):
        raise ShapeError(f"{where}: x of shape {np.shape(x)} has no sample")
    return len(x)

"""Splits: some samples to learn from, and others to be tested on."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from autograd.errors import SettingError, ShapeError
from nn.arguments import require_generator
from nn.data.samples import Array, paired

__all__ = ["Split", "train_test_split"]


class Split(NamedTuple):
    """The four arrays of `train_test_split`, in the order in which they unpack."""

    x_train: Array
    x_test: Array
    y_train: Array
    y_test: Array


def train_test_split(
    x: npt.ArrayLike,
    y: npt.ArrayLike,
    test_fraction: float,
    rng: np.random.Generator,
    *,
    stratify: bool = False,
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
    rows, labels = paired(x, y, "train_test_split")
    count = len(rows)
    require_generator(rng, "train_test_split")
    if not 0 < test_fraction < 1:
        raise SettingError(
            f"train_test_split: test_fraction is {test_fraction!r}; pass a number between 0 and 1"
        )
    if stratify and labels.ndim != 1:
        raise ShapeError(
            f"train_test_split: stratify needs labels of shape ({count},), and y is {labels.shape}"
        )
    order = rng.permutation(count)
    groups = [order[labels[order] == label] for label in np.unique(labels)] if stratify else [order]
    in_test = np.zeros(count, dtype=bool)
    for group in groups:
        in_test[group[: round(test_fraction * len(group))]] = True
    test, train = order[in_test[order]], order[~in_test[order]]
    if not len(test) or not len(train):
        raise SettingError(
            f"train_test_split: test_fraction {test_fraction!r} of {count} samples leaves "
            f"{len(train)} to train and {len(test)} to test on; both need one at least"
        )
    return Split(rows[train], rows[test], labels[train], labels[test])

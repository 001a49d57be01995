"""Batches: one pass over the samples, a few at a time."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from autograd.errors import OperandError
from nn.arguments import require_count, require_generator
from nn.data.samples import Array, paired

__all__ = ["batches"]


def batches(
    x: npt.ArrayLike,
    y: npt.ArrayLike,
    batch_size: int,
    rng: np.random.Generator | None = None,
    *,
    shuffle: bool = True,
) -> Iterator[tuple[Array, Array]]:
    """Pairs (x[rows], y[rows]) that visit each sample once: one epoch.

    x (n, ...), y (n, ...) -> pairs (batch_size, ...) each, of the dtypes of x and y; the last is
    shorter where batch_size does not divide n. The pairs are copies, made when they are asked
    for. The samples come in random order, drawn at the call, or as they stand with
    `shuffle=False`, which needs no generator.

    Raises:
        ShapeError: x and y differ in n, or n is 0.
        SettingError: batch_size is not a whole number of at least 1.
        OperandError: rng is not a generator, and the samples are to be shuffled.

    >>> x = np.arange(5)
    >>> [len(rows) for rows, _ in batches(x, x, 2, np.random.default_rng(0))]
    [2, 2, 1]
    >>> [rows.tolist() for rows, _ in batches(x, x, 2, shuffle=False)]
    [[0, 1], [2, 3], [4]]
    """
    rows, labels = paired(x, y, "batches")
    require_count(batch_size, "batches: batch_size")
    order = _order(len(rows), rng) if shuffle else np.arange(len(rows))
    starts = range(0, len(rows), batch_size)
    # Not a generator function, so that the checks run at the call and not at the first batch.
    return ((rows[at], labels[at]) for at in (order[at : at + batch_size] for at in starts))


def _order(count: int, rng: np.random.Generator | None) -> npt.NDArray[np.intp]:
    if rng is None:
        raise OperandError(
            "batches: samples are shuffled by a generator; pass np.random.default_rng(seed), or "
            "shuffle=False to take them as they stand"
        )
    require_generator(rng, "batches")
    return rng.permutation(count)

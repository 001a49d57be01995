"""Labels: the class of a sample as a number, and as a row of zeros with one 1."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from autograd.errors import LabelError
from nn.arguments import require_count
from nn.data.samples import as_array

__all__ = ["one_hot"]


def one_hot(
    labels: npt.ArrayLike, classes: int, dtype: npt.DTypeLike = np.float64
) -> npt.NDArray[Any]:
    """A 1 at the place of each label, and 0 at the other classes.

    labels (...) of int in [0, classes) -> (..., classes): (n,) labels of samples become rows
    (n, classes), the tokens (n, time) of sequences (n, time, classes). `.argmax(axis=-1)` gives
    the labels back.

    Raises:
        LabelError: a label is not an integer in [0, classes); the message names its row.
        SettingError: classes is not a whole number of at least 1.

    >>> one_hot([2, 0], classes=3)
    array([[0., 0., 1.],
           [1., 0., 0.]])
    """
    require_count(classes, "one_hot: classes")
    indices = np.asarray(as_array(labels, "one_hot: labels"))
    if not indices.size:
        return np.zeros((*indices.shape, classes), dtype)
    valid = f"labels are integers from 0 to {classes - 1}"
    if indices.dtype.kind not in "iu":
        first = indices.ravel().tolist()[0]
        raise LabelError(f"one_hot: labels are of {indices.dtype}, such as {first!r}; {valid}")
    outside = np.argwhere((indices < 0) | (indices >= classes))
    if len(outside):
        place = tuple(outside[0].tolist())
        where = f" in row {', '.join(map(str, place))}" if place else ""
        raise LabelError(f"one_hot: label {indices[place]}{where}; {valid}")
    rows: npt.NDArray[Any] = indices[..., np.newaxis] == np.arange(classes)
    return rows.astype(dtype)

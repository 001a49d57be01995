"""Data sets that come with scikit-learn: small, known, and there without a download."""

from __future__ import annotations

import numpy as np

from autograd.errors import MissingExtraError, SettingError
from nn.data.dataset import Dataset

__all__ = ["load_dataset"]

_NAMES = ("breast_cancer", "diabetes", "digits", "iris", "wine")


def load_dataset(name: str) -> Dataset:
    """One of the data sets that scikit-learn ships, which the extra `data` brings.

    ================  ============  ==============================================
    name              x             what is to be learned
    ================  ============  ==============================================
    breast_cancer     (569, 30)     whether a tumour is malignant, 0, or benign, 1
    diabetes          (442, 10)     the progress of the disease, a number
    digits            (1797, 64)    the digit in an image of 8 x 8 numbers
    iris              (150, 4)      the species of a flower, of three
    wine              (178, 13)     the grower, of three
    ================  ============  ==============================================

    Raises:
        SettingError: there is no data set of that name.
        MissingExtraError: scikit-learn is not installed.

    >>> load_dataset("mnist")
    Traceback (most recent call last):
    autograd.errors.SettingError: load_dataset: there is no 'mnist'; there are breast_cancer, \
diabetes, digits, iris, wine
    """
    if name not in _NAMES:
        raise SettingError(f"load_dataset: there is no {name!r}; there are {', '.join(_NAMES)}")
    try:
        from sklearn import datasets
    except ImportError:
        raise MissingExtraError(
            package="scikit-learn", extra="data", purpose="load_dataset"
        ) from None
    found = getattr(datasets, f"load_{name}")()
    y = np.asarray(found.target)
    classes = map(str, found.target_names) if y.dtype.kind == "i" else ()
    x = np.asarray(found.data, np.float64)
    return Dataset(x, y, tuple(map(str, found.feature_names)), tuple(classes))

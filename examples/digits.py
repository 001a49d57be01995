"""Images of handwritten digits for the examples: MNIST from a folder, or scikit-learn's."""

from __future__ import annotations

from pathlib import Path

import numpy as np

import nn

__all__ = ["load_digits"]

NAMES = ("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte")


def load_digits(folder: Path | None, rng: np.random.Generator) -> nn.Split:
    """Images (n, 1, height, width) from 0 to 1, and labels (n,), to train and to test.

    Args:
        folder: has the test images and labels of MNIST, whose names end in .gz or not, 28 x 28
            pixels: 8,000 to train and 2,000 to test. None loads scikit-learn's digits, 8 x 8
            pixels, of which a quarter is to test.
        rng: chooses the quarter.

    Raises:
        FormatError: a file of MNIST is not in its format.
        OSError: there is no such file.
        MissingExtraError: scikit-learn is not installed.
    """
    if folder is None:
        digits = nn.load_dataset("digits")
        images = (digits.x / 16).astype(np.float32).reshape(-1, 1, 8, 8)
        return nn.train_test_split(images, digits.y, 1 / 4, rng, stratify=True)
    files = [folder / f"{name}.gz" for name in NAMES]
    files = [file if file.exists() else file.with_suffix("") for file in files]
    images, labels = (nn.read_idx(file) for file in files)
    x, y = (images[:, None] / 255).astype(np.float32), labels.astype(np.intp)
    return nn.Split(x[:8000], x[8000:], y[:8000], y[8000:])

"""Data sets of scikit-learn: whole, with names, and without a download."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from autograd.errors import MissingExtraError, SettingError
from nn import load_dataset, read_csv

IRIS = Path(__file__).resolve().parents[3] / "examples" / "iris.csv"


@pytest.mark.parametrize(
    ("name", "shape", "classes"),
    [
        ("breast_cancer", (569, 30), 2),
        ("diabetes", (442, 10), 0),
        ("digits", (1797, 64), 10),
        ("iris", (150, 4), 3),
        ("wine", (178, 13), 3),
    ],
)
def test_a_data_set_has_samples_labels_and_names(
    name: str, shape: tuple[int, int], classes: int
) -> None:
    pytest.importorskip("sklearn")
    found = load_dataset(name)
    assert found.x.shape == shape and found.x.dtype == np.float64
    assert found.y.shape == shape[:1] and len(found.features) == shape[1]
    assert len(found.classes) == classes
    if classes:
        assert np.unique(found.y).tolist() == list(range(classes))
    else:
        assert found.y.dtype == np.float64
    assert all(type(text) is str for text in found.features + found.classes)


def test_the_flowers_are_those_of_the_file() -> None:
    pytest.importorskip("sklearn")
    found, expected = load_dataset("iris"), read_csv(IRIS, label="species")
    assert found.classes == expected.classes
    np.testing.assert_array_equal(found.y, expected.y)
    # Two flowers differ between the copies that are in use, in one digit of some sizes.
    assert (found.x != expected.x).any(axis=1).sum() <= 2


def test_an_unknown_data_set_is_refused() -> None:
    with pytest.raises(SettingError, match="there is no 'moons'; there are breast_cancer, diabet"):
        load_dataset("moons")


def test_without_scikit_learn_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sklearn", None)
    expected = r'load_dataset needs scikit-learn; pip install "gategrad\[data\]"'
    with pytest.raises(MissingExtraError, match=expected):
        load_dataset("iris")

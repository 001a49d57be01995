from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from autograd.errors import FormatError, MissingExtraError, OperandError, ShapeError
from nn import History
from viz import loss_curve, save_figure, training_curves


def test_loss_curve_starts_at_the_first_epoch() -> None:
    pytest.importorskip("matplotlib")
    [line] = loss_curve([0.9, 0.4, 0.2]).get_lines()
    assert line.get_xdata().tolist() == [1, 2, 3]
    assert list(line.get_ydata()) == [0.9, 0.4, 0.2]


def test_accuracy_is_plotted_on_an_axis_of_its_own() -> None:
    pytest.importorskip("matplotlib")
    axes = loss_curve([0.9, 0.4], accuracy=[0.5, 0.8])
    [other] = [ax for ax in axes.figure.axes if ax is not axes]
    assert list(other.get_lines()[0].get_ydata()) == [0.5, 0.8]


def test_given_axes_are_plotted_on() -> None:
    figure = pytest.importorskip("matplotlib.figure").Figure()
    axes = figure.add_subplot()
    assert loss_curve([1.0], ax=axes) is axes


def test_lengths_that_differ_are_named() -> None:
    with pytest.raises(ShapeError, match="2 losses and 1 accuracies"):
        loss_curve([0.9, 0.4], accuracy=[0.5])


def test_without_matplotlib_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(MissingExtraError, match=r"matplotlib; pip install .gategrad\[plots\]"):
        loss_curve([1.0])


@pytest.mark.parametrize("suffix", ["png", "svg", "pdf"])
def test_figure_is_saved_in_the_format_of_the_suffix(tmp_path: Path, suffix: str) -> None:
    pytest.importorskip("matplotlib")
    path = save_figure(loss_curve([0.9, 0.4]), tmp_path / f"loss.{suffix}")
    begins = {"png": b"\x89PNG", "svg": b"<?xml", "pdf": b"%PDF"}
    found = path.read_bytes()
    assert found.startswith(begins[suffix])
    assert save_figure(loss_curve([0.9, 0.4]), path).read_bytes() == found
    assert re.search(rb"20\d\d-\d\d-\d\d|D:20\d\d", found) is None


def test_unknown_suffix_of_a_figure_is_named(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    with pytest.raises(FormatError, match=r"loss\.xyz: the format 'xyz' is unknown; use one of"):
        save_figure(loss_curve([0.9]), tmp_path / "loss.xyz")
    assert list(tmp_path.iterdir()) == []


def test_each_measure_of_a_training_has_a_panel_with_that_of_the_validation_data() -> None:
    pytest.importorskip("matplotlib")
    record = {"loss": 0.9, "accuracy": 0.5, "lr": 0.1, "seconds": 2.0, "samples_per_second": 9.0}
    later = {**record, "loss": 0.4, "accuracy": 0.8, "validation_loss": 0.6}
    loss, accuracy = training_curves(History([{**record, "validation_loss": 1.0}, later]))
    assert [panel.get_ylabel() for panel in (loss, accuracy)] == ["loss", "accuracy"]
    drawn = {line.get_label(): list(line.get_ydata()) for line in loss.get_lines()}
    assert drawn == {"training": [0.9, 0.4], "validation": [1.0, 0.6]}
    [line] = accuracy.get_lines()
    assert (line.get_xdata().tolist(), list(line.get_ydata())) == ([1, 2], [0.5, 0.8])


def test_a_history_without_an_epoch_has_no_curves() -> None:
    with pytest.raises(OperandError, match="training_curves: the history has no epoch yet"):
        training_curves(History())

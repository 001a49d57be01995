from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd
import nn
import viz
from autograd.errors import OperandError, SettingError, ShapeError

pytest.importorskip("matplotlib")


def valley(x: Any, y: Any) -> Any:
    """The surface of the lectures."""
    return x**2 / 20 + y**2


def sgd(lr: float) -> Callable[[Any], nn.SGD]:
    return lambda parameters: nn.SGD(parameters, lr=lr)


def crosses(axes: Any) -> list[Any]:
    """Where paths end that left the frame or met what is not finite."""
    return [c.get_offsets()[0] for c in axes.collections if c.get_linewidth()[0] == 2.2]


def labels(axes: Any) -> list[str]:
    return [text.get_text() for text in axes.get_legend().get_texts()]


def test_a_path_is_that_of_its_optimizer() -> None:
    makes = {"SGD": sgd(0.95), "Adagrad": lambda p: nn.Adagrad(p, lr=1.5)}
    axes = viz.descent_paths(valley, makes, (-7.0, 2.0), 12)
    for line, make in zip(axes.get_lines(), makes.values(), strict=True):
        place = [autograd.Tensor(-7.0), autograd.Tensor(2.0)]
        optimizer = make(place)
        expected = [[-7.0, 2.0]]
        for _ in range(12):
            optimizer.zero_grad()
            valley(*place).backward()
            optimizer.step()
            expected.append([float(p.data) for p in place])
        np.testing.assert_allclose(line.get_xydata(), expected)
    assert labels(axes) == ["SGD", "Adagrad", "start"]
    assert crosses(axes) == []


def test_a_diverging_path_ends_at_the_edge_with_a_cross() -> None:
    frame = ((-8.0, 8.0), (-3.0, 3.0))
    axes = viz.descent_paths(valley, {"SGD": sgd(1.1)}, (-7.0, 2.0), 500, frame=frame)
    x, y = np.asarray(axes.get_lines()[0].get_xydata()).T
    # y grows by the factor 1 - 2 * 1.1 in each step: 2, -2.4, 2.88, -3.456.
    np.testing.assert_allclose(y, [2.0, -2.4, 2.88, -3.0])
    assert (np.abs(x) <= 8).all()
    np.testing.assert_array_equal(crosses(axes), [[x[-1], y[-1]]])
    assert labels(axes) == ["SGD (leaves at step 3)", "start"]
    assert (axes.get_xlim(), axes.get_ylim()) == frame


def test_the_chosen_frame_is_not_that_of_a_diverging_path() -> None:
    axes = viz.descent_paths(valley, {"SGD": sgd(30.0)}, (-7.0, 2.0), 400)
    assert -20 < axes.get_xlim()[0] < -7 and 0 < axes.get_xlim()[1] < 35
    assert axes.get_ylim()[0] < 0 < 2 < axes.get_ylim()[1] < 35
    assert len(crosses(axes)) == 1


def test_the_frame_of_a_surface_that_falls_without_end_stays_near_the_start() -> None:
    axes = viz.descent_paths(lambda x, y: x**2 - y**2, {"SGD": sgd(0.2)}, (-2.0, 0.1), 60)
    assert 1 < axes.get_ylim()[1] < 12
    assert len(crosses(axes)) == 1


def test_a_path_ends_before_what_is_not_finite() -> None:
    def surface(x: Any, y: Any) -> Any:
        return autograd.log(x) + y**2

    frame = ((-5.0, 5.0), (-5.0, 5.0))
    axes = viz.descent_paths(surface, {"SGD": sgd(1.5)}, (1.0, 0.0), frame=frame)
    np.testing.assert_array_equal(axes.get_lines()[0].get_xydata(), [[1.0, 0.0]])
    assert labels(axes)[0] == "SGD (not finite at step 1)"
    assert len(crosses(axes)) == 1
    assert "heights not finite" in axes.get_xlabel()


def test_a_surface_may_depend_on_one_axis_alone() -> None:
    axes = viz.descent_paths(lambda x, y: y**2, {"SGD": sgd(0.25)}, (1.0, 2.0), 1)
    np.testing.assert_allclose(axes.get_lines()[0].get_xydata(), [[1.0, 2.0], [1.0, 1.0]])


def test_verdicts_on_learning_rates_are_those_of_the_lectures() -> None:
    panels = viz.descent_curve(lambda w: w**2, -4.0, [0.001, 0.25, 0.95, 1.5])
    assert [axes.get_title() for axes in panels] == [
        "learning rate 0.001\nhardly moves: 4% down",
        "learning rate 0.25\n100% down",
        "learning rate 0.95\novershoots in 10 steps",
        "learning rate 1.5\novershoots, leaves at step 2",
    ]
    assert [len(crosses(axes)) for axes in panels] == [0, 0, 0, 1]


def test_a_way_lies_on_its_curve() -> None:
    [axes] = viz.descent_curve(lambda w: w**4, 1.0, [0.1], 5, span=(-2.0, 2.0))
    curve, way = (np.asarray(line.get_xydata()) for line in axes.get_lines())
    np.testing.assert_allclose(curve[:, 1], curve[:, 0] ** 4)
    np.testing.assert_allclose(way[:, 1], way[:, 0] ** 4)
    assert way[1, 0] == pytest.approx(0.6)
    assert (axes.get_xlim(), len(way)) == ((-2.0, 2.0), 6)


def test_a_way_that_starts_outside_of_the_span_is_told_so() -> None:
    [axes] = viz.descent_curve(lambda w: w**2, 5.0, [0.1], span=(-2.0, 2.0))
    assert axes.get_title().endswith("starts outside")


SGD = {"SGD": sgd(0.1)}


@pytest.mark.parametrize(
    ("plot", "error", "text"),
    [
        (lambda: viz.descent_paths(3, SGD, (1, 1)), OperandError, "surface is 3"),  # type: ignore[arg-type]
        (lambda: viz.descent_paths(valley, {}, (1, 1)), OperandError, "optimizers is {}"),
        (
            lambda: viz.descent_paths(valley, {"a": lambda p: None}, (1, 1)),  # type: ignore[arg-type,return-value]
            OperandError,
            r"optimizers\['a'\] makes no optimizer",
        ),
        (lambda: viz.descent_paths(valley, SGD, (1, 1, 1)), SettingError, r"start is \(1, 1, 1\)"),
        (lambda: viz.descent_paths(valley, SGD, (1, np.nan)), SettingError, "two finite numbers"),
        (lambda: viz.descent_paths(valley, SGD, (1, 1), 0), SettingError, "steps"),
        (
            lambda: viz.descent_paths(valley, SGD, (1, 1), frame=((2, 1), (0, 1))),
            SettingError,
            "from 2 to 1",
        ),
        (
            lambda: viz.descent_paths(valley, SGD, (1, 1), frame=((0, 1),)),
            SettingError,
            "frame is",
        ),
        (
            lambda: viz.descent_paths(valley, SGD, (1, 1), frame=5),  # type: ignore[arg-type]
            SettingError,
            "frame is 5",
        ),
        (lambda: viz.descent_paths(lambda x, y: 3.0, SGD, (1, 1)), OperandError, "gives 3.0"),  # type: ignore[arg-type,return-value]
        (
            lambda: viz.descent_paths(lambda x, y: autograd.log(x), SGD, (-1, 1)),
            SettingError,
            "not finite; start elsewhere",
        ),
        (
            lambda: viz.descent_curve(lambda w: (w * np.ones(3)).sum().reshape(1), 1.0, [0.1]),
            ShapeError,
            r"makes shape \(1,\) of \(\)",
        ),
        (lambda: viz.descent_curve(abs, np.inf, [0.1]), SettingError, "start is inf"),
        (lambda: viz.descent_curve(abs, 1.0, []), SettingError, "above 0"),
        (lambda: viz.descent_curve(abs, 1.0, [-0.1]), SettingError, "above 0"),
        (lambda: viz.descent_curve(abs, 1.0, ["a"]), SettingError, "a rate is 'a'"),  # type: ignore[list-item]
        (lambda: viz.descent_curve(abs, 1.0, [0.1], span=(1, 0)), SettingError, "span goes from"),
        (
            lambda: viz.descent_curve(autograd.log, 1.0, [0.1], span=(-2, -1)),
            SettingError,
            "finite nowhere",
        ),
    ],
)
def test_bad_input_is_named(plot: Callable[[], Any], error: type[Exception], text: str) -> None:
    with pytest.raises(error, match=text):
        plot()

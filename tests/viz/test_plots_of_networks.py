from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd
import nn
import viz
from autograd.errors import (
    LabelError,
    MissingExtraError,
    OperandError,
    SettingError,
    ShapeError,
    StateError,
)

pytest.importorskip("matplotlib")

CORNERS = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])


def generator() -> np.random.Generator:
    return np.random.default_rng(0)


def images(axes: Any) -> list[Any]:
    return [image.get_array() for image in axes.get_images()]


def below(axes: Any) -> str:
    return str(axes.get_xlabel())


def convolutional() -> nn.Sequential:
    rng = generator()
    return nn.Sequential(
        nn.Conv2d(1, 3, 3, rng=rng),
        nn.Dropout(0.5, rng=rng),
        nn.ReLU(),
        nn.Conv2d(3, 20, 2, rng=rng),
    )


def test_derivatives_of_activations_are_those_of_autograd() -> None:
    for axes in viz.activation_curves([autograd.tanh, autograd.softplus], span=(-2, 2)):
        function = {"tanh": autograd.tanh, "softplus": autograd.softplus}[axes.get_title()]
        value, derivative = axes.get_lines()[:2]
        x = np.asarray(value.get_xdata())
        assert (x[0], x[-1]) == (-2, 2)
        np.testing.assert_allclose(value.get_ydata(), function(x))
        numeric = (function(x + 1e-5) - function(x - 1e-5)) / 2e-5
        np.testing.assert_allclose(derivative.get_ydata(), numeric, atol=1e-8)


def test_a_curve_is_broken_where_the_function_jumps() -> None:
    [axes] = viz.activation_curves([autograd.step])
    y = np.asarray(axes.get_lines()[0].get_ydata())
    assert np.count_nonzero(np.isnan(y)) == 1
    assert set(y[np.isfinite(y)]) == {0.0, 1.0}


def test_a_derivative_ends_where_the_function_has_no_value() -> None:
    [axes] = viz.activation_curves([autograd.log], span=(-1, 1))
    derivative = axes.get_lines()[1]
    known = np.isfinite(np.asarray(derivative.get_ydata()))
    assert np.asarray(derivative.get_xdata())[known].min() > 0
    assert below(axes) == "not finite at 201 of 401 places"


def test_given_axes_hold_all_activations() -> None:
    figure = pytest.importorskip("matplotlib.figure").Figure()
    axes = figure.add_subplot()
    assert viz.activation_curves({"a": autograd.relu, "b": nn.Tanh()}, ax=axes) == [axes]
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["a", "b"]


def test_regions_are_those_of_the_largest_score() -> None:
    def scores(x: Any) -> Any:
        return np.stack([-x[:, 0], x[:, 0] - 1.0, x[:, 1] - 5.0], axis=1)

    axes = viz.decision_boundary(scores, CORNERS, [0, 1, 0, 1], resolution=40)
    regions = axes.collections[0].get_array()
    assert regions.shape == (40, 40)
    columns = np.linspace(-0.08, 1.08, 40)
    np.testing.assert_array_equal(regions, np.broadcast_to(columns > 0.5, (40, 40)))


@pytest.mark.parametrize("shape", [(-1,), (-1, 1)])
def test_one_output_is_compared_with_the_threshold(shape: tuple[int, ...]) -> None:
    axes = viz.decision_boundary(
        lambda x: x[:, 0].reshape(shape), CORNERS, [0, 1, 0, 1], threshold=0.25, resolution=41
    )
    [line] = [c for c in axes.collections if hasattr(c, "levels")]
    np.testing.assert_allclose(np.concatenate([p.vertices for p in line.get_paths()])[:, 0], 0.25)


def test_each_class_has_its_samples_in_a_marker_of_its_own() -> None:
    axes = viz.decision_boundary(
        nn.Perceptron([1.0, 1.0], -1.5), CORNERS, [0, 0, 0, 1], threshold=0.5, classes=["no", "yes"]
    )
    drawn = {c.get_label(): c for c in axes.collections if c.get_label() in ("no", "yes")}
    np.testing.assert_array_equal(drawn["no"].get_offsets(), CORNERS[:3])
    np.testing.assert_array_equal(drawn["yes"].get_offsets(), CORNERS[3:])
    shapes = [len(c.get_paths()[0].vertices) for c in drawn.values()]
    assert shapes[0] != shapes[1]


def test_labels_of_minus_one_and_one_are_two_classes() -> None:
    axes = viz.decision_boundary(lambda x: x[:, 0] - 0.5, CORNERS, [-1, 1, -1, 1])
    texts = [text.get_text() for text in axes.get_legend().get_texts()]
    assert texts == ["class -1", "class 1"]


def test_samples_that_are_not_finite_are_counted() -> None:
    x = np.vstack([CORNERS, [[np.nan, 1.0], [np.inf, 0.0]]])
    axes = viz.decision_boundary(lambda x: x[:, 0] - 0.5, x, [0, 1, 0, 1, 1, 1])
    assert below(axes).endswith("left out: 2 of 6 samples, not finite")
    drawn = [c.get_offsets() for c in axes.collections if c.get_label() == "class 1"]
    assert len(drawn[0]) == 2


def test_a_boundary_leaves_the_model_as_it_was() -> None:
    rng = generator()
    net = nn.Sequential(
        nn.Linear(2, 3, rng=rng), nn.Dropout(0.5, rng=rng), nn.Linear(3, 2, rng=rng)
    )
    net[2].eval()
    before = rng.bit_generator.state
    viz.decision_boundary(net, CORNERS, [0, 0, 1, 1], resolution=5)
    assert [layer.training for layer in net] == [True, True, False]
    assert all(parameter.grad is None for parameter in net.parameters())
    assert rng.bit_generator.state == before


def test_weights_of_each_output_are_an_image_on_one_centred_scale() -> None:
    weight = np.arange(12.0).reshape(6, 2) - 3.0
    layer = nn.Linear(6, 2, rng=generator())
    layer.load_state_dict({"weight": weight, "bias": np.zeros(2)})
    for given in (layer, layer.weight, weight):
        axes = viz.weight_images(given, (2, 3))
        np.testing.assert_array_equal(images(axes), weight.T.reshape(2, 2, 3))
        assert {image.get_clim() for image in axes.get_images()} == {(-8.0, 8.0)}
    assert len(axes.figure.axes) == 2


def test_weights_that_are_not_finite_are_counted_and_set_no_scale() -> None:
    weight = np.array([[1.0, np.nan], [np.inf, -2.0]])
    axes = viz.weight_images(weight, (1, 2))
    assert axes.get_images()[0].get_clim() == (-2.0, 2.0)
    assert below(axes) == "grey: 2 of 4 numbers, not finite"


def test_images_beyond_the_limit_are_counted() -> None:
    axes = viz.weight_images(np.ones((4, 9)), (2, 2), limit=5)
    assert (len(axes.get_images()), below(axes)) == (5, "the first 5 of 9 outputs")


def test_kernels_stand_in_the_order_of_outputs_and_channels() -> None:
    layer = nn.Conv2d(2, 3, 2, rng=generator())
    axes = viz.kernel_images(layer)
    np.testing.assert_array_equal(images(axes), np.asarray(layer.weight).reshape(6, 2, 2))
    texts = [text.get_text() for text in axes.texts]
    assert texts == ["0, 0", "0, 1", "1, 0", "1, 1", "2, 0", "2, 1"]


def test_feature_maps_are_the_outputs_of_the_convolutions() -> None:
    net = convolutional().eval()
    sample = generator().normal(size=(8, 8))
    first = net[0](sample[None, None])
    second = net[3](net[2](first))
    # Dropout is off in the maps, whatever the mode of the model.
    panels = viz.feature_maps(net.train(), sample)
    np.testing.assert_allclose(images(panels[0]), np.asarray(first)[0])
    np.testing.assert_allclose(images(panels[1]), np.asarray(second)[0][:16])
    assert below(panels[1]) == "the first 16 of 20 maps"


@pytest.mark.parametrize(
    "plot",
    [
        lambda net, x: viz.feature_maps(net, x[0]),
        lambda net, x: viz.activation_histograms(net, x),
    ],
)
def test_looking_into_a_model_leaves_modes_and_gradients(plot: Callable[..., Any]) -> None:
    net = convolutional()
    net[2].eval()
    x = generator().normal(size=(2, 1, 8, 8))
    net(x).sum().backward()
    before = [np.array(parameter.grad) for parameter in net.parameters()]
    plot(net, x)
    assert [layer.training for layer in net] == [True, True, False, True]
    for parameter, gradient in zip(net.parameters(), before, strict=True):
        np.testing.assert_array_equal(parameter.grad, gradient)


def test_histograms_of_activations_hold_every_output_of_each_layer() -> None:
    net = nn.Sequential(nn.Linear(3, 4, rng=generator()), nn.ReLU())
    linear, relu = viz.activation_histograms(net, generator().normal(size=(25, 3)), bins=7)
    for axes in (linear, relu):
        assert len(axes.patches) == 7
        assert sum(bar.get_height() for bar in axes.patches) == 100
    assert "are 0" in relu.get_title() and "are 0" not in linear.get_title()


def test_histograms_of_gradients_skip_and_name_what_has_none() -> None:
    net = nn.Sequential(nn.Linear(3, 4, rng=generator()), nn.Linear(4, 1, rng=generator()))
    net[0](np.ones((2, 3))).sum().backward()
    panels = viz.gradient_histograms(net)
    titles = [axes.get_title() for axes in panels]
    assert titles == ["0.weight\nrms 2", "0.bias\nrms 2"]
    assert sum(bar.get_height() for bar in panels[0].patches) == 12
    assert below(panels[1]) == "without a gradient:\n1.weight, 1.bias"


def test_gradients_that_are_not_finite_are_counted() -> None:
    layer = nn.Linear(2, 1, rng=generator())
    layer(np.array([[np.inf, 1.0]])).sum().backward()
    weight, _ = viz.gradient_histograms(layer)
    assert below(weight) == "left out: 1 of 2 gradients, not finite"
    assert sum(bar.get_height() for bar in weight.patches) == 1


def test_cells_of_a_confusion_matrix_tell_counts_and_shares_of_the_truth() -> None:
    axes = viz.confusion_matrix([0, 0, 0, 0, 1, 1], [0, 0, 0, 1, 1, 1])
    assert [text.get_text() for text in axes.texts] == ["3\n75%", "1\n25%", "0\n0%", "2\n100%"]
    np.testing.assert_array_equal(images(axes)[0], [[0.75, 0.25], [0.0, 1.0]])
    assert axes.get_title() == "5 of 6 are right (83.3%)"


def test_a_rare_confusion_is_not_told_as_none() -> None:
    axes = viz.confusion_matrix([0] * 1000 + [1], [0] * 999 + [1, 1])
    assert [text.get_text() for text in axes.texts][:2] == ["999\n>99%", "1\n<1%"]


def test_confusion_takes_scores_names_and_classes_that_never_occur() -> None:
    scores = np.array([[2.0, 1.0, 0.0], [0.0, 3.0, 1.0]])
    axes = viz.confusion_matrix([0, 0], scores, ["a", "b", "c"])
    assert [tick.get_text() for tick in axes.get_xticklabels()] == ["a", "b", "c"]
    assert [text.get_text() for text in axes.texts][3:] == ["0\n–"] * 6
    named = viz.confusion_matrix(["cat", "dog"], ["cat", "cat"])
    assert [tick.get_text() for tick in named.get_yticklabels()] == ["cat", "dog"]


LAYER = nn.Linear(2, 2, rng=np.random.default_rng(0))


@pytest.mark.parametrize(
    ("plot", "error", "text"),
    [
        (lambda: viz.activation_curves([]), OperandError, "there is no function"),
        (lambda: viz.activation_curves([3]), OperandError, "3 is 3; pass a function"),
        (lambda: viz.activation_curves([nn.Softmax()]), OperandError, "is not elementwise"),
        (lambda: viz.activation_curves([lambda x: x.sum()]), ShapeError, r"shape \(\) of \(401,\)"),
        (lambda: viz.activation_curves(span=(1, 1)), SettingError, r"span is \(1, 1\)"),
        (lambda: viz.decision_boundary(3, CORNERS, [0] * 4), OperandError, "model is 3"),  # type: ignore[arg-type]
        (lambda: viz.decision_boundary(LAYER, CORNERS.T, [0]), ShapeError, r"x of shape \(2, 4\)"),
        (lambda: viz.decision_boundary(LAYER, CORNERS, [0, 1]), ShapeError, r"y of shape \(2,\)"),
        (lambda: viz.decision_boundary(LAYER, CORNERS, [0, 1, 2, 0]), LabelError, "2 in row 2"),
        (lambda: viz.decision_boundary(LAYER, CORNERS, [0.5] * 4), LabelError, "y holds 0.5"),
        (
            lambda: viz.decision_boundary(LAYER, CORNERS, [0] * 4, classes=["a"]),
            LabelError,
            "1 names for 2 classes",
        ),
        (
            lambda: viz.decision_boundary(lambda x: x[:3], CORNERS, [0] * 4),
            ShapeError,
            r"makes shape \(3, 2\)",
        ),
        (
            lambda: viz.decision_boundary(LAYER, CORNERS * np.nan, [0] * 4),
            ShapeError,
            "no sample of finite numbers",
        ),
        (
            lambda: viz.decision_boundary(LAYER, CORNERS, [0] * 4, threshold=np.nan),
            SettingError,
            "threshold is nan",
        ),
        (
            lambda: viz.decision_boundary(LAYER, CORNERS, [0] * 4, resolution=1),
            SettingError,
            "resolution is 1",
        ),
        (lambda: viz.weight_images(LAYER), ShapeError, r"\(2, 2\).* with 784 inputs"),
        (lambda: viz.weight_images(nn.Tanh()), OperandError, "has no weight"),  # type: ignore[arg-type]
        (lambda: viz.weight_images(LAYER, (1, 2), limit=0), SettingError, "limit"),
        (lambda: viz.kernel_images(LAYER), ShapeError, r"\(2, 2\); kernels are"),
        (lambda: viz.feature_maps(LAYER, CORNERS[0]), ShapeError, r"sample of shape \(2,\)"),
        (lambda: viz.feature_maps(LAYER, CORNERS), OperandError, "Linear calls no Conv2d"),
        (
            lambda: viz.feature_maps(convolutional(), np.ones((5, 1, 8, 8))),
            ShapeError,
            r"of a batch x, pass x\[0\]",
        ),
        (lambda: viz.gradient_histograms(LAYER), StateError, "call loss.backward"),
        (lambda: viz.gradient_histograms(3), OperandError, "model is 3"),  # type: ignore[arg-type]
        (lambda: viz.activation_histograms(LAYER), OperandError, "there is no input"),
        (lambda: viz.activation_histograms(LAYER, CORNERS, bins=0), SettingError, "bins"),
        (lambda: viz.confusion_matrix([0, 1], [0]), ShapeError, r"\(2,\) and predicted .*\(1,\)"),
        (lambda: viz.confusion_matrix([0, 3], [0, 1], ["a", "b"]), LabelError, "3 in row 1"),
        (lambda: viz.confusion_matrix(["a"], ["b"], ["a", "c"]), LabelError, "'b' is not among"),
        (lambda: viz.confusion_matrix(["a"], [0]), LabelError, "strings for both"),
        (lambda: viz.confusion_matrix([0.5], [0]), LabelError, "truth has 0.5 in row 0"),
        (lambda: viz.confusion_matrix([0], [0], ["a", "a"]), LabelError, "each once"),
        (lambda: viz.weight_images(np.ones((2, 2)), (1, 2), ax=3), OperandError, "ax is 3"),  # type: ignore[arg-type]
    ],
)
def test_bad_input_is_named(plot: Callable[[], Any], error: type[Exception], text: str) -> None:
    with pytest.raises(error, match=text):
        plot()


@pytest.mark.parametrize(
    "plot",
    [
        lambda: viz.activation_curves(),
        lambda: viz.decision_boundary(LAYER, CORNERS, [0] * 4),
        lambda: viz.weight_images(np.ones((2, 2)), (1, 2)),
        lambda: viz.kernel_images(np.ones((1, 1, 2, 2))),
        lambda: viz.feature_maps(convolutional(), np.ones((8, 8))),
        lambda: viz.activation_histograms(LAYER, CORNERS),
        lambda: viz.confusion_matrix([0], [0]),
        lambda: viz.descent_curve(lambda w: w**2, 1.0, [0.1]),
        lambda: viz.descent_paths(
            lambda x, y: x * x + y * y, {"SGD": lambda p: nn.SGD(p, lr=0.1)}, (1, 1)
        ),
    ],
)
def test_without_matplotlib_every_plot_names_the_extra(
    monkeypatch: pytest.MonkeyPatch, plot: Callable[[], Any]
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(MissingExtraError, match=r"gategrad\[plots\]"):
        plot()

"""Perceptrons, Hebb's rule and the delta rule: the lectures' numbers, and what is true of all."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import autograd
import viz
from autograd import Tensor, Value, lower
from autograd.errors import (
    ConvergenceError,
    LabelError,
    OperandError,
    SettingError,
    ShapeError,
)
from autograd.gate import TABLE
from nn import Perceptron, delta_rule, hebbian_update

CORNERS = np.array([[0, 0], [1, 0], [0, 1], [1, 1]])
GATES = {
    "AND": ((0.5, 0.5), -0.7, [0, 0, 0, 1]),
    "NAND": ((-0.5, -0.5), 0.7, [1, 1, 1, 0]),
    "OR": ((0.5, 0.5), -0.2, [0, 1, 1, 1]),
}
XOR = [0, 1, 1, 0]
SMALL = st.floats(-3, 3)
ACTIVATIONS = [
    gate.name
    for gate in TABLE
    if gate.arity - len(gate.defaults) == 1 and gate.vjps[0] is not None and not gate.kinks
]


def by_hand(name: str) -> Perceptron:
    weights, bias, _ = GATES[name]
    return Perceptron(weights, bias)


@pytest.mark.parametrize("name", GATES)
def test_the_lectures_weights_make_the_gates_of_logic(name: str) -> None:
    weights, bias, truth = GATES[name]
    neuron = Perceptron(weights, bias)
    assert neuron.predict(CORNERS).tolist() == truth
    assert [int(neuron.predict(corner)) for corner in CORNERS] == truth
    assert neuron(CORNERS).data.tolist() == truth
    assert Perceptron(weights, threshold=-bias).predict(CORNERS).tolist() == truth


def test_two_layers_of_perceptrons_solve_xor() -> None:
    hidden = np.stack([by_hand("NAND").predict(CORNERS), by_hand("OR").predict(CORNERS)], axis=1)
    assert by_hand("AND").predict(hidden).tolist() == XOR


def test_on_its_threshold_a_neuron_does_not_fire() -> None:
    neuron = Perceptron([1.0], threshold=0.5)
    assert neuron.predict([[0.5], [np.nextafter(0.5, 1)], [0.25]]).tolist() == [0, 1, 0]


@given(hnp.arrays(float, 3, elements=SMALL), SMALL, hnp.arrays(float, (4, 3), elements=SMALL))
def test_a_threshold_is_what_the_weighted_sum_has_to_exceed(
    weights: np.ndarray, threshold: float, x: np.ndarray
) -> None:
    fires = Perceptron(weights, threshold=threshold).predict(x)
    np.testing.assert_array_equal(fires, x @ weights > threshold)


@pytest.mark.parametrize("name", GATES)
def test_rosenblatts_rule_learns_the_gates_of_logic(name: str) -> None:
    truth = GATES[name][2]
    neuron = Perceptron([0.0, 0.0])
    wrong = neuron.fit(CORNERS, truth)
    assert wrong[-1] == 0 and 0 not in wrong[:-1]
    assert neuron.predict(CORNERS).tolist() == truth
    assert neuron.fit(CORNERS, truth) == [0]  # nothing is left to learn


@given(
    hnp.arrays(float, 2, elements=st.integers(-3, 3)),
    st.integers(-2, 2),
    hnp.arrays(float, (6, 2), elements=st.integers(-4, 4)),
)
def test_what_a_line_separates_is_learned(weights: np.ndarray, bias: int, x: np.ndarray) -> None:
    labels = (x @ weights + bias > 0).astype(int)
    neuron = Perceptron([0.0, 0.0])
    neuron.fit(x, labels, epochs=5_000)
    np.testing.assert_array_equal(neuron.predict(x), labels)


def test_the_first_epoch_is_that_of_the_rule() -> None:
    neuron = Perceptron([0.0, 0.0], -4.0)
    # Each sample is missed in its turn: + 0.5 * (1, 2), and then + 0.5 * (3, 1).
    assert neuron.fit([[1.0, 2.0], [3.0, 1.0]], [1, 1], lr=0.5, epochs=1) == [2, 0]
    assert neuron.weights.data.tolist() == [2.0, 1.5]
    assert neuron.bias.item() == -3.0
    assert neuron.fit([[1.0, 0.0], [0.0, 9.0]], [0, 0], lr=0.5, epochs=1) == [1, 0]
    # The first sample does not fire: nothing. The second does: - 0.5 * (0, 9).
    assert neuron.weights.data.tolist() == [2.0, -3.0]
    assert neuron.bias.item() == -3.5


def test_xor_is_refused_because_the_weights_go_round_in_a_circle() -> None:
    message = (
        r"Perceptron\.fit: \d of 4 samples are wrong after \d+ epochs; the weights are those of an "
        r"earlier epoch, so more epochs will not help\. The classes seem not to be linearly "
        r"separable: one line cannot part them, two layers can"
    )
    with pytest.raises(ConvergenceError, match=message):
        Perceptron([0.0, 0.0]).fit(CORNERS, XOR, epochs=10**9)


def test_too_few_epochs_are_told_from_a_circle_and_the_last_weights_stay() -> None:
    neuron = Perceptron([0.0, 0.0])
    message = r"2 of 4 samples are wrong after 2 epochs; pass more epochs, or the classes may"
    with pytest.raises(ConvergenceError, match=message):
        neuron.fit(CORNERS, GATES["AND"][2], epochs=2)
    assert int((neuron.predict(CORNERS) != GATES["AND"][2]).sum()) == 2
    assert neuron.fit(CORNERS, GATES["AND"][2])[0] == 2


def test_a_sample_with_both_labels_is_no_matter_of_layers() -> None:
    with pytest.raises(ConvergenceError, match="comes with both labels, which no function can giv"):
        Perceptron([0.0, 0.0]).fit([[1, 0], [0, 1], [1, 0]], [0, 1, 1])


def test_a_perceptron_is_a_module_of_named_parameters() -> None:
    neuron = by_hand("AND")
    assert [name for name, _ in neuron.named_parameters()] == ["weights", "bias"]
    assert repr(neuron) == "Perceptron(weights (2,), bias ())"


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_dtype_of_the_weights_stays(dtype: Any) -> None:
    neuron = Perceptron(np.zeros(2, dtype), threshold=0.5)
    neuron.fit(CORNERS.astype(dtype), [0, 1, 1, 1])
    assert neuron.weights.dtype == neuron.bias.dtype == dtype
    assert neuron(CORNERS.astype(dtype)).dtype == dtype


def test_a_perceptron_is_drawn_and_lowered_to_scalars() -> None:
    neuron = by_hand("AND")
    output = neuron(np.array([1.0, 1.0]))
    assert "step" in viz.draw(output).dot
    lowered = lower(output).output
    assert type(lowered) is Value and lowered.data == 1.0


@pytest.mark.parametrize(
    ("make", "kind", "message"),
    [
        (lambda: Perceptron([[1.0]]), ShapeError, r"weights of shape \(1, 1\); pass \(inputs,\)"),
        (lambda: Perceptron([]), ShapeError, r"weights of shape \(0,\)"),
        (lambda: Perceptron([1.0], [1.0, 2.0]), ShapeError, r"bias of shape \(2,\); pass one num"),
        (lambda: Perceptron([1.0], threshold=[]), ShapeError, r"threshold of shape \(0,\)"),
        (lambda: Perceptron([np.nan]), OperandError, "weights has nan in row 0"),
        (lambda: Perceptron(["a"]), OperandError, "weights is of <U1; pass real numbers"),
        (lambda: Perceptron([1.0], np.inf), OperandError, "bias has inf"),
        (lambda: Perceptron([1.0], "a"), OperandError, "bias is of <U1"),
        (
            lambda: Perceptron([1.0], 0.5, threshold=-0.5),
            SettingError,
            r"bias 0\.5 and threshold -0\.5; pass one of them, as the threshold is -bias",
        ),
    ],
)
def test_what_makes_no_neuron_is_refused(make: Any, kind: type[Exception], message: str) -> None:
    with pytest.raises(kind, match="Perceptron: " + message):
        make()


def test_inputs_that_do_not_fit_are_refused() -> None:
    neuron = by_hand("OR")
    with pytest.raises(ShapeError, match=r"x of shape \(3,\), and there are 2 weights; pass \(n,"):
        neuron([1.0, 2.0, 3.0])
    with pytest.raises(OperandError, match="Perceptron: x has nan in row 0, column 1"):
        neuron.predict([[0.0, np.nan]])


@pytest.mark.parametrize(
    ("x", "y", "settings", "kind", "message"),
    [
        (CORNERS, [0, 1, 1], {}, ShapeError, r"x of shape \(4, 2\) and y of shape \(3,\)"),
        (CORNERS[:0], [], {}, ShapeError, r"x of shape \(0, 2\) has no sample"),
        (CORNERS, [[0]] * 4, {}, ShapeError, r".* y of shape \(4, 1\); pass \(n, 2\), as there"),
        (CORNERS[:, :1], XOR, {}, ShapeError, r"x of shape \(4, 1\) and y of shape \(4,\); pass"),
        (CORNERS, [0, 1, -1, 1], {}, LabelError, r"label -1 in row 2; pass 0 and 1, which \(y > 0"),
        (CORNERS, ["a", "b", "a", "b"], {}, LabelError, "label 'a' in row 0"),
        ([[np.nan, 0]], [0], {}, OperandError, "x has nan in row 0, column 0"),
        (CORNERS, XOR, {"lr": 0.0}, SettingError, r"lr is 0\.0; pass a finite number above 0"),
        (CORNERS, XOR, {"lr": np.inf}, SettingError, "lr is inf"),
        (
            CORNERS,
            XOR,
            {"epochs": 0},
            SettingError,
            "epochs is 0; pass a whole number",
        ),
    ],
)
def test_samples_that_cannot_be_learned_from_are_refused(
    x: Any, y: Any, settings: dict[str, Any], kind: type[Exception], message: str
) -> None:
    neuron = by_hand("OR")
    with pytest.raises(kind, match=r"Perceptron\.fit: " + message):
        neuron.fit(x, y, **settings)
    assert neuron.weights.data.tolist() == [0.5, 0.5]


@st.composite
def layers(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Weights, inputs and targets: of one neuron or several, one sample or several."""
    inputs = draw(st.integers(1, 3))
    samples = draw(st.sampled_from([(), (1,), (3,)]))
    outputs = draw(st.sampled_from([(), (1,), (2,)]))
    shapes = (inputs, *outputs), (*samples, inputs), (*samples, *outputs)
    weights, x, y = (draw(hnp.arrays(np.float64, shape, elements=SMALL)) for shape in shapes)
    return weights, x, y


@given(layers(), SMALL)
def test_hebbs_rule_adds_what_fires_together(
    layer: tuple[np.ndarray, np.ndarray, np.ndarray], rate: float
) -> None:
    weights, x, y = layer
    expected = weights.copy()
    rows = zip(x.reshape(-1, len(weights)), y.reshape(-1, *weights.shape[1:]), strict=True)
    for row, fired in rows:
        expected += rate * np.multiply.outer(row, fired)
    np.testing.assert_allclose(hebbian_update(weights, x, y, rate), expected, atol=1e-12)


def test_hebbs_rule_leaves_what_does_not_fire() -> None:
    weights = np.array([0.25, -1.0])
    assert hebbian_update(weights, [1.0, 0.0], 0, 0.5).tolist() == [0.25, -1.0]
    assert hebbian_update(weights, [1.0, 0.0], 1, 0.5).tolist() == [0.75, -1.0]
    assert weights.tolist() == [0.25, -1.0]


@given(layers(), st.sampled_from(["sigmoid", "tanh", "softplus", "gelu", "sin", None]))
def test_the_delta_rule_is_a_step_down_the_gradient_of_half_the_squared_error(
    layer: tuple[np.ndarray, np.ndarray, np.ndarray], activation: str | None
) -> None:
    start, x, target = layer
    weights = Tensor(start)
    sums = x @ weights
    outputs = sums if activation is None else getattr(autograd, activation)(sums)
    (0.5 * (target - outputs) ** 2).sum().backward()
    assert weights.grad is not None
    found = delta_rule(start, x, target, 0.3, activation)
    np.testing.assert_allclose(found, start - 0.3 * weights.grad, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("name", [*ACTIVATIONS, "relu", "leaky_relu", "elu"])
def test_every_gate_of_one_operand_is_an_activation(name: str) -> None:
    gate = getattr(autograd, name)
    (start,) = (1.5,) if gate.name == "acosh" else (0.4,)
    weight = Tensor([start])
    (0.5 * (0.2 - gate(weight * 1.0)) ** 2).sum().backward()
    assert weight.grad is not None
    for activation in (name, gate):
        found = delta_rule([start], [1.0], 0.2, 0.1, activation)
        np.testing.assert_allclose(found, start - 0.1 * weight.grad, rtol=1e-12)


def test_the_delta_rule_learns_a_gate_of_logic_with_a_bias_as_a_weight() -> None:
    x = np.column_stack([CORNERS, np.ones(4)])
    weights = np.zeros(3)
    for _ in range(2_000):
        weights = delta_rule(weights, x, GATES["OR"][2], rate=1.0)
    assert (autograd.sigmoid(x @ weights) > 0.5).astype(int).tolist() == GATES["OR"][2]


@pytest.mark.parametrize("activation", ["step", "sign", "floor"])
def test_what_has_no_slope_is_refused(activation: str) -> None:
    with pytest.raises(SettingError, match=rf"{activation} has no slope, .* Perceptron\.fit"):
        delta_rule([0.0], [1.0], 1.0, 0.1, activation)


@pytest.mark.parametrize("activation", ["sigmoyd", "maximum", autograd.add])
def test_what_is_no_activation_is_refused(activation: Any) -> None:
    with pytest.raises(SettingError, match=r"activation is .*; pass a gate of one operand"):
        delta_rule([0.0], [1.0], 1.0, 0.1, activation)


@pytest.mark.parametrize(
    ("weights", "x", "y"),
    [
        ([0.0, 0.0], [1.0], 1.0),
        ([0.0, 0.0], [1.0, 1.0], [1.0]),
        ([[0.0], [0.0]], [1.0, 1.0], 1.0),
        ([0.0, 0.0], [[1.0, 1.0]], [1.0, 1.0]),
        (0.0, [1.0], 1.0),
    ],
)
def test_shapes_that_do_not_fit_are_refused(weights: Any, x: Any, y: Any) -> None:
    message = r"weights of shape .*, x of shape .* and {} of shape .*; pass \(inputs, outputs\)"
    with pytest.raises(ShapeError, match="hebbian_update: " + message.format("y")):
        hebbian_update(weights, x, y, 0.1)
    with pytest.raises(ShapeError, match="delta_rule: " + message.format("target")):
        delta_rule(weights, x, y, 0.1)


def test_a_rate_that_is_not_finite_is_refused() -> None:
    with pytest.raises(SettingError, match="hebbian_update: rate is nan; pass a finite number"):
        hebbian_update([0.0], [1.0], 1.0, np.nan)
    with pytest.raises(SettingError, match="delta_rule: rate is inf"):
        delta_rule([0.0], [1.0], 1.0, np.inf)

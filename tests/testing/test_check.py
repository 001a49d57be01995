"""check_gradients: what it compares, what it lets pass, and what it refuses."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd
from autograd import Tensor, Value, custom_gate, stop_gradient
from autograd.errors import GradientMismatch, OperandError, SettingError
from autograd.testing import check_gradients
from autograd.testing.strategies import broadcastable_shapes

# The examples of the lectures, whose derivatives the other tests of this folder give by hand.
LECTURES: dict[str, tuple[Callable[..., Any], tuple[Any, ...]]] = {
    "x²": (lambda x: x**2, (3.0,)),
    "2x + 3xy + y³": (lambda x, y: 2 * x + 3 * x * y + y**3, (1.0, 2.0)),
    "wx + xyz + 3w + zy²": (
        lambda p: (
            p[0, 0] * p[0, 1] + p[0, 1] * p[1, 0] * p[1, 1] + 3 * p[0, 0] + p[1, 1] * p[1, 0] ** 2
        ),
        (np.array([[1.0, 2.0], [3.0, 4.0]]),),
    ),
    "3x² + eˣ + 7": (lambda x: 3 * x**2 + autograd.exp(x) + 7, (1.3,)),
    "ln x + 1/x": (lambda x: autograd.log(x) + 1 / x, (0.7,)),
    "(x + y) z": (lambda x, y, z: (x + y) * z, (-2.0, 5.0, -4.0)),
    "sigmoid neuron": (
        lambda w, x: 1 / (1 + np.exp(-(w[0] * x[0] + w[1] * x[1] + w[2]))),
        (np.array([2.0, -3.0, -3.0]), np.array([-1.0, -2.0])),
    ),
    "‖Wx‖²": (
        lambda w, x: ((w @ x) ** 2).sum(),
        (np.array([[0.1, 0.5], [-0.3, 0.8]]), np.array([0.2, 0.4])),
    ),
}


@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize("name", LECTURES)
def test_examples_of_the_lectures(name: str, order: int) -> None:
    f, inputs = LECTURES[name]
    result = check_gradients(f, *inputs, order=order)
    assert result.compared > 0
    assert result.forward_mode
    assert not result.not_smooth
    assert not result.unresolved
    assert result.closest < 1


def exercise() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Weights, samples and one-hot labels of a softmax classifier on 150 samples."""
    rng = np.random.default_rng(0)
    return rng.normal(size=(4, 3)), rng.normal(size=(150, 4)), np.eye(3)[rng.integers(0, 3, 150)]


def probabilities(weights: np.ndarray, samples: np.ndarray) -> np.ndarray:
    scores = samples @ weights
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    softmax: np.ndarray = powers / powers.sum(axis=1, keepdims=True)
    return softmax


def cross_entropy(weights: np.ndarray, samples: np.ndarray, labels: np.ndarray) -> Any:
    return -np.mean(np.sum(labels * np.log(probabilities(weights, samples)), axis=1))


def written_by_hand(weights: np.ndarray, samples: np.ndarray, labels: np.ndarray) -> Any:
    gradient = np.dot(samples.T, probabilities(weights, samples) - labels) / len(samples)
    return gradient, None, None


def test_the_hand_written_gradient_of_a_softmax_classifier_passes() -> None:
    result = check_gradients(cross_entropy, *exercise(), gradient=written_by_hand)
    assert result.compared > 0


def test_the_classic_mistake_is_found_and_explained() -> None:
    def without_division(*inputs: Any) -> Any:
        return written_by_hand(*inputs)[0] * 150, None, None

    with pytest.raises(GradientMismatch) as caught:
        check_gradients(cross_entropy, *exercise(), gradient=without_division)
    message = str(caught.value)
    assert "the gradient by weights is wrong" in message
    assert "150 times the right one in each of the 12 components compared" in message
    assert "150 is the size of axis 0 of samples: is a division by it left out?" in message


@pytest.mark.parametrize(
    ("factor", "hint"), [(-1.0, "the sign is turned"), (0.5, "factor 1/2 or 2 of a square lost")]
)
def test_common_mistakes_are_explained(factor: float, hint: str) -> None:
    with pytest.raises(GradientMismatch, match=hint):
        check_gradients(
            lambda x: (x * x).sum(),
            np.array([1.0, -2.0]),
            gradient=lambda x: factor * 2 * x,
        )


def test_foreign_gradients_of_arrays_are_jacobians() -> None:
    x = np.array([0.3, -0.5])
    check_gradients(np.sin, x, gradient=lambda x: np.diag(np.cos(x)))
    with pytest.raises(GradientMismatch, match=r"shape \(2,\) for x, whose gradient has shape \(2"):
        # Not np.sin itself, whose signature has no names in older versions of NumPy.
        check_gradients(lambda x: np.sin(x), x, gradient=np.cos)


def test_foreign_gradients_come_in_the_structure_of_the_inputs() -> None:
    net = {"w": np.array([1.0, 2.0]), "b": [0.5]}
    check_gradients(
        lambda net, x: (net["w"] * x).sum() * net["b"][0],
        net,
        3.0,
        gradient=lambda net, x: (
            {"w": x * net["b"][0] * np.ones(2), "b": [net["w"].sum() * x]},
            net["w"].sum() * net["b"][0],
        ),
    )


def test_foreign_arrays_are_read_as_numpys() -> None:
    class Foreign:
        def __init__(self, array: Any) -> None:
            self._array = np.asarray(array)

        def __array__(self, dtype: Any = None, copy: Any = None) -> np.ndarray:
            return self._array

    def gradient(x: Any, net: Any) -> Any:
        return Foreign(2 * x * net["w"]), {"w": Foreign(np.sum(x * x))}

    check_gradients(
        lambda x, net: Foreign(np.sum(x * x) * net["w"]),
        np.array([1.0, 2.0]),
        {"w": 3.0},
        gradient=gradient,
    )


def test_a_transposed_foreign_gradient_is_seen_as_such() -> None:
    with pytest.raises(GradientMismatch, match=r"\(its transpose has\)"):
        check_gradients(
            lambda w: (w @ np.array([1.0, 2.0, 3.0])).sum(),
            np.ones((2, 3)),
            gradient=lambda w: np.array([[1.0, 2.0, 3.0]] * 2).T,
        )


def test_foreign_functions_may_not_change_their_inputs() -> None:
    def f(x: np.ndarray) -> Any:
        x *= 2
        return x.sum()

    with pytest.raises(GradientMismatch, match="the function changes its argument x in place"):
        check_gradients(f, np.ones(2), gradient=lambda x: 2 * np.ones(2))


def test_foreign_gradients_are_missed_and_counted() -> None:
    with pytest.raises(OperandError, match="returned 1 gradient, and 2 of the inputs hold floats"):
        check_gradients(lambda x, y: x * y, 1.0, 2.0, gradient=lambda x, y: y)


def test_gradients_of_pytorch_are_checked() -> None:
    torch = pytest.importorskip("torch", reason="PyTorch, a foreign library")

    def f(x: np.ndarray) -> Any:
        return torch.from_numpy(x).tanh().sum()

    def gradient(x: np.ndarray) -> Any:
        leaf = torch.from_numpy(x).requires_grad_()
        leaf.tanh().sum().backward()
        return leaf.grad

    for dtype in (np.float64, np.float32):
        check_gradients(f, np.array([0.3, -0.5], dtype), gradient=gradient)
    with pytest.raises(GradientMismatch):
        check_gradients(f, np.array([0.3, -0.5]), gradient=lambda x: 0.999 * gradient(x))


def test_gradients_of_jax_are_checked() -> None:
    jax = pytest.importorskip("jax", reason="JAX, a foreign library")
    f = jax.numpy.tanh
    check_gradients(lambda x: f(x).sum(), np.ones(3, np.float32), gradient=lambda x: 1 - f(x) ** 2)


@pytest.mark.parametrize("kind", [float, Value, Tensor, np.array])
def test_inputs_may_be_of_any_kind(kind: Any) -> None:
    def f(x: Any) -> Any:
        assert type(x) is (Value if kind is Value else Tensor)
        return x * x.tanh()

    assert check_gradients(f, kind(0.5), order=2).compared > 0


def test_structures_labels_and_settings_go_along() -> None:
    net = {"W": np.array([[0.3, -0.2, 0.1], [0.5, 0.7, -0.4]]), "b": [np.zeros(3), 1.5]}
    labels = np.array([0, 2])

    def loss(net: Any, x: Any, labels: Any, name: str, scale: Any = None) -> Any:
        assert labels is not None
        assert labels.dtype.kind == "i"
        assert name == "mean"
        scores = (x @ net["W"] + net["b"][0]) * net["b"][1]
        return autograd.softmax_cross_entropy(scores, labels=labels).mean()

    check_gradients(loss, net, np.ones((2, 2)), labels, "mean", None, order=2)


def test_several_outputs_are_checked_together() -> None:
    check_gradients(lambda x, y: {"sum": x + y, "parts": (x * y, [y.sum(), 3.0])}, 2.0, np.ones(3))
    with pytest.raises(GradientMismatch, match="the gradient by x is wrong"):
        check_gradients(lambda x, y: (x + y, [x.data * y]), 2.0, np.ones(3))


def test_a_function_that_does_not_use_an_input_passes() -> None:
    assert check_gradients(lambda x, y: x * 2.0, 1.0, 2.0).compared > 0
    assert check_gradients(lambda x: 3.0, 1.0).compared > 0


def test_the_inputs_are_left_as_they_are() -> None:
    x, y = Tensor([1.0, 2.0]), np.array([3.0, 4.0])
    check_gradients(lambda x, y: (x * y).sum(), x, y)
    np.testing.assert_array_equal(x.data, [1.0, 2.0])
    np.testing.assert_array_equal(y, [3.0, 4.0])
    assert x.grad is None


def test_points_that_are_not_smooth_are_reported_apart() -> None:
    result = check_gradients(lambda x: autograd.relu(x), np.array([0.0, 1.0, -2.0]))
    assert result.not_smooth == ["x[0]"]
    assert result.compared > 0


def test_a_gate_at_its_kink_excuses_what_it_may_do_and_nothing_else() -> None:
    # As smooth as can be, but the gradient of relu at its kink is a convention: 0, twice.
    result = check_gradients(lambda x: autograd.relu(x) - autograd.relu(-x), 0.0)
    assert result.not_smooth == ["x"]
    wrong = custom_gate(vjp=lambda g, out, x: g * x)(lambda x: x * x)
    with pytest.raises(GradientMismatch) as caught:
        check_gradients(
            lambda x, y: autograd.relu(x) - autograd.relu(-x) + wrong(y), np.zeros(2), np.ones(2)
        )
    assert caught.value.gate is wrong


def test_where_a_mask_is_a_constant_there_is_no_kink() -> None:
    mask = np.array([0.0, 1.0, 0.0])
    result = check_gradients(lambda y, z: autograd.where(mask, y, z), np.ones(3), np.ones(3))
    assert not result.not_smooth


def test_the_border_of_a_domain_is_not_smooth() -> None:
    assert check_gradients(lambda x: x**0.5, 0.0).not_smooth == ["x"]


def test_an_infinite_gradient_where_the_slope_is_finite_is_wrong() -> None:
    square = custom_gate(vjp=lambda g, out, x: g * 2 * x / (x - x))(lambda x: x * x)
    with pytest.raises(GradientMismatch, match=r"backward gives +inf"):
        check_gradients(square, 1.0)


def test_what_stop_gradient_gives_is_held_fixed() -> None:
    for kind in (Value, Tensor):
        check_gradients(lambda x: stop_gradient(x) * x + stop_gradient(x * x), kind(1.5), order=2)


def test_digits_that_a_function_loses_are_not_blamed_on_its_gradient() -> None:
    check_gradients(lambda x: (x + 1e8) - 1e8, 0.3)
    check_gradients(lambda x: autograd.sin((x + 1e10) - 1e10), 0.3)


@pytest.mark.parametrize("dtype", [np.float32, np.float16])
def test_few_digits_are_enough(dtype: Any) -> None:
    x, w = np.array([0.3, -0.5, 0.7], dtype), np.ones((3, 2), dtype)
    check_gradients(lambda x, w: np.tanh(x @ w).sum(), x, w)


def test_a_rule_that_loses_the_digits_of_a_dtype_is_found() -> None:
    def vjp(g: Any, out: Any, x: Any) -> Any:
        return g * ((x + 1) ** 2 - x**2 - 1) if x.dtype == np.float32 and x[0] > 1e3 else g * 2 * x

    wrong = custom_gate(vjp=vjp)(lambda x: x * x)
    with pytest.raises(GradientMismatch, match="in float32 the gradient by x is off by"):
        check_gradients(lambda x: wrong(x), np.array([12345.678], np.float32))


@given(shapes=broadcastable_shapes(3))
def test_broadcasting_of_right_gates_is_right(shapes: Any) -> None:
    rng = np.random.default_rng(0)
    x, y, z = (rng.uniform(0.5, 1.5, shape) for shape in shapes)
    check_gradients(lambda x, y, z: x * y / z, x, y, z)


def test_a_gradient_that_depends_on_who_broadcasts_is_found() -> None:
    scaled = custom_gate(
        vjp=[
            lambda g, out, x, w: g * w,
            # Right where w is broadcast, and half of it where it was before.
            lambda g, out, x, w: (g * x).sum(axis=0) if w.ndim == 1 else g * x * 0.5,
        ],
        name="scaled",
    )(lambda x, w: x * w)
    with pytest.raises(GradientMismatch, match=r"(?s)by w of shape \(2,\).*stretched to \(3, 2\)"):
        check_gradients(lambda x, w: scaled(x, w), np.ones((3, 2)), np.array([2.0, 3.0]))


def test_second_derivatives_are_checked_where_they_are_asked_for() -> None:
    def vjp(g: Any, out: Any, x: Any) -> Any:
        # Right, but made of a constant: it has no derivative.
        return g * 3 * np.asarray(x) ** 2

    cube = custom_gate(vjp=vjp)(lambda x: x**3)
    check_gradients(cube, 2.0)
    with pytest.raises(GradientMismatch, match="the second derivative by x is wrong"):
        check_gradients(lambda x: cube(x), 2.0, order=2)


def test_forward_mode_is_passed_over_where_a_rule_has_none() -> None:
    def vjp(g: Any, out: Any, x: Any) -> Any:
        return np.asarray(g) * 3 * np.asarray(x) ** 2

    result = check_gradients(custom_gate(vjp=vjp)(lambda x: x**3), np.array([1.0, 2.0]))
    assert not result.forward_mode
    assert result.compared > 0


def test_large_inputs_are_checked_in_a_few_calls() -> None:
    calls = []

    def f(w: Any) -> Any:
        calls.append(w.size)
        return np.tanh(w * 0.1).sum()

    check_gradients(f, np.linspace(0, 1, 10_000))
    assert len(calls) < 60


def test_one_wrong_element_of_many_is_named() -> None:
    def vjp(g: Any, out: Any, x: Any) -> Any:
        gradient = g * 2 * x
        gradient[31, 7] *= 1.01
        return gradient

    wrong = custom_gate(vjp=vjp)(lambda x: x * x)
    with pytest.raises(GradientMismatch, match=r"worst component +x\[31, 7\]"):
        check_gradients(lambda x: wrong(x), np.linspace(0.5, 1, 4000).reshape(80, 50))


def test_the_same_call_draws_the_same() -> None:
    def f(x: Any) -> Any:
        return np.sin(x).sum()

    x = np.linspace(-1, 1, 50)
    assert check_gradients(f, x) == check_gradients(f, x)


@given(x=st.floats(-3, 3), y=st.floats(-3, 3))
def test_plain_functions_pass_at_every_point(x: float, y: float) -> None:
    check_gradients(lambda x, y: autograd.exp(x * y) / (1 + x * x) + autograd.hypot(x, y), x, y)


def test_bad_calls_are_refused() -> None:
    with pytest.raises(SettingError, match="order=3; it is 1 or 2"):
        check_gradients(autograd.exp, 1.0, order=3)
    with pytest.raises(SettingError, match="order=2; it is 1 or 2, and 1 with gradient="):
        check_gradients(math.exp, 1.0, order=2, gradient=math.exp)
    with pytest.raises(OperandError, match="none of the inputs is a float"):
        check_gradients(lambda x: x, np.array([1, 2]))
    with pytest.raises(OperandError, match="none of the inputs is a float"):
        check_gradients(lambda x: x, np.zeros((0, 3)))
    with pytest.raises(OperandError, match="x is an array, and another argument a Value"):
        check_gradients(lambda x, y: x, np.ones(2), Value(1.0))
    with pytest.raises(OperandError, match="the result of the function is None"):
        check_gradients(lambda x: None, 1.0)


def test_errors_of_the_function_itself_are_its_own() -> None:
    def f(x: Any) -> Any:
        raise LookupError("no such thing")

    with pytest.raises(LookupError, match="no such thing"):
        check_gradients(f, 1.0)


def test_a_shape_that_depends_on_the_values_is_refused() -> None:
    with pytest.raises(ValueError, match="the function returned 2 numbers at the point and"):
        check_gradients(lambda x: x[x.data >= 1.0], np.array([0.5, 1.0, 2.0]))


@pytest.mark.parametrize(
    ("f", "inputs"),
    [
        (lambda x, y: autograd.relu(x) + y.detach() * y, (0.0, 2.0)),
        (lambda x: x.detach() * x + autograd.relu(x * 0.0), (2.0,)),
        (lambda a, b: abs(a) + float(b) * b, (Value(0.0), Value(3.0))),
    ],
    ids=["another input", "an operand that stands still", "Values"],
)
def test_a_gate_at_its_kink_excuses_no_hidden_constant(f: Any, inputs: Any) -> None:
    with pytest.raises(GradientMismatch, match="no gate to blame"):
        check_gradients(f, *inputs)


def wrong_cube(vjp: Callable[..., Any]) -> Any:
    return custom_gate(vjp=vjp, name="cube")(lambda x: x * x * x)


@pytest.mark.parametrize("beside", [np.nan, np.inf])
def test_a_result_that_is_not_finite_does_not_hide_another_that_is_wrong(beside: float) -> None:
    wrong = wrong_cube(lambda g, out, x: g * 6 * x * x)
    with pytest.raises(GradientMismatch) as caught:
        check_gradients(lambda x: [x[0] * beside, wrong(x)], np.array([1.0, 2.0]))
    assert caught.value.gate is wrong


def test_a_result_at_a_kink_does_not_hide_another_that_is_wrong() -> None:
    # Not written in gates: there is no forward mode, which looks at every result by itself.
    wrong = wrong_cube(lambda g, out, x: np.asarray(g) * 6 * np.asarray(x) ** 2)
    with pytest.raises(GradientMismatch) as caught:
        check_gradients(lambda x: [abs(x.sum() - 3.0), wrong(x)], np.array([1.0, 2.0]))
    assert caught.value.gate is wrong


def test_inputs_at_kinks_do_not_hide_others() -> None:
    x = np.where(np.arange(60) % 2, np.linspace(0.5, 1.0, 60), 0.0)

    def gradient(x: np.ndarray) -> np.ndarray:
        right = np.where(x > 0, 2 * x, 0.0)
        right[31] *= 1.01
        return right

    for seed in range(5):
        with pytest.raises(GradientMismatch, match=r"x\[31\]"):
            check_gradients(
                lambda x: (np.maximum(x, 0) * np.abs(x)).sum() + np.abs(x[::2]).sum(),
                x,
                gradient=gradient,
                rng=seed,
            )


@pytest.mark.parametrize(
    "vjp",
    [lambda g, out, x: 3 * x * x, lambda g, out, x: abs(g) * 3 * x * x],
    ids=["dropped g", "g without its sign"],
)
def test_what_a_rule_makes_of_g_is_checked_from_a_scalar_too(vjp: Any) -> None:
    wrong = wrong_cube(vjp)
    with pytest.raises(GradientMismatch, match="in proportion to where they start") as caught:
        check_gradients(lambda x: wrong(x).sum(), np.array([0.4, -0.7, 1.3]))
    assert caught.value.gate is wrong


def test_functions_that_draw_at_random_are_refused() -> None:
    rng = np.random.default_rng(0)
    with pytest.raises(OperandError, match=r"at one call and .* at the next, for the same inputs"):
        check_gradients(lambda x: x * (rng.random(x.shape) < 0.5), np.ones(30))
    check_gradients(
        lambda x: x * (np.random.default_rng(0).random(x.shape) < 0.5), np.linspace(1, 2, 30)
    )


@pytest.mark.parametrize("kind", [Value, Tensor])
def test_gradients_are_checked_inside_of_no_grad_too(kind: Any) -> None:
    with autograd.no_grad():
        assert check_gradients(lambda x: x * x, kind(3.0), order=2).compared > 0


@pytest.mark.parametrize("inside", [np.float32, lambda x: np.round(x, 4)], ids=["float32", "round"])
def test_functions_that_round_inside_raise_no_alarm(inside: Any) -> None:
    rng = np.random.default_rng(0)
    for size in (1, 2, 3, 5, 8, 13, 24):
        x = rng.uniform(0.5, 1.5, size)
        check_gradients(lambda x: float((inside(x) ** 3).sum()), x, gradient=lambda x: 3 * x * x)


def test_a_function_that_overflows_in_few_digits_is_not_blamed() -> None:
    check_gradients(
        lambda x: autograd.log(autograd.exp(x)).sum(), np.array([12.0, 1.0], np.float16)
    )
    check_gradients(lambda x: x * 1e300, np.array([1e30], np.float32))


def test_long_doubles_are_checked_in_double_precision() -> None:
    check_gradients(lambda x: autograd.tanh(x * x), np.array([0.3, 0.5], np.longdouble))


def test_leaves_that_the_function_knows_by_itself_keep_their_gradients() -> None:
    for kind in (Tensor, Value):
        weight = kind(2.0)
        (weight * 3.0).backward()
        check_gradients(lambda x, weight=weight: x * weight, kind(5.0), order=2)
        assert float(weight.grad) == 3.0


def test_arrays_that_are_not_moved_may_be_written_to() -> None:
    labels = np.array([0, 1])

    def f(x: Any, labels: np.ndarray) -> Any:
        labels += 1
        return x * labels

    check_gradients(f, np.ones(2), labels)
    assert labels.tolist() == [0, 1]


def test_foreign_gradients_of_none_are_refused() -> None:
    with pytest.raises(OperandError, match="gradient= returned None for each input"):
        check_gradients(lambda x: x * x, 1.0, gradient=lambda x: None)
    with pytest.raises(OperandError, match="the function returned no number"):
        check_gradients(lambda x: [], 1.0)


# What is right and looks wrong, and the care that keeps it from being called so.
HARD: dict[str, tuple[Callable[..., Any], tuple[float, ...], int]] = {
    "terms that all but cancel": (lambda x: autograd.tanh(x) / autograd.expm1(x), (9.2e-32,), 1),
    "digits lost between two passes": (
        lambda x: autograd.log1p(x) / x,
        (8.240743309893261e-14,),
        1,
    ),
    "rounding on the way": (lambda x: x - autograd.atan(x), (0.0,), 1),
    "a pole close by": (lambda x: 1 / x + autograd.log(x), (1e-12,), 2),
    "a slope that is lost": (lambda x: autograd.log2(autograd.cos(x)), (2.8e-58,), 1),
    "all but the largest number": (lambda x: 1 / x / (x + x), (7e-151,), 1),
    "cancelled by rounding": (
        lambda x: autograd.log(x - 5.0) * autograd.log(5.01 - x),
        (5.0046,),
        2,
    ),
}


@pytest.mark.parametrize("kind", [Value, Tensor])
@pytest.mark.parametrize("name", HARD)
def test_right_gradients_that_are_hard_to_check_are_not_called_wrong(name: str, kind: Any) -> None:
    f, inputs, order = HARD[name]
    check_gradients(f, *map(kind, inputs), order=order)

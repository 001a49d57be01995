"""Recordings: the kinds, shapes and structures of what transforms take and give."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pytest

import autograd
from autograd import Tensor, Value
from autograd.errors import OperandError, SettingError, ShapeError
from autograd.transforms import (
    elementwise_grad,
    grad,
    hessian,
    hvp,
    jacfwd,
    jacobian,
    jacrev,
    jvp,
    value_and_grad,
    vjp,
)


class Layer(NamedTuple):
    W: Any
    b: Any


def test_gradients_have_the_structure_of_the_argument() -> None:
    def loss(net: Any, x: Any) -> Any:
        for layer in net["layers"]:
            x = np.tanh(layer.W @ x + layer.b)
        return (x * net["scale"][0]).sum()

    rng = np.random.default_rng(0)
    net = {
        "layers": (
            Layer(rng.normal(size=(3, 2)), rng.normal(size=3)),
            Layer(rng.normal(size=(1, 3)), 0.5),
        ),
        "scale": [2.0, 7],
    }
    x = rng.normal(size=2)
    value, (by_net, by_x) = value_and_grad(loss, argnum=(0, 1))(net, x)
    assert type(value) is float and list(by_net) == ["layers", "scale"]
    assert type(by_net["layers"][1]) is Layer and type(by_net["layers"][1].b) is float
    assert by_net["layers"][0].W.shape == (3, 2) and by_x.shape == (2,)
    assert by_net["scale"] == [pytest.approx(value / 2), 0.0]
    # Along the gradient the function rises by its square.
    _, slope = jvp(loss, (net, x), (by_net, by_x))
    leaves = [leaf for layer in by_net["layers"] for leaf in layer] + [*by_net["scale"], by_x]
    assert slope == pytest.approx(sum(float(np.sum(leaf * leaf)) for leaf in leaves))
    # The Hessian times that, three ways.
    products = [
        hvp(loss, argnum=(0, 1))(net, x, (by_net, by_x)),
        jvp(grad(loss, argnum=(0, 1)), (net, x), (by_net, by_x))[1],
        vjp(grad(loss, argnum=(0, 1)), net, x)[1]((by_net, by_x)),
    ]
    for product in products:
        np.testing.assert_allclose(
            product[0]["layers"][0].W, products[0][0]["layers"][0].W, rtol=1e-12
        )
        np.testing.assert_allclose(product[1], products[0][1], rtol=1e-12)


def test_jacobian_has_the_structure_of_the_result_and_in_it_that_of_the_argument() -> None:
    def f(p: Any, y: Any) -> Any:
        return {"product": p["a"] * p["b"] * y, "none": 3.0, "pair": (p["a"], y)}

    p, y = {"a": 2.0, "b": np.array([1.0, 2.0])}, np.float32(3.0)
    for transform in (jacrev, jacfwd):
        found = transform(f, argnum=(0, 1))(p, y)
        by_p, by_y = found["product"]
        np.testing.assert_array_equal(by_p["a"], [3.0, 6.0])
        np.testing.assert_array_equal(by_p["b"], [[6.0, 0.0], [0.0, 6.0]])
        np.testing.assert_array_equal(by_y, [2.0, 4.0])
        assert by_y.dtype == np.float32
        assert found["none"][0]["a"] == 0.0 and found["none"][0]["b"].tolist() == [0.0, 0.0]
        assert found["pair"][0][0]["a"] == 1.0 and found["pair"][1][1] == np.float32(1.0)
    second = hessian(lambda p: p["a"] ** 2 * p["b"].sum())(p)
    assert second["a"]["a"] == 6.0 and second["a"]["b"].tolist() == [4.0, 4.0]
    assert second["b"]["b"].tolist() == [[0.0, 0.0], [0.0, 0.0]]


def test_values_in_lists_and_arrays_of_objects() -> None:
    weights = [Value(2.0), Value(3.0)]
    by_weights = grad(lambda w: autograd.dot(w, w) * w[0])(weights)
    assert [g.data for g in by_weights] == [3 * 4 + 9, 2 * 2 * 3]
    objects = np.array(weights, dtype=object)
    by_objects = grad(lambda w: (w * w).sum())(objects)
    assert by_objects.shape == (2,) and [g.data for g in by_objects] == [4.0, 6.0]
    second = hessian(lambda w: w[0] * w[0] * w[1])(weights)
    assert [[entry.data for entry in row] for row in second] == [[6.0, 4.0], [4.0, 0.0]]
    assert [[e.data for e in row] for row in jacfwd(lambda w: w * w)(objects)] == [[4, 0], [0, 6]]
    _, pushed = jvp(autograd.mean, (weights,), ([1.0, 5.0],))
    assert pushed.data == 3.0


@pytest.mark.parametrize(
    ("argument", "kind", "dtype"),
    [
        (2, float, None),
        (2.0, float, None),
        (True, float, None),
        (np.float32(2.0), np.float32, np.float32),
        (np.int64(2), np.float64, np.float64),
        (np.array(2.0), np.ndarray, np.float64),
        (np.array([2.0], np.float32), np.ndarray, np.float32),
        (np.array([2, 3]), np.ndarray, np.float64),
        (np.array([], np.float32), np.ndarray, np.float32),
        (np.ones((2, 0, 3)), np.ndarray, np.float64),
    ],
)
def test_gradients_are_of_the_kind_shape_and_dtype_of_the_argument(
    argument: Any, kind: type, dtype: Any
) -> None:
    def f(x: Any) -> Any:
        return (x * x).sum()

    for transform in (grad, jacrev, jacfwd):
        result = transform(f)(argument)
        assert type(result) is kind and np.shape(result) == np.shape(argument)
        assert dtype is None or result.dtype == dtype
        np.testing.assert_array_equal(result, np.multiply(2, argument))
    shape = np.shape(argument)
    product = hvp(f)(argument, np.ones(shape) if shape else 1.0)
    assert type(product) is kind and np.shape(product) == shape
    assert np.shape(hessian(f)(argument)) == shape * 2
    tangent = jvp(lambda x: x * x, (argument,), (argument,))[1]
    assert type(tangent) is (np.ndarray if shape else float) and np.shape(tangent) == shape
    assert dtype is None or not shape or tangent.dtype == dtype


def test_results_are_arrays_of_their_own() -> None:
    x, y = np.ones(3), np.ones(3)
    value, (by_x, by_y) = (
        vjp(lambda x, y: x + y, x, y)[0],
        grad(lambda x, y: (x + y).sum(), (0, 1))(x, y),
    )
    gradient = np.ones(3)
    _, back = vjp(lambda x, y: x + y, x, y)
    results = [value, by_x, by_y, *back(gradient), vjp(lambda x: x, x)[0]]
    results += jvp(lambda x: x, (x,), (gradient,))
    for place, result in enumerate(results):
        assert result.flags.writeable
        for other in [x, y, gradient, *results[:place]]:
            assert not np.shares_memory(result, other)


def test_what_is_not_differentiated_is_passed_on_as_it_is() -> None:
    extra, option = object(), [None, "text"]

    def f(first: Any, x: Any, *rest: Any, **options: Any) -> Any:
        assert first is None and rest == (extra,) and options == {"option": option}
        assert options["option"] is option
        return x * x

    arguments = None, 3.0, extra
    assert grad(f, 1)(*arguments, option=option) == 6.0
    assert grad(grad(f, 1), 1)(*arguments, option=option) == 2.0
    assert hessian(f, 1)(*arguments, option=option) == 2.0
    assert hvp(f, 1)(*arguments, 10.0, option=option) == 20.0
    assert jacfwd(f, 1)(*arguments, option=option) == 6.0
    assert value_and_grad(f, (1,))(*arguments, option=option) == (9.0, (6.0,))


def test_keywords_reach_the_function_of_vjp_and_jvp() -> None:
    def f(x: Any, *, power: int) -> Any:
        return x**power

    assert vjp(f, 2.0, power=3)[1](1.0) == (12.0,)
    assert jvp(f, (2.0,), (1.0,), power=3) == (8.0, 12.0)


def test_constant_results_have_zero_derivatives() -> None:
    x = np.ones((2, 2))
    for constant in (3, 3.0, np.float32(3), Tensor(3.0), np.array([3.0])):
        assert not grad(lambda x, c=constant: c)(x).any()
        assert not hessian(lambda x, c=constant: c)(x).any()
    assert grad(lambda x: 1.0)(Value(2.0)).data == 0.0
    assert grad(lambda x: grad(lambda y: 3.0 * y)(x))(2.0) == 0.0
    assert hvp(lambda x: (3 * x).sum())(x, x).tolist() == [[0.0, 0.0], [0.0, 0.0]]
    assert jvp(lambda x: (2, np.ones(3)), (x,), (x,))[1][1].tolist() == [0.0, 0.0, 0.0]
    assert elementwise_grad(np.floor)(x).tolist() == [[0.0, 0.0], [0.0, 0.0]]
    assert vjp(lambda x: np.ones(2), x)[1](np.ones(2))[0].tolist() == [[0.0, 0.0], [0.0, 0.0]]


def test_a_gradient_that_is_not_finite_is_the_answer_and_no_warning() -> None:
    x = np.array([0.0, 4.0])
    assert elementwise_grad(np.sqrt)(x).tolist() == [np.inf, 0.25]
    assert jvp(np.sqrt, (x,), (np.ones(2),))[1].tolist() == [np.inf, 0.25]


def test_derivatives_are_named_after_what_they_derive() -> None:
    assert grad(np.sum).__name__ == "grad_of_sum"
    assert hessian(np.sum).__name__ == "hessian_of_sum"
    assert hvp(autograd.exp).__name__ == "hvp_of_Gate"


@pytest.mark.parametrize(
    ("wrong", "error", "message"),
    [
        (
            lambda x: grad(lambda x: x)(x),
            ShapeError,
            r"grad: the function returned shape \(2,\), and a gradient is that of a scalar; "
            r"reduce it with \.sum\(\), or use jacobian or elementwise_grad",
        ),
        (
            lambda x: hvp(lambda x: x * x)(x, x),
            ShapeError,
            r"hvp: the function returned shape \(2,\)",
        ),
        (
            lambda x: value_and_grad(lambda x: (x.sum(), 1))(x),
            OperandError,
            "value_and_grad: the function returned a tuple of 2; it must return one number or",
        ),
        (
            lambda x: elementwise_grad(lambda x: {"y": x})(x),
            OperandError,
            "elementwise_grad: the function returned a dict with the keys 'y'",
        ),
        (
            lambda x: grad(lambda x: None)(x),
            OperandError,
            r"grad: the result of the function is None \(NoneType\)",
        ),
        (
            lambda x: jacobian(lambda x: [x, "text"])(x),
            OperandError,
            r"jacobian: the result of the function\[1\] is 'text'",
        ),
        (
            lambda x: grad(lambda a, net: 0.0, 1)(x, {"W": [None]}),
            OperandError,
            r"grad: args\[1\]\['W'\]\[0\] is None",
        ),
        (
            lambda x: grad(lambda x: x, 1)(x),
            OperandError,
            "grad: argnum 1 is out of range: the function was called with 1 positional argument, c",
        ),
        (lambda x: hvp(lambda x: x, (0, 2))(x, x, x), OperandError, "hvp: argnum 2 is out of ra"),
        (lambda x: grad(lambda x: x, -1)(x), OperandError, "argnum -1 is out of range"),
        (lambda x: grad(lambda x: x, "x"), OperandError, "grad: argnum is 'x'; it is an int or a"),
        (lambda x: grad(lambda x: x, (0, 1.5)), OperandError, r"argnum is \(0, 1.5\)"),
        (lambda x: grad(lambda x: x, (0, 0)), SettingError, r"argnum is \(0, 0\); it names each"),
        (lambda x: jacfwd(lambda x: x, ()), SettingError, r"jacfwd: argnum is \(\); it names"),
        (lambda x: grad(x), OperandError, r"grad: array\(\[1., 2.\]\) \(ndarray\) is not a funct"),
        (lambda x: vjp(3.0, x), OperandError, r"vjp: 3.0 \(float\) is not a function; pass the"),
        (lambda x: hvp(lambda x: x)(), OperandError, "hvp: no vector"),
        (
            lambda x: hvp(lambda x, y: x.sum(), (0, 1))(x, x, x),
            OperandError,
            r"hvp: the vector is array\(\[1., 2.\]\); with argnum \(0, 1\) it is a tuple of 2",
        ),
        (
            lambda x: hvp(lambda x, p: (p["a"] * x).sum(), 1)(x, {"a": x}, {"b": x}),
            OperandError,
            r"hvp: vector is a dict with the keys 'b', and args\[1\] is a dict with the keys 'a'",
        ),
        (
            lambda x: hvp(lambda x, p: (p["a"] * x).sum(), (0, 1))(x, {"a": x}, (x, {"a": 1.0})),
            ShapeError,
            r"hvp: vector\[1\]\['a'\] has shape \(\), and args\[1\]\['a'\] has shape \(2,\)",
        ),
        (
            lambda x: jvp(lambda p: p[0] * x, ([x],), ([np.ones(3)],)),
            ShapeError,
            r"jvp: tangents\[0\]\[0\] has shape \(3,\), and primals\[0\]\[0\] has shape \(2,\)",
        ),
        (
            lambda x: jvp(lambda x: x, (x,), ([1.0, 2.0],)),
            OperandError,
            r"jvp: tangents\[0\] is a list of 2, and primals\[0\] is a single number, array or no",
        ),
        (
            lambda x: jvp(lambda x: x, (x,), (None,)),
            OperandError,
            r"jvp: tangents\[0\] is None",
        ),
        (
            lambda x: jvp(lambda x: x, x, x),
            OperandError,
            r"jvp: primals is array\(\[1., 2.\]\) \(ndarray\); pass a tuple",
        ),
        (lambda x: jvp(lambda x: x, (x,), x), OperandError, "jvp: tangents is array"),
        (lambda x: jvp(lambda x: x, (x,), ()), OperandError, "jvp: 0 tangents for 1 primals"),
        (
            lambda x: vjp(lambda x: {"y": x}, x)[1]({"y": np.ones(3)}),
            ShapeError,
            r"vjp: gradient\['y'\] has shape \(3,\), and the result\['y'\] has shape \(2,\)",
        ),
        (
            lambda x: vjp(lambda x: (x, x), x)[1](x),
            OperandError,
            "vjp: gradient is a single number, array or node, and the result is a tuple of 2",
        ),
        (
            lambda x: vjp(lambda x: x.sum(), x)[1](Value(1.0)),
            OperandError,
            "vjp: gradient is a Value, and the function was run on Tensors; pass its .data",
        ),
        (
            lambda x: grad(lambda x, v: v, (0, 1))(x, [Value(1.0)]),
            OperandError,
            r"grad: args\[0\] is an array, and args\[1\]\[0\] a Value; they cannot stand in one",
        ),
        (
            lambda x: grad(lambda p: 0.0)((Tensor(x), Value(1.0))),
            OperandError,
            r"grad: args\[0\]\[0\] is a Tensor, and args\[0\]\[1\] a Value",
        ),
    ],
)
def test_wrong_use_is_named(
    wrong: Callable[..., Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        wrong(np.array([1.0, 2.0]))

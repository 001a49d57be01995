"""Transforms: derivatives as functions, of any order and mixture, over nested containers."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from contextvars import Context
from typing import Any

import mpmath
import numpy as np
import pytest
from central_difference import array_gradient
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd
from autograd import Tensor, Value, no_grad
from autograd.formula import FLOATS, build_function, parse
from autograd.gate import TABLE, Gate, definition_of
from autograd.ieee import PRIMITIVES
from autograd.modes import is_recording
from autograd.testing.strategies import gate_operands
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

# Of each test that is run for every gate or function: ten quick examples, hundreds when thorough.
FEW = settings(max_examples=settings.default.max_examples // 5)
NUMBERS = st.floats(-2, 2).map(lambda number: round(number, 3))


def arrays(*shape: int) -> st.SearchStrategy[np.ndarray]:
    size = int(np.prod(shape))
    return st.lists(NUMBERS, min_size=size, max_size=size).map(
        lambda numbers: np.array(numbers).reshape(shape)
    )


def test_the_lecture_example() -> None:
    W, x = np.array([[0.1, 0.5], [-0.3, 0.8]]), np.array([0.2, 0.4])
    value, (dW, dx) = value_and_grad(lambda W, x: ((W @ x) ** 2).sum(), argnum=(0, 1))(W, x)
    assert value == pytest.approx(0.116, rel=1e-15)
    np.testing.assert_allclose(dW, [[0.088, 0.176], [0.104, 0.208]], rtol=1e-14)
    np.testing.assert_allclose(dx, [-0.112, 0.636], rtol=1e-14)


def rosenbrock(x: Any) -> Any:
    return (100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2).sum()


def test_newton_steps_find_the_minimum_of_rosenbrock() -> None:
    x = np.array([-1.2, 1.0])
    np.testing.assert_allclose(grad(rosenbrock)(x), [-215.6, -88.0], rtol=1e-13)
    np.testing.assert_allclose(hessian(rosenbrock)(x), [[1330.0, 480.0], [480.0, 200.0]])
    for _ in range(7):
        x = x - np.linalg.solve(hessian(rosenbrock)(x), grad(rosenbrock)(x))
    np.testing.assert_allclose(x, [1.0, 1.0], rtol=1e-14)


# What the formula language calls primitive, to fifty digits.
_PRECISE = {
    **{name: getattr(mpmath, name) for name in PRIMITIVES if hasattr(mpmath, name)},
    "abs": abs,
    "magnitude": abs,
    "divide": lambda x, y: x / y,
    "power": lambda x, y: x**y,
    "exp2": lambda x: mpmath.mpf(2) ** x,
    "log2": lambda x: mpmath.log(x, 2),
}
SMOOTH = [gate for gate in TABLE if not gate.kinks and not gate.flat]


@pytest.mark.parametrize("gate", SMOOTH, ids=lambda gate: gate.name)
@FEW
@given(data=st.data())
def test_third_derivatives_of_every_smooth_gate(gate: Gate, data: st.DataObject) -> None:
    at = data.draw(gate_operands(gate))
    by = data.draw(st.lists(st.integers(0, gate.arity - 1), min_size=3, max_size=3))
    found = grad(grad(grad(gate, by[0]), by[1]), by[2])(*at)
    precise = build_function(
        "precise",
        gate.operand_names,
        {"out": parse(gate.formula)},
        FLOATS,
        _PRECISE,
        definition_of,
    )
    orders = tuple(by.count(position) for position in range(gate.arity))
    with mpmath.workdps(50):
        expected = mpmath.diff(precise, tuple(map(mpmath.mpf, at)), orders)
    assert type(found) is float
    assert found == pytest.approx(float(expected), rel=1e-10, abs=1e-11)


def test_fifth_derivative_in_every_mixture_of_modes() -> None:
    def forward(f: Callable[..., Any]) -> Callable[..., Any]:
        return lambda x: jvp(f, (x,), (1.0,))[1]

    modes = [grad, forward, jacfwd, jacrev, lambda f: lambda x: vjp(f, x)[1](1.0)[0]]
    for first in modes:
        for second in modes:
            f: Callable[..., Any] = lambda x: autograd.sin(2 * x)  # noqa: E731
            for transform in (first, second, first, second, first):
                f = transform(f)
            assert f(0.3) == pytest.approx(32 * np.cos(0.6), rel=1e-13)


MATRIX_FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    "product": lambda x: x @ x.T,
    "product with a constant": lambda x: np.arange(6.0).reshape(2, 3) @ x.T * x[0, 1],
    "softmax": autograd.softmax,
    "log of the sum of exponentials": lambda x: autograd.logsumexp(x, axis=0),
    "tanh of a sum": lambda x: np.tanh(x.sum(axis=1, keepdims=True) * x),
    "mean of squares": lambda x: (x * x).mean(axis=0),
    "elements picked twice": lambda x: x[[0, 0, 1], [1, 2, 1]] ** 3,
    "quotient": lambda x: x / (1 + x[:, :1] ** 2),
    "constant": lambda x: np.ones(2),
    "itself": lambda x: x,
    "reshaped": lambda x: x.reshape(3, 2) * x.T,
    "broadcast": lambda x: x[0] * x[:, None, :1] * 2.0,
    "stacked": lambda x: np.stack([x[0], x[0] * x[1], np.ones(3)]),
    "scalar": lambda x: (x**3).sum(),
}
each_function = pytest.mark.parametrize("f", MATRIX_FUNCTIONS.values(), ids=MATRIX_FUNCTIONS.keys())


@each_function
@FEW
@given(x=arrays(2, 3))
def test_forward_equals_reverse(f: Callable[..., Any], x: np.ndarray) -> None:
    jacobian_of_f = jacrev(f)(x)
    assert jacobian_of_f.shape == np.shape(f(x)) + x.shape
    np.testing.assert_allclose(jacfwd(f)(x), jacobian_of_f, rtol=1e-12, atol=1e-12)


@each_function
@FEW
@given(x=arrays(2, 3))
def test_jacobian_equals_central_difference(f: Callable[..., Any], x: np.ndarray) -> None:
    weights = np.cos(np.arange(np.size(f(x)))).reshape(np.shape(f(x)))
    expected = array_gradient(lambda moved: float((f(moved) * weights).sum()), x)
    found = np.tensordot(weights, jacobian(f)(x), weights.ndim)
    np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-6)


@each_function
@FEW
@given(x=arrays(2, 3))
def test_second_derivatives_of_all_mixtures_are_equal(f: Callable[..., Any], x: np.ndarray) -> None:
    expected = hessian(f)(x)
    for first, second in [(jacrev, jacfwd), (jacfwd, jacrev), (jacfwd, jacfwd)]:
        np.testing.assert_allclose(second(first(f))(x), expected, rtol=1e-10, atol=1e-10)


@each_function
@FEW
@given(x=arrays(2, 3), data=st.data())
def test_vjp_is_the_transpose_of_jvp(
    f: Callable[..., Any], x: np.ndarray, data: st.DataObject
) -> None:
    tangent = data.draw(arrays(2, 3))
    output, back = vjp(f, x)
    gradient = data.draw(arrays(*np.shape(output)))
    gradient = gradient if gradient.shape else float(gradient)
    same, pushed = jvp(f, (x,), (tangent,))
    np.testing.assert_array_equal(output, same)
    left = np.sum(gradient * pushed)
    right = np.sum(back(gradient)[0] * tangent)
    np.testing.assert_allclose(left, right, rtol=1e-10, atol=1e-10)


@given(x=arrays(4), v=arrays(4))
def test_hvp_is_the_hessian_times_the_vector(x: np.ndarray, v: np.ndarray) -> None:
    def f(x: Any) -> Any:
        return rosenbrock(x) + np.exp(x[0] * x[3] / 4)

    expected = hessian(f)(x) @ v
    np.testing.assert_allclose(hvp(f)(x, v), expected, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(jvp(grad(f), (x,), (v,))[1], expected, rtol=1e-9, atol=1e-9)


@given(x=arrays(3))
def test_gradient_of_the_squared_gradient(x: np.ndarray) -> None:
    penalty = grad(lambda x: (grad(rosenbrock)(x) ** 2).sum())(x)
    expected = 2 * hessian(rosenbrock)(x) @ grad(rosenbrock)(x)
    np.testing.assert_allclose(penalty, expected, rtol=1e-9, atol=1e-9)


def test_jacobians_and_hessians_of_matrix_functions_equal_those_of_pytorch() -> None:
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(0)
    A, b = rng.normal(size=(3, 3)) + 3 * np.eye(3), rng.normal(size=3)
    functions: dict[Callable[..., Any], Callable[..., Any]] = {
        lambda A, b: np.linalg.inv(A): lambda A, b: torch.linalg.inv(A),
        lambda A, b: np.linalg.solve(A, b): lambda A, b: torch.linalg.solve(A, b),
        lambda A, b: np.linalg.det(A) * b: lambda A, b: torch.linalg.det(A) * b,
        lambda A, b: A @ A @ b: lambda A, b: A @ A @ b,
        lambda A, b: np.tanh(A @ b) * b.sum(): lambda A, b: torch.tanh(A @ b) * b.sum(),
        lambda A, b: np.einsum("ij,kj,k->i", A, A, b): lambda A, b: torch.einsum(
            "ij,kj,k->i", A, A, b
        ),
    }
    tensors = torch.tensor(A), torch.tensor(b)
    for ours, theirs in functions.items():
        expected = torch.autograd.functional.jacobian(theirs, tensors)
        for transform in (jacrev, jacfwd):
            for block, of in zip(transform(ours, (0, 1))(A, b), expected, strict=True):
                np.testing.assert_allclose(block, of.numpy(), rtol=1e-10, atol=1e-12)
        expected = torch.autograd.functional.hessian(lambda *a: (theirs(*a) ** 2).sum(), tensors)  # noqa: B023
        found = hessian(lambda *a: (ours(*a) ** 2).sum(), (0, 1))(A, b)  # noqa: B023
        for row, of_row in zip(found, expected, strict=True):
            for block, of in zip(row, of_row, strict=True):
                np.testing.assert_allclose(block, of.numpy(), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("gate", TABLE, ids=lambda gate: gate.name)
@FEW
@given(data=st.data())
def test_tangent_of_every_gate_is_the_sum_of_its_gradients_times_the_tangents(
    gate: Gate, data: st.DataObject
) -> None:
    rows = data.draw(st.lists(gate_operands(gate), min_size=2, max_size=2))
    # The first operand has a row where the others have one element: it must be broadcast.
    at = [np.array([row[i] for row in rows[: 2 if i == 0 else 1]]) for i in range(gate.arity)]
    tangents = [data.draw(arrays(*operand.shape)) for operand in at]
    found = jvp(gate, at, tangents)[1]
    gradients = elementwise_grad(gate, tuple(range(gate.arity)))(
        *(np.broadcast_to(operand, (2,)) for operand in at)
    )
    expected = sum(g * t for g, t in zip(gradients, tangents, strict=True))
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-12)
    scalars = [float(operand[0]) for operand in at], [float(tangent[0]) for tangent in tangents]
    assert jvp(gate, *scalars)[1] == pytest.approx(expected[0], rel=1e-12, abs=1e-12)
    values = [Value(number) for number in scalars[0]]
    assert jvp(gate, values, scalars[1])[1].data == pytest.approx(expected[0], rel=1e-12, abs=1e-12)


def test_plain_inner_argument_beside_a_captured_outer_variable() -> None:
    assert grad(lambda x: grad(lambda y: x * y)(1.0))(2.0) == 1.0
    assert grad(lambda x: jvp(lambda y: x * y, (1.0,), (3.0,))[1])(2.0) == 3.0
    assert jvp(lambda x: grad(lambda y: x * x * y)(1.0), (2.0,), (1.0,)) == (4.0, 4.0)
    assert grad(lambda x: vjp(lambda y: x * y, 5.0)[1](x)[0])(3.0) == 6.0
    assert grad(lambda x: hvp(lambda y: x * y**3)(2.0, 1.0))(5.0) == 12.0
    assert jacobian(lambda x: jacobian(lambda y: x * y)(np.ones(2)))(2.0).tolist() == [
        [1.0, 0.0],
        [0.0, 1.0],
    ]


@pytest.mark.parametrize("number", [1.0, Value(1.0), Tensor(1.0)])
def test_perturbations_are_not_confused(number: Any) -> None:
    # d/dx (x d/dy (x + y)) = 1, where the confusion of x and y gives 2.
    def by_forward(f: Callable[..., Any]) -> Callable[..., Any]:
        return lambda x: jvp(f, (x,), (1.0,))[1]

    for outer in (grad, by_forward):
        for inner in (grad, by_forward):
            slope = outer(lambda x, inner=inner: x * inner(lambda y: x + y)(number))(number)
            assert float(slope) == 1.0


def test_nodes_that_the_function_captures_are_constants_to_it() -> None:
    for x in (Value(3.0), Tensor(3.0)):
        assert float(grad(lambda y, x=x: x * y)(x)) == 3.0
        assert float(jvp(lambda y, x=x: x * y, (x,), (1.0,))[1]) == 3.0
    assert float(grad(lambda a, b: a * b)(x, x)) == 3.0


def test_inside_of_another_transform_results_are_nodes() -> None:
    seen: list[Any] = []

    def f(x: Any) -> Any:
        seen.append(value_and_grad(lambda y: (y * y).sum())(np.ones(2)))
        seen.append(hvp(lambda y: y**3)(1.0, 1.0))
        return x * x

    grad(f)(1.0)
    assert [type(part) for part in (*seen[0], seen[1])] == [Tensor, Tensor, Tensor]
    grad(f)(Value(1.0))
    assert [type(part) for part in (*seen[2], seen[3])] == [Tensor, Tensor, Value]


def test_numbers_beside_values_become_values() -> None:
    x = Value(2.0)
    (by_x, by_y) = grad(lambda x, y: x * x * y, (0, 1))(x, 5)
    assert (type(by_y), by_x.data, by_y.data) == (Value, 20.0, 4.0)
    assert grad(lambda y, x: x * y)(5.0, x).data == 2.0
    assert grad(lambda x: grad(lambda y: x * y)(1.0))(x).data == 1.0
    assert hvp(lambda y: y**3)(2.0, Value(1.0)).data == 12.0


def test_an_exception_within_the_function_leaves_nothing_behind() -> None:
    def fails(x: Any) -> Any:
        raise ZeroDivisionError

    for transform in (grad, jacfwd, hessian):
        with pytest.raises(ZeroDivisionError):
            transform(fails)(1.0)
    with no_grad(), pytest.raises(ZeroDivisionError):
        vjp(fails, 1.0)
    assert type(grad(lambda x: x * x)(2.0)) is float
    assert is_recording()


def test_threads_and_tasks_do_not_see_that_a_transform_is_running() -> None:
    seen: list[Any] = []

    def note() -> None:
        seen.append(grad(lambda x: x * x)(2.0))

    def f(x: Any) -> Any:
        thread = threading.Thread(target=Context().run, args=(note,))
        thread.start()
        thread.join()
        return x * x

    async def transform() -> None:
        grad(f)(1.0)
        await asyncio.sleep(0)
        note()

    async def both() -> None:
        await asyncio.gather(transform(), transform())

    asyncio.run(both())
    assert seen == [4.0] * 4 and all(type(slope) is float for slope in seen)


@pytest.mark.parametrize("node_class", [Value, Tensor])
def test_gradient_penalty_reaches_arguments_and_captured_parameters(node_class: type) -> None:
    x, w = node_class(2.0), node_class(3.0)
    slope = grad(lambda x: w * x**3)(x)
    assert float(slope) == 36.0
    (slope * slope).backward()
    # (3 w x²)²: by x 36 w² x³, by w 18 w x⁴
    assert (float(x.grad), float(w.grad)) == (36 * 9 * 8, 18 * 3 * 16)


def test_result_of_a_transform_differentiates_on_through_vjp_and_jvp() -> None:
    x, v = Tensor([1.0, 2.0]), Tensor([0.5, -1.0])
    value, tangent = jvp(lambda x: x**3, (x,), (v,))
    (value + tangent).sum().backward()
    np.testing.assert_allclose(x.grad, 3 * x.data**2 + 6 * x.data * v.data)
    np.testing.assert_allclose(v.grad, 3 * x.data**2)
    y, back = vjp(lambda x: x**2, np.array([1.0, 2.0]))
    assert type(y) is np.ndarray
    g = Tensor([1.0, 10.0])
    back(g)[0].sum().backward()
    np.testing.assert_array_equal(g.grad, [2.0, 4.0])
    assert grad(lambda g: back(g)[0].sum())(np.ones(2)).tolist() == [2.0, 4.0]


def test_a_node_among_arguments_that_are_not_differentiated_is_reached_too() -> None:
    net = {"w": [Tensor([3.0, 4.0])]}
    slope = grad(lambda x, net, scale: (net["w"][0] * x * x).sum() * scale)(
        np.array([1.0, 2.0]), net, scale=2.0
    )
    assert type(slope) is Tensor
    slope.sum().backward()
    np.testing.assert_array_equal(net["w"][0].grad, [4.0, 8.0])
    assert type(grad(lambda x, *, w: x * w)(2.0, w=Tensor(3.0))) is Tensor


def test_under_no_grad_transforms_differentiate_and_results_are_leaves() -> None:
    x = Tensor([1.0, 2.0])
    with no_grad():
        assert grad(lambda x: x**3)(2.0) == 12.0
        assert hessian(lambda x: x**3)(2.0) == 12.0
        assert jvp(lambda x: x**3, (2.0,), (1.0,)) == (8.0, 12.0)
        slope = grad(lambda x: (x**3).sum())(x)
        value, tangent = jvp(lambda x: x**3, (x,), (x,))
        output, back = vjp(lambda x: x**3, x)
        gradients = back(np.ones(2))
        of_value = value_and_grad(lambda v: v * v)(Value(3.0))
        assert not is_recording()
    results = [slope, value, tangent, output, *gradients, *of_value]
    assert [type(result) for result in results] == [Tensor] * 5 + [Value] * 2
    assert all(result.operands == () for result in results)
    np.testing.assert_array_equal(slope.data, [3.0, 12.0])


def test_no_grad_within_the_function_stops_the_gradient_there() -> None:
    def f(x: Any) -> Any:
        with no_grad():
            constant = x * x
        return constant * x

    assert grad(f)(3.0) == 9.0
    assert jacfwd(f)(3.0) == 9.0


def test_gradients_that_nodes_hold_are_left_alone() -> None:
    x, w = Tensor([1.0]), Tensor([2.0])
    x.grad, w.grad = np.array([5.0]), np.array([6.0])
    for transform in (grad, hessian, jacfwd):
        transform(lambda x: (w * x * x).sum())(x)
    assert (x.grad, w.grad) == ([5.0], [6.0])


def test_writing_into_an_argument_changes_neither_the_caller_nor_what_is_differentiated() -> None:
    def f(x: Any) -> Any:
        x[1] = x[1] * x[1] / 3
        x[0] = 5.0
        return (x * x).sum() * x[1]

    x = np.array([2.0, 3.0])
    for argument in (x, Tensor(x)):
        np.testing.assert_array_equal(grad(f)(argument), [0.0, 2 * (25 + 3 * 9.0)])
        np.testing.assert_array_equal(jacfwd(f)(argument), [0.0, 2 * (25 + 3 * 9.0)])
    assert x.tolist() == [2.0, 3.0] and argument.data.tolist() == [2.0, 3.0]

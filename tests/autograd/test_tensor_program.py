"""Programs of functions on Tensors: a replay computes what the function itself does."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from random_expressions import expressions, run

import autograd
import nn
from autograd import Tensor, detect_anomaly, no_grad
from autograd.errors import AnomalyError, OperandError, ShapeError, StaleError, StateError
from autograd.tensor_programs import TensorProgram, record_tensors

# They read the numbers of a Tensor, which a traced function must not.
READING = {"masked", "concatenate"}
# The sums of a replay are made in another order than those of an eager run.
CLOSE = {np.float64: 1e-9, np.float32: 2e-3}


def assert_close(actual: Any, expected: Any, dtype: Any) -> None:
    scale = max(1.0, float(np.max(np.abs(expected), initial=0.0)))
    np.testing.assert_allclose(actual / scale, expected / scale, rtol=0, atol=CLOSE[dtype])


def differentiated(loss: Tensor, leaves: Sequence[Tensor]) -> list[np.ndarray]:
    """The gradients that a pass from a loss gives the leaves."""
    for leaf in leaves:
        leaf.zero_grad()
    loss.backward()
    return [np.zeros(leaf.shape) if leaf.grad is None else leaf.grad for leaf in leaves]


def assert_replays(
    function: Callable[[list[Tensor]], list[Any]],
    parameters: Sequence[Tensor],
    arguments: Sequence[Tensor],
    seed: int,
) -> TensorProgram:
    """The program of a function, held to what the function does with other numbers."""
    program = record_tensors(function, [np.asarray(argument) for argument in arguments])
    assert program.fallback is None
    rng = np.random.default_rng(seed)
    leaves = [*parameters, *arguments]
    for _ in range(2):
        for leaf in leaves:
            leaf.replace_data(rng.uniform(-1.5, 1.5, leaf.shape))
        (eager,), (replayed,) = function(list(arguments)), program(arguments)
        dtype = eager.dtype.type
        assert_close(replayed.item(), eager.item(), dtype)
        gradients = differentiated(eager, leaves)
        for actual, expected in zip(differentiated(replayed, leaves), gradients, strict=True):
            assert_close(actual, expected, dtype)
        value, by_parameter = program.value_and_grad(arguments)
        assert_close(value, eager.item(), dtype)
        for leaf, gradient in zip(program.parameters, by_parameter, strict=True):
            assert_close(gradient, gradients[list(map(id, leaves)).index(id(leaf))], dtype)
            assert gradient.dtype == leaf.dtype
    return program


@given(expressions(), st.sampled_from([np.float64, np.float32]), st.integers(0, 2**32 - 1))
def test_an_expression_is_replayed_on_other_numbers(expression: Any, dtype: Any, seed: int) -> None:
    inputs, steps = expression
    assume(not any(step.name in READING for step in steps))
    parameter, *arguments = (Tensor(array, dtype=dtype) for array in inputs)
    assert_replays(
        lambda given: [run([parameter, *given], steps, "ours")], [parameter], arguments, seed
    )


@given(
    st.sampled_from([nn.Sigmoid, nn.Tanh, nn.ReLU, lambda: autograd.gelu, lambda: autograd.silu]),
    st.lists(st.integers(1, 5), min_size=2, max_size=4),
    st.integers(1, 6),
    st.integers(0, 2**32 - 1),
)
def test_a_net_is_replayed(activation: Any, sizes: list[int], samples: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    layers: list[Any] = []
    for inputs, outputs in pairwise(sizes):
        layers += [nn.Linear(inputs, outputs, rng=rng), activation()]
    labels = rng.integers(sizes[-1], size=samples)
    parameters = [p for layer in layers if isinstance(layer, nn.Linear) for p in layer.parameters()]

    def loss(given: list[Tensor]) -> list[Any]:
        x = given[0]
        for layer in layers:
            x = layer(x)
        return [nn.cross_entropy(x, labels)]

    arguments = [Tensor(rng.normal(size=(samples, sizes[0])), dtype=parameters[0].dtype)]
    assert_replays(loss, parameters, arguments, seed)


def recurrent_loss(weights: Sequence[Tensor], units: int) -> Callable[[list[Tensor]], list[Any]]:
    """The loss of an LSTM written gate by gate."""
    wx, wh, b = weights

    def loss(given: list[Tensor]) -> list[Any]:
        (x,) = given
        h: Any = np.zeros((x.shape[1], units), x.dtype)
        c: Any = h
        for step in range(len(x)):
            z = x[step] @ wx + h @ wh + b
            forget, enter = z[:, :units].sigmoid(), z[:, units : 2 * units].sigmoid()
            c = forget * c + enter * z[:, 3 * units :].tanh()
            h = z[:, 2 * units : 3 * units].sigmoid() * c.tanh()
        return [(h * h).mean() + c.sum()]

    return loss


@given(
    st.tuples(*[st.integers(1, 4)] * 4),
    st.sampled_from([np.float64, np.float32]),
    st.integers(0, 2**32 - 1),
)
def test_a_recurrent_net_is_replayed(
    sizes: tuple[int, int, int, int], dtype: Any, seed: int
) -> None:
    steps, samples, inputs, units = sizes
    shapes = [(inputs, 4 * units), (units, 4 * units), (4 * units,)]
    weights = [Tensor(np.ones(shape), dtype=dtype) for shape in shapes]
    x = Tensor(np.ones((steps, samples, inputs)), dtype=dtype)
    assert_replays(recurrent_loss(weights, units), weights, [x], seed)


def test_products_of_all_times_with_the_same_weights_are_one_product() -> None:
    weights = [Tensor(np.ones(shape)) for shape in [(3, 8), (2, 8), (8,)]]
    program = record_tensors(recurrent_loss(weights, 2), [np.ones((7, 4, 3))])
    assert "7   " in program.explain() and "merged into larger ones" in program.explain()
    # At each time the product with h and what lies between two of them, and a few at both ends.
    assert len(program) > 100
    if autograd.engine == "native":
        steps = program.explain().splitlines()[-2:]
        assert all(int(line.split()[1]) < 4 * 7 for line in steps)


@pytest.fixture
def squares() -> tuple[Tensor, TensorProgram]:
    """A parameter, and the program of the sum of its squares times the argument."""
    w = Tensor([1.0, 2.0])
    return w, record_tensors(lambda given: [(w * w * given[0]).sum()], [np.ones(2)])


def test_a_result_behaves_like_an_eager_one(squares: tuple[Tensor, TensorProgram]) -> None:
    w, program = squares
    (result,) = program([np.array([1.0, 10.0])])
    loss = 2.0 * result + w.sum()
    loss.backward()
    assert loss.item() == 85.0
    np.testing.assert_array_equal(w.grad, [5.0, 81.0])


def test_earlier_results_stay_right_after_later_calls(
    squares: tuple[Tensor, TensorProgram],
) -> None:
    w, program = squares
    (first,), (second,) = program([np.ones(2)]), program([np.array([0.0, 3.0])])
    program([np.array([7.0, 7.0])])
    assert (first.item(), second.item()) == (5.0, 12.0)
    first.backward()
    np.testing.assert_array_equal(w.grad, [2.0, 4.0])
    second.backward()
    np.testing.assert_array_equal(w.grad, [2.0, 16.0])


def test_gradients_stay_right_after_later_calls(squares: tuple[Tensor, TensorProgram]) -> None:
    w, program = squares
    program([np.ones(2)])[0].backward()
    kept = w.grad
    w.zero_grad()
    program([np.full(2, 5.0)])[0].backward()
    np.testing.assert_array_equal(kept, [2.0, 4.0])


def test_second_backward_doubles_the_gradients(squares: tuple[Tensor, TensorProgram]) -> None:
    w, program = squares
    (result,) = program([np.ones(2)])
    result.backward()
    program([np.full(2, 9.0)])  # in the buffers of the first call
    w.replace_data(np.zeros(2))  # the gradient is that at the old numbers
    result.backward()
    np.testing.assert_array_equal(w.grad, [4.0, 8.0])


def test_backward_after_a_change_of_the_argument_in_place_is_refused(
    squares: tuple[Tensor, TensorProgram],
) -> None:
    _, program = squares
    argument = np.ones(2)
    (result,) = program([argument])
    result.backward()
    argument += 1.0
    with pytest.raises(StateError, match="gives another result than before"):
        result.backward()


def test_backward_after_a_change_of_a_parameter_in_place_is_refused(
    squares: tuple[Tensor, TensorProgram],
) -> None:
    w, program = squares
    (result,) = program([np.ones(2)])
    w.data[0] = 5.0
    w.data -= 1.0
    with pytest.raises(StaleError, match="was changed in place"):
        result.backward()


def test_each_of_several_results_has_a_gradient_of_its_own() -> None:
    w = Tensor([1.0, 2.0])
    program = record_tensors(lambda given: [(w * given[0]).sum(), w * w, "text"], [np.ones(2)])
    total, products, text = program([np.array([3.0, 4.0])])
    assert (total.item(), products.data.tolist(), text) == (11.0, [1.0, 4.0], "text")
    total.backward()
    products.backward(np.array([0.0, 1.0]))
    np.testing.assert_array_equal(w.grad, [3.0, 8.0])
    w.zero_grad()
    (total + products.sum()).backward()
    np.testing.assert_array_equal(w.grad, [5.0, 8.0])


def test_leaves_that_are_returned_are_the_leaves_themselves() -> None:
    w, x = Tensor(2.0), Tensor(3.0)
    program = record_tensors(lambda given: [w, given[0], Tensor(4.0)], [np.ones(())])
    first, second, third = program([x])
    assert first is w and second is x
    assert third.item() == 4.0 and third.operands == ()


def test_a_plain_argument_gets_no_gradient_and_a_tensor_does(
    squares: tuple[Tensor, TensorProgram],
) -> None:
    w, program = squares
    assert program([np.ones(2)])[0].operands == (w,)
    x = Tensor([1.0, 1.0])
    (result,) = program([x])
    result.backward()
    np.testing.assert_array_equal(x.grad, [1.0, 4.0])


def test_the_graph_below_an_argument_is_reached(squares: tuple[Tensor, TensorProgram]) -> None:
    _, program = squares
    x = Tensor([1.0, 3.0])
    program([2.0 * x])[0].backward()
    np.testing.assert_array_equal(x.grad, [2.0, 8.0])


def test_second_derivatives_are_those_of_the_function(
    squares: tuple[Tensor, TensorProgram],
) -> None:
    _, program = squares
    second = autograd.hessian(lambda x: program([x * x])[0])(Tensor([1.0, 1.0]))
    np.testing.assert_allclose(second.data, np.diag([2.0, 8.0]), atol=1e-12)


def test_nothing_is_recorded_under_no_grad(squares: tuple[Tensor, TensorProgram]) -> None:
    _, program = squares
    with no_grad():
        (result,) = program([np.ones(2)])
    assert result.operands == () and result.item() == 5.0


def test_what_the_function_computes_under_no_grad_or_detaches_is_computed_anew() -> None:
    w = Tensor([1.0, 2.0])

    def function(given: list[Tensor]) -> list[Any]:
        with no_grad():
            scale = (w * given[0]).sum()
        return [(w * scale * w.detach()).sum()]

    program = record_tensors(function, [np.ones(2)])
    w.replace_data(np.array([1.0, 3.0]))
    (result,) = program([np.array([1.0, 2.0])])
    result.backward()
    assert result.item() == 70.0
    np.testing.assert_array_equal(w.grad, [7.0, 21.0])


def test_anomalies_are_found_at_the_gate(squares: tuple[Tensor, TensorProgram]) -> None:
    _, program = squares
    with detect_anomaly(), pytest.raises(AnomalyError, match="gate mul"):
        program([np.array([np.inf, 1.0])])


def test_overlapping_calls_of_threads_do_not_mix() -> None:
    w = Tensor(np.ones((20, 20)))
    program = record_tensors(lambda given: [((given[0] @ w).tanh() @ w).sum()], [np.ones((3, 20))])
    expected = {n: program.value_and_grad([np.full((3, 20), n * 0.01)])[0] for n in range(4)}
    wrong: list[int] = []

    def work(number: int) -> None:
        for _ in range(50):
            argument = np.full((3, 20), number * 0.01)
            if program([argument])[0].item() != expected[number]:
                wrong.append(number)
            if program.value_and_grad([argument])[0] != expected[number]:
                wrong.append(number)

    threads = [threading.Thread(target=work, args=(number,)) for number in expected]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_a_result_keeps_only_what_a_backward_pass_needs() -> None:
    w = Tensor(np.ones(3))
    program = record_tensors(lambda given: [(w * given[0]).sum()], [np.ones(3)])
    results = [program([np.ones(3)])[0] for _ in range(10)]
    for result in results:
        result.backward()
    np.testing.assert_array_equal(w.grad, [10.0, 10.0, 10.0])
    del results, result
    assert program([np.ones(3)])[0].item() == 3.0


def test_a_program_of_constants_has_zero_gradients() -> None:
    w = Tensor([1.0, 2.0])
    program = record_tensors(lambda given: [w.sum().stop_gradient()], [])
    assert program([])[0].item() == 3.0
    value, (gradient,) = program.value_and_grad([])
    assert value == 3.0
    np.testing.assert_array_equal(gradient, [0.0, 0.0])


def test_arrays_without_elements_are_replayed() -> None:
    w = Tensor(np.ones((3, 2)))
    program = record_tensors(lambda given: [(given[0] @ w).tanh().sum()], [np.ones((0, 3))])
    value, (gradient,) = program.value_and_grad([np.ones((0, 3))])
    assert value == 0.0
    np.testing.assert_array_equal(gradient, np.zeros((3, 2)))


@pytest.mark.parametrize("arguments", [[], [np.ones(2)] * 2])
def test_another_number_of_arguments_is_refused(
    arguments: list[np.ndarray], squares: tuple[Tensor, TensorProgram]
) -> None:
    _, program = squares
    with pytest.raises(OperandError, match=f"of 1 argument got {len(arguments)}"):
        program(arguments)


def test_another_shape_is_refused(squares: tuple[Tensor, TensorProgram]) -> None:
    _, program = squares
    with pytest.raises(ShapeError, match=r"shape \(3,\), and was recorded with shape \(2,\)"):
        program.value_and_grad([np.ones(3)])


def test_value_and_grad_needs_one_number() -> None:
    w = Tensor(np.ones(2))
    program = record_tensors(lambda given: [w * 2.0], [])
    with pytest.raises(ShapeError, match=r"shape \(2,\); reduce it with .sum()"):
        program.value_and_grad([])


def test_a_program_says_what_it_is(squares: tuple[Tensor, TensorProgram]) -> None:
    _, program = squares
    assert len(program) == 3
    assert repr(program) == "<tensor program: 3 gates, 1 input>"
    assert "1 parameter" in program.explain() and "forward: " in program.explain()

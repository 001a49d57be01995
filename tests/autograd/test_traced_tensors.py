"""trace of functions on Tensors: what is a variable, what is static, and what falls back."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import autograd
from autograd import Tensor, TensorProgram, Value, trace
from autograd.errors import OperandError, TraceError, TraceWarning
from autograd.update_rules import sgd
from nn import Linear, Sequential, Tanh, cross_entropy

RNG = np.random.default_rng(2)


def net(dtype: Any = np.float64) -> Sequential:
    rng = np.random.default_rng(7)
    return Sequential(
        Linear(3, 5, rng=rng, dtype=dtype), Tanh(), Linear(5, 2, rng=rng, dtype=dtype)
    )


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_training_step_is_that_of_the_eager_engine(dtype: Any) -> None:
    labels = RNG.integers(2, size=6)
    points = RNG.normal(size=(6, 3)).astype(dtype)
    gradients = []
    for traced in (False, True):
        model = net(dtype)

        def loss(x: Any, y: Any, model: Sequential = model) -> Any:
            return cross_entropy(model(x), y)

        step = trace(loss) if traced else loss
        for batch in (points, points + 1):
            result = step(batch, labels)
            result.backward()
        assert result.dtype == dtype
        gradients.append([result.item(), *(np.asarray(p.grad) for p in model.parameters())])
    for one, other in zip(*gradients, strict=True):
        np.testing.assert_allclose(
            one, other, rtol=1e-4 if dtype == np.float32 else 1e-10, atol=1e-6
        )


def test_there_is_a_program_for_each_shape_and_for_each_array_of_labels() -> None:
    model = net()
    loss = trace(lambda x, y: cross_entropy(model(x), y))
    for count, label in [(4, 0), (4, 0), (5, 0), (4, 1)]:
        loss(RNG.normal(size=(count, 3)), np.full(count, label))
    assert len(loss.programs) == 3
    assert all(isinstance(program, TensorProgram) for program in loss.programs)


def test_argument_that_is_a_tensor_gets_its_gradient() -> None:
    square = trace(lambda x: (x * x).sum())
    for numbers in ([1.0, 2.0], [3.0, -1.0]):
        x = Tensor(numbers)
        square(x).backward()
        np.testing.assert_array_equal(x.grad, 2 * np.array(numbers))
    assert len(square.programs) == 1


def test_function_may_run_on_values_and_on_tensors() -> None:
    square = trace(lambda x: x * x)
    assert square(3.0).data == 9.0
    assert square(Tensor(3.0)).item() == 9.0
    assert square(Value(2.0)).data == 4.0
    assert len(square.programs) == 2


def test_result_keeps_its_structure_and_its_constants() -> None:
    w = Tensor([1.0, 2.0])
    result = trace(lambda x: {"sum": [(w * x).sum(), 3], "x": w})(np.ones(2))
    assert result["sum"][0].item() == 3.0
    assert result["sum"][1] == 3
    assert result["x"] is w


def test_plain_numbers_do_not_change_the_dtype() -> None:
    w = Tensor(np.ones(2, np.float32))
    scaled = trace(lambda x, scale: (w * x) * scale)
    assert scaled(np.ones(2, np.float32), 0.5).dtype == np.float32
    assert scaled(np.ones(2, np.float32), 2).data.tolist() == [2.0, 2.0]


def test_random_numbers_fall_back_to_the_function_itself() -> None:
    w = Tensor(np.ones(3))
    rng = np.random.default_rng(0)
    dropped = trace(lambda: (w * rng.integers(2, size=3)).sum())
    with pytest.warns(TraceWarning, match="run anew at each call"):
        dropped()
    results = {dropped().item() for _ in range(20)}
    assert len(results) > 1


def test_read_of_numbers_is_refused() -> None:
    w = Tensor([1.0, -2.0])
    with pytest.raises(TraceError, match=r"t\.data within a traced function"):
        trace(lambda: w.sum() if w.data[0] > 0 else w)()


def test_minimize_is_for_values() -> None:
    w = Tensor([1.0])
    with pytest.raises(OperandError, match="computes with Tensors; train it by an optimizer of nn"):
        trace(lambda x: (w * x).sum()).minimize(sgd(lr=0.1), 1, [(np.ones(1),)])


def test_value_and_grad_of_the_program_adds_to_no_gradient() -> None:
    w = Tensor([2.0, 3.0])
    program = trace(lambda x: (w * x).sum()).program(np.ones(2))
    value, (gradient,) = program.value_and_grad([np.array([1.0, 10.0])])
    assert (value, gradient.tolist(), w.grad) == (32.0, [1.0, 10.0], None)


def test_gradient_of_a_traced_function_is_that_of_the_function() -> None:
    w = np.array([[0.1, 0.5], [-0.3, 0.8]])

    def energy(x: Any) -> Any:
        return (np.tanh(w @ x) ** 2).sum()

    x = np.array([0.2, 0.4])
    np.testing.assert_allclose(
        autograd.grad(trace(energy))(x), autograd.grad(energy)(x), rtol=1e-12
    )
    np.testing.assert_allclose(
        autograd.hessian(trace(energy))(x), autograd.hessian(energy)(x), rtol=1e-9
    )

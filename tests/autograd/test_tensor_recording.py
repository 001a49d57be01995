"""What can be recorded of a function on Tensors, what cannot, and what must not be read in it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd
from autograd import Tensor, checkpoint, custom_gate
from autograd.errors import TraceError, TraceWarning
from autograd.tensor_programs import record_tensors

READINGS: dict[str, Callable[[Tensor], Any]] = {
    "t.data": lambda t: t.data,
    "t.grad": lambda t: t.grad,
    "t.item()": lambda t: t.item(),
    "t.tolist()": lambda t: t.tolist(),
    "float(t)": float,
    "bool(t)": bool,
    "np.asarray(t)": np.asarray,
    "a comparison of Tensors": lambda t: t > 0.0,
    "backward()": lambda t: t.backward(),
}


def recorded(function: Callable[[list[Tensor]], list[Any]], *inputs: np.ndarray) -> Any:
    """The program of a function that cannot be replayed, and says so."""
    with pytest.warns(TraceWarning, match="is run anew at each call"):
        return record_tensors(function, list(inputs))


@pytest.mark.parametrize("reading", READINGS)
def test_reading_the_numbers_of_a_tensor_is_refused(reading: str) -> None:
    def function(given: list[Tensor]) -> list[Any]:
        square = given[0] * given[0]
        READINGS[reading](square)
        return [square]

    with pytest.raises(TraceError) as caught:
        record_tensors(function, [np.ones(())])
    assert reading in str(caught.value) and "test_tensor_recording.py:" in str(caught.value)
    READINGS[reading](Tensor(1.0))  # outside of a traced function it is not


@pytest.mark.parametrize("compare", ["lt", "le", "gt", "ge", "eq", "ne"])
def test_each_comparison_is_refused(compare: str) -> None:
    with pytest.raises(TraceError, match="a comparison"):
        record_tensors(lambda given: [getattr(given[0], f"__{compare}__")(1.0)], [np.ones(3)])


@pytest.mark.parametrize("change", ["data", "grad"])
def test_setting_the_numbers_of_a_tensor_is_refused(change: str) -> None:
    w = Tensor([1.0])
    with pytest.raises(TraceError, match=f"t.{change}"):
        record_tensors(lambda given: [setattr(w, change, np.zeros(1)), w.sum()], [])


def test_shapes_and_dtypes_may_be_read() -> None:
    def function(given: list[Tensor]) -> list[Any]:
        (x,) = given
        scale = np.size(x) + len(x) + x.ndim + np.shape(x)[0] + np.ndim(x)
        return [(x * scale + np.ones_like(x) + np.full_like(x, 2.0)).sum()]

    program = record_tensors(function, [np.zeros(3)])
    assert program.fallback is None
    assert program([np.ones(3)])[0].item() == 3 * (11.0 + 3.0)


def test_random_numbers_are_drawn_anew() -> None:
    rng = np.random.default_rng(0)
    w = Tensor(np.ones(50))
    program = recorded(lambda given: [(w * (rng.uniform(size=50) > 0.5)).sum()])
    assert "a constant of shape (50,) is another in another run" in program.fallback
    assert len({program([])[0].item() for _ in range(20)}) > 1
    value, (gradient,) = program.value_and_grad([])
    assert value == gradient.sum() and set(gradient.tolist()) == {0.0, 1.0}
    assert w.grad is None


def test_a_counter_is_counted_on() -> None:
    count = iter(range(100))
    w = Tensor(2.0)
    program = recorded(lambda given: [w * next(count)])
    first, second = program([])[0].item(), program([])[0].item()
    assert second == first + 2.0


def test_what_is_under_a_checkpoint_is_recorded_gate_by_gate() -> None:
    w = Tensor([1.0, 2.0])
    square = checkpoint(lambda x: x * w)
    program = record_tensors(lambda given: [square(given[0]).sum()], [np.ones(2)])
    assert len(program) == 2
    (result,) = program([np.array([3.0, 4.0])])
    result.backward()
    assert result.item() == 11.0
    np.testing.assert_array_equal(w.grad, [3.0, 4.0])


def test_a_gate_that_is_made_in_the_function_is_computed_anew() -> None:
    def function(given: list[Tensor]) -> list[Any]:
        double = custom_gate(lambda g, out, x: 2.0 * g, name="double")(lambda x: 2.0 * x)
        return [double(given[0]).sum()]

    program = recorded(function, np.ones(2))
    assert program.fallback == "the gate double is made anew in each run"
    assert program([np.array([3.0, 4.0])])[0].item() == 14.0


def test_a_hook_is_called_at_each_call() -> None:
    w, seen = Tensor(2.0), []

    def function(given: list[Tensor]) -> list[Any]:
        product = w * given[0]
        product.register_hook(seen.append)
        return [product * product]

    program = recorded(function, np.ones(()))
    assert "has a hook" in program.fallback
    program([np.array(3.0)])[0].backward()
    assert [float(g) for g in seen] == [12.0]


def test_other_gates_in_another_run_are_noticed() -> None:
    w, functions = Tensor(2.0), [np.sin, np.cos] * 5
    program = recorded(lambda given: [functions.pop()(w)])
    assert program.fallback == "another run of it applies sin in place of cos"


def test_another_number_of_gates_in_another_run_is_noticed() -> None:
    w, runs = Tensor(2.0), []

    def function(given: list[Tensor]) -> list[Any]:
        runs.append(None)
        return [w**2 if len(runs) == 1 else w**2 + w]

    assert recorded(function).fallback == "another run of it applies another number of gates"


@pytest.mark.parametrize("change", ["a leaf", "an inner node", "a parameter"])
def test_changes_in_place_are_made_anew(change: str) -> None:
    w = Tensor([1.0, 2.0])

    def function(given: list[Tensor]) -> list[Any]:
        changed = {"a leaf": Tensor(np.ones(2)), "an inner node": w * 1.0, "a parameter": w}[change]
        changed[0] = 5.0
        return [(changed * given[0]).sum()]

    program = recorded(function, np.ones(2))
    assert program.fallback == "it changes a Tensor in place"
    w.replace_data(np.array([1.0, 2.0]))
    expected = 15.0 if change == "a leaf" else 25.0
    assert program([np.array([1.0, 10.0])])[0].item() == expected


def test_a_change_before_the_recording_does_not_matter() -> None:
    w = Tensor([1.0, 2.0])
    w.data[0] = 3.0
    program = record_tensors(lambda given: [(w * given[0]).sum()], [np.ones(2)])
    assert program([np.ones(2)])[0].item() == 5.0


def test_a_custom_gate_is_replayed() -> None:
    @custom_gate(lambda g, out, x: g * 3.0 * x * x)
    def cube(x: np.ndarray) -> np.ndarray:
        return x**3

    w = Tensor([1.0, 2.0])
    program = record_tensors(lambda given: [(cube(w) * given[0]).sum()], [np.ones(2)])
    assert program.fallback is None
    value, (gradient,) = program.value_and_grad([np.array([1.0, 10.0])])
    assert value == 81.0
    np.testing.assert_array_equal(gradient, [3.0, 120.0])


def test_a_leaf_made_in_the_function_is_a_constant() -> None:
    w = Tensor(2.0)
    program = record_tensors(lambda given: [w * Tensor(3.0)], [])
    assert program.parameters == [w] or program.parameters[0] is w
    assert program([])[0].operands == (w,)


def test_a_program_in_a_traced_function_is_recorded_gate_by_gate() -> None:
    w = Tensor(2.0)
    inner = record_tensors(lambda given: [w * given[0]], [np.ones(())])
    outer = record_tensors(lambda given: [inner([given[0] * 3.0])[0] + 1.0], [np.ones(())])
    assert outer.fallback is None and len(outer) == 3
    assert outer([np.array(5.0)])[0].item() == 31.0


def test_a_function_that_fails_leaves_no_trace_open() -> None:
    with pytest.raises(ZeroDivisionError):
        record_tensors(lambda given: [1 // 0], [])
    assert Tensor(1.0).item() == 1.0
    assert autograd.grad(lambda x: x * x)(Tensor(3.0)).item() == 6.0

"""gradcheck: functions made into tests of their gradients."""

from __future__ import annotations

import inspect
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import example, settings
from hypothesis import strategies as st
from hypothesis.errors import FailedHealthCheck, Unsatisfiable

import autograd
from autograd import Tensor, Value
from autograd.errors import GradientMismatch, OperandError, SettingError
from autograd.testing.property_test import gradcheck
from autograd.testing.strategies import arrays, floats_in, tensors, values

TENSORS = tensors((2,))
NUMBERS = floats_in(autograd.add.domain[0])


def detached(x: Any) -> Any:
    """x, whose gradient is lost."""
    return type(x)(x.data)


def square(x: Any) -> Any:
    """The square."""
    return x * x


@gradcheck(x=tensors((2, 2)), y=tensors((2,)))
def test_gradients_of_tensors_that_broadcast(x: Tensor, y: Tensor) -> Any:
    return np.tanh(x * y)


@gradcheck(x=values(), y=NUMBERS)
def test_gradients_of_values_and_numbers(x: Value, y: Any) -> Any:
    return autograd.sin(x * y)


@pytest.mark.parametrize("order", [1, 2])
def test_order_is_that_of_the_check(monkeypatch: pytest.MonkeyPatch, order: int) -> None:
    orders = set()

    def check_gradients(*inputs: Any, order: int) -> Any:
        orders.add(order)
        return SimpleNamespace(compared=1)

    monkeypatch.setattr("autograd.testing.property_test.check_gradients", check_gradients)
    made: Any = gradcheck(x=NUMBERS, order=order)(square)
    made()
    assert orders == {order}


@gradcheck(order=2, x=arrays((2,)))
def test_second_derivatives(x: Any) -> Any:
    return (x**3).sum()


def test_wrong_gradient_fails_the_test() -> None:
    @gradcheck(x=values())
    def wrong(x: Value) -> Any:
        return detached(x) * x

    with pytest.raises(GradientMismatch, match="the gradient by x"):
        wrong()


def test_the_arguments_shown_are_the_simplest_that_are_wrong(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def check_gradients(f: Any, x: Tensor, y: float, order: int) -> Any:
        if y > 1.5:
            raise GradientMismatch("the gradient by y is wrong")
        return SimpleNamespace(compared=3)

    monkeypatch.setattr("autograd.testing.property_test.check_gradients", check_gradients)
    made: Any = gradcheck(x=TENSORS, y=NUMBERS)(product)
    with pytest.raises(GradientMismatch) as caught:
        made()
    shown = "\n".join(caught.value.__notes__)
    assert "x=Tensor([0., 0.])" in shown
    assert "y=2.0" in shown


def test_the_function_stays_within_reach_and_lends_its_name() -> None:
    made: Any = gradcheck(x=TENSORS)(square)
    assert made.function is square
    assert made.function(3.0) == 9.0
    assert made() is None
    assert (made.__name__, made.__module__, made.__doc__) == ("square", __name__, "The square.")
    assert not inspect.signature(made).parameters


@pytest.fixture
def checked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """The inputs of each check; none is made."""
    inputs: list[tuple[Any, ...]] = []

    def check_gradients(f: Any, *given: Any, order: int) -> Any:
        inputs.append(given)
        return SimpleNamespace(compared=len(given))

    monkeypatch.setattr("autograd.testing.property_test.check_gradients", check_gradients)
    return inputs


@pytest.mark.parametrize("above", [True, False])
def test_settings_may_stand_above_or_below(checked: list[tuple[Any, ...]], above: bool) -> None:
    seven = settings(max_examples=7, derandomize=True, database=None)
    made: Any = gradcheck(x=NUMBERS)
    test = seven(made(square)) if above else made(seven(square))
    test()
    assert len(checked) == 7


@pytest.mark.parametrize("above", [True, False])
def test_explicit_examples_are_checked(above: bool) -> None:
    def wrong_at_a_thousand(x: Any) -> Any:
        return detached(x) * 2 if float(x) > 999 else x * 2

    explicit: Any = example(x=1000.0)
    made: Any = gradcheck(x=NUMBERS)
    marked = explicit(made(wrong_at_a_thousand)) if above else made(explicit(wrong_at_a_thousand))
    with pytest.raises(GradientMismatch):
        marked()


def test_marks_of_the_function_are_those_of_the_test() -> None:
    @gradcheck(x=NUMBERS)
    @pytest.mark.slow
    def marked(x: Any) -> Any:
        return x

    assert [mark.name for mark in marked.pytestmark] == ["slow"]  # type: ignore[attr-defined]


def test_parameters_may_be_of_any_kind_and_in_any_order() -> None:
    seen = []

    @settings(max_examples=1)
    @gradcheck(c=st.just(4.0), b=st.just(2.0), a=st.just(1.0))
    def function(a: Any, /, b: Any, *rest: Any, c: Any, d: float = 8.0, **more: Any) -> Any:
        seen.append((float(a), float(b), rest, float(c), d, more))
        return a * b * c

    function()
    assert seen[0] == (1.0, 2.0, (), 4.0, 8.0, {})


def test_checks_that_compare_nothing_are_no_success(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "autograd.testing.property_test.check_gradients",
        lambda *inputs, order: SimpleNamespace(compared=0),
    )
    made: Any = gradcheck(x=NUMBERS)(square)
    with pytest.raises((Unsatisfiable, FailedHealthCheck)):
        made()


def product(x: Any, y: Any) -> Any:
    return x * y


def ordered(x: Any, order: Any = None) -> Any:
    return x


@pytest.mark.parametrize(
    ("function", "strategies", "message"),
    [
        (product, {}, "parameter x of product has no strategy"),
        (lambda: 1.0, {}, "<lambda> has no parameter to differentiate by"),
        (product, {"x": NUMBERS}, "parameter y of product has no strategy"),
        (
            product,
            {"x": NUMBERS, "y": NUMBERS, "z": NUMBERS},
            "product has no parameter z; it takes x, y",
        ),
        (
            product,
            {"x": NUMBERS, "y": 2.0},
            r"y is 2\.0 \(float\), not a strategy; hypothesis\.strategies\.just",
        ),
        (ordered, {"x": NUMBERS}, "ordered has a parameter order, which is an option of gradcheck"),
    ],
)
def test_strategies_that_do_not_fit_are_named_while_decorating(
    function: Any, strategies: dict[str, Any], message: str
) -> None:
    with pytest.raises(OperandError, match=message):
        gradcheck(**strategies)(function)


def test_strategy_called_order_is_refused() -> None:
    with pytest.raises(SettingError, match="order is how many times to differentiate"):
        gradcheck(order=NUMBERS)  # type: ignore[arg-type]


@pytest.mark.parametrize("order", [0, 3, 1.5, "2"])
def test_order_that_is_neither_one_nor_two_is_refused(order: Any) -> None:
    with pytest.raises(SettingError, match=r"order=.*; it is 1 or 2"):
        gradcheck(order=order)

"""gradcheck: a function that is to be differentiated, made into a test of its derivatives."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol

from ..errors import MissingExtraError, OperandError, SettingError
from ..exact import shortened
from .check import check_gradients

try:
    from hypothesis import assume, given
    from hypothesis.strategies import SearchStrategy
except ImportError as error:
    raise MissingExtraError(package="hypothesis", extra="check", purpose="gradcheck") from error

__all__ = ["GradientTest", "gradcheck"]


class GradientTest(Protocol):
    """A test that draws arguments and checks the gradients of ``function`` at them."""

    function: Callable[..., Any]

    def __call__(self) -> None:
        """Run the test."""


def gradcheck(*, order: int = 1, **strategies: Any) -> Callable[[Callable[..., Any]], GradientTest]:
    """A decorator that makes a hypothesis test of a function: are its gradients right?

    The function is what is differentiated; it returns a number or an array, and asserts nothing.
    The test draws its arguments, calls ``check_gradients`` at each set of them, and shows the
    smallest ones at which a gradient is wrong. Examples in which no derivative could be compared do
    not count; if nearly all are such, the test fails, and hypothesis says why.

    The test has the name, the docstring and the marks of the function, which stays within reach as
    ``test.function``; ``hypothesis.settings`` and ``example`` may stand above or below.

    Args:
        order: 1, or 2 to check the second derivatives too. A parameter of the function can
            therefore not have this name.
        strategies: for each parameter of the function, by its name, a strategy of its arguments; a
            parameter that has a default may be left out.

    Raises:
        OperandError: while decorating, if a parameter has no strategy, a strategy no parameter, or
            one is not a strategy.
        SettingError: if ``order`` is not 1 or 2.
        GradientMismatch: by the test, if a gradient is wrong.

    >>> import numpy as np
    >>> from autograd.testing.strategies import tensors
    >>> @gradcheck(x=tensors((3,)), y=tensors(()))
    ... def test_products(x, y):
    ...     return np.tanh(x) * y
    >>> test_products()
    >>> test_products.function(np.zeros(1), 2.0)
    array([0.])
    """
    if isinstance(order, SearchStrategy):
        raise SettingError(
            "gradcheck: order is how many times to differentiate, not a parameter of the function; "
            "give that parameter another name"
        )
    if order not in (1, 2):
        raise SettingError(f"gradcheck: order={shortened(order)}; it is 1 or 2")

    def decorate(function: Callable[..., Any]) -> GradientTest:
        signature = inspect.signature(function)
        _check_strategies(function.__name__, signature.parameters, strategies)
        names = [name for name in signature.parameters if name in strategies]

        def differentiated(*inputs: Any) -> Any:
            arguments = dict(zip(names, inputs, strict=True))
            bound = inspect.BoundArguments(signature, arguments)
            return function(*bound.args, **bound.kwargs)

        @functools.wraps(function)
        def test(**drawn: Any) -> None:
            inputs = [drawn[name] for name in names]
            assume(check_gradients(differentiated, *inputs, order=order).compared > 0)

        # By these names the check calls its inputs.
        _set_parameters(differentiated, names, inspect.Parameter.POSITIONAL_OR_KEYWORD)
        # And by these hypothesis gives them; what is left to its default is not the test's.
        _set_parameters(test, names, inspect.Parameter.KEYWORD_ONLY)
        made: Any = given(**strategies)(test)
        # To pytest the test is where the function is, and takes no fixtures.
        made.__wrapped__, made.__signature__ = function, inspect.Signature()
        made.function = function
        tested: GradientTest = made
        return tested

    return decorate


def _set_parameters(function: Any, names: Iterable[str], kind: Any) -> None:
    function.__signature__ = inspect.Signature([inspect.Parameter(name, kind) for name in names])


def _check_strategies(
    name: str, parameters: Mapping[str, inspect.Parameter], strategies: Mapping[str, Any]
) -> None:
    for parameter, strategy in strategies.items():
        if parameter not in parameters:
            raise OperandError(
                f"gradcheck: {name} has no parameter {parameter}; it takes "
                f"{', '.join(parameters) or 'none'}"
            )
        if not isinstance(strategy, SearchStrategy):
            raise OperandError(
                f"gradcheck: {parameter} is {shortened(strategy)} ({type(strategy).__name__}), not "
                "a strategy; hypothesis.strategies.just(...) makes one of what does not change"
            )
    variadic = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    for parameter, declared in parameters.items():
        if parameter == "order":
            raise OperandError(
                f"gradcheck: {name} has a parameter order, which is an option of gradcheck; give "
                "it another name"
            )
        has_default = declared.default is not inspect.Parameter.empty or declared.kind in variadic
        if parameter not in strategies and not has_default:
            raise OperandError(f"gradcheck: parameter {parameter} of {name} has no strategy")
    if not strategies:
        raise OperandError(f"gradcheck: {name} has no parameter to differentiate by")

"""What the command line checks: a formula or a function, and the inputs at which it does."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import OperandError, SettingError
from ..expression import Expression
from ..gate import Gate
from .importing import imported, names_an_object
from .options import Options
from .sampling import sample_points

__all__ = ["HypothesisTest", "Subject", "subject_of"]

POINTS_OF_FORMULA = 100
POINTS_OF_FUNCTION = 10
RANGE_OF_FUNCTION = (-2.0, 2.0)


@dataclass(frozen=True)
class Subject:
    """A function, and the inputs at which its derivatives are checked."""

    title: str
    """What it is called in messages."""
    function: Callable[..., Any]
    names: tuple[str, ...]
    """What its operands are called."""
    inputs: list[tuple[Any, ...]]
    gradient: Callable[..., Any] | None = None
    """A gradient that is checked in place of gategrad's own."""


@dataclass(frozen=True)
class HypothesisTest:
    """A test that draws its inputs itself."""

    title: str
    run: Callable[[], Any]


def subject_of(options: Options) -> Subject | HypothesisTest:
    """Find what is to be checked, and draw its inputs.

    Raises:
        FormulaError: if a formula cannot be read, or is well defined nowhere.
        OperandError: if there is no such function, or no such parameter.
        SettingError: if an option does not go with what is checked.
    """
    target = options.target
    if not names_an_object(target):
        return _of_expression(Expression(target), options)
    found = imported(target)
    if _is_hypothesis_test(found):
        return _of_test(found, options)
    if isinstance(found, Gate):
        found = Expression(f"{found.name}({', '.join(found.operand_names)})")
    if isinstance(found, Expression):
        return _of_expression(found, options)
    return _of_function(_callable(found, target), options)


def _is_hypothesis_test(found: Any) -> bool:
    return hasattr(found, "hypothesis") and bool(getattr(found, "is_hypothesis_test", True))


def _of_test(test: Any, options: Options) -> HypothesisTest:
    if options != Options(options.target):
        raise SettingError(
            f"{options.target} is a test, which draws its inputs itself; options are for formulas "
            "and functions"
        )
    return HypothesisTest(options.target, test)


def _of_expression(expression: Expression, options: Options) -> Subject:
    names = expression.names
    if not names:
        raise SettingError(f"formula {expression.text!r} has no variable to differentiate by")
    if options.shapes:
        raise SettingError("--shape is for functions; a formula is checked at single points")
    _check_names(expression.text, names, options)
    if set(names) <= options.at.keys():
        points = [tuple(options.at[name] for name in names)]
    else:
        points = sample_points(
            expression,
            np.random.default_rng(options.seed),
            options.points or POINTS_OF_FORMULA,
            fixed=options.at,
            ranges=options.ranges,
        )
    return Subject(expression.text, expression, names, list(points), _gradient(options))


def _of_function(function: Callable[..., Any], options: Options) -> Subject:
    title = options.target
    given = {*options.at, *options.ranges, *options.shapes}
    signature = _signature(function, title)
    parameters = signature.parameters
    _check_names(title, parameters, options)
    names = _moved(parameters, given, title)
    rng = np.random.default_rng(options.seed)
    count = options.points or POINTS_OF_FUNCTION
    if set(names) <= options.at.keys():
        count = 1
    inputs = [tuple(_drawn(name, options, rng) for name in names) for _ in range(count)]
    gradient = _gradient(options)
    return Subject(
        title,
        _by_names(function, names, signature),
        names,
        inputs,
        gradient and _by_names(gradient, names, signature),
    )


def _callable(found: Any, title: str) -> Callable[..., Any]:
    if not callable(found):
        raise OperandError(f"{title} is of type {type(found).__name__}, which cannot be called")
    function: Callable[..., Any] = found
    return function


def _gradient(options: Options) -> Callable[..., Any] | None:
    if options.gradient is None:
        return None
    if options.order == 2:
        raise SettingError("--gradient is checked with --order 1")
    if not names_an_object(options.gradient):
        raise SettingError(f"--gradient is {options.gradient!r}; write package.module:function")
    return _callable(imported(options.gradient), options.gradient)


def _check_names(title: str, names: Collection[str], options: Options) -> None:
    """Refuse options for parameters that there are not, and two that contradict each other."""
    for option, values in (
        ("--at", options.at),
        ("--range", options.ranges),
        ("--shape", options.shapes),
    ):
        for name in values:
            if name not in names:
                raise OperandError(
                    f"{option} {name}=...: {title} has no parameter {name}; it has "
                    f"{', '.join(names) or 'none'}"
                )
            if option != "--at" and name in options.at:
                raise SettingError(f"{option} {name}=...: {name} is held by --at")


def _signature(function: Callable[..., Any], title: str) -> inspect.Signature:
    """The parameters of a function, without those that stand for any number of arguments."""
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError) as error:
        raise OperandError(
            f"the parameters of {title} are not known ({error}); call it in a function of Python"
        ) from error
    variadic = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    return signature.replace(
        parameters=[each for each in signature.parameters.values() if each.kind not in variadic]
    )


def _moved(
    parameters: Mapping[str, inspect.Parameter], given: Collection[str], title: str
) -> tuple[str, ...]:
    """The parameters that are drawn: those without a default, and those that options name."""
    names = tuple(
        name
        for name, parameter in parameters.items()
        if parameter.default is inspect.Parameter.empty or name in given
    )
    if not names:
        raise OperandError(
            f"{title} has no parameter without a default; name those to move by --at or --range"
        )
    return names


def _by_names(
    function: Callable[..., Any], names: Sequence[str], signature: inspect.Signature
) -> Callable[..., Any]:
    """The function of these of its parameters alone, in order."""

    def of_names(*operands: Any) -> Any:
        # As each is declared: by position, or by keyword.
        bound = inspect.BoundArguments(signature, dict(zip(names, operands, strict=True)))
        return function(*bound.args, **bound.kwargs)

    # By it the check learns what the operands are called.
    of_names.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [inspect.Parameter(name, inspect.Parameter.POSITIONAL_OR_KEYWORD) for name in names]
    )
    return of_names


def _drawn(name: str, options: Options, rng: np.random.Generator) -> Any:
    """A number or an array for a parameter."""
    shape = options.shapes.get(name)
    if name in options.at:
        return options.at[name]
    low, high = options.ranges.get(name, RANGE_OF_FUNCTION)
    return float(rng.uniform(low, high)) if shape is None else rng.uniform(low, high, shape)

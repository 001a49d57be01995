"""The formula language: what it reads, what it refuses, and what it writes."""

from __future__ import annotations

import ast

import numpy as np
import pytest

from autograd.errors import FormulaError
from autograd.formula import FLOATS, NUMPY, NUMPY_SLOPES, build_function, parse, vjp_of
from autograd.ieee import PRIMITIVES


@pytest.mark.parametrize(
    "text",
    [
        "x.real",
        "x[0]",
        "__import__('os')",
        "lambda: x",
        "x if y else 1",
        "x and y",
        "0 < x < 1",
        "x // y",
        "exp(*x)",
        "exp(x=1)",
        "'text'",
        "True",
        "[x]",
        "f'{x}'",
        "(y := x)",
        "exp(x)(y)",
    ],
)
def test_everything_outside_of_the_language_is_refused_by_name(text: str) -> None:
    with pytest.raises(FormulaError, match="is not of the formula language") as caught:
        parse(text)
    assert repr(text) in str(caught.value)


def test_broken_syntax_is_named() -> None:
    with pytest.raises(FormulaError, match=r"formula 'x \+' cannot be read: invalid syntax"):
        parse("x +")


@pytest.mark.parametrize(
    ("derivative", "expected"),
    [
        ("1", "g"),
        ("-1", "-g"),
        ("0", None),
        ("-0", None),
        ("y", "g * y"),
        ("1 / x", "g / x"),
        ("-out / y", "-(g * out) / y"),
        ("where(x > 0, 1, 0)", "where(x > 0, g, 0)"),
        ("where(x > 0, 1, where(x == 0, 0.5, 0))", "where(x > 0, g, where(x == 0, g * 0.5, 0))"),
    ],
)
def test_vjp_is_simplified(derivative: str, expected: str | None) -> None:
    tree = vjp_of(parse(derivative))
    assert (None if tree is None else ast.unparse(tree)) == expected


def test_repeated_sub_expression_is_computed_once() -> None:
    calls: list[float] = []

    def exp(x: float) -> float:
        calls.append(x)
        return 2.0

    results = {"out": parse("exp(x) + exp(x)"), "dx": parse("exp(x) * out")}
    function = build_function("twice", ["x"], results, FLOATS, PRIMITIVES | {"exp": exp})
    assert function(1.0) == (4.0, 8.0)
    assert calls == [1.0]


def test_branch_not_taken_is_not_computed_on_floats() -> None:
    def fail(x: float) -> float:
        raise AssertionError(x)

    tree = {"out": parse("where(x > 0, x, fail(x))")}
    assert build_function("lazy", ["x"], tree, FLOATS, {"fail": fail})(3.0) == 3.0


def test_literals_are_floats_for_floats_and_weak_integers_for_numpy() -> None:
    tree = {"out": parse("where(x > 0, 1, 0)")}
    assert repr(build_function("step", ["x"], tree, FLOATS, {})(3.0)) == "1.0"
    step = build_function("step", ["x"], tree, NUMPY, {"where": lambda *a: a})
    assert step(3) == (True, 1, 0)


def test_conditions_on_plain_numbers_are_decided_in_slopes_on_arrays() -> None:
    tree = {"out": parse("where(x > 0, 1, 0)")}
    step = build_function("step", ["x"], tree, NUMPY_SLOPES, {"where": lambda *a: a})
    assert step(3) == 1
    assert step(np.float64(3.0)) == (True, 1, 0)


def test_a_plus_before_an_operand_leaves_it_as_it_is() -> None:
    for target in (FLOATS, NUMPY, NUMPY_SLOPES):
        function = build_function("same", ["x"], {"out": parse("+x - +2")}, target, PRIMITIVES)
        assert function(5.0) == 3.0


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("(" * 10**6 + "x" + ")" * 10**6, "has 2000001 characters; it may have up to 10000"),
        ("-" * 9000 + "x", "is nested too deeply, or a chain of too many operators"),
        ("\ud800", "cannot be read"),
    ],
)
def test_text_that_the_parser_cannot_take_is_refused(text: str, message: str) -> None:
    with pytest.raises(FormulaError, match=message) as caught:
        parse(text)
    assert len(str(caught.value)) < 200

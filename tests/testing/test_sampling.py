"""Where an expression is well defined, and whether the points drawn for it are there."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest

from autograd import Expression
from autograd.errors import FormulaError
from autograd.testing.domain import Demand, Domain
from autograd.testing.sampling import sample_points

DOMAINS: dict[str, Callable[..., bool]] = {
    "log(x)": lambda x: x > 0.01,
    "log(x - 2) * sqrt(3 - x)": lambda x: 2.01 < x < 2.99,
    "acosh(x) * asin(y)": lambda x, y: x > 1.01 and -0.99 < y < 0.99,
    "log(x - 1000)": lambda x: x > 1000,
    "log(-x) + log1p(y)": lambda x, y: x < 0 and y > -1,
    "asin(10 * x) * log(x - 0.05)": lambda x: 0.05 < x < 0.1,
    "sqrt(1e-9 * x)": lambda x: x > 0,
    "x ** y": lambda x, y: x > 0,
    "exp(exp(x))": lambda x: x < 7,
    "abs(x - 1)": lambda x: abs(x - 1) > 0.01,
    "relu(x) * maximum(x, y)": lambda x, y: abs(x) > 0.01 and abs(x - y) > 0.01,
    "floor(x)": lambda x: abs(x - round(x)) > 0.003,
    "1 / (x - 1)": lambda x: abs(x - 1) > 0.01,
    "where(x > 1, x, -x)": lambda x: abs(x - 1) > 0.01,
    "where(x > y, log(x), x)": lambda x, y: x > 0.01 and abs(x - y) > 0.01,
    "leaky_relu(x) * elu(x)": lambda x: abs(x) > 0.01,
    "tan(x)": lambda x: abs(math.cos(x)) > 0.0009,
}


DEMAND = Demand(reach=0.01, largest=1e6)


@pytest.mark.parametrize(
    ("text", "inside", "outside"),
    [
        ("log(x)", 1.0, -1.0),
        ("log(x)", 0.02, 0.005),
        # A steep operand comes to a kink or a border sooner than a flat one.
        ("abs(100 * (x - 1))", 1.2, 1.02),
        ("sqrt(1e-9 * x)", 1.0, 1e-3),
        ("floor(x ** x)", 1.3, 5.807496),
        ("where(100 * x > 100, x, 1)", 1.2, 1.005),
        # Cut along the negative axis, where its first operand is zero.
        ("atan2(x, -1)", 0.1, 1e-4),
        ("atan2(1, x)", -0.1, 1e-4),
        ("exp(x)", 13.0, 14.0),
        ("tan(x)", 1.5, 1.5705),
    ],
)
def test_a_domain_has_a_margin(text: str, inside: float, outside: float) -> None:
    domain = Domain(Expression(text))
    assert domain.obstacle([inside], DEMAND) is None
    assert domain.obstacle([outside], DEMAND) is not None


@pytest.mark.parametrize("text", DOMAINS)
def test_points_are_inside_of_the_domain_and_away_from_kinks(text: str) -> None:
    points = sample_points(Expression(text), np.random.default_rng(0), 100)
    assert len(points) == len(set(points)) == 100
    assert all(DOMAINS[text](*point) for point in points)


@pytest.mark.parametrize("text", ["1 / x", "x ** 2", "x ** -3", "reciprocal(x)", "atan2(1, x)"])
def test_points_are_on_both_sides_where_a_gate_is_smooth_on_both(text: str) -> None:
    points = sample_points(Expression(text), np.random.default_rng(0), 20)
    assert any(x < 0 for (x,) in points) and any(x > 0 for (x,) in points)


@pytest.mark.parametrize("text", ["where(0, x, y)", "clip(x, 1, 1)", "x + relu(0)", "x * sign(0)"])
def test_a_kink_of_constants_is_in_nobodys_way(text: str) -> None:
    assert len(sample_points(Expression(text), np.random.default_rng(0), 10)) == 10


@pytest.mark.parametrize(
    ("text", "obstacle"),
    [
        ("log(-x*x)", r"each of the 3000 draws .* the obstacle was log\(-.*\), outside of x > 0"),
        ("log(y - 5) + log(-x * x)", r"the obstacle was log\(-.*\), outside of x > 0"),
        ("sqrt(x) + acosh(y) * asin(2 + x)", r"the obstacle was asin\([2-9].*\), outside"),
        ("asin(2 + x * x)", r"asin\(.*\), outside of -1 < x < 1"),
        ("acosh(sin(x))", r"acosh\(.*\), outside of x > 1"),
        ("x / (x - x)", r"div\(.*, 0\), outside of y > 0"),
        ("abs(0 * x)", r"abs\(-?0\), at a kink or not finite"),
        ("where(x == x, x, 1)", "the comparison of .*, which are about equal"),
        ("x + log(-1)", r"log\(-1\), outside of x > 0"),
    ],
)
def test_a_formula_that_is_defined_nowhere_is_named_with_the_obstacle(
    text: str, obstacle: str
) -> None:
    with pytest.raises(FormulaError, match=obstacle) as caught:
        sample_points(Expression(text), np.random.default_rng(0), 10)
    assert f"formula {text!r}: no point was found" in str(caught.value)


def test_equal_generators_give_equal_points() -> None:
    f = Expression("log(x) * y")
    first, second = (sample_points(f, np.random.default_rng(3), 10) for _ in range(2))
    assert first == second
    assert first != sample_points(f, np.random.default_rng(4), 10)


def test_ranges_and_fixed_variables_are_kept_to() -> None:
    points = sample_points(
        Expression("log(x) * y + log(z - 4.9)"),
        np.random.default_rng(0),
        50,
        fixed={"y": -3.0},
        ranges={"x": (-1.0, 0.5), "z": (0.0, 5.0)},
    )
    assert len(points) > 0
    assert all(0 < x <= 0.5 and y == -3.0 and 4.9 < z <= 5.0 for x, y, z in points)

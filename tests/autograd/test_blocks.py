"""Formulas in blocks: the numbers of NumPy, in memory that is there already."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from autograd import blocks
from autograd.blocks import BlockProgram
from autograd.errors import FormulaError
from autograd.formula import NUMPY, build_function, parse
from autograd.gate import definition_of
from autograd.ieee import NUMPY_PRIMITIVES
from autograd.update_rules import DECOUPLED_DECAY, L2_DECAY, RULES, UpdateRule

SETTINGS = {
    "lr": 0.1, "momentum": 0.9, "rho": 0.8, "beta1": 0.7, "beta2": 0.6, "eps": 1e-3,
    "correction1": 0.3, "correction2": 0.4, "weight_decay": 0.05,
}  # fmt: skip
ALL_RULES = [
    *RULES,
    *(rule.after(decay) for rule in RULES for decay in (L2_DECAY, DECOUPLED_DECAY)),
]


def trees(formulas: Mapping[str, str]) -> dict[str, ast.expr]:
    return {name: parse(text) for name, text in formulas.items()}


def operands(rule: UpdateRule, shape: tuple[int, ...], dtype: Any) -> list[np.ndarray]:
    """The parameter, its gradient and the states, all of which may be squares."""
    rng = np.random.default_rng(0)
    return [rng.uniform(0.1, 2, shape).astype(dtype) for _ in range(2 + len(rule.states))]


def by_numpy(rule: UpdateRule, arrays: list[np.ndarray]) -> list[np.ndarray]:
    """What NumPy makes of the formulas, with an array for each operation."""
    names = ("parameter", "gradient", *rule.states, *rule.settings)
    function = build_function(
        "by_numpy", names, trees(rule.formulas), NUMPY, NUMPY_PRIMITIVES, definition_of
    )
    results = function(*arrays, *(SETTINGS[name] for name in rule.settings))
    if len(rule.formulas) == 1:
        return [results]
    found = dict(zip(rule.formulas, results, strict=True))
    return [found[name] for name in rule.results]


@pytest.mark.parametrize("rule", ALL_RULES, ids=lambda rule: "-".join([rule.name, *rule.formulas]))
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_blocks_give_the_bits_of_whole_arrays(
    rule: UpdateRule, dtype: type, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blocks, "BLOCK_BYTES", 64)  # of 35 numbers, also one that is not full
    arrays, settings = operands(rule, (5, 7), dtype), [SETTINGS[name] for name in rule.settings]
    expected = by_numpy(rule, arrays)
    parameter, gradient, *states = (array.copy() for array in arrays)
    new = rule.step(parameter, gradient, states, settings)
    for array, wanted in zip(new, expected, strict=True):
        assert array.dtype == wanted.dtype == dtype
        np.testing.assert_array_equal(array, wanted)
    for array, kept in zip((parameter, gradient, *states), arrays, strict=True):
        np.testing.assert_array_equal(array, kept)

    advanced = rule.advance(parameter, gradient, states, settings)
    for array, wanted in zip((advanced, *states), expected, strict=True):
        np.testing.assert_array_equal(array, wanted)
    np.testing.assert_array_equal(parameter, arrays[0])
    np.testing.assert_array_equal(gradient, arrays[1])


@pytest.mark.parametrize("shape", [(), (1,), (0, 3)])
def test_arrays_of_every_size_have_a_step(shape: tuple[int, ...]) -> None:
    for rule in RULES:
        arrays, settings = operands(rule, shape, float), [SETTINGS[name] for name in rule.settings]
        parameter, gradient, *states = arrays
        new, *_ = rule.step(parameter, gradient, states, settings)
        np.testing.assert_array_equal(new, by_numpy(rule, arrays)[0])
        assert new.shape == shape


def test_operands_need_not_be_contiguous() -> None:
    x = np.arange(6.0).reshape(2, 3)
    new = np.empty((3, 2))
    BlockProgram([], ["x"], ["new_x"], trees({"new_x": "-x + x * 2"})).run([], [x.T], [new])
    np.testing.assert_array_equal(new, x.T)


def test_a_result_may_be_another_name_for_an_operand() -> None:
    x, new = np.array([1.0, 2.0]), np.empty(2)
    BlockProgram([], ["x"], ["new_x"], trees({"new_x": "x"})).run([], [x], [new])
    np.testing.assert_array_equal(new, x)


def test_what_a_later_formula_reads_is_not_written_over() -> None:
    formulas = {"square": "x * x", "cube": "square * x", "new_x": "cube + square * (x + square)"}
    x, new = np.array([2.0, 3.0]), np.empty(2)
    BlockProgram([], ["x"], ["new_x"], trees(formulas)).run([], [x], [new])
    np.testing.assert_array_equal(new, [8 + 4 * 6, 27 + 9 * 12])


@pytest.mark.parametrize(
    ("formulas", "message"),
    [
        ({"new_x": "x + speed"}, r"'speed' cannot be computed in blocks: .* or one of rate, x"),
        ({"new_x": "x ** 2"}, r"'x \*\* 2' cannot be computed in blocks: it is not one of \+ - "),
        # The new x may lie where x did.
        ({"new_x": "x * rate", "y": "x + 1"}, r"'x' cannot be computed in blocks"),
    ],
)
def test_formulas_that_cannot_be_computed_are_refused(
    formulas: dict[str, str], message: str
) -> None:
    with pytest.raises(FormulaError, match=message):
        BlockProgram(["rate"], ["x"], ["new_x"], trees(formulas))

"""Expressions: what they read and refuse, and what they give on numbers, arrays and nodes."""

from __future__ import annotations

import copy
import inspect
import math
import pickle

import numpy as np
import pytest
from hypothesis import given, reject
from hypothesis import strategies as st

import autograd
from autograd import Expression, Tensor, Value
from autograd.errors import FormulaError, OperandError
from autograd.gate import TABLE, Gate

DEEP = 1_000_000

REFUSED = {
    "x.real": "'x.real' is not of the formula language",
    "x.__class__.__mro__": "'x.__class__.__mro__' is not of the formula language",
    "__import__('os').system('true')": "is not of the formula language",
    "x[0]": r"'x\[0\]' is not of the formula language",
    "lambda: x": "'lambda: x' is not of the formula language",
    "(y := x)": "'y := x' is not of the formula language",
    "[x for x in y]": "is not of the formula language",
    "(x for x in y)": "is not of the formula language",
    "{x: y}": "is not of the formula language",
    "f'{x}'": "is not of the formula language",
    "'x'": "is not of the formula language",
    "b'x'": "is not of the formula language",
    "1j": "'1j' is not of the formula language",
    "True": "'True' is not of the formula language",
    "None": "'None' is not of the formula language",
    "...": "is not of the formula language",
    "x, y": "'x, y' is not of the formula language",
    "exp(x=1)": r"'exp\(x=1\)' is not of the formula language",
    "exp(*x)": r"'exp\(\*x\)' is not of the formula language",
    "exp(**x)": "is not of the formula language",
    "exp(x)(y)": "is not of the formula language",
    "2(x)": r"'2\(x\)' is not of the formula language",
    "x and y": "is not of the formula language",
    "not x": "is not of the formula language",
    "x if y else z": "is not of the formula language",
    "x // y": "is not of the formula language",
    "x @ y": "is not of the formula language",
    "~x": "is not of the formula language",
    "x is y": "is not of the formula language",
    "await x": "is not of the formula language",
    "where(0 < x < 1, y, z)": "'0 < x < 1' is not of the formula language",
    "x ^ 2": r"'\^' is not of the formula language; a power is written x \*\* y",
    "x²": r"a square is written x \*\* 2",
    "3 × x": r"a product is written x \* y",
    "x − y": "minus is written -",
    "|x|": r"an absolute value is written abs\(x\)",
    "x # the input": "no comments",
    "": "formula '' cannot be read",
    "2x": "cannot be read: invalid decimal literal",
    "x +": "cannot be read: invalid syntax",
    "x; y": "cannot be read",
    "import os": "cannot be read",
    "log(x": "cannot be read: '\\(' was never closed",
    "x\0y": "cannot be read: .*null byte",
    "x\u200b": "cannot be read",
    "\ud800": "cannot be read",
    "💥": "cannot be read",
    "9" * 5000: "cannot be read",
    "(" * DEEP + "x" + ")" * DEEP: "has 2000001 characters; it may have up to 10000",
    "x" * DEEP: "has 1000000 characters",
    "-" * 9000 + "x": "is nested too deeply",
    "x**" * 3000 + "x": "is nested too deeply",
    "(" * 4000 + "x" + ")" * 4000: "cannot be read: too many nested parentheses",
    "x.y" * 3000: "formula language|nested too deeply",
    "sine(x)": "no gate is called 'sine'; did you mean sin",
    "Tanh(x)": "no gate is called 'Tanh'; did you mean tanh",
    "arcsin(x)": "did you mean asin",
    "ln(x)": r"did you mean log\?",
    "max(x, y)": r"did you mean maximum\?",
    "x(y + 1)": r"no gate is called 'x'; a product is written x \* \(y\)",
    "e(x)": "no gate is called 'e'",
    "eval(x)": "no gate is called 'eval'",
    "exec(x)": "no gate is called 'exec'",
    "a" * 9000 + "(x)": r"no gate is called 'a{56}\.\.\.",
    "log": r"log is a gate; write log\(x\)",
    "pow * 2": r"pow is a gate; write pow\(x, y\)",
    "log(x, y)": r"log takes 1 operand, got 2; write log\(x\)",
    "log()": "log takes 1 operand, got 0",
    "clip(x, 0)": r"clip takes 3 operands, got 2; write clip\(x, y, z\)",
    "elu()": "elu takes 1 to 2 operands, got 0",
    "elu(x, 1, 2)": "elu takes 1 to 2 operands, got 3",
    "x > 0": "'x > 0' may stand only as the condition of where",
    "(x > 0) * y": "'x > 0' may stand only as the condition of where",
    "where(x, y > 0, z)": "'y > 0' may stand only as the condition of where",
    "maximum(x > 0, y)": "'x > 0' may stand only as the condition of where",
    "where((x > 0) == y, x, y)": "'x > 0' may stand only as the condition of where",
}


@pytest.mark.parametrize(("text", "message"), REFUSED.items(), ids=[t[:20] for t in REFUSED])
def test_what_is_no_formula_is_refused_in_a_short_message(text: str, message: str) -> None:
    with pytest.raises(FormulaError, match=message) as caught:
        Expression(text)
    assert len(str(caught.value)) < 320


def test_what_is_no_text_is_refused() -> None:
    with pytest.raises(OperandError, match=r"made of a text, .*, not of 3 \(int\)"):
        Expression(3)  # type: ignore[arg-type]


def test_variables_are_named_in_order_of_first_appearance() -> None:
    assert Expression("where(b > a, sin(c) * b, a + pi * e - d)").names == tuple("bacd")


def test_space_around_a_formula_and_line_breaks_within_parentheses_are_allowed() -> None:
    f = Expression("  (x\n + 1)\n")
    assert f(1.0) == 2.0
    assert f.text == "(x\n + 1)"


def test_letters_of_other_alphabets_are_names_of_variables() -> None:
    f = Expression("θ * σ")
    assert f.names == ("θ", "σ")
    assert f(θ=2.0, σ=3.0) == 6.0


@pytest.mark.parametrize("name", ["self", "operands", "named", "text"])
def test_a_variable_may_have_any_name(name: str) -> None:
    assert Expression(f"{name} + 1")(**{name: 2.0}) == 3.0


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("pi", math.pi),
        ("e", math.e),
        ("7", 7.0),
        ("2**-1", 0.5),
        ("-2**2", -4.0),
        ("+3 - -+2", 5.0),
        ("2**3**2", 512.0),
        ("8 - 4 - 2", 2.0),
        ("8 / 4 / 2", 1.0),
        ("0x10 + 1_000 + 1e1", 1026.0),
        ("9**9**9", math.inf),
        ("9**9**9**9**9", math.inf),
        ("9" * 4000, math.inf),
        ("1e999", math.inf),
        ("1 / 0", math.inf),
        ("log(0)", -math.inf),
        ("leaky_relu(-2)", -0.02),
        ("leaky_relu(-2, 0.5)", -1.0),
        ("where(1 < 2, 3, 4)", 3.0),
        ("where(1 >= 2, 3, 4)", 4.0),
        ("where(+1 == 1, 3, 4)", 3.0),
        ("where(0, 3, 4)", 4.0),
    ],
)
def test_numbers_are_floats(text: str, expected: float) -> None:
    result = Expression(text)()
    assert type(result) is float
    assert result == expected


@pytest.mark.parametrize("comparison", ["<", "<=", ">", ">=", "==", "!="])
def test_comparisons_mean_what_they_mean_in_python(comparison: str) -> None:
    f = Expression(f"where(x {comparison} y, 1, 0)")
    holds = {"<": (1, 0, 0), "<=": (1, 1, 0), ">": (0, 0, 1), ">=": (0, 1, 1)}
    expected = holds.get(comparison, (0, 1, 0) if comparison == "==" else (1, 0, 1))
    assert tuple(f(x, 2.0) for x in (1.0, 2.0, 3.0)) == expected
    assert tuple(f(Value(x), Value(2.0)) for x in (1.0, 2.0, 3.0)) == expected
    np.testing.assert_array_equal(f(np.array([1.0, 2.0, 3.0]), 2.0), expected)
    np.testing.assert_array_equal(f(Tensor([1.0, 2.0, 3.0]), Tensor(2.0)), expected)


@pytest.mark.parametrize("gate", TABLE, ids=lambda gate: gate.name)
def test_every_gate_can_be_called_by_name(gate: Gate) -> None:
    operands = [1.5 if gate.domain[0].low == 1 else 0.3, 0.7, 0.5][: gate.arity]
    f = Expression(f"{gate.name}({', '.join(gate.operand_names)})")
    assert f(*operands) == gate(*operands)


FLOATS = st.floats(-4, 4).map(lambda x: round(x, 3))
TERMS = st.recursive(
    st.sampled_from("xyz") | FLOATS.map(lambda x: repr(abs(x))),
    lambda terms: (
        st.tuples(terms, st.sampled_from("+-*"), terms).map(lambda t: f"({t[0]} {t[1]} {t[2]})")
        | st.tuples(terms, st.sampled_from("+-*"), terms).map(" ".join)
        | terms.map(lambda term: f"-{term}")
        | terms.map(lambda term: f"+{term}")
        | terms.map(lambda term: f"({term}) ** 2")
        | terms.map(lambda term: f"{term} / (1 + ({term}) ** 2)")
    ),
    max_leaves=12,
)


@given(TERMS, st.tuples(FLOATS, FLOATS, FLOATS))
def test_random_expressions_are_those_of_python(
    text: str, operands: tuple[float, float, float]
) -> None:
    numbers = dict(zip("xyz", operands, strict=True))
    try:
        expected = float(eval(text, {}, numbers))  # the text was made above
    except OverflowError:  # of a power: where gates give infinity
        reject()
    f = Expression(text)
    own = {name: numbers[name] for name in f.names}
    np.testing.assert_equal(f(*own.values()), expected)
    np.testing.assert_equal(f(**own), expected)
    if own:
        on_values = f(*map(Value, own.values()))
        np.testing.assert_equal(on_values.data, expected)


def test_a_formula_is_a_graph_of_gates_on_values() -> None:
    x, y, z = Value(-2.0), Value(5.0), Value(-4.0)
    out = Expression("(x + y) * z")(x, y, z)
    out.backward()
    assert out.data == -12.0
    assert (x.grad, y.grad, z.grad) == (-4.0, -4.0, 3.0)
    assert out.gate is autograd.mul
    assert out.operands[0].gate is autograd.add
    assert out.operands[1] is z


def test_a_formula_can_be_differentiated_on_tensors() -> None:
    x, w = Tensor([[0.5], [-1.0]]), Tensor([1.0, 2.0, 3.0])
    Expression("tanh(w * x)")(w, x).sum().backward()
    slopes = 1 - np.tanh(w.data * x.data) ** 2
    np.testing.assert_allclose(w.grad, (slopes * x.data).sum(0))
    np.testing.assert_allclose(x.grad, (slopes * w.data).sum(1, keepdims=True))


def test_a_formula_is_computed_on_arrays_and_keeps_their_dtype() -> None:
    x = np.array([0.5, 2.0], np.float32)
    out = Expression("log(x) * 2 + 1")(x)
    assert out.dtype == np.float32
    np.testing.assert_allclose(out, np.log(x) * 2 + 1, rtol=1e-6)


def test_a_condition_chooses_for_each_element() -> None:
    x = Tensor([-2.0, 3.0])
    out = Expression("where(x > 0, x * x, -x)")(x)
    out.sum().backward()
    np.testing.assert_array_equal(out.data, [2.0, 9.0])
    np.testing.assert_array_equal(x.grad, [-1.0, 6.0])


def test_a_condition_compares_the_numbers_of_values() -> None:
    x = Value(3.0)
    Expression("where(x == 3, x * x, -x)")(x).backward()
    assert x.grad == 6.0


def test_a_variable_alone_is_its_operand() -> None:
    x = Value(1.0)
    assert Expression("x")(x) is x
    assert Expression("+x")(x) is x


@pytest.mark.parametrize(
    ("operands", "named", "message"),
    [
        ((1.0,), {}, "formula 'x / y': missing a required argument: 'y'; its variables are x, y"),
        ((1.0, 2.0, 3.0), {}, "too many positional arguments"),
        ((1.0,), {"z": 2.0}, "missing a required argument: 'y'"),
        ((1.0, 2.0), {"z": 2.0}, "unexpected keyword argument 'z'"),
        ((1.0, 2.0), {"x": 2.0}, "multiple values for argument 'x'"),
    ],
)
def test_operands_that_are_not_the_variables_are_refused(
    operands: tuple[float, ...], named: dict[str, float], message: str
) -> None:
    with pytest.raises(OperandError, match=message):
        Expression("x / y")(*operands, **named)


def test_a_formula_without_variables_takes_no_operands() -> None:
    with pytest.raises(OperandError, match="its variables are none"):
        Expression("1 + 2")(3.0)


def test_a_long_chain_is_read_and_computed_without_recursion() -> None:
    count = 600
    f = Expression(" + ".join(["x"] * count))
    assert f(2.0) == 2.0 * count
    assert len(f.steps) == count - 1


def test_places_are_the_operands_and_the_results_of_the_steps() -> None:
    f = Expression("(x + y) * 2 ** x")
    assert [step.apply for step in f.steps] == [autograd.add, autograd.pow, autograd.mul]
    assert f.places(1.0, 2.0) == [1.0, 2.0, 3.0, 2.0, 6.0]


def test_operands_that_are_left_out_stand_in_the_steps() -> None:
    (step,) = Expression("elu(x)").steps
    assert step.operands == (0, 1.0)
    assert step.operands_at([-2.0]) == [-2.0, 1.0]


def test_the_signature_has_the_variables() -> None:
    assert str(inspect.signature(Expression("b * a"))) == "(b, a)"


@pytest.mark.parametrize(
    "duplicate", [copy.copy, copy.deepcopy, lambda f: pickle.loads(pickle.dumps(f))]
)
def test_a_copy_applies_the_same_gates(duplicate: object) -> None:
    f = Expression("log(x) * 2")
    other = duplicate(f)  # type: ignore[operator]
    assert repr(other) == "Expression('log(x) * 2')"
    assert other.steps == f.steps

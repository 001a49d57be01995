"""``python -m autograd.testing``: what it checks, what it says, and its exit status."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from autograd.testing.__main__ import main

FUNCTIONS = """
import numpy as np
from hypothesis import Phase, given, settings, strategies as st

import autograd
from autograd import Expression, Tensor, tanh
from autograd.testing import check_gradients

seen = []
number = 3
gauss = Expression("exp(-x * x)")

def product(x, y, scale=1.0):
    seen.append((x.shape, y.shape))
    return (tanh(x) * y * scale).sum()

def keyword(x, /, *, y):
    return x * y

def positive(x):
    return np.sqrt(x)

def matrix_norm(w):
    return (w @ w.T).sum()

def hidden(x):
    return tanh(x) + x.data

def fails(x):
    return x * deeper(x)

def deeper(x):
    raise KeyError("no such weight")

def endless(x):
    return endless(x)

def text(x):
    return "x"

def nothing():
    return 0.0

def optional(x=2.0):
    return x * x

def leaves(x):
    raise SystemExit(0)

def plain(x, y):
    return float(np.sum(x * x * y))

def gradient(x, y):
    return 2 * x * y, x * x

def wrong_gradient(x, y):
    return x * y, x * x

@given(st.floats(0.5, 2.0))
def test_right(x):
    check_gradients(lambda x: x * x, x)

@settings(database=None, phases=[Phase.generate], max_examples=5)
@given(st.floats(0.5, 2.0))
def test_wrong(x):
    check_gradients(lambda x: x * x.data, x)

@settings(database=None, phases=[Phase.generate], max_examples=5)
@given(st.floats(0.5, 2.0))
def test_broken(x):
    raise KeyError("broken")
"""


class Result(NamedTuple):
    status: int
    out: str
    err: str


Run = Callable[..., Result]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    def run_in_process(*argv: str) -> Result:
        status = main(argv)
        return Result(status, *capsys.readouterr())

    return run_in_process


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The name of a module that holds the functions above."""
    name = "functions_to_check"
    (tmp_path / f"{name}.py").write_text(FUNCTIONS, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    yield name
    sys.modules.pop(name, None)


def test_a_formula_is_checked_at_a_hundred_points_of_its_domain(run: Run) -> None:
    status, out, err = run("log(x) * sin(y)")
    assert (status, err) == (0, "")
    first, second = out.splitlines()
    assert first == "log(x) * sin(y): the derivatives by x and y are right at 100 points"
    assert second.startswith("  400 derivatives compared; the largest difference is ")


def test_second_derivatives_are_checked_too(run: Run) -> None:
    status, out, _ = run("x ** 3 * y", "--order", "2", "--points", "5")
    assert status == 0
    assert "50 derivatives compared, of first and second order" in out


def test_a_formula_is_checked_at_a_given_point(run: Run) -> None:
    status, out, _ = run("log(x) * y", "--at", "x=2.0", "y=-3")
    assert status == 0
    assert "the derivatives by x and y are right at 1 point\n" in out
    assert "  4 derivatives compared" in out


def test_variables_that_are_not_given_are_drawn(run: Run) -> None:
    status, out, _ = run("log(x - y)", "--at", "y=100", "--points", "7")
    assert status == 0
    assert "at 7 points" in out


@pytest.mark.parametrize("formula", ["-x*y", "-x * y", "--x*y", "-(x)*y", "-sin(x) * y"])
def test_a_formula_may_begin_with_a_minus(run: Run, formula: str) -> None:
    argv = [formula, "--points", "2"]
    if formula.startswith("--"):
        argv = ["--points", "2", "--", formula]
    status, out, _ = run(*argv)
    assert status == 0
    assert out.startswith(f"{formula}: the derivatives by x and y are right")


def test_a_kink_is_said_and_is_no_success(run: Run) -> None:
    status, out, _ = run("abs(x)", "--at", "x=0")
    assert status == 1
    assert out == (
        "abs(x): no derivative by x could be compared at 1 point\n"
        "  1 left out: not smooth; the first by x at x=0.0\n"
    )


def test_a_point_outside_of_the_domain_is_said_and_is_no_success(run: Run) -> None:
    status, out, _ = run("log(x)", "--at", "x=-1")
    assert status == 1
    assert "no derivative by x could be compared" in out


def test_equal_seeds_give_equal_output(run: Run) -> None:
    first, second, other = (
        run("gelu(x) / y", "--points", "3", "--seed", seed).out for seed in ("1", "1", "2")
    )
    assert first == second != other


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["log(x"], "error: formula 'log(x' cannot be read: '(' was never closed"),
        (["sine(x)"], "error: formula 'sine(x)': no gate is called 'sine'; did you mean sin"),
        (["lambda x: x"], "error: formula 'lambda x: x': 'lambda x: x' is not of the formula"),
        (["(" * 50_000], "has 50000 characters; it may have up to 10000"),
        (["log(-x*x)"], "error: formula 'log(-x*x)': no point was found"),
        (["2 * 3"], "error: formula '2 * 3' has no variable"),
        (["x * y", "--at", "z=1"], "error: --at z=...: x * y has no parameter z; it has x, y"),
        (["x * y", "--range", "z=0:1"], "error: --range z=...: x * y has no parameter z"),
        (["x", "--at", "x=1", "--range", "x=0:1"], "error: --range x=...: x is held by --at"),
        (["x", "--shape", "x=3"], "error: --shape is for functions"),
        (["x", "--at", "x=one"], "argument --at: 'x=one' is not a parameter and a finite number"),
        (["x", "--at", "x=inf"], "argument --at: 'x=inf' is not a parameter and a finite number"),
        (["x", "--at", "2"], "argument --at: '2' is not a parameter"),
        (["x", "--at", "x=1", "x=2"], "argument --at: x is given twice"),
        (["x", "--range", "x=5:0"], "argument --range: 'x=5:0' is not a parameter and two numbers"),
        (["x", "--range", "x=5"], "argument --range: 'x=5' is not"),
        (["x", "--shape", "x=3,-4"], "argument --shape: 'x=3,-4' is not a parameter and a shape"),
        (["x", "--points", "0"], "argument --points: '0' is not a whole number of at least 1"),
        (["x", "--seed", "-1"], "' -1' is not a whole number of at least 0"),
        (["x", "--order", "3"], "argument --order: invalid choice"),
        (["x", "--gradient", "x"], "error: --gradient is 'x'; write package.module:function"),
        (["x", "--gradient", "math:exp", "--order", "2"], "--gradient is checked with --order 1"),
        (["x", "--unknown"], "unrecognized arguments: --unknown"),
        (["no_such_module:f"], "error: there is no module 'no_such_module'"),
        (["math.no_such:f"], "error: there is no module 'math.no_such'"),
        (["math:no_such"], "error: module math has no attribute 'no_such'"),
        (["math:pi"], "error: math:pi is of type float, which cannot be called"),
        (["math:sin.no_such"], "error: sin has no attribute 'no_such'"),
        (["path/to/file.py:f"], "'path/to/file.py' is not the name of a module"),
        (["file.py:f"], "'file.py' is not the name of a module; write package.module:function"),
        (["builtins:dict"], "the parameters of builtins:dict are not known"),
    ],
)
def test_what_cannot_be_checked_is_said_on_stderr(run: Run, argv: list[str], message: str) -> None:
    status, out, err = run(*argv)
    assert (status, out) == (2, "")
    assert message in err


def test_without_arguments_there_is_help_with_examples(run: Run) -> None:
    status, out, _ = run()
    assert status == 2
    assert out.count("\n  python -m autograd.testing ") == 3


def test_help_is_a_success(run: Run) -> None:
    status, out, _ = run("--help")
    assert status == 0
    assert "--gradient MODULE:FUNCTION" in out


def test_a_function_is_checked_at_random_numbers(run: Run, module: str) -> None:
    status, out, _ = run(f"{module}:product")
    assert status == 0
    assert out.startswith(f"{module}:product: the derivatives by x and y are right at 10 points\n")
    assert set(sys.modules[module].seen) == {((), ())}


@pytest.mark.parametrize("shape", ["3,4", "3x4", "(3,4)"])
def test_shapes_make_arrays(run: Run, module: str, shape: str) -> None:
    status, _, _ = run(f"{module}:product", "--shape", f"x={shape}", "y=4,", "--points", "1")
    assert status == 0
    assert sys.modules[module].seen[0] == ((3, 4), (4,))


def test_a_parameter_with_a_default_is_moved_where_an_option_names_it(
    run: Run, module: str
) -> None:
    status, out, _ = run(f"{module}:product", "--at", "scale=3", "--points", "2")
    assert status == 0
    assert "by x, y and scale are right at 2 points" in out
    status, out, _ = run(f"{module}:optional", "--range", "x=0:1", "--points", "2")
    assert status == 0
    assert "by x are right" in out


def test_ranges_keep_a_function_inside_of_its_domain(run: Run, module: str) -> None:
    status, out, _ = run(f"{module}:positive", "--range", "x=1:5")
    assert status == 0
    assert "left out" not in out
    status, out, _ = run(f"{module}:positive")
    assert status == 0
    assert "left out: not smooth; the first by x at x=-" in out


def test_positional_only_parameters_and_keywords_are_given(run: Run, module: str) -> None:
    status, out, _ = run(f"{module}:keyword")
    assert status == 0
    assert "by x and y are right" in out


def test_a_wrong_derivative_is_reported_with_its_point(run: Run, module: str) -> None:
    status, out, err = run(f"{module}:hidden", "--at", "x=0.5")
    assert (status, err) == (1, "")
    assert out.startswith(f"{module}:hidden: wrong at x=0.5\n\nthe gradient by x is wrong\n")


def test_a_gate_and_an_expression_of_a_module_are_checked_as_formulas(
    run: Run, module: str
) -> None:
    status, out, _ = run("autograd:log1p")
    assert status == 0
    assert out.startswith("log1p(x): the derivatives by x are right at 100 points")
    status, out, _ = run(f"{module}:gauss")
    assert status == 0
    assert out.startswith("exp(-x * x): the derivatives by x are right at 100 points")


def test_a_gradient_of_another_library_is_checked_on_arrays(run: Run, module: str) -> None:
    shape = ["--shape", "x=3", "y=3"]
    status, out, _ = run(f"{module}:plain", "--gradient", f"{module}:gradient", *shape)
    assert status == 0
    assert "by x and y are right" in out
    status, out, _ = run(f"{module}:plain", "--gradient", f"{module}:wrong_gradient", *shape)
    assert status == 1
    assert "it is 0.5 times the right one" in out or "the gradient by x is wrong" in out


def test_an_exception_of_the_function_is_shown_with_its_lines(run: Run, module: str) -> None:
    status, out, err = run(f"{module}:fails", "--at", "x=1")
    assert (status, out) == (2, "")
    first, outer, inner, last = err.splitlines()
    assert first == f"error: {module}:fails raised at x=1.0"
    assert outer.endswith("in fails: return x * deeper(x)")
    assert inner.endswith("""in deeper: raise KeyError("no such weight")""")
    assert last == "  KeyError: 'no such weight'"


def test_of_endless_recursion_the_last_lines_are_shown(run: Run, module: str) -> None:
    status, _, err = run(f"{module}:endless")
    assert status == 2
    assert "RecursionError" in err
    assert len(err.splitlines()) < 10


@pytest.mark.parametrize(
    ("function", "message"),
    [
        ("text", "'x'"),
        ("nothing", "has no parameter without a default"),
        ("optional", "name those to move by --at or --range"),
        ("number", "is of type int, which cannot be called"),
        ("leaves", "SystemExit: 0"),
        ("no_such", "has no attribute 'no_such'"),
    ],
)
def test_functions_that_cannot_be_checked_are_refused(
    run: Run, module: str, function: str, message: str
) -> None:
    status, out, err = run(f"{module}:{function}")
    assert (status, out) == (2, "")
    assert message in err


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("import no_such_package_of_mine", "No module named 'no_such_package_of_mine'"),
        ("1 / 0", "ZeroDivisionError: division by zero"),
        ("import sys; sys.exit(0)", "SystemExit: 0"),
        ("def f(:", "SyntaxError"),
    ],
)
def test_a_module_that_cannot_be_imported_is_no_success(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str, message: str
) -> None:
    (tmp_path / "module_that_fails.py").write_text(source, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    status, out, err = run("module_that_fails:f")
    assert (status, out) == (2, "")
    assert "error: module_that_fails:f raised" in err
    assert message in err


def test_a_hypothesis_test_is_run_as_it_is(run: Run, module: str) -> None:
    status, out, _ = run(f"{module}:test_right")
    assert (status, out) == (0, f"{module}:test_right: passed\n")


def test_a_hypothesis_test_that_fails_is_reported_with_its_arguments(run: Run, module: str) -> None:
    status, out, _ = run(f"{module}:test_wrong")
    assert status == 1
    assert "the gradient by x is wrong" in out
    assert "test_wrong(\n    x=" in out


def test_a_hypothesis_test_that_breaks_is_shown(run: Run, module: str) -> None:
    status, _, err = run(f"{module}:test_broken")
    assert status == 2
    assert "KeyError: 'broken'" in err


def test_a_hypothesis_test_takes_no_options(run: Run, module: str) -> None:
    status, _, err = run(f"{module}:test_right", "--points", "3")
    assert status == 2
    assert "test_right is a test, which draws its inputs itself" in err


def test_the_module_runs_as_a_program_in_the_current_directory(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text("def f(x):\n    return x * x.data\n", encoding="utf-8")
    root = str(Path(__file__).resolve().parents[2])
    done = subprocess.run(
        [sys.executable, "-m", "autograd.testing", "mine:f"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": root},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (1, "")
    assert "mine:f: wrong at x=" in done.stdout

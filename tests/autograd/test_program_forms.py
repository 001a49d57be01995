"""A program as source, as a NumPy function, as a graph, as a report, and in a file."""

from __future__ import annotations

import json
import math
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from random_functions import random_function

import autograd
from autograd import Program, Value, load_program, take, trace
from autograd.errors import FormatError, OperandError
from autograd.serialization import load, save
from autograd.tape import numpy_machine

few = settings(max_examples=20)


class Subject(NamedTuple):
    """A random traced function, and arguments for its program."""

    program: Program
    arguments: list[Any]


def subject(rng: Random, optimize: bool = True) -> Subject:
    function = random_function(rng)
    parameters = [Value(number) for number in function.parameters]
    traced = trace(function.traceable(parameters), optimize=optimize)
    arguments = function.filled(function.samples[0])
    return Subject(traced.program(*arguments), arguments)


def numbers_in(tree: Any) -> list[float]:
    leaves, _ = autograd.structures.flatten(tree, "tree")
    return np.concatenate([np.zeros(0), *map(np.ravel, leaves)]).tolist()


def near(numbers: list[float]) -> Any:
    return pytest.approx(numbers, rel=1e-11, abs=1e-11, nan_ok=True)


@few
@given(rng=st.randoms(use_true_random=False))
def test_source_gives_the_results_of_the_program_to_the_last_bit(rng: Random) -> None:
    program, arguments = subject(rng, optimize=False)
    scope: dict[str, Any] = {}
    exec(compile(program.source(), "source", "exec"), scope)
    function = scope[program.name if program.name.isidentifier() else "program"]
    leaves, _ = program.leaves_of(arguments)
    expected = numbers_in(program.run(*arguments))
    # NumPy's exponential, say, and that of C differ in the last digit.
    exact = program.runner is not numpy_machine
    assert numbers_in(function(*leaves)) == (expected if exact else near(expected))


@few
@given(rng=st.randoms(use_true_random=False))
def test_numpy_function_gives_the_results_of_the_program(rng: Random) -> None:
    program, arguments = subject(rng)
    expected = numbers_in(program.run(*arguments))
    assert numbers_in(program.to_numpy()(*arguments)) == near(expected)


@few
@given(rng=st.randoms(use_true_random=False))
def test_graph_has_the_results_of_the_program(rng: Random) -> None:
    program, arguments = subject(rng)
    expected = numbers_in(program.run(*arguments))
    assert [float(node) for node in program.graph()] == near(expected)


@few
@given(rng=st.randoms(use_true_random=False))
def test_loaded_program_does_the_same_to_the_last_bit(
    rng: Random, tmp_path_factory: pytest.TempPathFactory
) -> None:
    program, arguments = subject(rng)
    path = program.save(tmp_path_factory.mktemp("programs") / "program")
    loaded = load_program(path)
    assert (repr(loaded), loaded.report) == (repr(program), program.report)
    assert numbers_in(loaded.run(*arguments)) == numbers_in(program.run(*arguments))
    assert loaded.sample == program.sample


def test_numpy_function_runs_over_samples() -> None:
    table = [Value(10.0), Value(20.0)]
    program = trace(lambda x, i: [x * x, take(table, i) + 1, 5.0]).program(1.0, 0)
    squares, taken, fives = program.to_numpy()([1.0, 2.0], [1, 0])
    assert (squares.tolist(), taken.tolist(), fives.tolist()) == ([1, 4], [21, 11], [5, 5])


def test_names_in_the_source_are_identifiers_and_differ() -> None:
    names = ["w", "w", "class", "a-b", "", "v0", "autograd", '"]); raise SystemExit #', None]
    weights = [Value(float(i), name) for i, name in enumerate(names)]
    program = trace(lambda x: sum(w * x["w"][0] for w in weights)).program({"w": [2.0]})
    scope: dict[str, Any] = {}
    exec(compile(program.source(), "source", "exec"), scope)
    assert scope["program"](2.0) == 2.0 * sum(range(len(names)))


def test_numbers_that_are_not_finite_or_negative_stand_in_the_source() -> None:
    program = trace(
        lambda x: [x * math.inf, x + math.nan, x - -0.0, (x * -1.0) ** -2.0], optimize=False
    ).program(1.0)
    scope: dict[str, Any] = {}
    exec(compile(program.source(), "source", "exec"), scope)
    first, second, third, fourth = scope["program"](3.0)
    assert (first, third, fourth) == (math.inf, 3.0, 1 / 9)
    assert math.isnan(second)


def test_structures_of_all_kinds_come_back_from_a_file(tmp_path: Path) -> None:
    class Pair(NamedTuple):
        x: float
        y: float

    def f(pair: Any, weights: Any, matrix: Any) -> Any:
        total = pair.x * pair.y + weights["w"][0] * weights[3]
        return {"total": (total,), "matrix": matrix * 2.0}

    arguments = (Pair(1.0, 2.0), {"w": [3.0], 3: 4.0}, np.array([[5.0, 6.0]]))
    program = trace(f).program(*arguments)
    loaded = load_program(program.save(tmp_path / "program.npz"))
    result = loaded.run(*arguments)
    assert result["total"] == (14.0,)
    assert result["matrix"].tolist() == [[10.0, 12.0]]
    with pytest.raises(OperandError, match=r"has the key 2\.5"):
        trace(lambda x: x[2.5]).program({2.5: 1.0}).save(tmp_path / "other.npz")


def test_loaded_parameters_are_new_values_with_their_names(tmp_path: Path) -> None:
    w, b = Value(3.0, "w"), Value(1.0)
    program = trace(lambda x: w * x + b).program(2.0)
    w.data = 4.0
    loaded = load_program(program.save(tmp_path / "program"))
    assert [(value.name, value.data) for value in loaded.parameters] == [("w", 4.0), (None, 1.0)]
    w.data = 0.0
    assert loaded.run(2.0) == 9.0


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> dict[str, np.ndarray]:
    ws = [Value(0.5 + i) for i in range(4)]

    def f(xs: Any, i: Any) -> Any:
        hidden = [
            autograd.tanh(sum(w * x for w, x in zip(ws, xs, strict=True)) + k) for k in (1, 2)
        ]
        return autograd.mean([*hidden, take(ws, i), autograd.where(xs[0], xs[1], ws[2])])

    folder = tmp_path_factory.mktemp("saved")
    return load(trace(f).program([1.0, 2.0, 3.0, 4.0], 2).save(folder / "program.npz"))


@given(data=st.data())
def test_damaged_file_is_refused_or_runs(
    saved: dict[str, np.ndarray], tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    arrays = {name: array.copy() for name, array in saved.items()}
    name = data.draw(st.sampled_from([n for n in arrays if len(arrays[n])]))
    array = arrays[name]
    place = data.draw(st.integers(0, len(array) - 1))
    if array.dtype.kind == "f":
        array[place] = data.draw(st.floats())
    else:
        limits = np.iinfo(array.dtype)
        near_by = st.integers(-2, 60).map(lambda i: max(limits.min, i))
        array[place] = data.draw(near_by | st.integers(limits.min, limits.max))
    if data.draw(st.booleans()):
        arrays[name] = array[: data.draw(st.integers(0, len(array)))]
    path = save(tmp_path_factory.mktemp("damaged") / "program.npz", arrays)
    try:
        loaded = load_program(path)
    except FormatError:
        return
    try:
        value, gradients = loaded.value_and_grad([1.0, 2.0, 3.0, 4.0], 2)
    except OperandError:
        return  # an index, a structure
    assert isinstance(value, float)
    assert len(gradients) == len(loaded.parameters)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"version": 2}, "of version 2; this gategrad reads 1"),
        ({"gates": ["warp"] * 100}, "a gate 'warp', which this gategrad lacks"),
        ({"output": ["list", [None, None]]}, "not an output for each result"),
        ({"output": ["set", []]}, "is no structure"),
        ({"parameter_names": []}, "not a name for each parameter"),
        ({"name": 3}, "a name is no text"),
    ],
)
def test_text_that_says_something_else_is_refused(
    saved: dict[str, np.ndarray], tmp_path: Path, change: dict[str, Any], problem: str
) -> None:
    about = json.loads(saved["program"].tobytes().decode()) | change
    text = np.frombuffer(json.dumps(about).encode(), np.uint8)
    path = save(tmp_path / "program.npz", saved | {"program": text})
    with pytest.raises(FormatError, match=problem):
        load_program(path)


def test_file_of_something_else_is_refused(tmp_path: Path) -> None:
    path = save(tmp_path / "weights.npz", {"w": np.ones(3)})
    with pytest.raises(FormatError, match="no array 'codes', which a program has"):
        load_program(path)
    with pytest.raises(OSError, match="missing"):
        load_program(tmp_path / "missing.npz")


def test_report_counts_what_became_of_the_gates() -> None:
    ws = [Value(float(i)) for i in range(6)]

    def f(xs: Any) -> Any:
        constant = Value(2.0) * 3.0
        unused = xs[0] * 7.0  # noqa: F841 - it is to be left out
        squares = [x * x + constant for x in xs] + [x * x + constant for x in xs]
        return sum(w * square for w, square in zip(ws, squares, strict=True)).exp()

    program = trace(f).program([1.0, 2.0, 3.0])
    text = program.explain()
    report = program.report
    assert (report.folded, report.left) == (1, len(program))
    assert report.recorded == report.folded + report.merged + report.rolled_up + report.left
    assert report.merged >= 7
    for line in ("dot, matrix by vector", "mul", "exp", "1 folded", "memory: "):
        assert line in text
    shares = [float(line.split()[-1][:-1]) for line in text.splitlines() if line.endswith("%")]
    assert sum(shares) == pytest.approx(100, abs=0.5)

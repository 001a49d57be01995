"""Inputs by name: a program is run with what is fed, whatever the order, and nothing is guessed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import Tensor, TensorProgram, Value, load_program, trace
from autograd.errors import OperandError, ShapeError
from autograd.tensor_programs import record_tensors

NUMBERS = st.floats(-100, 100)


def weighted(x: Any, y: Any, z: Any) -> Any:
    return x - 2.0 * y + 3.0 * x * z


SCALAR = trace(weighted).program(0.0, 0.0, 0.0)
ARRAY = trace(weighted).program(Tensor([0.0, 0.0]), np.zeros(2), np.zeros(2))


@given(st.tuples(NUMBERS, NUMBERS, NUMBERS), st.permutations("xyz"), st.integers(0, 3))
def test_a_feed_in_any_order_gives_what_places_give(
    numbers: tuple[float, float, float], order: list[str], by_place: int
) -> None:
    feed = dict(zip("xyz", numbers, strict=True))
    rest = {name: feed[name] for name in order if name not in "xyz"[:by_place]}
    assert SCALAR.run(*numbers[:by_place], feed=rest) == SCALAR.run(*numbers)
    arrays = {name: [number, 1.0] for name, number in rest.items()}
    given_arrays = [[number, 1.0] for number in numbers[:by_place]]
    found = ARRAY.run(*given_arrays, feed=arrays)
    np.testing.assert_array_equal(found, weighted(*np.array([numbers, (1.0, 1.0, 1.0)]).T))


def test_a_feed_may_hold_many_samples() -> None:
    found = SCALAR.run(feed={"z": 0.0, "x": [1.0, 2.0], "y": [0.5, 0.0]})
    np.testing.assert_array_equal(found, [0.0, 2.0])


def test_an_array_program_returns_what_the_function_returns_as_numbers() -> None:
    w = Tensor([2.0, 3.0])
    program = trace(lambda x: {"sum": (w * x).sum(), "parts": [w * x, 7]}).program(np.ones(2))
    assert isinstance(program, TensorProgram)
    found = program.run(feed={"x": np.array([1.0, 10.0])})
    assert found["sum"] == 32.0 and type(found["sum"]) is float
    assert found["parts"][0].tolist() == [2.0, 30.0] and found["parts"][1] == 7
    assert type(found["parts"][0]) is np.ndarray


def test_the_parameters_of_an_array_program_are_read_at_each_run() -> None:
    w = Tensor([2.0, 3.0])
    program = trace(lambda x: w * x).program(np.ones(2))
    w.data = np.zeros(2)
    first = program.run(np.ones(2))
    w.data = np.ones(2)
    assert program.run(np.ones(2)).tolist() == [1.0, 1.0]
    assert first.tolist() == [0.0, 0.0]  # an array of its own
    assert w.grad is None


def test_arrays_are_taken_in_the_dtype_that_was_recorded() -> None:
    ones = Tensor(np.ones(2, np.float32))
    program = trace(lambda x: x * ones).program(np.ones(2, np.float32))
    for fed in ([1, 2], np.array([1.0, 2.0]), Tensor([1.0, 2.0])):
        found = program.run(feed={"x": fed})
        assert found.dtype == np.float32 and found.tolist() == [1.0, 2.0]


@pytest.mark.filterwarnings("ignore::autograd.errors.TraceWarning")
def test_a_function_that_is_run_anew_at_each_call_is_fed_as_well() -> None:
    rng, w = np.random.default_rng(0), Tensor([1.0, 1.0])
    program = trace(lambda x: w * x * rng.normal(size=2)).program(np.ones(2))
    assert program.fallback is not None
    first, second = (program.run(feed={"x": [1.0, 1.0]}) for _ in range(2))
    assert type(first) is np.ndarray and (first != second).all()


def test_parts_of_an_argument_that_are_no_variables_must_be_what_was_recorded() -> None:
    w = Tensor(np.ones(2))
    f = trace(lambda pair, power: (w * pair["x"]).sum() ** pair["n"] + power)
    program = f.program({"x": np.ones(2), "n": 2}, 1)
    assert [argument.name for argument in program.arguments] == ["pair"]
    assert program.run(feed={"pair": {"n": 2, "x": np.ones(2)}}) == 5.0
    with pytest.raises(OperandError, match=r"pair\['n'\] is 3, and the program was recorded with"):
        program.run(feed={"pair": {"x": np.ones(2), "n": 3}})
    with pytest.raises(OperandError, match="pair is a list of 2, and the recorded pair is a dict"):
        program.run(feed={"pair": [1.0, 2.0]})
    with pytest.raises(OperandError, match="has no input 'power'; its inputs are pair"):
        program.run(feed={"pair": {"x": np.ones(2), "n": 2}, "power": 1})


def test_a_program_without_inputs_is_run_as_it_is() -> None:
    x, y = Value(10.0), Value(20.0)
    assert trace(lambda: x + y).program().run() == 30.0
    assert trace(lambda: x + y).program().run(feed={}) == 30.0


def test_a_result_is_assigned_to_a_variable() -> None:
    z = Value(0.0)
    program = trace(lambda x: z + x + 20).program(0.0)
    z.data = program.run(feed={"x": 10})
    z.data = program.run(feed={"x": 10})
    assert z.data == 60.0


def test_a_loaded_program_knows_its_names(tmp_path: Path) -> None:
    program = load_program(SCALAR.save(tmp_path / "program"))
    assert program.run(feed={"z": 0.0, "y": 1.0, "x": 5.0}) == 3.0


def test_inputs_of_a_recorded_run_are_called_by_their_places() -> None:
    program = record_tensors(lambda inputs: [inputs[0] * inputs[1]], [np.ones(2), np.ones(2)])
    found = program.run([1.0, 2.0], feed={"inputs[1]": [3.0, 4.0]})
    assert type(found) is list and found[0].tolist() == [3.0, 8.0]


@pytest.mark.parametrize("program", [SCALAR, ARRAY], ids=["scalar", "array"])
@pytest.mark.parametrize(
    ("inputs", "feed", "message"),
    [
        ([], {"x": 1.0}, "weighted: the feed lacks y, z"),
        ([1.0], {"z": 1.0}, "weighted: the feed lacks y"),
        ([], {"w": 1.0}, "weighted has no input 'w'; its inputs are x, y, z"),
        ([], {0: 1.0}, "weighted has no input 0; its inputs"),
        (
            [1.0],
            {"x": 1.0, "y": 1.0, "z": 1.0},
            "weighted: x is given by its place and in the feed",
        ),
        ([1.0], None, "weighted was traced with 3 arguments, and 1 were given"),
        ([1.0], {}, "weighted was traced with 3 arguments, and 1 were given"),
        ([1.0] * 4, {}, "weighted was traced with 3 arguments, and 4 were given"),
        ([], [1.0], r"feed is \[1\.0\]; pass a dict of the inputs of weighted by name: x, y, z"),
    ],
)
def test_missing_unknown_and_doubled_names_are_refused(
    program: Any, inputs: list[float], feed: Any, message: str
) -> None:
    with pytest.raises(OperandError, match=message):
        program.run(*inputs, feed=feed)


def test_what_is_fed_must_fit() -> None:
    with pytest.raises(OperandError, match="y is 'a'"):
        SCALAR.run(feed={"x": 1.0, "y": "a", "z": 1.0})
    with pytest.raises(OperandError, match="y is 'a': it must be an array of numbers"):
        ARRAY.run(feed={"x": np.ones(2), "y": "a", "z": np.ones(2)})
    with pytest.raises(ShapeError, match=r"shape \(3,\), and was recorded with shape \(2,\)"):
        ARRAY.run(feed={"x": np.ones(3), "y": np.ones(2), "z": np.ones(2)})

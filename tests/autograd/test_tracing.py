"""trace: which arguments it takes, what its results are, and when it runs the function again."""

from __future__ import annotations

import decimal
import functools
import math
import random
import re
import threading
import warnings
from collections.abc import Callable
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
import pytest

import autograd
from autograd import Tensor, Value, grad, gradients, no_grad, take, tanh, trace, vmap
from autograd.errors import OperandError, SettingError, ShapeError, TraceError, TraceWarning
from autograd.modes import OPEN_MODES


class Pair(NamedTuple):
    x: Any
    y: Any


@pytest.mark.parametrize(
    ("arguments", "f"),
    [
        ((2.0,), lambda x: x * x),
        ((2,), lambda x: x * x),
        ((True,), lambda x: 3.0 if x else 4.0),
        ((np.float32(1.5), np.int64(3), np.array(2.0)), lambda x, y, z: x * y + z),
        ((Fraction(1, 4),), lambda x: x * 2),
        ((decimal.Decimal("0.5"),), lambda x: x * 2),
        (([1.0, [2.0, 3]], {"w": (4.0,)}), lambda x, y: x[0] * x[1][1] + y["w"][0]),
        ((Pair(1.0, Pair(2.0, 3.0)),), lambda p: p.x * p.y.x - p.y.y),
        ((np.arange(6.0).reshape(2, 3),), lambda x: (x[0] * x[1]).sum()),
        ((np.arange(3, dtype=np.uint8), [np.ones(2, np.float16)]), lambda x, y: x[2] * y[0][1]),
        ((np.array([Value(2.0), 3.0], object),), lambda x: x[0] * x[1]),
        (([], {}, ()), lambda x, y, z: Value(1.0) * 2.0),
        (("sum", None, b"x", [1.0, 2.0]), lambda how, *rest: getattr(autograd, how)(rest[-1])),
    ],
)
def test_result_is_that_of_the_function(arguments: Any, f: Callable[..., Any]) -> None:
    traced = trace(f)
    for _ in range(2):
        result = traced(*arguments)
        assert type(result) is Value
        assert result.data == float(f(*arguments))
    assert len(traced.programs) == 1


def test_integer_that_no_float_equals_is_refused() -> None:
    with pytest.raises(OverflowError):
        trace(lambda x: x)(2**53 + 1)


def test_values_among_the_arguments_get_gradients() -> None:
    f = trace(lambda x, ys: x * ys[0] * ys[1])
    x, y = Value(2.0), Value(3.0)
    for factor in (5.0, 7.0):
        f(x * 1.0, [y, factor]).backward()
    assert (x.grad, y.grad) == (3 * 5 + 3 * 7, 2 * 5 + 2 * 7)
    assert len(f.programs) == 1


def test_parameters_are_read_at_each_call_and_gradients_accumulate() -> None:
    w = Value(3.0)
    f = trace(lambda x: w * x)
    f(2.0).backward()
    w.data = 10.0
    result = f(5.0)
    result.backward()
    assert (result.data, w.grad) == (50.0, 7.0)
    result.backward()
    assert w.grad == 12.0


def test_result_goes_on_in_eager_arithmetic() -> None:
    w, v = Value(3.0), Value(4.0)
    f = trace(lambda x: w * x)
    total = f(2.0) * v + f(1.0)
    total.backward()
    assert (total.data, w.grad, v.grad) == (27.0, 2 * 4 + 1, 6.0)


def test_result_stays_right_while_later_calls_run() -> None:
    w = Value(3.0)
    f = trace(lambda x: tanh(w * x) * w)
    results = [f(float(x)) for x in range(20)]
    for x, result in enumerate(results):
        w.grad = 0.0
        result.backward()
        expected = math.tanh(3.0 * x) + 3.0 * x * (1 - math.tanh(3.0 * x) ** 2)
        assert w.grad == pytest.approx(expected, rel=1e-12)


def test_each_of_several_results_has_its_own_gradient() -> None:
    w = Value(3.0)
    outputs = trace(lambda x: {"a": [w * x, x], "b": (w, 5.0)})(2.0)
    (outputs["a"][0] * 10 + outputs["b"][0]).backward()
    assert w.grad == 21.0
    assert (outputs["a"][1].data, outputs["b"][1].data) == (2.0, 5.0)
    assert isinstance(outputs["b"], tuple)


def test_results_have_no_graph_in_no_grad_and_parameters_have_one_if_it_was_traced_there() -> None:
    w = Value(3.0)
    f = trace(lambda x: w * x)
    with no_grad():
        assert f(2.0).operands == ()
    f(2.0).backward()
    assert w.grad == 2.0


def test_part_without_gradient_is_computed_anew_without_one() -> None:
    w = Value(3.0)

    @trace
    def f(x: Any) -> Any:
        with no_grad():
            scale = w * 2.0
        return w * x * scale + autograd.stop_gradient(w)

    f(1.0)
    w.data, w.grad = 4.0, 0.0
    result = f(1.0)
    result.backward()
    assert (result.data, w.grad) == (36.0, 8.0)


def test_keyword_arguments_have_programs_of_their_own() -> None:
    f = trace(lambda x, y=2.0: x * y)
    assert [f(3.0).data, f(3.0, 4.0).data, f(3.0, y=5.0).data, f(y=5.0, x=1.0).data] == [
        6,
        12,
        15,
        5,
    ]
    assert len(f.programs) == 4


def test_static_arguments_decide() -> None:
    @trace(static=["power"])
    def f(x: Any, power: Any) -> Any:
        return x**power if power > 1 else x

    assert [f(3.0, 2).data, f(3.0, 1).data, f(4.0, power=2).data] == [9.0, 3.0, 16.0]
    with pytest.raises(OperandError, match=r"argument power is \[1\], which is not hashable"):
        f(3.0, [1])


def test_name_that_is_no_argument_cannot_be_static() -> None:
    with pytest.raises(SettingError, match="f has no argument 'n' to be static; it has x"):

        @trace(static="n")
        def f(x: Any) -> Any:
            return x


class Model:
    """A parameter, and methods that are traced."""

    def __init__(self, w: float) -> None:
        self.w = Value(w)

    @trace
    def scaled(self, x: Any) -> Any:
        """The product with the parameter."""
        return self.w * x


def test_methods_are_traced_for_each_object() -> None:
    one, other = Model(2.0), Model(3.0)
    assert [one.scaled(5.0).data, other.scaled(5.0).data, one.scaled(6.0).data] == [10, 15, 12]
    one.scaled(5.0).backward()
    assert (one.w.grad, other.w.grad) == (5.0, 0.0)
    assert trace(other.scaled)(2.0).data == 6.0


def test_model_may_be_an_argument() -> None:
    loss = trace(lambda model, x: model.w * x)
    one, other = Model(2.0), Model(3.0)
    assert [loss(one, 1.0).data, loss(other, 1.0).data, loss(one, 2.0).data] == [2.0, 3.0, 4.0]


def test_programs_are_kept_up_to_their_number_the_last_used_longest() -> None:
    f = trace(lambda x: sum(x), most_programs=2)
    first = f.program([1.0])
    f.program([1.0, 2.0])
    assert f.program([5.0]) is first
    f.program([1.0, 2.0, 3.0])
    assert [len(program.arguments[0].structure.children) for program in f.programs] == [1, 3]
    f.retrace()
    assert f.programs == []
    with pytest.raises(SettingError, match="most_programs is 0"):
        trace(lambda x: x, most_programs=0)


def test_what_is_no_function_is_refused() -> None:
    with pytest.raises(OperandError, match=r"trace: 3\.0 is not a function"):
        trace(3.0)  # type: ignore[arg-type]


def test_traced_function_within_another_is_part_of_it() -> None:
    w = Value(2.0)
    inner = trace(lambda x: w * x)
    outer = trace(lambda x: inner(x) + inner(x * 3.0))
    result = outer(5.0)
    result.backward()
    assert (result.data, w.grad) == (40.0, 20.0)
    assert inner.programs == []
    assert [p is w for p in outer.programs[0].parameters] == [True]


def test_gradient_of_a_function_may_be_traced_to_any_order() -> None:
    def f(x: Any) -> Any:
        return autograd.exp(x * 2.0) * x + autograd.relu(x)

    slope, curvature = trace(grad(f)), trace(grad(grad(f)))
    for x in (0.5, -1.0):
        assert slope(x).data == pytest.approx(grad(f)(x), rel=1e-12)
        assert curvature(x).data == pytest.approx(grad(grad(f))(x), rel=1e-12)
    assert len(slope.programs) == 1
    assert slope.programs[0].run([0.5, -1.0]).tolist() == pytest.approx(
        [grad(f)(0.5), grad(f)(-1.0)], rel=1e-12
    )


def test_gradients_within_a_traced_function_are_differentiated_again() -> None:
    w = Value(1.5)

    @trace
    def penalty(x: Any) -> Any:
        y = tanh(w * x)
        (slope,) = gradients(y, [x], create_graph=True)
        return slope * slope

    penalty(Value(0.3)).backward()
    once, w.grad = w.grad, 0.0
    penalty.__wrapped__(Value(0.3)).backward()
    assert once == pytest.approx(w.grad, rel=1e-12)


def test_graph_of_the_gradient_of_a_result_is_refused_with_the_way_out() -> None:
    x = Value(2.0)
    result = trace(lambda v: v * v)(x)
    with pytest.raises(OperandError, match=r"gradients have no graph: .*trace\(grad\(f\)\)"):
        gradients(result, x, create_graph=True)
    assert gradients(result, x).data == 4.0


def test_failure_within_the_function_leaves_nothing_behind() -> None:
    calls = []

    @trace
    def f(x: Any) -> Any:
        calls.append(1)
        if len(calls) == 1:
            raise RuntimeError("once")
        return x * 2.0

    with pytest.raises(RuntimeError, match="once"):
        f(1.0)
    assert f.programs == []
    assert OPEN_MODES.tolist() == [0, 0]
    with pytest.warns(TraceWarning):
        assert f(1.0).data == 2.0


def frozen(reading: str, way_out: str) -> str:
    return rf"{re.escape(__file__)}:\d+: {reading} within a traced function .*{way_out}"


@pytest.mark.parametrize(
    ("f", "reading", "way_out"),
    [
        (lambda x: 1.0 if x else 2.0, r"bool\(v\)", r"autograd\.where"),
        (lambda x: x if x > 0 else -x, "a comparison", r"autograd\.where, maximum"),
        (lambda x: max(x, 0.0), "a comparison", "maximum"),
        (lambda x: x * float(x), r"float\(v\)", r"stop_gradient\(v\)"),
        (lambda x: [1.0, 2.0][int(x)], r"int\(v\)", r"autograd\.take\(table, index\)"),
        (lambda x: [1.0, 2.0][x], "v as an index", r"autograd\.take\(table, index\)"),
        (lambda x: x * x.data, r"v\.data", r"stop_gradient\(v\)"),
        (lambda x: x * math.exp(x), r"float\(v\)", r"autograd\.exp stands for math\.exp"),
        (lambda x: (x * x).backward(), r"backward\(\)", "the result of the traced function"),
    ],
)
def test_what_would_be_frozen_is_refused_with_its_line_and_the_way_out(
    f: Callable[[Any], Any], reading: str, way_out: str
) -> None:
    with pytest.raises(TraceError, match=frozen(reading, way_out)):
        trace(f)(1.0)


def test_random_numbers_within_the_function_are_told() -> None:
    with pytest.warns(TraceWarning, match="random numbers were drawn .*: pass them as arg") as told:
        trace(lambda x: x * random.random())(1.0)
    assert told[0].filename == __file__


def test_change_of_a_captured_list_is_told_and_the_function_traced_again() -> None:
    scales = [2.0]
    f = trace(lambda x: x * scales[0])
    assert f(3.0).data == 6.0
    scales[0] = 5.0
    change = r"scales.*, which .* captured, was 2\.0 .*, and is 5\.0: it is traced again"
    with pytest.warns(TraceWarning, match=change) as told:
        assert f(3.0).data == 15.0
    assert told[0].filename == __file__
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert f(4.0).data == 20.0


def test_change_made_by_the_function_itself_is_told() -> None:
    seen: list[Any] = []

    @trace
    def f(x: Any) -> Any:
        seen.append(1)
        return x

    with pytest.warns(TraceWarning, match="f changed what it captured while it was traced"):
        f(1.0)


def test_trained_traced_model_is_that_of_the_eager_engine() -> None:
    ends = []
    points = np.random.default_rng(0).normal(size=(20, 2))
    labels = np.sign(points[:, 0] * points[:, 1])
    for wrap in (trace, functools.partial(trace, optimize=False), lambda f: f):
        rng = np.random.default_rng(1)
        hidden = [[Value(w) for w in rng.normal(size=3)] for _ in range(8)]
        out = [Value(w) for w in rng.normal(size=8)]
        parameters = [w for row in [*hidden, out] for w in row]

        def loss(hidden: Any = hidden, out: Any = out) -> Any:
            total = 0.0
            for (x, y), label in zip(points.tolist(), labels.tolist(), strict=True):
                units = [tanh(w[0] * x + w[1] * y + w[2]) for w in hidden]
                score = sum(w * unit for w, unit in zip(out, units, strict=True))
                total = total + autograd.relu(1 - label * score)
            return total / len(points)

        f = wrap(loss)
        for _ in range(100):
            for parameter in parameters:
                parameter.grad = 0.0
            f().backward()
            for parameter in parameters:
                parameter.data -= 0.1 * parameter.grad
        ends.append([parameter.data for parameter in parameters])
    np.testing.assert_allclose(ends[0], ends[2], rtol=1e-10)
    # In the order of the eager engine: the same to the last bit, where not NumPy computes tanh.
    np.testing.assert_allclose(ends[1], ends[2], rtol=0 if autograd.engine == "native" else 1e-10)


def test_threads_run_one_program_side_by_side() -> None:
    w = Value(0.5)
    program = trace(lambda x: tanh(w * x) * x).program(1.0)
    xs = np.linspace(-2, 2, 300)
    expected = program.value_and_grad(xs, reduce=None), program.run(1.5)
    wrong: list[Any] = []

    def run() -> None:
        for _ in range(50):
            value, gradient = program.value_and_grad(xs, reduce=None)
            same = np.array_equal(value, expected[0][0]), np.array_equal(gradient, expected[0][1])
            if not all(same) or program.run(1.5) != expected[1]:
                wrong.append(same)

    threads = [threading.Thread(target=run) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_first_calls_of_several_threads_trace_and_run() -> None:
    w = Value(2.0)
    f = trace(lambda x: w * sum(x))
    results: list[float] = []

    def run(count: int) -> None:
        results.extend(f([1.0] * n).data for n in range(1, count))

    threads = [threading.Thread(target=run, args=(count,)) for count in (5, 6, 7, 8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == sorted(2.0 * n for count in (5, 6, 7, 8) for n in range(1, count))
    assert len(f.programs) == 7


def test_vmap_takes_samples_along_any_axis() -> None:
    f = vmap(lambda x, scale: (x[0] + x[1]) * scale, in_axes=(1, None))
    assert f(np.array([[1.0, 2.0, 3.0], [10.0, 20.0, 30.0]]), 2.0).tolist() == [22, 44, 66]
    g = vmap(lambda d: [d["a"] * 2.0, d["b"]])
    doubled, same = g({"a": [1.0, 2.0], "b": [3.0, 4.0]})
    assert (doubled.tolist(), same.tolist()) == ([2, 4], [3, 4])
    with pytest.raises(ShapeError, match="there are no samples"):
        f(np.zeros((2, 0)), 1.0)
    with pytest.raises(ShapeError, match="has no axis 1"):
        f(np.zeros(2), 1.0)
    with pytest.raises(OperandError, match="2 axes for 1 arguments"):
        f(np.zeros((2, 2)))


def test_arguments_of_a_program_are_checked() -> None:
    table = [Value(1.0), Value(2.0)]
    program = trace(lambda x, i: x["a"][0] * take(table, i)).program({"a": [1.0]}, 0)
    with pytest.raises(OperandError, match="was traced with 2 arguments, and 1 were given"):
        program.run({"a": [1.0]})
    with pytest.raises(OperandError, match="x must be a dict with the keys 'a', as it was traced"):
        program.run({"b": [1.0]}, 0)
    with pytest.raises(ShapeError, match=r"x\['a'\] has shape \(2, 2\); .* shape \(1,\)"):
        program.run({"a": [[1.0, 2.0], [3.0, 4.0]]}, 0)
    with pytest.raises(OperandError, match="i is 'one': it must be numbers"):
        program.run({"a": [1.0]}, "one")
    with pytest.raises(OperandError, match="reduce is 'max'"):
        program.value_and_grad({"a": [1.0]}, 0, reduce="max")
    with pytest.raises(OperandError, match="has 2 arguments, and none at place 2"):
        program.value_and_grad({"a": [1.0]}, 0, argnums=2)
    assert program.value_and_grad({"a": [3.0]}, 1)[1].tolist() == [0.0, 3.0]


def test_tensor_for_a_function_of_values_is_refused() -> None:
    w = Value(2.0)
    with pytest.raises(OperandError, match="a Value and a Tensor cannot stand in one graph"):
        trace(lambda x: w * x)(Tensor([1.0, 2.0]))


@pytest.mark.skipif(autograd.engine != "native", reason="Python takes seconds for so many nodes")
@pytest.mark.parametrize("optimize", [True, False])
def test_chain_of_many_gates_is_replayed(optimize: bool) -> None:
    w, count = Value(0.99999), 100_000

    def f(x: Any) -> Any:
        y = x
        for _ in range(count):
            y = y * w + 0.5
        return y

    traced = trace(f, optimize=optimize)
    traced(3.0)
    result = traced(1.0)
    result.backward()
    y, slope = 1.0, 0.0
    for _ in range(count):
        slope = slope * w.data + y
        y = y * w.data + 0.5
    assert len(traced.programs[0]) == 2 * count
    assert result.data == pytest.approx(y, rel=1e-12)
    assert w.grad == pytest.approx(slope, rel=1e-10)

"""minimize: whole trainings by a program, and what is left when one is interrupted."""

from __future__ import annotations

import gc
import signal
import threading
import time
from typing import Any

import numpy as np
import pytest

from autograd import Traced, Value, take, tanh, trace
from autograd.errors import OperandError, SettingError, ShapeError
from autograd.update_rules import adam, momentum, sgd

RNG = np.random.default_rng(5)


def net(width: int = 4) -> tuple[list[Value], Traced]:
    """The parameters of a small net, and its squared error on one sample."""
    rng = np.random.default_rng(3)
    hidden = [[Value(w) for w in rng.normal(size=3)] for _ in range(width)]
    out = [Value(w) for w in rng.normal(size=width)]

    @trace
    def error(x: Any, y: Any) -> Any:
        units = [tanh(w[0] * x[0] + w[1] * x[1] + w[2]) for w in hidden]
        return (sum(w * unit for w, unit in zip(out, units, strict=True)) - y) ** 2

    return [*(w for row in hidden for w in row), *out], error


def data(samples: int) -> tuple[np.ndarray, np.ndarray]:
    points = np.random.default_rng(4).normal(size=(samples, 2))
    return points, np.sin(points.sum(axis=1))


def eager_steps(
    parameters: list[Value], error: Any, batches: list[list[int]], lr: float
) -> list[float]:
    """Gradient descent by the eager engine: the losses."""
    points, labels = data(7)
    losses = []
    for batch in batches:
        total = sum(error(points[i].tolist(), float(labels[i])) for i in batch) * (1 / len(batch))
        for parameter in parameters:
            parameter.grad = 0.0
        total.backward()
        for parameter in parameters:
            parameter.data -= lr * parameter.grad
        losses.append(total.data)
    return losses


@pytest.mark.parametrize(
    ("batch_size", "batches"),
    [
        (None, [[*range(7)]] * 5),
        (100, [[*range(7)]] * 5),
        (1, [[0], [1], [2], [3], [4], [5], [6], [0], [1]]),
        (3, [[0, 1, 2], [3, 4, 5], [6, 0, 1], [2, 3, 4], [5, 6, 0]]),
    ],
)
def test_steps_are_those_of_the_eager_engine(
    batch_size: int | None, batches: list[list[int]]
) -> None:
    parameters, error = net()
    losses = error.program([0.0, 0.0], 0.0).minimize(
        sgd(lr=0.1), len(batches), data(7), batch_size=batch_size
    )
    others, other = net()
    expected = eager_steps(others, other.__wrapped__, batches, 0.1)
    np.testing.assert_allclose(losses, expected, rtol=1e-12)
    ends = [[p.data for p in each] for each in (parameters, others)]
    np.testing.assert_allclose(ends[0], ends[1], rtol=1e-12)


def test_argument_that_all_samples_share_stays_one_number() -> None:
    w = Value(1.0)
    program = trace(lambda x, scale: (w * x * scale) ** 2).program(0.0, 0.0)
    losses = program.minimize(sgd(lr=0.01), 2, ([1.0, 2.0], 3.0))
    assert losses[0] == pytest.approx((9 + 36) / 2)
    assert w.data < 1.0


def test_program_without_arguments_is_trained_as_it_is() -> None:
    x, y = Value(3.0), Value(-4.0)
    losses = trace(lambda: x * x + y * y).program().minimize(sgd(lr=0.25), 2)
    assert losses.tolist() == [25.0, 6.25]
    assert (x.data, y.data) == (0.75, -1.0)


def test_samples_of_several_structures_share_parameters_and_optimizer() -> None:
    table = [Value(float(i)) for i in range(5)]
    traced = trace(lambda tokens: sum((take(table, t) - 1.0) ** 2 for t in tokens))
    samples = [([0, 1],), ([2],), ([3, 4],), ([1],)]
    optimizer = momentum(lr=0.1)
    losses = traced.minimize(optimizer, 300, samples)
    assert len(traced.programs) == 2
    assert losses[:4].tolist() == pytest.approx([1.0, 1.0, 4.0 + 9.0, 0.0])
    assert [value.data for value in table] == pytest.approx([1.0] * 5, abs=1e-3)
    assert optimizer.steps == 300


def test_step_over_samples_of_several_structures_takes_their_mean() -> None:
    x = Value(0.0)
    traced = trace(lambda numbers: sum((x - n) ** 2 for n in numbers))
    losses = traced.minimize(sgd(lr=0.25), 2, [([2.0],), ([1.0, 3.0],), ([4.0],)], batch_size=2)
    # The gradients at 0 are -4 and -8; those at 1.5, of the last sample and the first, -5 and -1.
    assert losses.tolist() == [(4.0 + 10.0) / 2, (6.25 + 0.25) / 2]
    assert x.data == 1.5 + 0.25 * 3


def test_callback_gets_each_step_and_its_loss() -> None:
    x = Value(1.0)
    seen: list[tuple[int, float]] = []
    program = trace(lambda: x * x).program()
    losses = program.minimize(sgd(lr=0.1), 4, callback=lambda step, loss: seen.append((step, loss)))
    assert seen == list(enumerate(losses.tolist()))


def test_exception_of_the_callback_leaves_the_parameters_of_its_step() -> None:
    x = Value(1.0)
    optimizer = sgd(lr=0.25)

    def stop(step: int, loss: float) -> None:
        if step == 2:
            raise StopIteration

    with pytest.raises(StopIteration):
        trace(lambda: x * x).program().minimize(optimizer, 100, callback=stop)
    assert (x.data, optimizer.steps) == (0.5**3, 3)


@pytest.mark.skipif(
    threading.current_thread() is not threading.main_thread(),
    reason="signals go to the main thread",
)
@pytest.mark.parametrize("kind", ["one by one", "batches", "structures"])
def test_interrupt_leaves_parameters_after_a_whole_number_of_steps(kind: str) -> None:
    parameters, error = net()
    optimizer = adam(lr=1e-3)
    points, labels = data(20)
    samples = list(zip(points.tolist(), labels.tolist(), strict=True))
    program = error.program(points[0], 0.0)
    # Long enough on any machine; the interrupt ends it.
    steps = 10_000_000 if kind != "structures" else 1_000_000

    def train(optimizer: Any, steps: int) -> None:
        if kind == "structures":
            error.minimize(optimizer, steps, samples)
        else:
            size = 1 if kind == "one by one" else 8
            program.minimize(optimizer, steps, (points, labels), batch_size=size)

    timer = threading.Timer(0.2, lambda: signal.raise_signal(signal.SIGINT))
    # Where the tests run in the background, the shell has set interrupts to be ignored.
    handler = signal.signal(signal.SIGINT, signal.default_int_handler)
    # Hypothesis runs Python code at each collection, in which an interrupt would be lost.
    gc.disable()
    try:
        timer.start()
        start = time.perf_counter()
        with pytest.raises(KeyboardInterrupt):
            train(optimizer, steps)
    finally:
        gc.enable()
        signal.signal(signal.SIGINT, handler)
    assert time.perf_counter() - start < 4
    made = optimizer.steps
    assert 0 < made < steps
    ends = [parameter.data for parameter in parameters]
    # A new training over just as many steps comes to the same numbers.
    parameters, error = net()
    program = error.program(points[0], 0.0)
    train(adam(lr=1e-3), made)
    assert [parameter.data for parameter in parameters] == ends


def test_nothing_to_train_is_refused() -> None:
    with pytest.raises(SettingError, match="captures no Values"):
        trace(lambda x: x * x).program(1.0).minimize(sgd(lr=0.1), 1, (1.0,))


def test_result_that_is_no_single_number_is_refused() -> None:
    x = Value(1.0)
    with pytest.raises(OperandError, match="returns a list of 2"):
        trace(lambda: [x, x * x]).program().minimize(sgd(lr=0.1), 1)


@pytest.mark.parametrize(
    ("steps", "batch_size", "problem"),
    [(-1, None, "steps is -1"), (1, 0, "batch_size is 0")],
)
def test_counts_below_their_least_are_refused(
    steps: int, batch_size: int | None, problem: str
) -> None:
    w = Value(1.0)
    program = trace(lambda x: w * x).program(1.0)
    with pytest.raises(SettingError, match=problem):
        program.minimize(sgd(lr=0.1), steps, ([1.0, 2.0],), batch_size=batch_size)


def test_data_of_another_shape_is_refused() -> None:
    parameters, error = net()
    program = error.program([0.0, 0.0], 0.0)
    with pytest.raises(ShapeError, match=r"x has shape \(5, 3\); it was traced with shape \(2,\)"):
        program.minimize(sgd(lr=0.1), 1, (np.zeros((5, 3)), np.zeros(5)))
    with pytest.raises(ShapeError, match="arguments have 4 and 5 samples"):
        program.minimize(sgd(lr=0.1), 1, (np.zeros((5, 2)), np.zeros(4)))
    with pytest.raises(OperandError, match="there are no samples"):
        error.minimize(sgd(lr=0.1), 1, [])
    assert parameters


def test_index_out_of_range_leaves_what_was_learned_before() -> None:
    table = [Value(2.0), Value(3.0)]
    program = trace(lambda i: take(table, i) ** 2).program(0)
    optimizer = sgd(lr=0.25)
    with pytest.raises(OperandError, match="take: an index"):
        program.minimize(optimizer, 3, ([0, 1, 2],), batch_size=1)
    assert [value.data for value in table] == [1.0, 1.5]
    assert optimizer.steps == 2

"""Threads: none sees another's transforms or modes, however often they take turns."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator

import numpy as np
import pytest

from autograd import Tensor, Value, no_grad
from autograd.modes import OPEN_MODES, enable_grad, is_recording
from autograd.transforms import grad, hvp, jvp, value_and_grad

THREADS, ROUNDS = 8, 1000


@pytest.fixture
def _restless() -> Iterator[None]:
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def in_threads(work: Callable[[int], None]) -> None:
    """Run ``work`` in all threads at once; raise what the first of them raised."""
    barrier, raised = threading.Barrier(THREADS), []

    def run(number: int) -> None:
        barrier.wait()
        try:
            work(number)
        except BaseException as error:
            raised.append(error)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if raised:
        raise raised[0]


@pytest.mark.usefixtures("_restless")
def test_nested_transforms_and_modes_of_threads_do_not_mix() -> None:
    shared = Tensor([1.0, 2.0])

    def differentiate(number: int, turn: int) -> None:
        x = float(number + turn % 7)
        # d/dx (x d/dy (x y²)) at y = x is 2 x² + x 2 x: the inner derivative is a node.
        slope = grad(lambda x: x * grad(lambda y: x * y * y)(x))(x)
        assert type(slope) is float
        assert slope == 6 * x * x
        value, tangent = jvp(lambda x: x * value_and_grad(lambda y: x * y)(3.0)[1], (x,), (1.0,))
        assert (value, tangent) == (x * x, 2 * x)
        if turn % 10 == 0:
            product = hvp(lambda t: (t**3).sum() * x)(shared, np.ones(2))
            assert type(product) is Tensor
            assert product.tolist() == [6 * x, 12 * x]

    def work(number: int) -> None:
        for turn in range(ROUNDS):
            assert is_recording()
            with no_grad():
                assert (shared * 2).operands == ()
                differentiate(number, turn)
                with enable_grad():
                    assert (Value(2.0) * number).operands
                assert not is_recording()
            differentiate(number, turn)
            assert (shared * 2).operands

    in_threads(work)
    assert OPEN_MODES[0] == 0
    assert is_recording()


@pytest.mark.usefixtures("_restless")
def test_threads_that_differentiate_the_same_graph_get_the_same_derivative() -> None:
    x, w = np.array([1.0, 2.0]), Tensor([3.0, 4.0])
    derivative = grad(lambda x: (w * x * x).sum())

    def work(number: int) -> None:
        for _ in range(ROUNDS // 5):
            assert derivative(x).tolist() == [6.0, 16.0]

    in_threads(work)
    assert w.grad is None

"""Watching what modules compute."""

from __future__ import annotations

from threading import Thread
from typing import Any

import numpy as np
import pytest

from autograd import Tensor
from autograd.errors import ShapeError
from nn import Linear, Module, Sequential, Tanh
from nn.observation import observed


def net() -> Sequential:
    return Sequential(Linear(2, 3, rng=np.random.default_rng(0)), Tanh())


def test_an_observer_sees_each_call_inside_out() -> None:
    model, seen = net(), list[Module]()
    x = Tensor(np.ones((4, 2)))

    def observe(module: Module, inputs: tuple[Any, ...], output: Any) -> None:
        seen.append(module)
        assert output.shape == (4, 3) and (inputs[0] is x) == (module is not model[1])

    with observed(observe):
        model(x)
    assert seen == [*model, model]
    model(x)
    assert len(seen) == 3


def test_observers_nest_and_leave_also_after_an_error() -> None:
    outer, inner = list[Any](), list[Any]()
    with observed(lambda *call: outer.append(call)):
        with pytest.raises(ShapeError), observed(lambda *call: inner.append(call)):
            Sequential(Tanh(), net())(Tensor([[1.0]]))  # Tanh is done before net refuses
        Tanh()(2.0)
    assert (len(outer), len(inner)) == (2, 1)


def test_an_observer_does_not_see_other_threads() -> None:
    seen = list[Any]()
    with observed(lambda *call: seen.append(call)):
        thread = Thread(target=Tanh(), args=(1.0,))
        thread.start()
        thread.join()
    assert not seen

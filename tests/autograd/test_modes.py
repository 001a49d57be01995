"""Modes: whether a graph is recorded, and whose line recorded it."""

from __future__ import annotations

import contextvars
import math
import threading
from pathlib import Path

import pytest

import autograd
from autograd import Tensor, Value, no_grad, record_lines
from autograd.errors import AnomalyError


@pytest.mark.parametrize("node_class", [Value, Tensor])
def test_nothing_is_recorded_under_no_grad(node_class: type) -> None:
    x = node_class(2.0)
    with no_grad():
        inside = x * x + 1
    outside = x * x
    assert inside.operands == () and inside.gate is None
    assert outside.operands == (x, x)


def test_no_grad_ends_with_an_exception_and_nests() -> None:
    x = Value(2.0)
    with pytest.raises(ZeroDivisionError), no_grad(), no_grad():
        raise ZeroDivisionError
    assert (x * x).operands
    with no_grad():
        with no_grad():
            pass
        assert not (x * x).operands


def test_no_grad_decorates_a_function() -> None:
    @no_grad()
    def square(x: Value) -> Value:
        return x * x

    assert not square(Value(2.0)).operands


def test_no_grad_of_one_thread_leaves_others_recording() -> None:
    recorded: list[bool] = []
    x = Value(2.0)
    with no_grad():
        thread = threading.Thread(
            target=contextvars.Context().run,
            args=(lambda: recorded.append(bool((x * x).operands)),),
        )
        thread.start()
        thread.join()
    assert recorded == [True]


@pytest.mark.parametrize("node_class", [Value, Tensor])
def test_lines_are_recorded_where_asked(node_class: type) -> None:
    with record_lines():
        x = node_class(2.0)
        y = x * autograd.exp(x)
    here = Path(__file__)
    lines = here.read_text().splitlines()
    file, number = y.line.rsplit(":", 1)
    assert Path(file) == here
    assert "autograd.exp(x)" in lines[int(number) - 1]
    assert "node_class(2.0)" in lines[int(x.line.rsplit(":", 1)[1]) - 1]
    assert (x * x).line is None


def test_line_and_name_do_not_displace_each_other() -> None:
    with record_lines():
        x = Value(2.0, name="x")
    line = x.line
    x.name = "renamed"
    assert (x.name, x.line) == ("renamed", line)
    assert line is not None


def test_anomalies_of_values_are_named_where_they_arise() -> None:
    x = Value(0.0, name="x")
    with autograd.detect_anomaly(), autograd.record_lines():
        with pytest.raises(AnomalyError, match=r"the value of the gate log, made at .*, is -inf"):
            x.log()
        root = autograd.sqrt(x) + autograd.sum([x, x])
        with pytest.raises(AnomalyError, match="the gradient by operand 0 of the gate sqrt"):
            root.backward()
        assert x.grad == 0.0
        (x * 2.0).backward()
    assert x.grad == 2.0
    root.backward()
    assert x.grad == math.inf

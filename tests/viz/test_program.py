"""Drawings of programs."""

from __future__ import annotations

import pytest

import viz
from autograd import Value, trace
from autograd.errors import OperandError


def test_program_is_drawn_with_its_names_numbers_and_gradients() -> None:
    ws = [Value(2.0, "w0"), Value(-3.0, "w1")]
    b = Value(-3.0, "b")
    neuron = trace(lambda x: (ws[0] * x[0] + ws[1] * x[1] + b).sigmoid())
    svg = viz.draw(neuron.program([-1.0, -2.0]), digits=2).svg
    for text in ("w0", "x[0]", "b", "0.73", "-0.20", "0.39"):
        assert text.replace("-", "−") in svg or text in svg


def test_program_with_several_results_is_refused_with_the_way_out() -> None:
    program = trace(lambda x: [x, x * x]).program(1.0)
    with pytest.raises(OperandError, match=r"has 2 results; pass one of program\.graph\(\)"):
        viz.draw(program)
    assert viz.draw(program.graph()[1])

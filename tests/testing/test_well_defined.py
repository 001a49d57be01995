"""Which operands leave a program well defined: the faster they move, the wider the margins."""

from __future__ import annotations

import pytest

from autograd import add, exp, floor, log, maximum, mul, relu, sub
from autograd.gate import POSITIVE
from autograd.testing.well_defined import Place, Tape


def place_that_moves(tape: Tape, number: float, slope: float) -> Place:
    """A place with this number that moves so many times as fast as the input, which is 0."""
    assert tape.append(mul, [tape.inputs[0], Place(slope)])
    assert tape.append(add, [tape.latest, Place(number)])
    return tape.latest


@pytest.mark.parametrize(("slope", "fits"), [(1.0, True), (40.0, False)])
def test_what_moves_fast_keeps_far_from_borders(slope: float, fits: bool) -> None:
    place = place_that_moves(Tape([0.0]), 0.3, slope)
    assert place.fits(POSITIVE) is fits


@pytest.mark.parametrize(("slope", "accepted"), [(1.0, True), (40.0, False)])
def test_what_moves_fast_keeps_far_from_kinks(slope: float, accepted: bool) -> None:
    tape = Tape([0.0])
    place = place_that_moves(tape, 0.3, slope)
    assert tape.append(relu, [place]) is accepted


def test_what_moves_fast_is_not_rounded() -> None:
    tape = Tape([0.0])
    assert tape.append(floor, [place_that_moves(tape, 0.5, 1.0)])
    assert not tape.append(floor, [place_that_moves(tape, 0.5, 40.0)])


@pytest.mark.parametrize("factor", [40.0, -40.0])
def test_rounding_errors_may_grow_a_hundred_times_and_no_more(factor: float) -> None:
    tape = Tape([0.0])
    assert tape.append(mul, [tape.inputs[0], Place(factor)])
    assert not tape.append(mul, [tape.latest, Place(40.0)])
    assert tape.append(mul, [tape.latest, Place(0.1)])


def test_large_and_undefined_results_are_refused() -> None:
    tape = Tape([3.0])
    assert not tape.append(exp, [Place(7.0)])
    assert not tape.append(exp, [Place(1e9)])
    assert not tape.append(log, [Place(-1.0)])
    assert not tape.append(maximum, [tape.inputs[0], tape.inputs[0]])


def test_what_is_always_zero_does_not_depend_on_the_inputs() -> None:
    tape = Tape([3.0])
    assert tape.append(sub, [tape.inputs[0], tape.inputs[0]])
    assert not tape.latest.is_alive
    assert tape.living(POSITIVE) == tape.inputs


def test_gradient_of_a_place_is_by_every_input() -> None:
    tape = Tape([2.0, 3.0])
    assert tape.append(mul, tape.inputs)
    assert tape.latest.gradient == (3.0, 2.0)
    assert tape.latest.slope == 5.0

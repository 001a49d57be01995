from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from autograd import Value
from viz.names import displayed_name, names_by_identity


@given(st.text())
def test_displayed_name_is_one_short_line_without_control_characters(name: str) -> None:
    shown = displayed_name(name)
    assert len(shown) <= 24
    assert len(shown.splitlines()) <= 1
    assert shown.isprintable() or not name.isprintable()


def test_long_name_keeps_both_ends() -> None:
    shown = displayed_name("encoder.layers." + 10_000 * "x" + ".weight")
    assert shown.startswith("encoder.layers")
    assert shown.endswith(".weight")
    assert len(shown) == 24


def test_marks_that_turn_the_direction_of_writing_are_dropped() -> None:
    assert displayed_name("a\u202eb\u2066c") == "abc"


def test_halves_of_surrogate_pairs_are_replaced() -> None:
    displayed_name("\ud800").encode()


def test_first_name_of_an_object_counts() -> None:
    x = Value(1.0)
    assert names_by_identity({"x": x, "y": x}) == {id(x): "x"}


def test_elements_of_lists_have_an_index_unless_they_have_a_name() -> None:
    a, b = Value(1.0), Value(2.0)
    assert names_by_identity({"w": [a, b], "bias": b}) == {id(a): "w[0]", id(b): "bias"}


def test_names_with_a_leading_underscore_do_not_count() -> None:
    x = Value(1.0)
    assert names_by_identity({"_": x, "_1": x, "x": x}) == {id(x): "x"}


def test_arrays_can_have_names_and_numbers_cannot() -> None:
    array = np.zeros(3)
    assert names_by_identity({"one": 1.0, "array": array}) == {id(array): "array"}

"""Structures: taken apart into leaves and put together again, with a path for each leaf."""

from __future__ import annotations

from collections import Counter, OrderedDict, defaultdict
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import Tensor, Value
from autograd.errors import OperandError
from autograd.structures import LEAF, flatten, flatten_like, kinds_of_nodes


class Layer(NamedTuple):
    W: Any
    b: Any


class Row(list):
    pass


LEAVES = st.one_of(st.floats(), st.integers(), st.just(np.ones(2)), st.just(Value(1.0)))
TREES = st.recursive(
    LEAVES,
    lambda trees: st.one_of(
        st.lists(trees, max_size=3),
        st.lists(trees, max_size=3).map(tuple),
        st.dictionaries(st.text(max_size=2) | st.integers(), trees, max_size=3),
        st.builds(Layer, trees, trees),
    ),
    max_leaves=8,
)


def same(one: Any, other: Any) -> bool:
    """Whether both are the same containers of the very same leaves."""
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return list(one) == list(other) and all(same(one[key], other[key]) for key in one)
    if isinstance(one, (list, tuple)):
        return len(one) == len(other) and all(map(same, one, other))
    return one is other


@given(tree=TREES)
def test_what_is_taken_apart_is_put_together_again(tree: Any) -> None:
    leaves, structure = flatten(tree, "tree")
    assert same(structure.unflatten(leaves), tree)
    assert len(structure.paths("tree")) == len(leaves)


@given(tree=TREES)
def test_each_path_leads_to_its_leaf(tree: Any) -> None:
    leaves, structure = flatten(tree, "tree")
    for path, leaf in zip(structure.paths("tree"), leaves, strict=True):
        assert eval(path, {"tree": tree}) is leaf


@given(tree=TREES)
def test_a_tree_has_its_own_structure(tree: Any) -> None:
    leaves, structure = flatten(tree, "tree")
    again = flatten_like(tree, "tree", structure, "tree")
    assert all(map(same, leaves, again))


def test_order_of_a_dict_is_that_of_its_keys() -> None:
    leaves, structure = flatten({"b": 1.0, "a": {"z": 2.0, "y": 3.0}}, "args[0]")
    assert leaves == [1.0, 2.0, 3.0]
    assert structure.paths("args[0]") == ["args[0]['b']", "args[0]['a']['z']", "args[0]['a']['y']"]
    assert list(structure.unflatten(leaves)) == ["b", "a"]


def test_classes_of_containers_are_kept() -> None:
    table: defaultdict[str, list[float]] = defaultdict(list, w=[1.0])
    trees = [OrderedDict(b=1.0, a=2.0), table, Counter(a=2), Row([1.0]), Layer(1.0, (2.0,))]
    for tree in trees:
        leaves, structure = flatten(tree, "tree")
        again = structure.unflatten(leaves)
        assert type(again) is type(tree) and again == tree
    _, structure = flatten(table, "tree")
    again = structure.unflatten([[5.0]])
    assert again["new"] == [] and list(table) == ["w"]


def test_arrays_of_objects_are_containers() -> None:
    values = np.array([[Value(1.0), Value(2.0)]], dtype=object)
    leaves, structure = flatten([values], "x")
    assert leaves == [values[0, 0], values[0, 1]]
    assert structure.paths("x") == ["x[0][0, 0]", "x[0][0, 1]"]
    (again,) = structure.unflatten(leaves)
    assert again.shape == (1, 2) and again.dtype == object and again[0, 1] is values[0, 1]


def test_numbers_of_every_real_kind_are_leaves() -> None:
    numbers = [1, 2.0, True, np.float32(3), np.int8(4), np.bool_(True), Fraction(1, 3), Decimal(2)]
    assert flatten(numbers, "x")[0] == numbers
    assert flatten(Tensor([1.0]), "x")[1] is LEAF


@pytest.mark.parametrize(
    ("tree", "message"),
    [
        ([1.0, {"W": [None]}], r"args\[0\]\[1\]\['W'\]\[0\] is None \(NoneType\): what is diff"),
        (Layer(1.0, "text"), r"args\[0\]\.b is 'text' \(str\)"),
        ({"a b": {1.0}}, r"args\[0\]\['a b'\] is \{1.0\} \(set\)"),
        ((2j,), r"args\[0\]\[0\] is 2j \(complex\)"),
        (np.array([1j]), r"args\[0\] is array\(\[0.\+1.j\]\) \(an array of complex128\)"),
        (np.array(["a"]), r"args\[0\] is array\(\['a'\], dtype='<U1'\) \(an array of <U1\)"),
        (np.array([1.0, None]), r"args\[0\]\[1\] is None"),
        (np.datetime64("2024"), r"args\[0\] is np.datetime64\('2024'\)"),
        (len, r"args\[0\] is <built-in function len>"),
    ],
)
def test_a_leaf_that_is_no_number_is_named_with_its_path(tree: Any, message: str) -> None:
    with pytest.raises(OperandError, match=message):
        flatten(tree, "args[0]")


def test_lists_and_tuples_stand_for_each_other_and_keys_may_move() -> None:
    _, structure = flatten({"a": [1.0, 2.0], "b": 3.0}, "x")
    assert flatten_like({"b": 30.0, "a": (10.0, 20.0)}, "t", structure, "x") == [10.0, 20.0, 30.0]


@pytest.mark.parametrize(
    ("tree", "message"),
    [
        (1.0, "t is a single number, array or node, and x is a dict with the keys 'a', 'b'; their"),
        (
            {"a": [1.0, 2.0]},
            "t is a dict with the keys 'a', and x is a dict with the keys 'a', 'b'",
        ),
        ({}, "t is an empty dict, and x is a dict"),
        ({"a": [1.0], "b": 3.0}, r"t\['a'\] is a list of 1, and x\['a'\] is a list of 2"),
        (
            {"a": 1.0, "b": 3.0},
            r"t\['a'\] is a single number, array or node, and x\['a'\] is a list",
        ),
        (
            {"a": (1.0, 2.0), "b": [3.0]},
            r"t\['b'\] is a list of 1, and x\['b'\] is a single number",
        ),
        ({"a": (1.0, None), "b": 3.0}, r"t\['a'\]\[1\] is None"),
    ],
)
def test_another_structure_is_named_with_the_place_where_it_differs(
    tree: Any, message: str
) -> None:
    _, structure = flatten({"a": [1.0, 2.0], "b": 3.0}, "x")
    with pytest.raises(OperandError, match=message):
        flatten_like(tree, "t", structure, "x")


def test_nodes_are_found_wherever_they_stand() -> None:
    hidden = {"a": [None, ("text", np.array([Value(1.0)], dtype=object))], "b": len}
    assert kinds_of_nodes(hidden) == {Value}
    assert kinds_of_nodes([hidden, Tensor(1.0)]) == {Value, Tensor}
    assert kinds_of_nodes([1.0, None, np.ones(3), {"a": object()}]) == set()

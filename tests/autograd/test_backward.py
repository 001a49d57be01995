"""The traversal: order and depth."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from autograd import Tensor, Value, is_node, topological_order


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=30))
def test_topological_order_has_operands_first_and_each_node_once(
    edges: list[tuple[int, int]],
) -> None:
    nodes = [Value(1.0)]
    for first, second in edges:
        nodes.append(nodes[first % len(nodes)] + nodes[second % len(nodes)])
    order = topological_order(nodes[-1])
    place = {node: i for i, node in enumerate(order)}
    assert len(place) == len(order)
    assert order[-1] is nodes[-1]
    for node in order:
        assert all(place[operand] < place[node] for operand in node.operands)


def test_topological_order_of_several_roots_holds_shared_nodes_once() -> None:
    x = Value(1.0)
    first, second = x + 1, x + 2
    assert topological_order(first, second, first) == [x, first, second]


def test_topological_order_of_a_deep_graph_needs_no_recursion() -> None:
    node = Value(1.0)
    for _ in range(50_000):
        node = node + 1
    assert len(topological_order(node)) == 50_001


def test_is_node() -> None:
    assert is_node(Value(1.0)) and is_node(Tensor([1.0]))
    assert not is_node(1.0) and not is_node(Value)

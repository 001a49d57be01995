"""Changes in place: the right gradient or an error that says what changed, never a wrong one."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

import autograd
from autograd import Tensor
from autograd.errors import OperandError, StaleError


def leaf() -> Tensor:
    return Tensor([1.0, 2.0, 3.0], name="w")


def write_element(w: Tensor) -> None:
    w.data[0] = 7.0


def write_through_a_view(w: Tensor) -> None:
    w.data[1:][0] = 7.0


def subtract(w: Tensor) -> None:
    w.data -= 1.0


def set_item(w: Tensor) -> None:
    w[0] = 7.0


def set_item_to_a_tensor(w: Tensor) -> None:
    w[0] = Tensor(7.0)


WAYS = [write_element, write_through_a_view, subtract, set_item, set_item_to_a_tensor]


@pytest.mark.parametrize("change", WAYS)
def test_backward_through_an_overwritten_operand_is_refused(
    change: Callable[[Tensor], None],
) -> None:
    w = leaf()
    y = (w * w).sum()
    change(w)
    with pytest.raises(StaleError, match=r"'w' of shape \(3,\) was changed .* the gate mul"):
        y.backward()


@pytest.mark.parametrize("change", WAYS)
def test_what_is_computed_after_a_change_has_the_right_gradient(
    change: Callable[[Tensor], None],
) -> None:
    w = leaf()
    (w * w).sum().backward()
    change(w)
    w.zero_grad()
    y = (w * w).sum()
    y.backward()
    assert w.grad is not None
    np.testing.assert_array_equal(w.grad, 2 * w.data)


def test_a_change_seen_only_by_a_view_of_the_leaf_is_refused() -> None:
    w = leaf()
    part = w[1:]
    y = (part * part).sum()
    w.data[2] = -1.0
    with pytest.raises(StaleError, match="getitem"):
        y.backward()


def test_an_array_that_was_handed_out_before_is_watched_as_well() -> None:
    w = leaf()
    array = w.data
    y = (w * w).sum()
    array[0] = 9.0
    with pytest.raises(StaleError):
        y.backward()
    z = (w * w).sum()
    z.backward()
    np.testing.assert_array_equal(w.grad, [18.0, 4.0, 6.0])


def test_new_data_leaves_an_old_graph_right() -> None:
    w = leaf()
    y = (w * w).sum()
    w.data = np.zeros(3)
    y.backward()
    np.testing.assert_array_equal(w.grad, [2.0, 4.0, 6.0])


def test_assigned_data_is_a_copy() -> None:
    w, fresh = leaf(), np.ones(3)
    w.data = fresh
    y = (w * w).sum()
    fresh[:] = 5.0
    y.backward()
    np.testing.assert_array_equal(w.grad, [2.0, 2.0, 2.0])


def test_a_constant_may_be_reused_as_a_buffer() -> None:
    buffer = np.array([1.0, 2.0, 3.0])
    w = leaf()
    y = (w * buffer).sum()
    buffer[:] = 0.0
    y.backward()
    np.testing.assert_array_equal(w.grad, [1.0, 2.0, 3.0])


def test_a_reused_buffer_does_not_change_derivatives_of_derivatives() -> None:
    buffer = np.array([1.0, 2.0, 3.0])
    w = leaf()
    y = (w * w * buffer).sum()
    buffer[:] = 10.0
    slopes = autograd.gradients(y, w, create_graph=True)
    np.testing.assert_array_equal(slopes.data, [2.0, 8.0, 18.0])
    np.testing.assert_array_equal(autograd.gradients(slopes.sum(), w).data, [2.0, 4.0, 6.0])


def test_lists_are_constants_also_where_the_graph_of_a_gradient_is_made() -> None:
    w = leaf()
    slopes = autograd.gradients((w @ [1.0, 2.0, 3.0]) ** 2, w, create_graph=True)
    np.testing.assert_array_equal(slopes.data, 28.0 * np.array([1.0, 2.0, 3.0]))


def test_an_index_may_be_reused_as_a_buffer() -> None:
    index = np.array([0, 0, 2])
    w = leaf()
    y = w[index].sum()
    index[:] = 1
    y.backward()
    np.testing.assert_array_equal(w.grad, [2.0, 0.0, 1.0])


def test_an_array_that_a_gate_was_told_may_be_reused_as_a_buffer() -> None:
    logits, labels = Tensor([[0.0, 0.0], [0.0, 0.0]]), np.array([0, 1])
    loss = autograd.softmax_cross_entropy(logits, labels=labels).sum()
    labels[:] = 0
    loss.backward()
    np.testing.assert_array_equal(logits.grad, [[-0.5, 0.5], [0.5, -0.5]])


def test_the_array_of_an_inner_node_cannot_be_written_to() -> None:
    y = leaf() * 2.0
    with pytest.raises(ValueError, match="read-only"):
        y.data[0] = 1.0


def test_augmented_assignment_makes_a_new_node() -> None:
    w = leaf()
    y = w
    y *= y
    y += 1.0
    y.sum().backward()
    assert y is not w
    np.testing.assert_array_equal(w.grad, [2.0, 4.0, 6.0])


def test_augmented_assignment_of_a_tensor_to_an_array_says_what_to_write() -> None:
    total = np.zeros(3)
    with pytest.raises(TypeError, match=r"a = a \+ t instead of a \+= t"):
        total += leaf()


def test_items_set_in_an_inner_node_take_the_gradient_of_their_place() -> None:
    w, v = leaf(), Tensor(5.0)
    y = w * 2.0
    y[1] = v * v
    (y * y).sum().backward()
    np.testing.assert_array_equal(w.grad, [8.0, 0.0, 24.0])
    assert v.grad is not None and v.grad == 4 * 5.0**3


def test_a_buffer_of_zeros_can_be_filled_with_results() -> None:
    w = leaf()
    rows = Tensor(np.zeros((3, 2)))
    for i in range(3):
        rows[i] = w[i] * np.array([1.0, 10.0])
    (rows * rows).sum().backward()
    np.testing.assert_array_equal(w.grad, 2 * 101 * np.array([1.0, 2.0, 3.0]))


def test_items_may_be_set_to_what_depends_on_the_tensor_itself() -> None:
    t = Tensor([2.0, 3.0])
    u = t * 1.0
    u[0] = u[1] * u[0]
    (u * u).sum().backward()
    np.testing.assert_array_equal(t.grad, [36.0, 30.0])
    t = Tensor([2.0, 3.0])
    u = t * 1.0
    for _ in range(2):
        u[0] = u[1] * u[0]
    np.testing.assert_array_equal(autograd.gradients((u * u).sum(), t).data, [324.0, 438.0])


def test_gradients_by_one_operand_notice_a_change_of_another() -> None:
    w, x = leaf(), leaf()
    y = (w * x).sum()
    w[0] = 100.0
    with pytest.raises(StaleError):
        autograd.gradients(y, x)


def test_without_recording_items_are_simply_written() -> None:
    y = leaf() * 1.0
    with autograd.no_grad():
        z = y + 1.0
        z[0] = 4.0
    np.testing.assert_array_equal(z.data, [4.0, 3.0, 4.0])
    np.testing.assert_array_equal(y.data, [1.0, 2.0, 3.0])


def test_without_recording_a_recorded_result_is_not_written_to() -> None:
    y = leaf().exp()
    with autograd.no_grad(), pytest.raises(OperandError, match=r"write to \.detach\(\) of it"):
        y[0] = 4.0
    with pytest.raises(OperandError, match=r"the result of a gate \(exp\)"):
        y.data = np.zeros(3)


@pytest.mark.parametrize("size", [10, 100_000])
def test_large_constants_are_watched_and_small_ones_copied(size: int) -> None:
    constant, w = np.ones(size, np.float32), Tensor(np.ones(size, np.float32))
    y = (w * constant).sum()
    constant[size // 2] = 2.0
    if size == 10:
        y.backward()
        np.testing.assert_array_equal(w.grad, np.ones(size))
    else:
        with pytest.raises(StaleError, match=r"the constant of shape \(100000,\) was changed"):
            y.backward()


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.longdouble])
@pytest.mark.parametrize("step", [1, -2])
def test_a_change_of_one_element_anywhere_is_noticed(dtype: type, step: int) -> None:
    constant = np.linspace(0, 1, 100_003).astype(dtype)[::step]
    w = Tensor(np.ones(len(constant), dtype))
    for place in (0, 1, len(constant) // 3, len(constant) - 1):
        y = (w * constant).sum()
        constant[place] += 1
        with pytest.raises(StaleError):
            y.backward()


def test_the_line_of_the_stale_gate_is_named_where_lines_are_recorded() -> None:
    w = leaf()
    with autograd.record_lines():
        y = (w * w).sum()
    w.data[0] = 0.0
    with pytest.raises(StaleError, match=r"mul, made at .*test_in_place\.py:\d+"):
        y.backward()


def test_gradients_of_different_nodes_share_no_memory() -> None:
    w, v = leaf(), leaf()
    y = w + v
    y.sum().backward()
    assert w.grad is not None and v.grad is not None and y.grad is not None
    w.grad[0] = 100.0
    y.grad[1] = 100.0
    np.testing.assert_array_equal(v.grad, [1.0, 1.0, 1.0])
    np.testing.assert_array_equal(w.grad, [100.0, 1.0, 1.0])

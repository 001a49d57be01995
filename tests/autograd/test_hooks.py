"""Hooks: called with the whole gradient of a node, once a pass, and able to replace it."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd import Tensor, gradients


def test_a_hook_sees_the_sum_of_all_users() -> None:
    x = Tensor([1.0, 2.0])
    y = x * 3.0
    seen: list[Any] = []
    y.register_hook(lambda gradient: seen.append(np.array(gradient)))
    (y * y + y).sum().backward()
    assert len(seen) == 1
    np.testing.assert_array_equal(seen[0], 2 * y.data + 1)


def test_what_a_hook_returns_goes_on() -> None:
    x = Tensor([1.0, 2.0])
    y = x * 3.0
    y.register_hook(lambda gradient: gradient * 0.5)
    y.register_hook(lambda gradient: gradient + 1.0)
    y.sum().backward()
    np.testing.assert_array_equal(y.grad, [1.5, 1.5])
    np.testing.assert_array_equal(x.grad, [4.5, 4.5])


def test_a_hook_on_a_leaf_clips_what_is_added_to_it() -> None:
    x = Tensor([3.0, -4.0])
    x.register_hook(lambda gradient: np.clip(gradient, -1, 1))
    for _ in range(2):
        (x * x).sum().backward()
    np.testing.assert_array_equal(x.grad, [2.0, -2.0])


def test_a_hook_that_was_taken_away_is_silent() -> None:
    x = Tensor([3.0, -4.0])
    remove = x.register_hook(lambda gradient: gradient * 0.0)
    remove()
    remove()
    (x * x).sum().backward()
    np.testing.assert_array_equal(x.grad, [6.0, -8.0])


def test_hooks_take_part_in_graphs_of_gradients() -> None:
    x = Tensor(2.0)
    y = x * x
    y.register_hook(lambda gradient: gradient * 10.0)
    first = gradients(y * 1.0, x, create_graph=True)
    assert first.item() == 40.0
    assert gradients(first, x).item() == 20.0


def test_what_a_hook_keeps_is_not_changed_later() -> None:
    x = Tensor([1.0, 2.0])
    y = x * 1.0
    kept: list[Any] = []
    y.register_hook(kept.append)
    (y + y * 2.0).sum().backward()
    x.zero_grad()
    (y + y * 2.0).sum().backward()
    np.testing.assert_array_equal(kept[0], [3.0, 3.0])

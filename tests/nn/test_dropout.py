"""Dropout: what is left out, how much, and when."""

from __future__ import annotations

import numpy as np
import pytest

from autograd import Tensor, trace
from autograd.errors import OperandError, SettingError, TraceWarning
from nn import Dropout, Linear, Sequential

ONES = np.ones((200, 100))


def dropout(p: float = 0.5, seed: int = 0) -> Dropout:
    return Dropout(p, rng=np.random.default_rng(seed))


@pytest.mark.parametrize("p", [0.1, 0.5, 0.8])
def test_the_share_p_is_left_out_and_the_rest_keeps_the_mean(p: float) -> None:
    output = dropout(p)(ONES)
    assert set(np.unique(output)) == {0.0, 1 / (1 - p)}
    # Five standard deviations of the share over so many draws.
    assert np.mean(output == 0) == pytest.approx(p, abs=5 * np.sqrt(p * (1 - p) / ONES.size))


def test_each_call_leaves_out_others_and_equal_generators_the_same() -> None:
    first, second = dropout(), dropout()
    output = first(ONES)
    np.testing.assert_array_equal(output, second(ONES))
    assert not np.array_equal(output, first(ONES))


def test_the_gradient_goes_where_the_input_was_kept() -> None:
    x = Tensor(ONES)
    output = dropout(0.2)(x)
    output.sum().backward()
    np.testing.assert_array_equal(x.grad, output.data)


@pytest.mark.parametrize("layer", [dropout(0.5).eval(), dropout(0.0)])
def test_in_eval_and_with_nothing_to_leave_out_the_input_is_the_output(layer: Dropout) -> None:
    x = Tensor([1.0, 2.0])
    state = layer.rng.bit_generator.state
    assert layer(x) is x
    assert layer.rng.bit_generator.state == state


@pytest.mark.parametrize("p", [1, 1.5, -0.1, float("nan")])
def test_a_probability_that_leaves_nothing_is_refused(p: float) -> None:
    with pytest.raises(SettingError, match=r"Dropout: p is .*; it must be at least 0 and below 1"):
        dropout(p)


def test_a_seed_in_place_of_a_generator_is_refused() -> None:
    with pytest.raises(OperandError, match=r"Dropout: rng is 3"):
        Dropout(0.5, rng=3)  # type: ignore[arg-type]


def test_a_traced_training_step_leaves_out_others_at_each_call() -> None:
    rng = np.random.default_rng(0)
    net = Sequential(Dropout(0.5, rng=rng), Linear(100, 1, rng=rng))
    step = trace(lambda x: net(x).sum())
    with pytest.warns(TraceWarning, match="run anew at each call"):
        losses = [step(ONES).item()]
    losses += [step(ONES).item() for _ in range(3)]
    assert len(set(losses)) == 4


def test_the_gradient_of_a_traced_step_is_that_of_what_it_left_out() -> None:
    scale, layer = Tensor(np.ones(100)), dropout()
    step = trace(lambda x: layer(x * scale))
    with pytest.warns(TraceWarning, match="run anew at each call"):
        step(ONES)
    output = step(ONES)
    scale.zero_grad()
    output.sum().backward()
    np.testing.assert_array_equal(scale.grad, output.data.sum(axis=0))


def test_a_traced_net_notices_the_switch_between_eval_and_train() -> None:
    scale, layer = Tensor(np.ones(100)), dropout().eval()
    traced = trace(lambda x: layer(x * scale))
    np.testing.assert_array_equal(traced(ONES).data, ONES)
    layer.train()
    with (
        pytest.warns(TraceWarning, match="training"),
        pytest.warns(TraceWarning, match="run anew at each call"),
    ):
        assert 0.0 in traced(ONES).data
    layer.eval()
    with pytest.warns(TraceWarning, match="training"):
        np.testing.assert_array_equal(traced(ONES).data, ONES)

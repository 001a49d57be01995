"""RNN, LSTM, GRU: their states, what they return and refuse; RepeatVector."""

from __future__ import annotations

import time
from functools import partial
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import nn
from autograd import Tensor
from autograd.errors import OperandError, SettingError, ShapeError
from nn import GRU, LSTM, RNN, RepeatVector, Sequential

every_kind = pytest.mark.parametrize("kind", [RNN, LSTM, GRU])


def rng() -> np.random.Generator:
    return np.random.default_rng(7)


def sigmoid(x: Any) -> Any:
    return 1 / (1 + np.exp(-x))


def randomized(layer: Any) -> Any:
    for parameter in layer.parameters():
        parameter.data = rng().normal(size=parameter.shape)
    return layer


def test_a_step_of_each_kind_is_its_formula() -> None:
    x, h, c = rng().normal(size=(3, 4, 2))
    x = x[:, None, :]  # one step

    rnn = randomized(RNN(2, 2, rng=rng()))
    sums = x[:, 0] @ rnn.weight_input.data + h @ rnn.weight_hidden.data + rnn.bias.data
    np.testing.assert_allclose(rnn.run(x, h)[1].data, np.tanh(sums), rtol=1e-13)

    lstm = randomized(LSTM(2, 2, rng=rng()))
    sums = x[:, 0] @ lstm.weight_input.data + h @ lstm.weight_hidden.data + lstm.bias.data
    i, f, g, o = np.split(sums, 4, axis=1)
    cell = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
    _, state = lstm.run(x, (h, c))
    np.testing.assert_allclose(state[0].data, sigmoid(o) * np.tanh(cell), rtol=1e-12)
    np.testing.assert_allclose(state[1].data, cell, rtol=1e-12)

    gru = randomized(GRU(2, 2, rng=rng()))
    of_input = x[:, 0] @ gru.weight_input.data + gru.bias.data
    of_hidden = h @ gru.weight_hidden.data
    r, z = np.split(sigmoid(of_input[:, :4] + of_hidden[:, :4]), 2, axis=1)
    new = np.tanh(of_input[:, 4:] + r * (of_hidden[:, 4:] + gru.bias_hidden.data))
    np.testing.assert_allclose(gru.run(x, h)[1].data, (1 - z) * new + z * h, rtol=1e-12)


@every_kind
@given(steps=st.integers(2, 9), first=st.integers(1, 8))
def test_a_sequence_in_two_parts_gives_the_outputs_of_the_whole(
    kind: Any, steps: int, first: int
) -> None:
    layer, x = kind(2, 3, rng=rng()), rng().normal(size=(2, steps, 2))
    first = min(first, steps - 1)
    start, state = layer.run(x[:, :first])
    end, state = layer.run(x[:, first:], state)
    whole, last = layer.run(x)
    np.testing.assert_allclose(np.concatenate((start, end), 1).data, whole.data, rtol=1e-12)
    np.testing.assert_allclose(np.asarray(state), np.asarray(last), rtol=1e-12)


@every_kind
def test_the_last_output_is_that_of_the_sequence(kind: Any) -> None:
    x = rng().normal(size=(4, 5, 2))
    last, sequence = kind(2, 3, rng=rng(), returns="last"), kind(2, 3, rng=rng())
    np.testing.assert_array_equal(last(x).data, sequence(x)[:, -1].data)


@every_kind
def test_no_output_depends_on_a_later_input(kind: Any) -> None:
    layer, x = kind(2, 3, rng=rng()), rng().normal(size=(4, 6, 2))
    before = layer(x).data[:, :3]
    x[:, 3:] = 9.0
    np.testing.assert_array_equal(layer(x).data[:, :3], before)


@every_kind
def test_sequences_of_a_batch_do_not_mix(kind: Any) -> None:
    layer, x = kind(2, 3, rng=rng()), rng().normal(size=(4, 6, 2))
    rows = [layer(sequence).data for sequence in x]
    np.testing.assert_allclose(layer(x).data, rows, rtol=1e-12)


@every_kind
def test_the_gradient_of_an_array_is_that_of_a_variable(kind: Any) -> None:
    layer, x = kind(2, 3, rng=rng()), rng().normal(size=(4, 7, 2))
    layer(x).sum().backward()
    expected = [parameter.grad for parameter in layer.parameters()]
    layer.zero_grad()
    layer(Tensor(x)).sum().backward()
    for parameter, gradient in zip(layer.parameters(), expected, strict=True):
        np.testing.assert_allclose(parameter.grad, gradient, rtol=1e-12, atol=1e-14)


def test_recurrent_weights_begin_as_rotations_and_forget_biases_as_told() -> None:
    layer = LSTM(1, 4, rng=rng())
    for block in np.hsplit(layer.weight_hidden.data, 4):
        np.testing.assert_allclose(block @ block.T, np.eye(4), atol=1e-14)
    assert np.hsplit(layer.bias.data, 4)[1].tolist() == [1.0] * 4
    assert layer.bias.data.sum() == 4
    assert not LSTM(1, 4, rng=rng(), forget_bias=0.0).bias.data.any()


def test_each_block_of_weights_is_drawn_by_its_own_fans() -> None:
    drawn: list[tuple[int, ...]] = []

    def init(shape: tuple[int, ...], rng: np.random.Generator) -> Any:
        drawn.append(shape)
        return nn.init.zeros(shape, rng)

    GRU(2, 5, rng=rng(), init=init, init_hidden=init)
    assert drawn == [(2, 5)] * 3 + [(5, 5)] * 3


def test_a_tensor_of_many_steps_takes_time_that_grows_with_their_number() -> None:
    def seconds(steps: int) -> float:
        x = Tensor(np.ones((8, steps, 32)))
        layer = RNN(32, 2, rng=rng())
        times = []
        for _ in range(3):
            start = time.perf_counter()
            layer(x).sum().backward()
            times.append(time.perf_counter() - start)
        return min(times)

    # Sixteen times the steps: taken one by one from the whole, the gradients alone cost 256 times.
    assert seconds(640) < 60 * seconds(40)


@every_kind
@pytest.mark.parametrize(
    ("shape", "message"),
    [
        ((4, 5, 3), r"input of shape \(4, 5, 3\), but the layer takes 2 inputs a step, as "),
        ((2,), r"input of shape \(2,\), .* as \(n, time, 2\) or \(time, 2\)"),
        ((1, 4, 5, 2), r"input of shape \(1, 4, 5, 2\)"),
        ((4, 0, 2), r"input of shape \(4, 0, 2\) has no steps; pass at least one"),
    ],
)
def test_an_input_that_does_not_fit_is_named(
    kind: Any, shape: tuple[int, ...], message: str
) -> None:
    with pytest.raises(ShapeError, match=f"^{kind.__name__}: {message}"):
        kind(2, 3, rng=rng())(np.zeros(shape))


@pytest.mark.parametrize(
    ("kind", "state", "error", "message"),
    [
        (GRU, np.zeros((4, 2)), ShapeError, r"state hidden has shape \(4, 2\); .* \(4, 3\)"),
        (RNN, np.zeros(3), ShapeError, r"state hidden has shape \(3,\); .* \(4, 3\)"),
        (LSTM, np.zeros((4, 3)), OperandError, r"ndarray; pass \(hidden, cell\), .* \(4, 3\)"),
        (LSTM, (np.zeros((4, 3)),), OperandError, r"state is a tuple; pass \(hidden, cell\)"),
        (LSTM, (np.zeros((4, 3)), np.zeros((1, 3))), ShapeError, r"state cell has .* \(1, 3\)"),
    ],
)
def test_a_state_that_does_not_fit_is_named(
    kind: Any, state: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=f"^{kind.__name__}: .*{message}"):
        kind(2, 3, rng=rng())(np.zeros((4, 5, 2)), state)


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (partial(RNN, 0, 3), SettingError, r"RNN: inputs is 0; pass a whole number"),
        (partial(GRU, 2, 1.5), SettingError, r"GRU: hidden is 1\.5; pass a whole number"),
        (partial(LSTM, 2, 3, dtype=int), OperandError, r"LSTM: dtype is .*int"),
        (partial(LSTM, 2, 3, returns="all"), SettingError, r"'all'; pass 'sequence' or 'last'"),
        (partial(LSTM, 2, 3, forget_bias=np.nan), SettingError, r"LSTM: forget_bias is nan"),
        (partial(RNN, 2, 3, activation="elu"), SettingError, r"'elu'; pass 'tanh' or 'relu'"),
    ],
)
def test_a_setting_that_is_wrong_is_named(make: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        make(rng=rng())


@every_kind
def test_a_seed_is_no_generator(kind: Any) -> None:
    with pytest.raises(OperandError, match=f"{kind.__name__}: rng is 0"):
        kind(2, 3, rng=0)


def test_a_vector_is_repeated_for_each_step_and_its_gradient_summed() -> None:
    x = Tensor([[1.0, 2.0], [3.0, 4.0]])
    repeated = RepeatVector(3)(x)
    np.testing.assert_array_equal(repeated.data, np.stack([x.data] * 3, axis=1))
    repeated.sum().backward()
    assert x.grad.tolist() == [[3.0, 3.0], [3.0, 3.0]]
    assert RepeatVector(3)(np.zeros(2)).shape == (3, 2)
    assert Sequential(RepeatVector(4), LSTM(2, 3, rng=rng()))(x).shape == (2, 4, 3)


def test_repeat_vector_names_what_it_cannot_repeat() -> None:
    with pytest.raises(ShapeError, match=r"RepeatVector: input of shape \(2, 3, 4\), .* \(n, feat"):
        RepeatVector(3)(np.zeros((2, 3, 4)))
    with pytest.raises(SettingError, match=r"RepeatVector: steps is 0; pass a whole number"):
        RepeatVector(0)

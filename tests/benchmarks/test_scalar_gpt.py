"""The scalar GPT that the benchmark times is the same computation for every Value."""

from __future__ import annotations

import random

import pytest

from autograd import Value
from benchmarks.scalar_gpt_model import GPT, Sizes, tokens_of
from benchmarks.tuple_value import TupleValue

TINY = Sizes(width=4, heads=2, positions=4, hidden=6)


def test_loss_and_gradients_are_those_of_the_baseline() -> None:
    models = [GPT(scalar, TINY, seed=3) for scalar in (Value, TupleValue)]
    losses = [model.loss(tokens_of("abc")) for model in models]
    assert losses[0].data == pytest.approx(losses[1].data, rel=1e-12)
    for loss in losses:
        loss.backward()
    ours, baseline = ([p.grad for p in model.parameters()] for model in models)
    assert len(ours) == 2 * 27 * 4 + 4 * 4 + 4 * 4 * 4 + 2 * 6 * 4
    assert ours == pytest.approx(baseline, rel=1e-9, abs=1e-12)
    assert any(gradient != 0.0 for gradient in ours)


def test_gradients_are_central_differences() -> None:
    model = GPT(Value, TINY, seed=5)
    tokens = tokens_of("bab")
    model.loss(tokens).backward()
    parameters = list(model.parameters())
    for parameter in random.Random(1).sample(parameters, 20):
        at, step = parameter.data, 1e-5
        parameter.data = at + step
        above = model.loss(tokens).data
        parameter.data = at - step
        below = model.loss(tokens).data
        parameter.data = at
        assert parameter.grad == pytest.approx((above - below) / (2 * step), rel=1e-5, abs=1e-9)


def test_a_prediction_depends_only_on_what_came_before() -> None:
    model = GPT(Value, TINY, seed=7)

    def logits_after(document: str) -> list[list[float]]:
        keys: list[list[Value]] = []
        values: list[list[Value]] = []
        return [
            [logit.data for logit in model.logits(token, position, keys, values)]
            for position, token in enumerate(tokens_of(document)[:-1])
        ]

    assert logits_after("abc")[:3] == logits_after("abz")[:3]
    assert logits_after("abc")[3] != logits_after("abz")[3]


def test_training_lowers_the_loss() -> None:
    model = GPT(Value, TINY, seed=9)
    tokens = tokens_of("abc")
    losses = []
    for _ in range(20):
        loss = model.loss(tokens)
        for parameter in model.parameters():
            parameter.grad = 0.0
        loss.backward()
        for parameter in model.parameters():
            parameter.data -= 0.5 * parameter.grad
        losses.append(loss.data)
    assert losses[-1] < 0.5 * losses[0]


def test_the_baseline_differentiates_deeper_than_the_recursion_limit() -> None:
    x = TupleValue(1.0)
    total = x * 1.0
    for _ in range(100_000):
        total = total + x
    total.backward()
    assert x.grad == 100_001.0
    # Freed from its end on: the tuples of a chain this deep are freed without recursion, too.
    del total


def test_the_baseline_counts_both_ways_through_a_diamond() -> None:
    x = TupleValue(3.0)
    y = x * x
    (y * y + y).backward()
    assert x.grad == 4 * 3.0**3 + 2 * 3.0

"""What trained models give: outputs, probabilities, classes and measures."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_nets import numbers_of, plain, points, with_state

from autograd import Tensor
from autograd.errors import SettingError, ShapeError
from nn import Linear, Module, Sequential, Sigmoid, accuracy, cross_entropy, evaluate, mse, predict


@given(batch_size=st.integers(1, 50))
def test_the_size_of_the_batches_does_not_matter(batch_size: int) -> None:
    problem, data = plain(), points()
    whole = evaluate(problem.model, data, cross_entropy, [accuracy])
    parts = evaluate(problem.model, data, cross_entropy, [accuracy], batch_size=batch_size)
    assert parts["accuracy"] == whole["accuracy"]
    assert parts["loss"] == pytest.approx(whole["loss"], rel=1e-14)
    np.testing.assert_allclose(
        predict(problem.model, data[0], batch_size=batch_size), predict(problem.model, data[0])
    )


def test_a_model_is_left_as_it_was() -> None:
    problem = with_state()
    before = numbers_of(problem.model)
    evaluate(problem.model, problem.data, cross_entropy)
    predict(problem.model, problem.data[0])
    assert numbers_of(problem.model) == before and problem.model.training


def test_no_graph_is_recorded() -> None:
    class Watch(Module):
        def forward(self, x: Any) -> Any:
            result = Tensor(x) * 2
            assert not result.operands
            return result

    assert predict(Watch(), np.ones((2, 1))).tolist() == [[2.0], [2.0]]


def test_probabilities_and_classes_of_several_classes() -> None:
    x = np.log([[0.25, 0.75], [0.9, 0.1]])
    np.testing.assert_allclose(predict(Sequential(), x, "probabilities"), np.exp(x))
    assert predict(Sequential(), x, "classes").tolist() == [1, 0]
    shares = np.exp(x)
    assert predict(Sequential(), shares, "probabilities", logits=False).tolist() == shares.tolist()
    assert predict(Sequential(), shares, "classes", logits=False).tolist() == [1, 0]


@pytest.mark.parametrize("shape", [(3,), (3, 1)])
def test_probabilities_and_classes_of_one_class(shape: tuple[int, ...]) -> None:
    x = np.array([-1.0, 0.0, 2.0]).reshape(shape)
    shares = predict(Sequential(), x, "probabilities")
    assert shares.shape == shape
    np.testing.assert_allclose(shares.reshape(-1), 1 / (1 + np.exp([1.0, 0.0, -2.0])))
    assert predict(Sequential(), x, "classes").tolist() == [0, 0, 1]
    assert predict(Sequential(Sigmoid()), x, "classes", logits=False).tolist() == [0, 0, 1]


def test_outputs_of_any_shape_come_as_they_are() -> None:
    model = Linear(3, 2, rng=np.random.default_rng(0), dtype=np.float32)
    outputs = predict(model, np.ones((4, 5, 3), np.float32))
    assert outputs.shape == (4, 5, 2) and outputs.dtype == np.float32
    with pytest.raises(ShapeError, match=r"predict: outputs of shape \(4, 5, 2\) are not those"):
        predict(model, np.ones((4, 5, 3), np.float32), "classes")


def test_bad_arguments_are_refused() -> None:
    with pytest.raises(SettingError, match=r'predict: kind is \'labels\'; it is "outputs", "prob'):
        predict(Sequential(), np.ones((1, 2)), "labels")  # type: ignore[arg-type]
    with pytest.raises(ShapeError, match=r"predict: x of shape \(0, 2\) has no sample"):
        predict(Sequential(), np.ones((0, 2)))
    with pytest.raises(SettingError, match="predict: batch_size is 0; pass a whole number"):
        predict(Sequential(), np.ones((1, 2)), batch_size=0)
    with pytest.raises(SettingError, match="evaluate: batch_size is 0"):
        evaluate(Sequential(), (np.ones((1, 2)), np.ones((1, 2))), mse, batch_size=0)
    with pytest.raises(ShapeError, match=r"evaluate: x of shape .* has no sample"):
        evaluate(Sequential(), (np.ones((0, 2)), np.ones(0)))

"""Initial weights: their spread, their shape, and that a seed settles them."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest

from autograd.errors import OperandError, SettingError, ShapeError
from nn import Linear, init

MATRIX, KERNELS = (300, 200), (40, 30, 5, 4)
EVERY = [
    init.zeros,
    init.normal,
    init.uniform,
    init.xavier_uniform,
    init.xavier_normal,
    init.he_uniform,
    init.he_normal,
    init.orthogonal,
]


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


@pytest.mark.parametrize("initializer", EVERY)
@pytest.mark.parametrize("shape", [MATRIX, KERNELS])
def test_a_seed_settles_the_weights(initializer: init.Initializer, shape: tuple[int, ...]) -> None:
    weights = initializer(shape, rng())
    assert weights.shape == shape and weights.dtype == np.float64
    np.testing.assert_array_equal(weights, initializer(shape, rng()))


@pytest.mark.parametrize(
    ("initializer", "shape", "variance"),
    [
        (init.normal, MATRIX, 1),
        (partial(init.normal, std=0.1), MATRIX, 0.01),
        (partial(init.uniform, bound=0.3), MATRIX, 0.03),
        (init.xavier_uniform, MATRIX, 2 / 500),
        (init.xavier_normal, MATRIX, 2 / 500),
        (init.he_uniform, MATRIX, 2 / 300),
        (init.he_normal, MATRIX, 2 / 300),
        (init.xavier_uniform, KERNELS, 2 / (600 + 800)),
        (init.he_normal, KERNELS, 2 / 600),
    ],
)
def test_weights_have_the_variance_of_their_law(
    initializer: init.Initializer, shape: tuple[int, ...], variance: float
) -> None:
    weights = initializer(shape, rng())
    assert abs(weights.mean()) < 4 * np.sqrt(variance / weights.size)
    assert weights.var() == pytest.approx(variance, rel=0.05)


@pytest.mark.parametrize("shape", [(6, 6), (3, 7), (7, 3), (4, 2, 3, 3), (40, 2, 3, 3)])
def test_the_shorter_side_of_orthogonal_weights_is_an_orthonormal_basis(
    shape: tuple[int, ...],
) -> None:
    matrix = init.orthogonal(shape, rng(), gain=2.0).reshape(shape[0], -1) / 2
    short = matrix if len(matrix) <= matrix.shape[1] else matrix.T
    np.testing.assert_allclose(short @ short.T, np.eye(len(short)), atol=1e-12)


def test_orthogonal_weights_turn_either_way() -> None:
    rotations = [init.orthogonal((2, 2), rng(seed)) for seed in range(40)]
    assert {round(float(np.linalg.det(rotation))) for rotation in rotations} == {-1, 1}
    assert {bool(rotation[0, 0] > 0) for rotation in rotations} == {True, False}


def test_a_layer_takes_an_initializer_with_its_settings() -> None:
    layer = Linear(30, 20, rng=rng(), init=partial(init.uniform, bound=0.01))
    assert 0.005 < np.abs(layer.weight.data).max() <= 0.01


def test_weights_without_inputs_and_outputs_are_refused() -> None:
    with pytest.raises(ShapeError, match=r"weights of shape \(3,\) have no inputs and outputs"):
        init.he_normal((3,), rng())


@pytest.mark.parametrize("spread", [-1.0, float("nan"), float("inf")])
def test_a_spread_that_is_none_is_refused(spread: float) -> None:
    with pytest.raises(SettingError, match="normal: std is"):
        init.normal((2, 2), rng(), std=spread)
    with pytest.raises(SettingError, match="uniform: bound is"):
        init.uniform((2, 2), rng(), bound=spread)
    with pytest.raises(SettingError, match="orthogonal: gain is"):
        init.orthogonal((2, 2), rng(), gain=spread)


def test_a_seed_is_no_generator() -> None:
    with pytest.raises(OperandError, match=r"Linear: rng is 3, .*pass np.random.default_rng\(seed"):
        Linear(2, 2, rng=3)  # type: ignore[arg-type]

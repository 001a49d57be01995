"""BatchNorm, LayerNorm and RMSNorm: statistics, running and of the moment."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autograd import trace
from autograd.errors import OperandError, SettingError, ShapeError, TraceError, TraceWarning
from nn import BatchNorm, LayerNorm, Module, RMSNorm, Sequential

SHAPES = [(5, 3), (2, 3, 4, 2)]


def batch(shape: tuple[int, ...], mean: float = 2.0, dtype: Any = np.float64) -> np.ndarray:
    return np.random.default_rng(0).normal(mean, 3.0, size=shape).astype(dtype)


def others(shape: tuple[int, ...]) -> tuple[int, ...]:
    """The axes that are not those of the features."""
    return (0, *range(2, len(shape)))


@pytest.mark.parametrize("shape", SHAPES)
def test_in_training_each_feature_has_mean_0_and_variance_1(shape: tuple[int, ...]) -> None:
    output = BatchNorm(3, eps=1e-12)(batch(shape)).data
    np.testing.assert_allclose(output.mean(axis=others(shape)), 0, atol=1e-12)
    np.testing.assert_allclose(output.var(axis=others(shape)), 1, rtol=1e-10)


@pytest.mark.parametrize("shape", SHAPES)
def test_running_statistics_follow_mean_and_unbiased_variance(shape: tuple[int, ...]) -> None:
    layer, mean, variance = BatchNorm(3, momentum=0.25), np.zeros(3), np.ones(3)
    for x in (batch(shape), batch(shape, mean=-1.0)):
        layer(x)
        mean = 0.75 * mean + 0.25 * x.mean(axis=others(shape))
        variance = 0.75 * variance + 0.25 * x.var(axis=others(shape), ddof=1)
    np.testing.assert_allclose(layer.running_mean, mean, rtol=1e-12)
    np.testing.assert_allclose(layer.running_var, variance, rtol=1e-12)


def test_running_statistics_are_those_of_pytorch() -> None:
    torch = pytest.importorskip("torch")
    ours, theirs = BatchNorm(3), torch.nn.BatchNorm2d(3).double()
    for x in (batch((2, 3, 4, 2)), batch((2, 3, 4, 2), mean=-1.0)):
        ours(x)
        theirs(torch.tensor(x))
    np.testing.assert_allclose(ours.running_mean, theirs.running_mean.numpy(), rtol=1e-12)
    np.testing.assert_allclose(ours.running_var, theirs.running_var.numpy(), rtol=1e-12)


def test_in_eval_the_running_statistics_are_taken_and_stay() -> None:
    layer = BatchNorm(2)
    layer(batch((4, 2)))
    before, x = layer.state_dict(), batch((1, 2))
    output = layer.eval()(x).data
    expected = (x - before["running_mean"]) / np.sqrt(before["running_var"] + 1e-5)
    np.testing.assert_allclose(output, expected, rtol=1e-12)
    np.testing.assert_equal(layer.state_dict(), before)


def test_running_statistics_are_state_and_not_parameters() -> None:
    layer = Sequential(BatchNorm(2))
    assert [path for path, _ in layer.named_parameters()] == ["0.weight", "0.bias"]
    assert [path for path, _ in layer.named_buffers()] == ["0.running_mean", "0.running_var"]


def test_running_statistics_of_float32_stay_float32_also_for_a_float64_batch() -> None:
    layer = BatchNorm(3, dtype=np.float32)
    layer(batch((4, 3)))
    assert (layer.running_mean.dtype, layer.running_var.dtype) == (np.float32, np.float32)


@pytest.mark.parametrize("layer", [BatchNorm(3, dtype=np.float32), LayerNorm(3, dtype=np.float32)])
def test_the_variance_keeps_its_digits_far_from_zero(layer: Module) -> None:
    near = batch((3, 3), mean=0.0).round()
    x = (near + 10_000).astype(np.float32)
    np.testing.assert_allclose(layer(x).data, layer(near.astype(np.float32)).data, atol=1e-3)


@pytest.mark.parametrize("shape", [(1, 3), (1, 3, 1, 1)])
def test_one_number_of_each_feature_has_no_variance_to_train_with(shape: tuple[int, ...]) -> None:
    layer, x = BatchNorm(3), batch(shape)
    message = r"input of shape \(1, 3.*\) has 1 of each feature, .*larger batch.*eval\(\)"
    with pytest.raises(ShapeError, match=message):
        layer(x)
    assert layer.eval()(x).shape == shape


def test_one_image_of_several_pixels_can_be_trained_with() -> None:
    assert BatchNorm(3)(batch((1, 3, 2, 2))).shape == (1, 3, 2, 2)


@pytest.mark.parametrize("layer", [LayerNorm(6), LayerNorm((2, 3))])
def test_a_layer_norm_gives_each_sample_mean_0_and_variance_1(layer: LayerNorm) -> None:
    axes = tuple(range(-layer.weight.ndim, 0))
    output = layer(batch((4, *layer.weight.shape))).data
    np.testing.assert_allclose(output.mean(axis=axes), 0, atol=1e-12)
    np.testing.assert_allclose(output.var(axis=axes), 1, rtol=1e-4)


def test_an_rms_norm_gives_each_sample_a_mean_square_of_1() -> None:
    np.testing.assert_allclose(np.square(RMSNorm(6)(batch((4, 6))).data).mean(-1), 1, rtol=1e-4)


@pytest.mark.parametrize(
    ("layer", "shape", "message"),
    [
        (
            BatchNorm(3),
            (4, 2),
            r"input of shape \(4, 2\), .* takes 3 features, as \(n, 3\) or ",
        ),
        (BatchNorm(3), (3,), r"BatchNorm: input of shape \(3,\)"),
        (BatchNorm(3), (2, 3, 4), r"BatchNorm: input of shape \(2, 3, 4\)"),
        (LayerNorm(3), (3, 2), r"LayerNorm: input of shape \(3, 2\), .* takes \(\.\.\., 3\)"),
        (LayerNorm((2, 3)), (3,), r"LayerNorm: input of shape \(3,\), .* takes \(\.\.\., 2, 3\)"),
        (RMSNorm(3), (), r"RMSNorm: input of shape \(\), .* takes \(\.\.\., 3\)"),
    ],
)
def test_an_input_that_does_not_fit_is_named(
    layer: Module, shape: tuple[int, ...], message: str
) -> None:
    with pytest.raises(ShapeError, match=message):
        layer(np.zeros(shape))


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: BatchNorm(0), SettingError, r"BatchNorm: features is 0; pass a whole number"),
        (lambda: BatchNorm(2, momentum=1.5), SettingError, r"BatchNorm: momentum is 1\.5"),
        (lambda: BatchNorm(2, eps=0), SettingError, r"BatchNorm: eps is 0; it must be above 0"),
        (lambda: BatchNorm(2, dtype=int), OperandError, r"BatchNorm: dtype is"),
        (lambda: LayerNorm(()), SettingError, r"LayerNorm: shape \(\), of which None"),
        (lambda: LayerNorm((2, 0)), SettingError, r"LayerNorm: shape \(2, 0\), of which 0"),
        (lambda: RMSNorm(2.5), SettingError, r"RMSNorm: shape 2\.5"),  # type: ignore[arg-type]
        (lambda: RMSNorm(2, eps=np.nan), SettingError, r"RMSNorm: eps is nan"),
    ],
)
def test_an_argument_that_is_wrong_is_named(
    make: Callable[[], Module], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        make()


def test_a_traced_training_step_is_refused_and_changes_no_statistics() -> None:
    layer, x = BatchNorm(2), batch((4, 2))
    before = layer.state_dict()
    with pytest.raises(TraceError, match=r"BatchNorm: .*running statistics.*set the net to eval"):
        trace(lambda x: layer(x).sum())(x)
    np.testing.assert_equal(layer.state_dict(), before)


def test_a_traced_net_in_eval_follows_new_running_statistics() -> None:
    layer, x = BatchNorm(2), batch((4, 2))
    traced = trace(lambda x: layer(x))
    layer.eval()
    first = traced(x).data
    np.testing.assert_array_equal(first, layer(x).data)
    layer.train()(x)
    layer.eval()
    with pytest.warns(TraceWarning, match=r"running_(mean|var)"):
        second = traced(x).data
    np.testing.assert_array_equal(second, layer(x).data)
    assert not np.array_equal(first, second)


def test_a_net_traced_in_eval_is_refused_once_it_is_set_to_train() -> None:
    layer, x = BatchNorm(2).eval(), batch((4, 2))
    traced = trace(lambda x: layer(x))
    traced(x)
    layer.train()
    with pytest.warns(TraceWarning, match="training"), pytest.raises(TraceError, match="BatchNorm"):
        traced(x)

"""The softmax family: stable at any size of the logits, and exact derivatives of two orders."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from array_gate_laws import DTYPES, VIEWS, arrays, check, check_on_scalars
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from autograd import Tensor, gradients
from autograd.array_gates import log_softmax, logsumexp, softmax, softmax_cross_entropy
from autograd.errors import LabelError, ShapeError

SHAPES = hnp.array_shapes(min_dims=1, max_dims=4, max_side=3)
# Rows that are few or many, short or long, are computed in different ways.
LAYOUTS = [(1, 3), (63, 3), (64, 3), (70, 1), (64, 32), (64, 33), (8, 9, 4), (1, 32), (3, 32, 2)]


def numbers(shape: tuple[int, ...], scale: float = 3.0) -> np.ndarray:
    return np.random.default_rng(0).normal(size=shape) * scale


def exact_log_softmax(x: np.ndarray, axis: Any = -1) -> np.ndarray:
    """By the definition, in long doubles, whose exponentials do not overflow here."""
    wide = x.astype(np.longdouble)
    wide = wide - wide.max(axis=axis, keepdims=True)
    return wide - np.log(np.exp(wide).sum(axis=axis, keepdims=True))


@pytest.mark.parametrize("shape", LAYOUTS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("scale", [1, 100])
def test_every_layout_gives_the_digits_of_the_definition(
    shape: tuple[int, ...], dtype: Any, scale: float
) -> None:
    x = numbers(shape, scale).astype(dtype)
    accuracy = {"rtol": 8 * np.finfo(dtype).eps, "atol": 8 * np.finfo(dtype).eps}
    for axis in range(-x.ndim, x.ndim):
        expected = exact_log_softmax(x, axis)
        for gate, reference in ((log_softmax, expected), (softmax, np.exp(expected))):
            ours = gate(x, axis=axis)
            assert (ours.dtype, ours.shape) == (x.dtype, x.shape)
            assert ours.flags.c_contiguous or axis not in (-1, x.ndim - 1)
            np.testing.assert_allclose(ours, reference, **accuracy)
        for keepdims in (False, True):
            ours = logsumexp(x, axis=axis, keepdims=keepdims)
            reference = (x - expected).max(axis=axis, keepdims=keepdims)
            assert (ours.dtype, ours.shape) == (x.dtype, reference.shape)
            np.testing.assert_allclose(ours, reference, **accuracy)


@given(shape=SHAPES, dtype=DTYPES, view=VIEWS, data=st.data())
def test_softmax_of_views_over_every_axis(
    shape: Any, dtype: Any, view: Any, data: st.DataObject
) -> None:
    x = data.draw(arrays(shape, dtype))
    several = tuple(data.draw(st.permutations(range(x.ndim)))[: data.draw(st.integers(1, x.ndim))])
    axis = data.draw(st.sampled_from([*range(-x.ndim, x.ndim), several, None]))
    check(lambda x: softmax(view(x), axis=axis), x)
    check(lambda x: log_softmax(view(x), axis=axis), x)
    check(lambda x: logsumexp(view(x), axis=axis), x)
    check(lambda x: logsumexp(view(x), axis=axis, keepdims=True), x)


@pytest.mark.parametrize("gate", [softmax, log_softmax, logsumexp])
@pytest.mark.parametrize("shape", [(65, 2), (2, 33, 2), (0, 3), (2, 0, 3)])
def test_derivatives_in_every_layout(gate: Any, shape: tuple[int, ...]) -> None:
    x = numbers(shape)
    for axis in (-1, x.ndim - 1):
        check(lambda x, axis=axis: gate(x, axis=axis), x)


def test_logsumexp_of_a_number_is_the_number() -> None:
    for axis in (None, ()):
        check(lambda x, axis=axis: logsumexp(x, axis=axis), np.array(1.5))


@pytest.mark.parametrize("rows", [1, 100])
def test_large_logits_neither_overflow_nor_lose_digits(rows: int) -> None:
    x = np.tile([1.0, 2.0, 788.0, 789.0], (rows, 1))
    expected = np.array([0, 0, 1 / (1 + np.e), np.e / (1 + np.e)])
    for offset in (0.0, 1e9, -1e9):
        np.testing.assert_allclose(softmax(x + offset), np.tile(expected, (rows, 1)), rtol=1e-15)
        np.testing.assert_array_equal(log_softmax(x + offset), log_softmax(x))
    np.testing.assert_allclose(log_softmax(x)[0, 0], -788 - np.log1p(np.exp(-1)), rtol=1e-15)
    np.testing.assert_allclose(logsumexp(x + 1e300, axis=1), 1e300)


def test_integers_are_not_subtracted_as_such() -> None:
    x = np.array([[0, 255]], np.uint8)
    for gate in (softmax, log_softmax, logsumexp):
        np.testing.assert_array_equal(gate(x, axis=-1), gate(x.astype(float), axis=-1))
    losses = softmax_cross_entropy(x, labels=[1])
    np.testing.assert_array_equal(losses, softmax_cross_entropy(x.astype(float), labels=[1]))


@pytest.mark.parametrize("rows", [1, 50])
def test_logsumexp_of_infinite_rows_is_infinite_without_a_warning(rows: int) -> None:
    inf = np.inf
    x = np.array([[-inf, -inf], [inf, 1e4], [-inf, 3.0], [np.nan, 1e4], [inf, inf]] * rows)
    np.testing.assert_array_equal(logsumexp(x, axis=1), [-inf, inf, 3.0, np.nan, inf] * rows)
    assert logsumexp(np.full(3, -inf)) == -inf


def test_row_of_minus_infinity_has_the_gradient_zero() -> None:
    x = Tensor([[-np.inf, -np.inf], [-np.inf, 3.0], [0.0, 0.0]])
    logsumexp(x, axis=1).backward(np.ones(3))
    np.testing.assert_array_equal(x.grad, [[0, 0], [0, 1], [0.5, 0.5]])
    gradient = gradients(logsumexp(x, axis=1).sum(), x, create_graph=True)
    second = gradients((gradient * gradient).sum(), x)
    assert not np.isnan(second.data).any()


def test_probabilities_of_a_row_of_minus_infinity_are_undefined() -> None:
    for gate in (softmax, log_softmax):
        with pytest.warns(RuntimeWarning, match="invalid value"):
            assert np.isnan(gate(np.full(3, -np.inf))).all()


def test_masked_logit_has_no_probability_and_no_gradient() -> None:
    x = Tensor([[1.0, -np.inf, 1.0]])
    out = softmax(x)
    out.backward(np.array([[1.0, 5.0, 0.0]]))
    np.testing.assert_array_equal(out.data, [[0.5, 0, 0.5]])
    np.testing.assert_array_equal(x.grad, [[0.25, 0, -0.25]])
    x.zero_grad()
    softmax_cross_entropy(x, labels=[2]).sum().backward()
    np.testing.assert_array_equal(x.grad, [[0.5, 0, -0.5]])


@given(
    shape=hnp.array_shapes(min_dims=1, max_dims=4, max_side=3),
    dtype=DTYPES,
    view=VIEWS,
    data=st.data(),
)
def test_cross_entropy_of_views_over_every_axis(
    shape: Any, dtype: Any, view: Any, data: st.DataObject
) -> None:
    x = data.draw(arrays(shape, dtype))
    seen = view(x)
    axis = data.draw(st.integers(-x.ndim, x.ndim - 1))
    others = list(seen.shape)
    classes = others.pop(axis)
    labels = data.draw(hnp.arrays(np.int64, tuple(others), elements=st.integers(0, classes - 1)))
    check(lambda x: softmax_cross_entropy(view(x), labels=labels, axis=axis), x)
    picked = np.take_along_axis(log_softmax(seen, axis=axis), np.expand_dims(labels, axis), axis)
    np.testing.assert_allclose(
        softmax_cross_entropy(seen, labels=labels, axis=axis),
        -picked.squeeze(axis),
        rtol=1e-6 if dtype is np.float32 else 1e-14,
        atol=1e-6 if dtype is np.float32 else 1e-14,
    )


@pytest.mark.parametrize("shape", [(70, 3), (70, 33), (8, 9, 4), (0, 3), (2, 0, 3)])
def test_cross_entropy_in_every_layout(shape: tuple[int, ...]) -> None:
    x = numbers(shape)
    labels = np.random.default_rng(1).integers(0, shape[-1], shape[:-1])
    check(lambda x: softmax_cross_entropy(x, labels=labels.astype(np.uint8)), x)
    frozen = x.copy()
    frozen.flags.writeable = False
    softmax_cross_entropy(Tensor(frozen), labels=labels).sum().backward()


@pytest.mark.parametrize("rows", [1, 70])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_cross_entropy_is_as_exact_as_log_softmax(rows: int, dtype: Any) -> None:
    for row in ([0.1, 0.2, -1000.0], [1e6, 1e6 + 1, 1e6 + 3], [-50.0, 0.0, 0.5], [3e4, 0.0, -3e4]):
        x = np.tile(np.array(row, dtype), (rows, 1))
        exact = exact_log_softmax(x)
        for label in range(3):
            logits = Tensor(x)
            losses = softmax_cross_entropy(logits, labels=np.full(rows, label))
            losses.backward(np.ones(rows, dtype))
            assert logits.grad is not None and logits.grad.dtype == losses.dtype == dtype
            accuracy = {"rtol": 4 * np.finfo(dtype).eps, "atol": 4 * np.finfo(dtype).eps}
            np.testing.assert_allclose(losses.data, -exact[:, label], **accuracy)
            gradient = np.exp(exact) - (np.arange(3) == label)
            np.testing.assert_allclose(logits.grad, gradient, **accuracy)


def test_label_without_probability_costs_infinitely_and_still_has_a_gradient() -> None:
    x = Tensor([[1.0, -np.inf, 1.0]])
    loss = softmax_cross_entropy(x, labels=[1])
    loss.sum().backward()
    assert loss.item() == np.inf
    np.testing.assert_array_equal(x.grad, [[0.5, -1.0, 0.5]])


@pytest.mark.parametrize("axis", [0, 1])
def test_softmax_family_on_scalars(axis: int) -> None:
    x = numbers((3, 2))
    for gate in (softmax, log_softmax, logsumexp):
        check_on_scalars(gate, x, axis=axis)
    check_on_scalars(logsumexp, x, axis=axis, keepdims=True)
    labels = np.array([1, 0, 1])[: x.shape[1 - axis]]
    check_on_scalars(softmax_cross_entropy, x, labels=labels, axis=axis)


def test_extreme_logits_on_scalars() -> None:
    x = np.array([[1000.0, 999.0], [-1000.0, -999.0], [-np.inf, 2.0]])
    for gate in (softmax, logsumexp):
        check_on_scalars(gate, x, axis=1)
    check_on_scalars(log_softmax, x[:2], axis=1)
    check_on_scalars(logsumexp, np.array([[-np.inf, -np.inf], [1.0, 2.0]]), axis=1)


def test_family_agrees_with_pytorch() -> None:
    torch = pytest.importorskip("torch")
    x = numbers((70, 5), 20)
    weights = numbers((70, 5))
    labels = np.random.default_rng(1).integers(0, 5, 70)
    functions = torch.nn.functional
    for ours, theirs, seed in [
        (softmax, lambda t: torch.softmax(t, -1), weights),
        (log_softmax, lambda t: torch.log_softmax(t, -1), weights),
        (lambda t: logsumexp(t, axis=1), lambda t: torch.logsumexp(t, 1), weights[:, 0]),
        (
            lambda t: softmax_cross_entropy(t, labels=labels),
            lambda t: functions.cross_entropy(t, torch.tensor(labels), reduction="none"),
            weights[:, 0],
        ),
    ]:
        tensor, reference = Tensor(x), torch.tensor(x, requires_grad=True)
        out, expected = ours(tensor), theirs(reference)
        out.backward(seed)
        expected.backward(torch.tensor(seed))
        np.testing.assert_allclose(out.data, expected.detach().numpy(), rtol=1e-13, atol=1e-15)
        np.testing.assert_allclose(tensor.grad, reference.grad.numpy(), rtol=1e-11, atol=1e-14)


X = Tensor(np.zeros((2, 3)))


@pytest.mark.parametrize(
    ("wrong", "error", "message"),
    [
        (lambda: softmax(X, axis=2), ShapeError, r"softmax: shape \(2, 3\), axis=2: axis 2 is out"),
        (lambda: log_softmax(X, axis=-3), ShapeError, r"log_softmax: shape \(2, 3\), axis=-3"),
        (
            lambda: logsumexp(X, axis=(0, 2)),
            ShapeError,
            r"logsumexp: shape \(2, 3\), axis=\(0, 2\)",
        ),
        (
            lambda: softmax(Tensor(np.zeros((2, 0)))),
            ShapeError,
            r"softmax: shape \(2, 0\).*no ident",
        ),
        (lambda: logsumexp(Tensor([])), ShapeError, r"logsumexp: shape \(0,\).*no identity"),
        (
            lambda: softmax_cross_entropy(X, labels=[0, 1, 2]),
            ShapeError,
            r"labels \(3,\) for samples \(2,\); there must be one label for each",
        ),
        (
            lambda: softmax_cross_entropy(X, labels=[0, 3]),
            LabelError,
            r"label 3 at \[1\] is out of range; labels are integers from 0 to 2",
        ),
        (
            lambda: softmax_cross_entropy(Tensor(np.zeros((2, 2, 3))), labels=[[0, 1], [-1, 2]]),
            LabelError,
            r"label -1 at \[1, 0\] is out of range",
        ),
        (
            lambda: softmax_cross_entropy(X[0], labels=np.uint8(3)),
            LabelError,
            "label 3 is out of range",
        ),
        (
            lambda: softmax_cross_entropy(X, labels=[0.0, 1.0]),
            LabelError,
            r"labels of float64; pass integers, labels.astype\(int\)",
        ),
        (lambda: softmax_cross_entropy(X, labels=[True, False]), LabelError, "labels of bool"),
        (
            lambda: softmax_cross_entropy(X, labels=[0, 1], axis=2),
            ShapeError,
            r"logits \(2, 3\) have no axis 2",
        ),
        (
            lambda: softmax_cross_entropy(Tensor(np.zeros((2, 0))), labels=[0, 1]),
            ShapeError,
            r"logits \(2, 0\): there is no class",
        ),
    ],
)
def test_misfit_is_named(wrong: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        wrong()

"""The forward traversal: every gate's jvp from its vjp, without a rule of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd
from autograd import Tensor, Value, checkpoint
from autograd.custom import custom_gate
from autograd.errors import OperandError, StaleError
from autograd.forward import Linearization
from autograd.transforms import grad, hessian, jacfwd, jacrev, jvp

RNG = np.random.default_rng(0)
SQUARE = RNG.normal(size=(3, 3)) + 3 * np.eye(3)
STACK = RNG.normal(size=(2, 3, 3)) + 3 * np.eye(3)
BLOCK = RNG.normal(size=(2, 3, 4))
VECTOR = RNG.normal(size=5)

ARRAY_FUNCTIONS: dict[str, tuple[Callable[..., Any], tuple[np.ndarray, ...]]] = {
    "matmul": (lambda a, b: a @ b, (BLOCK, RNG.normal(size=(4, 2)))),
    "matmul that broadcasts": (lambda a, b: a @ b, (SQUARE, BLOCK)),
    "matrix times vector": (lambda a, b: a @ b, (SQUARE, VECTOR[:3])),
    "dot": (lambda a, b: np.dot(a, b), (VECTOR, VECTOR[::-1])),
    "outer": (lambda a, b: np.outer(a, b), (VECTOR, VECTOR[:2])),
    "einsum": (lambda a, b: np.einsum("bij,jk->bk", a, b), (BLOCK, RNG.normal(size=(4, 2)))),
    "tensordot": (lambda a, b: np.tensordot(a, b, 1), (BLOCK, RNG.normal(size=(4, 2)))),
    "inverse": (np.linalg.inv, (STACK,)),
    "solve": (lambda a, b: np.linalg.solve(a, b), (SQUARE, SQUARE[:, :2])),
    "determinant": (np.linalg.det, (STACK,)),
    "cholesky": (lambda a: np.linalg.cholesky(a @ a.T), (SQUARE,)),
    "sum": (lambda a: a.sum(axis=(0, -1)), (BLOCK,)),
    "mean": (lambda a: np.mean(a, axis=1, keepdims=True), (BLOCK,)),
    "max": (lambda a: a.max(axis=1), (BLOCK,)),
    "softmax": (lambda a: autograd.softmax(a, axis=1), (BLOCK,)),
    "log_softmax": (autograd.log_softmax, (BLOCK,)),
    "logsumexp": (lambda a: autograd.logsumexp(a, axis=(0, 1)), (BLOCK,)),
    "indexing": (lambda a: a[:, [0, 0, 2], None, ::-1], (BLOCK,)),
    "mask": (lambda a: a[BLOCK > 0], (BLOCK,)),
    "reshape and transpose": (lambda a: a.transpose(2, 0, 1).reshape(4, 6), (BLOCK,)),
    "broadcast": (lambda a: np.broadcast_to(a, (2, 3, 4)), (BLOCK[:1, :, :1],)),
    "concatenate": (lambda a, b: np.concatenate([a, b, a], axis=-1), (BLOCK, BLOCK[..., :1])),
    "stack": (lambda a, b: np.stack([a, b, a], axis=1), (VECTOR, VECTOR[::-1])),
    "where": (lambda a, b: np.where(VECTOR > 0, a * b, b), (VECTOR, VECTOR[::-1])),
    "repeat and tile": (lambda a: np.tile(np.repeat(a, 2), 3), (VECTOR,)),
    "flip and roll": (lambda a: np.roll(np.flip(a, 0), 1, axis=2), (BLOCK,)),
    "pad": (lambda a: np.pad(a, 1), (SQUARE,)),
    "triangles": (lambda a: np.tril(a) @ np.triu(a), (SQUARE,)),
    "diagonal and trace": (lambda a: np.diag(np.diagonal(a)) * np.trace(a), (SQUARE,)),
    "put into an array": (lambda a: _put(a), (SQUARE,)),
}


def _put(a: Any) -> Any:
    b = a * 2
    b[1] = np.ones(3)
    b[:, 0] = a[0] * a[1]
    return b


@pytest.mark.parametrize(("f", "operands"), ARRAY_FUNCTIONS.values(), ids=ARRAY_FUNCTIONS.keys())
def test_forward_and_reverse_mode_agree_through_every_kind_of_array_gate(
    f: Callable[..., Any], operands: tuple[np.ndarray, ...]
) -> None:
    # A square, so that second derivatives pass through the gate.
    def squared(*operands: Any) -> Any:
        return f(*operands) ** 2

    by = tuple(range(len(operands)))
    for block, expected in zip(
        jacfwd(squared, by)(*operands), jacrev(squared, by)(*operands), strict=True
    ):
        np.testing.assert_allclose(block, expected, rtol=1e-10, atol=1e-10)
    tangents = [np.cos(np.arange(x.size)).reshape(x.shape) for x in operands]
    for order in (jvp, lambda f, x, t: jvp(lambda *x: jvp(f, x, t)[1], x, t)):
        for dtype in (np.float64, np.float32):
            at = [x.astype(dtype) for x in operands]
            assert order(lambda *x: squared(*x)[None], at, tangents)[1].dtype == dtype

    def slope(*operands: Any) -> Any:
        return jvp(squared, operands, tangents)[1].sum()

    def same(*operands: Any) -> Any:
        gradients = grad(lambda *x: squared(*x).sum(), by)(*operands)
        return sum((g * t).sum() for g, t in zip(gradients, tangents, strict=True))

    for found, expected in zip(grad(slope, by)(*operands), grad(same, by)(*operands), strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-9)


def test_one_linearization_serves_many_tangents() -> None:
    x, y = Tensor([1.0, 2.0]), Tensor([3.0, 4.0])
    push = Linearization([x * y, x.sum(), y], [x, y], create_graph=False)
    tangents = push([np.array([1.0, 0.0]), np.array([0.0, 1.0])])
    assert [tangent.tolist() for tangent in tangents] == [[3.0, 2.0], 1.0, [0.0, 1.0]]
    assert push([None, None]) == [None, None, None]
    assert push([None, np.ones(2)])[1] is None


def test_tangents_have_the_shape_and_dtype_of_the_result() -> None:
    ones = np.ones((2, 3))
    for f in (lambda x: x + ones, lambda x: grad(lambda y: (x * y).sum())(ones)):
        tangent = jvp(f, (np.float32(1.0),), (np.float32(2.0),))[1]
        assert tangent.dtype == np.float64
        np.testing.assert_array_equal(tangent, 2 * ones)
    tangent = jvp(lambda x: x @ ones, (ones[:, :2].astype(np.float32),), (ones[:, :2],))[1]
    assert tangent.dtype == np.float64
    x = Tensor([1.0], dtype=np.float32)
    jvp(lambda x: x + ones, (x,), (x,))[1].sum().backward()
    assert x.grad.tolist() == [6.0]
    assert x.grad.dtype == np.float32


def test_tangents_of_gates_of_many_scalars() -> None:
    xs, ts = [Value(1.0), Value(2.0), Value(4.0)], [1.0, 10.0, 100.0]
    assert jvp(autograd.sum, (xs,), (ts,))[1].data == 111.0
    assert jvp(autograd.mean, (xs,), (ts,))[1].data == pytest.approx(37.0)
    assert jvp(lambda x: autograd.dot(x, x), (xs,), (ts,))[1].data == 2 * 421.0
    second = jvp(lambda x: jvp(lambda x: autograd.dot(x, x), (x,), (ts,))[1], (xs,), (ts,))[1]
    assert second.data == 2 * 10101.0


def test_forward_mode_through_gates_of_the_users_own() -> None:
    @custom_gate(vjp=lambda g, out, x: g * 2 * x)
    def square(x: Any) -> Any:
        return x * x

    x = np.array([1.0, 3.0])
    np.testing.assert_array_equal(jacfwd(square)(x), [[2.0, 0.0], [0.0, 6.0]])
    assert jacfwd(jacfwd(lambda x: square(x).sum()))(x).tolist() == [[2.0, 0.0], [0.0, 2.0]]


def test_vjp_that_leaves_the_graph_is_refused_in_forward_mode() -> None:
    @custom_gate(vjp=lambda g, out, x: np.asarray(g) * 2)
    def double(x: Any) -> Any:
        return x * 2

    assert grad(lambda x: double(x).sum())(np.ones(2)).tolist() == [2.0, 2.0]
    with pytest.raises(OperandError, match="double: its vjp by operand 0 gives a plain array for"):
        jvp(double, (np.ones(2),), (np.ones(2),))


def test_forward_mode_through_a_checkpoint() -> None:
    w = Tensor(3.0)
    f = checkpoint(lambda x: w * x**3)
    assert jvp(f, (2.0,), (1.0,)) == (24.0, 36.0)
    assert jacfwd(jacfwd(f))(2.0) == hessian(f)(2.0) == 36.0
    # What is within is run again in the pass, and still is within a transform.
    inner = checkpoint(lambda x: grad(lambda y: x * x * y)(1.0))
    assert grad(inner)(3.0) == jacfwd(inner)(3.0) == 6.0
    assert grad(grad(inner))(3.0) == 2.0


@pytest.mark.parametrize("transform", [grad, jacfwd, hessian])
def test_an_operand_that_was_changed_in_place_is_noticed(transform: Callable[..., Any]) -> None:
    w = Tensor([1.0, 2.0])

    def f(x: Any) -> Any:
        y = (w * x).sum()
        w[0] = 100.0
        return y

    with pytest.raises(StaleError):
        transform(f)(np.ones(2))

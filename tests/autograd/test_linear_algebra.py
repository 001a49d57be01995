"""Linear algebra: stacks, singular matrices, derivatives of two orders and more, and errors."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from array_gate_laws import ELEMENTS, arrays, assert_is_numpys, check, check_on_scalars
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from autograd import Tensor, Value, array_gates, gradients
from autograd.array_gates import cofactors, cofactors_along, det, inv, logabsdet, solve
from autograd.errors import AutogradError, OperandError, ShapeError, SingularMatrixError

STACKS = st.sampled_from([(), (2,), (1,), (0,), (2, 2)])
DTYPES = st.sampled_from([np.float64, np.float64, np.float32])


@st.composite
def matrices(draw: st.DrawFn, max_size: int = 4) -> np.ndarray:
    """Any square matrices."""
    n = draw(st.integers(0, max_size))
    return draw(hnp.arrays(draw(DTYPES), (*draw(STACKS), n, n), elements=ELEMENTS))


def made_regular(a: np.ndarray) -> np.ndarray:
    """With a diagonal that outweighs the rest."""
    return np.asarray(a / 4 + 4 * np.eye(a.shape[-1]), a.dtype)


REGULAR = matrices().map(made_regular)


def of_rank(rank: int, n: int = 4) -> np.ndarray:
    rng = np.random.default_rng(rank)
    return rng.normal(size=(n, rank)) @ rng.normal(size=(rank, n))


def logarithm_of_determinant(a: Any) -> Any:
    return np.linalg.slogdet(a)[1]


@given(a=REGULAR)
def test_inverses(a: np.ndarray) -> None:
    check(np.linalg.inv, a)
    check(lambda a: np.linalg.inv(a.mT[..., ::-1, ::-1]), a)


@given(a=REGULAR, columns=st.integers(0, 2), stack=STACKS, dtype=DTYPES, data=st.data())
def test_solutions_of_stacked_and_broadcast_systems(
    a: np.ndarray, columns: int, stack: Any, dtype: Any, data: st.DataObject
) -> None:
    n = a.shape[-1]
    leading = stack[len(stack) - data.draw(st.integers(0, len(stack))) :]
    if leading and a.ndim > 2:
        leading = tuple(data.draw(st.sampled_from([1, size])) for size in a.shape[:-2])
    check(np.linalg.solve, a, data.draw(arrays((*leading, n, columns), dtype)))
    check(np.linalg.solve, a, data.draw(arrays((n,), dtype)))


@given(a=matrices())
def test_determinants_of_any_matrices(a: np.ndarray) -> None:
    # Many of those drawn are singular. The reference is exact: a determinant is a polynomial.
    check(np.linalg.det, a)


@pytest.mark.parametrize("rank", range(5))
def test_determinants_of_singular_matrices_have_two_derivatives(rank: int) -> None:
    a = of_rank(rank)
    check(np.linalg.det, a)
    check(np.linalg.det, np.stack([a, of_rank(4), a.T]))
    check(np.linalg.det, np.diag([2.0] * rank + [0.0] * (4 - rank)))


def test_gradient_of_the_determinant_is_the_matrix_of_cofactors() -> None:
    x = Tensor([[1.0, 2.0], [2.0, 4.0]])
    np.linalg.det(x).backward()
    np.testing.assert_allclose(x.grad, [[4.0, -2.0], [-2.0, 1.0]], rtol=1e-12)


@given(a=REGULAR, data=st.data())
def test_determinants_of_regular_matrices_have_four_derivatives(
    a: np.ndarray, data: st.DataObject
) -> None:
    a = a.astype(np.float64)
    check(cofactors, a, tolerance=1e-5)
    check(cofactors_along, a, data.draw(arrays(a.shape)), tolerance=1e-5)


def test_third_derivative_of_the_determinant_of_a_singular_matrix_is_nan() -> None:
    a = Tensor(np.stack([np.ones((3, 3)), np.eye(3)]))
    third = gradients(cofactors_along(a, np.ones((2, 3, 3))), a, np.ones((2, 3, 3)))
    assert np.isnan(third.data[0]).all()
    assert np.isfinite(third.data[1]).all()


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_matrices_that_are_not_finite_have_no_gradient_and_spoil_no_other(bad: float) -> None:
    a = np.stack([np.eye(2), np.diag([2.0, 3.0])])
    a[0, 0, 1] = bad
    for function, expected in [(np.linalg.det, np.diag([3.0, 2.0])), (np.linalg.inv, None)]:
        x = Tensor(a)
        with np.errstate(all="ignore"):
            function(x).backward(np.ones(function(a).shape))
        assert np.isnan(x.grad[0]).any() and np.isfinite(x.grad[1]).all()
        if expected is not None:
            np.testing.assert_allclose(x.grad[1], expected)


@given(a=REGULAR)
def test_logarithms_of_determinants(a: np.ndarray) -> None:
    check(logarithm_of_determinant, a)
    check(lambda a: logarithm_of_determinant(-a), a)


def test_slogdet_is_a_plain_sign_and_a_tensor() -> None:
    a = np.stack([np.diag([2.0, 3.0]), np.diag([-2.0, 3.0])])
    result, expected = np.linalg.slogdet(Tensor(a)), np.linalg.slogdet(a)
    sign, logarithm = result
    assert type(sign) is np.ndarray and isinstance(logarithm, Tensor)
    assert sign is result.sign and logarithm is result.logabsdet
    assert_is_numpys(sign, expected.sign)
    assert_is_numpys(logarithm, expected.logabsdet)


def test_slogdet_of_a_large_matrix_does_not_overflow() -> None:
    x = Tensor(100 * np.eye(400))
    logarithm_of_determinant(x).backward()
    np.testing.assert_allclose(x.grad, np.eye(400) / 100)


def test_singular_matrix_among_others_has_minus_infinity_and_a_gradient_of_nan() -> None:
    x = Tensor(np.stack([np.diag([2.0, 4.0]), np.ones((2, 2))]))
    logarithm = logarithm_of_determinant(x)
    np.testing.assert_array_equal(logarithm.data, [np.log(8.0), -np.inf])
    first = gradients(logarithm, x, np.ones(2), create_graph=True)
    np.testing.assert_allclose(first.data[0], [[0.5, 0.0], [0.0, 0.25]])
    assert np.isnan(first.data[1]).all()
    second = gradients(first[0].sum(), x)
    np.testing.assert_allclose(second.data[0], [[-0.25, -0.125], [-0.125, -0.0625]])


@given(a=matrices(3))
def test_cholesky_factors(a: np.ndarray) -> None:
    definite = np.asarray(a @ a.mT / 16 + np.eye(a.shape[-1]), a.dtype)
    check(np.linalg.cholesky, definite, tolerance=1e-5)


def test_what_cholesky_does_not_read_gets_no_gradient() -> None:
    x = Tensor([[4.0, 99.0], [2.0, 5.0]])
    factor = np.linalg.cholesky(x)
    np.testing.assert_allclose(factor.data, [[2.0, 0.0], [1.0, 2.0]])
    factor.backward(np.array([[0.0, 0.0], [1.0, 0.0]]))
    np.testing.assert_allclose(x.grad, [[-0.125, 0.0], [0.5, 0.0]])


@pytest.mark.parametrize("n", range(-4, 12))
@pytest.mark.parametrize("shape", [(2, 2), (2, 3, 3), (0, 2, 2), (0, 0)])
def test_powers(n: int, shape: tuple[int, ...]) -> None:
    a = made_regular(np.random.default_rng(0).normal(size=shape)) / 3
    check(lambda a: np.linalg.matrix_power(a, np.int64(n)), a, tolerance=1e-5)
    check(lambda a: np.linalg.matrix_power(a, n), a.astype(np.float32))


@pytest.mark.parametrize(
    "name", ["inv", "det", "cholesky", "slogdet", "solve", "matrix_power", "singular_det"]
)
def test_gradients_are_those_of_pytorch(name: str) -> None:
    torch = pytest.importorskip("torch")
    a = made_regular(np.random.default_rng(0).normal(size=(2, 4, 4)))
    a = np.stack([of_rank(3), of_rank(3).T]) if name == "singular_det" else a @ a.mT
    b = np.random.default_rng(1).normal(size=(4, 2))

    def run(x: Any, library: Any, side: Any) -> Any:
        linalg = library.linalg
        return {
            "inv": lambda: linalg.inv(x),
            "det": lambda: linalg.det(x),
            "singular_det": lambda: linalg.det(x),
            # PyTorch shares the gradient of a symmetric matrix between both triangles.
            "cholesky": lambda: linalg.cholesky((x + x.mT) / 2),
            "slogdet": lambda: linalg.slogdet(x)[1],
            "solve": lambda: linalg.solve(x, side),
            "matrix_power": lambda: linalg.matrix_power(x, -3),
        }[name]()

    ours, theirs = Tensor(a), torch.tensor(a, requires_grad=True)
    out, reference = run(ours, np, b), run(theirs, torch, torch.tensor(b))
    weights = np.random.default_rng(2).normal(size=out.shape)
    (out * weights).sum().backward()
    (reference * torch.tensor(weights)).sum().backward()
    np.testing.assert_allclose(ours.grad, theirs.grad.numpy(), rtol=1e-9, atol=1e-9)


@given(a=REGULAR, stack=STACKS, data=st.data())
def test_linear_algebra_of_values(a: np.ndarray, stack: Any, data: st.DataObject) -> None:
    a = a.astype(np.float64)[..., ::-1, :]
    for gate in (inv, det, logabsdet):
        check_on_scalars(gate, a)
    leading = stack if a.ndim == 2 else ()
    check_on_scalars(solve, a, data.draw(arrays((*leading, a.shape[-1], 2))))
    check_on_scalars(solve, a, data.draw(arrays((a.shape[-1],))))
    definite = a @ a.mT
    check_on_scalars(array_gates.cholesky, definite)


@given(a=matrices(3), data=st.data())
def test_determinants_and_cofactors_of_values(a: np.ndarray, data: st.DataObject) -> None:
    a = a.astype(np.float64)
    check_on_scalars(det, a)
    check_on_scalars(cofactors, a)


def test_derivative_of_cofactors_of_values() -> None:
    a, direction = np.random.default_rng(0).normal(size=(2, 2, 3, 3))
    check_on_scalars(cofactors_along, a, direction)


@pytest.mark.parametrize("rank", range(4))
def test_determinants_of_singular_matrices_of_values(rank: int) -> None:
    check_on_scalars(det, np.diag([2.0] * rank + [0.0] * (4 - rank))[::-1])
    # The first column is zero: elimination must look for its pivots elsewhere.
    check_on_scalars(det, np.diag([2.0] * rank + [0.0] * (3 - rank), 1))


def test_singular_matrices_of_values_are_named() -> None:
    values = np.vectorize(Value, otypes=[object])(np.stack([np.eye(2), np.ones((2, 2))]))
    with pytest.raises(SingularMatrixError, match=r"inv: a \(2, 2, 2\): a\[1\] is singular"):
        inv.on_scalars(values)
    with pytest.raises(SingularMatrixError, match=r"cholesky: .*: a\[1\] is not positive"):
        array_gates.cholesky.on_scalars(values)


@pytest.mark.parametrize(
    ("wrong", "error", "message"),
    [
        (
            lambda: np.linalg.inv(Tensor(np.ones((2, 2)))),
            SingularMatrixError,
            r"inv: a \(2, 2\): the matrix is singular, it has no inverse; add a small multiple",
        ),
        (
            lambda: np.linalg.solve(Tensor(np.stack([np.eye(2), np.zeros((2, 2))])), np.ones(2)),
            SingularMatrixError,
            r"solve: a \(2, 2, 2\): a\[1\] is singular",
        ),
        (
            lambda: np.linalg.cholesky(Tensor(np.stack([np.eye(2), -np.eye(2)]))),
            SingularMatrixError,
            r"cholesky: a \(2, 2, 2\): a\[1\] is not positive definite; add a multiple",
        ),
        (
            lambda: np.linalg.inv(Tensor(np.ones((2, 3)))),
            ShapeError,
            r"inv: shape \(2, 3\): Last 2 dimensions of the array must be square",
        ),
        (
            lambda: np.linalg.det(Tensor(np.ones(3))),
            ShapeError,
            r"det: shape \(3,\): 1-dimensional array given. Array must be at least two-dim",
        ),
        (
            lambda: np.linalg.solve(Tensor(np.eye(3)), np.ones(2)),
            ShapeError,
            r"solve: shape \(3, 3\) and \(2,\): b has 2 rows, a has 3$",
        ),
        (
            lambda: np.linalg.solve(Tensor(np.eye(3)), np.ones((2, 3))),
            ShapeError,
            r"b has 2 rows, a has 3; a stack of vectors is b\[..., None\]",
        ),
        (
            lambda: np.linalg.solve(Tensor(np.eye(3)), 1.0),
            ShapeError,
            r"b is a scalar; pass a vector of shape \(3,\) or a matrix of 3 rows",
        ),
        (
            lambda: np.linalg.solve(Tensor(np.ones((2, 3, 3))), np.ones((4, 3, 3))),
            ShapeError,
            r"solve: shape \(2, 3, 3\) and \(4, 3, 3\): operands could not be broadcast",
        ),
        (
            lambda: np.linalg.det(Tensor(np.eye(2), dtype=np.float16)),
            OperandError,
            r"det: float16: .* float32 or float64; cast to one, such as a.astype\(np.float64\)",
        ),
        (
            lambda: np.linalg.slogdet(Tensor(np.eye(2), dtype=np.longdouble)),
            OperandError,
            "slogdet: (float128|float96|longdouble)",
        ),
        (
            lambda: np.linalg.matrix_power(Tensor(np.eye(2)), 0.5),
            OperandError,
            "matrix_power: the exponent 0.5 is not an integer",
        ),
        (
            lambda: np.linalg.matrix_power(Tensor(np.ones((1, 2))), 0),
            ShapeError,
            r"matrix_power: a \(1, 2\) is not a square matrix or a stack of them",
        ),
        (
            lambda: np.linalg.cholesky(Tensor(np.eye(2)), upper=True),
            TypeError,
            "np.linalg.cholesky: upper is not supported",
        ),
    ],
)
def test_misfit_is_named_with_its_mend(wrong: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        wrong()


def test_singular_matrix_is_an_error_of_numpys_kind_and_of_ours() -> None:
    assert issubclass(SingularMatrixError, np.linalg.LinAlgError)
    assert issubclass(SingularMatrixError, AutogradError)

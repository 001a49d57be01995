"""Gates of linear algebra on stacks of square matrices: inverses, solutions, determinants, roots.

NumPy's LAPACK does the work forward. The gradient of a determinant is its matrix of cofactors,
which exists for singular matrices, too; a singular matrix has no inverse, and says so.
"""

from __future__ import annotations

from collections.abc import Callable
from operator import index
from typing import Any, NamedTuple

import numpy as np

from ..errors import OperandError, ShapeError, SingularMatrixError
from ..numpy_functions import numpy_function
from . import elimination
from .array_gate import ArrayGate, plain

__all__ = ["cholesky", "cofactors", "cofactors_along", "det", "inv", "logabsdet", "solve"]


def _explaining(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """A function of linear algebra that says which operand it cannot do, and the way out."""

    def forward(*arrays: Any) -> Any:
        try:
            return function(*arrays)
        except TypeError as error:
            if "unsupported in linalg" not in str(error):
                raise
            dtypes = " and ".join(str(np.asarray(array).dtype) for array in arrays)
            raise OperandError(
                f"{name}: {dtypes}: linear algebra is done in float32 or float64; cast to one, "
                "such as a.astype(np.float64)"
            ) from error
        except ValueError as error:
            raise _explained(name, arrays, error) from error

    return forward


def _explained(name: str, arrays: tuple[Any, ...], error: ValueError) -> ValueError:
    """The error of LAPACK with what it does not say."""
    a = arrays[0]
    a = a.astype(np.float64) if a.dtype == object else a
    if "Singular" in str(error):
        return SingularMatrixError(
            f"{name}: a {a.shape}: {_first_that(np.linalg.slogdet(a)[1] == -np.inf)} is singular, "
            "it has no inverse; add a small multiple of the identity, such as a + 1e-6 * np.eye(n)"
        )
    if "positive" in str(error):
        return SingularMatrixError(
            f"{name}: a {a.shape}: {_first_that(np.linalg.eigvalsh(a)[..., 0] <= 0)} is not "
            "positive definite; add a multiple of the identity that exceeds its lowest eigenvalue"
        )
    if name == "solve" and a.ndim > 1 and a.shape[-1] == a.shape[-2]:
        return ValueError(_misfit_of_sides(a.shape, np.shape(arrays[1])) or str(error))
    return error


def _first_that(guilty: Any) -> str:
    """What to call the first guilty matrix of a stack."""
    where = np.argwhere(guilty)
    return "the matrix" if not np.ndim(guilty) or not len(where) else f"a{where[0].tolist()}"


def _misfit_of_sides(left: tuple[int, ...], right: tuple[int, ...]) -> str | None:
    """Why a system of these shapes has no solution."""
    n = left[-1]
    if not right:
        return f"b is a scalar; pass a vector of shape ({n},) or a matrix of {n} rows"
    if right[-2:][0] != n:
        stack = "; a stack of vectors is b[..., None]" if right[-1] == n else ""
        return f"b has {right[-2:][0]} rows, a has {n}{stack}"
    return None


inv = ArrayGate(
    "inv",
    "inv",
    _explaining("inv", np.linalg.inv),
    (lambda g, out, a: -(out.mT @ g @ out.mT),),
    "inverse of a",
    _explaining("inv", elimination.inv),
)


@numpy_function(np.linalg.inv)
def _inv(a: Any) -> Any:
    """The inverses."""
    return inv(a)


def _as_columns(side: Any, b: Any) -> Any:
    """A right-hand side, or what has its shape, as columns: only one of one axis is a vector."""
    return side[..., None] if np.ndim(b) == 1 else side


def _solve_vjp_right(g: Any, out: Any, a: Any, b: Any) -> Any:
    columns = solve(a.mT, _as_columns(g, b))
    return columns[..., 0] if np.ndim(b) == 1 else columns


def _solve_vjp_left(g: Any, out: Any, a: Any, b: Any) -> Any:
    return -(solve(a.mT, _as_columns(g, b)) @ _as_columns(out, b).mT)


solve = ArrayGate(
    "solve",
    "solve",
    _explaining("solve", np.linalg.solve),
    (_solve_vjp_left, _solve_vjp_right),
    "solution x of a @ x = b",
    _explaining("solve", elimination.solve),
)


@numpy_function(np.linalg.solve)
def _solve(a: Any, b: Any) -> Any:
    """The solutions ``x`` of ``a @ x = b``; a ``b`` of one axis is a vector."""
    return solve(a, b)


class _Decomposition(NamedTuple):
    """``u @ diag(s) @ vt``, the singular value decomposition of each matrix of a stack."""

    u: Any
    s: Any
    vt: Any
    scale: Any
    """The determinant of ``u @ vt``, 1 or -1; nan for a matrix that is not finite."""


def _decomposed(a: Any) -> _Decomposition:
    finite = np.isfinite(a).all(axis=(-2, -1), keepdims=True)
    # The decomposition of a matrix that is not finite does not converge, and would raise.
    u, s, vt = np.linalg.svd(np.where(finite, a, 0))
    scale = np.sign(np.linalg.det(u) * np.linalg.det(vt))[..., None, None]
    return _Decomposition(u, s, vt, np.where(finite, scale, np.nan))


def _cofactors(a: Any) -> Any:
    # Not det(a) * inv(a).T, which a singular matrix has not.
    u, s, vt, scale = _decomposed(a)
    others = np.where(np.eye(s.shape[-1], dtype=bool), 1, s[..., None, :]).prod(axis=-1)
    return scale * u * others[..., None, :] @ vt


def _cofactors_along(a: Any, direction: Any) -> Any:
    # In the bases in which a is diagonal, cofactor (i, i) changes with each other element of the
    # diagonal, by the product of the rest, and cofactor (i, j) with element (j, i) alone.
    u, s, vt, scale = _decomposed(a)
    same = np.eye(s.shape[-1], dtype=bool)
    left_out = same[:, None, :] | same[None, :, :]
    rest = np.where(left_out, 1, s[..., None, None, :]).prod(axis=-1)
    turned = u.mT @ direction @ vt.mT
    on_diagonal = np.einsum("...ij,...jj->...i", np.where(same, 0, rest), turned)
    changes = np.where(same, on_diagonal[..., None], -rest * turned.mT)
    return scale * u @ changes @ vt


def _cofactors_along_vjp_left(g: Any, out: Any, a: Any, direction: Any) -> Any:
    """The third derivative of the determinant, which a singular matrix has, but not from here."""
    inverse = _inverse_where(np.linalg.slogdet(plain(a))[1] > -np.inf, a)
    x, y = inverse @ direction, inverse @ g
    xy, trace_x, trace_y = x @ y, _trace(x), _trace(y)
    identity = np.eye(a.shape[-1], dtype=a.dtype)
    change = (trace_x * trace_y - _trace(xy)) * identity - trace_x * y - trace_y * x + xy + y @ x
    return np.linalg.det(a)[..., None, None] * (change @ inverse).mT


def _trace(a: Any) -> Any:
    return np.einsum("...ii->...", a)[..., None, None]


def _inverse_where(regular: Any, a: Any) -> Any:
    """The inverses of the regular matrices of a stack, and nan for the others."""
    if np.all(regular):
        return inv(a)
    chosen = np.expand_dims(regular, (-2, -1))
    identity = np.eye(a.shape[-1], dtype=a.dtype)
    return np.where(chosen, inv(np.where(chosen, a, identity)), np.nan)


# Their own derivatives are of each other, since both are derivatives of the determinant. The second
# is right for singular matrices, too; the third is nan there.
cofactors: ArrayGate = ArrayGate(
    "cofactors",
    "cof",
    _cofactors,
    (lambda g, out, a: cofactors_along(a, g),),
    "matrix of cofactors of a",
    elimination.cofactors,
)
cofactors_along: ArrayGate = ArrayGate(
    "cofactors_along",
    "∂cof",
    _cofactors_along,
    (_cofactors_along_vjp_left, lambda g, out, a, direction: cofactors_along(a, g)),
    "derivative of cofactors(a) along direction",
    elimination.cofactors_along,
)
det = ArrayGate(
    "det",
    "det",
    _explaining("det", np.linalg.det),
    (lambda g, out, a: g[..., None, None] * cofactors(a),),
    "determinant of a",
    elimination.det,
)


@numpy_function(np.linalg.det)
def _det(a: Any) -> Any:
    """The determinants; the gradient is right for singular matrices, too."""
    return det(a)


def _logabsdet_vjp(g: Any, out: Any, a: Any) -> Any:
    return g[..., None, None] * _inverse_where(plain(out) > -np.inf, a).mT


logabsdet = ArrayGate(
    "logabsdet",
    "ln|det|",
    _explaining("slogdet", lambda a: np.linalg.slogdet(a)[1]),
    (_logabsdet_vjp,),
    "log(abs(det(a)))",
    elimination.logabsdet,
)


class SignAndLogarithm(NamedTuple):
    """A determinant as ``sign * exp(logabsdet)``."""

    sign: Any
    logabsdet: Any


@numpy_function(np.linalg.slogdet)
def _slogdet(a: Any) -> SignAndLogarithm:
    """The signs, as a plain array, and the logarithms of the magnitudes of the determinants."""
    logarithm = logabsdet(a)
    return SignAndLogarithm(np.linalg.slogdet(plain(a))[0], logarithm)


def _halved(matrix: Any) -> Any:
    """The lower triangle, with half of the diagonal."""
    n, dtype = matrix.shape[-1], matrix.dtype
    return matrix * (np.tri(n, dtype=dtype) - 0.5 * np.eye(n, dtype=dtype))


def _cholesky_vjp(g: Any, out: Any, a: Any) -> Any:
    # Murray, arXiv:1602.07527, (10). The factor is computed from the lower triangle alone, so that
    # has all of the gradient.
    inverse = inv(out)
    gradient = inverse.mT @ _halved(out.mT @ g) @ inverse
    return _halved(gradient + gradient.mT)


cholesky = ArrayGate(
    "cholesky",
    "chol",
    _explaining("cholesky", np.linalg.cholesky),
    (_cholesky_vjp,),
    "lower triangular L with a = L @ L.T",
    _explaining("cholesky", elimination.cholesky),
)


@numpy_function(np.linalg.cholesky)
def _cholesky(a: Any) -> Any:
    """The lower triangular roots; the lower triangle is read, and gets the gradient."""
    return cholesky(a)


@numpy_function(np.linalg.matrix_power)
def _matrix_power(a: Any, n: Any) -> Any:
    """The product of ``n`` times the matrix, or its inverse if ``n`` is negative."""
    try:
        exponent = index(n)
    except TypeError:
        raise OperandError(f"matrix_power: the exponent {n!r} is not an integer") from None
    if a.ndim < 2 or a.shape[-1] != a.shape[-2]:
        raise ShapeError(f"matrix_power: a {a.shape} is not a square matrix or a stack of them")
    if exponent == 0:
        return a**0 * np.eye(a.shape[-1], dtype=a.dtype)
    # By squaring, in the order in which NumPy does it: the last bits depend on it.
    square, exponent = (a, exponent) if exponent > 0 else (inv(a), -exponent)
    if exponent == 3:
        return square @ square @ square
    power = None
    while True:
        if exponent % 2:
            power = square if power is None else power @ square
        exponent //= 2
        if not exponent:
            return power
        square = square @ square

"""NumPy's protocols: what accepts a Tensor, what refuses it, and that the page on it is true."""

from __future__ import annotations

import runpy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from central_difference import array_gradient

from autograd import Tensor
from autograd.gate import Gate
from autograd.numpy_functions import DIFFERENTIABLE, METHODS, PLAIN, function_name

ROOT = Path(__file__).resolve().parents[2]

SQUARE = np.array([[1.3, 0.4, -0.2], [0.3, -0.9, 0.6], [-0.5, 0.2, 1.1]])
VECTOR = np.array([0.3, -0.8, 1.2])

# How each function is called on a matrix, where f(matrix) alone would not do or say little.
CALLS: dict[Any, Callable[[Any], Any]] = {
    np.clip: lambda x: np.clip(x, -0.4, 1.0),
    np.append: lambda x: np.append(x, VECTOR),
    np.apply_along_axis: lambda x: np.apply_along_axis(np.cumsum, 0, x),
    np.array_split: lambda x: np.array_split(x, 2)[1],
    np.average: lambda x: np.average(x, axis=0, weights=[1.0, 2.0, 3.0]),
    np.broadcast_arrays: lambda x: np.broadcast_arrays(x, x[0])[1],
    np.broadcast_to: lambda x: np.broadcast_to(x, (2, 3, 3)),
    np.column_stack: lambda x: np.column_stack([x, VECTOR]),
    np.concat: lambda x: np.concat([x, SQUARE]),
    np.concatenate: lambda x: np.concatenate([x, SQUARE]),
    np.convolve: lambda x: np.convolve(x[0], VECTOR),
    np.correlate: lambda x: np.correlate(x[0], VECTOR),
    np.cross: lambda x: np.cross(x, VECTOR),
    np.linalg.cross: lambda x: np.linalg.cross(x, VECTOR),
    np.delete: lambda x: np.delete(x, 1, axis=0),
    np.diagflat: lambda x: np.diagflat(x[0]),
    np.dsplit: lambda x: np.dsplit(x.reshape(1, 3, 3), 3)[1],
    np.dstack: lambda x: np.dstack([x, SQUARE]),
    np.einsum: lambda x: np.einsum("ij,jk->ki", x, SQUARE),
    np.empty_like: lambda x: np.array(np.empty_like(x).shape),
    np.expand_dims: lambda x: np.expand_dims(x, 1),
    np.full_like: lambda x: np.full_like(x, 2.0),
    np.hsplit: lambda x: np.hsplit(x, 3)[1],
    np.hstack: lambda x: np.hstack([x, SQUARE]),
    np.insert: lambda x: np.insert(x, 1, VECTOR, axis=0),
    np.kron: lambda x: np.kron(x, VECTOR),
    np.linalg.cholesky: lambda x: np.linalg.cholesky(x @ x.T + np.eye(3)),
    np.linalg.matrix_power: lambda x: np.linalg.matrix_power(x, 3),
    np.linalg.multi_dot: lambda x: np.linalg.multi_dot([x, SQUARE, VECTOR]),
    np.linalg.slogdet: lambda x: np.linalg.slogdet(x)[1],
    np.linalg.solve: lambda x: np.linalg.solve(x, VECTOR),
    np.linalg.tensordot: lambda x: np.linalg.tensordot(x, SQUARE, axes=1),
    np.linalg.vecdot: lambda x: np.linalg.vecdot(x, VECTOR),
    np.meshgrid: lambda x: np.meshgrid(x[0], VECTOR)[0],
    np.moveaxis: lambda x: np.moveaxis(x, 0, 1),
    np.nan_to_num: lambda x: np.nan_to_num(x),
    np.pad: lambda x: np.pad(x, 1),
    np.percentile: lambda x: np.percentile(x, 30.0, axis=0),
    np.permute_dims: lambda x: np.permute_dims(x, (1, 0)),
    np.put_along_axis: lambda x: x,
    np.quantile: lambda x: np.quantile(x, 0.3, axis=0),
    np.repeat: lambda x: np.repeat(x, 2, axis=0),
    np.reshape: lambda x: np.reshape(x, (9,)),
    np.roll: lambda x: np.roll(x, 1, axis=0),
    np.rollaxis: lambda x: np.rollaxis(x, 1),
    np.select: lambda x: np.select([SQUARE > 0.0], [x], 0.5),
    np.split: lambda x: np.split(x, 3)[1],
    np.squeeze: lambda x: np.squeeze(x.reshape(1, 3, 3)),
    np.stack: lambda x: np.stack([x, SQUARE]),
    np.swapaxes: lambda x: np.swapaxes(x, 0, 1),
    np.take: lambda x: np.take(x, [2, 0, 2], axis=0),
    np.take_along_axis: lambda x: np.take_along_axis(x, np.array([[1], [0], [2]]), axis=1),
    np.tensordot: lambda x: np.tensordot(x, SQUARE, axes=1),
    np.tile: lambda x: np.tile(x, 2),
    np.vecdot: lambda x: np.vecdot(x, VECTOR),
    np.vdot: lambda x: np.vdot(x, SQUARE),
    np.vsplit: lambda x: np.vsplit(x, 3)[1],
    np.vstack: lambda x: np.vstack([x, SQUARE]),
    np.where: lambda x: np.where(SQUARE > 0.0, x, 0.5 * x),
}
BINARY = [np.dot, np.inner, np.outer, np.linalg.outer, np.matmul, np.linalg.matmul]

# The gates that are not defined on all of these numbers, and where they are.
DOMAINS = {"log", "log2", "log10", "sqrt", "pow", "asin", "acos", "atanh", "acosh", "log1p"}


def call_of(function: Any) -> Callable[[Any], Any]:
    gate = DIFFERENTIABLE[function]
    if function in CALLS:
        return CALLS[function]
    arity = gate.arity if isinstance(gate, Gate) else 2 if function in BINARY else 1
    moved = (
        (lambda x: x) if not isinstance(gate, Gate) or gate.name not in DOMAINS else _inside(gate)
    )
    if arity == 1:
        return lambda x: function(moved(x))
    return lambda x: function(moved(x), moved(SQUARE.T + 0.05))


def _inside(gate: Gate) -> Callable[[Any], Any]:
    """A linear map of the numbers of SQUARE into the domain of a gate."""
    shift = 2.5 if gate.name == "acosh" else 1.0 if gate.domain[0].high > 1.0 else 0.0
    return lambda x: 0.4 * x + shift


@pytest.mark.parametrize("function", sorted(DIFFERENTIABLE, key=function_name), ids=function_name)
def test_every_function_of_the_table_gives_the_array_of_numpy_and_its_gradient(
    function: Any,
) -> None:
    call = call_of(function)
    tensor = Tensor(SQUARE)
    answer, expected = call(tensor), call(SQUARE)
    np.testing.assert_array_equal(np.asarray(answer), expected, strict=True)
    if not isinstance(answer, Tensor):
        return  # such as zeros_like: there is nothing to differentiate
    weights = np.cos(np.arange(answer.size)).reshape(answer.shape)
    (answer * weights).sum().backward()
    reference = array_gradient(lambda x: float((call(x) * weights).sum()), SQUARE)
    np.testing.assert_allclose(tensor.grad, reference, rtol=1e-7, atol=1e-8)


@pytest.mark.parametrize(
    "function",
    [np.argmax, np.argsort, np.isnan, np.isfinite, np.shape, np.ndim, np.size, np.nonzero, np.any],
    ids=function_name,
)
def test_functions_without_a_slope_answer_with_plain_arrays(function: Any) -> None:
    assert function in PLAIN or function in METHODS.values()
    answer, expected = function(Tensor(SQUARE)), function(SQUARE)
    assert type(answer) is type(expected)
    np.testing.assert_array_equal(answer, expected)


def test_arrays_on_the_left_leave_operators_to_the_tensor() -> None:
    t = Tensor(SQUARE)
    for answer, expected in [
        (SQUARE + t, SQUARE + SQUARE),
        (SQUARE @ t, SQUARE @ SQUARE),
        (np.float64(2.0) / t, 2.0 / SQUARE),
        (SQUARE > t.T, SQUARE > SQUARE.T),
    ]:
        np.testing.assert_array_equal(np.asarray(answer), expected)
    assert isinstance(SQUARE + t, Tensor)


def test_reductions_of_ufuncs_are_the_functions() -> None:
    t = Tensor(SQUARE)
    np.testing.assert_array_equal(np.add.reduce(t).data, SQUARE.sum(axis=0))
    np.testing.assert_array_equal(np.maximum.reduce(t, axis=None).data, SQUARE.max())
    np.testing.assert_array_equal(np.add.accumulate(t).data, SQUARE.cumsum(axis=0))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda t: np.fft.fft(t), r"np.fft.fft has no rule for Tensors.*\.data"),
        (lambda t: np.modf(t), "np.modf has no rule"),
        (lambda t: np.add.at(t, 0, 1.0), "np.add.at has no rule"),
        (lambda t: np.exp(t, out=np.zeros((3, 3))), "np.exp: out= would write"),
        (lambda t: np.exp(t, where=t > 0), "np.exp: where is not supported"),
        (lambda t: np.sum(t, initial=1.0), "np.sum: initial is not supported on Tensors, only"),
        (lambda t: np.exp(t, dtype=np.float32), "np.exp: dtype is not supported"),
    ],
)
def test_what_has_no_rule_is_refused_by_name(call: Callable[[Any], Any], message: str) -> None:
    with pytest.raises(TypeError, match=message):
        call(Tensor(SQUARE))


def test_the_page_of_supported_functions_is_up_to_date() -> None:
    script = runpy.run_path(str(ROOT / "docs" / "supported_functions.py"))
    page = (ROOT / "docs" / "numpy_functions.md").read_text(encoding="utf-8")
    assert script["page"]() == page, "run `make docs`"


def test_methods_are_the_functions_of_numpy() -> None:
    t = Tensor(SQUARE)
    for name, function in METHODS.items():
        arguments = {
            "clip": [-0.4, None],
            "dot": [SQUARE],
            "take": [[0, 2]],
            "repeat": [2],
            "swapaxes": [0, 1],
        }.get(name, [])
        if name == "searchsorted":
            continue  # for a sorted vector
        answer = getattr(t, name)(*arguments)
        np.testing.assert_array_equal(np.asarray(answer), function(SQUARE, *arguments))
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = t.nonsense

"""Sums, means, extremes, products, spreads and norms: forward as NumPy, derivatives twice."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from array_gate_laws import DTYPES, VIEWS, arrays, assert_is_numpys, check, check_on_scalars
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from autograd import ArrayGate, Tensor, Value, array_gates, gradients
from autograd.errors import SettingError, ShapeError

SHAPES = hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=3)
SOME = hnp.array_shapes(min_dims=0, max_dims=4, min_side=1, max_side=3)


@st.composite
def axes_of(draw: Any, ndim: int) -> Any:
    """None, one axis, or several in any order, counted from either end, also as NumPy integers."""
    several = draw(st.permutations(range(ndim)))[: draw(st.integers(0, ndim))]
    signed = tuple(axis - ndim * draw(st.booleans()) for axis in several)
    single = signed[:1] if ndim else ()
    return draw(st.sampled_from([None, signed, *single, *map(np.int64, single)]))


def distinct(shape: tuple[int, ...], dtype: Any = np.float64) -> np.ndarray:
    """Numbers in no order, and neither they nor their magnitudes are equal, or zero."""
    size = int(np.prod(shape))
    # Roots, so that neither are sums of some of them equal to sums of others.
    numbers = 16 * np.sqrt(np.random.default_rng(0).permutation(size) + 0.1)
    signs = np.where(np.arange(size) % 3 == 1, -1, 1)
    return (numbers * signs).reshape(shape).astype(dtype)


@given(shape=SHAPES, dtype=DTYPES, view=VIEWS, keepdims=st.booleans(), data=st.data())
def test_sums_of_views_over_every_axis(
    shape: Any, dtype: Any, view: Any, keepdims: bool, data: st.DataObject
) -> None:
    x, axis = data.draw(arrays(shape, dtype)), data.draw(axes_of(len(shape)))
    check(lambda x: np.sum(view(x), axis=axis, keepdims=keepdims), x)


@given(shape=SOME, dtype=DTYPES, view=VIEWS, keepdims=st.booleans(), data=st.data())
def test_means_of_views_over_every_axis(
    shape: Any, dtype: Any, view: Any, keepdims: bool, data: st.DataObject
) -> None:
    x, axis = data.draw(arrays(shape, dtype)), data.draw(axes_of(len(shape)))
    check(lambda x: np.mean(view(x), axis=axis, keepdims=keepdims), x)


@pytest.mark.parametrize("function", [np.max, np.min, np.ptp, np.amax, np.amin])
@given(shape=SOME, dtype=DTYPES, view=VIEWS, keepdims=st.booleans(), data=st.data())
def test_extremes_of_views_over_every_axis(
    function: Any, shape: Any, dtype: Any, view: Any, keepdims: bool, data: st.DataObject
) -> None:
    x, axis = distinct(shape, dtype), data.draw(axes_of(len(shape)))
    check(lambda x: function(view(x), axis=axis, keepdims=keepdims), x)


@given(shape=SHAPES, dtype=DTYPES, view=VIEWS, keepdims=st.booleans(), data=st.data())
def test_products_of_views_over_every_axis(
    shape: Any, dtype: Any, view: Any, keepdims: bool, data: st.DataObject
) -> None:
    assume(np.prod(shape) <= 27)
    x, axis = data.draw(arrays(shape, dtype)), data.draw(axes_of(len(shape)))
    x.reshape(-1)[:: data.draw(st.integers(2, 4))] = 0
    # Their sizes differ by far, so that one tolerance for all would be too sharp for the largest.
    check(lambda x: np.prod(view(x) / 4, axis=axis, keepdims=keepdims), x)


@pytest.mark.parametrize("function", [np.var, np.std])
@given(
    shape=SOME,
    dtype=DTYPES,
    view=VIEWS,
    keepdims=st.booleans(),
    ddof=st.sampled_from([{}, {"ddof": 1}, {"ddof": 0.5}, {"correction": 1}]),
    data=st.data(),
)
def test_spreads_of_views_over_every_axis(
    function: Any,
    shape: Any,
    dtype: Any,
    view: Any,
    keepdims: bool,
    ddof: Any,
    data: st.DataObject,
) -> None:
    x, axis = distinct(shape, dtype), data.draw(axes_of(len(shape)))
    assume(x.size >= 2 * view(x).sum(axis=axis).size)
    check(lambda x: function(view(x), axis=axis, keepdims=keepdims, **ddof), x)


VECTOR_ORDERS = [None, 1, 2, 3, 2.5, 0.5, -1, -2.5, 0, np.inf, -np.inf]
MATRIX_ORDERS = [None, "fro", 1, -1, np.inf, -np.inf]


@pytest.mark.parametrize("order", VECTOR_ORDERS)
@given(shape=SOME.filter(len), dtype=DTYPES, keepdims=st.booleans(), data=st.data())
def test_vector_norms_over_every_axis(
    order: Any, shape: Any, dtype: Any, keepdims: bool, data: st.DataObject
) -> None:
    axis = data.draw(st.integers(-len(shape), len(shape) - 1))
    x = distinct(shape, dtype)
    check(lambda x: np.linalg.norm(x, order, axis, keepdims), x)
    check(lambda x: np.linalg.norm(x.reshape(-1), order, keepdims=keepdims), x)


def has_no_near_ties(x: np.ndarray, order: Any, axis: tuple[int, ...]) -> bool:
    """Whether the sums of a matrix norm keep their order while one number moves a little."""
    rows, columns = axis
    if order in (np.inf, -np.inf):
        rows, columns = columns, rows
    sums = np.sort(np.abs(x).sum(axis=rows, keepdims=True), axis=columns)
    return bool((np.diff(sums, axis=columns) > 0.01 * np.abs(x).max()).all())


@pytest.mark.parametrize("order", MATRIX_ORDERS)
@given(
    shape=hnp.array_shapes(min_dims=2, max_dims=4, max_side=3),
    dtype=DTYPES,
    keepdims=st.booleans(),
    data=st.data(),
)
def test_matrix_norms_over_every_two_axes(
    order: Any, shape: Any, dtype: Any, keepdims: bool, data: st.DataObject
) -> None:
    axis = tuple(data.draw(st.permutations(range(len(shape))))[:2])
    x = distinct(shape, dtype)
    assume(has_no_near_ties(x, order, axis))
    check(lambda x: np.linalg.norm(x, order, axis, keepdims), x)
    if x.ndim == 2:
        check(lambda x: np.linalg.norm(x, order, keepdims=keepdims), x)


@given(shape=SOME, keepdims=st.booleans())
def test_norm_of_an_array_of_any_shape(shape: Any, keepdims: bool) -> None:
    check(lambda x: np.linalg.norm(x, keepdims=keepdims), distinct(shape))


@pytest.mark.parametrize("order", [None, 1, 2, 3, 0.5, -1, 0, np.inf, -np.inf])
def test_gradient_of_a_norm_at_the_origin_is_zero(order: Any) -> None:
    x = Tensor(np.zeros(3))
    with np.errstate(divide="ignore"):
        out = np.linalg.norm(x, order)
    (gradient,) = gradients(out, [x], create_graph=True)
    np.testing.assert_array_equal(gradient.data, 0)
    np.testing.assert_array_equal(gradients(gradient.sum(), x).data, 0)


@pytest.mark.parametrize("order", [3, 0.5, 1])
def test_gradient_of_a_norm_by_a_zero_among_others_is_zero(order: Any) -> None:
    x = Tensor([0.0, 3.0, 0.0, -4.0])
    (gradient,) = gradients(np.linalg.norm(x, order), [x], create_graph=True)
    assert gradient.data[0] == gradient.data[2] == 0
    assert gradient.data[1] > 0 > gradient.data[3]
    assert np.isfinite(gradients(gradient.sum(), x).data).all()


def test_equal_sums_of_a_matrix_norm_share_evenly() -> None:
    x = Tensor([[1.0, -2.0, 0.0], [-3.0, 2.0, 1.0]])
    np.linalg.norm(x, 1).backward()
    np.testing.assert_array_equal(x.grad, [[0.5, -0.5, 0.0], [-0.5, 0.5, 0.0]])


@pytest.mark.parametrize("function", [np.max, np.min])
def test_ties_share_the_gradient_evenly(function: Any) -> None:
    sign = 1 if function is np.max else -1
    x = Tensor(sign * np.array([[1.0, 3.0, 3.0], [2.0, 2.0, 2.0], [0.0, 5.0, 1.0]]))
    function(x, axis=1).backward(np.array([1.0, 3.0, 4.0]))
    np.testing.assert_allclose(x.grad, [[0, 0.5, 0.5], [1, 1, 1], [0, 4, 0]])
    x.zero_grad()
    function(x).backward()
    assert x.grad is not None and x.grad[2, 1] == 1 and x.grad.sum() == 1


@pytest.mark.parametrize("function", [np.max, np.min])
def test_nan_is_the_extreme_and_gets_the_gradient(function: Any) -> None:
    # The nan of the first row must not make up for the tie of the second.
    x = Tensor([[1.0, np.nan, 2.0], [4.0, 4.0, 4.0], [np.nan, np.nan, 0.0]])
    out = function(x, axis=1)
    np.testing.assert_array_equal(out.data, [np.nan, 4, np.nan])
    out.backward(np.array([1.0, 3.0, 4.0]))
    np.testing.assert_array_equal(x.grad, [[0, 1, 0], [1, 1, 1], [2, 2, 0]])


def test_infinite_gradient_goes_to_the_largest_alone() -> None:
    x = Tensor([1.0, 2.0])
    x.max().backward(np.inf)
    np.testing.assert_array_equal(x.grad, [0, np.inf])


@pytest.mark.parametrize("zeros", [0, 1, 2, 3])
def test_product_with_zeros_has_exact_derivatives_of_three_orders(zeros: int) -> None:
    numbers = np.array([2.0, 3.0, 5.0, 7.0])
    numbers[:zeros] = 0
    x = Tensor(numbers)
    first = gradients(np.prod(x), x, create_graph=True)
    np.testing.assert_array_equal(first.data, [np.delete(numbers, i).prod() for i in range(4)])
    second = gradients(first[0], x, create_graph=True)
    np.testing.assert_array_equal(
        second.data, [0, *(np.delete(numbers, [0, i]).prod() for i in range(1, 4))]
    )
    third = gradients(second[1], x)
    np.testing.assert_array_equal(third.data, [0, 0, numbers[3], numbers[2]])


def test_spread_of_equal_numbers_has_the_gradient_zero() -> None:
    x = Tensor([[3.0, 3.0, 3.0], [1.0, 2.0, 3.0]])
    np.std(x, axis=1).backward(np.ones(2))
    assert x.grad is not None
    np.testing.assert_array_equal(x.grad[0], 0)
    np.testing.assert_allclose(x.grad[1], [-(1.5**-0.5) / 2, 0, 1.5**-0.5 / 2])
    gradient = gradients(np.std(x, axis=1).sum(), x, create_graph=True)
    np.testing.assert_array_equal(gradients((gradient * gradient).sum(), x).data[0], 0)


@pytest.mark.parametrize("function", [np.mean, np.var, np.std])
def test_nothing_to_average_warns_as_numpy_and_has_no_gradient(function: Any) -> None:
    x = Tensor(np.ones((2, 0)))
    for axis in (0, 1, None):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            out = function(x, axis=axis)
            assert_is_numpys(out, function(x.data, axis=axis))
        out.backward(np.ones(out.shape))
        assert x.grad is not None and x.grad.shape == (2, 0)
    with warnings.catch_warnings(record=True) as ours:
        warnings.simplefilter("always")
        function(x, axis=1)
    with warnings.catch_warnings(record=True) as numpys:
        warnings.simplefilter("always")
        function(x.data, axis=1)
    assert [str(each.message) for each in ours] == [str(each.message) for each in numpys] != []


def test_sums_are_ufunc_reductions_and_methods_too() -> None:
    x = Tensor([[1.0, 2.0], [3.0, 5.0]])
    np.testing.assert_array_equal(np.add.reduce(x).data, [4, 7])
    np.testing.assert_array_equal(np.maximum.reduce(x, axis=1).data, [2, 5])
    np.testing.assert_array_equal(x.prod(axis=0).data, [3, 10])
    np.testing.assert_array_equal(x.min(1).data, [1, 3])
    np.testing.assert_array_equal(x.var(axis=1, ddof=1).data, [0.5, 2])


GATES = ["sum", "mean", "max", "min", "prod", "var", "std", "norm"]


@pytest.mark.parametrize("name", GATES)
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.longdouble])
@pytest.mark.parametrize("axis", [None, 0, -1])
def test_vjp_computes_in_the_dtype_of_its_operand(name: str, dtype: Any, axis: Any) -> None:
    gate = getattr(array_gates, name)
    x = np.array([[1, 2, 2], [2, 2, 1]], dtype)
    out = np.asarray(gate(x, axis=axis))
    vjp = gate.vjp(0)
    assert out.dtype == vjp(np.ones_like(out), out, x, axis=axis).dtype == dtype


@pytest.mark.parametrize("size", [2**13, 2**15])
def test_spread_gradient_of_any_size_can_be_added_to(size: int) -> None:
    x = Tensor(np.ones(size))
    (x.sum() + x.mean() + x.sum()).backward()
    np.testing.assert_array_equal(x.grad, 2 + 1 / size)


@given(shape=SOME.filter(len), keepdims=st.booleans(), data=st.data())
def test_average_with_weights_of_the_array_or_of_its_axes(
    shape: Any, keepdims: bool, data: st.DataObject
) -> None:
    x = distinct(shape)
    axis = data.draw(axes_of(len(shape)))
    axes = array_gates.lanes.axes_of(axis, x.ndim)
    weights = np.abs(distinct(shape if data.draw(st.booleans()) else [shape[i] for i in axes]))
    if axis is None and weights.shape != x.shape:
        return
    check(lambda x, w: np.average(x, axis, w, keepdims=keepdims), x, weights)
    check(lambda x: np.average(x, axis, keepdims=keepdims), x)
    for given_weights in (None, weights):
        ours = np.average(Tensor(x), axis, given_weights, returned=True, keepdims=keepdims)
        numpys = np.average(x, axis, given_weights, returned=True, keepdims=keepdims)
        for our, numpy in zip(ours, numpys, strict=True):
            assert_is_numpys(our, numpy)


@pytest.mark.parametrize("axis", [(0, 1), (1, 0), (-1, 0), (2, 0, 1)])
def test_weights_stand_in_the_order_of_the_axes(axis: tuple[int, ...]) -> None:
    x = distinct((2, 3, 4))
    weights = np.abs(distinct(tuple(x.shape[i] for i in axis)))
    check(lambda x, w: np.average(x, axis, w), x, weights)


def test_weights_can_be_tensors_beside_a_plain_array() -> None:
    weights = Tensor([1.0, 3.0])
    np.average([2.0, 6.0], weights=weights).backward()
    np.testing.assert_allclose(weights.grad, [-0.75, 0.25])


def on_scalars(gate: ArrayGate, x: np.ndarray, **arguments: Any) -> Any:
    """What a gate makes of Values, after it was held against the gate on Tensors."""
    if arguments.get("axis") is not None or arguments.get("keepdims"):
        return check_on_scalars(gate, x, **arguments)
    # One Value is no array: the whole stands as one of a stack, and alone it is the same.
    arguments["axis"] = tuple(range(1, x.ndim + 1))
    (expected,) = check_on_scalars(gate, x[None], **arguments)
    arguments["axis"] = None
    values = np.vectorize(Value, otypes=[object])(x)
    result = (gate.on_scalars or gate.forward)(values, **arguments)
    assert type(result) is type(expected)
    np.testing.assert_array_equal(float(result), float(expected))
    return result


@pytest.mark.parametrize("axis", [None, 0, -1, (0, 1), (2, 0)])
@pytest.mark.parametrize("keepdims", [False, True])
@pytest.mark.parametrize("name", ["sum", "mean", "max", "min", "prod", "var", "std"])
def test_reductions_on_scalars(name: str, axis: Any, keepdims: bool) -> None:
    x = np.round(np.random.default_rng(0).normal(size=(2, 3, 2)), 1)
    x[0, 0] = 0
    on_scalars(getattr(array_gates, name), x, axis=axis, keepdims=keepdims)


def test_sum_on_scalars_is_one_gate_for_each_result() -> None:
    x = np.arange(6.0).reshape(2, 3)
    sums = on_scalars(array_gates.sum, x, axis=1)
    assert [len(total.operands) for total in sums] == [3, 3]
    assert on_scalars(array_gates.mean, x).gate is array_gates.mean


@pytest.mark.parametrize("number", [0.1, -0.7, 1e308, np.inf, -np.inf])
@pytest.mark.parametrize("ties", [1, 2, 3, 7])
@pytest.mark.parametrize("name", ["max", "min"])
def test_ties_on_scalars_are_exact_and_share_evenly(name: str, ties: int, number: float) -> None:
    other = -np.inf if name == "max" else np.inf
    x = np.array([number] * ties + [other] * (number != other))
    assert float(on_scalars(getattr(array_gates, name), x)) == number


def test_nan_on_scalars_is_the_largest() -> None:
    on_scalars(array_gates.max, np.array([1.0, np.nan, 2.0, np.nan]))


def test_spread_of_equal_scalars_has_the_gradient_zero() -> None:
    on_scalars(array_gates.std, np.array([[2.0, 2.0], [1.0, 4.0]]), axis=1, ddof=1)


@pytest.mark.parametrize("order", VECTOR_ORDERS)
def test_vector_norms_on_scalars(order: Any) -> None:
    x = np.array([[0.5, -2.0, 0.0], [2.0, 2.0, -1.0], [0.0, 0.0, 0.0]])
    with np.errstate(divide="ignore"):
        on_scalars(array_gates.norm, x, ord=order, axis=1)
        on_scalars(array_gates.norm, x, ord=order, axis=-2, keepdims=True)


@pytest.mark.parametrize("order", MATRIX_ORDERS)
def test_matrix_norms_on_scalars(order: Any) -> None:
    x = np.array([[0.5, -2.0, 0.0], [2.0, 2.0, -1.0]])
    on_scalars(array_gates.norm, np.stack([x, -x]), ord=order, axis=(2, 1), keepdims=True)
    on_scalars(array_gates.norm, np.zeros((1, 2, 2)), ord=order, axis=(1, 2))


ONES = np.ones((2, 3))
WRONG: list[tuple[Callable[[], Any], type[Exception], str]] = [
    (lambda: Tensor(ONES).sum(axis=2), ShapeError, r"sum: shape \(2, 3\), axis=2.*: axis 2 is out"),
    (lambda: np.mean(Tensor(ONES), axis=(0, 0)), ShapeError, "mean: .*duplicate|mean: .*repeated"),
    (lambda: np.max(Tensor(np.ones(0))), ShapeError, r"max: shape \(0,\).*no identity"),
    (lambda: np.min(Tensor(np.ones((2, 0))), axis=1), ShapeError, r"min: shape \(2, 0\).*no ident"),
    (lambda: np.prod(Tensor(ONES), axis=-3), ShapeError, r"prod: shape \(2, 3\), axis=-3"),
    (lambda: np.sum(Tensor(ONES), where=ONES > 0), TypeError, "np.sum: where is not supported"),
    (lambda: np.max(Tensor(ONES), initial=3.0), TypeError, "np.max: initial is not supported"),
    (
        lambda: np.var(Tensor(ONES), ddof=1, correction=1),
        SettingError,
        "ddof=1 and correction=1 are two names of one setting; pass one",
    ),
    (
        lambda: np.average(Tensor(ONES), axis=1, weights=[1.0, 2.0]),
        ShapeError,
        r"weights \(2,\) for an array \(2, 3\), axis=1; pass weights of .* shape, or of \(3,\)",
    ),
    (
        lambda: np.average(Tensor(ONES), weights=[1.0, 2.0]),
        ShapeError,
        r"weights \(2,\) for an array \(2, 3\), axis=None; pass .* shape, or of an axis",
    ),
    (
        lambda: np.average(Tensor([1.0, 2.0]), weights=[1.0, -1.0]),
        ZeroDivisionError,
        "the weights sum to zero",
    ),
    *(
        (
            lambda order=order: np.linalg.norm(Tensor(ONES), order),
            SettingError,
            f"norm: ord={order!r} of a matrix .*; pass 'fro', 1 or inf, or the plain array",
        )
        for order in (2, -2, "nuc")
    ),
    (lambda: np.linalg.norm(Tensor(ONES), 3), ShapeError, "norm: .*Invalid norm order for matrice"),
    (
        lambda: np.linalg.norm(Tensor(ONES[0]), "fro"),
        ShapeError,
        "norm: .*Invalid norm order 'fro'",
    ),
    (lambda: np.linalg.norm(Tensor(1.0), 1), ShapeError, "norm: .*Improper number of dimensions"),
]


@pytest.mark.parametrize(("wrong", "error", "message"), WRONG)
def test_misfit_is_named(wrong: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        wrong()

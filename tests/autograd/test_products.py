"""Products of arrays: NumPy's rules forward, derivatives of two orders, and few products back."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from array_gate_laws import DTYPES, VIEWS, arrays, assert_is_numpys, check, check_on_scalars
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from autograd import Tensor, array_gates
from autograd.array_gates import dot, matmul
from autograd.errors import ShapeError

SHAPES = hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=3)
MATMUL_SHAPES = [
    ((3,), (3,)),
    ((2, 3), (3,)),
    ((3,), (3, 2)),
    ((2, 3), (3, 4)),
    ((5, 2, 3), (3, 4)),
    ((2, 3), (5, 3, 4)),
    ((2, 5, 2, 3), (3, 4)),
    ((2, 3), (2, 5, 3, 4)),
    ((5, 1, 2, 3), (4, 3, 2)),
    ((3,), (4, 3, 2)),
    ((4, 2, 3), (3,)),
    ((2, 4, 2, 3), (3,)),
    ((0, 3), (3, 2)),
    ((2, 0), (0, 3)),
    ((4, 2, 0), (0, 3)),
    ((4, 2, 0), (0,)),
    ((0, 2, 3), (3, 2)),
    ((2, 3), (0, 3, 2)),
]


@pytest.mark.parametrize(("left", "right"), MATMUL_SHAPES)
def test_matmul_of_every_kind(left: tuple[int, ...], right: tuple[int, ...]) -> None:
    rng = np.random.default_rng(0)
    check(np.matmul, rng.normal(size=left), rng.normal(size=right))


@given(
    shapes=hnp.mutually_broadcastable_shapes(
        signature="(n?,k),(k,m?)->(n?,m?)", max_dims=2, min_side=0, max_side=3
    ),
    dtypes=st.tuples(DTYPES, DTYPES),
    views=st.tuples(VIEWS, VIEWS),
    data=st.data(),
)
def test_matmul_of_stacks_and_views(
    shapes: Any, dtypes: Any, views: Any, data: st.DataObject
) -> None:
    left, right = shapes.input_shapes
    # A transposed view needs a base of the reversed shape.
    a = np.asarray(views[0](data.draw(arrays(left, dtypes[0]))))
    b = np.asarray(views[1](data.draw(arrays(right, dtypes[1]))))
    check(lambda a, b: np.matmul(views[0](a), views[1](b)), a, b)


@given(left=SHAPES, right=SHAPES, dtypes=st.tuples(DTYPES, DTYPES), data=st.data())
def test_dot_of_every_kind(left: Any, right: Any, dtypes: Any, data: st.DataObject) -> None:
    if left and right:
        axis = -2 if len(right) > 1 else -1
        right = right[:axis] + left[-1:] + right[len(right) + axis + 1 :]
    a, b = data.draw(arrays(left, dtypes[0])), data.draw(arrays(right, dtypes[1]))
    check(np.dot, a, b)


@given(left=SHAPES, right=SHAPES, dtypes=st.tuples(DTYPES, DTYPES), data=st.data())
def test_inner_of_every_kind(left: Any, right: Any, dtypes: Any, data: st.DataObject) -> None:
    if left and right:
        right = right[:-1] + left[-1:]
    a, b = data.draw(arrays(left, dtypes[0])), data.draw(arrays(right, dtypes[1]))
    check(np.inner, a, b)


@given(left=SHAPES, right=SHAPES, dtypes=st.tuples(DTYPES, DTYPES), data=st.data())
def test_outer_and_kron_of_every_kind(
    left: Any, right: Any, dtypes: Any, data: st.DataObject
) -> None:
    a, b = data.draw(arrays(left, dtypes[0])), data.draw(arrays(right, dtypes[1]))
    check(np.outer, a, b)
    assume(a.size * b.size <= 100)
    check(np.kron, a, b)


@given(shape=SHAPES, dtypes=st.tuples(DTYPES, DTYPES), data=st.data())
def test_vdot_of_as_many_elements(shape: Any, dtypes: Any, data: st.DataObject) -> None:
    a, b = data.draw(arrays(shape, dtypes[0])), data.draw(arrays(shape, dtypes[1]))
    check(np.vdot, a, b)
    check(lambda a, b: np.vdot(a, b.reshape(-1)), a, b)


@given(
    shapes=hnp.mutually_broadcastable_shapes(num_shapes=2, max_dims=2, min_side=0, max_side=3),
    dtypes=st.tuples(DTYPES, DTYPES),
    data=st.data(),
)
def test_cross_along_any_axes(shapes: Any, dtypes: Any, data: st.DataObject) -> None:
    places = [
        data.draw(st.integers(-len(shape) - 1, len(shape)))
        for shape in (*shapes.input_shapes, shapes.result_shape)
    ]
    options = dict(zip(("axisa", "axisb", "axisc"), places, strict=True))
    a, b = (
        np.moveaxis(data.draw(arrays((*shape, 3), dtype)), -1, place)
        for shape, dtype, place in zip(shapes.input_shapes, dtypes, places, strict=False)
    )
    check(lambda a, b: np.cross(a, b, **options), a, b)


def test_cross_along_one_axis_of_both() -> None:
    a, b = np.random.default_rng(0).normal(size=(2, 3, 4))
    check(lambda a, b: np.cross(a, b, axis=0), a, b)
    check(lambda a, b: np.linalg.cross(a, b, axis=0), a, b)


@given(
    shapes=hnp.mutually_broadcastable_shapes(
        signature="(k),(k)->()", max_dims=2, min_side=0, max_side=3
    ),
    dtypes=st.tuples(DTYPES, DTYPES),
    data=st.data(),
)
def test_vecdot_along_any_axis(shapes: Any, dtypes: Any, data: st.DataObject) -> None:
    left, right = shapes.input_shapes
    axis = -data.draw(st.integers(1, min(len(left), len(right))))
    a, b = (
        np.moveaxis(data.draw(arrays(shape, dtype)), -1, axis)
        for shape, dtype in zip((left, right), dtypes, strict=True)
    )
    check(lambda a, b: np.vecdot(a, b, axis=axis), a, b)
    check(lambda a, b: np.linalg.vecdot(a, b, axis=axis), a, b)


@pytest.mark.parametrize("function", [np.dot, np.inner, np.outer, np.kron, np.vdot])
def test_a_number_beside_a_tensor_is_a_constant(function: Any) -> None:
    one = np.array(3.0, np.float32)
    for f in (lambda x: function(x, 2.0), lambda x: function(2.0, x)):
        check(f, one)
        if function is not np.vdot:
            check(f, np.ones((2, 3), np.float32))


@pytest.mark.parametrize("dtype", [np.float16, np.longdouble])
def test_other_floats_keep_their_dtype(dtype: Any) -> None:
    a, b = np.ones((2, 3), dtype), np.ones((3, 2), dtype)
    check(np.matmul, a, b)
    check(np.dot, a, b)
    check(lambda a, b: np.inner(a, b.T), a, b)
    check(np.outer, a, b)
    check(np.cross, a, a)


def test_gates_on_plain_arrays_are_numpys_own() -> None:
    a, b = np.random.default_rng(0).normal(size=(2, 3, 3))
    a.flags.writeable = False
    for name in ("matmul", "dot", "inner", "outer", "vdot", "vecdot", "cross"):
        result = getattr(array_gates, name)(a, b[::-1])
        assert not isinstance(result, Tensor)
        assert_is_numpys(result, getattr(np, name)(a, b[::-1]))


class Counting(np.ndarray):
    """An array that counts the products it is part of, by their numbers of axes."""

    counted: list[tuple[int, ...]]

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        if ufunc is np.matmul:
            Counting.counted.append(tuple(map(np.ndim, inputs)))
        result = getattr(ufunc, method)(*(np.asarray(array) for array in inputs), **options)
        return result.view(Counting)

    def sum(self, *arguments: Any, **options: Any) -> Any:
        raise AssertionError("the sum should be part of the product")


@pytest.mark.parametrize("stack", [(), (7,), (2, 7)])
def test_gradients_of_matrices_are_one_product_each(stack: tuple[int, ...]) -> None:
    a, w = np.ones((*stack, 2, 3)).view(Counting), np.ones((3, 4)).view(Counting)
    g = np.ones((*stack, 2, 4)).view(Counting)
    for position, shape in enumerate((a.shape, w.shape)):
        Counting.counted = []
        assert matmul.vjp(position)(g, None, a, w).shape == shape
        assert Counting.counted == [(2, 2)]


SCALAR_CASES = [
    *((matmul, *shapes) for shapes in MATMUL_SHAPES),
    (dot, (3,), (3,)),
    (dot, (2, 3), (3, 4)),
    (dot, (2, 3), (5, 3, 4)),
    (dot, (), (3,)),
    (array_gates.inner, (2, 3), (5, 4, 3)),
    (array_gates.inner, (3,), (2, 3)),
    (array_gates.inner, (2,), ()),
    (array_gates.outer, (2, 3), (2,)),
    (array_gates.vdot, (2, 3), (6,)),
    (array_gates.vecdot, (4, 1, 3), (2, 3)),
    (array_gates.cross, (2, 3), (3,)),
]


@pytest.mark.parametrize(("gate", "left", "right"), SCALAR_CASES)
def test_products_of_values(gate: Any, left: tuple[int, ...], right: tuple[int, ...]) -> None:
    rng = np.random.default_rng(0)
    check_on_scalars(gate, rng.normal(size=left), rng.normal(size=right))


def test_each_element_of_a_product_of_values_is_one_gate() -> None:
    product = check_on_scalars(matmul, np.ones((2, 3)), np.ones((3, 4)))
    assert {value.gate for value in product.ravel()} == {dot}
    assert {len(value.operands) for value in product.ravel()} == {6}


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (lambda x: x @ x, r"a \(2, 3\) @ b \(2, 3\): inner sizes 3 and 2 differ; b.T .* \(3, 2\)"),
        (lambda x: x @ np.ones(4), r"matmul: a \(2, 3\) @ b \(4,\): inner sizes 3 and 4 differ$"),
        (lambda x: np.ones(4) @ x, r"matmul: a \(4,\) @ b \(2, 3\): inner sizes 4 and 2 differ$"),
        (lambda x: x @ 2, r"matmul: a \(2, 3\) @ b \(\): a scalar has no matrix product; use \*"),
        (
            lambda x: x.reshape(2, 1, 3) @ np.ones((4, 3, 2)),
            r"matmul: a \(2, 1, 3\) @ b \(4, 3, 2\): the stacks \(2,\) and \(4,\) do not broadcast"
        ),
        (lambda x: np.dot(x, x), r"dot: shape \(2, 3\) and \(2, 3\): shapes .* not aligned"),
        (lambda x: np.inner(x, x.T), r"inner: .*\(3, 2\): the last axes have sizes 3 and 2; they"),
        (lambda x: np.vdot(x, x[0]), "vdot: .*: 6 and 3 elements; there must be as many"),
        (lambda x: np.cross(x.T, x.T), r"cross: .*\(3, 2\): the cross product is of vectors of 3"),
    ],
)  # fmt: skip
def test_misfit_is_named_with_its_mend(wrong: Any, message: str) -> None:
    with pytest.raises(ShapeError, match=message):
        wrong(Tensor(np.ones((2, 3))))

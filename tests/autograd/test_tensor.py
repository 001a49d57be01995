"""Tensor: NumPy's rules forward, exact gradients backward, clear errors."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from central_difference import array_gradient
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import autograd
from autograd import Tensor
from autograd.errors import OperandError, ShapeError

ELEMENTS = st.floats(-3, 3).map(lambda number: round(number, 3))


SHAPES = hnp.array_shapes(min_dims=0, max_dims=3, max_side=3)


def arrays(shape: Any = SHAPES) -> Any:
    return hnp.arrays(np.float64, shape, elements=ELEMENTS)


def check(f: Any, *at: np.ndarray) -> None:
    """Compare every gradient of the sum of squares of ``f`` with the central difference."""
    tensors = [Tensor(array) for array in at]
    output = f(*tensors)
    np.testing.assert_array_equal(output.data, f(*at))
    (output * output).sum().backward()
    for i, tensor in enumerate(tensors):

        def loss(moved: np.ndarray, i: int = i) -> float:
            return float((np.asarray(f(*at[:i], moved, *at[i + 1 :])) ** 2).sum())

        expected = array_gradient(loss, at[i])
        assert tensor.grad is not None and tensor.grad.shape == at[i].shape
        np.testing.assert_allclose(tensor.grad, expected, rtol=1e-6, atol=1e-6)


@given(
    shapes=hnp.mutually_broadcastable_shapes(num_shapes=2, max_dims=3, max_side=3),
    data=st.data(),
)
def test_broadcast_axes_are_summed_back(shapes: Any, data: st.DataObject) -> None:
    x, y = (data.draw(arrays(shape)) for shape in shapes.input_shapes)
    check(lambda x, y: x * y, x, y)
    check(lambda x, y: x - y, x, y)


MATMUL_SHAPES = [
    ((3,), (3,)),
    ((2, 3), (3,)),
    ((3,), (3, 2)),
    ((2, 3), (3, 4)),
    ((5, 2, 3), (3, 4)),
    ((2, 3), (5, 3, 4)),
    ((5, 1, 2, 3), (4, 3, 2)),
    ((3,), (4, 3, 2)),
    ((4, 2, 3), (3,)),
    ((0, 3), (3, 2)),
    ((2, 0), (0, 3)),
]


@pytest.mark.parametrize(("left", "right"), MATMUL_SHAPES)
def test_matmul_of_every_kind(left: tuple[int, ...], right: tuple[int, ...]) -> None:
    rng = np.random.default_rng(0)
    check(lambda a, b: a @ b, rng.normal(size=left), rng.normal(size=right))


@given(x=arrays(), data=st.data(), keepdims=st.booleans())
def test_reductions_over_every_axis(x: np.ndarray, data: st.DataObject, keepdims: bool) -> None:
    axes: Any = [None, *range(-x.ndim, x.ndim)]
    if x.ndim > 1:
        axes.append(tuple(data.draw(st.permutations(range(x.ndim)))[:2]))
    axis = data.draw(st.sampled_from(axes))
    check(lambda x: x.sum(axis=axis, keepdims=keepdims), x)
    check(lambda x: x.mean(axis=axis, keepdims=keepdims), x)
    distinct = np.random.default_rng(0).permutation(x.size).reshape(x.shape) * 0.1
    check(lambda x: x.max(axis=axis, keepdims=keepdims), distinct)


def test_ties_of_max_share_the_gradient() -> None:
    x = Tensor([[1.0, 3.0, 3.0], [2.0, 2.0, 2.0]])
    x.max(axis=1).backward(np.array([1.0, 3.0]))
    assert x.grad is not None
    np.testing.assert_allclose(x.grad, [[0, 0.5, 0.5], [1, 1, 1]])


@given(x=arrays(), data=st.data())
def test_indexing_of_every_kind(x: np.ndarray, data: st.DataObject) -> None:
    index = data.draw(hnp.basic_indices(x.shape, allow_newaxis=True))
    check(lambda x: x[index], x)
    mask = x > 0
    check(lambda x: x[mask], x)


def test_index_taken_twice_adds_up() -> None:
    x = Tensor([1.0, 2.0, 3.0])
    x[[0, 0, 2]].backward(np.array([1.0, 10.0, 100.0]))
    np.testing.assert_array_equal(x.grad, [11.0, 0.0, 100.0])


def test_reshape_and_transpose() -> None:
    x = np.arange(24.0).reshape(2, 3, 4)
    weights = np.arange(24.0)
    check(lambda x: x.reshape(4, 6) * weights.reshape(4, 6), x)
    check(lambda x: x.reshape((-1,)) * weights, x)
    check(lambda x: x.transpose() * weights.reshape(4, 3, 2), x)
    check(lambda x: x.transpose(1, -1, 0) * weights.reshape(3, 4, 2), x)
    check(lambda x: x.T * weights.reshape(4, 3, 2), x)


@given(x=arrays(hnp.array_shapes(min_dims=1, max_dims=3, max_side=3)), data=st.data())
def test_softmax_family(x: np.ndarray, data: st.DataObject) -> None:
    axis = data.draw(st.integers(-x.ndim, x.ndim - 1))
    check(lambda x: autograd.softmax(x, axis=axis), x)
    check(lambda x: autograd.log_softmax(x, axis=axis), x)
    check(lambda x: autograd.logsumexp(x, axis=axis), x)
    check(lambda x: autograd.logsumexp(x, keepdims=True), x)


def test_softmax_of_large_logits_does_not_overflow() -> None:
    np.testing.assert_allclose(
        autograd.softmax(Tensor([1, 2, 788, 789])).data, [0, 0, 0.268941, 0.731059], atol=1e-6
    )
    np.testing.assert_allclose(autograd.logsumexp(Tensor([1000.0, 1000.0])).data, 1000 + np.log(2))
    assert autograd.logsumexp(Tensor([-np.inf, -np.inf])).item() == -np.inf


def test_squared_norm_of_the_slides() -> None:
    w, x = Tensor([[0.1, 0.5], [-0.3, 0.8]]), Tensor([0.2, 0.4])
    f = ((w @ x) ** 2).sum()
    f.backward()
    assert f.item() == pytest.approx(0.116)
    np.testing.assert_allclose(w.grad, [[0.088, 0.176], [0.104, 0.208]])
    np.testing.assert_allclose(x.grad, [-0.112, 0.636])


def test_second_backward_doubles_leaf_gradients_and_not_inner_ones() -> None:
    x = Tensor([3.0, 4.0])
    square = x * x
    root = (square * square).sum()
    root.backward()
    first, inner = x.grad, square.grad
    root.backward()
    np.testing.assert_array_equal(x.grad, 2 * first)
    np.testing.assert_array_equal(square.grad, inner)


def test_gradients_share_no_memory() -> None:
    x, y = Tensor(np.ones((2, 2))), Tensor(np.ones((2, 2)))
    total = x + y
    root = total.T.reshape(4) + 0.0
    seed = np.ones(4)
    root.backward(seed)
    held = [x.grad, y.grad, total.grad, root.grad, seed]
    for i, first in enumerate(held):
        for second in held[i + 1 :]:
            assert not np.shares_memory(first, second)


def test_operands_and_seed_are_not_changed() -> None:
    data, seed = np.array([1.0, 2.0]), np.array([1.0, 10.0])
    x = Tensor(data)
    x.data[0] = 5.0
    (x * x + x).backward(seed)
    np.testing.assert_array_equal(data, [1.0, 2.0])
    np.testing.assert_array_equal(seed, [1.0, 10.0])


def test_constants_beside_a_tensor_keep_its_dtype_and_get_no_gradient() -> None:
    x = Tensor(np.ones(3, np.float32))
    y = 2 * (np.ones(3, np.float32) - x / 3 + 1) ** 2 @ np.ones((3, 2), np.float32)
    assert y.dtype == np.float32
    y.sum().backward()
    assert x.grad is not None and x.grad.dtype == np.float32


def test_float32_operand_of_a_float64_result_gets_a_float32_gradient() -> None:
    x = Tensor(np.ones(2, np.float32))
    (x * Tensor(np.ones(2))).sum().backward()
    assert x.grad is not None and x.grad.dtype == np.float32


def test_integers_and_booleans_become_float64() -> None:
    assert Tensor([1, 2]).dtype == np.float64
    assert Tensor([True, False]).dtype == np.float64


def test_comparisons_give_plain_boolean_arrays() -> None:
    x = Tensor([1.0, 2.0])
    for answer, expected in [
        (x > 1, [False, True]),
        (x >= 1, [True, True]),
        (x < np.array([2.0, 2.0]), [True, False]),
        (x <= x, [True, True]),
        (x == 1, [True, False]),
        (x != Tensor([1.0, 1.0]), [False, True]),
    ]:
        assert type(answer) is np.ndarray
        assert answer.tolist() == expected


def test_scalars_come_out_as_python_numbers() -> None:
    x = Tensor([[2.5]])
    assert x.item() == float(x) == 2.5
    assert bool(x) and len(x) == 1
    with pytest.raises(ShapeError, match=r"item: shape \(2,\) has 2 elements, not one"):
        Tensor([1.0, 2.0]).item()


def test_iteration_gives_rows_of_the_graph() -> None:
    x = Tensor([[1.0, 2.0], [3.0, 4.0]])
    first, second = x
    (first * second).sum().backward()
    np.testing.assert_array_equal(x.grad, [[3.0, 4.0], [1.0, 2.0]])


def test_asarray_gives_the_plain_data() -> None:
    x = Tensor([1.0, 2.0])
    assert type(np.asarray(x)) is np.ndarray
    np.testing.assert_array_equal(np.asarray(x, dtype=np.float32), [1.0, 2.0])


def test_detached_tensor_sends_nothing_back() -> None:
    x = Tensor([1.0, 2.0])
    (x * x.detach()).sum().backward()
    np.testing.assert_array_equal(x.grad, [1.0, 2.0])


def test_repr_shows_array_dtype_and_name() -> None:
    assert repr(Tensor([1.0, 2.0])) == "Tensor([1., 2.])"
    assert repr(Tensor([1.0], dtype="float32", name="b")) == "Tensor([1.], dtype=float32, name='b')"


@pytest.mark.parametrize(
    ("wrong", "error", "message"),
    [
        (
            lambda: Tensor(np.ones((2, 3))) + np.ones(4),
            ShapeError,
            r"add: shapes \(2, 3\) and \(4,\) do not broadcast",
        ),
        (
            lambda: Tensor(np.ones((2, 3))) @ Tensor(np.ones((4, 3))),
            ShapeError,
            r"matmul: a \(2, 3\) @ b \(4, 3\): inner sizes 3 and 4 differ; b.T has shape \(3, 4\)",
        ),
        (lambda: Tensor([1.0]) @ 2, ShapeError, "a scalar has no matrix product; use \\*"),
        (lambda: Tensor([1.0, 2.0]).sum(axis=3), ShapeError, r"sum: shape \(2,\), axis=3"),
        (lambda: Tensor([1.0])[4], ShapeError, "index 4 is out of bounds for axis 0 with size 1"),
        (lambda: Tensor([1.0, 2.0]).reshape(3), ShapeError, r"reshape: shape \(2,\), shape=\(3,\)"),
        (lambda: Tensor(["a"]), OperandError, "a Tensor holds real numbers, not <U1"),
        (lambda: Tensor([1j]), OperandError, "take .real, .imag or abs"),
        (lambda: Tensor([[1], [1, 2]]), OperandError, "inhomogeneous"),
        (lambda: Tensor([1.0]) + "a", OperandError, "a constant beside a Tensor is real numbers"),
        (lambda: Tensor([1.0], dtype=int), OperandError, "dtype <class 'int'> is not a float"),
        (
            lambda: Tensor([1.0, 2.0]).backward(),
            ShapeError,
            r"backward: root has shape \(2,\); reduce it with .sum\(\) or pass grad of shape",
        ),
        (
            lambda: Tensor([1.0, 2.0]).backward(np.ones(3)),
            ShapeError,
            r"grad has shape \(3,\), the Tensor has shape \(2,\)",
        ),
        (lambda: len(Tensor(1.0)), OperandError, r"a Tensor of shape \(\) has no length"),
    ],
)
def test_misfit_is_named_with_its_mend(wrong: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        wrong()


def test_assigned_data_and_grad_must_fit() -> None:
    x = Tensor([1.0, 2.0])
    x.data = [3, 4]
    assert x.data.dtype == np.float64
    with pytest.raises(ShapeError, match=r"data has shape \(3,\)"):
        x.data = np.ones(3)
    with pytest.raises(ShapeError, match=r"grad has shape \(\)"):
        x.grad = 0.0


def test_a_plain_number_that_decides_a_branch_leaves_shape_dtype_and_slope_right() -> None:
    x = Tensor(np.array([1.0, 2.0], np.float32))
    for gate in (autograd.leaky_relu, autograd.elu):
        for number in (0.5, -0.5):
            plain = gate(number, x.data)
            y = gate(number, x)
            assert y.shape == plain.shape == (2,) and y.dtype == plain.dtype
            x.zero_grad()
            y.sum().backward()
            slopes = autograd.gradients(gate(number, x).sum(), x, create_graph=True)
            np.testing.assert_array_equal(slopes.data, x.grad)
            _, tangent = autograd.jvp(lambda x, g=gate, n=number: g(n, x), (x.data,), (x.data,))
            np.testing.assert_allclose(tangent, x.grad * x.data)
    chosen = autograd.where(1.0, Tensor(np.ones(3)), Tensor(np.ones((2, 3))))
    assert chosen.shape == (2, 3)


@pytest.mark.parametrize("dtype", [np.float16, np.float32])
def test_gates_on_plain_arrays_keep_the_dtype_beside_a_number(dtype: type) -> None:
    assert autograd.add(np.ones(3, dtype), 0.5).dtype == dtype
    assert autograd.pow(np.ones(3, dtype), 2).dtype == dtype

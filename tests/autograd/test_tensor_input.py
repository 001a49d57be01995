"""What a Tensor accepts and refuses: dtypes, layouts, other libraries' arrays, sizes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd
from autograd import Tensor, no_grad, record_lines
from autograd.errors import AnomalyError, OperandError, ShapeError

FLOATS = [np.float16, np.float32, np.float64, np.longdouble]


@pytest.mark.parametrize("dtype", FLOATS)
def test_a_floating_dtype_is_carried_through_a_step(dtype: type) -> None:
    w = Tensor(np.array([[0.5, -1.0], [2.0, 0.25]], dtype))
    x = np.array([1.0, -2.0], dtype)
    hidden = np.tanh(w @ x) * 2 + 1.0
    loss = (hidden**2).mean() - autograd.sigmoid(w).sum() / 3
    loss.backward()
    for node in autograd.topological_order(loss):
        assert node.dtype == dtype and node.grad is not None and node.grad.dtype == dtype


@pytest.mark.parametrize("dtype", [np.int8, np.uint16, np.int64, np.bool_])
def test_integers_and_booleans_become_float64(dtype: type) -> None:
    t = Tensor(np.array([0, 1, 1], dtype))
    (t * t).sum().backward()
    assert t.dtype == np.float64
    np.testing.assert_array_equal(t.grad, [0.0, 2.0, 2.0])


@pytest.mark.parametrize("dtype", [np.int8, np.uint16, np.int64, np.bool_])
def test_a_constant_of_integers_or_booleans_is_promoted_as_numpy_does(dtype: type) -> None:
    array, constant = np.array([1.5, 2.5], np.float32), np.array([1, 0], dtype)
    t = Tensor(array)
    y = t * constant
    y.sum().backward()
    assert y.dtype == (array * constant).dtype
    assert t.grad is not None and t.grad.dtype == np.float32


def test_mixed_floats_give_each_leaf_a_gradient_of_its_own_dtype() -> None:
    narrow, wide = Tensor(np.ones(3, np.float32)), Tensor(np.ones(3))
    y = narrow * wide
    y.sum().backward()
    assert y.dtype == np.float64
    assert narrow.grad is not None and narrow.grad.dtype == np.float32
    assert wide.grad is not None and wide.grad.dtype == np.float64


def test_astype_brings_the_gradient_back() -> None:
    t = Tensor(np.array([1.0, 2.0]))
    y = t.astype(np.float32)
    (y * y).sum().backward()
    assert y.dtype == np.float32 and y.grad is not None and y.grad.dtype == np.float32
    np.testing.assert_array_equal(t.grad, [2.0, 4.0])


def _strided(array: np.ndarray) -> np.ndarray:
    return np.repeat(array, 2, axis=0)[::2]


def _read_only(array: np.ndarray) -> np.ndarray:
    array = array.copy()
    array.flags.writeable = False
    return array


LAYOUTS: list[Callable[[np.ndarray], np.ndarray]] = [
    _strided,
    _read_only,
    lambda a: a[::-1][::-1],
    lambda a: np.asfortranarray(a),
    lambda a: a.astype(">f8"),
]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_layout_of_an_array_does_not_matter(layout: Callable[[np.ndarray], np.ndarray]) -> None:
    array = np.arange(6.0).reshape(3, 2)
    constant = layout(np.cos(array))
    answers = []
    for data, factor in [(array, np.cos(array)), (layout(array), constant)]:
        t = Tensor(data)
        ((t * factor) @ factor.T).sum().backward()
        answers.append(t.grad)
    np.testing.assert_array_equal(*answers)


@pytest.mark.parametrize("shape", [(0,), (0, 3), (3, 0), (2, 0, 4)])
def test_empty_arrays_go_forward_and_back(shape: tuple[int, ...]) -> None:
    t = Tensor(np.zeros(shape))
    loss = (np.exp(t) * 2.0).sum() + t.reshape(-1).sum()
    loss.backward()
    assert loss.item() == 0.0
    assert t.grad is not None and t.grad.shape == shape


def test_a_masked_array_is_refused_with_the_way_out() -> None:
    masked = np.ma.masked_array([1.0, 2.0], mask=[False, True])
    for make in (lambda: Tensor(masked), lambda: Tensor([1.0, 2.0]) * masked):
        with pytest.raises(OperandError, match=r"whose mask would be lost; pass \.filled"):
            make()


def test_an_array_of_objects_is_refused() -> None:
    with pytest.raises(OperandError, match="real numbers, not object"):
        Tensor(np.array([1.0, None], object))
    with pytest.raises(OperandError, match="real numbers, not object"):
        Tensor([1.0, 2.0]) + np.array([1.0, "a"], object)


def test_complex_numbers_are_refused_with_the_way_out() -> None:
    with pytest.raises(OperandError, match=r"take \.real, \.imag or abs\(\)"):
        Tensor([1.0]) * np.array([1j])
    with pytest.raises(OperandError, match="1j"):
        Tensor([1.0]) * 1j


def test_data_frames_are_read_as_their_numbers() -> None:
    pandas = pytest.importorskip("pandas", reason="data frames")
    frame = pandas.DataFrame({"a": [1.0, 2.0], "b": [3.0, 4.0]})
    t = Tensor(frame)
    for product in (t * frame, frame * t, t * frame["a"], frame["a"] * t):
        assert isinstance(product, Tensor)
    np.testing.assert_array_equal((frame * t).data, frame.to_numpy() ** 2)


def test_shapes_that_do_not_broadcast_are_named_with_their_tensors_and_the_line() -> None:
    w, x = Tensor(np.ones((2, 3)), name="w"), Tensor(np.ones(4), name="x")
    with pytest.raises(ShapeError, match=r"add: shapes w \(2, 3\) and x \(4,\) do not broadcast"):
        w + x
    with record_lines(), pytest.raises(ShapeError, match=r"\(at .*test_tensor_input\.py:\d+\)"):
        w + x


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (lambda t: t.sum(axis=2), "axis 2 is out of bounds"),
        (lambda t: t.reshape(4, 2), r"reshape: shape w \(2, 3\), shape=\(4, 2\)"),
        (lambda t: t[5], r"getitem: shape w \(2, 3\), index=5"),
        (lambda t: t[:, :, 0], "too many indices"),
        (lambda t: t.transpose(0, 0), "repeated axis"),
    ],
)
def test_a_bad_axis_shape_or_index_names_the_gate_and_the_tensor(
    wrong: Callable[[Tensor], Any], message: str
) -> None:
    with pytest.raises(ShapeError, match=message):
        wrong(Tensor(np.ones((2, 3)), name="w"))


def test_an_index_that_is_a_tensor_is_refused() -> None:
    with pytest.raises(OperandError, match="an index is a plain integer, slice or array"):
        Tensor([1.0, 2.0])[Tensor([0.0])]
    with pytest.raises(OperandError, match="an index is a plain integer, slice or array"):
        Tensor([1.0, 2.0])[[Tensor(0.0)]]


def test_an_empty_list_picks_nothing() -> None:
    t = Tensor([1.0, 2.0])
    t[[]].sum().backward()
    np.testing.assert_array_equal(t.grad, [0.0, 0.0])


def test_anomalies_are_named_where_they_arise() -> None:
    x = Tensor([1.0, 0.0], name="x")
    with autograd.detect_anomaly(), np.errstate(all="ignore"):
        with pytest.raises(AnomalyError, match="the value of the gate log is -inf"):
            x.log()
        y = np.sqrt(x).sum()
        with (
            record_lines(),
            pytest.raises(AnomalyError, match="the gradient by operand 0 of the gate sqrt is inf"),
        ):
            y.backward()
    assert x.grad is None


def test_backward_twice_adds_the_gradient_twice_to_leaves_alone() -> None:
    x = Tensor([1.0, 2.0])
    y = x * x
    loss = (y + y).sum()
    loss.backward()
    loss.backward()
    np.testing.assert_array_equal(x.grad, [8.0, 16.0])
    np.testing.assert_array_equal(y.grad, [2.0, 2.0])


def test_two_losses_over_one_part_add_up_in_the_leaves() -> None:
    x = Tensor(3.0)
    shared = x * x
    (shared * 2.0).backward()
    (shared * 5.0).backward()
    assert x.grad is not None and x.grad == 6.0 * 7.0


def test_backward_of_a_result_without_variables_is_that_of_a_leaf() -> None:
    with no_grad():
        y = Tensor(2.0) * 3.0
    y.backward()
    assert y.operands == () and y.grad == 1.0


def test_copies_and_pickles() -> None:
    import copy
    import pickle

    x = Tensor([1.0, 2.0], name="x")
    y = (x * x).sum()
    twin = copy.deepcopy(y)
    twin.backward()
    assert x.grad is None
    leaf = twin.operands[0].operands[0]
    np.testing.assert_array_equal(leaf.grad, [2.0, 4.0])
    again = pickle.loads(pickle.dumps(x))
    assert again.name == "x" and again.data.tolist() == [1.0, 2.0]
    with pytest.raises(TypeError, match=r"an inner node of a graph \(sum\); pickle its leaves"):
        pickle.dumps(y)


@pytest.mark.slow
def test_an_array_of_a_hundred_million_elements_is_differentiated() -> None:
    t = Tensor(np.ones(10**8, np.float32))
    (t * 2.0).sum().backward()
    assert t.grad is not None and t.grad[-1] == 2.0 and t.grad.sum() == 2 * 10**8


def test_a_chain_of_a_hundred_thousand_gates_needs_no_recursion() -> None:
    x = Tensor(1.0)
    y = x
    for _ in range(100_000):
        y = y + x
    y.backward()
    assert x.grad is not None and x.grad == 100_001.0

"""Lowering: the same values and gradients from scalar gates, named after their places."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd
import viz
from autograd import ArrayGate, Tensor, Value, array_gates, checkpoint, gates, no_grad, record_lines
from autograd.custom import custom_gate
from autograd.errors import OperandError, SettingError, StaleError
from autograd.gate import TABLE, Gate
from autograd.lowering import lower, run_on_scalars

CLOSE: dict[str, Any] = {"rtol": 1e-12, "atol": 1e-12}


def numbers(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng([seed, *shape]).uniform(-1.5, 1.5, shape)


def check_lowered(output: Tensor, *leaves: Tensor) -> None:
    """Compare the scalar graph with the array graph: the output, and every leaf's gradient."""
    seed = numbers(*output.shape, seed=9)
    for leaf in leaves:
        leaf.zero_grad()
    output.backward(seed)
    lowered = lower(output)
    assert np.shape(lowered.output) == output.shape
    for scalar, number in zip(np.ravel(lowered.output), output.data.ravel(), strict=True):
        np.testing.assert_allclose(scalar.data, number, **CLOSE)
    total = autograd.dot(np.ravel(lowered.output), seed.ravel())
    if output.size:
        total.backward()
    for leaf in leaves:
        gradient = lowered.gradient(leaf)
        assert gradient.shape == leaf.shape
        np.testing.assert_allclose(gradient, leaf.grad, **CLOSE)


TIED = np.array([[3.0, 1.0, 3.0], [2.0, 2.0, 2.0]])
POSITIVE_DEFINITE = numbers(3, 3) @ numbers(3, 3).T + np.eye(3)
WINDOW: dict[str, Any] = {"stride": (2, 1), "padding": ((1, 1), (0, 1)), "dilation": (1, 2)}
POOL: dict[str, Any] = {"size": (2, 2), "stride": (1, 2), "padding": ((1, 0), (0, 1))}

UNDILATED = {"dilation": (1, 1)}
STEPS = numbers(2, 2, 4, 5).round()  # with ties
POOLED = array_gates.max_pool(STEPS, **POOL, **UNDILATED)
ALONG: dict[str, Any] = {"stride": (1,), "padding": ((0, 0),), "dilation": (1,)}

# By the gate, what it is applied to, and its arguments.
SAMPLES: dict[str, list[tuple[list[np.ndarray], dict[str, Any]]]] = {
    "avg_pool": [([numbers(2, 2, 4, 5)], POOL)],
    "avg_pool_transpose": [([numbers(2, 2, 4, 3)], {**POOL, "sizes": (4, 5)})],
    "broadcast_to": [([numbers(3, 1)], {"shape": (2, 3, 4)}), ([numbers()], {"shape": (2,)})],
    "cholesky": [([POSITIVE_DEFINITE], {})],
    "cofactors": [([numbers(3, 3)], {})],
    "cofactors_along": [([numbers(3, 3), numbers(3, 3, seed=1)], {})],
    "concatenate": [
        ([numbers(2, 3), numbers(1, 3), numbers(2, 3, seed=1)], {"axis": 0}),
        ([numbers(2, 1), numbers(2, 2)], {"axis": -1}),
    ],
    "conv": [
        ([numbers(2, 2, 4, 5), numbers(3, 2, 2, 2)], WINDOW),
        (
            [numbers(2, 5), numbers(1, 2, 3)],
            {"stride": (1,), "padding": ((0, 0),), "dilation": (1,)},
        ),
    ],
    "conv_kernel": [([numbers(2, 2, 4, 5), numbers(2, 3, 3, 4)], {**WINDOW, "window": (2, 2)})],
    "conv_transpose": [([numbers(2, 3, 3, 4), numbers(3, 2, 2, 2)], {**WINDOW, "sizes": (4, 5)})],
    "convolve": [([numbers(5), numbers(3)], {"mode": mode}) for mode in ("full", "valid")],
    "copy": [([numbers(2, 3)], {}), ([numbers()], {})],
    "cross": [([numbers(2, 3), numbers(2, 3, seed=1)], {})],
    "cumprod": [([numbers(2, 3)], {"axis": 1}), ([np.array([2.0, 0.0, 3.0, 0.0])], {})],
    "cumsum": [([numbers(2, 3)], {"axis": 0}), ([numbers(2, 3)], {})],
    "det": [([numbers(3, 3)], {}), ([numbers(2, 2, 2)], {})],
    "diag": [([numbers(3)], {"k": 1})],
    "diagonal": [([numbers(3, 4)], {"offset": -1})],
    "dot": [
        ([numbers(3), numbers(3, seed=1)], {}),
        ([numbers(2, 3), numbers(2, 3, 2)], {}),
        ([numbers(), numbers(2)], {}),
    ],
    "einsum": [
        ([numbers(2, 3), numbers(3, 2)], {"subscripts": "ij,jk->ik"}),
        ([numbers(3, 3)], {"subscripts": "ii->"}),
        ([numbers(2), numbers(3), numbers(2, 3)], {"subscripts": "i,j,ij->"}),
    ],
    "exclusive_cumprod": [([numbers(2, 3)], {}), ([numbers(3)], {"reverse": True})],
    "expand_dims": [([numbers(2, 3)], {"axis": (0, 2)}), ([numbers()], {"axis": 0})],
    "flip": [([numbers(2, 3)], {"axis": 1})],
    "getitem": [
        ([numbers(3, 4)], {"index": (1, 2)}),
        ([numbers(3, 4)], {"index": (slice(None, None, -1), None, np.array([0, 0, 3]))}),
        ([numbers(3, 4)], {"index": numbers(3, 4) > 0}),
        ([numbers()], {"index": ()}),
    ],
    "inner": [([numbers(2, 3), numbers(4, 3)], {}), ([numbers(), numbers(2)], {})],
    "inv": [([numbers(3, 3)], {})],
    "linear_recurrence": [
        ([numbers(2, 3), numbers(2, 3, seed=1)], {"reverse": r}) for r in (True, False)
    ],
    "log_softmax": [([numbers(2, 3)], {"axis": 0}), ([TIED], {})],
    "logabsdet": [([numbers(3, 3)], {})],
    "logsumexp": [([numbers(2, 3)], {"axis": 1}), ([TIED], {}), ([TIED], {"keepdims": True})],
    "matmul": [
        ([numbers(2, 3), numbers(3, 4)], {}),
        ([numbers(3), numbers(2, 3, 2)], {}),
        ([numbers(2, 1, 2, 3), numbers(3, 3, 1)], {}),
        ([numbers(3), numbers(3, seed=1)], {}),
        ([numbers(0, 3), numbers(3, 2)], {}),
    ],
    "max": [([TIED], {"axis": 1}), ([TIED], {}), ([numbers(2, 3)], {"axis": 0, "keepdims": True})],
    "max_pool": [([STEPS], {**POOL, **UNDILATED})],
    "max_pool_tangent": [([numbers(2, 2, 4, 5, seed=1), STEPS, POOLED], {**POOL, **UNDILATED})],
    "max_pool_transpose": [
        ([numbers(2, 2, 4, 5, seed=1)[:, :, :4, :3], STEPS, POOLED], {**POOL, **UNDILATED})
    ],
    "mean": [([numbers(2, 3)], {"axis": 0}), ([numbers(2, 3)], {"keepdims": True})],
    "min": [([-TIED], {"axis": 1}), ([numbers(2, 3)], {"keepdims": True})],
    "moveaxis": [([numbers(2, 3, 4)], {"source": (0, 1), "destination": (2, 0)})],
    "norm": [
        *(([numbers(2, 3)], {"ord": order}) for order in (None, 1, -1, np.inf, "fro")),
        *(([TIED - 2.0], {"ord": order, "axis": 1}) for order in (0, 1, 2, 3, -np.inf)),
    ],
    "outer": [([numbers(2), numbers(3)], {})],
    "pad": [([numbers(2, 3)], {"pad_width": [(1, 0), (0, 2)]})],
    "permute_along": [([numbers(2, 3)], {"order": np.array([[2, 0, 1], [0, 1, 2]]), "axis": 1})],
    "prod": [([numbers(2, 3)], {"axis": 1}), ([np.array([2.0, 0.0, 3.0, 0.0])], {})],
    "put_at": [([numbers(3)], {"index": np.array([0, 2, 0]), "shape": (4,)})],
    "ravel": [([numbers(2, 3)], {}), ([numbers()], {})],
    "repeat": [([numbers(2, 3)], {"repeats": np.array([2, 1]), "axis": 0})],
    "reshape": [([numbers(2, 3)], {"shape": (3, -1)}), ([numbers(1, 1)], {"shape": ()})],
    "roll": [([numbers(2, 3)], {"shift": 2, "axis": 1})],
    "rot90": [([numbers(2, 3)], {})],
    "set_at": [
        ([numbers(3, 2), numbers(2)], {"index": 1}),
        ([numbers(3), numbers()], {"index": 0}),
    ],
    "shift": [([numbers(2, 3)], {}), ([numbers(3)], {"reverse": True})],
    "softmax": [([numbers(2, 3)], {"axis": 0}), ([TIED], {"axis": -1})],
    "softmax_cross_entropy": [
        ([numbers(2, 3)], {"labels": np.array([2, 0])}),
        ([numbers(3, 2)], {"labels": np.array([2, 0]), "axis": 0}),
    ],
    "solve": [([numbers(3, 3), numbers(3, 2)], {}), ([numbers(2, 2), numbers(2)], {})],
    "sort": [([numbers(2, 3)], {"axis": 0}), ([TIED], {"axis": None})],
    "squeeze": [([numbers(1, 3, 1)], {"axis": 0}), ([numbers(1, 1)], {})],
    "stack": [([numbers(2), numbers(2, seed=1)], {"axis": 1}), ([numbers(), numbers()], {})],
    "std": [([numbers(2, 3)], {"axis": 1, "ddof": 1})],
    "sum": [([numbers(2, 3)], {"axis": 0}), ([numbers(2, 3)], {"keepdims": True})],
    "swapaxes": [([numbers(2, 3, 4)], {"axis1": 0, "axis2": -1})],
    "take": [([numbers(3, 4)], {"indices": np.array([[1, 1], [0, 2]]), "axis": 1})],
    "tensordot": [([numbers(2, 3, 4), numbers(4, 3, 2)], {"axes": ([1, 2], [1, 0])})],
    "tile": [([numbers(2, 3)], {"reps": (2, 1, 2)})],
    "transpose": [([numbers(2, 3, 4)], {"axes": (1, -1, 0)}), ([numbers(2, 3)], {})],
    "tril": [([numbers(3, 3)], {"k": -1})],
    "triu": [([numbers(2, 3, 3)], {"k": 1})],
    "var": [([numbers(2, 3)], {"axis": 1}), ([numbers(2, 3)], {"ddof": 1, "keepdims": True})],
    "vdot": [([numbers(2, 3), numbers(2, 3, seed=1)], {})],
    "vecdot": [([numbers(2, 3), numbers(3, seed=1)], {})],
}
ARRAY_GATES = {
    name: gate for name, gate in vars(array_gates).items() if isinstance(gate, ArrayGate)
}


def test_every_array_gate_has_samples() -> None:
    assert SAMPLES.keys() >= ARRAY_GATES.keys()


@pytest.mark.parametrize("name", sorted(ARRAY_GATES))
def test_array_gate_is_the_same_on_scalars(name: str) -> None:
    gate = ARRAY_GATES[name]
    for arrays, arguments in SAMPLES[name]:
        leaves = [Tensor(array) for array in arrays]
        check_lowered(gate(*leaves, **arguments), *leaves)
        # A Tensor that is a constant, or stands in two places.
        for i in range(len(arrays) if len(arrays) > 1 else 0):
            mixed = [*arrays[:i], leaves[i], *arrays[i + 1 :]]
            check_lowered(gate(*mixed, **arguments), leaves[i])


@pytest.mark.parametrize("gate", TABLE, ids=lambda gate: gate.name)
def test_elementwise_gate_is_the_same_on_scalars(gate: Gate) -> None:
    inside = {0.0: 0.4, 1.0: 1.4}
    arrays = [
        inside.get(interval.low, 0.0) + numbers(3, 1, seed=i) * 0.2
        for i, interval in enumerate(gate.domain)
    ]
    leaves = [Tensor(array) for array in arrays]
    check_lowered(gate(*leaves), *leaves)
    if gate.arity > 1:
        leaf = Tensor(numbers(2) * 0.1 + 1.4)
        check_lowered(gate(*arrays[:-1], leaf), leaf)
        check_lowered(gate(leaf, *arrays[1:]), leaf)


ACTIVATIONS = [
    gates.tanh,
    gates.sigmoid,
    gates.relu,
    gates.leaky_relu,
    gates.softplus,
    gates.gelu,
    gates.silu,
    gates.elu,
]


def mse(prediction: Tensor, targets: np.ndarray) -> Tensor:
    return ((prediction - targets) ** 2).mean()


def cross_entropy(logits: Tensor, targets: np.ndarray) -> Tensor:
    labels = np.arange(len(targets)) % logits.shape[1]
    return -autograd.log_softmax(logits)[np.arange(len(labels)), labels].mean()


def cross_entropy_by_logsumexp(logits: Tensor, targets: np.ndarray) -> Tensor:
    weights = autograd.softmax(targets, axis=1)
    return (autograd.logsumexp(logits, axis=1) - (logits * weights).sum(axis=1)).sum()


LOSSES = [mse, cross_entropy, cross_entropy_by_logsumexp]


@given(data=st.data())
def test_dense_network_is_the_same_on_scalars(data: st.DataObject) -> None:
    batch, *sizes = data.draw(st.lists(st.integers(1, 4), min_size=3, max_size=5))
    seed = data.draw(st.integers(0, 99))
    hidden: Any = numbers(batch, sizes[0], seed=seed)
    leaves = []
    for i, (inputs, outputs) in enumerate(itertools.pairwise(sizes)):
        weights = Tensor(numbers(inputs, outputs, seed=seed + i), name=f"W{i}")
        bias = Tensor(numbers(outputs, seed=seed + i), name=f"b{i}")
        leaves += [weights, bias]
        hidden = data.draw(st.sampled_from(ACTIVATIONS))(hidden @ weights + bias)
        if data.draw(st.booleans()):
            # Normalized, with the residual.
            centred = hidden - hidden.mean(axis=0)
            hidden = hidden + centred / np.sqrt((centred**2).mean(axis=0) + 0.1)
    loss = data.draw(st.sampled_from(LOSSES))(hidden, numbers(*hidden.shape, seed=seed))
    check_lowered(loss, *leaves)


@given(
    channels=st.integers(1, 2),
    stride=st.integers(1, 2),
    padding=st.integers(0, 1),
    pool=st.sampled_from([array_gates.max_pool2d, array_gates.avg_pool2d]),
    seed=st.integers(0, 99),
)
def test_convolutional_network_is_the_same_on_scalars(
    channels: int, stride: int, padding: int, pool: Callable[..., Any], seed: int
) -> None:
    x = numbers(2, channels, 5, 6, seed=seed)
    kernels = Tensor(numbers(2, channels, 2, 3, seed=seed), name="K")
    bias = Tensor(numbers(2, seed=seed), name="b")
    weights = Tensor(numbers(2, 3, seed=seed), name="W")
    maps = array_gates.conv2d(x, kernels, stride, padding) + bias[:, None, None]
    features = pool(np.maximum(maps, 0.0), 2, stride=1).max(axis=(2, 3))
    check_lowered(cross_entropy(features @ weights, np.arange(2)), kernels, bias, weights)


@given(steps=st.integers(1, 4), units=st.integers(1, 3), seed=st.integers(0, 99))
def test_recurrent_network_is_the_same_on_scalars(steps: int, units: int, seed: int) -> None:
    inputs = Tensor(numbers(steps, 2, 2, seed=seed), name="x")
    weights = Tensor(numbers(2 + units, 4 * units, seed=seed), name="W")
    cell = hidden = Tensor(numbers(2, units, seed=seed), name="h")
    states = []
    for x in inputs:
        i, f, o, g = (
            (np.concatenate([x, hidden], axis=1) @ weights).reshape(2, 4, units).swapaxes(0, 1)
        )
        cell = gates.sigmoid(f) * cell + gates.sigmoid(i) * np.tanh(g)
        hidden = gates.sigmoid(o) * np.tanh(cell)
        states.append(hidden)
    loss = mse(np.stack(states)[:, 0], numbers(steps, units, seed=seed))
    check_lowered(loss, inputs, weights, *[leaf for leaf in [hidden] if leaf.gate is None])


def test_scalar_graph_has_the_second_derivatives_too() -> None:
    w, x = Tensor(numbers(2, 3), name="W"), numbers(3)
    loss = (autograd.softmax(w @ x) * np.tanh(w @ x)).sum()
    direction = numbers(2, 3, seed=1)
    first = autograd.gradients(loss, w, create_graph=True)
    second = autograd.gradients((first * direction).sum(), w)
    lowered = lower(loss)
    scalars = list(lowered[w].flat)
    firsts = autograd.gradients(lowered.output, scalars, create_graph=True)
    seconds = autograd.gradients(autograd.dot(firsts, direction.ravel()), scalars)
    np.testing.assert_allclose([value.data for value in seconds], second.data.ravel(), **CLOSE)


def test_gradient_graph_is_lowered_as_well() -> None:
    x = numbers(2, 1, 4, 4)
    kernels = Tensor(numbers(2, 1, 2, 2), name="K")
    loss = (np.tanh(array_gates.max_pool2d(array_gates.conv2d(x, kernels), 2)) ** 2).sum()
    gradient = autograd.gradients(loss, kernels, create_graph=True)
    check_lowered((gradient**2).sum(), kernels)


def test_float32_network_is_computed_from_its_numbers_in_float64() -> None:
    w = Tensor(numbers(3).astype(np.float32))
    loss = np.exp(w.astype(np.float64) * 0.1).sum().astype(np.float32)
    lowered = lower(loss)
    assert [scalar.data for scalar in lowered[w]] == w.data.tolist()
    assert lowered.output.data == pytest.approx(np.exp(w.data.astype(float) * 0.1).sum(), abs=1e-15)


def test_scalars_are_named_after_their_places() -> None:
    w, b = Tensor(numbers(2, 3), name="W"), Tensor(0.5, name="b")
    hidden = np.tanh(w[0] * b)
    hidden.name = "h"
    moved = w.T
    moved.name = "V"
    lowered = lower(hidden.sum() + moved.sum())
    assert lowered[w][1, 2].name == "W[1, 2]"
    assert lowered[b].name == "b"
    assert [scalar.name for scalar in lowered[hidden]] == ["h[0]", "h[1]", "h[2]"]
    assert lowered[moved][2, 1] is lowered[w][1, 2]
    assert lowered.output.name is None


def test_leaves_get_names_of_their_own_in_topological_order() -> None:
    first, second = Tensor(1.0, name="w"), Tensor([2.0], name="w")
    one, another, called = Tensor(3.0), Tensor(4.0), Tensor(5.0, name="leaf1")
    lowered = lower((first * one + second * another * called).sum())
    assert list(lowered.leaves) == ["w", "leaf2", "w#2", "leaf3", "leaf1"]
    assert lowered["w#2"][0].name == "w#2[0]"
    assert lowered["leaf2"] is lowered[one]
    assert repr(lowered) == (
        "<Lowered: output (); leaves: w (), leaf2 (), w#2 (1,), leaf3 (), leaf1 ()>"
    )


def test_names_given_take_the_place_of_those_they_have() -> None:
    w, x, inner = Tensor([1.0], name="own"), Tensor(2.0), None
    inner = w * x
    lowered = lower(inner.sum(), names={"_": w, "W": w, "x": x, "same": x, "h": inner, "n": 3})
    assert list(lowered.leaves) == ["W", "x"]
    assert lowered[inner][0].name == "h[0]"
    with pytest.raises(OperandError, match=r"names=\['W'\] is not a mapping from names to Tensors"):
        lower(inner, names=["W"])  # type: ignore[arg-type]


def test_gradients_of_leaves_are_asked_for_by_tensor_or_name() -> None:
    w, unused = Tensor([[1.0, 2.0]], name="W"), Tensor([1.0], name="u")
    doubled = w * 2
    lowered = lower((doubled * doubled).sum())
    lowered.output.backward()
    for gradient in (lowered.gradient(w), lowered.gradient("W")):
        assert gradient.dtype == np.float64
        np.testing.assert_array_equal(gradient, [[8.0, 16.0]])
    with pytest.raises(OperandError, match=r"of shape \(1, 2\) is an inner node, which may share"):
        lowered.gradient(doubled)
    with pytest.raises(OperandError, match=r"'u' of shape \(1,\) is not a Tensor of the lowered"):
        lowered.gradient(unused)
    with pytest.raises(
        OperandError, match="'V' is not a Tensor of the lowered graph, whose leaves are W"
    ):
        lowered.gradient("V")
    with pytest.raises(OperandError, match="0 is not a Tensor of the lowered graph"):
        lowered[0]  # type: ignore[index]


def test_array_graph_is_left_as_it_was() -> None:
    w = Tensor([1.0, 2.0])
    loss = (w * w).sum()
    lower(loss).output.backward()
    assert w.grad is None and loss.grad is None and w.name is None


def test_constants_stay_plain_numbers() -> None:
    x, mask = Tensor([1.0, 2.0], name="x"), np.array([True, False])
    lowered = lower(np.where(mask, x * np.array([3.0, 4.0]), 5) + 0.5)
    operands = {
        type(o) for node in autograd.topological_order(*lowered.output) for o in node.operands
    }
    assert operands == {Value, float}
    assert [value.data for value in lowered.output] == [3.5, 5.5]


def test_constants_are_those_that_the_gate_was_given() -> None:
    x, factor = Tensor([1.0, 2.0]), np.array([3.0, 4.0])
    product = x * factor
    factor[:] = 0.0
    assert [value.data for value in lower(product).output] == [3.0, 8.0]


def test_constant_elements_of_the_output_are_values() -> None:
    output = np.concatenate([Tensor([1.0]), [2.0]])
    lowered = lower(output)
    assert [type(value) for value in lowered.output] == [Value, Value]
    assert lowered[output][1] is lowered.output[1]


def test_leaf_is_its_own_output() -> None:
    x = Tensor(2.0, name="x")
    lowered = lower(x)
    assert lowered.output is lowered[x] is lowered["x"]


def test_function_is_run_on_tensors_named_after_its_parameters() -> None:
    def loss(params: dict[str, Any], x: Any, labels: Any, *rest: Any) -> Any:
        assert labels.dtype == np.int64 and rest[1] == "mean"
        logits = x @ params["W"] + params["b"] * rest[0] * captured
        return -autograd.log_softmax(logits)[np.arange(2), labels].mean()

    captured, bias = Tensor(2.0, name="c"), Tensor(numbers(3))
    params = {"W": numbers(2, 3), "b": bias}
    rest = numbers(2, 2), np.array([0, 2]), 0.5, "mean"
    lowered = lower(loss, params, *rest)
    assert list(lowered.leaves) == ["x", "params['W']", "params['b']", "args[3]", "c"]
    assert lowered["params['W']"][1, 2].name == "params['W'][1, 2]"
    lowered.output.backward()
    expected = loss(
        params | {"W": (w := Tensor(params["W"]))}, numbers(2, 2), np.array([0, 2]), 0.5, "mean"
    )
    expected.backward()
    np.testing.assert_allclose(lowered.gradient("params['W']"), w.grad, **CLOSE)
    np.testing.assert_allclose(lowered.gradient(bias), bias.grad, **CLOSE)


def test_tensor_that_is_passed_keeps_its_own_name() -> None:
    def line(x: Tensor, slope: Tensor, offset: float = 1.0) -> Tensor:
        return slope * x + offset

    lowered = lower(line, Tensor(2.0), Tensor(3.0, name="a"))
    assert list(lowered.leaves) == ["a", "x"]


def test_function_is_recorded_also_within_no_grad() -> None:
    with no_grad():
        lowered = lower(lambda x: (x * x).sum(), np.array([1.0, 2.0]))
    lowered.output.backward()
    np.testing.assert_array_equal(lowered.gradient("x"), [2.0, 4.0])


def test_function_without_a_signature_has_its_arguments_named_by_place() -> None:
    lowered = lower(max, 2.0, 3.0)
    assert list(lowered.leaves) == ["args[1]"]


def test_scalars_remember_the_lines_of_the_tensors() -> None:
    with record_lines():
        x = Tensor([1.0, 2.0])
        y = np.exp(x)
        total = y.sum()
    plain = total * 2
    with record_lines():
        lowered = lower(plain)
    assert [node.line for node in (lowered[x][0], lowered[y][1], lowered[total])] == [
        x.line,
        y.line,
        total.line,
    ]
    assert x.line is not None and lowered.output.line is None


def test_graph_can_begin_at_inner_nodes() -> None:
    x = Tensor([1.0, 2.0])
    hidden = np.exp(x)
    total = (hidden * 2.0).sum()
    scalars = {hidden: np.array([Value(3.0), Value(4.0)])}
    assert run_on_scalars(total, scalars)[()].data == 14.0
    assert scalars.keys() == {hidden, total.operands[0], total}


def test_checkpoint_is_lowered_to_what_is_inside() -> None:
    w, x = Tensor(numbers(2, 2), name="W"), Tensor(numbers(2))
    hidden = np.tanh(w @ x)
    check_lowered(checkpoint(lambda h: np.tanh(w @ h) * Tensor([1.0, 2.0]))(hidden).sum(), w, x)


def test_stopped_gradients_stay_stopped() -> None:
    x = Tensor(numbers(3))
    check_lowered((x * gates.stop_gradient(np.exp(x))).sum(), x)


def test_writing_in_place_is_lowered_in_order() -> None:
    x, y = Tensor(numbers(3)), Tensor(numbers(2))
    state = x * 1.0
    state[1:] = y * y
    state[0] = 2.0
    check_lowered((state * state).sum(), x, y)


def test_deep_graph_needs_no_recursion() -> None:
    x = total = Tensor([1.0], name="x")
    for _ in range(5000):
        total = total + 1.0
    lowered = lower(total.sum())
    lowered.output.backward()
    assert lowered.gradient(x).tolist() == [1.0]


def test_lowered_graph_is_drawn_with_the_names_of_its_places() -> None:
    w, x = Tensor([[0.1, 0.5], [-0.3, 0.8]], name="W"), Tensor([0.2, 0.4], name="x")
    hidden = gates.sigmoid(w @ x)
    hidden.name = "h"
    lowered = lower((hidden**2).sum())
    lowered.output.backward()
    svg = viz.draw(lowered.output).svg
    for name in ["W[0, 0]", "W[0, 1]", "W[1, 0]", "W[1, 1]", "x[0]", "x[1]", "h[0]", "h[1]"]:
        assert name in svg


def test_graph_over_the_limit_is_refused_before_any_scalar_is_made() -> None:
    x, w = np.ones((100, 784)), Tensor(np.zeros((784, 40)), name="W")
    failing = ArrayGate("fails", "f", lambda x: x, (None,), "x", on_scalars=pytest.fail)
    loss = failing(np.tanh(x @ w)).sum()
    with pytest.raises(SettingError) as caught:
        lower(loss)
    assert str(caught.value) == (
        "lower: the graph would have about 3,175,361 scalars, more than limit=100,000; the most "
        "are of matmul of (100, 784), (784, 40): 3,136,000; W (784, 40): 31,360; "
        "tanh of (100, 40): 4,000; lower it for fewer samples or a smaller net, or pass limit=None "
        "and wait"
    )


def test_limit_is_what_may_be_reached() -> None:
    x = Tensor(np.ones(4), name="x")
    loss = (x * 2.0).sum()
    assert lower(loss, limit=9).output.data == 8.0
    assert lower(loss, limit=None).output.data == 8.0
    with pytest.raises(SettingError, match=r"about 9 scalars, more than limit=8; .* x \(4,\): 4"):
        lower(loss, limit=8)


@pytest.mark.parametrize(
    ("apply", "products"),
    [
        (lambda a, b: a @ b.T, 36),
        (lambda a, b: np.einsum("ij,kj->ik", a, b), 36),
        (lambda a, b: array_gates.conv1d(a, b[None, :, :2]), 18),
        (lambda a, b: np.linalg.solve(a[:, :3], b[:, :3]), 9),
        (lambda a, b: np.concatenate([a, b]), 24),
    ],
)
def test_sum_of_products_counts_each(apply: Callable[..., Any], products: int) -> None:
    a, b = Tensor(numbers(3, 4)), Tensor(numbers(3, 4, seed=1))
    nodes = autograd.topological_order(output := apply(a, b))
    others = sum(node.size for node in nodes if node is not output)
    total = others + products
    lower(output, limit=total)
    with pytest.raises(SettingError, match=f"about {total} scalars"):
        lower(output, limit=total - 1)


def test_gate_of_infinities_is_counted_by_its_size() -> None:
    def ratio(a: Any, b: Any) -> Any:
        return a / (b - 1)

    gate = ArrayGate("ratio", "/", ratio, (None, None), "x / (y - 1)", ratio)
    assert lower(gate(Tensor([1.0]), Tensor([3.0])), limit=3).output[0].data == 0.5


def test_leaf_that_holds_nan_is_not_taken_for_changed() -> None:
    assert np.isnan(lower(Tensor([np.nan]) * 2.0).output[0].data)


def test_leaf_with_other_data_since_is_refused() -> None:
    x = Tensor([1.0, 2.0], name="x")
    loss = (x * x).sum()
    x.data = [1.0, 3.0]
    message = r"the Tensor 'x' of shape \(2,\) has got other data after the gate mul was recorded"
    with pytest.raises(StaleError, match=message):
        lower(loss)
    x.data = [1.0, 2.0]
    assert lower(loss).output.data == 5.0
    x.data[0] = 7.0
    with pytest.raises(StaleError, match=r"x.* changed in place after the gate mul"):
        lower(loss)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (lambda x: lower(3.0), "lower: 3.0 is not a Tensor or a function that returns one"),
        (lambda x: lower(Value(3.0)), r"lower: Value\(data=3.0, grad=0.0\) is not a Tensor or"),
        (lambda x: lower(x, 1.0), "lower: a Tensor takes no arguments; they are for a function"),
        (
            lambda x: lower(lambda n: n + 1, 2),
            r"returned 3 \(int\), not one Tensor; arguments become Tensors if they are floats",
        ),
        (lambda x: lower(lambda d: d, {"a": "text"}), r"d\['a'\] is 'text'"),
        (
            lambda x: lower(custom_gate(vjp=lambda g, out, x: g)(np.round)(x)),
            "^round: a custom gate has no scalar form, so it cannot be lowered; pass on_scalars=",
        ),
        (
            lambda x: lower(ArrayGate("g", "g", np.spacing, (np.negative,), "g")(x)),
            "the gate g has no form for scalars: its forward fails on arrays of Values .*spacing",
        ),
        (
            lambda x: lower(ArrayGate("g", "g", np.float32, (np.float32,), "g")(x)),
            "the gate g has no form for scalars: its forward turns Values into plain numbers; give",
        ),
        (
            lambda x: lower(ArrayGate("g", "g", abs, (None,), "g", lambda x: x[0])(x)),
            r"the gate g has no form for scalars: it gives shape \(\), not \(2,\), on Values",
        ),
    ],
)
def test_what_cannot_be_lowered_is_named(wrong: Callable[[Tensor], Any], message: str) -> None:
    with pytest.raises(OperandError, match=message):
        wrong(Tensor([1.0, 2.0]))


def test_gate_without_scalar_form_is_named_with_its_line() -> None:
    with record_lines():
        output = ArrayGate("g", "g", np.float32, (np.float32,), "g")(Tensor([1.0]))
    with pytest.raises(OperandError, match=r"the gate g, at .*test_lowering.py:\d+ has no form"):
        lower(output)


def test_own_array_gate_is_lowered_by_its_scalar_form() -> None:
    cube = ArrayGate(
        "cube", "x³", lambda x, p: x**p, (lambda g, out, x, p: g * p * x ** (p - 1),), "x³"
    )
    x = Tensor(numbers(3))
    check_lowered(cube(x, p=3), x)

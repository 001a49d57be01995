"""Pooling: the largest or the mean of each window, by the definition; ties share the gradient."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from central_difference import array_gradient
from hypothesis import given
from hypothesis import strategies as st

from autograd import Tensor, gradients
from autograd.array_gates import avg_pool1d, avg_pool2d, max_pool1d, max_pool2d
from autograd.errors import SettingError, ShapeError
from autograd.lowering import lower

MAX_POOLS = {1: max_pool1d, 2: max_pool2d}
AVG_POOLS = {1: avg_pool1d, 2: avg_pool2d}

Windows = dict[tuple[int, ...], list[tuple[int, ...]]]


def windows_of(
    sizes: Any, size: Any, stride: Any, padding: Any, dilation: Any
) -> tuple[tuple[int, ...], Windows]:
    """The shape of the output, and for each place in it where its window meets the input."""
    counts = tuple(
        (length + 2 * around - (number - 1) * each - 1) // step + 1
        for length, number, step, around, each in zip(
            sizes, size, stride, padding, dilation, strict=True
        )
    )
    windows: Windows = {}
    for place in itertools.product(*map(range, counts)):
        met = itertools.product(
            *(
                [i * step - around + k * each for k in range(number)]
                for i, number, step, around, each in zip(
                    place, size, stride, padding, dilation, strict=True
                )
            )
        )
        windows[place] = [
            at for at in met if all(0 <= i < n for i, n in zip(at, sizes, strict=True))
        ]
    return counts, windows


def rearranged(x: np.ndarray, layout: int) -> np.ndarray:
    """The same array, read-only, in another order in memory."""
    if layout == 1:
        x = np.moveaxis(np.ascontiguousarray(np.moveaxis(x, 0, -1)), -1, 0)
    elif layout == 2:
        x = np.flip(np.flip(x).copy())
    x.flags.writeable = False
    return x


@st.composite
def cases(draw: st.DrawFn) -> tuple[int, np.ndarray, dict[str, Any]]:
    """The number of axes, an input with ties, and settings that fit it."""
    axes = draw(st.sampled_from([1, 2]))
    numbers = st.tuples(*[st.integers(1, 3)] * axes)
    size, stride, dilation = draw(numbers), draw(numbers), draw(numbers)
    reach = [(number - 1) * each + 1 for number, each in zip(size, dilation, strict=True)]
    padding = tuple(draw(st.integers(0, covered // 2)) for covered in reach)
    sizes = [
        max(1, covered - 2 * around) + draw(st.integers(0, 4))
        for covered, around in zip(reach, padding, strict=True)
    ]
    leading = draw(st.lists(st.integers(0, 3), min_size=1, max_size=2))
    rng = np.random.default_rng(draw(st.integers(0, 99)))
    x = rng.integers(-2, 3, size=(*leading, *sizes)).astype(
        draw(st.sampled_from([np.float32, np.float64]))
    )
    x = rearranged(x, draw(st.integers(0, 2)))
    return axes, x, {"size": size, "stride": stride, "padding": padding, "dilation": dilation}


def without_dilation(settings: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in settings.items() if name != "dilation"}


def max_by_definition(x: np.ndarray, **settings: Any) -> tuple[np.ndarray, Windows]:
    """The largest of each window, and the places of all elements that equal it."""
    axes = len(settings["size"])
    counts, windows = windows_of(x.shape[-axes:], **settings)
    out = np.full((*x.shape[:-axes], *counts), -np.inf, x.dtype)
    winners: Windows = {}
    for lead in np.ndindex(x.shape[:-axes]):
        for place, met in windows.items():
            values = [x[lead + at] for at in met]
            out[lead + place] = np.max(values, initial=-np.inf)
            winners[lead + place] = [
                lead + at
                for at, value in zip(met, values, strict=True)
                if np.array_equal(value, out[lead + place], equal_nan=True)
            ]
    return out, winners


def shares_by_definition(g: np.ndarray, x: np.ndarray, winners: Windows) -> np.ndarray:
    """The gradient of each window, shared evenly among those that are its largest."""
    total = np.zeros_like(x)
    for place, equals in winners.items():
        for at in equals:
            total[at] += g[place] / len(equals)
    return total


@given(case=cases())
def test_max_pool_takes_the_largest_and_ties_share(case: Any) -> None:
    axes, x, settings = case
    expected, winners = max_by_definition(x, **settings)
    pool = MAX_POOLS[axes]
    out = pool(x, **settings)
    assert out.dtype == x.dtype
    np.testing.assert_array_equal(out, expected)

    tensor = Tensor(x)
    g = np.random.default_rng(0).normal(size=out.shape).astype(x.dtype)
    gradient = gradients(pool(tensor, **settings), tensor, g).data
    assert gradient.dtype == x.dtype
    np.testing.assert_allclose(gradient, shares_by_definition(g, x, winners), atol=1e-5)


@given(case=cases())
def test_gradient_of_max_pool_is_linear_and_can_be_transposed(case: Any) -> None:
    axes, x, settings = case
    x = Tensor(x, dtype=np.float64)
    rng = np.random.default_rng(0)
    out = MAX_POOLS[axes](x, **settings)
    g, dx = Tensor(rng.normal(size=out.shape)), rng.normal(size=x.shape)
    gradient = gradients(out, x, g, create_graph=True)
    tangent = gradients((gradient * dx).sum(), g, create_graph=True)

    _, winners = max_by_definition(x.data, **settings)
    expected = np.zeros(out.shape)
    for place, equals in winners.items():
        expected[place] = np.mean([dx[at] for at in equals]) if equals else 0.0
    np.testing.assert_allclose(tangent.data, expected, atol=1e-12)

    stand_in = Tensor(dx)
    moved = gradients(
        (gradients(out, x, g, create_graph=True) * stand_in).sum(), g, create_graph=True
    )
    np.testing.assert_allclose(gradients(moved, stand_in, g.data).data, gradient.data, atol=1e-12)


def avg_by_definition(x: np.ndarray, **settings: Any) -> np.ndarray:
    """The mean of each window; the zeros of the padding count."""
    axes = len(settings["size"])
    counts, windows = windows_of(x.shape[-axes:], **settings, dilation=(1,) * axes)
    out = np.zeros((*x.shape[:-axes], *counts), x.dtype)
    for lead in np.ndindex(x.shape[:-axes]):
        for place, met in windows.items():
            out[lead + place] = sum(x[lead + at] for at in met) / np.prod(settings["size"])
    return out


@given(case=cases())
def test_avg_pool_takes_the_mean_and_is_its_own_derivative(case: Any) -> None:
    axes, x, settings = case
    settings = without_dilation(settings)
    settings["padding"] = tuple(
        min(around, number // 2)
        for around, number in zip(settings["padding"], settings["size"], strict=True)
    )
    pool = AVG_POOLS[axes]
    if any(
        length + 2 * around < number
        for length, around, number in zip(
            x.shape[-axes:], settings["padding"], settings["size"], strict=True
        )
    ):
        return
    out = pool(x, **settings)
    assert out.dtype == x.dtype
    np.testing.assert_allclose(out, avg_by_definition(x, **settings), atol=1e-6)

    tensor = Tensor(x)
    rng = np.random.default_rng(0)
    g, dx = (Tensor(rng.normal(size=shape).astype(x.dtype)) for shape in (out.shape, x.shape))
    gradient = gradients(pool(tensor, **settings), tensor, g, create_graph=True)
    assert gradient.dtype == x.dtype
    np.testing.assert_allclose(
        (gradient.data * dx.data).sum(), (g.data * pool(dx.data, **settings)).sum(), atol=1e-4
    )
    tangent = gradients((gradient * dx).sum(), g, create_graph=True)
    np.testing.assert_allclose(tangent.data, pool(dx.data, **settings), atol=1e-6)
    np.testing.assert_allclose(gradients(tangent, dx, g.data).data, gradient.data, atol=1e-6)


@pytest.mark.parametrize("pool", [max_pool2d, avg_pool2d])
@pytest.mark.parametrize(("size", "stride"), [(2, None), (3, 1), ((2, 1), (1, 2))])
def test_gradients_of_a_loss_are_its_slopes(pool: Any, size: Any, stride: Any) -> None:
    rng = np.random.default_rng(0)
    x = rng.permutation(2 * 2 * 5 * 4).reshape(2, 2, 5, 4) * 0.1

    def loss(x: Any) -> Any:
        return (pool(x, size, stride, 1 if size == 2 else 0) ** 3).sum()

    tensor = Tensor(x)
    first = gradients(loss(tensor), tensor, create_graph=True)
    np.testing.assert_allclose(first.data, array_gradient(loss, x), atol=1e-4, rtol=1e-6)

    def second_loss(x: np.ndarray) -> Any:
        inner = Tensor(x)
        return (gradients(loss(inner), inner).data ** 2).sum()

    np.testing.assert_allclose(
        gradients((first**2).sum(), tensor).data,
        array_gradient(second_loss, x),
        atol=1e-3,
        rtol=1e-6,
    )


@given(case=cases())
def test_pytorch_agrees_where_nothing_ties(case: Any) -> None:
    torch = pytest.importorskip("torch")
    axes, x, settings = case
    padding, size = settings["padding"], settings["size"]
    if not x.size or any(2 * p > n for p, n in zip(padding, size, strict=True)):
        return  # PyTorch refuses these
    if np.isinf(MAX_POOLS[axes](x, **settings)).any():
        return  # where a window holds padding alone, PyTorch writes outside of its arrays
    x = np.random.default_rng(0).permutation(x.size).reshape(x.shape) * 0.1
    functional = torch.nn.functional
    peers = {1: (functional.max_pool1d, functional.avg_pool1d)}
    peers[2] = (functional.max_pool2d, functional.avg_pool2d)
    everything = (settings, without_dilation(settings))
    ours = (MAX_POOLS[axes], AVG_POOLS[axes])
    for pool, peer, chosen in zip(ours, peers[axes], everything, strict=True):
        reach = (chosen.get("dilation", (1,) * axes), size, padding, x.shape[-axes:])
        if any((n - 1) * d + 1 > length + 2 * p for d, n, p, length in zip(*reach, strict=True)):
            continue
        tensor, leaf = Tensor(x), torch.tensor(x, requires_grad=True)
        theirs = peer(leaf, *chosen.values())
        out = pool(tensor, **chosen)
        np.testing.assert_allclose(out.data, theirs.detach().numpy())
        expected = torch.autograd.grad((theirs**2).sum(), leaf)[0].numpy()
        np.testing.assert_allclose(gradients((out**2).sum(), tensor).data, expected, atol=1e-9)


def test_stride_is_the_size_unless_given() -> None:
    x = np.random.default_rng(0).normal(size=(1, 7, 7))
    np.testing.assert_array_equal(max_pool2d(x, (2, 3)), max_pool2d(x, (2, 3), stride=(2, 3)))
    np.testing.assert_array_equal(avg_pool2d(x, 3), avg_pool2d(x, 3, stride=3))


def test_largest_is_never_the_padding() -> None:
    x = Tensor(np.full((1, 4), -np.inf))
    out = max_pool1d(x, 3, padding=1, stride=2)
    np.testing.assert_array_equal(out.data, [[-np.inf, -np.inf]])
    np.testing.assert_allclose(
        gradients(out, x, np.array([[1.0, 3.0]])).data, [[0.5, 1.5, 1.0, 1.0]]
    )


def test_window_of_padding_alone_sends_nothing_back() -> None:
    x = Tensor(np.array([[5.0]]))
    out = max_pool1d(x, 2, padding=2, dilation=3, stride=1)
    np.testing.assert_array_equal(out.data, [[-np.inf, -np.inf]])
    g = Tensor(np.array([[1.0, 2.0]]))
    gradient = gradients(out, x, g, create_graph=True)
    np.testing.assert_array_equal(gradient.data, [[0.0]])
    np.testing.assert_array_equal(gradients(gradient.sum(), g).data, [[0.0, 0.0]])


def test_nans_win_and_share() -> None:
    x = Tensor(np.array([[1.0, np.nan, np.nan, 3.0, 2.0, 4.0]]))
    out = max_pool1d(x, 3)
    np.testing.assert_array_equal(out.data, [[np.nan, 4.0]])
    gradient = gradients(out, x, np.array([[2.0, 3.0]])).data
    np.testing.assert_array_equal(gradient, [[0.0, 1.0, 1.0, 0.0, 0.0, 3.0]])


@pytest.mark.parametrize("number", [np.inf, np.nan])
def test_losers_get_nothing_even_of_an_infinite_gradient(number: float) -> None:
    x = Tensor(np.array([[1.0, 2.0, 4.0, 3.0]]))
    out = max_pool1d(x, 2)
    g = Tensor(np.array([[number, 1.0]]))
    gradient = gradients(out, x, g, create_graph=True)
    np.testing.assert_array_equal(gradient.data, [[0.0, number, 1.0, 0.0]])
    direction = np.array([[number, 1.0, 1.0, number]])
    tangent = gradients(gradient, g, direction)
    np.testing.assert_array_equal(tangent.data, [[1.0, 1.0]])


def test_integers_become_floats() -> None:
    pixels = np.array([[3, 1, 2, 4]], np.uint8)
    np.testing.assert_array_equal(max_pool1d(pixels, 2, padding=1), [[3.0, 2.0, 4.0]])
    np.testing.assert_array_equal(avg_pool1d(pixels, 2), [[2.0, 3.0]])


@pytest.mark.parametrize(("pool", "gate"), [(max_pool2d, {None, "mean"}), (avg_pool2d, {"mean"})])
def test_scalars_give_the_same_graph(pool: Any, gate: set[str | None]) -> None:
    x = Tensor(np.array([[[1.0, 2.0, 0.0], [2.0, 2.0, 5.0], [0.0, 1.0, 1.0]]]))
    out = pool(x, 2, 1, 1)
    lowered = lower((out * out).sum(), names={"x": x})
    assert {value.gate and value.gate.name for value in lowered[out].flat} == gate
    lowered.output.backward()
    np.testing.assert_allclose(lowered.gradient("x"), gradients((out * out).sum(), x).data)


BAD_CALLS: list[tuple[Any, tuple[int, ...], dict[str, Any], type[Exception], str]] = [
    (
        max_pool2d,
        (4, 4),
        {"size": 2},
        ShapeError,
        "max_pool2d: x has shape (4, 4), 2 axes; it takes (N, C, H, W) or (C, H, W); "
        "x[None] has one axis more",
    ),
    (
        avg_pool1d,
        (2, 3, 4, 4),
        {"size": 2},
        ShapeError,
        "avg_pool1d: x has shape (2, 3, 4, 4), 4 axes; it takes (N, C, L) or (C, L)",
    ),
    (
        avg_pool2d,
        (1, 4, 4),
        {"size": (3, 7), "padding": 1},
        ShapeError,
        "avg_pool2d: window (3, 7) does not fit into the input (4, 4), padded to (6, 6); "
        "take a smaller window or more padding",
    ),
    (
        max_pool1d,
        (1, 4),
        {"size": 3, "dilation": 2},
        ShapeError,
        "max_pool1d: window (3,), spread over (5,) by dilation (2,), does not fit into the input "
        "(4,); take a smaller window or more padding",
    ),
    (
        max_pool2d,
        (1, 4, 4),
        {"size": 0},
        SettingError,
        "max_pool2d: size=0; give an int of at least 1, or 2 of them, one for each axis",
    ),
    (
        max_pool1d,
        (1, 4),
        {"size": 2, "stride": 0},
        SettingError,
        "max_pool1d: stride=0; give an int of at least 1",
    ),
    (
        avg_pool2d,
        (1, 4, 4),
        {"size": 2, "padding": (0, -1)},
        SettingError,
        "avg_pool2d: padding=(0, -1); give an int of at least 0, or 2 of them, one for each axis",
    ),
    (
        max_pool2d,
        (1, 4, 4),
        {"size": (3, 2), "padding": (1, 2)},
        SettingError,
        "max_pool2d: padding (1, 2) is more than half of the window (3, 2): some windows would "
        "hold nothing else",
    ),
]


@pytest.mark.parametrize(("pool", "shape", "settings", "kind", "message"), BAD_CALLS)
def test_bad_calls_say_what_was_wrong_and_the_way_out(
    pool: Any, shape: Any, settings: Any, kind: Any, message: str
) -> None:
    for x in (np.ones(shape), Tensor(np.ones(shape))):
        with pytest.raises(kind) as caught:
            pool(x, **settings)
        assert str(caught.value) == message

"""Convolution: a kernel that slides, by the definition; derivatives by laws that hold exactly."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from central_difference import array_gradient
from hypothesis import given
from hypothesis import strategies as st

from autograd import Tensor, gradients, relu
from autograd.array_gates import conv1d, conv2d, convolution
from autograd.errors import SettingError, ShapeError
from autograd.lowering import lower

CONVOLUTIONS = {1: conv1d, 2: conv2d}


def by_definition(
    x: np.ndarray, w: np.ndarray, stride: Any, padding: Any, dilation: Any
) -> np.ndarray:
    """The convolution of a batch, one output after the other."""
    padded = np.pad(x, [(0, 0), (0, 0), *((number, number) for number in padding)])
    reach = [(size - 1) * each + 1 for size, each in zip(w.shape[2:], dilation, strict=True)]
    counts = [
        (size - covered) // step + 1
        for size, covered, step in zip(padded.shape[2:], reach, stride, strict=True)
    ]
    out = np.zeros((len(x), len(w), *counts), np.result_type(x, w))
    for place in itertools.product(*map(range, counts)):
        window = tuple(
            slice(i * step, i * step + covered, each)
            for i, step, covered, each in zip(place, stride, reach, dilation, strict=True)
        )
        out[:, :, *place] = np.tensordot(padded[:, :, *window], w, [range(1, w.ndim)] * 2)
    return out


def rearranged(x: np.ndarray, layout: int) -> np.ndarray:
    """The same array, read-only, in another order in memory."""
    if layout == 1:
        x = np.moveaxis(np.ascontiguousarray(np.moveaxis(x, 0, -1)), -1, 0)
    elif layout == 2:
        x = np.flip(np.flip(x).copy())
    elif layout == 3:
        x = np.repeat(x, 2, axis=-1)[..., ::2]
    x.flags.writeable = False
    return x


@st.composite
def cases(draw: st.DrawFn) -> tuple[Any, np.ndarray, np.ndarray, dict[str, Any]]:
    """A convolution, its operands, and its settings, which fit them."""
    axes = draw(st.sampled_from([1, 2]))
    numbers = st.tuples(*[st.integers(1, 3)] * axes)
    kernel, stride, dilation = draw(numbers), draw(numbers), draw(numbers)
    padding = draw(st.tuples(*[st.integers(0, 2)] * axes))
    sizes = [
        max(1, (size - 1) * each + 1 - 2 * around) + draw(st.integers(0, 4))
        for size, each, around in zip(kernel, dilation, padding, strict=True)
    ]
    samples, channels, filters = draw(st.tuples(*[st.integers(0, 3)] * 3))
    rng = np.random.default_rng(draw(st.integers(0, 99)))
    dtypes = st.sampled_from([np.float32, np.float64])
    x = rng.normal(size=(samples, channels, *sizes)).astype(draw(dtypes))
    w = rng.normal(size=(filters, channels, *kernel)).astype(draw(dtypes))
    layouts = st.integers(0, 3)
    x, w = rearranged(x, draw(layouts)), rearranged(w, draw(layouts))
    settings = {"stride": stride, "padding": padding, "dilation": dilation}
    return CONVOLUTIONS[axes], x, w, settings


def assert_close(actual: Any, expected: Any) -> None:
    single = np.float32 in (np.asarray(actual).dtype, np.asarray(expected).dtype)
    tolerance = 1e-4 if single else 1e-10
    np.testing.assert_allclose(actual, expected, rtol=tolerance, atol=tolerance)


@given(case=cases())
def test_every_output_is_the_kernel_on_its_window(case: Any) -> None:
    conv, x, w, settings = case
    out = conv(x, w, **settings)
    expected = by_definition(x, w, **settings)
    assert out.shape == expected.shape and out.dtype == expected.dtype
    assert_close(out, expected)
    assert_close(conv(Tensor(x), w, **settings).data, out)


@given(case=cases())
def test_a_sample_without_batch_gives_what_it_gives_in_a_batch(case: Any) -> None:
    conv, x, w, settings = case
    for sample, expected in zip(x, conv(x, w, **settings), strict=True):
        assert_close(conv(sample, w, **settings), expected)


def inner(left: Any, right: Any) -> Any:
    return (left * right).sum()


@given(case=cases(), batched=st.booleans())
def test_gradients_are_the_transposes_of_the_convolution(case: Any, batched: bool) -> None:
    conv, x, w, settings = case
    x = x if batched or not len(x) else x[0]
    rng = np.random.default_rng(0)
    x, w = Tensor(x), Tensor(w)
    out = conv(x, w, **settings)
    g, dx, dw = (rng.normal(size=node.shape).astype(node.dtype) for node in (out, x, w))
    by_x, by_w = gradients(out, [x, w], g)
    assert (by_x.shape, by_x.dtype) == (x.shape, x.dtype)
    assert (by_w.shape, by_w.dtype) == (w.shape, w.dtype)
    assert_close(inner(by_x.data, dx), inner(g, conv(dx, w.data, **settings)))
    assert_close(inner(by_w.data, dw), inner(g, conv(x.data, dw, **settings)))


@given(case=cases(), batched=st.booleans())
def test_gradients_of_gradients_are_those_of_the_one_form(case: Any, batched: bool) -> None:
    # sum(g * conv(x, w)) is linear in g, x and w: each gradient of it has the two others in it,
    # and the gradients of <dx, by_x> are those of the form at dx.
    conv, x, w, settings = case
    x = (x if batched or not len(x) else x[0]).astype(np.float64)
    rng = np.random.default_rng(0)
    x, w = Tensor(x), Tensor(w, dtype=np.float64)
    out = conv(x, w, **settings)
    g, dx, dw = (Tensor(rng.normal(size=node.shape)) for node in (out, x, w))
    by_x, by_w = gradients(out, [x, w], g, create_graph=True)

    g_of_x, w_of_x = gradients(inner(by_x, dx), [g, w])
    assert_close(g_of_x.data, conv(dx.data, w.data, **settings))
    assert_close(w_of_x.data, gradients(conv(dx.data, w, **settings), w, g).data)

    g_of_w, x_of_w = gradients(inner(by_w, dw), [g, x])
    assert_close(g_of_w.data, conv(x.data, dw.data, **settings))
    assert_close(x_of_w.data, gradients(conv(x, dw.data, **settings), x, g).data)

    third = gradients(
        gradients(inner(by_x, dx), w, create_graph=True),
        g,
        dw,
    )
    assert_close(third.data, conv(dx.data, dw.data, **settings))


def test_gradients_of_a_loss_are_its_slopes() -> None:
    rng = np.random.default_rng(0)
    x, w = rng.normal(size=(2, 2, 4, 3)), rng.normal(size=(2, 2, 2, 2))
    settings: dict[str, Any] = {"stride": (2, 1), "padding": 1}

    def loss(x: Any, w: Any) -> Any:
        return (conv2d(x, w, **settings) ** 3).sum()

    by_x, by_w = gradients(loss(nodes := Tensor(x), kernel := Tensor(w)), [nodes, kernel])
    np.testing.assert_allclose(by_x.data, array_gradient(lambda x: loss(x, w), x), atol=1e-6)
    np.testing.assert_allclose(by_w.data, array_gradient(lambda w: loss(x, w), w), atol=1e-6)


@given(case=cases())
def test_pytorch_agrees_to_second_order(case: Any) -> None:
    torch = pytest.importorskip("torch")
    conv, x, w, settings = case
    if not (x.size and w.size):
        return  # PyTorch refuses these
    peer = torch.nn.functional.conv1d if conv is conv1d else torch.nn.functional.conv2d

    def second(f: Any, x: Any, w: Any, gradient: Any) -> Any:
        by_x, by_w = gradient((f(x, w, **settings) ** 3).sum(), [x, w], create_graph=True)
        return [by_x, by_w, *gradient((by_x**2).sum() + (by_w**3).sum(), [x, w])]

    ours = second(conv, Tensor(x, dtype=np.float64), Tensor(w, dtype=np.float64), gradients)
    leaves = [torch.tensor(a.astype(np.float64), requires_grad=True) for a in (x, w)]
    for mine, theirs in zip(ours, second(peer, *leaves, torch.autograd.grad), strict=True):
        np.testing.assert_allclose(mine.data, theirs.detach().numpy(), rtol=1e-9, atol=1e-6)


@given(case=cases())
def test_windows_copied_in_blocks_give_the_same(case: Any) -> None:
    conv, x, w, settings = case
    x, w = Tensor(x), Tensor(w)
    out = conv(x, w, **settings)
    g = np.random.default_rng(0).normal(size=out.shape)
    whole = [out.data, *(node.data for node in gradients(out, [x, w], g))]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(convolution, "BLOCK_BYTES", 1)
        out = conv(x, w, **settings)
        in_blocks = [out.data, *(node.data for node in gradients(out, [x, w], g))]
    for one, other in zip(whole, in_blocks, strict=True):
        assert_close(one, other)


@pytest.mark.parametrize("kernel", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("dilation", [1, 2])
def test_padding_same_keeps_the_size_and_adds_the_odd_zero_after(
    kernel: int, dilation: int
) -> None:
    x = np.random.default_rng(0).normal(size=(2, 3, 9))
    w = np.random.default_rng(1).normal(size=(4, 3, kernel))
    added = dilation * (kernel - 1)
    padded = np.pad(x, [(0, 0), (0, 0), (added // 2, added - added // 2)])
    out = conv1d(x, w, padding="same", dilation=dilation)
    assert out.shape == (2, 4, 9)
    np.testing.assert_allclose(out, by_definition(padded, w, [1], [0], [dilation]))
    tensor = Tensor(x)
    by_x = gradients(conv1d(tensor, w, padding="same", dilation=dilation).sum(), tensor)
    before = Tensor(padded)
    by_padded = gradients(conv1d(before, w, dilation=dilation).sum(), before)
    np.testing.assert_allclose(by_x.data, by_padded.data[..., added // 2 :][..., :9])


def test_padding_valid_is_none() -> None:
    x, w = np.arange(12.0).reshape(1, 3, 4), np.ones((1, 1, 2, 2))
    np.testing.assert_array_equal(conv2d(x, w, padding="valid"), conv2d(x, w))


def test_integers_stay_integers_and_take_the_dtype_beside_them() -> None:
    pixels = np.arange(9, dtype=np.uint8).reshape(1, 1, 9)
    assert conv1d(pixels, np.ones((1, 1, 2), np.uint8)).dtype == np.uint8
    w = Tensor(np.ones((1, 1, 2), np.float32))
    out = conv1d(pixels, w)
    assert out.dtype == np.float32
    np.testing.assert_array_equal(gradients(out.sum(), w).data, [[[28.0, 36.0]]])


def test_lists_are_arrays() -> None:
    np.testing.assert_array_equal(conv1d([[1, 2, 4]], [[[1, 1]]]), [[3, 6]])


def test_what_follows_keeps_the_batch_last_in_memory() -> None:
    rng = np.random.default_rng(0)
    x, w = Tensor(rng.normal(size=(8, 2, 6, 6))), Tensor(rng.normal(size=(3, 2, 3, 3)))
    activation = relu(conv2d(x, w) + rng.normal(size=(3, 1, 1)))
    assert activation.data.transpose(1, 2, 3, 0).flags.c_contiguous


def test_scalars_give_the_same_graph() -> None:
    rng = np.random.default_rng(0)
    x, w = Tensor(rng.normal(size=(2, 4, 4))), Tensor(rng.normal(size=(2, 2, 3, 2)))
    out = conv2d(x, w, stride=(1, 2), padding=1)
    lowered = lower(inner(out, out), names={"x": x, "w": w})
    assert [value.gate.name for value in lowered[out].flat] == ["dot"] * out.size
    lowered.output.backward()
    for leaf, gradient in zip("xw", gradients(inner(out, out), [x, w]), strict=True):
        np.testing.assert_allclose(lowered.gradient(leaf), gradient.data)


BAD_CALLS: list[tuple[Any, tuple[Any, ...], dict[str, Any], type[Exception], str]] = [
    (
        conv2d,
        ((8, 3, 5, 5), (4, 1, 3, 3)),
        {},
        ShapeError,
        "conv2d: x (8, 3, 5, 5) has 3 channels, w (4, 1, 3, 3) takes 1; "
        "w must have shape (4, 3, 3, 3)",
    ),
    (
        conv2d,
        ((5, 5), (4, 1, 3, 3)),
        {},
        ShapeError,
        "conv2d: x has shape (5, 5), 2 axes; it takes (N, C, H, W) or (C, H, W); "
        "x[None] has one axis more",
    ),
    (
        conv1d,
        ((2, 3, 4, 5), (1, 3, 2)),
        {},
        ShapeError,
        "conv1d: x has shape (2, 3, 4, 5), 4 axes; it takes (N, C, L) or (C, L)",
    ),
    (
        conv1d,
        ((3, 4), (3, 2)),
        {},
        ShapeError,
        "conv1d: w has shape (3, 2), 2 axes; it takes (O, C, K)",
    ),
    (
        conv2d,
        ((3, 9, 9), (3, 3)),
        {},
        ShapeError,
        "conv2d: w has shape (3, 3), 2 axes; it takes (O, C, KH, KW)",
    ),
    (
        conv2d,
        ((1, 4, 4), (1, 1, 5, 3)),
        {},
        ShapeError,
        "conv2d: kernel (5, 3) does not fit into the input (4, 4); take a smaller kernel or more "
        "padding",
    ),
    (
        conv2d,
        ((1, 4, 4), (1, 1, 3, 3)),
        {"dilation": (1, 4), "padding": (0, 2)},
        ShapeError,
        "conv2d: kernel (3, 3), spread over (3, 9) by dilation (1, 4), does not fit into the "
        "input (4, 4), padded to (4, 8); take a smaller kernel or more padding",
    ),
    (
        conv1d,
        ((1, 4), (1, 1, 0)),
        {},
        ShapeError,
        "conv1d: kernel (0,) has no elements; each size is at least 1",
    ),
    (
        conv1d,
        ((1, 4), (1, 1, 2)),
        {"stride": 0},
        SettingError,
        "conv1d: stride=0; give an int of at least 1",
    ),
    (
        conv2d,
        ((1, 4, 4), (1, 1, 2, 2)),
        {"stride": (1, 2, 3)},
        SettingError,
        "conv2d: stride=(1, 2, 3); give an int of at least 1, or 2 of them, one for each axis",
    ),
    (
        conv2d,
        ((1, 4, 4), (1, 1, 2, 2)),
        {"padding": (0, -1)},
        SettingError,
        "conv2d: padding=(0, -1); give an int of at least 0, or 2 of them, one for each axis",
    ),
    (
        conv2d,
        ((1, 4, 4), (1, 1, 2, 2)),
        {"dilation": 1.5},
        SettingError,
        "conv2d: dilation=1.5; give an int of at least 1, or 2 of them, one for each axis",
    ),
    (
        conv2d,
        ((1, 4, 4), (1, 1, 2, 2)),
        {"padding": "full"},
        SettingError,
        'conv2d: padding=\'full\'; give "valid", "same" or numbers',
    ),
    (
        conv2d,
        ((1, 4, 4), (1, 1, 2, 2)),
        {"padding": "same", "stride": (1, 2)},
        SettingError,
        'conv2d: padding="same" is for stride 1, not (1, 2); give the padding as numbers',
    ),
]


@pytest.mark.parametrize(("conv", "shapes", "settings", "kind", "message"), BAD_CALLS)
def test_bad_calls_say_what_was_wrong_and_the_way_out(
    conv: Any, shapes: Any, settings: Any, kind: Any, message: str
) -> None:
    for make in (np.ones, lambda shape: Tensor(np.ones(shape))):
        with pytest.raises(kind) as caught:
            conv(*map(make, shapes), **settings)
        assert str(caught.value) == message


SEQUENCES = st.integers(1, 6).map(lambda size: np.random.default_rng(size).normal(size=size))
MODES = st.sampled_from(["full", "same", "valid"])
PRODUCTS = st.sampled_from([np.convolve, np.correlate])
DTYPES = st.sampled_from([np.float32, np.float64])


@given(function=PRODUCTS, a=SEQUENCES, v=SEQUENCES, mode=MODES, dtypes=st.tuples(DTYPES, DTYPES))
def test_convolve_and_correlate_are_those_of_numpy(
    function: Any, a: np.ndarray, v: np.ndarray, mode: str, dtypes: Any
) -> None:
    a, v = a.astype(dtypes[0]), v.astype(dtypes[1])
    expected = function(a, v, mode)
    for operands in ((Tensor(a), Tensor(v)), (a, Tensor(v)), (Tensor(a), v.tolist())):
        if any(isinstance(operand, list) for operand in operands):
            expected = function(a, v.tolist(), mode)
        out = function(*operands, mode=mode)
        assert out.dtype == expected.dtype
        np.testing.assert_array_equal(out.data, expected)


@given(function=PRODUCTS, a=SEQUENCES, v=SEQUENCES, mode=MODES)
def test_convolve_and_correlate_have_derivatives_of_every_order(
    function: Any, a: np.ndarray, v: np.ndarray, mode: str
) -> None:
    rng = np.random.default_rng(0)
    x, y = Tensor(a), Tensor(v)
    out = function(x, y, mode)
    g, da, dv = (
        Tensor(rng.normal(size=out.shape)),
        rng.normal(size=a.shape),
        rng.normal(size=v.shape),
    )
    by_a, by_v = gradients(out, [x, y], g, create_graph=True)
    assert_close(inner(by_a, da).data, inner(g.data, function(da, v, mode)))
    assert_close(inner(by_v, dv).data, inner(g.data, function(a, dv, mode)))
    g_of_a, v_of_a = gradients(inner(by_a, da), [g, y])
    assert_close(g_of_a.data, function(da, v, mode))
    assert_close(v_of_a.data, gradients(function(da, y, mode), y, g).data)
    g_of_v, a_of_v = gradients(inner(by_v, dv), [g, x])
    assert_close(g_of_v.data, function(a, dv, mode))
    assert_close(a_of_v.data, gradients(function(x, dv, mode), x, g).data)


def test_convolve_defaults_are_those_of_numpy() -> None:
    a, v = np.array([1.0, 2.0, 3.0]), np.array([0.5, 2.0])
    np.testing.assert_array_equal(np.convolve(Tensor(a), v).data, np.convolve(a, v))
    np.testing.assert_array_equal(np.correlate(Tensor(a), v).data, np.correlate(a, v))


def test_convolve_takes_a_number_as_a_sequence_of_one() -> None:
    number = Tensor(2.0)
    out = np.convolve(number, [1.0, 3.0])
    np.testing.assert_array_equal(out.data, [2.0, 6.0])
    assert gradients(out, number, np.array([1.0, 10.0])).data == 31.0


@pytest.mark.parametrize("function", [np.convolve, np.correlate])
@pytest.mark.parametrize(
    ("shapes", "mode", "kind", "message"),
    [
        (((2, 3), (3,)), "full", ShapeError, "a has shape (2, 3); it takes one axis with at least"),
        (((3,), (0,)), "full", ShapeError, "v has shape (0,); it takes one axis with at least one"),
        (((3,), (2,)), "half", SettingError, 'mode=\'half\'; give "full", "same" or "valid"'),
    ],
)
def test_bad_sequences_say_the_way_out(
    function: Any, shapes: Any, mode: str, kind: Any, message: str
) -> None:
    a, v = (np.ones(shape) for shape in shapes)
    with pytest.raises(kind) as caught:
        function(Tensor(a), v, mode)
    assert message in str(caught.value)

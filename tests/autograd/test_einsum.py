"""Contractions: einsum and tensordot, forward as NumPy, backward by contraction again."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from array_gate_laws import DTYPES, VIEWS, arrays, assert_is_numpys, check, check_on_scalars
from hypothesis import given
from hypothesis import strategies as st

from autograd import Tensor
from autograd.array_gates import dot, einsum, tensordot
from autograd.array_gates.contractions import _contraction
from autograd.errors import OperandError, ShapeError

# Each with the shapes of its operands.
CASES: list[tuple[str, tuple[tuple[int, ...], ...]]] = [
    ("i->", ((3,),)),
    ("i->i", ((3,),)),
    ("ij->ji", ((2, 3),)),
    ("ba", ((2, 3),)),
    ("ij->j", ((2, 3),)),
    ("ii->i", ((3, 3),)),
    ("ii", ((3, 3),)),
    ("iji->j", ((2, 3, 2),)),
    ("iijj->ij", ((2, 2, 3, 3),)),
    ("iii->i", ((3, 3, 3),)),
    ("iii->", ((3, 3, 3),)),
    ("...ii->...i", ((2, 3, 3),)),
    ("ij,jk->ik", ((2, 3), (3, 4))),
    ("ij,jk", ((2, 3), (3, 4))),
    ("ij, jk -> ki", ((2, 3), (3, 4))),
    ("ij,ij->", ((2, 3), (2, 3))),
    ("i,j->ij", ((2,), (3,))),
    ("i,j->", ((2,), (3,))),
    ("i,jj->i", ((2,), (3, 3))),
    ("ii,i->i", ((3, 3), (3,))),
    ("ii,ij,jj->j", ((3, 3), (3, 2), (2, 2))),
    ("bij,jk->bik", ((2, 3, 4), (4, 2))),
    ("bij,bjk->bik", ((2, 3, 4), (2, 4, 2))),
    ("bhqd,bhkd->bhqk", ((2, 2, 3, 2), (2, 2, 2, 2))),
    ("...ij,...jk->...ik", ((2, 3, 4), (4, 2))),
    ("...ij,jk->i...k", ((2, 1, 3, 2), (2, 2))),
    ("...i,...i", ((2, 3), (3,))),
    ("i...,...i->...", ((3, 2), (1, 3))),
    ("...,...->...", ((2, 1), (3,))),
    ("...a,b...->ab...", ((2, 3), (4, 2))),
    ("ij,jk->ik", ((2, 1), (3, 4))),
    ("ij,jk->ik", ((2, 3), (1, 4))),
    ("ij,ij->ij", ((2, 1), (1, 3))),
    ("ij,ij,ij->i", ((2, 1), (1, 3), (2, 1))),
    ("i,i,i->", ((1,), (1,), (3,))),
    ("ii,i->", ((1, 1), (3,))),
    ("i,ij,j->", ((2,), (2, 3), (3,))),
    ("i,ij,jk,k->", ((2,), (2, 3), (3, 2), (2,))),
    ("a,b,c,d->dcba", ((2,), (1,), (3,), (2,))),
    (",i->i", ((), (3,))),
    (",,", ((), (), ())),
    ("->", ((),)),
    ("ij,jk->ik", ((0, 3), (3, 2))),
    ("ij,jk->ik", ((2, 0), (0, 2))),
    ("i,j->i", ((2,), (0,))),
    ("ij->", ((0, 2),)),
]


@pytest.mark.parametrize(("subscripts", "shapes"), CASES)
@pytest.mark.parametrize("optimize", [False, True])
def test_einsum_of_every_kind(subscripts: str, shapes: Any, optimize: bool) -> None:
    rng = np.random.default_rng(0)
    operands = [rng.normal(size=shape) for shape in shapes]
    check(lambda *tensors: np.einsum(subscripts, *tensors, optimize=optimize), *operands)


@st.composite
def contractions(draw: st.DrawFn) -> tuple[str, list[tuple[int, ...]]]:
    """Subscripts with repeated, missing, summed and broadcast axes, and shapes that fit."""
    sizes = {letter: draw(st.integers(0, 3)) for letter in "abcd"}
    leading = draw(st.lists(st.integers(0, 2), max_size=2))
    terms, shapes = [], []
    for _ in range(draw(st.integers(1, 3))):
        letters = draw(st.text("abcd", max_size=3))
        one = {letter: draw(st.booleans()) and draw(st.booleans()) for letter in set(letters)}
        shape = [1 if one[letter] else sizes[letter] for letter in letters]
        if draw(st.booleans()):
            place = draw(st.integers(0, len(letters)))
            suffix = leading[draw(st.integers(0, len(leading))) :]
            letters = f"{letters[:place]}...{letters[place:]}"
            shape[place:place] = [draw(st.sampled_from([1, size])) for size in suffix]
        terms.append(letters)
        shapes.append(tuple(shape))
    known = sorted(set("".join(terms)) - {"."})
    output = "".join(draw(st.lists(st.sampled_from(known), unique=True))) if known else ""
    place = draw(st.integers(0, len(output)))
    arrow = draw(st.sampled_from(["", f"->{output[:place]}...{output[place:]}"]))
    return ",".join(terms) + arrow, shapes


@given(contraction=contractions(), dtype=DTYPES, view=VIEWS, data=st.data())
def test_einsum_of_any_subscripts(
    contraction: Any, dtype: Any, view: Any, data: st.DataObject
) -> None:
    subscripts, shapes = contraction
    operands = [np.asarray(view(data.draw(arrays(shape, dtype)))) for shape in shapes]
    check(lambda *tensors: np.einsum(subscripts, *map(view, tensors)), *operands)


@given(contraction=contractions(), data=st.data())
def test_einsum_of_values(contraction: Any, data: st.DataObject) -> None:
    subscripts, shapes = contraction
    operands = [data.draw(arrays(shape)) for shape in shapes]
    check_on_scalars(einsum, *operands, subscripts=subscripts)


@pytest.mark.parametrize("subscripts", ["ij,jk->ik", "ij,kj", "ii,jk->ij", "ij,ij,jk->k"])
def test_einsum_gradients_are_those_of_pytorch(subscripts: str) -> None:
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(0)
    operands = [rng.normal(size=(3, 3)) for _ in subscripts.partition("->")[0].split(",")]
    ours = [Tensor(operand) for operand in operands]
    theirs = [torch.tensor(operand, requires_grad=True) for operand in operands]
    (np.einsum(subscripts, *ours) ** 2).sum().backward()
    (torch.einsum(subscripts, *theirs) ** 2).sum().backward()
    for tensor, reference in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(tensor.grad, reference.grad.numpy(), rtol=1e-12, atol=1e-12)


def test_a_path_of_contractions_is_followed_forward_only() -> None:
    rng = np.random.default_rng(0)
    a, b, c = rng.normal(size=(3, 3, 3))
    path = ["einsum_path", (1, 2), (0, 1)]
    check(lambda a, b, c: np.einsum("ij,jk,kl->il", a, b, c, optimize=path), a, b, c)
    check(lambda a, b, c: np.einsum("ij,jk,kl->il", a, b, c, optimize="greedy"), a, b, c)


def test_infinite_gradients_stay_on_the_diagonal() -> None:
    x = Tensor(np.ones((2, 2)))
    np.einsum("ii->i", x).backward(np.array([np.inf, 1.0]))
    np.testing.assert_array_equal(x.grad, [[np.inf, 0.0], [0.0, 1.0]])


def test_the_gradient_by_one_operand_is_an_einsum_of_the_rest() -> None:
    by_first = _contraction("bij,jk->bik", ((5, 2, 3), (3, 4)), 0)
    by_second = _contraction("bij,jk->bik", ((5, 2, 3), (3, 4)), 1)
    assert by_first == ("bik,jk->bij", (5, 2, 3), ())
    assert by_second == ("bik,bij->jk", (3, 4), ())


@pytest.mark.parametrize("dtype", [np.float16, np.longdouble])
def test_other_floats_keep_their_dtype(dtype: Any) -> None:
    a, b = np.ones((2, 3), dtype), np.ones((3, 2), dtype)
    check(lambda a, b: np.einsum("ij,jk->k", a, b), a, b)
    check(lambda a: np.einsum("iij->j", a), np.ones((2, 2, 3), dtype))
    check(lambda a, b: np.tensordot(a, b, 1), a, b)


@given(
    free=st.tuples(*[st.lists(st.integers(0, 3), max_size=2)] * 2),
    summed=st.lists(st.integers(0, 3), max_size=2),
    dtypes=st.tuples(DTYPES, DTYPES),
    views=st.tuples(VIEWS, VIEWS),
    data=st.data(),
)
def test_tensordot_over_any_axes(
    free: Any, summed: list[int], dtypes: Any, views: Any, data: st.DataObject
) -> None:
    axes, operands = [], []
    for sizes, dtype, view in zip(free, dtypes, views, strict=True):
        ndim = len(sizes) + len(summed)
        order = data.draw(st.permutations(range(ndim)))
        own = order[: len(summed)]
        shape = [0] * ndim
        for axis, size in zip(order, [*summed, *sizes], strict=True):
            shape[axis] = size
        axes.append([axis - data.draw(st.sampled_from([0, ndim])) for axis in own])
        operands.append(np.asarray(view(data.draw(arrays(tuple(shape), dtype)))))
    left, right = views
    check(lambda a, b: np.tensordot(left(a), right(b), axes), *operands)
    a, b = (view(x.astype(float)) for view, x in zip(views, operands, strict=True))
    check_on_scalars(tensordot, a, b, axes=axes)


def test_tensordot_over_a_number_of_axes() -> None:
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(2, 3, 4)), rng.normal(size=(3, 4, 2))
    check(lambda a, b: np.tensordot(a, b), a, b)
    check(lambda a, b: np.tensordot(a, b, np.int64(0)), a[0], b[0])
    check(lambda a, b: np.linalg.tensordot(a, b, axes=(-1, 1)), a, b)
    check(lambda a: np.tensordot(a, 2.0, 0) + np.tensordot(2.0, a, 0), a)
    check_on_scalars(tensordot, a, b)


def test_gates_on_plain_arrays_are_numpys_own() -> None:
    a, b = np.random.default_rng(0).normal(size=(2, 3, 3))
    a.flags.writeable = False
    assert_is_numpys(einsum(a, b[::-1], subscripts="ij,jk"), np.einsum("ij,jk", a, b[::-1]))
    assert_is_numpys(tensordot(a, b[::-1], axes=1), np.tensordot(a, b[::-1], 1))


def test_each_element_of_an_einsum_of_values_is_one_gate() -> None:
    product = check_on_scalars(einsum, np.ones((2, 3)), np.ones((3, 4)), subscripts="ij,jk->ik")
    assert {value.gate for value in product.ravel()} == {dot}


def einsum_of(subscripts: Any, *others: Any) -> Any:
    return lambda x: np.einsum(subscripts, x, *others)


@pytest.mark.parametrize(
    ("wrong", "error", "message"),
    [
        (
            einsum_of("ij,jk,kl->il", np.ones((3, 2))),
            ShapeError,
            r"einsum: shape \(2, 3\) and \(3, 2\), .*: 'ij,jk,kl->il' is for 3 operands, not 2",
        ),
        (einsum_of("ij", np.ones(2)), ShapeError, "'ij' is for 1 operands, not 2"),
        (einsum_of("ijk->i"), ShapeError, "'ijk' names 3 axes, operand 0 has 2"),
        (einsum_of("i->i"), ShapeError, "'i' names 1 axes, operand 0 has 2"),
        (einsum_of("...ijk"), ShapeError, "'...ijk' names 3 axes, operand 0 has 2"),
        (
            einsum_of("ij,jk->ik", np.ones((4, 2))),
            ShapeError,
            "'j' is 3 in operand 0 and 4 in operand 1",
        ),
        (einsum_of("ii"), ShapeError, "'i' is 2 in operand 0 and 3 in operand 0"),
        (einsum_of("ij->ix"), ShapeError, "output subscript 'x' which never appeared"),
        (lambda x: np.einsum(x, [0, 1], [0]), OperandError, "as one string such as 'ij,jk->ik'"),
        (lambda x: np.einsum("ij->i", x, order="C"), TypeError, "np.einsum: order is not"),
        (
            lambda x: np.tensordot(x, x, 1),
            ShapeError,
            r"tensordot: shape \(2, 3\) and \(2, 3\), axes=1: "
            "axis 1 of a has size 3, axis 0 of b has size 2",
        ),
        (lambda x: np.tensordot(x, x, 3), ShapeError, "a has 2 axes, b has 2"),
        (lambda x: np.tensordot(x, x, ([0, 1], [0])), ShapeError, "2 axes of a and 1 axes of b"),
        # The end is NumPy's, and its versions differ.
        (
            lambda x: np.tensordot(x, x, ([0, 0], [0, 0])),
            ShapeError,
            r"axes=\(\[0, 0\], \[0, 0\]\): (duplicate axes|axes don't match)",
        ),
    ],
)
def test_misfit_is_named_with_its_mend(wrong: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        wrong(Tensor(np.ones((2, 3))))

"""Random expressions over arrays, each function of them as in gategrad and as in PyTorch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from hypothesis import strategies as st

import autograd
from autograd import Tensor

torch: Any
try:
    import torch
except ImportError:
    torch = None  # called by what compares with it alone

Function = Callable[..., Any]


@dataclass(frozen=True)
class Step:
    """One function of an expression, for each library, applied to earlier results."""

    name: str
    ours: Function
    theirs: Function
    operands: tuple[int, ...]


# Functions that stay finite and smooth on everything that an expression can hold.
UNARY: dict[str, tuple[Function, Function]] = {
    "tanh": (np.tanh, lambda x: x.tanh()),
    "sin": (np.sin, lambda x: x.sin()),
    "sigmoid": (autograd.sigmoid, lambda x: x.sigmoid()),
    "softplus": (autograd.softplus, lambda x: torch.nn.functional.softplus(x, threshold=500)),
    "silu": (autograd.silu, lambda x: torch.nn.functional.silu(x)),
    "atan": (np.arctan, lambda x: x.atan()),
    "asinh": (np.arcsinh, lambda x: x.asinh()),
    "exp of tanh": (lambda x: np.exp(np.tanh(x)), lambda x: x.tanh().exp()),
    "log1p of square": (lambda x: np.log1p(np.square(x)), lambda x: x.square().log1p()),
    "sqrt": (lambda x: np.sqrt(x * x + 0.5), lambda x: (x * x + 0.5).sqrt()),
    "cube": (lambda x: 0.1 * x**3, lambda x: 0.1 * x**3),
    "relu": (lambda x: x.relu(), lambda x: x.relu()),
    "softmax": (lambda x: autograd.softmax(x, axis=-1), lambda x: x.softmax(-1)),
    "log_softmax": (lambda x: autograd.log_softmax(x, axis=-1), lambda x: x.log_softmax(-1)),
    "flip": (lambda x: np.flip(x, -1), lambda x: x.flip(-1)),
    "cumsum": (lambda x: np.cumsum(x, axis=-1), lambda x: x.cumsum(-1)),
    "cumprod": (lambda x: np.cumprod(np.tanh(x), axis=-1), lambda x: x.tanh().cumprod(-1)),
    "first half": (lambda x: x[..., : (x.shape[-1] + 1) // 2], None),
    "every second": (lambda x: x[..., ::2], lambda x: x[..., ::2]),
    "picked": (lambda x: x[..., np.array([0, -1, 0])], lambda x: x[..., [0, -1, 0]]),
    "masked": (lambda x: np.where(np.asarray(x) > 0.1, x, 0.5 * x), None),
    "sum": (lambda x: np.sum(x, axis=-1, keepdims=True), lambda x: x.sum(-1, keepdim=True)),
    "mean": (lambda x: np.mean(x, axis=0, keepdims=True), lambda x: x.mean(0, keepdim=True)),
    "max": (lambda x: np.max(x, axis=-1, keepdims=True), lambda x: x.amax(-1, keepdim=True)),
    "min": (lambda x: np.min(x, axis=0, keepdims=True), lambda x: x.amin(0, keepdim=True)),
    "prod": (
        lambda x: np.prod(np.tanh(x), axis=-1, keepdims=True),
        lambda x: x.tanh().prod(-1, keepdim=True),
    ),
    "var": (
        lambda x: np.var(x, axis=-1, keepdims=True),
        lambda x: x.var(-1, keepdim=True, correction=0),
    ),
    "logsumexp": (
        lambda x: autograd.logsumexp(x, axis=-1, keepdims=True),
        lambda x: x.logsumexp(-1, keepdim=True),
    ),
    "transpose": (lambda x: x.T, lambda x: x.T),
    "reshape": (lambda x: x.reshape(1, -1), lambda x: x.reshape(1, -1)),
    "gram": (lambda x: 0.3 * (x @ x.T), lambda x: 0.3 * (x @ x.T)),
    "einsum": (
        lambda x: np.einsum("ij,kj->ik", x, np.tanh(x)),
        lambda x: torch.einsum("ij,kj->ik", x, x.tanh()),
    ),
    "sort": (lambda x: np.sort(x, axis=-1), lambda x: x.sort(-1).values),
    "triangle": (np.tril, lambda x: x.tril()),
    "roll": (lambda x: np.roll(x, 1, axis=0), lambda x: x.roll(1, 0)),
    "pad": (
        lambda x: np.pad(x, ((0, 1), (1, 0))),
        lambda x: torch.nn.functional.pad(x, (1, 0, 0, 1)),
    ),
    "norm": (
        lambda x: np.linalg.norm(x * x + 0.1, axis=-1, keepdims=True),
        lambda x: (x * x + 0.1).norm(dim=-1, keepdim=True),
    ),
    "solve": (
        lambda x: np.linalg.solve(x @ x.T * 0.1 + 2.0 * np.eye(len(x)), x),
        lambda x: torch.linalg.solve(
            x @ x.T * 0.1 + 2.0 * torch.eye(len(x), dtype=torch.float64), x
        ),
    ),
}
BINARY: dict[str, tuple[Function, Function]] = {
    "add": (lambda x, y: x + y, lambda x, y: x + y),
    "sub": (lambda x, y: x - y, lambda x, y: x - y),
    "mul": (lambda x, y: x * y, lambda x, y: x * y),
    "div": (lambda x, y: x / (1.5 + np.sin(y)), lambda x, y: x / (1.5 + y.sin())),
    "pow": (
        lambda x, y: (np.square(x) + 0.5) ** np.tanh(y),
        lambda x, y: (x.square() + 0.5) ** y.tanh(),
    ),
    "maximum": (np.maximum, lambda x, y: torch.maximum(x, y)),
    "logaddexp": (np.logaddexp, lambda x, y: torch.logaddexp(x, y)),
    "hypot": (lambda x, y: np.hypot(x, y * y + 0.5), lambda x, y: torch.hypot(x, y * y + 0.5)),
    "arctan2": (
        lambda x, y: np.arctan2(x, y * y + 0.5),
        lambda x, y: torch.atan2(x, y * y + 0.5),
    ),
    "concatenate": (
        lambda x, y: np.concatenate([x, y * np.ones_like(x.data)], axis=-1),
        lambda x, y: torch.cat([x, y * torch.ones_like(x)], dim=-1),
    ),
    "stack": (
        lambda x, y: np.stack([x, x * y]).sum(axis=0),
        lambda x, y: torch.stack([x, x * y]).sum(0),
    ),
}


def theirs_of(name: str, pair: tuple[Function, Any]) -> Function:
    """PyTorch's form; ours where the code is the same."""
    if pair[1] is not None:
        theirs: Function = pair[1]
        return theirs
    if name == "masked":
        return lambda x: torch.where(x > 0.1, x, 0.5 * x)
    return pair[0]


@st.composite
def expressions(draw: st.DrawFn) -> tuple[list[np.ndarray], list[Step]]:
    """Two or three matrices, and functions that lead from them to a last result."""
    rows, columns = draw(st.integers(1, 3)), draw(st.integers(1, 4))
    shapes = [(rows, columns), (rows, columns), draw(st.sampled_from([(1, columns), (rows, 1)]))]
    # Not on a grid of few numbers: where ties are broken, conventions differ.
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    inputs = [rng.uniform(-1.5, 1.5, size=shape) for shape in shapes]
    known: list[Any] = list(inputs)
    steps: list[Step] = []
    for _ in range(draw(st.integers(1, 7))):
        table = draw(st.sampled_from([UNARY, BINARY]))
        name = draw(st.sampled_from(sorted(table)))
        arity = 1 if table is UNARY else 2
        operands = tuple(draw(st.integers(0, len(known) - 1)) for _ in range(arity))
        step = Step(name, table[name][0], theirs_of(name, table[name]), operands)
        try:
            result = step.ours(*(Tensor(known[i]) for i in operands)).data
        except autograd.errors.ShapeError:
            continue  # these two do not broadcast
        if result.size and np.abs(result).max() < 1e3:
            steps.append(step)
            known.append(result)
    return inputs, steps


def run(inputs: Sequence[Any], steps: Sequence[Step], form: str) -> Any:
    """The sum of everything that the expression computes, each with a weight of its own."""
    known = list(inputs)
    for step in steps:
        known.append(getattr(step, form)(*(known[i] for i in step.operands)))
    total: Any = 0.0
    for number, result in enumerate(known):
        total = total + (0.5 + 0.1 * number) * result.sum()
    return total

"""The engines against each other and against PyTorch, on random programs."""

from __future__ import annotations

import importlib.util
import math
import struct
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd
from autograd.gate import TABLE
from autograd.testing.programs import ScalarProgram
from autograd.testing.strategies import scalar_programs


@pytest.fixture(scope="module")
def plain() -> ModuleType:
    """The scalar engine as plain Python, beside the one that runs."""
    path = Path(autograd.__file__).with_name("value.py")
    spec = importlib.util.spec_from_file_location("autograd.value_as_python", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def bits(number: float) -> bytes:
    """The bits of a float; all nans alike."""
    return b"nan" if math.isnan(number) else struct.pack("d", number)


def value_and_gradients(value_class: Any, program: ScalarProgram) -> list[bytes]:
    leaves = [value_class(number) for number in program.inputs]
    root = program(*leaves)
    if type(root) is value_class:
        root.backward()
    return [bits(float(root)), *(bits(leaf.grad) for leaf in leaves)]


# Ten times as many as of other properties: 20,000 in a thorough run.
MANY = settings(max_examples=10 * settings.default.max_examples)


@MANY
@given(program=scalar_programs(max_gates=60, well_defined=False))
def test_both_engines_give_the_same_bits(plain: ModuleType, program: ScalarProgram) -> None:
    assert not plain.COMPILED
    expected = value_and_gradients(plain.Value, program)
    assert value_and_gradients(autograd.Value, program) == expected


def test_engine_says_which_one_runs() -> None:
    assert autograd.engine == ("native" if autograd.value.COMPILED else "python")


TORCH_NAMES = {"div": "true_divide", "neg": "negative", "equal": "eq"}
# Where PyTorch's derivative loses digits: 1 - out * out, out * (1 - out), out + 1, 1 - x * x.
LESS_EXACT = {"tanh", "sigmoid", "expm1", "asin", "acos", "atanh", "acosh"}
# What PyTorch does not have, or not as a function of the same operands.
OTHERS = {"log_sigmoid", "cbrt", "step", "where", "stop_gradient", "gelu", "elu", "leaky_relu"}
OTHERS |= {"silu", "softplus", "clip"}
COMPARED = [gate for gate in TABLE if gate.name not in LESS_EXACT | OTHERS]


def torch_gradients(torch: Any, program: ScalarProgram) -> list[float]:
    leaves = [torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in program.inputs]

    def apply(gate: Any, *operands: Any) -> Any:
        function = getattr(torch, TORCH_NAMES.get(gate.name, gate.name))
        return function(*(torch.as_tensor(x, dtype=torch.float64) for x in operands)).double()

    root = program.run(leaves, apply)
    if root.requires_grad:
        root.backward()
    return [root.item(), *(0.0 if leaf.grad is None else leaf.grad.item() for leaf in leaves)]


def our_gradients(
    program: ScalarProgram, inputs: tuple[float, ...]
) -> tuple[list[float], list[float]]:
    """The value and the gradients, and for each the size of the terms that it is summed of."""
    leaves = [autograd.Value(number) for number in inputs]
    root = program(*leaves)
    if type(root) is not autograd.Value:
        return [root, *(0.0 for _ in leaves)], [abs(root), *(0.0 for _ in leaves)]
    root.backward()
    sizes = {root: 1.0}
    for node in reversed(autograd.topological_order(root)):
        for operand, part in zip(node.operands, node.contributions(1.0), strict=True):
            if part is not None:
                sizes[operand] = sizes.get(operand, 0.0) + sizes.get(node, 0.0) * abs(part)
    answers = [root.data, *(leaf.grad for leaf in leaves)]
    return answers, [abs(root.data), *(sizes.get(leaf, 0.0) for leaf in leaves)]


# Not the tiniest numbers: PyTorch squares operands where we divide twice, and squares underflow.
ORDINARY = st.integers(-3000, 3000).map(lambda thousandths: thousandths / 1000)


@MANY
@given(program=scalar_programs(max_gates=60, gates=COMPARED, numbers=ORDINARY, well_defined=False))
def test_pytorch_gives_the_same_gradients(program: ScalarProgram) -> None:
    torch = pytest.importorskip("torch", reason="PyTorch, an independent reference")
    expected = torch_gradients(torch, program)
    if math.isnan(expected[0]):
        return  # conventions about the slope of what is no number differ
    answers, sizes = our_gradients(program, program.inputs)
    # How much the program itself makes of a last digit, or of the sign of a zero, on which engines
    # differ: no other engine can be closer than that.
    nearby = [
        our_gradients(
            program, tuple(x * (1 + change) if x else change * 1e-290 for x in program.inputs)
        )[0]
        for change in (-4e-16, 4e-16)
    ]
    for i, (answer, size, reference) in enumerate(zip(answers, sizes, expected, strict=True)):
        spread = max(abs(other[i] - answer) for other in nearby)
        if math.isfinite(reference) and spread <= 1e-6 * abs(answer):
            assert answer == pytest.approx(reference, rel=0, abs=1e-12 * size + 50 * spread)

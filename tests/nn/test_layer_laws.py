"""What holds for every layer and every activation."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from layer_examples import LAYER_EXAMPLES, LayerExample
from sequence_examples import SEQUENCE_EXAMPLES

from autograd import Tensor, lower, trace
from autograd.testing import check_gradients
from nn import Module
from viz import draw

every_layer = pytest.mark.parametrize("example", LAYER_EXAMPLES + SEQUENCE_EXAMPLES, ids=str)


def made(example: LayerExample, dtype: Any = np.float64, seed: int = 0) -> Module:
    """The module, whose parameters are all random: what begins as 0 or 1 hides mistakes."""
    rng = np.random.default_rng(seed)
    module = example.make(rng=rng, dtype=dtype)
    for parameter in module.parameters():
        parameter.data = (parameter.data + 0.5 * rng.normal(size=parameter.shape)).astype(dtype)
    return module


def drawn(example: LayerExample, dtype: Any = np.float64) -> list[np.ndarray]:
    """The inputs of an example: floats in this dtype, whole numbers as they are."""
    rng = np.random.default_rng(1)
    inputs = [draw_input(rng) for draw_input in example.inputs]
    return [x.astype(dtype) if x.dtype.kind == "f" else x for x in inputs]


def as_variables(inputs: list[np.ndarray]) -> list[Any]:
    return [Tensor(x) if x.dtype.kind == "f" else x for x in inputs]


def parts_of(output: Any) -> Iterator[Any]:
    """The arrays of an output, which may be nested: of a recurrent layer, and of its state."""
    if isinstance(output, tuple | list):
        for part in output:
            yield from parts_of(part)
    else:
        yield output


def loss(output: Any, array: Callable[[np.ndarray], Any] = np.asarray) -> Any:
    """One number, in which each number of the output has a weight of its own."""
    rng = np.random.default_rng(2)
    total: Any = 0.0
    for part in parts_of(output):
        weights = rng.normal(size=tuple(part.shape)).astype(str(part.dtype).removeprefix("torch."))
        total = total + (part * array(weights)).sum()
    return total


def with_parameters(module: Module, parameters: list[Tensor]) -> Module:
    """A copy with these parameters, and with a state and generators of its own."""
    replaced = zip(module.parameters(), parameters, strict=True)
    return copy.deepcopy(module, {id(old): new for old, new in replaced})


@every_layer
def test_gradients_by_inputs_and_parameters_are_the_slopes(example: LayerExample) -> None:
    module, inputs = made(example), drawn(example)

    def f(inputs: list[Any], parameters: list[Tensor]) -> Any:
        return loss(with_parameters(module, parameters)(*inputs))

    parameters = [Tensor(parameter.data) for parameter in module.parameters()]
    order = 2 if example.smooth else 1
    assert check_gradients(f, as_variables(inputs), parameters, order=order).compared > 0


@every_layer
def test_outputs_and_gradients_are_those_of_pytorch(example: LayerExample) -> None:
    torch = pytest.importorskip("torch")
    if example.reference is None:
        pytest.skip("PyTorch has none")
    module, inputs = made(example), drawn(example)
    theirs = [torch.tensor(x, requires_grad=x.dtype.kind == "f") for x in inputs]
    their_parameters = {
        path: torch.tensor(parameter.data, requires_grad=True)
        for path, parameter in module.named_parameters()
    }
    expected = example.reference(torch, their_parameters, *theirs)
    loss(expected, torch.from_numpy).backward()

    ours = as_variables(inputs)
    output = module(*ours)
    loss(output).backward()
    for mine, other in zip(parts_of(output), parts_of(expected), strict=True):
        assert_close(mine.data, other.detach().numpy(), 1e-10)
    for x, other in zip(ours, theirs, strict=True):
        if type(x) is Tensor:
            assert_close(x.grad, other.grad.numpy(), 1e-10)
    for path, parameter in module.named_parameters():
        assert_close(parameter.grad, their_parameters[path].grad.numpy(), 1e-10)


@every_layer
def test_float32_is_kept(example: LayerExample) -> None:
    module, inputs = made(example, np.float32), as_variables(drawn(example, np.float32))
    output = module(*inputs)
    loss(output).backward()
    arrays = {f"output {place}": part for place, part in enumerate(parts_of(output))}
    arrays |= module.state_dict()
    arrays |= {f"gradient of {path}": p.grad for path, p in module.named_parameters()}
    arrays |= {f"gradient of {i}": x.grad for i, x in enumerate(inputs) if type(x) is Tensor}
    assert {name: array.dtype.name for name, array in arrays.items()} == dict.fromkeys(
        arrays, "float32"
    )


@every_layer
def test_lowered_to_scalars_the_results_are_the_same(example: LayerExample) -> None:
    module, inputs = made(example), as_variables(drawn(example))
    total = loss(module(*inputs))
    total.backward()
    lowered = lower(total)
    lowered.output.backward()
    assert_close(lowered.output.data, total.data, 1e-12)
    for leaf in lowered.leaves.values():
        assert_close(lowered.gradient(leaf), leaf.grad, 1e-11)


@every_layer
def test_traced_the_results_are_the_same(example: LayerExample) -> None:
    module, inputs = made(example).eval(), drawn(example)

    def f(*inputs: Any) -> Any:
        return loss(module(*inputs))

    def run(function: Callable[..., Any], inputs: list[np.ndarray]) -> list[Any]:
        variables = as_variables(inputs)
        module.zero_grad()
        total = function(*variables)
        total.backward()
        leaves = [*module.parameters(), *(x for x in variables if type(x) is Tensor)]
        return [total.data, *(leaf.grad for leaf in leaves)]

    traced = trace(f)
    # The second time the program runs that was recorded at the first.
    for other in (inputs, [x[..., ::-1].copy() if x.ndim else x for x in inputs]):
        for mine, expected in zip(run(traced, other), run(f, other), strict=True):
            assert_close(mine, expected, 1e-11)


@every_layer
def test_the_computation_is_drawn(example: LayerExample) -> None:
    module, inputs = made(example), as_variables(drawn(example))
    dot = draw(loss(module(*inputs))).dot
    for path, _ in module.named_parameters():
        assert path in dot


@every_layer
def test_a_loaded_state_gives_equal_outputs(example: LayerExample) -> None:
    first, second, inputs = made(example, seed=3), made(example, seed=4), drawn(example)
    first(*inputs)
    second.load_state_dict(first.state_dict())
    mine, other = first.eval()(*inputs), second.eval()(*inputs)
    for one, two in zip(parts_of(mine), parts_of(other), strict=True):
        np.testing.assert_array_equal(one.data, two.data)


@every_layer
@pytest.mark.parametrize(
    "copied", [copy.deepcopy, lambda module: pickle.loads(pickle.dumps(module))]
)
def test_a_copy_gives_equal_outputs_from_parameters_of_its_own(
    example: LayerExample, copied: Callable[[Module], Module]
) -> None:
    module, inputs = made(example), drawn(example)
    other = copied(module)
    for one, two in zip(parts_of(module(*inputs)), parts_of(other(*inputs)), strict=True):
        np.testing.assert_array_equal(one.data, two.data)
    assert not set(map(id, module.parameters())) & set(map(id, other.parameters()))


@every_layer
def test_the_text_names_the_class_its_parameters_and_settings(example: LayerExample) -> None:
    module = made(example)
    text = repr(module)
    assert text.startswith(f"{type(module).__name__}(")
    for path, _ in module.named_parameters():
        assert path.split(".")[-1] in text
    for name in module.settings:
        assert f"{name}={getattr(module, name)!r}" in text


def assert_close(ours: Any, expected: Any, tolerance: float) -> None:
    np.testing.assert_allclose(ours, expected, rtol=tolerance, atol=tolerance)

"""Module: finding parameters, their names, state and the text of the structure."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograd import Tensor
from autograd.errors import StateError
from nn import Linear, Module, Sequential, Tanh


class TwoPaths(Module):
    def __init__(self) -> None:
        rng = np.random.default_rng(0)
        self.scale = Tensor([1.0, 2.0])
        self.paths = [Linear(2, 1, rng=rng), Linear(2, 1, rng=rng, bias=False)]
        self.offsets = (Tensor(1.0), Tensor(2.0))
        self.constant = np.ones(2)

    def forward(self, x: Any) -> Any:
        scaled = x * self.scale
        return self.paths[0](scaled) + self.paths[1](scaled) + self.offsets[0] + self.offsets[1]


PATHS = ["scale", "paths.0.weight", "paths.0.bias", "paths.1.weight", "offsets.0", "offsets.1"]


def net() -> Sequential:
    rng = np.random.default_rng(1)
    return Sequential(Linear(2, 3, rng=rng), Tanh(), Linear(3, 1, rng=rng))


def test_parameters_are_found_in_the_order_of_assignment() -> None:
    assert [path for path, _ in TwoPaths().named_parameters()] == PATHS


def test_parameters_are_named_by_their_path() -> None:
    assert [parameter.name for parameter in TwoPaths().parameters()] == PATHS


def test_names_follow_modules_into_larger_modules() -> None:
    outer = Sequential(Tanh(), net())
    assert [parameter.name for parameter in outer.parameters()] == [
        "1.0.weight",
        "1.0.bias",
        "1.2.weight",
        "1.2.bias",
    ]


def test_a_name_given_by_hand_stays() -> None:
    class Scaled(Module):
        def __init__(self) -> None:
            self.slope = Tensor(2.0, name="theta")

    scaled = Scaled()
    assert [(path, p.name) for path, p in scaled.named_parameters()] == [("slope", "theta")]


def test_a_parameter_reached_by_two_paths_is_listed_once() -> None:
    class Tied(Module):
        def __init__(self) -> None:
            self.encoder = Linear(2, 2, rng=np.random.default_rng(0), bias=False)
            self.decoder = self.encoder
            self.weight = self.encoder.weight

    assert [path for path, _ in Tied().named_parameters()] == ["encoder.weight"]


def test_tensors_made_by_gates_are_not_parameters() -> None:
    class Remembering(Module):
        def __init__(self) -> None:
            self.slope = Tensor(2.0)

        def forward(self, x: Any) -> Any:
            self.output = self.slope * x
            return self.output

    module = Remembering()
    module(3.0)
    assert [path for path, _ in module.named_parameters()] == ["slope"]
    assert module.output.name is None


def test_a_module_that_knows_its_owner_is_walked_once() -> None:
    inner = Linear(1, 1, rng=np.random.default_rng(0), bias=False)
    outer = Sequential(inner)
    inner.owner = outer  # type: ignore[attr-defined]
    assert [path for path, _ in outer.named_parameters()] == ["0.weight"]
    assert "..." in repr(outer)


def test_zero_grad_clears_every_gradient() -> None:
    module = TwoPaths()
    module(np.ones((1, 2))).sum().backward()
    assert all(parameter.grad is not None for parameter in module.parameters())
    module.zero_grad()
    assert all(parameter.grad is None for parameter in module.parameters())


def test_state_travels_to_another_net() -> None:
    source, target = net(), Sequential(*net())
    for parameter in source.parameters():
        parameter.data = parameter.data + 1.0
    target.load_state_dict(source.state_dict())
    x = np.array([[0.5, -1.0]])
    np.testing.assert_array_equal(target(x).data, source(x).data)


def test_state_is_a_copy_both_ways() -> None:
    module = net()
    state = module.state_dict()
    state["0.bias"][:] = 7.0
    assert module.state_dict()["0.bias"].tolist() == [0.0, 0.0, 0.0]
    module.load_state_dict(state)
    state["0.bias"][:] = 8.0
    assert module.state_dict()["0.bias"].tolist() == [7.0, 7.0, 7.0]


def test_loaded_state_takes_the_dtype_of_the_parameter() -> None:
    layer = Linear(1, 1, rng=np.random.default_rng(0), dtype=np.float32)
    layer.load_state_dict({"weight": [[1]], "bias": [2]})
    assert layer.weight.dtype == np.float32
    assert layer.weight.data.tolist() == [[1.0]]


def test_every_entry_that_does_not_fit_is_named_and_nothing_is_loaded() -> None:
    module = net()
    before = module.state_dict()
    state: dict[str, Any] = dict(before)
    del state["0.weight"]
    state["1.gain"] = np.ones(1)
    state["2.weight"] = np.ones((1, 3))
    state["2.bias"] = ["much"]
    state["0.bias"] = np.ones(3)
    with pytest.raises(StateError) as error:
        module.load_state_dict(state)
    message = str(error.value)
    assert message.startswith("Sequential.load_state_dict: ")
    assert "0.weight is missing" in message
    assert "1.gain is not a parameter" in message
    assert "2.weight has shape (1, 3), but the parameter (3, 1)" in message
    assert "2.bias is ['much'], not an array of numbers" in message
    assert message.endswith("the parameters are 0.weight, 0.bias, 2.weight, 2.bias")
    assert module.state_dict()["0.bias"].tolist() == before["0.bias"].tolist()


def test_repr_shows_the_structure_nested() -> None:
    assert repr(Sequential(TwoPaths(), Tanh())) == (
        "Sequential(\n"
        "  0: TwoPaths(\n"
        "    scale (2,)\n"
        "    offsets.0 ()\n"
        "    offsets.1 ()\n"
        "    paths.0: Linear(weight (2, 1), bias (1,))\n"
        "    paths.1: Linear(weight (2, 1))\n"
        "  )\n"
        "  1: Tanh()\n"
        ")"
    )


def test_a_module_without_forward_says_so() -> None:
    class Idle(Module):
        pass

    with pytest.raises(NotImplementedError, match=r"define Idle\.forward\(self, x\)"):
        Idle()(1.0)


def test_an_unknown_attribute_raises() -> None:
    with pytest.raises(AttributeError, match="wieght"):
        net()[0].wieght  # type: ignore[attr-defined]  # noqa: B018 - reading it is the test


class RunningMean(Module):
    buffers = ("mean",)

    def __init__(self) -> None:
        self.scale = Tensor(np.ones(2, np.float32))
        self.mean = np.zeros(2, np.float32)

    def forward(self, x: Any) -> Any:
        if self.training:
            self.mean = np.asarray(x, np.float32).mean(axis=0)
        return (x - self.mean) * self.scale


def test_modules_are_listed_once_with_their_paths() -> None:
    shared = Tanh()
    outer = Sequential(net(), shared, shared)
    assert [path for path, _ in outer.named_modules()] == ["", "0", "0.0", "0.1", "0.2", "1"]
    assert outer.named_modules()[0][1] is outer


def test_train_and_eval_reach_all_modules_and_give_the_module() -> None:
    outer = Sequential(net(), RunningMean())
    assert outer.training and outer.eval() is outer
    assert [module.training for _, module in outer.named_modules()] == [False] * 6
    outer[0].train()
    assert [module.training for _, module in outer.named_modules()] == [
        False, True, True, True, True, False,
    ]  # fmt: skip
    assert outer.train() is outer and all(module.training for _, module in outer.named_modules())


def test_buffers_are_state_but_not_parameters() -> None:
    outer = Sequential(RunningMean(), RunningMean())
    outer(np.array([[1.0, 2.0], [3.0, 4.0]], np.float32))
    assert len(outer.parameters()) == 2
    state = outer.state_dict()
    assert list(state) == ["0.scale", "1.scale", "0.mean", "1.mean"]
    assert state["0.mean"].tolist() == [2.0, 3.0]
    other = Sequential(RunningMean(), RunningMean())
    other.load_state_dict(state)
    state["0.mean"][:] = 9
    assert other[0].mean.tolist() == [2.0, 3.0] and other[0].mean.dtype == np.float32


def test_a_buffer_that_is_missing_or_misshapen_is_named() -> None:
    with pytest.raises(StateError, match=r"mean is missing; scale has shape \(3,\)"):
        RunningMean().load_state_dict({"scale": np.ones(3)})
    with pytest.raises(StateError, match=r"mean has shape \(3,\), but the buffer \(2,\)"):
        RunningMean().load_state_dict({"scale": np.ones(2), "mean": np.ones(3)})

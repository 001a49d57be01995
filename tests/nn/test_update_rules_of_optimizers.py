"""The optimizers' rules: those of PyTorch, of the formulas, and what goes on after a break."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import nn
from autograd import Tensor
from autograd.errors import OperandError, SettingError, StateError
from nn import SGD, Adagrad, Adam, AdamW, Optimizer, RMSprop

SHAPES = [(3, 4), (4,), ()]
OPTIMIZERS: dict[str, tuple[Callable[..., Optimizer], str, dict[str, Any]]] = {
    "descent": (lambda p: SGD(p, lr=0.1), "SGD", {"lr": 0.1}),
    "decay": (
        lambda p: SGD(p, lr=0.1, weight_decay=0.3), "SGD", {"lr": 0.1, "weight_decay": 0.3}
    ),
    "momentum": (lambda p: SGD(p, lr=0.1, momentum=0.9), "SGD", {"lr": 0.1, "momentum": 0.9}),
    "nesterov": (
        lambda p: SGD(p, lr=0.1, momentum=0.9, nesterov=True, weight_decay=0.2),
        "SGD", {"lr": 0.1, "momentum": 0.9, "nesterov": True, "weight_decay": 0.2},
    ),
    "adagrad": (
        lambda p: Adagrad(p, lr=0.1, eps=1e-6, weight_decay=0.1),
        "Adagrad", {"lr": 0.1, "eps": 1e-6, "weight_decay": 0.1},
    ),
    "rmsprop": (
        lambda p: RMSprop(p, lr=0.01, rho=0.9, weight_decay=0.1),
        "RMSprop", {"lr": 0.01, "alpha": 0.9, "weight_decay": 0.1},
    ),
    "adam": (
        lambda p: Adam(p, lr=0.05, betas=(0.8, 0.95), weight_decay=0.1),
        "Adam", {"lr": 0.05, "betas": (0.8, 0.95), "weight_decay": 0.1},
    ),
    "adamw": (
        lambda p: AdamW(p, lr=0.05, eps=1e-6, weight_decay=0.1),
        "AdamW", {"lr": 0.05, "eps": 1e-6, "weight_decay": 0.1},
    ),
}  # fmt: skip


def parameters(dtype: Any = np.float64) -> list[Tensor]:
    rng = np.random.default_rng(0)
    return [Tensor(rng.normal(size=shape), dtype=dtype) for shape in SHAPES]


def descend(given: list[Tensor], optimizer: Optimizer, steps: int, start: int = 0) -> None:
    """Steps along gradients that depend on the parameters, and on nothing else but the step."""
    for step in range(start, start + steps):
        for tensor in given:
            tensor.grad = gradient(tensor.data, step)
        optimizer.step()


def gradient(data: np.ndarray, step: int) -> np.ndarray:
    return np.asarray(np.sin(3 * data) + np.cos(step), data.dtype)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_fifty_steps_are_those_of_pytorch(name: str) -> None:
    torch = pytest.importorskip("torch")
    make, theirs, settings = OPTIMIZERS[name]
    ours = parameters()
    peers = [torch.tensor(tensor.data, requires_grad=True) for tensor in ours]
    descend(ours, make(ours), 50)
    optimizer = getattr(torch.optim, theirs)(peers, **settings)
    for step in range(50):
        for peer in peers:
            peer.grad = torch.from_numpy(gradient(peer.detach().numpy(), step))
        optimizer.step()
    for tensor, peer in zip(ours, peers, strict=True):
        np.testing.assert_allclose(tensor.data, peer.detach().numpy(), rtol=0, atol=1e-12)


@pytest.mark.parametrize("name", ["momentum", "adagrad", "rmsprop", "adam", "adamw"])
def test_groups_step_as_those_of_pytorch(name: str) -> None:
    torch = pytest.importorskip("torch")
    _, theirs, settings = OPTIMIZERS[name]
    kind, own = getattr(nn, theirs), {"lr": 0.2, "weight_decay": 0.05}
    ours = parameters()
    peers = [torch.tensor(tensor.data, requires_grad=True) for tensor in ours]
    optimizer = getattr(torch.optim, theirs)(
        [{"params": peers[:1]}, {"params": peers[1:], **own}], **settings
    )
    if "alpha" in settings:
        settings = {**settings, "rho": settings["alpha"]}
        del settings["alpha"]
    groups = [{"parameters": ours[:1]}, {"parameters": ours[1:], **own}]
    descend(ours, kind(groups, **settings), 50)
    for step in range(50):
        for peer in peers:
            peer.grad = torch.from_numpy(gradient(peer.detach().numpy(), step))
        optimizer.step()
    for tensor, peer in zip(ours, peers, strict=True):
        np.testing.assert_allclose(tensor.data, peer.detach().numpy(), rtol=0, atol=1e-12)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_float32_stays_float32(name: str) -> None:
    given = parameters(np.float32)
    optimizer = OPTIMIZERS[name][0](given)
    descend(given, optimizer, 3)
    assert {tensor.dtype for tensor in given} == {np.dtype(np.float32)}
    states = optimizer.state_dict()["states"].values()
    kept = [array for state in states for array in state.values() if isinstance(array, np.ndarray)]
    assert {array.dtype for array in kept} <= {np.dtype(np.float32)}


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_loaded_state_goes_on_bit_for_bit(name: str) -> None:
    make = OPTIMIZERS[name][0]
    undisturbed = parameters()
    descend(undisturbed, make(undisturbed), 12)
    broken = parameters()
    first = make(broken)
    descend(broken, first, 5)
    second = make(broken)
    second.load_state_dict(first.state_dict())
    descend(broken, second, 7, start=5)
    for one, other in zip(undisturbed, broken, strict=True):
        assert one.data.tobytes() == other.data.tobytes()


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_state_stays_as_it_was_taken(name: str) -> None:
    given = parameters()
    optimizer = OPTIMIZERS[name][0](given)
    descend(given, optimizer, 2)
    state = optimizer.state_dict()
    before = repr(state)
    descend(given, optimizer, 2, start=2)
    assert repr(state) == before
    other = OPTIMIZERS[name][0](given)
    other.load_state_dict(state)
    descend(given, other, 2, start=4)
    assert repr(state) == before


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_copy_goes_on_bit_for_bit(name: str) -> None:
    undisturbed = parameters()
    optimizer = OPTIMIZERS[name][0](undisturbed)
    descend(undisturbed, optimizer, 3)
    copied = copy.deepcopy(optimizer)
    descend(undisturbed, optimizer, 3, start=3)
    descend(copied.parameters, copied, 3, start=3)
    for one, other in zip(undisturbed, copied.parameters, strict=True):
        assert one is not other
        assert one.data.tobytes() == other.data.tobytes()


def test_a_momentum_that_was_set_between_two_steps_is_in_the_state() -> None:
    weight = Tensor(1.0)
    optimizer = SGD([weight], lr=0.1)
    descend([weight], optimizer, 1)
    optimizer.groups[0]["momentum"] = 0.9
    resumed = SGD([weight], lr=0.1)
    resumed.load_state_dict(optimizer.state_dict())
    assert resumed.state_dict()["states"] == {"0": {"steps": 1, "velocity": 0.0}}
    assert resumed.groups[0]["momentum"] == 0.9


def test_a_setting_that_left_its_range_between_two_steps_is_refused() -> None:
    weight = Tensor(1.0)
    weight.grad = np.array(1.0)
    optimizer = SGD([weight], lr=0.1)
    optimizer.groups[0]["lr"] = np.nan
    with pytest.raises(SettingError, match="SGD: lr is nan"):
        optimizer.step()
    optimizer.groups[0]["lr"] = 0.0  # where a schedule may end
    optimizer.step()
    assert weight.item() == 1.0


def test_a_parameter_that_rested_makes_its_own_first_step() -> None:
    early, late = Tensor(1.0), Tensor(1.0)
    adam = Adam([early, late], lr=0.1)
    early.grad = np.array(2.0)
    adam.step()
    late.grad = np.array(2.0)
    adam.step()
    # A first step of Adam is as long as the learning rate.
    assert late.item() == pytest.approx(0.9)


def test_groups_have_settings_of_their_own() -> None:
    bias, weight = Tensor(1.0), Tensor(1.0)
    optimizer = SGD(
        [{"parameters": [weight], "weight_decay": 0.5}, {"parameters": [bias], "lr": 0.2}], lr=0.1
    )
    weight.grad, bias.grad = np.array(1.0), np.array(1.0)
    optimizer.step()
    assert weight.item() == pytest.approx(1 - 0.1 * 1.5)
    assert bias.item() == pytest.approx(1 - 0.2)
    assert [group["lr"] for group in optimizer.groups] == [0.1, 0.2]
    assert optimizer.parameters == [weight, bias]
    optimizer.lr = 0.4
    assert [group["lr"] for group in optimizer.groups] == [0.4, 0.4]
    with pytest.raises(SettingError, match=r"SGD: lr is -1\.0; pass a finite number above 0"):
        optimizer.lr = -1


@pytest.mark.parametrize(
    ("kind", "settings"),
    [
        (SGD, {"lr": 0.1, "momentum": 0.9, "nesterov": True}),
        (Adagrad, {"lr": 0.01, "eps": 1e-6}),
        (RMSprop, {"lr": 0.001, "rho": 0.9, "eps": 1e-8}),
        (Adam, {"lr": 0.001, "betas": (0.9, 0.999), "eps": 1e-8}),
    ],
)
def test_the_settings_of_the_lectures_are_taken_under_the_documented_names(
    kind: Callable[..., Optimizer], settings: dict[str, Any]
) -> None:
    assert kind([Tensor(1.0)], **settings).groups[0].items() >= settings.items()
    assert inspect.getdoc(nn.optim) is not None
    for name, value in settings.items():
        written = f"{name}={value:g}" if isinstance(value, float) else f"{name}={value}"
        assert written.replace("1e-06", "1e-6").replace("1e-08", "1e-8") in str(nn.optim.__doc__)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda t: SGD([t], lr=0.1, momentum=1.0), r"SGD: momentum is 1\.0; it must be from 0 to"),
        (lambda t: SGD([t], lr=0.1, nesterov=True), "SGD: nesterov needs a momentum"),
        (lambda t: SGD([t], lr=0.1, weight_decay=-1), r"SGD: weight_decay is -1\.0; it must be"),
        (lambda t: Adagrad([t], eps=0), r"Adagrad: eps is 0\.0; it must be finite and above 0"),
        (lambda t: RMSprop([t], rho=-0.1), r"RMSprop: rho is -0\.1; it must be from 0"),
        (lambda t: Adam([t], betas=(0.9, 1.0)), r"Adam: betas\[1\] is 1\.0"),
        (lambda t: Adam([t], betas=0.9), r"Adam: betas is 0\.9; pass two numbers"),
        (lambda t: AdamW([t], eps=np.nan), r"AdamW: eps is nan"),
        (lambda t: Adam([{"parameters": [t]}, {"parameters": [t]}]), "is in two groups"),
        (lambda t: Adam([{"parameters": [t], "rate": 1}]), r"a group has 'parameters', 'rate'; it "
         r"is a dict of 'parameters' and, as needed, of 'lr', 'betas', 'eps', 'weight_decay'"),
        (lambda t: Adam([{"params": [t]}]), "a group has 'params'; it is a dict of 'parameters'"),
    ],
)  # fmt: skip
def test_settings_out_of_their_range_are_refused(
    make: Callable[[Tensor], Optimizer], message: str
) -> None:
    with pytest.raises(SettingError, match=message):
        make(Tensor(1.0))


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (Tensor(1.0), "Adam: parameters is a Tensor; pass a list of Tensors"),
        ({"parameters": [Tensor(1.0)]}, "Adam: parameters is one group; pass a list of groups"),
        ([{"parameters": Tensor([1.0])}], "Adam: parameters is a Tensor; pass a list of Tensors"),
        (nn.Tanh(), "Adam: parameters is a Tanh; pass a list of Tensors"),
        (None, "Adam: parameters is a NoneType; pass a list of Tensors"),
        ([Tensor(1.0), 2.0], r"Adam: parameter 1 is 2\.0, not a Tensor"),
        ([Tensor(1.0) * 2.0], r"Adam: parameter 0 is the result of a gate \(mul\)"),
    ],
)
def test_what_are_no_parameters_is_refused(given: Any, message: str) -> None:
    with pytest.raises(OperandError, match=message):
        Adam(given)


def test_a_setting_that_is_no_number_is_refused() -> None:
    with pytest.raises(OperandError, match=r"lr of an optimizer is '0\.1'; pass a number"):
        Adam([Tensor(1.0)], lr="0.1")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda s: s.pop("groups"), r"Adam: the state holds 'states'; an optimizer's has"),
        (lambda s: s["groups"].append({}), "the state has 2 groups, and this optimizer 1"),
        (lambda s: s.update(groups=None), "the state has 0 groups, and this optimizer 1"),
        (lambda s: s["groups"][0].update(lr=np.nan), "group 0 of the state: Adam: lr is nan"),
        (lambda s: s["groups"][0].update(lr="fast"), "group 0 of the state: lr of an optimizer"),
        (lambda s: s["groups"][0].update(betas=[0.9]), r"group 0 .* betas is \(0\.9,\); pass two"),
        (lambda s: s["states"].pop("1"), "has no parameter '1', and this optimizer has 3, counted"),
        (lambda s: s["states"]["1"].update(steps=-1), "steps of parameter 1 is -1 in the state"),
        (lambda s: s["states"]["1"].update(steps=1.5), r"steps of parameter 1 is 1\.5 in the st"),
        (
            lambda s: s["states"]["2"].update(square=np.array("x")),
            "square of parameter 2 holds what is no number",
        ),
        (lambda s: s["groups"][0].pop("eps"), "group 0 of the state has 'lr', 'betas', 'weight"),
        (lambda s: s["states"].update({"3": {}}), "the state has a parameter '3', and this opti"),
        (lambda s: s["states"]["1"].pop("mean"), "the state of parameter 1 has 'steps', 'square'"),
        (lambda s: s["states"]["1"].pop("steps"), "the state of parameter 1 has 'mean', 'square'"),
        (
            lambda s: s["states"]["0"].update(mean=np.zeros(4)),
            r"mean of parameter 0 has shape \(4,\) in the state, and the parameter \(3, 4\)",
        ),
    ],
)
def test_a_state_that_does_not_fit_is_refused_and_nothing_changed(
    change: Callable[[Any], Any], message: str
) -> None:
    given = parameters()
    optimizer = Adam(given, lr=0.1)
    descend(given, optimizer, 2)
    state = optimizer.state_dict()
    change(state)
    before = repr(optimizer.state_dict())
    with pytest.raises(StateError, match=message):
        optimizer.load_state_dict(state)
    assert repr(optimizer.state_dict()) == before


def test_an_optimizer_shows_its_settings() -> None:
    assert repr(SGD([Tensor(1.0)], lr=0.1)) == (
        "SGD(lr=0.1, momentum=0.0, nesterov=False, weight_decay=0.0)"
    )

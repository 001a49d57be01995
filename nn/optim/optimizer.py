"""Optimizer: what all of them do, whatever the rule of their steps."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, ClassVar, TypeAlias

import numpy as np
import numpy.typing as npt

from autograd import Tensor
from autograd.errors import OperandError, SettingError, StateError
from autograd.update_rules import L2_DECAY, Decay, UpdateRule
from nn.arguments import require_parameters

__all__ = ["Group", "Optimizer", "Parameters"]

Group: TypeAlias = dict[str, Any]
"""`parameters`, and by their names the settings of their steps."""
Parameters: TypeAlias = Iterable[Tensor] | Iterable[Mapping[str, Any]]
"""Parameters, or groups of them with settings of their own."""
Array: TypeAlias = npt.NDArray[Any]


class Optimizer:
    """Moves parameters along their gradients; a subclass says by which rule.

    The parameters stand in `groups`, each a dict of `parameters` and of the settings of their
    steps, such as `lr`; a setting may be changed between two steps, as a `Scheduler` does.

    Args:
        parameters: what is trained, such as `net.parameters()`; one that comes twice is stepped
            once. Or groups, dicts of `parameters` and of the settings that are to differ.
        settings: those of every group that has none of its own.

    Raises:
        OperandError: parameters are not Tensors.
        SettingError: there are none, one is in two groups, or a setting is unknown or out of its
            range.
    """

    decay: ClassVar[Decay] = L2_DECAY
    """What weight decay does before each step."""

    def __init__(self, parameters: Parameters, **settings: Any) -> None:
        self._name = type(self).__name__
        # By the parameter itself, so that they follow it into a copy.
        self._states: dict[Tensor, _State] = {}
        self.groups = [self._group(given, settings) for given in self._given(parameters)]
        members = [id(parameter) for parameter in self._parameters()]
        if not members:
            raise SettingError(f"{self._name}: no parameters to train; pass module.parameters()")
        if len(set(members)) < len(members):
            raise SettingError(f"{self._name}: a parameter is in two groups; put it into one")

    def rule(self, group: Group) -> UpdateRule:
        """The rule of the steps of a group."""
        raise NotImplementedError

    def rule_settings(self, group: Group, step: int) -> Sequence[float]:
        """The settings of the rule, without lr, at the step of a parameter, counted from 0."""
        raise NotImplementedError

    def check(self, group: Group) -> None:
        """Refuse settings that are out of their range.

        Raises:
            SettingError: naming the setting.
        """
        lr, decay = group["lr"], group["weight_decay"]
        if not (lr > 0 and math.isfinite(lr)):
            raise SettingError(
                f"{self._name}: lr is {lr!r}; pass a finite number above 0, such as 0.1"
            )
        if not (decay >= 0 and math.isfinite(decay)):
            raise SettingError(
                f"{self._name}: weight_decay is {decay!r}; it must be finite and not below 0"
            )

    @property
    def parameters(self) -> list[Tensor]:
        """The parameters of all groups."""
        return list(self._parameters())

    @property
    def lr(self) -> float:
        """The learning rate of the first group; assigned to, that of all groups."""
        return float(self.groups[0]["lr"])

    @lr.setter
    def lr(self, lr: float) -> None:
        for group in self.groups:
            settings = {**_settings_of(group), "lr": _plain("lr", lr)}
            self.check(settings)
            group.update(settings)

    def __repr__(self) -> str:
        settings = [
            ", ".join(f"{name}={value!r}" for name, value in _settings_of(group).items())
            for group in self.groups
        ]
        return f"{self._name}({'; '.join(settings)})"

    def step(self) -> None:
        """Move every parameter that has a gradient.

        Raises:
            StateError: no parameter has one, so nothing would be learned.
            SettingError: a setting of a group is out of its range by now; nothing is moved then.
        """
        moved = False
        for group in self.groups:
            self._check_in_use(group)
        for group in self.groups:
            rule = self.rule(group)
            for parameter in group["parameters"]:
                if parameter.grad is not None:
                    self._move(parameter, group, rule)
                    moved = True
        if not moved:
            raise StateError(
                f"{self._name}.step: no parameter has a gradient; call loss.backward() first"
            )

    def zero_grad(self) -> None:
        """Set the gradient of every parameter to None."""
        for parameter in self._parameters():
            parameter.zero_grad()

    def state_dict(self) -> dict[str, Any]:
        """All that the further steps depend on, but for the parameters themselves.

        `groups` has the settings of each group, `states` for each parameter, by its place, how
        many `steps` it has made, and the arrays that its rule keeps.
        """
        return {
            "groups": [_settings_of(group) for group in self.groups],
            "states": {
                str(place): self._state_of(parameter, self.rule(group)).as_dict()
                for place, (parameter, group) in enumerate(self._members())
            },
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from a state that `state_dict` gave, of an optimizer of the same kind.

        Raises:
            StateError: it has other groups, settings, parameters or arrays than this optimizer.
                Nothing is changed then.
        """
        found = list(state) if isinstance(state, Mapping) else [type(state).__name__]
        if set(found) != {"groups", "states"}:
            raise StateError(
                f"{self._name}: the state holds {', '.join(map(repr, found)) or 'nothing'}; an "
                "optimizer's has 'groups' and 'states'"
            )
        settings = self._fitting_settings(state["groups"])
        states = self._fitting_states(state["states"], settings)
        for group, new in zip(self.groups, settings, strict=True):
            group.update(new)
        self._states = states

    def _given(self, parameters: Parameters) -> Iterator[Mapping[str, Any]]:
        if isinstance(parameters, Mapping):
            raise OperandError(f"{self._name}: parameters is one group; pass a list of groups")
        if isinstance(parameters, Sequence) and all(isinstance(p, Mapping) for p in parameters):
            yield from parameters
        else:
            yield {"parameters": parameters}

    def _group(self, given: Mapping[str, Any], defaults: Mapping[str, Any]) -> Group:
        unknown = given.keys() - {"parameters", *defaults}
        if "parameters" not in given or unknown:
            raise SettingError(
                f"{self._name}: a group has {', '.join(map(repr, given)) or 'nothing'}; it is a "
                f"dict of 'parameters' and, as needed, of {', '.join(map(repr, defaults))}"
            )
        members = require_parameters(given["parameters"], self._name)
        for position, member in enumerate(members):
            if member.gate is not None:
                raise OperandError(
                    f"{self._name}: parameter {position} is the result of a gate "
                    f"({member.gate.name}), which no step can change; pass what it was made from"
                )
        settings = {name: _plain(name, given.get(name, value)) for name, value in defaults.items()}
        self.check(settings)
        return {"parameters": members, **settings}

    def _check_in_use(self, group: Group) -> None:
        # A schedule may have brought the learning rate to 0, which no user would begin with.
        self.check({**group, "lr": group["lr"] or 1.0})

    def _members(self) -> Iterator[tuple[Tensor, Group]]:
        for group in self.groups:
            for parameter in group["parameters"]:
                yield parameter, group

    def _parameters(self) -> Iterator[Tensor]:
        return (parameter for parameter, _ in self._members())

    def _state_of(self, parameter: Tensor, rule: UpdateRule) -> _State:
        """What is kept for a parameter; what the rule keeps, and has not kept so far, is 0."""
        state = self._states.setdefault(parameter, _State())
        if state.arrays.keys() != set(rule.states):
            state.arrays = {
                name: state.arrays.get(name, np.zeros(parameter.shape, parameter.dtype))
                for name in rule.states
            }
        return state

    def _move(self, parameter: Tensor, group: Group, rule: UpdateRule) -> None:
        state = self._state_of(parameter, rule)
        array, gradient = np.asarray(parameter), parameter.grad
        assert gradient is not None
        kept = [state.arrays[name] for name in rule.states]
        # A NumPy float64 would turn float32 parameters into float64.
        settings = [float(group["lr"]), *self.rule_settings(group, state.steps)]
        if group["weight_decay"]:
            rule = rule.after(self.decay)
            settings.append(float(group["weight_decay"]))
        # A fresh array: whoever holds the old one, as a record of the run, keeps its numbers.
        parameter.replace_data(rule.advance(array, gradient, kept, settings))
        state.steps += 1

    def _fitting_settings(self, given: Sequence[Mapping[str, Any]]) -> list[Group]:
        groups = given if isinstance(given, list | tuple) else []
        if len(groups) != len(self.groups):
            raise StateError(
                f"{self._name}: the state has {len(groups)} groups, and this optimizer "
                f"{len(self.groups)}"
            )
        fitting = []
        for place, (group, new) in enumerate(zip(self.groups, groups, strict=True)):
            _require_names(_settings_of(group), new, f"{self._name}: group {place} of the state")
            try:
                fitting.append({name: _plain(name, value) for name, value in new.items()})
                self._check_in_use(fitting[-1])
            except (OperandError, SettingError) as error:
                raise StateError(f"group {place} of the state: {error}") from error
        return fitting

    def _fitting_states(
        self, given: Mapping[str, Mapping[str, Any]], settings: Sequence[Group]
    ) -> dict[Tensor, _State]:
        groups = zip(self.groups, settings, strict=True)
        owners = [(each, new) for group, new in groups for each in group["parameters"]]
        places = {str(place): owner for place, owner in enumerate(owners)}
        found = given if isinstance(given, Mapping) else {}
        if unknown := found.keys() - places.keys():
            raise StateError(
                f"{self._name}: the state has a parameter {min(unknown)!r}, and this optimizer "
                f"has {len(owners)}, counted from 0"
            )
        if missing := places.keys() - found.keys():
            raise StateError(
                f"{self._name}: the state has no parameter {min(missing, key=int)!r}, and this "
                f"optimizer has {len(owners)}, counted from 0"
            )
        return {
            parameter: self._fitting_state(place, found[place], parameter, self.rule(group))
            for place, (parameter, group) in places.items()
        }

    def _fitting_state(
        self, place: str, given: Mapping[str, Any], parameter: Tensor, rule: UpdateRule
    ) -> _State:
        _require_names(
            ("steps", *rule.states), given, f"{self._name}: the state of parameter {place}"
        )
        steps = given["steps"]
        if not isinstance(steps, int | np.integer) or steps < 0:
            raise StateError(
                f"{self._name}: steps of parameter {place} is {steps!r} in the state; it is a "
                "whole number from 0 on"
            )
        arrays = {}
        for name in rule.states:
            if np.shape(given[name]) != parameter.shape:
                raise StateError(
                    f"{self._name}: {name} of parameter {place} has shape "
                    f"{np.shape(given[name])} in the state, and the parameter {parameter.shape}"
                )
            try:
                arrays[name] = np.array(given[name], parameter.dtype, order="C")
            except (TypeError, ValueError) as error:
                raise StateError(
                    f"{self._name}: {name} of parameter {place} holds what is no number"
                ) from error
        return _State(int(steps), arrays)


class _State:
    """What is kept for a parameter from step to step."""

    def __init__(self, steps: int = 0, arrays: dict[str, Array] | None = None) -> None:
        self.steps = steps
        self.arrays = arrays or {}

    def as_dict(self) -> dict[str, Any]:
        # Copies: the next step writes over the arrays.
        return {
            "steps": self.steps,
            **{name: array.copy() for name, array in self.arrays.items()},
        }


def _require_names(expected: Iterable[str], given: Mapping[str, Any], what: str) -> None:
    names = list(given) if isinstance(given, Mapping) else []
    if set(names) != set(expected):
        raise StateError(
            f"{what} has {', '.join(map(repr, names)) or 'nothing'}; this optimizer has "
            f"{', '.join(map(repr, expected))}"
        )


def _settings_of(group: Group) -> Group:
    return {name: value for name, value in group.items() if name != "parameters"}


def _plain(name: str, value: Any) -> Any:
    """A setting as Python's own numbers, which take on the dtype of an array."""
    if isinstance(value, tuple | list):
        return tuple(_plain(name, part) for part in value)
    if isinstance(value, bool | np.bool_):
        return bool(value)
    if not isinstance(value, int | float | np.number):
        raise OperandError(f"{name} of an optimizer is {value!r}; pass a number")
    return float(value)

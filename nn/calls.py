"""What a model computes, call by call: which module made which node of the graph."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from autograd import is_node
from nn.module import Module
from nn.observation import observed

__all__ = ["Call", "Calls", "recorded_calls"]


@dataclass
class Call:
    """One call of a module."""

    path: str
    """That of the module in the model; "" for the model itself."""
    module: Module
    inputs: tuple[Any, ...]
    output: Any
    parent: int | None = None
    """The place of the call within which this one was made; None for that of the model."""


@dataclass(frozen=True)
class Calls:
    """The calls of all modules of a model, in the order in which they ended, the model's last."""

    output: Any
    calls: tuple[Call, ...]
    owners: dict[int, int]
    """For the id of each node that gates made, the place of the innermost call that made it."""

    def chain(self, place: int | None) -> list[int]:
        """The places of a call and of those around it, from the model inwards."""
        found = []
        while place is not None:
            found.append(place)
            place = self.calls[place].parent
        return found[::-1]


def recorded_calls(model: Module, *inputs: Any) -> Calls:
    """Call a model, in the mode that it is in, and tell what each of its modules has made.

    >>> import numpy as np
    >>> from nn import Linear, Sequential, Tanh
    >>> net = Sequential(Linear(2, 3, rng=np.random.default_rng(0)), Tanh())
    >>> found = recorded_calls(net, np.ones((5, 2)))
    >>> [(call.path, type(call.module).__name__, call.parent) for call in found.calls]
    [('0', 'Linear', 2), ('1', 'Tanh', 2), ('', 'Sequential', None)]
    >>> found.calls[found.owners[id(found.output)]].path
    '1'
    """
    recorder = _Recorder(model)
    with observed(recorder.note, recorder.begin):
        output = model(*inputs)
    return Calls(output, tuple(recorder.calls), recorder.owners)


class _Recorder:
    """Takes down calls as they end."""

    def __init__(self, model: Module) -> None:
        self.calls: list[Call] = []
        self.owners: dict[int, int] = {}
        self._paths = {id(module): path for path, module in model.named_modules()}
        self._begun: list[int] = []
        """For each call that has not ended, how many had when it began."""

    def begin(self, module: Module) -> None:
        self._begun.append(len(self.calls))

    def note(self, module: Module, inputs: tuple[Any, ...], output: Any) -> None:
        place, first = len(self.calls), self._begun.pop()
        for call in self.calls[first:]:
            call.parent = place if call.parent is None else call.parent
        self.calls.append(Call(self._paths.get(id(module), ""), module, inputs, output))
        seen = {id(x) for x in inputs}
        waiting = [output]
        while waiting:
            node = waiting.pop()
            if isinstance(node, list | tuple):
                waiting.extend(node)
            elif id(node) not in seen and is_node(node) and node.operands:
                seen.add(id(node))
                # What was made before this call began is none of its making.
                if self.owners.setdefault(id(node), place) >= first:
                    waiting.extend(node.operands)

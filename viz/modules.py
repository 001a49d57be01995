"""The magnifications of a model: its layers as boxes, opened or closed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from autograd import is_node
from autograd.errors import OperandError, SettingError
from nn import Module
from nn.calls import Calls, recorded_calls
from nn.modes import modes_kept

from .grouping import Group, Grouping

__all__ = ["ModelRun", "model_run", "require_paths"]

Block: TypeAlias = list[int]
"""The places of calls that are drawn as one box, the first of which gives it its name."""


@dataclass(frozen=True)
class ModelRun:
    """One forward pass of a model, and a backward pass if a loss was given."""

    model: Module
    found: Calls
    root: Any
    """The output of the model, or its loss."""
    inputs: tuple[Any, ...]

    def grouping(self, closed: Callable[[str], bool], *, together: bool) -> Grouping:
        """The layers that are closed as groups.

        Args:
            closed: whether the module of a path is drawn as one box, if it is reached at all.
            together: whether layers without parameters share the box of the layer before them,
                and layers that are repeated have one box for all.
        """
        blocks = [[place] for place in self._outermost(closed)]
        groups: dict[int, Group] = {}
        for run in self._rolled_up(self._folded(blocks)) if together else [[b] for b in blocks]:
            group = self._group(run)
            groups |= {place: group for block in run for place in block}
        by_node = {}
        for node, place in self.found.owners.items():
            for around in self.found.chain(place):
                if around in groups:
                    by_node[node] = groups[around]
        parameters = frozenset(id(parameter) for parameter in self.model.parameters())
        return Grouping(by_node, parameters, frozenset(id(x) for x in self.inputs))

    def _outermost(self, closed: Callable[[str], bool]) -> list[int]:
        """The places of the calls that are closed and not within another such."""
        found = []
        for place, call in enumerate(self.found.calls):
            *around, _ = (closed(self.found.calls[each].path) for each in self.found.chain(place))
            if closed(call.path) and not any(around):
                found.append(place)
        return found

    def _folded(self, blocks: list[Block]) -> list[Block]:
        """The blocks, each with the layers without parameters that follow it."""
        found: list[Block] = []
        for block in blocks:
            call = self.found.calls[block[0]]
            if found and not call.module.parameters() and self._follows(found[-1], block):
                found[-1] = found[-1] + block
            else:
                found.append(block)
        return found

    def _follows(self, before: Block, block: Block) -> bool:
        inputs = self.found.calls[block[0]].inputs
        return len(inputs) == 1 and inputs[0] is self.found.calls[before[-1]].output

    def _rolled_up(self, blocks: list[Block]) -> list[list[Block]]:
        """The blocks in runs, of which each repeats one block."""
        runs: list[list[Block]] = []
        for block in blocks:
            last = runs[-1][-1] if runs else None
            if last and self._follows(last, block) and self._is_like(last, block):
                runs[-1].append(block)
            else:
                runs.append([block])
        # Twice is sooner seen than read.
        return [part for run in runs for part in ([run] if len(run) > 2 else [[b] for b in run])]

    def _is_like(self, one: Block, other: Block) -> bool:
        return self._signature(one) == self._signature(other)

    def _signature(self, block: Block) -> list[tuple[Any, ...]]:
        calls = [self.found.calls[place] for place in block]
        return [
            (
                type(call.module),
                [parameter.shape for parameter in call.module.parameters()],
                [np.shape(x) for x in call.inputs],
            )
            for call in calls
        ]

    def _group(self, run: list[Block]) -> Group:
        calls = [self.found.calls[place] for place in run[0]]
        parameters = {
            id(parameter): parameter.size
            for block in run
            for place in block
            for parameter in self.found.calls[place].module.parameters()
        }
        rows = [f"{sum(parameters.values()):,} parameters"] if parameters else []
        rows += [f"{call.path} {type(call.module).__name__}" for call in calls[1:]]
        path = calls[0].path
        if len(run) > 1:
            path = f"{path} … {self.found.calls[run[-1][0]].path}"
            rows.insert(0, f"{len(run)} times")
        told = [" ".join(repr(call.module).split()) for call in calls]
        return Group(path, type(calls[0].module).__name__, tuple(rows), ", ".join(told))


@contextmanager
def model_run(
    model: Module, sample: Any, loss: Callable[[Any], Any] | None = None
) -> Iterator[ModelRun]:
    """Run a model on a sample, in `eval` mode, and leave its modes and gradients as they were.

    Args:
        model: what is drawn.
        sample: its input, or a tuple of its inputs.
        loss: from its output to a node (), from which gradients go back; none go without.

    Raises:
        OperandError: the output is no node, or the loss is none.
    """
    inputs = sample if isinstance(sample, tuple) else (sample,)
    inputs = tuple(x if is_node(x) else np.asarray(x) for x in inputs)
    kept = [(parameter, parameter.grad) for parameter in model.parameters()]
    with modes_kept(model):
        model.eval()  # so that no layer changes its state, or draws random numbers
        model.zero_grad()
        try:
            found = recorded_calls(model, *inputs)
            root = found.output if loss is None else loss(found.output)
            if not is_node(root):
                what = "the model" if loss is None else "the loss"
                raise OperandError(f"cannot draw: {what} gives a {type(root).__name__}, no node")
            if loss is not None:
                root.backward()
            yield ModelRun(model, found, root, inputs)
        finally:
            for parameter, gradient in kept:
                parameter.grad = gradient


def require_paths(model: Module, paths: Sequence[str], argument: str) -> None:
    """Refuse paths at which a model has no module.

    Raises:
        SettingError: naming the first of them, and what there is.
    """
    known = [path for path, _ in model.named_modules()]
    for path in paths:
        if path not in known:
            shown = ", ".join(map(repr, known[1:13])) + (", ..." if len(known) > 13 else "")
            raise SettingError(f"{argument}={path!r}: the model has no such module; it has {shown}")

"""The steps of a pass over a graph, forward and backward, as data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np

from autograd import Value, is_node

from ..circuit import Circuit, Wire
from ..formulas import expression, short_number, signed
from ..names import displayed_name
from ..numerals import array_text

__all__ = ["Frame", "Phase", "frames_of"]

Phase: TypeAlias = Literal["start", "forward", "seed", "backward", "sum", "update", "end"]


@dataclass(frozen=True)
class Frame:
    """One step: what lights up, which numbers appear, and what is said."""

    phase: Phase
    name: str
    """Of the node that the step is about; "" for the whole graph."""
    gate: str
    """Of the gate at work, "" if there is none."""
    lines: tuple[str, ...]
    """The formulas, with their numbers."""
    lit: tuple[str, ...]
    """The keys of the pieces and wires that light up."""
    values: tuple[str, ...] = ()
    """The keys of the wires whose value appears."""
    gradients: tuple[str, ...] = ()
    """The keys of the wires whose gradient appears."""


def frames_of(
    circuit: Circuit,
    order: Sequence[Any],
    called: Mapping[int, str],
    *,
    digits: int,
    lr: float | None,
) -> tuple[Frame, ...]:
    """The steps of a forward pass, of a backward pass, and of an update of the leaves.

    Args:
        circuit: that of the nodes, with their gradients of a single pass.
        order: the nodes in topological order.
        called: what they are called, by their ids.
        digits: decimals of numbers that are not whole.
        lr: the learning rate of the update; None for none.
    """
    return tuple(_Walker(circuit, order, called, digits, lr).frames())


class _Walker:
    def __init__(
        self,
        circuit: Circuit,
        order: Sequence[Any],
        called: Mapping[int, str],
        digits: int,
        lr: float | None,
    ) -> None:
        self.order = order
        self.called = called
        self.digits = digits
        self.lr = lr
        self.wires = circuit.wires
        self.numbers = {id(node): number for number, node in enumerate(order)}
        self.leaving: dict[str, list[Wire]] = {}
        self.entering: dict[str, list[Wire]] = {}
        for wire in circuit.wires:
            self.leaving.setdefault(wire.source, []).append(wire)
            self.entering.setdefault(wire.target, []).append(wire)
        self.received: dict[int, list[Any]] = {id(node): [] for node in order}
        for node in order:
            for operand, part in zip(node.operands, self._parts(node), strict=True):
                if part is not None:
                    self.received[id(operand)].append(part)

    def frames(self) -> Iterator[Frame]:
        yield self._start()
        gates = [node for node in self.order if node.gate is not None]
        yield from map(self._forward, gates)
        yield self._seed()
        for node in reversed(self.order):
            if len(self.received[id(node)]) > 1:
                yield self._sum(node)
            if node.gate is not None:
                yield self._backward(node)
        leaves = [node for node in self.order if node.gate is None]
        if self.lr is not None:
            yield from map(self._update, leaves)
        yield self._end(leaves)

    def _start(self) -> Frame:
        leaves = [node for node in self.order if node.gate is None]
        lines = [f"{self._name(node)} = {self._number(node.data)}" for node in leaves]
        sources = [self._key(node) for node in leaves]
        sources += [key for key in self.leaving if key.startswith("c")]
        wires = [wire.key for key in sources for wire in self._wires_of(key)]
        return Frame("start", "", "", tuple(lines), tuple(sources), tuple(wires))

    def _forward(self, node: Any) -> Frame:
        key = self._key(node)
        symbols = expression(_symbol(node), [self._name_or_number(x) for x in node.operands])
        texts = [self._number(_data(x)) for x in node.operands]
        numbers = expression(_symbol(node), [texts[0], *map(signed, texts[1:])])
        shown = dict.fromkeys((self._name(node), symbols, numbers, self._number(node.data)))
        appearing = [wire.key for wire in self._wires_of(key)]
        lit = (key, *(wire.key for wire in self.entering[key]), *appearing)
        return Frame(
            "forward", self._name(node), _gate(node), (" = ".join(shown),), lit, tuple(appearing)
        )

    def _seed(self) -> Frame:
        root = self.order[-1]
        line = f"{self._derivative(root)} = {self._number(root.grad)}"
        wire = self.wires[-1].key
        lit = (self._key(root), wire, "out")
        return Frame("seed", self._name(root), "", (line,), lit, gradients=(wire,))

    def _backward(self, node: Any) -> Frame:
        key = self._key(node)
        lines = [
            self._chain(node, slot, operand, part)
            for slot, (operand, part) in enumerate(
                zip(node.operands, self._parts(node), strict=True)
            )
            if part is not None
        ]
        appearing = tuple(wire.key for wire in self.entering[key] if wire.gradient is not None)
        lit = (key, *appearing, *(wire.key for wire in self._wires_of(key)))
        return Frame(
            "backward", self._name(node), _gate(node), tuple(lines), lit, gradients=appearing
        )

    def _chain(self, node: Any, slot: int, operand: Any, part: Any) -> str:
        """The chain rule for one operand; the whole gradient is named if this is all of it."""
        upstream, name = self._derivative(node), self._name(node)
        texts = [f"{upstream} · ∂{name}/∂{self._name(operand)}"]
        if len(self.received[id(operand)]) == 1:
            texts.insert(0, self._derivative(operand))
        if isinstance(node, Value):
            local = self._number(node.contributions(1.0)[slot])
            texts.append(f"{self._number(node.grad)} · {signed(local)}")
        return " = ".join([*texts, self._number(part)])

    def _sum(self, node: Any) -> Frame:
        key = self._key(node)
        first, *others = [self._number(part) for part in self.received[id(node)]]
        parts = " + ".join([first, *map(signed, others)])
        line = f"{self._derivative(node)} = {parts} = {self._number(node.grad)}"
        stems = self._stems(key)
        appearing = tuple(wire.key for wire in stems)
        forks = tuple(wire.target for wire in stems)
        beyond = tuple(wire.key for fork in forks for wire in self.leaving.get(fork, ()))
        return Frame(
            "sum", self._name(node), "", (line,), (*appearing, *forks, *beyond), (), appearing
        )

    def _update(self, leaf: Any) -> Frame:
        name, lr = self._name(leaf), f"{self.lr:g}"
        gradient = 0.0 if leaf.grad is None else leaf.grad
        with np.errstate(all="ignore"):
            new = leaf.data - (self.lr or 0.0) * gradient
        line = (
            f"{name} ← {name} - η · {self._derivative(leaf)} = "
            f"{self._number(leaf.data)} - {lr} · {signed(self._number(gradient))} = "
            f"{self._number(new)}"
        )
        key = self._key(leaf)
        return Frame("update", name, "", (line,), (key, *(w.key for w in self.leaving[key])))

    def _end(self, leaves: Sequence[Any]) -> Frame:
        lines = [
            f"{self._derivative(leaf)} = {self._number(leaf.grad)}"
            for leaf in leaves
            if leaf.grad is not None
        ]
        return Frame("end", "", "", tuple(lines), tuple(map(self._key, leaves)))

    def _parts(self, node: Any) -> tuple[Any, ...]:
        """What a node sends back to each operand; None to a constant."""
        if not node.operands or node.grad is None:
            return (None,) * len(node.operands)
        with np.errstate(all="ignore"):
            return tuple(node.contributions())

    def _wires_of(self, key: str) -> Iterator[Wire]:
        """The wires that carry a node's value: those that leave it, and its fork."""
        for wire in self.leaving[key]:
            yield wire
            if wire.role == "stem":
                yield from self.leaving[wire.target]

    def _stems(self, key: str) -> list[Wire]:
        return [wire for wire in self.leaving[key] if wire.role == "stem"]

    def _key(self, node: Any) -> str:
        return f"n{self.numbers[id(node)]}"

    def _name(self, node: Any) -> str:
        return self.called[id(node)]

    def _name_or_number(self, operand: Any) -> str:
        return self._name(operand) if is_node(operand) else self._number(operand)

    def _derivative(self, node: Any) -> str:
        return f"∂{self._name(self.order[-1])}/∂{self._name(node)}"

    def _number(self, data: Any) -> str:
        array = np.asarray(data)
        if array.ndim == 0:
            return short_number(float(array), self.digits)
        text = array_text(array, self.digits)
        return text if text.startswith("[") else f"{array.shape} {text}"


def _symbol(node: Any) -> str:
    return displayed_name(node.gate.symbol)


def _gate(node: Any) -> str:
    return displayed_name(node.gate.name)


def _data(operand: Any) -> Any:
    return operand.data if is_node(operand) else operand

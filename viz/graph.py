"""From a node to its circuit, the drawing model.

A circuit is a snapshot: what happens to the nodes later does not change it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import numpy as np

from autograd import Program, Value, is_node, topological_order
from autograd.errors import GradientMismatch, OperandError

from .circuit import Amount, Circuit, Fork, GateBox, GroupBox, Piece, Terminal, Wire
from .grouping import Grouping, Unit, units_of
from .names import displayed_name, names_by_identity
from .numerals import array_text, exact_text, shape_text, summary_text
from .wires import Shown, WireTexts

__all__ = ["Drawable", "GraphToDraw", "circuit_of", "graph_to_draw", "has_run"]

NOT_RUN = "values only: backward() has not run"
SLACK = 1e-4
"""How far, for its size, a sum in single precision may be off."""
BLAMED = "the derivative of the gate {gate}, marked, is wrong"


class Drawable(Protocol):
    """What a drawing asks of a node; both Value and Tensor have it."""

    name: str | None

    @property
    def data(self) -> Any:
        """The value: a number or an array."""

    @property
    def grad(self) -> Any:
        """The gradient, of the shape of the data; 0.0 or None before a pass."""

    @property
    def gate(self) -> Any:
        """The gate, with a name, a symbol and a formula; None for a leaf."""

    @property
    def operands(self) -> tuple[Any, ...]:
        """Nodes and constants, in order; () for a leaf."""

    def contributions(self) -> tuple[Any, ...]:
        """What the gradient sends back along the wire to each operand; None to a constant."""


@dataclass(frozen=True)
class GraphToDraw:
    """The root of a graph, and the gate in it whose derivative is wrong, if one is."""

    root: Any
    blamed: Any = None


def graph_to_draw(drawn: Any) -> GraphToDraw:
    """What is drawn of a node, a program or a GradientMismatch.

    A program is drawn at the numbers that it was traced with, and with its gradients.

    Raises:
        OperandError: if it is not a node and has none.
    """
    root, blamed = drawn, None
    if isinstance(root, GradientMismatch):
        if root.node is None:
            raise OperandError(
                "cannot draw this GradientMismatch: the gradient was given from outside, by "
                "gradient=, and there is no graph of it"
            )
        root, blamed = root.node, root.blamed
    if isinstance(root, Program):
        root = _root_of(root)
    if not is_node(root):
        raise OperandError(
            f"cannot draw {_brief(root)}, which is no node of a graph; pass a Value or a Tensor, "
            "such as a loss"
        )
    return GraphToDraw(root, blamed)


def circuit_of(
    drawn: Any,
    *,
    names: Mapping[str, Any] | None = None,
    called: Mapping[int, str] | None = None,
    digits: int = 2,
    title: str | None = None,
    grouping: Grouping | None = None,
    texts: WireTexts | None = None,
) -> Circuit:
    """The circuit of a Value, a Tensor, a program, or the graph that a mismatch carries.

    Nodes are named by ``names``, as `draw` says, or by their ids in ``called``. Pieces and wires
    are numbered in topological order, so the same program gives the same circuit.

    Raises:
        OperandError: if ``drawn`` is not a node and has none, or ``names`` not a mapping.
        FormatError: if ``digits`` is not a number of decimals.

    >>> from autograd import Value
    >>> circuit = circuit_of(Value(2.0) * 3.0)
    >>> [wire.value.text for wire in circuit.wires]
    ['2.00', '3.00', '6.00']
    """
    graph = drawn if isinstance(drawn, GraphToDraw) else graph_to_draw(drawn)
    if names is not None and not isinstance(names, Mapping):
        raise OperandError(
            f"names={_brief(names)} is not a mapping from names to nodes; pass names=locals() or "
            'names={"x": x}'
        )
    order = topological_order(graph.root)
    by_identity = names_by_identity(names or {}) | dict(called or {})
    builder = _Builder(order, by_identity, digits, graph.blamed, grouping, texts)
    return builder.build(displayed_name(title or "", limit=120))


def _root_of(program: Program) -> Any:
    """The result of a program, differentiated."""
    results = program.graph()
    if len(results) != 1:
        raise OperandError(
            f"cannot draw {program!r}, which has {len(results)} results; pass one of "
            "program.graph()"
        )
    if is_node(results[0]):
        results[0].backward()
    return results[0]


def _brief(thing: object) -> str:
    text = repr(thing)
    return f"{type(thing).__name__} {text if len(text) <= 60 else text[:57] + '...'}"


def has_run(root: Drawable) -> bool:
    """Whether backward() has reached ``root``: an untouched Value has a gradient of 0.0."""
    return root.grad is not None and (isinstance(root.grad, np.ndarray) or root.grad != 0.0)


def _arguments_text(node: Drawable) -> str:
    """The arguments of an array gate that say something: axis=0, but not keepdims=False."""
    arguments: Mapping[str, Any] | None = getattr(node, "arguments", None)
    if not arguments:
        return ""
    shown = [
        _argument_text(value) if key == "index" else f"{key}={_argument_text(value)}"
        for key, value in arguments.items()
        if value is not None and value is not False
    ]
    return displayed_name(", ".join(shown))


def _argument_text(argument: Any) -> str:
    if isinstance(argument, slice):
        parts = ["" if part is None else str(part) for part in (argument.start, argument.stop)]
        return ":".join(parts if argument.step is None else [*parts, str(argument.step)])
    if isinstance(argument, tuple):
        inside = ", ".join(map(_argument_text, argument))
        return f"({inside})" if all(isinstance(part, int) for part in argument) else inside
    if isinstance(argument, (np.ndarray, list)):
        return f"{np.shape(argument)} array"
    return "…" if argument is Ellipsis else str(argument)


def _constant_label(constant: Any) -> str:
    """The number of a constant as one would write it in a program; "" for an array."""
    array = np.asarray(constant)
    if array.ndim:
        return ""
    number = array[()]
    if array.dtype.kind != "f":
        return displayed_name(number)
    return re.sub(r"e([+-])0*", lambda exponent: f"e{exponent[1].strip('+')}", f"{number:.6g}")


class _Builder:
    """Collects the pieces and wires of one circuit, unit by unit in topological order."""

    def __init__(
        self,
        order: list[Any],
        names: Mapping[int, str],
        digits: int,
        blamed: Any = None,
        grouping: Grouping | None = None,
        texts: WireTexts | None = None,
    ) -> None:
        self.order = order
        self.texts = texts or WireTexts()
        self.blamed = blamed
        self.root: Drawable = order[-1]
        self.names = names
        self.digits = digits
        self.grouping = grouping or Grouping()
        self.summaries = grouping is not None
        """Whether wires say more of large arrays than their range."""
        self.has_run = has_run(self.root)
        # An infinite or undefined gradient is shown as such; it needs no warning besides.
        with np.errstate(all="ignore"):
            self.contributions = {id(node): self._contributions_of(node) for node in self.order}
        self.units = units_of(order, self.grouping)
        self.received: dict[int, list[Any]] = {id(node): [] for node in self.order}
        """What comes back to a node along the wires that are drawn."""
        self.unseen: set[int] = set()
        """The ids of nodes to which gradients come along wires within groups, too."""
        self.incoming = {id(unit): self._incoming_of(unit) for unit in self.units}
        self.pieces: list[Piece] = []
        self.wires: list[Wire] = []
        self.gradients: list[Any] = []
        """Of each wire."""
        self.ends: dict[int, str] = {}
        """The piece at which a node's wires begin: the node itself, or the fork after it."""
        self.uneven: list[str] = []
        """The names of nodes whose gradient is not what the wires of this circuit bring."""

    def build(self, title: str) -> Circuit:
        numbers = {id(node): number for number, node in enumerate(self.order)}
        for unit in self.units:
            first = unit.nodes[0]
            if unit.group is not None:
                self._place_group(unit, numbers)
            elif id(first) not in self.unseen or self.received[id(first)]:
                self._place(first, f"n{numbers[id(first)]}")
        self._place_output()
        notes = (*self.grouping.notes, *self._notes())
        wires = self.texts.weighed(self.wires, self.gradients)
        return Circuit(tuple(self.pieces), wires, title, notes)

    def _contributions_of(self, node: Any) -> tuple[Any, ...]:
        if not self.has_run or node.grad is None:
            return (None,) * len(node.operands)
        return tuple(node.contributions()) if node.operands else ()

    def _incoming_of(self, unit: Unit) -> list[tuple[Any, Any]]:
        """The operands to which a unit has wires, and what it sends back along each."""
        if unit.group is None:
            [node] = unit.nodes
            incoming = list(zip(node.operands, self.contributions[id(node)], strict=True))
        else:
            incoming = self._incoming_of_group(unit)
        for operand, part in incoming:
            if is_node(operand):
                self.received[id(operand)].append(part)
        return incoming

    def _incoming_of_group(self, unit: Unit) -> list[tuple[Any, Any]]:
        inside = {id(node) for node in unit.nodes} | self.grouping.hidden
        parts: dict[int, list[Any]] = {}
        operands: dict[int, Any] = {}
        for node in unit.nodes:
            for operand, part in zip(node.operands, self.contributions[id(node)], strict=True):
                if id(operand) in inside:
                    self.unseen.add(id(operand))
                elif is_node(operand) or id(operand) in self.grouping.inputs:
                    operands[id(operand)] = operand
                    parts.setdefault(id(operand), []).append(part)
        return [(operand, _total(parts[key])) for key, operand in operands.items()]

    def _place(self, node: Any, key: str) -> None:
        if node.gate is None:
            self.pieces.append(Terminal(key, "leaf", self._name_of(node)))
        else:
            self._place_gate(node, key)
        self.ends[id(node)] = key
        received = self.received[id(node)]
        adds_up = id(node) in self.unseen or _adds_up(node.grad, received)
        if len(received) > 1 or not adds_up:
            self._place_fork(node, key, node.grad)
        if not adds_up:
            self.uneven.append(self._name_of(node))

    def _place_fork(self, node: Any, key: str, gradient: Any, number: str | None = None) -> None:
        fork = Fork(f"f{number or key[1:]}")
        self._add_wire("stem", key, fork.key, 0, self._inner_name(node), node.data, gradient)
        self.pieces.append(fork)
        self.ends[id(node)] = fork.key

    def _place_gate(self, node: Any, key: str) -> None:
        gate = node.gate
        box = GateBox(
            key,
            displayed_name(gate.symbol),
            displayed_name(gate.name),
            displayed_name(gate.formula, limit=120),
            _arguments_text(node),
            blamed=node is self.blamed,
        )
        for slot, operand in enumerate(node.operands):
            self._add_operand(
                operand, key, slot, self.contributions[id(node)][slot], self._local(node, slot)
            )
        self.pieces.append(box)

    def _local(self, node: Any, slot: int) -> Amount | None:
        """The local derivative by an operand, where it is one number and is to be shown."""
        if "local" not in self.texts.show or not isinstance(node, Value):
            return None
        derivative = node.contributions(1.0)[slot]
        return None if derivative is None else self._amount(derivative)

    def _place_group(self, unit: Unit, numbers: Mapping[int, int]) -> None:
        assert unit.group is not None
        key = f"n{numbers[id(unit.nodes[0])]}"
        for slot, (operand, gradient) in enumerate(self.incoming[id(unit)]):
            self._add_operand(operand, key, slot, gradient)
        group = unit.group
        self.pieces.append(
            GroupBox(
                key,
                displayed_name(group.path),
                displayed_name(group.title),
                tuple(displayed_name(row, limit=60) for row in group.rows),
                displayed_name(group.tooltip, limit=120),
            )
        )
        for node in unit.nodes:
            received = self.received[id(node)]
            self.ends[id(node)] = key
            if len(received) > 1:
                self._place_fork(node, key, _total(received), str(numbers[id(node)]))

    def _add_operand(
        self, operand: Any, key: str, slot: int, gradient: Any, local: Amount | None = None
    ) -> None:
        if not is_node(operand):
            source = self._place_constant(operand, f"c{key[1:]}_{slot}")
            self._add_wire("operand", source, key, slot, "", operand, gradient)
            return
        source = self.ends[id(operand)]
        # After a fork the name has been said.
        name = "" if source.startswith("f") else self._inner_name(operand)
        self._add_wire("operand", source, key, slot, name, operand.data, gradient, local)

    def _place_constant(self, constant: Any, key: str) -> str:
        label = displayed_name(self.names.get(id(constant), "")) if _is_array(constant) else ""
        self.pieces.append(Terminal(key, "constant", label or _constant_label(constant)))
        return key

    def _place_output(self) -> None:
        root = self.root
        name = "" if root.gate is None else self._name_of(root)
        self.pieces.append(Terminal("out", "output", name))
        self._add_wire("output", self.ends[id(root)], "out", 0, "", root.data, root.grad)

    def _add_wire(
        self,
        role: Literal["operand", "stem", "output"],
        source: str,
        target: str,
        slot: int,
        name: str,
        data: Any,
        gradient: Any,
        local: Amount | None = None,
    ) -> None:
        shown = self.has_run and gradient is not None
        self.gradients.append(gradient if shown else None)
        self.wires.append(
            Wire(
                key=f"w{len(self.wires)}",
                role=role,
                source=source,
                target=target,
                slot=slot,
                name=name,
                shape=shape_text(data) or "",
                value=self._amount(data, "value"),
                summary=summary_text(data, self.digits) if self.summaries else "",
                gradient=self._amount(gradient, "gradient") if shown else None,
                local=local,
                mark=self.texts.mark(gradient) if shown else "",
            )
        )

    def _amount(self, data: Any, role: Shown = "local") -> Amount:
        text = array_text(data, self.digits) if role in self.texts.show else ""
        return Amount(text, exact_text(data))

    def _name_of(self, node: Any) -> str:
        return displayed_name(self.names.get(id(node)) or node.name or "")

    def _inner_name(self, node: Any) -> str:
        """The name that the wires of a node carry: a leaf has its name in its own place."""
        return "" if node.gate is None else self._name_of(node)

    def _notes(self) -> tuple[str, ...]:
        gate = None if self.blamed is None else displayed_name(self.blamed.gate.name)
        return (*((BLAMED.format(gate=gate),) if gate else ()), *self._notes_on_gradients())

    def _notes_on_gradients(self) -> tuple[str, ...]:
        if not self.has_run:
            return (NOT_RUN,)
        if not self.uneven:
            return ()
        if len(self.uneven) > 1:
            whose = f"{len(self.uneven)} .grad differ from their wires"
        else:
            whose = f"{self.uneven[0]}.grad differs from its wires"
        return (f"{whose}: more than one pass, or data set since",)


def _is_array(constant: Any) -> bool:
    return isinstance(constant, np.ndarray) and constant.ndim > 0


def _total(parts: list[Any]) -> Any:
    """The sum of what comes along several wires; None where there is nothing."""
    sent = [part for part in parts if part is not None]
    with np.errstate(all="ignore"):
        return sum(sent[1:], start=sent[0]) if sent else None


def _adds_up(total: Any, parts: list[Any]) -> bool:
    """Whether a node's gradient is the sum of what came along its wires."""
    sent = [part for part in parts if part is not None]
    if not sent or total is None:
        return True
    if not isinstance(total, np.ndarray):
        # The pass may have added in another order.
        difference = abs(total - sum(sent))
        return difference <= SLACK * sum(map(abs, sent)) or not math.isfinite(difference)
    with np.errstate(all="ignore"):
        slack = SLACK * np.sum(np.abs(sent), axis=0)
        differences = np.abs(np.asarray(total) - np.sum(sent, axis=0))
        return bool(np.all((differences <= slack) | ~np.isfinite(differences)))

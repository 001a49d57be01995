"""From a node to its circuit, the drawing model.

A circuit is a snapshot: what happens to the nodes later does not change it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Literal, Protocol

import numpy as np

from autograd import Program, is_node, topological_order
from autograd.errors import GradientMismatch, OperandError, RenderError

from .circuit import Amount, Circuit, Fork, GateBox, Terminal, Wire
from .names import displayed_name, names_by_identity
from .numerals import array_text, exact_text, shape_text

__all__ = ["Drawable", "circuit_of"]

NOT_RUN = "values only: backward() has not run"
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


def circuit_of(
    root: Any,
    *,
    names: Mapping[str, Any] | None = None,
    digits: int = 2,
    title: str | None = None,
    max_gates: int | None = None,
) -> Circuit:
    """The circuit that computes ``root``: a Value, a Tensor, or the one that a mismatch carries.

    A program is drawn at the numbers that it was traced with, and with its gradients.

    Pieces and wires are numbered in topological order, so the same program gives the same circuit.

    Raises:
        OperandError: if ``root`` is not a node and has none, or ``names`` not a mapping.
        FormatError: if ``digits`` is not a number of decimals.
        RenderError: if there are more than ``max_gates`` gates.

    >>> from autograd import Value
    >>> circuit = circuit_of(Value(2.0) * 3.0)
    >>> [wire.value.text for wire in circuit.wires]
    ['2.00', '3.00', '6.00']
    """
    blamed = None
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
    if names is not None and not isinstance(names, Mapping):
        raise OperandError(
            f"names={_brief(names)} is not a mapping from names to nodes; pass names=locals() or "
            'names={"x": x}'
        )
    order = topological_order(root)
    _check_size(order, max_gates)
    builder = _Builder(order, names_by_identity(names or {}), digits, blamed)
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


def _check_size(order: list[Any], max_gates: int | None) -> None:
    gates = sum(node.gate is not None for node in order)
    if max_gates is not None and gates > max_gates:
        raise RenderError(
            f"the graph has {gates} gates, more than max_gates={max_gates}; draw an inner node, "
            "the loss of one sample or a Tensor graph, or pass max_gates=None and wait"
        )


def _has_run(root: Drawable) -> bool:
    """Whether backward() has reached ``root``: an untouched Value has a gradient of 0.0."""
    return root.grad is not None and (isinstance(root.grad, np.ndarray) or root.grad != 0.0)


def _arguments_text(node: Drawable) -> str:
    """The arguments of an array gate that say something: axis=0, but not keepdims=False."""
    arguments: Mapping[str, Any] = getattr(node, "arguments", None) or {}
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
    """Collects the pieces and wires of one circuit, node by node in topological order."""

    def __init__(
        self, order: list[Any], names: Mapping[int, str], digits: int, blamed: Any = None
    ) -> None:
        self.order = order
        self.blamed = blamed
        self.root: Drawable = order[-1]
        self.names = names
        self.digits = digits
        self.has_run = _has_run(self.root)
        self.contributions = {id(node): self._contributions_of(node) for node in self.order}
        self.received: dict[int, list[Any]] = {id(node): [] for node in self.order}
        for node in self.order:
            for operand, part in zip(node.operands, self.contributions[id(node)], strict=True):
                if is_node(operand):
                    self.received[id(operand)].append(part)
        self.pieces: list[Terminal | GateBox | Fork] = []
        self.wires: list[Wire] = []
        self.ends: dict[int, str] = {}
        """The piece at which a node's wires begin: the node itself, or the fork after it."""
        self.uneven: list[str] = []
        """The names of nodes whose gradient is not what the wires of this circuit bring."""

    def build(self, title: str) -> Circuit:
        for number, node in enumerate(self.order):
            self._place(node, f"n{number}")
        self._place_output()
        return Circuit(tuple(self.pieces), tuple(self.wires), title, self._notes())

    def _contributions_of(self, node: Any) -> tuple[Any, ...]:
        if not self.has_run or node.grad is None:
            return (None,) * len(node.operands)
        # An infinite or undefined gradient is shown as such; it needs no warning besides.
        with np.errstate(all="ignore"):
            return tuple(node.contributions()) if node.operands else ()

    def _place(self, node: Any, key: str) -> None:
        if node.gate is None:
            self.pieces.append(Terminal(key, "leaf", self._name_of(node)))
        else:
            self._place_gate(node, key)
        self.ends[id(node)] = key
        received = self.received[id(node)]
        adds_up = _adds_up(node.grad, received)
        if len(received) > 1 or not adds_up:
            fork = Fork(f"f{key[1:]}")
            self._add_wire("stem", key, fork.key, 0, self._inner_name(node), node.data, node.grad)
            self.pieces.append(fork)
            self.ends[id(node)] = fork.key
        if not adds_up:
            self.uneven.append(self._name_of(node))

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
            gradient = self.contributions[id(node)][slot]
            if is_node(operand):
                source = self.ends[id(operand)]
                # After a fork the name has been said.
                name = "" if source.startswith("f") else self._inner_name(operand)
                data = operand.data
            else:
                source, name, data = (
                    self._place_constant(operand, f"c{key[1:]}_{slot}"),
                    "",
                    operand,
                )
            self._add_wire("operand", source, key, slot, name, data, gradient)
        self.pieces.append(box)

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
    ) -> None:
        shown = self.has_run and gradient is not None
        self.wires.append(
            Wire(
                key=f"w{len(self.wires)}",
                role=role,
                source=source,
                target=target,
                slot=slot,
                name=name,
                shape=shape_text(data) or "",
                value=self._amount(data),
                gradient=self._amount(gradient) if shown else None,
            )
        )

    def _amount(self, data: Any) -> Amount:
        return Amount(array_text(data, self.digits), exact_text(data))

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


def _adds_up(total: Any, parts: list[Any]) -> bool:
    """Whether a node's gradient is the sum of what came along its wires."""
    sent = [np.asarray(part) for part in parts if part is not None]
    if not sent or total is None:
        return True
    with np.errstate(all="ignore"):
        # The pass may have added in another order, and in single precision.
        slack = 1e-4 * np.sum(np.abs(sent), axis=0)
        difference = np.abs(np.asarray(total) - np.sum(sent, axis=0))
        return bool(np.all((difference <= slack) | ~np.isfinite(difference)))

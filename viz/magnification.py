"""Magnifications: one computation as layers, as gates on arrays, as scalar gates, or as stages."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal, TypeAlias, get_args

from autograd import Tensor, lower, topological_order
from autograd.errors import OperandError, SettingError
from nn import Module

from .circuit import Circuit, GroupBox, Piece, Terminal
from .cutting import cut, surroundings
from .graph import GraphToDraw, circuit_of, graph_to_draw, has_run
from .grouping import Grouping
from .modules import ModelRun, model_run, require_paths
from .names import displayed_name
from .stages import stages_of
from .wires import WireTexts

__all__ = ["View", "circuit_at"]

View: TypeAlias = Literal["modules", "tensors", "gates", "stages"]
COARSER: Mapping[str, tuple[View, ...]] = {
    "gates": ("tensors", "modules", "stages"),
    "tensors": ("modules", "stages"),
    "modules": ("stages",),
    "stages": (),
}
"""What a view gives way to where it would be too large, the next coarser first."""
PART = "a part of the graph: what is at most {gates} away"
TOO_LARGE = "the view {view!r} has more boxes than limit={limit}: this is the view {chosen!r}"


def circuit_at(
    drawn: Any,
    *,
    view: View | None = None,
    sample: Any = None,
    loss: Callable[[Any], Any] | None = None,
    expand: str | Sequence[str] = (),
    collapse: str | Sequence[str] = (),
    around: Any = None,
    depth: int = 3,
    names: Mapping[str, Any] | None = None,
    digits: int = 2,
    title: str | None = None,
    limit: int | None = None,
    texts: WireTexts | None = None,
) -> Circuit:
    """The circuit of a node, or of a model and a sample of its input, at a magnification.

    The arguments are those of `draw`, which says what is raised.
    """
    if view is not None and view not in get_args(View):
        raise SettingError(f"view={view!r}; it is one of {', '.join(map(repr, get_args(View)))}")
    if not isinstance(depth, int) or depth < 1:
        raise SettingError(f"depth={depth!r}; pass a whole number of at least 1")
    common = _Choices(names, digits, title, limit, texts, around, depth)
    if not isinstance(drawn, Module):
        for argument, given in (("sample", sample), ("loss", loss)):
            if given is not None:
                raise OperandError(f"{argument} goes with a model, and this is no nn.Module")
        if view == "modules" or expand or collapse:
            raise SettingError(
                "a node does not know its layers: to draw these, pass the model, and a sample of "
                "its input, as draw(model, sample=x)"
            )
        return common.drawn(graph_to_draw(drawn), view, None)
    if sample is None:
        raise OperandError("to draw a model, pass a sample of its input: draw(model, sample=x)")
    paths = [[given] if isinstance(given, str) else list(given) for given in (expand, collapse)]
    for argument, given in zip(("expand", "collapse"), paths, strict=True):
        require_paths(drawn, given, argument)
    with model_run(drawn, sample, loss) as run:
        named = {"input": run.inputs[0], **(names or {})}
        choices = _Choices(named, digits, title, limit, texts, around, depth)
        return choices.drawn(graph_to_draw(run.root), view or "modules", _Layers(run, *paths))


class _Layers:
    """Which layers of a model are boxes in each view."""

    def __init__(self, run: ModelRun, expand: list[str], collapse: list[str]) -> None:
        self._run = run
        self._expand = expand
        self._collapse = collapse

    def grouping(self, view: View) -> Grouping:
        """The groups of a view."""
        if view == "modules":
            return self._run.grouping(self._is_closed, together=True)
        return self._run.grouping(lambda path: path in self._collapse, together=False)

    def _is_closed(self, path: str) -> bool:
        if path in self._collapse:
            return True
        return path != "" and not any(
            opened == path or opened.startswith(f"{path}.") for opened in self._expand
        )


class _Choices:
    """What is the same at all magnifications."""

    def __init__(
        self,
        names: Mapping[str, Any] | None,
        digits: int,
        title: str | None,
        limit: int | None,
        texts: WireTexts | None,
        around: Any,
        depth: int,
    ) -> None:
        self.names = names
        self.digits = digits
        self.title = title
        self.limit = limit
        self.texts = texts
        self.around = around
        self.depth = depth

    def drawn(self, graph: GraphToDraw, view: View | None, layers: _Layers | None) -> Circuit:
        """The circuit at this view, or at a coarser one if there are more boxes than the limit."""
        asked: View = view or ("tensors" if isinstance(graph.root, Tensor) else "gates")
        found = self._at(graph, asked, layers, plain=view is None)
        if found is not None:
            return found
        for chosen in COARSER[asked]:
            if chosen == "modules" and layers is None:
                continue
            if chosen == "tensors" and not isinstance(graph.root, Tensor):
                continue
            coarser = self._at(graph, chosen, layers)
            if coarser is not None:
                note = TOO_LARGE.format(view=asked, limit=self.limit, chosen=chosen)
                return replace(coarser, notes=(*coarser.notes, note))
        raise AssertionError("stages are few")

    def _at(
        self, graph: GraphToDraw, view: View, layers: _Layers | None, *, plain: bool = False
    ) -> Circuit | None:
        """The circuit of a view, or None if it has more boxes than the limit."""
        if view == "gates" and isinstance(graph.root, Tensor):
            graph = _lowered(graph, self.names)
        order = topological_order(graph.root)
        if view == "stages" and self.around is None:
            title = displayed_name(self.title or "", limit=120)
            ran = has_run(graph.root)
            return stages_of(order, digits=self.digits, title=title, has_run=ran)
        grouping = None
        if view in ("modules", "tensors") and not plain:
            grouping = layers.grouping(view) if layers else Grouping()
        if self._is_too_many(_boxes(order, grouping)) and self.around is None:
            return None
        circuit = circuit_of(
            graph,
            names=self.names,
            digits=self.digits,
            title=self.title,
            grouping=grouping,
            texts=self.texts,
        )
        return circuit if self.around is None else self._part(circuit, order)

    def _is_too_many(self, boxes: int) -> bool:
        return self.limit is not None and boxes > self.limit

    def _part(self, circuit: Circuit, order: Sequence[Any]) -> Circuit:
        """The surroundings of the node that was asked for."""
        key = _key_of(self.around, circuit, order)
        kept = surroundings(circuit, key, self.depth)
        gates = "1 gate" if self.depth == 1 else f"{self.depth} gates"
        part = cut(circuit, kept, (PART.format(gates=gates),), onwards=True)
        if self._is_too_many(len(part.pieces)):
            raise SettingError(
                f"{len(part.pieces):,} pieces are within depth={self.depth} of the node, more than "
                f"limit={self.limit}; pass a smaller depth or a larger limit"
            )
        return part


def _key_of(around: Any, circuit: Circuit, order: Sequence[Any]) -> str:
    """The key of the piece that is a node, or bears a name."""
    if isinstance(around, str):
        named = [wire.source for wire in circuit.wires if wire.name == around]
        named += [piece.key for piece in circuit.pieces if around in _names_of(piece)]
        if named:
            return named[0]
        raise SettingError(f"around={around!r}: nothing in the graph has that name")
    numbers = {id(node): number for number, node in enumerate(order)}
    key = f"n{numbers.get(id(around))}"
    if any(piece.key == key for piece in circuit.pieces):
        return key
    raise SettingError(
        "around is no node of this graph that is drawn by itself; pass one of it, or a name that "
        "is seen in the drawing"
    )


def _names_of(piece: Piece) -> tuple[str, ...]:
    if isinstance(piece, Terminal):
        return (piece.label,)
    return (piece.path,) if isinstance(piece, GroupBox) else ()


def _boxes(order: Sequence[Any], grouping: Grouping | None) -> int:
    if grouping is None:
        return len(order)
    drawn = {id(grouping.groups.get(id(node), node)) for node in order}
    return len(drawn - grouping.hidden)


def _lowered(graph: GraphToDraw, names: Mapping[str, Any] | None) -> GraphToDraw:
    """The scalar gates of an array graph, differentiated if it is."""
    if graph.root.shape != ():
        raise SettingError(
            f"view='gates' draws the way to one number, and the output has shape "
            f"{graph.root.shape}; draw one element of it, or its sum"
        )
    lowered = lower(graph.root, names=names, limit=None)
    if has_run(graph.root):
        lowered.output.backward()
    return GraphToDraw(lowered.output)

"""Parts of a circuit: the surroundings of a piece, and what lies between two."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Mapping

from .circuit import Circuit, Fork, Piece, Terminal, Wire

__all__ = ["between", "cut", "surroundings"]

ELSEWHERE = "…"
"""What stands for the part of a circuit that is left out."""


def surroundings(circuit: Circuit, key: str, depth: int) -> frozenset[str]:
    """The keys of the pieces from which so many wires lead to a piece, in either direction.

    A fork is no piece of its own here: it is kept where at least two of the pieces at its ends are.
    """
    stems = {wire.target: wire.source for wire in circuit.wires if wire.role == "stem"}
    neighbours: dict[str, list[str]] = {}
    for wire in circuit.wires:
        source = stems.get(wire.source, wire.source)
        if wire.role != "stem":
            neighbours.setdefault(source, []).append(wire.target)
            neighbours.setdefault(wire.target, []).append(source)
    distances = {key: 0}
    waiting = deque([key])
    while waiting:
        here = waiting.popleft()
        for other in neighbours.get(here, ()):
            if distances[here] < depth and other not in distances:
                distances[other] = distances[here] + 1
                waiting.append(other)
    near = Counter(wire.source for wire in circuit.wires if wire.target in distances)
    near.update(wire.target for wire in circuit.wires if wire.source in distances)
    forks = (piece.key for piece in circuit.pieces if isinstance(piece, Fork))
    return frozenset(distances) | {fork for fork in forks if near[fork] > 1}


def between(circuit: Circuit, first: str, last: str) -> frozenset[str]:
    """The keys of the pieces on the ways from one piece to another, with both."""
    return _reached(circuit, first, forwards=True) & _reached(circuit, last, forwards=False)


def cut(
    circuit: Circuit, kept: Iterable[str], notes: tuple[str, ...] = (), *, onwards: bool
) -> Circuit:
    """The part of a circuit that has these pieces, and what enters them.

    Args:
        circuit: the whole.
        kept: keys of pieces.
        notes: what is said below the picture, besides what was.
        onwards: whether wires that leave the part are drawn, too, up to a sign for the rest: one
            wire for all that leave one piece.
    """
    inside = set(kept)
    leaving = Counter(
        wire.source for wire in circuit.wires if wire.source in inside and wire.target not in inside
    )
    pieces = {piece.key: piece for piece in circuit.pieces}
    stems = {wire.target: wire for wire in circuit.wires if wire.role == "stem"}
    found: list[Piece] = []
    wires: list[Wire] = []
    for wire in circuit.wires:
        if wire.source in inside and wire.target in inside:
            wires.append(wire)
        elif wire.target in inside:
            end = Terminal(f"e{wire.key}", "constant", _label(pieces, stems, wire.source))
            found.append(end)
            wires.append(wire._replace(source=end.key, role="operand"))
        elif wire.source in inside and onwards and (count := leaving.pop(wire.source, 0)):
            end = Terminal(f"e{wire.key}", "output", ELSEWHERE)
            if count > 1:
                # One wire for all of them, without a gradient, as each has its own.
                end = Terminal(end.key, "output", f"{ELSEWHERE} {count:,} more")
                wire = wire._replace(gradient=None, local=None, mark="", weight=1.0, shade=None)
            found.append(end)
            wires.append(wire._replace(target=end.key))
    found += [piece for piece in circuit.pieces if piece.key in inside]
    return Circuit(tuple(found), tuple(wires), circuit.title, (*circuit.notes, *notes), cut=True)


def _label(pieces: Mapping[str, Piece], stems: Mapping[str, Wire], source: str) -> str:
    """The name of what a wire comes from, before a fork as well."""
    piece = pieces[source]
    if isinstance(piece, Fork):
        stem = stems[source]
        return stem.name or _label(pieces, stems, stem.source)
    return piece.label or ELSEWHERE if isinstance(piece, Terminal) else ELSEWHERE


def _reached(circuit: Circuit, start: str, *, forwards: bool) -> frozenset[str]:
    following: dict[str, list[str]] = {}
    for wire in circuit.wires:
        ends = (wire.source, wire.target) if forwards else (wire.target, wire.source)
        following.setdefault(ends[0], []).append(ends[1])
    found, waiting = {start}, [start]
    while waiting:
        for other in following.get(waiting.pop(), ()):
            if other not in found:
                found.add(other)
                waiting.append(other)
    return frozenset(found)

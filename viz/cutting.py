"""Parts of a circuit: the surroundings of a piece, and what lies between two."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from .circuit import Circuit, Fork, Piece, Terminal, Wire

__all__ = ["between", "cut", "surroundings"]

ELSEWHERE = "…"
"""What stands for the part of a circuit that is left out."""


def surroundings(circuit: Circuit, key: str, depth: int) -> frozenset[str]:
    """The keys of the pieces from which so many wires lead to a piece, in either direction.

    A fork is no piece of its own here: its wires are one.
    """
    neighbours: dict[str, list[str]] = {}
    for wire in circuit.wires:
        neighbours.setdefault(wire.source, []).append(wire.target)
        neighbours.setdefault(wire.target, []).append(wire.source)
    forks = _forks(circuit)
    distances = {key: 0}
    waiting = deque([key])
    while waiting:
        here = waiting.popleft()
        for other in neighbours.get(here, ()):
            distance = distances[here] + (other not in forks)
            if distance <= depth and distance < distances.get(other, depth + 1):
                distances[other] = distance
                # A way through a fork is no longer than the last: it comes first.
                (waiting.appendleft if other in forks else waiting.append)(other)
    return frozenset(distances)


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
        onwards: whether wires that leave the part are drawn, too, up to a sign for the rest.
    """
    inside = set(kept)
    pieces = {piece.key: piece for piece in circuit.pieces}
    found: list[Piece] = []
    wires: list[Wire] = []
    for wire in circuit.wires:
        if wire.source in inside and wire.target in inside:
            wires.append(wire)
        elif wire.target in inside:
            end = Terminal(f"e{wire.key}", "constant", _label(circuit, pieces, wire.source))
            found.append(end)
            wires.append(wire._replace(source=end.key, role="operand"))
        elif wire.source in inside and onwards:
            end = Terminal(f"e{wire.key}", "output", ELSEWHERE)
            found.append(end)
            wires.append(wire._replace(target=end.key))
    found += [piece for piece in circuit.pieces if piece.key in inside]
    return Circuit(tuple(found), tuple(wires), circuit.title, (*circuit.notes, *notes), cut=True)


def _label(circuit: Circuit, pieces: dict[str, Piece], source: str) -> str:
    """The name of what a wire comes from, before a fork as well."""
    piece = pieces[source]
    if isinstance(piece, Fork):
        stem = next(wire for wire in circuit.wires if wire.target == source)
        return stem.name or _label(circuit, pieces, stem.source)
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


def _forks(circuit: Circuit) -> frozenset[str]:
    return frozenset(piece.key for piece in circuit.pieces if isinstance(piece, Fork))

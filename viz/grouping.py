"""Grouping: which gates of a graph are drawn as one box, and in which order boxes come."""

from __future__ import annotations

import heapq
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from autograd import is_node

__all__ = ["Group", "Grouping", "Unit", "units_of"]


@dataclass(frozen=True)
class Group:
    """Gates that are drawn as one box, such as those of a layer."""

    path: str
    """Where it is found, such as "encoder.0"; "" if it has no place in a model."""
    title: str
    """What it is, such as "Linear"."""
    rows: tuple[str, ...] = ()
    """What else is written in the box."""
    tooltip: str = ""


@dataclass(frozen=True)
class Grouping:
    """Which nodes belong to which group, and which leaves are part of their users."""

    groups: Mapping[int, Group] = field(default_factory=dict)
    """By the id of a node; nodes of one group have the very same."""
    hidden: frozenset[int] = frozenset()
    """The ids of leaves that are not drawn where a group uses them: parameters of a layer."""
    inputs: frozenset[int] = frozenset()
    """The ids of constants that are drawn also where a group uses them: the input of a model."""
    notes: tuple[str, ...] = ()


@dataclass
class Unit:
    """What is placed as one piece: a node, or the nodes of a group."""

    nodes: list[Any]
    group: Group | None = None


def units_of(order: Sequence[Any], grouping: Grouping) -> list[Unit]:
    """The units of nodes in topological order, each after those that it uses.

    Without groups that is the order of the nodes. The nodes between two of a group must belong to
    it, too, as those of one call of a layer do.
    """
    units: dict[int, Unit] = {}
    """By the position of the unit's first node."""
    places: dict[int, int] = {}
    """For the id of each node its unit."""
    first_of: dict[int, int] = {}
    for position, node in enumerate(order):
        group = grouping.groups.get(id(node))
        place = position if group is None else first_of.setdefault(id(group), position)
        units.setdefault(place, Unit([], group)).nodes.append(node)
        places[id(node)] = place
    if len(units) == len(order):
        return list(units.values())
    return _sorted(units, places)


def _sorted(units: dict[int, Unit], places: Mapping[int, int]) -> list[Unit]:
    users: dict[int, set[int]] = {place: set() for place in units}
    waiting_for = dict.fromkeys(units, 0)
    for place, unit in units.items():
        used = {
            places[id(operand)]
            for node in unit.nodes
            for operand in node.operands
            if is_node(operand)
        } - {place}
        waiting_for[place] = len(used)
        for other in used:
            users[other].add(place)
    # Of those that may come next the one that stands first: the order is as stable as it can be.
    ready = [place for place, count in waiting_for.items() if not count]
    heapq.heapify(ready)
    found = []
    while ready:
        place = heapq.heappop(ready)
        found.append(units[place])
        for user in users[place]:
            waiting_for[user] -= 1
            if not waiting_for[user]:
                heapq.heappush(ready, user)
    return found

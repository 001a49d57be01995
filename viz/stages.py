"""The coarsest magnification: a large graph as a few stages, each a box."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograd import is_node

from .circuit import Amount, Circuit, GroupBox, Terminal, Wire
from .names import displayed_name
from .numerals import array_text, exact_text

__all__ = ["stages_of"]

STAGES = 8
"""As many as stand side by side on a screen."""
MOST_KINDS = 3


@dataclass
class _Stage:
    """Gates of about one depth; the first stage is that of the leaves."""

    kinds: Counter[str]
    nodes: list[Any]

    @property
    def rows(self) -> tuple[str, ...]:
        """The kinds of gates, the most frequent first."""
        rows = [f"{count:,} {kind}" for kind, count in self.kinds.most_common(MOST_KINDS)]
        if len(self.kinds) > MOST_KINDS:
            rest = sum(self.kinds.values()) - sum(n for _, n in self.kinds.most_common(MOST_KINDS))
            rows.append(f"{rest:,} others")
        return tuple(rows)


def stages_of(order: Sequence[Any], *, digits: int, title: str, has_run: bool) -> Circuit:
    """A graph, in topological order, as its leaves and up to eight stages of gates by depth.

    A wire stands for the numbers that one stage uses of another, of which it shows the range, and
    that of their gradients.
    """
    stages, stage_of = _cut(order)
    pieces: list[Any] = []
    for place, stage in enumerate(stages):
        kind = "gates" if place else "leaves"
        box = f"{len(stage.nodes):,} {kind}"
        pieces.append(GroupBox(f"s{place}", "", box, stage.rows if place else (), ""))
    used: dict[tuple[int, int], dict[int, Any]] = {}
    for node in order:
        for operand in node.operands:
            if is_node(operand):
                ends = stage_of[id(operand)], stage_of[id(node)]
                if ends[0] != ends[1]:
                    used.setdefault(ends, {})[id(operand)] = operand
    wires = [
        _wire(f"w{number}", "operand", ends, list(used[ends].values()), digits, has_run)
        for number, ends in enumerate(sorted(used))
    ]
    root = order[-1]
    pieces.append(Terminal("out", "output", displayed_name(root.name or "")))
    last = (stage_of[id(root)], None)
    wires.append(_wire(f"w{len(wires)}", "output", last, [root], digits, has_run))
    return Circuit(tuple(pieces), tuple(wires), title, ())


def _cut(order: Sequence[Any]) -> tuple[list[_Stage], dict[int, int]]:
    """The stages, of about as many gates each, and for each node's id the place of its own."""
    depth: dict[int, int] = {}
    gates: list[tuple[int, Any]] = []
    leaves = _Stage(Counter(), [])
    for node in order:
        operands = node.operands
        level = 1 + max((depth.get(id(operand), 0) for operand in operands), default=-1)
        depth[id(node)] = level
        if operands:
            gates.append((level, node))
        else:
            leaves.nodes.append(node)
    levels = np.bincount([level for level, _ in gates])
    # Whole levels alone, so that no stage needs what comes after it.
    share = np.ceil(np.cumsum(levels) / len(gates) * STAGES).astype(int)
    cuts = {level: int(share[level]) for level in range(len(levels)) if levels[level]}
    numbers = {cut: place for place, cut in enumerate(sorted(set(cuts.values())), start=1)}
    stages = [leaves, *(_Stage(Counter(), []) for _ in numbers)]
    stage_of = {id(node): 0 for node in leaves.nodes}
    for level, node in gates:
        place = numbers[cuts[level]]
        stages[place].nodes.append(node)
        stages[place].kinds[node.gate.symbol] += 1
        stage_of[id(node)] = place
    return stages, stage_of


def _wire(
    key: str,
    role: Any,
    ends: tuple[int, int | None],
    nodes: list[Any],
    digits: int,
    has_run: bool,
) -> Wire:
    source, target = ends
    values = _numbers([node.data for node in nodes])
    gradients = _numbers([node.grad for node in nodes if node.grad is not None])
    return Wire(
        key=key,
        role=role,
        source=f"s{source}",
        target="out" if target is None else f"s{target}",
        slot=source,
        name="",
        shape="" if len(nodes) == 1 else f"{len(nodes):,} numbers",
        value=_amount(values, digits),
        gradient=_amount(gradients, digits) if has_run and gradients.size else None,
    )


def _numbers(parts: list[Any]) -> np.ndarray:
    if parts and isinstance(parts[0], np.ndarray):
        return np.concatenate([part.ravel() for part in parts])
    return np.asarray(parts, np.float64)


def _amount(numbers: np.ndarray, digits: int) -> Amount:
    shown = numbers[0] if numbers.size == 1 else numbers
    return Amount(array_text(shown, digits), exact_text(shown))

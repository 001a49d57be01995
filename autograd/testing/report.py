"""What a failed check says: the worst component, the gate to blame, and what it may be."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..backward import is_node
from ..exact import shortened
from ..gate import Gate
from .arguments import Arguments
from .blame import Blame
from .differentiated import Derivative
from .probe import Look
from .tolerance import Comparison

__all__ = ["Finding", "report"]


@dataclass(frozen=True)
class Finding:
    """What was seen along the direction in which one number moves, or all at once."""

    element: int | None
    """Which number, of all that can be moved; None where all move."""
    scale: float
    """How long the direction is."""
    look: Look

    @property
    def failing(self) -> Comparison | None:
        """The comparison that fails, reverse mode's before forward mode's."""
        return next((each for each in self.look.comparisons if each.fails), None)

    @property
    def size(self) -> float:
        """By how much the derivative by the number is off."""
        failing = self.failing
        if failing is None:
            return -1.0
        off = np.abs(failing.actual - failing.expected)[failing.worst] / self.scale
        return float(np.nan_to_num(off, nan=np.inf, posinf=np.inf))


def report(
    findings: Sequence[Finding] | Exception, derivative: Derivative, blame: Blame | None
) -> str:
    """The message of a GradientMismatch.

    Args:
        findings: the first of all numbers at once, the others of one each; or what a rule raises,
            so that there is no derivative.
        derivative: what was checked.
        blame: the gate that is wrong; None if no gate is.
    """
    lines: list[str] = []
    if isinstance(findings, Exception):
        lines.append(f"{derivative.source} fails: {findings}")
    else:
        worst = max(findings[1:], key=lambda finding: finding.size)
        worst = worst if worst.failing is not None else findings[0]
        lines += _component(worst, derivative)
    if blame is not None:
        lines += ["", *_gate(blame)]
    elif derivative.graph():
        lines += ["", "no gate to blame: each derivative in the graph is right at its own operands"]
    hints = [] if isinstance(findings, Exception) else list(_hints(findings[1:], derivative, blame))
    return "\n".join([*lines, *([""] if hints else []), *hints])


def _component(finding: Finding, derivative: Derivative) -> list[str]:
    comparison = finding.failing
    assert comparison is not None
    if finding.element is None:
        by, name = "along a random direction", "along it"
    else:
        variable, index = derivative.arguments.place(finding.element)
        by, name = f"by {variable.path}", variable.element(index)
    place, scale = comparison.worst, finding.scale
    if comparison is finding.look.forward:
        what, source = "derivative in forward mode", "forward mode"
        name += f", of result {place[0]} counted through" if comparison.actual.size > 1 else ""
    else:
        what, source = "gradient", derivative.source
    order = "second derivative" if derivative.source == "the second backward" else what
    actual, expected = comparison.actual[place] / scale, comparison.expected[place] / scale
    uncertainty = comparison.uncertainty[place] / scale
    if comparison is finding.look.reverse and derivative.weights.size > 1:
        what_of = f"the {derivative.weights.size} numbers of the result, summed by random weights"
        name += f", of {what_of}"
    rows = [
        ("derivative" if finding.element is None else "worst component", name),
        (f"{source} gives", f"{actual:.10g}"),
        ("differences give", f"{expected:.10g} ± {uncertainty:.1g}"),
        (
            "difference",
            f"{actual - expected:.3g}, {_times(comparison.excess[place])} the tolerance",
        ),
    ]
    return [f"the {order} {by} is wrong", "", *_table(rows)]


def _gate(blame: Blame) -> list[str]:
    node, gate = blame.node, blame.node.gate
    kind = "" if isinstance(gate, Gate) else " (a gate on arrays)"
    rows = [("gate to blame", f"{gate.name}: {gate.formula.rstrip('.')}{kind}")]
    if node.line is not None:
        rows.append(("made at", node.line))
    names = gate.operand_names if isinstance(gate, Gate) else ()
    for i, operand in enumerate(node.operands[:4]):
        name = names[i] if i < len(names) else f"operand {i}"
        rows.append((name, _described(operand, blame, i)))
    by = names[blame.position] if blame.position < len(names) else f"operand {blame.position}"
    if isinstance(gate, Gate):
        rows.append((f"its rule, d/d{by}", gate.derivatives[blame.position]))
    if blame.comparison is None:
        rows.append((f"by {by}", blame.failure))
    else:
        place = blame.comparison.worst
        at = f" at {list(blame.index)}" if blame.index else ""
        expected, uncertainty = (
            blame.comparison.expected[place],
            blame.comparison.uncertainty[place],
        )
        rows.append((f"by {by}{at}", blame.what))
        rows.append(("the rule gives", f"{blame.comparison.actual[place]:.10g}"))
        rows.append(("differences give", f"{expected:.10g} ± {uncertainty:.1g}"))
    return _table(rows)


def _described(operand: Any, blame: Blame, position: int) -> str:
    """An operand of the gate to blame, and its element in question."""
    if not is_node(operand):
        return shortened(operand)
    name = "" if operand.name is None else f"{operand.name}, "
    data = np.asarray(operand.data)
    if not data.ndim:
        return f"{name}{float(data):.10g}"
    text = f"{name}shape {data.shape}"
    if isinstance(blame.node.gate, Gate) and len(blame.index) == np.ndim(blame.node.data):
        # The index is that of the result, against which the operand may have been broadcast.
        data = np.broadcast_to(data, np.shape(blame.node.data))
    elif position != blame.position or len(blame.index) != data.ndim:
        return text
    return f"{text}, {float(data[blame.index]):.10g} at {list(blame.index)}"


def _hints(
    findings: Sequence[Finding], derivative: Derivative, blame: Blame | None
) -> Iterator[str]:
    """What the mistake may be."""
    reverse = [finding.look.reverse for finding in findings]
    known = [each for each in reverse if each.resolved.all()]
    actual = np.array([c.actual[0] for c in known])
    expected = np.array([c.expected[0] for c in known])
    where = f"in each of the {len(known)} components compared" if len(known) > 1 else "there"
    ratio = _common_ratio(actual, expected)
    has_graph = bool(derivative.graph())
    if has_graph and expected.any() and not actual.any():
        yield (
            f"hint: the gradient is 0 {where}: does the function take .data, float() or .detach() "
            "of something, which hides it from the graph? If that is meant, write stop_gradient, "
            "which the check holds fixed."
        )
    elif ratio is not None and (blame is not None or not has_graph):
        meaning = _meaning(ratio, derivative.arguments)
        yield f"hint: it is {_times(ratio)} the right one {where}{meaning}"
    elif blame is None and has_graph:
        yield (
            "hint: is a part of the function hidden from its graph (.data, float(), a constant "
            "that depends on the inputs), changed in place, or decided by comparing numbers near a "
            "kink?"
        )


def _common_ratio(actual: np.ndarray, expected: np.ndarray) -> float | None:
    """By what all derivatives are off, if it is one factor."""
    counts = expected != 0
    if not counts.any() or actual[~counts].any():
        return None
    ratios = actual[counts] / expected[counts]
    middle = float(np.median(ratios))
    if middle == 0 or not np.allclose(ratios, middle, rtol=1e-5, atol=0):
        return None
    return None if abs(middle - 1) < 1e-5 else middle


def _meaning(ratio: float, arguments: Arguments) -> str:
    """What makes a derivative too large or too small by such a factor."""
    if np.isclose(ratio, -1, rtol=1e-5):
        return ": the sign is turned"
    for size, done in ((ratio, "left out"), (1 / ratio, "done twice")):
        for path, shape in arguments.shapes:
            for axis, length in enumerate(shape):
                if length > 2 and np.isclose(size, length, rtol=1e-5):
                    where = f"the size of axis {axis} of {path}"
                    return f"; {length} is {where}: is a division by it {done}?"
    if np.isclose(ratio, 2, rtol=1e-5) or np.isclose(ratio, 0.5, rtol=1e-5):
        return ": is a factor 1/2 or 2 of a square lost?"
    return ""


def _times(factor: float) -> str:
    return f"{factor:.6g} times" if abs(factor) < 1e6 else f"{factor:.1g} times"


def _table(rows: Sequence[tuple[str, str]]) -> list[str]:
    width = max(len(label) for label, _ in rows)
    return [f"  {label:{width}}  {text}" for label, text in rows]

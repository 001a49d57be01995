"""The ways by which one node influences another, as a drawing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, get_args

from autograd import is_node, topological_order
from autograd.errors import OperandError

from .choices import require_choice
from .cutting import between, cut
from .dot import Direction
from .drawing import Drawing, ThemeName
from .formulas import node_names
from .graph import circuit_of
from .names import names_by_identity
from .numerals import array_text
from .single_pass import single_pass
from .style import StyleName
from .wires import Shown, WireTexts

__all__ = ["path"]

SUM = "∂{last}/∂{first} = {gradient}, the sum of what comes back to {first}"


def path(
    first: Any,
    last: Any,
    *,
    names: Mapping[str, Any] | None = None,
    digits: int = 2,
    title: str | None = None,
    direction: Direction = "LR",
    theme: ThemeName = "auto",
    style: StyleName = "slides",
    show: Sequence[Shown] = ("value", "gradient", "local"),
) -> Drawing:
    """Draw the ways by which ``first`` influences ``last``, with what each contributes.

    Of the graph that is what lies between the two, and what enters it. The gradients on the wires
    are those of ``last``, whatever passes were made; the nodes keep the ones that they have. What
    `explain` says in formulas is here to be seen.

    Args:
        first: the node that influences.
        last: the node that is influenced, such as a loss.
        names: what to call nodes, as in `draw`.
        digits: the number of decimals, from 0 to 17.
        title: a line above the picture.
        direction: "LR" or "TB".
        theme: "light", "dark" or "auto".
        style: "slides", "records" or "print".
        show: what is written on wires: "value", "gradient", "local".

    Raises:
        OperandError: one of the two is no node, or ``first`` does not influence ``last``.
        FormatError: if ``digits``, ``direction``, ``theme`` or ``style`` is unknown.
        SettingError: if ``show`` is.

    >>> from autograd import Value
    >>> x, w, b = Value(2.0, name="x"), Value(3.0, name="w"), Value(1.0, name="b")
    >>> path(x, (x * w + b) * x).circuit.notes[-1]
    '∂v6/∂x = 13.00, the sum of what comes back to x'
    """
    for argument, node in (("first", first), ("last", last)):
        if not is_node(node):
            raise OperandError(
                f"path: {argument} is a {type(node).__name__}; pass a Value or a Tensor"
            )
    require_choice("direction", direction, get_args(Direction))
    require_choice("theme", theme, get_args(ThemeName))
    require_choice("style", style, get_args(StyleName))
    order = topological_order(last)
    numbers = {id(node): number for number, node in enumerate(order)}
    called = node_names(order, names_by_identity(names or {}))
    if id(first) not in numbers or first is last:
        raise OperandError(
            "path: last was not computed from first; pass a node and what was made of it"
        )
    with single_pass(order):
        texts = WireTexts(tuple(show))
        whole = circuit_of(last, names=names, digits=digits, title=title, texts=texts)
        gradient = array_text(first.grad, digits)
    kept = between(whole, f"n{numbers[id(first)]}", "out")
    note = SUM.format(last=called[id(last)], first=called[id(first)], gradient=gradient)
    return Drawing(cut(whole, kept, (note,), onwards=False), direction, theme, style)

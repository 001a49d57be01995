"""Formulas of a graph in names and numbers: what nodes are called, and what a gate computes."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

from .names import displayed_name
from .numerals import number_text

__all__ = ["expression", "node_names", "short_number", "signed"]

PLACEHOLDER = re.compile(r"(?<![a-z])x(?![a-z])")
"""An operand in a symbol such as 1/x, but no letter of exp or max."""


def node_names(order: Sequence[Any], names: Mapping[int, str]) -> dict[int, str]:
    """What each node is called, by its id; one without a name after its number, as in v3."""
    return {
        id(node): displayed_name(names.get(id(node)) or node.name or f"v{number}")
        for number, node in enumerate(order, start=1)
    }


def expression(symbol: str, operands: Sequence[str]) -> str:
    """What a gate computes, as one would write it.

    >>> expression("+", ["x", "y"]), expression("exp", ["a"]), expression("−", ["a"])
    ('x + y', 'exp(a)', '−a')
    >>> expression("xʸ", ["a", "2"]), expression("|x|", ["a"]), expression("1/x", ["a"])
    ('a^2', '|a|', '1/a')
    >>> expression("max", ["a", "b", "c", "d", "e"])
    'max(a, …, e)'
    """
    written = [(f"^{operands[-1]}", mark) for mark in "ʸˣ" if mark in symbol]
    if PLACEHOLDER.search(symbol) or written:
        text = PLACEHOLDER.sub(lambda _: operands[0], symbol)
        for power, mark in written:
            text = text.replace(mark, power)
        return text
    sign = len(symbol) == 1 and not unicodedata.category(symbol).startswith("L") and symbol != "Σ"
    if sign and len(operands) == 2:
        return f"{operands[0]} {symbol} {operands[1]}"
    if sign and len(operands) == 1:
        return f"{symbol}{operands[0]}"
    if len(operands) > 4:
        return f"{symbol}({operands[0]}, …, {operands[-1]})"
    return f"{symbol}({', '.join(operands)})"


def short_number(number: float, digits: int) -> str:
    """A number in a formula: a whole one without decimals, as it is exact.

    >>> short_number(-2.0, 2), short_number(0.999, 2)
    ('-2', '1.00')
    """
    number = float(number)
    if number.is_integer() and abs(number) < 1e6:
        return str(int(number))
    return number_text(number, digits)


def signed(text: str) -> str:
    """A number behind a sign: a negative one in brackets."""
    return f"({text})" if text.startswith("-") else text

"""What things are called in a drawing: names found in a mapping, and made fit to be shown."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np

from autograd import is_node

__all__ = ["displayed_name", "names_by_identity"]

NAME_LENGTH = 24
"""A longer name is shortened in its middle: both its ends tell it from others."""

BIDI_CONTROLS = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
NOT_IN_XML = frozenset("\ufffe\uffff")


def displayed_name(name: object, limit: int = NAME_LENGTH) -> str:
    r"""A name as it can stand in a drawing: in one line, of legal characters, not too long.

    >>> displayed_name("layers.0.weight\n of a net with many layers")
    'layers.0.weigh…ny layers'
    """
    text = str(name)
    if len(text) <= limit and text.isascii() and text.isprintable() and text == text.strip():
        return text  # most names
    return _displayed(text, limit)


@lru_cache(maxsize=512)
def _displayed(text: str, limit: int) -> str:
    if len(text) > 20 * limit:
        text = text[: 10 * limit] + text[-10 * limit :]
    text = " ".join("".join(map(_displayed_character, text)).split())
    if len(text) <= limit:
        return text
    tail = (limit - 1) * 2 // 5
    return f"{text[: limit - 1 - tail]}…{text[-tail:]}"


def _displayed_character(character: str) -> str:
    if character in BIDI_CONTROLS:
        return ""
    if character.isspace():
        return " "
    # XML can hold neither control characters nor halves of surrogate pairs.
    illegal = unicodedata.category(character) in ("Cc", "Cs") or character in NOT_IN_XML
    return "\ufffd" if illegal else character


def names_by_identity(names: Mapping[str, Any]) -> dict[int, str]:
    """The name of each object; those in a list or tuple get an index, as in w[0].

    Names with a leading underscore do not count: notebooks keep every result under some.
    """
    found: dict[int, str] = {}
    shown = {name: thing for name, thing in names.items() if not str(name).startswith("_")}
    for name, thing in shown.items():
        if _can_have_name(thing):
            found.setdefault(id(thing), str(name))
    for name, things in shown.items():
        if isinstance(things, (list, tuple)):
            for index, thing in enumerate(things):
                if _can_have_name(thing):
                    found.setdefault(id(thing), f"{name}[{index}]")
    return found


def _can_have_name(thing: object) -> bool:
    # Numbers cannot: Python shares equal ones, so that one name would turn up in several places.
    return is_node(thing) or isinstance(thing, np.ndarray)

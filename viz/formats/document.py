"""A drawing as data: what it shows, in JSON.

The document is one object:

==============  ==================================================================================
``format``      ``"gategrad drawing"``
``version``     1; it grows when what is here changes its meaning, not when something is added
``title``       the title, "" if there is none
``notes``       the lines below the picture
``pieces``      what wires join, operands before their users
``wires``       the wires, in the same order; the last leaves the output
==============  ==================================================================================

A piece has a ``key``, which wires name, and a ``kind``:

==============  ==================================================================================
``leaf``        with a ``label``, its name
``constant``    with a ``label``, its name or its number
``output``      with a ``label``, its name
``gate``        with its name, ``gate``; its ``symbol``, ``formula`` and ``arguments``, such as
                axis=0; and whether it is ``blamed`` for a wrong derivative
``fork``        where the wires of a node part that is used more than once
``box``         many gates as one, with a ``path`` such as encoder.0, a ``title``, the ``rows`` that
                are written in it, and a ``tooltip``
==============  ==================================================================================

A wire has a ``key``; a ``role``, "operand", "stem" (before a fork) or "output"; the keys ``from``
and ``to`` of its ends; the ``slot`` of the operand; the ``name`` of an inner node; the ``shape`` of
an array and its ``summary``; a ``value``; a ``gradient``, which is null where there is none; the
``local`` derivative, if it was asked for, or null; and a ``mark``, "", "not finite", "vanished" or
"exploded". Each of the three amounts is an object of ``shown``, the text in the picture, and
``exact``: a finite number as a number with all its digits, and else a text, such as "nan", or the
shape, type and range of an array.

Keys are in this order, pieces and wires in topological order, each on a line of its own: the same
graph gives the same bytes.
"""

from __future__ import annotations

import json
import math
from typing import Any

from ..circuit import Amount, Circuit, Fork, GateBox, GroupBox, Piece, Wire

__all__ = ["document_text", "drawing_data"]

FORMAT, VERSION = "gategrad drawing", 1


def document_text(circuit: Circuit) -> str:
    """What a circuit shows as JSON, with the keys that this module describes.

    >>> from autograd import Value
    >>> from viz.graph import circuit_of
    >>> found = json.loads(document_text(circuit_of(Value(0.1, name="x") + 0.2)))
    >>> found["pieces"][0], found["wires"][-1]["value"]
    ({'key': 'n0', 'kind': 'leaf', 'label': 'x'}, {'shown': '0.30', 'exact': 0.30000000000000004})
    """
    lines = []
    for name, value in drawing_data(circuit).items():
        text = _rows(value) if name in ("pieces", "wires") else _json(value)
        lines.append(f"{_json(name)}: {text}")
    return "{\n" + ",\n".join(f" {line}" for line in lines) + "\n}\n"


def drawing_data(circuit: Circuit) -> dict[str, Any]:
    """What a circuit shows, as what JSON is made of."""
    return {
        "format": FORMAT,
        "version": VERSION,
        "title": circuit.title,
        "notes": list(circuit.notes),
        "pieces": [_piece(piece) for piece in circuit.pieces],
        "wires": [_wire(wire) for wire in circuit.wires],
    }


def _piece(piece: Piece) -> dict[str, Any]:
    if isinstance(piece, GateBox):
        return {
            "key": piece.key,
            "kind": "gate",
            "gate": piece.gate,
            "symbol": piece.symbol,
            "formula": piece.formula,
            "arguments": piece.arguments,
            "blamed": piece.blamed,
        }
    if isinstance(piece, GroupBox):
        return {
            "key": piece.key,
            "kind": "box",
            "path": piece.path,
            "title": piece.title,
            "rows": list(piece.rows),
            "tooltip": piece.tooltip,
        }
    if isinstance(piece, Fork):
        return {"key": piece.key, "kind": "fork"}
    return {"key": piece.key, "kind": piece.kind, "label": piece.label}


def _wire(wire: Wire) -> dict[str, Any]:
    return {
        "key": wire.key,
        "role": wire.role,
        "from": wire.source,
        "to": wire.target,
        "slot": wire.slot,
        "name": wire.name,
        "shape": wire.shape,
        "summary": wire.summary,
        "value": _amount(wire.value),
        "gradient": _amount(wire.gradient),
        "local": _amount(wire.local),
        "mark": wire.mark,
    }


def _amount(amount: Amount | None) -> dict[str, Any] | None:
    return None if amount is None else {"shown": amount.text, "exact": _exact(amount.exact)}


def _exact(text: str) -> int | float | str:
    """The number that a text writes out, if JSON can hold it."""
    try:
        return int(text)
    except ValueError:
        pass
    try:
        number = float(text)
    except ValueError:
        return text
    return number if math.isfinite(number) else text


def _rows(rows: list[dict[str, Any]]) -> str:
    return "[\n" + ",\n".join(f"  {_json(row)}" for row in rows) + "\n ]"


def _json(thing: Any) -> str:
    return json.dumps(thing, ensure_ascii=False, allow_nan=False)

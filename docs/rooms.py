"""The rooms of the library, from the ground up: the plan that its imports are held to.

`make docs` draws it as docs/pictures/rooms.svg; the tests read the imports of every file.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from viz import Drawing
from viz.circuit import Amount, Circuit, GroupBox, Wire

__all__ = ["LATE", "ROOMS", "Import", "Room", "imports", "room_of"]

ROOT = Path(__file__).resolve().parent.parent
PICTURE = ROOT / "docs" / "pictures" / "rooms.svg"


class Room(NamedTuple):
    """Some modules with one purpose, which use those of the rooms below alone."""

    name: str
    purpose: str
    modules: tuple[str, ...]
    """Their names; a package stands for all that is in it, unless another room names it."""


def _of_engine(name: str, purpose: str, modules: str) -> Room:
    """A room of modules of the engine, whose names are given in a line of text."""
    return Room(name, purpose, tuple(f"autograd.{module}" for module in modules.split()))


ROOMS = (
    _of_engine(
        "ground",
        "errors, modes, arrays, the walk backwards",
        "anomaly arrays backward blocks changes errors exact frozen hooks ieee modes "
        "randomness saving serialization snapshot structures uncompiled",
    ),
    _of_engine(
        "gates",
        "the table of elementwise gates, and what is made of its rows",
        "expression formula gate gates kernel kernel_source lane_codes "
        "lane_source lanes numpy_functions",
    ),
    Room(
        "array gates",
        "matrix products, sums, indexing, convolution: forward and vjp",
        ("autograd.array_gates", "autograd.custom"),
    ),
    Room(
        "nodes", "Value and Tensor", ("autograd.engine_choice", "autograd.tensor", "autograd.value")
    ),
    _of_engine(
        "functions",
        "grad and its kin, lowering, rules of update",
        "captured forward functional lookup lowering named_inputs recomputation "
        "recording reductions traced_arguments transforms update_rules",
    ),
    _of_engine(
        "programs",
        "trace, and the replay of tapes",
        "programs tape tensor_programs",
    ),
    Room("autograd", "all that the package offers", ("autograd",)),
    Room("testing", "checks of gradients", ("autograd.testing",)),
    Room("nn", "layers, losses, optimizers, training", ("nn",)),
    Room("viz", "drawings, pages, plots", ("viz",)),
)
"""From below to above."""

LATE = {("array gates", "nodes")}
"""Arrows upwards, of imports that wait until a function runs.

A gate on arrays says what it does to Values in terms of a Value's own gates, such as the sum of
many; and a Value knows the array gates that these are.
"""


class Import(NamedTuple):
    """One module that imports another, at once or when a function runs."""

    user: str
    used: str
    late: bool


def room_of(module: str) -> Room:
    """The room that names a module, or else the nearest package around it.

    Raises:
        LookupError: none does.
    """
    package = module
    while package:
        for room in ROOMS:
            # The package autograd itself stands for its __init__ alone.
            if package in room.modules and (package == module or package != "autograd"):
                return room
        package = package.rpartition(".")[0]
    raise LookupError(f"{module} is in no room of docs/rooms.py")


def imports() -> list[Import]:
    """What the modules of the library import of it, but for types alone."""
    files = {
        ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): file
        for package in ("autograd", "nn", "viz")
        for file in sorted((ROOT / package).rglob("*.py"))
    }
    found = []
    for module, file in files.items():
        package = module if file.name == "__init__.py" else module.rpartition(".")[0]
        tree = ast.parse(file.read_text(encoding="utf-8"))
        for statement, late in _statements(tree, late=False):
            for name in _names(statement, package):
                used = name if name in files else name.rpartition(".")[0]
                if used in files and used != module:
                    found.append(Import(module, used, late))
    return found


def _statements(node: ast.AST, *, late: bool) -> Iterator[tuple[ast.stmt, bool]]:
    """The imports within a node, and whether each waits until a function runs."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, (ast.Import, ast.ImportFrom)):
            yield child, late
        elif isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
            continue
        else:
            function = isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef))
            yield from _statements(child, late=late or function)


def _names(statement: ast.stmt, package: str) -> Iterator[str]:
    """The full names that a statement imports: modules, or what is in them."""
    if isinstance(statement, ast.Import):
        yield from (alias.name for alias in statement.names)
    elif isinstance(statement, ast.ImportFrom):
        base = package.split(".")[: 1 - statement.level or None] if statement.level else []
        base += [statement.module] if statement.module else []
        yield from (".".join([*base, alias.name]) for alias in statement.names)


def _arrows() -> list[tuple[str, str]]:
    """From each room to those that it uses and does not reach by way of others."""
    below: dict[str, set[str]] = {room.name: set() for room in ROOMS}
    for user, used, late in imports():
        ends = room_of(user).name, room_of(used).name
        if ends[0] != ends[1] and not (late and ends in LATE):
            below[ends[0]].add(ends[1])
    reached: dict[str, set[str]] = {}
    for room in ROOMS:
        reached[room.name] = below[room.name].union(*(reached[name] for name in below[room.name]))
    return [
        (user, used)
        for user, rooms in below.items()
        for used in sorted(rooms)
        if not any(used in reached[other] for other in rooms)
    ]


def drawing() -> Drawing:
    """The rooms as boxes, those above first."""
    keys = {room.name: f"n{number}" for number, room in enumerate(reversed(ROOMS))}
    nothing = Amount("", "")
    boxes = tuple(
        GroupBox(keys[room.name], room.name, "", (room.purpose,), room.purpose)
        for room in reversed(ROOMS)
    )
    wires = tuple(
        Wire(f"w{number}", "operand", keys[user], keys[used], 0, "", "", nothing, None)
        for number, (user, used) in enumerate(_arrows())
    )
    return Drawing(Circuit(boxes, wires, "", (), cut=True), direction="TB")


def main() -> None:
    """Draw the picture and say so."""
    drawing().save(PICTURE)
    print(f"wrote {PICTURE.relative_to(ROOT)}")


if __name__ == "__main__":
    main()

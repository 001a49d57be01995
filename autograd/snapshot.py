"""Snapshots: whether containers, variables and arrays are still what they were.

Nodes are compared by identity: their own numbers may change. All else is compared by equality.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from operator import attrgetter, itemgetter
from types import CellType
from typing import Any, NamedTuple

import numpy as np

from .changes import content_of
from .exact import shortened

__all__ = ["Change", "Snapshot"]

_COPIED_BY = {list: list, dict: dict, set: set, deque: deque, bytearray: bytes}
_PATHS: dict[type, str] = {list: "{}[{!r}]", deque: "{}[{!r}]", dict: "{}[{!r}]"}
_ABSENT = object()


class Change(NamedTuple):
    """What is not as it was."""

    what: str
    before: str
    now: str


class _Part(NamedTuple):
    """How to say what was changed in something that is watched."""

    name: str
    path: str
    """The template of one item's name, from the name of the whole and the key."""
    keys: Sequence[str] = ()
    """Of what is read as a tuple: the key of each item."""


class Snapshot:
    """What is watched, and what it was.

    To find that nothing has changed takes a few microseconds, however it is nested: containers are
    compared with their copies all at once, and what is in its place needs no second look.

    >>> snapshot, weights = Snapshot(), [1.0, 2.0]
    >>> snapshot.watch(weights, "weights")
    >>> snapshot.is_current()
    True
    >>> weights.append(3.0)
    >>> next(snapshot.changes())
    Change(what='the list `weights`', before='had 2 items', now='has 3')
    """

    def __init__(self) -> None:
        self._containers: list[Any] = []
        self._copies: list[Any] = []
        self._parts: list[_Part] = []
        # What is no container is read: variables, slots, arrays.
        self._reads: list[Callable[[], Any]] = []
        self._readings: list[Any] = []
        self._parts_read: list[_Part] = []

    def watch(self, container: Any, name: str, path: str = "") -> None:
        """Watch a list, dict, set, deque or bytearray; with ``path``, a dict of variables."""
        kind = next(kind for kind in _COPIED_BY if isinstance(container, kind))
        self._containers.append(container)
        self._copies.append(_COPIED_BY[kind](container))
        self._parts.append(_Part(name, path or _PATHS.get(kind, "")))

    def watch_variable(self, cell: CellType, name: str) -> None:
        """Watch a variable of an enclosing function, which has been set."""
        self._read(partial(getattr, cell, "cell_contents"), _Part(name, "{}"))

    def watch_items(self, mapping: Mapping[str, Any], keys: Sequence[str], path: str) -> None:
        """Watch these variables of a module or a class; there is one at least."""
        self._read(partial(itemgetter(*keys), mapping), _Part("", path, keys))

    def watch_slots(self, holder: Any, slots: Sequence[str], name: str) -> None:
        """Watch these attributes of an object, which have been set; there is one at least."""
        self._read(partial(attrgetter(*slots), holder), _Part(name, "{}.{}", slots))

    def watch_array(self, array: np.ndarray, name: str) -> None:
        """Watch the elements of an array: numbers, or objects."""
        read = array.tolist if array.dtype.hasobject else partial(content_of, array)
        self._read(read, _Part(name, ""))

    def _read(self, read: Callable[[], Any], part: _Part) -> None:
        self._reads.append(read)
        self._readings.append(read())
        self._parts_read.append(part)

    def is_current(self) -> bool:
        """Whether all that is watched is as it was."""
        try:
            # By identity where that will do: lists and dicts ask for equality only beyond.
            return (
                self._containers == self._copies
                and [read() for read in self._reads] == self._readings
            )
        except Exception:
            return False  # a variable is no more, or has become an array, which equals in parts

    def changes(self) -> Iterator[Change]:
        """What is not as it was, one change for each thing that is watched."""
        for container, copy, part in zip(self._containers, self._copies, self._parts, strict=True):
            if not _same(container, copy):
                yield _change_within(container, copy, part)
        for read, reading, part in zip(self._reads, self._readings, self._parts_read, strict=True):
            try:
                now = read()
            except Exception:
                now = _ABSENT
            if not _same(now, reading):
                yield _change_of_reading(now, reading, part)


def _same(now: Any, before: Any) -> bool:
    try:
        return now is before or bool(now == before)
    except Exception:
        return False  # an array, which equals in parts


def _change_within(container: Any, copy: Any, part: _Part) -> Change:
    if part.path and len(container) == len(copy):
        for key, before in copy.items() if isinstance(copy, dict) else enumerate(copy):
            now = container.get(key, _ABSENT) if isinstance(copy, dict) else container[key]
            if not _same(now, before):
                return _change_of_item(part.path.format(part.name, key), now, before)
    what = f"the {type(container).__name__} `{part.name}`"
    if part.path == "{}.{}":
        what = f"the object `{part.name}`"
    if len(container) == len(copy):
        return Change(what, "held other items", "holds these")
    plural = "" if len(copy) == 1 else "s"
    return Change(what, f"had {len(copy)} item{plural}", f"has {len(container)}")


def _change_of_reading(now: Any, before: Any, part: _Part) -> Change:
    if not part.path:
        return Change(f"the array `{part.name}`", "had other elements", "has these")
    if not part.keys:
        return _change_of_item(part.name, now, before)
    several = len(part.keys) > 1
    befores = before if several else (before,)
    nows = _items(now, len(befores)) if several or now is _ABSENT else (now,)
    for key, item, old in zip(part.keys, nows, befores, strict=True):
        if not _same(item, old):
            return _change_of_item(part.path.format(part.name, key), item, old)
    raise AssertionError("something has changed")


def _items(now: Any, count: int) -> Iterable[Any]:
    return (_ABSENT,) * count if now is _ABSENT else now


def _change_of_item(name: str, now: Any, before: Any) -> Change:
    was, is_now = shortened(before), shortened(now)
    if now is _ABSENT:
        return Change(f"`{name}`", f"was {was}", "is no more")
    if was == is_now:
        is_now = f"another {type(now).__name__}"
    return Change(f"`{name}`", f"was {was}", f"is {is_now}")

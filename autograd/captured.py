"""What a function takes from around it, and whether that is still what it was.

A function captures the variables of the functions around it, the global variables that its code
names, the defaults of its parameters, the object whose method it is; and through these their
attributes, their items, and what the functions among them capture in turn.
"""

from __future__ import annotations

import dis
import os
import sys
from collections import deque
from collections.abc import Iterable, Iterator
from functools import lru_cache, partial
from types import (
    BuiltinFunctionType,
    CodeType,
    FunctionType,
    MemberDescriptorType,
    MethodType,
    ModuleType,
)
from typing import Any

import numpy as np

from .randomness import GENERATORS, Generators
from .snapshot import Change, Snapshot
from .tensor import Tensor
from .value import Value

__all__ = ["MOST_CONTAINERS", "Captured"]

MOST_CONTAINERS = 10_000
"""So many objects are looked into; what lies beyond is not watched."""

_PLAIN = frozenset({int, float, complex, bool, str, bytes, type(None), type(...)})
_NODES = (Value, Tensor)
# Whose objects, functions and classes are not looked into: what they hold is their own affair.
_LIBRARIES = sys.stdlib_module_names | {"numpy", str(__package__)}
_SETTINGS = {"types.SimpleNamespace", "argparse.Namespace"}
# The package of the layers: what is made of them is looked into, wherever that is installed.
_NETWORKS = "nn"
_INSTALLED = tuple(f"{os.sep}{folder}{os.sep}" for folder in ("site-packages", "dist-packages"))


class Captured:
    """What a function captures, as it is now.

    Args:
        f: the function, or another callable.

    >>> rates = [0.1, 0.2]
    >>> def f(x):
    ...     return x * rates[0]
    >>> captured = Captured(f)
    >>> captured.changes()
    >>> rates.append(0.3)
    >>> captured.changes()
    '...: the list `rates`, which f captured, had 2 items when it was traced, and has 3: it is ...'
    """

    def __init__(self, f: Any) -> None:
        self._f = f
        function = _function_of(f)
        self._name = getattr(function, "__name__", None) or type(function).__name__
        self._walk = _Walk(f)

    @property
    def kinds(self) -> set[type]:
        """Which classes of nodes there are among what is captured: Value, Tensor."""
        return self._walk.kinds

    def changes(self) -> str | None:
        """What has changed, and what to do about it; None if nothing has."""
        if self._walk.snapshot.is_current():
            return None
        change = next(self._walk.snapshot.changes(), None)
        if change is None:
            return None
        return (
            f"{_line_of(self._f)}: {change.what}, which {self._name} captured, {change.before} "
            f"when it was traced, and {change.now}: it is traced again, which takes as long as "
            "several calls; to pass it as an argument takes none of that"
        )

    def changed_within(self) -> list[str]:
        """What the function did, since it was looked at, that its program does not do.

        To be asked once the function has run; what is captured counts from then on as it is now.
        """
        line = _line_of(self._f)
        warnings = [
            f"{line}: random numbers were drawn from {name} while {self._name} was traced; they "
            "would be the same at each call: pass them as arguments"
            for name in self._walk.generators.moved()
        ]
        warnings += [self._warning(line, change) for change in self._walk.snapshot.changes()]
        self._walk = _Walk(self._f)
        if self._walk.is_cut_short:
            warnings.append(
                f"{line}: {self._name} captures more than {MOST_CONTAINERS} objects; what changes "
                "in the others will not be noticed: pass them as arguments"
            )
        return warnings

    def _warning(self, line: str, change: Change) -> str:
        return (
            f"{line}: {self._name} changed what it captured while it was traced: {change.what} "
            f"{change.before}, and {change.now}; its program will not change it: return the new "
            "value, or change it where the function is called"
        )


class _Walk:
    """The walk over all that a function captures."""

    def __init__(self, f: Any) -> None:
        self.snapshot = Snapshot()
        self.generators = Generators()
        self.kinds: set[type] = set()
        self.is_cut_short = False
        # By their ids, and kept, so that no other object gets one of these.
        self._seen: dict[int, Any] = {}
        self._names: dict[int, tuple[dict[str, Any], dict[str, None]]] = {}
        self._own = _package_of(f)
        self._pending: deque[tuple[Any, str]] = deque()
        self._push(f, "self")
        while self._pending:
            self._open(*self._pending.popleft())
        for mapping, names in self._names.values():
            self.snapshot.watch_items(mapping, tuple(names), "{}{}")

    def _push(self, thing: Any, name: str) -> None:
        kind = type(thing)
        if kind in _PLAIN or id(thing) in self._seen:
            return
        if kind in _NODES:
            self.kinds.add(kind)
        elif len(self._seen) < MOST_CONTAINERS:
            self._seen[id(thing)] = thing
            self._pending.append((thing, name))
        else:
            self.is_cut_short = True

    def _push_items(self, items: Iterable[tuple[Any, Any]], path: str, name: str) -> None:
        for key, item in items:
            kind = type(item)
            if kind in _NODES:
                self.kinds.add(kind)
            elif kind not in _PLAIN:
                self._push(item, path.format(name, key))

    def _open(self, thing: Any, name: str) -> None:
        match thing:
            case FunctionType():
                self._open_function(thing)
            case MethodType() | BuiltinFunctionType():
                self._push(thing.__self__, name)
                self._push(getattr(thing, "__func__", None), name)
            case partial():
                self._push(thing.func, f"{name}.func")
                self._push_items(enumerate(thing.args), "{}.args[{!r}]", name)
                self._push_items(thing.keywords.items(), "{}.keywords[{!r}]", name)
            case _ if isinstance(thing, GENERATORS):
                self.generators.add(thing, name)
            case list() | dict() | set() | deque() | bytearray() | tuple() | frozenset():
                self._open_container(thing, name)
            case np.ndarray():
                self.snapshot.watch_array(thing, name)
                if thing.dtype.hasobject and thing.dtype.names is None:
                    self._push_items(np.ndenumerate(thing), "{}[{}]", name)
            case type():
                self._open_class(thing)
            case ModuleType():
                pass  # of a module, what is named in a function is watched there
            case _:
                self._push(getattr(thing, "__wrapped__", None), name)
                self._open_object(thing, name)

    def _open_container(self, container: Any, name: str) -> None:
        if not isinstance(container, (tuple, frozenset)):
            self.snapshot.watch(container, name)
        if not isinstance(container, bytearray):
            items = container.items() if isinstance(container, dict) else enumerate(container)
            self._push_items(items, "{}[{!r}]", name)
        self._open_object(container, name)

    def _open_object(self, thing: Any, name: str) -> None:
        """Look into the attributes of an object, those of its class, and its methods."""
        kind = type(thing)
        if self._is_foreign(kind) and _full_name(kind) not in _SETTINGS:
            return
        attributes = getattr(thing, "__dict__", None)
        if isinstance(attributes, dict):
            self.snapshot.watch(attributes, name, "{}.{}")
            self._push_items(attributes.items(), "{}.{}", name)
        slots = [slot for slot in _slots_of(kind) if hasattr(thing, slot)]
        if slots:
            self.snapshot.watch_slots(thing, slots, name)
            self._push_items(((slot, getattr(thing, slot)) for slot in slots), "{}.{}", name)
        self._push(kind, kind.__name__)

    def _open_class(self, kind: type) -> None:
        """Look into the methods of a class, and what is no method."""
        for base in kind.__mro__:
            if self._is_foreign(base):
                continue
            constants = []
            for key, item in vars(base).items():
                method = getattr(item, "fget", None) or getattr(item, "__func__", item)
                if isinstance(method, FunctionType):
                    self._push(method, key)
                elif not (key.startswith("__") or hasattr(item, "__get__")):
                    constants.append((key, item))
            if constants:
                path = f"{base.__name__}.{{1}}"
                self.snapshot.watch_items(vars(base), [key for key, _ in constants], path)
                self._push_items(constants, path, "")

    def _open_function(self, f: FunctionType) -> None:
        for name, cell in zip(f.__code__.co_freevars, f.__closure__ or (), strict=True):
            try:
                content = cell.cell_contents
            except ValueError:
                continue  # the variable is not set yet
            if id(cell) not in self._seen:
                self._seen[id(cell)] = cell
                self.snapshot.watch_variable(cell, name)
            self._push(content, name)
        parameters = f.__code__.co_varnames[: f.__code__.co_argcount]
        defaults = f.__defaults__ or ()
        self._push_items(zip(parameters[::-1], defaults[::-1], strict=False), "{1}", "")
        self._push_items((f.__kwdefaults__ or {}).items(), "{1}", "")
        self._push(getattr(f, "__wrapped__", None), f.__name__)
        if not self._is_foreign(f):
            for chain in _globals_of(f.__code__):
                self._open_global(f.__globals__, chain)

    def _open_global(self, variables: dict[str, Any], chain: tuple[str, ...]) -> None:
        """Look into a global variable, or through a module into one of its own."""
        for name in chain:
            if name not in variables:
                return  # of Python itself, or not there yet
            watched = self._names.setdefault(id(variables), (variables, {}))[1]
            watched[name] = None
            thing = variables[name]
            self._push(thing, name)
            if not isinstance(thing, ModuleType) or self._is_foreign(thing):
                return
            variables = vars(thing)

    def _is_foreign(self, thing: Any) -> bool:
        """Whether a function, class or module is of a library, other than the function's own."""
        package = _package_of(thing)
        if package == self._own and not _is_of_this_package(thing):
            return False
        if _NETWORKS in map(_package_of, getattr(thing, "__mro__", (thing,))):
            return False
        file = getattr(sys.modules.get(package), "__file__", None) or ""
        return package in _LIBRARIES or any(folder in file for folder in _INSTALLED)


def _is_of_this_package(thing: Any) -> bool:
    """Whether it is written in this package's files, as the functions of its doctests are not."""
    if isinstance(thing, FunctionType):
        return thing.__code__.co_filename.startswith(os.path.dirname(__file__) + os.sep)
    return isinstance(thing, type) and _module_of(thing).startswith(f"{__package__}.")


def _module_of(thing: Any) -> str:
    name = thing.__name__ if isinstance(thing, ModuleType) else getattr(thing, "__module__", "")
    return name if isinstance(name, str) else ""


def _package_of(thing: Any) -> str:
    return _module_of(thing).partition(".")[0]


def _full_name(kind: type) -> str:
    return f"{kind.__module__}.{kind.__qualname__}"


def _slots_of(kind: type) -> Iterator[str]:
    for base in kind.__mro__:
        for name, member in vars(base).items():
            if type(member) is MemberDescriptorType:
                yield name


@lru_cache(maxsize=1024)
def _globals_of(code: CodeType) -> tuple[tuple[str, ...], ...]:
    """The global variables that code reads, each with the attributes that are read through it."""
    chains: dict[tuple[str, ...], None] = {}
    chain: list[str] = []
    for instruction in dis.get_instructions(code):
        if instruction.opname == "EXTENDED_ARG":
            continue
        if chain and instruction.opname in ("LOAD_ATTR", "LOAD_METHOD"):
            chain.append(instruction.argval)
            continue
        if chain:
            chains[tuple(chain)] = None
        is_global = instruction.opname in ("LOAD_GLOBAL", "LOAD_NAME")
        chain = [instruction.argval] if is_global else []
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            chains.update(dict.fromkeys(_globals_of(constant)))
    return tuple(chains)


def _function_of(f: Any) -> Any:
    """What is called in the end, where ``f`` is a partial."""
    while isinstance(f, partial):
        f = f.func
    return f


def _line_of(f: Any) -> str:
    """The ``file:line`` of a callable's code; its repr if it has none."""
    f = _function_of(f)
    f = getattr(f, "__wrapped__", f)
    code = getattr(f, "__code__", None) or getattr(type(f).__call__, "__code__", None)
    return repr(f) if code is None else f"{code.co_filename}:{code.co_firstlineno}"

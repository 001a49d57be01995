"""trace: a function that is run once by Python, and from then on by its program."""

from __future__ import annotations

import functools
import inspect
import threading
import warnings
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Sequence
from types import MethodType
from typing import Any

import numpy as np
import numpy.typing as npt

from ..captured import Captured
from ..errors import OperandError, SettingError, TraceWarning
from ..exact import shortened
from ..modes import trace_here
from ..structures import parameter_names
from ..tensor import Tensor
from ..traced_arguments import Call, number_of
from ..update_rules import Optimizer
from ..value import Value
from .minimization import minimized_over_samples
from .program import Program
from .recording import OnTensors, scalar_program, tensor_program
from .replaying import replayed

__all__ = ["Traced", "trace"]

MOST_PROGRAMS = 64


def trace(
    f: Callable[..., Any] | None = None,
    *,
    static: str | Iterable[str] = (),
    optimize: bool = True,
    most_programs: int = MOST_PROGRAMS,
) -> Any:
    """A function that is run by Python once for each structure of its arguments, and then replayed.

    At its first call ``f`` runs on fresh Values in the place of the numbers that it was given, and
    what it computes is recorded as a ``Program``. Later calls run the program. Values that ``f``
    captured are its parameters: they are read at each call, and ``backward()`` of a result adds to
    their gradients as if ``f`` had been run.

    While it is recorded, what would be decided once and for all raises a TraceError: a branch on a
    Value, a read of its number. Arguments that decide belong in ``static``; strings, None and
    bools always do.

    A function that captures Tensors, or is given some, runs on Tensors, and is recorded as a
    ``TensorProgram``: arrays of floats and Tensors among its arguments are its variables, and there
    is a program for each value of what else it is given, such as labels. Where it does what cannot
    be replayed, it is run anew at each call, and a TraceWarning says why.

    Args:
        f: a function of numbers, Values, nested lists, tuples and dicts of them, and NumPy
            arrays, which it gets as arrays of Values; or one of Tensors. It may be left out: then
            the result is a decorator.
        static: the names of arguments that are passed on as they are, with a program for each of
            their values. They must be hashable.
        optimize: whether gates are merged, put in another order and rolled up into dot products.
            Without it results and gradients are those of the eager engine to the last bit.
        most_programs: so many are kept; the one that was not used for longest is dropped.

    Raises:
        TraceError: at a call, if ``f`` does what would be frozen into the program.
        OperandError: at a call, for an argument that is neither numbers nor static.

    Warns:
        TraceWarning: at a call, if ``f`` draws random numbers or changes what it captures, which
            its program would not do; or if what it captures was changed since the last call: then
            it is traced again.

    >>> from autograd import Value
    >>> w = Value(3.0)
    >>> @trace
    ... def f(x):
    ...     return w * x + 1
    >>> f(2.0).data, f(5.0).data
    (7.0, 16.0)
    >>> f(5.0).backward()
    >>> w.grad, f.programs
    (5.0, [<program f: 2 gates of 1 input and 1 parameter>])
    """
    if f is None:
        return functools.partial(
            trace, static=static, optimize=optimize, most_programs=most_programs
        )
    return Traced(f, static, optimize, most_programs)


class Traced:
    """A traced function; made by ``trace``."""

    def __init__(
        self, f: Callable[..., Any], static: str | Iterable[str], optimize: bool, most_programs: int
    ) -> None:
        if not callable(f):
            raise OperandError(f"trace: {shortened(f)} is not a function")
        if most_programs < 1:
            raise SettingError(f"trace: most_programs is {most_programs}; at least one is kept")
        functools.update_wrapper(self, f, updated=())
        self.__wrapped__ = f
        self._name = getattr(f, "__name__", type(f).__name__)
        self._names: list[str] = []
        self._lock = threading.Lock()
        self._static = frozenset([static] if isinstance(static, str) else static)
        self._optimize = optimize
        self._most_programs = most_programs
        self._kind: type | None = None
        self._programs: OrderedDict[Hashable, tuple[Any, Captured]] = OrderedDict()
        _check_static(f, self._name, self._static)

    def __repr__(self) -> str:
        return f"<traced {self._name}: {len(self._programs)} programs>"

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        """As a method: the object is a static argument, whose Values are captured."""
        return self if instance is None else MethodType(self, instance)

    @property
    def programs(self) -> list[Any]:
        """The programs that are kept, the one that was used last at the end."""
        return [
            found.program if isinstance(found, OnTensors) else found
            for found, _ in self._programs.values()
        ]

    def retrace(self) -> None:
        """Forget the programs: the function is run by Python at its next call."""
        self._programs.clear()
        self._kind = None

    def program(self, *args: Any, **keywords: Any) -> Any:
        """The program for arguments of this structure; the function is traced if there is none.

        It is a ``Program``, or a ``TensorProgram`` for a function of Tensors.
        """
        found = self._find(args, keywords)[0]
        return found.program if isinstance(found, OnTensors) else found

    def minimize(
        self,
        optimizer: Optimizer,
        steps: int,
        samples: Sequence[tuple[Any, ...]],
        *,
        batch_size: int = 1,
        callback: Callable[[int, float], object] | None = None,
    ) -> npt.NDArray[np.float64]:
        """Train the captured Values by samples of any structures, in order.

        It is what ``Program.minimize`` does, with a program for each structure: for documents of
        varied length, say. What is not in the program of a sample has a gradient of 0 there.

        Args:
            optimizer: such as ``adam`` of ``autograd.update_rules``.
            steps: how many.
            samples: for each the arguments of one call.
            batch_size: over how many samples, one after the other in order, each step takes the
                mean; after the last sample comes the first.
            callback: called after each step with its number, from 0 on, and the loss before it.

        Returns:
            The loss before each step, of shape (steps,).

        Raises:
            OperandError: if the function does not return one number, or there are no samples.
            SettingError: for a setting outside of its range; if there are no parameters.

        >>> from autograd import Value
        >>> from autograd.update_rules import sgd
        >>> level = Value(0.0)
        >>> error = trace(lambda numbers: sum((level - x) ** 2 for x in numbers))
        >>> losses = error.minimize(sgd(lr=0.1), 100, [([2.0],), ([1.0, 3.0],)])
        >>> round(level.data, 6), len(error.programs)
        (2.0, 2)
        """
        known = []
        for sample in samples[: max(steps * batch_size, 1)]:
            program, leaves = self._find(sample, {})
            if not isinstance(program, Program):
                raise OperandError(
                    f"minimize: {self._name} computes with Tensors; train it by an optimizer of nn"
                )
            known.append((program, [number_of(leaf) for leaf in leaves]))
        return minimized_over_samples(known, optimizer, steps, batch_size, callback)

    def __call__(self, *args: Any, **keywords: Any) -> Any:
        """What ``f`` returns for these arguments, with nodes in the places of its results."""
        if trace_here() is not None:
            return self.__wrapped__(*args, **keywords)  # part of the graph that is being recorded
        found, leaves = self._find(args, keywords)
        return found(leaves) if isinstance(found, OnTensors) else replayed(found, leaves)

    def _find(self, args: tuple[Any, ...], keywords: dict[str, Any]) -> tuple[Any, list[Any]]:
        """What runs for these arguments, and their leaves."""
        if len(args) > len(self._names):
            self._names = parameter_names(self.__wrapped__, len(args))
        given = [*zip(self._names, args, strict=False), *keywords.items()]
        call = Call(given, len(args), self._static)
        kind = self._kind or self._kind_of(call)
        leaves: list[Any] = []
        key = call.key(kind, leaves)
        if kind is Value and Tensor in map(type, leaves):
            kind, leaves = Tensor, []
            key = call.key(kind, leaves)
        with self._lock:
            known = self._programs.get(key)
            if known is not None:
                self._programs.move_to_end(key)
        if known is not None:
            change = known[1].changes()
            if change is None:
                return known[0], leaves
            warnings.warn(change, TraceWarning, stacklevel=3)
        captured = Captured(call.with_static(self.__wrapped__))
        if kind is Tensor:
            found: Any = tensor_program(self.__wrapped__, self._name, call, captured)
        else:
            found = scalar_program(self.__wrapped__, self._name, call, captured, self._optimize)
        with self._lock:
            self._programs[key] = found, captured
            while len(self._programs) > self._most_programs:
                self._programs.popitem(last=False)
        return found, leaves

    def _kind_of(self, call: Call) -> type:
        """On which kind of nodes the function is to run: on that of those it captures, or is given.

        Arguments that are Tensors decide each time; without any node the kind is Value.
        """
        kinds = Captured(call.with_static(self.__wrapped__)).kinds
        self._kind = Tensor if Tensor in kinds and Value not in kinds else Value
        return self._kind


def _check_static(f: Callable[..., Any], name: str, static: frozenset[str]) -> None:
    """Refuse names that are no arguments of the function."""
    try:
        parameters = inspect.signature(f).parameters
    except (TypeError, ValueError):  # what is not written in Python may have no signature
        return
    if any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters.values()):
        return
    for unknown in sorted(static - set(parameters)):
        raise SettingError(
            f"trace: {name} has no argument {unknown!r} to be static; it has "
            f"{', '.join(parameters) or 'none'}"
        )

"""trace: a function of scalars, run once by Python, and from then on by its program."""

from __future__ import annotations

import functools
import inspect
import numbers
import threading
import warnings
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Sequence
from contextlib import nullcontext
from decimal import Decimal
from types import MethodType
from typing import Any

import numpy as np
import numpy.typing as npt

from .captured import Captured
from .errors import OperandError, SettingError, ShapeError, TraceWarning
from .exact import exact_float, shortened
from .minimization import minimized_over_samples
from .modes import enable_grad, is_recording, trace_here, tracing
from .program import Argument, Program
from .recording import running_on
from .structures import flatten, parameter_names
from .tape.machine import Machine
from .tape.optimized import optimized
from .tape.recorded import recorded
from .tensor import Tensor
from .update_rules import Optimizer
from .value import Value, node_of_program

__all__ = ["Traced", "trace", "vmap"]

_PLAIN = frozenset({float, int})
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

    Args:
        f: a function of numbers, Values, nested lists, tuples and dicts of them, and NumPy
            arrays, which it gets as arrays of Values. It may be left out: then the result is a
            decorator.
        static: the names of arguments that are passed on as they are, with a program for each of
            their values. They must be hashable.
        optimize: whether gates are merged, put in another order and rolled up into dot products.
            Without it results and gradients are those of the eager engine to the last bit.
        most_programs: so many are kept; the one that was not used for longest is dropped.

    Raises:
        TraceError: at a call, if ``f`` does what would be frozen into the program.
        OperandError: at a call, for an argument that is neither numbers nor static.

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
        self._programs: OrderedDict[Hashable, tuple[Program, Captured]] = OrderedDict()
        _check_static(f, self._name, self._static)

    def __repr__(self) -> str:
        return f"<traced {self._name}: {len(self._programs)} programs>"

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        """As a method: the object is a static argument, whose Values are captured."""
        return self if instance is None else MethodType(self, instance)

    @property
    def programs(self) -> list[Program]:
        """The programs that are kept, the one that was used last at the end."""
        return [program for program, _ in self._programs.values()]

    def retrace(self) -> None:
        """Forget the programs: the function is run by Python at its next call."""
        self._programs.clear()

    def program(self, *args: Any, **keywords: Any) -> Program:
        """The program for arguments of this structure; the function is traced if there is none."""
        return self._find(args, keywords)[0]

    def minimize(
        self,
        optimizer: Optimizer,
        steps: int,
        samples: Sequence[tuple[Any, ...]],
        *,
        callback: Callable[[int, float], object] | None = None,
    ) -> npt.NDArray[np.float64]:
        """Train the captured Values by samples of any structures, one after the other.

        It is what ``Program.minimize`` does, with a program for each structure: for documents of
        varied length, say. What is not in the program of a sample has a gradient of 0 there.

        Args:
            optimizer: ``sgd``, ``momentum`` or ``adam`` of ``autograd.update_rules``.
            steps: how many; after the last sample comes the first.
            samples: for each the arguments of one call.
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
        for sample in samples[: max(steps, 1)]:
            program, leaves = self._find(sample, {})
            known.append((program, [_number_of(leaf) for leaf in leaves]))
        return minimized_over_samples(known, optimizer, steps, callback)

    def __call__(self, *args: Any, **keywords: Any) -> Any:
        """What ``f`` returns for these arguments, with Values in the places of its results."""
        if trace_here() is not None:
            return self.__wrapped__(*args, **keywords)  # part of the graph that is being recorded
        program, leaves = self._find(args, keywords)
        return replayed(program, leaves)

    def _find(self, args: tuple[Any, ...], keywords: dict[str, Any]) -> tuple[Program, list[Any]]:
        """The program for these arguments, and their leaves."""
        given = self._named(args, keywords)
        leaves: list[Any] = []
        key = tuple(
            [
                _static_key(name, argument, name in self._static)
                if name in self._static or _is_static(argument)
                else _key_of(argument, leaves)
                for name, argument in given
            ]
        )
        if keywords:
            key += tuple(keywords)
        with self._lock:
            found = self._programs.get(key)
            if found is not None:
                self._programs.move_to_end(key)
        if found is not None:
            change = found[1].changes()
            if change is None:
                return found[0], leaves
            warnings.warn(change, TraceWarning, stacklevel=4)
        found = self._traced(given, len(args))
        with self._lock:
            self._programs[key] = found
            while len(self._programs) > self._most_programs:
                self._programs.popitem(last=False)
        return found[0], leaves

    def _named(self, args: tuple[Any, ...], keywords: dict[str, Any]) -> list[tuple[str, Any]]:
        if len(args) > len(self._names):
            self._names = parameter_names(self.__wrapped__, len(args))
        return [*zip(self._names, args, strict=False), *keywords.items()]

    def _traced(self, given: list[tuple[str, Any]], positional: int) -> tuple[Program, Captured]:
        """Run the function on fresh Values, and make a program of what it did."""
        inputs: list[Value] = []
        arguments: list[Argument] = []
        passed: list[Any] = []
        kept: list[Any] = []
        for name, argument in given:
            if name in self._static or _is_static(argument):
                passed.append(argument)
                kept.append(argument)
                continue
            leaves, structure = flatten(_with_opened_arrays(argument), f"{self._name}: {name}")
            own = [Value(_number_of(leaf)) for leaf in leaves]
            passed.append(structure.unflatten(own))
            arguments.append(Argument(name, structure))
            inputs += own
        named = {name: passed[i] for i, (name, _) in enumerate(given) if i >= positional}
        f = self.__wrapped__
        captured = Captured(functools.partial(f, *kept) if kept else f)
        trace = tracing()
        # A block that records needs nothing; to open one costs a look at each node.
        with nullcontext() if is_recording() else enable_grad(), trace, running_on(Value):
            result = f(*passed[:positional], **named)
        outputs, output = flatten(_with_opened_arrays(result), f"the result of {self._name}")
        for text in captured.changed_within():
            warnings.warn(text, TraceWarning, stacklevel=5)
        tape, parameters, numbers, data = recorded(trace.nodes, inputs, outputs)
        tape, places, report = optimized(tape, numbers, data, self._optimize)
        program = Program(
            self._name,
            tape,
            [parameters[place] for place in places],
            arguments,
            output,
            report,
            in_order=not self._optimize,
        )
        return program, captured


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


def replayed(program: Program, leaves: Sequence[Any]) -> Any:
    """What the program gives for these leaves of its arguments, as nodes.

    Their gradients are computed when a pass comes to them, from the numbers of this run.
    """
    places = [place for place, leaf in enumerate(leaves) if type(leaf) is Value]
    numbers = [leaf if type(leaf) is float else _number_of(leaf) for leaf in leaves]
    machine, values = program.forward(numbers)
    run = _Run(program, machine, values, places)
    operands = (*[leaves[place] for place in places], *program.parameters)
    results = values[machine.output_slots].tolist()
    nodes = [
        node_of_program(program, operands, result, functools.partial(run.derivatives, i))
        for i, result in enumerate(results)
    ]
    return program.output.unflatten(nodes)


class _Run:
    """One run of a program, whose results are still to be differentiated."""

    __slots__ = ("_machine", "_places", "_program", "_values")

    def __init__(
        self, program: Program, machine: Machine, values: npt.NDArray[np.float64], places: list[int]
    ) -> None:
        self._program = program
        self._machine = machine
        self._values = values
        self._places = places

    def derivatives(self, output: int) -> tuple[float, ...]:
        """The derivatives of an output by the Values among the arguments, and the parameters."""
        seeds = np.zeros(len(self._machine.output_slots))
        seeds[output] = 1.0
        gradients = self._program.backward(self._machine, self._values, seeds)
        found = gradients[self._program.tape.input_count :].tolist()
        return (*gradients[self._places].tolist(), *found) if self._places else tuple(found)

    def __del__(self) -> None:
        self._machine.give_back(self._values)


def vmap(f: Callable[..., Any], in_axes: int | Sequence[int | None] = 0) -> Callable[..., Any]:
    """A function of many samples, from one of a single sample.

    Args:
        f: a function of numbers, as ``trace`` takes it.
        in_axes: the axis of samples of the arguments, or one for each; None where an argument is
            the same for all.

    Raises:
        ShapeError: at a call, if arguments have different numbers of samples.

    >>> from autograd import exp
    >>> vmap(lambda x, y: x * exp(y), in_axes=(0, None))(np.array([1.0, 2.0]), 0.0)
    array([1., 2.])
    """
    traced = f if isinstance(f, Traced) else trace(f)

    def mapped(*args: Any) -> Any:
        axes = [in_axes] * len(args) if isinstance(in_axes, int) else list(in_axes)
        if len(axes) != len(args):
            raise OperandError(f"vmap: {len(axes)} axes for {len(args)} arguments")
        batches = [
            argument if axis is None else _samples_first(argument, axis)
            for argument, axis in zip(args, axes, strict=True)
        ]
        singles = [
            batch if axis is None else _first_sample(batch)
            for batch, axis in zip(batches, axes, strict=True)
        ]
        return traced.program(*singles).run(*batches)

    return functools.wraps(f)(mapped) if hasattr(f, "__name__") else mapped


def _samples_first(argument: Any, axis: int) -> Any:
    """An argument with its axis of samples in front."""
    if isinstance(argument, dict):
        return {key: _samples_first(item, axis) for key, item in argument.items()}
    array = np.asarray(argument, np.float64)
    if not -array.ndim <= axis < array.ndim:
        raise ShapeError(f"vmap: an argument of shape {array.shape} has no axis {axis}")
    return np.moveaxis(array, axis, 0)


def _first_sample(batch: Any) -> Any:
    if isinstance(batch, dict):
        return {key: _first_sample(item) for key, item in batch.items()}
    if not len(batch):
        raise ShapeError("vmap: there are no samples, of which one is needed to trace the function")
    return batch[0]


def _is_static(argument: Any) -> bool:
    """Whether an argument is no numbers, and so is passed on as it is."""
    kind = type(argument)
    if kind in _PLAIN or kind is Value:
        return False
    if isinstance(argument, (bool, str, bytes)) or argument is None:
        return True
    containers = (list, tuple, dict, np.ndarray, np.generic, numbers.Real, Decimal, Tensor)
    return not isinstance(argument, containers)


def _static_key(name: str, argument: Any, is_declared: bool) -> Hashable:
    if not is_declared and not isinstance(argument, (bool, str, bytes, type(None))):
        # The captured variables of its program keep it, so that no other object has its id.
        return "object", id(argument)
    try:
        hash(argument)
    except TypeError:
        raise OperandError(
            f"trace: the static argument {name} is {shortened(argument)}, which is not hashable; "
            "pass a tuple for a list"
        ) from None
    return "static", type(argument), argument


def _key_of(argument: Any, leaves: list[Any]) -> Hashable:
    """The structure of an argument, to be compared; its leaves are added to the list."""
    kind = type(argument)
    if kind in _PLAIN or kind is Value:
        leaves.append(argument)
        return ""
    if isinstance(argument, (list, tuple)):
        if _PLAIN.issuperset(map(type, argument)):
            leaves += argument
            return kind, len(argument)
        return kind, tuple([_key_of(item, leaves) for item in argument])
    if isinstance(argument, dict):
        return kind, tuple(argument), tuple([_key_of(item, leaves) for item in argument.values()])
    if isinstance(argument, np.ndarray) and argument.ndim:
        leaves += argument.ravel().tolist()
        return kind, argument.shape
    leaves.append(argument)
    return ""


def _with_opened_arrays(tree: Any) -> Any:
    """The same containers, in which arrays of numbers are arrays of objects: containers, too."""
    if isinstance(tree, np.ndarray) and tree.ndim and tree.dtype != object:
        return tree.astype(object)
    if isinstance(tree, dict) or (isinstance(tree, (list, tuple)) and _holds_array(tree)):
        keys = list(tree) if isinstance(tree, dict) else range(len(tree))
        items = [_with_opened_arrays(tree[key]) for key in keys]
        if isinstance(tree, dict):
            return dict(zip(keys, items, strict=True))
        return getattr(tree, "_make", type(tree))(items)
    return tree


def _holds_array(tree: Any) -> bool:
    return not _PLAIN.issuperset(map(type, tree))


def _number_of(leaf: Any) -> float:
    if type(leaf) is Value:
        return float(leaf)
    if isinstance(leaf, Tensor):
        raise OperandError("trace: an argument is a Tensor, and the function computes with Values")
    return exact_float(leaf)

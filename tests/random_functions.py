"""Random functions of Values, spelled as users spell them, and what eager mode makes of them.

A function is data: parameters, arguments in structures, gates and sums one after the other, and
which of them it returns. It is well defined at a few samples of its arguments, by wide margins, and
so it can be told from rounding whether another way to run it does the same.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from random import Random
from typing import Any, NamedTuple

import numpy as np

import autograd
from autograd import Value
from autograd.gate import TABLE
from autograd.testing.well_defined import central_part

SAMPLES = 3
"""At so many samples of its arguments a function is well defined."""
LARGEST = 1e3
KINK_MARGIN = 0.02


def chain(terms: Sequence[Any]) -> Any:
    return reduce(operator.add, terms)


def chain_from_the_right(terms: Sequence[Any]) -> Any:
    return reduce(lambda total, term: term + total, reversed(terms))


def products(pairs: Sequence[Any]) -> Iterator[Any]:
    """What is on the left and what is on the right, term by term."""
    for x, y in zip(pairs[::2], pairs[1::2], strict=True):
        yield x * y


def products_around(pairs: Sequence[Any]) -> Any:
    """A sum of products with something else between them."""
    first, *others = products(pairs[:-1])
    return chain([first, pairs[-1], *others])


def differences(pairs: Sequence[Any]) -> Any:
    first, *others = products(pairs)
    return reduce(operator.sub, others, first)


# What is spelled by operators does the same to arrays, and is so looked at before it is chosen.
SPELLED: dict[str, Callable[[Sequence[Any]], Any]] = {
    "x + y + ...": chain,
    "... + (y + z)": chain_from_the_right,
    "sum(xs)": sum,
    "x * y + z * w + ...": lambda pairs: chain([*products(pairs)]),
    "sum(x * y)": lambda pairs: sum(products(pairs)),
    "x * y + ... + b": lambda pairs: chain([*products(pairs[:-1]), pairs[-1]]),
    "b + x * y + ...": lambda pairs: chain([pairs[-1], *products(pairs[:-1])]),
    "sum(x * y) + b": lambda pairs: sum(products(pairs[:-1])) + pairs[-1],
    "sum(x * y, b)": lambda pairs: sum(products(pairs[:-1]), pairs[-1]),
    "x * y + b + ...": products_around,
    "x * y - z * w - ...": differences,
    "-x": lambda terms: -terms[0],
    "2 * x - 1": lambda terms: 2 * terms[0] - 1,
    "x * 1 / 1 + 0": lambda terms: terms[0] * 1 / 1 + 0,
    "x - y": lambda terms: terms[0] - terms[1],
    "x ** 2": lambda terms: terms[0] ** 2,
}
GATES_OF_MANY: dict[str, Callable[[Sequence[Any]], Any]] = {
    "sum": autograd.sum,
    "mean": autograd.mean,
    "dot": lambda operands: autograd.dot(
        operands[: len(operands) // 2], operands[len(operands) // 2 :]
    ),
    "take": lambda operands: autograd.take(list(operands[1:]), operands[0]),
}
GATES = {gate.name: gate for gate in TABLE}


def apply(form: str, operands: Sequence[Any]) -> Any:
    """The result of a form on Values and numbers."""
    if form in GATES:
        return GATES[form](*operands)
    return SPELLED.get(form, GATES_OF_MANY.get(form))(operands)  # type: ignore[misc]


def apply_to_columns(form: str, operands: Sequence[np.ndarray]) -> np.ndarray:
    """The same for each sample."""
    if form in GATES:
        return GATES[form].numpy_forward(*operands)
    if form in SPELLED:
        return SPELLED[form](operands)
    columns = np.array(operands)
    half = len(operands) // 2
    if form == "take":
        return columns[1 + columns[0].astype(int), np.arange(columns.shape[1])]
    if form == "dot":
        columns = columns[:half] * columns[half:]
    return columns.mean(axis=0) if form == "mean" else columns.sum(axis=0)


class Pair(NamedTuple):
    """A structure of the caller's own."""

    first: Any
    rest: Any


@dataclass(frozen=True)
class Structured:
    """An argument: so many numbers in one structure, of which all vary, none, or but a part."""

    kind: str
    count: int
    first_varies: bool
    rest_vary: bool

    def filled(self, numbers: np.ndarray) -> Any:
        """The argument with these numbers in it: a row, or a row for each sample."""
        if numbers.ndim == 1:
            plain: Any = numbers.tolist()
            first, rest, array = plain[0], plain[1:], numbers
        else:
            first = numbers[:, 0] if self.first_varies else float(numbers[0, 0])
            rest = numbers[:, 1:] if self.rest_vary else numbers[0, 1:].tolist()
            array = numbers if self.first_varies else numbers[0]
            plain = array
        if self.kind == "number":
            return first
        if self.kind == "array":
            return array
        if self.kind == "rows":
            rows = array.reshape(*array.shape[:-1], 2, -1)
            return rows.tolist() if numbers.ndim == 1 else rows
        if self.kind == "tuple":
            return Pair(first, rest)
        if self.kind == "dict":
            return {"a": first, "b": [rest] if isinstance(rest, list) else rest[:, None]}
        return plain

    @property
    def varies(self) -> np.ndarray:
        """For each of the numbers whether it varies from sample to sample."""
        marks = np.full(self.count, self.first_varies)
        if self.kind in ("tuple", "dict"):
            marks[1:] = self.rest_vary
        return marks

    def leaves(self, argument: Any) -> list[Any]:
        """What stands in the argument, in order."""
        if self.kind == "number":
            return [argument]
        if self.kind == "tuple":
            return [argument.first, *argument.rest]
        if self.kind == "dict":
            return [argument["a"], *argument["b"][0]]
        return [*np.ravel(np.array(argument, object))]

    def columns(self, gradient: Any, samples: int) -> np.ndarray:
        """A gradient in this structure as a row for each sample, zeros where it does not vary."""
        if self.kind in ("tuple", "dict"):
            first, rest = gradient if self.kind == "tuple" else (gradient["a"], gradient["b"])
            parts = [first, *np.asarray(rest).reshape(-1, self.count - 1).T]
        else:
            shape = (samples, self.count) if self.first_varies else (self.count,)
            parts = [*np.asarray(gradient).reshape(shape).T]
        return np.stack([np.broadcast_to(part, (samples,)) for part in parts], axis=1)


@dataclass(frozen=True)
class RandomFunction:
    """The function; its places are parameters, leaves of arguments, constants, then results."""

    parameters: tuple[float, ...]
    arguments: tuple[Structured, ...]
    samples: np.ndarray
    """Of shape (SAMPLES, leaves of the arguments)."""
    constants: tuple[float, ...]
    data: tuple[bool, ...]
    """Which of the constants are made Values within the function."""
    steps: tuple[tuple[str, tuple[int, ...]], ...]
    outputs: tuple[int, ...]
    form: str
    """How the outputs are returned: one, as a list, or in nested containers."""

    index: int | None
    """Of the leaves, the one that indexes by a whole number."""

    def __call__(
        self,
        parameters: Sequence[Any],
        leaves: Sequence[Any],
        rounded: Callable[[Any], Any] = lambda result: result,
    ) -> list[Any]:
        """The outputs in order; ``rounded`` is applied to all that is computed and given."""
        constants = [
            Value(constant) if is_data else constant
            for constant, is_data in zip(self.constants, self.data, strict=True)
        ]
        places = [rounded(parameter) for parameter in parameters]
        places += [leaf if i == self.index else rounded(leaf) for i, leaf in enumerate(leaves)]
        places += constants
        for form, operands in self.steps:
            places.append(rounded(apply(form, [places[place] for place in operands])))
        return [places[place] for place in self.outputs]

    def traceable(self, parameters: Sequence[Any]) -> Callable[..., Any]:
        """A function of the arguments that captures its parameters."""

        def f(*arguments: Any) -> Any:
            pairs = zip(self.arguments, arguments, strict=True)
            leaves = [leaf for each, argument in pairs for leaf in each.leaves(argument)]
            results = self(parameters, leaves)
            if self.form == "one":
                return results[0]
            return results if self.form == "list" else {"first": results[0], "more": [results]}

        return f

    def outputs_of(self, returned: Any) -> list[Any]:
        """What ``traceable`` returned, in order."""
        if self.form == "one":
            return [returned]
        if self.form == "list":
            return list(returned)
        first, others = returned["first"], returned["more"][0]
        np.testing.assert_array_equal(
            np.asarray(first, np.float64), np.asarray(others[0], np.float64)
        )
        return list(others)

    def filled(self, numbers: np.ndarray) -> list[Any]:
        """The arguments for a row, or for a row for each sample."""
        if not self.arguments:
            return []
        ends = np.cumsum([argument.count for argument in self.arguments])[:-1]
        parts = np.split(numbers, ends, axis=-1)
        return [each.filled(part) for each, part in zip(self.arguments, parts, strict=True)]

    def __repr__(self) -> str:
        """The function in lines that can be read."""
        names = [f"w{i}" for i in range(len(self.parameters))]
        names += [f"x{i}" for i in range(self.samples.shape[1])]
        pairs = zip(self.constants, self.data, strict=True)
        names += [f"Value({constant})" if is_data else str(constant) for constant, is_data in pairs]
        lines = [f"w = {self.parameters}", *map(str, self.arguments)]
        lines += [f"x = {row}" for row in self.samples.tolist()]
        for number, (form, operands) in enumerate(self.steps):
            lines.append(f"v{number} = {form}: {', '.join(names[place] for place in operands)}")
            names.append(f"v{number}")
        lines.append(f"return {self.form}: {', '.join(names[place] for place in self.outputs)}")
        return "\n".join(["", *lines])


def random_function(rng: Random, most_steps: int = 24) -> RandomFunction:
    """A function that is drawn, step by step, so that it stays well defined."""
    return _Drawing(rng, most_steps).function


class _Drawing:
    """The function while it is being drawn, with the numbers of each place at each sample."""

    def __init__(self, rng: Random, most_steps: int) -> None:
        self.rng = rng
        self.numbers: list[np.ndarray] = []
        parameters = [self._number() for _ in range(rng.randint(0, 8))]
        arguments = [self._argument() for _ in range(rng.randint(0 if parameters else 1, 3))]
        width = sum(argument.count for argument in arguments)
        self.choices = rng.randint(0, 3) if any(a.kind == "number" for a in arguments) else 0
        samples = np.array([[self._number() for _ in range(width)] for _ in range(SAMPLES)])
        samples = samples.reshape(SAMPLES, width)
        # Of an argument that does not vary there is one sample.
        varies = [mark for argument in arguments for mark in argument.varies]
        samples[:, np.logical_not(varies)] = samples[0, np.logical_not(varies)]
        self.index: int | None = None
        if self.choices:
            column = 0
            for argument in arguments:
                if argument.kind == "number":
                    break
                column += argument.count
            samples[:, column] = [rng.randrange(self.choices) for _ in range(SAMPLES)]
            if not varies[column]:
                samples[:, column] = samples[0, column]
            self.index = len(parameters) + column
        constants = [rng.choice([0.0, 1.0, 2.0, self._number()]) for _ in range(rng.randint(0, 4))]
        self.data = tuple(rng.random() < 0.4 for _ in constants)
        self.numbers += [np.full(SAMPLES, number) for number in parameters]
        self.numbers += list(samples.T)
        self.numbers += [np.full(SAMPLES, number) for number in constants]
        self.leaves = len(self.numbers)
        self.parameter_count = len(parameters)
        self.steps: list[tuple[str, tuple[int, ...]]] = []
        goal = rng.randint(0, most_steps)
        for _ in range(2 * goal):
            if len(self.steps) < goal:
                rng.choice([self._gate, self._gate, self._sum, self._layer, self._take])()
        places = range(len(self.numbers))
        form = rng.choice(["one", "one", "one", "list", "nested"])
        count = 1 if form == "one" else rng.randint(form == "nested", 4)
        outputs = [len(places) - 1 if form == "one" else rng.choice(places) for _ in range(count)]
        if form == "one" and rng.random() < 0.2:
            outputs = [rng.choice(places)]
        self.function = RandomFunction(
            tuple(parameters),
            tuple(arguments),
            samples,
            tuple(constants),
            self.data,
            tuple(self.steps),
            tuple(outputs),
            form,
            None if self.index is None else self.index - len(parameters),
        )

    def _number(self) -> float:
        number = self.rng.randint(-2000, 2000) / 1000
        return number if number else 0.5

    def _argument(self) -> Structured:
        kind = self.rng.choice(["number", "list", "array", "rows", "tuple", "dict"])
        least = 2 if kind in ("rows", "tuple", "dict") else 1
        count = 1 if kind == "number" else self.rng.randint(least, 4)
        count += count % 2 if kind == "rows" else 0
        return Structured(kind, count, self.rng.random() < 0.7, self.rng.random() < 0.7)

    def _place(self) -> int:
        """A recent place, or any."""
        count = len(self.numbers)
        if self.rng.random() < 0.5:
            return max(0, count - 1 - self.rng.randint(0, 2))
        return self.rng.randrange(count)

    def _add(self, form: str, operands: Sequence[int]) -> bool:
        """Take a step if its result is of a reasonable size; whether so."""
        with np.errstate(all="ignore"):
            result = np.asarray(
                apply_to_columns(form, [self.numbers[place] for place in operands]), np.float64
            )
        if not (np.isfinite(result).all() and (np.abs(result) <= LARGEST).all()):
            return False
        self.numbers.append(np.broadcast_to(result, (SAMPLES,)))
        self.steps.append((form, tuple(operands)))
        return True

    def _gate(self) -> None:
        gate = self.rng.choice(TABLE)
        operands = []
        for interval in gate.domain:
            low, high = central_part(interval)
            for _ in range(4):
                place = self._place()
                numbers = self.numbers[place]
                margin = 1 / 32 * (high - low)
                if (interval.low + margin <= numbers).all() and (
                    numbers <= interval.high - margin
                ).all():
                    operands.append(place)
                    break
        if len(operands) < gate.arity:
            return
        columns = [self.numbers[place] for place in operands]
        with np.errstate(all="ignore"):
            distances = [np.abs(kink(*columns)) for kink in gate.numpy_kinks]
        if all((distance > KINK_MARGIN).all() for distance in distances):
            self._add(gate.name, operands)

    def _sum(self) -> None:
        form = self.rng.choice([*SPELLED, "sum", "mean", "dot"])
        count = self.rng.randint(1, 4)
        if "b" in form:
            count = 2 * count + 1
        elif "x * y" in form or form == "dot":
            count = 2 * count
        elif form in ("... + (y + z)", "x - y"):
            count += 1
        self._add(form, [self._place() for _ in range(count)])

    def _layer(self) -> None:
        """Several dot products of the same vector, with rows of one matrix, as of its columns."""
        terms, rows = self.rng.randint(1, 4), self.rng.randint(1, 4)
        count = len(self.numbers)
        vector = (
            [self._place() for _ in range(terms)]
            if self.rng.random() < 0.5
            else [max(0, count - terms) + k for k in range(min(terms, count))]
        )
        # Most often of neighbouring parameters, or inputs.
        start = self.rng.randrange(self.leaves)
        transposed = self.rng.random() < 0.3
        form = self.rng.choice(
            [form for form in SPELLED if "x * y" in form and "-" not in form] + ["dot"]
        )
        swapped = self.rng.random() < 0.3
        for row in range(rows):
            if transposed:
                matrix = [(start + row + k * rows) % self.leaves for k in range(len(vector))]
            else:
                matrix = [(start + row * terms + k) % self.leaves for k in range(len(vector))]
            sides = (vector, matrix) if swapped else (matrix, vector)
            if form == "dot":
                operands = [*sides[0], *sides[1]]
            else:
                operands = [place for pair in zip(*sides, strict=True) for place in pair]
            if "b" in form:
                operands.append((start + rows * terms + row) % self.leaves)
            self._add(form, operands)

    def _take(self) -> None:
        if self.index is None or not self.choices:
            return
        count = self.choices + self.rng.randint(0, 2)
        self._add("take", [self.index, *[self._place() for _ in range(count)]])

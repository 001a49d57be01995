"""Random functions are the same to rounding, however their programs are run."""

from __future__ import annotations

import struct
from random import Random
from types import ModuleType
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from hypothesis import given, settings
from hypothesis import strategies as st
from random_functions import GATES_OF_MANY, SAMPLES, SPELLED, RandomFunction, random_function

from autograd import Program, Value, trace
from autograd.programs.replaying import replayed
from autograd.tape import numpy_machine
from autograd.tape.machine import RUNNER

Numbers = npt.NDArray[np.float64]
# Ten times as many as of other properties: 20,000 in a thorough run.
MANY = settings(max_examples=10 * settings.default.max_examples)
RELATIVE = 1e-12
"""How far results may differ, relative to their size."""
AMPLIFIED = 100
"""Where last digits are amplified by the function itself, by so many times of what that makes."""
ROUNDING = 2.0**-50
COUNTS = [1, 2, 3, 8, 100]
# What NumPy computes to the last bit as the standard library of C does.
EXACT = {"add", "sub", "mul", "div", "neg", "sqrt", "abs", "square", "reciprocal", "relu"}
EXACT |= (SPELLED.keys() | GATES_OF_MANY.keys()) - {"x ** 2"}


class Expected(NamedTuple):
    """What eager mode gives, for each sample, and how far rounding may take it."""

    values: Numbers
    """Of shape (samples, outputs)."""
    gradients: Numbers
    """Of shape (samples, outputs, parameters and leaves)."""
    value_slack: Numbers
    gradient_slack: Numbers


def eagerly(
    function: RandomFunction, row: Numbers, rng: Random | None = None
) -> tuple[list[float], list[list[float]]]:
    """The values of the outputs and their gradients; with ``rng``, other last digits everywhere."""
    parameters = [Value(number) for number in function.parameters]
    leaves = [Value(number) for number in row]
    variables = [*parameters, *leaves]
    if rng is None:
        outputs = function(parameters, leaves)
    else:
        generator = rng
        outputs = function(
            parameters, leaves, lambda x: x * (1 + generator.choice([-4, -2, 2, 4]) * 2.0**-53)
        )
    gradients = [gradients_of(output, variables) for output in outputs]
    return [float(output) for output in outputs], gradients


def gradients_of(output: Any, variables: list[Value]) -> list[float]:
    for variable in variables:
        variable.grad = 0.0
    if type(output) is Value:
        output.backward()
    return [variable.grad for variable in variables]


def expected_of(function: RandomFunction) -> Expected:
    shape = len(function.outputs), len(function.parameters) + function.samples.shape[1]
    values = np.empty((SAMPLES, shape[0]))
    gradients = np.empty((SAMPLES, *shape))
    spreads = np.zeros_like(values), np.zeros_like(gradients)
    rng = Random(0)
    for sample, row in enumerate(function.samples):
        own = eagerly(function, row)
        values[sample], gradients[sample] = own[0], np.reshape(own[1], shape)
        for _ in range(2):
            others = eagerly(function, row, rng)
            for spread, ours, theirs in zip(spreads, own, others, strict=True):
                change = np.abs(np.subtract(theirs, ours)).reshape(spread[sample].shape)
                np.maximum(spread[sample], change, out=spread[sample])
    # Terms that happen to cancel to nothing leave the rounding of their size.
    sizes = [np.abs(each).max(initial=1.0) * ROUNDING for each in (values, gradients)]
    return Expected(
        values,
        gradients,
        RELATIVE * np.abs(values) + AMPLIFIED * spreads[0] + sizes[0],
        RELATIVE * np.abs(gradients) + AMPLIFIED * spreads[1] + sizes[1],
    )


def assert_near(actual: Any, expected: Numbers, slack: Numbers, what: str) -> None:
    actual = np.asarray(actual, np.float64)
    assert actual.shape == expected.shape, (what, actual.shape, expected.shape)
    with np.errstate(all="ignore"):
        far = ~(np.abs(actual - expected) <= slack) & (actual != expected)
    assert not far.any(), (what, actual[far], expected[far], slack[far])


class Subject:
    """A random function, traced, with one of the ways to run its program."""

    def __init__(
        self, function: RandomFunction, expected: Expected, optimize: bool, runner: ModuleType
    ) -> None:
        self.function = function
        self.expected = expected
        self.parameters = [Value(number) for number in function.parameters]
        self.optimize = optimize
        self.what = f"optimize={optimize}, {runner.__name__}"
        traced = trace(function.traceable(self.parameters), optimize=optimize)
        program = traced.program(*function.filled(function.samples[0]))
        self.program = Program(
            program.name, program.tape, program.parameters, program.arguments, program.output,
            program.report, program.in_order, runner,
        )  # fmt: skip
        of_names = {id(value): place for place, value in enumerate(self.parameters)}
        self.places = [of_names[id(value)] for value in self.program.parameters]
        self.is_exact = runner is not numpy_machine or all(
            form in EXACT for form, _ in function.steps
        )

    def check_calls(self) -> None:
        """One sample after the other, differentiated as results of the traced function."""
        expected, is_single = self.expected, self.function.form == "one"
        for sample, row in enumerate(self.function.samples):
            leaves = [Value(number) for number in row]
            outputs = self.function.outputs_of(replayed(self.program, leaves))
            values = np.array([float(output) for output in outputs])
            gradients = np.array(
                [gradients_of(output, [*self.parameters, *leaves]) for output in outputs]
            ).reshape(expected.gradients[sample].shape)
            if not self.optimize and self.is_exact:
                assert bits(values) == bits(expected.values[sample]), self.what
                if is_single:
                    assert bits(gradients) == bits(expected.gradients[sample]), self.what
            assert_near(values, expected.values[sample], expected.value_slack[sample], self.what)
            assert_near(
                gradients, expected.gradients[sample], expected.gradient_slack[sample], self.what
            )

    def check_batch(self, count: int, rng: Random) -> None:
        """Many samples side by side, which are drawn from those that are known."""
        chosen = np.array([rng.randrange(SAMPLES) for _ in range(count)])
        arguments = self.function.filled(self.function.samples[chosen])
        varies = self.varies
        if not varies.any():
            arguments, chosen = self.function.filled(self.function.samples[0]), chosen[:1] * 0
        expected = Expected(*[each[chosen] for each in self.expected])
        self._check_values(self.program.run(*arguments), expected, f"run of {count}, {self.what}")
        self._check_tangents(arguments, expected, rng, f"jvp of {count}, {self.what}")
        if self.function.form == "one":
            for reduce in ("mean", "sum", None):
                self._check_gradients(
                    arguments, expected, reduce, f"{reduce} of {count}, {self.what}"
                )

    @property
    def varies(self) -> npt.NDArray[np.bool_]:
        marks = [argument.varies for argument in self.function.arguments]
        return np.concatenate([np.zeros(0, bool), *marks])

    def _check_values(self, returned: Any, expected: Expected, what: str) -> None:
        outputs = self.function.outputs_of(returned)
        for output, own, slack in zip(
            outputs, expected.values.T, expected.value_slack.T, strict=True
        ):
            if not self.varies.any():
                assert type(output) is float
                own, slack = own[0], slack[0]
            assert_near(output, own, slack, what)

    def _check_tangents(
        self, arguments: list[Any], expected: Expected, rng: Random, what: str
    ) -> None:
        count, width = len(expected.values), self.function.samples.shape[1]
        tangents = np.array([[rng.uniform(-1, 1) for _ in range(width)] for _ in range(count)])
        tangents = tangents.reshape(count, width)
        tangents[:, ~self.varies] = tangents[:1, ~self.varies]
        directions = self.function.filled(tangents if self.varies.any() else tangents[0])
        first = len(self.parameters)
        parts = expected.gradients[:, :, first:] * tangents[:, None]
        # What is added up on the way forward may be larger than the end: no tangent counts as
        # less than one.
        weights = np.maximum(np.abs(tangents[:, None]), 1.0)
        slack = (expected.gradient_slack[:, :, first:] * weights).sum(axis=-1)
        slack += RELATIVE * np.abs(parts).sum(axis=-1)
        values, changes = self.program.jvp(arguments, directions)
        self._check_values(values, expected, what)
        pushed = Expected(parts.sum(axis=-1), parts, slack, slack)
        self._check_values(changes, pushed, what)

    def _check_gradients(
        self, arguments: list[Any], expected: Expected, reduce: str | None, what: str
    ) -> None:
        count, first = len(expected.values), len(self.parameters)
        scale = 1 / count if reduce == "mean" else 1.0
        gradients, slack = scale * expected.gradients[:, 0], scale * expected.gradient_slack[:, 0]
        slack = slack + RELATIVE * np.abs(gradients)
        values, bounds = expected.values[:, 0], expected.value_slack[:, 0]

        value, by_parameters = self.program.value_and_grad(*arguments, reduce=reduce)
        by_one, by_all = (
            self.program.value_and_grad(*arguments, reduce=reduce, argnums=argnums)
            for argnums in (0 if self.function.arguments else (), [*range(len(arguments))])
        )
        if not self.varies.any():
            values, bounds = values[0], bounds[0]
            gradients, slack = gradients[0], slack[0]
            parts = (gradients[:first], slack[:first])
        elif reduce is None:
            parts = (gradients[:, :first], slack[:, :first])
        else:
            parts = (gradients[:, :first].sum(axis=0), slack[:, :first].sum(axis=0))
            values, bounds = scale * values.sum(), scale * bounds.sum()
            bounds += RELATIVE * scale * np.abs(expected.values).sum()
        for other in (value, by_one[0], by_all[0]):
            assert_near(other, values, bounds, what)
        dropped = np.ones(first, bool)
        dropped[self.places] = False
        assert not parts[0][..., dropped].any(), what
        assert_near(by_parameters, *(part[..., self.places] for part in parts), what)  # type: ignore[arg-type]
        if self.function.arguments:
            np.testing.assert_equal(by_one[1], by_all[1][0])
        self._check_by_arguments(by_all[1], gradients, slack, what)

    def _check_by_arguments(
        self, found: Any, gradients: Numbers, slack: Numbers, what: str
    ) -> None:
        count = len(gradients) if gradients.ndim == 2 else 1
        gradients = gradients.reshape(count, -1)[:, len(self.parameters) :]
        slack = slack.reshape(count, -1)[:, len(self.parameters) :]
        columns = [
            argument.columns(each, count)
            for argument, each in zip(self.function.arguments, found, strict=True)
        ]
        together = np.concatenate([np.zeros((count, 0)), *columns], axis=1)
        # What all samples share has the sum of their gradients.
        shared = ~self.varies
        gradients[:, shared] = gradients[:, shared].sum(axis=0)
        slack[:, shared] = slack[:, shared].sum(axis=0)
        assert_near(together, gradients, slack, what)


def bits(numbers: Numbers) -> list[bytes]:
    """The bits of floats; all nans alike."""
    return [b"nan" if x != x else struct.pack("d", x) for x in numbers.ravel().tolist()]


def check(function: RandomFunction) -> None:
    expected = expected_of(function)
    rng = Random(1)
    for optimize in (True, False):
        for runner in {RUNNER, numpy_machine}:
            subject = Subject(function, expected, optimize, runner)
            subject.check_calls()
            # NumPy is what runs in the engine of plain Python: there it is tried in full.
            counts = COUNTS if runner is RUNNER else [rng.choice(COUNTS)]
            for count in counts:
                subject.check_batch(count, rng)


@MANY
@given(rng=st.randoms(use_true_random=False))
def test_function_is_the_same_however_its_program_is_run(rng: Random) -> None:
    check(random_function(rng))

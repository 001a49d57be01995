"""Every wrong derivative rule is found: each gate with each mutation of its rule."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache, partial
from typing import Any

import numpy as np
import pytest
from testing import mutations
from testing.array_gate_examples import EXAMPLES, Example, every_array_gate
from testing.elementwise_examples import (
    examples_in_a_square,
    examples_of,
    examples_of_broadcasting,
)
from testing.mutations import Mutant, is_seen, sent_back

import autograd
from autograd import ArrayGate, Value
from autograd.errors import GradientMismatch
from autograd.gate import TABLE, Gate
from autograd.testing import check_gradients

ARRAY_GATES = every_array_gate()


@dataclass
class Tally:
    """The mutants of a gate: how many the check was held against, and what became of them."""

    mutants: int = 0
    equivalent: int = 0
    survivors: list[str] = field(default_factory=list)

    def judge(self, mutant: Mutant, seen: list[Trial]) -> None:
        """Count a mutant: it is to be found wherever it is seen, and seen somewhere."""
        self.mutants += 1
        escapes = [f"{trial.name}: {escape}" for trial in seen if (escape := trial.escape(mutant))]
        if not seen or escapes:
            self.survivors.append(f"{mutant} ({'; '.join(escapes) or 'seen nowhere'})")


@dataclass
class Trial:
    """A check of gradients that has to fail, and what the gate sends back there."""

    name: str
    check: Callable[[], Any]
    send_back: Callable[[], Iterable[Any]]

    def escape(self, mutant: Mutant) -> str:
        """How a mutant gets past the check; nothing where it is found and its gate is named."""
        with mutant.in_place():
            try:
                self.check()
            except GradientMismatch as mismatch:
                named = "no gate" if mismatch.gate is None else mismatch.gate.name
                return "" if mismatch.gate is mutant.gate else f"{named} is named"
            except Exception as error:
                return f"raises {error!r}"
        return "passes"


def on_tensors(example: Example) -> Trial:
    return Trial(
        f"{example.name}, on Tensors",
        partial(check_gradients, example.f, *example.operands),
        partial(sent_back, example),
    )


def on_values(example: Example, constant: int | None = None) -> Trial:
    """The same element by element, on Values; one operand may be a constant."""
    spread = np.broadcast_arrays(*example.operands)
    rows = list(zip(*(operand.ravel().tolist() for operand in spread), strict=True))
    derived = [
        i
        for i, operand in enumerate(example.operands)
        if i != constant and operand.dtype.kind == "f"
    ]

    def total(*columns: Any) -> Any:
        results = []
        for row, *values in zip(rows, *columns, strict=True):
            operands: list[Any] = list(row)
            for i, value in zip(derived, values, strict=True):
                operands[i] = value
            results.append(example.f(*operands))
        return autograd.sum(results)

    def columns() -> list[list[Value]]:
        return [[Value(row[i]) for row in rows] for i in derived]

    def send_back() -> Iterator[float]:
        for row in rows:
            operands = [Value(each) if i in derived else each for i, each in enumerate(row)]
            result = example.gate(*operands[: example.gate.arity])
            if isinstance(result, Value):
                yield from (sent for sent in result.contributions(1.0) if sent is not None)

    beside = "" if constant is None else f", operand {constant} constant"
    return Trial(
        f"{example.name}, on Values{beside}", lambda: check_gradients(total, *columns()), send_back
    )


@cache
def elementwise_tally(gate: Gate) -> Tally:
    mutants, same = mutations.mutants_of_formulas(gate)
    tally = Tally(equivalent=same)
    trials = list(trials_of(gate))
    for mutant in mutants:
        tally.judge(mutant, [trial for trial in trials if is_seen(mutant, trial.send_back)])
    for example in examples_in_a_square(gate):
        judge_where_seen(tally, mutations.mutants_of_transposing(example), example)
    for example in examples_of_broadcasting(gate):
        judge_where_seen(tally, mutations.mutants_of_summing(example), example)
    return tally


def trials_of(gate: Gate) -> Iterator[Trial]:
    for example in examples_of(gate):
        yield on_tensors(example)
        # The compiled kernel has rules of its own, made of the same rows when it was built.
        if autograd.engine == "python":
            yield on_values(example)
            if example.f is gate and gate.arity == 2:
                yield from (on_values(example, constant) for constant in range(2))


@cache
def array_tally(gate: ArrayGate) -> Tally:
    tally = Tally()
    known: set[str] = set()
    for example in EXAMPLES:
        if example.gate is gate:
            # To change a contribution is the same mutation at every example.
            mutants = [m for m in mutations.mutants_of_vjps(example) if m.mutation not in known]
            known |= judge_where_seen(tally, mutants, example)
            judge_where_seen(tally, mutations.mutants_of_axes(example), example)
            judge_where_seen(tally, mutations.mutants_of_transposing(example), example)
            judge_where_seen(tally, mutations.mutants_of_summing(example), example)
    return tally


def judge_where_seen(tally: Tally, mutants: list[Mutant], example: Example) -> set[str]:
    """Count the mutants that send back something else, and apart those that do not.

    Returns:
        the mutations that were seen.
    """
    trial = on_tensors(example)
    seen = [mutant for mutant in mutants if is_seen(mutant, trial.send_back)]
    for mutant in seen:
        tally.judge(mutant, [trial])
    tally.equivalent += len(mutants) - len(seen)
    return {mutant.mutation for mutant in seen}


def test_every_array_gate_has_an_example() -> None:
    assert {example.gate for example in EXAMPLES} == set(ARRAY_GATES.values())


@pytest.mark.parametrize("gate", TABLE, ids=lambda gate: gate.name)
def test_right_rules_of_the_table_pass(gate: Gate) -> None:
    examples = examples_of(gate) + examples_in_a_square(gate) + examples_of_broadcasting(gate)
    for example in examples:
        on_tensors(example).check()
        on_values(example).check()


@pytest.mark.parametrize("example", EXAMPLES, ids=str)
def test_right_rules_of_array_gates_pass(example: Example) -> None:
    check_gradients(example.f, *example.operands)


@pytest.mark.parametrize("gate", TABLE, ids=lambda gate: gate.name)
def test_wrong_rules_of_the_table_are_found_and_the_gate_is_named(gate: Gate) -> None:
    assert not elementwise_tally(gate).survivors


@pytest.mark.parametrize("name", sorted(ARRAY_GATES))
def test_wrong_rules_of_array_gates_are_found_and_the_gate_is_named(name: str) -> None:
    assert not array_tally(ARRAY_GATES[name]).survivors


def test_all_mutants_are_killed(capsys: pytest.CaptureFixture[str]) -> None:
    elementwise = [elementwise_tally(gate) for gate in TABLE]
    array = [array_tally(gate) for gate in ARRAY_GATES.values()]
    equivalent = sum(tally.equivalent for tally in elementwise + array)
    with capsys.disabled():
        print(
            f"\nmutants killed: {score(elementwise + array)} (elementwise {score(elementwise)}, "
            f"array {score(array)}), equivalent: {equivalent}"
        )
    assert not any(tally.survivors for tally in elementwise + array)


def score(tallies: list[Tally]) -> str:
    mutants = sum(tally.mutants for tally in tallies)
    return f"{mutants - sum(len(tally.survivors) for tally in tallies)}/{mutants}"


def test_rules_are_put_back() -> None:
    example = examples_of_broadcasting(autograd.gates.mul)[0]
    right = list(sent_back(example))
    for mutant in [
        *mutations.mutants_of_formulas(autograd.gates.mul)[0],
        *mutations.mutants_of_transposing(example),
        *mutations.mutants_of_summing(example),
    ]:
        with mutant.in_place():
            pass
    np.testing.assert_equal(list(sent_back(example)), right)

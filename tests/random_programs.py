"""Random scalar programs over the table of gates, for comparing one engine with another."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from autograd.gate import TABLE, Gate


@dataclass(frozen=True)
class Program:
    """Gates applied in turn, each to inputs, constants or earlier results by their places."""

    inputs: tuple[float, ...]
    constants: tuple[float, ...]
    steps: tuple[tuple[Gate, tuple[int, ...]], ...]

    def run(self, leaves: Sequence[Any], apply: Callable[..., Any]) -> Any:
        """The last result, and with it all that it depends on."""
        places = [*leaves, *self.constants]
        for gate, operands in self.steps:
            places.append(apply(gate, *(places[place] for place in operands)))
        return places[-1]

    def __repr__(self) -> str:
        """The program as source that can be pasted."""
        names = [f"x{i}" for i in range(len(self.inputs))] + [repr(c) for c in self.constants]
        lines = [f"x{i} = Value({number!r})" for i, number in enumerate(self.inputs)]
        for i, (gate, operands) in enumerate(self.steps):
            names.append(f"v{i}")
            lines.append(f"v{i} = autograd.{gate.name}({', '.join(names[o] for o in operands)})")
        return "\n" + "\n".join(lines)

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(repr(self))


@st.composite
def programs(
    draw: st.DrawFn,
    gates: Sequence[Gate] = TABLE,
    max_gates: int = 60,
    numbers: st.SearchStrategy[float] = st.floats(-3, 3),  # noqa: B008 - strategies are immutable
) -> Program:
    """Programs of up to ``max_gates`` gates in which late results depend on early ones."""
    inputs = draw(st.lists(numbers, min_size=1, max_size=4))
    constants = draw(st.lists(numbers, max_size=2))
    count = draw(st.integers(1, max_gates))
    available = len(inputs) + len(constants)
    steps = []
    for _ in range(count):
        gate = draw(st.sampled_from(gates))
        # Counted from the end, so that shrinking leads to the most recent results.
        back = draw(st.tuples(*(st.integers(1, available) for _ in range(gate.arity))))
        steps.append((gate, tuple(available - place for place in back)))
        available += 1
    return Program(tuple(inputs), tuple(constants), tuple(steps))

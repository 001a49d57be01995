"""Hypothesis strategies: operands, arrays, gates, programs and networks to check gradients on.

What is drawn shrinks to what is short and simple: numbers to 0, 1 or 2, programs to few gates.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from .. import gates as table
from ..errors import MissingExtraError, SettingError
from ..gate import ANYTHING, TABLE, Gate, Interval
from ..tensor import Tensor
from ..value import Value
from .networks import Network
from .programs import ScalarProgram
from .well_defined import Place, Tape, central_part, is_away_from_kinks

try:
    from hypothesis import strategies as st
    from hypothesis.extra import numpy as hnp
except ImportError as error:
    raise MissingExtraError(package="hypothesis", extra="check", purpose="strategies") from error

__all__ = [
    "arrays",
    "broadcastable_shapes",
    "floats_in",
    "gate_operands",
    "gates",
    "networks",
    "scalar_programs",
    "tensors",
    "values",
]

Shape = tuple[int, ...]
Shapes = Shape | st.SearchStrategy[Shape]
_Step = tuple[Gate, int, tuple[float, ...]]
"""A gate, which of its operands leads, and for each operand how far back it is, or a constant."""

ACTIVATIONS = (
    table.tanh,
    table.sigmoid,
    table.relu,
    table.leaky_relu,
    table.elu,
    table.softplus,
    table.silu,
    table.gelu,
)


def floats_in(domain: Interval, dtype: npt.DTypeLike = np.float64) -> st.SearchStrategy[float]:
    """Numbers well inside of an interval: between -3.5 and 3.5 where it has no borders.

    Of the part of the interval within 4 of zero, or of its number nearest to zero, a sixteenth is
    left out at each end.

    Args:
        domain: the interval, such as one of ``gate.domain``.
        dtype: the numbers are exact in it; ``np.float16``, ``np.float32`` or ``np.float64``.

    Raises:
        SettingError: if the interval is empty, or ``dtype`` is not one of the three.

    >>> from hypothesis import find
    >>> find(floats_in(Interval(1.0, np.inf)), lambda x: x > 2.5)
    3.0
    """
    kind = _checked_dtype(dtype)
    # Rounded to the dtype both ends are still inside: the margin is wide.
    low, high = (float(end) for end in np.array(central_part(domain), kind))
    # The type checker wants a literal.
    width: Any = 8 * kind.itemsize
    return st.floats(low, high, width=width)


def _checked_dtype(dtype: npt.DTypeLike) -> np.dtype[Any]:
    kind = np.dtype(dtype)
    if kind not in (np.dtype(np.float16), np.dtype(np.float32), np.dtype(np.float64)):
        raise SettingError(f"dtype {kind}: pass np.float16, np.float32 or np.float64")
    return kind


def values(domain: Interval = ANYTHING) -> st.SearchStrategy[Value]:
    """Values, the scalar variables, with numbers as of ``floats_in``.

    Raises:
        SettingError: if the interval is empty.

    >>> from hypothesis import find
    >>> find(values(), lambda x: x.data > 0.6)
    Value(data=1.0, grad=0.0)
    """
    return floats_in(domain).map(Value)


def arrays(
    shape: Shapes, dtype: npt.DTypeLike = np.float64, domain: Interval = ANYTHING
) -> st.SearchStrategy[npt.NDArray[Any]]:
    """Arrays of numbers as of ``floats_in``.

    Args:
        shape: a shape, or a strategy of shapes.
        dtype: ``np.float16``, ``np.float32`` or ``np.float64``.
        domain: the interval of the numbers.

    Raises:
        SettingError: if the interval is empty, or ``dtype`` is not one of the three.

    >>> from hypothesis import find
    >>> find(arrays((2, 2), domain=Interval(0.0, np.inf)), lambda x: True)
    array([[1., 1.],
           [1., 1.]])
    """
    return hnp.arrays(_checked_dtype(dtype), shape, elements=floats_in(domain, dtype))


def tensors(
    shape: Shapes, dtype: npt.DTypeLike = np.float64, domain: Interval = ANYTHING
) -> st.SearchStrategy[Tensor]:
    """Tensors, the array variables; the arguments and errors are those of ``arrays``.

    >>> from hypothesis import find
    >>> find(tensors((2,)), lambda x: bool((x.data > 2).all()))
    Tensor([3., 3.])
    """
    return arrays(shape, dtype, domain).map(Tensor)


def broadcastable_shapes(
    count: int = 2, *, min_dims: int = 0, max_dims: int = 3, min_side: int = 1, max_side: int = 4
) -> st.SearchStrategy[tuple[Shape, ...]]:
    """Tuples of ``count`` shapes that broadcast together.

    Args:
        count: how many shapes.
        min_dims: the fewest axes.
        max_dims: the most axes.
        min_side: the shortest axis that is not of length 1.
        max_side: the longest axis.

    Raises:
        SettingError: if ``count`` is below 1.

    >>> from hypothesis import find
    >>> find(broadcastable_shapes(), lambda shapes: len(shapes[1]) > len(shapes[0]))
    ((), (1,))
    """
    if count < 1:
        raise SettingError(f"broadcastable_shapes: a count of {count} shapes; pass at least 1")
    return hnp.mutually_broadcastable_shapes(
        num_shapes=count,
        min_dims=min_dims,
        max_dims=max_dims,
        min_side=min_side,
        max_side=max_side,
    ).map(lambda drawn: tuple(drawn.input_shapes))


def gates(smooth: bool | None = None, arity: int | None = None) -> st.SearchStrategy[Gate]:
    """Gates of the table.

    Args:
        smooth: True for those without kinks, False for the others, None for all.
        arity: how many operands, 1 to 3; None for any number.

    Raises:
        SettingError: if there is no such gate.

    >>> from hypothesis import find
    >>> find(gates(smooth=False, arity=2), lambda gate: True)
    <gate hypot: hypot(x, y)>
    """
    chosen = [
        gate
        for gate in TABLE
        if (smooth is None or smooth is not bool(gate.kinks)) and arity in (None, gate.arity)
    ]
    if not chosen:
        raise SettingError(f"no gate of the table has smooth={smooth}, arity={arity}")
    return st.sampled_from(chosen)


def gate_operands(gate: Gate) -> st.SearchStrategy[tuple[float, ...]]:
    """Operands of a gate, as many as it takes, inside of its domain and away from its kinks.

    >>> from autograd import relu
    >>> from hypothesis import find
    >>> find(gate_operands(relu), lambda operands: True)
    (1.0,)
    """
    operands = st.tuples(*map(floats_in, gate.domain))
    return operands.filter(lambda drawn: is_away_from_kinks(gate, drawn))


def scalar_programs(
    max_gates: int = 20,
    gates: Sequence[Gate] = TABLE,
    numbers: st.SearchStrategy[float] | None = None,
    well_defined: bool = True,
) -> st.SearchStrategy[ScalarProgram]:
    """Programs of up to four inputs and ``max_gates`` gates, in which late results need early ones.

    Where a program is well defined, every gate has operands inside of its domain and away from its
    kinks, by a margin that grows with how fast they move with the inputs; no result is above 1e3 or
    has lost more than two digits to rounding; and the last one depends on the inputs, if any does.

    Args:
        max_gates: the most gates; a program may turn out shorter, even to one of its inputs.
        gates: which gates, by default the whole table.
        numbers: the inputs and, where programs are not well defined, the constants; by default
            numbers as of ``floats_in``, of the domains of the gates.
        well_defined: False for programs that may go anywhere, also to infinities and nans: to
            compare one engine with another.

    Raises:
        SettingError: if ``max_gates`` is below 1, or there are no gates.

    >>> import autograd
    >>> from hypothesis import find
    >>> find(scalar_programs(), lambda program: autograd.tanh in dict(program.steps))
    import autograd
    from autograd import Value
    <BLANKLINE>
    x0 = Value(0.0)
    out = autograd.tanh(x0)
    """
    if max_gates < 1 or not gates:
        raise SettingError(
            f"scalar_programs: max_gates={max_gates} of {len(gates)} gates; pass at least one each"
        )
    if not well_defined:
        choices = [_steps_anywhere(gate, max_gates) for gate in gates]
        return _any_programs(
            floats_in(ANYTHING) if numbers is None else numbers, _series(choices, max_gates)
        )
    if numbers is None:
        domains = dict.fromkeys(interval for gate in gates for interval in gate.domain)
        numbers = st.one_of(*map(floats_in, domains))
    choices = [_steps_of(gate, lead, max_gates) for gate in gates for lead in range(gate.arity)]
    return _well_defined_programs(numbers, _series(choices, max_gates))


def _series(
    choices: Sequence[st.SearchStrategy[_Step]], longest: int
) -> st.SearchStrategy[list[_Step]]:
    """Lists of 1 to ``longest`` steps, short and long ones alike; a shrinking list drops any step.

    For both reasons a step is drawn without a look at those before it.
    """
    steps = st.one_of(choices)
    # A list that can have one length alone does not draw where it ends, and could not be shortened.
    lengths = st.integers(1, max(1, longest - 1))
    return lengths.flatmap(lambda least: st.lists(steps, min_size=least, max_size=longest))


@st.composite
def _any_programs(
    draw: st.DrawFn, numbers: st.SearchStrategy[float], series: st.SearchStrategy[list[_Step]]
) -> ScalarProgram:
    inputs = draw(st.lists(numbers, min_size=1, max_size=4))
    constants = draw(st.lists(numbers, max_size=2))
    available = len(inputs) + len(constants)
    steps = []
    for gate, _, drawn in draw(series):
        # Counted from the end, so that shrinking leads to the most recent results.
        steps.append((gate, tuple(available - 1 - int(back) % available for back in drawn)))
        available += 1
    return ScalarProgram(tuple(inputs), tuple(constants), tuple(steps)).pruned()


def _steps_anywhere(gate: Gate, farthest: int) -> st.SearchStrategy[_Step]:
    backs = st.integers(0, farthest)
    return st.tuples(st.just(gate), st.just(0), st.tuples(*[backs] * gate.arity))


@st.composite
def _well_defined_programs(
    draw: st.DrawFn, numbers: st.SearchStrategy[float], series: st.SearchStrategy[list[_Step]]
) -> ScalarProgram:
    tape = Tape(draw(st.lists(numbers, min_size=1, max_size=4)))
    for step in draw(series):
        _append(tape, *step)
    return tape.program()


def _steps_of(gate: Gate, leading: int, farthest: int) -> st.SearchStrategy[_Step]:
    recent = st.integers(0, 1)
    earlier = st.integers(0, farthest)
    operands = [recent | earlier | floats_in(interval) for interval in gate.domain]
    # The leading operand is a recent result: so a program is one computation, not many small ones.
    operands[leading] = recent
    return st.tuples(st.just(gate), st.just(leading), st.tuples(*operands))


def _append(tape: Tape, gate: Gate, leading: int, drawn: Sequence[float]) -> None:
    """Apply a gate to constants, and to earlier places by how far back they are.

    Where that is not well defined the step is left out: to draw again would make most programs be
    thrown away.
    """
    living = tape.living(gate.domain[leading])
    if not living:
        return
    operands = [_chosen(tape, *pair) for pair in zip(gate.domain, drawn, strict=True)]
    operands[leading] = living[-1 - int(drawn[leading]) % len(living)]
    tape.append(gate, operands)


def _chosen(tape: Tape, interval: Interval, drawn: float) -> Place:
    fitting = tape.fitting(interval)
    if isinstance(drawn, float):
        return Place(drawn)
    if not fitting:
        return Place(sum(central_part(interval)) / 2)
    return fitting[-1 - drawn % len(fitting)]


def networks(
    smooth: bool | None = None,
    *,
    max_layers: int = 3,
    max_width: int = 4,
    max_samples: int = 4,
    dtype: npt.DTypeLike = np.float64,
) -> st.SearchStrategy[Network]:
    """Networks with parameters, samples and targets, of either loss.

    Args:
        smooth: True for activations without kinks, False for the others, None for all. Where there
            are kinks, a network may be drawn on one.
        max_layers: the most affine layers.
        max_width: the most inputs and the most outputs of a layer.
        max_samples: the most samples.
        dtype: that of all arrays but labels; ``np.float16``, ``np.float32`` or ``np.float64``.

    Raises:
        SettingError: if a number is below 1, or ``dtype`` is not one of the three.

    >>> from hypothesis import find
    >>> find(networks(max_layers=1, max_samples=1), lambda net: not net.has_labels)
    import autograd, numpy as np
    from autograd import Tensor
    <BLANKLINE>
    out = np.array([[0.0]], np.float64)
    weight0 = Tensor(np.array([[0.0]], np.float64))
    bias0 = Tensor(np.array([0.0], np.float64))
    out = out @ weight0 + bias0
    loss = ((out - np.array([[0.0]], np.float64)) ** 2).mean()
    """
    if min(max_layers, max_width, max_samples) < 1:
        raise SettingError(
            f"networks: max_layers={max_layers}, max_width={max_width}, max_samples={max_samples}; "
            "pass at least 1 each"
        )
    activations = [gate for gate in ACTIVATIONS if smooth is None or smooth is not bool(gate.kinks)]
    return _networks(activations, max_layers, max_width, max_samples, _checked_dtype(dtype))


@st.composite
def _networks(
    draw: st.DrawFn,
    activations: Sequence[Gate],
    max_layers: int,
    max_width: int,
    max_samples: int,
    dtype: np.dtype[Any],
) -> Network:
    width = st.integers(1, max_width)
    sizes = draw(st.lists(width, min_size=2, max_size=max_layers + 1))
    samples = draw(st.integers(1, max_samples))
    layers = list(pairwise(sizes))
    labels = hnp.arrays(np.int64, (samples,), elements=st.integers(0, sizes[-1] - 1))
    return Network(
        activation=draw(st.sampled_from(activations)),
        weights=tuple(draw(arrays(shape, dtype)) for shape in layers),
        biases=tuple(draw(arrays((outputs,), dtype)) for _, outputs in layers),
        inputs=draw(arrays((samples, sizes[0]), dtype)),
        targets=draw(labels | arrays((samples, sizes[-1]), dtype)),
    )

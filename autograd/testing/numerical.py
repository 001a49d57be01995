"""Derivatives by differences: the slope of a function itself, whatever computes it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal, NamedTuple, get_args

import numpy as np

from ..errors import OperandError, SettingError
from ..exact import shortened
from ..structures import flatten
from .arguments import Arguments, numbers_in, power_of_two_above
from .extrapolation import slope_at_zero

__all__ = ["Method", "NumericalDerivative", "numerical_derivative"]

Method = Literal["extrapolated", "central", "complex"]

# No power of it that counts is ever lost: (x + ih) ** 2 has the real part x ** 2 - 1e-40.
COMPLEX_STEP = 1e-20


class NumericalDerivative(NamedTuple):
    """A derivative and how far it may be off, both in the structure of what it is by."""

    value: Any
    uncertainty: Any


def numerical_derivative(
    f: Callable[[Any], Any], x: Any, *, method: Method = "extrapolated", delta: float = 1e-4
) -> NumericalDerivative:
    """The derivative of ``f`` at ``x`` from values of ``f`` alone, and its uncertainty.

    Args:
        f: a function of one argument like ``x`` that returns a number or an array. It may be of
            any library; it is given an ``x`` of its own at each call.
        x: a number, an array of floats, a Value or a Tensor, or a list, tuple or dict of them.
        method: ``"extrapolated"``: two-sided differences by 10 to 21 steps, extrapolated to the
            step zero, with an estimate of the error for each component. ``"central"``: the formula
            of the textbooks, ``(f(x + delta) - f(x - delta)) / (2 * delta)``, which does not know
            its error: the uncertainty is nan. ``"complex"``: ``imag(f(x + ih)) / h`` with
            h = 1e-20, exact to rounding, for functions of NumPy or of gates that take complex
            numbers (those without a comparison, an absolute value or a kink), which are given plain
            ones.
        delta: the step of ``"central"``.

    Returns:
        the derivative and its uncertainty, each in the structure of ``x``. By a number it has the
        shape of the result of ``f``; by an array that shape followed by the array's: the Jacobian.
        The uncertainty is infinite where there is no derivative.

    Raises:
        OperandError: if ``x`` holds anything but floats, or ``f`` returns no real numbers.
        SettingError: if there is no such method, or ``delta`` is not above zero.

    Sources: Richardson, Phil. Trans. R. Soc. A 210, 1911; Ridders, Advances in Engineering Software
    4 (2), 1982; Squire & Trapp, SIAM Review 40 (1), 1998.

    >>> value, uncertainty = numerical_derivative(lambda x: x**2, 3.0)
    >>> round(value, 9), uncertainty < 1e-9
    (6.0, True)
    >>> import numpy as np
    >>> numerical_derivative(np.sin, np.array([0.0, 1.0]), method="complex").value
    array([[1.        , 0.        ],
           [0.        , 0.54030231]])
    """
    if method not in get_args(Method):
        raise SettingError(f"method is {method!r}; it is one of {', '.join(get_args(Method))}")
    if not delta > 0:
        raise SettingError(f"delta is {delta}; a step is above zero")
    leaves, structure = flatten(x, "x")
    arguments = Arguments([x], ["x"])
    if len(arguments.variables) != len(leaves):
        raise OperandError(
            f"x is {shortened(x)}: a derivative is by floats; make arrays of integers arrays of "
            "floats, or leave out of x what is not to be moved"
        )
    with np.errstate(all="ignore"):
        derivatives = [
            _by_variable(f, arguments, number, method, delta)
            for number in range(len(arguments.variables))
        ]
    values, uncertainties = zip(*derivatives, strict=True) if derivatives else ((), ())
    return NumericalDerivative(structure.unflatten(values), structure.unflatten(uncertainties))


def _by_variable(
    f: Callable[[Any], Any], arguments: Arguments, number: int, method: Method, delta: float
) -> tuple[Any, Any]:
    """The derivative by one leaf, and its uncertainty."""
    shape = arguments.variables[number].data.shape
    pairs = []
    for index in np.ndindex(shape):
        move = _mover(f, arguments, number, index)
        if method == "complex":
            pairs.append(_complex_slope(move))
        elif method == "central":
            slope = (move(delta) - move(-delta)) / (2 * delta)
            pairs.append((slope, np.full(slope.shape, np.nan)))
        else:
            scale = float(power_of_two_above(arguments.data[number][index]))
            pairs.append(_extrapolated_slope(move, scale))
    if not pairs:
        out_shape = numbers_in(f(*arguments.as_given(arguments.data))).shape
        return np.zeros(out_shape + shape), np.zeros(out_shape + shape)
    values, uncertainties = zip(*pairs, strict=True)
    return _with_shape(values, shape), _with_shape(uncertainties, shape)


def _with_shape(columns: Sequence[np.ndarray], shape: tuple[int, ...]) -> Any:
    """A Jacobian by an array of this shape from its columns, in the order of the elements."""
    jacobian = np.stack(columns, axis=-1).reshape(columns[0].shape + shape)
    return jacobian if jacobian.shape else float(jacobian)


def _mover(
    f: Callable[[Any], Any], arguments: Arguments, number: int, index: tuple[int, ...]
) -> Callable[[complex], np.ndarray]:
    """The result of ``f`` as a function of how far one element of its argument is moved."""

    def moved(distance: complex) -> np.ndarray:
        data = list(arguments.data)
        data[number] = data[number].astype(np.result_type(np.float64, type(distance)))
        data[number][index] += distance
        if not isinstance(distance, complex):
            return numbers_in(f(*arguments.as_given(data)))
        # A node holds no complex number.
        return numbers_in(f(*arguments.filled([array[()] for array in data])), allow_complex=True)

    return moved


def _complex_slope(move: Callable[[complex], np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    moved = move(complex(0.0, COMPLEX_STEP))
    if moved.dtype.kind != "c":
        raise OperandError(
            "the function gave real numbers for a complex one: it takes .real or abs() or a "
            'comparison somewhere; use method="extrapolated"'
        )
    slope = moved.imag / COMPLEX_STEP
    return slope, np.finfo(slope.dtype).eps * np.abs(slope)


def _extrapolated_slope(
    move: Callable[[complex], np.ndarray], scale: float
) -> tuple[np.ndarray, np.ndarray]:
    start = move(0.0)
    slope = slope_at_zero(
        lambda t: move(t * scale).ravel().astype(np.float64),
        float(np.finfo(start.dtype).eps),
        # A function that rounds inside can make a few differences equal by chance.
        thorough=True,
    )
    uncertainty = np.fmax(slope.uncertainty, np.abs(slope.derivative - slope.on_stair))
    uncertainty = np.where(slope.smooth, uncertainty, np.inf)
    shape = start.shape
    return (slope.derivative / scale).reshape(shape), (uncertainty / scale).reshape(shape)

"""Value: the scalar node. A number, its gradient, the gate that made it, and its operands.

A node stores its local derivatives when it is made, so that the backward pass is one
multiplication and one addition a wire. An operand that is a plain number is a constant: no
gradient is computed for it, and its number is kept in the place of its local derivative.
"""

from __future__ import annotations

import numbers
import threading
from typing import Any, NoReturn

import numpy as np

from . import gates
from .backward import PAUSES, is_recording
from .errors import OperandError
from .gate import TABLE, Gate

__all__ = ["Value"]

# The functions of the table on floats, by gate code: the result, then the local derivatives by
# both operands, by the first alone, by the second alone.
_LOCAL_BOTH = [gate.float_local(*range(gate.arity)) for gate in TABLE]
_LOCAL_FIRST = [gate.float_local(0) for gate in TABLE]
_LOCAL_SECOND = [gate.float_local(gate.arity - 1) for gate in TABLE]

_ADD = gates.add.code
_SUB = gates.sub.code
_MUL = gates.mul.code
_DIV = gates.div.code
_POW = gates.pow.code
_NEG = gates.neg.code
_ABS = gates.abs.code
_EXP = gates.exp.code
_LOG = gates.log.code
_TANH = gates.tanh.code
_RELU = gates.relu.code
_LEAF = -1
_METHODS = {gate.name: gate for gate in TABLE}

# Passes run one at a time, so that two that share leaves add up, and the marks are one pass's own.
_pass_lock = threading.Lock()
_last_mark = 0


class Value:
    """A scalar variable: a float that remembers how it was computed.

    ``backward()`` sets the gradients of the inner nodes to those of this pass, and adds to the
    gradients of the leaves. Passes of several threads run one after the other, so the gradient of
    a leaf that they share is the sum over all of them.

    Args:
        data: a real number, kept as a float.
        name: what to call it in drawings and messages.

    Raises:
        OperandError: if ``data`` is not a real number, or is one that no float equals.
        OverflowError: if it is an integer that no float equals.

    >>> x, y, z = Value(-2.0), Value(5.0), Value(-4.0)
    >>> f = (x + y) * z
    >>> f.backward()
    >>> f.data, x.grad, y.grad, z.grad
    (-12.0, -4.0, -4.0, 3.0)
    """

    __slots__ = ("_code", "_data", "_dx", "_dy", "_grad", "_mark", "_pending", "_x", "_y", "name")

    _code: int
    _data: float
    _grad: float
    # The operands that are variables; a constant is None here and stands in _dx or _dy.
    _x: Value | None
    _y: Value | None
    # The local derivatives.
    _dx: float
    _dy: float
    # The pass that last met this node, and how many of its users still have to send gradients.
    _mark: int
    _pending: int
    name: str | None

    def __init__(self, data: Any, name: str | None = None) -> None:
        self._code = _LEAF
        self._data = _as_float(data)
        self._grad = 0.0
        self._x = None
        self._y = None
        self._mark = 0
        self.name = name

    def __init_subclass__(cls) -> NoReturn:
        raise TypeError("type 'autograd.value.Value' is not an acceptable base type")

    @property
    def data(self) -> float:
        """The number; assigning changes this node alone, not what was computed from it."""
        return self._data

    @data.setter
    def data(self, data: Any) -> None:
        self._data = _as_float(data)

    @property
    def grad(self) -> float:
        """The gradient of the root of the last pass by this node; of a leaf, the sum of passes."""
        return self._grad

    @grad.setter
    def grad(self, grad: Any) -> None:
        self._grad = _as_float(grad)

    @property
    def gate(self) -> Gate | None:
        """The gate that made this node; None for a leaf."""
        return None if self._code == _LEAF else TABLE[self._code]

    @property
    def operands(self) -> tuple[Value | float, ...]:
        """What the gate was applied to, in order: Values and plain numbers; () for a leaf."""
        if self._code == _LEAF:
            return ()
        first = self._dx if self._x is None else self._x
        if TABLE[self._code].arity == 1:
            return (first,)
        return first, self._dy if self._y is None else self._y

    def contributions(self) -> tuple[float | None, ...]:
        """What this node's gradient sends back along each of its wires; None to a constant.

        >>> x, y = Value(2.0), Value(3.0)
        >>> product = x * y
        >>> product.backward()
        >>> product.contributions()
        (3.0, 2.0)
        """
        if self._code == _LEAF:
            return ()
        first = None if self._x is None else self._grad * self._dx
        if TABLE[self._code].arity == 1:
            return (first,)
        return first, None if self._y is None else self._grad * self._dy

    def backward(self, grad: Any = 1.0) -> None:
        """Carry ``grad``, the gradient of this node, back to everything it depends on."""
        global _last_mark
        seed = _as_float(grad)
        if self._code == _LEAF:
            self._grad += seed
            return
        with _pass_lock:
            _last_mark += 1
            leaves: list[tuple[Value, float]] = []
            found = _reach(self, _last_mark, leaves)
            self._grad = seed
            try:
                _send_back(found)
            except BaseException:
                # An interrupt must not leave half of a pass in the leaves.
                for leaf, before in leaves:
                    leaf._grad = before
                raise

    def zero_grad(self) -> None:
        """Set the gradient to zero."""
        self._grad = 0.0

    def __repr__(self) -> str:
        named = "" if self.name is None else f", name={self.name!r}"
        return f"Value(data={self._data}, grad={self._grad}{named})"

    def __add__(self, other: Any) -> Any:
        return _binary(_ADD, self, other)

    def __radd__(self, other: Any) -> Any:
        return _binary(_ADD, other, self)

    def __sub__(self, other: Any) -> Any:
        return _binary(_SUB, self, other)

    def __rsub__(self, other: Any) -> Any:
        return _binary(_SUB, other, self)

    def __mul__(self, other: Any) -> Any:
        return _binary(_MUL, self, other)

    def __rmul__(self, other: Any) -> Any:
        return _binary(_MUL, other, self)

    def __truediv__(self, other: Any) -> Any:
        return _binary(_DIV, self, other)

    def __rtruediv__(self, other: Any) -> Any:
        return _binary(_DIV, other, self)

    def __pow__(self, other: Any) -> Any:
        return _binary(_POW, self, other)

    def __rpow__(self, other: Any) -> Any:
        return _binary(_POW, other, self)

    def __neg__(self) -> Value:
        return _unary(_NEG, self)

    def __pos__(self) -> Value:
        return self

    def __abs__(self) -> Value:
        return _unary(_ABS, self)

    def exp(self) -> Value:
        """The exponential of this node."""
        return _unary(_EXP, self)

    def log(self) -> Value:
        """The natural logarithm of this node."""
        return _unary(_LOG, self)

    def tanh(self) -> Value:
        """The hyperbolic tangent of this node."""
        return _unary(_TANH, self)

    def relu(self) -> Value:
        """This node where it is positive, else zero."""
        return _unary(_RELU, self)

    def __getattr__(self, name: str) -> Any:
        """Any other gate of the table as a method, which is also how NumPy asks for it."""
        gate = _METHODS.get(name)
        if gate is None:
            raise AttributeError(f"'Value' object has no attribute {name!r}")
        return lambda *operands: gate(self, *operands)

    def __float__(self) -> float:
        return self._data

    def __bool__(self) -> bool:
        return self._data != 0.0

    def __lt__(self, other: Any) -> bool:
        return self._data < _number_of(other)

    def __le__(self, other: Any) -> bool:
        return self._data <= _number_of(other)

    def __gt__(self, other: Any) -> bool:
        return self._data > _number_of(other)

    def __ge__(self, other: Any) -> bool:
        return self._data >= _number_of(other)

    @staticmethod
    def apply_gate(gate: Gate, *operands: Any) -> Any:
        """Apply a gate of the table; at least one operand is a Value."""
        if gate.arity == 1:
            return _unary(gate.code, operands[0])
        result = _binary(gate.code, *operands)
        if result is NotImplemented:
            raise OperandError(
                f"{gate.name}: {operands[0]!r} and {operands[1]!r} do not go together"
            )
        return result


def _unary(code: int, x: Value) -> Value:
    node: Value = Value.__new__(Value)
    node._data, node._dx = _LOCAL_FIRST[code](x._data)
    node._grad = 0.0
    node._y = None
    node._mark = 0
    node.name = None
    if PAUSES[0] and not is_recording():
        node._x = None
        node._code = _LEAF
    else:
        node._x = x
        node._code = code
    return node


def _binary(code: int, x: Any, y: Any) -> Any:
    node: Value = Value.__new__(Value)
    if type(x) is not Value:
        if (x := _constant(x)) is None:
            return NotImplemented
        node._data, node._dy = _LOCAL_SECOND[code](x, y._data)
        node._x, node._dx, node._y = None, x, y
    elif type(y) is not Value:
        if (y := _constant(y)) is None:
            return NotImplemented
        node._data, node._dx = _LOCAL_FIRST[code](x._data, y)
        node._x, node._y, node._dy = x, None, y
    else:
        node._data, node._dx, node._dy = _LOCAL_BOTH[code](x._data, y._data)
        node._x, node._y = x, y
    node._grad = 0.0
    node._mark = 0
    node.name = None
    if PAUSES[0] and not is_recording():
        node._x = node._y = None
        node._code = _LEAF
    else:
        node._code = code
    return node


def _reach(root: Value, mark: int, leaves: list[tuple[Value, float]]) -> list[Value]:
    """The inner nodes below the root, cleared, each with the number of its users in the graph.

    The leaves come with the gradients that they hold.
    """
    root._mark = mark
    found = [root]
    for node in found:
        for operand in (node._x, node._y):
            if operand is None:
                continue
            if operand._mark == mark:
                operand._pending += 1
                continue
            operand._mark = mark
            operand._pending = 1
            if operand._code == _LEAF:
                leaves.append((operand, operand._grad))
            else:
                operand._grad = 0.0
                found.append(operand)
    return found


def _send_back(found: list[Value]) -> None:
    """Send each node's gradient to its operands, a node when all of its users have sent theirs.

    The list of found nodes is written over with the order of sending, which needs no more room.
    """
    ready = 1
    for place in range(len(found)):
        node = found[place]
        gradient = node._grad
        operand = node._x
        if operand is not None:
            operand._grad += gradient * node._dx
            operand._pending -= 1
            if operand._pending == 0 and operand._code != _LEAF:
                found[ready] = operand
                ready += 1
        operand = node._y
        if operand is not None:
            operand._grad += gradient * node._dy
            operand._pending -= 1
            if operand._pending == 0 and operand._code != _LEAF:
                found[ready] = operand
                ready += 1


def _number_of(operand: Any) -> float:
    return operand._data if type(operand) is Value else _as_float(operand)


def _constant(operand: Any) -> float | None:
    """The operand as a constant; None if it should be asked to do the operation itself."""
    if type(operand) is float:
        return operand
    if hasattr(type(operand), "apply_gate"):
        raise OperandError(
            f"a Value and a {type(operand).__name__} cannot stand in one graph; build it from "
            "Values alone, or from Tensors alone, or pass one on as plain data (.data)"
        )
    if isinstance(operand, (numbers.Number, np.generic, str, bytes, list, tuple, dict, type(None))):
        return _as_float(operand)
    if isinstance(operand, np.ndarray) and operand.ndim == 0:
        return _as_float(operand[()])
    return None


def _as_float(number: Any) -> float:
    """The float that equals ``number`` exactly."""
    if type(number) is float:
        return number
    if isinstance(number, np.ndarray) and number.ndim == 0:
        number = number[()]
    if isinstance(number, (numbers.Real, np.bool_)) or type(number).__name__ == "Decimal":
        try:
            result = float(number)
        except OverflowError:
            raise OverflowError(f"{_shortened(number)} is too large for a float") from None
        # nan differs from itself; whatever differs from its float otherwise would lose digits.
        if result == number or result != result:
            return result
        if isinstance(number, int):
            raise OverflowError(f"no float equals {_shortened(number)}; pass float(...) of it")
        raise OperandError(f"no float equals {number!r}; pass float(...) of it")
    raise OperandError(
        f"a Value holds a real number, not {_shortened(number)} ({type(number).__name__})"
    )


def _shortened(thing: object) -> str:
    if isinstance(thing, int) and thing.bit_length() > 200:
        return f"an integer of {thing.bit_length()} bits"
    text = repr(thing)
    return text if len(text) <= 60 else f"{text[:57]}..."

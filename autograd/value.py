"""Value: the scalar node. A number, its gradient, the gate that made it, and its operands.

A node stores its local derivatives when it is made, so that the backward pass is one
multiplication and one addition a wire. An operand that is a plain number is a constant: no
gradient is computed for it, and its number is kept in the place of its local derivative.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from typing import Any, NoReturn

try:
    import cython
except ImportError:
    from . import uncompiled as cython

from . import array_gates, gates, kernel
from .anomaly import check_finite
from .array_gates import ArrayGate
from .backward import carry_back, topological_order
from .errors import OperandError
from .exact import exact_float, is_scalar, shortened
from .frozen import refuse_frozen
from .gate import TABLE, Gate
from .modes import OPEN_MODES, is_detecting_anomalies, is_recording, line_to_record, trace_here

__all__ = [
    "COMPILED",
    "Value",
    "dot_of",
    "mean_of",
    "node_of_program",
    "pass_lock",
    "sum_of",
    "take_of",
]

COMPILED: bool = cython.compiled
if cython.compiled and kernel.table_fingerprint() != kernel.GATE_TABLE_FINGERPRINT:
    raise ImportError("the compiled engine was built from another table of gates; install again")

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
_STOP = gates.stop_gradient.code
_LEAF = -1
# A gate that is not of the table, or of more than two operands: its
# operands stand in _rare.
_MANY = -2
_METHODS = {gate.name: gate for gate in TABLE}

# Passes run one at a time: two that share leaves add up, and what is pending is of one pass.
pass_lock = threading.Lock()


# Not tracked by the garbage collector: a node points to older ones only, so there are no cycles.
@cython.final
@cython.no_gc
@cython.cclass
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

    __slots__ = (
        "_code",
        "_data",
        "_dx",
        "_dy",
        "_grad",
        "_next",
        "_pending",
        "_rare",
        "_x",
        "_y",
    )

    # NumPy's own scalars leave an operator to a Value at once; its arrays go on element by element.
    __array_priority__ = -1.0

    # A pass over scalars calls nobody.
    hooks = None

    def __init__(self, data: Any, name: str | None = None) -> None:
        # The gate's code in the table, _LEAF or _MANY.
        self._code: int = _LEAF
        self._data: float = _as_float(data)
        self._grad: float = 0.0
        # The operands that are variables; a constant is None here and stands in _dx or _dy.
        self._x: Value | None = None
        self._y: Value | None = None
        # The local derivatives.
        self._dx: float = 0.0
        self._dy: float = 0.0
        # During a pass: how many users still have to send this node their gradients.
        self._pending: int = 0
        # The node to visit after this one, during a pass.
        self._next: Value | None = None
        # What few nodes have: a name, a line, more than two operands.
        self._rare: _Rare | None = None
        if name is not None or OPEN_MODES[0] != OPEN_MODES[1]:
            self._rare = _Rare(name, line_to_record())
        if OPEN_MODES[1]:
            _note(self)

    @property
    def data(self) -> float:
        """The number; assigning changes this node alone, not what was computed from it."""
        if OPEN_MODES[1]:
            _refuse_if_traced("v.data", self)
        return self._data

    @data.setter
    def data(self, data: Any) -> None:
        if OPEN_MODES[1]:
            _refuse_if_traced("setting v.data")
        self._data = _as_float(data)

    @property
    def grad(self) -> float:
        """The gradient of the root of the last pass by this node; of a leaf, the sum of passes."""
        if OPEN_MODES[1]:
            _refuse_if_traced("v.grad")
        return self._grad

    @grad.setter
    def grad(self, grad: Any) -> None:
        if OPEN_MODES[1]:
            _refuse_if_traced("v.grad")
        self._grad = _as_float(grad)

    @property
    def name(self) -> str | None:
        """What drawings and messages call this node."""
        return None if self._rare is None else self._rare.name

    @name.setter
    def name(self, name: str | None) -> None:
        if self._rare is None:
            self._rare = _Rare(name, None)
        else:
            self._rare.name = name

    @property
    def line(self) -> str | None:
        """The ``file:line`` that made this node, if ``record_lines`` was on."""
        return None if self._rare is None else self._rare.line

    @property
    def gate(self) -> Gate | ArrayGate | None:
        """The gate that made this node; None for a leaf."""
        if self._code == _MANY and self._rare is not None:
            return self._rare.gate
        return None if self._code == _LEAF else TABLE[self._code]

    @property
    def operands(self) -> tuple[Any, ...]:
        """What the gate was applied to, in order: Values and plain numbers; () for a leaf."""
        if self._code == _MANY and self._rare is not None:
            return self._rare.operands
        if self._code == _LEAF:
            return ()
        first = self._dx if self._x is None else self._x
        if TABLE[self._code].arity == 1:
            return (first,)
        return first, self._dy if self._y is None else self._y

    def contributions(self, gradient: float | None = None) -> tuple[float | None, ...]:
        """What a gradient, by default this node's, sends back on each wire; None to a constant.

        >>> x, y = Value(2.0), Value(3.0)
        >>> product = x * y
        >>> product.backward()
        >>> product.contributions()
        (3.0, 2.0)
        """
        sent = self._grad if gradient is None else gradient
        return tuple(
            self.contribution(position, sent) if type(operand) is Value else None
            for position, operand in enumerate(self.operands)
        )

    def contribution(self, position: int, gradient: Any, create_graph: bool = False) -> Any:
        """What ``gradient``, of this node, sends back along one wire; None if that is zero.

        With ``create_graph`` it is a node made by the derivative formulas, which can be
        differentiated again; else a float.
        """
        rare: Any = self._rare
        many = self._code == _MANY and rare is not None
        if not create_graph:
            if OPEN_MODES[1]:
                _refuse_if_traced("a gradient without a graph")
            slope = self._dy if position else self._dx
            if many:
                derivatives = _derivatives_of(rare)
                slope = self._dx if derivatives is None else derivatives[position]
            contribution = gradient * slope
        elif many and not isinstance(rare.gate, Gate):
            contribution = gradient * _derivative_of_many(rare.gate, rare.operands, position)
        else:
            gate = rare.gate if many else TABLE[self._code]
            vjp = gate.node_vjps[position]
            contribution = vjp and vjp(gradient, self, *self.operands)
        if OPEN_MODES[0] and is_detecting_anomalies() and contribution is not None:
            check_finite(self, _number_of(contribution), position)
        return contribution

    def check_unchanged(self) -> None:
        """Nothing to check: a node keeps the numbers that its gate was given."""

    def backward(self, grad: Any = 1.0) -> None:
        """Carry ``grad``, the gradient of this node, back to everything it depends on."""
        if OPEN_MODES[1]:
            _refuse_if_traced("backward()")
        seed = _as_float(grad)
        if self._code == _LEAF:
            self._grad += seed
            return
        if OPEN_MODES[0] and is_detecting_anomalies():
            carry_back([self], [seed])  # by the single steps, each of which is checked
        with pass_lock:
            met: list[Value] = []
            leaves: list[Value] = []
            before: list[float] = []
            try:
                _reach(self, met)
                leaves += [node for node in met if node.gate is None]
                before += [leaf.grad for leaf in leaves]
                self._grad = seed
                _send_back(self)
            except BaseException:
                # An interrupt must not leave half of a pass behind.
                for leaf, gradient in zip(leaves, before, strict=False):
                    leaf.grad = gradient
                for node in met:
                    _leave(node)
                raise
            for leaf in leaves:
                _leave(leaf)

    def zero_grad(self) -> None:
        """Set the gradient to zero."""
        if OPEN_MODES[1]:
            _refuse_if_traced("v.grad")
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
        if OPEN_MODES[1]:
            _refuse_if_traced("float(v)", self)
        return self._data

    def __int__(self) -> int:
        _refuse_integer("int(v)", self)

    def __index__(self) -> int:
        _refuse_integer("v as an index", self)

    def __round__(self, digits: int | None = None) -> int:
        _refuse_integer("round(v)", self)

    def __bool__(self) -> bool:
        if OPEN_MODES[1]:
            _refuse_if_traced("bool(v)", self)
        return self._data != 0.0

    def __hash__(self) -> int:
        # By identity, as without the comparisons below; addresses are multiples of sixteen.
        return id(self) >> 4

    def __lt__(self, other: Any) -> bool:
        if OPEN_MODES[1]:
            _refuse_if_traced("a comparison", self, other)
        return self._data < _number_of(other)

    def __le__(self, other: Any) -> bool:
        if OPEN_MODES[1]:
            _refuse_if_traced("a comparison", self, other)
        return self._data <= _number_of(other)

    def __gt__(self, other: Any) -> bool:
        if OPEN_MODES[1]:
            _refuse_if_traced("a comparison", self, other)
        return self._data > _number_of(other)

    def __ge__(self, other: Any) -> bool:
        if OPEN_MODES[1]:
            _refuse_if_traced("a comparison", self, other)
        return self._data >= _number_of(other)

    @staticmethod
    def apply_gate(gate: Gate, *operands: Any) -> Any:
        """Apply a gate of the table; at least one operand is a Value."""
        if gate.arity == 1:
            return _unary(gate.code, operands[0])
        if gate.arity == 2:
            result = _binary(gate.code, operands[0], operands[1])
            if result is NotImplemented:
                raise OperandError(
                    f"{gate.name}: {operands[0]!r} and {operands[1]!r} do not go together"
                )
            return result
        x, y, z = known = _known(operands)
        data, dx, dy, dz = kernel.every(gate.code, _number_of(x), _number_of(y), _number_of(z))
        return _many(gate, known, data, 0.0, (dx, dy, dz))

    def __copy__(self) -> Value:
        if OPEN_MODES[1]:
            _refuse_if_traced("a copy of v")
        return _copied(self, {})

    def __deepcopy__(self, memo: dict[int, Any]) -> Value:
        if OPEN_MODES[1]:
            _refuse_if_traced("a copy of v")
        # In topological order, not by recursion: a graph may be deeper than the stack.
        for node in topological_order(self):
            if id(node) not in memo:
                memo[id(node)] = _copied(node, memo)
        copied: Value = memo[id(self)]
        return copied

    def __reduce__(self) -> tuple[Any, ...]:
        if OPEN_MODES[1]:
            _refuse_if_traced("a copy of v")
        if self._code != _LEAF:
            raise TypeError(
                f"pickle: {self!r} is an inner node of a graph; pickle its leaves and build it "
                "again, or pickle its .data"
            )
        return _restored, (self._data, self._grad, self.name)


def _refuse_subclass(cls: type) -> NoReturn:
    raise TypeError("type 'autograd.value.Value' is not an acceptable base type")


if cython.compiled:
    # Nodes get memory of their own, side by side, and are freed without recursion.
    kernel.node_memory_install(Value)  # type: ignore[attr-defined]  # it is in kernel.pxd alone
else:
    # What the compiler sees to where it is compiled.
    Value.__init_subclass__ = classmethod(_refuse_subclass)  # type: ignore[assignment]


@cython.final
@cython.no_gc
@cython.cclass
class _Rare:
    """What few nodes have: a name, the line that made them, or more operands than two."""

    __slots__ = ("derivatives", "gate", "line", "name", "operands")

    def __init__(self, name: str | None, line: str | None) -> None:
        self.name = name
        self.line = line
        # Of a node whose code is _MANY: its gate, its operands, and its derivative by each, or None
        # where all are the node's _dx.
        self.gate: Gate | ArrayGate | None = None
        self.operands: tuple[Any, ...] = ()
        self.derivatives: Any = None


def _copied(original: Value, replacements: dict[int, Any]) -> Value:
    """The node again, on the replacements of its operands by their ids."""
    node = _new_node(original._code)
    node._data = original._data
    node._grad = original._grad
    node._x = replacements.get(id(original._x), original._x)
    node._y = replacements.get(id(original._y), original._y)
    node._dx = original._dx
    node._dy = original._dy
    rare = original._rare
    if rare is not None:
        node._rare = _Rare(rare.name, rare.line)
        node._rare.gate = rare.gate
        node._rare.operands = tuple(replacements.get(id(o), o) for o in rare.operands)
        node._rare.derivatives = rare.derivatives
    return node


def _restored(data: float, grad: float, name: str | None) -> Value:
    leaf = Value(data, name)
    leaf.grad = grad
    return leaf


def sum_of(operands: Iterable[Any]) -> Any:
    """The sum of Values and numbers, from the left, as one gate."""
    known = _known(operands)
    total = 0.0
    for operand in known:
        total += _number_of(operand)
    return _many(array_gates.sum, known, total, 1.0, None)


def mean_of(operands: Iterable[Any]) -> Any:
    """The mean of Values and numbers as one gate."""
    known = _known(operands)
    if not known:
        raise OperandError("mean: no operands; the mean of nothing is undefined")
    total = 0.0
    for operand in known:
        total += _number_of(operand)
    return _many(array_gates.mean, known, total / len(known), 1.0 / len(known), None)


def dot_of(left: Iterable[Any], right: Iterable[Any]) -> Any:
    """The sum of the products of two sequences of Values and numbers as one gate."""
    xs, ys = _known(left), _known(right)
    if len(xs) != len(ys):
        raise OperandError(f"dot: {len(xs)} and {len(ys)} operands; there must be as many")
    total = 0.0
    for x, y in zip(xs, ys, strict=True):
        total += _number_of(x) * _number_of(y)
    operands = xs + ys
    derivatives = tuple(
        _number_of(_derivative_of_many(array_gates.dot, operands, position))
        for position in range(len(operands))
    )
    return _many(array_gates.dot, operands, total, 0.0, derivatives)


def take_of(index: Any, choices: Iterable[Any]) -> Any:
    """One of Values and numbers, by an index that may be a Value, as one gate."""
    operands = (index if type(index) is Value else _constant_or_raise(index), *_known(choices))
    place = _number_of(operands[0])
    if not 0 <= place < len(operands) - 1 or place != int(place):
        raise OperandError(
            f"take: the index {place:g} is not one of the integers 0 to {len(operands) - 2}"
        )
    chosen = int(place) + 1
    derivatives = tuple(float(position == chosen) for position in range(len(operands)))
    return _many(array_gates.take, operands, _number_of(operands[chosen]), 0.0, derivatives)


def _derivative_of_many(gate: Any, operands: tuple[Any, ...], position: int) -> Any:
    """The local derivative of a gate on any number of operands by one, in terms of these."""
    if gate is array_gates.dot:
        half = len(operands) // 2
        return operands[position + half if position < half else position - half]
    if gate is array_gates.take:
        return 0.0 if position == 0 else gates.equal(operands[0], float(position - 1))
    if gate is array_gates.sum:
        return 1.0
    if gate is array_gates.mean:
        return 1.0 / len(operands)
    raise OperandError(
        f"{gate.name} is the result of a program, whose gradients have no graph: for derivatives "
        "of higher order, trace a function that grad made, trace(grad(f))"
    )


def _derivatives_of(rare: _Rare) -> Any:
    """The derivatives of a gate of many; those of a program are computed when first asked for."""
    if rare.derivatives is not None and type(rare.derivatives) is not tuple:
        rare.derivatives = rare.derivatives()
    return rare.derivatives


def node_of_program(
    program: Any, operands: tuple[Any, ...], data: float, derivatives: Callable[[], Any]
) -> Any:
    """A result of a program as a node, whose derivatives are computed when first asked for.

    Args:
        program: what stands for its gate.
        operands: Values and numbers.
        data: the result.
        derivatives: gives a tuple with the derivative by each operand. It must not run a pass.
    """
    if not any(type(operand) is Value for operand in operands):
        return Value(data)
    return _many(program, operands, data, 0.0, derivatives)


def _known(operands: Iterable[Any]) -> tuple[Any, ...]:
    """The operands as Values and floats; anything else is refused."""
    return tuple(
        operand if type(operand) is Value else _constant_or_raise(operand) for operand in operands
    )


def _new_node(code: int) -> Value:
    """A node with everything in its place but its number, its operands and its derivatives."""
    node: Value = Value.__new__(Value)
    node._code = code
    if not cython.compiled:
        # The compiled class is made with these.
        node._grad = 0.0
        node._x = None
        node._y = None
        node._dx = 0.0
        node._dy = 0.0
        node._rare = None
        node._pending = 0
    return node


def _many(
    gate: Any,
    operands: tuple[Any, ...],
    data: float,
    derivative: float,
    derivatives: tuple[float, ...] | Callable[[], Any] | None,
) -> Any:
    if not any(type(operand) is Value for operand in operands):
        return data
    node = _new_node(_MANY)
    node._data = data
    node._dx = derivative
    node._rare = _Rare(None, None)
    node._rare.gate = gate
    node._rare.operands = operands
    node._rare.derivatives = derivatives
    if OPEN_MODES[0]:
        _record_modes(node)
    return node


def _unary(code: int, x: Value) -> Value:
    node = _new_node(code)
    node._data, node._dx = kernel.unary(code, x._data)
    node._x = x
    if OPEN_MODES[0]:
        _record_modes(node)
    return node


def _binary(code: int, x: Any, y: Any) -> Any:
    node = _new_node(code)
    if type(x) is not Value:
        if (constant := _constant(x)) is None:
            return NotImplemented
        number = constant
        b = y
        node._data, node._dy = kernel.second(code, number, b._data)
        node._dx = number
        node._y = b
    elif type(y) is not Value:
        if (constant := _constant(y)) is None:
            return NotImplemented
        number = constant
        a = x
        node._data, node._dx = kernel.first(code, a._data, number)
        node._x = a
        node._dy = number
    else:
        a = x
        b = y
        node._data, node._dx, node._dy = kernel.both(code, a._data, b._data)
        node._x = a
        node._y = b
    if OPEN_MODES[0]:
        _record_modes(node)
    return node


def _refuse_if_traced(reading: str, node: Value | None = None, other: Any = None) -> None:
    """Raise if a graph is being traced here and now: what reads a number would be frozen.

    Only where all that is read are constants of the graph does it make no difference.
    """
    nodes = trace_here()
    if nodes is not None:
        if node is None or not _is_constant(node, nodes):
            refuse_frozen(reading)
        if type(other) is Value and not _is_constant(other, nodes):
            refuse_frozen(reading)


def _is_constant(node: Value, nodes: list[Any]) -> bool:
    """Whether a node is a leaf that was made during the trace of these nodes."""
    if node._code == _LEAF:
        for noted in nodes:
            if noted is node:
                return True
    return False


def _refuse_integer(reading: str, node: Value) -> NoReturn:
    if OPEN_MODES[1]:
        _refuse_if_traced(reading, node)
    raise OperandError(f"{reading}: {node!r} holds a float; pass on v.data, rounded as you mean it")


def _note(node: Value) -> None:
    """Note a node that was just made in the trace that runs here, if one does."""
    nodes = trace_here()
    if nodes is not None:
        nodes.append(node)


def _stop_gradient_at(node: Value) -> None:
    """Make of a node the gate that stops the gradient of what it was."""
    inner = _copied(node, {})
    _note(inner)
    node._code = _STOP
    node._x = inner
    node._y = None
    node._dx = 0.0
    node._rare = None if inner._rare is None else _Rare(None, inner._rare.line)


def _record_modes(node: Value) -> None:
    """Apply the open modes to a node that was just made."""
    if OPEN_MODES[0] != OPEN_MODES[1]:
        line = line_to_record()
        if line is not None:
            if node._rare is None:
                node._rare = _Rare(None, line)
            else:
                node._rare.line = line
        if is_detecting_anomalies():
            check_finite(node, node._data)
        if not is_recording():
            if trace_here() is not None:
                # As a leaf it would be a constant of the program.
                _stop_gradient_at(node)
            else:
                node._code = _LEAF
                node._x = None
                node._y = None
                node._rare = None if line is None else _Rare(None, line)
    if OPEN_MODES[1]:
        _note(node)


# Both walks below keep what is still to be visited in a stack that is linked through the nodes.
# They need no memory, so they cannot fail half way, and depth first they find in the cache what was
# built together. The operands of a gate of one or two are written out: in plain Python a call for
# each wire would take as long as the rest of the pass.


def _reach(  # noqa: C901 - the same thing twice, for speed
    root: Value, met: list[Value]
) -> None:
    """Clear the inner nodes below the root, and count for each of them its users in the graph.

    What was met is listed in plain Python alone: compiled, no interrupt can come between, after
    which it would have to be restored.
    """
    root._next = None
    top: Value | None = root
    while top is not None:
        node = top
        top = node._next
        node._next = None
        if cython.compiled:
            kernel.node_fetch_earlier(node)  # type: ignore[attr-defined]  # in kernel.pxd alone
        x = node._x
        if x is not None:
            if x._pending:
                x._pending += 1
            else:
                if not cython.compiled:
                    met.append(x)
                if x._code != _LEAF:
                    x._pending = 1
                    x._grad = 0.0
                    x._next = top
                    top = x
                elif not cython.compiled:
                    x._pending = 1
        y = node._y
        if y is not None:
            if y._pending:
                y._pending += 1
            else:
                if not cython.compiled:
                    met.append(y)
                if y._code != _LEAF:
                    y._pending = 1
                    y._grad = 0.0
                    y._next = top
                    top = y
                elif not cython.compiled:
                    y._pending = 1
        if node._code == _MANY and node._rare is not None:
            for operand in node._rare.operands:
                if type(operand) is Value:
                    top = _meet(operand, top, met)


def _meet(operand: Value, top: Value | None, met: list[Value]) -> Value | None:
    """What the pass does on meeting an operand; the top of the stack after it."""
    if operand._pending:
        operand._pending += 1
        return top
    if not cython.compiled:
        met.append(operand)
    if operand._code != _LEAF:
        operand._pending = 1
        operand._grad = 0.0
        operand._next = top
        return operand
    if not cython.compiled:
        operand._pending = 1
    return top


def _leave(node: Value) -> None:
    """Clear what a pass has left in a node."""
    node._pending = 0
    node._next = None


def _send_back(root: Value) -> None:  # noqa: C901 - as above
    """Send each node's gradient to its operands, a node when all of its users have sent theirs."""
    root._next = None
    top: Value | None = root
    while top is not None:
        node = top
        top = node._next
        node._next = None
        gradient = node._grad
        if cython.compiled:
            kernel.node_fetch_earlier(node)  # type: ignore[attr-defined]
        x = node._x
        if x is not None:
            x._grad += gradient * node._dx
            if x._code != _LEAF:
                x._pending -= 1
                if x._pending == 0:
                    x._next = top
                    top = x
        y = node._y
        if y is not None:
            y._grad += gradient * node._dy
            if y._code != _LEAF:
                y._pending -= 1
                if y._pending == 0:
                    y._next = top
                    top = y
        if node._code == _MANY and node._rare is not None:
            if _derivatives_of(node._rare) is None:
                gradient *= node._dx
            top = _send_back_many(node._rare, gradient, top)


def _send_back_many(rare: _Rare, gradient: float, top: Value | None) -> Value | None:
    """Send a gradient to the operands of a gate of many; the top of the stack after it."""
    for i in range(len(rare.operands)):
        if type(rare.operands[i]) is Value:
            operand = rare.operands[i]
            contribution = gradient
            if rare.derivatives is not None:
                contribution *= rare.derivatives[i]
            operand._grad += contribution
            if operand._code != _LEAF:
                operand._pending -= 1
                if operand._pending == 0:
                    operand._next = top
                    top = operand
    return top


def _number_of(operand: Any) -> float:
    if type(operand) is Value:
        a = operand
        return a._data
    return _as_float(operand)


def _constant_or_raise(operand: Any) -> float:
    constant = _constant(operand)
    if constant is None:
        raise OperandError(f"{shortened(operand)} is not a real number or a Value")
    return constant


def _constant(operand: Any) -> float | None:
    """The operand as a constant; None if it should be asked to do the operation itself."""
    if isinstance(operand, float):
        return float(operand)
    if hasattr(type(operand), "apply_gate"):
        raise OperandError(
            f"a Value and a {type(operand).__name__} cannot stand in one graph; build it from "
            "Values alone, or from Tensors alone, or pass one on as plain data (.data)"
        )
    # An array of several elements makes an array of Values; what is no number may know Values.
    return exact_float(operand) if is_scalar(operand) else None


def _as_float(number: Any) -> float:
    # NumPy's float64 is a float, too.
    return float(number) if isinstance(number, float) else exact_float(number)

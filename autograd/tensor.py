"""Tensor: the array node. A NumPy array, its gradient, the gate that made it, and its operands."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

try:
    import cython
except ImportError:
    from . import uncompiled as cython

from . import array_gates, gates
from .anomaly import check_finite
from .array_gates import ArrayGate
from .arrays import fitted, real_array, summed_to
from .backward import reverse_pass, topological_order
from .changes import CLOCK, MOST_COPIED, content_of, next_change
from .errors import AutogradError, OperandError, ShapeError, StaleError
from .exact import shortened
from .frozen import refuse_if_traced
from .gate import TABLE, Gate
from .hooks import Hooks
from .modes import OPEN_MODES, is_detecting_anomalies, is_recording, line_to_record, trace_here
from .numpy_functions import METHODS, UFUNC_GATES, apply_function, apply_ufunc

__all__ = ["Tensor"]

# Freed at once and never touched. It is there for the GNU C library, which gives free memory back
# to the system when there is more of it than twice the largest block that was ever freed. The
# arrays of a step of training are more: they would be faulted in anew, which takes as long again.
np.empty(1 << 24, np.uint8)

_ELEMENTWISE = {gate.name: gate for gate in TABLE}
_ABS = gates.abs
_ADD = gates.add
_DIV = gates.div
_EXP = gates.exp
_LOG = gates.log
_MUL = gates.mul
_NEG = gates.neg
_POW = gates.pow
_RELU = gates.relu
_SUB = gates.sub
_TANH = gates.tanh


@cython.final
@cython.cclass
class Tensor:
    """An array variable that remembers how it was computed.

    Shapes, dtypes and broadcasting follow NumPy, and NumPy's functions accept it. A plain array or
    number beside a Tensor is a constant: no gradient is computed for it. ``backward()`` sets the
    gradients of inner nodes to those of this pass, and adds to the gradients of the leaves.

    Args:
        data: an array, a (nested) sequence of real numbers, or a number; copied.
        dtype: a floating dtype; by default that of ``data``, float64 for integers and booleans.
        name: what to call it in drawings and messages.

    Raises:
        OperandError: if ``data`` is not an array of real numbers.

    >>> w, x = Tensor([[0.1, 0.5], [-0.3, 0.8]]), Tensor([0.2, 0.4])
    >>> loss = ((w @ x) ** 2).sum()
    >>> loss.backward()
    >>> round(loss.item(), 3), x.grad.round(3).tolist()
    (0.116, [-0.112, 0.636])
    """

    __slots__ = (
        "__weakref__",
        "_arrays",
        "_born",
        "_changed",
        "_constants",
        "_content",
        "_data",
        "_grad",
        "_shares_grad",
        "arguments",
        "gate",
        "hooks",
        "line",
        "name",
        "operands",
    )

    # Operators between a data frame and a Tensor are left to the Tensor.
    __pandas_priority__ = 5000

    def _become_leaf(self, data: np.ndarray) -> None:
        """Put everything in its place that a node of this data has before a gate is known."""
        self._data: np.ndarray = data
        self._grad: np.ndarray | None = None
        # Whether the gradient's memory may be another's: it is copied before it is handed out.
        self._shares_grad: bool = False
        # The operands as the gate saw them.
        self._arrays: Sequence[Any] = ()
        # The content of the constants among them that are not copies.
        self._constants: list[tuple[int, Any]] | None = None
        # When this node was made, and when its array was last changed in place.
        self._born: int = CLOCK[0]
        self._changed: int = 0
        # The content of the array of a leaf, from when it was handed out.
        self._content: bytes | int | None = None
        # The gate that made this node; None for a leaf.
        self.gate: Gate | ArrayGate | None = None
        # What the gate was applied to: Tensors and plain constants; () for a leaf.
        self.operands: tuple[Any, ...] = ()
        # What else the gate was told, such as an axis.
        self.arguments: dict[str, Any] = _NO_ARGUMENTS
        # What is called with the gradient of this node.
        self.hooks: Hooks | None = None
        self.name: str | None = None
        # The ``file:line`` that made this node, if ``record_lines`` was on.
        self.line: str | None = None

    def __init__(self, data: Any, dtype: DTypeLike | None = None, name: str | None = None) -> None:
        if dtype is not None and np.dtype(dtype).kind != "f":
            raise OperandError(f"a Tensor is differentiable: dtype {dtype!r} is not a float")
        array = np.array(real_array(data, "a Tensor holds"), dtype=dtype)
        self._become_leaf(array if array.dtype.kind == "f" else array.astype(np.float64))
        self.name = name
        if OPEN_MODES[0]:
            self.line = line_to_record()

    @property
    def data(self) -> np.ndarray:
        """The array; that of an inner node is read-only.

        Assigning is for leaves; it does not change what was computed from one. The array of a leaf
        may be written to; a later ``backward`` through a node that was made before, and that needs
        what was overwritten, raises a StaleError.
        """
        if OPEN_MODES[1]:
            refuse_if_traced("t.data")
        if self.gate is not None:
            self._data.flags.writeable = False
        elif self._content is None:
            self._content = content_of(self._data)
        return self._data

    @data.setter
    def data(self, data: Any) -> None:
        if OPEN_MODES[1]:
            refuse_if_traced("t.data")
        if data is self._data:
            # ``t.data -= change`` comes here with the array that it has changed.
            self._changed = next_change()
            self._content = content_of(self._data)
        else:
            self.replace_data(np.array(data))

    def replace_data(self, data: np.ndarray) -> None:
        """Make ``data`` the array without copying it; who passes it must not change it after.

        Raises:
            OperandError: if this node is not a leaf.
            ShapeError: if ``data`` has not the shape of this node.
        """
        if OPEN_MODES[1]:
            refuse_if_traced("t.data")
        if self.gate is not None:
            raise OperandError(
                f"data: a Tensor of shape {self.shape} is the result of a gate ({self.gate.name}); "
                "with other numbers its gradient would be wrong: assign to .detach() of it"
            )
        self._data = fitted(data, self._data, "data")
        self._content = None

    @property
    def grad(self) -> np.ndarray | None:
        """The gradient, of the shape of the data; None before a backward pass."""
        if OPEN_MODES[1]:
            refuse_if_traced("t.grad")
        if self._shares_grad and self._grad is not None:
            self._grad = self._grad.copy()
            self._shares_grad = False
        return self._grad

    @grad.setter
    def grad(self, grad: Any) -> None:
        if OPEN_MODES[1]:
            refuse_if_traced("t.grad")
        self._grad = None if grad is None else fitted(grad, self._data, "grad")
        self._shares_grad = False

    @property
    def shape(self) -> tuple[int, ...]:
        """The sizes of the axes."""
        return self._data.shape

    @property
    def dtype(self) -> np.dtype[Any]:
        """The dtype of the data, and of the gradient."""
        return self._data.dtype

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return self._data.ndim

    @property
    def size(self) -> int:
        """The number of elements."""
        return self._data.size

    def backward(self, grad: Any = None) -> None:
        """Carry the gradient of this node back to everything it depends on.

        Args:
            grad: the gradient of this node, of its shape; by default one, for a scalar.

        Raises:
            ShapeError: if this node is not a scalar and no ``grad`` is given, or one that does
                not fit.
            StaleError: if an array that a gate needs was changed in place after the gate was
                recorded.
        """
        if OPEN_MODES[1]:
            refuse_if_traced("backward()")
        reverse_pass(self, self.seed(grad))

    def seed(self, grad: Any = None) -> np.ndarray:
        """What a pass from this node starts with: ``grad`` in its shape and dtype, by default one.

        Raises:
            ShapeError: as ``backward`` does.
        """
        if grad is not None:
            return fitted(grad, self._data, "grad")
        if self._data.size != 1:
            raise ShapeError(
                f"backward: root has shape {self.shape}; reduce it with .sum() "
                f"or pass grad of shape {self.shape}"
            )
        return np.ones_like(self._data)

    def check_unchanged(self) -> None:
        """Raise if an operand is no longer what the gate was given.

        Raises:
            StaleError: naming the operand and the gate.
        """
        stale = None
        for operand in self.operands:
            if type(operand) is Tensor:
                tensor = operand
                if tensor._content is not None:
                    tensor._notice_change()
                if tensor._changed > self._born:
                    called = "an operand" if tensor.name is None else repr(tensor.name)
                    stale = f"{called} of shape {tensor.shape}"
        if self._constants is not None:
            for position, content in self._constants:
                if content_of(self._arrays[position]) != content:
                    stale = f"the constant of shape {self._arrays[position].shape}"
        if stale is not None:
            line = "" if self.line is None else f", made at {self.line},"
            gate = "" if self.gate is None else self.gate.name
            raise StaleError(
                f"backward: {stale} was changed in place after the gate {gate}{line} was recorded; "
                "compute again what depends on it before backward, or change a copy"
            )

    def contribution(self, position: int, gradient: Any, create_graph: bool = False) -> Any:
        """What ``gradient``, of this node, sends back along one wire; None if that is zero.

        With ``create_graph`` it is a node, made by the derivative formulas, which can be
        differentiated again; else an array. The operands are taken to be unchanged.
        """
        if OPEN_MODES[1] and not create_graph:
            refuse_if_traced("a gradient without a graph")
        operand = self.operands[position]
        gate: Any = self.gate
        if create_graph:
            contribution = _contribution_in_graph(self, position, gradient)
        elif type(gate) is Gate:
            vjp = gate.vjps[position]
            contribution = vjp and vjp(gradient, self._data, *self._arrays)
        else:
            vjps = gate.vjps
            vjp = vjps[position] if type(vjps) is tuple else vjps(position)
            contribution = vjp and vjp(gradient, self._data, *self._arrays, **self.arguments)
        if contribution is None or type(contribution) is int:
            return None
        data = operand._data
        if contribution.shape != data.shape:
            contribution = summed_to(contribution, data.shape)
        if contribution.dtype != data.dtype:
            contribution = contribution.astype(data.dtype)
        if OPEN_MODES[0] and is_detecting_anomalies():
            check_finite(self, contribution, position)
        return contribution

    def operand_array(self, position: int) -> Any:
        """The array, or the number, that the gate was given as one of its operands.

        Raises:
            StaleError: if it was changed in place since.
        """
        self.check_unchanged()
        return self._arrays[position]

    def contributions(self, gradient: Any = None) -> tuple[np.ndarray | None, ...]:
        """What a gradient, by default this node's, sends back on each wire; None to a constant."""
        sent = self._grad if gradient is None else gradient
        if sent is None:
            return (None,) * len(self.operands)
        self.check_unchanged()
        with np.errstate(all="ignore"):
            return tuple(
                self.contribution(position, sent) if type(operand) is Tensor else None
                for position, operand in enumerate(self.operands)
            )

    def land(self, gradient: np.ndarray | None, owned: bool) -> None:
        """Take the gradient of a pass; ``owned`` says that its memory is shared with nothing."""
        if gradient is None:
            # Every way here leads through a zero derivative.
            gradient, owned = np.zeros_like(self._data), True
        if type(gradient) is not np.ndarray:
            gradient, owned = np.asarray(gradient), True
        if self.operands or self._grad is None:
            self._grad, self._shares_grad = gradient, not owned
        else:
            self._grad = np.asarray(self._grad + gradient)
            self._shares_grad = False

    @property
    def made_at(self) -> int:
        """The time at which this node was made, on the clock of changes in place."""
        return self._born

    def zero_grad(self) -> None:
        """Forget the gradient."""
        if OPEN_MODES[1]:
            refuse_if_traced("t.grad")
        self._grad = None

    def register_hook(self, hook: Callable[[Any], Any]) -> Callable[[], None]:
        """Call ``hook`` with the gradient of this node in every pass, before it goes on.

        What the hook returns, if not None, takes the gradient's place: for this node and for all
        that lies below it. The gradient is an array, or a Tensor where a graph of it is made; a
        hook must not change it in place.

        Returns:
            a function that takes the hook away.

        >>> x = Tensor([3.0, -4.0])
        >>> remove = x.register_hook(lambda gradient: gradient.clip(-1, 1))
        >>> (x * x).sum().backward()
        >>> x.grad
        array([ 1., -1.])
        """
        if self.hooks is None:
            self.hooks = Hooks()
        return self.hooks.add(hook)

    def detach(self) -> Tensor:
        """A leaf with a copy of the data: nothing flows back through it."""
        if OPEN_MODES[1] and trace_here() is not None:
            # As a leaf it would be a constant of the program.
            return _apply(gates.stop_gradient, (self,))
        return Tensor(self._data, name=self.name)

    def item(self) -> float:
        """The number of a Tensor of one element, as a Python float."""
        if OPEN_MODES[1]:
            refuse_if_traced("t.item()")
        if self._data.size != 1:
            raise ShapeError(f"item: shape {self.shape} has {self.size} elements, not one")
        return float(self._data.reshape(())[()])

    def tolist(self) -> Any:
        """The numbers as a nested list of Python floats."""
        if OPEN_MODES[1]:
            refuse_if_traced("t.tolist()")
        return self._data.tolist()

    def __repr__(self) -> str:
        content = np.array2string(self._data, separator=", ", prefix="Tensor(")
        dtype = "" if self.dtype == np.float64 else f", dtype={self.dtype}"
        named = "" if self.name is None else f", name={self.name!r}"
        return f"Tensor({content}{dtype}{named})"

    @staticmethod
    def apply_gate(gate: Gate, *operands: Any) -> Tensor:
        """Apply an elementwise gate; at least one operand is a Tensor."""
        return _apply(gate, operands)

    @staticmethod
    def apply_array_gate(gate: ArrayGate, *operands: Any, **arguments: Any) -> Tensor:
        """Apply an array gate; at least one operand is a Tensor."""
        return _apply_to_arrays(gate, operands, arguments)

    def __add__(self, other: Any) -> Tensor:
        return _apply(_ADD, (self, other))

    def __radd__(self, other: Any) -> Tensor:
        return _apply(_ADD, (other, self))

    def __sub__(self, other: Any) -> Tensor:
        return _apply(_SUB, (self, other))

    def __rsub__(self, other: Any) -> Tensor:
        return _apply(_SUB, (other, self))

    def __mul__(self, other: Any) -> Tensor:
        return _apply(_MUL, (self, other))

    def __rmul__(self, other: Any) -> Tensor:
        return _apply(_MUL, (other, self))

    def __truediv__(self, other: Any) -> Tensor:
        return _apply(_DIV, (self, other))

    def __rtruediv__(self, other: Any) -> Tensor:
        return _apply(_DIV, (other, self))

    def __pow__(self, other: Any) -> Tensor:
        return _apply(_POW, (self, other))

    def __rpow__(self, other: Any) -> Tensor:
        return _apply(_POW, (other, self))

    def __neg__(self) -> Tensor:
        return _apply(_NEG, (self,))

    def __pos__(self) -> Tensor:
        return self

    def __abs__(self) -> Tensor:
        return _apply(_ABS, (self,))

    def __matmul__(self, other: Any) -> Tensor:
        return _apply_to_arrays(array_gates.matmul, (self, other), _NO_ARGUMENTS)

    # A plain array on the left asks for this through NumPy.
    def __rmatmul__(self, other: Any) -> Tensor:
        return _apply_to_arrays(array_gates.matmul, (other, self), _NO_ARGUMENTS)

    def __getitem__(self, index: Any) -> Tensor:
        return _apply_to_arrays(array_gates.getitem, (self,), {"index": _kept(index)})

    def __setitem__(self, index: Any, value: Any) -> None:
        """Write in place.

        A leaf that takes plain numbers stays a leaf. Otherwise this node becomes the result of a
        gate that puts the value into what the node was, and gradients flow to both. What was
        computed before from this node used numbers that are gone: its ``backward`` raises.
        """
        _set_item(self, _kept(index), value)

    def __len__(self) -> int:
        if not self.ndim:
            raise OperandError("len: a Tensor of shape () has no length")
        return len(self._data)

    def __iter__(self) -> Iterator[Tensor]:
        return (self[i] for i in range(len(self)))

    def __contains__(self, number: Any) -> bool:
        if OPEN_MODES[1]:
            refuse_if_traced("a comparison of Tensors")
        return number in self._data

    def exp(self) -> Tensor:
        """The exponential of each element."""
        return _apply(_EXP, (self,))

    def log(self) -> Tensor:
        """The natural logarithm of each element."""
        return _apply(_LOG, (self,))

    def tanh(self) -> Tensor:
        """The hyperbolic tangent of each element."""
        return _apply(_TANH, (self,))

    def relu(self) -> Tensor:
        """Each element where it is positive, else zero."""
        return _apply(_RELU, (self,))

    def sum(self, axis: array_gates.Axis = None, keepdims: bool = False) -> Tensor:
        """The sum over ``axis``, by default over all."""
        return Tensor.apply_array_gate(array_gates.sum, self, axis=axis, keepdims=keepdims)

    def mean(self, axis: array_gates.Axis = None, keepdims: bool = False) -> Tensor:
        """The mean over ``axis``, by default over all."""
        return Tensor.apply_array_gate(array_gates.mean, self, axis=axis, keepdims=keepdims)

    def max(self, axis: array_gates.Axis = None, keepdims: bool = False) -> Tensor:
        """The largest element over ``axis``; ties share the gradient evenly."""
        return Tensor.apply_array_gate(array_gates.max, self, axis=axis, keepdims=keepdims)

    def reshape(self, *shape: Any) -> Tensor:
        """The same elements in another shape, given as numbers or as one tuple."""
        if len(shape) == 1 and not isinstance(shape[0], int):
            (shape,) = shape
        return Tensor.apply_array_gate(array_gates.reshape, self, shape=tuple(shape))

    def transpose(self, *axes: Any) -> Tensor:
        """The axes in another order, given as numbers or as one tuple; by default reversed."""
        if len(axes) == 1 and not isinstance(axes[0], int):
            (axes,) = axes
        order = tuple(axes) if axes else None
        return Tensor.apply_array_gate(array_gates.transpose, self, axes=order)

    @property
    def T(self) -> Tensor:
        """The axes reversed."""
        return self.transpose()

    @property
    def mT(self) -> Tensor:
        """The last two axes exchanged."""
        order = (*range(self.ndim - 2), self.ndim - 1, self.ndim - 2)
        return self.transpose(order)

    def astype(self, dtype: DTypeLike) -> Tensor:
        """The same numbers in another floating dtype; the gradient comes back in this one."""
        if np.dtype(dtype).kind != "f":
            raise OperandError(f"astype: {dtype!r} is not a float; cast the plain array, .data")
        return Tensor.apply_array_gate(_ASTYPE, self, dtype=np.dtype(dtype))

    def __getattr__(self, name: str) -> Any:
        """Any other elementwise gate, and NumPy's methods for which a function has a rule."""
        function: Any = METHODS.get(name) or _ELEMENTWISE.get(name)
        if function is None:
            raise AttributeError(f"'Tensor' object has no attribute {name!r}")
        return lambda *operands, **arguments: function(self, *operands, **arguments)

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Any:
        gate = UFUNC_GATES.get(ufunc)
        if gate is not None and not options and method == "__call__":
            if type(gate) is Gate:
                return _apply(gate, inputs)
            return _apply_to_arrays(gate, inputs, _NO_ARGUMENTS)
        return apply_ufunc(ufunc, method, inputs, options)

    def __array_function__(
        self, function: Any, types: Any, operands: tuple[Any, ...], options: dict[str, Any]
    ) -> Any:
        return apply_function(function, operands, options)

    # Comparisons answer with a plain array: nothing flows back through them.
    def __lt__(self, other: Any) -> Any:
        if OPEN_MODES[1]:
            refuse_if_traced("a comparison of Tensors")
        return self._data < _plain(other)

    def __le__(self, other: Any) -> Any:
        if OPEN_MODES[1]:
            refuse_if_traced("a comparison of Tensors")
        return self._data <= _plain(other)

    def __gt__(self, other: Any) -> Any:
        if OPEN_MODES[1]:
            refuse_if_traced("a comparison of Tensors")
        return self._data > _plain(other)

    def __ge__(self, other: Any) -> Any:
        if OPEN_MODES[1]:
            refuse_if_traced("a comparison of Tensors")
        return self._data >= _plain(other)

    def __eq__(self, other: Any) -> Any:
        if OPEN_MODES[1]:
            refuse_if_traced("a comparison of Tensors")
        return self._data == _plain(other)

    def __ne__(self, other: Any) -> Any:
        if OPEN_MODES[1]:
            refuse_if_traced("a comparison of Tensors")
        return self._data != _plain(other)

    def __hash__(self) -> int:
        # By identity, as without the comparisons above; addresses are multiples of sixteen.
        return id(self) >> 4

    def __bool__(self) -> bool:
        if OPEN_MODES[1]:
            refuse_if_traced("bool(t)")
        return bool(self._data)

    def __float__(self) -> float:
        if OPEN_MODES[1]:
            refuse_if_traced("float(t)")
        return self.item()

    def __array__(self, dtype: DTypeLike | None = None, copy: bool | None = None) -> np.ndarray:
        if OPEN_MODES[1]:
            refuse_if_traced("np.asarray(t)")
        # A view that cannot be written through, so that its owner need not be watched.
        view = self._data.view()
        view.flags.writeable = False
        return view if dtype is None and not copy else np.array(view, dtype=dtype, copy=copy)

    def __copy__(self) -> Tensor:
        return _copied(self, {})

    def __deepcopy__(self, memo: dict[int, Any]) -> Tensor:
        # In topological order, not by recursion: a graph may be deeper than the stack.
        for node in topological_order(self):
            if id(node) not in memo:
                memo[id(node)] = _copied(node, memo)
        copied: Tensor = memo[id(self)]
        return copied

    def __reduce__(self) -> tuple[Any, ...]:
        if self.gate is not None:
            raise TypeError(
                f"pickle: a Tensor of shape {self.shape} is an inner node of a graph "
                f"({self.gate.name}); pickle its leaves and build it again, or pickle its .data"
            )
        return _restored, (self._data, self.grad, self.name)

    def _notice_change(self) -> None:
        """Find out whether the array was handed out, and written to since."""
        content = None if self._content is None else content_of(self._data)
        if content != self._content:
            self._changed = next_change()
            self._content = content


_NO_ARGUMENTS: dict[str, Any] = {}
_ASTYPE = ArrayGate(
    "astype",
    "astype",
    lambda x, dtype: x.astype(dtype),
    # The driver gives a gradient the dtype of its operand.
    (lambda g, out, x, dtype: g,),
    "astype(x, dtype)",
    on_scalars=lambda x, dtype: x,
)


def _apply(gate: Gate, operands: tuple[Any, ...]) -> Tensor:
    """Apply an elementwise gate."""
    arrays = [_array_of(operand) for operand in operands]
    try:
        data = gate.numpy_forward(*arrays)
    except ValueError as error:
        raise ShapeError(
            f"{gate.name}: shapes {_shapes(operands)} do not broadcast; aligned from the right, "
            f"the sizes of each axis must be equal, or one of them 1{_line_of_error()}"
        ) from error
    return _node(data, gate, operands, _NO_ARGUMENTS, arrays)


def _apply_to_arrays(
    gate: ArrayGate, operands: tuple[Any, ...], arguments: dict[str, Any]
) -> Tensor:
    """Apply an array gate."""
    for value in arguments.values():
        if type(value) is np.ndarray:
            arguments = {key: _kept(argument) for key, argument in arguments.items()}
            break
    arrays = [_array_of(operand) for operand in operands]
    try:
        data = gate.forward(*arrays, **arguments)
    except (ValueError, IndexError) as error:
        if isinstance(error, AutogradError):
            raise
        said = "".join(f", {key}={shortened(value)}" for key, value in arguments.items())
        raise ShapeError(
            f"{gate.name}: shape {_shapes(operands)}{said}: {error}{_line_of_error()}"
        ) from error
    return _node(data, gate, operands, arguments, arrays)


def _node(
    data: Any,
    gate: Gate | ArrayGate | None,
    operands: tuple[Any, ...],
    arguments: dict[str, Any],
    arrays: Sequence[Any],
) -> Tensor:
    """A new node, recorded as the modes say."""
    node: Tensor = Tensor.__new__(Tensor)
    node._become_leaf(data if type(data) is np.ndarray else np.asarray(data))
    node.gate = gate
    node.operands = operands
    node.arguments = arguments
    node._arrays = arrays
    node._constants = _watched(operands, arrays)
    if OPEN_MODES[0]:
        node.line = line_to_record()
        if is_detecting_anomalies():
            check_finite(node, node._data)
        if not is_recording():
            if trace_here() is not None:
                # As a leaf it would be a constant of the program.
                return _stopped(node)
            node.gate, node.operands, node.arguments, node._arrays = None, (), _NO_ARGUMENTS, []
    return node


def _stopped(inner: Tensor) -> Tensor:
    """The gate that stops the gradient, on a node that was just made."""
    node = Tensor.__new__(Tensor)
    node._become_leaf(inner._data)
    node.gate, node.operands, node._arrays = gates.stop_gradient, (inner,), [inner._data]
    return node


def _set_item(node: Tensor, index: Any, value: Any) -> None:
    """Write ``value`` into a node, as its ``__setitem__`` says."""
    if value is node:
        return  # t[...] = t
    if node.gate is None and (type(value) is not Tensor or not is_recording()):
        node._data[index] = _plain(value)
        node._changed = next_change()
        node._content = None if node._content is None else content_of(node._data)
        return
    if not is_recording():
        raise OperandError(
            f"a Tensor of shape {node.shape} is the result of a gate; written to while nothing is "
            "recorded, its gradient would be wrong: write to .detach() of it"
        )
    before = _node(node._data, node.gate, node.operands, node.arguments, node._arrays)
    before._born, before._constants = node._born, node._constants
    if type(value) is Tensor:
        _replace_operand(value, node, before)
    result = _apply_to_arrays(array_gates.set_at, (before, value), {"index": index})
    node._data, node._arrays, node._constants = result._data, result._arrays, result._constants
    node.gate, node.operands, node.arguments = result.gate, result.operands, result.arguments
    node._content = None
    node._born = node._changed = next_change()


def _replace_operand(root: Tensor, old: Tensor, new: Tensor) -> None:
    """Let ``new`` be the operand wherever ``old`` is one, in what ``root`` was computed from."""
    visited = {id(root), id(old)}
    pending = [root]
    while pending:
        node = pending.pop()
        if node._born < old._born:
            continue  # made before it, so not from it
        for operand in node.operands:
            if type(operand) is Tensor and id(operand) not in visited:
                visited.add(id(operand))
                pending.append(operand)
        if any(operand is old for operand in node.operands):
            node.operands = tuple(new if operand is old else operand for operand in node.operands)


def _copied(original: Tensor, replacements: dict[int, Any]) -> Tensor:
    """The node again with a copy of its array, on the replacements of its operands."""
    node = Tensor.__new__(Tensor)
    node._become_leaf(original._data.copy())
    node._grad = None if original._grad is None else original._grad.copy()
    node._arrays, node._born = original._arrays, original._born
    node.gate, node.arguments, node.name = original.gate, original.arguments, original.name
    node.operands = tuple(replacements.get(id(o), o) for o in original.operands)
    node.line = original.line
    return node


def _restored(data: np.ndarray, grad: np.ndarray | None, name: str | None) -> Tensor:
    leaf = Tensor(data, name=name)
    leaf.grad = grad
    return leaf


def _contribution_in_graph(node: Tensor, position: int, gradient: Any) -> Any:
    """The contribution as a Tensor whose graph can be differentiated again."""
    gate = node.gate
    assert gate is not None
    vjp = gate.node_vjps[position] if isinstance(gate, Gate) else gate.vjp(position)
    # A constant as the gate saw it: the user may have written to it since.
    operands = [
        operand if type(operand) is Tensor else array
        for operand, array in zip(node.operands, node._arrays, strict=True)
    ]
    contribution = vjp and vjp(gradient, node, *operands, **node.arguments)
    if contribution is None or type(contribution) in (int, Tensor):
        return contribution
    return Tensor(contribution)


def _array_of(operand: Any) -> Any:
    """The array of a Tensor; a constant as an array of its own, or as the Python number it is.

    A Python number stays one, because NumPy gives its result the dtype of the array beside it.
    """
    if type(operand) is Tensor:
        tensor = operand
        if tensor._content is not None:
            tensor._notice_change()
        return tensor._data
    if isinstance(operand, (int, float)):
        return operand
    array = real_array(operand, "a constant beside a Tensor is")
    if OPEN_MODES[0] and not is_recording():
        return array
    # Whoever writes to it later must not change what was recorded.
    if array is not operand:
        return array if array.base is None else array.copy()
    return array if _is_frozen(array) or array.nbytes > MOST_COPIED else array.copy()


def _is_frozen(array: np.ndarray) -> bool:
    """Whether nobody can write to an array."""
    return array.base is None and not array.flags.writeable


def _watched(operands: tuple[Any, ...], arrays: Sequence[Any]) -> list[tuple[int, Any]] | None:
    """The constants that are too large to be copied: where they stand, and their content."""
    watched = None
    for position in range(len(arrays)):
        array = arrays[position]
        if array is operands[position] and type(array) is np.ndarray and not _is_frozen(array):
            watched = [*(watched or []), (position, content_of(array))]
    return watched


def _plain(operand: Any) -> Any:
    return np.asarray(operand) if type(operand) is Tensor else operand


def _kept(index: Any) -> Any:
    """An index that nobody can change later: lists and arrays are copied."""
    if type(index) is int or type(index) is slice:
        return index
    if isinstance(index, tuple):
        return tuple([_kept(part) for part in index])
    if type(index) is Tensor:
        raise OperandError(
            f"an index is a plain integer, slice or array, not a Tensor of shape {index.shape}; "
            "pass .data.astype(int) of it, or a mask such as x.data > 0"
        )
    if type(index) is np.ndarray:
        return index if _is_frozen(index) else index.copy()
    if isinstance(index, list):
        parts = [_kept(part) for part in index]
        return np.array(parts) if parts else np.array(parts, np.intp)
    return index


def _shapes(operands: tuple[Any, ...]) -> str:
    return " and ".join(_shape(operand) for operand in operands)


def _shape(operand: Any) -> str:
    name = operand.name if type(operand) is Tensor else None
    return f"{'' if name is None else name + ' '}{np.shape(operand)}"


def _line_of_error() -> str:
    line = line_to_record() if OPEN_MODES[0] else None
    return "" if line is None else f" (at {line})"

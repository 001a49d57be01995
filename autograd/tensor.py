"""Tensor: the array node. A NumPy array, its gradient, the gate that made it, and its operands."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from . import array_gates, gates
from .array_gates import ArrayGate
from .backward import reverse_pass
from .errors import OperandError, ShapeError
from .exact import shortened
from .gate import Gate
from .modes import OPEN_MODES, is_recording, line_to_record

__all__ = ["Tensor"]


class Tensor:
    """An array variable that remembers how it was computed.

    Shapes, dtypes and broadcasting follow NumPy. A plain array or number beside a Tensor is a
    constant: no gradient is computed for it. ``backward()`` sets the gradients of inner nodes to
    those of this pass, and adds to the gradients of the leaves.

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

    __slots__ = ("__weakref__", "_data", "_grad", "arguments", "gate", "line", "name", "operands")

    # NumPy leaves operators between an array and a Tensor to the Tensor.
    __array_ufunc__ = None

    _data: np.ndarray
    _grad: np.ndarray | None
    gate: Gate | ArrayGate | None
    """The gate that made this node; None for a leaf."""
    operands: tuple[Any, ...]
    """What the gate was applied to, in order: Tensors and plain constants; () for a leaf."""
    arguments: dict[str, Any]
    """What else the gate was told, such as an axis."""
    name: str | None
    line: str | None
    """The ``file:line`` that made this node, if ``record_lines`` was on."""

    def __init__(self, data: Any, dtype: DTypeLike | None = None, name: str | None = None) -> None:
        if dtype is not None and np.dtype(dtype).kind != "f":
            raise OperandError(f"a Tensor is differentiable: dtype {dtype!r} is not a float")
        array = np.array(_real_array(data, "a Tensor holds"), dtype=dtype)
        self._data = array if array.dtype.kind == "f" else array.astype(np.float64)
        self._grad = None
        self.gate = None
        self.operands = ()
        self.arguments = {}
        self.name = name
        self.line = line_to_record() if OPEN_MODES[0] else None

    @property
    def data(self) -> np.ndarray:
        """The array; assigning changes this node alone, not what was computed from it."""
        return self._data

    @data.setter
    def data(self, data: Any) -> None:
        self._data = _fitted(data, self._data, "data")

    @property
    def grad(self) -> np.ndarray | None:
        """The gradient, of the shape of the data; None before a backward pass."""
        return self._grad

    @grad.setter
    def grad(self, grad: Any) -> None:
        self._grad = None if grad is None else _fitted(grad, self._data, "grad")

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
        """
        if grad is None:
            if self._data.size != 1:
                raise ShapeError(
                    f"backward: root has shape {self.shape}; reduce it with .sum() "
                    f"or pass grad of shape {self.shape}"
                )
            seed = np.ones_like(self._data)
        else:
            seed = _fitted(grad, self._data, "grad")
        reverse_pass(self, seed)

    def contributions_of(self, gradient: np.ndarray) -> Iterator[np.ndarray | None]:
        """What ``gradient``, of this node, sends back along each wire; None to a constant."""
        arrays = [_data_of(operand) for operand in self.operands]
        assert self.gate is not None
        for operand, vjp in zip(self.operands, self.gate.vjps, strict=True):
            if vjp is None or type(operand) is not Tensor:
                yield None
                continue
            contribution = vjp(gradient, self._data, *arrays, **self.arguments)
            yield _summed_to(contribution, operand._data)

    def contributions(self) -> tuple[np.ndarray | None, ...]:
        """What this node's gradient sends back along each of its wires; None to a constant."""
        if self._grad is None or self.gate is None:
            return (None,) * len(self.operands)
        with np.errstate(all="ignore"):
            return tuple(self.contributions_of(self._grad))

    def zero_grad(self) -> None:
        """Forget the gradient."""
        self._grad = None

    def detach(self) -> Tensor:
        """A leaf with a copy of the data: nothing flows back through it."""
        return Tensor(self._data, name=self.name)

    def item(self) -> float:
        """The number of a Tensor of one element, as a Python float."""
        if self._data.size != 1:
            raise ShapeError(f"item: shape {self.shape} has {self.size} elements, not one")
        return float(self._data.reshape(())[()])

    def __repr__(self) -> str:
        content = np.array2string(self._data, separator=", ", prefix="Tensor(")
        dtype = "" if self.dtype == np.float64 else f", dtype={self.dtype}"
        named = "" if self.name is None else f", name={self.name!r}"
        return f"Tensor({content}{dtype}{named})"

    @staticmethod
    def apply_gate(gate: Gate, *operands: Any) -> Tensor:
        """Apply an elementwise gate; at least one operand is a Tensor."""
        arrays = [_data_of(operand) for operand in operands]
        try:
            data = gate.numpy_forward(*arrays)
        except ValueError as error:
            raise ShapeError(
                f"{gate.name}: shapes {_shapes(arrays)} do not broadcast; aligned from the right, "
                "the sizes of each axis must be equal, or one of them 1"
            ) from error
        return _node(data, gate, operands, {})

    @staticmethod
    def apply_array_gate(gate: ArrayGate, *operands: Any, **arguments: Any) -> Tensor:
        """Apply an array gate; at least one operand is a Tensor."""
        arrays = [_data_of(operand) for operand in operands]
        try:
            data = gate.forward(*arrays, **arguments)
        except (ValueError, IndexError) as error:
            said = "".join(f", {key}={value!r}" for key, value in arguments.items())
            raise ShapeError(f"{gate.name}: shape {_shapes(arrays)}{said}: {error}") from error
        return _node(data, gate, operands, arguments)

    def __add__(self, other: Any) -> Tensor:
        return Tensor.apply_gate(gates.add, self, other)

    def __radd__(self, other: Any) -> Tensor:
        return Tensor.apply_gate(gates.add, other, self)

    def __sub__(self, other: Any) -> Tensor:
        return Tensor.apply_gate(gates.sub, self, other)

    def __rsub__(self, other: Any) -> Tensor:
        return Tensor.apply_gate(gates.sub, other, self)

    def __mul__(self, other: Any) -> Tensor:
        return Tensor.apply_gate(gates.mul, self, other)

    def __rmul__(self, other: Any) -> Tensor:
        return Tensor.apply_gate(gates.mul, other, self)

    def __truediv__(self, other: Any) -> Tensor:
        return Tensor.apply_gate(gates.div, self, other)

    def __rtruediv__(self, other: Any) -> Tensor:
        return Tensor.apply_gate(gates.div, other, self)

    def __pow__(self, other: Any) -> Tensor:
        return Tensor.apply_gate(gates.pow, self, other)

    def __rpow__(self, other: Any) -> Tensor:
        return Tensor.apply_gate(gates.pow, other, self)

    def __neg__(self) -> Tensor:
        return Tensor.apply_gate(gates.neg, self)

    def __pos__(self) -> Tensor:
        return self

    def __abs__(self) -> Tensor:
        return Tensor.apply_gate(gates.abs, self)

    def __matmul__(self, other: Any) -> Tensor:
        return _matmul(self, other)

    def __rmatmul__(self, other: Any) -> Tensor:
        return _matmul(other, self)

    def __getitem__(self, index: Any) -> Tensor:
        return Tensor.apply_array_gate(array_gates.getitem, self, index=index)

    def __len__(self) -> int:
        if not self.ndim:
            raise OperandError("len: a Tensor of shape () has no length")
        return len(self._data)

    def __iter__(self) -> Iterator[Tensor]:
        return (self[i] for i in range(len(self)))

    def exp(self) -> Tensor:
        """The exponential of each element."""
        return Tensor.apply_gate(gates.exp, self)

    def log(self) -> Tensor:
        """The natural logarithm of each element."""
        return Tensor.apply_gate(gates.log, self)

    def tanh(self) -> Tensor:
        """The hyperbolic tangent of each element."""
        return Tensor.apply_gate(gates.tanh, self)

    def relu(self) -> Tensor:
        """Each element where it is positive, else zero."""
        return Tensor.apply_gate(gates.relu, self)

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

    # Comparisons answer with a plain array: nothing flows back through them.
    def __lt__(self, other: Any) -> Any:
        return self._data < _data_of(other)

    def __le__(self, other: Any) -> Any:
        return self._data <= _data_of(other)

    def __gt__(self, other: Any) -> Any:
        return self._data > _data_of(other)

    def __ge__(self, other: Any) -> Any:
        return self._data >= _data_of(other)

    def __eq__(self, other: Any) -> Any:
        return self._data == _data_of(other)

    def __ne__(self, other: Any) -> Any:
        return self._data != _data_of(other)

    __hash__ = object.__hash__

    def __bool__(self) -> bool:
        return bool(self._data)

    def __float__(self) -> float:
        return self.item()

    def __array__(self, dtype: DTypeLike | None = None, copy: bool | None = None) -> np.ndarray:
        return np.array(self._data, dtype=dtype, copy=copy)


def _node(
    data: Any, gate: Gate | ArrayGate, operands: tuple[Any, ...], arguments: dict[str, Any]
) -> Tensor:
    node: Tensor = Tensor.__new__(Tensor)
    node._data = np.asarray(data)
    node._grad = None
    node.name = None
    node.line = None
    node.gate, node.operands, node.arguments = gate, operands, arguments
    if OPEN_MODES[0]:
        if not is_recording():
            node.gate, node.operands, node.arguments = None, (), {}
        node.line = line_to_record()
    return node


def _data_of(operand: Any) -> Any:
    """The array of a Tensor; a constant as an array, or as the Python number that it is.

    A Python number stays one, because NumPy gives its result the dtype of the array beside it.
    """
    if type(operand) is Tensor:
        return operand._data
    if isinstance(operand, (int, float)):
        return operand
    return _real_array(operand, "a constant beside a Tensor is")


def _real_array(data: Any, what: str) -> np.ndarray:
    if type(data).__name__ == "Value" and hasattr(data, "apply_gate"):
        raise OperandError(
            "a Value and a Tensor cannot stand in one graph; build it from Values alone, or from "
            "Tensors alone, or pass one on as plain data (.data)"
        )
    try:
        array = np.asarray(data)
    except ValueError as error:
        raise OperandError(f"{what} an array of real numbers: {error}") from error
    if array.dtype.kind not in "fiub":
        raise OperandError(
            f"{what} real numbers, not {array.dtype} ({shortened(data)})"
            + ("; take .real, .imag or abs() of it" if array.dtype.kind == "c" else "")
        )
    return array


def _fitted(data: Any, like: np.ndarray, what: str) -> np.ndarray:
    """``data`` as an array of the shape and dtype of ``like``."""
    array = _real_array(data, f"{what} is")
    if array.shape != like.shape:
        raise ShapeError(f"{what} has shape {array.shape}, the Tensor has shape {like.shape}")
    return array.astype(like.dtype, copy=False)


def _summed_to(gradient: Any, operand: np.ndarray) -> np.ndarray:
    """Undo broadcasting: the gradient summed to the operand's shape, in its dtype."""
    gradient = np.asarray(gradient)
    if gradient.shape != operand.shape:
        extra = gradient.ndim - operand.ndim
        stretched = [
            extra + axis
            for axis, size in enumerate(operand.shape)
            if size == 1 and gradient.shape[extra + axis] != 1
        ]
        gradient = gradient.sum(axis=(*range(extra), *stretched)).reshape(operand.shape)
    return np.asarray(gradient, dtype=operand.dtype)


def _matmul(a: Any, b: Any) -> Tensor:
    left, right = np.shape(_data_of(a)), np.shape(_data_of(b))
    if not left or not right:
        raise ShapeError(f"matmul: a {left} @ b {right}: a scalar has no matrix product; use *")
    inner = right[-2] if len(right) > 1 else right[-1]
    if left[-1] != inner:
        mend = f"; b.T has shape {right[::-1]}" if right[-1] == left[-1] else ""
        raise ShapeError(
            f"matmul: a {left} @ b {right}: inner sizes {left[-1]} and {inner} differ{mend}"
        )
    return Tensor.apply_array_gate(array_gates.matmul, a, b)


def _shapes(arrays: list[Any]) -> str:
    return " and ".join(str(np.shape(array)) for array in arrays)

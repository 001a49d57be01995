"""Network: a small net with its data, as one value, written with the gates alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy.typing as npt

from .. import array_gates
from ..errors import ShapeError
from ..gate import Gate

__all__ = ["Network"]

Array = npt.NDArray[Any]


@dataclass(frozen=True, repr=False, eq=False)
class Network:
    """Affine layers with one activation between them, the parameters, and samples with targets.

    Args:
        activation: a gate that may be called with one operand; it follows every layer but the last.
        weights: for each layer an array (inputs of the layer, outputs of the layer).
        biases: for each layer an array (outputs of the layer,).
        inputs: the samples, (n, inputs of the net).
        targets: either numbers (n, outputs of the net), for the mean squared error, or labels (n,)
            of int in [0, outputs of the net), for the mean cross-entropy in nats.

    Raises:
        ShapeError: if the arrays do not fit each other; the message names the layer.

    >>> import numpy as np
    >>> from autograd import Tensor, tanh
    >>> net = Network(
    ...     tanh,
    ...     weights=(np.array([[1.0, 0.0]]), np.array([[2.0], [0.5]])),
    ...     biases=(np.array([0.0, 0.0]), np.array([1.0])),
    ...     inputs=np.array([[0.0], [0.0]]),
    ...     targets=np.array([[1.0], [3.0]]),
    ... )
    >>> net.sizes, float(net.loss(net.parameters))
    ((1, 2, 1), 2.0)
    >>> layers = [(Tensor(weight), Tensor(bias)) for weight, bias in net.parameters]
    >>> net.loss(layers).backward()
    >>> layers[1][1].grad
    array([-2.])
    """

    activation: Gate
    weights: tuple[Array, ...]
    biases: tuple[Array, ...]
    inputs: Array
    targets: Array

    def __post_init__(self) -> None:
        if len(self.weights) != len(self.biases):
            raise ShapeError(f"{len(self.weights)} weights and {len(self.biases)} biases")
        width = self.inputs.shape[1]
        for layer, (weight, bias) in enumerate(self.parameters):
            if weight.shape != (width, bias.size) or bias.ndim != 1:
                raise ShapeError(
                    f"layer {layer}: weight of shape {weight.shape} and bias of shape {bias.shape} "
                    f"after {width} outputs; pass ({width}, k) and (k,)"
                )
            width = bias.size
        samples = len(self.inputs)
        expected = (samples,) if self.has_labels else (samples, width)
        if self.targets.shape != expected:
            raise ShapeError(
                f"targets of shape {self.targets.shape} for {samples} samples; pass labels "
                f"({samples},) of int, or numbers ({samples}, {width})"
            )

    @property
    def sizes(self) -> tuple[int, ...]:
        """How many inputs the net has, then how many outputs each of its layers."""
        return (self.inputs.shape[1], *(bias.size for bias in self.biases))

    @property
    def has_labels(self) -> bool:
        """Whether the targets are classes, and the loss is the cross-entropy."""
        return self.targets.dtype.kind in "iu"

    @property
    def parameters(self) -> list[tuple[Array, Array]]:
        """For each layer its weight and its bias: the argument of ``loss``."""
        return list(zip(self.weights, self.biases, strict=True))

    def loss(self, parameters: Sequence[tuple[Any, Any]]) -> Any:
        """The mean loss over the samples, (), at parameters that are arrays or Tensors."""
        out: Any = self.inputs
        for layer, (weight, bias) in enumerate(parameters):
            if layer:
                out = self.activation(out)
            out = out @ weight + bias
        if self.has_labels:
            return array_gates.softmax_cross_entropy(out, labels=self.targets).mean()
        return ((out - self.targets) ** 2).mean()

    @property
    def source(self) -> str:
        """Python source that computes the loss, ``loss``, from Tensors; it can be pasted and run.

        Every number reads back as the same number, in the dtype that it has here.
        """
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        yield "import autograd, numpy as np"
        yield "from autograd import Tensor"
        yield ""
        yield f"out = {_array_source(self.inputs)}"
        for layer, (weight, bias) in enumerate(self.parameters):
            yield f"weight{layer} = Tensor({_array_source(weight)})"
            yield f"bias{layer} = Tensor({_array_source(bias)})"
            operand = f"autograd.{self.activation.name}(out)" if layer else "out"
            yield f"out = {operand} @ weight{layer} + bias{layer}"
        targets = _array_source(self.targets)
        if self.has_labels:
            yield f"loss = autograd.softmax_cross_entropy(out, labels={targets}).mean()"
        else:
            yield f"loss = ((out - {targets}) ** 2).mean()"

    def __repr__(self) -> str:
        return self.source

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        # What prints an example of a property puts its name before it, on the same line.
        printer.text("\n" + self.source + "\n")


def _array_source(array: Array) -> str:
    # Every finite float of fewer bits is a Python float, too, and is rounded back to itself.
    return f"np.array({array.tolist()}, np.{array.dtype})"

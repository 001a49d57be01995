"""Learning rules from before gradients: the perceptron's, Hebb's and the delta rule.

The functions take and return NumPy arrays. Weights are (inputs,) for one neuron and
(inputs, outputs) for a layer, whose column j holds the weights w_ji of neuron j.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from autograd import Gate, Tensor, step
from autograd.errors import ConvergenceError, LabelError, SettingError, ShapeError
from autograd.gate import TABLE
from nn.arguments import require_count
from nn.data.samples import Array, as_array, paired, require_finite
from nn.module import Module

__all__ = ["Perceptron", "delta_rule", "hebbian_update"]


class Perceptron(Module):
    """One neuron that fires or does not: 1 where bias + weights . x > 0, else 0.

    The input is (n, inputs), or (inputs,) for one sample; the output (n,) or (). The parameters are
    `weights` (inputs,) and `bias` (), set by hand or learned by `fit`. The output is a graph, and
    can be drawn; its gradient is 0, as the step has no slope.

    Args:
        weights: of each input (inputs,), at least one.
        bias: what is added to the weighted sum.
        threshold: what the weighted sum has to exceed, in place of a bias, which is then
            -threshold.

    Raises:
        ShapeError: weights are not (inputs,), or bias or threshold is not one number.
        OperandError: one of them is not finite.
        SettingError: a bias and a threshold are given.

    Source: Rosenblatt, Psychological Review 65(6), 1958.

    >>> corners = np.array([[0, 0], [1, 0], [0, 1], [1, 1]])
    >>> both = Perceptron([0.5, 0.5], -0.7)
    >>> both(corners).data
    array([0., 0., 0., 1.])
    >>> either = Perceptron([0.5, 0.5], threshold=0.2)
    >>> either.predict(corners)
    array([0, 1, 1, 1])
    """

    def __init__(
        self,
        weights: npt.ArrayLike,
        bias: npt.ArrayLike | None = None,
        *,
        threshold: npt.ArrayLike | None = None,
    ) -> None:
        if bias is not None and threshold is not None:
            raise SettingError(
                f"Perceptron: bias {bias!r} and threshold {threshold!r}; pass one of them, as the "
                "threshold is -bias"
            )
        if threshold is not None:
            bias = -_number(threshold, "threshold")
        given = np.asarray(as_array(weights, "Perceptron: weights"))
        require_finite(given, "Perceptron: weights")
        if given.ndim != 1 or not given.size:
            raise ShapeError(
                f"Perceptron: weights of shape {given.shape}; pass (inputs,), one for each input"
            )
        self.weights = Tensor(given)
        self.bias = Tensor(_number(0.0 if bias is None else bias, "bias"), dtype=self.weights.dtype)

    def forward(self, x: Tensor | npt.ArrayLike) -> Tensor:
        """1.0 for each sample that the neuron fires at, else 0.0.

        Raises:
            ShapeError: the last axis of x is not as long as there are weights.
        """
        given = x if isinstance(x, Tensor) else np.asarray(as_array(x, "Perceptron: x"))
        inputs = len(self.weights)
        if given.ndim not in (1, 2) or given.shape[-1] != inputs:
            raise ShapeError(
                f"Perceptron: x of shape {given.shape}, and there are {inputs} weights; pass "
                f"(n, {inputs}) or ({inputs},)"
            )
        fires: Tensor = step(given @ self.weights + self.bias)
        return fires

    def predict(self, x: npt.ArrayLike) -> npt.NDArray[np.intp]:
        """The label, 0 or 1, of each sample: x (n, inputs) -> (n,), or (inputs,) -> ().

        Raises:
            ShapeError: as `forward`.
            OperandError: a number is nan or infinite; the message names its row and column.
        """
        samples = np.asarray(as_array(x, "Perceptron: x"))
        require_finite(samples, "Perceptron: x")
        return np.asarray(self(samples)).astype(np.intp)

    def fit(
        self, x: npt.ArrayLike, y: npt.ArrayLike, lr: float = 1.0, epochs: int = 100
    ) -> list[int]:
        """Learn from samples, x (n, inputs) and y (n,) of 0 and 1, until all are right.

        Rosenblatt's rule: one sample after the other, in order, the weights change by
        lr * (target - output) * x, and the bias by lr * (target - output). It ends if a line (a
        plane, ...) separates the two classes: sooner if it leaves a wide gap (Novikoff, 1962).

        Returns:
            How many samples were wrong before each epoch, and, at the end, 0.

        Raises:
            ConvergenceError: samples are still wrong after so many epochs, or the weights are those
                of an earlier epoch, so that they would go round for ever. The perceptron keeps
                those it had last.
            ShapeError: x is not (n, inputs), y is not (n,), or n is 0.
            LabelError: a label is neither 0 nor 1; the message names its row.
            OperandError: a number of x is nan or infinite; the message names its row and column.
            SettingError: lr is not finite and above 0, or epochs not at least 1.

        >>> corners = np.array([[0, 0], [1, 0], [0, 1], [1, 1]])
        >>> Perceptron([0, 0]).fit(corners, [0, 0, 0, 1])
        [1, 3, 2, 1, 2, 0]
        """
        rows, targets = _checked(x, y, len(self.weights))
        if not (lr > 0 and math.isfinite(lr)):
            raise SettingError(f"Perceptron.fit: lr is {lr!r}; pass a finite number above 0")
        require_count(epochs, "Perceptron.fit: epochs")
        weights, bias = np.array(self.weights), np.array(self.bias)
        known = set()
        wrong = [_mistakes(weights, bias, rows, targets)]
        while wrong[-1] and len(wrong) <= epochs and (weights.tobytes(), float(bias)) not in known:
            known.add((weights.tobytes(), float(bias)))
            for row, target in zip(rows, targets, strict=True):
                error = target - step(row @ weights + bias)
                weights += lr * error * row
                bias += lr * error
            wrong.append(_mistakes(weights, bias, rows, targets))
        self.weights.data = weights
        self.bias.data = bias
        if wrong[-1]:
            circle = (weights.tobytes(), float(bias)) in known
            raise ConvergenceError(
                f"Perceptron.fit: {wrong[-1]} of {len(rows)} samples are wrong after "
                f"{len(wrong) - 1} epochs; {_reason(rows, targets, circle)}"
            )
        return wrong


def _number(given: npt.ArrayLike, name: str) -> Array:
    number = np.asarray(as_array(given, f"Perceptron: {name}"))
    if number.shape not in ((), (1,)):
        raise ShapeError(f"Perceptron: {name} of shape {number.shape}; pass one number")
    require_finite(number.reshape(1), f"Perceptron: {name}")
    return number.reshape(())


def _checked(x: npt.ArrayLike, y: npt.ArrayLike, inputs: int) -> tuple[Array, Array]:
    """The samples and the labels of `fit`, in double precision."""
    rows, labels = map(np.asarray, paired(x, y, "Perceptron.fit"))
    if rows.shape != (len(rows), inputs) or labels.shape != (len(rows),):
        raise ShapeError(
            f"Perceptron.fit: x of shape {rows.shape} and y of shape {labels.shape}; pass "
            f"(n, {inputs}), as there are {inputs} weights, and (n,)"
        )
    require_finite(rows, "Perceptron.fit: x")
    strange = np.flatnonzero((labels != 0) & (labels != 1))
    if len(strange):
        raise LabelError(
            f"Perceptron.fit: label {labels.tolist()[strange[0]]!r} in row {strange[0]}; pass 0 "
            "and 1, which (y > 0).astype(int) makes of -1 and 1"
        )
    return rows.astype(np.float64), labels.astype(np.float64)


def _mistakes(weights: Array, bias: Array, rows: Array, targets: Array) -> int:
    return int(np.count_nonzero(step(rows @ weights + bias) != targets))


def _reason(rows: Array, targets: Array, circle: bool) -> str:
    """Why the rule may not have come to its end, and what to do."""
    _, place = np.unique(rows, axis=0, return_inverse=True)
    pairs = np.stack([place.ravel(), targets])
    if np.unique(pairs, axis=1).shape[1] > place.max() + 1:
        return "a sample comes with both labels, which no function can give it"
    # The perceptron cycling theorem: without a separating line the weights stay bounded, and such
    # as have finitely many digits come back. Rounding can bring them back, too, where there is one.
    if circle:
        return (
            "the weights are those of an earlier epoch, so more epochs will not help. The classes "
            "seem not to be linearly separable: one line cannot part them, two layers can"
        )
    return (
        "pass more epochs, or the classes may not be linearly separable: then one line cannot part "
        "them, and two layers can"
    )


def hebbian_update(
    weights: npt.ArrayLike, x: npt.ArrayLike, y: npt.ArrayLike, rate: float
) -> npt.NDArray[Any]:
    """The weights after Hebb's rule: what fires together is connected more strongly.

    delta w_ji = rate * y_j * x_i, added up over the samples. weights (inputs, outputs),
    x (n, inputs), y (n, outputs) -> (inputs, outputs); one sample comes without n, and one neuron
    without outputs, as weights (inputs,).

    Raises:
        ShapeError: the shapes do not fit.
        SettingError: rate is not finite.

    Source: Hebb, The Organization of Behavior, 1949.

    >>> hebbian_update([0.0, 0.0, 0.5], x=[1, 0, 1], y=1, rate=0.1)
    array([0.1, 0. , 0.6])
    """
    old, inputs, outputs = _layer(weights, x, y, "y", "hebbian_update", rate)
    return old + rate * _products(inputs, outputs, old.shape)


def delta_rule(
    weights: npt.ArrayLike,
    x: npt.ArrayLike,
    target: npt.ArrayLike,
    rate: float,
    activation: str | Gate | None = "sigmoid",
) -> npt.NDArray[Any]:
    """The weights after the delta rule: the larger the error and the input, the larger the change.

    delta w_ji = rate * (t_j - y_j) * g'(h_j) * x_i, added up over the samples, with
    h_j = sum_i w_ji x_i and y_j = g(h_j). It is a step down the gradient of half the sum of
    (t_j - y_j)**2. weights (inputs, outputs), x (n, inputs), target (n, outputs) ->
    (inputs, outputs); one sample comes without n, and one neuron without outputs, as weights
    (inputs,). A bias is the weight of an input that is always 1.

    Args:
        weights: before the step.
        x: the inputs.
        target: what the outputs should be.
        rate: the learning rate, alpha.
        activation: g, a gate of one operand or its name; None for the sum itself, which is the rule
            of Widrow and Hoff.

    Raises:
        ShapeError: the shapes do not fit.
        SettingError: rate is not finite; activation is not a gate of one operand, or has no slope
            anywhere, as step.

    Source: Widrow & Hoff, IRE WESCON Convention Record 4, 1960.

    >>> delta_rule([0.0, 0.0], x=[1.0, 2.0], target=1.0, rate=0.8)
    array([0.1, 0.2])
    """
    old, inputs, targets = _layer(weights, x, target, "target", "delta_rule", rate)
    sums = inputs @ old
    if activation is None:
        return old + rate * _products(inputs, targets - sums, old.shape)
    gate = _activation(activation)
    outputs = gate(sums)
    slope = gate.vjps[0]
    if slope is None:
        raise SettingError(
            f"delta_rule: {gate.name} has no slope, so nothing would be learned; Perceptron.fit "
            "learns with a step, and sigmoid is a step with a slope"
        )
    errors = slope(targets - outputs, outputs, sums, *gate.defaults)
    return old + rate * _products(inputs, errors, old.shape)


def _layer(
    weights: npt.ArrayLike, x: npt.ArrayLike, y: npt.ArrayLike, name: str, where: str, rate: float
) -> tuple[Array, Array, Array]:
    """The weights, the inputs and what belongs to the outputs, whose shapes fit."""
    if not math.isfinite(rate):
        raise SettingError(f"{where}: rate is {rate!r}; pass a finite number, such as 0.1")
    old, inputs, outputs = (
        np.asarray(as_array(given, f"{where}: {what}"))
        for given, what in ((weights, "weights"), (x, "x"), (y, name))
    )
    fits = old.ndim in (1, 2) and inputs.ndim in (1, 2) and inputs.shape[-1] == old.shape[0]
    if not fits or outputs.shape != inputs.shape[:-1] + old.shape[1:]:
        raise ShapeError(
            f"{where}: weights of shape {old.shape}, x of shape {inputs.shape} and {name} of shape "
            f"{outputs.shape}; pass (inputs, outputs), (n, inputs) and (n, outputs), for one "
            "sample without n, for one neuron without outputs"
        )
    return old, inputs, outputs


def _products(inputs: Array, outputs: Array, shape: tuple[int, ...]) -> Array:
    """input_i * output_j, added up over the samples, in the shape of the weights."""
    rows = inputs.reshape(-1, shape[0])
    sums: Array = rows.T @ np.reshape(outputs, (len(rows), -1))
    return sums.reshape(shape)


def _activation(given: str | Gate) -> Gate:
    known = {gate.name: gate for gate in TABLE}
    gate = given if isinstance(given, Gate) else known.get(given)
    if gate is None or gate.arity - len(gate.defaults) != 1:
        raise SettingError(
            f"delta_rule: activation is {given!r}; pass a gate of one operand, such as "
            "'sigmoid', 'tanh' or 'relu', or None for the sum itself"
        )
    return gate

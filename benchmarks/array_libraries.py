"""The libraries that ``array_engine.py`` compares, each with its own functions under one name.

Each is used as its users use it: its own linear layer, its own losses, its own gradient descent.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np
from array_nets import Net

__all__ = ["LIBRARIES", "ONE_THREAD", "Library"]

ONE_THREAD = {
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1",
    "JAX_PLATFORMS": "cpu",
}
"""What must stand in the environment before a library is imported."""


class Library:
    """A net in one library, ready to be trained.

    A subclass sets the functions that the nets are written with, and ``variable`` if that is one
    of its library's, before it calls this ``__init__``.
    """

    package: ClassVar[str]
    """What must be installed."""

    variable: Callable[[np.ndarray], Any]
    """Makes something to be trained from a copy of an array."""
    linear: Callable[[Any, Any, Any], Any]
    """``linear(x, w, b)``: x @ w + b."""
    relu: Callable[[Any], Any]
    sigmoid: Callable[[Any], Any]
    tanh: Callable[[Any], Any]
    conv2d: Callable[[Any, Any, Any], Any]
    """``conv2d(x, w, b)``: pictures (n, channels, height, width), kernels, a bias by kernel."""
    max_pool: Callable[[Any, int], Any]
    """The largest of each square of so many rows and columns."""
    cross_entropy: Callable[[Any, Any], Any]
    """The mean over the rows of logits, given the labels."""
    mse: Callable[[Any, Any], Any]
    optimizer: Any

    def __init__(self, net: Net) -> None:
        self.net = net
        self.weights = {name: self.variable(array) for name, array in net.weights.items()}
        self.inputs = {name: self.constant(array) for name, array in net.inputs.items()}

    @classmethod
    def is_installed(cls) -> bool:
        """Whether the package is there."""
        return importlib.util.find_spec(cls.package) is not None

    def constant(self, array: np.ndarray) -> Any:
        """Something that is not trained."""
        return array

    def step(self) -> Any:
        """One step of training; the loss, with the graph that hangs on it."""
        self.optimizer.zero_grad()
        loss = self.loss()
        loss.backward()
        self.optimizer.step()
        return loss

    def loss(self) -> Any:
        """The loss of the weights as they are."""
        return self.net.loss(self, self.weights, self.inputs)

    def gradients(self) -> dict[str, np.ndarray]:
        """The gradients of the last step."""
        return {name: np.asarray(each.grad) for name, each in self.weights.items()}

    def array(self, node: Any) -> np.ndarray:
        """The numbers of a node."""
        return np.asarray(node.data)

    def number(self, loss: Any) -> float:
        """The loss as a number."""
        return float(self.array(loss))

    def dtypes(self, loss: Any) -> set[str]:
        """The dtypes of what a step has made, as far as the library lets it be seen."""
        made = [*map(self.array, (loss, *self.weights.values())), *self.gradients().values()]
        return {array.dtype.name for array in made}


class GateGrad(Library):
    """This library."""

    package = "autograd"

    def __init__(self, net: Net) -> None:
        import autograd
        import nn
        from autograd import Tensor
        from autograd.array_gates import conv2d, max_pool2d

        self.variable = Tensor
        self.linear = lambda x, w, b: x @ w + b
        self.conv2d = lambda x, w, b: conv2d(x, w) + b.reshape(-1, 1, 1)
        self.max_pool = max_pool2d
        self.relu, self.sigmoid, self.tanh = autograd.relu, autograd.sigmoid, autograd.tanh
        self.cross_entropy, self.mse = nn.cross_entropy, nn.mse
        super().__init__(net)
        self.optimizer = nn.SGD(self.weights.values(), lr=net.learning_rate)

    def dtypes(self, loss: Any) -> set[str]:
        """Those of every node, too."""
        from autograd import topological_order

        nodes = topological_order(loss)
        return {array.dtype.name for node in nodes for array in (node.data, node.grad)}


class Traced(GateGrad):
    """This library, the loss recorded once and replayed."""

    def __init__(self, net: Net) -> None:
        from autograd import trace

        super().__init__(net)
        weights = self.weights
        self._loss = trace(lambda inputs: net.loss(self, weights, inputs))

    def loss(self) -> Any:
        """The loss of the weights as they are, from the program."""
        return self._loss(self.inputs)


class Program(Traced):
    """The same, without Tensors between the program and the optimizer."""

    def __init__(self, net: Net) -> None:
        super().__init__(net)
        self._program = self._loss.program(self.inputs)
        self._arrays = [array for array in net.inputs.values() if array.dtype.kind == "f"]

    def step(self) -> Any:
        """One step of training; the loss as a number."""
        loss, gradients = self._program.value_and_grad(self._arrays)
        for parameter, gradient in zip(self._program.parameters, gradients, strict=True):
            parameter.grad = gradient
        self.optimizer.step()
        return loss

    def number(self, loss: Any) -> float:
        """The loss, which is a number."""
        return float(loss)

    def dtypes(self, loss: Any) -> set[str]:
        """Those of the weights and their gradients."""
        made = [*map(self.array, self.weights.values()), *self.gradients().values()]
        return {array.dtype.name for array in made}


class PyTorch(Library):
    """PyTorch, eager, on one thread."""

    package = "torch"

    def __init__(self, net: Net) -> None:
        import torch
        import torch.nn.functional as F

        torch.set_num_threads(1)
        self.variable = lambda array: torch.tensor(array, requires_grad=True)
        self.constant = torch.tensor
        # What F.linear calls, for weights that are stored as (inputs, outputs).
        self.linear = lambda x, w, b: torch.addmm(b, x, w)
        self.relu, self.sigmoid, self.tanh = F.relu, torch.sigmoid, torch.tanh
        self.conv2d, self.max_pool = F.conv2d, F.max_pool2d
        self.cross_entropy, self.mse = F.cross_entropy, F.mse_loss
        super().__init__(net)
        self.optimizer = torch.optim.SGD(self.weights.values(), lr=net.learning_rate)


class MyGrad(Library):
    """MyGrad, with its checks of memory off, as it advises for speed."""

    package = "mygrad"

    def __init__(self, net: Net) -> None:
        import mygrad
        from mygrad.nnet import activations, layers, losses

        mygrad.turn_memory_guarding_off()
        # Its backward calls itself as deep as the graph.
        sys.setrecursionlimit(100_000)
        self.variable = mygrad.tensor
        self.linear = lambda x, w, b: x @ w + b
        self.relu, self.sigmoid, self.tanh = activations.relu, activations.sigmoid, mygrad.tanh
        self.conv2d = lambda x, w, b: layers.conv_nd(x, w, stride=1) + b.reshape(-1, 1, 1)
        self.max_pool = lambda x, size: layers.max_pool(x, (size, size), size)
        self.cross_entropy = losses.softmax_crossentropy
        self.mse = lambda guess, truth: ((guess - truth) ** 2).mean()
        super().__init__(net)

    def step(self) -> Any:
        """A step as in its examples: it has no optimizer, and clears gradients by itself."""
        loss = self.loss()
        loss.backward()
        for weight in self.weights.values():
            weight.data -= self.net.learning_rate * weight.grad
        return loss


class DeZero(Library):
    """DeZero, which the book "Deep Learning from Scratch 3" builds."""

    package = "dezero"

    def __init__(self, net: Net) -> None:
        # Names that NumPy had when it was published.
        vars(np).setdefault("int", int)
        import dezero
        import dezero.functions as F

        # It has the function, and not the operator.
        dezero.Variable.__matmul__ = F.matmul
        self.variable = lambda array: dezero.Parameter(array.copy())
        self.constant = dezero.Variable
        self.linear, self.relu, self.sigmoid, self.tanh = F.linear, F.relu, F.sigmoid, F.tanh
        self.conv2d = F.conv2d
        self.max_pool = lambda x, size: F.pooling(x, size, stride=size)
        self.cross_entropy, self.mse = F.softmax_cross_entropy, F.mean_squared_error
        super().__init__(net)
        self._model = dezero.Layer()
        for name, weight in self.weights.items():
            setattr(self._model, name, weight)
        self.optimizer = dezero.optimizers.SGD(net.learning_rate).setup(self._model)

    def step(self) -> Any:
        """A step as in the book."""
        loss = self.loss()
        self._model.cleargrads()
        loss.backward()
        self.optimizer.update()
        return loss

    def gradients(self) -> dict[str, np.ndarray]:
        """Its gradients are Variables."""
        return {name: each.grad.data for name, each in self.weights.items()}


class Jax(Library):
    """JAX, the whole step compiled: no eager library, and for orientation only."""

    package = "jax"

    def __init__(self, net: Net) -> None:
        import jax
        import jax.numpy as jnp

        jax.config.update("jax_enable_x64", True)
        self.variable = self.constant = jnp.array
        self.linear = lambda x, w, b: x @ w + b
        self.relu, self.sigmoid, self.tanh = jax.nn.relu, jax.nn.sigmoid, jnp.tanh
        self.mse = lambda guess, truth: ((guess - truth) ** 2).mean()
        super().__init__(net)

        def step(weights: Any, inputs: Any) -> Any:
            loss, gradients = jax.value_and_grad(lambda w: net.loss(self, w, inputs))(weights)
            moved = {n: w - net.learning_rate * gradients[n] for n, w in weights.items()}
            return loss, gradients, moved

        self._compiled = jax.jit(step)
        self._gradients: dict[str, Any] = {}

    def conv2d(self, x: Any, w: Any, b: Any) -> Any:
        """A convolution, and a bias by kernel."""
        from jax import lax

        return lax.conv(x, w, (1, 1), "VALID") + b.reshape(-1, 1, 1)

    def max_pool(self, x: Any, size: int) -> Any:
        """The largest of each square."""
        from jax import lax

        window = (1, 1, size, size)
        return lax.reduce_window(x, -np.inf, lax.max, window, window, "VALID")

    def cross_entropy(self, logits: Any, labels: Any) -> Any:
        """The mean over the rows."""
        import jax

        rows = np.arange(len(labels))
        return -jax.nn.log_softmax(logits)[rows, labels].mean()

    def step(self) -> Any:
        """A step whose numbers are there when it returns."""
        loss, self._gradients, self.weights = self._compiled(self.weights, self.inputs)
        return loss.block_until_ready()

    def array(self, node: Any) -> np.ndarray:
        """Its nodes are arrays."""
        return np.asarray(node)

    def gradients(self) -> dict[str, np.ndarray]:
        """What the compiled step returned."""
        return {name: np.asarray(each) for name, each in self._gradients.items()}


LIBRARIES: dict[str, type[Library]] = {
    "gategrad": GateGrad,
    "traced": Traced,
    "program": Program,
    "pytorch": PyTorch,
    "mygrad": MyGrad,
    "dezero": DeZero,
    "jax": Jax,
}

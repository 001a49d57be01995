"""Module: a part of a network that knows its parameters and the parts it is made of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from reprlib import recursive_repr
from typing import Any, ClassVar, Self

import numpy as np
import numpy.typing as npt

from autograd import Tensor
from autograd.errors import StateError
from nn.observation import observers
from nn.summary import Summary, summarize

__all__ = ["Module"]

Array = npt.NDArray[Any]


class Module:
    """The base of layers and networks.

    A subclass assigns its parts as attributes and defines `forward`; calling the module calls
    `forward`. Leaf tensors are its parameters, modules are its children, and lists or tuples of
    either are searched as well, all in the order in which they were assigned. A tensor that
    remembers its gate is no parameter, and neither is a plain array.

    A parameter without a name gets its dotted path as its name, so that drawings show it.

    What a module keeps beside its parameters, such as the running mean of a BatchNorm, are its
    buffers: arrays under the attributes that `buffers` names. They are part of its state.

    >>> class Affine(Module):
    ...     def __init__(self):
    ...         self.slope = Tensor(2.0)
    ...         self.shift = Tensor(1.0)
    ...
    ...     def forward(self, x):
    ...         return self.slope * x + self.shift
    >>> line = Affine()
    >>> line(3.0).item()
    7.0
    >>> [name for name, parameter in line.named_parameters()]
    ['slope', 'shift']
    """

    training: bool = True
    """Whether layers such as Dropout do what they do in training; `train` and `eval` set it."""

    buffers: ClassVar[tuple[str, ...]] = ()
    """The names of the attributes that are arrays of the state and no parameters."""

    settings: ClassVar[tuple[str, ...]] = ()
    """The names of the attributes that the text of the module shows beside its parameters."""

    def __call__(self, *inputs: Any, **settings: Any) -> Any:
        """What `forward` gives for the same arguments."""
        watching = observers()
        for _, before in watching:
            if before is not None:
                before(self)
        output = self.forward(*inputs, **settings)
        for observe, _ in watching:
            observe(self, (*inputs, *settings.values()), output)
        return output

    def forward(self, *inputs: Any, **settings: Any) -> Any:
        """The output of the module; every subclass defines it.

        Raises:
            NotImplementedError: the subclass does not.
        """
        kind = type(self).__name__
        raise NotImplementedError(f"{kind} has no forward; define {kind}.forward(self, x)")

    def __setattr__(self, name: str, value: object) -> None:
        object.__setattr__(self, name, value)
        if not any(_entries(name, value)):
            return
        for path, parameter in self.named_parameters():
            # A name is only ever lengthened ("weight" to "0.weight"), so that one given by hand
            # stays, and so that the outermost module, assigned last, decides.
            if parameter.name is None or path.endswith("." + parameter.name):
                parameter.name = path

    def parts(self) -> Iterator[tuple[str, object]]:
        """The attributes that may hold parameters, as (name, value) in the order of assignment."""
        yield from vars(self).items()

    def named_parameters(self) -> list[tuple[str, Tensor]]:
        """All parameters with their dotted paths, in the order of definition.

        A parameter that is reached by several paths is listed once, under the first.

        >>> from nn import Linear, Sequential
        >>> net = Sequential(Linear(2, 1, rng=np.random.default_rng(0)))
        >>> [(name, parameter.shape) for name, parameter in net.named_parameters()]
        [('0.weight', (2, 1)), ('0.bias', (1,))]
        """
        return list(_walk("", self, seen=set()))

    def parameters(self) -> list[Tensor]:
        """All parameters, each once, in the order of definition."""
        return [parameter for _, parameter in self.named_parameters()]

    def named_modules(self) -> list[tuple[str, Module]]:
        """This module, under the path "", and all in it with their dotted paths, each once.

        A module comes before the modules that it holds.

        >>> from nn import Sequential, Tanh
        >>> [path for path, module in Sequential(Tanh(), Sequential(Tanh())).named_modules()]
        ['', '0', '1', '1.0']
        """
        return list(_modules("", self, seen=set()))

    def named_buffers(self) -> list[tuple[str, Array]]:
        """The arrays of the state that are no parameters, with their dotted paths."""
        return [
            (_joined(path, name), getattr(module, name))
            for path, module in self.named_modules()
            for name in module.buffers
        ]

    def train(self, mode: bool = True) -> Self:
        """Set this module and all in it to train, or with False to `eval`; gives the module.

        Dropout drops and BatchNorm takes the statistics of its batch only in training.
        """
        for _, module in self.named_modules():
            module.training = mode
        return self

    def eval(self) -> Self:
        """Set this module and all in it to what they do once they are trained; gives the module.

        >>> from nn import Tanh
        >>> Tanh().eval().training
        False
        """
        return self.train(False)

    def summary(self, *inputs: Any) -> Summary:
        """The layers with their output shapes and numbers of parameters; it prints as a table.

        Args:
            inputs: what to call the model with, such as the first samples of the data, to learn
                the shapes; without them there are no shapes. The state of the model stays as it
                is.

        >>> from nn import Linear, Sequential, Tanh
        >>> rng = np.random.default_rng(0)
        >>> net = Sequential(Linear(4, 16, rng=rng), Tanh(), Linear(16, 3, rng=rng))
        >>> print(net.summary(np.zeros((1, 4))))
        layer  kind    output shape  parameters
        -----  ------  ------------  ----------
        0      Linear  (1, 16)               80
        1      Tanh    (1, 16)                0
        2      Linear  (1, 3)                51
        <BLANKLINE>
        131 parameters
        """
        return summarize(self, inputs)

    def zero_grad(self) -> None:
        """Set the gradient of every parameter to None."""
        for parameter in self.parameters():
            parameter.zero_grad()

    def state_dict(self) -> dict[str, Array]:
        """A copy of the data of every parameter and of every buffer, by dotted path.

        >>> from nn import Linear
        >>> layer = Linear(1, 2, rng=np.random.default_rng(0))
        >>> layer.state_dict()["bias"]
        array([0., 0.])
        """
        state = {path: parameter.data.copy() for path, parameter in self.named_parameters()}
        return state | {path: buffer.copy() for path, buffer in self.named_buffers()}

    def load_state_dict(self, state: Mapping[str, npt.ArrayLike]) -> None:
        """Give parameters and buffers the data of their paths; `state` is what `state_dict` gives.

        The data keeps the shape and takes the dtype of what it replaces. Nothing is loaded if
        anything does not fit.

        Raises:
            StateError: entries are missing, unknown, of another shape or not numbers. The message
                names each of them.
        """
        parameters = dict(self.named_parameters())
        places: dict[str, Tensor | Array] = {**parameters, **dict(self.named_buffers())}
        problems = [f"{path} is missing" for path in places if path not in state]
        problems += [f"{path} is not a parameter" for path in state if path not in places]
        loaded: dict[str, Array] = {}
        for path in places.keys() & state.keys():
            try:
                loaded[path] = _fitted(path, state[path], places[path])
            except StateError as error:
                problems.append(str(error))
        if problems:
            kind = type(self).__name__
            raise StateError(
                f"{kind}.load_state_dict: {'; '.join(sorted(problems))}; "
                f"the parameters are {', '.join(places) or 'none'}"
            )
        for path, parameter in parameters.items():
            parameter.data = loaded[path]
        for path, module in self.named_modules():
            for name in module.buffers:
                setattr(module, name, loaded[_joined(path, name)])

    @recursive_repr()  # a module may keep one that contains it
    def __repr__(self) -> str:
        own: list[str] = []
        nested: list[str] = []
        for name, part in self.parts():
            for path, entry in _entries(name, part):
                if isinstance(entry, Module):
                    nested.append(f"{path}: {entry!r}")
                else:
                    own.append(f"{path} {entry.shape}")
        own += [f"{name}={getattr(self, name)!r}" for name in type(self).settings]
        kind = type(self).__name__
        if not nested:
            return f"{kind}({', '.join(own)})"
        lines = "\n".join(own + nested).replace("\n", "\n  ")
        return f"{kind}(\n  {lines}\n)"


def _entries(path: str, part: object) -> Iterator[tuple[str, Tensor | Module]]:
    """The parameters and modules that a part holds itself, without those of its modules."""
    if isinstance(part, Module):
        yield path, part
    elif isinstance(part, Tensor):
        if not part.operands:
            yield path, part
    elif isinstance(part, list | tuple):
        for index, item in enumerate(part):
            yield from _entries(f"{path}.{index}", item)


def _walk(prefix: str, module: Module, seen: set[int]) -> Iterator[tuple[str, Tensor]]:
    """The parameters of a module and of its modules at any depth, each once."""
    seen.add(id(module))
    for name, part in module.parts():
        for path, entry in _entries(prefix + name, part):
            if id(entry) in seen:
                continue
            if isinstance(entry, Module):
                yield from _walk(f"{path}.", entry, seen)
            else:
                seen.add(id(entry))
                yield path, entry


def _modules(path: str, module: Module, seen: set[int]) -> Iterator[tuple[str, Module]]:
    """A module and those in it at any depth, each once."""
    seen.add(id(module))
    yield path, module
    for name, part in module.parts():
        for inner, entry in _entries(_joined(path, name), part):
            if isinstance(entry, Module) and id(entry) not in seen:
                yield from _modules(inner, entry, seen)


def _joined(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _fitted(path: str, value: npt.ArrayLike, place: Tensor | Array) -> Array:
    """The value as data for the parameter or buffer, in an array of its own."""
    try:
        data = np.array(value, dtype=place.dtype)
    except (TypeError, ValueError) as error:
        raise StateError(f"{path} is {value!r}, not an array of numbers") from error
    if data.shape != place.shape:
        kind = "parameter" if isinstance(place, Tensor) else "buffer"
        raise StateError(f"{path} has shape {data.shape}, but the {kind} {place.shape}")
    return data

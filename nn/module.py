"""Module: a part of a network that knows its parameters and the parts it is made of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from reprlib import recursive_repr
from typing import Any

import numpy as np
import numpy.typing as npt

from autograd import Tensor
from autograd.errors import StateError

__all__ = ["Module"]

Array = npt.NDArray[Any]


class Module:
    """The base of layers and networks.

    A subclass assigns its parts as attributes and defines `forward`; calling the module calls
    `forward`. Leaf tensors are its parameters, modules are its children, and lists or tuples of
    either are searched as well, all in the order in which they were assigned. A tensor that
    remembers its gate is no parameter, and neither is a plain array.

    A parameter without a name gets its dotted path as its name, so that drawings show it.

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

    def __call__(self, *inputs: Any, **settings: Any) -> Any:
        """What `forward` gives for the same arguments."""
        return self.forward(*inputs, **settings)

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

    def zero_grad(self) -> None:
        """Set the gradient of every parameter to None."""
        for parameter in self.parameters():
            parameter.zero_grad()

    def state_dict(self) -> dict[str, Array]:
        """A copy of the data of every parameter, by dotted path.

        >>> from nn import Linear
        >>> layer = Linear(1, 2, rng=np.random.default_rng(0))
        >>> layer.state_dict()["bias"]
        array([0., 0.])
        """
        return {path: parameter.data.copy() for path, parameter in self.named_parameters()}

    def load_state_dict(self, state: Mapping[str, npt.ArrayLike]) -> None:
        """Give every parameter the data of its path; `state` is what `state_dict` gives.

        The data keeps the shape and takes the dtype of the parameter. Nothing is loaded if
        anything does not fit.

        Raises:
            StateError: entries are missing, unknown, of another shape or not numbers. The message
                names each of them.
        """
        parameters = dict(self.named_parameters())
        problems = [f"{path} is missing" for path in parameters if path not in state]
        problems += [f"{path} is not a parameter" for path in state if path not in parameters]
        loaded: dict[str, Array] = {}
        for path in parameters.keys() & state.keys():
            try:
                loaded[path] = _fitted(path, state[path], parameters[path])
            except StateError as error:
                problems.append(str(error))
        if problems:
            kind = type(self).__name__
            raise StateError(
                f"{kind}.load_state_dict: {'; '.join(sorted(problems))}; "
                f"the parameters are {', '.join(parameters) or 'none'}"
            )
        for path, data in loaded.items():
            parameters[path].data = data

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


def _fitted(path: str, value: npt.ArrayLike, parameter: Tensor) -> Array:
    """The value as data for the parameter, in an array of its own."""
    try:
        data = np.array(value, dtype=parameter.dtype)
    except (TypeError, ValueError) as error:
        raise StateError(f"{path} is {value!r}, not an array of numbers") from error
    if data.shape != parameter.shape:
        raise StateError(f"{path} has shape {data.shape}, but the parameter {parameter.shape}")
    return data

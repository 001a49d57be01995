"""Recording: one run of a function on fresh nodes that stand for its arguments.

It knows what the run was given and what came of it, carries gradients and tangents through it, and
turns them into what the caller is to get: plain numbers and arrays, or nodes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np

from .backward import carry_back, is_node
from .errors import OperandError, ShapeError
from .exact import exact_float
from .forward import Linearization
from .structures import LEAF, Structure, flatten, flatten_like, kinds_of_nodes
from .tensor import Tensor
from .value import Value

__all__ = ["Recording", "is_inside", "running_on"]

# The kind of nodes of the innermost function that is being recorded; None outside of all.
_kind_inside: ContextVar[type | None] = ContextVar("kind_inside", default=None)


def is_inside() -> bool:
    """Whether a function that is being recorded is running here and now."""
    return _kind_inside.get() is not None


@contextmanager
def running_on(kind: type) -> Iterator[None]:
    """A block in which a function runs on nodes of this kind: what meets them becomes such."""
    token = _kind_inside.set(kind)
    try:
        yield
    finally:
        _kind_inside.reset(token)


@dataclass(eq=False)
class Recording:
    """One run of a function on fresh nodes; made by ``of``.

    A gradient or tangent within is an array or a float, or a node where ``graph`` is true, and None
    where it is zero.
    """

    transform: str
    """What asks for the derivative: messages begin with it."""
    arguments: list[Any]
    """The leaves of the arguments to differentiate by, as they were given."""
    structures: dict[str, Structure]
    """The structure of each of these arguments, by what messages call it."""
    inputs: list[Any]
    """The nodes that stand for the leaves."""
    kind: type
    """Of which class they are."""
    outputs: list[Any]
    """The leaves of what the function returned: nodes, or constants."""
    output_structure: Structure
    plain: bool
    """Whether results are to be plain."""
    graph: bool
    """Whether they are to have graphs."""

    @classmethod
    def of(
        cls,
        transform: str,
        f: Callable[..., Any],
        args: Sequence[Any],
        keywords: dict[str, Any],
        argnums: Sequence[int],
        recording: bool,
        beside: Any = None,
        name: str = "args",
    ) -> Recording:
        """Run ``f`` with fresh nodes in the places ``argnums`` of its positional arguments.

        Args:
            transform: what messages begin with.
            f: the function.
            args: its positional arguments.
            keywords: its keyword arguments.
            argnums: which positional arguments to differentiate by; in range.
            recording: whether results may have graphs.
            beside: what else decides whether results are plain, such as tangents.
            name: what messages call the positional arguments.

        Raises:
            OperandError: if an argument or the result holds what cannot be differentiated.
        """
        arguments: list[Any] = []
        structures: dict[str, Structure] = {}
        for argnum in argnums:
            path = f"{name}[{argnum}]"
            leaves, structures[path] = flatten(args[argnum], f"{transform}: {path}")
            arguments += leaves
        kinds = kinds_of_nodes((args, keywords, beside))
        kind = _kind_of(arguments, structures, kinds, transform)
        inputs = [_fresh(leaf, kind) for leaf in arguments]
        # What is given is a view: if f writes into it, gradients are still by what it held before.
        views = iter([x.reshape(x.shape) if kind is Tensor else x for x in inputs])
        given = list(args)
        for argnum, structure in zip(argnums, structures.values(), strict=True):
            given[argnum] = structure.unflatten(views)
        plain = not kinds and not is_inside()
        with running_on(kind):
            result = f(*given, **keywords)
        outputs, output_structure = flatten(result, f"{transform}: the result of the function")
        return cls(
            transform=transform,
            arguments=arguments,
            structures=structures,
            inputs=inputs,
            kind=kind,
            outputs=outputs,
            output_structure=output_structure,
            plain=plain,
            graph=recording and not plain,
        )

    def single_output(self) -> Any:
        """The result of the function, which is to be no container.

        Raises:
            OperandError: if it is one.
        """
        if self.output_structure is not LEAF:
            raise OperandError(
                f"{self.transform}: the function returned {self.output_structure.description}; it "
                "must return one number or array: pick the part to differentiate, or use jacobian"
            )
        return self.outputs[0]

    def scalar_output(self) -> Any:
        """The result of the function, which is to be one number.

        Raises:
            OperandError: if it is a container.
            ShapeError: if it has not exactly one element.
        """
        output = self.single_output()
        shape = _shape_of(output)
        if prod(shape) != 1:
            raise ShapeError(
                f"{self.transform}: the function returned shape {shape}, and a gradient is that "
                "of a scalar; reduce it with .sum(), or use jacobian or elementwise_grad"
            )
        return output

    def ones(self, output: Any) -> Any:
        """The gradient one of every element of an output."""
        if type(output) is not Tensor:
            return 1.0
        ones = np.ones(output.shape, output.dtype)
        return Tensor(ones) if self.graph else ones

    def pull_back(self, gradients: Sequence[Any], graph: bool) -> list[Any]:
        """From the gradients of the outputs those of the inputs."""
        pairs = [
            (output, gradient)
            for output, gradient in zip(self.outputs, gradients, strict=True)
            if gradient is not None and type(output) is self.kind
        ]
        if not pairs:
            return [None] * len(self.inputs)
        roots, seeds = zip(*pairs, strict=True)
        with self._passing():
            received = carry_back(roots, seeds, self.inputs, graph)
        return [received.get(id(node)) for node in self.inputs]

    def linearized(self) -> Callable[[Sequence[Any]], list[Any]]:
        """The function from the tangents of the inputs to those of the outputs."""
        places = [i for i, output in enumerate(self.outputs) if type(output) is self.kind]
        with self._passing():
            push = Linearization([self.outputs[i] for i in places], self.inputs, self.graph)

        def push_forward(tangents: Sequence[Any]) -> list[Any]:
            results: list[Any] = [None] * len(self.outputs)
            with self._passing():
                for place, tangent in zip(places, push(tangents), strict=True):
                    results[place] = tangent
            return results

        return push_forward

    @contextmanager
    def _passing(self) -> Iterator[None]:
        """The block of a pass. A checkpoint runs a part of the function again in it."""
        # Where a derivative is infinite or undefined, that is the answer: no warning.
        with running_on(self.kind), np.errstate(all="ignore"):
            yield

    def seeds(
        self,
        tree: Any,
        name: str,
        structure: Structure,
        owner: str,
        nodes: Sequence[Any],
        graph: bool,
    ) -> list[Any]:
        """Gradients or tangents of nodes as they were given, checked and ready to be carried.

        Args:
            tree: the gradients, in the structure that the nodes have.
            name: what messages call them.
            structure: that of the nodes.
            owner: what messages call the nodes.
            nodes: the leaves of that structure; or constants, whose gradients lead nowhere.
            graph: whether the gradients are to be carried as nodes.

        Raises:
            OperandError: if the structures differ, or a leaf is of the wrong kind.
            ShapeError: if a leaf has not the shape of its node.
        """
        leaves = flatten_like(tree, f"{self.transform}: {name}", structure, owner)
        for leaf, node, place in zip(leaves, nodes, range(len(leaves)), strict=True):
            if _shape_of(leaf) != _shape_of(node):
                paths = [structure.paths(whole)[place] for whole in (name, owner)]
                raise ShapeError(
                    f"{self.transform}: {paths[0]} has shape {_shape_of(leaf)}, and {paths[1]} has "
                    f"shape {_shape_of(node)}; they must be equal"
                )
            if is_node(leaf) and type(leaf) is not self.kind:
                raise OperandError(
                    f"{self.transform}: {structure.paths(name)[place]} is a {type(leaf).__name__}, "
                    f"and the function was run on {self.kind.__name__}s; pass its .data, or "
                    "arguments of its kind"
                )
        return [self._seed(leaf, node, graph) for leaf, node in zip(leaves, nodes, strict=True)]

    def _seed(self, leaf: Any, node: Any, graph: bool) -> Any:
        if self.kind is Value:
            return leaf if graph and is_node(leaf) else float(leaf)
        dtype = node.dtype if type(node) is Tensor else np.dtype(np.float64)
        if graph:
            seed = leaf if is_node(leaf) else Tensor(_floats(leaf))
            return seed if seed.dtype == dtype else seed.astype(dtype)
        return np.asarray(leaf.data if is_node(leaf) else _floats(leaf), dtype=dtype)

    def seeds_by_argument(
        self, trees: Sequence[Any], names: Sequence[str], nodes: Sequence[Any]
    ) -> list[Any]:
        """The same for what belongs to the arguments, one tree for each.

        ``nodes`` are those whose gradients or tangents the trees hold, one for each leaf of the
        arguments.
        """
        remaining = iter(nodes)
        seeds: list[Any] = []
        for tree, name, (owner, structure) in zip(
            trees, names, self.structures.items(), strict=True
        ):
            own = [next(remaining) for _ in structure.paths(owner)]
            seeds += self.seeds(tree, name, structure, owner, own, self.graph)
        return seeds

    def filled(self, leaves: Sequence[Any], single: bool) -> Any:
        """Results, one for each leaf of the arguments, in the structure of the arguments.

        ``single`` says that there is one argument, and that it is not to stand in a tuple.
        """
        remaining = iter(leaves)
        filled = tuple(structure.unflatten(remaining) for structure in self.structures.values())
        return filled[0] if single else filled

    def output(self) -> Any:
        """What the function returned, as the caller is to get it."""
        return self.output_structure.unflatten(map(self._finished_output, self.outputs))

    def _finished_output(self, output: Any) -> Any:
        if self.plain:
            return float(output) if _shape_of(output) == () else np.array(output)
        if not is_node(output):
            return self._node_of(output)
        return output if self.graph else type(output)(output.data)

    def tangent(self, output: Any, tangent: Any) -> Any:
        """The tangent of an output as the caller is to get it."""
        if tangent is None:
            tangent = np.zeros(_shape_of(output), output.dtype if _is_array(output) else None)
        if not self.plain:
            return tangent if is_node(tangent) else self._node_of(tangent)
        return float(tangent) if _shape_of(tangent) == () else np.array(tangent)

    def gradients(self, gradients: Sequence[Any], plain: bool) -> list[Any]:
        """The gradients of the inputs as the caller is to get them."""
        return [
            self.block(position, 1.0, [gradient], 0, plain)
            for position, gradient in enumerate(gradients)
        ]

    def units(self, node: Any) -> Iterator[Any]:
        """For each element of a node, the gradient or tangent that is one there and zero else."""
        if type(node) is not Tensor:
            yield 1.0
            return
        for place in np.ndindex(node.shape):
            unit = np.zeros(node.shape, node.dtype)
            unit[place] = 1
            yield Tensor(unit) if self.graph else unit

    def block(
        self, position: int, output: Any, pieces: Sequence[Any], axis: int, plain: bool
    ) -> Any:
        """The derivative of an output by an input, as the caller is to get it.

        Args:
            position: which input.
            output: the output, or any number for a scalar.
            pieces: for each element of the output the gradient of the input, or for each element
                of the input the tangent of the output; each may be None for zero.
            axis: the axis along which the pieces stand: 0 or -1.
            plain: whether it is to be plain.
        """
        node = self.inputs[position]
        ends = _shape_of(output), _shape_of(node)
        shape = ends[0] + ends[1]
        dtype = node.dtype if type(node) is Tensor else np.dtype(np.float64)
        if all(piece is None for piece in pieces):
            block = np.zeros(shape, dtype)
        elif len(pieces) == 1:
            block = pieces[0]
        else:
            zero = np.zeros(ends[1 if axis == 0 else 0], dtype)
            block = np.stack([zero if p is None else p for p in pieces], axis=axis)
        if _is_array(block):
            block = block if block.shape == shape else block.reshape(shape)
            block = block if block.dtype == dtype else block.astype(dtype)
        if not plain:
            return block if is_node(block) else self._node_of(block)
        argument = self.arguments[position]
        if shape or isinstance(argument, np.ndarray):
            # A gradient may share its memory with another's.
            return np.array(block)
        return dtype.type(block) if isinstance(argument, np.generic) else float(block)

    def _node_of(self, constant: Any) -> Any:
        if self.kind is Value and _shape_of(constant) == ():
            return Value(constant)
        return Tensor(_floats(constant))


def _kind_of(
    leaves: Sequence[Any], structures: dict[str, Structure], kinds: set[type], transform: str
) -> type:
    """The kind of nodes to run on; ``kinds`` are those of all arguments.

    Numbers become what they are to meet: Values beside Values, and within functions of Values.
    """
    if Value not in kinds and (kinds or _kind_inside.get() is not Value):
        return Tensor
    paths = [path for name, structure in structures.items() for path in structure.paths(name)]
    values = [i for i, leaf in enumerate(leaves) if type(leaf) is Value]
    arrays = [i for i, leaf in enumerate(leaves) if type(leaf) is Tensor or _shape_of(leaf) != ()]
    if values and arrays:
        kind = "a Tensor" if type(leaves[arrays[0]]) is Tensor else "an array"
        raise OperandError(
            f"{transform}: {paths[arrays[0]]} is {kind}, and {paths[values[0]]} a Value; they "
            "cannot stand in one graph: pass Values alone, in lists or arrays of objects, or none"
        )
    return Value if values or not (arrays or Tensor in kinds) else Tensor


def _fresh(leaf: Any, kind: type) -> Any:
    """A new node that holds what the leaf does; if the leaf is a node, it is computed from it."""
    # The factor changes no bit, and no dtype.
    return leaf * 1.0 if is_node(leaf) else kind(_floats(leaf))


def _floats(constant: Any) -> Any:
    """A number or an array of any real kind as what a node can hold."""
    return constant if _is_array(constant) else exact_float(constant)


def _is_array(leaf: Any) -> bool:
    return isinstance(leaf, (np.ndarray, np.generic, Tensor))


def _shape_of(leaf: Any) -> tuple[int, ...]:
    return leaf.shape if _is_array(leaf) else ()

"""Transforms: from a function to its derivative, which is a function again.

A transform runs the function once on fresh nodes that stand for its arguments, and carries
gradients back through what was recorded, or tangents forward. As each derivative is by nodes of
its own, nested transforms cannot mistake one another's variables.

Called with plain numbers and arrays, outside of all other transforms, a derivative gives plain
results: floats for numbers, arrays for arrays, of the argument's dtype. Within a function that
another transform runs, or where an argument is a Tensor or a Value, or holds one in a list, tuple
or dict, results are nodes with their graph, which can be differentiated again; under ``no_grad``
they are leaves. Arguments that are not differentiated are passed on as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from typing import Any

import numpy as np

from .errors import OperandError, SettingError
from .exact import shortened
from .modes import enable_grad, is_recording
from .recording import Recording, is_inside
from .structures import kinds_of_nodes

__all__ = [
    "elementwise_grad",
    "grad",
    "hessian",
    "hvp",
    "jacfwd",
    "jacobian",
    "jacrev",
    "jvp",
    "value_and_grad",
    "vjp",
]

Function = Callable[..., Any]
ArgNum = int | tuple[int, ...]

_AS_IT_IS = nullcontext()


def grad(f: Function, argnum: ArgNum = 0) -> Function:
    """The function that gives the gradient of ``f``, which returns one scalar.

    Args:
        f: a function of numbers, arrays, nodes, or nested lists, tuples and dicts of them.
        argnum: by which positional argument, or by which of them in a tuple.

    Returns:
        a function of the same arguments; its result has the structure and the shapes of the
        argument, or is a tuple with one result for each of them.

    Raises:
        OperandError: if ``argnum`` is out of range, or an argument or the result holds what
            cannot be differentiated.
        ShapeError: if ``f`` returns more than one element.

    >>> def f(x):
    ...     return x**3
    >>> grad(f)(2.0), grad(grad(f))(2.0), grad(grad(grad(f)))(2.0)
    (12.0, 12.0, 6.0)
    >>> grad(lambda net, x: net["w"] * x + net["b"])({"w": 3.0, "b": 1.0}, 2.0)
    {'w': 2.0, 'b': 1.0}
    """
    return _transformed("grad", f, argnum, _gradient)


def value_and_grad(f: Function, argnum: ArgNum = 0) -> Function:
    """The function that gives the result of ``f``, one scalar, and its gradient, as ``grad`` does.

    >>> value_and_grad(lambda x, y: x * y, argnum=(0, 1))(2.0, 3.0)
    (6.0, (3.0, 2.0))
    """
    return _transformed(
        "value_and_grad",
        f,
        argnum,
        lambda recording, single: (recording.output(), _gradient(recording, single)),
    )


def elementwise_grad(f: Function, argnum: ArgNum = 0) -> Function:
    """The function that gives the derivative of each element of the result of ``f`` by its operand.

    That is the gradient of the sum of the result, and so the derivative of each element only where
    ``f`` is elementwise: where no element of its result depends on more than one of the argument.

    Raises:
        OperandError: as ``grad`` does.

    >>> import numpy as np
    >>> elementwise_grad(lambda x: x**2)(np.array([1.0, 2.0, 3.0]))
    array([2., 4., 6.])
    """
    return _transformed(
        "elementwise_grad",
        f,
        argnum,
        lambda recording, single: _pulled_back(recording, recording.single_output(), single),
    )


def vjp(f: Function, *primals: Any, **keywords: Any) -> tuple[Any, Function]:
    """The result of ``f(*primals, **keywords)``, and the function that carries gradients back.

    That function takes the gradient of the result, of its structure and shapes, and returns the
    tuple of the gradients of the primals. It may be called any number of times.

    Raises:
        OperandError: if a primal, the result or its gradient holds what cannot be differentiated,
            or the gradient has another structure than the result.
        ShapeError: if the gradient has another shape than the result.

    >>> import numpy as np
    >>> y, carry_back = vjp(lambda x: x * x, np.array([1.0, 2.0]))
    >>> y, carry_back(np.array([1.0, 10.0]))
    (array([1., 4.]), (array([ 2., 40.]),))
    """
    _check_function("vjp", f)
    may_record = is_recording()
    with _AS_IT_IS if may_record else enable_grad():
        recording = Recording.of(
            "vjp", f, primals, keywords, range(len(primals)), may_record, name="primals"
        )

    def carry_back(gradient: Any) -> Any:
        plain = recording.plain and not is_inside() and not kinds_of_nodes(gradient)
        graph = is_recording() and not plain
        structure, nodes = recording.output_structure, recording.outputs
        seeds = recording.seeds(gradient, "gradient", structure, "the result", nodes, graph)
        pulled = recording.gradients(recording.pull_back(seeds, graph), plain)
        return recording.filled(pulled, single=False)

    return recording.output(), carry_back


def jvp(f: Function, primals: Any, tangents: Any, **keywords: Any) -> tuple[Any, Any]:
    """The result of ``f(*primals, **keywords)``, and its derivative along the tangents.

    Args:
        f: a function of numbers, arrays, nodes, or nested lists, tuples and dicts of them.
        primals: the tuple of its positional arguments.
        tangents: the tuple of their tangents, of their structures and shapes.
        keywords: its keyword arguments, passed on as they are.

    Returns:
        the result and its tangent, which has the result's structure and shapes.

    Raises:
        OperandError: if a primal, a tangent or the result holds what cannot be differentiated, or
            a tangent has another structure than its primal.
        ShapeError: if a tangent has another shape than its primal.

    >>> jvp(lambda x, y: x * y, (2.0, 3.0), (1.0, 10.0))
    (6.0, 23.0)
    """
    _check_function("jvp", f)
    for name, given in (("primals", primals), ("tangents", tangents)):
        if not isinstance(given, (tuple, list)):
            raise OperandError(
                f"jvp: {name} is {shortened(given)} ({type(given).__name__}); pass a tuple with "
                "one for each positional argument"
            )
    if len(primals) != len(tangents):
        raise OperandError(f"jvp: {len(tangents)} tangents for {len(primals)} primals")
    may_record = is_recording()
    with _AS_IT_IS if may_record else enable_grad():
        argnums = range(len(primals))
        recording = Recording.of(
            "jvp", f, primals, keywords, argnums, may_record, beside=tangents, name="primals"
        )
        names = [f"tangents[{i}]" for i in argnums]
        seeds = recording.seeds_by_argument(tangents, names, recording.inputs)
        pushed = recording.linearized()(seeds)
        carried = [
            recording.tangent(output, tangent)
            for output, tangent in zip(recording.outputs, pushed, strict=True)
        ]
        return recording.output(), recording.output_structure.unflatten(carried)


def jacrev(f: Function, argnum: ArgNum = 0) -> Function:
    """The function that gives the Jacobian of ``f``, by a backward pass for each element out.

    The shape of the Jacobian is that of the result followed by that of the argument. Where the
    result is a list, tuple or dict, so is the Jacobian, with one of the structure of the arguments
    in each place.

    Raises:
        OperandError: as ``grad`` does.

    >>> import numpy as np
    >>> jacrev(lambda x: x * x)(np.array([1.0, 2.0]))
    array([[2., 0.],
           [0., 4.]])
    """
    return _transformed("jacrev", f, argnum, _rows)


def jacobian(f: Function, argnum: ArgNum = 0) -> Function:
    """The function that gives the Jacobian of ``f``; the same as ``jacrev``.

    >>> jacobian(lambda x, y: [x * y, x / y], argnum=(0, 1))(6.0, 2.0)
    [(2.0, 6.0), (0.5, -1.5)]
    """
    return _transformed("jacobian", f, argnum, _rows)


def jacfwd(f: Function, argnum: ArgNum = 0) -> Function:
    """The function that gives the Jacobian of ``f``, by a forward pass for each element in.

    The result is that of ``jacrev``, and comes sooner where the argument has few elements and the
    result of ``f`` has many.

    Raises:
        OperandError: as ``grad`` does.

    >>> import numpy as np
    >>> jacfwd(lambda x: np.stack([x, x**2, x**3]))(2.0)
    array([ 1.,  4., 12.])
    """
    return _transformed("jacfwd", f, argnum, _columns)


def hessian(f: Function, argnum: ArgNum = 0) -> Function:
    """The function that gives the second derivatives of ``f``.

    Their shape is that of the result followed twice by that of the argument. For several
    arguments, or one that is a container, there is one such block for each pair of leaves, nested
    as the Jacobian of the gradient is.

    Raises:
        OperandError: as ``grad`` does.

    >>> import numpy as np
    >>> hessian(lambda x: x[0] ** 2 * x[1])(np.array([3.0, 5.0]))
    array([[10.,  6.],
           [ 6.,  0.]])
    """
    first = _transformed("hessian", f, argnum, _rows)
    return _named(_transformed("hessian", first, argnum, _rows), "hessian", f)


def hvp(f: Function, argnum: ArgNum = 0) -> Function:
    """The function that gives the Hessian of ``f``, which returns one scalar, times a vector.

    It takes the arguments of ``f`` and after them the vector, which has the structure and shapes
    of the argument to differentiate by, or is the tuple of one for each. The Hessian itself is
    never made: the cost is some small multiple of that of ``f``.

    Raises:
        OperandError: as ``grad`` does, or if the vector has another structure than the argument.
        ShapeError: if ``f`` returns more than one element, or the vector has another shape than
            the argument.

    >>> import numpy as np
    >>> hvp(lambda x: x[0] ** 2 * x[1])(np.array([3.0, 5.0]), np.array([1.0, 0.0]))
    array([10.,  6.])
    """
    gradient = _transformed("hvp", f, argnum, _gradient)
    argnums, single = _argnums("hvp", argnum)

    def product(*args: Any, **keywords: Any) -> Any:
        if not args:
            raise OperandError("hvp: no vector; it comes after the arguments of the function")
        *args_of_f, vector = args
        _check_range("hvp", argnums, args_of_f)
        if not single and not (isinstance(vector, (tuple, list)) and len(vector) == len(argnums)):
            raise OperandError(
                f"hvp: the vector is {shortened(vector)}; with argnum {argnum} it is a tuple of "
                f"{len(argnums)}"
            )
        vectors = [vector] if single else vector
        names = ["vector"] if single else [f"vector[{i}]" for i in range(len(argnums))]
        may_record = is_recording()
        with _AS_IT_IS if may_record else enable_grad():
            recording = Recording.of(
                "hvp", gradient, args_of_f, keywords, argnums, may_record, beside=vector
            )
            # The Hessian is symmetric: to carry the vector back through the gradient is to
            # multiply it by the Hessian.
            seeds = recording.seeds_by_argument(vectors, names, recording.outputs)
            pulled = recording.pull_back(seeds, recording.graph)
            return recording.filled(recording.gradients(pulled, recording.plain), single)

    return _named(product, "hvp", f)


Derive = Callable[[Recording, bool], Any]
"""From a recording, and whether a single argument is meant, what the caller gets."""


def _transformed(transform: str, f: Function, argnum: ArgNum, derive: Derive) -> Function:
    """The function that runs ``f`` on its arguments, and derives from what was recorded."""
    _check_function(transform, f)
    argnums, single = _argnums(transform, argnum)

    def transformed(*args: Any, **keywords: Any) -> Any:
        _check_range(transform, argnums, args)
        may_record = is_recording()
        with _AS_IT_IS if may_record else enable_grad():
            return derive(Recording.of(transform, f, args, keywords, argnums, may_record), single)

    return _named(transformed, transform, f)


def _gradient(recording: Recording, single: bool) -> Any:
    return _pulled_back(recording, recording.scalar_output(), single)


def _pulled_back(recording: Recording, output: Any, single: bool) -> Any:
    """The gradient of the sum of the only output."""
    pulled = recording.pull_back([recording.ones(output)], recording.graph)
    return recording.filled(recording.gradients(pulled, recording.plain), single)


def _rows(recording: Recording, single: bool) -> Any:
    """The Jacobian, by a pass back for each element of each output."""
    jacobians = []
    for place, output in enumerate(recording.outputs):
        gradients: list[Any] = [None] * len(recording.outputs)
        rows = []
        for unit in recording.units(output):
            gradients[place] = unit
            rows.append(recording.pull_back(gradients, recording.graph))
        blocks = [
            recording.block(i, output, [row[i] for row in rows], 0, recording.plain)
            for i in range(len(recording.inputs))
        ]
        jacobians.append(recording.filled(blocks, single))
    return recording.output_structure.unflatten(jacobians)


def _columns(recording: Recording, single: bool) -> Any:
    """The Jacobian, by a pass forward for each element of each input."""
    push = recording.linearized()
    columns: list[list[Any]] = []
    for place, node in enumerate(recording.inputs):
        tangents: list[Any] = [None] * len(recording.inputs)
        columns.append([])
        for unit in recording.units(node):
            tangents[place] = unit
            columns[place].append(push(tangents))
    jacobians = []
    for place, output in enumerate(recording.outputs):
        blocks = [
            recording.block(i, output, [column[place] for column in of_input], -1, recording.plain)
            for i, of_input in enumerate(columns)
        ]
        jacobians.append(recording.filled(blocks, single))
    return recording.output_structure.unflatten(jacobians)


def _check_function(transform: str, f: Any) -> None:
    if not callable(f):
        raise OperandError(
            f"{transform}: {shortened(f)} ({type(f).__name__}) is not a function; pass the "
            "function itself, not its result"
        )


def _argnums(transform: str, argnum: ArgNum) -> tuple[tuple[int, ...], bool]:
    """The positions of the arguments to differentiate by, and whether a single one was asked."""
    given = tuple(argnum) if isinstance(argnum, (tuple, list)) else (argnum,)
    for position in given:
        if not isinstance(position, (int, np.integer)):
            raise OperandError(
                f"{transform}: argnum is {shortened(argnum)}; it is an int or a tuple of ints"
            )
    if len(set(given)) != len(given) or not given:
        raise SettingError(
            f"{transform}: argnum is {shortened(argnum)}; it names each argument once, and at "
            "least one"
        )
    return given, not isinstance(argnum, (tuple, list))


def _check_range(transform: str, argnums: Sequence[int], args: Sequence[Any]) -> None:
    for argnum in argnums:
        if not 0 <= argnum < len(args):
            raise OperandError(
                f"{transform}: argnum {argnum} is out of range: the function was called with "
                f"{len(args)} positional argument{'' if len(args) == 1 else 's'}, counted from 0"
            )


def _named(derivative: Function, transform: str, f: Function) -> Function:
    """The function with a name that says what it is."""
    name = getattr(f, "__name__", type(f).__name__)
    derivative.__name__ = derivative.__qualname__ = f"{transform}_of_{name}"
    return derivative

"""What a traced function must not do, because its program would do the same ever after.

Looking at a node is no decision: it may be printed.
"""

from __future__ import annotations

from typing import NoReturn

from .errors import TraceError
from .modes import trace_here, users_line

__all__ = ["WAYS_OUT", "refuse_frozen", "refuse_if_traced"]

_BRANCH = (
    "compute both ways and choose with autograd.where, maximum, minimum, relu or step; where a "
    "number is wanted, autograd.less(x, y) gives one or zero; or pass what decides as a static "
    "argument"
)
_NUMBER = (
    "compute with the Value itself and the gates of autograd; autograd.stop_gradient(v) takes it "
    "as a constant of the derivative that is computed anew at each call; what is only looked at "
    "can be returned"
)
_INTEGER = (
    "to choose by it, use autograd.take(table, index); to round it, autograd.floor or ceil; or "
    "pass the integer as a static argument"
)
_ARRAY = (
    "compute with the Tensor itself and the gates of autograd; t.detach() takes it as a constant "
    "of the derivative that is computed anew at each call; what is only looked at can be returned"
)
_PASS = (
    "call backward() on the result of the traced function, or trace a function that grad or "
    "value_and_grad made"
)
WAYS_OUT = {
    "bool(v)": _BRANCH,
    "a comparison": _BRANCH,
    "float(v)": f"a function of math asks for it: autograd.exp stands for math.exp, and so on; "
    f"else {_NUMBER}",
    "int(v)": _INTEGER,
    "round(v)": _INTEGER,
    "v as an index": _INTEGER,
    "v.data": _NUMBER,
    "setting v.data": "pass the number as an argument, or set it where the function is called",
    "a copy of v": f"a copy is another number, which stays as it is: {_NUMBER}",
    "v.grad": _PASS,
    "bool(t)": _BRANCH,
    "a comparison of Tensors": _BRANCH,
    "t.data": _ARRAY,
    "float(t)": _ARRAY,
    "t.item()": _ARRAY,
    "t.tolist()": _ARRAY,
    "np.asarray(t)": _ARRAY,
    "t.grad": _PASS,
    "backward()": _PASS,
    "a gradient without a graph": "pass create_graph=True to gradients, and nodes to grad",
}
"""What reads or sets the numbers of nodes, and what to do in its place."""


def refuse_frozen(reading: str) -> NoReturn:
    """Raise the error of something that reads the number of a node while its graph is traced.

    Raises:
        TraceError: naming what it was, the line that did it, and the way out.
    """
    raise TraceError(
        f"{users_line()}: {reading} within a traced function would be decided once, and frozen "
        f"into its program: {WAYS_OUT[reading]}"
    )


def refuse_if_traced(reading: str) -> None:
    """Raise the error of such a reading if a function is being traced here and now."""
    if trace_here() is not None:
        refuse_frozen(reading)

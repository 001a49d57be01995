"""What a traced function must not do, because its program would do the same ever after."""

from __future__ import annotations

from typing import NoReturn

from .errors import TraceError
from .modes import users_line

__all__ = ["refuse_frozen"]

_BRANCH = (
    "compute both ways and choose with autograd.where, maximum, minimum, relu or step, or pass what "
    "decides as a static argument"
)
_NUMBER = (
    "compute with the Value itself and the gates of autograd; autograd.stop_gradient(v) takes it as "
    "a constant of the derivative that is computed anew at each call; what is only looked at can be "
    "returned"
)
_PASS = (
    "call backward() on the result of the traced function, or trace a function that grad or "
    "value_and_grad made"
)
WAYS_OUT = {
    "bool(v)": _BRANCH,
    "a comparison": _BRANCH,
    "float(v)": _NUMBER,
    "v.data": _NUMBER,
    "v.grad": _PASS,
    "backward()": _PASS,
    "a gradient without a graph": "pass create_graph=True",
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

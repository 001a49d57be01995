"""The NumPy functions that accept Tensors, and what each does to them.

A room that has the gates of a function registers it here. A function of NumPy that stands in
neither table refuses a Tensor, and says how to get its plain array.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np

__all__ = ["DIFFERENTIABLE", "PLAIN", "numpy_function"]

Function = TypeVar("Function", bound=Callable[..., Any])

DIFFERENTIABLE: dict[Any, Callable[..., Any]] = {}
"""By the NumPy function, what answers with a Tensor; it has those of NumPy's parameters that are
supported."""

# fmt: off
PLAIN: frozenset[Any] = frozenset({
    np.all, np.allclose, np.any, np.argmax, np.argmin, np.argpartition, np.argsort, np.argwhere,
    np.array2string, np.array_equal, np.array_equiv, np.array_repr, np.array_str, np.bincount,
    np.broadcast_arrays, np.can_cast, np.common_type, np.count_nonzero, np.digitize,
    np.flatnonzero, np.histogram, np.isclose, np.iscomplexobj, np.isin, np.isneginf, np.isposinf,
    np.isrealobj, np.may_share_memory, np.min_scalar_type, np.ndim, np.nonzero, np.result_type,
    np.searchsorted, np.shape, np.shares_memory, np.size, np.unique,
})
# fmt: on
"""Functions whose answer is no differentiable array: they are given the plain arrays."""


def numpy_function(*functions: Any) -> Callable[[Function], Function]:
    """Register what these NumPy functions do to Tensors."""

    def register(implementation: Function) -> Function:
        for function in functions:
            DIFFERENTIABLE[function] = implementation
        return implementation

    return register

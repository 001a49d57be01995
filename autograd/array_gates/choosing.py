"""NumPy's functions that choose between the elements of arrays: elementwise gates do it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .. import gates
from ..errors import OperandError
from ..numpy_functions import numpy_function
from .array_gate import plain

__all__: list[str] = []


@numpy_function(np.where)
def _where(condition: Any, *choices: Any) -> Any:
    if not choices:
        return np.nonzero(plain(condition))
    if len(choices) == 1:
        raise OperandError("np.where: one choice is given; pass both, or the condition alone")
    return gates.where(condition, *choices)


@numpy_function(np.select)
def _select(condlist: Sequence[Any], choicelist: Sequence[Any], default: Any = 0) -> Any:
    if len(condlist) != len(choicelist):
        raise OperandError(
            f"np.select: {len(condlist)} conditions for {len(choicelist)} choices; each choice "
            "needs its condition"
        )
    result = default
    # The first condition that holds decides, so it has the last word.
    for condition, choice in zip(reversed(condlist), reversed(choicelist), strict=True):
        result = np.where(plain(condition), choice, result)
    return result


@numpy_function(np.clip)
def _clip(a: Any, a_min: Any = None, a_max: Any = None, *, min: Any = None, max: Any = None) -> Any:
    low, high = a_min if min is None else min, a_max if max is None else max
    return gates.clip(a, -np.inf if low is None else low, np.inf if high is None else high)


@numpy_function(np.nan_to_num)
def _nan_to_num(
    x: Any, copy: bool = True, nan: Any = 0.0, posinf: Any = None, neginf: Any = None
) -> Any:
    if not copy:
        raise OperandError("np.nan_to_num: copy=False would write into a Tensor; use the result")
    numbers = plain(x)
    replaced = np.nan_to_num(numbers, nan=nan, posinf=posinf, neginf=neginf)
    return gates.where(np.isfinite(numbers), x, replaced)

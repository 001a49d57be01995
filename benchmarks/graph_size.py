"""How large a scalar graph is, whichever engine built it."""

from __future__ import annotations

from typing import Any

__all__ = ["number_of_nodes"]


def number_of_nodes(root: Any) -> int:
    """How many Values the graph below ``root`` has; in micrograd a constant is one, too."""
    # micrograd keeps the operands in a set, under another name.
    field = "_prev" if hasattr(root, "_prev") else "operands"
    visited = {root}
    stack = [root]
    while stack:
        for operand in getattr(stack.pop(), field):
            if type(operand) is type(root) and operand not in visited:
                visited.add(operand)
                stack.append(operand)
    return len(visited)

"""What a text such as ``package.module:function`` names."""

from __future__ import annotations

import importlib
import re
from typing import Any

from ..errors import OperandError

__all__ = ["imported", "names_an_object"]


def names_an_object(text: str) -> bool:
    """Whether a text is ``module:attribute``, which no formula can be: there is no colon in one.

    >>> names_an_object("package.module:function"), names_an_object("lambda x: x")
    (True, False)
    """
    return re.fullmatch(r"[^\s:=()\[\]{}]+:[^\s:=()\[\]{}]+", text) is not None


def imported(text: str) -> Any:
    """The object that ``module:attribute`` names; the attribute may be dotted.

    What the module raises while it is imported is passed on.

    Raises:
        OperandError: if there is no such module, or no such attribute in it.

    >>> imported("math:sin")
    <built-in function sin>
    >>> imported("math:sine")
    Traceback (most recent call last):
    autograd.errors.OperandError: module math has no attribute 'sine'
    """
    module_name, _, path = text.partition(":")
    is_file = module_name.endswith(".py")
    if is_file or not all(part.isidentifier() for part in module_name.split(".")):
        raise OperandError(
            f"{module_name!r} is not the name of a module; write package.module:function, with "
            "dots and without .py"
        )
    try:
        found = importlib.import_module(module_name)
    except ModuleNotFoundError as error:
        # It may as well be a module that this one imports.
        if error.name is None or not f"{module_name}.".startswith(f"{error.name}."):
            raise
        raise OperandError(
            f"there is no module {error.name!r}; modules are looked for in the current directory "
            "and where packages are installed"
        ) from None
    name = f"module {module_name}"
    for part in path.split("."):
        if not hasattr(found, part):
            raise OperandError(f"{name} has no attribute {part!r}")
        found, name = getattr(found, part), part
    return found

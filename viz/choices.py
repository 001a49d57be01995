"""Arguments that are one of a few words."""

from __future__ import annotations

from autograd.errors import FormatError

__all__ = ["require_choice"]


def require_choice(argument: str, choice: object, choices: tuple[str, ...]) -> None:
    """Refuse what is none of the choices.

    Raises:
        FormatError: naming it, and the choices.

    >>> require_choice("direction", "UP", ("LR", "TB"))
    Traceback (most recent call last):
    autograd.errors.FormatError: direction='UP' is unknown; pass 'LR' or 'TB'
    """
    if choice not in choices:
        allowed = " or ".join(map(repr, choices))
        raise FormatError(f"{argument}={choice!r} is unknown; pass {allowed}")

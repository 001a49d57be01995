"""How the reference shows the examples of docstrings: as code of an interactive session."""

from __future__ import annotations

import re
from typing import Any

import griffe

__all__ = ["FencedExamples", "fenced"]

EXAMPLE = re.compile(r"^( *)>>> .*\n(?:(?!\1 *$)\1.*\n)*", flags=re.MULTILINE)
"""From the first line of an example to the empty line after its last output."""


def fenced(docstring: str) -> str:
    """A docstring in which its examples are fenced blocks of Markdown, with their indentation."""
    text = docstring if docstring.endswith("\n") else f"{docstring}\n"
    return EXAMPLE.sub(lambda found: f"{found[1]}```pycon\n{found[0]}{found[1]}```\n", text)


class FencedExamples(griffe.Extension):
    """Fences the examples of every docstring of a package that is loaded."""

    def on_package(self, *, pkg: griffe.Module, **_: Any) -> None:
        """Change the docstrings of all that the package defines."""
        found: list[griffe.Object] = [pkg]
        while found:
            thing = found.pop()
            if thing.docstring is not None:
                thing.docstring.value = fenced(thing.docstring.value)
            # Aliases are names of what is defined elsewhere.
            found += [part for part in thing.members.values() if isinstance(part, griffe.Object)]

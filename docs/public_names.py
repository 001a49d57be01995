"""Checks that the reference has every public name of the library, and says something of each.

    python docs/public_names.py SITE

SITE is the folder of the built site. What is missing is named, and the exit status is 1.
"""

from __future__ import annotations

import inspect
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

__all__ = ["MODULES", "missing"]

DOCS = Path(__file__).resolve().parent
MODULES = {
    "autograd": "autograd",
    "autograd.errors": "errors",
    "autograd.testing": "testing",
    "autograd.testing.strategies": "testing",
    "autograd.update_rules": "autograd",
    "nn": "nn",
    "pytest_gategrad": "testing",
    "viz": "viz",
}
"""The modules that users import, and the page of each."""


def missing(site: Path) -> list[str]:
    """What the reference lacks: a name that is not on its page, or of which nothing is said."""
    problems = []
    for module, page in MODULES.items():
        html = (site / "reference" / page / "index.html").read_text(encoding="utf-8")
        words = "".join(
            (DOCS / "reference" / f"{each}.md").read_text(encoding="utf-8")
            for each in (page, "gates")
        )
        for name in import_module(module).__all__:
            # Modules have a page or a section of their own; constants are told of in words.
            if f"{module}.{name}" in MODULES or f"`{name}`" in words:
                continue
            if f'id="{module}.{name}"' not in html:
                problems.append(f"{module}.{name} is not on the page {page}")
            elif not _documented(getattr(import_module(module), name)):
                problems.append(f"{module}.{name} has no docstring")
    return problems


def _documented(thing: Any) -> bool:
    """Whether it has a docstring of its own, not that of its type."""
    documentation = inspect.getdoc(thing)
    return bool(documentation) and documentation != inspect.getdoc(type(thing))


def main() -> int:
    """Print what is missing."""
    problems = missing(Path(sys.argv[1]))
    print(*problems, sep="\n", end="\n" if problems else "")
    return bool(problems)


if __name__ == "__main__":
    sys.exit(main())

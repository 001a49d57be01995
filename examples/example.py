"""What the examples have in common: their options, and where their pictures go."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

import viz
from autograd.errors import AutogradError

__all__ = ["Example", "Save", "prepare_folder"]

Save = Callable[[Any, str], None]
"""Saves a picture or a page under a name, and says so."""


class Example:
    """The command line of an example.

    Args:
        run: what the example does; it takes the options, a random generator of their seed, and a
            function that saves a picture under a name.
        text: what `--help` says; the first paragraph of it counts.
        options: by name the default and what it is, besides `--seed` and `--out`. Numbers have
            to be above 0.
    """

    def __init__(
        self,
        run: Callable[[argparse.Namespace, np.random.Generator, Save], None],
        text: str | None,
        **options: tuple[Any, str],
    ) -> None:
        self._run = run
        self._text = (text or "").split("\n\n")[0]
        self._options: dict[str, tuple[Any, str]] = {
            **options,
            "seed": options.get("seed", (0, "of everything that is random")),
            "out": (Path("out"), "the folder for the pictures"),
        }

    def __call__(self, arguments: Sequence[str] | None = None) -> int:
        """Run it: the exit status is 0, or 2 with one line on stderr when something is wrong."""
        options = self._parsed(arguments)
        problem = prepare_folder(options.out)
        if problem is None:
            try:
                self._run(options, np.random.default_rng(options.seed), _saver(options.out))
            except (AutogradError, OSError) as error:
                problem = str(error)
        if problem is not None:
            name = Path(self._run.__code__.co_filename).stem
            print(f"{name}: {problem}", file=sys.stderr)
            return 2
        return 0

    def _parsed(self, arguments: Sequence[str] | None) -> argparse.Namespace:
        parser = argparse.ArgumentParser(
            description=self._text, formatter_class=argparse.ArgumentDefaultsHelpFormatter
        )
        for name, (default, told) in self._options.items():
            kind = Path if default is None else type(default)
            parser.add_argument(
                f"--{name.replace('_', '-')}", type=kind, default=default, help=told
            )
        options = parser.parse_args(arguments)
        for name, value in vars(options).items():
            option = f"--{name.replace('_', '-')}"
            if name == "seed" and value < 0:
                parser.error(f"{option} is {value}; pass 0 or more")
            # Also what is no number at all, nan, is not above 0.
            if name != "seed" and isinstance(value, (int, float)) and not value > 0:
                parser.error(f"{option} is {value}; pass a number above 0")
        return options


def prepare_folder(out: Path) -> str | None:
    """Make the folder of the pictures; what is wrong with it, or None if it can be written to."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=out):
            return None
    except OSError as error:
        return f"cannot write to --out {out}: {error.strerror}"


def _saver(folder: Path) -> Save:
    def save(picture: Any, name: str) -> None:
        path = folder / name
        # Axes are of matplotlib, which knows nothing of whole files.
        if hasattr(picture, "get_figure"):
            viz.save_figure(picture, path)
        else:
            picture.save(path)
        print(f"wrote {path}")

    return save

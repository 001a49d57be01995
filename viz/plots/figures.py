"""Figures and their panels: made without pyplot, which would keep each of them, and saved."""

from __future__ import annotations

import io
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from autograd.errors import FormatError, MissingExtraError, OperandError
from autograd.exact import shortened
from autograd.saving import write_whole

from ..style import LIGHT

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = [
    "SMALL",
    "new_figure",
    "new_panels",
    "note",
    "open_frame",
    "panel",
    "percent",
    "save_figure",
    "without_nonfinite",
]

SMALL = 9.0
"""The size of the smallest font of a plot, in points."""
TIMES: Mapping[str, dict[str, None]] = {"svg": {"Date": None}, "pdf": {"CreationDate": None}}
"""By the format what leaves out the time at which a figure is saved."""


def save_figure(axes: Axes, path: str | os.PathLike[str], *, dpi: float = 150.0) -> Path:
    """Save the figure of these axes in the format that the suffix names, and return the path.

    The file appears whole or not at all. As PNG, SVG or PDF the same plot gives the same bytes.

    Raises:
        FormatError: if matplotlib does not know the suffix.
        OSError: if the file cannot be written.

    >>> from viz import loss_curve
    >>> save_figure(loss_curve([0.9, 0.4]), "loss.png")  # doctest: +SKIP
    PosixPath('loss.png')
    """
    figure = axes.get_figure(root=True)
    if figure is None:
        raise FormatError("cannot save axes that were removed from their figure; plot again")
    suffix = Path(path).suffix.lower().removeprefix(".")
    known = figure.canvas.get_supported_filetypes()
    if suffix not in known:
        raise FormatError(
            f"cannot save {Path(path)}: the format {suffix!r} is unknown; use one of "
            f"{', '.join(known)}"
        )
    import matplotlib

    picture = io.BytesIO()
    # Otherwise matplotlib would write the time, and identifiers that it draws at random.
    with matplotlib.rc_context({"svg.hashsalt": "gategrad"}):
        figure.savefig(
            picture, format=suffix, dpi=dpi, bbox_inches="tight", metadata=TIMES.get(suffix)
        )
    return write_whole(path, picture.getvalue())


def new_figure(height: float, width: float = 6.0) -> Figure:
    """A figure of this size, in inches, whose panels make room for one another.

    Raises:
        MissingExtraError: if matplotlib is not installed.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError:
        raise MissingExtraError(package="matplotlib", extra="plots", purpose="plots") from None
    return Figure(figsize=(width, height), layout="constrained")


def panel(ax: Axes | None, where: str, height: float, width: float = 6.0) -> Axes:
    """The axes to plot on: those that were given, or those of a new figure.

    Raises:
        MissingExtraError: if matplotlib is not installed.
        OperandError: `ax` is not one Axes; the message begins with `where`.
    """
    if ax is None:
        return new_figure(height, width).add_subplot()
    if not hasattr(ax, "get_lines"):
        raise OperandError(
            f"{where}: ax is {shortened(ax)}, not the Axes of a figure; pass figure.add_subplot()"
        )
    return ax


def new_panels(
    count: int, columns: int, height: float, width: float, *, sharex: bool = False
) -> list[Axes]:
    """So many panels of this size, in inches, of a new figure, from left to right.

    Raises:
        MissingExtraError: if matplotlib is not installed.
    """
    columns = min(columns, count)
    rows = -(-count // columns)
    # One panel has to hold the title that several share.
    figure = new_figure(0.3 + rows * height, max(columns * width, 3.6))
    every = figure.subplots(rows, columns, sharex=sharex, squeeze=False).ravel().tolist()
    for spare in every[count:]:
        spare.remove()
    # Where the last row is short, the panels above its gap stand at the end of their columns.
    for above in every[max(count - columns, 0) : count]:
        above.tick_params(labelbottom=True)
    return every[:count]


def note(axes: Axes, text: str) -> None:
    """Say something about the data below the axes, where it covers nothing."""
    before = axes.get_xlabel()
    axes.set_xlabel(f"{before}\n{text}" if before else text)


def percent(share: float) -> str:
    """A share of 0 to 1 in whole percent, of which 0% and 100% are told only if they are exact.

    >>> percent(0.25), percent(0.001), percent(0.999), percent(0.0)
    ('25%', '<1%', '>99%', '0%')
    """
    rounded = round(100 * share)
    if rounded == 0 and share > 0:
        return "<1%"
    if rounded == 100 and share < 1:
        return ">99%"
    return f"{rounded}%"


def without_nonfinite(
    axes: Axes, values: npt.NDArray[np.float64], what: str
) -> npt.NDArray[np.float64]:
    """The finite ones of the values (n,); a note tells how many others there were."""
    finite = np.isfinite(values)
    if not finite.all():
        lost = int(np.count_nonzero(~finite))
        note(axes, f"left out: {lost:,} of {values.size:,} {what}, not finite")
    kept: npt.NDArray[np.float64] = values[finite]
    return kept


def open_frame(axes: Axes) -> None:
    """A frame of two sides, and small numbers."""
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(labelsize=SMALL, colors=LIGHT.ink)

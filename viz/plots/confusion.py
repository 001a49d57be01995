"""The confusion matrix: what was taken for what."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import numpy.typing as npt

from autograd import Tensor
from autograd.errors import LabelError, ShapeError
from nn import metrics

from ..style import LIGHT
from .figures import SMALL, note, panel, percent
from .palette import SEQUENTIAL, colormap

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["confusion_matrix"]

Array: TypeAlias = npt.NDArray[Any]


def confusion_matrix(
    truth: npt.ArrayLike,
    predicted: Tensor | npt.ArrayLike,
    labels: Sequence[str] | None = None,
    *,
    ax: Axes | None = None,
) -> Axes:
    """Plot how often each class (row) was predicted as each class (column).

    In a cell stand the count and the share of its row, by which it is coloured: on the diagonal
    that is the recall. `nn.confusion_matrix` counts.

    Args:
        truth: (n,), the class of each sample, integers from 0 or strings.
        predicted: (n,), what was predicted; or scores (n, k) such as logits, of which the largest
            of each row is the prediction.
        labels: what the classes 0, 1, ... are called; of strings, all of them in their order.
            Without it the classes are those that occur, sorted, or those of the scores.
        ax: where to plot; a new figure of its own if left out, which pyplot does not keep.

    Returns:
        The axes; its image holds the shares.

    Raises:
        ShapeError: the shapes are not these, or n is 0.
        LabelError: a class is not an integer from 0 with a label, or a string among the labels.
        MissingExtraError: if matplotlib is not installed.

    >>> axes = confusion_matrix([0, 0, 1, 1], [0, 1, 1, 1], ["no", "yes"])
    >>> [text.get_text().split() for text in axes.texts]
    [['1', '50%'], ['1', '50%'], ['0', '0%'], ['2', '100%']]
    """
    true, guessed, names = _numbered(np.asarray(truth), np.asarray(predicted), labels)
    counts = metrics.confusion_matrix(guessed, true, len(names))
    rows = counts.sum(axis=1, keepdims=True)
    shares = np.divide(counts, rows, out=np.full(counts.shape, np.nan), where=rows > 0)
    side = 1.6 + 0.62 * max(len(names), 4)
    axes = panel(ax, "confusion_matrix", side, side + 0.4)
    _draw(axes, counts, shares)
    turn = 90 if max(map(len, names)) > 6 and len(names) > 3 else 0
    axes.set_xticks(range(len(names)), names, rotation=turn, fontsize=SMALL)
    axes.set_yticks(range(len(names)), names, fontsize=SMALL)
    axes.set_xlabel("predicted")
    axes.set_ylabel("true")
    right, total = int(np.trace(counts)), int(counts.sum())
    axes.set_title(f"{right:,} of {total:,} are right ({right / total:.1%})", fontsize=10)
    if not rows.all():
        note(axes, "–: there is no such sample")
    return axes


def _numbered(
    truth: Array, predicted: Array, labels: Sequence[str] | None
) -> tuple[Array, Array, list[str]]:
    """The true and the predicted classes as numbers from 0 (or scores), and their names."""
    names = None if labels is None else [str(label) for label in labels]
    if names is not None and (not names or len(set(names)) < len(names)):
        raise LabelError(
            f"confusion_matrix: labels are {names!r}; pass at least one, and each once"
        )
    if predicted.ndim == 2 and predicted.shape[1] > 1:
        return truth, predicted, names or [str(place) for place in range(predicted.shape[1])]
    if truth.shape != predicted.shape or truth.ndim != 1 or not truth.size:
        raise ShapeError(
            f"confusion_matrix: truth of shape {truth.shape} and predicted of shape "
            f"{predicted.shape}; both are (n,) with n of at least 1, or predicted is (n, k)"
        )
    pair = [_plain(truth, "truth"), _plain(predicted, "predicted")]
    if names is None or pair[0].dtype.kind == "U":
        if pair[0].dtype.kind != pair[1].dtype.kind and "U" in (p.dtype.kind for p in pair):
            raise LabelError(
                f"confusion_matrix: truth holds {truth.tolist()[0]!r} and predicted "
                f"{predicted.tolist()[0]!r}; pass integers for both, or strings for both"
            )
        found = np.unique(np.concatenate(pair)).tolist()
        names = names or [str(label) for label in found]
        places = {label: names.index(str(label)) for label in found if str(label) in names}
        unknown = [label for label in found if label not in places]
        if unknown:
            raise LabelError(
                f"confusion_matrix: {unknown[0]!r} is not among the labels {', '.join(names)}"
            )
        pair = [np.array([places[label] for label in part.tolist()]) for part in pair]
    return pair[0], pair[1], names


def _plain(classes: Array, what: str) -> Array:
    """Classes as integers or strings."""
    if classes.dtype.kind in "iubU":
        return classes.astype(np.intp) if classes.dtype.kind == "b" else classes
    if classes.dtype.kind == "O" and all(isinstance(one, str) for one in classes.tolist()):
        return classes.astype(str)
    wrong = next(
        (
            (row, one)
            for row, one in enumerate(classes.tolist())
            if not (isinstance(one, float) and one.is_integer())
        ),
        None,
    )
    if wrong is not None:
        raise LabelError(
            f"confusion_matrix: {what} has {wrong[1]!r} in row {wrong[0]}; classes are integers or "
            "strings"
        )
    return classes.astype(np.intp)


def _draw(axes: Axes, counts: Array, shares: Array) -> None:
    axes.imshow(
        np.ma.masked_invalid(shares),
        cmap=colormap(SEQUENTIAL, "white"),
        vmin=0.0,
        vmax=1.0,
        aspect="equal",
    )
    for (row, column), count in np.ndenumerate(counts):
        share = shares[row, column]
        axes.text(
            column,
            row,
            f"{count:,}\n" + ("–" if np.isnan(share) else percent(float(share))),
            ha="center",
            va="center",
            fontsize=SMALL,
            color="white" if share > 0.55 else LIGHT.ink,
        )
    # White lines between the cells, which the ticks of the labels do not cross.
    edges = np.arange(len(counts) + 1) - 0.5
    axes.set_xticks(edges, minor=True)
    axes.set_yticks(edges, minor=True)
    axes.grid(which="minor", color=LIGHT.wire, linewidth=0.4)
    axes.tick_params(which="both", length=0)
    axes.spines[:].set_visible(False)

"""CSV files: rows of numbers, of which one column may name the class."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator, Sequence
from itertools import chain, islice
from pathlib import Path
from typing import Any, NamedTuple, overload

import numpy as np
import numpy.typing as npt

from autograd.errors import FormatError, OperandError, SettingError
from nn.data.dataset import Dataset, Table

__all__ = ["read_csv"]


class _Row(NamedTuple):
    place: str
    """The file and the line on which the row ends, counted from 1."""
    cells: list[str]


@overload
def read_csv(
    path: str | os.PathLike[str],
    *,
    label: None = None,
    header: bool | None = None,
    delimiter: str = ",",
    dtype: npt.DTypeLike = np.float64,
) -> Table: ...


@overload
def read_csv(
    path: str | os.PathLike[str],
    *,
    label: str | int,
    header: bool | None = None,
    delimiter: str = ",",
    dtype: npt.DTypeLike = np.float64,
) -> Dataset: ...


def read_csv(
    path: str | os.PathLike[str],
    *,
    label: str | int | None = None,
    header: bool | None = None,
    delimiter: str = ",",
    dtype: npt.DTypeLike = np.float64,
) -> Table | Dataset:
    r"""The numbers of a CSV file, and the classes if one column has them.

    Without `label` a `Table` of x (n, columns) and the names of the columns. With it a `Dataset`:
    x (n, columns - 1) without that column, y (n,) the classes as integers from 0 on, the names of
    the columns of x, and the names of the classes. Classes are counted in the order of their
    numbers if all of them are numbers, else in that of their letters. A cell `nan` or `inf` is
    read as such; an empty one is refused. Blank lines are passed over. The file is read line by
    line: it takes the memory of its numbers, not that of its text.

    Args:
        path: a file of text in UTF-8.
        label: the column of the class, by its name in the header or by its place; -1 is the last.
        header: whether the first line has the names of the columns; else they are called by
            their places, "0", "1", ... None looks: the line has names if it has no number where
            the next line has one.
        delimiter: what stands between two cells.
        dtype: of x, np.float64 or np.float32.

    Raises:
        FormatError: there is no row, rows differ in length, a cell is not a number or, as a
            label, empty, two columns have one name, or the first line is half numbers, half
            names; the message names the line and the column.
        SettingError: there is no such label column, or the delimiter is not one character.
        OperandError: dtype is not a float type.
        OSError: the file cannot be read.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "pets.csv")
    ...     _ = path.write_text("weight,legs,kind\n4.5,4,cat\n0.1,2,bird\n3.9,4,cat\n")
    ...     pets = read_csv(path, label="kind")
    >>> pets.x[0].tolist(), pets.y.tolist(), pets.features, pets.classes
    ([4.5, 4.0], [1, 0, 1], ('weight', 'legs'), ('bird', 'cat'))
    """
    if len(delimiter) != 1 or delimiter in '"\r\n':
        raise SettingError(f"read_csv: delimiter is {delimiter!r}; pass one character, such as ';'")
    if not np.issubdtype(dtype, np.floating):
        raise OperandError(f"read_csv: dtype is {dtype!r}; pass np.float64 or np.float32")
    rows = _rows(Path(path), delimiter)
    start = list(islice(rows, 2))
    if header is None:
        header = isinstance(label, str) or _begins_with_names(start)
    names = _names(start, header)
    if not start[header:]:
        raise FormatError(f"{path}: there is no row of numbers{' below the header' * len(start)}")
    place = None if label is None else _place(label, names, header)
    columns = [column for column in range(len(names)) if column != place]
    x, found = [], []
    for row in chain(start[header:], rows):
        if len(row.cells) != len(names):
            raise FormatError(f"{row.place}: {len(row.cells)} cells, and {len(names)} columns")
        x.append(np.array(_numbers(row, columns, names), dtype))
        if place is not None:
            found.append(_label(row, place, names))
    features = tuple(names[column] for column in columns)
    if place is None:
        return Table(np.array(x), features)
    return Dataset(np.array(x), *_counted(found, features))


def _rows(path: Path, delimiter: str) -> Iterator[_Row]:
    """The rows that are not blank."""
    with path.open(newline="", encoding="utf-8-sig") as file:  # spreadsheets write a mark in front
        reader = csv.reader(file, delimiter=delimiter, strict=True)
        try:
            for texts in reader:
                cells = [text.strip() for text in texts]
                if cells not in ([], [""]):
                    yield _Row(f"{path}, line {reader.line_num}", cells)
        except csv.Error as error:
            raise FormatError(f"{path}, line {reader.line_num}: {error}") from error
        except UnicodeDecodeError as error:
            raise FormatError(f"{path} is not text in UTF-8: {error}") from error


def _begins_with_names(start: Sequence[_Row]) -> bool:
    """Whether the first row has names where the second has numbers."""
    if len(start) < 2:
        return bool(start) and not any(map(_is_number, start[0].cells))
    first, second = start
    pairs = zip(first.cells, second.cells, strict=False)
    kinds = {_is_number(above) for above, below in pairs if _is_number(below)}
    if kinds == {True, False}:
        raise FormatError(
            f"{first.place}: {','.join(first.cells)!r} has numbers and names; pass header=True if "
            "it names the columns, header=False if it is a row like the others"
        )
    return kinds == {False}


def _names(start: Sequence[_Row], header: bool) -> list[str]:
    """The names of the columns."""
    if not start:
        return []
    cells = start[0].cells
    if not header:
        return [str(place) for place in range(len(cells))]
    for name in cells:
        if cells.count(name) > 1:
            raise FormatError(f"{start[0].place}: two columns are called {name!r}")
    return cells


def _place(label: str | int, names: Sequence[str], header: bool) -> int:
    """Where the column of the label is, from 0 on."""
    if isinstance(label, str):
        if label in names and header:
            return names.index(label)
        known = f"the columns are {', '.join(names)}" if header else "without a header none is"
        raise SettingError(f"read_csv: no column is called {label!r}; {known}")
    if not -len(names) <= label < len(names):
        raise SettingError(f"read_csv: label is {label}, and there are {len(names)} columns")
    return label % len(names)


def _numbers(row: _Row, columns: Sequence[int], names: Sequence[str]) -> list[float]:
    """The numbers of a row in these columns."""
    try:
        return [float(row.cells[column]) for column in columns]
    except ValueError:
        wrong = next(column for column in columns if not _is_number(row.cells[column]))
    cell = row.cells[wrong]
    problem = f"{cell!r} is not a number" if cell else "the cell is empty"
    raise FormatError(f"{row.place}, column {names[wrong]}: {problem}")


def _label(row: _Row, place: int, names: Sequence[str]) -> str:
    if not row.cells[place]:
        raise FormatError(f"{row.place}, column {names[place]}: the label is empty")
    return row.cells[place]


def _counted(
    found: Sequence[str], features: tuple[str, ...]
) -> tuple[npt.NDArray[np.intp], tuple[str, ...], tuple[str, ...]]:
    """The labels, and what stands behind them in a Dataset; equal numbers are one class."""
    keys: Any = [float(name) for name in found] if all(map(_is_number, found)) else found
    _, first, labels = np.unique(keys, return_index=True, return_inverse=True)
    return labels, features, tuple(found[place] for place in first)


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True

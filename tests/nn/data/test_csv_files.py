"""CSV files: numbers as they stand there, classes by name, and each bad cell by its place."""

from __future__ import annotations

import csv
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shared_data import shared_file

from autograd.errors import FormatError, OperandError, SettingError
from nn import Dataset, Table, read_csv

IRIS = Path(__file__).resolve().parents[3] / "examples" / "iris.csv"
CELLS = st.floats(allow_nan=False)
NAMES = st.text("abc é,;\"'\n", min_size=1).filter(lambda name: name.strip() == name)


@st.composite
def tables(draw: st.DrawFn) -> tuple[list[str], list[list[float]], list[str]]:
    """Names of columns, rows of numbers, and the name of the class of each row."""
    width, height = draw(st.integers(1, 4)), draw(st.integers(1, 5))
    names = draw(st.lists(NAMES, min_size=width, max_size=width, unique=True))
    row = st.lists(CELLS, min_size=width, max_size=width)
    rows = draw(st.lists(row, min_size=height, max_size=height))
    return names, rows, draw(st.lists(NAMES, min_size=height, max_size=height))


@given(tables(), st.sampled_from([",", ";", "\t"]))
def test_what_was_written_is_read(
    tmp_path_factory: pytest.TempPathFactory,
    table: tuple[list[str], list[list[float]], list[str]],
    delimiter: str,
) -> None:
    names, rows, kinds = table
    path = tmp_path_factory.mktemp("csv") / "table.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, delimiter=delimiter)
        writer.writerow([*names, "the class"])
        writer.writerows([*map(repr, row), kind] for row, kind in zip(rows, kinds, strict=True))
    for label in ("the class", -1, len(names)):
        found = read_csv(path, label=label, delimiter=delimiter)
        np.testing.assert_array_equal(found.x, rows)
        assert found.features == tuple(names)
        assert [found.classes[y] for y in found.y] == kinds
        assert found.classes == tuple(sorted(set(kinds)))


def written(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    path = folder / "table.csv"
    path.write_bytes(text.encode(encoding))
    return path


def test_flowers_with_a_header_and_names_of_species() -> None:
    flowers = read_csv(IRIS, label="species")
    assert flowers.x.shape == (150, 4) and flowers.x[0].tolist() == [5.1, 3.5, 1.4, 0.2]
    assert flowers.classes == ("setosa", "versicolor", "virginica")
    assert np.bincount(flowers.y).tolist() == [50, 50, 50]


def test_animals_of_the_zoo_without_a_header() -> None:
    animals = read_csv(shared_file("zoo.csv"), label=-1)
    assert animals.x.shape == (101, 16) and animals.x[0, 12] == 4
    assert animals.classes == tuple("0123456")
    assert animals.y[:3].tolist() == [0, 0, 3]


def test_without_a_label_all_columns_are_numbers(tmp_path: Path) -> None:
    found = read_csv(written(tmp_path, "1,2\n3,4\n"))
    assert isinstance(found, Table) and not isinstance(found, Dataset)
    assert found.x.tolist() == [[1.0, 2.0], [3.0, 4.0]] and found.features == ("0", "1")


def test_classes_that_are_numbers_are_in_their_order_and_equal_ones_are_one(
    tmp_path: Path,
) -> None:
    found = read_csv(written(tmp_path, "x,y\n0,10\n0,9\n0,9.0\n"), label="y")
    assert found.classes == ("9", "10") and found.y.tolist() == [1, 0, 0]


def test_marks_blank_lines_and_blanks_around_cells_do_not_count(tmp_path: Path) -> None:
    path = written(tmp_path, "\r\n a , b \r\n\r\n 1 , x \r\n  \r\n2,x", "utf-8-sig")
    found = read_csv(path, label="b")
    assert found.features == ("a",) and found.x.tolist() == [[1.0], [2.0]]
    assert found.classes == ("x",)


def test_nan_and_inf_are_read_as_they_are_spelled(tmp_path: Path) -> None:
    x = read_csv(written(tmp_path, "nan,inf\n1,-inf\n")).x
    assert math.isnan(x[0, 0]) and x[:, 1].tolist() == [math.inf, -math.inf]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_numbers_come_in_the_dtype_asked_for(tmp_path: Path, dtype: Any) -> None:
    assert read_csv(written(tmp_path, "1\n"), dtype=dtype).x.dtype == dtype


def test_what_the_first_line_is_can_be_said(tmp_path: Path) -> None:
    years = written(tmp_path, "country,2019\nFrance,5\n")
    assert read_csv(years, label=0, header=True).features == ("2019",)
    assert read_csv(years, label="country").features == ("2019",)
    assert read_csv(years, label=0, header=False).classes == ("France", "country")


@pytest.mark.parametrize(
    ("text", "settings", "message"),
    [
        ("", {}, "table.csv: there is no row of numbers$"),
        ("\n \n", {"header": False}, "table.csv: there is no row of numbers$"),
        ("a,b\n", {}, "table.csv: there is no row of numbers below the header"),
        ("a,b\n", {"label": "b"}, "table.csv: there is no row of numbers below the header"),
        ("a,b\n1,2\n3\n", {}, "table.csv, line 3: 1 cells, and 2 columns"),
        ("a,b\n1,2,3\n", {}, "table.csv, line 2: 3 cells, and 2 columns"),
        ("a,b\n1,2\n\n1,x\n", {}, "table.csv, line 4, column b: 'x' is not a number"),
        ("1,2\n1,x\n", {}, "table.csv, line 2, column 1: 'x' is not a number"),
        ("a,b\n1,2\n,2\n", {}, "table.csv, line 3, column a: the cell is empty"),
        ("a,b\n1,2\n,\n", {}, "table.csv, line 3, column a: the cell is empty"),
        ("a,b\n1,x\n1, \n", {"label": -1}, "table.csv, line 3, column b: the label is empty"),
        ("a,a\n1,2\n", {}, "table.csv, line 1: two columns are called 'a'"),
        ("1,l\n1,2\n", {}, "line 1: '1,l' has numbers and names; pass header=True if it names the"),
        ('a,b\n1,"x"y\n', {"label": 1}, "table.csv, line 2: "),
        ('a,b\n1,"x', {"label": 1}, "table.csv, line 2: unexpected end of data"),
    ],
)
def test_a_table_that_cannot_be_read_is_refused_with_the_place(
    tmp_path: Path, text: str, settings: dict[str, Any], message: str
) -> None:
    with pytest.raises(FormatError, match=message):
        read_csv(written(tmp_path, text), **settings)


def test_the_line_is_that_of_the_file_where_cells_have_line_ends(tmp_path: Path) -> None:
    path = written(tmp_path, 'a,b\n1,"two\nlines"\nx,c\n')
    with pytest.raises(FormatError, match="line 4, column a: 'x' is not a number"):
        read_csv(path, label="b")


def test_text_of_another_encoding_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=r"table\.csv is not text in UTF-8"):
        read_csv(written(tmp_path, "é\n1\n", "latin-1"))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"label": "c"}, "no column is called 'c'; the columns are a, b"),
        ({"label": "a", "header": False}, "no column is called 'a'; without a header none is"),
        ({"label": "0", "header": False}, "no column is called '0'; without a header none is"),
        ({"label": 2}, "label is 2, and there are 2 columns"),
        ({"label": -3}, "label is -3, and there are 2 columns"),
        ({"delimiter": ";;"}, "delimiter is ';;'; pass one character"),
        ({"delimiter": ""}, "delimiter is ''; pass one character"),
        ({"delimiter": '"'}, "delimiter is '\"'; pass one character"),
    ],
)
def test_a_setting_that_does_not_fit_is_refused(
    tmp_path: Path, settings: dict[str, Any], message: str
) -> None:
    with pytest.raises(SettingError, match="read_csv: " + message):
        read_csv(written(tmp_path, "a,b\n1,2\n"), **settings)


def test_integers_are_no_dtype_for_numbers(tmp_path: Path) -> None:
    with pytest.raises(OperandError, match=r"dtype is <class 'int'>; pass np\.float64 or"):
        read_csv(written(tmp_path, "a\n1.5\n"), dtype=int)


def test_a_missing_file_is_an_error_of_the_system(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="missing"):
        read_csv(tmp_path / "missing.csv")

from __future__ import annotations

import os
import subprocess
import sys

from hypothesis import example, given, settings
from hypothesis import strategies as st

from autograd import Value, exp
from viz import draw

PROGRAM = """
from autograd import Value, exp
from viz import draw
x, y = Value(0.5, name="x"), Value(-2.0, name="y")
f = exp(x * y) + x / y
f.backward()
drawing = draw(f, names=locals(), title="f")
print(drawing.dot, drawing.svg)
"""


def run(program: str, seed: str) -> str:
    return subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=True,
        env=os.environ
        | {
            "PYTHONHASHSEED": seed,
            "PYTHONPATH": os.pathsep.join(sys.path),
            "PYTHONIOENCODING": "utf-8",
        },
    ).stdout


def test_same_program_gives_the_same_bytes_in_another_process() -> None:
    first = run(PROGRAM, "1")
    assert first.startswith("digraph")
    assert run(PROGRAM, "2") == first


def test_same_graph_gives_the_same_dot_twice() -> None:
    f = exp(Value(1.0)) * 2.0
    assert draw(f).dot == draw(f).dot


@settings(max_examples=50, deadline=None)
@given(st.text())
@example('"')
@example("\\")
@example('\\" [shape=star]; //')
@example("<b>bold</b>")
@example("{a|b}")
@example("\\N\\G\\L")
@example("a\nb")
@example("&lt;&#65;")
@example("\x00\ud800\ufffe")
@example("שלום")
@example("😀" * 100)
@example("x" * 10_000)
def test_any_name_leaves_the_structure_of_the_graph_as_it_is(name: str) -> None:
    x = Value(1.0, name=name)
    inner = x * x
    inner.name = name
    drawing = draw(inner + 1.0, title=name)
    plain = draw((y := Value(1.0)) * y + 1.0).svg
    assert drawing.svg.count("<path") == plain.count("<path")
    assert drawing.svg.count("<g") == plain.count("<g")


def test_backslashes_in_names_are_text_in_the_dot() -> None:
    dot = draw(Value(1.0, name="\\N & <i>")).dot
    assert r'"\\N &amp; <i>"' in dot


def test_name_in_angle_brackets_is_no_markup() -> None:
    assert 'label="<b>"' in draw(Value(1.0, name="<b>")).dot


def test_labels_have_values_above_gradients() -> None:
    x = Value(3.0)
    f = x * 2.0
    f.backward()
    assert r'label="3.00\n2.00"' in draw(f).dot

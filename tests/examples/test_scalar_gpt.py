"""The scalar GPT: it learns, it spells, and it refuses what is no list of words."""

from __future__ import annotations

import importlib.util
import random
from pathlib import Path
from types import ModuleType

import pytest

from autograd import trace

SCRIPT = Path(__file__).resolve().parent.parent.parent / "examples" / "scalar_gpt.py"


@pytest.fixture(scope="module")
def gpt() -> ModuleType:
    spec = importlib.util.spec_from_file_location("scalar_gpt", SCRIPT)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_run_learns_two_words_and_spells_one_of_them(
    gpt: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = tmp_path / "words.txt"
    words.write_text("Ann\n\n bob\n")
    arguments = ["--words", str(words), "--steps", "25", "--samples", "4", "--temperature", "0.01"]
    assert gpt.main([*arguments, "--out", str(tmp_path)]) == 0
    printed = capsys.readouterr().out.splitlines()
    summary, first, second, third, fourth = printed[-7:-2]
    assert summary.startswith("25 steps of 8 words in ")
    assert {first, second, third, fourth} <= {"ann", "bob"}


def test_traced_loss_is_that_of_the_eager_engine_for_every_word_of_a_length(
    gpt: ModuleType,
) -> None:
    model = gpt.GPT(random.Random(3))
    loss = trace(model.loss)
    for word in ("ab", "zz"):
        letters = gpt.letters_of(word)
        assert loss(letters).data == pytest.approx(model.loss(letters).data, rel=1e-12)
    assert len(loss.programs) == 1


def test_names_that_ship_are_words(gpt: ModuleType) -> None:
    words = gpt.load_words(gpt.NAMES)
    assert len(words) == len(set(words)) > 300
    assert max(map(len, words)) < gpt.POSITIONS


@pytest.mark.parametrize(
    ("content", "problem"),
    [("anna\nzoë\n", "words.txt:2: 'zoë' is not a word"), ("\n \n", "there are no words in it")],
)
def test_file_without_words_is_refused_with_its_line(
    gpt: ModuleType,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    content: str,
    problem: str,
) -> None:
    words = tmp_path / "words.txt"
    words.write_text(content, encoding="utf-8")
    arguments = ["--out", str(tmp_path), "--words"]
    assert gpt.main([*arguments, str(words)]) == 2
    assert problem in capsys.readouterr().err
    assert gpt.main([*arguments, str(tmp_path / "missing.txt")]) == 2
    assert "missing.txt" in capsys.readouterr().err

"""Runs the examples of the README and of docs; the pictures they save are those of the pages.

`make docs` puts these pictures into docs/pictures, and the code of each page into its Korean
translation, `page.ko.md` beside `page.md`; the tests hold both against what is there.
"""

from __future__ import annotations

import contextlib
import doctest
import re
import shutil
import tempfile
from pathlib import Path

__all__ = [
    "PAGES",
    "PICTURES",
    "TRANSLATIONS",
    "original_of",
    "pictures_of",
    "run_examples",
    "with_code_of",
]

DOCS = Path(__file__).resolve().parent
PICTURES = DOCS / "pictures"
WRITTEN = [DOCS.parent / "README.md", *sorted(DOCS.rglob("*.md"))]
PAGES = [
    page
    for page in WRITTEN
    if ">>> " in page.read_text(encoding="utf-8") and ".ko" not in page.suffixes
]
"""Those with examples to run."""
TRANSLATIONS = [DOCS.parent / "README.ko.md", *sorted(DOCS.rglob("*.ko.md"))]
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
CODE = re.compile(r"^```(python|sh)\n.*?^```$", flags=re.MULTILINE | re.DOTALL)


def run_examples(page: Path, folder: Path) -> int:
    """Run the examples of a page, in a folder that is to hold what they write.

    Returns:
        How many there were.

    Raises:
        AssertionError: one of them printed something else than the page shows.
    """
    text = page.read_text(encoding="utf-8")
    blocks = re.findall(r"^```python\n(>>> .*?)^```$", text, flags=re.MULTILINE | re.DOTALL)
    # One session, as a reader would type it: later blocks use the names of earlier ones.
    session = doctest.DocTestParser().get_doctest("".join(blocks), {}, page.name, None, 0)
    report: list[str] = []
    with contextlib.chdir(folder):
        runner = doctest.DocTestRunner(verbose=False, optionflags=FLAGS)
        results = runner.run(session, out=report.append)
    if results.failed:
        raise AssertionError("".join(report))
    return results.attempted


def pictures_of(page: Path) -> list[Path]:
    """Where the pictures that the examples of a page draw are, relative to docs/pictures."""
    text = page.read_text(encoding="utf-8")
    files = [page.parent / link for link in re.findall(r"!\[[^]]*\]\(([^)#]+)\)", text)]
    return [file.resolve().relative_to(PICTURES) for file in files]


def original_of(translation: Path) -> Path:
    """The page that a translation is of."""
    return translation.with_name(translation.name.replace(".ko.md", ".md"))


def with_code_of(original: Path, translation: Path) -> str:
    """The text of a translation with the code of its original, block by block.

    Raises:
        AssertionError: they have not equally many blocks of code.
    """
    blocks = [block[0] for block in CODE.finditer(original.read_text(encoding="utf-8"))]
    text = translation.read_text(encoding="utf-8")
    count = len(CODE.findall(text))
    if count != len(blocks):
        raise AssertionError(
            f"{translation.name} has {count} blocks of code, and {original.name} {len(blocks)}"
        )
    code = iter(blocks)
    return CODE.sub(lambda _: next(code), text)


def main() -> None:
    """Draw the pictures of all pages again, and give translations the code of their originals."""
    for page in PAGES:
        with tempfile.TemporaryDirectory() as folder:
            count = run_examples(page, Path(folder))
            pictures = pictures_of(page)
            for picture in pictures:
                target = PICTURES / picture
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(Path(folder) / picture, target)
        print(f"{page.name}: {count} examples, {len(pictures)} pictures")
    for translation in TRANSLATIONS:
        text = with_code_of(original_of(translation), translation)
        translation.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()

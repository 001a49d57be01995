"""Runs the examples of the README and of docs; the pictures they save are those of the pages.

`make docs` puts these pictures into docs/pictures, and the tests hold them against what is there.
"""

from __future__ import annotations

import contextlib
import doctest
import re
import shutil
import tempfile
from pathlib import Path

__all__ = ["PAGES", "PICTURES", "pictures_of", "run_examples"]

DOCS = Path(__file__).resolve().parent
PICTURES = DOCS / "pictures"
PAGES = (
    DOCS.parent / "README.md",
    DOCS / "drawings.md",
    DOCS / "networks.md",
    DOCS / "tracing.md",
)
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


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
    """Where the pictures of a page are, relative to docs/pictures."""
    text = page.read_text(encoding="utf-8")
    files = [page.parent / link for link in re.findall(r"!\[[^]]*\]\(([^)#]+)\)", text)]
    return [file.relative_to(PICTURES) for file in files]


def main() -> None:
    """Draw the pictures of all pages again."""
    for page in PAGES:
        with tempfile.TemporaryDirectory() as folder:
            count = run_examples(page, Path(folder))
            pictures = pictures_of(page)
            for picture in pictures:
                target = PICTURES / picture
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(Path(folder) / picture, target)
        print(f"{page.name}: {count} examples, {len(pictures)} pictures")


if __name__ == "__main__":
    main()

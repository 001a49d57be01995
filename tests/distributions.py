"""Checks that the distributions hold what they should, of the files that git lists.

    python tests/distributions.py dist

The source distribution has all that it takes to build and to test; a wheel has the packages,
compiled, and nothing else.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

from autograd.engine_choice import MODULES

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("autograd/", "nn/", "viz/", "pytest_gategrad.py")
COMPILED = {f"autograd/{name.replace('.', '/')}.so" for name in (*MODULES, "tape.native_machine")}
# What only a clone has a use for.
LEFT_OUT = {".ci/run", ".gitignore"}
# What setuptools writes.
WRITTEN = ("PKG-INFO", "setup.cfg", "gategrad.egg-info/")


def main() -> None:
    """Exit with what is missing, or too much."""
    folder = Path(sys.argv[1])
    listed = tracked()
    if not listed:
        print("this is not a clone: what the distributions hold was not compared")
        return
    (source,) = folder.glob("*.tar.gz")
    problems = differences(source, in_source(source), listed - LEFT_OUT)
    installed = {name for name in listed if name.startswith(PACKAGES)} | COMPILED
    for wheel in folder.glob("*.whl"):
        problems += differences(wheel, in_wheel(wheel), installed)
    if problems:
        sys.exit("\n".join(problems))
    print(f"complete: {len(listed - LEFT_OUT)} files of source, {len(installed)} in a wheel")


def tracked() -> set[str]:
    """The files of the clone; none where this is no clone."""
    if shutil.which("git") is None:
        return set()
    command = ["git", "ls-files", "-z"]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, encoding="utf-8", check=False)
    return set(filter(None, run.stdout.split("\0")))


def in_source(archive: Path) -> set[str]:
    """The files of a source distribution, below its one folder."""
    with tarfile.open(archive) as tar:
        names = {file.name.partition("/")[2] for file in tar if file.isfile()}
    return {name for name in names if not name.startswith(WRITTEN)}


def in_wheel(archive: Path) -> set[str]:
    """The files of a wheel; a compiled module without the name of the Python it is for."""
    with zipfile.ZipFile(archive) as wheel:
        names = {name for name in wheel.namelist() if ".dist-info/" not in name}
    return {
        f"{name.partition('.')[0]}.so" if name.endswith((".so", ".pyd")) else name for name in names
    }


def differences(archive: Path, found: set[str], wanted: set[str]) -> list[str]:
    """A line for each file that is missing or too much."""
    missing = [f"{archive.name} lacks {name}" for name in sorted(wanted - found)]
    return missing + [f"{archive.name} has {name}" for name in sorted(found - wanted)]


if __name__ == "__main__":
    main()

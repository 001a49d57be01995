"""The pytest plugin of gategrad: for checks of gradients, and for golden drawings.

It chooses how hard properties are tried, shows a wrong gradient as a report of its own, and holds
drawings against files.

pytest loads it in every run where gategrad is installed. That is why it is not in the package
``autograd``: importing that takes a quarter of a second, a run that tests something else does not
want it, and another distribution has a package of that name. It imports nothing that pytest has
not, unless its option is given.
"""

from __future__ import annotations

import difflib
import itertools
import sys
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import pytest

__all__ = ["PROFILES", "load_profile"]

OPTION = "--gradcheck-profile"
UPDATE = "--update-drawings"
PROFILES: dict[str, dict[str, Any]] = {
    # The same examples each time, so that a change is judged by what it changed.
    "quick": {"max_examples": 50, "derandomize": True},
    # By default hypothesis would try the same examples where it finds itself in a CI.
    "thorough": {"max_examples": 2000, "derandomize": False},
}
"""By name the settings of hypothesis."""


def load_profile(name: str) -> None:
    """Make one of the profiles that of every hypothesis test to come.

    Examples may take as long as they take: a check of a gradient has no deadline.

    Raises:
        pytest.UsageError: if there is no such profile, or hypothesis is not installed.
    """
    if name not in PROFILES:
        raise pytest.UsageError(f"profile {name!r}: pass {' or '.join(map(repr, PROFILES))}")
    try:
        from hypothesis import HealthCheck, settings
    except ImportError as error:
        raise pytest.UsageError(
            f'{OPTION} needs hypothesis; pip install "gategrad[check]"'
        ) from error
    registered = f"gradcheck-{name}"  # not to replace a profile of the user's
    settings.register_profile(
        registered,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow],
        **PROFILES[name],
    )
    settings.load_profile(registered)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that chooses a profile."""
    parser.getgroup("gategrad", "checks of gradients").addoption(
        OPTION,
        choices=list(PROFILES),
        help="how many examples hypothesis tries: quick, 50, the same each time; thorough, 2000",
    )
    parser.getgroup("gategrad").addoption(
        UPDATE,
        action="store_true",
        help="write golden drawings anew, rather than compare with them",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Load the profile that was asked for, before tests are collected."""
    name = config.getoption(OPTION)
    if name is not None:
        load_profile(name)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[Any]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show a wrong gradient as a report of its own, below a traceback of the tests alone."""
    report = yield
    if call.excinfo is None or not report.failed:
        return report
    mismatches = list(_mismatches(call.excinfo.value))
    # Where sections are not shown, or a style of traceback was asked for, pytest's own way stays.
    if mismatches and item.config.getoption("showcapture") == "all":
        for mismatch in mismatches:
            text = "\n".join([str(mismatch), *getattr(mismatch, "__notes__", ())])
            report.sections.append(("gradient check", text))
        if item.config.getoption("tbstyle") == "auto":
            report.longrepr = "\n".join(_brief(item, call.excinfo, mismatches))
    return report


@pytest.fixture
def golden_drawing(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[Any, str], None]:
    """Hold a drawing, or a node, against a golden file beside the test, to the last byte.

    The file is .mmd, with numbers as they are shown; .json, with all their digits; or .dot or .svg,
    with their places too. It is written by ``pytest --update-drawings``::

        def test_neuron_is_drawn_as_ever(golden_drawing):
            golden_drawing(neuron(), "neuron.mmd")
    """

    def compare(drawn: Any, name: str) -> None:
        __tracebackhide__ = True
        from viz import Drawing, draw

        drawing = drawn if isinstance(drawn, Drawing) else draw(drawn)
        golden = request.path.parent / name
        if request.config.getoption(UPDATE):
            drawing.save(golden)
            return
        if not golden.exists():
            pytest.fail(f"there is no golden drawing {golden}; write it by {UPDATE}")
        expected = golden.read_bytes().decode()
        found = drawing.save(tmp_path / golden.name).read_bytes().decode()
        if found != expected:
            picture = drawing.save(tmp_path / f"{golden.stem}.new.svg")
            lines = difflib.unified_diff(
                expected.splitlines(),
                found.splitlines(),
                str(golden),
                "drawn now",
                lineterm="",
                n=1,
            )
            told = "\n".join(itertools.islice(lines, 40))
            pytest.fail(
                f"the drawing is not the golden one; it looks as in {picture}. If that is right, "
                f"run pytest {UPDATE}\n{told}"
            )

    return compare


def _mismatches(error: BaseException) -> Iterator[BaseException]:
    """The wrong gradients that an exception reports, itself or in a group."""
    # Where autograd was not imported, no gradient was checked.
    kind = getattr(sys.modules.get("autograd.errors"), "GradientMismatch", None)
    if kind is not None and isinstance(error, kind):
        yield error
    elif isinstance(error, BaseExceptionGroup):
        for part in error.exceptions:
            yield from _mismatches(part)


def _brief(
    item: pytest.Item, excinfo: pytest.ExceptionInfo[BaseException], errors: list[BaseException]
) -> Iterator[str]:
    """The first line of each report, and the lines of the tests that led to it."""
    for error in errors:
        yield f"{type(error).__name__}: {str(error).partition(chr(10))[0]}"
    packages = [Path(sys.modules[name].__file__ or "").parent for name in _passed_over()]
    frames = [
        (Path(entry.path), entry.lineno, f"{entry.name}\n    {str(entry.statement).strip()}")
        for entry in excinfo.traceback
        if not any(Path(entry.path).is_relative_to(package) for package in packages)
    ]
    if not frames:  # a test that gradcheck made has no line of its own that runs
        test_path, test_line, _ = item.reportinfo()
        frames = [(Path(test_path), test_line or 0, item.name)]
    root = item.config.rootpath
    for path, line, what in frames:
        shown = path.relative_to(root) if path.is_relative_to(root) else path
        yield f"{shown}:{line + 1}: in {what}"


def _passed_over() -> Iterator[str]:
    for name in ("_pytest", "pluggy", "hypothesis", "autograd"):
        if name in sys.modules:
            yield name

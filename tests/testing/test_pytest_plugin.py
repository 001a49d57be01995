"""The pytest plugin: profiles, reports, and that it costs a run nothing."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import pytest_gategrad

pytest_plugins = ["pytester"]

Run = Callable[..., pytest.RunResult]

WRONG = """
    from autograd.testing.property_test import gradcheck
    from autograd.testing.strategies import tensors

    @gradcheck(x=tensors((2,)))
    def test_square(x):
        return type(x)(x.data) * x
"""
CALLED = """
    import pytest
    from autograd.errors import GradientMismatch

    def checked(x):
        error = GradientMismatch("the gradient by x is wrong\\nand much more about it")
        error.add_note("at x=1.0")
        raise error

    def test_call():
        checked(1.0)
"""
GROUP = """
    from autograd.errors import GradientMismatch

    def test_group():
        parts = [GradientMismatch("the gradient by x is wrong"), ValueError("another")]
        raise ExceptionGroup("two failures", [ExceptionGroup("inner", parts)])
"""


@pytest.fixture
def run(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a test file with the plugin, whether it is installed or not."""
    # Installed or not, the plugin is loaded once.
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.setenv("PYTHONPATH", str(Path(pytest_gategrad.__file__).parent))
    # Wide enough that no line is cut.
    monkeypatch.setenv("COLUMNS", "160")

    def run_file(source: str, *options: str) -> pytest.RunResult:
        pytester.makepyfile(source)
        return pytester.runpytest_subprocess("-p", "pytest_gategrad", *options)

    return run_file


def test_wrong_gradient_has_a_section_of_its_own(run: Run) -> None:
    result = run(CALLED)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "*- gradient check -*",
            "the gradient by x is wrong",
            "and much more about it",
            "at x=1.0",
            "FAILED *::test_call - GradientMismatch: the gradient by x is wrong",
        ]
    )


def test_traceback_of_a_wrong_gradient_is_that_of_the_tests_alone(run: Run) -> None:
    lines = run(CALLED).outlines
    start = lines.index("GradientMismatch: the gradient by x is wrong")
    assert [line.partition(".py:")[2] or line for line in lines[start + 1 : start + 5]] == [
        "10: in test_call",
        "    checked(1.0)",
        "7: in checked",
        "    raise error",
    ]
    assert "gradient check" in lines[start + 5]


def test_report_of_gradcheck_leads_to_the_function(run: Run) -> None:
    result = run(WRONG)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "*_ test_square _*",
            "GradientMismatch: the gradient by x*",
            "test_report_of_gradcheck_leads_to_the_function.py:4: in test_square",
            "*- gradient check -*",
            "*x=Tensor([[]*]),*",
        ]
    )


def test_traceback_in_a_style_that_was_asked_for_stays(run: Run) -> None:
    result = run(CALLED, "--tb=long")
    result.stdout.fnmatch_lines(["E * autograd.errors.GradientMismatch: *", "*- gradient check -*"])


def test_report_is_not_lost_where_sections_are_not_shown(run: Run) -> None:
    result = run(CALLED, "--show-capture=no")
    result.stdout.fnmatch_lines(["E * and much more about it"])
    result.stdout.no_fnmatch_line("*- gradient check -*")


def test_wrong_gradient_in_a_group_of_exceptions_is_reported(run: Run) -> None:
    result = run(GROUP)
    result.stdout.fnmatch_lines(["*- gradient check -*", "the gradient by x is wrong"])


def test_expected_failures_and_other_errors_are_left_alone(run: Run) -> None:
    source = (
        CALLED
        + """
    @pytest.mark.xfail(raises=GradientMismatch)
    def test_expected():
        checked(1.0)

    def test_caught():
        with pytest.raises(GradientMismatch):
            checked(1.0)

    def test_other():
        assert 1 == 2
    """
    )
    result = run(source, "-k", "not call", "-rx", "--xfail-tb")
    result.assert_outcomes(failed=1, xfailed=1, passed=1)
    result.stdout.no_fnmatch_line("*gradient check*")
    result.stdout.fnmatch_lines(["E * assert 1 == 2"])


@pytest.mark.parametrize(("profile", "examples"), [("quick", 50), ("thorough", 2000)])
def test_option_loads_a_profile(run: Run, profile: str, examples: int) -> None:
    source = f"""
        from hypothesis import settings

        def test_profile():
            assert settings.default.max_examples == {examples}
            assert settings.default.derandomize is {profile == "quick"}
            assert settings.default.deadline is None
    """
    run(source, f"--gradcheck-profile={profile}").assert_outcomes(passed=1)


def test_unknown_profile_is_an_error_of_use(run: Run) -> None:
    result = run("", "--gradcheck-profile=slow")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*--gradcheck-profile: invalid choice: 'slow'*"])


def test_profile_by_a_wrong_name_is_an_error_of_use() -> None:
    with pytest.raises(pytest.UsageError, match="profile 'slow': pass 'quick' or 'thorough'"):
        pytest_gategrad.load_profile("slow")


def test_profile_without_hypothesis_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "hypothesis", None)
    with pytest.raises(pytest.UsageError, match=r"needs hypothesis; pip install .gategrad\[check"):
        pytest_gategrad.load_profile("quick")


def test_plugin_imports_nothing_that_pytest_has_not(run: Run) -> None:
    source = """
        import sys

        def test_modules():
            assert not {"autograd", "numpy", "hypothesis"} & set(sys.modules)
            assert False, "shown as ever"
    """
    result = run(source)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["E * shown as ever"])


def test_another_distribution_of_the_name_autograd_does_no_harm(
    run: Run, pytester: pytest.Pytester
) -> None:
    pytester.mkpydir("autograd")
    pytester.path.joinpath("autograd", "errors.py").write_text("")
    result = run(
        "import autograd.errors\ndef test_wrong():\n    assert 1 == 2", "--import-mode=prepend"
    )
    result.assert_outcomes(failed=1)
    result.stdout.no_fnmatch_line("*INTERNALERROR*")


def test_environment_variable_chooses_the_profile_of_our_own_tests() -> None:
    root = Path(pytest_gategrad.__file__).parent
    code = (
        "import runpy; runpy.run_path('tests/conftest.py'); "
        "from hypothesis import settings; print(settings.default.max_examples)"
    )
    found = [
        subprocess.run(
            [sys.executable, "-c", code],
            cwd=root,
            env={"PYTHONPATH": str(root), **environment},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for environment in ({}, {"HYPOTHESIS_PROFILE": "thorough"})
    ]
    assert found == ["50", "2000"]


GOLDEN = """
    from autograd import Value

    def test_neuron_is_drawn_as_ever(golden_drawing):
        f = Value(2.0, name="x").exp() * {factor}
        f.backward()
        golden_drawing(f, "golden.mmd")
"""


def test_golden_drawing_is_written_when_asked_for_and_compared_from_then_on(
    run: Run, pytester: pytest.Pytester
) -> None:
    same, other = GOLDEN.format(factor=3.0), GOLDEN.format(factor=4.0)
    missing = run(same)
    missing.assert_outcomes(failed=1)
    missing.stdout.fnmatch_lines(["*there is no golden drawing *golden.mmd; write it by*"])
    run(same, "--update-drawings").assert_outcomes(passed=1)
    assert (pytester.path / "golden.mmd").read_text().startswith("flowchart LR")
    run(same).assert_outcomes(passed=1)
    changed = run(other)
    changed.assert_outcomes(failed=1)
    changed.stdout.fnmatch_lines(["*the drawing is not the golden one*golden.new.svg*"])

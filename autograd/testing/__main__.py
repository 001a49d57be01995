"""``python -m autograd.testing``: check a formula, a function or a test from the command line."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence

from ..errors import GradientMismatch
from .check import check_gradients
from .options import Options, read_options
from .outcome import failure, mismatch, point, summary
from .subjects import HypothesisTest, Subject, subject_of

RIGHT, WRONG, NOT_CHECKED = 0, 1, 2


def main(argv: Sequence[str] | None = None) -> int:
    """Check what the command line names, and say what was found.

    Args:
        argv: the arguments; by default those of this process.

    Returns:
        the exit status: 0 where all derivatives that were compared are right, 1 where one is wrong
        or none could be compared, 2 where the check could not be made.

    >>> main(["x * y", "--at", "x=2", "y=3"])  # doctest: +ELLIPSIS
    x * y: the derivatives by x and y are right at 1 point
      4 derivatives compared; the largest difference is ... of what it may be
    0
    """
    try:
        options = read_options(argv)
    except SystemExit as stop:
        return int(stop.code or 0)
    try:
        subject = subject_of(options)
    except (Exception, SystemExit) as error:  # importing a module can fail in every way
        return _not_checked(failure(options.target, error))
    if isinstance(subject, HypothesisTest):
        return _run_test(subject)
    return _check(subject, options)


def _check(subject: Subject, options: Options) -> int:
    checks = []
    for inputs in subject.inputs:
        where = point(subject.names, inputs)
        try:
            checks.append(
                check_gradients(
                    subject.function, *inputs, order=options.order, gradient=subject.gradient
                )
            )
        except GradientMismatch as error:
            print(mismatch(subject.title, error, where))
            return WRONG
        except (Exception, SystemExit) as error:  # and so can the user's function
            return _not_checked(failure(subject.title, error, where))
    print(summary(subject, checks, options.order))
    return RIGHT if any(check.compared for check in checks) else WRONG


def _run_test(test: HypothesisTest) -> int:
    try:
        test.run()
    except (Exception, SystemExit) as error:
        wrong = [each for each in _leaves(error) if isinstance(each, AssertionError)]
        if not wrong:
            return _not_checked(failure(test.title, error))
        for each in wrong:
            print(mismatch(test.title, each))
        return WRONG
    print(f"{test.title}: passed")
    return RIGHT


def _leaves(error: BaseException) -> Iterator[BaseException]:
    """The exceptions in a group of them: hypothesis raises one where a test fails in two ways."""
    if isinstance(error, BaseExceptionGroup):
        for each in error.exceptions:
            yield from _leaves(each)
    else:
        yield error


def _not_checked(message: str) -> int:
    print(message, file=sys.stderr)
    return NOT_CHECKED


if __name__ == "__main__":
    sys.exit(main())

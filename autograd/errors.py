"""The exceptions of gategrad: each names what was wrong and how to mend it."""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = [
    "AnomalyError",
    "AutogradError",
    "ConvergenceError",
    "DivergenceError",
    "FormatError",
    "FormulaError",
    "GradientMismatch",
    "LabelError",
    "MissingExtraError",
    "OperandError",
    "RenderError",
    "SettingError",
    "ShapeError",
    "SingularMatrixError",
    "StaleError",
    "StateError",
    "TraceError",
    "TraceWarning",
]


class AutogradError(Exception):
    """The base of every exception that gategrad raises on purpose."""


class ShapeError(AutogradError, ValueError):
    """Arrays whose shapes do not fit the gate, or a root that is not a scalar."""


class OperandError(AutogradError, TypeError):
    """An operand or a value that is not a number, an array or a node of the right kind."""


class LabelError(AutogradError, ValueError):
    """A class label that is not an integer or is outside of the classes."""


class SettingError(AutogradError, ValueError):
    """A setting outside of its range, such as a learning rate that is not above zero."""


class StateError(AutogradError, ValueError):
    """A state that does not fit the object it is loaded into."""


class StaleError(AutogradError, RuntimeError):
    """An array that a recorded gate still needs was changed in place."""


class AnomalyError(AutogradError, ArithmeticError):
    """A value or a gradient that is not finite, while ``detect_anomaly`` looks for one."""


class ConvergenceError(AutogradError, RuntimeError):
    """A method that did not reach its end within the steps that it was given."""


class DivergenceError(AutogradError, ArithmeticError):
    """A training whose loss or parameters are no longer finite."""


class TraceError(AutogradError, RuntimeError):
    """A traced function did what would be frozen into its program without a word."""


class TraceWarning(UserWarning):
    """A traced function did what its program may not do again: the results can be old."""


class GradientMismatch(AutogradError, AssertionError):
    """A derivative that differs from the slope of the function itself by more than it may.

    Args:
        message: what is wrong, and where.
        node: a node of the graph in question, its output; None where there is none.
        blamed: the node whose gate has a wrong derivative; None where no gate is to blame.
        position: the operand by which that derivative is wrong.
    """

    def __init__(
        self, message: str, *, node: Any = None, blamed: Any = None, position: int | None = None
    ) -> None:
        super().__init__(message)
        self.node = node
        self.blamed = blamed
        self.position = position

    def __reduce__(self) -> tuple[Any, ...]:
        # To another process goes what there is to read: a graph cannot.
        return type(self), (str(self),)

    @property
    def gate(self) -> Any:
        """The gate to blame, a Gate or an ArrayGate; None if there is none."""
        return None if self.blamed is None else self.blamed.gate


class SingularMatrixError(AutogradError, np.linalg.LinAlgError):
    """A matrix that has no inverse, or no Cholesky factor."""


class FormulaError(AutogradError, ValueError):
    """A formula that is not written in the formula language."""


class FormatError(AutogradError, ValueError):
    """A file format that is unknown, or a file that is not of its format."""


class RenderError(AutogradError, RuntimeError):
    """A drawing that its renderer could not turn into a picture."""


class MissingExtraError(AutogradError, ImportError):
    """An optional package is needed and not installed.

    >>> raise MissingExtraError(package="matplotlib", extra="plots", purpose="plots")
    Traceback (most recent call last):
    autograd.errors.MissingExtraError: plots need matplotlib; pip install "gategrad[plots]"
    """

    def __init__(self, *, package: str, extra: str, purpose: str) -> None:
        need = "need" if purpose.endswith("s") else "needs"
        super().__init__(f'{purpose} {need} {package}; pip install "gategrad[{extra}]"')
        self.package = package
        self.extra = extra

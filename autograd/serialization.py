"""Arrays by name in a file, without pickle: NumPy's ``.npz``, or ``.safetensors``.

Nothing that a file holds is ever run: what is read are names, dtypes, shapes and numbers.
"""

from __future__ import annotations

import io
import math
import os
import zipfile
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import IO, Any

import numpy as np
import numpy.typing as npt

from .backward import is_node
from .errors import FormatError, MissingExtraError, OperandError
from .exact import shortened
from .saving import write_whole

__all__ = ["load", "save"]

Array = npt.NDArray[Any]

_MEMBER = ".npy"
# A name in a zip file is counted with two bytes.
_LONGEST_NAME = 2**16 - 1 - len(_MEMBER)


def save(path: str | os.PathLike[str], arrays: Mapping[str, Any]) -> Path:
    """Save arrays under their names, and return the path.

    The file appears whole or not at all. A path without a suffix gets ``.npz``, a file that NumPy
    reads, too; ``.safetensors`` is the other format, which the extra of that name brings. The same
    arrays make the same bytes.

    Args:
        path: where to; a file that is there is replaced.
        arrays: by name arrays of real numbers of any shape and dtype, Tensors, Values or numbers,
            such as ``net.state_dict()``. What is nested has dots in its name, ``"hidden.weight"``.

    Raises:
        OperandError: if something is not real numbers under a name, or is of a dtype whose bytes
            differ from machine to machine, as those of ``np.longdouble`` do.
        FormatError: if the suffix is neither of the two.
        MissingExtraError: if it is ``.safetensors`` and that package is not installed.
        OSError: if the file cannot be written; an older one stays.

    >>> import tempfile
    >>> from autograd import Tensor
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = save(Path(folder, "net"), {"w": Tensor([1.0, 2.0]), "epoch": 3})
    ...     path.name, load(path)
    ('net.npz', {'w': array([1., 2.]), 'epoch': array(3)})
    """
    path = _with_suffix(path, "save")
    if not isinstance(arrays, Mapping):
        raise OperandError(
            f"save: pass a dict from names to arrays, not {shortened(arrays)} "
            f"({type(arrays).__name__})"
        )
    checked = {_checked_name(name): _checked(name, array) for name, array in arrays.items()}
    content = _npz_of(checked) if path.suffix.lower() == ".npz" else _safetensors_of(checked)
    return write_whole(path, content)


def load(path: str | os.PathLike[str]) -> dict[str, Array]:
    """The arrays of a file by name, in the order in which they were saved if it is ``.npz``.

    They have the dtypes, shapes and bits that were saved, and may be written to. A path without a
    suffix gets ``.npz``. An ``.npz`` that NumPy wrote is read as well.

    Raises:
        FormatError: if the suffix is neither ``.npz`` nor ``.safetensors``, or if the file is not
            of that format, is damaged, or holds anything but real numbers.
        MissingExtraError: if it is ``.safetensors`` and that package is not installed.
        OSError: if the file cannot be read.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     np.savez(f"{folder}/numbers.npz", x=np.float32(0.5))
    ...     load(f"{folder}/numbers")
    {'x': array(0.5, dtype=float32)}
    """
    path = _with_suffix(path, "load")
    if path.suffix.lower() == ".npz":
        with path.open("rb") as file:
            return _read_npz(path, file)
    return _read_safetensors(path)


def _with_suffix(path: str | os.PathLike[str], what: str) -> Path:
    path = Path(path)
    if not path.name:
        raise FormatError(f"cannot {what} {path}: it is a folder; add a file name")
    if not path.suffix:
        path = path.with_name(f"{path.name}.npz")
    if path.suffix.lower() not in (".npz", ".safetensors"):
        raise FormatError(
            f"cannot {what} {path}: the format {path.suffix} is unknown; end the name in .npz or "
            ".safetensors"
        )
    return path


def _checked_name(name: object) -> str:
    if not isinstance(name, str):
        raise OperandError(f"save: the name {shortened(name)} is not a string")
    try:
        length = len(name.encode())
    except UnicodeEncodeError as error:
        raise OperandError(f"save: the name {name!r} is no text: {error}") from error
    if length > _LONGEST_NAME:
        raise OperandError(
            f"save: the name {shortened(name)} takes {length} bytes; {_LONGEST_NAME} are the most"
        )
    return name


def _checked(name: object, given: Any) -> Array:
    if isinstance(given, Mapping):
        raise OperandError(
            f"save: {name!r} is a {type(given).__name__}; give what is in it names with dots, "
            f"such as '{name}.weight'"
        )
    try:
        array = np.asarray(given.data if is_node(given) else given)
    except ValueError as error:
        raise OperandError(f"save: {name!r} is not an array of real numbers: {error}") from error
    problem = _problem_of(array.dtype)
    if problem:
        raise OperandError(f"save: {name!r} ({shortened(given)}) is {problem}")
    return array


def _problem_of(dtype: np.dtype[Any]) -> str | None:
    """Why arrays of this dtype are not kept in files; None if they are."""
    if dtype.kind not in "fiub":
        return f"of dtype {dtype}, not of real numbers"
    if dtype.kind == "f" and dtype.itemsize > 8:
        return f"of dtype {dtype}, whose bytes differ from machine to machine; use np.float64"
    return None


def _npz_of(arrays: Mapping[str, Array]) -> memoryview:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, array in arrays.items():
            member = zipfile.ZipInfo()
            # Set, not passed: the constructor would change some characters of the name.
            member.filename = name + _MEMBER
            # As NumPy does; without it an array of 2 GiB would fail at its end.
            with archive.open(member, "w", force_zip64=True) as file:
                np.lib.format.write_array(file, array, allow_pickle=False)
    return content.getbuffer()


def _read_npz(path: Path, file: IO[bytes]) -> dict[str, Array]:
    arrays: dict[str, Array] = {}
    try:
        with zipfile.ZipFile(file) as archive:
            for member in archive.infolist():
                # The name as it stands in the file: the other one has some characters changed.
                name = member.orig_filename
                if not name.endswith(_MEMBER):
                    raise ValueError(f"it holds {name!r}, which is no array")
                name = name.removesuffix(_MEMBER)
                if name in arrays:
                    raise ValueError(f"it holds {name!r} twice")
                # Whole, so that its checksum is compared before any of it is believed.
                arrays[name] = _array_of(name, archive.read(member))
    except MemoryError:
        raise
    # Whatever can be wrong with bytes that anybody may have written.
    except Exception as error:
        raise FormatError(f"{path} is not an .npz file, or is damaged: {error}") from error
    return arrays


def _array_of(name: str, content: bytes) -> Array:
    """The array of one member of an ``.npz`` file."""
    stream = io.BytesIO(content)
    version = np.lib.format.read_magic(stream)
    read_header = {
        (1, 0): np.lib.format.read_array_header_1_0,
        (2, 0): np.lib.format.read_array_header_2_0,
    }.get(version)
    if read_header is None:
        raise ValueError(f"{name!r} is of version {version} of NumPy's format")
    shape, is_fortran, dtype = read_header(stream)
    problem = _problem_of(dtype)
    if problem:
        raise ValueError(f"{name!r} is {problem}")
    start = stream.tell()
    if math.prod(shape) * dtype.itemsize != len(content) - start:
        raise ValueError(
            f"{name!r} has {len(content) - start} bytes of data, which are not a {dtype} array of "
            f"shape {shape}"
        )
    array: Array = np.ndarray(shape, dtype, content, start, order="F" if is_fortran else "C")
    return array.copy(order="K")


def _safetensors() -> ModuleType:
    try:
        import safetensors.numpy
    except ImportError:
        raise MissingExtraError(
            package="safetensors", extra="safetensors", purpose=".safetensors files"
        ) from None
    module: ModuleType = safetensors.numpy
    return module


def _safetensors_of(arrays: Mapping[str, Array]) -> bytes:
    module = _safetensors()
    if "__metadata__" in arrays:
        raise OperandError("save: the format .safetensors keeps the name '__metadata__' for itself")
    # The library copies memory as it lies there, so it must lie in order.
    ordered = {name: np.asarray(array, order="C") for name, array in arrays.items()}
    content: bytes = module.save(ordered)
    return content


def _read_safetensors(path: Path) -> dict[str, Array]:
    module = _safetensors()
    content = path.read_bytes()
    try:
        arrays = {name: array.copy() for name, array in module.load(content).items()}
        for name, array in arrays.items():
            problem = _problem_of(array.dtype)
            if problem:
                raise ValueError(f"{name!r} is {problem}")
    except MemoryError:
        raise
    except KeyError as error:
        raise FormatError(f"{path} holds an array of dtype {error}, which NumPy lacks") from error
    except Exception as error:
        raise FormatError(f"{path} is not a .safetensors file, or is damaged: {error}") from error
    return arrays

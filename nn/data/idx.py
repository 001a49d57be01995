"""IDX files: arrays in the format in which MNIST is published.

A file is two zero bytes, a byte for the type of the elements, a byte for the number of axes, the
length of each axis in four bytes, and then the elements; all numbers have their highest byte
first. Source: LeCun, Cortes & Burges, The MNIST database of handwritten digits, 1998.
"""

from __future__ import annotations

import gzip
import math
import os
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from autograd.errors import FormatError

__all__ = ["read_idx"]

DTYPES: dict[int, np.dtype[Any]] = {
    0x08: np.dtype(">u1"),
    0x09: np.dtype(">i1"),
    0x0B: np.dtype(">i2"),
    0x0C: np.dtype(">i4"),
    0x0D: np.dtype(">f4"),
    0x0E: np.dtype(">f8"),
}
"""What the third byte of a file says of its elements."""

_GZIP = b"\x1f\x8b"


def read_idx(path: str | os.PathLike[str]) -> npt.NDArray[Any]:
    """The array of an IDX file, packed by gzip or not.

    MNIST's images come as uint8 (n, 28, 28), its labels as uint8 (n,). Whether a file is packed is
    seen from its content, not from its name. The dtype is the file's, in the byte order of the
    machine.

    Raises:
        FormatError: the file is not of this format, damaged, too short or too long; the message
            says what was expected and what was found.
        OSError: the file cannot be read.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "labels-idx1-ubyte")
    ...     _ = path.write_bytes(bytes([0, 0, 0x08, 1, 0, 0, 0, 3, 7, 2, 1]))
    ...     read_idx(path)
    array([7, 2, 1], dtype=uint8)
    """
    content = Path(path).read_bytes()
    if content.startswith(_GZIP):
        try:
            content = gzip.decompress(content)
        except (EOFError, OSError, zlib.error) as error:
            raise FormatError(f"{path} is packed by gzip and damaged: {error}") from error
    if len(content) < 4 or content[:2] != b"\0\0" or content[2] not in DTYPES:
        codes = ", ".join(f"{code:#04x}" for code in DTYPES)
        raise FormatError(
            f"{path} is not an IDX file: it begins with {_bytes(content[:4])}, not with 00 00, one "
            f"of the types {codes} and the number of axes"
        )
    dtype, axes = DTYPES[content[2]], content[3]
    begin = 4 + 4 * axes
    if len(content) < begin:
        raise FormatError(
            f"{path} is truncated: {axes} axes make a header of {begin} bytes, and there are "
            f"{len(content)}"
        )
    shape = struct.unpack(f">{axes}I", content[4:begin])
    expected = math.prod(shape) * dtype.itemsize
    found = len(content) - begin
    if found != expected:
        raise FormatError(
            f"{path} is {'truncated' if found < expected else 'too long'}: {shape} elements of "
            f"{dtype.newbyteorder('=')} take {expected} bytes, and {found} follow the header"
        )
    try:
        array = np.frombuffer(content, dtype, offset=begin).reshape(shape)
    except ValueError as error:  # so many axes, or beside an axis of 0 such long ones
        raise FormatError(f"{path}: NumPy has no array of shape {shape}: {error}") from error
    return array.astype(dtype.newbyteorder("="))


def _bytes(content: bytes) -> str:
    return content.hex(" ") or "nothing"

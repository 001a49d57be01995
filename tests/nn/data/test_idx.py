"""IDX files: read as they were written, and refused where they are not whole."""

from __future__ import annotations

import gzip
import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from shared_data import shared_file

from autograd.errors import FormatError
from nn import read_idx

CODES = {"u1": 0x08, "i1": 0x09, "i2": 0x0B, "i4": 0x0C, "f4": 0x0D, "f8": 0x0E}
SHAPES = hnp.array_shapes(min_dims=1, max_dims=3, min_side=0, max_side=3)
ARRAYS = st.sampled_from(list(CODES)).flatmap(lambda code: hnp.arrays(np.dtype(code), SHAPES))
PACKED = gzip.compress(b"\0\0\x08\x01\0\0\0\x03abc", mtime=0)
THREE = b"\0\0\x08\x01" + struct.pack(">I", 3)


def idx_bytes(array: np.ndarray) -> bytes:
    """The array as an IDX file, written from the description of the format."""
    code = CODES[array.dtype.str[1:]]
    header = struct.pack(f">HBB{array.ndim}I", 0, code, array.ndim, *array.shape)
    return header + array.astype(array.dtype.newbyteorder(">")).tobytes()


@given(ARRAYS, st.booleans())
def test_arrays_of_every_dtype_are_read_as_they_were_written(
    tmp_path_factory: pytest.TempPathFactory, array: np.ndarray, packed: bool
) -> None:
    path = tmp_path_factory.mktemp("idx") / "file"  # the name does not tell whether it is packed
    content = idx_bytes(array)
    path.write_bytes(gzip.compress(content) if packed else content)
    found = read_idx(path)
    assert found.dtype == array.dtype and found.dtype.isnative and found.flags.writeable
    np.testing.assert_array_equal(found, array)


def test_the_digits_of_mnist_are_read() -> None:
    images = read_idx(shared_file("mnist/t10k-images-idx3-ubyte.gz"))
    labels = read_idx(shared_file("mnist/t10k-labels-idx1-ubyte.gz"))
    assert images.shape == (10_000, 28, 28) and images.dtype == np.uint8
    assert labels[:5].tolist() == [7, 2, 1, 0, 4]
    assert np.bincount(labels).tolist() == [
        980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is not an IDX file: it begins with nothing, not with 00 00, one of the types 0x08"),
        (b"\x89PNG\r\n", "begins with 89 50 4e 47, not with"),
        (b"\0\0\x0a\x01", "begins with 00 00 0a 01"),
        (THREE[:6], "is truncated: 1 axes make a header of 8 bytes, and there are 6"),
        (THREE + b"ab", r"is truncated: \(3,\) elements of uint8 take 3 bytes, and 2 follow"),
        (THREE + b"abcd", r"is too long: \(3,\) elements of uint8 take 3 bytes, and 4 follow"),
        (PACKED[:-4], "is packed by gzip and damaged: Compressed file end"),
        (PACKED + b"z", "damaged: Not a gzipped file"),
        (PACKED[:-8] + bytes(8), "damaged: CRC check failed"),
        (PACKED[:10] + b"\xff" * 9, "damaged: Error -3 while decompressing"),
        (
            b"\0\0\x08\x04" + struct.pack(">4I", 0, *[2**32 - 1] * 3),
            r"NumPy has no array of shape \(0, 4294967295, 4294967295, 4294967295\)",
        ),
        (b"\0\0\x08\x41" + struct.pack(">65I", *[1] * 65) + b"a", "NumPy has no array of shape"),
    ],
)
def test_a_file_that_is_no_whole_idx_file_is_refused_by_name(
    tmp_path: Path, content: bytes, message: str
) -> None:
    path = tmp_path / "digits"
    path.write_bytes(content)
    with pytest.raises(FormatError, match=f"digits.* {message}"):
        read_idx(path)


def test_a_missing_file_is_an_error_of_the_system(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="missing"):
        read_idx(tmp_path / "missing")

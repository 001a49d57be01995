"""Saving and loading arrays: every bit comes back, and nothing but arrays comes in."""

from __future__ import annotations

import io
import json
import os
import pickle
import sys
import zipfile
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from autograd import Tensor, Value
from autograd.errors import FormatError, MissingExtraError, OperandError
from autograd.saving import write_whole
from autograd.serialization import load, save

REAL = st.one_of(
    hnp.floating_dtypes(sizes=(16, 32, 64)),
    hnp.integer_dtypes(),
    hnp.unsigned_integer_dtypes(),
    hnp.boolean_dtypes(),
)
SHAPES = hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=3)
ARRAYS = REAL.flatmap(lambda dtype: hnp.arrays(dtype, SHAPES))
# All that UTF-8 can write: no halves of surrogate pairs.
NAMES = st.text(st.characters(exclude_categories=["Cs"]))
SUFFIXES = [".npz", ".safetensors"]


@pytest.fixture(params=SUFFIXES)
def suffix(request: pytest.FixtureRequest) -> str:
    if request.param == ".safetensors":
        pytest.importorskip("safetensors", reason="installed by the extra of its name")
    return str(request.param)


def suffixes() -> list[str]:
    try:
        import safetensors  # noqa: F401 - whether it is there is the question
    except ImportError:
        return [".npz"]
    return SUFFIXES


def there_and_back(path: Path, arrays: dict[str, Any]) -> dict[str, np.ndarray]:
    assert save(path, arrays) == path
    return load(path)


def same_bits(one: np.ndarray, other: np.ndarray) -> bool:
    return (one.dtype, one.shape, one.tobytes()) == (other.dtype, other.shape, other.tobytes())


@given(arrays=st.dictionaries(NAMES, ARRAYS, max_size=4))
def test_names_order_and_bits_survive(
    tmp_path_factory: pytest.TempPathFactory, arrays: dict[str, np.ndarray]
) -> None:
    loaded = there_and_back(tmp_path_factory.mktemp("saved") / "all.npz", arrays)
    assert list(loaded) == list(arrays)
    assert all(same_bits(loaded[name], array) for name, array in arrays.items())


@given(arrays=st.dictionaries(NAMES.filter(lambda name: name != "__metadata__"), ARRAYS))
def test_safetensors_keep_names_and_bits_in_the_byte_order_of_the_machine(
    tmp_path_factory: pytest.TempPathFactory, arrays: dict[str, np.ndarray]
) -> None:
    pytest.importorskip("safetensors", reason="installed by the extra of its name")
    loaded = there_and_back(tmp_path_factory.mktemp("saved") / "all.safetensors", arrays)
    assert loaded.keys() == arrays.keys()
    for name, array in arrays.items():
        assert same_bits(loaded[name], array.astype(array.dtype.newbyteorder("=")))


@given(st.data())
def test_strided_arrays_are_saved_as_they_read(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    array = np.arange(24.0).reshape(2, 3, 4)
    view = data.draw(st.sampled_from([array.T, array[:, ::-1], array[..., ::2], array[1].T]))
    folder = tmp_path_factory.mktemp("saved")
    for suffix in suffixes():
        assert same_bits(there_and_back(folder / f"a{suffix}", {"x": view})["x"], view)


def test_nan_payloads_and_signed_zeros_survive(tmp_path: Path, suffix: str) -> None:
    bits = np.array([0x7FF8000000000123, 0x8000000000000000, 0x0000000000000001], np.uint64)
    loaded = there_and_back(tmp_path / f"a{suffix}", {"x": bits.view(np.float64)})
    assert loaded["x"].view(np.uint64).tolist() == bits.tolist()


def test_nodes_and_numbers_are_saved_by_their_data(tmp_path: Path, suffix: str) -> None:
    given = {"t": Tensor([1.5], dtype=np.float32), "v": Value(2.5), "f": 0.5, "i": 7, "b": True}
    loaded = there_and_back(tmp_path / f"a{suffix}", given)
    assert same_bits(loaded["t"], np.array([1.5], np.float32))
    assert {name: loaded[name].item() for name in "vfib"} == {"v": 2.5, "f": 0.5, "i": 7, "b": True}
    assert loaded["f"].dtype == np.float64
    assert loaded["b"].dtype == np.bool_


def test_what_is_loaded_may_be_written_to(tmp_path: Path, suffix: str) -> None:
    loaded = there_and_back(tmp_path / f"a{suffix}", {"x": np.zeros(3), "y": np.zeros(3)})
    loaded["x"] += 1
    assert loaded["y"].tolist() == [0, 0, 0]


@pytest.mark.parametrize("name", ["../up", "/etc/x", "a/b\\c", "x.npy", "", "file", "ü\n\0", "con"])
def test_a_name_is_only_a_name(tmp_path: Path, suffix: str, name: str) -> None:
    (tmp_path / "inner").mkdir()
    loaded = there_and_back(tmp_path / "inner" / f"a{suffix}", {name: 1.0, "other": 2.0})
    assert {key: array.item() for key, array in loaded.items()} == {name: 1.0, "other": 2.0}
    assert [path.name for path in tmp_path.rglob("*")] == ["inner", f"a{suffix}"]


def test_numpy_reads_what_is_saved_and_the_other_way_round(tmp_path: Path) -> None:
    save(tmp_path / "ours.npz", {"0.weight": np.ones((2, 3), np.float32)})
    with np.load(tmp_path / "ours.npz", allow_pickle=False) as archive:
        assert same_bits(archive["0.weight"], np.ones((2, 3), np.float32))
    np.savez_compressed(tmp_path / "theirs.npz", x=np.arange(3))
    assert same_bits(load(tmp_path / "theirs.npz")["x"], np.arange(3))


def test_a_path_without_a_suffix_gets_npz(tmp_path: Path) -> None:
    assert save(os.fspath(tmp_path / "net"), {"x": 1.0}) == tmp_path / "net.npz"
    assert load(tmp_path / "net")["x"] == 1.0


def test_the_same_arrays_make_the_same_bytes(tmp_path: Path, suffix: str) -> None:
    first = save(tmp_path / f"a{suffix}", {"x": np.ones(3), "y": 2})
    second = save(tmp_path / f"b{suffix}", {"x": np.ones(3), "y": 2})
    assert first.read_bytes() == second.read_bytes()


@pytest.mark.parametrize("path", ["net.pt", "checkpoint.10"])
def test_an_unknown_suffix_is_named(path: str) -> None:
    with pytest.raises(FormatError, match=rf"cannot save {path}: the format \.\w+ is unknown; end"):
        save(path, {})
    with pytest.raises(FormatError, match=rf"cannot load {path}: the format \.\w+ is unknown; end"):
        load(path)


def test_a_folder_is_no_file_name() -> None:
    with pytest.raises(FormatError, match=r"cannot save \.: it is a folder; add a file name"):
        save(".", {})


@pytest.mark.parametrize(
    ("array", "said"),
    [
        ("text", r"'x' \('text'\) is of dtype <U4, not of real numbers"),
        (None, r"'x' \(None\) is of dtype object, not of real numbers"),
        (2**64, r"'x' \(18446744073709551616\) is of dtype object"),
        (1j, r"'x' \(1j\) is of dtype complex128, not of real numbers"),
        ([[1], [2, 3]], "'x' is not an array of real numbers: .*inhomogeneous"),
        ({"y": 1.0}, r"'x' is a dict; give what is in it names with dots, such as 'x\.weight'"),
        (np.array([{}]), r"'x' \(.*\) is of dtype object, not of real numbers"),
        (np.zeros(1, "f4,i4"), "not of real numbers"),
    ],
)
def test_what_is_no_array_of_numbers_is_refused(tmp_path: Path, array: Any, said: str) -> None:
    with pytest.raises(OperandError, match=f"save: {said}" if said[0] == "'" else said):
        save(tmp_path / "a.npz", {"x": array})
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(np.dtype(np.longdouble).itemsize == 8, reason="longdouble is float64 here")
def test_longdouble_is_refused_because_its_bytes_are_those_of_a_machine(tmp_path: Path) -> None:
    with pytest.raises(OperandError, match=r"from machine to machine; use np\.float64"):
        save(tmp_path / "a.npz", {"x": np.longdouble(1)})
    np.savez(tmp_path / "a.npz", x=np.longdouble(1))
    with pytest.raises(FormatError, match=r"'x' is of dtype .*, whose bytes differ"):
        load(tmp_path / "a.npz")


@pytest.mark.parametrize(
    ("arrays", "said"),
    [
        (Tensor(1.0), r"pass a dict from names to arrays, not Tensor\(1\.\) \(Tensor\)"),
        ({1: 1.0}, "the name 1 is not a string"),
        ({"\ud800": 1.0}, r"the name '\\ud800' is no text"),
        ({"x" * 70_000: 1.0}, r"the name 'xx.*\.\.\. takes 70000 bytes; 65531 are the most"),
    ],
)
def test_what_is_no_dict_of_names_is_refused(tmp_path: Path, arrays: Any, said: str) -> None:
    with pytest.raises(OperandError, match=f"save: {said}"):
        save(tmp_path / "a.npz", arrays)


def test_a_longest_name_is_kept(tmp_path: Path) -> None:
    assert list(there_and_back(tmp_path / "a.npz", {"x" * 65_531: 1.0})) == ["x" * 65_531]


def test_an_older_file_stays_when_saving_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suffix: str
) -> None:
    path = save(tmp_path / f"a{suffix}", {"x": 1.0})

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(OSError, match=r"cannot save .*a\.\w+: No space left on device"):
        save(path, {"x": 2.0})
    assert load(path)["x"] == 1.0
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"there is no folder .*nowhere; make it first"):
        save(tmp_path / "nowhere" / "a.npz", {})


def test_a_file_that_is_missing_is_an_oserror(tmp_path: Path, suffix: str) -> None:
    with pytest.raises(FileNotFoundError, match=f"a{suffix}"):
        load(tmp_path / f"a{suffix}")


@given(data=st.data())
def test_a_damaged_file_is_refused_or_harmless(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    path = save(
        tmp_path_factory.mktemp("saved") / f"a{data.draw(st.sampled_from(suffixes()))}",
        {"weight": np.arange(5.0), "y": np.ones((2, 3), np.int8)},
    )
    content = bytearray(path.read_bytes())
    at = data.draw(st.integers(0, len(content) - 1))
    if data.draw(st.booleans()):
        content = content[:at]
    else:
        content[at] ^= data.draw(st.integers(1, 255))
    path.write_bytes(content)
    # Some damage no format notices, such as that of a date, or in .safetensors of a number.
    with suppress(FormatError):
        assert all(array.dtype.kind in "fiub" for array in load(path).values())


def test_a_changed_number_is_noticed_by_its_checksum(tmp_path: Path) -> None:
    path = save(tmp_path / "a.npz", {"x": np.full(3, 1.2345)})
    content = path.read_bytes()
    path.write_bytes(content.replace(np.float64(1.2345).tobytes(), np.float64(9).tobytes(), 1))
    with pytest.raises(FormatError, match=r"a\.npz is not an \.npz file, or is damaged: Bad CRC"):
        load(path)


def test_every_truncation_is_refused(tmp_path: Path, suffix: str) -> None:
    path = save(tmp_path / f"a{suffix}", {"x": np.arange(3.0), "y": 1})
    content = path.read_bytes()
    for length in range(len(content)):
        path.write_bytes(content[:length])
        with pytest.raises(FormatError, match=rf"a\{suffix} is not an? \{suffix} file, or is dam"):
            load(path)


class Bomb:
    """An object whose pickle runs a function."""

    def __reduce__(self) -> Any:
        return (pytest.fail, ("a pickle was run",))


def test_a_pickle_is_never_run(tmp_path: Path) -> None:
    np.savez(tmp_path / "object.npz", x=np.array([Bomb()], dtype=object))
    with pytest.raises(FormatError, match="'x' is of dtype object, not of real numbers"):
        load(tmp_path / "object.npz")
    (tmp_path / "pickle.npz").write_bytes(pickle.dumps(Bomb()))
    with pytest.raises(FormatError, match=r"pickle\.npz is not an \.npz file"):
        load(tmp_path / "pickle.npz")


def header(description: str, *, version: int = 1) -> bytes:
    text = description.ljust(117).encode() + b"\n"
    return b"\x93NUMPY" + bytes([version, 0]) + len(text).to_bytes(2, "little") + text


@pytest.mark.parametrize(
    ("members", "said"),
    [
        ({"notes.txt": b"hello"}, "it holds 'notes.txt', which is no array"),
        ({"x.npy": b"hello"}, "magic string"),
        ({"x.npy": header("{'descr': '<f8', 'fortran_order': False, 'shape': (1000000000,)}")},
         r"'x' has 0 bytes of data, which are not a float64 array of shape \(1000000000,\)"),
        ({"x.npy": header("{'descr': '<f8', 'fortran_order': False, 'shape': (0,)}") + b"more"},
         "'x' has 4 bytes of data"),
        ({"x.npy": header("{'descr': '<f8', 'fortran_order': False, 'shape': (-1, -1)}")},
         "'x' has 0 bytes of data|negative"),
        ({"x.npy": header("__import__('os').abort()")}, "malformed node"),
        ({"x.npy": header("{'descr': '|S3', 'fortran_order': False, 'shape': ()}")},
         r"'x' is of dtype \|S3, not of real numbers"),
        ({"x.npy": header("", version=9)}, r"'x' is of version \(9, 0\)|format version"),
    ],
)  # fmt: skip
def test_a_foreign_member_is_named(tmp_path: Path, members: dict[str, bytes], said: str) -> None:
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    with pytest.raises(FormatError, match=said):
        load(tmp_path / "a.npz")


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_name_that_stands_twice_is_refused(tmp_path: Path) -> None:
    member = io.BytesIO()
    np.save(member, 1.0)
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as archive:
        archive.writestr("x.npy", member.getvalue())
        archive.writestr("x.npy", member.getvalue())
    with pytest.raises(FormatError, match="it holds 'x' twice"):
        load(tmp_path / "a.npz")


def test_safetensors_of_other_dtypes_are_refused(tmp_path: Path) -> None:
    pytest.importorskip("safetensors", reason="installed by the extra of its name")
    for dtype, size, said in [
        ("BF16", 2, "holds an array of dtype 'BF16', which NumPy lacks"),
        ("C64", 8, "damaged: .*(InvalidHeader|complex64, not of real numbers)"),
    ]:
        text = json.dumps({"x": {"dtype": dtype, "shape": [1], "data_offsets": [0, size]}}).encode()
        content = len(text).to_bytes(8, "little") + text + bytes(size)
        (tmp_path / "a.safetensors").write_bytes(content)
        with pytest.raises(FormatError, match=said):
            load(tmp_path / "a.safetensors")


def test_the_name_that_safetensors_keeps_is_refused(tmp_path: Path) -> None:
    pytest.importorskip("safetensors", reason="installed by the extra of its name")
    with pytest.raises(OperandError, match="keeps the name '__metadata__' for itself"):
        save(tmp_path / "a.safetensors", {"__metadata__": 1.0})


def test_without_safetensors_the_extra_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "safetensors.numpy", None)
    expected = r"\.safetensors files need safetensors; pip install .gategrad\[safetensors\]"
    with pytest.raises(MissingExtraError, match=expected):
        save(tmp_path / "a.safetensors", {"x": 1.0})
    with pytest.raises(MissingExtraError, match=expected):
        load(tmp_path / "a.safetensors")


def test_a_file_is_written_whole_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_whole(tmp_path / "a.bin", b"old")

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_whole(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]

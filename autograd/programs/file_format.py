"""Programs in files: an ``.npz`` of arrays and a text of JSON, checked before it is believed.

Version 1 holds the arrays

- ``codes`` (int16), ``first``, ``second`` (int32): one element for each gate, as ``Tape`` has them;
- ``wires``, ``outputs`` (int32), ``constants`` (float64): the rest of the tape;
- ``parameters``, ``sample`` (float64): the numbers of the parameters, and of the inputs that the
  function was traced with;
- ``program`` (uint8): a text in UTF-8, JSON of an object with ``version``; ``name``; ``gates``, the
  names that the codes count; ``arguments``, the name and the structure of each; ``output``, the
  structure of the result; ``parameter_names``; ``report``; ``in_order``.

A structure is null for a number; ``["list", items]`` and ``["tuple", items]`` (a named tuple
becomes a tuple); ``["dict", keys, items]``, whose keys are texts or integers; and
``["array", shape, items]``.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Mapping
from dataclasses import asdict
from itertools import repeat
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import FormatError, OperandError
from ..gate import TABLE
from ..serialization import load, save
from ..structures import LEAF, Structure, flatten
from ..tape.optimized import Report
from ..tape.tape import DOT, MEAN, NAMES_OF_MANY, TAKE, Tape, arities, has_wires
from ..value import Value
from .program import Argument, Program

__all__ = ["load_program", "save_program"]

VERSION = 1
_DTYPES = {
    "codes": np.int16,
    "first": np.int32,
    "second": np.int32,
    "wires": np.int32,
    "outputs": np.int32,
    "constants": np.float64,
    "parameters": np.float64,
    "sample": np.float64,
    "program": np.uint8,
}
_GATES = [gate.name for gate in TABLE] + list(NAMES_OF_MANY.values())
# Deeper than what is written by hand, and not so deep that Python's stack would end.
_DEEPEST = 100

Arrays = Mapping[str, npt.NDArray[Any]]


def save_program(program: Program, path: str | os.PathLike[str]) -> Path:
    """Save a program with the present numbers of its parameters; see ``Program.save``."""
    tape = program.tape
    about = {
        "version": VERSION,
        "name": program.name,
        "gates": _GATES,
        "arguments": [[a.name, _described(a.structure)] for a in program.arguments],
        "output": _described(program.output),
        "parameter_names": [value.name for value in program.parameters],
        "report": asdict(program.report),
        "in_order": program.in_order,
    }
    arrays = {name: getattr(tape, name) for name in _DTYPES if hasattr(tape, name)}
    arrays["parameters"] = np.array([value.data for value in program.parameters])
    arrays["sample"] = np.array(program.sample)
    arrays["program"] = np.frombuffer(json.dumps(about).encode(), np.uint8)
    return save(path, {name: arrays[name].astype(_DTYPES[name]) for name in _DTYPES})


def load_program(path: str | os.PathLike[str]) -> Program:
    """The program of a file that ``Program.save`` wrote, with parameters of its own.

    Nothing that the file holds is run before it is checked, and nothing but gates of the table ever
    is.

    Raises:
        FormatError: if the file holds no program, is of another version, or is damaged.
        OSError: if it cannot be read.

    >>> import tempfile
    >>> from autograd import trace
    >>> w = Value(3.0, name="w")
    >>> program = trace(lambda x: w * x).program(2.0)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     loaded = load_program(program.save(Path(folder, "line")))
    >>> loaded.run([1.0, 2.0]), loaded.parameters
    (array([3., 6.]), [Value(data=3.0, grad=0.0, name='w')])
    """
    arrays = load(path)
    try:
        return _program_of(arrays)
    except FormatError:
        raise
    # Whatever else can be wrong with what anybody may have written.
    except (KeyError, TypeError, ValueError, OverflowError, RecursionError) as error:
        raise FormatError(f"{os.fspath(path)} holds no program, or is damaged: {error}") from error


def _program_of(arrays: Arrays) -> Program:
    for name, dtype in _DTYPES.items():
        if name not in arrays:
            raise FormatError(f"there is no array {name!r}, which a program has")
        _require(arrays[name].dtype == dtype, f"{name!r} is of dtype {arrays[name].dtype}")
        _require(arrays[name].ndim == 1, f"{name!r} has {arrays[name].ndim} axes")
    about = json.loads(arrays["program"].tobytes().decode())
    _require(isinstance(about, dict), "its text is no object")
    if about.get("version") != VERSION:
        raise FormatError(
            f"the program is of version {about.get('version')!r}; this gategrad reads {VERSION}"
        )
    arguments = [Argument(_text(name), _structure(of)) for name, of in about["arguments"]]
    output = _structure(about["output"])
    names = about["parameter_names"]
    _require(len(names) == len(arrays["parameters"]), "there is not a name for each parameter")
    tape = Tape(
        input_count=sum(_leaf_count(argument.structure) for argument in arguments),
        parameter_count=len(names),
        constants=arrays["constants"],
        codes=_present_codes(arrays["codes"], about["gates"]),
        first=arrays["first"],
        second=arrays["second"],
        wires=arrays["wires"],
        outputs=arrays["outputs"],
    )
    _check(tape)
    _require(len(tape.outputs) == _leaf_count(output), "there is not an output for each result")
    _require(len(arrays["sample"]) == tape.input_count, "the sample has not a number an input")
    report = {name: int(count) for name, count in about["report"].items()}
    parameters = [
        Value(number, None if name is None else _text(name))
        for number, name in zip(arrays["parameters"].tolist(), names, strict=True)
    ]
    return Program(
        _text(about["name"]),
        tape,
        parameters,
        arguments,
        output,
        Report(**report),
        in_order=bool(about["in_order"]),
        sample=arrays["sample"].tolist(),
    )


def _present_codes(codes: npt.NDArray[np.int16], names: list[str]) -> npt.NDArray[np.int16]:
    """The codes that the gates have here: a table may have grown since."""
    known = bool(np.all((codes >= 0) & (codes < len(names))))
    _require(known, "a code is unknown")
    for code in np.unique(codes).tolist():
        if names[code] not in _GATES:
            raise FormatError(f"the program has a gate {names[code]!r}, which this gategrad lacks")
    present = [_GATES.index(name) if name in _GATES else 0 for name in names]
    return np.array(present, np.int16)[codes] if len(codes) else codes


def _check(tape: Tape) -> None:
    """Raise unless all that the tape points to is there, and comes before what points to it."""
    count = len(tape)
    _require(len(tape.first) == len(tape.second) == count, "its gates differ in number")
    places = tape.leaf_count + np.arange(count)
    arity, wired = arities(tape.codes), has_wires(tape.codes) != 0
    for operands in (tape.first, tape.second):
        own = operands[~wired]
        _require(
            bool(((own >= 0) & (own < places[~wired])).all()), "a gate comes before its operand"
        )
    unary = arity == 1
    _require(bool((tape.first == tape.second)[unary].all()), "a gate of one operand has two")
    counts = tape.second[wired].astype(np.int64)
    ends = np.cumsum(counts)
    _require(bool((counts >= 0).all()), "a gate has less than no operands")
    _require(bool((tape.first[wired] == ends - counts).all()), "the wires are out of order")
    _require((ends[-1] if len(ends) else 0) == len(tape.wires), "there are other wires than used")
    owners = np.repeat(places[wired], counts)
    _require(
        bool(((tape.wires >= 0) & (tape.wires < owners)).all()), "a gate comes before its operand"
    )
    codes = tape.codes[wired]
    for code, problem in [(arity[wired] == 3, counts != 3), (codes == DOT, counts % 2 != 0),
                          (codes == TAKE, counts < 2), (codes == MEAN, counts < 1)]:  # fmt: skip
        _require(not bool((code & problem).any()), "a gate has a wrong number of operands")
    ends_at = tape.leaf_count + count
    outputs = tape.outputs
    _require(bool(((outputs >= 0) & (outputs < ends_at)).all()), "an output is no place of it")


def _require(condition: bool, problem: str) -> None:
    if not condition:
        raise FormatError(f"the program is damaged: {problem}")


def _text(text: Any) -> str:
    _require(isinstance(text, str), "a name is no text")
    return str(text)


def _leaf_count(structure: Structure) -> int:
    return len(structure.paths(""))


def _described(structure: Structure) -> Any:
    return _description_of(structure.unflatten(repeat(0.0)))


def _description_of(tree: Any) -> Any:
    if isinstance(tree, dict):
        for key in tree:
            if not isinstance(key, (str, int)) or isinstance(key, bool):
                raise OperandError(
                    f"save: a dict has the key {key!r}; in a file keys are texts or integers"
                )
        return ["dict", list(tree), [_description_of(item) for item in tree.values()]]
    if isinstance(tree, np.ndarray):
        return ["array", list(tree.shape), [_description_of(item) for item in tree.flat]]
    if isinstance(tree, (list, tuple)):
        kind = "list" if isinstance(tree, list) else "tuple"
        return [kind, [_description_of(item) for item in tree]]
    return None


def _structure(described: Any) -> Structure:
    return LEAF if described is None else flatten(_tree(described, 0), "program")[1]


def _tree(described: Any, depth: int) -> Any:
    _require(depth < _DEEPEST, f"a structure is more than {_DEEPEST} containers deep")
    match described:
        case None:
            return 0.0
        case ["list", list(items)]:
            return [_tree(item, depth + 1) for item in items]
        case ["tuple", list(items)]:
            return tuple(_tree(item, depth + 1) for item in items)
        case ["dict", list(keys), list(items)] if all(type(key) in (str, int) for key in keys):
            trees = [_tree(item, depth + 1) for item in items]
            return dict(zip(keys, trees, strict=True))
        case ["array", list(shape), list(items)] if all(
            type(length) is int and length >= 0 for length in shape
        ) and math.prod(shape) == len(items):
            array = np.empty(len(items), object)
            for place, item in enumerate(items):
                array[place] = _tree(item, depth + 1)
            return array.reshape(shape)
    raise FormatError(f"the program is damaged: {described!r:.60} is no structure")

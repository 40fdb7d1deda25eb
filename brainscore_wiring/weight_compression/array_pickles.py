"""Numbers in numpy pickles, read without executing them.

A pickle is a program for a stack machine that may call anything by name. Here its instructions are
read as data: only those that plain containers and numpy arrays of numbers need are understood, the
four numpy names that such pickles mention are mere labels, and arrays are built from their bytes.
Nothing is imported or called on a file's behalf.
"""

from __future__ import annotations

import itertools
import math
import pickletools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from brainscore_wiring.errors import WiringError

#: Parameter files hold some hundred numbers; the second limit stops small files that repeat
#: themselves without end.
LARGEST_FILE = 1 << 20
LARGEST_COUNT = 100_000

_DTYPE, _ARRAY = "numpy dtype", "numpy ndarray"
_EMPTY_ARRAY, _SCALAR = "numpy.core.multiarray _reconstruct", "numpy.core.multiarray scalar"
_NAMES = {_DTYPE, _ARRAY, _EMPTY_ARRAY, _SCALAR,
          _EMPTY_ARRAY.replace("core", "_core"), _SCALAR.replace("core", "_core")}  # numpy 2 writes these
_NUMBERS = {"f8", "f4", "i8", "i4"}
_BYTE_ORDERS = {"<", ">"}
_LITERALS = {"BINUNICODE", "SHORT_BINBYTES", "BINBYTES", "BININT", "BININT1", "BININT2", "BINFLOAT"}
_CONSTANTS = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False}
_SHORT_TUPLES = {"TUPLE1": 1, "TUPLE2": 2, "TUPLE3": 3}


class _Name:
    """A global that the file mentions; a mere label, never looked up."""

    def __init__(self, name: str):
        self.name = name.replace("numpy._core", "numpy.core")


class _Built:
    """A numpy object in the making.

    `kind` is the name that makes it, `value` a dtype's code or the finished array.
    """

    def __init__(self, kind: str, value: Any = None):
        self.kind, self.value = kind, value


def read_array_pickle(path: str | Path) -> Any:
    """The dicts, lists, tuples, strings, numbers and number arrays in a pickle (protocol 2 or 3).

    Raises `WiringError` for a file that is missing, damaged, or holds anything else; nothing in it
    is ever executed.
    """
    path = Path(path)
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise WiringError(f"'{path}' is no file of weight-compression parameters: it is larger than 1 MB.")
        content = path.read_bytes()
    except OSError as error:
        raise WiringError(f"'{path}' cannot be read: {error.strerror or error}.") from None
    try:
        return _plain(_Machine(path).run(content), itertools.count())
    except (ValueError, IndexError, KeyError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        raise WiringError(f"'{path}' is damaged: it does not hold the pickled numpy numbers that it should "
                          f"({type(error).__name__}: {error}).") from None


class _Machine:
    """The stack machine, with the few instructions that arrays of numbers need."""

    def __init__(self, path: Path):
        self.path = path
        self.stack: list[Any] = []
        self.marks: list[int] = []
        self.memory: dict[int, Any] = {}

    def run(self, content: bytes) -> Any:
        for instruction, argument, _ in pickletools.genops(content):
            if instruction.name == "STOP":
                result, = self.stack
                return result
            self._step(instruction.name, argument)
        raise ValueError("no end")

    def _step(self, name: str, argument: Any) -> None:
        stack = self.stack
        if name in _LITERALS:
            stack.append(argument)
        elif name in _CONSTANTS:
            stack.append(_CONSTANTS[name])
        elif name in _SHORT_TUPLES:
            stack.append(tuple(self._pop(_SHORT_TUPLES[name])))
        elif name in ("BINPUT", "LONG_BINPUT"):
            self.memory[argument] = stack[-1]
        elif name in ("BINGET", "LONG_BINGET"):
            stack.append(self.memory[argument])
        elif name == "MARK":
            self.marks.append(len(stack))
        elif name == "GLOBAL":
            stack.append(self._label(argument))
        elif name in _CONTAINERS:
            _CONTAINERS[name](self)
        elif name == "REDUCE":
            made, values = self._pop(2)
            stack.append(_start(made, values))
        elif name == "BUILD":
            state, = self._pop(1)
            _finish(stack[-1], state)
        elif name != "PROTO":
            raise self._refusal(f"the pickle instruction {name}")

    def _pop(self, count: int) -> list[Any]:
        if count > len(self.stack):
            raise IndexError("too few values")
        kept = len(self.stack) - count
        popped, self.stack[kept:] = self.stack[kept:], []
        return popped

    def _since_mark(self) -> list[Any]:
        return self._pop(len(self.stack) - self.marks.pop())

    def _label(self, name: str) -> _Name:
        if name not in _NAMES:
            raise self._refusal(f"the name '{name.replace(' ', '.')}'")
        return _Name(name)

    def _refusal(self, thing: str) -> WiringError:
        return WiringError(f"'{self.path}' is refused: it contains {thing}, which a file of numpy numbers does not "
                           "need; nothing in it was executed.")

    def _extend(self) -> None:
        values = self._since_mark()
        self.stack[-1] += _expect(list, values)

    def _append(self) -> None:
        value, = self._pop(1)
        _expect(list, self.stack[-1]).append(value)

    def _set_items(self, pairs: list[Any]) -> None:
        _expect(dict, self.stack[-1]).update({_expect(str, key): value
                                              for key, value in zip(pairs[::2], pairs[1::2], strict=True)})


_CONTAINERS = {
    "EMPTY_DICT": lambda machine: machine.stack.append({}),
    "EMPTY_LIST": lambda machine: machine.stack.append([]),
    "EMPTY_TUPLE": lambda machine: machine.stack.append(()),
    "TUPLE": lambda machine: machine.stack.append(tuple(machine._since_mark())),
    "APPEND": _Machine._append,
    "APPENDS": _Machine._extend,
    "SETITEM": lambda machine: machine._set_items(machine._pop(2)),
    "SETITEMS": lambda machine: machine._set_items(machine._since_mark()),
}


def _expect(kind: type, value: Any) -> Any:
    if not isinstance(value, kind):
        raise TypeError(f"a {type(value).__name__.strip('_')} where a {kind.__name__} belongs")
    return value


def _start(made: Any, values: Any) -> Any:
    """What a numpy name called with values stands for."""
    made = _expect(_Name, made).name
    if made == _DTYPE:
        code, _, _ = values
        if code not in _NUMBERS:
            raise ValueError(f"values of type {code!r} are no plain numbers")
        return _Built(_DTYPE, f"<{code}")
    if made == _SCALAR:
        number_type, content = values
        return _numbers(number_type, content, 1)[0].item()
    if made == _EMPTY_ARRAY:
        kind, shape, _ = values
        if _expect(_Name, kind).name != _ARRAY or shape != (0,):
            raise ValueError("an array of an unknown kind")
        return _Built(_ARRAY)
    raise ValueError(f"{made} cannot be called")


def _finish(built: Any, state: Any) -> None:
    """Give a dtype its byte order, or an array its shape and numbers."""
    if _expect(_Built, built).kind == _DTYPE:
        order = state[1]
        if order not in _BYTE_ORDERS or any(state[2:5]):
            raise ValueError("an array with a structure or unknown byte order")
        built.value = order + built.value[1:]
        return
    _, shape, number_type, by_columns, content = state
    if not all(isinstance(side, int) and side >= 0 for side in _expect(tuple, shape)):
        raise ValueError("an array of impossible shape")
    numbers = _numbers(number_type, content, math.prod(shape))
    built.value = numbers.reshape(shape, order="F" if by_columns else "C")


def _numbers(number_type: Any, content: Any, count: int) -> np.ndarray:
    if _expect(_Built, number_type).kind != _DTYPE:
        raise TypeError("numbers without a type")
    numbers = np.frombuffer(_expect(bytes, content), dtype=number_type.value)
    if len(numbers) != count:
        raise ValueError(f"{len(numbers)} numbers where {count} belong")
    return numbers


def _plain(value: Any, visits: Iterator[int]) -> Any:
    """The result with finished arrays in place.

    Raises TypeError where anything but data is left over.
    """
    if next(visits) > LARGEST_COUNT:
        raise ValueError(f"more than {LARGEST_COUNT} values")
    if isinstance(value, dict):
        return {key: _plain(item, visits) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(_plain(item, visits) for item in value)
    if isinstance(value, _Built) and isinstance(value.value, np.ndarray):
        return value.value
    if isinstance(value, (_Built, _Name)):
        raise TypeError("an unfinished array")
    return value

"""Numbers in numpy pickles, read without executing them.

A pickle may call anything by name. Here only the instructions that plain containers and numpy
arrays of numbers need are let through, and the four numpy names that such pickles mention stand for
classes of this module, which build arrays from their bytes.
"""

from __future__ import annotations

import io
import itertools
import math
import pickle
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

_NUMBERS = {"f8", "f4", "i8", "i4"}
_INSTRUCTIONS = frozenset(
    "APPEND APPENDS BINBYTES BINFLOAT BINGET BININT BININT1 BININT2 BINPUT BINUNICODE BUILD "
    "EMPTY_DICT EMPTY_LIST "
    "EMPTY_TUPLE GLOBAL LONG_BINGET LONG_BINPUT MARK NEWFALSE NEWTRUE NONE PROTO REDUCE SETITEM "
    "SETITEMS "
    "SHORT_BINBYTES STOP TUPLE TUPLE1 TUPLE2 TUPLE3".split()
)
_WRONG = (
    pickle.UnpicklingError,
    EOFError,
    ValueError,
    IndexError,
    KeyError,
    TypeError,
    AttributeError,
    OverflowError,
    RecursionError,
)


def read_array_pickle(path: str | Path) -> Any:
    """The dicts, lists, tuples, strings, numbers and number arrays in a pickle (protocol 2 or 3).

    Raises `WiringError` for a file that is missing, damaged, or holds anything else; nothing in it
    is ever executed.
    """
    path = Path(path)
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise WiringError(
                f"'{path}' is no file of weight-compression parameters: it is larger than 1 MB."
            )
        content = path.read_bytes()
    except OSError as error:
        raise WiringError(f"'{path}' cannot be read: {error.strerror or error}.") from None
    try:
        _check(content, path)
        return _plain(_Unpickler(io.BytesIO(content)).load(), itertools.count())
    except _WRONG as error:
        raise WiringError(
            f"'{path}' is damaged: it does not hold the pickled numpy numbers that it should "
            f"({type(error).__name__}: {error})."
        ) from None


def _check(content: bytes, path: Path) -> None:
    """Refuse instructions and names that numbers do not need, before any is followed."""
    for instruction, argument, _ in pickletools.genops(content):
        unknown = ""
        if instruction.name not in _INSTRUCTIONS:
            unknown = f"the pickle instruction {instruction.name}"
        elif instruction.name == "GLOBAL" and str(argument).replace(" ", ".") not in _NAMES:
            unknown = f"the name '{str(argument).replace(' ', '.')}'"
        if unknown:
            raise WiringError(
                f"'{path}' is refused: it contains {unknown}, which a file of numpy "
                "numbers does not need; nothing in it was executed."
            )
        if (
            instruction.name == "LONG_BINPUT"
            and isinstance(argument, int)
            and argument > len(content)
        ):
            raise ValueError("more remembered values than bytes")  # room is made for all at once


class _Unpickler(pickle.Unpickler):
    """Finds the classes below under numpy's names, and nothing else."""

    def find_class(self, module: str, name: str) -> type:
        return _NAMES[f"{module}.{name}"]


class _Array:
    """Stands for a numpy array; `value` once it has its numbers."""

    value: np.ndarray | None = None

    def __init__(self, *arguments: Any):
        if arguments and (arguments[0] is not _Array or arguments[1:2] != ((0,),)):
            raise ValueError("an array of an unknown kind")

    def __setstate__(self, state: tuple) -> None:
        _, shape, number_type, by_columns, content = state
        if not all(isinstance(side, int) and side >= 0 for side in _expect(tuple, shape)):
            raise ValueError("an array of impossible shape")
        numbers = _expect(_Type, number_type).numbers(content, math.prod(shape))
        self.value = numbers.reshape(shape, order="F" if by_columns else "C")


class _Type:
    """Stands for a numpy dtype of plain numbers."""

    def __init__(self, code: str, *_: Any):
        if code not in _NUMBERS:
            raise ValueError(f"values of type {code!r} are no plain numbers")
        self.code = f"<{code}"

    def __setstate__(self, state: tuple) -> None:
        if state[1] not in ("<", ">") or any(state[2:5]):
            raise ValueError("an array with a structure or unknown byte order")
        self.code = state[1] + self.code[1:]

    def numbers(self, content: Any, count: int) -> np.ndarray:
        """So many numbers (count) from their bytes."""
        numbers = np.frombuffer(_expect(bytes, content), dtype=self.code)
        if len(numbers) != count:
            raise ValueError(f"{len(numbers)} numbers where {count} belong")
        return numbers


class _Scalar:
    """Stands for a single numpy number."""

    def __init__(self, number_type: Any, content: Any):
        self.value = _expect(_Type, number_type).numbers(content, 1)[0].item()

    def __setstate__(self, state: Any) -> None:
        raise ValueError("a number with a state")


#: numpy 2 says _core for core.
_NAMES: dict[str, type] = {"numpy.dtype": _Type, "numpy.ndarray": _Array} | {
    f"numpy.{core}.multiarray.{name}": kind
    for core in ("core", "_core")
    for name, kind in (("_reconstruct", _Array), ("scalar", _Scalar))
}


def _expect(kind: type, value: Any) -> Any:
    if not isinstance(value, kind):
        raise TypeError(
            f"a {type(value).__name__.strip('_')} where a {kind.__name__.strip('_')} belongs"
        )
    return value


def _plain(value: Any, visits: Iterator[int]) -> Any:
    """The result with numbers in place; raises TypeError where anything but data is left over."""
    if next(visits) > LARGEST_COUNT:
        raise ValueError(f"more than {LARGEST_COUNT} values")
    if isinstance(value, dict):
        return {_expect(str, key): _plain(item, visits) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_plain(item, visits) for item in value)
    if isinstance(value, _Array | _Scalar) and value.value is not None:
        return value.value
    if isinstance(value, _Array | _Scalar | _Type | type):
        raise TypeError("an unfinished array")
    return value

"""Numbers in numpy pickles, read without executing them."""

from __future__ import annotations

import io
import itertools
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from brainscore_wiring.errors import WiringError
from brainscore_wiring.inert_pickles import Foreign, Unpickler

#: Parameter files hold some hundred numbers; the second limit stops small files that repeat
#: themselves without end.
LARGEST_FILE = 1 << 20
LARGEST_COUNT = 100_000

_NUMBERS = {"f8", "f4", "i8", "i4"}
#: numpy 2 says _core for core.
_ARRAYS, _SCALARS = (
    {f"numpy.{core}.multiarray.{name}" for core in ("core", "_core")}
    for name in ("_reconstruct", "scalar")
)


def read_array_pickle(path: str | Path) -> Any:
    """The dicts, lists, tuples, strings, numbers and number arrays in a pickle.

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
        return _plain(Unpickler(io.BytesIO(content)).load(), itertools.count())
    except Exception as error:  # which one depends on where a file is damaged
        raise WiringError(
            f"'{path}' is damaged: it does not hold the pickled numpy numbers that it should "
            f"({type(error).__name__}: {error})."
        ) from None


def _plain(value: Any, visits: Iterator[int]) -> Any:
    """The content with numbers in place; raises ValueError where anything but data is left over."""
    if next(visits) > LARGEST_COUNT:
        raise ValueError(f"more than {LARGEST_COUNT} values")
    if isinstance(value, Foreign):
        return _numbers(value)
    if isinstance(value, dict):
        if not all(isinstance(key, str) for key in value):
            raise ValueError("a key that is no text")
        return {key: _plain(item, visits) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_plain(item, visits) for item in value)
    if value is not None and not isinstance(value, str | bytes | int | float):
        raise ValueError(f"a {type(value).__name__}")
    return value


def _numbers(value: Foreign) -> Any:
    """The number or array that a numpy object stands for."""
    if value.name in _SCALARS and value.state is None:
        kind, content = value.arguments
        return _from_bytes(kind, content, 1)[0].item()
    if value.name not in _ARRAYS:
        raise ValueError(f"an object of {value.name}; nothing in it was executed")
    _, shape, kind, by_columns, content = value.state
    return _from_bytes(kind, content, math.prod(shape)).reshape(
        shape, order="F" if by_columns else "C"
    )


def _from_bytes(kind: Foreign, content: bytes, count: int) -> np.ndarray:
    """So many numbers (count) from the bytes of a numpy dtype of plain numbers."""
    code, order = kind.arguments[0], kind.state[1]
    if code not in _NUMBERS or order not in ("<", ">") or any(kind.state[2:5]):
        raise ValueError(f"values of type {code!r} are no plain numbers")
    numbers = np.frombuffer(content, dtype=f"{order}{code}")
    if len(numbers) != count:
        raise ValueError(f"{len(numbers)} numbers where {count} belong")
    return numbers

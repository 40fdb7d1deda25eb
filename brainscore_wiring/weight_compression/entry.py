"""What every entry of a genome can do: count its numbers, check itself, sample weights (section 4).

A class of entries registers itself when it is defined, in `entries/`, in `births/` or in an
extension.
"""

from __future__ import annotations

import functools
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import Field, fields
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from brainscore_wiring import extensions, registry
from brainscore_wiring.errors import WiringError, unknown

#: Weights are sampled in single precision, which holds no larger numbers.
LARGEST = float(np.finfo(np.float32).max)


class Entry(ABC):
    """One layer's part of a genome.

    Entries are frozen dataclasses of plain numbers and lists, so that JSON holds them. `kind` is
    the entry's name in a genome file.
    """

    kind: ClassVar[str]
    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]  # what makes every class a dataclass

    def __init_subclass__(cls) -> None:
        if "kind" in cls.__dict__:
            registry.add(_CLASSES, "kinds of genome entries", cls.kind, cls)

    @abstractmethod
    def stored_numbers(self) -> int:
        """How many numbers evolution keeps for this layer, as the paper counts them."""

    def true_numbers(self) -> int:
        """How many numbers are really needed to sample the layer.

        What the architecture says is not counted: a layer's name, its kind of entry, and how long
        each list is.
        """
        return self.stored_numbers()

    def check(self) -> None:  # noqa: B027 - an entry whose values are all possible has none
        """Raise ValueError where shapes do not belong together or a value is impossible.

        By then all values have the declared types and are finite (`check_finite`).
        """

    def sample(self, shape: tuple[int, ...], seed: int, layer: str) -> np.ndarray:
        """Weights of `shape` (out, in, k, k) as float32, the same bits on every machine.

        Raises `WiringError` where the entry does not describe a convolution of that shape.
        """
        raise WiringError(
            f"The genome's entry for {layer} ({self.kind}) does not describe a convolution."
        )

    def resized(self, side: int) -> Entry:
        """The entry for side x side kernels of another network (appendix D.1)."""
        return self

    def sample_batch_norm(self, size: int, seed: int, layer: str) -> tuple[np.ndarray, np.ndarray]:
        """Weights (gamma) and biases (beta) of a batch norm, each (size,) float32, the same bits on
        every machine.

        Raises `WiringError` where the entry does not describe a batch norm.
        """
        raise WiringError(
            f"The genome's entry for {layer} ({self.kind}) does not describe a batch norm."
        )

    def check_finite(self) -> None:
        """Raise ValueError for a field not finite or not of the declared type."""
        for field in fields(self):
            check_field(field.name, getattr(self, field.name), str(field.type))


_CLASSES: dict[str, type[Entry]] = {}


@functools.cache
def _import_all() -> None:
    """Import every module that may define a class of entries."""
    from brainscore_wiring.weight_compression import births, entries

    for package in (entries, births):
        registry.import_all(package.__name__)
    extensions.load_extensions()


def entry_class(kind: str) -> type[Entry]:
    """The class of entries of a kind; raises `WrongUsage` for an unknown one."""
    _import_all()
    if kind not in _CLASSES:
        raise unknown("kind of genome entry", kind, _CLASSES, "docs/extending.md")
    found = _CLASSES[kind]
    stated = vars(found).get("__dataclass_params__")
    if stated is None or not stated.frozen:
        raise WiringError(
            f"The class {found.__name__} of genome entries '{kind}' is no frozen dataclass: put "
            "@dataclass(frozen=True) above it."
        )
    return found


def is_registered(entry: Entry) -> bool:
    """Whether a genome file can hold the entry: reading it would make one of the same class."""
    return _CLASSES.get(getattr(entry, "kind", "")) is type(entry)


def check_field(name: str, value: Any, declared: str) -> None:
    """Raise ValueError for values not finite or not `declared` (`int`, `float`, lists)."""
    allowed = (int, float) if "float" in declared else int
    for number in _innermost(name, value, declared.count("list[")):
        if not isinstance(number, allowed) or isinstance(number, bool):
            raise ValueError(f"{name} holds a {type(number).__name__} where a number belongs")
        if not abs(number) <= LARGEST:  # false for NaN too
            raise ValueError(f"{name} holds a value that is not finite in single precision")


def _innermost(name: str, value: Any, depth: int) -> Iterator[Any]:
    """What lists of lists of ... hold, `depth` lists deep."""
    if not depth:
        yield value
        return
    if not isinstance(value, list):
        raise ValueError(f"{name} holds a {type(value).__name__} where a list belongs")
    for item in value:
        yield from _innermost(name, item, depth - 1)


def short(values: npt.ArrayLike) -> Any:
    """Numbers or nested lists in the shortest decimals that give back the float32 values."""
    values = np.asarray(values, np.float32)
    flat = [float(str(value)) for value in values.ravel()]
    return np.array(flat, dtype=float).reshape(values.shape).tolist()

"""What every entry of a genome can do: say how many numbers it keeps, check itself, and draw weights (paper, section 4)."""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import Any, ClassVar

import numpy as np

from brainscore_wiring.errors import WiringError


class Entry:
    """One layer's part of a genome. Entries are frozen dataclasses of plain numbers and lists, so that JSON holds them.

    `kind` is the entry's name in a genome file.
    """

    kind: ClassVar[str]

    def stored_numbers(self) -> int:
        """How many numbers evolution keeps for this layer, as the paper counts them."""
        raise NotImplementedError

    def true_numbers(self) -> int:
        """How many numbers are really needed to draw the layer."""
        return self.stored_numbers()

    def check(self) -> None:
        """Raise ValueError where shapes do not belong together or a value is impossible. All are finite by then."""

    def sample(self, shape: tuple[int, ...], seed: int, layer: str) -> np.ndarray:
        """Weights of `shape` (out, in, k, k) as float32, the same bits on every machine.

        Raises `WiringError` where the entry does not describe a convolution of that shape.
        """
        raise WiringError(f"The genome's entry for {layer} ({self.kind}) does not describe a convolution.")

    def resized(self, side: int) -> Entry:
        """The entry for kernels of side x side weights, where another network needs another size (appendix D.1)."""
        return self

    def sample_batch_norm(self, size: int, seed: int, layer: str) -> tuple[np.ndarray, np.ndarray]:
        """Weights (gamma) and biases (beta) of a batch norm, each (size,) float32, the same bits on every machine.

        Raises `WiringError` where the entry does not describe a batch norm.
        """
        raise WiringError(f"The genome's entry for {layer} ({self.kind}) does not describe a batch norm.")

    def check_finite(self) -> None:
        """Raise ValueError where a value is not a finite number."""
        if not all(math.isfinite(number) for value in asdict(self).values() for number in _numbers(value)):
            raise ValueError("a value is not finite")


def _numbers(value: Any):
    if isinstance(value, list):
        for item in value:
            yield from _numbers(item)
    else:
        yield float(value)


def short(values: np.ndarray) -> list:
    """Nested lists of an array's values as the shortest decimals that give back its float32 values."""
    values = np.asarray(values, np.float32)
    flat = [float(str(value)) for value in values.ravel()]
    return np.array(flat, dtype=float).reshape(values.shape).tolist()

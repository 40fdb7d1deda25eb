"""Random numbers that are the same bits on every machine, thread count and order.

Only counter-based integers are used (Philox raw words, the part of numpy's random module with a
guarantee across versions and platforms): one independent stream for each (seed, layer, purpose), so
that any layer can be made alone. Normals come from a table of integers, which absorbs differences
between mathematics libraries; shuffles sort random keys. Sums and products of the values are then
left to separate float32 operations, which round once each.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Sequence
from statistics import NormalDist

import numpy as np

#: SHA-256 of the normal table's bytes; another table would be another set of models.
NORMAL_TABLE_SHA256 = "1ea009ce409dac97d6bd609266910f809c5fb912f78e16bd89145b08174d6fc5"
TABLE_SCALE = 4096
#: Values looked up at a time: all that this takes stays in the processor's cache.
BLOCK = 65_536


@functools.cache
def normal_table() -> np.ndarray:
    """65,536 equally likely standard-normal values in units of 1/4096, as int16 (|z| <= 4.32,
    kurtosis 2.999).
    """
    normal = NormalDist()
    upper = [round(normal.inv_cdf((i + 0.5) / 65536) * TABLE_SCALE) for i in range(32768, 65536)]
    table = np.array([-v for v in reversed(upper)] + upper, dtype="<i2")
    found = hashlib.sha256(table.tobytes()).hexdigest()
    if found != NORMAL_TABLE_SHA256:
        raise AssertionError(
            f"this Python computes another inverse normal distribution: table {found}"
        )
    return table


class Stream:
    """The random numbers of one (seed, layer name, purpose). Each method restarts the stream:
    calls do not interact.

    >>> stream = Stream(0, "V1.conv2", "weights")
    >>> bool((stream.normal(5) == stream.normal(9)[:5]).all())
    True
    """

    def __init__(self, seed: int, layer: str, purpose: str):
        name = hashlib.sha256(f"{layer}/{purpose}".encode()).digest()[:8]
        self._key = np.array([seed, int.from_bytes(name, "little")], dtype=np.uint64)

    def words(self, count: int) -> np.ndarray:
        """`count` random uint64 words."""
        return np.random.Philox(key=self._key).random_raw(count)

    def normal(self, *shape: int) -> np.ndarray:
        """Standard-normal float32 values of the given shape, on a grid of 1/4096."""
        return self.looked_up(normal_table(), *shape)

    def looked_up(self, table: np.ndarray, *shape: int) -> np.ndarray:
        """Float32 values of a table of 65,536 equally likely ones, in units of 1/4096."""
        count = int(np.prod(shape))
        sixteen_bits = self.words(-(-count // 4)).astype("<u8", copy=False).view("<u2")[:count]
        values = table.astype(np.float32) * np.float32(1 / TABLE_SCALE)
        found = np.empty(count, np.float32)
        for start in range(0, count, BLOCK):  # numpy makes other integers of 16-bit indices
            block = slice(start, start + BLOCK)
            np.take(values, sixteen_bits[block], out=found[block], mode="clip")
        return found.reshape(shape)

    def uniform(self, *shape: int) -> np.ndarray:
        """Float64 values in [0, 1) of the given shape, with 53 random bits each."""
        count = int(np.prod(shape))
        return ((self.words(count) >> np.uint64(11)).astype(np.float64) * 2.0**-53).reshape(shape)

    def choices(self, weights: Sequence[float], *shape: int) -> np.ndarray:
        """Places in `weights`, each as probable as its weight's share, as int64."""
        ends = np.cumsum(weights)
        return np.searchsorted((ends / ends[-1])[:-1], self.uniform(*shape), side="right")

    def permutation(self, count: int) -> np.ndarray:
        """A random order of 0..count-1, as int64."""
        return np.argsort(self.words(count), kind="stable")

    def shuffled_rows(self, labels: np.ndarray) -> np.ndarray:
        """Each row of an array of labels below 256 in a random order of its own, uint8."""
        keys = (self.words(labels.size).reshape(labels.shape) & ~np.uint64(0xFF)) | labels.astype(
            np.uint64
        )
        keys.sort(axis=1)
        return keys.astype(np.uint8)

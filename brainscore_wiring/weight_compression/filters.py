"""What the births of spatial filters share.

Sums of weighted patterns, random signs, and filters' first two moments.
"""

from __future__ import annotations

import numpy as np

from brainscore_wiring.random_streams import Stream

#: Filters handled at a time: a block stays in the processor's cache.
_BLOCK = 1 << 15
#: Written-down patterns are multiples of this: it hides the last bits in which mathematics
#: libraries differ.
PATTERN_GRID = 2.0**-20


def random_signs(count: int, seed: int, layer: str, purpose: str) -> np.ndarray:
    """`count` values of +1 or -1 in float32, equally likely."""
    return np.where(
        Stream(seed, layer, purpose).words(count) >> np.uint64(63), np.float32(-1), np.float32(1)
    )


def combined(coefficients: np.ndarray, patterns: np.ndarray) -> np.ndarray:
    """Filters (n, width) as sums of patterns (m, width) weighted by coefficients (m, n), all
    float32.

    Each product and each sum rounds once, in a fixed order: no matrix product, whose order differs
    between machines.
    """
    coefficients, patterns = np.asarray(coefficients, np.float32), np.asarray(patterns, np.float32)
    count, width = coefficients.shape[1], patterns.shape[1]
    filters = np.zeros((count, width), np.float32)
    for begin in range(0, count, _BLOCK):
        block = coefficients[:, begin : begin + _BLOCK]
        total = np.zeros((width, block.shape[1]), np.float32)
        for coefficient, pattern in zip(block, patterns):
            for place in np.flatnonzero(pattern):
                total[place] += coefficient * pattern[place]
        filters[begin : begin + _BLOCK] = total.T
    return filters


def subsampled(rows: np.ndarray, count: int, seed: int, layer: str, purpose: str) -> np.ndarray:
    """`count` of the rows, in their order, or all where there are no more."""
    if len(rows) <= count:
        return rows
    words = Stream(seed, layer, purpose).words(len(rows))
    return rows[np.sort(np.argpartition(words, count)[:count])]


def mean_filter(weights: np.ndarray) -> np.ndarray:
    """The mean (k * k) over all filters of weights (out, in, k, k)."""
    width = weights.shape[2] * weights.shape[3]
    return weights.reshape(-1, width).mean(axis=0, dtype=np.float64)


def second_moments(weights: np.ndarray, centre: np.ndarray) -> np.ndarray:
    """The filters' mean outer product (k * k, k * k) around a centre (k * k), in float64.

    Around the mean filter it is their covariance. `einsum` adds in one thread, so in one order.
    """
    filters = weights.reshape(-1, len(centre))
    total = np.zeros((len(centre), len(centre)))
    for begin in range(0, len(filters), _BLOCK):
        block = filters[begin : begin + _BLOCK].astype(np.float64) - centre
        total += np.einsum("ni,nj->ij", block, block)
    return total / len(filters)

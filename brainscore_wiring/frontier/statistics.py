"""Differences between birth states over seeds: intervals, effect sizes, exact tests, corrected for their number.

Seeds are the unit: each is one newborn, and nothing is said about other images or neurons than the benchmarks' own.
Two states of one seed can share synapses (those drawn from the same entry), which makes an unpaired test conservative.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache

import numpy as np

RESAMPLES = 10_000
SEED = 0
#: An exact test deals up to this many ways (10 seeds against 10: 184,756); more are sampled.
MOST_DEALS = 200_000


@dataclass(frozen=True)
class Difference:
    """Mean of one group of seeds minus mean of another's.

    `low` and `high`: bootstrap 95 % interval, NaN where a group is a single seed. `cohens_d`: in pooled standard
    deviations (infinite where neither group varies). `p`: two-sided permutation test; `corrected_p`: after Holm over
    the family it was made in, `p` until then.
    """

    value: float
    low: float
    high: float
    cohens_d: float
    p: float
    corrected_p: float


def difference(first: Sequence[float], second: Sequence[float]) -> Difference:
    """Compare two groups of values, one for each seed; they may differ in size."""
    value = float(np.mean(first) - np.mean(second))
    low, high = _bootstrap_interval(first, second)
    p = permutation_p(first, second)
    return Difference(value, low, high, _cohens_d(first, second), p, p)


def permutation_p(first: Sequence[float], second: Sequence[float]) -> float:
    """Two-sided p of the difference of means over all ways to deal the values into groups of these sizes.

    Where there are more than `MOST_DEALS`, that many seeded random deals and the observed one stand in.
    """
    values = np.array([*first, *second], float)
    deals = _deals(len(values), len(first))
    sums = deals @ values
    apart = np.abs(sums / len(first) - (values.sum() - sums) / len(second))
    observed = abs(float(np.mean(first) - np.mean(second)))
    as_far = apart >= observed - 1e-12  # rounding: the observed deal is as far as itself
    if math.comb(len(values), len(first)) <= MOST_DEALS:
        return float(as_far.mean())
    return float((as_far.sum() + 1) / (len(as_far) + 1))


@cache
def _deals(count: int, size: int) -> np.ndarray:
    """Ways to choose `size` of `count` values, as rows of 0 and 1."""
    if math.comb(count, size) <= MOST_DEALS:
        chosen = np.array(list(itertools.combinations(range(count), size)))
    else:
        chosen = np.argsort(np.random.default_rng(SEED).random((MOST_DEALS, count)), axis=1)[:, :size]
    deals = np.zeros((len(chosen), count), np.float64)
    np.put_along_axis(deals, chosen, 1, axis=1)
    return deals


def _bootstrap_interval(first: Sequence[float], second: Sequence[float]) -> tuple[float, float]:
    if min(len(first), len(second)) < 2:
        return math.nan, math.nan
    random = np.random.default_rng(SEED)
    means = [np.asarray(group)[random.integers(len(group), size=(RESAMPLES, len(group)))].mean(axis=1)
             for group in (first, second)]
    low, high = np.percentile(means[0] - means[1], [2.5, 97.5])
    return float(low), float(high)


def _cohens_d(first: Sequence[float], second: Sequence[float]) -> float:
    freedom = len(first) + len(second) - 2
    apart = float(np.mean(first) - np.mean(second))
    spread = math.sqrt(sum(np.var(group) * len(group) for group in (first, second)) / freedom) if freedom else 0.0
    if spread < 1e-12:
        return math.copysign(math.inf, apart) if abs(apart) > 1e-12 else 0.0
    return apart / spread


def holm(values: Sequence[float]) -> list[float]:
    """p values after Holm's step-down correction (1979), in the same order: each at least what it was, at most 1."""
    corrected = [0.0] * len(values)
    largest = 0.0
    for rank, place in enumerate(sorted(range(len(values)), key=lambda place: values[place])):
        largest = max(largest, min(1.0, (len(values) - rank) * values[place]))
        corrected[place] = largest
    return corrected


def corrected(family: dict) -> dict:
    """The differences of a family, whatever their keys, with p corrected for the size of the family."""
    values = holm([one.p for one in family.values()])
    return {key: replace(one, corrected_p=value) for (key, one), value in zip(family.items(), values)}

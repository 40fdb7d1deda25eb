"""Differences between birth states over seeds: intervals, effect sizes, exact tests, corrected for
their number.

Seeds are the unit: each is one network at birth, and nothing is said about other images or neurons
than the benchmarks' own. Two states of one seed can share synapses (those sampled from one entry),
which makes an unpaired test conservative. The permutation test's hypothesis is that both states
draw from one distribution.
"""

from __future__ import annotations

import functools
import itertools
import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
from scipy.special import stdtrit

_SEED = 0
#: An exact test deals up to this many ways (10 seeds against 10: 184,756); more are sampled.
MOST_DEALS = 200_000
#: Ways of several strata together that are looked at one by one; of more, `MOST_DEALS` are sampled.
MOST_COMBINED = 5_000_000
#: p below this, corrected, is called a difference.
SIGNIFICANCE = 0.05
#: What is left of equal values' spread is rounding.
SMALLEST_SPREAD = 1e-12


@dataclass(frozen=True)
class Difference:
    """Mean of one group of seeds minus mean of another's.

    `low` and `high`: Welch's 95 % interval (1947, doi:10.1093/biomet/34.1-2.28), which holds for as
    few as three seeds (a bootstrap of so few is too narrow). `cohens_d`: in pooled standard
    deviations (infinite where neither group varies), `d_low` and `d_high` its large-sample 95 %
    interval (Hedges and Olkin 1985, doi:10.1016/C2009-0-03396-0). Intervals are NaN where a group
    is a single seed. `p`: two-sided permutation test; `corrected_p`: after Holm over the family it
    was made in, `p` until then.
    """

    value: float
    low: float
    high: float
    cohens_d: float
    d_low: float
    d_high: float
    p: float
    corrected_p: float


#: What a table states of a difference besides its value.
TESTED_COLUMNS = tuple(fact.name for fact in fields(Difference) if fact.name != "value")


def difference(first: Sequence[float], second: Sequence[float]) -> Difference:
    """Compare two groups of values, one for each seed; they may differ in size."""
    found = stratified([(first, second)])
    if not found.low < found.high:  # a single seed, or seeds that do not vary
        return found
    d, count, other = found.cohens_d, len(first), len(second)
    width = 1.96 * math.sqrt((count + other) / (count * other) + d**2 / (2 * (count + other)))
    return replace(found, d_low=d - width, d_high=d + width)


def t_interval(values: Sequence[float]) -> tuple[float, float]:
    """Student's 95 % interval of a mean; NaN for fewer than two values."""
    if len(values) < 2:
        return math.nan, math.nan
    mean = statistics.fmean(values)
    width = float(stdtrit(len(values) - 1, 0.975)) * statistics.stdev(values) / len(values) ** 0.5
    return mean - width, mean + width


def stratified(strata: Sequence[tuple[Sequence[float], Sequence[float]]]) -> Difference:
    """The mean over strata of (mean of the first group minus mean of the second).

    Values are exchanged within strata alone: trained networks are compared with the births of the
    same initialisation. The interval is Welch's, the effect size is in standard deviations pooled
    over all groups.

    >>> stratified([([3.0, 4.0], [1.0, 2.0]), ([13.0, 14.0], [11.0, 12.0])]).value
    2.0
    """
    value = float(np.mean([np.mean(first) - np.mean(second) for first, second in strata]))
    groups = [group for stratum in strata for group in stratum]
    low, high = _welch(value, groups, 1 / len(strata))
    freedom = sum(len(group) - 1 for group in groups)
    squares = sum(float(np.var(group)) * len(group) for group in groups)
    spread = math.sqrt(squares / max(freedom, 1))
    if spread > SMALLEST_SPREAD:
        d = value / spread
    else:
        d = math.copysign(math.inf, value) if abs(value) > SMALLEST_SPREAD else 0.0
    p = _permutation_p(strata, abs(value) * len(strata))
    return Difference(value, low, high, d, math.nan, math.nan, p, p)


def permutation_p(first: Sequence[float], second: Sequence[float]) -> float:
    """Two-sided p of the difference of means over all ways to deal the values into groups of these
    sizes.

    Where there are more than `MOST_DEALS`, that many seeded random deals and the observed one stand
    in.
    """
    return _permutation_p([(first, second)], abs(float(np.mean(first) - np.mean(second))))


def _permutation_p(
    strata: Sequence[tuple[Sequence[float], Sequence[float]]], observed: float
) -> float:
    """How often the sum over strata of differences is as far from 0 as the one observed."""
    here = []
    for first, second in strata:
        values = np.array([*first, *second], float)
        sums = _deals(len(values), len(first)) @ values
        here.append(sums / len(first) - (values.sum() - sums) / len(second))
    if math.prod(map(len, here)) <= MOST_COMBINED:
        apart = np.zeros(1)
        for differences in here:
            apart = np.add.outer(apart, differences).ravel()
    else:  # a random deal of each stratum, that many times
        random = np.random.default_rng(_SEED)
        apart = np.sum([random.choice(one, MOST_DEALS) for one in here], axis=0)
    as_far = np.abs(apart) >= observed - 1e-12  # rounding: the observed deal is as far as itself
    ways = [math.comb(len(one) + len(other), len(one)) for one, other in strata]
    sampled = max(ways) > MOST_DEALS or math.prod(map(len, here)) > MOST_COMBINED
    return float((as_far.sum() + sampled) / (len(as_far) + sampled))


@functools.cache
def _deals(count: int, size: int) -> np.ndarray:
    """Ways to choose `size` of `count` values, as rows of 0 and 1."""
    if math.comb(count, size) <= MOST_DEALS:
        chosen = np.array(list(itertools.combinations(range(count), size)))
    else:
        chosen = np.argsort(np.random.default_rng(_SEED).random((MOST_DEALS, count)), axis=1)[
            :, :size
        ]
    deals = np.zeros((len(chosen), count), np.float64)
    np.put_along_axis(deals, chosen, 1, axis=1)
    return deals


def smallest_p(first: int, second: int, *more: int) -> float:
    """The smallest p that groups of these sizes can reach, in one stratum or, two sizes for each,
    in several; groups of one size have two extremes.
    """
    counts = (first, second, *more)
    sizes = list(zip(counts[::2], counts[1::2]))
    mirrored = all(one == other for one, other in sizes)
    ways = math.prod(math.comb(one + other, one) for one, other in sizes)
    return max((2 if mirrored else 1) / ways, 1 / (MOST_DEALS + 1))


def _welch(value: float, groups: Sequence[Sequence[float]], weight: float) -> tuple[float, float]:
    """95 % interval of a sum of group means, each with this weight or its negative; NaN where a
    group is a single value.
    """
    if min(map(len, groups)) < 2:
        return math.nan, math.nan
    squares = np.array([np.var(group, ddof=1) / len(group) for group in groups]) * weight**2
    if squares.sum() < SMALLEST_SPREAD**2:
        return value, value
    freedom = squares.sum() ** 2 / sum(
        square**2 / (len(group) - 1) for square, group in zip(squares, groups)
    )
    width = float(stdtrit(freedom, 0.975) * np.sqrt(squares.sum()))
    return value - width, value + width


def testable(smallest: Sequence[float], level: float = SIGNIFICANCE) -> list[bool]:
    """Which of a family of tests could be significant after correction at all, given the smallest p
    that each can reach; the others are no part of the family (Tarone 1990, doi:10.2307/2531456).

    It depends on numbers of seeds alone, not on what was found.

    >>> testable([1e-5, 1e-5, 0.0035, 0.0035, 0.1])
    [True, True, True, True, False]
    """
    size = next(
        size
        for size in range(1, len(smallest) + 2)
        if sum(one * size < level for one in smallest) <= size
    )
    return [one * size < level for one in smallest]


def holm(values: Sequence[float]) -> list[float]:
    """p values after Holm's step-down correction (1979), in the same order."""
    corrected = [0.0] * len(values)
    largest = 0.0
    for rank, place in enumerate(sorted(range(len(values)), key=lambda place: values[place])):
        largest = max(largest, min(1.0, (len(values) - rank) * values[place]))
        corrected[place] = largest
    return corrected


def corrected(family: dict, untested: int = 0) -> dict:
    """Differences with p corrected for the size of their family, of which some are `untested`."""
    values = holm([one.p for one in family.values()] + [1.0] * untested)
    return {
        key: replace(one, corrected_p=value) for (key, one), value in zip(family.items(), values)
    }

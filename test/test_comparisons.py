"""Statistics of groups of seeds: exact tests, intervals, corrections."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st

from brainscore_wiring.paper import comparisons
from brainscore_wiring.paper.comparisons import (
    MOST_DEALS,
    corrected,
    difference,
    holm,
    permutation_p,
    smallest_p,
    stratified,
)


def test_p_is_exact_and_two_sided():
    assert permutation_p([4, 5, 6], [1, 2, 3]) == pytest.approx(2 / 20)
    assert permutation_p([1, 2, 3], [4, 5, 6]) == pytest.approx(2 / 20)
    assert permutation_p(range(10, 20), range(10)) == pytest.approx(2 / 184_756)
    assert permutation_p([1, 1], [1, 1]) == 1


@given(st.integers(1, 6), st.integers(1, 6))
def test_no_p_is_below_the_smallest_possible_and_groups_apart_reach_it(first, second):
    apart = permutation_p(np.arange(first) + 100.0, range(second))
    assert apart == pytest.approx(smallest_p(first, second))


def test_groups_of_too_many_ways_are_sampled_and_the_observed_deal_counts_among_them():
    apart = permutation_p(np.arange(12) + 100.0, range(12))  # 2 of 2,704,156 ways
    assert apart == smallest_p(12, 12) == 1 / (MOST_DEALS + 1)


def test_sampled_ways_give_the_exact_p(monkeypatch):
    first, second = [0.4, 0.6, 0.3, 0.8, 0.5], [0.3, 0.5, 0.2, 0.4, 0.1, 0.45]
    exact = permutation_p(first, second)
    comparisons._deals.cache_clear()
    monkeypatch.setattr(comparisons, "MOST_DEALS", 400)  # of 462
    sampled = permutation_p(first, second)
    comparisons._deals.cache_clear()
    assert exact != sampled == pytest.approx(exact, abs=0.03) and 0.03 < exact < 0.2


def test_the_smallest_p_of_several_strata_has_two_extremes_only_where_all_are_of_one_size():
    assert smallest_p(2, 2, 2, 2) == 2 / 36 and smallest_p(2, 2, 2, 3) == 1 / 60
    for sizes in ((2, 2, 2, 2), (2, 2, 2, 3)):
        strata = [
            (np.arange(one) + 100.0, np.arange(other) + 0.0)
            for one, other in zip(sizes[::2], sizes[1::2])
        ]
        assert stratified(strata).p == pytest.approx(smallest_p(*sizes))


def test_many_strata_together_are_sampled_not_multiplied_out(monkeypatch):
    strata = [([0.1, 0.4, 0.3], [0.5, 0.7, 0.6]), ([0.2, 0.1, 0.15], [0.3, 0.4, 0.5])]
    apart = abs(sum(np.mean(one) - np.mean(other) for one, other in strata))
    exact = comparisons._permutation_p(strata, apart)
    assert exact == 2 / 20**2  # both strata at one of their ends
    monkeypatch.setattr(comparisons, "MOST_COMBINED", 399)
    assert comparisons._permutation_p(strata, apart) == pytest.approx(exact, rel=0.2)


def test_the_observed_deal_counts_among_those_of_many_strata_too():
    stratum = (np.arange(4) + 100.0, np.arange(4) + 0.0)
    assert stratified([stratum] * 6).p == 1 / (MOST_DEALS + 1)  # 2 of 70**6 ways


def test_values_are_exchanged_within_their_stratum_alone():
    strata = [([5.0, 4.0], [1.0, 2.0, 3.0]), ([15.0, 11.0], [12.0, 13.0])]
    found = []
    for first in itertools.combinations(range(5), 2):
        for second in itertools.combinations(range(4), 2):
            parts = []
            for (group, other), chosen in zip(strata, (first, second)):
                values = np.array([*group, *other])
                mask = np.isin(np.arange(len(values)), chosen)
                parts.append(values[mask].mean() - values[~mask].mean())
            found.append(np.mean(parts))
    one = stratified(strata)
    assert one.value == pytest.approx((2.5 + 0.5) / 2)
    assert one.p == np.mean(np.abs(found) >= one.value - 1e-12)


def test_the_interval_of_a_mean_over_strata_is_welchs():
    one = stratified([([1, 2, 3], [0, 1, 2]), ([5, 6, 7], [2, 3, 4])])
    # four means of variance 1/3, each with weight 1/2: 8 degrees of freedom
    width = scipy.stats.t.ppf(0.975, 8) * math.sqrt(1 / 3)
    assert (one.value, one.low, one.high) == pytest.approx((2, 2 - width, 2 + width))
    assert one.cohens_d == pytest.approx(2)


def test_intervals_are_welchs_and_those_of_hedges_and_olkin():
    first, second = np.array([1.0, 2.0, 3.0, 4.0]), np.array([3.0, 4.0, 5.0, 6.0, 9.0])
    one = difference(first, second)
    d = -2.9 / np.sqrt((5 + 21.2) / 7)
    width = 1.96 * np.sqrt(9 / 20 + d**2 / 18)
    assert (one.value, one.cohens_d) == (pytest.approx(-2.9), pytest.approx(d))
    assert (one.d_low, one.d_high) == (pytest.approx(d - width), pytest.approx(d + width))
    welch = scipy.stats.ttest_ind(first, second, equal_var=False).confidence_interval(0.95)
    assert (one.low, one.high) == (pytest.approx(welch.low), pytest.approx(welch.high))


def test_groups_that_do_not_vary_and_single_seeds_claim_no_interval_they_do_not_have():
    fixed, single = difference([1, 1], [0, 0]), difference([1], [0, 0.25])
    assert fixed.cohens_d == np.inf and (fixed.low, fixed.high) == (1, 1) and np.isnan(fixed.d_low)
    assert difference([0, 0], [1, 1]).cohens_d == -np.inf
    assert np.isnan([single.low, single.high, single.d_low, single.d_high]).all()
    assert single.p == pytest.approx(1 / 3)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_holm_keeps_the_order_and_never_lowers_a_p(values):
    found = np.array(holm(values))
    assert np.all(found >= values) and np.all(found <= 1)
    assert np.all(np.diff(found[np.argsort(values, kind="stable")]) >= 0)


def test_holm_multiplies_by_the_tests_that_are_left():
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])


def test_a_family_is_no_larger_than_needed():
    # with two in the family .024 * 2 < .05: both belong to it, and .03 does not
    assert comparisons.testable([0.024, 0.024, 0.03]) == [True, True, False]
    assert comparisons.testable([0.04, 0.04]) == [False, False]
    assert comparisons.testable([0.04]) == [True]


def test_tests_that_were_not_made_belong_to_the_family():
    one = difference([4, 5, 6, 7], [0, 1, 2, 3])
    found = corrected({"made": one}, untested=4)["made"]
    assert (found.p, found.corrected_p) == (one.p, pytest.approx(5 * one.p))

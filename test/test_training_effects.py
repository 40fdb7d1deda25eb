"""Which benchmarks distinguish trained from untrained networks, by rules fixed beforehand."""

import itertools

import numpy as np
import pytest

from brainscore_wiring.paper.comparisons import difference, stratified
from brainscore_wiring.paper.training_effects import (
    OFFLINE_COLUMNS,
    effects,
    effects_table,
    with_means,
)
from brainscore_wiring.scoring.brainscore_data import OFFLINE_BENCHMARKS, OFFLINE_PREDICTIVITY
from brainscore_wiring.scoring.result import SCORED, Result


def rows(model, seeds, score, benchmark="Cowley2023.V4-pls"):
    return [
        Result(f"{model}_seed{seed}" if seed else model, benchmark, SCORED, score + seed / 1000)
        for seed in range(seeds)
    ]


def table(births=0.2, default=0.2, standard=0.9, untrained_mobilenet=0.1):
    return [
        *rows("cornet_s_wc_ct", 3, 0.6),
        *rows("cornet_s_ct", 3, 0.5),
        *(row for name in ("wc", "kn") for row in rows(f"cornet_s_{name}_bn", 10, births)),
        *(row for name in ("wc", "kn") for row in rows(f"cornet_s_{name}", 10, default)),
        *rows("cornet_s", 1, standard),
        *rows("mobilenet", 1, 0.7),
        *rows("mobilenet_random", 5, untrained_mobilenet),
    ]


@pytest.mark.parametrize(
    "changes, verdict",
    [
        ({}, "yes"),
        ({"default": 0.58}, "in part"),
        ({"births": 0.58}, "no"),
        ({"standard": 0.15}, "in part"),
        ({"untrained_mobilenet": 0.8}, "in part"),
    ],
)
def test_the_verdict_follows_the_rules(changes, verdict):
    (effect,) = [one for one in effects(table(**changes)) if one.benchmark == "Cowley2023.V4-pls"]
    assert effect.verdict == verdict


def test_what_was_not_scored_has_no_verdict():
    text = effects_table([row for row in table() if not row.model.startswith("mobilenet")])
    assert text.count("not yet known") == len(OFFLINE_COLUMNS)


def test_a_comparison_that_cannot_be_significant_is_not_made():
    births = [
        f"cornet_s_{name}{statistics}_seed3" for name in ("wc", "kn") for statistics in ("", "_bn")
    ]
    later = {f"{name[:-1]}{seed}" for name in births for seed in range(3, 10)}
    (few,) = [
        one
        for one in effects([row for row in table() if row.model not in later])
        if one.benchmark == "Cowley2023.V4-pls"
    ]
    assert (few.differences, few.verdict) == ({}, "not yet known")


def test_the_offline_mean_follows_from_its_parts():
    parts = dict(zip(OFFLINE_BENCHMARKS, (0.1, 0.2, 0.3, 0.8)))
    results = [Result("a", benchmark, SCORED, score) for benchmark, score in parts.items()]
    found = [row for row in with_means(results) if row.benchmark == OFFLINE_PREDICTIVITY]
    assert [row.score for row in found] == pytest.approx([0.35])
    assert with_means(results[1:]) == results[1:]
    assert len(with_means([*results, Result("a", OFFLINE_PREDICTIVITY, SCORED, 0.5)])) == 5


def test_networks_are_exchanged_within_their_initialisation_alone():
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


def test_one_stratum_is_the_plain_difference():
    groups = [1.0, 2.5, 3.0], [0.5, 0.7, 1.1, 0.2]
    one, plain = stratified([groups]), difference(*groups)
    assert (one.value, one.low, one.high, one.p) == pytest.approx(
        (plain.value, plain.low, plain.high, plain.p)
    )
    assert one.cohens_d == pytest.approx(plain.cohens_d)

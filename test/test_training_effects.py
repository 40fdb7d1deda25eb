"""Which benchmarks distinguish trained from untrained networks, by rules fixed beforehand."""

from dataclasses import replace

import pytest

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


def test_the_lowest_of_several_standard_networks_counts():
    def below(lowest: float) -> tuple[int, int]:
        more = [replace(row, score=lowest) for row in rows("cornet_s", 1, 0.9)]
        (effect,) = [one for one in effects(more + table()) if one.benchmark == "Cowley2023.V4-pls"]
        return effect.below["cornet_s"]

    assert (below(0.8), below(0.204)) == ((40, 40), (16, 40))


def test_scores_are_compared_before_they_are_clipped():
    def found(raw: float):
        clipped = [
            replace(row, score=0.0, raw=raw, ceiling=1.0) if "_bn" in row.model else row
            for row in table()
        ]
        (effect,) = [one for one in effects(clipped) if one.benchmark == "Cowley2023.V4-pls"]
        return effect.differences["_bn"].value

    assert found(-0.3) == pytest.approx(found(-0.1) + 0.2)


def test_p_is_corrected_for_all_comparisons_that_were_made():
    (effect,) = [one for one in effects(table()) if one.benchmark == "Cowley2023.V4-pls"]
    first, second = effect.differences.values()
    assert first.corrected_p == pytest.approx(2 * first.p) and second.p == first.p


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

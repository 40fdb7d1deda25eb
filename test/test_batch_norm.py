"""Which batch-norm statistics birth states were scored with: every check can fail, and the page is
what its data give.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from conftest import shared

from brainscore_wiring.paper.batch_norm import evidence, offline
from brainscore_wiring.paper.batch_norm.births import (
    _half_interval,
    published_births,
    published_table,
    published_words,
)
from brainscore_wiring.paper.batch_norm.page import checks_table
from brainscore_wiring.paper.comparisons import difference
from brainscore_wiring.scoring.published_scores import PUBLIC_REGIONS, published
from brainscore_wiring.scoring.result import Result
from brainscore_wiring.scoring.table import read_results

PAGE = Path(__file__).parents[1] / "docs" / "batch_norm.md"
NOON = datetime(2020, 5, 1, 12)


@pytest.fixture(scope="module")
def scores():
    return published(path=shared("reference/scores.sqlite"))


@pytest.fixture(scope="module")
def found():
    return evidence.stored_scores(shared("reference/scores.sqlite"))


@pytest.fixture(scope="module")
def public():
    return evidence.stored_scores(shared("reference/scores_public.sqlite"), PUBLIC_REGIONS)


def test_the_page_is_what_the_databases_give(scores, found, public):
    page = PAGE.read_text(encoding="utf-8")
    for part in (
        checks_table(found, public),
        offline.beside_the_paper(scores, read_results(PAGE.parent / "scores.csv")),
        evidence.seeds_at_birth(found),
        published_table(scores),
        published_words(scores, "gains"),
        published_words(scores, "summary"),
    ):
        assert part in page
    readme = PAGE.parents[1] / "README.md"
    assert published_words(scores, "readme") in readme.read_text(encoding="utf-8")


def test_only_moments_of_half_and_whole_epochs_follow_a_validation():
    def validated(epochs: float) -> bool:
        return evidence.StoredScore("CORnet-S_full", epochs, "V1", 0.2, NOON).validated

    assert [epochs for epochs in (0, 0.1, 0.4, 0.5, 0.9, 1, 38) if validated(epochs)] == [
        0,
        0.5,
        1,
        38,
    ]


def constant(one: evidence.StoredScore, belongs: bool) -> evidence.StoredScore:
    return replace(one, score=0.2) if belongs else one


def shifted(one: evidence.StoredScore, ending: str, where: bool, by: float) -> evidence.StoredScore:
    return replace(one, score=one.score + by) if one.family.endswith(ending) and where else one


#: Number of a check -> a database in which its consequence is not what is found.
OTHERWISE = {
    1: lambda one: shifted(one, "_bi", one.validated, 1e-3 * one.epochs),
    2: lambda one: constant(one, one.family.endswith("_bi")),
    3: lambda one: constant(one, one.family.endswith("_bi")),
    4: lambda one: constant(one, one.family.startswith("CORnet-S_train_")),
    5: lambda one: shifted(one, "_train_conv3_bi", one.epochs == 0, 0.01),
    6: lambda one: shifted(one, "_bi_mom", True, 0.1),
    7: lambda one: shifted(one, "_img100", one.epochs == 3, -0.01),
    8: lambda one: shifted(one, "_v2_IT_bi", True, 1e-3 * one.epochs),
    9: lambda one: shifted(one, "_bi", one.epochs in (0.2, 0.4, 0.6, 0.8), len(one.family)),
    10: lambda one: shifted(one, "_bi", one.validated, 1e-3 * one.epochs),
    11: lambda one: constant(one, one.family.startswith("resnet_v1")),
    12: lambda one: shifted(one, "_train_random", one.family.startswith("alexnet"), one.epochs),
}


@pytest.mark.parametrize("number", OTHERWISE)
def test_each_check_stands_and_would_fail_on_other_data(found, public, number):
    assert evidence.checks(found, public)[number - 1].holds
    others = [[OTHERWISE[number](one) for one in database] for database in (found, public)]
    assert not evidence.checks(*others)[number - 1].holds


def test_in_what_the_decomposition_is_the_authors(scores):
    table = offline.beside_the_paper(scores, read_results(PAGE.parent / "scores.csv"))
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in table.splitlines()[2:]]
    signs = {
        row[0]: ["".join(cell[0] for cell in row[start : start + 2]) for start in (1, 3, 5)]
        for row in rows
    }
    assert signs == {
        "V1": ["++", "+-", "++"],
        "V4": ["++", "++", "++"],
        "IT": ["--", "--", "++"],
        "behaviour": ["++", "+-", "-+"],
        "mean without V2": ["++", "+-", "-+"],
    }


def test_the_interval_of_one_network_against_several_is_welchs():
    # variances 1 (of 2 networks) and 4 (of 1): 4.5, with 4.5^2 / (0.5^2 / 2 + 4^2 / 2) = 2.49
    half = _half_interval([0, 1, 2], 2, [0, 2, 4], 1)
    assert half == pytest.approx(3.583 * 4.5**0.5, rel=2e-3)


def test_a_second_seed_with_measured_statistics_is_the_first_again(found):
    of = {
        name: {one.region: one.score for one in found if (one.family, one.epochs) == name}
        for name in (("CORnet-S_train_random", 28.0), ("CORnet-S_train_random_seed42", 22.0))
    }
    first, second = of.values()
    regions = ("V1", "V2", "V4", "IT", "behaviour")
    assert all(abs(first[region] - second[region]) < 2e-6 for region in regions)


def test_networks_are_counted_once_however_often_they_were_scored(scores):
    births = published_births(scores)
    assert {name: birth.networks(scores) for name, birth in births.items()} == {
        "KN": 9,
        "KN measured": 1,
        "WC drawn": 2,
        "WC": 10,
    }


def results(means: dict[str, float], seeds: int = 10) -> list[Result]:
    return [
        Result(
            model=f"{state}_seed{seed}" if seed else state,
            benchmark="MacaqueV1Tuning",
            status="scored",
            score=mean + 0.001 * seed,
        )
        for state, mean in means.items()
        for seed in range(seeds)
    ]


STATES = dict.fromkeys(offline.FOUR_STATES, 0.5)


@pytest.mark.parametrize(
    ("changed", "verdict"),
    [
        ({}, "no"),
        ({"cornet_s_wc": 0.6, "cornet_s_wc_bn": 0.6}, "no"),
        (
            {"cornet_s_wc_bn": 0.6, "cornet_s_kn_bn": 0.6},
            "yes: higher if mixed, no significant difference if both are measured",
        ),
        (
            {"cornet_s_kn_bn": 0.4},
            "yes: no significant difference if mixed, higher if both are measured",
        ),
    ],
)
def test_statistics_matter_where_the_mixed_comparison_has_another_outcome(changed, verdict):
    (one,) = offline.combinations(results(STATES | changed))
    assert one.verdict == verdict
    mixed = one.differences["WC measured - KN default"].value
    parts = ("WC - KN, measured", "measured - default, KN")
    assert mixed == pytest.approx(sum(one.differences[part].value for part in parts))


def test_outcomes_are_by_p_corrected_for_all_differences():
    one = replace(difference([1, 2, 3], [0, 1, 2]), p=0.01, corrected_p=0.06)
    name = next(iter(offline.DIFFERENCES))
    assert offline.Combination("", {}, {name: one}).outcome(name) == "no significant difference"
    one = replace(one, corrected_p=0.04)
    assert offline.Combination("", {}, {name: one}).outcome(name) == "higher"


def test_scores_outside_the_scale_are_clipped_in_means_and_counted_in_words():
    states = {"cornet_s_kn": [-0.2, 0.0, 0.4, 1.3], "cornet_s_wc": [0.5]}
    one = offline.Combination("Cowley2023.V4-pls", states, {})
    assert one.clipped["cornet_s_kn"] == [0, 0, 0.4, 1]
    [said] = offline.clipped_sentences([one])
    assert "1 of 4 networks" in said and "(-0.200 to 1.300)" in said


def test_single_seeds_are_shown_and_not_tested():
    table = offline.combinations_table(results(STATES, seeds=1))
    assert "0.500 (n = 1)" in table and "too few seeds" in table and "not yet known" in table
    assert offline.combinations_table([]) == "No benchmark has scores of all four states yet."

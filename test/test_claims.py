"""The claims table: every number is recomputed, and each answer follows from the data and can
turn.
"""

from __future__ import annotations

import csv
import io
import random
import re
import zlib
from collections import Counter
from dataclasses import fields, replace
from pathlib import Path

import pytest
from conftest import SHARED, shared
from hypothesis import given
from hypothesis import strategies as st
from test_paper_figures import made_up

from brainscore_wiring import accounting
from brainscore_wiring.catalogue.training_recipe import Recipe
from brainscore_wiring.errors import WiringError, WrongUsage
from brainscore_wiring.paper.claims import counts, values
from brainscore_wiring.paper.claims.claim import (
    Agreement,
    judge,
    outcome_of,
    rounded,
)
from brainscore_wiring.paper.claims.claims_table import (
    CLAIMS,
    FIGURE_NUMBERS,
    claims_csv,
    claims_summary,
    claims_table,
    claims_text,
    write_claims,
)
from brainscore_wiring.paper.claims.recomputed import RECOMPUTED
from brainscore_wiring.paper.own_scores import STANDINS, own
from brainscore_wiring.scoring.points import Scores
from brainscore_wiring.scoring.published_scores import published

AGREES, ROUNDING, DIFFERS, NOT_TESTABLE = Agreement
MEASURED = [claim for claim in CLAIMS if claim.by == "scores"]
COUNTED = [claim for claim in CLAIMS if claim.by == "counting"]
UNTESTABLE = [claim for claim in CLAIMS if claim.by == "nothing"]


@pytest.fixture(scope="module")
def scores() -> Scores:
    return published(path=shared("reference/scores.sqlite"))


@pytest.fixture(scope="module")
def any_scores() -> Scores:
    """The published scores where their database is here, else invented ones of all networks."""
    database = SHARED / "reference/scores.sqlite"
    return published(path=database) if database.exists() else made_up()


@pytest.fixture(scope="module")
def verdicts(scores):
    return {verdict.claim.name: verdict for verdict in claims_table(scores)}


def changed(scores: Scores, change) -> Scores:
    """Scores whose points a function replaces or, with None, takes away."""
    return replace(
        scores, points=tuple(point for old in scores.points if (point := change(old)) is not None)
    )


def mutations(scores: Scores) -> list[Scores]:
    """Databases in which the paper would have found something else."""
    found = []
    for share in (0.03, 0.1, 0.2, 0.3, 0.35):  # less growth
        found.append(
            changed(
                scores,
                lambda point: replace(
                    point,
                    scores={
                        region: 0.4 + share * (score - 0.4)
                        for region, score in point.scores.items()
                    },
                ),
            )
        )
    # every network but the standard ones better or worse, by a hundredth each time
    for step in range(-95, 40):
        factor = 1.01**step
        found.append(
            changed(
                scores,
                lambda point: (
                    point
                    if point in scores.standard
                    else replace(
                        point,
                        synaptic_updates=round((point.synaptic_updates or 0) * factor),
                        scores={region: score * factor for region, score in point.scores.items()},
                    )
                ),
            )
        )
    for seed, (low, high) in enumerate(
        [(0.2, 0.5), (0.3, 1.0), (0.5, 1.5), (1.0, 4.0), (0.1, 3.0), (0.9, 1.1)]
    ):
        draw = random.Random(seed).uniform
        found.append(
            changed(
                scores,
                lambda point: replace(
                    point,
                    scores={
                        region: score * draw(low, high) for region, score in point.scores.items()
                    },
                ),
            )
        )
        found.append(
            changed(
                scores,
                lambda point: (
                    point
                    if point.model == "cornet_s" and point.converged
                    else replace(
                        point,
                        scores={
                            region: score * draw(low, high)
                            for region, score in point.scores.items()
                        },
                    )
                ),
            )
        )
    found.append(changed(scores, lambda point: None if point.seed == 94 else point))
    found.append(
        changed(scores, lambda point: replace(point, scores=dict.fromkeys(point.scores, 0.4)))
    )
    found.append(
        changed(
            scores,
            lambda point: replace(
                point, epochs=point.epochs * 2, row=replace(point.row, epochs=point.row.epochs * 2)
            ),
        )
    )
    for epochs in (0, 43):
        found.append(changed(scores, lambda point: replace(point, epochs=epochs)))
    found.append(
        changed(
            scores,
            lambda point: replace(
                point,
                synaptic_updates=(point.synaptic_updates or 0) * 3,
                row=replace(
                    point.row,
                    recipe={
                        name: value if isinstance(value, str) else 7 * value
                        for name, value in point.row.recipe.items()
                    },
                ),
            ),
        )
    )
    found.append(
        replace(scores, epoch_seconds={"Full": (5_000.0,), "V4.conv3_special": (4_900.0,)})
    )
    return found


@pytest.fixture(scope="module")
def mutated(scores) -> list[Scores]:
    return mutations(scores)


def test_answers_from_scores_turn_with_the_scores(verdicts, mutated):
    assert {verdicts[claim.name].outcome for claim in MEASURED} <= {AGREES, ROUNDING, DIFFERS}
    assert not [claim.name for claim in MEASURED if not turns(claim, verdicts[claim.name], mutated)]


def turns(claim, verdict, mutated: list[Scores]) -> bool:
    """Whether other scores give another answer."""
    if claim.name == "4-p":  # ten against ten seeds cannot have a smaller p than they have
        return any(float(judge(claim, scores).recomputed) > 2e-5 for scores in mutated)
    others = (judge(claim, scores).outcome for scores in mutated)  # until one is another answer
    if verdict.outcome == AGREES:
        return any(outcome not in (AGREES, NOT_TESTABLE) for outcome in others)
    return AGREES in others


@pytest.mark.parametrize("claim", MEASURED, ids=lambda claim: claim.name)
def test_without_scores_it_cannot_be_tested_and_the_reason_is_one_sentence(claim, any_scores):
    verdict = judge(claim, replace(any_scores, points=(), epoch_seconds={}))
    assert verdict.outcome == NOT_TESTABLE and verdict.recomputed == ""
    assert verdict.sentence.endswith(".") and not verdict.sentence.startswith(" ")


@pytest.mark.parametrize("claim", COUNTED, ids=lambda claim: claim.name)
def test_an_answer_from_counting_turns_with_what_is_counted(claim, any_scores, monkeypatch):
    found = judge(claim, any_scores)
    assert found.outcome in (AGREES, ROUNDING, DIFFERS)
    counted = {field.name for field in fields(accounting.Account)} - {
        "model",
        "status",
        "genome_numbers",
    }

    def account_of(model):
        real = accounting.account_of(model)
        factor = 2 + zlib.crc32(model.encode()) % 97
        return replace(real, **{name: (getattr(real, name) + 1) * factor for name in counted})

    monkeypatch.setattr(values, "account_of", account_of)
    for name, value in dict(
        GABOR_COMPONENTS=5,
        FITTED_GABOR=9,
        V1_KERNELS=40,
        BITS_PER_SYNAPSE=50,
        GENOME_BYTES=2e12,
        MONTHS=9,
        MOBILENET_LAST_MAP=14,
        IMAGENET_IMAGES=14_197_122,
    ).items():
        monkeypatch.setattr(counts, name, value)
    monkeypatch.setattr(counts, "Recipe", lambda: Recipe(learning_rate=1.0))
    if claim.name in ("figure-2-kernel-size", "b3-kernel-size"):
        monkeypatch.setattr(counts, "V1_KERNELS", 64)
        share = {"figure-2-kernel-size": 25 / 9, "b3-kernel-size": 1 / 9}[claim.name]
        monkeypatch.setattr(
            counts,
            "CORNET_S_PARAMETERS",
            {name: round(count * share) for name, count in counts.CORNET_S_PARAMETERS.items()},
        )
    again = judge(claim, any_scores)
    assert again.recomputed != found.recomputed
    assert found.outcome != AGREES or again.outcome != AGREES


@pytest.mark.parametrize("claim", UNTESTABLE, ids=lambda claim: claim.name)
def test_what_nothing_shows_is_never_said_to_agree(claim, any_scores):
    verdict = judge(claim, any_scores)
    assert verdict.outcome == NOT_TESTABLE and verdict.sentence


def test_the_table_and_the_functions_have_the_same_names():
    assert {claim.name for claim in CLAIMS if claim.by != "nothing"} == set(RECOMPUTED)
    assert {claim.name for claim in CLAIMS if claim.remark} <= set(RECOMPUTED)
    assert all(bool(claim.because) == (claim.by == "nothing") for claim in CLAIMS)


def test_every_verdict_but_agreement_has_a_sentence(verdicts):
    for verdict in verdicts.values():
        assert verdict.sentence or verdict.outcome == AGREES
        assert "\n" not in verdict.sentence and not verdict.sentence.rstrip(".").endswith(".")


def test_a_remark_on_networks_that_are_not_there_leaves_the_verdict(scores):
    claim = next(claim for claim in CLAIMS if claim.name == "4-improvement")
    others = changed(scores, lambda point: None if "decoder" in point.model else point)
    verdict = judge(claim, others)
    assert (verdict.outcome, verdict.sentence) == (
        DIFFERS,
        "It is 11.2 points; to agree, it has to round to 12.",
    )


def test_the_gabor_mixtures_components_are_counted_on_the_authors_table(scores, monkeypatch):
    claim = next(claim for claim in CLAIMS if claim.name == "b1-components")
    assert judge(claim, scores).outcome == NOT_TESTABLE
    monkeypatch.setenv("BRAINSCORE_WIRING_DATA", str(shared("reference")))
    assert (judge(claim, scores).recomputed, judge(claim, scores).outcome) == ("5", DIFFERS)


@pytest.mark.parametrize(
    "name, shown",
    [
        ("3-updates", "55,040,000"),
        ("b3-wc-numbers", "4,166"),
        ("b3-mixture-numbers", "428,114"),
        ("b3-kernel-normal-numbers", "433,735"),
        ("b3-no-gabor-numbers", "20,026"),
        ("6-0-updates", "0"),
        ("6-hmax", "0"),
        ("3-three-cuts", "4"),
        ("b1-gabor-numbers", "24"),
        ("6-place-of-27", "1, 1,000"),
    ],
)
def test_counts_are_exact(name, shown, verdicts):
    assert verdicts[name].recomputed == shown


def test_the_numbers_most_often_cited_are_those_of_the_database(verdicts):
    shown = {
        name: verdicts[name].recomputed
        for name in (
            "figure-2-54",
            "6-79-percent",
            "6-14-trillion",
            "5-ct-75",
            "3-score",
            "7-resnet",
            "4-p",
        )
    }
    assert shown == {
        "figure-2-54": "53.8 %",
        "6-79-percent": "79.72 %",
        "6-14-trillion": "13.79 trillion",
        "5-ct-75": "76.0 %",
        "3-score": "0.4215",
        "7-resnet": "91.1 %",
        "4-p": "1.08E-05",
    }


def test_the_mean_of_seeds_turns_where_one_seed_changes(scores):
    lower = changed(
        scores,
        lambda point: (
            point
            if point.row.identifier != "cornet_s_wc_seed12"
            else replace(
                point, scores={region: score / 2 for region, score in point.scores.items()}
            )
        ),
    )
    outcomes = {verdict.claim.name: verdict.outcome for verdict in claims_table(lower, 2)}
    assert outcomes["figure-2-54"] == DIFFERS


def test_one_birth_taken_away_leaves_the_ten_untested(scores):
    nine = changed(
        scores, lambda point: None if point.row.identifier == "cornet_s_wc_seed12" else point
    )
    verdict = next(verdict for verdict in claims_table(nine, 2) if verdict.claim.name == "4-wc")
    assert (verdict.outcome, verdict.sentence) == (
        NOT_TESTABLE,
        "Of 10 seeds of cornet_s_wc at birth 9 were scored.",
    )


def test_the_summary_counts_the_rows(any_scores):
    rows = list(csv.DictReader(io.StringIO(claims_csv(any_scores))))
    count = Counter(row["verdict"] for row in rows)
    summary = claims_summary([verdict.outcome for verdict in claims_table(any_scores)])
    assert summary == (
        f"Of {len(rows)} numbers {count[AGREES]} agree, {count[ROUNDING]} agree up to rounding, "
        f"{count[DIFFERS]} differ, and {count[NOT_TESTABLE]} cannot be tested."
    )
    text = claims_text(any_scores)
    assert summary in text and len(rows) == len(CLAIMS)
    for outcome in (ROUNDING, DIFFERS, NOT_TESTABLE):
        assert text.count(f"| **{outcome}**") == count[outcome]
    listed, _, repeated = text.partition("## Where scores were stored several times")
    stored = [found for point in any_scores.points for found in point.stored.values()]
    several = any(len(found) > 1 for found in stored)  # as in the authors' own database
    assert bool(repeated) == (several and not any_scores.unlike)
    reasons = re.findall("^- .+, \\*.+\\*: .+", listed, re.MULTILINE)  # once, above the tables
    assert len(reasons) == count[ROUNDING] + count[DIFFERS]


def test_names_are_unique_and_figures_have_their_own_claims():
    assert len({claim.name for claim in CLAIMS}) == len(CLAIMS)
    assert all(
        int(claim.where.split()[1]) in claim.figures
        for claim in CLAIMS
        if claim.where.startswith("Figure")
    )


@pytest.mark.parametrize("figure", FIGURE_NUMBERS)
def test_every_figure_has_its_claims(figure, any_scores):
    table = claims_table(any_scores, figure)
    assert table and all(figure in verdict.claim.figures for verdict in table)
    assert f"in figure {figure}" in claims_text(any_scores, figure)


def test_a_figure_that_is_not_there_is_refused(any_scores):
    with pytest.raises(WrongUsage, match="no figure 10: it has 1 to 9"):
        claims_table(any_scores, 10)


def test_quotations_are_few_words():
    assert all(len(claim.words.split()) <= 13 for claim in CLAIMS)


def test_files_are_written_whole_and_the_same_each_time(any_scores, tmp_path):
    paths = write_claims(any_scores, tmp_path)
    assert [path.name for path in paths] == ["claims.md", "claims.csv"]
    first = [path.read_bytes() for path in paths]
    assert [path.read_bytes() for path in write_claims(any_scores, tmp_path)] == first
    (tmp_path / "file").write_text("")
    with pytest.raises(WiringError, match="cannot be written"):
        write_claims(any_scores, tmp_path / "file")


def test_the_page_in_the_documentation_is_what_the_database_gives(scores, monkeypatch):
    monkeypatch.setenv("BRAINSCORE_WIRING_DATA", str(shared("reference")))
    page = Path(__file__).parents[1] / "docs" / "figures"
    assert (page / "claims.md").read_text(encoding="utf-8") == claims_text(scores)
    assert (page / "claims.csv").read_text(encoding="utf-8") == claims_csv(scores)


def test_own_scores_on_other_benchmarks_are_shown_and_not_compared(tmp_path):
    diet = '"1 epoch of 50,000 CIFAR-10 images at 64 px"'
    lines = [
        f"{model},{name},scored,{score},,{diet}"
        for model, score in (("cornet_s", 0.5), ("cornet_s_ct", 0.4))
        for name in STANDINS.values()
    ]
    (tmp_path / "scores.csv").write_text(
        "\n".join(["model,benchmark,status,score,fingerprint,diet", *lines]) + "\n"
    )
    scores = own([tmp_path / "scores.csv"])
    found = {verdict.claim.name: verdict for verdict in claims_table(scores)}
    assert (found["5-ct-75"].outcome, found["5-ct-75"].recomputed) == (NOT_TESTABLE, "80.0 %")
    assert all(found[claim.name].outcome == NOT_TESTABLE for claim in MEASURED)
    assert all(found[claim.name].outcome != NOT_TESTABLE for claim in COUNTED)
    assert "not compared" in claims_text(scores)


# rules


@pytest.mark.parametrize(
    "rule, number, agree, rounding, differ",
    [
        ("rounds to", "76", (75.5, 76.49), (76.5, 76.99), (75.49, 77)),
        ("rounds to", "0.42", (0.415, 0.4249), (0.4299,), (0.4149, 0.43)),
        ("rounds to", "5.2", (5.15, 5.249), (5.286,), (5.1, 5.3)),
        ("rounds to", "5.2E12", (5.18e12,), (5.286e12,), (5.3e12,)),
        ("about", "80", (75, 84.9), (), (74.9, 85)),
        ("about", "3000", (2909.4,), (), (2400, 3600)),
        ("about", "0.2", (0.18,), (), (0.14, 0.26)),
        ("over", "75", (75.01,), (75, 74.6), (74.4,)),
        ("over", "0.000", (0.013,), (-0.0004,), (-0.013,)),
        ("below", "65", (64.9,), (65, 65.4), (65.5, 70)),
        ("below", "1E-5", (5.4e-6,), (1.08e-5,), (2e-5,)),
        ("nearly", "80", (75, 79.9), (), (74.9, 80, 81)),
        ("at least", "80", (80, 99), (79.5,), (79.4,)),
        ("within 2", "100", (98, 102), (), (97.9, 102.1)),
        ("exactly", "43", (43,), (), (42, 43.5)),
    ],
)
def test_a_rule_accepts_up_to_rounding_and_refuses(rule, number, agree, rounding, differ):
    for outcome, those in ((AGREES, agree), (ROUNDING, rounding), (DIFFERS, differ)):
        assert all(outcome_of(rule, [number], (value,)) == outcome for value in those)


def test_several_numbers_agree_if_all_do_or_one_of_them_where_the_rule_says_so():
    assert outcome_of("over", ["80"], (81, 90)) == AGREES
    assert outcome_of("over", ["80"], (79, 90)) == DIFFERS
    assert outcome_of("one of", ["50"], (48.3, 49.5, 53.2)) == AGREES
    assert outcome_of("one of", ["50"], (48.3, 50.9, 53.2)) == ROUNDING
    assert outcome_of("one of", ["50"], (48.3, 53.2)) == DIFFERS
    assert outcome_of("between", ["50"], (48.3, 53.2)) == AGREES
    assert outcome_of("exactly", ["10", "9"], (10, 9)) == AGREES


@given(st.floats(0, 1e6), st.integers(0, 3))
def test_rounding_is_half_up_and_never_further_than_half_a_digit(value, digits):
    assert abs(rounded(value, digits) - value) <= 0.5 * 10**-digits * (1 + 1e-6) + 1e-9


def test_digits_that_were_cut_off_are_said_to_be(verdicts):
    assert (
        verdicts["6-79-percent"].sentence
        == "It is 79.72 %: the paper's number is cut off, not rounded."
    )

"""The claims table: every number is recomputed, and each answer follows from the data and can
turn.
"""

from __future__ import annotations

import csv
import io
import random
import zlib
from dataclasses import fields, replace
from pathlib import Path

import pytest
from conftest import shared
from hypothesis import given
from hypothesis import strategies as st

from brainscore_wiring import accounting
from brainscore_wiring.errors import WiringError, WrongUsage
from brainscore_wiring.paper.claims import counts, values
from brainscore_wiring.paper.claims.claim import (
    NO,
    UNTOLD,
    YES,
    about,
    among,
    at_least,
    below,
    exactly,
    judge,
    nearly,
    over,
    rounded,
    rounds_to,
    within,
)
from brainscore_wiring.paper.claims.claims_table import (
    CLAIMS,
    FIGURE_NUMBERS,
    PAPER_PARTS,
    claims_csv,
    claims_summary,
    claims_table,
    claims_text,
    write_claims,
)
from brainscore_wiring.paper.own_scores import STANDINS, own
from brainscore_wiring.scoring.points import Scores
from brainscore_wiring.scoring.published_scores import published
from brainscore_wiring.training.recipe import Recipe

#: Numbers that neither scores nor counts can tell: settings, and numbers of cited works.
UNTELLABLE = {
    "3-rate",
    "3-divided",
    "3-patience",
    "3-saccades",
    "figure-6-standard-settings",
    "4-neurons",
    "4-synapses",
    "4-bits-per-synapse",
    "4-kaiming",
}
MEASURED = [claim for claim in CLAIMS if not claim.arithmetic and claim.name not in UNTELLABLE]
COUNTED = [claim for claim in CLAIMS if claim.arithmetic]


@pytest.fixture(scope="module")
def scores() -> Scores:
    return published(path=shared("reference/scores.sqlite"))


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
    for step in range(
        -95, 40
    ):  # every network but the standard ones better or worse, by a hundredth each time
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


@pytest.mark.parametrize("claim", MEASURED, ids=lambda claim: claim.name)
def test_an_answer_from_scores_turns_with_the_scores(claim, verdicts, mutated):
    told = verdicts[claim.name].agrees
    assert told in (YES, NO)
    other = {YES: NO, NO: YES}[told]
    if claim.name == "4-p":  # ten against ten seeds cannot have a smaller p than they have
        assert any(float(judge(claim, scores).recomputed) > 2e-5 for scores in mutated)
    else:
        assert any(judge(claim, scores).agrees == other for scores in mutated)


@pytest.mark.parametrize("claim", MEASURED, ids=lambda claim: claim.name)
def test_without_scores_it_cannot_be_told_and_the_reason_is_one_sentence(claim, scores):
    verdict = judge(claim, replace(scores, points=(), epoch_seconds={}))
    assert verdict.agrees == UNTOLD and verdict.recomputed == ""
    assert verdict.sentence.endswith(".") and not verdict.sentence.startswith(" ")


@pytest.mark.parametrize("claim", COUNTED, ids=lambda claim: claim.name)
def test_an_answer_from_counting_turns_with_what_is_counted(claim, scores, monkeypatch):
    told = judge(claim, scores)
    assert told.agrees in (YES, NO)
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
    if claim.name == "figure-2-kernel-size":
        monkeypatch.setattr(counts, "V1_KERNELS", 64)
        monkeypatch.setattr(
            counts,
            "CORNET_S_PARAMETERS",
            {name: count * 25 // 9 for name, count in counts.CORNET_S_PARAMETERS.items()},
        )
    again = judge(claim, scores)
    assert again.recomputed != told.recomputed
    assert told.agrees == NO or again.agrees == NO


@pytest.mark.parametrize("name", sorted(UNTELLABLE))
def test_what_nothing_tells_is_never_said_to_agree(name, verdicts):
    assert verdicts[name].agrees == UNTOLD and verdicts[name].sentence


def test_every_disagreement_has_one_sentence_and_no_agreement_needs_any(verdicts):
    for verdict in verdicts.values():
        assert bool(verdict.sentence) == (verdict.agrees != YES)
        assert "\n" not in verdict.sentence and not verdict.sentence.rstrip(".").endswith(".")


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
    assert [
        verdict.agrees for verdict in claims_table(lower, 2) if verdict.claim.name == "figure-2-54"
    ] == [NO]


def test_one_birth_taken_away_leaves_the_ten_untold(scores):
    nine = changed(
        scores, lambda point: None if point.row.identifier == "cornet_s_wc_seed12" else point
    )
    verdict = next(verdict for verdict in claims_table(nine, 2) if verdict.claim.name == "4-wc")
    assert (verdict.agrees, verdict.sentence) == (
        UNTOLD,
        "Of 10 seeds of cornet_s_wc at birth 9 were scored.",
    )


def test_the_summary_counts_the_rows(scores):
    table = claims_table(scores)
    rows = list(csv.DictReader(io.StringIO(claims_csv(scores))))
    count = {agrees: [row["agrees"] for row in rows].count(agrees) for agrees in (YES, NO, UNTOLD)}
    assert claims_summary([verdict.agrees for verdict in table]) == (
        f"{count[YES]} of {len(rows)} agree, {count[NO]} do not, and {count[UNTOLD]} cannot be "
        "told."
    )
    text = claims_text(scores)
    assert claims_summary([verdict.agrees for verdict in table]) in text
    assert sum(line.endswith("| yes |") for line in text.splitlines()) == count[YES]
    assert (
        text.count("| **no**: ") == count[NO]
        and text.count("| **cannot be told**: ") == count[UNTOLD]
    )
    assert len(rows) == len(CLAIMS)


def test_names_are_unique_and_parts_are_the_papers():
    assert len({claim.name for claim in CLAIMS}) == len(CLAIMS)
    assert {claim.where for claim in CLAIMS} == set(PAPER_PARTS)
    assert all(
        int(claim.where.split()[1]) in claim.figures
        for claim in CLAIMS
        if claim.where.startswith("Figure")
    )


@pytest.mark.parametrize("figure", FIGURE_NUMBERS)
def test_every_figure_has_its_claims(figure, scores):
    table = claims_table(scores, figure)
    assert table and all(figure in verdict.claim.figures for verdict in table)
    assert f"in figure {figure}" in claims_text(scores, figure)


def test_a_figure_that_is_not_there_is_refused(scores):
    with pytest.raises(WrongUsage, match="no figure 10: it has 1 to 9"):
        claims_table(scores, 10)


def test_quotations_are_few_words():
    assert all(len(claim.words.split()) <= 13 for claim in CLAIMS)


def test_files_are_written_whole_and_the_same_each_time(scores, tmp_path):
    paths = write_claims(scores, tmp_path, figure=4, name="4_claims")
    assert [path.name for path in paths] == ["4_claims.md", "4_claims.csv"]
    first = [path.read_bytes() for path in paths]
    assert [
        path.read_bytes() for path in write_claims(scores, tmp_path, figure=4, name="4_claims")
    ] == first
    (tmp_path / "file").write_text("")
    with pytest.raises(WiringError, match="cannot be written"):
        write_claims(scores, tmp_path / "file")


def test_the_page_in_the_documentation_is_what_the_database_gives(scores):
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
    assert (found["5-ct-75"].agrees, found["5-ct-75"].recomputed) == (UNTOLD, "80.0 %")
    assert all(found[claim.name].agrees == UNTOLD for claim in MEASURED)
    assert all(found[claim.name].agrees != UNTOLD for claim in COUNTED)
    assert "not compared" in claims_text(scores)


# rules


@pytest.mark.parametrize(
    "rule, agree, differ",
    [
        (rounds_to(76), (75.5, 76.49), (75.49, 76.5)),
        (rounds_to(0.42, 2), (0.415, 0.4249), (0.4149, 0.425)),
        (rounds_to(5.2e12, -11), (5.18e12,), (5.26e12,)),
        (about(80), (75, 84.9), (74.9, 85)),
        (about(3000), (2909.4,), (2400, 3600)),
        (about(0.2), (0.18,), (0.14, 0.26)),
        (over(75), (75.01,), (75, 74)),
        (below(65), (64.9,), (65, 70)),
        (nearly(80), (75, 79.9), (74.9, 80, 81)),
        (at_least(80), (79.5, 99), (79.4,)),
        (within(100, 2), (98, 102), (97.9, 102.1)),
        (exactly(43), (43,), (42, 43.5)),
    ],
)
def test_a_rule_accepts_and_refuses(rule, agree, differ):
    assert all(rule.holds((value,)) for value in agree)
    assert not any(rule.holds((value,)) for value in differ)


def test_several_numbers_agree_if_all_do_and_a_range_if_it_spans():
    assert over(80).holds((81, 90)) and not over(80).holds((79, 90))
    assert (
        among(50).holds((48.3, 53.2))
        and not among(50).holds((51, 53))
        and not among(50).holds((48, 49.4))
    )


@given(st.floats(0, 1e6), st.integers(0, 3))
def test_rounding_is_half_up_and_never_further_than_half_a_digit(value, digits):
    assert abs(rounded(value, digits) - value) <= 0.5 * 10**-digits * (1 + 1e-6) + 1e-9


def test_digits_that_were_cut_off_are_said_to_be(verdicts):
    assert (
        verdicts["6-79-percent"].sentence
        == "It is 79.72 %: the paper's number is cut off, not rounded."
    )

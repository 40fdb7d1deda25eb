"""The report on the frontier: statistics are exact, choice and confirmation are apart, sentences
follow the numbers.
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from brainscore_wiring.paper.frontier import report
from brainscore_wiring.paper.frontier.columns import MEASURED
from brainscore_wiring.paper.frontier.figure import spread
from brainscore_wiring.paper.frontier.findings import findings
from brainscore_wiring.paper.frontier.report import evidence, write_report
from brainscore_wiring.paper.frontier.results import (
    STANDARDISED_MATCH,
    best,
    best_of_all,
    by_state,
    choices,
    frontier_line,
    state_comparisons,
)
from brainscore_wiring.paper.frontier.scores_file import Measurement, ScoresFile
from brainscore_wiring.paper.frontier.states import STATES, state_called, statistics_of


def measurement(state: str, seed: int, score: float = 0.5, **changes) -> Measurement:
    """A network with the same score everywhere."""
    row = state_called(state)
    facts = Measurement(
        state,
        statistics_of(row),
        seed,
        10,
        10,
        320,
        row.unlabelled_images,
        row.noise_images,
        "",
        "",
        "",
        1.0,
        dict.fromkeys(MEASURED, score),
    )
    return replace(facts, **changes)


@given(st.lists(st.tuples(st.integers(0, 5), st.floats(-1, 1)), min_size=1, max_size=12))
def test_the_frontier_never_falls_with_more_bits_and_no_point_lies_above_it(points):
    line = frontier_line(points)
    assert [bits for bits, _ in line] == sorted({bits for bits, _ in points})
    assert [score for _, score in line] == sorted(score for _, score in line)
    assert all(score <= dict(line)[bits] for bits, score in points)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=25))
@settings(max_examples=50)
def test_labels_keep_their_distance_their_order_and_the_panel(heights):
    heights = np.array(heights)
    moved = spread(heights, 0.04)
    order = np.argsort(heights, kind="stable")
    assert np.all(np.diff(moved[order]) > 0.04 - 1e-9)
    assert moved.min() >= -1e-9 and moved.max() <= 1 + 1e-9


def made_up(scores: dict[str, float], seeds: int = 4, **changes) -> list[Measurement]:
    random = np.random.default_rng(0)
    return [
        measurement(name, seed, score + 0.001 * random.normal(), **changes)
        for name, score in scores.items()
        for seed in range(seeds)
    ]


def test_the_best_state_has_a_small_genome_and_all_its_seeds():
    rows = made_up({"cornet_s_kn": 0.3, "cornet_s_wc": 0.4, "cornet_s_wc_noise": 0.35})
    rows += made_up({"cornet_s_wc_v1": 0.9}, numbers=10_001) + made_up(
        {"cornet_s_smooth_filters": 0.9}, seeds=1
    )
    results = by_state(rows)
    assert best(results) == {"0/1": "cornet_s_wc", "noise": "cornet_s_wc_noise"}
    assert best_of_all(choices(results)).state.name == "cornet_s_wc"


def test_states_are_compared_within_their_kind_of_statistics_with_all_tests_corrected_together():
    tests = state_comparisons(
        by_state(
            made_up(
                {
                    "cornet_s_kn": 0.3,
                    "cornet_s_wc": 0.4,
                    "cornet_s_wc_noise": 0.35,
                    "cornet_s_kn_noise": 0.2,
                }
            )
        )
    )
    assert {key[:2] for key in tests} == {
        ("cornet_s_wc", "cornet_s_kn"),
        ("cornet_s_wc_noise", "cornet_s_kn_noise"),
    }
    assert {round(one.p * 70) for one in tests.values()} == {2}
    assert {round(one.corrected_p * 70) for one in tests.values()} == {2 * len(tests)} == {28}


def changed(rows: list[Measurement], state: str, scores: dict[str, float]) -> list[Measurement]:
    return [replace(row, scores=row.scores | scores) if row.state == state else row for row in rows]


def test_half_b_has_no_part_in_the_choice_and_half_a_none_in_its_confirmation():
    rows = made_up({"cornet_s_kn": 0.3, "cornet_s_wc": 0.4})
    (before, _), (changed_a, _), (changed_b, _) = (
        choices(by_state(changed(rows, "cornet_s_wc", scores)))
        for scores in (
            {},
            {"v1_half_a": 0.9},
            {f"{score}_half_b": 0.1 for score in ("v1", "monkey_it", "human_it")},
        )
    )
    assert before.state.name == changed_a.state.name == changed_b.state.name == "cornet_s_wc"
    assert before.differences == changed_a.differences
    assert before.differences["cornet_s_kn"].value > 0 > changed_b.differences["cornet_s_kn"].value


def test_with_it_standardised_another_state_can_be_the_best():
    rows = changed(
        made_up({"cornet_s_kn": 0.3, "cornet_s_wc": 0.4}),
        "cornet_s_wc",
        {"monkey_it_standardised_half_a": 0},
    )
    assert best(by_state(rows))["0/1"] == "cornet_s_wc"
    assert best(by_state(rows), STANDARDISED_MATCH)["0/1"] == "cornet_s_kn"


def test_a_choice_that_one_seed_decides_says_so():
    rows = made_up({"cornet_s_kn": 0.3, "cornet_s_wc": 0.29})
    lucky = [
        replace(row, scores=row.scores | {"v1_half_a": 1.0})
        if row.key == ("cornet_s_wc", 2)
        else row
        for row in rows
    ]
    (before, _), (with_luck, _) = choices(by_state(rows)), choices(by_state(lucky))
    assert (before.state.name, before.agreeing) == ("cornet_s_kn", 4)
    assert (with_luck.state.name, with_luck.agreeing) == ("cornet_s_wc", 3)


@pytest.mark.parametrize(
    "kn, seeds, sentence",
    [
        (0.3, 6, "On half B it is better than `cornet_s_kn`"),
        (0.3, 2, "**Too few seeds:**"),
        (0.3995, 6, "On half B it is not significantly different from `cornet_s_kn`"),
    ],
    ids=["apart", "few", "alike"],
)
def test_findings_follow_from_the_numbers(kn, seeds, sentence):
    results = by_state(made_up({"cornet_s_wc": 0.4, "cornet_s_kn": kn}, seeds))
    said = findings(results, state_comparisons(results), choices(results))
    assert sentence in " ".join(said) and "of 2 states, `cornet_s_wc` (320 bits)" in said[0]


def test_the_report_has_every_state_the_best_one_and_what_is_absent(tmp_path):
    (tmp_path / "references.csv").write_text(
        "model,benchmark,score\ncornet_s,MacaqueV1Tuning,0.41\n"
    )
    (tmp_path / "references_outlines.csv").write_text(
        "model,benchmark,score\noutlines,Kriegeskorte2008.IT-rdm,9\n"
    )
    files = write_report(tmp_path, made_up({"cornet_s_kn": 0.3, "cornet_s_wc": 0.4}))
    assert {path.suffix for path in files if path.stat().st_size} == {
        ".md",
        ".csv",
        ".json",
        ".svg",
        ".png",
    }
    text = (tmp_path / "frontier.md").read_text()
    assert (
        "| `cornet_s_wc` | 320 | 10 | 4 | 0.4" in text
        and "| mean of the three | 0/1 | `cornet_s_wc` |" in text
    )
    assert "MajajHong2015public.IT-pls" in text and "`cornet_s_kn_bn`" in text
    picture = (tmp_path / "frontier_scores.svg").read_text()
    assert ">trained<" in picture and "↑ outlines alone: 9.00" in picture


def test_the_evidence_for_the_best_state_is_finite_and_what_half_b_says_of_it():
    rows = changed(
        made_up({"cornet_s_kn": 0.3, "cornet_s_wc": 0.4}),
        "cornet_s_wc",
        dict.fromkeys(MEASURED, 0.5),
    )
    shown = evidence(choices(by_state(rows)))["brain_match"]
    assert json.loads(json.dumps(shown, allow_nan=False)) == shown
    assert (shown["state"], shown["seeds"], shown["half_a"]) == ("cornet_s_wc", 4, 0.5)
    assert shown["half_b_minus"]["cornet_s_kn"]["value"] == pytest.approx(0.2, abs=0.01)
    assert shown["half_b_minus"]["cornet_s_kn"]["corrected_p"] == pytest.approx(2 * 2 / 70)


def test_a_report_needs_no_torch():
    code = (
        "import sys, brainscore_wiring.paper.frontier.report, "
        "brainscore_wiring.paper.frontier.scores_file\n"
        "print('torch' in sys.modules)"
    )
    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip()
        == "False"
    )


def test_the_published_report_says_what_its_scores_say():
    folder = Path(__file__).parents[1] / "docs" / "frontier"
    results = by_state(ScoresFile(folder, MEASURED).read().values())
    assert set(results) == set(STATES) and {len(result.rows) for result in results.values()} == {10}
    text = report._text(results, state_comparisons(results), choices(results))
    assert text == (folder / "frontier.md").read_text(encoding="utf-8")
